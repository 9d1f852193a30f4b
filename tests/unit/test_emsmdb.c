/* test_emsmdb.c - who opens a mailbox of Exchange's store, and who asks for new-mail datagrams. */
#include "emsmdb_build.h"

#include "dissect/hints.h"
#include "dissect/patience.h"
#include "dissect/stub.h"

#define SECOND INT64_C(1000000000)
#define REGISTER(r, id)                                                                            \
	store_ask(r, id, 0, EMSMDB_REGISTER, golden_register, sizeof(golden_register))
#define REGISTERED(r, id) store_answer(r, id, 0, golden_registered, sizeof(golden_registered))

static struct message m;

/* In memory of its exact size. */
static int
parse(const uint8_t *octets, size_t len, bool le, bool wide, struct obs_registration *out)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	struct rpc_stub stub = {.data = copy, .len = len, .le = le, .ndr64 = wide};
	int result;

	assert_non_null(copy);
	memcpy(copy, octets, len);
	result = emsmdb_parse_registration(&stub, out);
	free(copy);
	return result;
}

static int
parse_wish(const struct wish *wish, struct obs_registration *out)
{
	m.len = 0;
	m.le = wish->le;
	msg_register(&m, wish);
	return parse(m.octets, m.len, wish->le, wish->wide, out);
}

/* Nothing else was said since the last look. */
static const struct obs *
only(struct rig *r, enum obs_kind kind)
{
	assert_int_equal(rig_count(r), 1);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, kind);
	return obs_queue_at(r->queue, 0);
}

static void
assert_mailbox(struct rig *r, enum mailbox_how how, uint64_t frame)
{
	const struct obs *obs = only(r, OBS_MAILBOX);

	assert_int_equal(obs->mailbox.how, how);
	assert_int_equal(obs->at.frame, frame);
	assert_addr(&obs->server, "10.0.0.2");
	assert_addr(&obs->client, "10.0.0.1");
	assert_int_equal(obs->server_port, STORE_PORT);
	assert_int_equal(obs->client_port, CLIENT_PORT);
	obs_queue_reset(r->queue);
}

/* The registration of PROTOCOL 6.4. */
static void
assert_golden(const struct obs_registration *got)
{
	assert_false(got->sealed);
	assert_true(got->has_address);
	assert_addr(&got->address, "192.168.0.173");
	assert_int_equal(got->port, 1071);
	assert_int_equal(got->family, 2);
	assert_int_equal(got->context_len, 8);
	assert_memory_equal(got->context, golden_register + 28, 8);
	assert_int_equal(got->mask, 0xffffffff);
}

static void
test_the_golden_question_and_answer(void **state)
{
	struct obs_registration got;
	struct rpc_stub answer = {
	    .data = golden_registered, .len = sizeof(golden_registered), .le = true};
	uint32_t status = 7;

	(void)state;
	assert_int_equal(sizeof(golden_register), 66);
	assert_int_equal(parse(golden_register, 66, true, false, &got), ERR_OK);
	assert_golden(&got);
	assert_int_equal(emsmdb_parse_registered(&answer, &status), ERR_OK);
	assert_int_equal(status, 0);
}

static void
test_every_length_in_both_syntaxes_and_byte_orders(void **state)
{
	static const struct {
		unsigned family;
		size_t address;
		const char *text;
	} kinds[] = {
	    {2, 16, "160.161.162.163"}, {23, 28, "a0a1:a2a3:a4a5:a6a7:a8a9:aaab:acad:aeaf"}};
	struct obs_registration got;

	(void)state;
	for (size_t i = 0; i < 2 * 2 * 2 * (PUSH_CONTEXT_MAX + 1); i++) {
		struct wish wish = {.le = (i & 1) != 0,
		    .wide = (i & 2) != 0,
		    .context = i / 8,
		    .family = kinds[i >> 2 & 1].family,
		    .address = kinds[i >> 2 & 1].address};

		assert_int_equal(parse_wish(&wish, &got), ERR_OK);
		assert_int_equal(got.context_len, wish.context);
		for (size_t k = 0; k < wish.context; k++)
			assert_int_equal(got.context[k], 0xc0 + k);
		assert_int_equal(got.mask, 0x80000006);
		assert_true(got.has_address);
		assert_int_equal(got.family, wish.family);
		assert_int_equal(got.port, 1071);
		assert_addr(&got.address, kinds[i >> 2 & 1].text);
	}
}

