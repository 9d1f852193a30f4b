/* test_marks.c - packets that a sieve marked give what they give when all are looked at: the same observations at the same
 * packets, and the same counters. With conversations, lies, losses and damage of all kinds; and the salt changes nothing.
 *
 * A million packets; twenty where EPMWATCH_LONG is set, a quarter where EPMWATCH_QUICK is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/dissector.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/sieve.h"
#include "golden_talks.h"
#include "tests/unit/wild.h"

enum {
	CONVERSATIONS = 48,
	BATCHES = 100,
	SEEDS = 40,
	TALKS = sizeof(golden_talks) / sizeof(golden_talks[0]),
	QUEUE = 4 << 20
};

enum phase {
	PHASE_SYN,
	PHASE_ANSWER,
	PHASE_TALK,
	PHASE_FIN,
	PHASE_OVER
};

/* A connection as both hosts see it. */
struct party {
	struct wild_end end[2]; /* the client's, the server's */
	enum wild_form form;
	enum link link;
	enum phase phase;
	uint32_t next[2];
	const struct talk *talk; /* NULL: it lies */
	size_t line, at;
};

static struct party party[CONVERSATIONS];
static struct wire wire[BATCH_PACKETS];
static uint64_t frame_number;

static void
begin(struct wild *r, struct party *p)
{
	bool lies = wild_chance(r, 30);

	*p = (struct party){.end = {wild_end(r), wild_end(r)},
	    .form = (enum wild_form)wild_below(r, WILD_FORMS),
	    .link = wild_link_kind(r),
	    .phase = wild_chance(r, 20) ? PHASE_TALK : PHASE_SYN,
	    .next = {(uint32_t)wild_u64(r), (uint32_t)wild_u64(r)},
	    .talk = lies ? NULL : &golden_talks[wild_below(r, TALKS)]};
	p->end[0].port = 1024 + wild_below(r, 60);
	if (p->talk != NULL && wild_chance(r, 60))
		p->end[1].port = p->talk->port;
}

static void
send_as(struct wild *r, struct wire *w, const struct party *p, int from, unsigned flags,
    const uint8_t *payload, size_t len)
{
	struct wild_tcp t = {
	    p->form, p->end[from], p->end[1 - from], p->next[from], p->next[1 - from], flags};

	if (wild_chance(r, 3)) /* lost, forged or reordered */
		t.seq += wild_below(r, 400);
	w->len = 0;
	wild_segment(r, w, p->link, &t, payload, len);
}

/* The next piece of what is to be said; the last piece of a line is the whole rest of it, mostly. */
static void
talk(struct wild *r, struct wire *w, struct party *p)
{
	const struct line *line = &p->talk->line[p->line];
	size_t left = line->len - p->at, most = left < 1400 ? left : 1400;
	size_t n = wild_chance(r, 70) ? most : 1 + wild_below(r, (unsigned)most);

	send_as(r, w, p, line->from, TCP_ACK, line->octets + p->at, n);
	p->next[line->from] += (uint32_t)n;
	p->at += n;
	if (p->at < line->len)
		return;
	p->at = 0;
	if (++p->line == p->talk->lines)
		p->phase = PHASE_FIN;
}

static void
lie(struct wild *r, struct wire *w, struct party *p)
{
	uint8_t payload[40];
	size_t len = wild_payload(r, payload, sizeof(payload) - 12);
	int from = (int)wild_below(r, 2);

	send_as(r, w, p, from, TCP_ACK, payload, len);
	p->next[from] += (uint32_t)len;
	if (wild_chance(r, 10))
		p->phase = PHASE_FIN;
}

static void
step(struct wild *r, struct wire *w, struct party *p)
{
	switch (p->phase) {
	case PHASE_SYN:
		send_as(r, w, p, 0, TCP_SYN, NULL, 0);
		p->next[0]++;
		p->phase = PHASE_ANSWER;
		break;
	case PHASE_ANSWER:
		send_as(r, w, p, 1, TCP_SYN | TCP_ACK, NULL, 0);
		p->next[1]++;
		p->phase = PHASE_TALK;
		break;
	case PHASE_TALK:
		(p->talk != NULL ? talk : lie)(r, w, p);
		break;
	case PHASE_FIN:
		send_as(r, w, p, 0, wild_chance(r, 50) ? TCP_FIN | TCP_ACK : TCP_RST, NULL, 0);
		p->phase = PHASE_OVER;
		break;
	case PHASE_OVER:
		send_as(r, w, p, 1, TCP_FIN | TCP_ACK, NULL, 0);
		begin(r, p);
		break;
	}
}

