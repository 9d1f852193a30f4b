/* fuzz_tower.c - any octets as a protocol tower. */
#include "tests/fuzz/fuzz.h"

#include "base/err.h"
#include "dissect/obs_queue.h"
#include "dissect/tower.h"
#include "tests/fuzz/check_towers.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct obs_queue *queue;
	struct obs_tower tower;
	int r;

	if (queue == NULL)
		CHECK(obs_queue_new(&queue, (size_t)1 << 20) == 0);
	obs_queue_reset(queue);
	r = tower_parse(data, size, queue, &tower);
	CHECK(r == ERR_OK || r == ERR_TRUNC || r == ERR_MALFORMED);
	if (r != ERR_OK)
		return 0;
	CHECK(tower.octets_len == size || tower.octets == NULL);
	CHECK(tower.octets == NULL || memcmp(tower.octets, data, size) == 0);
	check_tower(&tower);
	return 0;
}
