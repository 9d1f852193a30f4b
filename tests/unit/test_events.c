/* Events, field by field, as the contract spells them. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include <jansson.h>

#include "app/event_types.h"
#include "app/events.h"
#include "app/memory.h"
#include "app/realm_rules.h"
#include "base/clock.h"
#include "base/log.h"
#include "dissect/observation.h"
#include "dissect/tunnel.h"
#include "report/words/words.h"
#include "track/records.h"

static const char *
day_pcap(void *ctx, uint32_t index)
{
	(void)ctx;
	return index == 0 ? "day.pcap" : NULL;
}

static const struct events_run run = {.sensor = "sensor-1",
    .realm = "default",
    .source = day_pcap,
    .output = "events.json",
    .types = EVENT_TYPES_ALL};

static const char *
eth1(void *ctx, uint32_t index)
{
	(void)ctx;
	return index == 0 ? "eth1" : NULL;
}

static const struct events_run run_live = {.sensor = "sensor-1",
    .realm = "default",
    .source = eth1,
    .output = "events.json",
    .types = EVENT_TYPES_ALL,
    .live = true};

/* An event writer on a string. */
struct desk {
	struct events *events;
	FILE *file;
	char *text;
	size_t len;
};

static void
desk_open_for(struct desk *d, const struct events_run *whose)
{
	*d = (struct desk){0};
	d->file = open_memstream(&d->text, &d->len);
	assert_non_null(d->file);
	assert_int_equal(events_new(&d->events, d->file, whose), 0);
}

