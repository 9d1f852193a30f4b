/* test_store_verdicts.c - changes, alerts and captures are kept once, and come back in their latest
 * state. */
#include "store_checks.h"

#include <stdbool.h>
#include <string.h>

#include "store/keep.h"

static void
a_change_with_a_known_id_is_left_as_it_is(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct change change =
	    fixture_change("0123456789abcdef", fixture_key("10.1.2.3", FIXTURE_EMSMDB));

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_change(s, &change), 0);
	change.clients = 1000;
	assert_int_equal(store_keep_change(s, &change), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM change"), 1);
	assert_int_equal(fixture_number(s, "SELECT clients FROM change"), 4);
	store_close(&s);
}

static void
sets_are_json_that_quotes_hostile_names(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct change change =
	    fixture_change("0123456789abcdef", fixture_key("10.1.2.3", FIXTURE_EMSMDB));

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_change(s, &change), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(
	    fixture_number(s,
		"SELECT previous = '[1025,\"\\\\pipe\\\\\\\"x\\\"\"]' AND current = '[60000]'"
		" FROM change"),
	    1);
	store_close(&s);
}

static void
an_alert_comes_back_in_its_latest_state(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct alert alert = fixture_alert("fedcba9876543210", key), back;
	int found;

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_alert(s, &alert), 0);
	alert.state = ALERT_CLOSED;
	alert.severity = SEVERITY_MEDIUM;
	alert.ts_ns = alert.updated_ns = alert.closed_ns = 9000;
	(void)strcpy(alert.change, "0123456789abcdef");
	alert.evidence.ts_ns = 8999;
	assert_int_equal(store_keep_alert(s, &alert), 0);
	assert_int_equal(store_load_alert(s, "EPM-001", &key, &back, &found), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(found, 1);
	assert_memory_equal(&back, &alert, sizeof(alert));
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert_evidence"), 2);
	assert_int_equal(store_load_alert(s, "EPM-002", &key, &back, &found), 0);
	assert_int_equal(found, 0);
	store_close(&s);
}

/* The number of an alert is remembered; a rollback takes it away, another run has never known it. */
static void
an_alert_is_updated_whether_it_is_remembered_or_not(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct alert alert =
	    fixture_alert("fedcba9876543210", fixture_key("10.1.2.3", FIXTURE_EMSMDB));
	struct alert other = fixture_alert("0000000000000001", alert.key);

	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_alert(s, &alert), 0);
	store_rollback(s);
	for (int64_t run = 1; run <= 3; run++) {
		assert_int_equal(store_begin(s), 0);
		for (int64_t i = 1; i <= 2; i++) {
			alert.evidence.ts_ns = alert.updated_ns = 10 * run + i;
			assert_int_equal(store_keep_alert(s, &alert), 0);
			assert_int_equal(store_keep_alert(s, &other), 0);
		}
		assert_int_equal(store_commit(s), 0);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert"), 2);
		assert_int_equal(
		    fixture_number(s, "SELECT max(updated_ns) FROM alert WHERE row = 2"),
		    10 * run + 2);
		assert_int_equal(
		    fixture_number(s, "SELECT count(*) FROM alert_evidence WHERE alert = 2"),
		    2 * run);
		store_close(&s);
		s = fixture_open(path, STORE_WRITER);
	}
	store_close(&s);
}

static void
the_alert_of_a_key_that_opened_last_is_the_one_loaded(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct alert late = fixture_alert("000000000000000a", key), back;
	struct alert early = fixture_alert("000000000000000b", key);
	int found;

	(void)state;
	late.opened_ns = 6000;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_alert(s, &late), 0);
	assert_int_equal(store_keep_alert(s, &early), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_load_alert(s, "EPM-001", &key, &back, &found), 0);
	assert_string_equal(back.id, late.id);
	store_close(&s);
}

static void
the_evidence_of_an_alert_is_bounded_by_its_first_and_newest(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct alert alert =
	    fixture_alert("fedcba9876543210", fixture_key("10.1.2.3", FIXTURE_EMSMDB));

	(void)state;
	assert_int_equal(store_begin(s), 0);
	for (int64_t i = 1; i <= 200; i++) {
		alert.evidence.ts_ns = i;
		assert_int_equal(store_keep_alert(s, &alert), 0);
		if (i == KEEP_EVIDENCE || i == KEEP_EVIDENCE + 1)
			assert_int_equal(
			    fixture_number(s, "SELECT count(*) FROM alert_evidence"), 64);
	}
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM alert_evidence"), KEEP_EVIDENCE);
	assert_int_equal(fixture_number(s, "SELECT min(evidence_ns) FROM alert_evidence"), 1);
	assert_int_equal(
	    fixture_number(s, "SELECT min(number) FROM alert_evidence WHERE number > 1"), 138);
	assert_int_equal(fixture_number(s, "SELECT max(number) FROM alert_evidence"), 200);
	store_close(&s);
}

