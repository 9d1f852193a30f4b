/* test_report_figures.c - what the figures of a report show, gathered from a store in memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "markup_check.h"
#include "plot/timeline.h"
#include "report/figures/figure_lanes.h"
#include "report/figures/figures.h"
#include "report/model/model.h"
#include "report/model/ports.h"
#include "report/model/pool.h"
#include "report_fixture.h"
#include "store/query.h"

#define EMSMDB "a4f1db00-ca47-1067-b31f-00dd010662da"

static char *drawn;

static int
setup(void **state)
{
	*state = fixture_store("day.pcap");
	return *state == NULL;
}

static int
teardown(void **state)
{
	struct store *s = *state;

	store_close(&s);
	free(drawn);
	drawn = NULL;
	return 0;
}

static const struct report_server *
server(const char *sensor, uint8_t host)
{
	static struct report_server about;
	const uint8_t octets[4] = {10, 0, 0, host};

	about = (struct report_server){sensor, "default", addr_from_v4(octets)};
	return &about;
}

/* Draws a figure of a report of that period, judged by that policy, and holds that it is well-formed. */
static void
draw_by(struct store *s, const struct policy *policy, enum figure which, const void *about,
    int64_t since_ns, int64_t until_ns)
{
	const struct report_options options = {
	    .since_ns = since_ns, .until_ns = until_ns, .fail_on = SEVERITY_MEDIUM};
	struct ports *ports = NULL;
	struct report *r;
	struct markup m;
	size_t len;

	free(drawn);
	drawn = NULL;
	assert_int_equal(report_build(&r, s, policy, &options), 0);
	FILE *out = open_memstream(&drawn, &len);
	assert_non_null(out);
	if (which == FIGURE_PORTS)
		assert_int_equal(ports_read(&ports, r), 0);
	assert_int_equal(figure_write(out, r, which, ports != NULL ? ports : about), 0);
	fclose(out);
	ports_free(&ports);
	report_free(&r);
	assert_null(markup_check(drawn, &m));
}

static void
draw(struct store *s, enum figure which, const void *about, int64_t since_ns, int64_t until_ns)
{
	draw_by(s, policy_builtin("windows-default"), which, about, since_ns, until_ns);
}

static size_t
occurrences(const char *what)
{
	size_t n = 0;

	for (const char *at = drawn; (at = strstr(at, what)) != NULL; at += strlen(what))
		n++;
	return n;
}

static void
says(const char *what)
{
	if (strstr(drawn, what) == NULL)
		print_error("%s\n", drawn);
	assert_non_null(strstr(drawn, what));
}

/* Ten interfaces of a process at one port, one beside it that is out of policy. */
static void
fill(struct store *s)
{
	char uuid[UUID_TEXT];

	assert_int_equal(fixture_port(s, 1, FIXTURE_DRSUAPI, 49155), 0);
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(fixture_port(s, 1, fixture_uuid(i, uuid), 49155), 0);
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1500), 0);
	assert_int_equal(fixture_port(s, 2, FIXTURE_NSPI, 50001), 0);
	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, 49155, 1500, FIXTURE_START, fixture_hour(1)), 0);
}

static void
nothing_gives_nothing(void **state)
{
	for (int which = FIGURE_FLEET; which <= FIGURE_NEWMAIL; which++) {
		draw(*state, (enum figure)which, server("sensor-1", 1), 0, 0);
		assert_string_equal(drawn, "");
	}
	fill(*state);
	draw(*state, FIGURE_TIMELINES, server("sensor-1", 9), 0, 0);
	assert_string_equal(drawn, "");
	draw(*state, FIGURE_TIMELINES, server("elsewhere", 1), 0, 0);
	assert_string_equal(drawn, "");
	draw(*state, FIGURE_TIMELINES, NULL, 0, 0);
	assert_string_equal(drawn, "");
}

static void
interfaces_of_a_process_are_one_lane(void **state)
{
	fill(*state);
	draw(*state, FIGURE_TIMELINES, server("sensor-1", 1), 0, 0);
	says(">1500 nspi <tspan>EPM-001</tspan></text>");
	says(">49155 drsuapi +9</text>");
	says("49155 ncacn_ip_tcp\ndrsuapi, feedbeef-0000-4000-8000-000000000000, "
	     "feedbeef-0000-4000-8000-000000000001 and 7 more\n2026-01-05 08:00:00 to 2026-01-05 "
	     "09:00:00 UTC");
	assert_int_equal(occurrences("class=\"bar high\"><title>"), 1);
	assert_int_equal(occurrences("class=\"bar ok\"><title>"), 1);
	/* what is not right stands first */
	assert_true(strstr(drawn, ">1500 nspi") < strstr(drawn, ">49155 drsuapi"));
	says("2 lanes, 1 marked changes");
	/* and the change where it came to */
	says("moved: nspi from 49155 to 1500\n2026-01-05 09:00:00 UTC");
	assert_true(strstr(drawn, "moved: nspi") < strstr(drawn, ">49155 drsuapi"));
}