static void
desk_open(struct desk *d)
{
	desk_open_for(d, &run);
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

#define OBS_NS INT64_C(1056991898891523000)

static struct obs
obs_of(enum obs_kind kind)
{
	return (struct obs){.kind = kind,
	    .transport = TRANSPORT_TCP,
	    .at = {.ts_ns = OBS_NS,
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
tunnels_are_told_outermost_first(void **state)
{
	static const struct tunnel_path path = {.count = 4,
	    .depth = 6,
	    .layer = {
		{.kind = TUNNEL_VXLAN,
		    .has_id = true,
		    .id = 5000,
		    .has_ends = true,
		    .src = {.b = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}},
		    .dst = {.b = {[0] = 0x20, 1, 0x0d, 0xb8, [15] = 9}}},
		{.kind = TUNNEL_MPLS, .labels = 2, .label = {17, 1048575}},
		{.kind = TUNNEL_ERSPAN, .version = 1, .has_ends = true},
		{.kind = TUNNEL_GRE, .has_id = true, .id = UINT32_MAX},
	    }};
	struct obs o = obs_of(OBS_EPM);
	char *text;
	json_t *e;

	(void)state;
	o.at.tunnel = &path;
	e = event_of(&o);
	text = json_dumps(json_object_get(e, "tunnel"), JSON_COMPACT);
	assert_string_equal(text,
	    "[{\"type\":\"vxlan\",\"vni\":5000,\"src_ip\":\"192.0.2.1\",\"dest_ip\":"
	    "\"2001:db8::9\"},{\"type\":\"mpls\",\"labels\":[17,1048575]},{\"type\":\"erspan\","
	    "\"version\":1,\"src_ip\":\"::\",\"dest_ip\":\"::\"},{\"type\":\"gre\",\"key\":"
	    "4294967295}]");
	free(text);
	json_decref(e);
}

static void
every_kind_of_tunnel_has_a_name(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < TUNNEL_KINDS; kind++)
		assert_non_null(tunnel_kind_name((enum tunnel_kind)kind));
	assert_string_equal(tunnel_id_name(TUNNEL_GENEVE), "vni");
	assert_string_equal(tunnel_id_name(TUNNEL_PPPOE), "session");
	assert_null(tunnel_id_name(TUNNEL_IPIP));
}

/* An event is of the realm that it tells of, whatever brought it. */
static void
events_name_the_realm_they_are_about(void **state)
{
	static struct realm_rules rules;
	struct events_run sited = run;
	struct obs o = obs_of(OBS_EPM);
	struct change c = {.key = {.realm = 2}};
	struct alert a = {.key = {.realm = 1}};
	struct desk d;
	json_t *e;

	(void)state;
	assert_int_equal(realm_rules_add(&rules, "vlan=10:north"), 0);
	assert_int_equal(realm_rules_add(&rules, "vlan=20:south"), 0);
	sited.realms = &rules;
	for (uint8_t realm = 0; realm < 3; realm++) {
		o.at.realm = realm;
		desk_open_for(&d, &sited);
		assert_int_equal(events_observation(d.events, &o), 0);
		e = desk_line(&d);
		assert_string_equal(text_at(e, "realm"), realm == 0   ? "default"
							 : realm == 1 ? "north"
								      : "south");
		assert_string_equal(text_at(e, "sensor"), "sensor-1");
		json_decref(e);
	}
	desk_open_for(&d, &sited);
	assert_int_equal(events_change(d.events, &c, &o), 0);
	e = desk_line(&d);
	assert_string_equal(text_at(e, "realm"), "south");
	json_decref(e);
	desk_open_for(&d, &sited);
	assert_int_equal(events_alert(d.events, &a, &o), 0);
	e = desk_line(&d);
	assert_string_equal(text_at(e, "realm"), "north");
	assert_memory_equal(text_at(json_object_get(e, "alert"), "key"), "north/", 6);
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

static void
bind_over_a_pipe_that_was_not_seen_names_none(void **state)
{
	struct obs o = obs_of(OBS_BIND);

	(void)state;
	o.transport = TRANSPORT_NP;
	json_t *e = event_of(&o), *b = json_object_get(e, "bind");
	assert_null(json_object_get(b, "server_port"));
	assert_null(json_object_get(b, "pipe"));
	assert_null(json_object_get(b, "backend"));
	assert_string_equal(text_at(b, "transport"), "ncacn_np");
	json_decref(e);
}

static void
behind_a_proxy_the_backend_is_named(void **state)
{
	struct obs o = obs_of(OBS_BIND);

	(void)state;
	o.transport = TRANSPORT_HTTP;
	o.backend = "mail.example.com";
	o.server_port = 6001;
	json_t *e = event_of(&o), *b = json_object_get(e, "bind");
	assert_string_equal(text_at(b, "backend"), "mail.example.com");
	assert_int_equal(number_at(b, "server_port"), 6001);
	json_decref(e);
	o.kind = OBS_EPM;
	o.epm = (struct obs_epm){.operation = EPM_MAP};
	e = event_of(&o);
	b = json_object_get(e, "epm");
	assert_string_equal(text_at(b, "backend"), "mail.example.com");
	assert_null(json_object_get(b, "pipe"));
	json_decref(e);
}

static void
epm_over_a_pipe_names_it(void **state)
{
	struct obs o = obs_of(OBS_EPM);

	(void)state;
	o.transport = TRANSPORT_NP;
	o.pipe = "epmapper";
	o.epm = (struct obs_epm){.operation = EPM_MAP};
	json_t *e = event_of(&o);
	assert_string_equal(text_at(json_object_get(e, "epm"), "pipe"), "epmapper");
	json_decref(e);
}

static void
assert_text(const json_t *o, const char *wanted)
{
	char *text = json_dumps(o, JSON_COMPACT);

	assert_string_equal(text, wanted);
	free(text);
}

static void
oxid_has_bindings_as_on_the_wire(void **state)
{
	const struct obs_binding binding[] = {
	    {.protseq = PROTSEQ_TCP, .port = 49724, .host_name = "DC1"},
	    {.protseq = PROTSEQ_TCP, .port = 49724, .host = v4(9), .host_known = true},
	    {.protseq = PROTSEQ_NP, .endpoint = "\\pipe\\x", .host_name = "DC1"},
	    {.protseq = PROTSEQ_TCP, .host_name = "DC1"}, {.protseq = PROTSEQ_UNKNOWN}};
	const struct if_id iface[] = {nspi()};
	struct obs o = obs_of(OBS_OXID);

	(void)state;
	o.oxid = (struct obs_oxid){.operation = OXID_GET_CLASS_OBJECT,
	    .has_oxid = true,
	    .oxid = UINT64_C(0xfedcba9876543210),
	    .status = 0x80012,
	    .binding_count = 5,
	    .binding = binding,
	    .iface_count = 1,
	    .iface = iface};
	json_t *e = event_of(&o);
	assert_string_equal(text_at(e, "event_type"), "oxid");
	assert_text(json_object_get(e, "oxid"),
	    "{\"operation\":\"RemoteGetClassObject\",\"server\":\"192.168.0.2\","
	    "\"client\":\"192.168.0.173\",\"oxid\":\"fedcba9876543210\",\"bindings\":["
	    "{\"protseq\":\"ncacn_ip_tcp\",\"host\":\"DC1\",\"port\":49724},"
	    "{\"protseq\":\"ncacn_ip_tcp\",\"host\":\"192.168.0.9\",\"port\":49724},"
	    "{\"protseq\":\"ncacn_np\",\"host\":\"DC1\",\"endpoint\":\"\\\\pipe\\\\x\"},"
	    "{\"protseq\":\"ncacn_ip_tcp\",\"host\":\"DC1\"},{\"protseq\":\"unknown\"}],"
	    "\"interfaces\":[{\"interface\":\"f5cc5a18-4264-101a-8c59-08002b2f8426\","
	    "\"version\":\"56.0\",\"service\":\"nspi\"}],\"status\":524306}");
	json_decref(e);
}

static void
oxid_leaves_out_what_there_is_not(void **state)
{
	static const char *const name[] = {"ServerAlive2", "ResolveOxid", "ResolveOxid2",
	    "RemoteActivation", "RemoteCreateInstance", "RemoteGetClassObject"};
	struct obs o = obs_of(OBS_OXID);

	(void)state;
	for (int i = 0; i < 6; i++) {
		o.oxid.operation = (enum oxid_operation)i;
		json_t *e = event_of(&o), *b = json_object_get(e, "oxid");
		assert_string_equal(text_at(b, "operation"), name[i]);
		assert_null(json_object_get(b, "oxid"));
		assert_null(json_object_get(b, "interfaces"));
		assert_int_equal(json_array_size(json_object_get(b, "bindings")), 0);
		assert_int_equal(number_at(b, "status"), 0);
		json_decref(e);
	}
}

static void
referral_says_who_sends_whom_where(void **state)
{
	struct obs o = obs_of(OBS_REFERRAL);

	(void)state;
	o.referral = (struct obs_referral){.operation = REFERRAL_NEW_DSA, .to = "dc1.example.com"};
	json_t *e = event_of(&o);
	assert_string_equal(text_at(e, "event_type"), "referral");
	assert_text(json_object_get(e, "referral"),
	    "{\"operation\":\"RfrGetNewDSA\",\"server\":\"192.168.0.2\","
	    "\"client\":\"192.168.0.173\",\"to\":\"dc1.example.com\",\"status\":0}");
	json_decref(e);
	o.referral = (struct obs_referral){.operation = REFERRAL_FQDN, .status = 0x80040111};
	e = event_of(&o);
	assert_text(json_object_get(e, "referral"),
	    "{\"operation\":\"RfrGetFQDNFromServerDN\",\"server\":\"192.168.0.2\","
	    "\"client\":\"192.168.0.173\",\"status\":2147746065}");
	json_decref(e);
}

static const char *
some_pcap(void *ctx, uint32_t index)
{
	static char name[600];

	(void)ctx;
	/* in one place, as somebody may do; and of the longest none is remembered */
	memset(name, 'x', sizeof(name));
	(void)snprintf(name + (index == 2 ? 580 : 0), 16, "%u.pcap", index);
	return index < 3 ? name : NULL;
}

/* The line of ${o} alone; to be freed. */
static char *
line_of(const struct events_run *whose, const struct obs *o)
{
	struct desk d;

	desk_open_for(&d, whose);
	assert_int_equal(events_observation(d.events, o), 0);
	events_free(&d.events);
	fclose(d.file);
	return d.text;
}

/* Times and captures come and go, and what was said of others is not said again. */
static void
each_event_says_what_it_would_say_alone(void **state)
{
	const int64_t second = OBS_NS - OBS_NS % NS_PER_S, rest = OBS_NS % NS_PER_S;
	const int64_t times[] = {second, second + 1, second + 1000, second + NS_PER_S - 1,
	    second + NS_PER_S, second + NS_PER_S + rest, second - 1, second + 5000, -1, 0, 5000,
	    -NS_PER_S, INT64_MAX, INT64_MIN, INT64_MIN + 1000, second + rest};
	struct events_run several = run;
	struct desk d;
	size_t at = 0;

	(void)state;
	several.source = some_pcap;
	desk_open_for(&d, &several);
	for (size_t i = 0; i < 4 * sizeof(times) / sizeof(times[0]); i++) {
		struct obs o = obs_of(i % 3 == 0 ? OBS_BIND : OBS_EPM);

		o.at.ts_ns = times[i / 4];
		o.at.source = (uint32_t)(i * 7 / 3 % 4);
		assert_int_equal(events_observation(d.events, &o), 0);
		assert_int_equal(events_flush(d.events), 0);
		char *alone = line_of(&several, &o);
		assert_string_equal(d.text + at, alone);
		at = d.len;
		free(alone);
	}
	events_free(&d.events);
	fclose(d.file);
	free(d.text);
}

static void
what_is_only_folded_makes_no_event(void **state)
{
	static const enum obs_kind kinds[] = {OBS_NAMES, OBS_USE, OBS_SEALED};
	struct desk d;

	(void)state;
	desk_open(&d);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct obs o = obs_of(kinds[i]);

		assert_int_equal(events_observation(d.events, &o), 0);
	}
	assert_int_equal(events_written(d.events), 0);
	events_free(&d.events);
	fclose(d.file);
	assert_int_equal(d.len, 0);
	free(d.text);
}

static void
an_interface_tells_of_objects_and_referrals_only_if_asked(void **state)
{
	static const enum obs_kind kinds[] = {OBS_EPM, OBS_BIND, OBS_OXID, OBS_REFERRAL};
	struct events_run quiet = run;

	(void)state;
	quiet.types = EVENT_TYPES_LIVE;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct obs o = obs_of(kinds[i]);
		struct desk d;

		desk_open_for(&d, &quiet);
		assert_int_equal(events_observation(d.events, &o), 0);
		assert_int_equal(events_written(d.events), 0);
		quiet.types |= EVENT_TYPE(EVENT_OXID) | EVENT_TYPE(EVENT_REFERRAL);
		assert_int_equal(events_observation(d.events, &o), 0);
		assert_int_equal(events_written(d.events), i < 2 ? 0 : 1);
		quiet.types = EVENT_TYPES_LIVE;
		events_free(&d.events);
		fclose(d.file);
		free(d.text);
	}
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
	    .ts_ns = OBS_NS,
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
	    .ts_ns = OBS_NS,
	    .evidence = {.ts_ns = NS_PER_S, .frame = 705, .source = EVIDENCE_MAP}};
	const struct obs cause = obs_of(OBS_EPM);
	struct desk d;

	(void)state;
	desk_open(&d);
	assert_int_equal(events_alert(d.events, &a, &cause), 0);
	json_t *e = desk_line(&d), *o = json_object_get(e, "alert");
	assert_int_equal(number_at(e, "pcap_cnt"), 400);
	assert_string_equal(text_at(o, "rule"), "EPM-001");
	assert_string_equal(text_at(o, "state"), "open");
	assert_string_equal(text_at(o, "key"),
	    "default/192.168.0.2/f5cc5a18-4264-101a-8c59-08002b2f8426@56/ncacn_ip_tcp");
	assert_string_equal(text_at(o, "change"), "fedcba9876543210");
	json_t *piece = json_array_get(json_object_get(o, "evidence"), 0);
	assert_string_equal(text_at(piece, "pcap_filename"), "day.pcap");
	assert_int_equal(number_at(piece, "pcap_cnt"), 705);
	assert_string_equal(text_at(piece, "source"), "ept_map");
	assert_null(json_object_get(o, "suppressed"));
	assert_null(json_object_get(o, "client"));
	assert_null(json_object_get(o, "clients"));
	json_decref(e);
}