static void
test_a_longer_context_is_none(void **state)
{
	struct wish wish = {
	    .le = true, .context = PUSH_CONTEXT_MAX + 1, .family = 2, .address = 16};
	struct obs_registration got;

	(void)state;
	assert_int_equal(parse_wish(&wish, &got), ERR_MALFORMED);
}

static void
test_cut_anywhere(void **state)
{
	struct obs_registration got;
	uint32_t status;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct wish wish = {.le = (i & 1) != 0,
		    .wide = (i & 2) != 0,
		    .context = 5,
		    .family = 23,
		    .address = 28};
		size_t len;

		assert_int_equal(parse_wish(&wish, &got), ERR_OK);
		for (len = m.len; len-- > 0;)
			assert_int_equal(parse(m.octets, len, wish.le, wish.wide, &got), ERR_TRUNC);
		msg_fill(&m, 0x8a, 60); /* a verification trailer, say */
		assert_int_equal(parse(m.octets, m.len, wish.le, wish.wide, &got), ERR_OK);
		assert_int_equal(got.context_len, 5);
	}
	for (size_t len = 0; len < sizeof(golden_registered); len++) {
		struct rpc_stub stub = {.data = golden_registered, .len = len, .le = true};

		assert_int_equal(emsmdb_parse_registered(&stub, &status), ERR_TRUNC);
	}
}

/* Each octet of a size or count, changed; none of them may be taken. */
static void
test_sizes_that_lie(void **state)
{
	static const struct {
		size_t from, to;
	} sizes[] = {{24, 28}, {36, 38}, {44, 48}, {64, 66}};
	struct obs_registration got;
	uint8_t octets[sizeof(golden_register)];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t at = sizes[i].from; at < sizes[i].to; at++) {
			for (unsigned bit = 0; bit < 8; bit++) {
				memcpy(octets, golden_register, sizeof(octets));
				octets[at] ^= (uint8_t)(1 << bit);
				assert_int_not_equal(
				    parse(octets, sizeof(octets), true, false, &got), ERR_OK);
			}
		}
	}
	memcpy(octets, golden_register, sizeof(octets));
	memset(octets + 24, 0xff, 4); /* 4 GiB */
	assert_int_equal(parse(octets, sizeof(octets), true, false, &got), ERR_MALFORMED);
}

static void
test_counts_of_64_bits(void **state)
{
	struct wish wish = {.le = true, .wide = true, .context = 8, .family = 2, .address = 16};
	struct obs_registration got;

	(void)state;
	assert_int_equal(parse_wish(&wish, &got), ERR_OK);
	for (size_t at = 24; at < 32; at++) {
		m.octets[at] ^= 0x80;
		assert_int_not_equal(parse(m.octets, m.len, true, true, &got), ERR_OK);
		m.octets[at] ^= 0x80;
	}
}

/* What the address lacks is not made up. */
static void
test_addresses_that_are_cut_or_of_other_families(void **state)
{
	struct wish wish = {.le = true, .context = 8};
	struct obs_registration got;

	(void)state;
	for (unsigned family = 0; family < 30; family++) {
		size_t whole = family == 2 ? 8 : 24;

		for (wish.address = 0; wish.address <= 40; wish.address++) {
			bool has = (family == 2 || family == 23) && wish.address >= whole;

			wish.family = family;
			assert_int_equal(parse_wish(&wish, &got), ERR_OK);
			assert_int_equal(got.family, wish.address >= 2 ? family : 0);
			assert_int_equal(got.has_address, has);
			assert_int_equal(got.port, has ? 1071 : 0);
		}
	}
}

static void
trap_16_a_family_in_the_clients_order_or_in_windows(void **state)
{
	struct wish wish = {.le = false, .context = 8, .family = 2, .address = 16};
	struct obs_registration got;

	(void)state;
	assert_int_equal(parse_wish(&wish, &got), ERR_OK);
	assert_int_equal(m.octets[49], 2);
	assert_int_equal(got.family, 2);
	m.octets[48] = 2;
	m.octets[49] = 0;
	assert_int_equal(parse(m.octets, m.len, false, false, &got), ERR_OK);
	assert_int_equal(got.family, 2);
	assert_true(got.has_address);
	m.octets[48] = 6; /* IPX */
	assert_int_equal(parse(m.octets, m.len, false, false, &got), ERR_OK);
	assert_int_equal(got.family, 0x0600);
}

