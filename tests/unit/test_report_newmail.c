/* New-mail datagrams as rows and as a section of the report, and kinds of clients, from a store in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "policy/complaints.h"
#include "policy/file.h"
#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/kinds.h"
#include "report/model/model.h"
#include "report/model/newmail.h"
#include "report/model/who.h"
#include "report/rows/rows.h"
#include "report_fixture.h"
#include "store/query.h"

#define EMSMDB "a4f1db00-ca47-1067-b31f-00dd010662da"
#define ASYNC "5261574a-4572-206e-b268-6b199213b4e4"
#define RFR "1544f5e0-613c-11d1-93df-00c04fd7bd09"
#define ADMIN "a4f1db00-ca47-1067-b31e-00dd010662da"
#define BACKUP "ecec0d70-a603-11d0-96b1-00a0c91ece30"

static struct query_filter filter;
static enum severity fail_on;
static const char *service;
static size_t findings;
static struct policy_file *narrow; /* new mail to 10.0.1.0/24, ports 5000-5999 */

static int
setup(void **state)
{
	static const char text[] = "version: 1\n"
				   "newmail:\n"
				   "  - servers: any\n"
				   "    clients: [10.0.1.0/24]\n"
				   "    ports: 5000-5999\n";
	static struct complaints said;

	filter = (struct query_filter){0};
	fail_on = SEVERITY_MEDIUM;
	service = NULL;
	findings = SIZE_MAX;
	*state = fixture_store("day.pcap");
	return *state == NULL ||
	       policy_file_parse(text, strlen(text), "narrow", &narrow, &said) != 0;
}

static int
teardown(void **state)
{
	struct store *s = *state;

	policy_file_free(&narrow);
	store_close(&s);
	return 0;
}

static struct addr
host(uint8_t net, uint8_t number)
{
	const uint8_t octets[4] = {10, 0, net, number};

	return addr_from_v4(octets);
}

static void
keep_push(struct store *s, uint8_t server, struct addr client, uint16_t port, bool registered,
    bool alternative)
{
	struct push x = {.server = host(0, server),
	    .client = client,
	    .server_port = 2571,
	    .last_port = port == 5001 ? 2571 : 2600,
	    .client_port = port,
	    .registered = registered,
	    .alternative = alternative,
	    .context = {0xd0, 0x27, 0x27},
	    .context_len = 3,
	    .payload_len = 3,
	    .count = 4,
	    .refused = port == 5001 ? 1 : 0,
	    .first_ns = fixture_hour(1) + port,
	    .last_ns = fixture_hour(2) + port,
	    .evidence = fixture_evidence(fixture_hour(1), 564)};

	x.evidence.source = EVIDENCE_PUSH;
	assert_int_equal(store_keep_push(s, &x), 0);
}

static struct push_registration
registration(uint8_t server, struct addr client, bool sealed)
{
	struct push_registration x = {.server = host(0, server),
	    .client = client,
	    .address = client,
	    .port = 1071,
	    .sealed = sealed,
	    .has_address = !sealed,
	    .answered = !sealed,
	    .context = {0xd0, 0x27},
	    .context_len = 2,
	    .mask = UINT32_MAX,
	    .first_ns = fixture_hour(3),
	    .last_ns = fixture_hour(3),
	    .evidence = fixture_evidence(fixture_hour(3), 797)};

	return x;
}

static void
keep_client(struct store *s, uint8_t server, struct addr client, bool starves, bool fed)
{
	struct push_client x = {.server = host(0, server),
	    .client = client,
	    .bound_ns = fixture_hour(4),
	    .starved_ns = starves ? fixture_hour(4) : 0,
	    .fed_ns = fed ? fixture_hour(5) : 0};

	assert_int_equal(store_keep_push_client(s, &x), 0);
}

