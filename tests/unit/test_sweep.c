/* test_sweep.c - every golden PDU cut at every length and with every byte changed: nothing crashes,
 * and no port is invented.
 *
 * A byte is set to three other values; to all of them where EPMWATCH_LONG is set. */
#include "rpc_rig.h"
#include "rpc_build.h"
#include "golden_talks.h"

/* All that was said in one run, to find in it what is reported. */
static struct message heard;
static struct message changed;

static const uint8_t *
find_octets(const struct message *in, const uint8_t *octets, size_t len)
{
	for (size_t at = 0; at + len <= in->len; at++) {
		if (memcmp(in->octets + at, octets, len) == 0)
			return in->octets + at;
	}
	return NULL;
}

static size_t
u16_at(const uint8_t *p)
{
	return p[0] | (size_t)p[1] << 8;
}

/* The right side of the fourth floor, walked by hand. */
static const uint8_t *
fourth_floor(const struct obs_tower *tower, size_t *len)
{
	const uint8_t *p = tower->octets + 2;

	for (int floor = 1; floor < 4; floor++) {
		p += 2 + u16_at(p);
		p += 2 + u16_at(p);
	}
	p += 2 + u16_at(p);
	*len = u16_at(p);
	return p + 2;
}

/* A tower must stand octet for octet in what was heard, and its port in its fourth floor. */
static void
check_tower(const struct obs_tower *tower)
{
	const uint8_t *rhs;
	size_t len;

	assert_non_null(tower->octets);
	assert_non_null(find_octets(&heard, tower->octets, tower->octets_len));
	if (!protseq_has_port(tower->protseq)) {
		assert_int_equal(tower->port, 0);
		return;
	}
	rhs = fourth_floor(tower, &len);
	assert_int_equal(len, 2);
	assert_int_equal(tower->port, rhs[0] << 8 | rhs[1]);
}

static size_t
check_observations(const struct rig *r)
{
	size_t towers = 0;

	for (size_t i = 0; i < rig_count(r); i++) {
		const struct obs *obs = obs_queue_at(r->queue, i);

		if (obs->kind != OBS_EPM)
			continue;
		towers += obs->epm.tower_count;
		for (size_t t = 0; t < obs->epm.tower_count; t++)
			check_tower(&obs->epm.tower[t]);
	}
	return towers;
}

static void
hear(struct rig *r, int from, const uint8_t *octets, size_t len)
{
	msg_bytes(&heard, octets, len);
	rig_feed(r, from, octets, len);
}

/* The lines of ${talk} before number ${line}, if they are to be heard. */
static void
begin(struct rig *r, const struct talk *talk, size_t line, bool after_others)
{
	heard.len = 0;
	obs_queue_reset(r->queue);
	rig_open_as(r, talk->port, TRANSPORT_TCP, after_others ? CLIENT : -1);
	for (size_t i = 0; after_others && i < line; i++)
		hear(r, talk->line[i].from, talk->line[i].octets, talk->line[i].len);
}

static size_t
end(struct rig *r)
{
	size_t towers;

	assoc_finish(r->assoc);
	towers = check_observations(r);
	rig_close(r);
	return towers;
}

/* How many towers come of ${talk} up to and with ${line}. */
static size_t
towers_with(struct rig *r, const struct talk *talk, size_t line, bool after_others)
{
	begin(r, talk, line, after_others);
	hear(r, talk->line[line].from, talk->line[line].octets, talk->line[line].len);
	return end(r);
}

/* The line as it is up to ${len}; the rest never comes, or is known to be missing. */
static void
sweep_cut(struct rig *r, const struct talk *talk, size_t line, bool after_others, size_t most)
{
	const struct line *l = &talk->line[line];

	for (size_t len = 0; len < l->len; len++) {
		begin(r, talk, line, after_others);
		hear(r, l->from, l->octets, len);
		assert_true(end(r) <= most);
		begin(r, talk, line, after_others);
		hear(r, l->from, l->octets, len);
		assoc_gap(r->assoc, l->from, (uint32_t)(l->len - len));
		assert_true(end(r) <= most);
	}
}