static struct packet
next_packet(struct wild *r, struct wire *w)
{
	struct party *p = &party[wild_below(r, CONVERSATIONS)];

	if (wild_chance(r, 30))
		return wild_packet(r, w, 20);
	if (wild_chance(r, 4)) /* a loss: what is said now is never seen */
		step(r, w, p);
	step(r, w, p);
	wild_padding(r, w);
	return wild_view(r, w, p->link, 2);
}

static void
fill(struct wild *r, struct batch *batch)
{
	batch->count = 1 + wild_below(r, BATCH_PACKETS);
	for (size_t i = 0; i < batch->count; i++) {
		size_t copied = wild_below(r, BATCH_PACKETS);

		/* Mirror ports send packets twice. */
		if (copied < i && wild_chance(r, 3))
			batch->packet[i] = batch->packet[copied];
		else
			batch->packet[i] = next_packet(r, &wire[i]);
		batch->packet[i].frame = ++frame_number;
		batch->packet[i].ts_ns = (int64_t)frame_number * 700000;
	}
}

/* One dissector with what it was told and what it said. */
struct side {
	struct dissector *dissector;
	struct hints *hints;
	struct obs_queue *queue;
	struct sieve sieve;
	bool sieved;
	uint64_t digest; /* of all it said */
	size_t said;
};

static void
mix(struct side *s, uint64_t value)
{
	struct wild w = {s->digest ^ value};

	s->digest = wild_u64(&w);
}

static void
mix_bytes(struct side *s, const void *data, size_t len)
{
	const uint8_t *p = data;

	mix(s, len);
	for (size_t i = 0; i < len; i++)
		mix(s, p[i]);
}

static void
mix_text(struct side *s, const char *text)
{
	mix_bytes(s, text, text != NULL ? strlen(text) : 0);
}

static void
mix_where(struct side *s, const struct where *at)
{
	mix(s, (uint64_t)at->ts_ns);
	mix(s, at->frame);
	mix_bytes(s, &at->src, sizeof(at->src));
	mix_bytes(s, &at->dst, sizeof(at->dst));
	mix(s, at->sport * UINT64_C(65536) + at->dport);
	for (int i = 0; i < at->vlan_count; i++)
		mix(s, at->vlan[i]);
}

static void
mix_interface(struct side *s, const struct if_id *iface)
{
	mix_bytes(s, &iface->uuid, sizeof(iface->uuid));
	mix(s, iface->major * UINT64_C(65536) + iface->minor);
}

static void
mix_epm(struct side *s, const struct obs *obs)
{
	const struct obs_epm *epm = &obs->epm;

	mix(s, epm->operation);
	mix(s, epm->status);
	mix(s, (uint64_t)epm->damaged << 4 | (uint64_t)epm->handle_live << 3 |
		   (uint64_t)epm->question.seen << 2 | (uint64_t)epm->question.side_visible << 1 |
		   epm->ndr64);
	mix(s, epm->question.frame);
	for (size_t i = 0; i < epm->tower_count; i++) {
		mix_interface(s, &epm->tower[i].iface);
		mix_bytes(s, epm->tower[i].octets, epm->tower[i].octets_len);
		mix(s, epm->tower[i].port);
		mix_text(s, epm->tower[i].annotation);
		if (epm->tower[i].protseq == PROTSEQ_TCP)
			hints_learn(s->hints, &obs->server, epm->tower[i].port);
	}
}

static void
mix_bind(struct side *s, const struct obs *obs)
{
	const struct obs_bind *bind = &obs->bind;

	mix(s, bind->outcome);
	mix(s, (uint64_t)bind->alter << 1 | bind->has_auth);
	mix(s, (uint64_t)bind->answered_ns);
	mix_text(s, bind->secondary_address);
	for (size_t i = 0; i < bind->context_count; i++) {
		mix_interface(s, &bind->context[i].iface);
		mix(s, bind->context[i].id * UINT64_C(65536) + bind->context[i].result);
	}
}

/* Take in all that ${s} said after the packet before index ${at}; its endpoints are hints from now on. */
static void
drain(struct side *s, size_t at)
{
	for (size_t i = 0; i < obs_queue_count(s->queue); i++) {
		const struct obs *obs = obs_queue_at(s->queue, i);

		mix(s, at);
		mix(s, obs->kind);
		mix_where(s, &obs->at);
		mix_bytes(s, &obs->server, sizeof(obs->server));
		mix_bytes(s, &obs->client, sizeof(obs->client));
		mix(s, obs->server_port * UINT64_C(65536) + obs->client_port);
		if (obs->kind == OBS_EPM)
			mix_epm(s, obs);
		else if (obs->kind == OBS_BIND)
			mix_bind(s, obs);
		else if (obs->kind == OBS_USE)
			mix_interface(s, &obs->use.iface);
		else if (obs->kind == OBS_SEALED)
			mix(s, obs->sealed.calls);
		else if (obs->kind == OBS_REACH)
			mix(s, obs->reach.how);
		s->said++;
	}
	obs_queue_reset(s->queue);
}