static char *
written(
    struct store *s, const struct rows_kind *kind, const char *format, const struct policy *policy)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const struct rows_options options = {
	    .out = out, .kind = kind, .policy = policy, .service = service, .fail_on = fail_on};

	assert_non_null(out);
	assert_int_equal(rows_write(s, &filter, rows_format(format), &options, &findings), 0);
	fclose(out);
	return text;
}

static json_t *
rows(struct store *s, const struct rows_kind *kind, const struct policy *policy)
{
	char *text = written(s, kind, "json", policy);
	json_t *array = json_loads(text, 0, NULL);

	assert_true(json_is_array(array));
	free(text);
	return array;
}

static const char *
text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text != NULL ? text : "(none)";
}

static json_int_t
number_of(const json_t *row, const char *key)
{
	const json_t *value = json_object_get(row, key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void
has(const char *text, const char *wanted)
{
	if (strstr(text, wanted) == NULL)
		fail_msg("no `%s' in:\n%s", wanted, text);
}

static char *
report_of(struct store *s, const struct policy *policy, struct report_options options)
{
	struct report *r;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(report_build(&r, s, policy, &options), 0);
	assert_int_equal(document_write(&document_text, r, out, false), 0);
	report_free(&r);
	fclose(out);
	return fixture_joined(text);
}

static const struct policy *
any(void)
{
	return policy_builtin("windows-default");
}

static void
a_push_has_the_fields_of_the_contract(void **state)
{
	struct store *s = *state;

	keep_push(s, 1, host(1, 7), 5001, true, true);
	json_t *array = rows(s, &rows_pushes, any());
	const json_t *row = json_array_get(array, 0);
	assert_int_equal(json_array_size(array), 1);
	assert_string_equal(text_of(row, "sensor"), "sensor-1");
	assert_string_equal(text_of(row, "realm"), "default");
	assert_string_equal(text_of(row, "timestamp"), "2026-01-05T10:00:00.000005Z");
	assert_string_equal(text_of(row, "server"), "10.0.0.1");
	assert_int_equal(number_of(row, "server_port"), 2571);
	assert_null(json_object_get(row, "last_port"));
	assert_string_equal(text_of(row, "client"), "10.0.1.7");
	assert_int_equal(number_of(row, "client_port"), 5001);
	assert_string_equal(text_of(row, "confidence"), "registered");
	assert_string_equal(text_of(row, "context"), "d02727");
	assert_int_equal(number_of(row, "payload_len"), 3);
	assert_int_equal(number_of(row, "count"), 4);
	assert_int_equal(number_of(row, "refused"), 1);
	assert_string_equal(text_of(row, "first_seen"), "2026-01-05T09:00:00.000005Z");
	assert_string_equal(text_of(row, "last_seen"), "2026-01-05T10:00:00.000005Z");
	assert_string_equal(text_of(row, "state"), "open");
	assert_true(json_is_true(json_object_get(row, "alternative")));
	assert_string_equal(text_of(row, "verdict"), "ok");
	const json_t *evidence = json_array_get(json_object_get(row, "evidence"), 0);
	assert_int_equal(number_of(evidence, "pcap_cnt"), 564);
	assert_string_equal(text_of(evidence, "pcap_filename"), "day.pcap");
	assert_int_equal(findings, 0);
	json_decref(array);
}

/* A registered flow is of medium severity, an inferred one of low. */
static void
what_the_policy_does_not_allow_is_a_finding(void **state)
{
	struct store *s = *state;
	const struct policy *policy = policy_file_policy(narrow);

	keep_push(s, 1, host(1, 7), 5001, true, false);  /* right */
	keep_push(s, 1, host(1, 7), 4999, true, false);  /* its port is not */
	keep_push(s, 1, host(2, 7), 5001, false, false); /* its address is not */
	json_t *array = rows(s, &rows_pushes, policy);
	size_t wrong = 0, i;
	json_t *row;
	json_array_foreach(array, i, row) wrong += strcmp(text_of(row, "verdict"), "EPM-009") == 0;
	assert_int_equal(wrong, 2);
	assert_int_equal(findings, 1);
	json_decref(array);
	fail_on = SEVERITY_LOW;
	json_decref(rows(s, &rows_pushes, policy));
	assert_int_equal(findings, 2);
	fail_on = SEVERITY_HIGH;
	json_decref(rows(s, &rows_pushes, policy));
	assert_int_equal(findings, 0);
	json_decref(rows(s, &rows_pushes, any()));
	assert_int_equal(findings, 0);
}

static void
pushes_as_text_and_csv(void **state)
{
	struct store *s = *state;

	keep_push(s, 1, host(1, 7), 5002, false, false);
	char *text = written(s, &rows_pushes, "text", any());
	assert_non_null(strstr(text, "10.0.0.1  2571  10.0.1.7  5002  inferred    d02727"));
	free(text);
	text = written(s, &rows_pushes, "csv", any());
	assert_non_null(
	    strstr(text, "timestamp,sensor,realm,server,host,server_port,last_port,client,"));
	assert_non_null(strstr(text, "10.0.0.1,,2571,2600,10.0.1.7,5002,inferred,d02727,3,4,0,"));
	free(text);
	filter.has_port = true;
	filter.port = 5003;
	json_t *array = rows(s, &rows_pushes, any());
	assert_int_equal(json_array_size(array), 0);
	json_decref(array);
}

/* Of a sealed one nothing is invented; one that waits in vain is a finding, until something comes. */
static void
a_registration_says_what_is_known(void **state)
{
	struct store *s = *state;
	struct push_registration clear = registration(1, host(1, 7), false),
				 sealed = registration(1, host(1, 8), true);

	sealed.final = true;
	assert_int_equal(store_keep_push_registration(s, &clear), 0);
	assert_int_equal(store_keep_push_registration(s, &sealed), 0);
	keep_client(s, 1, host(1, 7), true, true);
	keep_client(s, 1, host(1, 8), true, false);
	json_t *array = rows(s, &rows_registrations, any());
	const json_t *one = json_array_get(array, 0), *two = json_array_get(array, 1);
	assert_int_equal(json_array_size(array), 2);
	assert_string_equal(text_of(one, "address"), "10.0.1.7");
	assert_int_equal(number_of(one, "port"), 1071);
	assert_string_equal(text_of(one, "context"), "d027");
	assert_int_equal(number_of(one, "mask"), UINT32_MAX);
	assert_int_equal(number_of(one, "status"), 0);
	assert_int_equal(number_of(one, "delivered"), 0);
	assert_string_equal(text_of(one, "verdict"), "ok");
	assert_null(json_object_get(one, "sealed"));
	assert_true(json_is_true(json_object_get(two, "sealed")));
	assert_int_equal(number_of(two, "context_len"), 2);
	assert_null(json_object_get(two, "address"));
	assert_null(json_object_get(two, "context"));
	assert_null(json_object_get(two, "status"));
	assert_string_equal(text_of(two, "state"), "final");
	assert_string_equal(text_of(two, "verdict"), "EPM-009");
	assert_int_equal(findings, 1);
	json_decref(array);
	sealed.delivered = 1;
	assert_int_equal(store_keep_push_registration(s, &sealed), 0);
	json_decref(rows(s, &rows_registrations, any()));
	assert_int_equal(findings, 0);
}

/* The server refused it, it goes on, it was too short, or is of another time: none of that is why its client waits in vain. */
static void
only_what_was_in_vain_is_to_blame(void **state)
{
	struct store *s = *state;
	struct push_registration r = registration(1, host(1, 7), false);

	r.final = true;
	r.port = 1;
	assert_int_equal(store_keep_push_registration(s, &r), 0);
	r.final = false;
	r.silent = true;
	r.port = 2;
	assert_int_equal(store_keep_push_registration(s, &r), 0);
	r.silent = false;
	r.port = 3; /* it goes on */
	assert_int_equal(store_keep_push_registration(s, &r), 0);
	r.final = true;
	r.port = 4;
	r.status = 0x80040305;
	r.refused = 2;
	assert_int_equal(store_keep_push_registration(s, &r), 0);
	r.status = 0;
	r.refused = 0;
	r.port = 5;
	r.first_ns = r.last_ns = fixture_hour(4) - 1; /* too short */
	assert_int_equal(store_keep_push_registration(s, &r), 0);
	r.port = 6;
	r.first_ns = r.last_ns = fixture_hour(5); /* later */
	assert_int_equal(store_keep_push_registration(s, &r), 0);
	keep_client(s, 1, host(1, 7), true, false);
	json_t *array = rows(s, &rows_registrations, any());
	size_t i;
	json_t *row;
	assert_int_equal(json_array_size(array), 6);
	json_array_foreach(array, i, row)
	{
		bool wrong = strcmp(text_of(row, "verdict"), "EPM-009") == 0;

		assert_int_equal(wrong, number_of(row, "port") <= 2);
		assert_int_equal(number_of(row, "refused"), number_of(row, "port") == 4 ? 2 : 0);
	}
	assert_int_equal(findings, 2);
	json_decref(array);
}

static void
a_status_a_seal_and_what_is_false_are_told(void **state)
{
	struct store *s = *state;
	struct push_registration denied = registration(1, host(1, 7), false),
				 sealed = registration(1, host(1, 8), true);

	denied.status = 0x80040305;
	denied.refused = 7;
	assert_int_equal(store_keep_push_registration(s, &denied), 0);
	assert_int_equal(store_keep_push_registration(s, &sealed), 0);
	char *text = written(s, &rows_registrations, "text", any());
	has(text, "REFUSED");
	has(text, "d027     0x80040305          0        7  ");
	has(text, "sealed                       0        0  ");
	free(text);
	text = written(s, &rows_registrations, "csv", any());
	has(text, ",2147746565,0,7,");
	has(text, ",open,false,ok\r\n");
	free(text);
}

static struct alert
alert_on(uint8_t server, const char *rule, const char *about)
{
	struct alert a = {.severity = SEVERITY_MEDIUM,
	    .state = ALERT_OPEN,
	    .key = {.server = host(0, server)},
	    .ts_ns = fixture_hour(4),
	    .opened_ns = fixture_hour(4),
	    .evidence = fixture_evidence(fixture_hour(4), 9)};

	snprintf(a.rule, sizeof(a.rule), "%s", rule);
	snprintf(a.id, sizeof(a.id), "%c%u", about[0], (unsigned)server);
	snprintf(a.about, sizeof(a.about), "%s", about);
	return a;
}

static void
keep_alert(struct store *s, uint8_t server, const char *about, bool suppressed)
{
	struct alert a = alert_on(server, "EPM-009", about);

	a.suppressed = suppressed;
	assert_int_equal(store_keep_alert(s, &a), 0);
}

/* `newmail` of the policy that the store was judged by allows 10.0.1.0/24. */
static void
what_is_suppressed_is_no_finding(void **state)
{
	struct store *s = *state;
	const struct policy *policy = policy_file_policy(narrow);
	struct push_registration r = registration(1, host(1, 7), true);

	r.final = true;
	assert_int_equal(store_keep_policy(s, "narrow", policy->text), 0);
	for (uint8_t server = 1; server <= 2; server++) {
		keep_push(s, server, host(2, 7), 5001, true, false);
		r.server = host(0, server);
		assert_int_equal(store_keep_push_registration(s, &r), 0);
		keep_client(s, server, host(1, 7), true, false);
	}
	json_decref(rows(s, &rows_pushes, policy));
	assert_int_equal(findings, 2);
	keep_alert(s, 1, "outside", true);
	keep_alert(s, 2, "undelivered", true);
	json_decref(rows(s, &rows_pushes, policy));
	assert_int_equal(findings, 1);
	json_decref(rows(s, &rows_registrations, policy));
	assert_int_equal(findings, 1);
	char *text = report_of(s, policy, (struct report_options){0});
	const char *second = strstr(text, "\n10.0.0.2\n");
	const char *first = strstr(text, "\n10.0.0.1\n");
	assert_non_null(first);
	assert_true(second > first);
	assert_non_null(strstr(second, "outside   1 flow"));
	assert_null(strstr(second, "in vain"));
	assert_true(strstr(first, "in vain") < second);
	assert_true(strstr(first, "outside") > second);
	free(text);
	json_decref(rows(s, &rows_pushes, policy_builtin("windows-default"))); /* allows all */
	assert_int_equal(findings, 0);
}

/* Whatever the mapper says is on a port that something else answers on, and nothing beside. */
static void
endpoints_of_a_port_that_is_taken_are_not_ok(void **state)
{
	struct store *s = *state;
	struct alert a = alert_on(1, "EPM-011", "port 50001");

	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 50001), 0);
	assert_int_equal(fixture_port(s, 1, RFR, 50002), 0);
	assert_int_equal(fixture_port(s, 2, FIXTURE_NSPI, 50001), 0);
	assert_int_equal(store_keep_alert(s, &a), 0);
	json_t *array = rows(s, &rows_list, any());
	size_t i;
	json_t *row;
	assert_int_equal(json_array_size(array), 3);
	json_array_foreach(array, i, row)
	{
		bool taken = strcmp(text_of(row, "server"), "10.0.0.1") == 0 &&
			     number_of(row, "port") == 50001;

		assert_string_equal(text_of(row, "verdict"), taken ? "EPM-011" : "ok");
	}
	assert_int_equal(findings, 1);
	json_decref(array);
}