/* Against stubs that are really as long as the hint says. */
static void
test_what_a_hint_says_of_the_context(void **state)
{
	uint8_t told[2][128] = {{0}};

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		struct wish wish = {.le = true,
		    .wide = (i & 1) != 0,
		    .context = (i & 2) != 0 ? 16 : 8,
		    .family = (i & 4) != 0 ? 23 : 2,
		    .address = (i & 4) != 0 ? 28 : 16};

		m.len = 0;
		m.le = true;
		msg_register(&m, &wish);
		told[wish.wide][m.len] = (uint8_t)wish.context;
	}
	for (uint32_t hint = 0; hint < 1000; hint++) {
		for (int wide = 0; wide < 2; wide++)
			assert_int_equal(
			    emsmdb_context_len(hint, wide), hint < 128 ? told[wide][hint] : 0);
	}
	assert_int_equal(emsmdb_context_len(66, false), 8);
	assert_int_equal(emsmdb_context_len(UINT32_MAX, true), 0);
}

static void
test_a_registration_is_told_with_its_answer(void **state)
{
	static const uint32_t statuses[] = {0, 0x80040305};
	struct rig *r = *state;
	uint8_t answer[sizeof(golden_registered)];
	const struct obs *obs;

	store_bind(r);
	for (uint32_t i = 0; i < 2; i++) {
		uint64_t asked;

		memcpy(answer, golden_registered, sizeof(answer));
		memcpy(answer + 24, &statuses[i], 4);
		REGISTER(r, 2 + i);
		asked = r->now.frame;
		assert_int_equal(rig_count(r), 0);
		store_answer(r, 2 + i, 0, answer, sizeof(answer));
		obs = only(r, OBS_REGISTRATION);
		assert_golden(&obs->registration);
		assert_true(obs->registration.answered);
		assert_int_equal(obs->registration.status, statuses[i]);
		assert_int_equal(obs->at.frame, asked);
		assert_addr(&obs->server, "10.0.0.2");
		assert_int_equal(obs->client_port, CLIENT_PORT);
		obs_queue_reset(r->queue);
	}
	assert_int_equal(r->stats.rpc.malformed, 0);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

/* In pieces of any size, and in fragments; the packet is the one that completed the request. */
static void
test_a_registration_in_pieces(void **state)
{
	struct rig *r = *state;

	for (size_t piece = 1; piece < 40; piece += 3) {
		uint64_t asked;

		store_bind(r);
		for (size_t at = 0; at < sizeof(golden_register); at += piece) {
			size_t n = sizeof(golden_register) - at;
			unsigned flags =
			    (at == 0 ? PDU_FIRST_FRAG : 0u) | (n <= piece ? PDU_LAST_FRAG : 0u);

			build_call(&m, PDU_REQUEST, flags, 2, 0, EMSMDB_REGISTER,
			    golden_register + at, n < piece ? n : piece);
			rig_pieces(r, CLIENT, m.octets, m.len, piece);
		}
		asked = r->now.frame;
		REGISTERED(r, 2);
		assert_golden(&only(r, OBS_REGISTRATION)->registration);
		assert_int_equal(obs_queue_at(r->queue, 0)->at.frame, asked);
		rig_close(r);
	}
}

static void
test_both_syntaxes_and_either_where_the_servers_word_is_missing(void **state)
{
	static const char *const uuid[] = {UUID_STORE};
	struct rig *r = *state;

	for (unsigned i = 0; i < 8; i++) {
		bool wide = (i & 1) != 0, offered = (i & 2) != 0, settled = (i & 4) != 0;
		struct wish wish = {
		    .le = true, .wide = wide, .context = 8, .family = 2, .address = 16};
		const char *syntax = offered ? UUID_NDR64 : UUID_NDR;
		bool read = !settled || wide == offered;

		r->stats.rpc.malformed = 0;
		store_open(r, uuid, 1, syntax, settled ? syntax : NULL);
		msg_call(&m, true, PDU_REQUEST, WHOLE, 2, 0, EMSMDB_REGISTER);
		msg_register(&m, &wish);
		msg_end(&m);
		SEND(r, CLIENT, &m);
		REGISTERED(r, 2);
		assert_int_equal(r->stats.rpc.malformed, !read);
		for (size_t k = 0, found = 0; k < rig_count(r); k++) {
			found += obs_queue_at(r->queue, k)->kind == OBS_REGISTRATION;
			if (k + 1 == rig_count(r))
				assert_int_equal(found, read);
		}
		rig_close(r);
		obs_queue_reset(r->queue);
	}
}

static void
trap_16_a_registration_in_big_endian(void **state)
{
	struct wish wish = {.le = false, .context = 16, .family = 23, .address = 28};
	struct rig *r = *state;
	const struct obs_registration *got;

	store_bind(r);
	msg_call(&m, false, PDU_REQUEST, WHOLE, 2, 0, EMSMDB_REGISTER);
	msg_register(&m, &wish);
	msg_end(&m);
	SEND(r, CLIENT, &m);
	msg_call(&m, false, PDU_RESPONSE, WHOLE, 2, 0, 0);
	msg_fill(&m, 0, 24);
	msg_u32(&m, 0x80040305);
	msg_end(&m);
	SEND(r, SERVER, &m);
	got = &only(r, OBS_REGISTRATION)->registration;
	assert_true(got->answered);
	assert_int_equal(got->status, 0x80040305);
	assert_int_equal(got->context_len, 16);
	assert_addr(&got->address, "a0a1:a2a3:a4a5:a6a7:a8a9:aaab:acad:aeaf");
}

static const struct obs_registration *
told(struct rig *r)
{
	const struct obs_registration *got = &only(r, OBS_REGISTRATION)->registration;

	return got;
}

static void
test_without_an_answer_it_is_told_when_the_association_ends(void **state)
{
	struct rig *r = *state;
	uint64_t asked;

	store_bind(r);
	REGISTER(r, 2);
	asked = r->now.frame;
	r->env.is_over = true;
	r->now.frame += 10;
	assoc_finish(r->assoc);
	assert_golden(told(r));
	assert_false(told(r)->answered);
	assert_int_equal(obs_queue_at(r->queue, 0)->at.frame, asked);
	obs_queue_reset(r->queue);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
}

/* Only who ends it says so: what is freed was not finished. */
static void
test_what_is_freed_says_nothing(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	REGISTER(r, 2);
	rig_close(r);
	assert_int_equal(rig_count(r), 0);
}

static void
test_without_an_answer_it_is_told_once_the_client_goes_on(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	REGISTER(r, 2);
	r->now.ts_ns += 9 * SECOND;
	store_ask(r, 3, 0, 2, "stub", 4);
	assert_int_equal(only(r, OBS_ACTIVITY)->activity.quiet_ns, 9 * SECOND + 1000);
	obs_queue_reset(r->queue);
	r->now.ts_ns += SECOND;
	store_ask(r, 4, 0, 2, "stub", 4);
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(obs_queue_at(r->queue, 1)->kind, OBS_REGISTRATION);
	assert_false(obs_queue_at(r->queue, 1)->registration.answered);
	obs_queue_reset(r->queue);
	REGISTERED(r, 2); /* too late */
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->stats.rpc.unanswered, 1);
}

