/* test_plot.c - figures: as they were looked at and found good, well-formed whatever they are given, and never too large.
 *
 * With PLOT_UPDATE set, what is written becomes what is expected. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "markup_check.h"
#include "plot_samples.h"

static char *drawn;

static void
keep(int (*write)(FILE *out))
{
	size_t len;
	FILE *out;

	free(drawn);
	drawn = NULL;
	out = open_memstream(&drawn, &len);
	assert_non_null(out);
	assert_int_equal(write(out), 0);
	fclose(out);
}

static char *
file_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 1 << 16);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 16) - 1, f) > 0);
	fclose(f);
	return text;
}

static void
golden(int (*write)(FILE *out), const char *name)
{
	const char *top = getenv("TOP_SRCDIR");
	struct markup m;
	char path[512];

	keep(write);
	assert_null(markup_check(drawn, &m));
	if (top == NULL)
		skip();
	snprintf(path, sizeof(path), "%s/tests/unit/plots/%s.html", top, name);
	if (getenv("PLOT_UPDATE") != NULL) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(drawn, f);
		fclose(f);
	}
	char *expected = file_read(path);
	assert_string_equal(drawn, expected);
	free(expected);
}

static void
timeline_is_as_before(void **state)
{
	(void)state;
	golden(sample_timeline, "timeline");
}

static void
fleet_is_as_before(void **state)
{
	(void)state;
	golden(sample_fleet, "fleet");
}

static void
portmap_is_as_before(void **state)
{
	(void)state;
	golden(sample_portmap, "ports");
}

static void
flows_are_as_before(void **state)
{
	(void)state;
	golden(sample_flows, "newmail");
}

static void
nothing_known_is_least(void **state)
{
	(void)state;
	assert_int_equal(plot_grade_worse(PLOT_UNKNOWN, PLOT_OK), PLOT_OK);
	assert_int_equal(plot_grade_worse(PLOT_LOW, PLOT_UNKNOWN), PLOT_LOW);
	assert_int_equal(plot_grade_worse(PLOT_UNKNOWN, PLOT_UNKNOWN), PLOT_UNKNOWN);
	assert_int_equal(plot_grade_worse(PLOT_HIGH, PLOT_MEDIUM), PLOT_HIGH);
}

static size_t
occurrences(const char *what)
{
	size_t n = 0;

	for (const char *at = drawn; (at = strstr(at, what)) != NULL; at += strlen(what))
		n++;
	return n;
}

/* Who does not see it hears what it is; what is hatched is so by lines, not by colour. */
static void
figures_have_names_and_hatching(void **state)
{
	(void)state;
	keep(sample_timeline);
	assert_int_equal(
	    occurrences("role=\"img\" aria-labelledby=\"timeline-1-t timeline-1-d\""), 1);
	assert_int_equal(occurrences("<title id=\"timeline-1-t\">Endpoints of"), 1);
	assert_int_equal(occurrences("<desc id=\"timeline-1-d\">"), 1);
	/* two bars, and two in the key */
	assert_int_equal(occurrences("fill=\"url(#timeline-1-h)\""), 4);
	assert_int_equal(occurrences("<script"), 0);
	assert_int_equal(occurrences("&lt;script&gt;"), 1);
}

/* What a lane is made of, for the tests that follow. */
static struct plot_bar bar[5000];
static struct plot_mark mark[5000];
static struct plot_gap gap[5000];
static struct plot_lane lane = {.label = "a lane", .bar = bar};
static struct timeline one = {
    .panel = {.kind = "timeline", .id = "x", .title = "t", .about = "a"},
    .from_ns = SAMPLE_START,
    .to_ns = SAMPLE_START + INT64_C(10000) * NS_PER_S, /* a share is about a second */
    .lane_count = 1,
    .lane = &lane,
};

static int
one_write(FILE *out)
{
	return timeline_write(out, &one);
}

