/* What list and report say of servers as a whole: names, sealed calls, referrals. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/model.h"
#include "report/model/servers.h"
#include "report/rows/rows.h"
#include "report_fixture.h"
#include "store/query.h"
#include "track/policy.h"

/* The facts of 10.0.0.${host}, of realm ${realm}; whoever fills them in keeps them with keep(). */
struct draft {
	struct server_facts facts;
	struct server_alias alias[4];
	struct server_referral referral[4];
	char text[12][64];
	size_t texts;
};

static char *
draft_text(struct draft *d, const char *text)
{
	char *copy = d->text[d->texts++];

	assert_true(d->texts <= sizeof(d->text) / sizeof(d->text[0]));
	snprintf(copy, sizeof(d->text[0]), "%s", text);
	return copy;
}

static void
draft(struct draft *d, uint8_t host, uint8_t realm, const char *name)
{
	*d = (struct draft){.facts = {.realm = realm}};
	d->facts.server = fixture_key(host, FIXTURE_NSPI).server;
	d->facts.host = name != NULL ? draft_text(d, name) : NULL;
	d->facts.dirty = SERVER_NAMED | SERVER_SEALED | SERVER_REFERRED;
}

static void
draft_alias(struct draft *d, const char *name)
{
	d->alias[d->facts.alias_count++].name = draft_text(d, name);
}

static void
draft_referral(struct draft *d, enum referral_operation operation, const char *to, int64_t hours)
{
	d->referral[d->facts.referral_count++] = (struct server_referral){.operation = operation,
	    .to = draft_text(d, to),
	    .first_ns = FIXTURE_START + hours * FIXTURE_HOUR,
	    .last_ns = FIXTURE_START + (hours + 1) * FIXTURE_HOUR,
	    .count = 3};
}

static void
keep(struct store *s, struct draft *d)
{
	d->facts.alias = d->alias;
	d->facts.referral = d->referral;
	assert_int_equal(store_keep_server(s, &d->facts), 0);
}

/* The report on ${s} from ${since} hours on to ${until}, 0 for open; the caller frees it. */
static char *
reported(struct store *s, int64_t since, int64_t until)
{
	const struct report_options options = {
	    .since_ns = since != 0 ? FIXTURE_START + since * FIXTURE_HOUR : 0,
	    .until_ns = until != 0 ? FIXTURE_START + until * FIXTURE_HOUR : 0,
	    .fail_on = SEVERITY_MEDIUM};
	struct report *r;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(report_build(&r, s, policy_builtin("windows-default"), &options), 0);
	assert_int_equal(document_write(&document_text, r, out, false), 0);
	fclose(out);
	report_free(&r);
	return fixture_joined(text);
}

/* What ${text} says below the line ${head}, up to the next head: an empty line, and capitals. */
static void
assert_section(const char *text, const char *head, const char *want)
{
	const char *at = strstr(text, head), *end;

	assert_non_null(at);
	at += strlen(head);
	for (end = strstr(at, "\n\n"); end != NULL && !isupper((unsigned char)end[3]);)
		end = strstr(end + 2, "\n\n");
	char *section = strndup(at, end != NULL ? (size_t)(end - at) + 1 : strlen(at));
	assert_string_equal(section, want);
	free(section);
}

static void
a_server_is_told_with_its_names_and_what_was_sealed(void **state)
{
	struct store *s = fixture_store("day.pcap");
	struct draft d;

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 56004), 0);
	assert_int_equal(fixture_port(s, 2, FIXTURE_NSPI, 56004), 0);
	draft(&d, 1, 0, "mail.example.com");
	draft_alias(&d, "MAIL");
	draft_alias(&d, "10.0.0.9");
	d.facts.sealed = 12;
	d.facts.sealed_mapper = 3;
	keep(s, &d);
	char *text = reported(s, 0, 0);
	assert_section(text, "\nENDPOINTS\n",
	    "10.0.0.1 (mail.example.com)\n"
	    "  aliases   10.0.0.9, MAIL\n"
	    "  sealed    12 calls of this server could not be read: sealed, 3 of them to its endpoint "
	    "mapper\n"
	    "  SERVICE  ENDPOINT             PROOF      VERDICT\n"
	    "  nspi     ncacn_ip_tcp[56004]  confirmed  ok\n"
	    "\n10.0.0.2\n"
	    "  SERVICE  ENDPOINT             PROOF      VERDICT\n"
	    "  nspi     ncacn_ip_tcp[56004]  confirmed  ok\n");
	assert_null(strstr(text, "REFERRALS"));
	free(text);
	store_close(&s);
}