static void
assert_names_no_packet(struct desk *d, const char *type)
{
	static const char *const packets[] = {
	    "pcap_filename", "pcap_cnt", "src_ip", "src_port", "dest_ip", "proto", "community_id"};
	json_t *e = desk_line(d);

	assert_string_equal(text_at(e, "event_type"), type);
	assert_string_equal(text_at(e, "timestamp"), "1970-01-01T00:00:09.000000Z");
	assert_true(json_is_object(json_object_get(e, type)));
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		assert_null(json_object_get(e, packets[i]));
	json_decref(e);
}

/* It has the time that it is due, and the packet that came to pass by then has nothing to do with it. */
static void
what_time_brings_names_no_packet(void **state)
{
	const struct change c = {
	    .kind = CHANGE_VANISHED, .key = nspi_key(), .ts_ns = 9 * NS_PER_S};
	const struct alert a = {.rule = "EPM-001",
	    .state = ALERT_CLOSED,
	    .key = nspi_key(),
	    .ts_ns = 9 * NS_PER_S};
	const struct obs other = obs_of(OBS_EPM);
	const struct obs *const causes[] = {NULL, &other};
	struct desk d;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		desk_open(&d);
		assert_int_equal(events_change(d.events, &c, causes[i]), 0);
		assert_names_no_packet(&d, "change");
		desk_open(&d);
		assert_int_equal(events_alert(d.events, &a, causes[i]), 0);
		assert_names_no_packet(&d, "alert");
	}
}