/* ${n} bars, each ${each} seconds after the one before, ${length} long. */
static void
bars_make(size_t n, int64_t each, int64_t length)
{
	lane = (struct plot_lane){.label = "a lane", .bar = bar, .bar_count = n};
	one.mark_count = one.gap_count = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t from = SAMPLE_START + (int64_t)i * each * NS_PER_S;

		bar[i] = (struct plot_bar){
		    .from_ns = from, .to_ns = from + length * NS_PER_S, .tip = "tip"};
	}
	keep(one_write);
}

static void
bars_that_touch_are_one(void **state)
{
	(void)state;
	bars_make(2, 100, 95);
	assert_int_equal(occurrences("class=\"bar ok\"><title>"), 1);
	assert_int_equal(
	    occurrences("2 stretches, 2026-01-05 00:00:00 to 2026-01-05 00:03:15 UTC"), 1);
	bars_make(2, 100, 50);
	assert_int_equal(occurrences("class=\"bar ok\"><title>tip"), 2);
	bars_make(2, 100, 95);
	bar[1].grade = PLOT_HIGH;
	keep(one_write);
	assert_int_equal(occurrences("<title>tip"), 2);
	bar[1].grade = PLOT_OK;
	bar[0].open = true;
	keep(one_write);
	assert_int_equal(occurrences("<title>tip"), 2);
}

/* Of whatever severity: in the bar and in the key. */
static void
what_is_out_of_policy_is_hatched(void **state)
{
	(void)state;
	for (int grade = 0; grade < PLOT_GRADES; grade++) {
		bars_make(1, 1, 1000);
		bar[0].grade = (enum plot_grade)grade;
		keep(one_write);
		assert_int_equal(occurrences("fill=\"url(#x-h)\""),
		    grade == PLOT_OK || grade == PLOT_UNKNOWN ? 0 : 2);
	}
}

static void
many_bars_are_drawn_as_few(void **state)
{
	(void)state;
	bars_make(450, 20, 5);
	assert_int_equal(
	    occurrences("450 stretches, 2026-01-05 00:00:00 to 2026-01-05 02:29:45"), 1);
	bars_make(38, 200, 5);
	assert_int_equal(occurrences("class=\"bar ok\"><title>tip"), 38);
	/* each unlike its neighbour: joined, too, as right as the worst of them, to the last */
	bars_make(400, 20, 5);
	for (size_t i = 0; i < 400; i += 2)
		bar[i].grade = PLOT_LOW;
	bar[399].grade = PLOT_HIGH;
	bar[0].inferred = true;
	keep(one_write);
	assert_int_equal(
	    occurrences("400 stretches, 2026-01-05 00:00:00 to 2026-01-05 02:13:05"), 1);
	assert_int_equal(occurrences("class=\"bar high\"><title>"), 1);
	/* those that stand apart stay as they are */
	bars_make(60, 20, 5);
	for (size_t i = 0; i < 60; i += 2)
		bar[i].grade = PLOT_LOW;
	bar[59].from_ns = SAMPLE_START + INT64_C(9000) * NS_PER_S;
	bar[59].to_ns = bar[59].from_ns + NS_PER_S;
	bar[59].grade = PLOT_HIGH;
	keep(one_write);
	assert_int_equal(occurrences("class=\"bar low\"><title>59 stretches"), 1);
	assert_int_equal(occurrences("class=\"bar high\"><title>tip"), 1);
}

static void
marks_make(size_t n, int64_t each)
{
	for (size_t i = 0; i < n; i++)
		mark[i] = (struct plot_mark){
		    SAMPLE_START + (int64_t)i * each * NS_PER_S, PLOT_SIGN_MOVED, "it moved"};
	lane = (struct plot_lane){
	    .label = "a lane", .mark = mark, .mark_count = n, .bar = bar, .bar_count = 0};
	keep(one_write);
}

static void
marks_that_are_close_are_one(void **state)
{
	(void)state;
	marks_make(3, 50);
	assert_int_equal(occurrences("transform=\"translate(-6)\"><title>"), 1);
	assert_int_equal(occurrences("3 changes close together; the first:\nit moved"), 1);
	/* beside what may be short: before what begins, behind what ends */
	mark[0].sign = PLOT_SIGN_VANISHED;
	keep(one_write);
	assert_int_equal(occurrences("transform=\"translate(6)\"><title>"), 1);
	marks_make(3, 500);
	assert_int_equal(occurrences("<title>it moved"), 3);
	marks_make(5000, 2);
	assert_in_range(occurrences("\"><title>"), 1, TIMELINE_MARKS);
}