static void
restarts_are_marked_over_all_lanes(void **state)
{
	fill(*state);
	assert_int_equal(fixture_restarted(*state, 1, 5, "0123456789abcdef", NULL, NULL), 0);
	assert_int_equal(fixture_restarted(*state, 2, 6, "1123456789abcdef", NULL, NULL), 0);
	draw(*state, FIGURE_TIMELINES, server("sensor-1", 1), 0, 0);
	assert_int_equal(occurrences("class=\"moment\""), 1);
	says("restarted: 4 interfaces\n2026-01-05 13:00:00 UTC");
}

static void
gaps_are_those_of_the_period(void **state)
{
	struct coverage morning = {FIXTURE_START, fixture_hour(6), 0};
	struct coverage evening = {fixture_hour(12), fixture_hour(18), 0};

	fill(*state);
	draw(*state, FIGURE_TIMELINES, server("sensor-1", 1), 0, 0);
	assert_int_equal(occurrences("class=\"gap\""), 0);
	assert_int_equal(store_keep_coverage(*state, &morning), 0);
	assert_int_equal(store_keep_coverage(*state, &evening), 0);
	draw(*state, FIGURE_TIMELINES, server("sensor-1", 1), 0, 0);
	/* at noon, in the night, and in the key: the day has 24 hours from 8:00 on */
	assert_int_equal(occurrences("class=\"gap\""), 3);
	says("<rect x=\"24.75%\" width=\"24.35%\" y=\"4\" height=\"68\" class=\"gap\"/>");
	says("<rect x=\"73.45%\" width=\"24.35%\" y=\"4\" height=\"68\" class=\"gap\"/>");
	draw(*state, FIGURE_TIMELINES, server("sensor-1", 1), FIXTURE_START, fixture_hour(6));
	assert_int_equal(occurrences("class=\"gap\""), 0);
	says("from 2026-01-05 08:00:00 to 2026-01-05 14:00:00 UTC");
}

static void
servers_stand_by_their_worst(void **state)
{
	fill(*state);
	draw(*state, FIGURE_FLEET, NULL, 0, 0);
	says(">1 high <tspan>10.0.0.1</tspan>");
	says(">1 ok <tspan>10.0.0.2</tspan>");
	says("10.0.0.1\nhigh: 1 of 11 endpoints out of policy");
	says("2 servers: 1 with a finding of high severity, 0 medium, 0 low, 1 in order");
}

static void
ports_are_by_interface(void **state)
{
	fill(*state);
	draw(*state, FIGURE_PORTS, NULL, 0, 0);
	says(">nspi <tspan>1500,50001</tspan>");
	says(">drsuapi +9 <tspan>49155</tspan>");
	says("nspi: port 1500, 1 server, out of policy");
	/* windows-default allows the dynamic range, and both rows have it */
	assert_int_equal(occurrences("class=\"allowed\""), 3);
	says("<rect x=\"73.06%\" width=\"24.99%\"");
}

/* nspi over TCP is pinned to 56004; emsmdb may be from 2000 to 3000; drsuapi has a rule that says nothing. */
static const struct policy *
pins(bool beside)
{
	static const struct port_range pin = {NULL, 56004, 56004}, some = {NULL, 2000, 3000};
	static struct policy_interface interface[3];
	static struct policy_rule rule[3];
	static struct policy policy;

	for (size_t i = 0; i < 3; i++) {
		static const char *const uuid[] = {FIXTURE_NSPI, EMSMDB, FIXTURE_DRSUAPI};

		interface[i] = (struct policy_interface){.any_major = true};
		assert_int_equal(uuid_parse(uuid[i], &interface[i].uuid), 0);
		rule[i] = (struct policy_rule){.servers.any = true,
		    .interfaces = {"it", false, 1, &interface[i]},
		    .protseq = i == 0 ? PROTSEQ_TCP : PROTSEQ_UNKNOWN};
	}
	rule[0].pins = (struct policy_ports){1, &pin};
	rule[0].beside = beside;
	rule[0].allowed = rule[1].allowed = (struct policy_ports){1, &some};
	rule[0].has_allowed = rule[1].has_allowed = true;
	policy = *policy_builtin("windows-default");
	policy.rule = rule;
	policy.rule_count = 3;
	policy.text = "another";
	policy.hash = "0123456789abcdef";
	return &policy;
}

