/* fuzz_emsmdb.c - any octets as a stub of EcRRegisterPushNotification or of its answer, and calls of any kind to Exchange's store.
 *
 * The first octet: bit 0 big-endian, bit 1 NDR64, bits 2-3 what follows (0 the question's stub, 1 the answer's, 2 and 3 steps), bit 4
 * the syntax was accepted, bit 5 little room. Steps are an octet, a length of two octets and as much of a stub: bits 0-1 of the octet
 * 0 a request, 1 a response, 2 a fault, 3 the server's next octets are missing, or a minute goes by where the length is even; bit 2
 * sealed, bit 3 AsyncEMSMDB, bits 4-7 the opnum of a request, and how much later it comes. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/err.h"
#include "dissect/assoc.h"
#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/emsmdb.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/stub.h"
#include "tests/fuzz/check_said.h"
#include "tests/fuzz/fuzz_queue.h"
#include "tests/unit/rpc_build.h"

#define SECOND INT64_C(1000000000)

enum {
	CLIENT = 0,
	SERVER = 1,
	STUB_MOST = 1000,
};

struct store {
	struct budget budget;
	struct dissect_stats stats;
	struct where now;
	struct assoc_env env;
	struct assoc *assoc;
	bool le;
	uint32_t call;
	size_t asked, told; /* registrations */
};

static struct message m;

static void
try_question(const struct rpc_stub *stub)
{
	struct obs_registration got = {0};
	int r = emsmdb_parse_registration(stub, &got);

	CHECK(r == ERR_OK || r == ERR_TRUNC || r == ERR_MALFORMED);
	if (r != ERR_OK)
		return;
	CHECK(!got.answered && !got.sealed && got.status == 0);
	check_registration(&got);
	CHECK(got.context_len + 40 <= stub->len);
}

static void
try_answer(const struct rpc_stub *stub)
{
	uint32_t status;
	int r = emsmdb_parse_registered(stub, &status);

	CHECK(r == (stub->len < 28 ? ERR_TRUNC : ERR_OK));
}

static void
feed(struct store *s, int from)
{
	uint8_t *copy = malloc(m.len);

	CHECK(copy != NULL);
	memcpy(copy, m.octets, m.len);
	s->now.frame++;
	assoc_data(s->assoc, from, copy, m.len);
	free(copy);
	CHECK(s->budget.used <= s->budget.cap);
}

static void
check_all(struct store *s)
{
	for (size_t i = 0; i < obs_queue_count(s->env.out); i++) {
		const struct obs *obs = obs_queue_at(s->env.out, i);

		if (obs->kind == OBS_BIND)
			continue;
		check_notice(obs);
		s->told += obs->kind == OBS_REGISTRATION;
	}
	obs_queue_reset(s->env.out);
	CHECK(s->told <= s->asked);
}

static void
bind_to(struct store *s, const char *syntax, bool accepted)
{
	const struct offer offers[] = {{0, UUID_STORE, 0, 81, syntax},
	    {1, "5261574a-4572-206e-b268-6b199213b4e4", 0, 1, syntax}};
	const struct verdict verdicts[] = {{0, 0, syntax}, {0, 0, syntax}};

	build_offer(&m, PDU_BIND, 1, offers, 2);
	feed(s, CLIENT);
	if (!accepted)
		return;
	build_verdict(&m, PDU_BIND_ACK, 1, "1032", 5, verdicts, 2);
	feed(s, SERVER);
}

static void
say(struct store *s, uint8_t how, enum pdu_type type, const uint8_t *stub, size_t len)
{
	s->call += type == PDU_REQUEST;
	msg_call(&m, s->le, type, WHOLE, s->call, how >> 3 & 1, how >> 4);
	msg_bytes(&m, stub, len);
	if ((how & 4) != 0)
		msg_auth(&m, PDU_PRIVACY, 0, 0, 16);
	msg_end(&m);
	s->asked += type == PDU_REQUEST && (how >> 3 & 1) == 0 && how >> 4 == EMSMDB_REGISTER;
	s->now.ts_ns += (how >> 4) * SECOND;
	feed(s, type == PDU_REQUEST ? CLIENT : SERVER);
}

static void
step(struct store *s, uint8_t how, const uint8_t *stub, size_t len)
{
	static const enum pdu_type types[] = {PDU_REQUEST, PDU_RESPONSE, PDU_FAULT};
	struct patience patience = {.answer_ns = 60 * SECOND, .hole_ns = SECOND};

	if ((how & 3) != 3) {
		say(s, how, types[how & 3], stub, len);
	} else if (len % 2 != 0) {
		assoc_gap(s->assoc, SERVER, (uint32_t)len);
	} else {
		patience.now_ns = s->now.ts_ns + 61 * SECOND;
		assoc_expire(s->assoc, &patience);
	}
	check_all(s);
}

static void
try_calls(const uint8_t *data, size_t size, uint8_t how)
{
	static const struct assoc_side side[2] = {{.port = 50000}, {.port = 1032}};
	struct store s = {.budget.cap = (how & 32) != 0 ? 6000 : 1 << 20,
	    .now.ts_ns = 1,
	    .le = (how & 1) == 0,
	    .call = 1};

	s.env = (struct assoc_env){.budget = &s.budget,
	    .stats = &s.stats,
	    .out = empty_queue((how & 32) != 0),
	    .now = &s.now};
	if (assoc_new(&s.assoc, &s.env, side, TRANSPORT_TCP, CLIENT) != 0)
		return;
	bind_to(&s, (how & 2) != 0 ? UUID_NDR64 : UUID_NDR, (how & 16) != 0);
	while (size >= 3) {
		size_t len = (size_t)data[1] | (size_t)data[2] << 8, left = size - 3;

		len = len < left ? len : left;
		step(&s, data[0], data + 3, len < STUB_MOST ? len : STUB_MOST);
		data += 3 + len;
		size -= 3 + len;
	}
	assoc_finish(s.assoc);
	check_all(&s);
	assoc_free(&s.assoc);
	CHECK(s.budget.used == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc_stub stub;

	if (size == 0)
		return 0;
	stub = (struct rpc_stub){.data = data + 1,
	    .len = size - 1,
	    .le = (data[0] & 1) == 0,
	    .ndr64 = (data[0] & 2) != 0};
	switch (data[0] >> 2 & 3) {
	case 0:
		try_question(&stub);
		break;
	case 1:
		try_answer(&stub);
		break;
	default:
		try_calls(data + 1, size - 1, data[0]);
	}
	return 0;
}