static void
gaps_that_cannot_be_seen_are_left_out(void **state)
{
	static const int64_t length[] = {5, 15, 300};

	(void)state;
	bars_make(1, 1, 9000);
	one.gap = gap;
	one.gap_count = 3;
	for (size_t i = 0; i < 3; i++) {
		gap[i].from_ns = SAMPLE_START + (int64_t)i * 1000 * NS_PER_S;
		gap[i].to_ns = gap[i].from_ns + length[i] * NS_PER_S;
	}
	keep(one_write);
	assert_int_equal(
	    occurrences("class=\"gap\"/>\n<") + occurrences("height=\"34\" class=\"gap\""), 4);
	one.gap_count = 400;
	for (size_t i = 0; i < 400; i++) {
		gap[i].from_ns = SAMPLE_START + (int64_t)i * 25 * NS_PER_S;
		gap[i].to_ns = gap[i].from_ns + (i % 8 == 0 ? 20 : 13) * NS_PER_S;
	}
	keep(one_write);
	assert_in_range(occurrences("height=\"34\" class=\"gap\""), 40, TIMELINE_GAPS);
	one.gap_count = 0;
}

static void
what_goes_on_is_open(void **state)
{
	(void)state;
	bars_make(1, 1, 1000);
	assert_int_equal(occurrences("class=\"tail\""), 0);
	assert_int_equal(occurrences("sign more"), 0);
	bar[0].until_ns = one.to_ns;
	bar[0].open = true;
	keep(one_write);
	/* the line, and the key */
	assert_int_equal(occurrences("class=\"tail\""), 2);
	assert_int_equal(occurrences("sign more"), 2);
}

static struct plot_flow flow[500];

static int
flows_many(FILE *out)
{
	const struct flows f = {.panel = {.kind = "newmail", .id = "n", .title = "t", .about = "a"},
	    .from_ns = SAMPLE_START,
	    .to_ns = SAMPLE_AT(1, 0),
	    .count = 500,
	    .flow = flow};

	return flows_write(out, &f);
}

static void
lanes_of_clients_are_bounded(void **state)
{
	static char name[500][16];

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		snprintf(name[i], sizeof(name[i]), "client-%04zu", i / 5);
		flow[i] = (struct plot_flow){name[i], "server", 1, (uint16_t)(2000 + i), true, 1, 0,
		    SAMPLE_START, SAMPLE_AT(0, 1), PLOT_OK, 0};
	}
	keep(flows_many);
	assert_int_equal(occurrences("60 more clients are not drawn"), 1);
	assert_int_equal(
	    occurrences("client-0039:2195,2196,2197 +2 <tspan>5 from server</tspan>"), 1);
	assert_int_equal(occurrences("client-0040"), 0);
}

/* Of many clients those that asked in vain are drawn, the last one, too. */
static void
who_asked_in_vain_is_drawn_of_many(void **state)
{
	static char name[500][16];

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		snprintf(name[i], sizeof(name[i]), "client-%04zu", i);
		flow[i] = (struct plot_flow){name[i], "server", 1, 2000, true, 1, 0, SAMPLE_START,
		    SAMPLE_AT(0, 1), PLOT_OK, 0};
	}
	flow[499] = (struct plot_flow){name[499], "server", 0, 0, true, 0, 0, SAMPLE_START,
	    SAMPLE_AT(0, 1), PLOT_MEDIUM, 3};
	keep(flows_many);
	assert_int_equal(occurrences("460 more clients are not drawn"), 1);
	assert_int_equal(occurrences("client-0499 <tspan>nothing from server</tspan>"), 1);
	assert_int_equal(occurrences("registered 3 times, and nothing came"), 2);
	assert_int_equal(occurrences("client-0038"), 1);
	assert_int_equal(occurrences("client-0039"), 0);
}

static struct plot_server server[3000];
static size_t server_count;