/* Two flows to one client count that client once; a client that only registered counts, too. */
static void
the_report_adds_up(void **state)
{
	struct store *s = *state;
	struct push_registration r = registration(1, host(1, 9), true);
	struct report_options day = {0}, later = {.since_ns = fixture_hour(8)};

	keep_push(s, 1, host(1, 7), 5001, true, true);
	keep_push(s, 1, host(1, 7), 5500, false, false);
	keep_push(s, 1, host(1, 8), 4000, false, false);
	keep_push(s, 2, host(1, 8), 5001, true, false);
	assert_int_equal(store_keep_push_registration(s, &r), 0);
	keep_client(s, 1, host(1, 9), true, false);
	keep_client(s, 1, host(1, 8), true, true);
	char *text = report_of(s, policy_file_policy(narrow), day);
	has(text,
	    "\n10.0.0.1\n"
	    "  to        2 clients, ports 4000-5500; 1 registered, 2 inferred\n"
	    "  datagrams 12, the first 2026-01-05 09:00:00, the last 2026-01-05 10:00:00 UTC; 1 "
	    "refused\n"
	    "  outside   1 flow that the policy does not allow (EPM-009)\n"
	    "  asked     1 registration, sealed\n"
	    "  in vain   1 client registered, and nothing came (EPM-009): 10.0.1.9\n"
	    "  remedy    at an allowed client with Outlook 2003 set "
	    "HKCU\\Software\\Microsoft\\Office\\11.0\\Outlook\\RPC \"FixedUDPPort\" (DWORD) to a port that is "
	    "allowed (5000-5999), and restart Outlook\n"
	    "  remedy    a firewall has to let UDP pass from 10.0.0.1 to the clients' ports\n"
	    "  remedy    if it runs Exchange 2010, set "
	    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeRPC\\ParametersSyste m "
	    "\"EnablePushNotifications\" = dword:00000001, and restart MSExchangeRPC\n"
	    "  otherwise 1 of 3 clients would still learn of new mail without UDP: they also poll, "
	    "or wait on AsyncEMSMDB\n");
	has(text, "10.0.0.2\n  to        1 client, port 5001; registered\n");
	has(text, "  otherwise 0 of 1 client would still");
	has(text, "frame 564");
	has(text, "FixedUDPPort");
	has(text, "KB 264035");
	has(text, "EnablePushNotifications=1");
	free(text);
	text = report_of(s, any(), later);
	assert_null(strstr(text, "NEW-MAIL PUSHES"));
	free(text);
}

