/* verbs.c - options are rows, verbs are rows that point to them. */
#include "app/verbs.h"

#include <string.h>

#include "app/drift.h"
#include "app/list.h"
#include "app/options.h"
#include "app/read.h"
#include "app/sense.h"

static const struct option_spec
    file = {'r', "read-file", "FILE", "read this capture, too", settings_set_file},
    store_write = {'d', "store", "FILE", "keep the history in FILE (default: in memory)",
	settings_set_store},
    store_read = {'d', "store", "FILE", "the history to look at", settings_set_store},
    policy = {'c', "policy", "POLICY", "what is right (so far: windows-default)",
	settings_set_policy},
    store_live = {'d', "store", "FILE", "keep the history in FILE", settings_set_store},
    device = {'i', "interface", "NAME", "watch this interface; may be repeated",
	settings_set_device},
    events = {0, "events", "FILE", "write events as JSON lines; - is standard output",
	settings_set_events},
    event_types = {0, "event-types", "LIST", "which: all, or names such as epm,bind,change,alert",
	settings_set_event_types},
    workers = {0, "workers", "N", "threads (default: one a processor, at most 4)",
	settings_set_workers},
    workers_live = {0, "workers", "N", "threads that share an interface (default 1)",
	settings_set_workers},
    memory = {0, "memory", "SIZE", "for all together, such as 64M (default 256M)",
	settings_set_memory},
    no_smb = {0, "no-smb", NULL, "leave named pipes over SMB alone", settings_set_no_smb},
    uncompressed = {0, "max-uncompressed", "SIZE", "of one compressed capture (default 1024G)",
	settings_set_uncompressed},
    no_prefilter = {0, "no-prefilter", NULL, "have the kernel hand over every packet",
	settings_set_unfiltered},
    ring_size = {0, "ring-size", "SIZE", "of each interface's ring (default: its share)",
	settings_set_ring_size},
    ring_block = {0, "ring-block", "SIZE", "pieces that the kernel hands over (default 256K)",
	settings_set_ring_block},
    ring_timeout = {0, "ring-timeout", "MS", "packets wait that long at most (default 100)",
	settings_set_ring_timeout},
    snaplen = {'s', "snaplen", "BYTES", "of each packet at most (default 262144)",
	settings_set_snaplen},
    stats_interval = {0, "stats-interval", "SECONDS", "between stats events (default 60)",
	settings_set_stats_interval},
    filter = {'f', "filter", "EXPR", "only packets that this BPF expression lets pass",
	settings_set_filter},
    filter_file = {'F', "filter-file", "FILE", "the same, read from FILE",
	settings_set_filter_file},
    count = {0, "count", "N", "stop after N packets", settings_set_count},
    sensor = {0, "sensor", "NAME", "who saw it (default: this host's name)", settings_set_sensor},
    realm = {0, "realm", "NAME", "which addresses these are (default: default)",
	settings_set_realm},
    realm_of = {0, "realm-of", "RULE", "of a network: vlan=10:NAME, vni=5000:NAME",
	settings_set_realm_of},
    span_window = {0, "span-window", "MS", "a datagram again so soon is a copy (default 10)",
	settings_set_span_window},
    progress = {0, "progress", "WHEN", "a bar on standard error: auto, always, never",
	settings_set_progress},
    quiet = {'q', "quiet", NULL, "no bar, no notes; without -d still the report",
	settings_set_quiet},
    quiet_live = {'q', "quiet", NULL, "no notes, errors only", settings_set_quiet},
    verbose = {'v', "verbose", NULL, "say more on standard error", settings_set_verbose},
    format = {0, "format", "FORMAT", "text (default), json or csv", settings_set_format},
    format_report = {0, "format", "FORMAT", "text (so far the only one)", settings_set_format},
    at = {0, "at", "TIME", "endpoints alive at TIME (default: the end)", settings_set_at},
    since = {0, "since", "TIME", "only what touches the time from TIME on", settings_set_since},
    until = {0, "until", "TIME", "only what touches the time before TIME", settings_set_until},
    server = {0, "server", "ADDRESS", "only this server", settings_set_server},
    interface = {0, "interface", "IFACE", "only this interface: a UUID or a service's name",
	settings_set_interface},
    protseq = {0, "protseq", "PROTSEQ", "only this one: ncacn_ip_tcp, ncacn_np, ...",
	settings_set_protseq},
    port = {0, "port", "PORT", "only this port", settings_set_port},
    only_sensor = {0, "sensor", "NAME", "only what this sensor saw", settings_set_only_sensor},
    only_realm = {0, "realm", "NAME", "only this realm", settings_set_only_realm},
    fail_on = {0, "fail-on", "SEVERITY", "exit 1 from here on: high, medium (default), low, info",
	settings_set_fail_on},
    output = {
	'o', "output", "FILE", "write to FILE (default: standard output)", settings_set_output};

static const struct option_spec *const read_options[] = {&store_write, &policy, &events,
    &event_types, &filter, &filter_file, &file, &count, &sensor, &realm, &realm_of, &span_window,
    &workers, &memory, &no_smb, &uncompressed, &progress, &quiet, &verbose, NULL};

static const struct option_spec *const sense_options[] = {&device, &store_live, &policy, &events,
    &event_types, &filter, &filter_file, &count, &sensor, &realm, &realm_of, &span_window,
    &workers_live, &memory, &no_smb, &no_prefilter, &ring_size, &ring_block, &ring_timeout, &snaplen,
    &stats_interval, &quiet_live, &verbose, NULL};

static const struct option_spec *const list_options[] = {&store_read, &format, &at, &since, &until,
    &server, &interface, &protseq, &port, &only_sensor, &only_realm, &policy, &fail_on, NULL};

static const struct option_spec *const report_options[] = {
    &store_read, &since, &until, &format_report, &output, &policy, &fail_on, NULL};

static const struct verb verbs[] = {
    {"read", "Read captures; keep which interface answered on which port.", "CAPTURE...",
	read_options,
	{"epmwatch read exchange.pcap", "epmwatch read -d site.db --events - captures/ | jq ."},
	read_run, false},
    {"sense", "Watch interfaces; keep which RPC interface answered on which port.", "[EXPRESSION]",
	sense_options,
	{"epmwatch sense -i eth1 -d site.db",
	    "epmwatch sense -i eth1 -d site.db --events - | jq ."},
	sense_run, false},
    {"list", "List the endpoints that are alive.", NULL, list_options,
	{"epmwatch list -d site.db --server 10.1.0.11",
	    "epmwatch list -d site.db --at 2026-11-01 --format csv"},
	list_run, true},
    {"history", "List every endpoint from its first to its last sight.", NULL, list_options,
	{"epmwatch history -d site.db --interface drsuapi",
	    "epmwatch history -d site.db --since 7d --format json"},
	list_history, true},
    {"report", "Report what is out of policy, what changed, and what is there.", NULL,
	report_options,
	{"epmwatch report -d site.db", "epmwatch report -d site.db --since 24h -o drift.txt"},
	drift_run, true},
};

const struct verb *
verbs_all(size_t *count_out)
{
	*count_out = sizeof(verbs) / sizeof(verbs[0]);
	return verbs;
}

const struct verb *
verbs_find(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}