static void
sealed_calls_are_told_of_servers_without_an_endpoint_too(void **state)
{
	struct store *s = fixture_store("day.pcap");
	struct draft d;

	(void)state;
	assert_int_equal(fixture_port(s, 5, FIXTURE_NSPI, 56004), 0);
	draft(&d, 4, 0, NULL);
	d.facts.sealed = d.facts.sealed_mapper = 2;
	keep(s, &d);
	draft(&d, 5, 0, NULL);
	d.facts.sealed = 2;
	keep(s, &d);
	draft(&d, 6, 0, "dc1");
	draft_alias(&d, "DC1.example.com");
	d.facts.sealed = d.facts.sealed_mapper = 1;
	keep(s, &d);
	draft(&d, 7, 0, "only-named");
	keep(s, &d);
	char *text = reported(s, 0, 0);
	assert_section(text, "\nENDPOINTS\n",
	    "10.0.0.5\n"
	    "  sealed    2 calls of this server could not be read: sealed\n"
	    "  SERVICE  ENDPOINT             PROOF      VERDICT\n"
	    "  nspi     ncacn_ip_tcp[56004]  confirmed  ok\n"
	    "\n10.0.0.4\n"
	    "  sealed    2 calls of this server could not be read: sealed, all of them to its endpoint "
	    "mapper\n"
	    "\n10.0.0.6 (dc1)\n"
	    "  aliases   DC1.example.com\n"
	    "  sealed    1 call of this server could not be read: sealed, to its endpoint mapper\n");
	assert_non_null(strstr(text, "1 server, 1 endpoint;"));
	free(text);
	store_close(&s);
}

static void
referrals_are_told_by_server_and_period(void **state)
{
	struct store *s = fixture_store("day.pcap");
	struct draft d;

	(void)state;
	draft(&d, 1, 0, "mail.example.com");
	draft_referral(&d, REFERRAL_NEW_DSA, "dc2.example.com", 5);
	draft_referral(&d, REFERRAL_NEW_DSA, "dc1.example.com", 1);
	draft_referral(&d, REFERRAL_FQDN, "mbx.example.com", 1);
	keep(s, &d);
	char *text = reported(s, 0, 0);
	assert_section(text, "\nREFERRALS\n",
	    "10.0.0.1 (mail.example.com)\n"
	    "  SENT TO          FOR           ANSWERS  LAST SEEN (UTC)\n"
	    "  dc1.example.com  address book        3  2026-01-05 10:00:00\n"
	    "  dc2.example.com  address book        3  2026-01-05 14:00:00\n"
	    "  mbx.example.com  mailbox             3  2026-01-05 10:00:00\n");
	free(text);
	text = reported(s, 3, 0);
	assert_null(strstr(text, "dc1.example.com"));
	assert_non_null(strstr(text, "dc2.example.com"));
	free(text);
	text = reported(s, 2, 5);
	assert_non_null(strstr(text, "dc1.example.com")); /* it ends where the period begins */
	assert_null(strstr(text, "dc2.example.com"));     /* and this begins where it ends */
	free(text);
	text = reported(s, 20, 21);
	assert_null(strstr(text, "REFERRALS"));
	free(text);
	store_close(&s);
}

/* An endpoint of server 10.0.0.1 of that realm. */
static void
port_in_realm(struct store *s, uint8_t realm, uint16_t port)
{
	struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	const struct endpoint endpoint = {.port = port};

	key.realm = realm;
	assert_int_equal(fixture_endpoint(s, &key, &endpoint, ""), 0);
}

static void
equal_addresses_of_two_realms_are_told_apart(void **state)
{
	struct store *s = fixture_store("day.pcap");
	struct draft d;

	(void)state;
	assert_int_equal(store_realm(s, 1, "sensor-1", "branch"), 0);
	port_in_realm(s, 0, 56001);
	port_in_realm(s, 1, 56002);
	draft(&d, 1, 0, "here");
	keep(s, &d);
	draft(&d, 1, 1, "there");
	d.facts.sealed = 1;
	keep(s, &d);
	char *text = reported(s, 0, 0);
	assert_non_null(strstr(text, "10.0.0.1 (there) in realm branch\n  sealed    1 call of this server"));
	assert_non_null(strstr(text, "10.0.0.1 (here)\n  SERVICE"));
	assert_non_null(strstr(text, "2 servers, 2 endpoints;"));
	free(text);
	store_close(&s);
}