/* One port is one value; and what Exchange 2010 has to be told is no remedy for another product. */
static void
the_remedy_is_that_of_the_policy_and_the_product(void **state)
{
	static const char text[] =
	    "version: 1\n"
	    "newmail:\n"
	    "  - {servers: 10.0.0.1, ports: 5001}\n"
	    "rules:\n"
	    "  - {servers: 10.0.0.1, interfaces: exchange-rfr, static: 56002}\n"
	    "  - {servers: 10.0.0.1, interfaces: exchange-nspi, static: 56004}\n"
	    "  - {servers: 10.0.0.2, interfaces: exchange-rpc-client-access, static: 60001}\n";
	struct store *s = *state;
	struct push_registration r = registration(1, host(1, 9), true);
	static struct complaints said;
	struct policy_file *file;

	assert_int_equal(policy_file_parse(text, strlen(text), "one", &file, &said), 0);
	keep_push(s, 1, host(1, 7), 5500, true, true);
	keep_client(s, 1, host(1, 9), true, false);
	keep_client(s, 2, host(1, 9), true, false);
	assert_int_equal(store_keep_push_registration(s, &r), 0);
	char *report = report_of(s, policy_file_policy(file), (struct report_options){0});
	has(report, "  remedy    at a client with Outlook 2003 set "
		    "HKCU\\Software\\Microsoft\\Office\\11.0\\Outlook\\RPC \"FixedUDPPort\" = "
		    "dword:00001389 (5001), and restart Outlook\n");
	has(report, "from 10.0.0.1 to the clients' ports\n  otherwise");
	free(report);
	r = registration(2, host(1, 9), true);
	assert_int_equal(store_keep_push_registration(s, &r), 0);
	report = report_of(s, policy_file_policy(file), (struct report_options){0});
	has(report, "from 10.0.0.2 to the clients' ports\n  remedy    set HKLM");
	free(report);
	policy_file_free(&file);
}