static int
fleet_many(FILE *out)
{
	const struct fleet f = {.panel = {.kind = "fleet", .id = "f", .title = "t", .about = "a"},
	    .count = server_count,
	    .server = server};

	return fleet_write(out, &f);
}

static void
cells_stand_for_several_servers(void **state)
{
	(void)state;
	server_count = 3000;
	for (size_t i = 0; i < server_count; i++)
		server[i] = (struct plot_server){"a server", "tip", i < 2900 ? PLOT_OK : PLOT_HIGH};
	keep(fleet_many);
	/* 49 servers a cell, but for the last of each row */
	assert_int_equal(occurrences("class=\"bar ok\""), 60);
	assert_int_equal(occurrences("class=\"bar high\""), 3);
	assert_int_equal(occurrences("and 45 more"), 61);
	assert_int_equal(occurrences("and 5 more"), 1);
	server_count = 61;
	keep(fleet_many);
	assert_int_equal(occurrences("class=\"bar ok\""), 31);
}

static struct plot_port port[65536];

static int
ports_many(FILE *out)
{
	static const struct plot_range all = {0, 65535};
	const struct plot_port_row rows[] = {{"a", "b", 65536, 1, port, &all}};
	const struct portmap m = {.panel = {.kind = "ports", .id = "p", .title = "t", .about = "a"},
	    .count = 1,
	    .row = rows};

	return portmap_write(out, &m);
}

static void
ports_that_are_close_are_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < 65536; i++)
		port[i] = (struct plot_port){(uint16_t)i, 1, PLOT_OK};
	keep(ports_many);
	assert_int_equal(occurrences("class=\"bar ok\"><title>"), 1);
	assert_int_equal(occurrences("a: 65536 ports, 0 to 65535"), 1);
	for (size_t i = 0; i < 65536; i++)
		port[i].grade = i / 100 % 2 == 0 ? PLOT_OK : PLOT_HIGH;
	keep(ports_many);
	/* to the last of them */
	assert_in_range(occurrences("<title>a:"), 1, PORTMAP_SHOWN);
	assert_int_equal(occurrences("to 65535, some out of policy"), 1);
}

static uint64_t seed = 7;

static uint64_t
chance(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 20) % below;
}

static int64_t
any_time(void)
{
	switch (chance(8)) {
	case 0:
		return INT64_MIN + (int64_t)chance(3);
	case 1:
		return INT64_MAX - (int64_t)chance(3);
	case 2:
		return (int64_t)(chance(UINT64_C(1) << 40) << 23);
	default:
		return SAMPLE_START + (int64_t)chance(UINT64_C(1) << 45);
	}
}

static const char *
any_text(void)
{
	static char text[16][2048];
	static const unsigned char raw[] = "<>&\"'\n\x1b\x7f\xe2\x80";
	static unsigned turn;
	char *out = text[turn++ % 16];
	size_t len = chance(chance(20) == 0 ? 2047 : 60);

	for (size_t i = 0; i < len; i++) {
		uint64_t any = 1 + chance(255);

		out[i] = (char)(chance(3) == 0 ? raw[chance(sizeof(raw) - 1)] : any);
	}
	out[len] = '\0';
	return out;
}

static enum plot_grade
any_grade(void)
{
	return (enum plot_grade)chance(PLOT_GRADES);
}

/* Unsorted, reversed, out of range: whatever comes. */
static int
timeline_any(FILE *out)
{
	static struct plot_lane lanes[8];
	struct timeline t = {.panel = {"timeline", "any", any_text(), any_text(), any_text()},
	    .from_ns = any_time(),
	    .to_ns = any_time(),
	    .lane_count = chance(8),
	    .lane = lanes,
	    .mark = mark,
	    .gap = gap};

	for (size_t i = 0; i < 200; i++) {
		bar[i] = (struct plot_bar){any_time(), any_time(), any_time(), any_grade(),
		    chance(2) == 0, chance(2) == 0, any_text()};
		mark[i] = (struct plot_mark){any_time(),
		    (unsigned)(PLOT_SIGN_MOVED + chance(PLOT_SIGN_REFUSED - PLOT_SIGN_MOVED + 1)),
		    any_text()};
		gap[i] = (struct plot_gap){any_time(), any_time()};
	}
	t.mark_count = chance(200);
	t.gap_count = chance(200);
	for (size_t i = 0; i < 8; i++)
		lanes[i] = (struct plot_lane){any_text(), chance(2) == 0 ? NULL : any_text(),
		    chance(200), chance(200), bar, mark};
	return timeline_write(out, &t);
}