static void
a_restart_has_members_and_no_interface(void **state)
{
	const struct endpoint ports[] = {{.port = 49155}, {.port = 49157}};
	const struct change_member member = {.key = nspi_key(),
	    .previous_count = 1,
	    .current_count = 1,
	    .previous = &ports[0],
	    .current = &ports[1]};
	const struct change_id also = {"00000000000000bb"};
	const struct change c = {.id = "00000000000000cc",
	    .revises = "00000000000000aa",
	    .kind = CHANGE_RESTARTED,
	    .key = {.server = v4(2)},
	    .member_count = 1,
	    .member = &member,
	    .also_count = 1,
	    .also = &also};
	struct desk d;

	(void)state;
	desk_open(&d);
	assert_int_equal(events_change(d.events, &c, NULL), 0);
	json_t *e = desk_line(&d), *o = json_object_get(e, "change");
	json_t *first = json_array_get(json_object_get(o, "members"), 0);
	assert_string_equal(text_at(o, "server"), "192.168.0.2");
	assert_null(json_object_get(o, "interface"));
	assert_null(json_object_get(o, "protseq"));
	assert_string_equal(text_at(first, "interface"), "f5cc5a18-4264-101a-8c59-08002b2f8426");
	assert_int_equal(
	    json_integer_value(json_array_get(json_object_get(first, "current"), 0)), 49157);
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(o, "revises"), 0)), "00000000000000aa");
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(o, "revises"), 1)), "00000000000000bb");
	json_decref(e);
}

