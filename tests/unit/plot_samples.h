/* plot_samples.h - a small world to draw: used by the tests of plot/. */
#ifndef EPMWATCH_TESTS_PLOT_SAMPLES_H
#define EPMWATCH_TESTS_PLOT_SAMPLES_H

#include "base/clock.h"
#include "plot/fleet.h"
#include "plot/flows.h"
#include "plot/portmap.h"
#include "plot/timeline.h"

#define SAMPLE_START (INT64_C(1767571200) * NS_PER_S) /* 2026-01-05 00:00:00 UTC */
#define SAMPLE_AT(days, hours) (SAMPLE_START + ((days)*INT64_C(24) + (hours)) * 3600 * NS_PER_S)
#define SAMPLE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A mailbox server over three weeks: one interface leaves its pin, and is put back; a restart; a night without the sensor. */
static inline int
sample_timeline(FILE *out)
{
	static const struct plot_bar pinned[] = {
	    {.from_ns = SAMPLE_AT(0, 8),
		.to_ns = SAMPLE_AT(9, 3),
		.until_ns = SAMPLE_AT(9, 3),
		.tip = "56001 ncacn_ip_tcp\nemsmdb, nspi and 9 more"},
	    {.from_ns = SAMPLE_AT(13, 9),
		.to_ns = SAMPLE_AT(20, 22),
		.until_ns = SAMPLE_AT(21, 0),
		.open = true,
		.tip = "56001 ncacn_ip_tcp\nemsmdb, nspi and 9 more"}};
	static const struct plot_bar astray[] = {{.from_ns = SAMPLE_AT(9, 4),
	    .to_ns = SAMPLE_AT(13, 8),
	    .until_ns = SAMPLE_AT(13, 8),
	    .grade = PLOT_HIGH,
	    .tip = "49155 ncacn_ip_tcp\nemsmdb <script>\nEPM-001,EPM-003"}};
	static const struct plot_bar rare[] = {{.from_ns = SAMPLE_AT(2, 0),
						   .to_ns = SAMPLE_AT(2, 0),
						   .until_ns = SAMPLE_AT(2, 0),
						   .tip = "once"},
	    {.from_ns = SAMPLE_AT(15, 0),
		.to_ns = SAMPLE_AT(16, 12),
		.until_ns = SAMPLE_AT(21, 0),
		.open = true,
		.tip = "and again"}};
	static const struct plot_bar second[] = {{.from_ns = SAMPLE_AT(0, 8),
	    .to_ns = SAMPLE_AT(20, 23),
	    .until_ns = SAMPLE_AT(21, 0),
	    .grade = PLOT_MEDIUM,
	    .open = true,
	    .tip = "6002 ncacn_http"}};
	static const struct plot_mark away[] = {
	    {SAMPLE_AT(9, 4), PLOT_SIGN_MOVED, "moved: emsmdb from 56001 to 49155"}};
	static const struct plot_mark back[] = {
	    {SAMPLE_AT(13, 9), PLOT_SIGN_RETURNED, "returned: emsmdb from 49155 to 56001"},
	    {SAMPLE_AT(13, 10), PLOT_SIGN_RETURNED, "returned: nspi from 49155 to 56001"}};
	static const struct plot_mark gone[] = {{SAMPLE_AT(2, 0), PLOT_SIGN_VANISHED, "vanished"},
	    {SAMPLE_AT(15, 0), PLOT_SIGN_ADDITIONAL, "additional"},
	    {SAMPLE_AT(18, 0), PLOT_SIGN_FLIP_FLOP, "flip-flop"}};
	static const struct plot_mark restart[] = {
	    {SAMPLE_AT(9, 3), PLOT_SIGN_RESTARTED, "restarted: 11 interfaces"}};
	static const struct plot_gap gaps[] = {{SAMPLE_AT(5, 20), SAMPLE_AT(6, 7)},
	    {SAMPLE_AT(7, 0), SAMPLE_AT(7, 0) + 60 * NS_PER_S}};
	const struct plot_lane lanes[] = {
	    {"49155 emsmdb", "EPM-001,EPM-003", 1, 1, astray, away},
	    {"56001 emsmdb +10", NULL, 2, 2, pinned, back},
	    {"6002 rfr", "ncacn_http EPM-011", 1, 0, second, NULL},
	    {"\\pipe\\lsass feedbeef-0000-4000-8000-000000000001 +2", "ncacn_np", 2, 3, rare, gone},
	};
	const struct timeline t = {.panel = {.kind = "timeline",
				       .id = "timeline-1",
				       .title = "Endpoints of 10.1.0.11 (exch01.example.com)",
				       .about = "Four lanes.",
				       .left = "3 more lanes are not drawn."},
	    .from_ns = SAMPLE_START,
	    .to_ns = SAMPLE_AT(21, 0),
	    .lane_count = SAMPLE_COUNT(lanes),
	    .lane = lanes,
	    .mark_count = 1,
	    .mark = restart,
	    .gap_count = SAMPLE_COUNT(gaps),
	    .gap = gaps};

	return timeline_write(out, &t);
}

