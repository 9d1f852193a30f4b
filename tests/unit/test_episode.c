/* test_episode.c - one endpoint from first to last sight. */
#include "track/episode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/track_feed.h"
#include "track/sighting.h"

static struct evidence
evidence(int64_t ts_ns, unsigned client)
{
	return (struct evidence){
	    .ts_ns = ts_ns, .frame = (uint64_t)ts_ns, .client = feed_addr(client)};
}

static void
see(struct episode *e, enum evidence_source source, int64_t ts_ns, unsigned client)
{
	struct sighting s = {.source = source, .minor = (uint16_t)ts_ns};
	struct evidence at = evidence(ts_ns, client);

	episode_see(e, &s, &at);
}

static struct mapping *
mapping(void)
{
	struct mapping *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	return m;
}

static struct episode *
open(struct mapping *m, uint16_t port)
{
	struct endpoint endpoint = {.port = port};
	struct episode *e = NULL;

	assert_int_equal(episode_open(m, &endpoint, &e), 0);
	return e;
}

static void
sightings_are_counted_by_source(void **state)
{
	struct mapping *m = mapping();
	struct episode *e = open(m, 1);

	(void)state;
	see(e, EVIDENCE_MAP, 1, 1);
	see(e, EVIDENCE_LOOKUP, 2, 1);
	see(e, EVIDENCE_BIND, 3, 1);
	see(e, EVIDENCE_ATTEMPT, 4, 1);
	see(e, EVIDENCE_OXID, 5, 1);
	see(e, EVIDENCE_RESPONSE, 6, 1);
	see(e, EVIDENCE_TRAILER, 7, 2);
	see(e, EVIDENCE_DATAGRAM, 8, 2);
	assert_int_equal(e->announced, 3);
	assert_int_equal(e->used, 4);
	assert_int_equal(e->client_count, 2);
	assert_int_equal(e->attempted, 1);
	assert_true(e->dirty);
	mapping_free(&m);
}

static void
late_evidence_moves_the_first_sight_back_and_the_last_never(void **state)
{
	struct mapping *m = mapping();
	struct episode *e = open(m, 1);

	(void)state;
	see(e, EVIDENCE_MAP, 100, 1);
	see(e, EVIDENCE_BIND, 90, 2);
	assert_int_equal(e->first_ns, 90);
	assert_int_equal(e->first.frame, 90);
	assert_int_equal(e->first.source, EVIDENCE_BIND);
	assert_int_equal(e->last_ns, 100);
	assert_int_equal(e->last.source, EVIDENCE_MAP);
	assert_int_equal(e->minor, 100);
	see(e, EVIDENCE_BIND, 95, 2);
	assert_int_equal(e->first_ns, 90);
	assert_int_equal(e->last_ns, 100);
	see(e, EVIDENCE_BIND, 110, 2);
	assert_int_equal(e->last_ns, 110);
	mapping_free(&m);
}

static void
an_attempt_is_no_sight_of_what_is_proven(void **state)
{
	struct mapping *m = mapping();
	struct episode *e = open(m, 1);

	(void)state;
	see(e, EVIDENCE_MAP, 100, 1);
	see(e, EVIDENCE_ATTEMPT, 90, 2);
	see(e, EVIDENCE_ATTEMPT, 110, 2);
	assert_int_equal(e->first_ns, 100);
	assert_int_equal(e->last_ns, 100);
	assert_int_equal(e->client_count, 1);
	assert_int_equal(e->attempted, 2);
	mapping_free(&m);
}

static void
sights_begin_anew_with_what_proves_the_endpoint(void **state)
{
	struct mapping *m = mapping();
	struct episode *e = open(m, 1);

	(void)state;
	see(e, EVIDENCE_ATTEMPT, 20, 1);
	see(e, EVIDENCE_ATTEMPT, 10, 2);
	assert_int_equal(e->first_ns, 10);
	assert_int_equal(e->last_ns, 20);
	assert_int_equal(e->client_count, 0);
	see(e, EVIDENCE_BIND, 15, 3);
	assert_int_equal(e->first_ns, 15);
	assert_int_equal(e->last_ns, 15);
	assert_int_equal(e->first.source, EVIDENCE_BIND);
	assert_int_equal(e->client_count, 1);
	assert_int_equal(e->attempted, 2);
	mapping_free(&m);
}

static void
clients_are_exact_up_to_the_cap_and_estimated_beyond(void **state)
{
	struct mapping *m = mapping();
	struct episode *e = open(m, 1);

	(void)state;
	for (unsigned i = 0; i < CLIENTS_EXACT; i++) {
		see(e, EVIDENCE_BIND, 1, (i * 7) % CLIENTS_EXACT);
		see(e, EVIDENCE_BIND, 1, (i * 7) % CLIENTS_EXACT);
	}
	assert_int_equal(e->client_count, CLIENTS_EXACT);
	assert_false(e->clients_estimated);
	for (unsigned i = 1; i < CLIENTS_EXACT; i++)
		assert_true(addr_compare(&e->client[i - 1], &e->client[i]) < 0);
	see(e, EVIDENCE_BIND, 1, CLIENTS_EXACT);
	assert_int_equal(e->client_count, CLIENTS_EXACT);
	assert_true(e->clients_estimated);
	mapping_free(&m);
}

