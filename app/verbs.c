/* verbs.c - options are rows, verbs are rows that point to them. */
#include "app/verbs.h"

#include <string.h>

#include "app/baseline.h"
#include "app/db.h"
#include "app/drift.h"
#include "app/explain.h"
#include "app/list.h"
#include "app/options.h"
#include "app/policy_verb.h"
#include "app/read.h"
#include "app/sense.h"

static const struct option_spec
    file = {'r', "read-file", "FILE", "read this capture, too", settings_set_file},
    store_write = {'d', "store", "FILE", "keep the history in FILE (default: in memory)",
	settings_set_store},
    store_read = {'d', "store", "FILE", "the history to look at", settings_set_store},
    policy = {'c', "policy", "POLICY", "what is right: a file, or the name of a shipped one",
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
    classify = {0, "classify", "WHAT", "by nDPI: auto (default), all connections, or none",
	settings_set_classify},
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
    span_window = {0, "span-window", "MS", "a datagram again so soon is a copy (default 1)",
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
    at_changes = {0, "at", "TIME", "only what may have changed at TIME", settings_set_at},
    at_alerts = {0, "at", "TIME", "only what was open at TIME", settings_set_at},
    at_sessions = {0, "at", "TIME", "only what had begun and went on at TIME", settings_set_at},
    at_pushes = {0, "at", "TIME", "only what had begun and went on at TIME", settings_set_at},
    registrations = {0, "registrations", NULL, "who registered for them, instead",
	settings_set_registrations},
    port_client = {0, "port", "PORT", "only this port of the client", settings_set_port},
    format_explain = {0, "format", "FORMAT", "text (default) or json", settings_set_format},
    store_judged = {'d', "store", "FILE", "the history whose baseline it is", settings_set_store},
    reason = {0, "reason", "TEXT", "why: kept with what is accepted", settings_set_reason},
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
    store_whole = {'d', "store", "FILE", "the history, which nobody writes meanwhile", settings_set_store},
    store_into = {'d', "store", "FILE", "the history to merge into; made where it is not there",
	settings_set_store},
    policy_skew = {'c', "policy", "POLICY", "whose merge-skew holds (default: 60s)", settings_set_policy},
    keep_sessions = {0, "sessions", "DAYS", "keep sessions seen since (default 7)",
	settings_set_keep_sessions},
    keep_pushes = {0, "pushes", "DAYS", "keep pushes that ended and were seen since (default 90)",
	settings_set_keep_pushes},
    keep_keys = {0, "keys", "DAYS", "keep interfaces seen since (default 400)", settings_set_keep_keys},
    format_export = {0, "format", "FORMAT", "json (default), a row a line, or csv", settings_set_format},
    quiet_check = {'q', "quiet", NULL, "say only what is wrong", settings_set_quiet},
    output_new = {'o', "output", "FILE", "write to FILE, which must not be there yet",
	settings_set_output},
    output = {
	'o', "output", "FILE", "write to FILE (default: standard output)", settings_set_output};

static const struct option_spec *const read_options[] = {&store_write, &policy, &events,
    &event_types, &filter, &filter_file, &file, &count, &sensor, &realm, &realm_of, &span_window,
    &workers, &memory, &no_smb, &classify, &uncompressed, &progress, &quiet, &verbose, NULL};

static const struct option_spec *const sense_options[] = {&device, &store_live, &policy, &events,
    &event_types, &filter, &filter_file, &count, &sensor, &realm, &realm_of, &span_window,
    &workers_live, &memory, &no_smb, &no_prefilter, &ring_size, &ring_block, &ring_timeout, &snaplen,
    &stats_interval, &quiet_live, &verbose, NULL};

static const struct option_spec *const list_options[] = {&store_read, &format, &at, &since, &until,
    &server, &interface, &protseq, &port, &only_sensor, &only_realm, &policy, &fail_on, NULL};

static const struct option_spec *const changes_options[] = {&store_read, &format, &at_changes,
    &since, &until, &server, &interface, &protseq, &port, &only_sensor, &only_realm, &policy,
    &fail_on, NULL};

static const struct option_spec *const alerts_options[] = {&store_read, &format, &at_alerts, &since,
    &until, &server, &interface, &protseq, &port, &only_sensor, &only_realm, &policy, &fail_on,
    NULL};

static const struct option_spec *const sessions_options[] = {&store_read, &format, &at_sessions,
    &since, &until, &server, &interface, &protseq, &port, &only_sensor, &only_realm, NULL};

static const struct option_spec *const pushes_options[] = {&store_read, &registrations, &format,
    &at_pushes, &since, &until, &server, &port_client, &only_sensor, &only_realm, &policy, &fail_on,
    NULL};

static const struct option_spec *const explain_options[] = {
    &store_read, &format_explain, &policy, NULL};

static const struct option_spec *const create_options[] = {&store_judged, &reason, NULL};

static const struct option_spec *const accepted_options[] = {&store_judged, &format, &server,
    &interface, &protseq, &port, &only_sensor, &only_realm, NULL};

static const struct option_spec *const accept_options[] = {&store_judged, &reason, NULL};

static const struct option_spec *const report_options[] = {
    &store_read, &since, &until, &format_report, &output, &policy, &fail_on, NULL};

static const struct option_spec *const db_check_options[] = {&store_read, &quiet_check, NULL};

static const struct option_spec *const db_merge_options[] = {
    &store_into, &policy_skew, &quiet_live, NULL};

static const struct option_spec *const db_prune_options[] = {
    &store_whole, &keep_sessions, &keep_pushes, &keep_keys, &quiet_live, NULL};

static const struct option_spec *const db_vacuum_options[] = {&store_whole, &quiet_live, NULL};

static const struct option_spec *const db_export_options[] = {
    &store_read, &format_export, &output, NULL};

static const struct option_spec *const check_options[] = {&quiet_check, NULL};

static const struct option_spec *const show_options[] = {&store_read, &policy, NULL};

static const struct option_spec *const init_options[] = {&output_new, NULL};

static const struct option_spec *const suggest_options[] = {&store_read, &output_new, NULL};

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
    {"changes", "List what changed, and what corrected it.", NULL, changes_options,
	{"epmwatch changes -d site.db --since 24h",
	    "epmwatch changes -d site.db --server 10.1.0.11 --format json"},
	list_changes, true},
    {"alerts", "List alerts in their latest state.", NULL, alerts_options,
	{"epmwatch alerts -d site.db --since 7d",
	    "epmwatch alerts -d site.db --at 2026-11-01 --fail-on high"},
	list_alerts, true},
    {"sessions", "List who is connected to which interface of a server.", NULL, sessions_options,
	{"epmwatch sessions -d site.db --server 10.1.0.11",
	    "epmwatch sessions -d site.db --interface emsmdb --format csv"},
	list_sessions, true},
    {"pushes", "List new-mail datagrams that servers push to clients.", NULL, pushes_options,
	{"epmwatch pushes -d site.db --since 7d",
	    "epmwatch pushes -d site.db --registrations --format csv"},
	list_pushes, true},
    {"explain", "Tell what a change or an alert rests on.", "ID", explain_options,
	{"epmwatch explain -d site.db 1f0c", "epmwatch explain -d site.db 1f0c --format json | jq ."},
	explain_run, false},
    {"report", "Report what is out of policy, what changed, and what is there.", NULL,
	report_options,
	{"epmwatch report -d site.db", "epmwatch report -d site.db --since 24h -o drift.txt"},
	drift_run, true},
    {"baseline create", "Accept all endpoints that are there now.", NULL, create_options,
	{"epmwatch baseline create -d site.db",
	    "epmwatch baseline create -d site.db --reason 'audited 2026-11'"},
	baseline_create, false},
    {"baseline show", "List what is accepted.", NULL, accepted_options,
	{"epmwatch baseline show -d site.db", "epmwatch baseline show -d site.db --format csv"},
	baseline_show, false},
    {"baseline diff", "List what is there and not accepted, or accepted and gone.", NULL,
	accepted_options,
	{"epmwatch baseline diff -d site.db", "epmwatch baseline diff -d site.db --server 10.1.0.11"},
	baseline_diff, false},
    {"baseline accept", "Accept one change or alert.", "ID", accept_options,
	{"epmwatch baseline accept -d site.db 1f0c --reason 'migrated'",
	    "epmwatch baseline accept -d site.db 1f0c2a --reason 'ticket 4711'"},
	baseline_accept, false},
    {"db check", "Look whether a history is sound.", NULL, db_check_options,
	{"epmwatch db check -d site.db", "epmwatch db check -q -d site.db || mail -s damaged root"},
	db_check, false},
    {"db merge", "Unite histories of several sensors.", "STORE...", db_merge_options,
	{"epmwatch db merge -d all.db north.db south.db", "epmwatch db merge -q -d all.db *.db"},
	db_merge, false},
    {"db prune", "Forget what was not seen for long.", NULL, db_prune_options,
	{"epmwatch db prune -d site.db", "epmwatch db prune -d site.db --keys 100 --sessions 2"},
	db_prune, false},
    {"db vacuum", "Give free space back to the file system.", NULL, db_vacuum_options,
	{"epmwatch db vacuum -d site.db", "epmwatch db prune -d site.db && epmwatch db vacuum -d site.db"},
	db_vacuum, false},
    {"db export", "Write out every row, for other programs.", NULL, db_export_options,
	{"epmwatch db export -d site.db | jq .", "epmwatch db export -d site.db --format csv -o site.csv"},
	db_export, false},
    {"policy check", "Look whether a policy is understood, and print what it says.", "FILE...",
	check_options,
	{"epmwatch policy check site.yaml", "epmwatch policy check exchange-2007-static"},
	policy_verb_check, false},
    {"policy show", "Print the text of the policy that holds.", NULL, show_options,
	{"epmwatch policy show -d site.db", "epmwatch policy show -c ad-static >site.yaml"},
	policy_verb_show, false},
    {"policy init", "Print an example of a policy, with comments.", NULL, init_options,
	{"epmwatch policy init -o site.yaml", "epmwatch policy init | less"},
	policy_verb_init, false},
    {"policy suggest", "Derive a policy from what a store has seen.", NULL, suggest_options,
	{"epmwatch policy suggest -d site.db -o site.yaml",
	    "epmwatch policy suggest -d site.db | epmwatch policy check /dev/stdin"},
	policy_verb_suggest, false},
};

static const struct verb_group groups[] = {
    {"baseline", "Accept what is there, and tell what differs from it."},
    {"db", "Check, merge, prune, shrink or export a history."},
    {"policy", "Check, show, begin or suggest a policy."},
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

const struct verb_group *
verbs_groups(size_t *count_out)
{
	*count_out = sizeof(groups) / sizeof(groups[0]);
	return groups;
}

const struct verb_group *
verbs_group(const char *name)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (strcmp(groups[i].name, name) == 0)
			return &groups[i];
	return NULL;
}

const char *
verbs_second(const struct verb *verb, const struct verb_group *group)
{
	size_t len = strlen(group->name);

	if (strncmp(verb->name, group->name, len) != 0 || verb->name[len] != ' ')
		return NULL;
	return verb->name + len + 1;
}

const struct verb *
verbs_match(int words, char *const *word, int *used)
{
	const struct verb_group *group = words > 1 ? verbs_group(word[0]) : NULL;

	*used = group != NULL ? 2 : 1;
	if (group == NULL)
		return words > 0 ? verbs_find(word[0]) : NULL;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const char *second = verbs_second(&verbs[i], group);

		if (second != NULL && strcmp(second, word[1]) == 0)
			return &verbs[i];
	}
	return NULL;
}