/* The line cut short as its sender might have cut it: with a length that fits. */
static void
sweep_short(struct rig *r, const struct talk *talk, size_t line, bool after_others, size_t most)
{
	const struct line *l = &talk->line[line];

	for (size_t len = PDU_HEADER; len < l->len; len++) {
		changed.len = 0;
		changed.le = l->octets[4] != 0;
		msg_bytes(&changed, l->octets, len);
		msg_end(&changed);
		begin(r, talk, line, after_others);
		hear(r, l->from, changed.octets, changed.len);
		assert_true(end(r) <= most);
	}
}

static void
run_changed(struct rig *r, const struct talk *talk, size_t line, bool after_others, size_t at,
    uint8_t value)
{
	const struct line *l = &talk->line[line];
	uint8_t before = changed.octets[at];

	changed.octets[at] = value;
	begin(r, talk, line, after_others);
	hear(r, l->from, changed.octets, changed.len);
	/* what follows a changed length belongs to the PDU, or starts the next */
	for (size_t i = line + 1; i < talk->lines; i++)
		hear(r, talk->line[i].from, talk->line[i].octets, talk->line[i].len);
	(void)end(r);
	changed.octets[at] = before;
}

static void
sweep_bytes(struct rig *r, const struct talk *talk, size_t line, bool after_others)
{
	const struct line *l = &talk->line[line];
	bool all = getenv("EPMWATCH_LONG") != NULL;

	changed.len = 0;
	msg_bytes(&changed, l->octets, l->len);
	for (size_t at = 0; at < l->len; at++) {
		for (unsigned value = 0; all && value < 256; value++)
			run_changed(r, talk, line, after_others, at, (uint8_t)value);
		if (all)
			continue;
		run_changed(r, talk, line, after_others, at, 0x00);
		run_changed(r, talk, line, after_others, at, 0xff);
		run_changed(r, talk, line, after_others, at, l->octets[at] ^ 0x55);
	}
}

typedef void sweep(struct rig *, const struct talk *, size_t line, bool after_others, size_t most);

static void
sweep_all(struct rig *r, sweep *one)
{
	for (size_t t = 0; t < GOLDEN_TALKS; t++) {
		const struct talk *talk = &golden_talks[t];

		for (size_t line = 0; line < talk->lines; line++) {
			for (int after = 0; after < 2; after++)
				one(r, talk, line, after != 0,
				    towers_with(r, talk, line, after != 0));
		}
	}
}

static void
test_the_check_finds_the_ports_of_whole_pdus(void **state)
{
	struct rig *r = *state;

	for (size_t t = 0; t < GOLDEN_TALKS; t++) {
		const struct talk *talk = &golden_talks[t];

		assert_int_equal(towers_with(r, talk, talk->lines - 1, true), talk->towers);
	}
}

static void
test_no_pdu_that_is_cut_gives_more_than_the_whole(void **state)
{
	sweep_all(*state, sweep_cut);
}

static void
test_no_pdu_that_was_sent_short_gives_more_than_the_whole(void **state)
{
	sweep_all(*state, sweep_short);
}

static void
sweep_changed(struct rig *r, const struct talk *talk, size_t line, bool after_others, size_t most)
{
	(void)most;
	sweep_bytes(r, talk, line, after_others);
}

static void
test_no_changed_byte_invents_a_port(void **state)
{
	sweep_all(*state, sweep_changed);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_the_check_finds_the_ports_of_whole_pdus),
	    TEST(test_no_pdu_that_is_cut_gives_more_than_the_whole),
	    TEST(test_no_pdu_that_was_sent_short_gives_more_than_the_whole),
	    TEST(test_no_changed_byte_invents_a_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
