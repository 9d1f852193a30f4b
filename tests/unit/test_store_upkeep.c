/* test_store_upkeep.c - stores as a whole: what is wrong is found, what is old goes, two become one, and all comes out. */
#include "store_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/upkeep.h"

#define DAY_NS INT64_C(86400000000000)

enum {
	TEXT = 4096
};

static void
add_line(void *ctx, const char *text)
{
	char *lines = ctx;

	(void)snprintf(lines + strlen(lines), TEXT - strlen(lines), "%s\n", text);
}

/* As another sensor, or in another realm. */
static struct store *
open_as(const char *path, const char *sensor, const char *realm)
{
	struct store *s = fixture_open(path, STORE_WRITER);

	assert_int_equal(store_realm(s, 0, sensor, realm), 0);
	return s;
}

static void
keep_change_at(struct store *s, const char *id, const char *server, int64_t ns)
{
	struct change c = fixture_change(id, fixture_key(server, FIXTURE_EMSMDB));

	c.ts_ns = c.first_ns = c.not_after_ns = ns;
	c.not_before_ns = ns - 1000;
	c.evidence.ts_ns = 0;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_change(s, &c), 0);
	assert_int_equal(store_commit(s), 0);
}

static void
a_sound_store_has_nothing_wrong(void **state)
{
	struct store *s = fixture_open(fixture_store(state, "s.db"), STORE_READER);
	char lines[TEXT] = "";

	assert_int_equal(upkeep_check(s, add_line, lines), 0);
	assert_string_equal(lines, "");
	store_close(&s);
}

static void
what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *sql, *want;
	} broken[] = {
	    {"UPDATE episode SET ended_ns = first_ns - 1, why = 3",
		"episodes end before they begin"},
	    {"UPDATE episode SET server = 77",
		"rows of episode refer to a server that is not there"},
	    {"INSERT INTO episode (server, interface, port, minor, first_ns, announced, used, "
	     "attempted)"
	     " SELECT server, interface, port, minor, first_ns, 1, 0, 0 FROM episode",
		"endpoints are alive twice"},
	    {"UPDATE episode SET announced = -1", "episodes count below nothing"},
	    {"UPDATE episode SET why = 3, ended_ns = NULL", "ended without a reason"},
	    {"INSERT INTO pending VALUES (1, 1, 99, 5, NULL)",
		"pending is of a key that is not there"},
	    {"INSERT INTO coverage VALUES (1, 1, 5, 4)", "coverage ends before it begins"},
	    {"INSERT INTO change (row, id, kind, server, minor, confidence, clients, previous, "
	     "current)"
	     " VALUES (1, 'a', 7, 1, 0, 1, 1, '[', '[]')",
		"sets that make no sense"},
	    {"INSERT INTO change_member VALUES (1, 2, 1, 1, 0, '[]', '[]', NULL, NULL)",
		"members are missing"},
	    {"INSERT INTO alert (scope, id, rule, severity, state, server, minor, ts_ns, "
	     "opened_ns, updated_ns,"
	     " signature, expected, observed) VALUES (1, 'a', 'r', 1, 3, 1, 0, 1, 1, 1, '', '', "
	     "'')",
		"closed without a time"},
	};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char name[16], lines[TEXT] = "";
		const char *path;
		struct store *s;

		(void)snprintf(name, sizeof(name), "%zu.db", i);
		path = fixture_store(state, name);
		fixture_sql(path, broken[i].sql);
		s = fixture_open(path, STORE_READER);
		assert_int_equal(upkeep_check(s, add_line, lines), 0);
		if (strstr(lines, broken[i].want) == NULL)
			fail_msg("%s: told `%s'", broken[i].sql, lines);
		store_close(&s);
	}
}