/* Of a server's port, and of the sensor: neither names an interface. */
static void
alerts_say_whom_they_are_about(void **state)
{
	struct alert a = {.rule = "EPM-013",
	    .key = {.server = v4(2), .protseq = PROTSEQ_TCP},
	    .about = "port 49155",
	    .suppressed = true,
	    .client_count = 2,
	    .client_total = 9,
	    .client = {v4(7), v4(8)}};
	struct desk d;

	(void)state;
	desk_open(&d);
	assert_int_equal(events_alert(d.events, &a, NULL), 0);
	json_t *e = desk_line(&d), *o = json_object_get(e, "alert");
	assert_true(json_is_true(json_object_get(o, "suppressed")));
	assert_string_equal(text_at(o, "key"),
	    "default/192.168.0.2/00000000-0000-0000-0000-000000000000@0/ncacn_ip_tcp/port 49155");
	assert_null(json_object_get(o, "interface"));
	assert_int_equal(json_array_size(json_object_get(o, "clients")), 2);
	assert_int_equal(number_at(o, "clients_total"), 9);
	assert_int_equal(json_array_size(json_object_get(o, "evidence")), 0);
	json_decref(e);
	a = (struct alert){.rule = "SYS-006", .client_count = 1, .client_total = 1, .client = {v4(7)}};
	desk_open(&d);
	assert_int_equal(events_alert(d.events, &a, NULL), 0);
	e = desk_line(&d);
	o = json_object_get(e, "alert");
	assert_null(json_object_get(o, "server"));
	assert_null(json_object_get(o, "protseq"));
	assert_string_equal(text_at(o, "client"), "192.168.0.7");
	assert_null(json_object_get(o, "clients"));
	json_decref(e);
}

static void
a_pinhole_names_port_clients_and_interfaces(void **state)
{
	const struct pinhole silent = {.server = v4(2),
	    .port = 49155,
	    .ts_ns = 9 * NS_PER_S,
	    .client_count = 2,
	    .client = {v4(7), v4(8)},
	    .interface_count = 1,
	    .interface = {nspi().uuid}};
	const struct pinhole refused = {.server = v4(2), .refused = true};
	struct desk d;

	(void)state;
	desk_open(&d);
	assert_int_equal(events_pinhole(d.events, &silent), 0);
	json_t *e = desk_line(&d), *o = json_object_get(e, "pinhole");
	assert_string_equal(text_at(e, "timestamp"), "1970-01-01T00:00:09.000000Z");
	assert_string_equal(text_at(o, "server"), "192.168.0.2");
	assert_int_equal(number_at(o, "port"), 49155);
	assert_string_equal(text_at(o, "how"), "silent");
	assert_int_equal(json_array_size(json_object_get(o, "clients")), 2);
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(o, "clients"), 1)), "192.168.0.8");
	assert_string_equal(json_string_value(json_array_get(json_object_get(o, "interfaces"), 0)),
	    "f5cc5a18-4264-101a-8c59-08002b2f8426");
	json_decref(e);
	desk_open(&d);
	assert_int_equal(events_pinhole(d.events, &refused), 0);
	e = desk_line(&d);
	assert_string_equal(text_at(json_object_get(e, "pinhole"), "how"), "refused");
	json_decref(e);
}