static void
changes_and_findings_name_the_host(void **state)
{
	struct store *s = fixture_store("day.pcap");
	struct draft d;

	(void)state;
	draft(&d, 1, 0, "mail.example.com");
	keep(s, &d);
	assert_int_equal(fixture_bad_port(s, 1, FIXTURE_NSPI, 1032), 0);
	assert_int_equal(fixture_alert(s, 1, FIXTURE_DRSUAPI, 1033, ALERT_OPEN), 0);
	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, 56004, 1032, FIXTURE_START, FIXTURE_START + 1), 0);
	char *text = reported(s, 0, 0);
	assert_non_null(
	    strstr(text, "EPM-001 high  10.0.0.1 (mail.example.com)  ncacn_ip_tcp 1032\n"));
	assert_non_null(
	    strstr(text, "EPM-001 high  10.0.0.1 (mail.example.com)  ncacn_ip_tcp 1033\n"));
	assert_non_null(
	    strstr(text, "  10.0.0.1 (mail.example.com)  ncacn_ip_tcp  56004 -> 1032 by"));
	free(text);
	store_close(&s);
}

static char *
listed(struct store *s, const char *format, bool history)
{
	char *text = NULL;
	size_t len = 0, findings;
	FILE *out = open_memstream(&text, &len);
	const struct query_filter any = {0};
	const struct rows_options options = {.out = out,
	    .kind = history ? &rows_history : &rows_list,
	    .policy = policy_builtin("windows-default"),
	    .fail_on = SEVERITY_MEDIUM};

	assert_non_null(out);
	assert_int_equal(rows_write(s, &any, rows_format(format), &options, &findings), 0);
	fclose(out);
	return text;
}

static void
rows_have_host_and_aliases(void **state)
{
	struct store *s = fixture_store("day.pcap");
	struct draft d;

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 56004), 0);
	assert_int_equal(fixture_port(s, 2, FIXTURE_NSPI, 56004), 0);
	draft(&d, 1, 0, "mail.example.com");
	draft_alias(&d, "b,c");
	draft_alias(&d, "a");
	keep(s, &d);
	for (int history = 0; history < 2; history++) {
		char *text = listed(s, "json", history);
		json_t *rows = json_loads(text, 0, NULL), *row = json_array_get(rows, 0);

		assert_string_equal(
		    json_string_value(json_object_get(row, "host")), "mail.example.com");
		row = json_object_get(row, "aliases");
		assert_int_equal(json_array_size(row), 2);
		assert_string_equal(json_string_value(json_array_get(row, 0)), "a");
		assert_string_equal(json_string_value(json_array_get(row, 1)), "b,c");
		row = json_array_get(rows, 1);
		assert_null(json_object_get(row, "host"));
		assert_null(json_object_get(row, "aliases"));
		json_decref(rows);
		free(text);
		text = listed(s, "csv", history);
		assert_non_null(strstr(text, ",10.0.0.1,mail.example.com,f5cc5a18"));
		assert_non_null(
		    strstr(text, history ? ",ok,,,\"a;b,c\"\r\n" : ",ok,\"a;b,c\"\r\n"));
		assert_non_null(strstr(text, history ? ",ok,,,\r\n" : ",ok,\r\n"));
		free(text);
		text = listed(s, "text", history);
		assert_non_null(strstr(text, "HOST"));
		assert_non_null(strstr(text, "mail.example.com"));
		assert_int_equal(strstr(text, "a, b,c\n") != NULL, !history);
		free(text);
	}
	store_close(&s);
}