static void
test_without_an_answer_it_is_told_after_a_while(void **state)
{
	struct rig *r = *state;
	struct patience patience = {.answer_ns = 60 * SECOND, .hole_ns = SECOND};

	store_bind(r);
	REGISTER(r, 2);
	patience.now_ns = r->now.ts_ns + 60 * SECOND;
	assoc_expire(r->assoc, &patience);
	assert_int_equal(rig_count(r), 0);
	patience.now_ns++;
	assoc_expire(r->assoc, &patience);
	assert_false(told(r)->answered);
	assert_int_equal(r->stats.rpc.unanswered, 1);
	obs_queue_reset(r->queue);
	assoc_expire(r->assoc, &patience);
	assoc_finish(r->assoc);
	assert_mailbox(r, MAILBOX_CLOSED, r->now.frame);
	assert_int_equal(r->stats.rpc.unanswered, 1);
}

/* Of an answer with a hole in it nothing is known. */
static void
test_an_answer_in_a_hole(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	REGISTER(r, 2);
	build_call(&m, PDU_RESPONSE, WHOLE, 2, 0, 0, golden_registered, sizeof(golden_registered));
	rig_feed(r, SERVER, m.octets, 30);
	assoc_gap(r->assoc, SERVER, (uint32_t)m.len - 30);
	assert_int_equal(rig_count(r), 0);
	REGISTER(r, 2); /* the number is used again */
	assert_false(told(r)->answered);
	obs_queue_reset(r->queue);
	REGISTERED(r, 2);
	assert_true(told(r)->answered);
}

