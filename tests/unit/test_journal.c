/* The journal: what it took comes out into a store as it went in; what it did not take is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/journal.h"
#include "store/query.h"
#include "store/store.h"
#include "tests/unit/track_feed.h"

enum {
	BYTES = 256 * 1024
};

struct desk {
	struct store *store;
	struct journal *journal;
};

static int
set_up(void **state)
{
	static struct desk d;

	*state = &d;
	return store_open(&d.store, NULL, STORE_MEMORY) != 0 ||
	       store_realm(d.store, 0, "s", "default") != 0 || journal_new(&d.journal, BYTES) != 0;
}

static int
tear_down(void **state)
{
	struct desk *d = *state;

	store_close(&d->store);
	journal_free(&d->journal);
	return 0;
}

/* From 1 to 2 endpoints, from port ${port} on. */
static void
note_change(struct journal *j, unsigned number, uint16_t port)
{
	const struct endpoint previous[] = {{.port = port}};
	const struct endpoint current[] = {{.port = port + 1}, {.port = port + 2}};
	struct mapping *gone = calloc(1, sizeof(*gone)); /* as the tracker may have put it out */
	struct change c = {.kind = CHANGE_ADDITIONAL,
	    .mapping = gone,
	    .key = feed_key(1, DRSUAPI, PROTSEQ_TCP),
	    .ts_ns = number + 1,
	    .previous = previous,
	    .previous_count = 1,
	    .current = current,
	    .current_count = 2};

	snprintf(c.id, sizeof(c.id), "%016x", number);
	journal_change(j, &c);
	memset(gone, 0xa5, sizeof(*gone));
	free(gone);
}

static void
note_alert(struct journal *j, unsigned number, enum alert_state alert_state)
{
	struct alert a = {.rule = "EPM-001",
	    .severity = SEVERITY_HIGH,
	    .state = alert_state,
	    .key = feed_key(1, DRSUAPI, PROTSEQ_TCP),
	    .opened_ns = number + 1,
	    .observed = "1026"};

	snprintf(a.id, sizeof(a.id), "%016x", number);
	journal_alert(j, &a);
}

static int
add_change(void *text, const struct query_change *q)
{
	const struct change *c = &q->change;
	size_t used = strlen(text);

	if (c->member_count > 0)
		return 0;
	snprintf((char *)text + used, 1024 - used, "%s:%u>%u,%u/%zu%zu ", c->id + 12,
	    c->previous[0].port, c->current[0].port, c->current[1].port, c->previous_count,
	    c->current_count);
	return 0;
}

static int
add_alert(void *text, const struct query_alert *q)
{
	size_t used = strlen(text);

	snprintf((char *)text + used, 1024 - used, "%s:%s:%s ", q->alert.id + 12,
	    alert_state_name(q->alert.state), q->alert.observed);
	return 0;
}

static const char *
contents(struct desk *d)
{
	static char text[1024];
	const struct query_filter any = {.sensor = NULL};

	text[0] = '\0';
	assert_int_equal(query_changes(d->store, &any, add_change, text), 0);
	assert_int_equal(query_alerts(d->store, &any, add_alert, text), 0);
	return text;
}

static void
write_it(struct desk *d)
{
	assert_int_equal(store_begin(d->store), 0);
	assert_int_equal(journal_write(d->journal, d->store), 0);
	assert_int_equal(store_commit(d->store), 0);
}

static void
what_went_in_comes_out_in_order(void **state)
{
	struct desk *d = *state;

	note_change(d->journal, 1, 100);
	note_alert(d->journal, 2, ALERT_OPEN);
	note_change(d->journal, 3, 200);
	note_alert(d->journal, 2, ALERT_CLOSED);
	assert_int_equal(journal_count(d->journal), 4);
	write_it(d);
	assert_string_equal(
	    contents(d), "0001:100>101,102/12 0003:200>201,202/12 0002:closed:1026 ");
	/* twice is as good as once */
	write_it(d);
	assert_string_equal(
	    contents(d), "0001:100>101,102/12 0003:200>201,202/12 0002:closed:1026 ");
	journal_clear(d->journal);
	assert_int_equal(journal_count(d->journal), 0);
	note_change(d->journal, 4, 300);
	write_it(d);
	assert_non_null(strstr(contents(d), "0004:300"));
}

