/* verbs.c - options are rows, verbs are rows that point to them. */
#include "app/verbs.h"

#include <string.h>

#include "app/baseline.h"
#include "app/db.h"
#include "app/drift.h"
#include "app/explain.h"
#include "app/export.h"
#include "app/list.h"
#include "app/options.h"
#include "app/plan.h"
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
    device = {'i', "interface", "DEVICE", "watch this interface; may be repeated",
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
    classify = {0, "classify", "auto|all|none", "which connections nDPI sees (default auto)",
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
    progress = {0, "progress", "auto|always|never", "a bar on standard error (default auto)",
	settings_set_progress},
    quiet = {'q', "quiet", NULL, "no bar, no notes; without -d still the report",
	settings_set_quiet},
    quiet_live = {'q', "quiet", NULL, "no notes, errors only", settings_set_quiet},
    verbose = {'v', "verbose", NULL, "say more on standard error", settings_set_verbose},
    format = {0, "format", "text|json|csv", "how it looks (default text)", settings_set_format},
    format_report = {0, "format", "text|markdown|html|json|csv", "how it looks (default text)",
	settings_set_format},
    section = {0, "section", "NAME", "json, csv: one table alone, such as findings",
	settings_set_section},
    output_report = {'o', "output", "PATH", "write to this file; as csv, to files of this folder",
	settings_set_output},
    mail = {0, "mail", "ADDRESS", "send it there if anything is found; may be repeated",
	settings_set_mail},
    always = {0, "always", NULL, "send it also if nothing is found", settings_set_always},
    from = {0, "from", "ADDRESS", "who sends it (default: as the mailer says)", settings_set_from},
    subject_prefix = {0, "subject-prefix", "TEXT", "what the subject begins with",
	settings_set_subject_prefix},
    mailer = {0, "sendmail", "PROGRAM", "run this instead of sendmail", settings_set_sendmail},
    hosts = {0, "hosts", "FILE", "names of hosts, as in /etc/hosts", settings_set_hosts},
    color = {0, "color", "auto|always|never", "of text (default auto: on terminals)",
	settings_set_color},
    at = {0, "at", "TIME", "endpoints alive at TIME (default: the end)", settings_set_at},
    at_changes = {0, "at", "TIME", "only what may have changed at TIME", settings_set_at},
    at_alerts = {0, "at", "TIME", "only what was open at TIME", settings_set_at},
    at_sessions = {0, "at", "TIME", "only what had begun and went on at TIME", settings_set_at},
    at_pushes = {0, "at", "TIME", "only what had begun and went on at TIME", settings_set_at},
    registrations = {0, "registrations", NULL, "who registered for them, instead",
	settings_set_registrations},
    port_client = {0, "port", "PORT", "only this port of the client", settings_set_port},
    format_explain = {0, "format", "text|json", "how it looks (default text)", settings_set_format},
    store_judged = {'d', "store", "FILE", "the history whose baseline it is", settings_set_store},
    reason = {0, "reason", "TEXT", "why: kept with what is accepted", settings_set_reason},
    since = {0, "since", "TIME", "only what touches the time from TIME on", settings_set_since},
    until = {0, "until", "TIME", "only what touches the time before TIME", settings_set_until},
    server = {0, "server", "ADDRESS", "only this server", settings_set_server},
    interface = {0, "interface", "SERVICE", "only this interface: a UUID or a service's name",
	settings_set_interface},
    protseq = {0, "protseq", "PROTSEQ", "only this one: ncacn_ip_tcp, ncacn_np, ...",
	settings_set_protseq},
    port = {0, "port", "PORT", "only this port", settings_set_port},
    only_sensor = {0, "sensor", "NAME", "only what this sensor saw", settings_set_only_sensor},
    only_realm = {0, "realm", "NAME", "only this realm", settings_set_only_realm},
    fail_on = {0, "fail-on", "high|medium|low|info", "exit 1 from here on (default medium)",
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
    format_export = {0, "format", "json|csv", "json: a row a line (default)", settings_set_format},
    quiet_check = {'q', "quiet", NULL, "say only what is wrong", settings_set_quiet},
    output_new = {'o', "output", "FILE", "write to FILE, which must not be there yet",
	settings_set_output},
    least = {0, "min-confidence", "announced|used|confirmed", "what is sure enough (default used)",
	settings_set_least},
    violations = {0, "include-violations", NULL, "also what breaks a rule of the policy",
	settings_set_violations},
    only_pinned = {0, "pinned", NULL, "only what stays at its port: see epmwatch-export(1)",
	settings_set_only_pinned},
    table = {0, "table", "NAME", "of nftables (default epmwatch)", settings_set_table},
    table_qos = {0, "table", "NAME", "of nftables (default epmwatch_qos)", settings_set_table},
    dscp = {0, "dscp", "CLASS", "mark with it: cs0 to cs7, af11 to 43, ef (default af21)",
	settings_set_dscp},
    least_all = {0, "min-confidence", "announced|used|confirmed",
	"what is sure enough (default announced)", settings_set_least},
    product = {0, "product", "exchange-2007|exchange-2010|ad", "what the servers run, if it cannot be told",
	settings_set_product},
    only_group = {0, "group", "NAME", "only this group of servers of the policy, or server",
	settings_set_group},
    from_evidence = {0, "from-evidence", NULL, "also what no policy pins and is at one port only",
	settings_set_from_evidence},
    rpc_internet = {0, "rpc-internet", NULL, "also the dynamic range, for all of the host's RPC",
	settings_set_rpc_internet},
    block = {0, "block", NULL, "block clients that were not seen (default: log them)",
	settings_set_block},
    pinned = {0, "service", "exchange-store|exchange-rfr|exchange-nspi|exchange-rpc-client-access|"
			    "exchange-address-book|ad-replication|netlogon|file-replication|dfs-replication",
	"only this one", settings_set_pinned},
    format_plan = {0, "format", "text|yaml|json", "how it looks (default text)", settings_set_format},
    form = {0, "form", "nft|tc", "rules that mark, or filters of tc (default nft)",
	settings_set_form},
    output = {
	'o', "output", "FILE", "write to FILE (default: standard output)", settings_set_output};

static const struct option_spec *const read_options[] = {&store_write, &policy, &events,
    &event_types, &filter, &filter_file, &file, &count, &sensor, &realm, &realm_of, &span_window,
    &workers, &memory, &no_smb, &classify, &uncompressed, &progress, &hosts, &color, &quiet, &verbose,
    NULL};

static const struct option_spec *const sense_options[] = {&device, &store_live, &policy, &events,
    &event_types, &filter, &filter_file, &count, &sensor, &realm, &realm_of, &span_window,
    &workers_live, &memory, &no_smb, &no_prefilter, &ring_size, &ring_block, &ring_timeout, &snaplen,
    &stats_interval, &quiet_live, &verbose, NULL};

static const struct option_spec *const list_options[] = {&store_read, &format, &at, &since, &until,
    &server, &interface, &protseq, &port, &only_sensor, &only_realm, &policy, &fail_on,
    &hosts, &color, NULL};

static const struct option_spec *const changes_options[] = {&store_read, &format, &at_changes,
    &since, &until, &server, &interface, &protseq, &port, &only_sensor, &only_realm, &policy,
    &fail_on,
    &hosts, &color, NULL};

static const struct option_spec *const alerts_options[] = {&store_read, &format, &at_alerts, &since,
    &until, &server, &interface, &protseq, &port, &only_sensor, &only_realm, &policy, &fail_on,
    &hosts, &color, NULL};

static const struct option_spec *const sessions_options[] = {&store_read, &format, &at_sessions,
    &since, &until, &server, &interface, &protseq, &port, &only_sensor, &only_realm,
    &hosts, &color, NULL};

static const struct option_spec *const pushes_options[] = {&store_read, &registrations, &format,
    &at_pushes, &since, &until, &server, &port_client, &only_sensor, &only_realm, &policy, &fail_on,
    &hosts, &color, NULL};

static const struct option_spec *const explain_options[] = {
    &store_read, &format_explain, &policy, &hosts, NULL};

static const struct option_spec *const create_options[] = {&store_judged, &reason, NULL};

static const struct option_spec *const accepted_options[] = {&store_judged, &format, &server,
    &interface, &protseq, &port, &only_sensor, &only_realm,
    &hosts, &color, NULL};

static const struct option_spec *const accept_options[] = {&store_judged, &reason, NULL};

static const struct option_spec *const report_options[] = {
    &store_read, &since, &until, &format_report, &section, &output_report, &policy, &fail_on,
    &hosts, &color, &mail, &always, &from, &subject_prefix, &mailer, NULL};

static const struct option_spec *const db_check_options[] = {&store_read, &quiet_check, NULL};

static const struct option_spec *const db_merge_options[] = {
    &store_into, &policy_skew, &quiet_live, NULL};

static const struct option_spec *const db_prune_options[] = {
    &store_whole, &keep_sessions, &keep_pushes, &keep_keys, &quiet_live, NULL};

static const struct option_spec *const db_vacuum_options[] = {&store_whole, &quiet_live, NULL};

static const struct option_spec *const db_export_options[] = {
    &store_read, &format_export, &output, NULL};

static const struct option_spec *const export_options[] = {&store_read, &output, &policy, &at, &least,
    &violations, &only_pinned, &server, &interface, &only_sensor, &only_realm, NULL};

static const struct option_spec *const export_nft_options[] = {&store_read, &output, &policy, &at, &least,
    &violations, &only_pinned, &server, &interface, &only_sensor, &only_realm, &table, NULL};

static const struct option_spec *const export_reg_options[] = {&store_read, &output, &policy, &at, &least,
    &violations, &server, &interface, &only_sensor, &only_realm, &only_group, &product, &from_evidence, &rpc_internet,
    NULL};

static const struct option_spec *const export_rpcfw_options[] = {&store_read, &output, &policy, &at, &least,
    &violations, &server, &interface, &only_sensor, &only_realm, &only_group, &block, NULL};

static const struct option_spec *const export_rpcdump_options[] = {&store_read, &output, &policy, &at,
    &least_all, &server, &interface, &only_sensor, &only_realm, NULL};

static const struct option_spec *const plan_options[] = {&store_read, &format_plan, &output, &policy, &at,
    &least_all, &server, &only_sensor, &only_realm, &only_group, &pinned, &product, NULL};

static const struct option_spec *const export_qos_options[] = {&store_read, &output, &policy, &at, &least,
    &violations, &only_pinned, &server, &interface, &only_sensor, &only_realm, &form, &table_qos, &dscp, NULL};

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
    {"plan", "Propose ports to pin services to.", NULL, plan_options,
	{"epmwatch plan -d site.db",
	    "epmwatch plan -d site.db --group exchange --format yaml -o site.yaml"},
	plan_run, false},
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
    {"export nft", "Write what was seen as sets for nftables.", NULL, export_nft_options,
	{"epmwatch export nft -d site.db -o rpc.nft && nft -c -f rpc.nft",
	    "epmwatch export nft -d site.db --min-confidence confirmed --table epm_north"},
	export_run_nft, false},
    {"export netsh", "Write it as PowerShell for the servers' own firewall.", NULL, export_options,
	{"epmwatch export netsh -d site.db -o rpc.ps1",
	    "epmwatch export netsh -d site.db --server 10.1.0.11"},
	export_run_netsh, false},
    {"export asa", "Write it as objects for Cisco ASA.", NULL, export_options,
	{"epmwatch export asa -d site.db -o rpc.asa",
	    "epmwatch export asa -d site.db --pinned"},
	export_run_asa, false},
    {"export panos", "Write it as objects for PAN-OS.", NULL, export_options,
	{"epmwatch export panos -d site.db | grep '^set '",
	    "epmwatch export panos -d site.db --realm north -o north.set"},
	export_run_panos, false},
    {"export reg", "Write pins as registry values for Windows.", NULL, export_reg_options,
	{"epmwatch export reg -d site.db -c exchange-2007-static -o pins.reg",
	    "epmwatch export reg -d site.db --group dcs --from-evidence -o pins.reg"},
	export_run_reg, false},
    {"export rpcfw", "Write who talks to what as lines for the RPC firewall of Windows.", NULL,
	export_rpcfw_options,
	{"epmwatch export rpcfw -d site.db --group dcs -o RpcFw.conf",
	    "epmwatch export rpcfw -d site.db --server 10.1.0.11 --block"},
	export_run_rpcfw, false},
    {"export rpcdump", "Write endpoints as impacket's rpcdump.py prints them.", NULL, export_rpcdump_options,
	{"epmwatch export rpcdump -d site.db --server 10.1.0.11",
	    "epmwatch export rpcdump -d site.db | grep -A3 MS-DRSR"},
	export_run_rpcdump, false},
    {"export qos", "Write it as rules that mark or sort packets.", NULL, export_qos_options,
	{"epmwatch export qos -d site.db --dscp af31 -o qos.nft",
	    "epmwatch export qos -d site.db --form tc -o qos.sh"},
	export_run_qos, false},
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
    {"export", "Write rules and objects for firewalls from what was seen."},
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
