/* test_census.c - what may be made new in a day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "track/census.h"
#include "track/records.h"
#include "track/track.h"

static bool
admit(struct census *c, uint8_t server, bool proven)
{
	struct mapping_key key = {.protseq = PROTSEQ_TCP};

	key.server.b[15] = server;
	return census_admit(c, &key, proven);
}

static void
open_census(struct census *c, size_t servers, size_t of_one, size_t total)
{
	struct track_limits limits = {
	    .servers = servers, .mappings_per_server = of_one, .mappings_new = total};

	assert_int_equal(census_init(c, &limits), 0);
	census_begin(c, 1000);
}

static void
servers_their_mappings_and_all_have_bounds(void **state)
{
	struct census c;

	(void)state;
	open_census(&c, 2, 3, 5);
	for (int i = 0; i < 3; i++)
		assert_true(admit(&c, 1, true));
	assert_false(admit(&c, 1, true));
	assert_true(admit(&c, 2, true));
	assert_false(admit(&c, 3, true)); /* a third server */
	assert_true(admit(&c, 2, true));
	assert_false(admit(&c, 2, true)); /* all in all */
	census_deinit(&c);
}

static void
what_is_only_attempted_gets_a_quarter(void **state)
{
	struct census c;

	(void)state;
	open_census(&c, 8, 8, 8);
	assert_true(admit(&c, 1, false));
	assert_true(admit(&c, 2, false));
	assert_false(admit(&c, 3, false));
	assert_true(admit(&c, 3, true));
	census_deinit(&c);
}

static void
after_a_day_it_begins_anew(void **state)
{
	struct census c;

	(void)state;
	open_census(&c, 1, 1, 1);
	census_begin(&c, 5000); /* nothing was counted yet, so the day begins here */
	assert_true(admit(&c, 1, true));
	census_begin(&c, 5000 + CENSUS_DAY_NS - 1);
	assert_false(admit(&c, 2, true));
	census_begin(&c, 4000); /* a clock that was set back is no new day */
	assert_false(admit(&c, 2, true));
	census_begin(&c, 5000 + CENSUS_DAY_NS);
	assert_true(admit(&c, 2, true));
	assert_false(admit(&c, 3, true));
	census_deinit(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(servers_their_mappings_and_all_have_bounds),
	    cmocka_unit_test(what_is_only_attempted_gets_a_quarter),
	    cmocka_unit_test(after_a_day_it_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
