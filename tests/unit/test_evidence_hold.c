/* Which endpoints stay at their port: pins of the policy, and what kept to one port as only pins do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/export_fixture.h"

enum {
	DAYS = 73 /* hours: more than three days */
};

/* 10.0.0.1's store is pinned to 56001; the dynamic range begins at 49152. */
static const char policy[] = "version: 1\n"
			     "rules:\n"
			     "  - servers: [10.0.0.1]\n"
			     "    interfaces: feedbeef-0000-4000-8000-000000000063\n"
			     "    static: 56001\n"
			     "  - servers: any\n"
			     "    interfaces: feedbeef-0000-4000-8000-000000000005\n"
			     "    allowed: 1024-65535\n";

static int
hold_open(void **state)
{
	struct complaints said = {.count = 0};
	int err = desk_open(state);
	struct desk *d = *state;

	policy_file_free(&d->file);
	err |= policy_file_parse(policy, strlen(policy), "test", &d->file, &said);
	d->policy = policy_file_policy(d->file);
	d->options.pinned = true;
	return err;
}

static void
put(struct desk *d, struct told t)
{
	t.used = t.used == 0 && t.attempted == 0 ? 1 : t.used;
	assert_int_equal(tell(d->store, &t), 0);
}

/* `1:56001p 1:50000`: servers (last octet) and ports, with p for what is pinned and h for what is held. */
static const char *
found(struct desk *d)
{
	static char text[512];
	size_t used = 0;

	text[0] = '\0';
	assert_int_equal(desk_ask(d), 0);
	for (size_t i = 0; i < d->found->group_count; i++) {
		for (size_t k = 0; k < d->found->group[i].count; k++) {
			const struct proof *p = &d->found->group[i].proof[k];

			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u:%u%s%s",
			    used > 0 ? " " : "", p->key.server.b[15], (unsigned)p->port,
			    p->pinned ? "p" : "", p->held ? "h" : "");
		}
	}
	return text;
}

/* Something of that server is elsewhere from that hour on, as after a restart. */
static void
restart(struct desk *d, uint8_t host, unsigned hour)
{
	put(d, (struct told){.host = host,
		   .uuid = 0x40,
		   .port = 50100,
		   .last_h = hour - 1,
		   .ended_h = hour,
		   .why = CHANGE_MOVED});
}

static void
what_the_policy_pins(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 1, .uuid = UUID_PINNED, .port = 56001});
	put(d, (struct told){.host = 2, .uuid = UUID_PINNED, .port = 56001});
	put(d, (struct told){.host = 1, .uuid = 1, .port = 50001});
	assert_string_equal(found(d), "1:56001p");
	assert_int_equal(d->found->left_by[LEFT_LOOSE], 2);
	d->options.pinned = false;
	assert_string_equal(found(d), "1:50001 1:56001p 2:56001");
}

/* Another port than the pin's is none, however long it is there. */
static void
not_what_strays_from_its_pin(void **state)
{
	struct desk *d = *state;

	d->options.violations = true;
	put(d, (struct told){.host = 1, .uuid = UUID_PINNED, .port = 30000, .last_h = DAYS});
	put(d, (struct told){.host = 1, .uuid = 5, .port = 30001, .last_h = DAYS});
	assert_string_equal(found(d), "1:30001h");
}

static void
what_stays_outside_of_the_dynamic_range_for_days(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 3, .uuid = 5, .port = 30000, .last_h = DAYS});
	put(d, (struct told){.host = 4, .uuid = 5, .port = 30000, .last_h = DAYS - 2});
	put(d, (struct told){.host = 5, .uuid = 5, .port = 50000, .last_h = DAYS});
	assert_string_equal(found(d), "3:30000h");
}

static void
what_stays_while_others_move(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 3, .uuid = 5, .port = 50000, .last_h = DAYS});
	restart(d, 3, 20);
	/* after its last sight, before its first, of another server: says nothing */
	put(d, (struct told){.host = 4, .uuid = 5, .port = 50000, .last_h = DAYS});
	restart(d, 4, DAYS + 1);
	put(d,
	    (struct told){.host = 5, .uuid = 5, .port = 50000, .first_h = 30, .last_h = 30 + DAYS});
	restart(d, 5, 20);
	assert_string_equal(found(d), "3:50000h");
}

