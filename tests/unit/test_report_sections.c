/* What the sections of a report say: remedies, servers by verdict, pinholes, what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/fleet.h"
#include "report/model/model.h"
#include "report_fixture.h"

static char *
reported(struct store *s, const struct document_ops *ops, int64_t until_ns)
{
	const struct report_options options = {.until_ns = until_ns, .fail_on = SEVERITY_MEDIUM};
	struct report *r;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(report_build(&r, s, policy_builtin("windows-default"), &options), 0);
	assert_int_equal(document_write(ops, r, out, false), 0);
	report_free(&r);
	fclose(out);
	return fixture_joined(text);
}

static void
has(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("no `%s' in:\n%s", words, text);
}

/* What it is that moves replication is known; of the other interface nothing is. */
static void
a_finding_says_what_would_put_it_right(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char uuid[UUID_TEXT];

	(void)state;
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_DRSUAPI, 1032), 0);
	assert_int_equal(fixture_bad_port(s, 2, fixture_uuid(1, uuid), 1033), 0);
	char *text = reported(s, &document_text, 0);
	has(text, "  remedy    set HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters "
		  "\"TCP/IP Port\" to a port that is allowed (epmwatch plan proposes one), and "
		  "restart the computer\n");
	has(text, "  remedy    no registry value is known to move it; a firewall has to allow "
		  "10.0.0.2 TCP port 1033\n");
	free(text);
	store_close(&s);
}

static int
keep_alert(struct store *s, const char *rule, const char *id, const char *uuid, const char *about,
    const char *observed)
{
	struct alert a = {.severity = SEVERITY_HIGH,
	    .state = ALERT_OPEN,
	    .key = fixture_key(1, uuid),
	    .ts_ns = fixture_hour(1),
	    .opened_ns = fixture_hour(1),
	    .updated_ns = fixture_hour(1),
	    .signature = "what happened",
	    .client_count = 1,
	    .client_total = 3,
	    .evidence = fixture_evidence(fixture_hour(1), 7)};

	snprintf(a.rule, sizeof(a.rule), "%s", rule);
	snprintf(a.id, sizeof(a.id), "%s", id);
	snprintf(a.about, sizeof(a.about), "%s", about);
	snprintf(a.observed, sizeof(a.observed), "%s", observed);
	a.client[0] = a.evidence.client;
	return store_keep_alert(s, &a);
}

static void
what_is_denied_is_to_be_stopped(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_DRSUAPI, 50001), 0);
	assert_int_equal(
	    keep_alert(s, "EPM-002", "00000000000000b2", FIXTURE_DRSUAPI, "", "50001"), 0);
	char *text = reported(s, &document_text, 0);
	has(text, "  remedy    stop the service, or block 10.0.0.1 TCP port 50001\n");
	assert_null(strstr(text, "NTDS"));
	free(text);
	store_close(&s);
}

/* The second server is worse; of the third it is not known how it stands. */
static void
servers_stand_with_the_worst_first(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char uuid[UUID_TEXT];

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 50001), 0);
	assert_int_equal(fixture_port(s, 1, FIXTURE_DRSUAPI, 50001), 0);
	assert_int_equal(fixture_bad_port(s, 2, FIXTURE_NSPI, 1032), 0);
	assert_int_equal(fixture_bad_port(s, 2, fixture_uuid(5, uuid), 1032), 0);
	assert_int_equal(fixture_port(s, 2, FIXTURE_DRSUAPI, 50002), 0);
	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, 50000, 50001, FIXTURE_START, FIXTURE_START + 1), 0);
	assert_int_equal(
	    fixture_moved(s, 3, FIXTURE_NSPI, 50000, 50001, FIXTURE_START, FIXTURE_START + 1), 0);
	char *text = reported(s, &document_text, 0);
	has(text, "\nSERVERS\n"
		  "SERVER    ENDPOINTS  FINDINGS  CHANGES  WORST\n"
		  "10.0.0.2          3         2        0  high\n"
		  "10.0.0.1          2         0        1  ok\n"
		  "10.0.0.3                    0        1  nothing known\n\n");
	free(text);
	store_close(&s);
}