static void
what_is_old_goes_whole(void **state)
{
	const struct upkeep_ages ages = {.sessions = 7 * DAY_NS, .keys = 400 * DAY_NS};
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct mapping_key old = fixture_key("10.1.2.3", FIXTURE_NSPI),
			   open = fixture_key("10.1.2.4", FIXTURE_NSPI);
	struct alert alert = fixture_alert("fedcba9876543210", open);
	struct coverage covered = {.from_ns = DAY_NS, .to_ns = 1000 * DAY_NS};
	struct upkeep_pruned gone;
	int64_t bytes;

	fixture_keep_one(s, old, 1025, "", 100 * DAY_NS, 0);
	fixture_keep_one(s, open, 1025, "", 100 * DAY_NS, 0);
	fixture_keep_one(s, fixture_key("10.1.2.5", FIXTURE_NSPI), 1025, "", 700 * DAY_NS, 0);
	/* what fixtures have seen last counts, so it is set */
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_alert(s, &alert), 0);
	assert_int_equal(store_keep_coverage(s, &covered), 0);
	assert_int_equal(store_commit(s), 0);
	keep_change_at(s, "0123456789abcdef", "10.1.2.9", 990 * DAY_NS);
	store_close(&s);
	fixture_sql(fixture_path(state, "s.db"), "UPDATE episode SET last_ns = NULL");
	s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	assert_int_equal(upkeep_prune(s, &ages, &gone), 0);
	assert_int_equal(gone.keys, 1);
	assert_int_equal(gone.episodes, 1);
	assert_int_equal(gone.servers, 1);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM server WHERE address = '10.1.2.3'"), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode"), 2);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM change"), 1);
	assert_int_equal(upkeep_prune(s, &ages, &gone), 0);
	assert_int_equal(gone.keys + gone.episodes + gone.servers + gone.changes, 0);
	assert_int_equal(upkeep_vacuum(s, &bytes), 0);
	assert_int_equal(fixture_number(s, "PRAGMA freelist_count"), 0);
	checks_intact(s);
	store_close(&s);
}

/* A sensor's store: a mapping with evidence in a capture, a change, an alert, and something pending. */
static const char *
make_sensor(void **state, const char *name, const char *sensor, const char *realm, int64_t shift_ns,
    uint16_t port)
{
	const char *path = fixture_path(state, name);
	struct store *s = open_as(path, sensor, realm);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct store_capture capture = fixture_capture(name);
	struct mapping *m = fixture_mapping(key, &port, 1);
	struct alert alert = fixture_alert("fedcba9876543210", key);

	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 3, &capture), 0);
	m->episode[0].first.capture = m->episode[0].last.capture = 3;
	m->state = (struct state){.due_ns = 77, .dirty = true};
	assert_int_equal(store_keep_mapping(s, m), 0);
	assert_int_equal(store_keep_alert(s, &alert), 0);
	assert_int_equal(store_keep_state(s, "clock", sensor, strlen(sensor)), 0);
	assert_int_equal(store_commit(s), 0);
	keep_change_at(s, "0123456789abcdef", "10.1.2.3", 1000 * DAY_NS + shift_ns);
	store_close(&s);
	mapping_free(&m);
	return path;
}

static void
merge(const char *into, const char *from, struct upkeep_merged *out)
{
	struct store *s = fixture_open(into, STORE_WRITER);
	int err = upkeep_merge(s, from, 60 * INT64_C(1000000000), out);

	if (err != 0)
		fail_msg("%s", store_error(s));
	checks_intact(s);
	store_close(&s);
}