/* A server that restarted, with two interfaces and two earlier verdicts. What it points to is gone when this returns. */
static void
note_restart(struct journal *j)
{
	struct room {
		struct endpoint set[4];
		struct change_member member[2];
		struct change_id also[2];
	} *room = calloc(1, sizeof(*room));
	struct change c = {.id = "00000000000000cc",
	    .revises = "00000000000000dd",
	    .kind = CHANGE_RESTARTED,
	    .key = {.server = feed_addr(1)},
	    .ts_ns = 9,
	    .also_count = 2,
	    .also = room->also,
	    .member_count = 2,
	    .member = room->member};

	for (uint16_t i = 0; i < 4; i++)
		room->set[i].port = 101 + i;
	strcpy(room->also[0].text, "00000000000000ee");
	strcpy(room->also[1].text, "00000000000000ff");
	room->member[0] = (struct change_member){.key = feed_key(1, DRSUAPI, PROTSEQ_TCP),
	    .previous_count = 1,
	    .current_count = 2,
	    .previous = room->set,
	    .current = room->set + 1};
	room->member[1] = (struct change_member){.key = feed_key(1, NSPI, PROTSEQ_TCP),
	    .current_count = 1,
	    .current = room->set + 3};
	journal_change(j, &c);
	memset(room, 0xa5, sizeof(*room));
	free(room);
}

static void
add_ports(char *text, const struct endpoint *set, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(text);

		snprintf(text + used, 1024 - used, "%u,", set[i].port);
	}
}

static int
add_restart(void *text, const struct query_change *q)
{
	const struct change *c = &q->change;

	strcat(text, c->revises + 14);
	for (size_t i = 0; i < c->also_count; i++)
		strcat(text, c->also[i].text + 14);
	for (size_t i = 0; i < c->member_count; i++) {
		strcat(text, c->member[i].key.major == 56 ? " nspi " : " drsuapi ");
		add_ports(text, c->member[i].previous, c->member[i].previous_count);
		strcat(text, ">");
		add_ports(text, c->member[i].current, c->member[i].current_count);
	}
	return 0;
}

static void
a_restart_keeps_its_members_and_what_it_revises(void **state)
{
	struct desk *d = *state;
	const struct query_filter restart = {.id = "00000000000000cc"};
	char text[1024] = "";

	note_change(d->journal, 1, 100);
	note_restart(d->journal);
	note_change(d->journal, 3, 200);
	write_it(d);
	assert_int_equal(query_changes(d->store, &restart, add_restart, text), 0);
	assert_string_equal(text, "ddeeff drsuapi 101,>102,103, nspi >104,");
	assert_non_null(strstr(contents(d), "0003:200>201,202/12"));
}

/* Also one that is larger than all there is. */
static void
a_restart_without_room_is_counted(void **state)
{
	struct desk *d = *state;
	struct change_member *member = calloc(BYTES / sizeof(*member), sizeof(*member));
	const struct change c = {
	    .kind = CHANGE_RESTARTED, .member_count = BYTES / sizeof(*member), .member = member};

	journal_change(d->journal, &c);
	assert_int_equal(journal_missing(d->journal), 1);
	assert_int_equal(journal_count(d->journal), 0);
	free(member);
}