static void
test_an_answer_whose_beginning_was_lost(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	REGISTER(r, 2);
	build_call(
	    &m, PDU_RESPONSE, PDU_LAST_FRAG, 2, 0, 0, golden_registered, sizeof(golden_registered));
	SEND(r, SERVER, &m);
	assert_golden(told(r));
	assert_false(told(r)->answered);
}

static void
test_an_answer_that_is_too_short_tells_no_status(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	REGISTER(r, 2);
	store_answer(r, 2, 0, golden_registered, 27);
	assert_golden(told(r));
	assert_false(told(r)->answered);
	assert_int_equal(r->stats.rpc.malformed, 1);
}

static void
test_a_fault_is_an_answer(void **state)
{
	static const uint32_t statuses[][2] = {{0x1c010002, 0x1c010002}, {0, 1726}};
	struct rig *r = *state;

	for (size_t i = 0; i < 2; i++) {
		store_bind(r);
		REGISTER(r, 2);
		store_fault(r, 2, statuses[i][0]);
		assert_golden(told(r));
		assert_true(told(r)->answered);
		assert_int_equal(told(r)->status, statuses[i][1]);
		rig_close(r);
	}
}

/* However it comes. */
static void
test_a_fault_in_pieces(void **state)
{
	struct rig *r = *state;

	for (size_t piece = 1; piece < 33; piece++) {
		store_bind(r);
		REGISTER(r, 2);
		msg_call(&m, true, PDU_FAULT, WHOLE, 2, 0, 0);
		msg_u32(&m, 5);
		msg_u32(&m, 0);
		msg_end(&m);
		rig_pieces(r, SERVER, m.octets, m.len, piece);
		assert_int_equal(told(r)->status, 5);
		rig_close(r);
		obs_queue_reset(r->queue);
	}
}

static void
test_sealed_registrations(void **state)
{
	static const struct {
		uint32_t hint;
		size_t len;
	} hints[] = {{66, 8}, {78, 8}, {74, 16}, {0, 0}, {62, 0}, {UINT32_MAX, 0}};
	struct rig *r = *state;

	for (uint32_t i = 0; i < 6; i++) {
		const struct obs_registration *got;
		uint64_t asked;

		store_bind(r);
		store_sealed(r, PDU_REQUEST, 2, 0, EMSMDB_REGISTER, hints[i].hint);
		asked = r->now.frame;
		assert_int_equal(rig_count(r), 0);
		if (i != 5)
			store_sealed(r, PDU_RESPONSE, 2, 0, 0, 28);
		else
			store_fault(r, 2, 5);
		got = told(r);
		assert_true(got->sealed);
		assert_true(got->answered);
		assert_false(got->has_address);
		assert_int_equal(got->context_len, hints[i].len);
		assert_int_equal(got->status, i == 5 ? 5 : 0);
		assert_int_equal(obs_queue_at(r->queue, 0)->at.frame, asked);
		rig_close(r);
		obs_queue_reset(r->queue);
	}
	assert_int_equal(r->stats.rpc.malformed, 0);
}

static void
test_a_sealed_registration_without_an_answer(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	store_sealed(r, PDU_REQUEST, 2, 0, EMSMDB_REGISTER, 66);
	store_sealed(r, PDU_RESPONSE, 3, 0, 0, 28); /* another's */
	assert_int_equal(rig_count(r), 0);
	r->env.is_over = true;
	assoc_finish(r->assoc);
	assert_int_equal(obs_queue_at(r->queue, 0)->kind, OBS_REGISTRATION);
	assert_true(obs_queue_at(r->queue, 0)->registration.sealed);
	assert_false(obs_queue_at(r->queue, 0)->registration.answered);
}