static void
evidence_of_an_earlier_run_stays_with_its_capture(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *m = fixture_mapping(key, &(const uint16_t){56001}, 1), *back;
	struct store_capture monday = fixture_capture("monday.pcap");
	struct store_capture tuesday = fixture_capture("tuesday.pcap");

	m->episode[0].first.capture = m->episode[0].last.capture = 0;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 0, &monday), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	assert_int_equal(store_commit(s), 0);
	checks_reloads(s, m);
	store_close(&s);

	/* in the next run, index 0 is another capture */
	s = fixture_open(path, STORE_WRITER);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 0, &tuesday), 0);
	assert_int_equal(store_load_mapping(s, &key, &back), 0);
	assert_int_equal(
	    back->episode[0].first.capture, STORE_CAPTURE_EARLIER | (uint32_t)monday.row);
	back->episode[0].last.capture = 0;
	back->episode[0].last.ts_ns = 2000;
	back->episode[0].dirty = true;
	assert_int_equal(store_keep_mapping(s, back), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(fixture_number(s, "SELECT first_capture = 'monday.pcap' AND last_capture "
					   "= 'tuesday.pcap' FROM history"),
	    1);
	/* once the first capture is one of this run too, it has an index again */
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 5, &monday), 0);
	assert_int_equal(store_commit(s), 0);
	mapping_free(&back);
	assert_int_equal(store_load_mapping(s, &key, &back), 0);
	assert_int_equal(back->episode[0].first.capture, 5);
	assert_int_equal(back->episode[0].last.capture, 0);
	store_close(&s);
	mapping_free(&back);
	mapping_free(&m);
}

static bool
collect_capture(void *ctx, const struct store_capture *known)
{
	char *names = ctx;

	(void)strcat(strcat(names, known->name), " ");
	return known->bytes == 4096;
}

static void
captures_are_found_by_how_they_begin_longest_first(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct store_capture capture[3] = {
	    fixture_capture("short"), fixture_capture("long"), fixture_capture("other")};
	uint8_t begins[HASH_DIGEST];
	char names[64] = "";

	(void)state;
	memset(begins, 0xa1, sizeof(begins));
	capture[0].bytes = 100;
	capture[1].bytes = 9000;
	capture[2].link = 4;
	assert_int_equal(store_begin(s), 0);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(store_keep_capture(s, i, &capture[i]), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_find_captures(s, 3, begins, collect_capture, names), 0);
	assert_string_equal(names, "long short ");
	/* a callback that returns true has seen enough */
	names[0] = '\0';
	capture[1].bytes = 4096;
	capture[1].name = "renamed";
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 1, &capture[1]), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_find_captures(s, 3, begins, collect_capture, names), 0);
	assert_string_equal(names, "long ");
	begins[0] = 0;
	names[0] = '\0';
	assert_int_equal(store_find_captures(s, 3, begins, collect_capture, names), 0);
	assert_string_equal(names, "");
	store_close(&s);
}

static void
captures_are_found_only_where_the_same_sensor_read_them_in_the_same_realm(void **state)
{
	static const struct {
		const char *sensor, *realm, *found;
	} reader[] = {{"sensor-1", "default", "mine "}, {"sensor-2", "default", ""},
	    {"sensor-1", "lab", "theirs "}, {"sensor-2", "lab", ""}, {"nobody", "nowhere", ""}};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct store_capture mine = fixture_capture("mine"), theirs = fixture_capture("theirs");

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, 0, &mine), 0);
	assert_int_equal(store_realm(s, 0, "sensor-1", "lab"), 0);
	assert_int_equal(store_keep_capture(s, 1, &theirs), 0);
	assert_int_equal(store_realm(s, 0, "sensor-2", "default"), 0);
	assert_int_equal(store_keep_policy(s, "windows-default", "builtin"), 0);
	assert_int_equal(store_commit(s), 0);
	for (size_t i = 0; i < sizeof(reader) / sizeof(reader[0]); i++) {
		char names[64] = "";

		assert_int_equal(store_realm(s, 0, reader[i].sensor, reader[i].realm), 0);
		assert_int_equal(
		    store_find_captures(s, 3, mine.first_record, collect_capture, names), 0);
		assert_string_equal(names, reader[i].found);
	}
	store_close(&s);
}

static bool
same_capture(void *ctx, const struct store_capture *known)
{
	const struct store_capture *want = ctx;

	assert_int_equal(known->row, want->row);
	assert_string_equal(known->name, want->name);
	assert_int_equal(known->link, want->link);
	assert_memory_equal(known->first_record, want->first_record, HASH_DIGEST);
	assert_memory_equal(known->digest, want->digest, HASH_DIGEST);
	assert_int_equal(known->bytes, want->bytes);
	assert_int_equal(known->frames, want->frames);
	assert_int_equal(known->first_ns, want->first_ns);
	assert_int_equal(known->last_ns, want->last_ns);
	assert_int_equal(known->damaged, want->damaged);
	return true;
}

static void
a_capture_comes_back_as_far_as_it_was_read(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct store_capture c = fixture_capture("a.pcap");

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_begin(s), 0);
		assert_int_equal(store_keep_capture(s, 0, &c), 0);
		assert_int_equal(store_commit(s), 0);
		assert_int_equal(store_find_captures(s, 3, c.first_record, same_capture, &c), 0);
		c.bytes = 8192;
		c.frames = 34;
		c.last_ns = 1800;
		c.damaged = 8000;
		memset(c.digest, 0xc3, sizeof(c.digest));
	}
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM capture"), 1);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(a_change_with_a_known_id_is_left_as_it_is),
	    FIXTURE_TEST(sets_are_json_that_quotes_hostile_names),
	    FIXTURE_TEST(an_alert_comes_back_in_its_latest_state),
	    FIXTURE_TEST(an_alert_is_updated_whether_it_is_remembered_or_not),
	    FIXTURE_TEST(the_alert_of_a_key_that_opened_last_is_the_one_loaded),
	    FIXTURE_TEST(the_evidence_of_an_alert_is_bounded_by_its_first_and_newest),
	    FIXTURE_TEST(evidence_of_an_earlier_run_stays_with_its_capture),
	    FIXTURE_TEST(captures_are_found_by_how_they_begin_longest_first),
	    FIXTURE_TEST(captures_are_found_only_where_the_same_sensor_read_them_in_the_same_realm),
	    FIXTURE_TEST(a_capture_comes_back_as_far_as_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