static void
stats_has_every_group(void **state)
{
	static const char *const groups[] = {
	    "dropped", "tcp", "rpc", "ndpi", "events", "memory", "store"};
	const struct memory_parts memory = {.total = 1000, .streams = 300};
	const struct events_totals t = {.packets = 800,
	    .bytes = UINT64_MAX,
	    .sealed = 5,
	    .memory = &memory,
	    .captures = 2,
	    .seconds = 3};
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
	assert_int_equal(number_at(json_object_get(o, "memory"), "cap"), 1000);
	assert_int_equal(number_at(json_object_get(o, "memory"), "streams"), 300);
	assert_int_equal(number_at(json_object_get(o, "captures"), "read"), 2);
	assert_null(json_object_get(o, "live"));
	assert_null(json_object_get(e, "src_ip"));
	json_decref(e);
}

static void
stats_of_interfaces_say_what_was_dropped_where(void **state)
{
	const struct memory_parts memory = {.total = 1000, .rings = 500};
	const struct events_totals t = {.dropped_kernel = 1,
	    .dropped_interface = 2,
	    .dropped_queue = 3,
	    .dropped_decode = 4,
	    .dropped_cap = 5,
	    .dropped_alerts = 9,
	    .dropped_moments = 10,
	    .dropped_sessions = 11,
	    .dropped_spans = 12,
	    .memory = &memory,
	    .queue = 6,
	    .interfaces = 2,
	    .away = 1,
	    .workers = 7,
	    .store_lost = 8};
	struct desk d;

	(void)state;
	desk_open_for(&d, &run_live);
	assert_int_equal(events_stats(d.events, &t), 0);
	json_t *e = desk_line(&d), *o = json_object_get(e, "stats");
	json_t *dropped = json_object_get(o, "dropped"), *live = json_object_get(o, "live");
	assert_int_equal(number_at(dropped, "kernel"), 1);
	assert_int_equal(number_at(dropped, "interface"), 2);
	assert_int_equal(number_at(dropped, "queue"), 3);
	assert_int_equal(number_at(dropped, "decode"), 4);
	assert_int_equal(number_at(dropped, "cap"), 5);
	assert_int_equal(number_at(dropped, "alerts"), 9);
	assert_int_equal(number_at(dropped, "moments"), 10);
	assert_int_equal(number_at(dropped, "sessions"), 11);
	assert_int_equal(number_at(dropped, "spans"), 12);
	assert_int_equal(number_at(json_object_get(o, "memory"), "rings"), 500);
	assert_int_equal(number_at(json_object_get(o, "store"), "queue"), 6);
	assert_int_equal(number_at(live, "interfaces"), 2);
	assert_int_equal(number_at(live, "away"), 1);
	assert_int_equal(number_at(live, "workers"), 7);
	assert_int_equal(number_at(live, "lost"), 8);
	assert_null(json_object_get(o, "captures"));
	json_decref(e);
}

static void
what_an_interface_saw_has_no_frame_number(void **state)
{
	struct alert a = {.rule = "EPM-001",
	    .state = ALERT_OPEN,
	    .key = nspi_key(),
	    .ts_ns = OBS_NS,
	    .evidence = {.ts_ns = NS_PER_S, .source = EVIDENCE_MAP}};
	struct obs cause = obs_of(OBS_EPM);
	struct desk d;

	(void)state;
	cause.at.frame = 0;
	cause.epm.question = (struct obs_epm_question){.seen = true, .max_towers = 4};
	desk_open_for(&d, &run_live);
	assert_int_equal(events_alert(d.events, &a, &cause), 0);
	json_t *e = desk_line(&d);
	json_t *piece = json_array_get(json_object_get(json_object_get(e, "alert"), "evidence"), 0);
	assert_string_equal(text_at(e, "in_iface"), "eth1");
	assert_null(json_object_get(e, "pcap_cnt"));
	assert_null(json_object_get(e, "pcap_filename"));
	assert_string_equal(text_at(piece, "in_iface"), "eth1");
	assert_null(json_object_get(piece, "pcap_cnt"));
	json_decref(e);
	desk_open_for(&d, &run_live);
	assert_int_equal(events_observation(d.events, &cause), 0);
	e = desk_line(&d);
	assert_null(
	    json_object_get(json_object_get(json_object_get(e, "epm"), "request"), "pcap_cnt"));
	json_decref(e);
}