/* A sealed answer to a question in clear: it was answered, and nobody knows how. */
static void
test_a_sealed_answer_to_a_clear_question(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	REGISTER(r, 2);
	store_sealed(r, PDU_RESPONSE, 2, 0, 0, 28);
	assert_golden(told(r));
	assert_false(told(r)->answered);
}

/* Fragments of a sealed question say no more than its first. */
static void
test_a_sealed_question_in_fragments(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	for (int i = 0; i < 3; i++) {
		msg_begin(&m, true, PDU_REQUEST,
		    i == 0   ? PDU_FIRST_FRAG
		    : i == 2 ? PDU_LAST_FRAG
			     : 0,
		    2);
		msg_u32(&m, i == 0 ? 66 : 20);
		msg_u16(&m, 0);
		msg_u16(&m, EMSMDB_REGISTER);
		msg_fill(&m, 0x5c, 24);
		msg_auth(&m, PDU_PRIVACY, 0, 0, 16);
		msg_end(&m);
		SEND(r, CLIENT, &m);
	}
	store_sealed(r, PDU_RESPONSE, 2, 0, 0, 28);
	assert_int_equal(told(r)->context_len, 8);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

/* Neither sealed calls of other numbers nor of other interfaces are anything. */
static void
test_other_sealed_calls_go_by(void **state)
{
	struct rig *r = *state;
	size_t used;

	store_bind(r);
	used = r->budget.used;
	for (unsigned opnum = 0; opnum < 20; opnum++) {
		store_sealed(r, PDU_REQUEST, opnum, 2, opnum, 66);
		if (opnum == 2 || opnum == 3 || opnum == 5 || opnum == 11)
			store_sealed(r, PDU_REQUEST, 100 + opnum, 0, opnum, 66);
	}
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->budget.used, used);
}

static void
test_who_opens_a_mailbox(void **state)
{
	static const unsigned opnums[] = {
	    EMSMDB_CONNECT, EMSMDB_CONNECT_EX, EMSMDB_ASYNC_CONNECT_EX};
	static const uint8_t taken[] = {1, 2, 3, 4, 0, 0, 0, 0},
			     refused[] = {1, 2, 3, 4, 5, 0, 0, 0};
	struct rig *r = *state;

	for (int i = 0; i < 3; i++) {
		enum mailbox_how how = i == 2 ? MAILBOX_WAITS : MAILBOX_CONNECTED;
		uint64_t asked;

		store_bind(r);
		store_ask(r, 2, 0, opnums[i], "stub", 4);
		asked = r->now.frame;
		assert_int_equal(rig_count(r), 0);
		store_answer(r, 2, 0, taken, 8);
		assert_mailbox(r, how, asked);
		store_ask(r, 3, 0, opnums[i], "stub", 4);
		store_answer(r, 3, 0, refused, 8);
		assert_int_equal(rig_count(r), 0);
		store_ask(r, 4, 0, opnums[i], "stub", 4);
		store_fault(r, 4, 5);
		assert_int_equal(rig_count(r), 0);
		store_sealed(r, PDU_REQUEST, 5, 0, opnums[i], 100);
		asked = r->now.frame;
		store_sealed(r, PDU_RESPONSE, 5, 0, 0, 100);
		assert_mailbox(r, how, asked);
		store_ask(r, 6, 0, opnums[i], "stub", 4);
		asked = r->now.frame;
		store_ask(r, 6, 0, 2, "stub", 4);
		store_ask(r, 6, 0, opnums[i], "stub", 4); /* the number again: no answer is known */
		assert_mailbox(r, how, asked);
		rig_close(r);
	}
}

/* An answer of which nothing can be read refuses nothing. */
static void
test_short_answers(void **state)
{
	static const uint8_t octets[2][7] = {{5, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 7, 7, 7}};
	struct rig *r = *state;

	for (size_t i = 0; i < 2 * sizeof(octets[0]); i++) {
		size_t len = i / 2;

		store_bind(r);
		store_ask(r, 2, 0, EMSMDB_CONNECT, "stub", 4);
		store_answer(r, 2, 0, octets[i % 2], len);
		assert_int_equal(rig_count(r), len < 4 || i % 2 == 1);
		rig_close(r);
		obs_queue_reset(r->queue);
	}
}

