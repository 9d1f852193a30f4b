/* What is watched equals what is read: workers, lanes, hints and the consumer, with interfaces that play a capture. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/event_types.h"
#include "app/live.h"
#include "app/memory.h"
#include "app/pipeline.h"
#include "base/clock.h"
#include "base/log.h"
#include "capture/folder.h"
#include "dissect/hints.h"
#include "store/query.h"
#include "store/store.h"
#include "temp_dir.h"
#include "tests/unit/fake_tap.h"
#include "track/policy.h"

enum {
	FRAMES = 2234, /* of the demonstration */
	TEXT = 256 * 1024,
};

struct desk {
	struct temp_dir dir;
	char demo[512], read[256], live[256];
	const char *capture[TAP_DEVICES];
	struct memory_parts memory;
	struct live_order order;
	char *expected, *got; /* what the stores say */
	char *events;
	size_t events_len;
	char said[1024];
};

static const volatile sig_atomic_t go_on;
static const char *const devices[] = {"eth1", "eth2"};

static void
remember(void *desk, enum log_level level, const char *line)
{
	struct desk *d = desk;

	(void)level;
	snprintf(d->said, sizeof(d->said), "%s", line);
}

static struct ledger_order
ledger_order(struct desk *d, const char *store)
{
	return (struct ledger_order){.store = store,
	    .sensor = "s",
	    .realm = "default",
	    .policy = policy_builtin("windows-default"),
	    .event_types = EVENT_TYPES_ALL,
	    .memory = &d->memory};
}

static void
split(struct desk *d, size_t workers, size_t count)
{
	const struct memory_need need = {
	    .total = (size_t)128 << 20, .workers = workers, .devices = count};

	assert_int_equal(memory_split(&need, &d->memory), 0);
}

/* Times, keys and verdicts; where it was seen differs. */
static int
add_change(void *text, const struct query_change *q)
{
	const struct change *c = &q->change;
	size_t used = strlen(text);

	/* a restart has its ports with its members */
	snprintf((char *)text + used, TEXT - used, "%s %s %s %lld %u %zu %s\n", c->id,
	    c->revises, change_kind_name(c->kind), (long long)c->ts_ns,
	    c->current_count > 0 ? c->current[0].port : 0, c->member_count,
	    confidence_name(c->confidence));
	return 0;
}

static int
add_episode(void *text, const struct query_episode *e)
{
	size_t used = strlen(text);

	snprintf((char *)text + used, TEXT - used, "%u %u %lld %lld %lld %llu %llu %u\n",
	    e->key.server.b[15], e->endpoint.port, (long long)e->first_ns, (long long)e->last_ns,
	    (long long)e->ended_ns, (unsigned long long)e->announced, (unsigned long long)e->used,
	    e->clients);
	return 0;
}

static int
add_alert(void *text, const struct query_alert *q)
{
	size_t used = strlen(text);

	snprintf((char *)text + used, TEXT - used, "%s %s %s\n", q->alert.id, q->alert.rule,
	    q->alert.observed);
	return 0;
}

static void
look_into(const char *path, char *text)
{
	const struct query_filter any = {.sensor = NULL};
	struct store *store;

	text[0] = '\0';
	assert_int_equal(store_open(&store, path, STORE_READER), 0);
	assert_int_equal(query_changes(store, &any, add_change, text), 0);
	assert_int_equal(query_history(store, &any, add_episode, text), 0);
	assert_int_equal(query_alerts(store, &any, add_alert, text), 0);
	store_close(&store);
	assert_true(strlen(text) < TEXT - 1);
}

static void
read_demo(struct desk *d)
{
	const char *path[] = {d->demo};
	const struct memory_need need = {.total = 0};
	struct pipeline_order order = {.path = path, .paths = 1, .progress = PROGRESS_NEVER};
	struct pipeline p;

	assert_int_equal(memory_split(&need, &d->memory), 0);
	order.ledger = ledger_order(d, d->read);
	assert_int_equal(pipeline_open(&p, &order), 0);
	assert_int_equal(pipeline_run(&p), 0);
	pipeline_close(&p);
	look_into(d->read, d->expected);
	assert_true(strlen(d->expected) > 1000);
}