static void
take(struct side *s, struct batch *batch)
{
	if (s->sieved)
		s->sieve.look(&s->sieve, batch);
	else
		memset(batch->mark, MARK_ALWAYS, sizeof(batch->mark));
	for (size_t i = 0; i < batch->count;) {
		i = dissector_batch(s->dissector, batch, i, batch->count, s->queue);
		if (obs_queue_count(s->queue) > 0)
			drain(s, i);
	}
}

static void
open_side(struct side *s, const struct dissect_limits *limits, bool sieved)
{
	*s = (struct side){.sieved = sieved};
	sieve_init(&s->sieve, limits->salt);
	assert_int_equal(hints_new(&s->hints), 0);
	assert_int_equal(obs_queue_new(&s->queue, QUEUE), 0);
	assert_int_equal(dissector_new(&s->dissector, limits, s->hints), 0);
}

static void
close_side(struct side *s)
{
	dissector_free(&s->dissector);
	obs_queue_free(&s->queue);
	hints_free(&s->hints);
}

static void
expect_same(const struct side *a, const struct side *b)
{
	assert_int_equal(a->said, b->said);
	assert_int_equal(a->digest, b->digest);
	assert_memory_equal(dissector_stats(a->dissector), dissector_stats(b->dissector),
	    sizeof(struct dissect_stats));
}

/* What happened in all rounds, so that the test is known to have tested something. */
static struct {
	size_t packets, overlooked, said;
	uint64_t streams, evicted, given_up, gaps, capped, learned;
} sum;

static void
note(const struct side *s)
{
	const struct dissect_stats *stats = dissector_stats(s->dissector);

	sum.said += s->said;
	sum.streams += stats->tcp.streams;
	sum.evicted += stats->tcp.evicted;
	sum.given_up += stats->tcp.given_up;
	sum.gaps += stats->tcp.gaps;
	sum.capped += stats->capped;
	sum.learned += hints_count(s->hints);
}

static void
count_marks(const struct side *s, struct batch *batch)
{
	s->sieve.look(&s->sieve, batch);
	sum.packets += batch->count;
	for (size_t i = 0; i < batch->count; i++)
		sum.overlooked += batch->mark[i].kind == MARK_FLOW;
}

static void
run(uint64_t seed)
{
	static struct batch batch;
	struct wild r = {seed};
	struct dissect_limits limits = {.flows = seed % 3 != 0 ? 8 + wild_below(&r, 100) : 0,
	    .buffer_bytes = seed % 2 != 0 ? 20000 : 0,
	    .salt = wild_u64(&r)};
	struct side marked, whole;

	open_side(&marked, &limits, true);
	limits.salt = seed; /* changes no result */
	open_side(&whole, &limits, false);
	frame_number = 0;
	for (int i = 0; i < CONVERSATIONS; i++)
		begin(&r, &party[i]);
	for (int i = 0; i < 2 * BATCHES; i++) {
		fill(&r, &batch);
		count_marks(&marked, &batch);
		take(&marked, &batch);
		take(&whole, &batch);
		expect_same(&marked, &whole);
	}
	dissector_finish(marked.dissector, marked.queue);
	dissector_finish(whole.dissector, whole.queue);
	drain(&marked, 0);
	drain(&whole, 0);
	expect_same(&marked, &whole);
	note(&marked);
	close_side(&marked);
	close_side(&whole);
}

static void
test_marked_packets_give_what_all_packets_give(void **state)
{
	uint64_t seeds = getenv("EPMWATCH_LONG") != NULL ? 20 * SEEDS : SEEDS;
	size_t part = 1;

	(void)state;
	if (getenv("EPMWATCH_QUICK") != NULL) {
		part = 4;
		seeds /= part;
	}
	memset(&sum, 0, sizeof(sum));
	for (uint64_t seed = 1; seed <= seeds; seed++)
		run(seed);
	assert_true(sum.packets > 1000000 / part);
	assert_true(sum.overlooked > sum.packets / 5);
	assert_true(sum.said > 20000 / part);
	assert_true(sum.streams > 20000 / part);
	assert_true(sum.evicted > 1000 / part);
	assert_true(sum.given_up > 1000 / part);
	assert_true(sum.gaps > 1000 / part);
	assert_true(sum.capped > 10);
	assert_true(sum.learned > 20);
	print_message("%zu packets, %zu marked by flow, %zu observations, %zu streams, %zu "
		      "evicted, %zu given up, %zu gaps, %zu capped, %zu learned\n",
	    sum.packets, sum.overlooked, sum.said, (size_t)sum.streams, (size_t)sum.evicted,
	    (size_t)sum.given_up, (size_t)sum.gaps, (size_t)sum.capped, (size_t)sum.learned);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_marked_packets_give_what_all_packets_give),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