static void
two_sensors_become_one_store(void **state)
{
	char *all = strdup(fixture_path(state, "all.db"));
	char *first, *second, lines[TEXT] = "";
	struct upkeep_merged merged;
	struct store *s;

	merge(all, make_sensor(state, "a.db", "north", "default", 0, 56001), &merged);
	assert_int_equal(merged.episodes, 1);
	assert_int_equal(merged.changes, 1);
	assert_int_equal(merged.alerts, 1);
	/* half a minute apart: the same moment */
	merge(all, make_sensor(state, "b.db", "south", "default", 30 * INT64_C(1000000000), 56001),
	    &merged);
	assert_int_equal(merged.episodes, 1);
	assert_int_equal(merged.changes, 0);
	assert_int_equal(merged.same, 1);
	/* another realm is another world */
	merge(all, make_sensor(state, "c.db", "south", "plant", 0, 56001), &merged);
	assert_int_equal(merged.changes, 1);
	s = fixture_open(all, STORE_WRITER);
	first = fixture_dump(s);
	assert_int_equal(upkeep_disjoint(s, add_line, lines), 0);
	assert_string_equal(lines, "");
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM server"), 3);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM interface"), 1);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM history WHERE first_capture ="
			      " (CASE WHEN realm = 'plant' THEN 'c.db' WHEN sensor = 'south' THEN"
			      " 'b.db' ELSE 'a.db' END)"),
	    3);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pending WHERE due_ns = 77"), 3);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM state WHERE data = CAST('south' AS BLOB)"), 2);
	assert_int_equal(upkeep_check(s, add_line, lines), 0);
	assert_string_equal(lines, "");
	store_close(&s);
	for (size_t i = 0; i < 3; i++)
		merge(
		    all, fixture_path(state, (const char *[]){"a.db", "b.db", "c.db"}[i]), &merged);
	s = fixture_open(all, STORE_WRITER);
	second = fixture_dump(s);
	assert_string_equal(first, second);
	store_close(&s);
	free(first);
	free(second);
	free(all);
}

static void
keep_restarted(struct store *s, const char *id, const char *revises, const char *also, int64_t ns,
    const char *const *uuids, size_t count)
{
	const struct endpoint before = {.port = 1025}, after = {.port = 1026};
	struct change_id claimed = {""};
	struct change_member member[4];
	struct change c = {.kind = CHANGE_RESTARTED,
	    .key = {.server = fixture_addr("10.1.2.3")},
	    .confidence = CONFIDENCE_USED,
	    .ts_ns = ns,
	    .first_ns = ns,
	    .not_before_ns = ns - 1000,
	    .not_after_ns = ns,
	    .member_count = count,
	    .member = member};

	for (size_t i = 0; i < count; i++)
		member[i] = (struct change_member){.key = fixture_key("10.1.2.3", uuids[i]),
		    .previous_count = 1,
		    .current_count = 1,
		    .previous = &before,
		    .current = &after};
	(void)snprintf(c.id, sizeof(c.id), "%s", id);
	(void)snprintf(c.revises, sizeof(c.revises), "%s", revises);
	(void)snprintf(claimed.text, sizeof(claimed.text), "%s", also);
	c.also = &claimed;
	c.also_count = also[0] != '\0';
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_change(s, &c), 0);
	assert_int_equal(store_commit(s), 0);
}

/* What fixtures have seen last is a time of their own. */
static void
seen_once(const char *path)
{
	fixture_sql(path, "UPDATE episode SET last_ns = NULL, last_seen = NULL WHERE last_ns < first_ns");
}

/* The sensor of make_sensor() went on: the endpoint moved, the alert closed, another opened, time passed. */
static void
go_on(const char *path, const char *sensor)
{
	struct store *s = open_as(path, sensor, "default");
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct alert alert = fixture_alert("fedcba9876543210", key);
	struct store_capture capture = fixture_capture("more.db");
	struct coverage covered = {.row = 1, .from_ns = DAY_NS, .to_ns = 1002 * DAY_NS};
	struct mapping *m;

	capture.digest[0] ^= 1;
	assert_int_equal(store_load_mapping(s, &key, &m), 0);
	m->episode[0].ended_ns = m->episode[0].last_ns + 1;
	m->episode[0].why = CHANGE_MOVED;
	m->episode[0].announced += 7;
	m->episode[0].dirty = EPISODE_DIRTY | EPISODE_SEEN | EPISODE_ENDED;
	m->state = (struct state){.due_ns = 99, .dirty = true};
	alert.state = ALERT_CLOSED;
	alert.updated_ns = alert.closed_ns = alert.ts_ns = alert.opened_ns + DAY_NS;
	alert.evidence.ts_ns = alert.closed_ns;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 0, &capture), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	assert_int_equal(store_keep_alert(s, &alert), 0);
	assert_int_equal(store_keep_coverage(s, &covered), 0);
	assert_int_equal(store_keep_state(s, "clock", "on", 2), 0);
	assert_int_equal(store_commit(s), 0);
	keep_change_at(s, "0123456789abcde0", "10.1.2.3", 1001 * DAY_NS);
	fixture_keep_one(s, key, 56002, "", 1001 * DAY_NS, 0);
	mapping_free(&m);
	store_close(&s);
	seen_once(path);
}