static int
set_up(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	const char *top = getenv("TOP_SRCDIR");

	*state = d;
	assert_non_null(d);
	assert_int_equal(temp_dir_make(&d->dir), 0);
	snprintf(d->demo, sizeof(d->demo), "%s/demo/exchange-2007.pcap", top != NULL ? top : ".");
	snprintf(d->read, sizeof(d->read), "%s", temp_dir_file(&d->dir, "read"));
	snprintf(d->live, sizeof(d->live), "%s", temp_dir_file(&d->dir, "live"));
	d->expected = malloc(TEXT);
	d->got = malloc(TEXT);
	log_set_sink(remember, d);
	read_demo(d);
	memset((void *)&fake, 0, sizeof(fake));
	d->capture[0] = d->demo;
	fake.capture = d->capture;
	fake.taps = 1;
	split(d, 1, 1);
	d->order = (struct live_order){.ledger = ledger_order(d, d->live),
	    .device = devices,
	    .devices = 1,
	    .workers = 1,
	    .ring_timeout_ms = 10, /* so that the end comes soon */
	    .count = FRAMES,
	    .stats_ns = 60 * NS_PER_S,
	    .stop = &go_on};
	d->order.ledger.live = true;
	return 0;
}

static int
tear_down(void **state)
{
	struct desk *d = *state;

	log_set_sink(NULL, NULL);
	temp_dir_remove(&d->dir);
	free(d->expected);
	free(d->got);
	free(d->events);
	free(d);
	return 0;
}

/* Run to the end; returns what the run returned, with the numbers in ${totals}. */
static int
run(struct desk *d, struct events_totals *totals)
{
	FILE *events = open_memstream(&d->events, &d->events_len);
	struct live l;

	d->order.ledger.events = events;
	d->order.ledger.events_name = "events";
	int err = live_open(&l, &d->order);
	if (err == 0) {
		err = live_run(&l);
		live_totals(&l, totals);
	}
	live_close(&l);
	fclose(events);
	return err;
}

static size_t
events_of(const struct desk *d, const char *type)
{
	char words[64];
	size_t count = 0;

	snprintf(words, sizeof(words), "\"event_type\":\"%s\"", type);
	for (const char *at = d->events; (at = strstr(at, words)) != NULL; at++)
		count++;
	return count;
}

static void
assert_equals_what_is_read(struct desk *d)
{
	look_into(d->live, d->got);
	assert_string_equal(d->got, d->expected);
	assert_int_equal(events_of(d, "epm"), 157);
	assert_int_equal(events_of(d, "bind"), 179);
	assert_int_equal(events_of(d, "change"), 32);
	assert_int_equal(events_of(d, "alert"), 7);
}

static void
one_interface_tells_what_its_capture_tells(void **state)
{
	struct desk *d = *state;
	struct events_totals totals;

	assert_int_equal(run(d, &totals), 0);
	assert_equals_what_is_read(d);
	assert_int_equal(totals.packets, FRAMES);
	assert_int_equal(totals.dropped_kernel, 3);
	assert_int_equal(totals.received, FRAMES + 3);
	assert_int_equal(totals.dropped_queue, 0);
	assert_true(totals.memory_used > d->memory.rings);
	assert_int_equal(events_of(d, "stats"), 1);
	assert_non_null(strstr(d->events, "\"in_iface\":\"eth1\""));
	assert_null(strstr(d->events, "pcap_"));
}

static void
workers_that_share_it_tell_the_same(void **state)
{
	struct desk *d = *state;
	struct events_totals totals;

	for (size_t workers = 2; workers <= 4; workers++) {
		remove(d->live);
		free(d->events);
		atomic_store(&fake.opened, 0);
		fake.taps = d->order.workers = workers;
		split(d, workers, 1);
		assert_int_equal(run(d, &totals), 0);
		assert_equals_what_is_read(d);
		assert_int_equal(totals.packets, FRAMES);
		assert_int_equal(totals.workers, workers);
	}
}