/* Nothing is pushed, nor asked for: that can be closed. */
static void
the_report_tells_of_those_who_wait(void **state)
{
	struct store *s = *state;
	struct push_client x = {
	    .server = host(0, 1), .client = host(1, 7), .waits_ns = fixture_hour(2)};

	assert_int_equal(store_keep_push_client(s, &x), 0);
	x.client = host(1, 8);
	assert_int_equal(store_keep_push_client(s, &x), 0);
	x.client = host(1, 9);
	x.waits_ns = 0;
	assert_int_equal(store_keep_push_client(s, &x), 0);
	char *text = report_of(s, any(), (struct report_options){0});
	has(text,
	    "NEW-MAIL PUSHES\n10.0.0.1\n"
	    "  asked     nobody for datagrams, and none was sent\n"
	    "  otherwise 2 of 2 clients learn of new mail without UDP: they poll, or wait on AsyncEMSMDB\n");
	assert_null(strstr(text, "FixedUDPPort"));
	free(text);
	text = report_of(s, any(), (struct report_options){.since_ns = fixture_hour(3)});
	assert_null(strstr(text, "NEW-MAIL PUSHES"));
	free(text);
}

static void
what_the_server_refused_is_counted(void **state)
{
	struct store *s = *state;
	struct push_registration one = registration(1, host(1, 7), false),
				 two = registration(1, host(1, 8), true);

	one.status = 0x80040305;
	assert_int_equal(store_keep_push_registration(s, &one), 0);
	assert_int_equal(store_keep_push_registration(s, &two), 0);
	char *text = report_of(s, any(), (struct report_options){0});
	has(text, "  asked     2 registrations, 1 of them sealed; 1 refused\n");
	free(text);
}