/* Each carrier by the name that it has everywhere. */
static void
endpoints_of_every_carrier_read_well(void **state)
{
	static const struct {
		enum protseq protseq;
		struct endpoint endpoint;
		const char *text, *json;
	} want[] = {
	    {PROTSEQ_TCP, {.port = 56004}, "ncacn_ip_tcp[56004]", "\"port\":56004"},
	    {PROTSEQ_UDP, {.port = 56005}, "ncadg_ip_udp[56005]", "\"port\":56005"},
	    {PROTSEQ_HTTP, {.port = 6004}, "ncacn_http[6004]", "\"port\":6004"},
	    {PROTSEQ_NP, {.name = "\\PIPE\\lsass"}, "ncacn_np[\\PIPE\\lsass]",
		"\"endpoint\":\"\\\\PIPE\\\\lsass\""},
	};
	struct store *s = fixture_store("day.pcap");

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct mapping_key key = fixture_key(1, FIXTURE_NSPI);

		key.protseq = (uint8_t)want[i].protseq;
		assert_int_equal(fixture_endpoint(s, &key, &want[i].endpoint, ""), 0);
	}
	char *report = reported(s, 0, 0), *rows = listed(s, "json", false);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_non_null(strstr(report, want[i].text));
		assert_non_null(strstr(rows, want[i].json));
	}
	assert_ptr_equal(strstr(report, "0 endpoints out of policy"), report);
	free(report);
	free(rows);
	store_close(&s);
}

/* Where every server has it, over each carrier; anywhere else it is an endpoint like others. */
static void
the_mapper_is_one_row_over_all_carriers(void **state)
{
	static const struct {
		enum protseq protseq;
		struct endpoint endpoint;
	} place[] = {{PROTSEQ_TCP, {.port = 135}}, {PROTSEQ_UDP, {.port = 135}},
	    {PROTSEQ_HTTP, {.port = 593}}, {PROTSEQ_NP, {.name = "\\PIPE\\epmapper"}},
	    {PROTSEQ_HTTP, {.port = 135}}, {PROTSEQ_TCP, {.port = 593}}};
	struct store *s = fixture_store("day.pcap");

	(void)state;
	for (size_t i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
		struct mapping_key key = fixture_key(1, "e1af8308-5d1f-11c9-91a4-08002b14a0fa");

		key.protseq = (uint8_t)place[i].protseq;
		assert_int_equal(report_is_mapper(&key, &place[i].endpoint), i < 4);
		if (i < 4)
			assert_int_equal(fixture_endpoint(s, &key, &place[i].endpoint, ""), 0);
	}
	char *text = reported(s, 0, 0), *first = strstr(text, "  epmapper  ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "  epmapper  "));
	free(text);
	store_close(&s);
}

static void
servers_are_found_by_realm_and_address(void **state)
{
	struct store *s = fixture_store("day.pcap");
	const struct query_filter any = {0};
	const struct addr one = fixture_key(1, FIXTURE_NSPI).server,
			  other = fixture_key(2, FIXTURE_NSPI).server;
	struct servers *servers;
	struct draft d;
	size_t count;

	(void)state;
	assert_int_equal(servers_read(&servers, s, &any), 0);
	assert_null(servers_find(servers, "sensor-1", "default", &one));
	(void)servers_all(servers, &count);
	assert_int_equal(count, 0);
	servers_free(&servers);
	for (uint8_t i = 9; i > 0; i--) {
		char name[8];

		snprintf(name, sizeof(name), "host-%u", i);
		draft(&d, i, 0, name);
		keep(s, &d);
	}
	assert_int_equal(servers_read(&servers, s, &any), 0);
	assert_string_equal(servers_host(servers, "sensor-1", "default", &one), "host-1");
	assert_string_equal(servers_host(servers, "sensor-1", "default", &other), "host-2");
	assert_null(servers_host(servers, "sensor-2", "default", &other));
	assert_null(servers_host(servers, "sensor-1", "branch", &other));
	assert_string_equal(servers_all(servers, &count)[8].facts.host, "host-9");
	assert_int_equal(count, 9);
	servers_free(&servers);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_server_is_told_with_its_names_and_what_was_sealed),
	    cmocka_unit_test(sealed_calls_are_told_of_servers_without_an_endpoint_too),
	    cmocka_unit_test(referrals_are_told_by_server_and_period),
	    cmocka_unit_test(equal_addresses_of_two_realms_are_told_apart),
	    cmocka_unit_test(changes_and_findings_name_the_host),
	    cmocka_unit_test(rows_have_host_and_aliases),
	    cmocka_unit_test(endpoints_of_every_carrier_read_well),
	    cmocka_unit_test(the_mapper_is_one_row_over_all_carriers),
	    cmocka_unit_test(servers_are_found_by_realm_and_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