static void
the_order_of_events_is_that_of_time(void **state)
{
	struct desk *d = *state;
	struct events_totals totals;
	char last[32] = "";

	fake.taps = d->order.workers = 4;
	split(d, 4, 1);
	assert_int_equal(run(d, &totals), 0);
	if (totals.late > 0)
		skip();
	/* Of answers; binds are told with the time of the question. */
	for (char *line = strtok(d->events, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *time = strstr(line, "\"timestamp\":\"");

		if (strstr(line, "\"event_type\":\"epm\"") == NULL)
			continue;
		assert_non_null(time);
		time[13 + 27] = '\0';
		assert_true(strcmp(time + 13, last) >= 0);
		snprintf(last, sizeof(last), "%s", time + 13);
	}
	assert_true(last[0] != '\0');
}

static void
an_interface_that_goes_away_ends_it_with_what_it_brought_kept(void **state)
{
	struct desk *d = *state;
	struct events_totals totals;

	fake.fail_after = 1000;
	fake.fail_with = -ENETDOWN;
	d->order.count = 0;
	assert_int_equal(run(d, &totals), -ENETDOWN);
	assert_string_equal(d->said, "eth1: the interface went away");
	look_into(d->live, d->got);
	assert_true(strlen(d->got) > 1000);
	assert_int_equal(events_of(d, "stats"), 1);
}

static void
one_that_is_not_there_leaves_no_store(void **state)
{
	struct desk *d = *state;
	struct events_totals totals;

	fake.refuse_with = -EPERM;
	assert_int_equal(run(d, &totals), -EPERM);
	assert_int_not_equal(remove(d->live), 0);
}

static void
a_signal_ends_it(void **state)
{
	struct desk *d = *state;
	const volatile sig_atomic_t stop = 1;
	struct events_totals totals;

	d->order.count = 0;
	d->order.ring_timeout_ms = 1000;
	d->order.stop = &stop;
	/* What was captured until then is dissected, and that is all of it here. */
	assert_int_equal(run(d, &totals), 0);
	assert_equals_what_is_read(d);
}

static void
numbers_come_at_intervals(void **state)
{
	struct desk *d = *state;
	struct events_totals totals;

	d->order.stats_ns = NS_PER_S / 50;
	d->order.ring_timeout_ms = 200;
	assert_int_equal(run(d, &totals), 0);
	/* the workers' last look alone takes 400 ms */
	assert_true(events_of(d, "stats") >= 4);
}

static void
what_is_learned_goes_to_the_kernel(void **state)
{
	struct desk *d = *state;
	struct events_totals totals;

	assert_int_equal(run(d, &totals), 0);
	/* what was learned first; until there is more, ten seconds would have to go by */
	assert_int_equal(atomic_load(&fake.learned), 1);
	free(d->events);
	assert_int_equal(run(d, &totals), 0);
	/* what was known at the start */
	assert_int_equal(atomic_load(&fake.learned), 2);
	assert_in_range(atomic_load(&fake.learned_ports), 5, 20);
}

/* The second run's change ids are those of the first, so nothing is new. */
static void
the_next_run_goes_on_where_this_one_ended(void **state)
{
	struct desk *d = *state;
	struct events_totals totals;

	assert_int_equal(run(d, &totals), 0);
	look_into(d->live, d->got);
	size_t changes = events_of(d, "change");
	free(d->events);
	assert_int_equal(run(d, &totals), 0);
	assert_true(events_of(d, "change") < changes);
	assert_int_equal(totals.episodes, 29);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(one_interface_tells_what_its_capture_tells),
	    T(workers_that_share_it_tell_the_same),
	    T(the_order_of_events_is_that_of_time),
	    T(an_interface_that_goes_away_ends_it_with_what_it_brought_kept),
	    T(one_that_is_not_there_leaves_no_store),
	    T(a_signal_ends_it),
	    T(numbers_come_at_intervals),
	    T(what_is_learned_goes_to_the_kernel),
	    T(the_next_run_goes_on_where_this_one_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