static void
types_that_are_not_wanted_are_not_written(void **state)
{
	struct events_run some = run;
	const struct obs epm = obs_of(OBS_EPM), bind = obs_of(OBS_BIND);
	const struct change change = {.kind = CHANGE_NEW, .key = nspi_key()};
	const struct alert alert = {.rule = "EPM-001", .state = ALERT_OPEN, .key = nspi_key()};
	const struct memory_parts memory = {.total = 1};
	const struct events_totals totals = {.memory = &memory};

	(void)state;
	for (unsigned t = 0; t < EVENT_TYPES; t++) {
		struct desk d;

		some.types = EVENT_TYPE(t);
		desk_open_for(&d, &some);
		assert_int_equal(events_observation(d.events, &epm), 0);
		assert_int_equal(events_observation(d.events, &bind), 0);
		assert_int_equal(events_change(d.events, &change, &epm), 0);
		assert_int_equal(events_alert(d.events, &alert, &epm), 0);
		assert_int_equal(events_stats(d.events, &totals), 0);
		bool made = t == EVENT_EPM || t == EVENT_BIND || t == EVENT_CHANGE ||
			    t == EVENT_ALERT || t == EVENT_STATS;
		assert_int_equal(events_written(d.events), made ? 1 : 0);
		assert_int_equal(events_flush(d.events), 0);
		assert_int_equal(d.len > 0, made);
		events_free(&d.events);
		fclose(d.file);
		assert_true(!made || strstr(d.text, event_types_name((enum event_type)t)) != NULL);
		free(d.text);
	}
}

/* An output that takes so many bytes, and fails then. */
struct tray {
	size_t room, used;
	int error;
	char text[4 << 20];
};

static ssize_t
tray_write(void *cookie, const char *data, size_t size)
{
	struct tray *t = cookie;
	size_t n = size < t->room ? size : t->room;

	if (n == 0) {
		errno = t->error;
		return 0;
	}
	memcpy(t->text + t->used, data, n);
	t->used += n;
	t->room -= n;
	return (ssize_t)n;
}

static FILE *
tray_open(struct tray *t)
{
	FILE *file = fopencookie(t, "w", (cookie_io_functions_t){.write = tray_write});

	assert_non_null(file);
	setvbuf(file, NULL, _IONBF, 0);
	return file;
}

/* Lines, all of them whole. */
static size_t
tray_lines(const struct tray *t)
{
	size_t lines = 0;

	for (const char *at = t->text, *end; at < t->text + t->used; at = end + 1, lines++) {
		end = memchr(at, '\n', (size_t)(t->text + t->used - at));
		assert_non_null(end);
		json_t *o = json_loadb(at, (size_t)(end - at), 0, NULL);
		assert_non_null(o);
		json_decref(o);
	}
	return lines;
}

static void
interfaces_outlive_an_output_that_is_full_for_a_while(void **state)
{
	static struct tray tray;
	const struct obs o = obs_of(OBS_BIND);
	struct events *events;
	FILE *file = tray_open(&tray);
	size_t sent = 0;

	(void)state;
	said[0] = '\0';
	log_set_sink(remember, NULL);
	tray = (struct tray){.room = 1000, .error = ENOSPC};
	assert_int_equal(events_new(&events, file, &run_live), 0);
	for (; sent < 10; sent++)
		assert_int_equal(events_observation(events, &o), 0);
	assert_int_equal(events_flush(events), 0);
	assert_int_equal(tray.used, 1000);
	assert_string_equal(said,
	    "events.json: No space left on device; events wait, or are counted "
	    "only, until it can be written");
	/* More than can wait. */
	for (; sent < 10000; sent++)
		assert_int_equal(events_observation(events, &o), 0);
	assert_int_equal(events_flush(events), 0);
	assert_null(strstr(said, "twice"));
	said[0] = '\0';
	tray.room = sizeof(tray.text) - tray.used;
	assert_int_equal(events_flush(events), 0);
	assert_non_null(strstr(said, "is written again"));
	assert_true(events_written(events) > 1000 && events_written(events) < 10000);
	assert_int_equal(events_observation(events, &o), 0);
	assert_int_equal(events_flush(events), 0);
	assert_int_equal(tray_lines(&tray), events_written(events));
	events_free(&events);
	fclose(file);
	log_set_sink(NULL, NULL);
}

/* A pipe that nobody reads: nothing blocks, what fits waits, and all of it arrives whole once somebody reads. */
static void
interfaces_do_not_wait_for_a_reader(void **state)
{
	static struct tray tray;
	const struct obs o = obs_of(OBS_BIND);
	struct events *events;
	int fd[2];
	ssize_t n;

	(void)state;
	said[0] = '\0';
	log_set_sink(remember, NULL);
	assert_int_equal(pipe(fd), 0);
	FILE *file = fdopen(fd[1], "w");
	setvbuf(file, NULL, _IONBF, 0);
	assert_int_equal(events_new(&events, file, &run_live), 0);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(events_observation(events, &o), 0);
	assert_int_equal(events_flush(events), 0);
	assert_string_equal(said, "");
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(events_observation(events, &o), 0);
	assert_string_equal(said,
	    "events.json: its reader does not read; events wait, or are counted only, "
	    "until it can be written");
	assert_true(events_written(events) > 1000 && events_written(events) < 10000);
	said[0] = '\0';
	tray.used = 0;
	assert_int_equal(fcntl(fd[0], F_SETFL, O_NONBLOCK), 0);
	do {
		assert_int_equal(events_flush(events), 0);
		while ((n = read(fd[0], tray.text + tray.used, sizeof(tray.text) - tray.used)) > 0)
			tray.used += (size_t)n;
	} while (said[0] == '\0');
	assert_non_null(strstr(said, "is written again"));
	assert_int_equal(tray_lines(&tray), events_written(events));
	events_free(&events);
	fclose(file);
	close(fd[0]);
	log_set_sink(NULL, NULL);
}

