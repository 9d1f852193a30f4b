/* What the sections of a report say: remedies, servers by verdict, pinholes, what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/document.h"
#include "report/fleet.h"
#include "report/formats.h"
#include "report/model.h"
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

/* The second server is worse; the third has nothing but an endpoint. */
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
	char *text = reported(s, &document_text, 0);
	has(text, "\nSERVERS\n"
		  "SERVER    ENDPOINTS  FINDINGS  CHANGES  WORST\n"
		  "10.0.0.2          3         2        0  high\n"
		  "10.0.0.1          2         0        1  ok\n\n");
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

static void
the_newest_of_several_that_closed_is_told(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char uuid[UUID_TEXT];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(fixture_alert(s, 1, fixture_uuid(i, uuid), 1032, ALERT_CLOSED), 0);
	char *text = reported(s, &document_markdown, 0);
	has(text, "\n## Right again\n\n- 2026-01-05 10:00:00 **EPM-001** `10.0.0.1` `ncacn_ip_tcp "
		  "1032` 3 interfaces (`");
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