static void
clients_in_vain_are_named_up_to_a_few(void **state)
{
	struct store *s = *state;

	keep_push(s, 1, host(1, 200), 5001, true, false);
	for (uint8_t i = 1; i <= 10; i++)
		keep_client(s, 1, host(1, i), true, false);
	keep_client(s, 3, host(1, 1), true, false);
	char *text = report_of(s, any(), (struct report_options){0});
	has(text, "10 clients registered, and nothing came");
	has(text, "10.0.1.8, ...\n");
	assert_null(strstr(text, "10.0.1.9,"));
	free(text);
}

static void
keep_session(
    struct store *s, struct addr client, struct addr server, uint16_t port, const char *uuid)
{
	struct session one = {.client = client,
	    .server = server,
	    .protseq = PROTSEQ_TCP,
	    .server_port = port,
	    .client_port = 50123,
	    .count = 1,
	    .first_ns = fixture_hour(1),
	    .last_ns = fixture_hour(5)};

	if (uuid_parse(uuid, &one.uuid) != 0)
		snprintf(one.protocol, sizeof(one.protocol), "%s", uuid);
	assert_int_equal(store_keep_session(s, &one), 0);
}

/* The kinds of all rows, as `client port kind`, in their order. */
static void
assert_kinds(struct store *s, const char *const *wanted, size_t count)
{
	json_t *array = rows(s, &rows_sessions, any());

	assert_int_equal(json_array_size(array), count);
	for (size_t i = 0; i < count; i++) {
		const json_t *row = json_array_get(array, i);
		char text[128];

		snprintf(text, sizeof(text), "%s %d %s", text_of(row, "client"),
		    (int)number_of(row, "server_port"), text_of(row, "kind"));
		assert_string_equal(text, wanted[i]);
	}
	json_decref(array);
}

