/* What was counted adds up hour by hour, in each realm; which hours a span touches; when a sensor was up; which interfaces are alive; a
 * flow's port in evidence. */
#include "store_fixture.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "store/query.h"
#include "store/tally.h"
#include "store/upkeep.h"

#define HOUR 490000

/* What came back, as text. */
struct said {
	char text[2048];
};

static int
tally_said(void *ctx, const struct query_tally *x)
{
	struct said *s = ctx;
	size_t used = strlen(s->text);

	snprintf(s->text + used, sizeof(s->text) - used, "%s/%s %d: %llu %llu %llu\n", x->sensor,
	    x->realm, (int)(x->hour - HOUR), (unsigned long long)x->tally.n[TALLY_PACKETS],
	    (unsigned long long)x->tally.n[TALLY_BINDS], (unsigned long long)x->tally.n[TALLY_UP]);
	return 0;
}

static const char *
all_said(struct store *s, const struct query_filter *f)
{
	static struct said said;

	said.text[0] = '\0';
	assert_int_equal(query_tallies(s, f, tally_said, &said), 0);
	return said.text;
}

static void
add(struct store *s, uint8_t realm, int64_t hour, uint64_t packets)
{
	struct tally t = {
	    .n = {[TALLY_PACKETS] = packets, [TALLY_BINDS] = 2, [TALLY_UP] = packets + 1}};

	assert_int_equal(store_add_tally(s, realm, HOUR + hour, &t), 0);
}

static struct store *
counted(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);

	assert_int_equal(store_realm(s, 1, "sensor", "plant"), 0);
	assert_int_equal(store_begin(s), 0);
	add(s, 0, 0, 10);
	add(s, 0, 0, 5);
	add(s, 1, 0, 7);
	add(s, 0, 2, 1);
	assert_int_equal(store_commit(s), 0);
	return s;
}

static void
hours_add_up_in_each_realm(void **state)
{
	const struct query_filter any = {0}, plant = {.realm = "plant"};
	struct store *s = counted(state);

	assert_string_equal(all_said(s, &any),
	    "sensor/plant 0: 7 2 8\nsensor-1/default 0: 15 4 17\nsensor-1/default 2: 1 2 2\n");
	assert_string_equal(all_said(s, &plant), "sensor/plant 0: 7 2 8\n");
	store_close(&s);
}

static void
a_transaction_that_is_given_up_counts_nothing(void **state)
{
	const struct query_filter plant = {.realm = "plant"};
	struct store *s = counted(state);

	assert_int_equal(store_begin(s), 0);
	add(s, 1, 0, 100);
	store_rollback(s);
	assert_string_equal(all_said(s, &plant), "sensor/plant 0: 7 2 8\n");
	store_close(&s);
}

static void
a_span_has_the_hours_that_it_touches(void **state)
{
	struct query_filter f = {.realm = "default"};
	struct store *s = counted(state);

	f.since_ns = HOUR * TALLY_HOUR_NS + TALLY_HOUR_NS - 1;
	f.until_ns = (HOUR + 2) * TALLY_HOUR_NS;
	assert_non_null(strstr(all_said(s, &f), " 0: 15"));
	assert_null(strstr(all_said(s, &f), " 2: "));
	f.since_ns++;
	f.until_ns++;
	assert_null(strstr(all_said(s, &f), " 0: "));
	assert_non_null(strstr(all_said(s, &f), " 2: 1"));
	store_close(&s);
}

static void
hours_before_1970_are_hours_too(void **state)
{
	(void)state;
	assert_int_equal(tally_hour(0), 0);
	assert_int_equal(tally_hour(TALLY_HOUR_NS - 1), 0);
	assert_int_equal(tally_hour(TALLY_HOUR_NS), 1);
	assert_int_equal(tally_hour(-1), -1);
	assert_int_equal(tally_hour(-TALLY_HOUR_NS), -1);
	assert_int_equal(tally_hour(INT64_MIN), -2562048);
}

/* A store that was edited must not stop a sensor. */
static void
what_would_be_too_much_stays_at_the_most(void **state)
{
	const struct query_filter plant = {.realm = "plant"};
	struct tally most = {.n = {[TALLY_PACKETS] = UINT64_MAX}}, sum = most;
	struct store *s = counted(state);

	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_add_tally(s, 1, HOUR, &most), 0);
	assert_int_equal(store_add_tally(s, 1, HOUR, &most), 0);
	assert_int_equal(store_commit(s), 0);
	assert_string_equal(all_said(s, &plant), "sensor/plant 0: 9223372036854775807 2 8\n");
	tally_add(&sum, &most);
	assert_true(sum.n[TALLY_PACKETS] == UINT64_MAX);
	assert_int_equal(sum.n[TALLY_BYTES], 0);
	store_close(&s);
}