static inline int
sample_fleet(FILE *out)
{
	static const struct plot_server servers[] = {{"dc01", "ok: 41 endpoints", PLOT_OK},
	    {"dc02", "ok: 40 endpoints", PLOT_OK}, {"dc03", NULL, PLOT_OK},
	    {"exch01", "high: 2 of 17 endpoints out of policy", PLOT_HIGH},
	    {"exch02", NULL, PLOT_MEDIUM}, {"exch03", NULL, PLOT_MEDIUM},
	    {"print & \"fax\"", NULL, PLOT_LOW}, {"10.1.0.99", NULL, PLOT_UNKNOWN}};
	const struct fleet f = {.panel = {.kind = "fleet",
				    .id = "fleet",
				    .title = "Servers by how they stand",
				    .about = "8 servers."},
	    .count = SAMPLE_COUNT(servers),
	    .server = servers};

	return fleet_write(out, &f);
}

static inline int
sample_portmap(FILE *out)
{
	static const struct plot_port store[] = {
	    {6001, 1, PLOT_HIGH}, {49155, 1, PLOT_HIGH}, {56001, 3, PLOT_OK}};
	static const struct plot_port book[] = {{56002, 3, PLOT_OK}, {56004, 3, PLOT_OK}};
	static const struct plot_port replication[] = {{135, 9, PLOT_OK}, {49152, 2, PLOT_OK},
	    {49153, 1, PLOT_OK}, {49154, 1, PLOT_OK}, {50001, 4, PLOT_OK}, {65535, 1, PLOT_OK}};
	static const struct plot_range pins[] = {{56001, 56004}};
	static const struct plot_range dynamic[] = {{49152, 65535}};
	static const struct plot_range low[] = {{1, 1024}, {1025, 5000}};
	const struct plot_port_row rows[] = {
	    {"emsmdb +10", "6001,49155,56001 on 3 servers", 3, 1, store, pins},
	    {"nspi", "56002,56004 on 3 servers", 2, 1, book, pins},
	    {"drsuapi +31", "6 ports on up to 4 servers", 6, 1, replication, dynamic},
	    {"feedbeef-0000-4000-8000-000000000001", NULL, 0, 2, NULL, low},
	};
	const struct portmap m = {.panel = {.kind = "ports",
				      .id = "ports",
				      .title = "Ports in use by interface",
				      .about = "Four rows."},
	    .count = SAMPLE_COUNT(rows),
	    .row = rows};

	return portmap_write(out, &m);
}

static inline int
sample_flows(FILE *out)
{
	static const struct plot_flow flows[] = {
	    {"10.2.0.7", "exch01", 1138, 56012, true, 12, 0, SAMPLE_AT(0, 8), SAMPLE_AT(0, 17),
		PLOT_OK, 0},
	    {"10.2.0.7", "exch01", 1138, 56019, true, 3, 1, SAMPLE_AT(1, 8), SAMPLE_AT(1, 9),
		PLOT_OK, 0},
	    {"10.2.0.8", "exch01", 1139, 1044, false, 5, 0, SAMPLE_AT(0, 9), SAMPLE_AT(1, 7),
		PLOT_OK, 0},
	    {"10.9.0.1", "exch01", 1140, 900, false, 2, 2, SAMPLE_AT(1, 0), SAMPLE_AT(1, 12),
		PLOT_LOW, 0},
	    {"10.9.0.1", "exch02", 1140, 901, true, 9, 0, SAMPLE_AT(0, 0), SAMPLE_AT(1, 12),
		PLOT_MEDIUM, 0},
	    {"10.9.0.2", "exch02", 0, 0, true, 0, 0, SAMPLE_AT(0, 8), SAMPLE_AT(0, 20), PLOT_MEDIUM,
		2},
	};
	const struct flows f = {.panel = {.kind = "newmail",
				    .id = "newmail",
				    .title = "New-mail datagrams by client",
				    .about = "5 flows."},
	    .from_ns = SAMPLE_START,
	    .to_ns = SAMPLE_AT(2, 0),
	    .count = SAMPLE_COUNT(flows),
	    .flow = flows};

	return flows_write(out, &f);
}

#endif
