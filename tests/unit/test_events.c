/* Events, field by field, as the contract spells them. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>

#include "app/events.h"
#include "app/words.h"
#include "base/clock.h"
#include "base/log.h"
#include "dissect/observation.h"
#include "track/records.h"

static const char *
day_pcap(void *ctx, uint32_t index)
{
	(void)ctx;
	return index == 0 ? "day.pcap" : NULL;
}

static const struct events_run run = {"sensor-1", "default", day_pcap, NULL, "events.json"};

/* An event writer on a string. */
struct desk {
	struct events *events;
	FILE *file;
	char *text;
	size_t len;
};

static void
desk_open(struct desk *d)
{
	*d = (struct desk){0};
	d->file = open_memstream(&d->text, &d->len);
	assert_non_null(d->file);
	assert_int_equal(events_new(&d->events, d->file, &run), 0);
}

/* The only line; the desk is done with. */
static json_t *
desk_line(struct desk *d)
{
	assert_int_equal(events_written(d->events), 1);
	events_free(&d->events);
	fclose(d->file);
	assert_ptr_equal(strchr(d->text, '\n'), d->text + d->len - 1);
	json_t *o = json_loads(d->text, 0, NULL);
	assert_non_null(o);
	free(d->text);
	return o;
}

static struct addr
v4(uint8_t last)
{
	const uint8_t octets[4] = {192, 168, 0, last};

	return addr_from_v4(octets);
}

static struct obs
obs_of(enum obs_kind kind)
{
	return (struct obs){.kind = kind,
	    .transport = TRANSPORT_TCP,
	    .at = {.ts_ns = INT64_C(1056991898891523000),
		.frame = 400,
		.src = v4(2),
		.dst = v4(173),
		.sport = 135,
		.dport = 1057,
		.proto = IPPROTO_TCP},
	    .server = v4(2),
	    .client = v4(173),
	    .server_port = 135,
	    .client_port = 1057};
}

static json_t *
event_of(const struct obs *o)
{
	struct desk d;

	desk_open(&d);
	assert_int_equal(events_observation(d.events, o), 0);
	return desk_line(&d);
}