static void
what_makes_no_sense_is_told(void **state)
{
	const struct query_filter any = {0};
	struct store *s = counted(state);
	struct said said = {""};

	store_close(&s);
	fixture_sql(fixture_path(state, "s.db"), "UPDATE tally SET answers = -1 WHERE packets = 7");
	s = fixture_open(fixture_path(state, "s.db"), STORE_READER);
	assert_int_equal(query_tallies(s, &any, tally_said, &said), ERR_STORE);
	/* which row, and what of it */
	assert_non_null(strstr(
	    store_error(s), "`answers' of the one with sensor sensor, realm plant, hour 490000;"));
	store_close(&s);
}

static int
up_said(void *ctx, const char *sensor, const char *realm, int64_t ts_ns)
{
	struct said *s = ctx;

	snprintf(s->text, sizeof(s->text), "%s/%s %lld", sensor, realm, (long long)ts_ns);
	return 0;
}

static void
a_sensor_says_when_it_was_up_last(void **state)
{
	struct store *s = counted(state);
	struct said said = {""};

	assert_int_equal(query_ups(s, up_said, &said), 0);
	assert_string_equal(said.text, "");
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_up(s, 1), 0);
	assert_int_equal(store_keep_up(s, INT64_C(0x1122334455667788)), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(query_ups(s, up_said, &said), 0);
	assert_non_null(strstr(said.text, "/default 1234605616436508552"));
	store_close(&s);
}

static int
interface_said(void *ctx, const char *sensor, const char *realm, const struct uuid *uuid)
{
	struct said *s = ctx;
	size_t used = strlen(s->text);
	char text[UUID_TEXT];

	(void)sensor;
	snprintf(
	    s->text + used, sizeof(s->text) - used, "%s %.8s\n", realm, uuid_format(uuid, text));
	return 0;
}

static void
interfaces_are_those_that_were_alive(void **state)
{
	struct store *s = counted(state);
	struct said said = {""};

	fixture_keep_one(s, fixture_key("10.0.0.1", FIXTURE_EMSMDB), 1025, "", 100, 0);
	fixture_keep_one(s, fixture_key("10.0.0.2", FIXTURE_EMSMDB), 1026, "", 100, 0);
	fixture_keep_one(s, fixture_key("10.0.0.2", FIXTURE_NSPI), 1027, "", 100, 300);
	assert_int_equal(query_interfaces(s, 0, interface_said, &said), 0);
	assert_string_equal(said.text, "default a4f1db00\n");
	said.text[0] = '\0';
	assert_int_equal(query_interfaces(s, 200, interface_said, &said), 0);
	assert_string_equal(said.text, "default a4f1db00\ndefault f5cc5a18\n");
	said.text[0] = '\0';
	assert_int_equal(query_interfaces(s, 50, interface_said, &said), 0);
	assert_string_equal(said.text, "");
	store_close(&s);
}

static void
old_hours_go_and_others_stay(void **state)
{
	const struct upkeep_ages ages = {.now_ns = (HOUR + 2) * TALLY_HOUR_NS,
	    .keys = TALLY_HOUR_NS,
	    .sessions = 1,
	    .pushes = 1};
	struct upkeep_pruned gone;
	const struct query_filter any = {0};
	struct store *s = counted(state);

	assert_int_equal(upkeep_prune(s, &ages, &gone), 0);
	assert_null(strstr(all_said(s, &any), " 0: "));
	assert_non_null(strstr(all_said(s, &any), " 2: 1"));
	store_close(&s);
}

/* Merged again, nothing is counted twice. */
static void
merged_hours_are_those_of_whoever_saw_more(void **state)
{
	const struct query_filter plant = {.realm = "plant"};
	struct upkeep_merged merged;
	struct store *s = counted(state), *other;

	other = fixture_open(fixture_path(state, "o.db"), STORE_WRITER);
	assert_int_equal(store_realm(other, 1, "sensor", "plant"), 0);
	assert_int_equal(store_begin(other), 0);
	add(other, 1, 0, 9);
	add(other, 1, 5, 3);
	assert_int_equal(store_commit(other), 0);
	store_close(&other);
	for (int i = 0; i < 2; i++)
		assert_int_equal(upkeep_merge(s, fixture_path(state, "o.db"), 0, &merged), 0);
	assert_string_equal(all_said(s, &plant), "sensor/plant 0: 9 2 10\nsensor/plant 5: 3 2 4\n");
	store_close(&s);
}