static int
pinhole(struct store *s, int64_t closed_ns)
{
	struct alert a = {.rule = "EPM-013",
	    .id = "00000000000000d1",
	    .severity = SEVERITY_MEDIUM,
	    .state = ALERT_OPEN,
	    .key = fixture_key(1, "00000000-0000-0000-0000-000000000000"),
	    .about = "port 50001",
	    .ts_ns = fixture_hour(1),
	    .opened_ns = fixture_hour(1),
	    .updated_ns = fixture_hour(1),
	    .signature = "clients do not get through",
	    .expected = "a connection",
	    .observed = "refused",
	    .client_count = 1,
	    .client_total = 3,
	    .evidence = fixture_evidence(fixture_hour(1), 7)};
	a.key.major = 0;
	a.evidence.source = EVIDENCE_ATTEMPT;
	a.client[0] = a.evidence.client;
	int err = store_keep_alert(s, &a);

	if (err != 0 || closed_ns == 0)
		return err;
	a.state = ALERT_CLOSED;
	a.ts_ns = a.updated_ns = a.closed_ns = closed_ns;
	return store_keep_alert(s, &a);
}

static void
a_blocked_port_is_told_with_who_is_behind_it(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 50001), 0);
	assert_int_equal(fixture_port(s, 1, FIXTURE_DRSUAPI, 50002), 0);
	assert_int_equal(pinhole(s, 0), 0);
	char *text = reported(s, &document_text, 0);
	has(text, "\nPINHOLES\n"
		  "blocked  10.0.0.1  tcp 50001\n"
		  "  seen      the endpoint mapper named port 50001; then connections to it from 3 "
		  "clients got a reset\n"
		  "  services  nspi\n"
		  "  since     2026-01-05 09:00:00 UTC\n"
		  "  clients   10.0.0.200 and 2 more\n"
		  "  remedy    a firewall between has to let TCP through to 10.0.0.1 port 50001");
	has(text,
	    "  evidence  2026-01-05T09:00:00.000000Z, try to connect, client 10.0.0.200, ");
	assert_null(strstr(text, "bind without"));
	free(text);
	store_close(&s);
}

/* Of an earlier time it is told as it was then. */
static void
a_port_that_is_open_again_says_since_when(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	assert_int_equal(pinhole(s, fixture_hour(3)), 0);
	char *text = reported(s, &document_text, 0);
	has(text, "\nPINHOLES\nopen again  10.0.0.1  tcp 50001\n");
	has(text, "  since     2026-01-05 09:00:00, until 2026-01-05 11:00:00 UTC\n");
	assert_null(strstr(text, "remedy"));
	free(text);
	text = reported(s, &document_text, fixture_hour(2));
	has(text, "\nPINHOLES\nblocked  10.0.0.1  tcp 50001\n");
	free(text);
	store_close(&s);
}

/* An alert of ${rule} on port 1032 of ${host} that closed in that hour. */
static void
closed(struct store *s, uint8_t host, unsigned n, const char *rule, unsigned hour)
{
	struct alert a = {.severity = SEVERITY_HIGH,
	    .state = ALERT_CLOSED,
	    .ts_ns = fixture_hour(hour),
	    .opened_ns = FIXTURE_START,
	    .updated_ns = fixture_hour(hour),
	    .closed_ns = fixture_hour(hour),
	    .signature = "what was wrong",
	    .observed = "1032",
	    .evidence = fixture_evidence(FIXTURE_START, 7)};
	char uuid[UUID_TEXT];

	a.key = fixture_key(host, fixture_uuid(n, uuid));
	snprintf(a.rule, sizeof(a.rule), "%s", rule);
	snprintf(a.id, sizeof(a.id), "%02x%02x%04x0000%s", (unsigned)host, n, hour, rule + 3);
	assert_int_equal(store_keep_alert(s, &a), 0);
}

