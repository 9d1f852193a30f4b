#!/usr/bin/env bats
# The command line: what it answers to mistakes, and what its help says.

load common

@test "no arguments is a usage error" {
	status 64 epmwatch
	[ -n "$err" ]
	[ -z "$out" ]
}

@test "a mistyped verb is a usage error that names the nearest" {
	status 64 epmwatch raed "$DEMO"
	[[ $err == *read* ]]
}

@test "a mistyped option is a usage error that names the nearest" {
	status 64 epmwatch read --evnts - "$DEMO"
	[[ $err == *events* ]]
}

@test "read without a capture is a usage error" {
	status 64 epmwatch read
}

@test "an option without its argument is a usage error" {
	status 64 epmwatch read "$DEMO" -d
}

@test "a filter that is none is a usage error" {
	status 64 epmwatch read -f 'this is no filter' "$DEMO"
	[ -n "$err" ]
}

@test "a time that is none is an error" {
	epmwatch read -d store "$DEMO"
	status 2 epmwatch list -d store --at yesterdayish
	[ -n "$err" ]
}

@test "a format that is none is an error" {
	epmwatch read -d store "$DEMO"
	status 2 epmwatch list -d store --format papyrus
	[ -n "$err" ]
}

@test "a capture that is not there is not found" {
	status 66 epmwatch read no-such-file.pcap
	[[ $err == *no-such-file.pcap* ]]
}

@test "one capture that is not there keeps the others unread, and leaves no store" {
	status 66 epmwatch read -d store "$DEMO" no-such-file.pcap
	[ ! -e store ]
}

@test "--version names the program and its libraries" {
	status 0 epmwatch --version
	[[ $out == epmwatch* ]]
	[[ $out == *libpcap* ]]
	[[ $out == *nDPI* || $out == *ndpi* ]]
	[[ $out == *SQLite* ]]
}

@test "--help fits a screen, for the program and for each verb, and ends with examples" {
	status 0 epmwatch --help
	[ "$(wc -l <out.txt)" -le 40 ]
	for verb in read sense list history report; do
		status 0 epmwatch $verb --help
		[ "$(wc -l <out.txt)" -le 40 ]
		[ "$(tail -n 2 out.txt | grep -c "epmwatch $verb")" -eq 2 ]
	done
}

@test "--fail-on sets what counts" {
	epmwatch read -d store "$DEMO"
	status 1 epmwatch report -d store --fail-on high
	capture map-ndr
	epmwatch read -d calm map-ndr.pcap
	status 0 epmwatch report -d calm
}

@test "help tells of itself, of version, of completion, and of groups" {
	status 0 epmwatch help help
	[[ $out == "usage: epmwatch help"* ]]
	status 0 epmwatch help version
	[[ $out == "usage: epmwatch version"* ]]
	status 0 epmwatch version --help
	[[ $out == "usage: epmwatch version"* ]]
	status 0 epmwatch help completion
	[[ $out == *"bash|zsh"* ]]
	status 0 epmwatch help db
	[[ $out == *"db VERB"* ]]
	status 64 epmwatch help nothing
}

@test "completion is printed for a shell that is known" {
	status 0 epmwatch completion zsh
	[[ $out == "#compdef epmwatch"* ]]
	status 64 epmwatch completion fish
	[ -z "$out" ]
	status 64 epmwatch completion
}

@test "settings come from the file that --config names, and from no other" {
	printf 'store: store\nsensor: plant\nquiet: true\nlist:\n  format: csv\n  fail-on: high\n' >epmwatch.yaml
	status 0 epmwatch read --config epmwatch.yaml "$DEMO"
	[ -e store ]
	epmwatch list --config epmwatch.yaml >rows.csv || true
	grep -q '^plant,' rows.csv
	status 2 epmwatch list
	printf 'stroe: store\n' >wrong.yaml
	status 78 epmwatch read --config wrong.yaml "$DEMO"
	[[ $err == *"wrong.yaml:1:1: "*"did you mean store?"* ]]
	status 2 epmwatch report --config wrong.yaml
	status 78 epmwatch read --config missing.yaml "$DEMO"
}

@test "a name of one's own stands beside the UUID, never in its place" {
	capture hostile-names hostile.pcap
	uuid=00000003-0bad-4000-8000-0123456789ab
	mkdir uuids.d
	printf '%s\tacme-backup\tof the plant\n' "$uuid" >uuids.d/acme.tsv
	epmwatch read -q -d store hostile.pcap
	for verb in list history report; do
		epmwatch $verb -d store --uuids uuids.d >text.txt || true
		grep -qF acme-backup text.txt
		grep -qF "$uuid" text.txt
	done
	epmwatch list -d store --uuids uuids.d --interface acme-backup --format json >rows.json || true
	[ "$("$PYTHON3" -c 'import json; print(*{r["interface"] + r["service"] for r in json.load(open("rows.json"))})')" = "${uuid}acme-backup" ]
	status 2 epmwatch list -d store --interface acme-backup
	printf 'rules:\n  - servers: any\n    interfaces: acme-backup\n    deny: true\nversion: 1\n' >deny.yaml
	status 1 epmwatch list -d store -c deny.yaml --uuids uuids.d --fail-on high
	[[ $out == *EPM-002* ]]
	printf 'x\n' >>uuids.d/acme.tsv
	status 2 epmwatch list -d store --uuids uuids.d
	[[ $err == *"acme.tsv:2: "* ]]
}