static void
cover(const char *path, const char *sensor, int64_t to_ns)
{
	struct store *s = open_as(path, sensor, "default");
	struct coverage covered = {.from_ns = DAY_NS, .to_ns = to_ns};

	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_coverage(s, &covered), 0);
	assert_int_equal(store_commit(s), 0);
	store_close(&s);
}

static void
expect_sound(struct store *s)
{
	char lines[TEXT] = "";

	assert_int_equal(upkeep_check(s, add_line, lines), 0);
	assert_string_equal(lines, "");
}

/* What is known of the sensor that went on, whichever of its two stores came first. */
static void
expect_gone_on(struct store *s)
{
	expect_sound(s);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode"), 2);
	assert_int_equal(fixture_number(s, "SELECT port FROM episode WHERE ended_ns IS NULL"), 56002);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode WHERE port = 56001 AND why = 3"
					   " AND ended_ns IS NOT NULL AND announced > 7"),
	    1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM change"), 2);
	assert_int_equal(fixture_number(s, "SELECT state FROM alert"), ALERT_CLOSED);
	assert_int_equal(fixture_number(s, "SELECT closed_ns IS NOT NULL FROM alert"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert_evidence"), 2);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM coverage"), 1);
	assert_int_equal(fixture_number(s, "SELECT to_ns FROM coverage"), 1002 * DAY_NS);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pending WHERE due_ns = 99"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pending"), 1);
	assert_int_equal(fixture_number(s, "SELECT data = CAST('on' AS BLOB) FROM state"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM capture"), 1);
	assert_int_equal(fixture_number(s, "SELECT name = 'n.db' AND bytes = 8192 FROM capture"), 1);
}

static void
a_store_that_grew_is_merged_again(void **state)
{
	char *all = strdup(fixture_path(state, "all.db")), *old = strdup(fixture_path(state, "old.db"));
	const char *path = make_sensor(state, "n.db", "north", "default", 0, 56001);
	struct upkeep_merged merged;
	struct store *s;
	size_t len;
	unsigned char *copy;

	cover(path, "north", 1000 * DAY_NS);
	copy = fixture_read(path, &len);
	fixture_write(old, copy, len);
	free(copy);
	merge(all, path, &merged);
	go_on(path, "north");
	/* the same capture, read on */
	fixture_sql(path, "DELETE FROM capture WHERE name = 'more.db';"
			  "UPDATE capture SET bytes = 8192, digest = randomblob(16)");
	merge(all, path, &merged);
	assert_int_equal(merged.episodes, 1);
	assert_int_equal(merged.changes, 1);
	assert_int_equal(merged.alerts, 0);
	s = fixture_open(all, STORE_READER);
	expect_gone_on(s);
	store_close(&s);
	/* and what was there before brings nothing back */
	merge(all, old, &merged);
	s = fixture_open(all, STORE_READER);
	expect_gone_on(s);
	store_close(&s);
	free(all);
	free(old);
}

/* Two readings of one sensor, neither of which went on from the other: what is pending here stays. */
static void
what_went_another_way_keeps_its_state(void **state)
{
	char *all = strdup(fixture_path(state, "all.db"));
	const char *path = make_sensor(state, "n.db", "north", "default", 0, 56001);
	struct upkeep_merged merged;
	struct store *s;

	cover(path, "north", 1000 * DAY_NS);
	merge(all, path, &merged);
	cover(all, "north", 2000 * DAY_NS);
	go_on(path, "north");
	merge(all, path, &merged);
	s = fixture_open(all, STORE_READER);
	expect_sound(s);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pending WHERE due_ns = 77"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM pending"), 1);
	assert_int_equal(fixture_number(s, "SELECT data = CAST('north' AS BLOB) FROM state"), 1);
	store_close(&s);
	free(all);
}

