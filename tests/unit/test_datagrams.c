/* test_datagrams - DCE/RPC over UDP: what is said of which packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/clock.h"
#include "datagram_build.h"
#include "dissect/assoc.h"
#include "dissect/budget.h"
#include "dissect/datagrams.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"

enum {
	CLIENT = 1,
	SERVER = 2,
	OTHER = 3, /* another address of the server */
	CLIENT_PORT = 1025,
	EPM_PORT = 135,
};

struct rig {
	struct budget budget;
	struct dissect_stats stats;
	struct obs_queue *queue;
	struct frame frame;
	struct assoc_env env;
	struct datagrams datagrams;
	struct message message;
};

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->budget.cap = (size_t)4 << 20;
	assert_int_equal(obs_queue_new(&r->queue, (size_t)4 << 20), 0);
	r->env = (struct assoc_env){
	    .budget = &r->budget, .stats = &r->stats, .out = r->queue, .now = &r->frame.at};
	r->frame.at.ts_ns = NS_PER_S;
	datagrams_init(&r->datagrams, &r->env, 4711);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	datagrams_deinit(&r->datagrams);
	assert_int_equal(r->budget.used, 0);
	obs_queue_free(&r->queue);
	free(r);
	return 0;
}

static struct addr
host(unsigned number)
{
	return addr_from_v4((const uint8_t[]){10, 0, 0, (uint8_t)number});
}

/* One datagram from ${from} to ${to}, of which ${there} octets were captured. */
static void
send_cut(struct rig *r, unsigned from, unsigned sport, unsigned to, unsigned dport,
    const struct datagram_draft *draft, size_t there)
{
	uint8_t *copy;

	build_datagram(&r->message, draft);
	if (there > r->message.len)
		there = r->message.len;
	copy = malloc(there);
	assert_non_null(copy);
	memcpy(copy, r->message.octets, there);
	r->frame.at.src = host(from);
	r->frame.at.dst = host(to);
	r->frame.at.sport = (uint16_t)sport;
	r->frame.at.dport = (uint16_t)dport;
	r->frame.at.ts_ns += 1000;
	r->frame.at.frame++;
	r->frame.payload = copy;
	r->frame.payload_len = (uint32_t)there;
	r->frame.payload_wire = (uint32_t)r->message.len;
	datagrams_frame(&r->datagrams, &r->frame);
	free(copy);
}

static void
send(struct rig *r, unsigned from, unsigned sport, unsigned to, unsigned dport,
    const struct datagram_draft *draft)
{
	send_cut(r, from, sport, to, dport, draft, SIZE_MAX);
}

static void
ask(struct rig *r, unsigned port, const struct datagram_draft *draft)
{
	send(r, CLIENT, CLIENT_PORT, SERVER, port, draft);
}

static void
answer(struct rig *r, unsigned port, const struct datagram_draft *draft)
{
	send(r, SERVER, port, CLIENT, CLIENT_PORT, draft);
}

static const struct datagram_draft map_request = {
    .type = DATAGRAM_REQUEST, .opnum = 3, .seqnum = 7, STUB(golden_map_request)};
static const struct datagram_draft map_answer = {
    .type = DATAGRAM_RESPONSE, .opnum = 3, .seqnum = 7, STUB(golden_map_answer)};

static size_t
count(const struct rig *r)
{
	return obs_queue_count(r->queue);
}

/* The one observation there is. */
static const struct obs *
only(const struct rig *r, enum obs_kind kind)
{
	const struct obs *obs;

	assert_int_equal(count(r), 1);
	obs = obs_queue_at(r->queue, 0);
	assert_int_equal(obs->kind, kind);
	assert_int_equal(obs->transport, TRANSPORT_UDP);
	return obs;
}

static void
assert_ends(const struct obs *obs, unsigned server, unsigned port)
{
	struct addr s = host(server), c = host(CLIENT);

	assert_true(addr_equal(&obs->server, &s));
	assert_true(addr_equal(&obs->client, &c));
	assert_int_equal(obs->server_port, port);
	assert_int_equal(obs->client_port, CLIENT_PORT);
}

