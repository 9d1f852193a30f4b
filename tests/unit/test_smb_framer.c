/* test_smb_framer.c - SMB's messages found in a stream: whole, in pieces, and with holes. */
#include "smb_rig.h"

#include "dissect/smb_framer.h"

enum {
	MOST = 4096
};

/* What the sink was told. */
struct heard {
	size_t commands, sealed, lost;
	size_t size[16]; /* of each command */
	bool chained[16];
	size_t want;                /* of each command; 0: nothing */
	size_t stretch_at, stretch; /* of each command */
	uint8_t octets[MOST];       /* of stretches */
	size_t len, missing;
};

struct framer_rig {
	struct smb_rig *smb;
	struct heard heard;
	struct smb_framer framer;
};

static size_t
want(void *ctx, const struct smb_command *command, const uint8_t *start, size_t have)
{
	const struct heard *h = ctx;

	assert_non_null(start);
	assert_true(have >= 33);
	assert_true(command->size >= have);
	return h->want;
}

static size_t
command(void *ctx, const struct smb_command *c, const uint8_t *start, size_t have, size_t *at)
{
	struct heard *h = ctx;

	assert_true(have >= h->want);
	assert_int_equal(start[1], 'S');
	h->size[h->commands] = c->size;
	h->chained[h->commands++] = c->chained;
	*at = h->stretch_at;
	return h->stretch;
}

static void
stretch(void *ctx, const uint8_t *data, size_t len)
{
	struct heard *h = ctx;

	assert_true(len > 0);
	if (data == NULL) {
		h->missing += len;
		return;
	}
	assert_true(len <= MOST - h->len);
	memcpy(h->octets + h->len, data, len);
	h->len += len;
}

static void
sealed(void *ctx)
{
	((struct heard *)ctx)->sealed++;
}

static void
lost(void *ctx)
{
	((struct heard *)ctx)->lost++;
}

static const struct smb_framer_sink sink = {want, command, stretch, sealed, lost};

static struct framer_rig *
begin(struct smb_rig *r, size_t wanted, size_t at, size_t len)
{
	static struct framer_rig rig;

	memset(&rig, 0, sizeof(rig));
	rig.smb = r;
	rig.heard.want = wanted;
	rig.heard.stretch_at = at;
	rig.heard.stretch = len;
	smb_framer_init(&rig.framer, &sink, &rig.heard, &r->budget, &r->stats);
	return &rig;
}

static void
end(struct framer_rig *f)
{
	smb_framer_deinit(&f->framer);
	assert_int_equal(f->smb->budget.used, 0);
}

static void
feed(struct framer_rig *f, const uint8_t *data, size_t len)
{
	uint8_t *exact = malloc(len);

	assert_non_null(exact);
	memcpy(exact, data, len);
	smb_framer_data(&f->framer, exact, len);
	free(exact);
}

static void
feed_pieces(struct framer_rig *f, const struct message *m, size_t piece)
{
	for (size_t at = 0; at < m->len; at += piece)
		feed(f, m->octets + at, m->len - at < piece ? m->len - at : piece);
}

/* A message of SMB 2 with the octets 0, 1, 2 and so on behind its header. */
static const struct message *
counting(struct smb_rig *r, size_t len)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_READ});
	for (size_t i = 0; i < len; i++)
		msg_u8(m, (unsigned)i & 0xff);
	nbss_end(m);
	return m;
}