/* Of one process the last to close says when, whichever it is; of processes the last stands first. */
static void
the_newest_of_several_that_closed_is_told(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	closed(s, 1, 1, "EPM-001", 2);
	closed(s, 1, 2, "EPM-001", 4);
	closed(s, 1, 2, "EPM-003", 3);
	closed(s, 1, 3, "EPM-001", 1);
	closed(s, 2, 1, "EPM-001", 3);
	closed(s, 3, 1, "EPM-001", 5);
	char *text = reported(s, &document_markdown, 0);
	has(text, "\n## Right again\n\n"
		  "- 2026-01-05 13:00:00 **EPM-001** `10.0.0.3` what was wrong (`");
	has(text, "`)\n- 2026-01-05 12:00:00 **EPM-001,EPM-003** `10.0.0.1` `ncacn_ip_tcp 1032` 3 "
		  "interfaces (`");
	has(text, ", ...)\n- 2026-01-05 11:00:00 **EPM-001** `10.0.0.2` what was wrong (`");
	free(text);
	store_close(&s);
}

/* An interface at port 1032, seen in those hours by so many clients. */
static void
seen_wrong(struct store *s, unsigned n, unsigned first, unsigned last, uint32_t clients)
{
	struct addr client[8];
	char uuid[UUID_TEXT];
	struct episode e = {.endpoint = {.port = 1032},
	    .first_ns = fixture_hour(first),
	    .last_ns = fixture_hour(last),
	    .announced = 2,
	    .first = fixture_evidence(fixture_hour(first), 7),
	    .last = fixture_evidence(fixture_hour(last), 99),
	    .client_count = clients,
	    .client = client,
	    .dirty = true};
	struct mapping m = {.episode_count = 1, .episode = &e, .dirty = true};

	for (uint32_t i = 0; i < clients; i++)
		client[i] = addr_from_v4((const uint8_t[4]){10, 0, 1, (uint8_t)i});
	m.key = fixture_key(1, fixture_uuid(n, uuid));
	assert_int_equal(store_keep_mapping(s, &m), 0);
	assert_int_equal(fixture_alert(s, 1, uuid, 1032, ALERT_OPEN), 0);
}

/* Interfaces that share an endpoint: the first sight of any, the last of any, the most clients. */
static void
a_finding_of_several_says_the_most_that_is_known(void **state)
{
	struct store *s = fixture_store("day.pcap");

	(void)state;
	seen_wrong(s, 1, 3, 5, 2);
	seen_wrong(s, 2, 1, 4, 1);
	seen_wrong(s, 3, 2, 7, 5);
	seen_wrong(s, 4, 4, 6, 3);
	char *text = reported(s, &document_text, 0);
	has(text, "  since     2026-01-05 09:00:00, last seen 2026-01-05 15:00:00 UTC; 5 clients, "
		  "announced\n");
	free(text);
	store_close(&s);
}

enum {
	MANY = 70
};

/* ${count} interfaces of a server, of which ${alike} each went the same way; to nowhere where it vanished. */
static void
went_together(struct store *s, enum change_kind kind, size_t count, size_t alike)
{
	static struct endpoint before[MANY], after[MANY];
	static struct change_member member[MANY];
	struct change c = {.kind = kind,
	    .id = "00000000000000e1",
	    .key = {.server = fixture_key(1, FIXTURE_NSPI).server},
	    .ts_ns = fixture_hour(2),
	    .first_ns = fixture_hour(2),
	    .not_before_ns = fixture_hour(1),
	    .not_after_ns = fixture_hour(2),
	    .member_count = count,
	    .member = member,
	    .evidence = fixture_evidence(fixture_hour(2), 77)};
	char uuid[UUID_TEXT];

	for (size_t i = 0; i < count; i++) {
		before[i] = (struct endpoint){.port = (uint16_t)(50001 + i / alike)};
		after[i] = (struct endpoint){.port = (uint16_t)(60001 + i / alike)};
		member[i] =
		    (struct change_member){.key = fixture_key(1, fixture_uuid((unsigned)i, uuid)),
			.previous_count = 1,
			.current_count = kind != CHANGE_VANISHED,
			.previous = &before[i],
			.current = &after[i],
			.not_before_ns = fixture_hour(1),
			.not_after_ns = fixture_hour(2)};
	}
	assert_int_equal(store_keep_change(s, &c), 0);
}