static void
test_disconnects_and_waits_are_told_at_once(void **state)
{
	struct rig *r = *state;
	size_t used;

	store_bind(r);
	used = r->budget.used;
	store_ask(r, 2, 0, EMSMDB_DISCONNECT, "stub", 4);
	assert_mailbox(r, MAILBOX_DISCONNECTED, r->now.frame);
	store_sealed(r, PDU_REQUEST, 3, 0, EMSMDB_DISCONNECT, 20);
	assert_mailbox(r, MAILBOX_DISCONNECTED, r->now.frame);
	store_ask(r, 4, 1, EMSMDB_ASYNC_WAIT_EX, "stub", 4);
	assert_mailbox(r, MAILBOX_WAITS, r->now.frame);
	store_sealed(r, PDU_REQUEST, 5, 1, EMSMDB_ASYNC_WAIT_EX, 20);
	assert_mailbox(r, MAILBOX_WAITS, r->now.frame);
	assert_int_equal(r->budget.used, used);
	for (uint32_t id = 2; id < 6; id++)
		store_answer(r, id, id / 4, "\0\0\0", 4);
	assert_int_equal(rig_count(r), 0);
	assert_int_equal(r->budget.used, used);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
test_the_end_of_an_association_is_told_once(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	r->now.frame += 5;
	assoc_finish(r->assoc);
	assert_mailbox(r, MAILBOX_CLOSED, r->now.frame);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
}

/* An association of which nothing was seen but a call, to where EMSMDB is or to elsewhere. */
static void
meet(struct rig *r, uint16_t learned, uint16_t port)
{
	struct addr server = addr_from_v4((const uint8_t[]){10, 0, 0, 2});
	struct hints *h;

	assert_int_equal(hints_new(&h), 0);
	rig_open(r, port);
	hints_learn_store(h, &server, learned);
	r->env.hints = h;
	store_ask(r, 7, 0, 2, golden_registered, sizeof(golden_registered));
	obs_queue_reset(r->queue);
	assoc_finish(r->assoc);
	r->env.hints = NULL;
	hints_free(&h);
}

static void
test_the_end_of_one_that_was_met_in_its_middle_is_told(void **state)
{
	struct rig *r = *state;

	meet(r, STORE_PORT, STORE_PORT);
	assert_mailbox(r, MAILBOX_CLOSED, r->now.frame);
	rig_close(r);
	meet(r, STORE_PORT, STORE_PORT + 1);
	assert_int_equal(rig_count(r), 0);
}

/* The packet at hand may be another's: whose addresses those are is that of its own packets. */
static void
test_who_makes_room_for_another_has_its_own_realm(void **state)
{
	struct rig *r = *state;

	r->now.realm = 3;
	store_bind(r);
	r->now.realm = 7;
	assoc_finish(r->assoc);
	assert_int_equal(only(r, OBS_MAILBOX)->at.realm, 3);
}

static void
test_the_end_of_the_run_and_of_other_associations_is_not(void **state)
{
	static const char *const others[] = {UUID_ASYNC_STORE, UUID_NSPI};
	struct rig *r = *state;

	store_bind(r);
	r->env.is_over = true;
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
	rig_close(r);
	r->env.is_over = false;
	store_open(r, others, 2, UUID_NDR, UUID_NDR);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
}

/* Nor does another's answer. */
static void
test_an_offer_beside_another_that_is_answered_opens_none(void **state)
{
	static const char *const uuid[] = {UUID_STORE};
	struct offer offer = {1, UUID_NSPI, 56, 0, UUID_NDR};
	struct verdict verdict = {CONTEXT_ACCEPTANCE, 0, UUID_NDR};
	struct rig *r = *state;

	store_open(r, uuid, 1, UUID_NDR, NULL);
	build_offer(&m, PDU_ALTER_CONTEXT, 2, &offer, 1);
	SEND(r, CLIENT, &m);
	build_verdict(&m, PDU_ALTER_CONTEXT_RESP, 2, "", 0, &verdict, 1);
	SEND(r, SERVER, &m);
	obs_queue_reset(r->queue);
	assoc_finish(r->assoc);
	for (size_t i = 0; i < rig_count(r); i++)
		assert_int_not_equal(obs_queue_at(r->queue, i)->kind, OBS_MAILBOX);
}

/* Where the answer to the bind was lost, a request shows that it was accepted. */
static void
test_an_offer_alone_opens_no_mailbox(void **state)
{
	static const char *const uuid[] = {UUID_STORE};
	struct rig *r = *state;

	store_open(r, uuid, 1, UUID_NDR, NULL);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 1); /* the bind */
	rig_close(r);
	obs_queue_reset(r->queue);
	store_open(r, uuid, 1, UUID_NDR, NULL);
	store_ask(r, 2, 0, 2, "stub", 4);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 2);
	assert_int_equal(obs_queue_at(r->queue, 1)->mailbox.how, MAILBOX_CLOSED);
}