static int
portmap_any(FILE *out)
{
	static struct plot_port_row rows[8];
	static struct plot_range range[8];
	const struct portmap m = {.panel = {"ports", "any", any_text(), any_text(), NULL},
	    .count = chance(8),
	    .row = rows};

	for (size_t i = 0; i < 300; i++)
		port[i] = (struct plot_port){
		    (uint16_t)chance(65536), (uint32_t)chance(UINT32_MAX), any_grade()};
	for (size_t i = 0; i < 8; i++) {
		range[i] = (struct plot_range){(uint16_t)chance(65536), (uint16_t)chance(65536)};
		rows[i] = (struct plot_port_row){
		    any_text(), any_text(), chance(300), chance(8), port, range};
	}
	return portmap_write(out, &m);
}

static int
fleet_any(FILE *out)
{
	const struct fleet f = {.panel = {"fleet", "any", any_text(), any_text(), NULL},
	    .count = chance(300),
	    .server = server};

	for (size_t i = 0; i < 300; i++)
		server[i] = (struct plot_server){
		    any_text(), chance(3) == 0 ? NULL : any_text(), any_grade()};
	return fleet_write(out, &f);
}

static int
flows_any(FILE *out)
{
	const struct flows f = {.panel = {"newmail", "any", any_text(), any_text(), NULL},
	    .from_ns = any_time(),
	    .to_ns = any_time(),
	    .count = chance(300),
	    .flow = flow};

	for (size_t i = 0; i < 300; i++)
		flow[i] = (struct plot_flow){any_text(), any_text(), (uint16_t)chance(65536),
		    (uint16_t)chance(65536), chance(2) == 0, chance(UINT64_MAX), chance(3),
		    any_time(), any_time(), any_grade(), chance(3)};
	return flows_write(out, &f);
}

static void
anything_is_well_formed_and_bounded(void **state)
{
	static int (*const all[])(FILE * out) = {timeline_any, portmap_any, fleet_any, flows_any};

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		struct markup m;

		keep(all[i % SAMPLE_COUNT(all)]);
		const char *wrong = markup_check(drawn, &m);
		if (wrong != NULL)
			print_error("%zu: %s at %.100s\n", i, wrong, m.at);
		assert_null(wrong);
		/* of at most 40 lanes, each of which is full of the longest tooltips that there are */
		assert_true(m.elements < 40 * 3 * (TIMELINE_BARS + TIMELINE_MARKS) + 400);
	}
}

static int
forget(void **state)
{
	(void)state;
	free(drawn);
	drawn = NULL;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timeline_is_as_before),
	    cmocka_unit_test(fleet_is_as_before),
	    cmocka_unit_test(portmap_is_as_before),
	    cmocka_unit_test(flows_are_as_before),
	    cmocka_unit_test(nothing_known_is_least),
	    cmocka_unit_test(figures_have_names_and_hatching),
	    cmocka_unit_test(bars_that_touch_are_one),
	    cmocka_unit_test(what_is_out_of_policy_is_hatched),
	    cmocka_unit_test(many_bars_are_drawn_as_few),
	    cmocka_unit_test(marks_that_are_close_are_one),
	    cmocka_unit_test(gaps_that_cannot_be_seen_are_left_out),
	    cmocka_unit_test(what_goes_on_is_open),
	    cmocka_unit_test(lanes_of_clients_are_bounded),
	    cmocka_unit_test(who_asked_in_vain_is_drawn_of_many),
	    cmocka_unit_test(cells_stand_for_several_servers),
	    cmocka_unit_test(ports_that_are_close_are_one),
	    cmocka_unit_test(anything_is_well_formed_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