static void
what_finds_no_room_is_counted(void **state)
{
	struct desk *d = *state;
	size_t all = 0;

	for (; journal_missing(d->journal) == 0; all++)
		note_alert(d->journal, 7, ALERT_OPEN);
	assert_in_range(journal_count(d->journal), BYTES / (sizeof(struct alert) + 64),
	    BYTES / sizeof(struct alert));
	assert_int_equal(journal_count(d->journal), all - 1);
	assert_true(journal_is_filling(d->journal));
	/* what is there is whole */
	write_it(d);
	assert_string_equal(contents(d), "0007:open:1026 ");
	journal_clear(d->journal);
	assert_int_equal(journal_missing(d->journal), 0);
	assert_false(journal_is_filling(d->journal));
}

static void
a_change_without_sets_is_taken(void **state)
{
	struct desk *d = *state;
	const struct change c = {.id = "00000000000000aa",
	    .kind = CHANGE_VANISHED,
	    .key = feed_key(1, DRSUAPI, PROTSEQ_TCP),
	    .ts_ns = 1};

	journal_change(d->journal, &c);
	note_change(d->journal, 0xbb, 5);
	assert_int_equal(store_begin(d->store), 0);
	assert_int_equal(journal_write(d->journal, d->store), 0);
	store_rollback(d->store);
}

/* A store that refuses is asked no more. */
static int
add_push(void *text, const struct query_push *q)
{
	size_t used = strlen(text);

	snprintf((char *)text + used, 1024 - used, "push %u count %u%s ",
	    (unsigned)q->push.client_port, (unsigned)q->push.count, q->push.final ? "" : " open");
	return 0;
}

static int
add_registration(void *text, const struct query_registration *q)
{
	size_t used = strlen(text);

	snprintf((char *)text + used, 1024 - used, "registration %u delivered %u%s ",
	    (unsigned)q->registration.port, (unsigned)q->registration.delivered,
	    q->registration.final ? "" : " open");
	return 0;
}

static void
notifications_that_ended_are_kept(void **state)
{
	struct desk *d = *state;
	const struct query_filter any = {.sensor = NULL};
	struct push push = {.server = feed_addr(1),
	    .client = feed_addr(2),
	    .server_port = 2571,
	    .client_port = 1071,
	    .count = 3,
	    .first_ns = 5,
	    .last_ns = 6,
	    .final = true};
	struct push_registration registration = {.server = feed_addr(1),
	    .client = feed_addr(2),
	    .address = feed_addr(2),
	    .has_address = true,
	    .port = 1071,
	    .first_ns = 4,
	    .last_ns = 6,
	    .delivered = 3,
	    .final = true};
	char text[1024] = "";

	journal_push(d->journal, &push);
	note_change(d->journal, 1, 100);
	journal_registration(d->journal, &registration);
	push.count = 9; /* it has copies */
	registration.delivered = 9;
	assert_int_equal(journal_count(d->journal), 3);
	write_it(d);
	write_it(d);
	assert_int_equal(query_pushes(d->store, &any, add_push, text), 0);
	assert_int_equal(query_registrations(d->store, &any, add_registration, text), 0);
	assert_string_equal(text, "push 1071 count 3 registration 1071 delivered 3 ");
}

static void
the_stores_error_is_told(void **state)
{
	struct desk *d = *state;

	note_change(d->journal, 1, 100);
	assert_int_equal(store_realm(d->store, 0, "s", "default"), 0);
	assert_int_equal(store_begin(d->store), 0);
	struct store_capture capture = {.name = "x"};
	assert_true(store_keep_capture(d->store, 1U << 21, &capture) < 0);
	assert_true(journal_write(d->journal, d->store) < 0);
	store_rollback(d->store);
	assert_int_equal(journal_count(d->journal), 1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_went_in_comes_out_in_order),
	    T(a_restart_keeps_its_members_and_what_it_revises),
	    T(a_restart_without_room_is_counted),
	    T(what_finds_no_room_is_counted),
	    T(a_change_without_sets_is_taken),
	    T(notifications_that_ended_are_kept),
	    T(the_stores_error_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