/* Of the sensor, with packets of so many hours from one on. */
static void
add_capture(struct store *s, uint32_t index, const char *name, int64_t hour)
{
	struct store_capture c = fixture_capture(name);

	memset(c.first_record, name[0], sizeof(c.first_record));
	memset(c.digest, name[0], sizeof(c.digest));
	c.first_ns = (HOUR + hour) * TALLY_HOUR_NS + 1;
	c.last_ns = (HOUR + hour + 1) * TALLY_HOUR_NS - 1;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_capture(s, index, &c), 0);
	assert_int_equal(store_commit(s), 0);
}

/* Three captures of one hour in two stores: what is new adds up, and what is known is not counted again, whichever way it comes. */
static void
captures_of_one_hour_add_up(void **state)
{
	const struct query_filter plant = {.realm = "plant"};
	struct upkeep_merged merged;
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER), *other;

	other = fixture_open(fixture_path(state, "o.db"), STORE_WRITER);
	for (int i = 0; i < 2; i++) {
		struct store *one = i == 0 ? s : other;

		assert_int_equal(store_realm(one, 0, "sensor", "default"), 0);
		assert_int_equal(store_realm(one, 1, "sensor", "plant"), 0);
	}
	add_capture(s, 1, "a.pcap", 0);
	assert_int_equal(store_begin(s), 0);
	add(s, 1, 0, 7);
	assert_int_equal(store_commit(s), 0);
	add_capture(other, 1, "b.pcap", 0);
	assert_int_equal(store_begin(other), 0);
	add(other, 1, 0, 9);
	assert_int_equal(store_commit(other), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(upkeep_merge(s, fixture_path(state, "o.db"), 0, &merged), 0);
		assert_string_equal(all_said(s, &plant), "sensor/plant 0: 16 4 18\n");
	}
	store_close(&s);
	/* and the other way round, what is in both is all there is */
	assert_int_equal(upkeep_merge(other, fixture_path(state, "s.db"), 0, &merged), 0);
	assert_string_equal(all_said(other, &plant), "sensor/plant 0: 16 4 18\n");
	store_close(&other);
}

static int
evidence_said(void *ctx, const struct query_episode *e)
{
	struct query_evidence *out = ctx;

	*out = e->first;
	return 0;
}

/* With the port and without it, as older stores have it. */
static void
evidence_has_the_ports_of_its_flow(void **state)
{
	static const struct {
		uint16_t port;
		uint8_t proto;
		const char *text;
	} all[] = {{0, 0, "%,50000]"}, {135, IPPROTO_TCP, "%,50000,135]"},
	    {135, IPPROTO_UDP, "%,50000,135,17]"}};
	const struct query_filter any = {0};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const uint16_t port = 1025;
		struct store *s = fixture_open(fixture_path(state, all[i].text + 1), STORE_WRITER);
		struct mapping *m =
		    fixture_mapping(fixture_key("10.0.0.1", FIXTURE_EMSMDB), &port, 1);
		struct query_evidence e;
		char sql[128];

		m->episode[0].first.client_port = 50000;
		m->episode[0].first.server_port = all[i].port;
		m->episode[0].first.proto = all[i].proto;
		fixture_keep(s, m);
		mapping_free(&m);
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM episode WHERE first_seen LIKE '%s'", all[i].text);
		assert_int_equal(fixture_number(s, sql), 1);
		assert_int_equal(query_history(s, &any, evidence_said, &e), 0);
		assert_int_equal(e.server_port, all[i].port);
		assert_int_equal(e.proto, all[i].proto);
		assert_int_equal(e.client_port, 50000);
		store_close(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(hours_add_up_in_each_realm),
	    FIXTURE_TEST(a_transaction_that_is_given_up_counts_nothing),
	    FIXTURE_TEST(a_span_has_the_hours_that_it_touches),
	    FIXTURE_TEST(hours_before_1970_are_hours_too),
	    FIXTURE_TEST(what_would_be_too_much_stays_at_the_most),
	    FIXTURE_TEST(what_makes_no_sense_is_told),
	    FIXTURE_TEST(a_sensor_says_when_it_was_up_last),
	    FIXTURE_TEST(interfaces_are_those_that_were_alive),
	    FIXTURE_TEST(old_hours_go_and_others_stay),
	    FIXTURE_TEST(merged_hours_are_those_of_whoever_saw_more),
	    FIXTURE_TEST(captures_of_one_hour_add_up),
	    FIXTURE_TEST(evidence_has_the_ports_of_its_flow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