static void
what_is_alive_on_both_sides_is_one(void **state)
{
	char *all = strdup(fixture_path(state, "all.db")), *other = strdup(fixture_path(state, "b.db"));
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct upkeep_merged merged;
	struct store *s = open_as(all, "north", "default");

	fixture_keep_one(s, key, 56001, "", 20 * DAY_NS, 0);
	store_close(&s);
	seen_once(all);
	s = open_as(other, "north", "default");
	fixture_keep_one(s, key, 56001, "", 10 * DAY_NS, 0);
	store_close(&s);
	seen_once(other);
	merge(all, other, &merged);
	assert_int_equal(merged.episodes, 0);
	s = fixture_open(all, STORE_READER);
	expect_sound(s);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode"), 1);
	assert_int_equal(fixture_number(s, "SELECT first_ns FROM episode"), 10 * DAY_NS);
	assert_int_equal(fixture_number(s, "SELECT last_ns FROM episode"), 20 * DAY_NS);
	store_close(&s);
	free(all);
	free(other);
}

static void
a_restart_that_two_saw_has_all_members(void **state)
{
	static const char *const one[] = {FIXTURE_EMSMDB, FIXTURE_NSPI},
				 *const two[] = {"12345678-1234-abcd-ef00-01234567cffb", FIXTURE_NSPI,
				     "12345778-1234-abcd-ef00-0123456789ac"};
	char *all = strdup(fixture_path(state, "all.db")), *other = strdup(fixture_path(state, "b.db"));
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct alert alert = fixture_alert("fedcba9876543210", key);
	struct upkeep_merged merged;
	struct store *s = open_as(all, "north", "default");

	keep_restarted(s, "aaaa000000000001", "", "", 100 * DAY_NS, one, 2);
	store_close(&s);
	s = open_as(other, "south", "default");
	keep_restarted(s, "bbbb000000000001", "", "", 100 * DAY_NS + 5, two, 3);
	keep_restarted(s, "bbbb000000000002", "bbbb000000000001", "", 120 * DAY_NS, two, 3);
	keep_restarted(s, "bbbb000000000003", "bbbb000000000002", "bbbb000000000001", 130 * DAY_NS, two, 3);
	(void)snprintf(alert.change, sizeof(alert.change), "bbbb000000000001");
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_alert(s, &alert), 0);
	assert_int_equal(store_commit(s), 0);
	fixture_keep_one(s, key, 56001, "", 100 * DAY_NS, 0);
	store_close(&s);
	seen_once(other);
	fixture_sql(other, "UPDATE episode SET told = 'bbbb000000000001'");
	for (int i = 0; i < 2; i++) {
		merge(all, other, &merged);
		s = fixture_open(all, STORE_READER);
		expect_sound(s);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM change_member WHERE change ="
						   " (SELECT row FROM change WHERE id = 'aaaa000000000001')"),
		    4);
		assert_int_equal(
		    fixture_number(s, "SELECT count(*) FROM change WHERE revises = 'aaaa000000000001'"), 1);
		assert_int_equal(
		    fixture_number(s, "SELECT count(*) FROM change WHERE also = '[\"aaaa000000000001\"]'"), 1);
		assert_int_equal(fixture_number(s, "SELECT change = 'aaaa000000000001' FROM alert"), 1);
		assert_int_equal(fixture_number(s, "SELECT told = 'aaaa000000000001' FROM episode"), 1);
		store_close(&s);
	}
	free(all);
	free(other);
}