/* Another major version is another interface. */
static void
trap_17_another_version_has_no_mailbox(void **state)
{
	struct offer offer = {0, UUID_STORE, 1, 0, UUID_NDR};
	struct verdict verdict = {CONTEXT_ACCEPTANCE, 0, UUID_NDR};
	struct rig *r = *state;

	rig_open(r, STORE_PORT);
	build_offer(&m, PDU_BIND, 1, &offer, 1);
	SEND(r, CLIENT, &m);
	build_verdict(&m, PDU_BIND_ACK, 1, "1032", 5, &verdict, 1);
	SEND(r, SERVER, &m);
	obs_queue_reset(r->queue);
	REGISTER(r, 2);
	REGISTERED(r, 2);
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 0);
}

/* What a client asks and never gets an answer to has a bound; what makes room is told. */
static void
trap_13_many_registrations(void **state)
{
	struct rig *r = *state;

	store_bind(r);
	for (uint32_t id = 2; id < 2 + 200; id++)
		REGISTER(r, id);
	assert_int_equal(rig_count(r), 200 - 64);
	r->env.is_over = true;
	assoc_finish(r->assoc);
	assert_int_equal(rig_count(r), 200);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_the_golden_question_and_answer),
	    TEST(test_every_length_in_both_syntaxes_and_byte_orders),
	    TEST(test_a_longer_context_is_none),
	    TEST(test_cut_anywhere),
	    TEST(test_sizes_that_lie),
	    TEST(test_counts_of_64_bits),
	    TEST(test_addresses_that_are_cut_or_of_other_families),
	    TEST(trap_16_a_family_in_the_clients_order_or_in_windows),
	    TEST(test_what_a_hint_says_of_the_context),
	    TEST(test_a_registration_is_told_with_its_answer),
	    TEST(test_a_registration_in_pieces),
	    TEST(test_both_syntaxes_and_either_where_the_servers_word_is_missing),
	    TEST(trap_16_a_registration_in_big_endian),
	    TEST(test_without_an_answer_it_is_told_when_the_association_ends),
	    TEST(test_what_is_freed_says_nothing),
	    TEST(test_without_an_answer_it_is_told_once_the_client_goes_on),
	    TEST(test_without_an_answer_it_is_told_after_a_while),
	    TEST(test_an_answer_in_a_hole),
	    TEST(test_an_answer_whose_beginning_was_lost),
	    TEST(test_an_answer_that_is_too_short_tells_no_status),
	    TEST(test_a_fault_is_an_answer),
	    TEST(test_a_fault_in_pieces),
	    TEST(test_sealed_registrations),
	    TEST(test_a_sealed_registration_without_an_answer),
	    TEST(test_a_sealed_answer_to_a_clear_question),
	    TEST(test_a_sealed_question_in_fragments),
	    TEST(test_other_sealed_calls_go_by),
	    TEST(test_who_opens_a_mailbox),
	    TEST(test_short_answers),
	    TEST(test_disconnects_and_waits_are_told_at_once),
	    TEST(test_the_end_of_an_association_is_told_once),
	    TEST(test_the_end_of_one_that_was_met_in_its_middle_is_told),
	    TEST(test_who_makes_room_for_another_has_its_own_realm),
	    TEST(test_the_end_of_the_run_and_of_other_associations_is_not),
	    TEST(test_an_offer_alone_opens_no_mailbox),
	    TEST(test_an_offer_beside_another_that_is_answered_opens_none),
	    TEST(trap_17_another_version_has_no_mailbox),
	    TEST(trap_13_many_registrations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