/* What ended because nobody saw it again did not move. */
static void
silence_is_no_move(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 3, .uuid = 5, .port = 50000, .last_h = DAYS});
	put(d, (struct told){
		   .host = 3, .uuid = 6, .port = 50001, .ended_h = 20, .why = CHANGE_VANISHED});
	put(d, (struct told){
		   .host = 3, .uuid = 7, .port = 50002, .ended_h = 20, .why = CHANGE_UNSEEN});
	assert_string_equal(found(d), "");
}

static void
not_what_was_ever_elsewhere(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 3,
		   .uuid = 5,
		   .port = 30001,
		   .last_h = 1,
		   .ended_h = 2,
		   .why = CHANGE_MOVED});
	put(d,
	    (struct told){.host = 3, .uuid = 5, .port = 30000, .first_h = 2, .last_h = 2 + DAYS});
	/* an attempt proves nothing, another protocol sequence is judged by itself */
	put(d, (struct told){.host = 4, .uuid = 5, .port = 30000, .last_h = DAYS});
	put(d, (struct told){.host = 4, .uuid = 5, .port = 30009, .attempted = 1});
	put(d, (struct told){
		   .host = 4, .uuid = 5, .protseq = PROTSEQ_UDP, .port = 50000, .last_h = 1});
	assert_string_equal(found(d), "4:30000h");
}

/* Two sensors, one after the other, are one history. */
static void
sensors_add_up(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 3, .uuid = 5, .port = 30000, .last_h = 40});
	put(d, (struct told){
		   .realm = 1, .host = 3, .uuid = 5, .port = 30000, .first_h = 41, .last_h = DAYS});
	assert_string_equal(found(d), "3:30000h");
	d->options.filter.sensor = "sensor-1";
	assert_string_equal(found(d), "");
}

static void
realms_are_apart(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 3, .uuid = 5, .port = 30000, .last_h = DAYS});
	put(d, (struct told){.realm = 2, .host = 3, .uuid = 5, .port = 30009, .attempted = 1});
	put(d, (struct told){.realm = 2, .host = 4, .uuid = 5, .port = 30009, .last_h = DAYS});
	put(d, (struct told){.host = 4, .uuid = 5, .port = 30001, .attempted = 1});
	assert_string_equal(found(d), "3:30000h 4:30009h");
}

/* A rule on a port is for all that answers there. */
static void
what_shares_its_port_goes_with_it(void **state)
{
	struct desk *d = *state;

	put(d, (struct told){.host = 1, .uuid = UUID_PINNED, .port = 56001});
	put(d, (struct told){.host = 1, .uuid = 1, .port = 56001});
	put(d, (struct told){.host = 1, .uuid = 1, .protseq = PROTSEQ_UDP, .port = 56001});
	put(d, (struct told){.host = 2, .uuid = 1, .port = 56001});
	assert_string_equal(found(d), "1:56001 1:56001p");
	assert_int_equal(d->found->left_by[LEFT_LOOSE], 2);
}

/* What is left out for another reason holds nothing open. */
static void
what_is_left_out_lends_nothing(void **state)
{
	struct desk *d = *state;

	d->options.least = CONFIDENCE_CONFIRMED;
	put(d, (struct told){.host = 1, .uuid = UUID_PINNED, .port = 56001});
	put(d, (struct told){.host = 1, .uuid = 1, .port = 56001, .announced = 1});
	assert_string_equal(found(d), "");
	assert_int_equal(d->found->left_by[LEFT_WEAK], 1);
	assert_int_equal(d->found->left_by[LEFT_LOOSE], 1);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, hold_open, desk_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RUN(what_the_policy_pins),
	    RUN(not_what_strays_from_its_pin),
	    RUN(what_stays_outside_of_the_dynamic_range_for_days),
	    RUN(what_stays_while_others_move),
	    RUN(silence_is_no_move),
	    RUN(not_what_was_ever_elsewhere),
	    RUN(sensors_add_up),
	    RUN(realms_are_apart),
	    RUN(what_shares_its_port_goes_with_it),
	    RUN(what_is_left_out_lends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