/* In the end there is nobody to wait for the last lines but the program itself. */
static void
the_last_lines_wait_for_a_slow_reader_but_not_for_ever(void **state)
{
	const struct obs o = obs_of(OBS_BIND);
	struct events *events;
	struct timespec before, after;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	FILE *file = fdopen(fd[1], "w");
	setvbuf(file, NULL, _IONBF, 0);
	assert_int_equal(events_new(&events, file, &run_live), 0);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(events_observation(events, &o), 0);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(events_finish(events), 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_in_range(after.tv_sec - before.tv_sec, 1, 20);
	close(fd[0]);
	signal(SIGPIPE, SIG_IGN);
	events_free(&events);
	fclose(file);
}

static void
a_reader_that_went_away_ends_even_what_watches_interfaces(void **state)
{
	static struct tray tray = {.error = EPIPE};
	const struct obs o = obs_of(OBS_BIND);
	struct events *events;
	FILE *file = tray_open(&tray);

	(void)state;
	said[0] = '\0';
	log_set_sink(remember, NULL);
	assert_int_equal(events_new(&events, file, &run_live), 0);
	assert_int_equal(events_observation(events, &o), 0);
	assert_int_equal(events_flush(events), -EIO);
	assert_string_equal(said, "events.json: Broken pipe");
	events_free(&events);
	fclose(file);
	log_set_sink(NULL, NULL);
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
	    cmocka_unit_test(tunnels_are_told_outermost_first),
	    cmocka_unit_test(every_kind_of_tunnel_has_a_name),
	    cmocka_unit_test(events_name_the_realm_they_are_about),
	    cmocka_unit_test(towers_have_port_or_endpoint),
	    cmocka_unit_test(unknown_towers_show_their_octets),
	    cmocka_unit_test(question_is_told_or_known_to_be_missing),
	    cmocka_unit_test(bind_lists_contexts_in_order),
	    cmocka_unit_test(bind_over_a_pipe_has_no_server_port),
	    cmocka_unit_test(bind_over_a_pipe_that_was_not_seen_names_none),
	    cmocka_unit_test(behind_a_proxy_the_backend_is_named),
	    cmocka_unit_test(epm_over_a_pipe_names_it),
	    cmocka_unit_test(oxid_has_bindings_as_on_the_wire),
	    cmocka_unit_test(oxid_leaves_out_what_there_is_not),
	    cmocka_unit_test(referral_says_who_sends_whom_where),
	    cmocka_unit_test(each_event_says_what_it_would_say_alone),
	    cmocka_unit_test(what_is_only_folded_makes_no_event),
	    cmocka_unit_test(an_interface_tells_of_objects_and_referrals_only_if_asked),
	    cmocka_unit_test(change_has_sets_before_and_after),
	    cmocka_unit_test(alert_says_rule_key_and_evidence),
	    cmocka_unit_test(what_time_brings_names_no_packet),
	    cmocka_unit_test(a_restart_has_members_and_no_interface),
	    cmocka_unit_test(alerts_say_whom_they_are_about),
	    cmocka_unit_test(a_pinhole_names_port_clients_and_interfaces),
	    cmocka_unit_test(stats_has_every_group),
	    cmocka_unit_test(stats_of_interfaces_say_what_was_dropped_where),
	    cmocka_unit_test(what_an_interface_saw_has_no_frame_number),
	    cmocka_unit_test(types_that_are_not_wanted_are_not_written),
	    cmocka_unit_test(interfaces_outlive_an_output_that_is_full_for_a_while),
	    cmocka_unit_test(interfaces_do_not_wait_for_a_reader),
	    cmocka_unit_test(the_last_lines_wait_for_a_slow_reader_but_not_for_ever),
	    cmocka_unit_test(a_reader_that_went_away_ends_even_what_watches_interfaces),
	    cmocka_unit_test(a_full_file_is_an_error),
	    cmocka_unit_test(numbers_without_a_name_are_still_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
