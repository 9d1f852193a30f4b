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
