#!/usr/bin/env bats
# Captures that are broken: exit 65, one line that names file and place, and what was readable is kept.

load common

setup_file() {
	: "${TOP_SRCDIR:=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}"
	"${PYTHON3:-python3}" "$TOP_SRCDIR/tests/gen/make-damaged" "$BATS_FILE_TMPDIR/damaged" >"$BATS_FILE_TMPDIR/kinds"
}

# says_where NAME OFFSET: one line on standard error, with the file's name, and the byte where that is to be asked for.
says_where() {
	[ "$(wc -l <err.txt)" -eq 1 ] || { echo "not one line: $err"; return 1; }
	[[ $err == *"$1"* ]] || { echo "no file: $err"; return 1; }
	[ "$2" = - ] || [[ $err == *"$2"* ]] || { echo "no byte $2: $err"; return 1; }
	[[ $err == *byte* || $err == *offset* ]] || { echo "no place: $err"; return 1; }
}

@test "every kind of damage ends with 65 and one line that names file and place" {
	while read -r name packets offset; do
		echo "# $name"
		status 65 epmwatch read -q --events - "$BATS_FILE_TMPDIR/damaged/$name.pcap"
		says_where "$name.pcap" "$offset"
	done <"$BATS_FILE_TMPDIR/kinds"
}

@test "the report names the byte that the message named" {
	while read -r name packets offset; do
		[ "$packets" -gt 0 ] || continue
		echo "# $name"
		status 65 epmwatch read -q "$BATS_FILE_TMPDIR/damaged/$name.pcap"
		said=$(sed -n 's/.*: damaged at byte \([0-9]*\).*/\1/p' err.txt)
		tr -s " \n" " " <out.txt | grep -q "$name.pcap is damaged at byte $said "
	done <"$BATS_FILE_TMPDIR/kinds"
}

@test "what stands before the damage is found" {
	while read -r name packets offset; do
		[ "$packets" -gt 0 ] || continue
		echo "# $name"
		status 65 epmwatch read -q --events - "$BATS_FILE_TMPDIR/damaged/$name.pcap"
		grep -q '"port": *49731' out.txt
		grep '"event_type": *"stats"' out.txt | grep -q "\"packets\": *$packets[,}]"
	done <"$BATS_FILE_TMPDIR/kinds"
}

@test "what stands before the damage is kept in the store" {
	while read -r name packets offset; do
		[ "$packets" -gt 0 ] || continue
		echo "# $name"
		status 65 epmwatch read -q -d "store-$name" "$BATS_FILE_TMPDIR/damaged/$name.pcap"
		epmwatch list -d "store-$name" --format json >rows
		grep -q '"port": *49731' rows
	done <"$BATS_FILE_TMPDIR/kinds"
}

@test "a damaged capture does not stop the others" {
	capture changes
	status 65 epmwatch read -q --events - "$BATS_FILE_TMPDIR/damaged/text.pcap" changes.pcap "$BATS_FILE_TMPDIR/damaged/record-cut.pcap"
	grep -q '"port":51000' out.txt
	grep '"pcap_filename":"[^"]*record-cut.pcap"' out.txt | grep -q '"event_type":"epm"'
	[ "$(wc -l <err.txt)" -eq 2 ]
}

@test "in a folder, files that are no captures are passed over silently" {
	mkdir folder
	cp "$BATS_FILE_TMPDIR/damaged/text.pcap" folder/notes
	capture vlan folder/vlan.pcap
	status 0 epmwatch read -q --events - folder
	[ -z "$err" ]
}

@test "a damaged capture, mended, is read on" {
	capture map-ndr whole.pcap
	cp "$BATS_FILE_TMPDIR/damaged/record-cut.pcap" growing.pcap
	status 65 epmwatch read -q -d store growing.pcap
	cp whole.pcap growing.pcap
	status 0 epmwatch read -d store growing.pcap
	epmwatch list -d store --format json | grep -q '"used": *1'
}

@test "a capture cut at every byte never crashes and never invents a port" {
	capture two-endpoints whole.pcap
	size=$(stat -c %s whole.pcap)
	at=0
	while [ "$at" -lt "$size" ]; do
		head -c "$at" whole.pcap >cut.pcap
		got=0
		"$EPMWATCH" read --events - cut.pcap >out.txt 2>err.txt || got=$?
		[ "$got" -eq 0 ] || [ "$got" -eq 65 ] || { echo "cut at $at: exit status $got"; cat err.txt; return 1; }
		! grep -o '"port": *[0-9]*' out.txt | grep -v -e 49676 -e 49667 || { echo "cut at $at: invented"; return 1; }
		at=$((at + 41))
	done
}