static void
the_last_annotation_stays(void **state)
{
	struct mapping *m = mapping();
	struct episode *e = open(m, 1);
	struct sighting s = {
	    .source = EVIDENCE_LOOKUP, .annotation = "MS Exchange Directory NSP Interface"};
	struct evidence at = evidence(1, 1);

	(void)state;
	episode_see(e, &s, &at);
	see(e, EVIDENCE_MAP, 2, 1);
	assert_string_equal(e->annotation, "MS Exchange Directory NSP Interface");
	mapping_free(&m);
}

static void
an_end_at_time_zero_is_an_end(void **state)
{
	struct mapping *m = mapping();

	(void)state;
	episode_end(open(m, 1), 0);
	assert_int_not_equal(m->episode[0].ended_ns, 0);
	assert_null(episode_alive(m, &m->episode[0].endpoint));
	assert_ptr_equal(episode_ended(m, &m->episode[0].endpoint), &m->episode[0]);
	mapping_free(&m);
}

static void
the_set_is_what_is_alive_and_proven_sorted(void **state)
{
	struct mapping *m = mapping();
	struct endpoint set[4];

	(void)state;
	see(open(m, 30), EVIDENCE_MAP, 1, 1);
	see(open(m, 10), EVIDENCE_BIND, 1, 1);
	see(open(m, 20), EVIDENCE_ATTEMPT, 1, 1);
	see(open(m, 40), EVIDENCE_MAP, 1, 1);
	episode_end(&m->episode[3], 2);
	assert_int_equal(episode_set(m, set), 2);
	assert_int_equal(set[0].port, 10);
	assert_int_equal(set[1].port, 30);
	mapping_free(&m);
}

static void
trimming_drops_what_ended_first_and_the_store_has(void **state)
{
	struct mapping *m = mapping();

	(void)state;
	for (uint16_t i = 0; i < 5; i++) {
		struct episode *e = open(m, (uint16_t)(100 + i));

		see(e, EVIDENCE_MAP, 1, 1);
		if (i < 4)
			episode_end(e, 50 - i);
		e->row = i == 3 ? 0 : i + 1;
		e->dirty = i == 2;
	}
	episode_trim(m, 4);
	assert_int_equal(m->episode_count, 4);
	assert_int_equal(m->episode[0].endpoint.port, 100);
	episode_trim(m, 2);
	/* 103 has no row, 102 is dirty, 104 is alive: they stay; of the others 101 ended before
	 * 100. */
	assert_int_equal(m->episode_count, 3);
	assert_int_equal(m->episode[0].endpoint.port, 102);
	assert_int_equal(m->episode[1].endpoint.port, 103);
	assert_int_equal(m->episode[2].endpoint.port, 104);
	m->episode[0].dirty = false;
	episode_trim(m, 3);
	assert_int_equal(m->episode_count, 3);
	episode_trim(m, 2);
	assert_int_equal(m->episode[0].endpoint.port, 103);
	mapping_free(&m);
}

/* The store's marks stay with the clients that they are of. */
static void
marks_of_clients_move_with_them(void **state)
{
	struct mapping *m = mapping();
	struct episode *e = open(m, 49152);

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		see(e, EVIDENCE_MAP, (int64_t)i + 1, 10 * i + 100);
	uint32_t kept = e->client_count;
	assert_int_equal(kept, 8);
	e->clients_kept = 0xff;
	see(e, EVIDENCE_MAP, 20, 1);
	assert_int_equal(e->clients_kept, 0x1fe);
	see(e, EVIDENCE_MAP, 21, 250);
	assert_int_equal(e->clients_kept, 0x1fe);
	see(e, EVIDENCE_MAP, 22, 115);
	assert_int_equal(e->client_count, 11);
	/* 1, 100, 110, and behind the new one 120 to 170, and 250 */
	assert_int_equal(e->clients_kept, 0x3f6);
	mapping_free(&m);
}

static void
bytes_grow_with_episodes_and_clients(void **state)
{
	struct mapping *m = mapping();
	size_t empty = episode_bytes(m), one;

	(void)state;
	see(open(m, 1), EVIDENCE_MAP, 1, 1);
	one = episode_bytes(m);
	assert_true(one >= empty + sizeof(struct episode) + sizeof(struct addr));
	see(&m->episode[0], EVIDENCE_MAP, 1, 2);
	assert_int_equal(episode_bytes(m), one + sizeof(struct addr));
	mapping_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sightings_are_counted_by_source),
	    cmocka_unit_test(late_evidence_moves_the_first_sight_back_and_the_last_never),
	    cmocka_unit_test(an_attempt_is_no_sight_of_what_is_proven),
	    cmocka_unit_test(sights_begin_anew_with_what_proves_the_endpoint),
	    cmocka_unit_test(clients_are_exact_up_to_the_cap_and_estimated_beyond),
	    cmocka_unit_test(the_last_annotation_stays),
	    cmocka_unit_test(an_end_at_time_zero_is_an_end),
	    cmocka_unit_test(the_set_is_what_is_alive_and_proven_sorted),
	    cmocka_unit_test(trimming_drops_what_ended_first_and_the_store_has),
	    cmocka_unit_test(marks_of_clients_move_with_them),
	    cmocka_unit_test(bytes_grow_with_episodes_and_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