/* The dynamic range, 2000 to 3000, the pin. */
#define DYNAMIC_IS "x=\"73.06%\" width=\"24.99%\""
#define SOME_IS "x=\"1.87%\" width=\"1.76%\""
#define PIN_IS "x=\"83.4%\" width=\"0.25%\""

/* In the row of the picture that has that label: how many ranges there are, and which. */
static void
row_allows(const char *label, size_t count, const char *first, const char *second)
{
	const char *at = strstr(drawn, label);
	char expected[256];
	size_t n = 0;
	int y = 0;

	if (at == NULL)
		print_error("no %s in %s\n", label, strstr(drawn, "<text x"));
	assert_non_null(at);
	for (const char *c = drawn; (c = strstr(c, "<text x=")) != NULL && c < at; c++)
		y++;
	y = 4 + (y - 1) * 34 + 15;
	for (const char *c = at;
	     (c = strstr(c, "class=\"allowed\"/>")) != NULL && c < strstr(at, "class=\"reserved\"");
	     c++)
		n++;
	assert_int_equal(n, count);
	for (size_t i = 0; i < count; i++) {
		snprintf(expected, sizeof(expected),
		    "<rect %s y=\"%d\" height=\"14\" class=\"allowed\"/>", i == 0 ? first : second,
		    y);
		says(expected);
	}
}

/* A pin is where it is right, and nothing else is; over HTTP the same interface goes by another rule, or by none. */
static void
ranges_are_those_of_the_rule(void **state)
{
	struct mapping_key http = fixture_key(1, FIXTURE_NSPI);
	const struct endpoint proxy = {.port = 6004}, other = {.port = 50001};
	struct store *s = *state;

	http.protseq = PROTSEQ_HTTP;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 49155), 0);
	assert_int_equal(fixture_endpoint(s, &http, &proxy, ""), 0);
	assert_int_equal(fixture_port(s, 1, EMSMDB, 2500), 0);
	assert_int_equal(fixture_port(s, 1, FIXTURE_DRSUAPI, 49160), 0);
	draw_by(s, pins(false), FIGURE_PORTS, NULL, 0, 0);
	row_allows(">nspi <tspan>49155<", 1, PIN_IS, NULL);
	row_allows(">nspi <tspan>ncacn_http 6004<", 0, NULL, NULL);
	row_allows(">exchange_emsmdb <tspan>2500<", 1, SOME_IS, NULL);
	row_allows(">drsuapi <tspan>49160<", 1, DYNAMIC_IS, NULL);
	says("3 interfaces answer at");
	says("1 of them are out of policy");
	assert_int_equal(occurrences("6001, 6002, 6004: reserved"), 4);
	draw_by(s, pins(true), FIGURE_PORTS, NULL, 0, 0);
	row_allows(">nspi <tspan>49155<", 2, SOME_IS, PIN_IS);
	assert_int_equal(fixture_endpoint(s, &http, &other, ""), 0);
	draw_by(s, pins(false), FIGURE_PORTS, NULL, 0, 0);
	row_allows(">nspi <tspan>ncacn_http 6004,50001<", 1, DYNAMIC_IS, NULL);
}

/* A server with two versions of an interface at a port is one. */
static void
servers_of_a_port_are_counted_once(void **state)
{
	struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct endpoint at = {.port = 50001};
	struct store *s = *state;

	for (uint16_t major = 1; major < 4; major++) {
		key.major = major;
		assert_int_equal(fixture_endpoint(s, &key, &at, ""), 0);
	}
	draw(s, FIGURE_PORTS, NULL, 0, 0);
	says("nspi: port 50001, 1 server<");
	key = fixture_key(2, FIXTURE_NSPI);
	for (uint16_t major = 1; major < 4; major++) {
		key.major = major;
		assert_int_equal(fixture_endpoint(s, &key, &at, ""), 0);
	}
	draw(s, FIGURE_PORTS, NULL, 0, 0);
	says("nspi: port 50001, 2 servers<");
	says(">nspi <tspan>50001 on 2 servers<");
}