static const char *
text_at(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static json_int_t
number_at(const json_t *o, const char *key)
{
	assert_true(json_is_integer(json_object_get(o, key)));
	return json_integer_value(json_object_get(o, key));
}

static struct if_id
nspi(void)
{
	struct if_id id = {.major = 56};

	assert_int_equal(uuid_parse("f5cc5a18-4264-101a-8c59-08002b2f8426", &id.uuid), 0);
	return id;
}

static char said[256];

static void
remember(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	snprintf(said, sizeof(said), "%s%s", said[0] == '\0' ? "" : "twice: ", line);
}

static void
full_device_is_told_with_the_name_of_the_output(void **state)
{
	struct obs o = obs_of(OBS_BIND);
	struct events *events;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (full == NULL)
		skip();
	log_set_sink(remember, NULL);
	assert_int_equal(events_new(&events, full, &run), 0);
	assert_int_equal(events_observation(events, &o), 0);
	assert_int_equal(events_flush(events), -EIO);
	assert_string_equal(said, "events.json: No space left on device");
	events_free(&events);
	fclose(full);
	log_set_sink(NULL, NULL);
}

static void
envelope_names_packet_flow_and_capture(void **state)
{
	static const char *const wanted[] = {"timestamp", "event_type", "sensor", "realm",
	    "pcap_filename", "pcap_cnt", "src_ip", "src_port", "dest_ip", "dest_port", "proto",
	    "community_id", "vlan", "epm"};
	struct obs o = obs_of(OBS_EPM);
	size_t i = 0;
	const char *key;
	json_t *value;

	(void)state;
	o.epm.operation = EPM_MAP;
	o.at.vlan_count = 2;
	o.at.vlan[0] = 100;
	o.at.vlan[1] = 7;
	json_t *e = event_of(&o);
	json_object_foreach(e, key, value)
	{
		assert_in_range(i, 0, sizeof(wanted) / sizeof(wanted[0]) - 1);
		assert_string_equal(key, wanted[i++]);
	}
	assert_string_equal(text_at(e, "timestamp"), "2003-06-30T16:51:38.891523Z");
	assert_string_equal(text_at(e, "pcap_filename"), "day.pcap");
	assert_int_equal(number_at(e, "pcap_cnt"), 400);
	assert_string_equal(text_at(e, "src_ip"), "192.168.0.2");
	assert_int_equal(json_integer_value(json_array_get(json_object_get(e, "vlan"), 0)), 100);
	assert_int_equal(strlen(text_at(e, "community_id")), 30);
	json_decref(e);
}

static void
towers_have_port_or_endpoint(void **state)
{
	const struct obs_tower towers[] = {
	    {.iface = nspi(),
		.protseq = PROTSEQ_TCP,
		.port = 4997,
		.host = v4(2),
		.host_known = true},
	    {.iface = nspi(),
		.protseq = PROTSEQ_NP,
		.endpoint = "\\pipe\\lsass",
		.host_name = "\\\\DC1"},
	    {.iface = nspi(),
		.protseq = PROTSEQ_HTTP,
		.port = 5000,
		.annotation = "MS NT Directory NSP Interface"},
	};
	struct obs o = obs_of(OBS_EPM);

	(void)state;
	o.epm = (struct obs_epm){
	    .operation = EPM_LOOKUP, .status = 0x16c9a0d6, .tower_count = 3, .tower = towers};
	json_t *e = event_of(&o), *epm = json_object_get(e, "epm"),
	       *list = json_object_get(epm, "towers");
	assert_string_equal(text_at(epm, "operation"), "ept_lookup");
	assert_int_equal(number_at(epm, "status"), 382312662);
	assert_string_equal(text_at(epm, "status_name"), "ept_s_not_registered");
	assert_int_equal(number_at(json_array_get(list, 0), "port"), 4997);
	assert_string_equal(text_at(json_array_get(list, 0), "version"), "56.0");
	assert_string_equal(text_at(json_array_get(list, 0), "service"), "nspi");
	assert_string_equal(text_at(json_array_get(list, 0), "host"), "192.168.0.2");
	assert_null(json_object_get(json_array_get(list, 0), "endpoint"));
	assert_string_equal(text_at(json_array_get(list, 1), "endpoint"), "\\pipe\\lsass");
	assert_null(json_object_get(json_array_get(list, 1), "port"));
	assert_string_equal(text_at(json_array_get(list, 1), "host"), "\\\\DC1");
	assert_string_equal(
	    text_at(json_array_get(list, 2), "annotation"), "MS NT Directory NSP Interface");
	json_decref(e);
}

static void
unknown_towers_show_their_octets(void **state)
{
	const uint8_t octets[] = {0x01, 0x00, 0xab};
	const struct obs_tower tower = {
	    .protseq = PROTSEQ_UNKNOWN, .octets = octets, .octets_len = sizeof(octets)};
	struct obs o = obs_of(OBS_EPM);

	(void)state;
	o.epm = (struct obs_epm){.operation = EPM_MAP, .tower_count = 1, .tower = &tower};
	json_t *e = event_of(&o);
	json_t *t = json_array_get(json_object_get(json_object_get(e, "epm"), "towers"), 0);
	assert_string_equal(text_at(t, "protseq"), "unknown");
	assert_string_equal(text_at(t, "floors"), "0100ab");
	assert_null(json_object_get(t, "interface"));
	json_decref(e);
}

static void
question_is_told_or_known_to_be_missing(void **state)
{
	struct obs o = obs_of(OBS_EPM);

	(void)state;
	o.epm = (struct obs_epm){.operation = EPM_MAP,
	    .question = {.seen = true,
		.side_visible = true,
		.names_interface = true,
		.iface = nspi(),
		.protseq = PROTSEQ_TCP,
		.max_towers = 4,
		.frame = 399}};
	json_t *e = event_of(&o), *epm = json_object_get(e, "epm");
	assert_string_equal(text_at(json_object_get(epm, "request"), "service"), "nspi");
	assert_string_equal(text_at(json_object_get(epm, "request"), "protseq"), "ncacn_ip_tcp");
	assert_null(json_object_get(epm, "answered"));
	json_decref(e);
	o.epm.question = (struct obs_epm_question){.side_visible = true};
	e = event_of(&o);
	assert_true(json_is_false(json_object_get(json_object_get(e, "epm"), "answered")));
	assert_null(json_object_get(json_object_get(e, "epm"), "request"));
	json_decref(e);
	o.epm.question = (struct obs_epm_question){0};
	e = event_of(&o);
	assert_null(json_object_get(json_object_get(e, "epm"), "answered"));
	json_decref(e);
}

static void
bind_lists_contexts_in_order(void **state)
{
	const struct obs_context contexts[] = {
	    {.id = 0,
		.iface = nspi(),
		.syntax = SYNTAX_NDR,
		.result = CONTEXT_PROVIDER_REJECTION,
		.reason = 2},
	    {.id = 1, .iface = nspi(), .syntax = SYNTAX_NDR64, .result = CONTEXT_ACCEPTANCE},
	    {.id = 2,
		.iface = nspi(),
		.syntax = SYNTAX_BTFN,
		.result = CONTEXT_NEGOTIATE_ACK,
		.reason = 3},
	};
	struct obs o = obs_of(OBS_BIND);

	(void)state;
	o.bind = (struct obs_bind){.outcome = BIND_ACKNOWLEDGED,
	    .has_auth = true,
	    .auth_type = 10,
	    .auth_level = 6,
	    .secondary_address = "135",
	    .context_count = 3,
	    .context = contexts};
	json_t *e = event_of(&o), *b = json_object_get(e, "bind"),
	       *list = json_object_get(b, "contexts");
	assert_string_equal(text_at(b, "operation"), "bind");
	assert_int_equal(number_at(b, "server_port"), 135);
	assert_string_equal(text_at(json_object_get(b, "auth"), "type"), "ntlmssp");
	assert_string_equal(text_at(json_object_get(b, "auth"), "level"), "privacy");
	assert_string_equal(
	    text_at(json_array_get(list, 0), "reason"), "proposed_transfer_syntaxes_not_supported");
	assert_string_equal(text_at(json_array_get(list, 1), "transfer_syntax"), "ndr64");
	assert_string_equal(text_at(json_array_get(list, 1), "result"), "acceptance");
	assert_null(json_object_get(json_array_get(list, 1), "reason"));
	assert_string_equal(text_at(json_array_get(list, 2), "reason"), "3");
	json_decref(e);
}

static void
bind_over_a_pipe_has_no_server_port(void **state)
{
	struct obs o = obs_of(OBS_BIND);

	(void)state;
	o.transport = TRANSPORT_NP;
	o.pipe = "\\pipe\\srvsvc";
	o.bind.outcome = BIND_REJECTED;
	o.bind.reject_reason = 4;
	json_t *e = event_of(&o), *b = json_object_get(e, "bind");
	assert_null(json_object_get(b, "server_port"));
	assert_string_equal(text_at(b, "pipe"), "\\pipe\\srvsvc");
	assert_string_equal(text_at(b, "outcome"), "rejected");
	assert_string_equal(text_at(b, "reject_reason"), "protocol_version_not_supported");
	json_decref(e);
}

static struct mapping_key
nspi_key(void)
{
	return (struct mapping_key){
	    .server = v4(2), .uuid = nspi().uuid, .major = 56, .protseq = PROTSEQ_TCP};
}

static void
change_has_sets_before_and_after(void **state)
{
	const struct endpoint before[] = {{.port = 56001}},
			      after[] = {{.port = 49731}, {.port = 49732}};
	const struct change c = {.id = "0123456789abcdef",
	    .kind = CHANGE_MOVED,
	    .key = nspi_key(),
	    .confidence = CONFIDENCE_CONFIRMED,
	    .first_ns = NS_PER_S,
	    .not_after_ns = 2 * NS_PER_S,
	    .clients = 3,
	    .previous_count = 1,
	    .current_count = 2,
	    .previous = before,
	    .current = after};
	const struct obs cause = obs_of(OBS_EPM);
	struct desk d;

	(void)state;
	desk_open(&d);
	assert_int_equal(events_change(d.events, &c, &cause), 0);
	json_t *e = desk_line(&d), *o = json_object_get(e, "change");
	assert_string_equal(text_at(e, "event_type"), "change");
	assert_int_equal(number_at(e, "pcap_cnt"), 400);
	assert_string_equal(text_at(o, "kind"), "moved");
	assert_int_equal(
	    json_integer_value(json_array_get(json_object_get(o, "previous"), 0)), 56001);
	assert_int_equal(
	    json_integer_value(json_array_get(json_object_get(o, "current"), 1)), 49732);
	assert_string_equal(text_at(o, "not_after"), "1970-01-01T00:00:02.000000Z");
	assert_null(json_object_get(o, "not_before"));
	assert_null(json_object_get(o, "revises"));
	json_decref(e);
}

static void
alert_says_rule_key_and_evidence(void **state)
{
	struct alert a = {.id = "0123456789abcdef",
	    .change = "fedcba9876543210",
	    .rule = "EPM-001",
	    .severity = SEVERITY_HIGH,
	    .state = ALERT_OPEN,
	    .key = nspi_key(),
	    .signature = "port outside the allowed range",
	    .expected = "49152-65535 (windows-2008)",
	    .observed = "1032",
	    .evidence = {.ts_ns = NS_PER_S, .frame = 705, .source = EVIDENCE_MAP}};
	const struct obs cause = obs_of(OBS_EPM);
	struct desk d;

	(void)state;
	desk_open(&d);
	assert_int_equal(events_alert(d.events, &a, &cause), 0);
	json_t *e = desk_line(&d), *o = json_object_get(e, "alert");
	assert_string_equal(text_at(o, "rule"), "EPM-001");
	assert_string_equal(text_at(o, "state"), "open");
	assert_string_equal(text_at(o, "key"),
	    "default/192.168.0.2/f5cc5a18-4264-101a-8c59-08002b2f8426@56/ncacn_ip_tcp");
	assert_string_equal(text_at(o, "change"), "fedcba9876543210");
	json_t *piece = json_array_get(json_object_get(o, "evidence"), 0);
	assert_string_equal(text_at(piece, "pcap_filename"), "day.pcap");
	assert_int_equal(number_at(piece, "pcap_cnt"), 705);
	assert_string_equal(text_at(piece, "source"), "ept_map");
	json_decref(e);
}

static void
stats_has_every_group(void **state)
{
	static const char *const groups[] = {
	    "dropped", "tcp", "rpc", "ndpi", "events", "memory", "store"};
	const struct events_totals t = {
	    .packets = 800, .bytes = UINT64_MAX, .sealed = 5, .seconds = 3};
	struct desk d;

	(void)state;
	desk_open(&d);
	assert_int_equal(events_stats(d.events, &t), 0);
	json_t *e = desk_line(&d), *o = json_object_get(e, "stats");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		assert_true(json_is_object(json_object_get(o, groups[i])));
	assert_int_equal(number_at(o, "packets"), 800);
	assert_true(number_at(o, "bytes") == INT64_MAX);
	assert_int_equal(number_at(json_object_get(o, "rpc"), "sealed"), 5);
	assert_null(json_object_get(e, "src_ip"));
	json_decref(e);
}

static void
a_full_file_is_an_error(void **state)
{
	const struct obs o = obs_of(OBS_BIND);
	struct events *events;
	int err = 0;

	(void)state;
	FILE *full = fopen("/dev/full", "w");
	if (full == NULL)
		skip();
	assert_int_equal(events_new(&events, full, &run), 0);
	for (int i = 0; i < 1000 && err == 0; i++)
		err = events_observation(events, &o);
	assert_true(err < 0);
	events_free(&events);
	fclose(full);
}

static void
numbers_without_a_name_are_still_words(void **state)
{
	char out[WORDS_NUMBER];

	(void)state;
	assert_string_equal(words_ept_status(0, out), "ok");
	assert_string_equal(words_ept_status(0x6d9, out), "ept_s_not_registered");
	assert_string_equal(words_ept_status(0xdeadbeef, out), "0xdeadbeef");
	assert_string_equal(words_auth_type(255, out), "255");
	assert_string_equal(words_auth_level(7, out), "7");
	assert_string_equal(words_auth_type(68, out), "netlogon");
	assert_string_equal(words_context_result(0xffff, out), "unanswered");
	assert_string_equal(words_context_result(9, out), "9");
	assert_string_equal(words_reject_reason(65535, out), "65535");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(full_device_is_told_with_the_name_of_the_output),
	    cmocka_unit_test(envelope_names_packet_flow_and_capture),
	    cmocka_unit_test(towers_have_port_or_endpoint),
	    cmocka_unit_test(unknown_towers_show_their_octets),
	    cmocka_unit_test(question_is_told_or_known_to_be_missing),
	    cmocka_unit_test(bind_lists_contexts_in_order),
	    cmocka_unit_test(bind_over_a_pipe_has_no_server_port),
	    cmocka_unit_test(change_has_sets_before_and_after),
	    cmocka_unit_test(alert_says_rule_key_and_evidence),
	    cmocka_unit_test(stats_has_every_group),
	    cmocka_unit_test(a_full_file_is_an_error),
	    cmocka_unit_test(numbers_without_a_name_are_still_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
