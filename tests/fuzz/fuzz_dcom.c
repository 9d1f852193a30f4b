/* fuzz_dcom.c - any octets as a stub of DCOM's resolver and activators or of the referral service, and as a token with a challenge.
 *
 * The first octet is as fuzz.h has it. */
#include "tests/fuzz/fuzz.h"

#include "base/err.h"
#include "dissect/dcom.h"
#include "dissect/dualstring.h"
#include "dissect/ntlm.h"
#include "dissect/obs_queue.h"
#include "dissect/referral.h"
#include "dissect/stub.h"
#include "tests/fuzz/check_said.h"

enum {
	OPERATIONS = OXID_GET_CLASS_OBJECT + 1,
	REFERRALS = 2,
};

static bool
lies_in(const struct cursor *c, const struct rpc_stub *stub)
{
	return cur_left(c) == 0 ||
	       (c->pos >= stub->data && c->end <= stub->data + stub->len && c->pos <= c->end);
}

static void
check_bindings(const struct dcom_answer *a, struct obs_queue *queue)
{
	size_t count, octets = cur_left(&a->strings);
	const struct obs_binding *b = dualstring_bindings(&a->strings, queue, &count);

	CHECK(count <= DUALSTRING_BINDINGS && count <= octets / 4);
	for (size_t i = 0; b != NULL && i < count; i++) {
		if (b[i].host_known || b[i].host_name != NULL)
			check_binding(&b[i]);
	}
}

static void
try_dcom(enum oxid_operation operation, const struct rpc_stub *stub, struct obs_queue *queue)
{
	struct dcom_question question;
	struct dcom_answer answer;
	int r = dcom_parse_question(operation, stub, &question);

	CHECK(r == ERR_OK || r == ERR_MALFORMED);
	CHECK(question.iid_count <= DCOM_IIDS && question.iid_count <= stub->len / 16);
	r = dcom_parse_answer(operation, stub, &answer);
	CHECK(r == ERR_OK || r == ERR_MALFORMED);
	if (r != ERR_OK)
		return;
	CHECK(lies_in(&answer.strings, stub) && lies_in(&answer.iids, stub) &&
	      lies_in(&answer.results, stub));
	CHECK(answer.has_bindings || cur_left(&answer.strings) == 0);
	check_bindings(&answer, queue);
}

static void
try_referral(
    enum referral_operation operation, const struct rpc_stub *stub, struct obs_queue *queue)
{
	struct obs_referral referral;
	int r = referral_parse_answer(operation, stub, queue, &referral);

	CHECK(r == ERR_OK || r == ERR_MALFORMED);
	if (r == ERR_OK)
		check_text(referral.to);
}

static void
try_token(const struct rpc_stub *stub, struct obs_queue *queue)
{
	struct obs_names names;
	bool found = ntlm_challenge_names(stub->data, stub->len, queue, &names);

	CHECK(found == (names.host != NULL));
	check_text(names.host);
	CHECK(names.alias_count <= 1 && (names.alias_count == 0 || names.alias != NULL));
	if (names.alias_count == 1) {
		CHECK(names.alias[0] != NULL);
		check_text(names.alias[0]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct obs_queue *roomy, *narrow;
	struct obs_queue *queue;
	struct rpc_stub stub;
	unsigned what;

	if (size == 0)
		return 0;
	if (roomy == NULL) {
		CHECK(obs_queue_new(&roomy, (size_t)1 << 20) == 0);
		CHECK(obs_queue_new(&narrow, 600) == 0);
	}
	what = (data[0] >> 2 & 15) % (OPERATIONS + REFERRALS + 1);
	stub = (struct rpc_stub){.data = data + 1,
	    .len = size - 1,
	    .le = (data[0] & 1) == 0,
	    .ndr64 = (data[0] & 2) != 0};
	queue = (data[0] & 64) != 0 ? narrow : roomy;
	obs_queue_reset(queue);
	if (what < OPERATIONS)
		try_dcom((enum oxid_operation)what, &stub, queue);
	else if (what < OPERATIONS + REFERRALS)
		try_referral((enum referral_operation)(what - OPERATIONS), &stub, queue);
	else
		try_token(&stub, queue);
	return 0;
}