/* More servers than are remembered one by one. */
static void
many_servers_are_counted(void **state)
{
	struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct endpoint at = {.port = 50001};
	struct store *s = *state;

	for (unsigned i = 0; i < 5000; i++) {
		const uint8_t octets[4] = {10, 1, (uint8_t)(i >> 8), (uint8_t)i};

		key.server = addr_from_v4(octets);
		assert_int_equal(fixture_endpoint(s, &key, &at, ""), 0);
	}
	draw(s, FIGURE_PORTS, NULL, 0, 0);
	says("nspi: port 50001, 5000 servers<");
	assert_int_equal(occurrences("class=\"allowed\"/>"), 1);
}

static void
keep_push(struct store *s, uint16_t port, bool registered, uint64_t refused)
{
	const uint8_t of_server[4] = {10, 0, 0, 3}, of_client[4] = {10, 0, 1, 7};
	struct push x = {.server = addr_from_v4(of_server),
	    .client = addr_from_v4(of_client),
	    .server_port = 2571,
	    .last_port = 2571,
	    .client_port = port,
	    .registered = registered,
	    .context = {1},
	    .context_len = 1,
	    .payload_len = 1,
	    .count = 4,
	    .refused = refused,
	    .first_ns = fixture_hour(port % 10),
	    .last_ns = fixture_hour(port % 10 + 2),
	    .evidence = fixture_evidence(fixture_hour(1), 564)};

	assert_int_equal(store_keep_push(s, &x), 0);
}

static void
flows_are_by_client(void **state)
{
	keep_push(*state, 5001, true, 0);
	keep_push(*state, 5005, false, 1);
	draw(*state, FIGURE_NEWMAIL, NULL, 0, 0);
	says(">10.0.1.7:5001,5005 <tspan>8 from 10.0.0.3, 1 refused</tspan>");
	says("port 2571 to 5001, registered\n4 datagrams, 0 refused\n2026-01-05 09:00:00 to "
	     "2026-01-05 11:00:00 UTC");
	assert_int_equal(occurrences("class=\"bar ok\"><title>"), 1);
	assert_int_equal(occurrences("class=\"bar ok inferred\"><title>"), 1);
	/* the sign and its line in the key */
	assert_int_equal(occurrences("class=\"sign refused\""), 2);
}

/* Asked twice between the hours 2 and 6; nothing was delivered. */
static void
keep_vain(struct store *s, uint8_t client, bool fed)
{
	const uint8_t of_server[4] = {10, 0, 0, 3}, of_client[4] = {10, 0, 1, client};
	struct push_client x = {.server = addr_from_v4(of_server),
	    .client = addr_from_v4(of_client),
	    .bound_ns = fixture_hour(6),
	    .starved_ns = fixture_hour(6),
	    .fed_ns = fed ? fixture_hour(7) : 0};
	struct push_registration r = {.server = x.server,
	    .client = x.client,
	    .address = x.client,
	    .has_address = true,
	    .port = 5009,
	    .server_port = 56001,
	    .client_port = 1099,
	    .context = {1},
	    .context_len = 1,
	    .final = true,
	    .evidence = fixture_evidence(fixture_hour(2), 600)};

	assert_int_equal(store_keep_push_client(s, &x), 0);
	for (unsigned i = 0; i < 2; i++) {
		r.first_ns = r.last_ns = fixture_hour(2 + 2 * i);
		assert_int_equal(store_keep_push_registration(s, &r), 0);
	}
}

static void
who_asked_in_vain_is_drawn(void **state)
{
	keep_vain(*state, 8, false);
	keep_vain(*state, 9, true);
	draw(*state, FIGURE_NEWMAIL, NULL, 0, 0);
	says(">10.0.1.8:5009 <tspan>nothing from 10.0.0.3</tspan>");
	says("registered 2 times, and nothing came\n2026-01-05 10:00:00 to 2026-01-05 14:00:00 UTC");
	says("0 flows of new-mail datagrams by client over time: 0 registered, 0 inferred, 0 out of "
	     "policy. 1 client registered, and nothing came.");
	assert_null(strstr(drawn, "10.0.1.9"));
	assert_int_equal(occurrences("class=\"sign vain\""), 2);
	keep_push(*state, 5001, true, 0);
	draw(*state, FIGURE_NEWMAIL, NULL, 0, 0);
	says(">10.0.1.7:5001 <tspan>4 from 10.0.0.3</tspan>");
	says("1 flows of new-mail datagrams by client over time: 1 registered, 0 inferred, 0 out of "
	     "policy.");
	/* of a period without one of them */
	draw(*state, FIGURE_NEWMAIL, NULL, fixture_hour(12), 0);
	assert_string_equal(drawn, "");
}

