/* fuzz_pdu.c - any octets as PDUs of a conversation.
 *
 * The input is PDUs one after the other, of either side: each goes to the side that sends its type,
 * what is none goes to either. How they are cut into packets, where the holes are, who opened the
 * connection, and how much room there is, say the octets of the input once more, read from its end:
 * so whole PDUs are good seeds, and any of this can be changed by changing the last ones. */
#include "tests/fuzz/fuzz.h"

#include "base/err.h"
#include "dissect/assoc.h"
#include "dissect/bind.h"
#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/epm.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/pdu.h"
#include "tests/fuzz/check_said.h"
#include "tests/fuzz/check_towers.h"
#include "tests/fuzz/fuzz_queue.h"

/* The first octet from the end. */
enum {
	SCENE_SYN = 0x01,    /* who opened it is known */
	SCENE_SIDE = 0x02,   /* side 1 did */
	SCENE_PORT = 0x04,   /* not port 135 */
	SCENE_PIPE = 0x08,   /* a pipe */
	SCENE_BUDGET = 0x30, /* how tight the budget is */
	SCENE_NARROW = 0x40, /* a queue with little room */
	SCENE_ONE = 0x80,    /* all comes from one side */
};

struct scene {
	uint8_t how;
	const uint8_t *octets; /* read from the end, over and over */
	size_t size, left;
	struct budget budget;
	struct dissect_stats stats;
	struct where now;
	struct assoc_env env;
	struct assoc *assoc;
};

static uint8_t
draw(struct scene *s)
{
	if (s->left == 0)
		s->left = s->size;
	return s->octets[--s->left];
}

static void
check_bind(const struct obs_bind *bind)
{
	CHECK(bind->context_count <= BIND_CONTEXTS);
	CHECK(bind->outcome <= BIND_UNANSWERED);
	CHECK((bind->answered_ns != 0) == (bind->outcome != BIND_UNANSWERED));
	check_text(bind->secondary_address);
	for (size_t i = 0; i < bind->context_count; i++) {
		CHECK(bind->context[i].syntax <= SYNTAX_OTHER);
		if (bind->outcome != BIND_ACKNOWLEDGED)
			CHECK(bind->context[i].result == CONTEXT_UNANSWERED);
	}
}

static void
check_epm(const struct obs_epm *epm)
{
	CHECK(epm->operation == EPM_MAP || epm->operation == EPM_LOOKUP);
	CHECK(epm->tower_count <= EPM_ENTRIES);
	if (!epm->question.seen)
		CHECK(!epm->question.names_interface && epm->question.frame == 0);
	for (size_t i = 0; i < epm->tower_count; i++)
		check_tower(&epm->tower[i]);
}

static void
check_said(const struct scene *s)
{
	CHECK(s->budget.used <= s->budget.cap);
	CHECK(s->budget.refused == 0 || s->stats.capped != 0);
	for (size_t i = 0; i < obs_queue_count(s->env.out); i++) {
		const struct obs *obs = obs_queue_at(s->env.out, i);

		CHECK(obs->server_port != obs->client_port);
		if (obs->kind == OBS_EPM)
			check_epm(&obs->epm);
		else if (obs->kind == OBS_BIND)
			check_bind(&obs->bind);
		else
			check_notice(obs);
	}
}

static int
open_scene(struct scene *s, const uint8_t *data, size_t size)
{
	static const size_t budgets[] = {(size_t)1 << 24, 100000, 4000, 1500};
	struct assoc_side side[2] = {{.port = 50000}, {.port = 135}};
	int client = -1;

	*s = (struct scene){.octets = data, .size = size, .left = size, .now.ts_ns = 1};
	s->how = draw(s);
	if ((s->how & SCENE_PORT) != 0)
		side[1].port = 49152;
	if ((s->how & SCENE_SYN) != 0)
		client = (s->how & SCENE_SIDE) != 0;
	s->budget.cap = budgets[(s->how & SCENE_BUDGET) >> 4];
	s->env = (struct assoc_env){.budget = &s->budget,
	    .stats = &s->stats,
	    .out = empty_queue((s->how & SCENE_NARROW) != 0),
	    .now = &s->now};
	return assoc_new(&s->assoc, &s->env, side,
	    (s->how & SCENE_PIPE) != 0 ? TRANSPORT_NP : TRANSPORT_TCP, client);
}

/* One packet, in memory of its own size. */
static void
feed(struct scene *s, int from, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);

	CHECK(copy != NULL);
	memcpy(copy, data, len);
	s->now.ts_ns++;
	s->now.frame++;
	assoc_data(s->assoc, from, copy, len);
	CHECK(s->budget.used <= s->budget.cap);
	free(copy);
}

/* How much of the input belongs together, and whose it is. */
static size_t
next_line(struct scene *s, const uint8_t *data, size_t size, int *from)
{
	struct pdu_header head;
	size_t len = (size_t)draw(s) + 1;

	*from = (s->how & SCENE_ONE) != 0 ? (s->how & SCENE_SIDE) != 0 : draw(s) & 1;
	if (pdu_header_parse(data, size, &head) == ERR_OK) {
		len = head.frag_len;
		if ((s->how & SCENE_ONE) == 0 && pdu_sender(head.type) != PDU_FROM_BOTH)
			*from = pdu_sender(head.type) == PDU_FROM_SERVER;
	}
	return len < size ? len : size;
}

/* More than a minute goes by, after which much is told. */
static void
wait(struct scene *s)
{
	struct patience patience = {.answer_ns = INT64_C(60000000000), .hole_ns = 1};

	s->now.ts_ns += INT64_C(61000000000);
	patience.now_ns = s->now.ts_ns;
	assoc_expire(s->assoc, &patience);
}

/* A PDU whole, in pieces, or with a hole in it. */
static void
play_line(struct scene *s, int from, const uint8_t *data, size_t len)
{
	uint8_t how = draw(s);
	size_t piece = (how & 3) == 1 ? (size_t)draw(s) + 1 : len, n;

	if ((how & 0xe0) == 0x60)
		wait(s);
	if ((how & 0x1c) == 0x14)
		assoc_gap(s->assoc, from, (uint32_t)draw(s) + 1);
	for (; len != 0; data += n, len -= n) {
		n = len < piece ? len : piece;
		if ((how & 0x1c) == 0x18 && draw(s) < 64)
			assoc_gap(s->assoc, from, (uint32_t)n);
		else
			feed(s, from, data, n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scene s;

	if (size == 0)
		return 0;
	if (open_scene(&s, data, size) == 0) {
		while (size != 0) {
			int from;
			size_t len = next_line(&s, data, size, &from);

			play_line(&s, from, data, len);
			data += len;
			size -= len;
		}
		if ((draw(&s) & 3) != 1)
			assoc_finish(s.assoc);
		check_said(&s);
		(void)assoc_is_rpc(s.assoc);
		assoc_free(&s.assoc);
	}
	CHECK(s.assoc == NULL && s.budget.used == 0);
	return 0;
}