/* What was accepted of a store reaches as far in the one that it is merged into. */
static void
what_was_accepted_is_where_it_was(void **state)
{
	char *all = strdup(fixture_path(state, "all.db")), *other = strdup(fixture_path(state, "b.db"));
	struct upkeep_merged merged;
	struct store *s = open_as(all, "south", "plant");

	for (int i = 0; i < 3; i++) {
		char id[] = "aaaa000000000000";

		id[15] = (char)('1' + i);
		keep_change_at(s, id, "10.1.2.9", (10 + i) * DAY_NS);
	}
	store_close(&s);
	s = open_as(other, "north", "default");
	keep_change_at(s, "bbbb000000000001", "10.1.2.3", 10 * DAY_NS);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_accept_whole(s, 10 * DAY_NS, "audited"), 0);
	assert_int_equal(store_commit(s), 0);
	keep_change_at(s, "bbbb000000000002", "10.1.2.3", 5 * DAY_NS);
	store_close(&s);
	for (int i = 0; i < 2; i++) {
		merge(all, other, &merged);
		s = fixture_open(all, STORE_READER);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM accepted_whole"), 1);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM change c JOIN server sv ON sv.row = c.server"
						   " JOIN accepted_whole w ON w.scope = sv.scope WHERE c.row <= w.change"
						   " AND c.id = 'bbbb000000000001'"),
		    1);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM change c JOIN server sv ON sv.row = c.server"
						   " JOIN accepted_whole w ON w.scope = sv.scope WHERE c.row <= w.change"),
		    1);
		store_close(&s);
	}
	free(all);
	free(other);
}

/* An alert about no interface, or of a key without a history, goes once it is over for long. */
static void
alerts_about_no_interface_go(void **state)
{
	static const char *const id[] = {"1111000000000000", "2222000000000000", "3333000000000000", "4444000000000000"};
	const struct upkeep_ages ages = {
	    .now_ns = 1000 * DAY_NS, .sessions = DAY_NS, .keys = 400 * DAY_NS, .pushes = DAY_NS};
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct upkeep_pruned gone;

	assert_int_equal(store_begin(s), 0);
	for (size_t i = 0; i < 4; i++) {
		struct alert a = fixture_alert(id[i], fixture_key("10.1.2.3", FIXTURE_NSPI));

		if (i < 3)
			a.key = (struct mapping_key){.server = a.key.server};
		a.once = i != 2;
		a.opened_ns = a.updated_ns = a.ts_ns = (i == 1 ? 900 : 100) * DAY_NS;
		assert_int_equal(store_keep_alert(s, &a), 0);
	}
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(upkeep_prune(s, &ages, &gone), 0);
	assert_int_equal(gone.alerts, 2);
	/* the one that is not over for long, and the one that still stands */
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert WHERE id LIKE '2222%' OR id LIKE '3333%'"), 2);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert_evidence"), 2);
	store_close(&s);
}

/* The clock was ten days ahead for a while: what is counted back from there would be gone. */
static void
what_is_old_is_counted_from_the_time_that_is_told(void **state)
{
	const struct upkeep_ages ages = {
	    .now_ns = 1000 * DAY_NS, .sessions = DAY_NS, .keys = 8 * DAY_NS, .pushes = DAY_NS};
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct coverage covered = {.from_ns = 1010 * DAY_NS, .to_ns = 1010 * DAY_NS + 5};
	struct upkeep_pruned gone;

	fixture_keep_one(s, fixture_key("10.1.2.3", FIXTURE_NSPI), 1025, "", 999 * DAY_NS, 0);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_coverage(s, &covered), 0);
	assert_int_equal(store_commit(s), 0);
	store_close(&s);
	seen_once(fixture_path(state, "s.db"));
	s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	assert_int_equal(upkeep_prune(s, &ages, &gone), 0);
	assert_int_equal(gone.keys, 0);
	store_close(&s);
}

/* Whichever of the two comes first. */
static void
what_is_within_the_skew_is_one(void **state)
{
	static const int64_t shift[] = {60, -60};

	for (size_t i = 0; i < 2; i++) {
		char *all = strdup(fixture_path(state, i == 0 ? "0.db" : "1.db"));
		struct upkeep_merged merged;

		merge(all,
		    make_sensor(state, i == 0 ? "a.db" : "c.db", "north", "default", 0, 56001),
		    &merged);
		merge(all,
		    make_sensor(state, i == 0 ? "b.db" : "d.db", "south", "default",
			shift[i] * 1000000000, 56001),
		    &merged);
		assert_int_equal(merged.same, 1);
		free(all);
	}
}