/* Exchange servers are 10.0.0.1 and 10.0.0.2, a domain controller 10.0.0.9. */
static void
keep_scene(struct store *s)
{
	keep_session(s, host(1, 1), host(0, 1), 56001, EMSMDB); /* Outlook */
	keep_session(s, host(1, 1), host(0, 1), 56002, RFR);
	keep_session(s, host(1, 2), host(0, 1), 56001, EMSMDB); /* who knows */
	keep_session(
	    s, host(1, 3), host(0, 9), 50001, FIXTURE_NSPI); /* an address book, and no mailbox */
	keep_session(s, host(0, 2), host(0, 1), 56001, EMSMDB); /* another server */
	keep_session(s, host(1, 4), host(0, 2), 56001, ASYNC);  /* Outlook elsewhere */
	keep_session(s, host(1, 4), host(0, 9), 50001, FIXTURE_NSPI);
	keep_session(s, host(0, 1), host(0, 9), 50001, FIXTURE_NSPI); /* DSProxy */
	keep_session(s, host(0, 1), host(0, 2), 56001, FIXTURE_NSPI); /* a server asks a server */
	keep_session(s, host(1, 5), host(0, 1), 56001, BACKUP);
	keep_session(s, host(1, 6), host(0, 1), 56001, ADMIN); /* of Exchange, and no kind */
	keep_session(s, host(1, 1), host(0, 9), 50002, FIXTURE_DRSUAPI); /* not of Exchange */
}