static void
the_same_gives_the_same(void **state)
{
	char *before;

	fill(*state);
	for (int which = FIGURE_FLEET; which <= FIGURE_PORTS; which++) {
		draw(*state, (enum figure)which, server("sensor-1", 1), 0, 0);
		before = strdup(drawn);
		draw(*state, (enum figure)which, server("sensor-1", 1), 0, 0);
		assert_string_equal(drawn, before);
		assert_true(strlen(drawn) > 500);
		free(before);
	}
}

static void
names_are_never_markup(void **state)
{
	static const char sensor[] = "\"><script>alert(1)</script>";
	struct store *s = *state;

	assert_int_equal(store_realm(s, 0, sensor, "default"), 0);
	fill(s);
	/* a second one, so that sensors are named */
	struct coverage c = {FIXTURE_START, fixture_hour(1), 0};
	assert_int_equal(store_keep_coverage(s, &c), 0);
	draw(s, FIGURE_TIMELINES, server(sensor, 1), 0, 0);
	says("49155 drsuapi +9");
	assert_int_equal(occurrences("<script"), 0);
	draw(s, FIGURE_FLEET, NULL, 0, 0);
	assert_int_equal(occurrences("<script"), 0);
}

static struct figure_sight
sight(const char *uuid, uint16_t port, int64_t first, int64_t last, int64_t ended,
    enum plot_grade grade)
{
	return (struct figure_sight){.key = fixture_key(1, uuid),
	    .endpoint = {.port = port},
	    .grade = grade,
	    .rules = grade == PLOT_OK ? "" : "EPM-001",
	    .weight = 1,
	    .first_ns = first,
	    .last_ns = last,
	    .ended_ns = ended};
}

static void
lanes_follow_endpoint_and_time(void **state)
{
	struct pool *pool;
	struct figure_lanes lanes;
	struct figure_sight all[] = {
	    /* a process, gone, and another one at the same port later */
	    sight(FIXTURE_DRSUAPI, 50000, 10, 20, 21, PLOT_OK),
	    sight(EMSMDB, 50000, 12, 18, 21, PLOT_OK),
	    sight(FIXTURE_NSPI, 50000, 40, 50, 0, PLOT_OK),
	    /* one that was gone for a while */
	    sight(FIXTURE_DRSUAPI, 50001, 10, 20, 21, PLOT_OK),
	    sight(FIXTURE_DRSUAPI, 50001, 30, 40, 0, PLOT_OK),
	    /* out of policy, long ago, and where it is now */
	    sight(EMSMDB, 1500, 5, 6, 7, PLOT_HIGH),
	    sight(EMSMDB, 60001, 8, 40, 0, PLOT_OK),
	    sight(FIXTURE_NSPI, 135, 1, 50, 0, PLOT_UNKNOWN),
	};

	(void)state;
	assert_int_equal(pool_new(&pool), 0);
	assert_int_equal(figure_lanes_make(pool, all, sizeof(all) / sizeof(all[0]), 60, &lanes), 0);
	assert_int_equal(lanes.count, 6);
	assert_string_equal(lanes.lane[0].label, "1500 exchange_emsmdb");
	assert_string_equal(lanes.lane[0].note, "EPM-001");
	assert_string_equal(lanes.lane[1].label, "60001 exchange_emsmdb");
	assert_string_equal(lanes.lane[2].label, "50000 nspi");
	assert_string_equal(lanes.lane[3].label, "50001 drsuapi");
	assert_int_equal(lanes.lane[3].bar_count, 2);
	assert_int_equal(lanes.lane[3].bar[0].from_ns, 10);
	assert_int_equal(lanes.lane[3].bar[0].to_ns, 20);
	assert_false(lanes.lane[3].bar[0].open);
	assert_true(lanes.lane[3].bar[1].open);
	assert_int_equal(lanes.lane[3].bar[1].until_ns, 60);
	assert_int_equal(lanes.lane[4].bar_count, 1);
	assert_int_equal(lanes.lane[4].bar[0].to_ns, 20);
	assert_non_null(strstr(lanes.lane[4].label, " +1"));
	assert_string_equal(lanes.lane[5].label, "135 nspi");
	/* each knows where it is drawn */
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_int_equal(atoi(lanes.lane[all[i].lane].label), all[i].endpoint.port);
	pool_free(&pool);
}