static void
question_and_answer(void **state)
{
	struct rig *r = *state;
	const struct obs *obs;

	ask(r, EPM_PORT, &map_request);
	assert_int_equal(count(r), 0);
	answer(r, EPM_PORT, &map_answer);
	obs = only(r, OBS_EPM);
	assert_ends(obs, SERVER, EPM_PORT);
	assert_int_equal(obs->at.frame, 2);
	assert_int_equal(obs->epm.tower_count, 1);
	assert_int_equal(obs->epm.tower[0].port, 4997);
	assert_true(obs->epm.question.seen);
	assert_true(obs->epm.question.names_interface);
	assert_int_equal(obs->epm.question.frame, 1);
	assert_false(obs->epm.question.side_visible);
	assert_int_equal(r->stats.rpc.pdus, 2);
	datagrams_finish(&r->datagrams);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
answer_from_another_port(void **state)
{
	struct rig *r = *state;

	ask(r, EPM_PORT, &map_request);
	answer(r, 49161, &map_answer);
	assert_ends(only(r, OBS_EPM), SERVER, EPM_PORT);
	assert_true(obs_queue_at(r->queue, 0)->epm.question.seen);
}

static void
answer_from_another_address(void **state)
{
	struct rig *r = *state;
	const struct obs *obs;

	/* It is told as that host's, and the server that was asked may still answer. */
	ask(r, EPM_PORT, &map_request);
	send(r, OTHER, 49161, CLIENT, CLIENT_PORT, &map_answer);
	obs = only(r, OBS_EPM);
	assert_ends(obs, OTHER, 49161);
	assert_true(obs->epm.elsewhere);
	assert_true(obs->epm.question.seen);
	obs_queue_reset(r->queue);
	answer(r, EPM_PORT, &map_answer);
	obs = only(r, OBS_EPM);
	assert_ends(obs, SERVER, EPM_PORT);
	assert_false(obs->epm.elsewhere);
	datagrams_finish(&r->datagrams);
	assert_int_equal(r->budget.used, 0);
}

/* A call of another activity, number 0. */
static struct datagram_draft
first_call(const struct datagram_draft *draft, uint8_t activity)
{
	static char text[10][UUID_TEXT];
	struct datagram_draft d = *draft;

	snprintf(text[activity], UUID_TEXT, "0000000%u-1111-2222-3333-444444444444",
	    (unsigned)activity);
	d.seqnum = 0;
	d.activity = text[activity];
	return d;
}

/* Was the only answer, with which the activity begins, one that provably nobody asked for? */
static bool
is_proved(struct rig *r, uint8_t activity)
{
	struct datagram_draft stray = first_call(&map_answer, activity);
	bool proved;

	obs_queue_reset(r->queue);
	answer(r, EPM_PORT, &stray);
	proved = only(r, OBS_EPM)->epm.question.side_visible;
	obs_queue_reset(r->queue);
	return proved;
}

static void
converse(struct rig *r, uint8_t activity)
{
	struct datagram_draft q = first_call(&map_request, activity),
			      a = first_call(&map_answer, activity);

	ask(r, EPM_PORT, &q);
	answer(r, EPM_PORT, &a);
	obs_queue_reset(r->queue);
}

#define SECOND INT64_C(1000000000)

static void
no_question_is_proved_where_both_directions_are_seen(void **state)
{
	struct rig *r = *state;

	assert_false(is_proved(r, 1)); /* nothing is known of the two */
	r->frame.at.ts_ns += 61 * SECOND;
	converse(r, 2);
	assert_true(is_proved(r, 3));
	assert_false(is_proved(r, 4)); /* the second one may be loss */
	r->frame.at.ts_ns += 61 * SECOND;
	assert_false(is_proved(r, 5)); /* it was too long ago */
	r->frame.at.ts_ns += 61 * SECOND;
	converse(r, 6);
	r->frame.at.ts_ns += 61 * SECOND;
	assert_false(is_proved(r, 7));
}

static void
both_directions_have_to_be_recent(void **state)
{
	struct rig *r = *state;
	struct datagram_draft q = first_call(&map_request, 1), a = first_call(&map_answer, 1);

	ask(r, EPM_PORT, &q);
	r->frame.at.ts_ns += 50 * SECOND;
	answer(r, EPM_PORT, &a);
	r->frame.at.ts_ns += 50 * SECOND;
	assert_false(is_proved(r, 2));
}

static void
a_request_that_is_not_answered_may_have_been(void **state)
{
	struct rig *r = *state;
	struct datagram_draft q = first_call(&map_request, 1);
	struct patience patience = {.answer_ns = SECOND};

	ask(r, EPM_PORT, &q);
	r->frame.at.ts_ns += 2 * SECOND;
	patience.now_ns = r->frame.at.ts_ns;
	datagrams_tick(&r->datagrams, &patience);
	converse(r, 2);
	assert_false(is_proved(r, 3));
}

static void
no_question_is_not_proved_where_something_was_missed(void **state)
{
	struct rig *r = *state;
	struct datagram_draft skipped = first_call(&map_request, 2), late = map_answer;

	converse(r, 2);
	skipped.seqnum = 2; /* where was 1? */
	ask(r, EPM_PORT, &skipped);
	assert_false(is_proved(r, 3));
	r->frame.at.ts_ns += 61 * SECOND;
	converse(r, 4);
	late = first_call(&map_answer, 4);
	late.seqnum = 1; /* the request that followed on the first was lost */
	answer(r, EPM_PORT, &late);
	assert_false(only(r, OBS_EPM)->epm.question.side_visible);
	r->frame.at.ts_ns += 61 * SECOND;
	converse(r, 5);
	r->stats.tcp.gaps++; /* as any connection has it */
	assert_false(is_proved(r, 6));
	r->frame.at.ts_ns += 601 * SECOND;
	converse(r, 7);
	assert_true(is_proved(r, 8));
}

static void
no_question_is_not_proved_where_answers_come_first(void **state)
{
	struct rig *r = *state;
	struct datagram_draft q = first_call(&map_request, 9);

	converse(r, 2);
	(void)is_proved(r, 9);
	r->frame.at.ts_ns += 30 * SECOND;
	ask(r, EPM_PORT, &q);
	obs_queue_reset(r->queue);
	r->frame.at.ts_ns += 31 * SECOND;
	converse(r, 3);
	assert_false(is_proved(r, 4));
}

/* Pairing is by activity and number, and by who asked. */
static void
answer_to_another_call(void **state)
{
	struct rig *r = *state;
	struct datagram_draft draft = map_answer;

	ask(r, EPM_PORT, &map_request);
	draft.seqnum = 8;
	answer(r, EPM_PORT, &draft);
	assert_false(only(r, OBS_EPM)->epm.question.seen);
	obs_queue_reset(r->queue);
	draft = map_answer;
	draft.activity = UUID_MESSENGER;
	answer(r, EPM_PORT, &draft);
	assert_false(only(r, OBS_EPM)->epm.question.seen);
	obs_queue_reset(r->queue);
	send(r, SERVER, EPM_PORT, CLIENT, CLIENT_PORT + 1, &map_answer);
	assert_false(only(r, OBS_EPM)->epm.question.seen);
	datagrams_finish(&r->datagrams);
	assert_int_equal(r->stats.rpc.unanswered, 1);
}

/* Another interface than was asked, by the same name of a call: that is none of its packets. */
static void
answer_of_another_interface(void **state)
{
	struct rig *r = *state;
	struct datagram_draft draft = map_answer;

	ask(r, EPM_PORT, &map_request);
	draft.iface = UUID_MESSENGER;
	draft.major = 1;
	answer(r, EPM_PORT, &draft);
	assert_int_equal(count(r), 0);
	answer(r, EPM_PORT, &map_answer);
	assert_true(only(r, OBS_EPM)->epm.question.seen);
}

static void
copies_count_once(void **state)
{
	struct rig *r = *state;

	ask(r, EPM_PORT, &map_request);
	ask(r, EPM_PORT, &map_request);
	answer(r, EPM_PORT, &map_answer);
	answer(r, EPM_PORT, &map_answer);
	ask(r, EPM_PORT, &map_request);
	answer(r, EPM_PORT, &map_answer);
	assert_int_equal(only(r, OBS_EPM)->epm.question.frame, 1);
	datagrams_finish(&r->datagrams);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

/* Each packet of a call is in the byte order that it says. */
static void
trap_16_answer_in_another_order(void **state)
{
	struct rig *r = *state;
	struct datagram_draft draft = map_request;

	draft.be = true;
	build_datagram(&r->message, &draft);
	draft = map_request;
	draft.be = true;
	draft.len = 0; /* what is asked does not matter here */
	ask(r, EPM_PORT, &draft);
	answer(r, EPM_PORT, &map_answer);
	assert_ends(only(r, OBS_EPM), SERVER, EPM_PORT);
	assert_true(obs_queue_at(r->queue, 0)->epm.question.seen);
	assert_int_equal(obs_queue_at(r->queue, 0)->epm.tower[0].port, 4997);
}

static void
without_its_question(void **state)
{
	struct rig *r = *state;
	struct datagram_draft draft = map_answer;

	answer(r, 49161, &map_answer);
	assert_ends(only(r, OBS_EPM), SERVER, 49161);
	assert_false(obs_queue_at(r->queue, 0)->epm.question.seen);
	assert_false(obs_queue_at(r->queue, 0)->epm.question.side_visible);
	obs_queue_reset(r->queue);
	draft.seqnum++;
	draft.len--; /* does not read as an answer to its end */
	answer(r, 49161, &draft);
	assert_int_equal(count(r), 0);
}

/* ${draft}'s body in fragments of ${piece} octets, from the first or the last on. */
static void
in_fragments(struct rig *r, const struct datagram_draft *draft, size_t piece, bool backwards,
    void (*to)(struct rig *, unsigned, const struct datagram_draft *))
{
	size_t pieces = (draft->len + piece - 1) / piece;

	for (size_t i = 0; i < pieces; i++) {
		size_t n = backwards ? pieces - 1 - i : i;
		struct datagram_draft part = *draft;

		part.body += n * piece;
		part.len = n + 1 == pieces ? draft->len - n * piece : piece;
		part.fragment = (unsigned)n;
		part.flags = DATAGRAM_FRAG | (n + 1 == pieces ? DATAGRAM_LAST_FRAG : 0u);
		to(r, EPM_PORT, &part);
	}
}

static void
fragments(void **state)
{
	struct rig *r = *state;
	struct datagram_draft request = map_request, reply = map_answer;

	for (unsigned backwards = 0; backwards < 2; backwards++) {
		request.seqnum = reply.seqnum = 100 + backwards;
		in_fragments(r, &request, 24, backwards != 0, ask);
		in_fragments(r, &reply, 16, backwards != 0, answer);
		assert_int_equal(only(r, OBS_EPM)->epm.tower[0].port, 4997);
		assert_true(obs_queue_at(r->queue, 0)->epm.question.names_interface);
		obs_queue_reset(r->queue);
	}
}

/* The body of the question cannot be read, but its header says who was asked. */
static void
question_cut_short(void **state)
{
	struct rig *r = *state;

	send_cut(r, CLIENT, CLIENT_PORT, SERVER, EPM_PORT, &map_request, 90);
	answer(r, 49161, &map_answer);
	assert_ends(only(r, OBS_EPM), SERVER, EPM_PORT);
	assert_false(obs_queue_at(r->queue, 0)->epm.question.seen);
	assert_int_equal(r->stats.capped, 1);
}

static void
sealed_calls_are_counted(void **state)
{
	struct rig *r = *state;
	struct datagram_draft request = map_request, reply = map_answer;

	request.auth = reply.auth = 10;
	request.level = reply.level = 6;
	ask(r, EPM_PORT, &request);
	answer(r, EPM_PORT, &reply);
	assert_int_equal(count(r), 0);
	assert_int_equal(r->stats.rpc.sealed, 2);
	assert_int_equal(r->stats.rpc.sealed_epm, 2);
	request.level = reply.level = 5;
	request.seqnum = reply.seqnum = 8;
	ask(r, EPM_PORT, &request);
	answer(r, EPM_PORT, &reply);
	assert_int_equal(only(r, OBS_EPM)->epm.tower_count, 1);
}

static const struct datagram_draft message_request = {
    .type = DATAGRAM_REQUEST, .iface = UUID_MESSENGER, .major = 1, .minor = 2, .seqnum = 7};
static const struct datagram_draft message_answer = {
    .type = DATAGRAM_RESPONSE, .iface = UUID_MESSENGER, .major = 1, .minor = 2, .seqnum = 7};

static void
a_request_alone_says_nothing(void **state)
{
	struct rig *r = *state;

	ask(r, 49200, &message_request);
	datagrams_finish(&r->datagrams);
	assert_int_equal(count(r), 0);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

static void
a_pair_is_a_use(void **state)
{
	struct rig *r = *state;
	const struct obs *obs;

	ask(r, 49200, &message_request);
	answer(r, 49161, &message_answer);
	obs = only(r, OBS_USE);
	assert_ends(obs, SERVER, 49200);
	assert_int_equal(obs->use.proof, USE_DATAGRAM);
	assert_int_equal(obs->use.iface.major, 1);
	assert_int_equal(obs->use.iface.minor, 2);
	answer(r, 49161, &message_answer);
	assert_int_equal(count(r), 1);
}

static void
a_use_of_sealed_calls(void **state)
{
	struct rig *r = *state;
	struct datagram_draft request = message_request, reply = message_answer;

	request.auth = reply.auth = 10;
	request.level = reply.level = 6;
	ask(r, 49200, &request);
	answer(r, 49200, &reply);
	only(r, OBS_USE);
	assert_int_equal(r->stats.rpc.sealed, 2);
	assert_int_equal(r->stats.rpc.sealed_epm, 0);
}

static void
a_use_once_a_minute(void **state)
{
	struct rig *r = *state;
	struct datagram_draft request = message_request, reply = message_answer;

	for (uint32_t i = 0; i < 130; i++) {
		request.seqnum = reply.seqnum = i;
		ask(r, 49200, &request);
		answer(r, 49200, &reply);
		r->frame.at.ts_ns += NS_PER_S;
	}
	assert_int_equal(count(r), 3);
	request.seqnum = reply.seqnum = 1000;
	ask(r, 49201, &request);
	answer(r, 49201, &reply);
	assert_int_equal(count(r), 4);
}

/* As queues of a capture may have it. */
static void
the_answer_before_the_request(void **state)
{
	struct rig *r = *state;

	answer(r, 49161, &message_answer);
	assert_int_equal(count(r), 0);
	ask(r, 49200, &message_request);
	assert_ends(only(r, OBS_USE), SERVER, 49200);
	ask(r, 49200, &message_request);
	assert_int_equal(count(r), 1);
}

static void
what_ends_or_keeps_a_call(void **state)
{
	static const struct {
		unsigned type;
		uint64_t unanswered;
	} cases[] = {{DATAGRAM_FAULT, 0}, {DATAGRAM_REJECT, 0}, {DATAGRAM_WORKING, 1},
	    {DATAGRAM_NOCALL, 1}, {DATAGRAM_FACK, 1}, {DATAGRAM_CANCEL_ACK, 1}};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct datagram_draft request = map_request,
				      reply = {.type = cases[i].type, .seqnum = (uint32_t)i};

		r->stats.rpc.unanswered = 0;
		request.seqnum = (uint32_t)i;
		ask(r, EPM_PORT, &request);
		answer(r, EPM_PORT, &reply);
		request.type = DATAGRAM_PING;
		ask(r, EPM_PORT, &request);
		datagrams_finish(&r->datagrams);
		assert_int_equal(count(r), 0);
		assert_int_equal(r->stats.rpc.unanswered, cases[i].unanswered);
	}
}

static void
nobody_answers_maybe(void **state)
{
	struct rig *r = *state;
	struct datagram_draft draft = map_request;

	draft.flags = DATAGRAM_MAYBE;
	ask(r, EPM_PORT, &draft);
	datagrams_finish(&r->datagrams);
	assert_int_equal(r->stats.rpc.unanswered, 0);
}

/* Asked of everybody: who answers is the server, at the port that was asked. */
static void
broadcast(void **state)
{
	struct rig *r = *state;
	struct datagram_draft draft = message_request;

	draft.flags = DATAGRAM_BROADCAST;
	send(r, CLIENT, CLIENT_PORT, 255, 49200, &draft);
	send(r, OTHER, 49161, CLIENT, CLIENT_PORT, &message_answer);
	assert_ends(only(r, OBS_USE), OTHER, 49200);
}

static void
trap_35_profinet_is_kept_apart(void **state)
{
	struct rig *r = *state;
	struct datagram_draft request = {.iface = UUID_PROFINET, .major = 1, .seqnum = 1},
			      reply = request;
	struct datagram_draft lookup = map_request, found = map_answer;

	reply.type = DATAGRAM_RESPONSE;
	ask(r, 34964, &request);
	answer(r, 49161, &reply);
	assert_int_equal(r->stats.datagram.profinet, 2);
	ask(r, 34964, &lookup); /* its devices' endpoint mapper */
	answer(r, 49161, &found);
	datagrams_finish(&r->datagrams);
	assert_int_equal(count(r), 0);
	assert_int_equal(r->stats.rpc.unanswered, 0);
	assert_int_equal(r->stats.datagram.pdus, 4);
}

/* Where the question to it was not seen, its answer tells by what it names. */
static void
trap_35_profinets_towers(void **state)
{
	struct rig *r = *state;
	static const uint8_t profinet[] = {1, 0, 0xa0, 0xde, 0x97, 0x6c, 0xd1, 0x11, 0x82, 0x71};
	uint8_t stub[sizeof(golden_map_answer) - STUB_AT];
	struct datagram_draft draft = map_answer;

	memcpy(stub, golden_map_answer + STUB_AT, sizeof(stub));
	memcpy(stub + 48 + 5, profinet, sizeof(profinet));
	draft.body = stub;
	answer(r, 49161, &draft);
	assert_int_equal(count(r), 0);
	assert_int_equal(r->stats.datagram.profinet, 1);
}

static void
patience_ends(void **state)
{
	struct rig *r = *state;
	struct patience patience = {.answer_ns = 60 * NS_PER_S};

	ask(r, EPM_PORT, &map_request);
	patience.now_ns = r->frame.at.ts_ns + 60 * NS_PER_S;
	datagrams_tick(&r->datagrams, &patience);
	assert_int_equal(r->stats.rpc.unanswered, 0);
	patience.now_ns++;
	datagrams_tick(&r->datagrams, &patience);
	assert_int_equal(r->stats.rpc.unanswered, 1);
	answer(r, EPM_PORT, &map_answer);
	assert_false(only(r, OBS_EPM)->epm.question.seen);
}

/* More calls than there is room for: the oldest go, and are counted. */
static void
room_for_so_many(void **state)
{
	struct rig *r = *state;
	struct datagram_draft request = map_request, reply = map_answer;

	for (uint32_t i = 0; i < DATAGRAM_CALLS + 10; i++) {
		request.seqnum = i;
		ask(r, EPM_PORT, &request);
	}
	assert_int_equal(r->stats.datagram.evicted, 10);
	assert_int_equal(r->stats.rpc.unanswered, 10);
	reply.seqnum = 9;
	answer(r, EPM_PORT, &reply);
	reply.seqnum = 11;
	answer(r, EPM_PORT, &reply);
	assert_false(obs_queue_at(r->queue, 0)->epm.question.seen);
	assert_true(obs_queue_at(r->queue, 1)->epm.question.seen);
}

static void
no_memory(void **state)
{
	struct rig *r = *state;

	r->budget.cap = 1000;
	ask(r, EPM_PORT, &map_request);
	answer(r, EPM_PORT, &map_answer);
	assert_int_equal(count(r), 0);
	assert_int_equal(r->stats.capped, 2);
}

static void
what_is_none_is_no_matter(void **state)
{
	struct rig *r = *state;

	r->frame.payload = (const uint8_t *)"\x04";
	r->frame.payload_len = r->frame.payload_wire = 1;
	datagrams_frame(&r->datagrams, &r->frame);
	assert_int_equal(r->stats.rpc.pdus, 0);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(question_and_answer),
	    TEST(answer_from_another_port),
	    TEST(answer_from_another_address),
	    TEST(no_question_is_not_proved_where_answers_come_first),
	    TEST(no_question_is_not_proved_where_something_was_missed),
	    TEST(no_question_is_proved_where_both_directions_are_seen),
	    TEST(a_request_that_is_not_answered_may_have_been),
	    TEST(both_directions_have_to_be_recent),
	    TEST(answer_to_another_call),
	    TEST(answer_of_another_interface),
	    TEST(copies_count_once),
	    TEST(trap_16_answer_in_another_order),
	    TEST(without_its_question),
	    TEST(fragments),
	    TEST(question_cut_short),
	    TEST(sealed_calls_are_counted),
	    TEST(a_request_alone_says_nothing),
	    TEST(a_pair_is_a_use),
	    TEST(a_use_of_sealed_calls),
	    TEST(a_use_once_a_minute),
	    TEST(the_answer_before_the_request),
	    TEST(what_ends_or_keeps_a_call),
	    TEST(nobody_answers_maybe),
	    TEST(broadcast),
	    TEST(trap_35_profinet_is_kept_apart),
	    TEST(trap_35_profinets_towers),
	    TEST(patience_ends),
	    TEST(room_for_so_many),
	    TEST(no_memory),
	    TEST(what_is_none_is_no_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