static void
what_is_more_than_the_skew_apart_is_not_one(void **state)
{
	char *all = strdup(fixture_path(state, "all.db"));
	struct upkeep_merged merged;

	merge(all, make_sensor(state, "a.db", "north", "default", 0, 56001), &merged);
	merge(all, make_sensor(state, "b.db", "south", "default", 62 * INT64_C(1000000000), 56001),
	    &merged);
	assert_int_equal(merged.changes, 1);
	assert_int_equal(merged.same, 0);
	free(all);
}

static void
sensors_that_disagree_on_a_server_are_named(void **state)
{
	char *all = strdup(fixture_path(state, "all.db"));
	struct upkeep_merged merged;
	char lines[TEXT] = "";
	struct store *s;

	merge(all, make_sensor(state, "a.db", "north", "default", 0, 56001), &merged);
	merge(all, make_sensor(state, "b.db", "south", "default", 0, 56002), &merged);
	merge(all, make_sensor(state, "c.db", "east", "plant", 0, 56003), &merged);
	s = fixture_open(all, STORE_WRITER);
	assert_int_equal(upkeep_disjoint(s, add_line, lines), 0);
	assert_string_equal(
	    lines, "default 10.1.2.3: north and south saw it on disjoint ports at the same time\n");
	store_close(&s);
	free(all);
}

static void
what_is_no_store_is_not_merged(void **state)
{
	char *all = strdup(fixture_path(state, "all.db"));
	const char *text = fixture_path(state, "text");
	struct store *s = fixture_open(all, STORE_WRITER);
	struct upkeep_merged merged;
	char *before = fixture_dump(s), *after;

	fixture_write(text, "no store", 8);
	assert_int_equal(upkeep_merge(s, text, 0, &merged), ERR_NOT_STORE);
	assert_non_null(strstr(store_error(s), "text"));
	assert_int_equal(upkeep_merge(s, fixture_path(state, "nowhere"), 0, &merged), -2);
	after = fixture_dump(s);
	assert_string_equal(before, after);
	store_close(&s);
	free(before);
	free(after);
	free(all);
}

static int
count_row(void *ctx, const char *table, const struct upkeep_value *value, size_t count)
{
	int *counts = ctx;

	assert_true(count > 1);
	assert_non_null(value[0].name);
	counts[0]++;
	counts[1] += strcmp(table, "episode") == 0;
	return 0;
}

static void
every_row_comes_out(void **state)
{
	struct store *s = fixture_open(fixture_store(state, "s.db"), STORE_READER);
	int counts[2] = {0, 0};

	assert_int_equal(upkeep_export(s, count_row, counts), 0);
	assert_int_equal(counts[1], fixture_number(s, "SELECT count(*) FROM episode"));
	assert_true(counts[0] > fixture_number(s, "SELECT count(*) FROM word"));
	store_close(&s);
}

/* A table that is added later must not be forgotten. */
static void
every_table_comes_out(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);

	assert_int_equal(fixture_number(s, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
					   " AND name NOT LIKE 'sqlite%'"),
	    24);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(a_sound_store_has_nothing_wrong),
	    FIXTURE_TEST(what_is_wrong_is_told),
	    FIXTURE_TEST(what_is_old_goes_whole),
	    FIXTURE_TEST(two_sensors_become_one_store),
	    FIXTURE_TEST(a_store_that_grew_is_merged_again),
	    FIXTURE_TEST(what_went_another_way_keeps_its_state),
	    FIXTURE_TEST(what_is_alive_on_both_sides_is_one),
	    FIXTURE_TEST(a_restart_that_two_saw_has_all_members),
	    FIXTURE_TEST(what_was_accepted_is_where_it_was),
	    FIXTURE_TEST(alerts_about_no_interface_go),
	    FIXTURE_TEST(what_is_old_is_counted_from_the_time_that_is_told),
	    FIXTURE_TEST(what_is_within_the_skew_is_one),
	    FIXTURE_TEST(what_is_more_than_the_skew_apart_is_not_one),
	    FIXTURE_TEST(sensors_that_disagree_on_a_server_are_named),
	    FIXTURE_TEST(what_is_no_store_is_not_merged),
	    FIXTURE_TEST(every_row_comes_out),
	    FIXTURE_TEST(every_table_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