static void
assert_counts(const struct heard *h, size_t from, size_t len)
{
	assert_int_equal(h->len, len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(h->octets[i], (from + i) & 0xff);
}

static void
test_a_stretch_comes_out_whole(void **state)
{
	struct smb_rig *r = *state;
	const struct message *m = counting(r, 300);

	for (size_t piece = 1; piece <= m->len; piece++) {
		struct framer_rig *f = begin(r, 70, 90, 150);

		feed_pieces(f, m, piece);
		feed_pieces(f, m, piece);
		assert_int_equal(f->heard.commands, 2);
		assert_int_equal(f->heard.size[0], 364);
		assert_int_equal(f->heard.len, 300);
		f->heard.len = 150;
		assert_counts(&f->heard, 90 - 64, 150);
		assert_int_equal(f->framer.state, SMB_AT_MESSAGE);
		end(f);
	}
}

/* What was gathered may reach into the stretch, or past it. */
static void
test_a_stretch_within_what_was_gathered(void **state)
{
	struct smb_rig *r = *state;
	const struct message *m = counting(r, 100);

	for (size_t piece = 1; piece <= m->len; piece += 7) {
		struct framer_rig *f = begin(r, 140, 70, 20);

		feed_pieces(f, m, piece);
		assert_counts(&f->heard, 6, 20);
		end(f);
	}
}

static void
test_a_stretch_ends_with_its_command(void **state)
{
	struct smb_rig *r = *state;
	const struct message *m = counting(r, 100);
	struct framer_rig *f = begin(r, 70, 80, 100000);

	feed_pieces(f, m, 50);
	assert_counts(&f->heard, 16, 84);
	end(f);
	f = begin(r, 70, 164, 1);
	feed_pieces(f, m, 50);
	assert_int_equal(f->heard.len, 0);
	assert_int_equal(f->framer.state, SMB_AT_MESSAGE);
	end(f);
	f = begin(r, 70, 0, 10);
	feed_pieces(f, m, 50);
	assert_int_equal(f->heard.len, 0);
	end(f);
}

static void
test_what_is_not_wanted_goes_by(void **state)
{
	struct smb_rig *r = *state;
	const struct message *m = counting(r, 300);
	struct framer_rig *f = begin(r, 0, 80, 10);

	feed_pieces(f, m, 100);
	feed_pieces(f, m, m->len);
	assert_int_equal(f->heard.commands, 0);
	assert_int_equal(f->framer.state, SMB_AT_MESSAGE);
	f->heard.want = SMB_GATHERED + 1;
	feed_pieces(f, m, m->len);
	f->heard.want = 365; /* more than there is */
	feed_pieces(f, m, m->len);
	assert_int_equal(f->heard.commands, 0);
	f->heard.want = 364;
	feed_pieces(f, m, 100);
	assert_int_equal(f->heard.commands, 1);
	end(f);
}

static void
test_chains(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct head2 h[3] = {{.command = 5}, {.command = 8}, {.command = 6}};

	nbss_begin(m);
	for (int i = 0; i < 3; i++) {
		if (i > 0)
			smb2_chain(m, &h[i - 1]);
		smb2_begin(m, &h[i]);
		msg_fill(m, (uint8_t)('a' + i), 13);
	}
	nbss_end(m);
	for (size_t piece = 1; piece <= m->len; piece++) {
		struct framer_rig *f = begin(r, 64, 70, 4);

		feed_pieces(f, m, piece);
		assert_int_equal(f->heard.commands, 3);
		assert_int_equal(f->heard.size[0], 80);
		assert_int_equal(f->heard.size[2], 77);
		assert_false(f->heard.chained[0]);
		assert_true(f->heard.chained[1]);
		assert_memory_equal(f->heard.octets, "aaaabbbbcccc", 12);
		f->heard.commands = 0;
		feed_pieces(f, m, piece);
		assert_false(f->heard.chained[0]);
		end(f);
	}
}

/* A chain that leads out of the message, or into the header before it, is none. */
static void
test_chains_that_lie(void **state)
{
	static const uint32_t next[] = {8, 63, 164, 165, UINT32_MAX};
	struct smb_rig *r = *state;

	for (size_t i = 0; i < sizeof(next) / sizeof(next[0]); i++) {
		struct framer_rig *f = begin(r, 64, 70, 4);
		const struct message *m = counting(r, 100);

		smb_patch(&r->message, NBSS + 20, next[i], 4);
		feed_pieces(f, m, m->len);
		assert_int_equal(f->heard.commands, 1);
		assert_int_equal(f->heard.size[0], 164);
		assert_int_equal(f->framer.state, SMB_AT_MESSAGE);
		end(f);
	}
}

static void
test_other_session_packets_go_by(void **state)
{
	struct smb_rig *r = *state;
	struct framer_rig *f = begin(r, 64, 0, 0);

	feed(f, (const uint8_t *)"\x81\0\0\3abc\x85\0\0\0\0\0\0\0", 15);
	assert_int_equal(f->framer.state, SMB_AT_MESSAGE);
	assert_false(f->framer.proven);
	feed_pieces(f, counting(r, 10), 1000);
	assert_int_equal(f->heard.commands, 1);
	assert_true(f->framer.proven);
	assert_int_equal(f->heard.lost, 0);
	end(f);
}

static void
test_sealed_messages_go_by(void **state)
{
	struct smb_rig *r = *state;
	struct framer_rig *f = begin(r, 64, 70, 1000);

	feed(f, (const uint8_t *)"\0\0\0\xa\xfdSMBabcdef\0\0\0\6\xfcSMBab", 24);
	assert_int_equal(f->heard.sealed, 2);
	assert_int_equal(f->heard.commands, 0);
	assert_int_equal(f->heard.len, 0);
	assert_int_equal(f->framer.state, SMB_AT_MESSAGE);
	end(f);
}

/* Too short for their headers. */
static void
test_stumps_go_by(void **state)
{
	struct smb_rig *r = *state;
	struct framer_rig *f = begin(r, 64, 70, 1000);

	feed(f, (const uint8_t *)"\0\0\0\4\xfeSMB\0\0\0\x8\xffSMBabcd", 20);
	assert_int_equal(f->heard.commands, 0);
	assert_int_equal(f->heard.lost, 0);
	feed_pieces(f, counting(r, 10), 1000);
	assert_int_equal(f->heard.commands, 1);
	end(f);
}

/* Wherever a hole lies in a message, the next message is read; and of the stretch as much is missing as was lost of it. */
static void
test_holes_within_a_message(void **state)
{
	struct smb_rig *r = *state;
	const struct message *m = counting(r, 100);

	for (size_t at = NBSS; at < m->len; at++) {
		for (size_t len = 1; at + len <= m->len; len += 5) {
			struct framer_rig *f = begin(r, 70, 80, 60);
			bool inside = at >= NBSS + 80 && at + len <= NBSS + 140;

			feed(f, m->octets, at);
			smb_framer_gap(&f->framer, (uint32_t)len);
			if (at + len < m->len)
				feed(f, m->octets, m->len - at - len);
			assert_int_equal(f->framer.state, SMB_AT_MESSAGE);
			if (inside) {
				assert_int_equal(f->heard.missing, len);
				assert_int_equal(f->heard.len, 60 - len);
			}
			f->heard.commands = 0;
			feed_pieces(f, m, m->len);
			assert_int_equal(f->heard.commands, 1);
			end(f);
		}
	}
}

static void
test_a_hole_that_leads_out_of_a_message(void **state)
{
	struct smb_rig *r = *state;
	const struct message *m = counting(r, 100);

	for (size_t at = 0; at <= m->len; at++) {
		struct framer_rig *f = begin(r, 70, 80, 60);

		if (at > 0)
			feed(f, m->octets, at);
		smb_framer_gap(&f->framer, (uint32_t)(m->len - at) + 1);
		assert_int_equal(f->framer.state, SMB_LOST);
		assert_int_equal(f->heard.lost, 1);
		f->heard.commands = 0;
		feed_pieces(f, m, m->len);
		assert_int_equal(f->heard.commands, 1);
		end(f);
	}
}

/* What makes no difference can be told. */
static void
test_indifference(void **state)
{
	struct smb_rig *r = *state;
	const struct message *m = counting(r, 1000);
	struct framer_rig *f = begin(r, 70, 80, 60);

	assert_int_equal(smb_framer_indifference(&f->framer), 0);
	feed(f, m->octets, NBSS + 70);
	assert_int_equal(smb_framer_indifference(&f->framer), 10);
	feed(f, m->octets, 10);
	assert_int_equal(smb_framer_indifference(&f->framer), 0);
	feed(f, m->octets, 60);
	assert_int_equal(smb_framer_indifference(&f->framer), 1064 - 140);
	smb_framer_gap(&f->framer, 1064 - 140);
	assert_int_equal(f->framer.state, SMB_AT_MESSAGE);
	assert_int_equal(f->heard.lost, 0);
	end(f);
}

static void
test_without_memory_it_goes_on(void **state)
{
	struct smb_rig *r = *state;
	const struct message *m = counting(r, 100);
	struct framer_rig *f = begin(r, 100, 110, 10);
	size_t cap = r->budget.cap;

	r->budget.cap = 0;
	feed_pieces(f, m, 50);
	assert_true(r->stats.capped > 0);
	r->budget.cap = cap;
	feed_pieces(f, m, m->len);
	assert_int_equal(f->heard.commands, 1);
	end(f);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, smb_setup, smb_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_a_stretch_comes_out_whole),
	    CASE(test_a_stretch_within_what_was_gathered),
	    CASE(test_a_stretch_ends_with_its_command),
	    CASE(test_what_is_not_wanted_goes_by),
	    CASE(test_chains),
	    CASE(test_chains_that_lie),
	    CASE(test_other_session_packets_go_by),
	    CASE(test_sealed_messages_go_by),
	    CASE(test_stumps_go_by),
	    CASE(test_holes_within_a_message),
	    CASE(test_a_hole_that_leads_out_of_a_message),
	    CASE(test_indifference),
	    CASE(test_without_memory_it_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