static void
expect_members(
    enum change_kind kind, size_t count, size_t alike, const char *head, const char *last)
{
	struct store *s = fixture_store("day.pcap");

	went_together(s, kind, count, alike);
	char *text = reported(s, &document_text, 0);
	has(text, head);
	if (last != NULL)
		has(text, last);
	else
		assert_null(strstr(text, "more interface"));
	free(text);
	store_close(&s);
}

/* Thirty ways are told, and so many members are held; what is behind is counted. */
static void
many_members_are_cut_with_a_count(void **state)
{
	(void)state;
	expect_members(
	    CHANGE_RESTARTED, 30, 1, "    moved     ncacn_ip_tcp 50030 -> 60030: ", NULL);
	expect_members(CHANGE_RESTARTED, 31, 1, "    moved     ncacn_ip_tcp 50030 -> 60030: ",
	    "    ... and 1 more interface  epmwatch explain -d STORE 00000000000000e1\n");
	expect_members(CHANGE_RESTARTED, 62, 2, "    moved     ncacn_ip_tcp 50030 -> 60030: ",
	    "    ... and 2 more interfaces  epmwatch explain -d STORE 00000000000000e1\n");
	expect_members(CHANGE_RESTARTED, MANY, MANY, "  70 interfaces\n",
	    "    ... and 6 more interfaces  epmwatch explain -d STORE 00000000000000e1\n");
}

static void
what_vanished_with_its_server_is_gone(void **state)
{
	(void)state;
	expect_members(CHANGE_VANISHED, 2, 2,
	    "    gone      ncacn_ip_tcp 50001: feedbeef-0000-4000-8000-000000000000, "
	    "feedbeef-0000-4000-8000-000000000001\n",
	    NULL);
}

/* Changes are counted, not the lines that they would make. */
static void
what_is_left_out_counts_changes(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char uuid[UUID_TEXT];

	(void)state;
	for (unsigned i = 0; i < 52 * 3; i++)
		assert_int_equal(
		    fixture_moved(s, (uint8_t)(1 + i / 3), fixture_uuid(i % 3, uuid), 50001, 50002,
			fixture_hour(1), fixture_hour(1) + i / 3 * NS_PER_S),
		    0);
	char *text = reported(s, &document_text, 0);
	has(text, "\nmoved: 156\n  6 earlier ones are left out: epmwatch changes -d STORE tells of "
		  "each\n  2026-01-05 09:00:02  10.0.0.3  ");
	has(text, "\n  2026-01-05 09:00:51  10.0.0.52  ");
	assert_null(strstr(text, "10.0.0.2  ncacn"));
	free(text);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_finding_says_what_would_put_it_right),
	    cmocka_unit_test(what_is_denied_is_to_be_stopped),
	    cmocka_unit_test(servers_stand_with_the_worst_first),
	    cmocka_unit_test(a_blocked_port_is_told_with_who_is_behind_it),
	    cmocka_unit_test(a_port_that_is_open_again_says_since_when),
	    cmocka_unit_test(the_newest_of_several_that_closed_is_told),
	    cmocka_unit_test(a_finding_of_several_says_the_most_that_is_known),
	    cmocka_unit_test(many_members_are_cut_with_a_count),
	    cmocka_unit_test(what_vanished_with_its_server_is_gone),
	    cmocka_unit_test(what_is_left_out_counts_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