static void
kinds_are_told_as_far_as_the_wire_tells(void **state)
{
	static const char *const wanted[] = {
	    "10.0.0.2 56001 server",
	    "10.0.1.1 56001 outlook",
	    "10.0.1.2 56001 (none)",
	    "10.0.1.5 56001 backup",
	    "10.0.1.6 56001 (none)",
	    "10.0.1.1 56002 outlook",
	    "10.0.0.1 56001 server",
	    "10.0.1.4 56001 outlook",
	    "10.0.0.1 50001 dsproxy",
	    "10.0.1.3 50001 (none)",
	    "10.0.1.4 50001 outlook",
	    "10.0.1.1 50002 (none)",
	};
	struct store *s = *state;

	keep_scene(s);
	assert_kinds(s, wanted, sizeof(wanted) / sizeof(wanted[0]));
	/* what a client is does not hang on what the filter shows of it */
	filter.has_port = true;
	filter.port = 56002;
	assert_kinds(s, (const char *const[]){"10.0.1.1 56002 outlook"}, 1);
	char *text = written(s, &rows_sessions, "csv", any());
	has(text, ",last_seen,kind\r\n");
	has(text, ",outlook\r\n");
	free(text);
}

static void
other_protocols_go_by_their_names(void **state)
{
	struct store *s = *state;

	keep_session(s, host(1, 1), host(0, 1), 443, "TLS");
	keep_session(s, host(1, 2), host(0, 1), 443, "TLS");
	json_t *array = rows(s, &rows_sessions, any());
	assert_int_equal(json_array_size(array), 2);
	assert_string_equal(text_of(json_array_get(array, 0), "service"), "TLS");
	assert_null(json_object_get(json_array_get(array, 0), "interface"));
	assert_null(json_object_get(json_array_get(array, 0), "version"));
	json_decref(array);
	service = "tls";
	array = rows(s, &rows_sessions, any());
	assert_int_equal(json_array_size(array), 2);
	json_decref(array);
	service = "DNS";
	array = rows(s, &rows_sessions, any());
	assert_int_equal(json_array_size(array), 0);
	json_decref(array);
}

static void
the_report_counts_clients_by_kind(void **state)
{
	struct store *s = *state;

	keep_scene(s);
	keep_session(s, host(1, 1), host(0, 1), 443, "TLS");
	keep_session(s, host(1, 2), host(0, 1), 443, "TLS");
	keep_session(s, host(1, 2), host(0, 1), 25, "SMTP");
	keep_session(s, host(1, 3), host(0, 1), 636, "TLS");
	keep_session(s, host(1, 1), host(0, 1), 56001, BACKUP); /* what says most of a client counts */
	char *text = report_of(s, any(), (struct report_options){0});
	has(text, "CLIENTS\n10.0.0.1\n"
		  "  clients   1 Exchange server, 2 backup, 2 not told\n"
		  "  no RPC    SMTP on 25 (1 client), TLS on 443 (2 clients), TLS on 636 (1 client)\n"
		  "\n10.0.0.2\n"
		  "  clients   1 Outlook, 1 Exchange server\n"
		  "\n10.0.0.9\n"
		  "  clients   1 Outlook, 1 DSProxy, 1 not told\n");
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_push_has_the_fields_of_the_contract),
	    TEST(what_the_policy_does_not_allow_is_a_finding),
	    TEST(pushes_as_text_and_csv),
	    TEST(a_registration_says_what_is_known),
	    TEST(the_report_adds_up),
	    TEST(the_remedy_is_that_of_the_policy_and_the_product),
	    TEST(clients_in_vain_are_named_up_to_a_few),
	    TEST(only_what_was_in_vain_is_to_blame),
	    TEST(a_status_a_seal_and_what_is_false_are_told),
	    TEST(what_is_suppressed_is_no_finding),
	    TEST(endpoints_of_a_port_that_is_taken_are_not_ok),
	    TEST(the_report_tells_of_those_who_wait),
	    TEST(what_the_server_refused_is_counted),
	    TEST(kinds_are_told_as_far_as_the_wire_tells),
	    TEST(other_protocols_go_by_their_names),
	    TEST(the_report_counts_clients_by_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