/* More than is drawn is counted. */
static void
lanes_are_bounded(void **state)
{
	for (uint16_t i = 0; i < 60; i++)
		assert_int_equal(
		    fixture_port(*state, 1, FIXTURE_DRSUAPI, (uint16_t)(50000 + i)), 0);
	draw(*state, FIGURE_TIMELINES, server("sensor-1", 1), 0, 0);
	assert_int_equal(occurrences("class=\"bar ok\"><title>"), 24);
	says("36 more lanes are not drawn.");
	/* 24 lanes cost less than 300 bytes each, and the rest 4 KiB */
	assert_true(strlen(drawn) < 24 * 300 + 4096);
}

/* Of more episodes than are looked at what is not right is never left out. */
static void
what_is_wrong_is_drawn_of_many(void **state)
{
	char uuid[UUID_TEXT];

	for (unsigned i = 0; i < 2100; i++)
		assert_int_equal(fixture_port(*state, 1, fixture_uuid(i, uuid), 50000), 0);
	assert_int_equal(
	    fixture_bad_port(*state, 1, "ffffffff-0000-4000-8000-000000000001", 1500), 0);
	draw(*state, FIGURE_TIMELINES, server("sensor-1", 1), 0, 0);
	says(">1500 ffffffff-0000-4000-8000-00000000000");
	says("and 101 episodes not looked at");
	assert_int_equal(occurrences("class=\"bar high\"><title>"), 1);
}

/* Where an alert's endpoint is gone, the others of its key are right, and it is said that it is not closed yet. */
static void
what_settles_is_said(void **state)
{
	assert_int_equal(fixture_port(*state, 1, FIXTURE_NSPI, 50001), 0);
	assert_int_equal(fixture_alert(*state, 1, FIXTURE_NSPI, 1500, ALERT_OPEN), 0);
	draw(*state, FIGURE_TIMELINES, server("sensor-1", 1), 0, 0);
	says(">50001 nspi <tspan>EPM-001 settling</tspan>");
	assert_int_equal(occurrences("class=\"bar ok\"><title>"), 1);
}

static void
failure_to_write_is_told(void **state)
{
	const struct report_options options = {.fail_on = SEVERITY_MEDIUM};
	FILE *full = fopen("/dev/full", "w");
	struct ports *ports;
	struct report *r;

	if (full == NULL)
		skip();
	setvbuf(full, NULL, _IONBF, 0);
	fill(*state);
	assert_int_equal(report_build(&r, *state, policy_builtin("windows-default"), &options), 0);
	for (int which = FIGURE_FLEET; which < FIGURE_PORTS; which++)
		assert_int_equal(
		    figure_write(full, r, (enum figure)which, server("sensor-1", 1)), -EIO);
	assert_int_equal(ports_read(&ports, r), 0);
	assert_int_equal(figure_write(full, r, FIGURE_PORTS, ports), -EIO);
	ports_free(&ports);
	report_free(&r);
	fclose(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(nothing_gives_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(interfaces_of_a_process_are_one_lane, setup, teardown),
	    cmocka_unit_test_setup_teardown(restarts_are_marked_over_all_lanes, setup, teardown),
	    cmocka_unit_test_setup_teardown(gaps_are_those_of_the_period, setup, teardown),
	    cmocka_unit_test_setup_teardown(servers_stand_by_their_worst, setup, teardown),
	    cmocka_unit_test_setup_teardown(ports_are_by_interface, setup, teardown),
	    cmocka_unit_test_setup_teardown(ranges_are_those_of_the_rule, setup, teardown),
	    cmocka_unit_test_setup_teardown(servers_of_a_port_are_counted_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(many_servers_are_counted, setup, teardown),
	    cmocka_unit_test_setup_teardown(flows_are_by_client, setup, teardown),
	    cmocka_unit_test_setup_teardown(who_asked_in_vain_is_drawn, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_same_gives_the_same, setup, teardown),
	    cmocka_unit_test_setup_teardown(names_are_never_markup, setup, teardown),
	    cmocka_unit_test_setup_teardown(lanes_are_bounded, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_wrong_is_drawn_of_many, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_settles_is_said, setup, teardown),
	    cmocka_unit_test_setup_teardown(failure_to_write_is_told, setup, teardown),
	    cmocka_unit_test(lanes_follow_endpoint_and_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
