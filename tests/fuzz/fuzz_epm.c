/* fuzz_epm.c - any octets as a stub of the endpoint mapper, read as a question and as an answer.
 *
 * The first octet is as fuzz.h has it; its bit 4 asks for a queue with little room. */
#include "tests/fuzz/fuzz.h"

#include "base/err.h"
#include "dissect/epm.h"
#include "dissect/obs_queue.h"
#include "tests/fuzz/check_towers.h"

static void
try_answer(enum epm_operation operation, const struct rpc_stub *stub, struct obs_queue *queue)
{
	struct obs_epm answer = {0};
	int r = epm_parse_answer(operation, stub, queue, &answer);

	CHECK(r == ERR_OK || r == ERR_TRUNC || r == ERR_MALFORMED || r == ERR_CAP);
	CHECK(answer.tower_count <= EPM_ENTRIES);
	CHECK(answer.tower_count <= stub->len / 8);
	CHECK(answer.damaged == (r == ERR_MALFORMED));
	if (epm_looks_like_answer(operation, stub))
		CHECK(r != ERR_TRUNC);
	for (size_t i = 0; i < answer.tower_count; i++)
		check_tower(&answer.tower[i]);
}

static void
try_question(enum epm_operation operation, const struct rpc_stub *stub, struct obs_queue *queue)
{
	struct obs_epm_question question = {0};
	int r = epm_parse_question(operation, stub, queue, &question);

	CHECK(r == ERR_OK || r == ERR_MALFORMED);
	CHECK((unsigned)question.protseq < PROTSEQ_COUNT);
	CHECK(!question.seen && !question.side_visible);
	if (epm_looks_like_question(operation, stub))
		CHECK(r == ERR_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct obs_queue *roomy, *narrow;
	enum epm_operation operation;
	struct obs_queue *queue;
	struct rpc_stub stub;

	if (size == 0)
		return 0;
	if (roomy == NULL) {
		CHECK(obs_queue_new(&roomy, (size_t)1 << 20) == 0);
		CHECK(obs_queue_new(&narrow, 600) == 0);
	}
	operation = (data[0] & 8) != 0 ? EPM_LOOKUP : EPM_MAP;
	stub = (struct rpc_stub){.data = data + 1,
	    .len = size - 1,
	    .le = (data[0] & 1) == 0,
	    .ndr64 = (data[0] & 2) != 0};
	queue = (data[0] & 16) != 0 ? narrow : roomy;
	obs_queue_reset(queue);
	try_answer(operation, &stub, queue);
	obs_queue_reset(queue);
	try_question(operation, &stub, queue);
	return 0;
}
