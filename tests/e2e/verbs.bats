#!/usr/bin/env bats
# changes, alerts, sessions, explain and baseline, as their users meet them: what they print, and how they end.

load common

bats_require_minimum_version 1.5.0 2>/dev/null || true

# The demonstration: a pinned store that left its pins.
history_of_demo() {
	epmwatch read -q -d store "$DEMO"
}

# id_of VERB FILTER: the id of the first row that jq lets pass.
id_of() {
	epmwatch "$1" -d store --format json >rows.json || [ $? -eq 1 ]
	"$PYTHON3" -c 'import json, sys
rows = [r for r in json.load(open("rows.json")) if eval(sys.argv[1], {"r": r})]
print(rows[0]["id"])' "$2"
}

@test "changes and alerts end with 1 where something is at or above --fail-on, else 0" {
	history_of_demo
	status 1 epmwatch changes -d store
	status 1 epmwatch changes -d store --fail-on high
	status 1 epmwatch alerts -d store --fail-on high
	status 0 epmwatch alerts -d store --server 192.0.2.11
	status 0 epmwatch changes -d store --server 192.0.2.11
	status 1 epmwatch changes -d store --server 192.0.2.11 --fail-on low
	status 0 epmwatch sessions -d store
	status 0 epmwatch pushes -d store
	status 0 epmwatch pushes -d store --registrations
}

@test "an error of a listing verb is 2" {
	history_of_demo
	for verb in changes alerts sessions pushes; do
		status 2 epmwatch $verb
		status 2 epmwatch $verb -d nowhere
		status 2 epmwatch $verb -d store --format papyrus
		status 2 epmwatch $verb -d store --at yesterdayish
		status 2 epmwatch $verb -d store --realm nowhere
		status 2 epmwatch $verb -d store --since 2026-03-04 --until 2026-03-03
	done
}

@test "rows in JSON carry capture and frame" {
	history_of_demo
	for verb in list history changes alerts; do
		epmwatch $verb -d store --format json >rows.json || [ $? -eq 1 ]
		"$PYTHON3" - <<'END'
import json
rows = json.load(open("rows.json"))
assert rows
for row in rows:
    if row.get("kind") == "restarted" or row.get("rule") in ("EPM-007",):
        continue
    assert row["evidence"], row
    assert row["evidence"][0]["pcap_filename"].endswith("exchange-2007.pcap"), row
    assert row["evidence"][0]["pcap_cnt"] > 0, row
END
	done
}

@test "a span without rows is an empty list" {
	history_of_demo
	for verb in changes alerts sessions pushes; do
		status 0 epmwatch $verb -d store --format json --until 2020-01-01
		[ "$(tr -d '[:space:]' <out.txt)" = "[]" ]
	done
	status 0 epmwatch history -d store --format json --at 2020-01-01
	[ "$(tr -d '[:space:]' <out.txt)" = "[]" ]
}

@test "history --at tells what was alive then, and what became of it" {
	history_of_demo
	epmwatch history -d store --format json --at 2026-03-03T12:00:00Z --interface nspi --protseq ncacn_ip_tcp >rows.json || [ $? -eq 1 ]
	"$PYTHON3" - <<'END'
import json
rows = json.load(open("rows.json"))
assert [r["port"] for r in rows] == [56004], rows
assert rows[0]["why"] == "moved" and rows[0]["ended"], rows
END
}

@test "explain finds an id by its beginning, and a change by that of an alert" {
	history_of_demo
	id=$(id_of changes 'r["kind"] == "moved"')
	status 0 epmwatch explain -d store "$id"
	[[ $out == "change $id: moved"* ]]
	[[ $out == *"before    56004"* ]]
	[[ $out == *"tshark -r "*"-Y 'frame.number=="* ]]
	status 0 epmwatch explain -d store "${id:0:12}"
	status 0 epmwatch explain -d store "$id" --format json
	"$PYTHON3" -c 'import json; o = json.load(open("out.txt")); assert o["change"]["kind"] == "moved" and o["sights"]'
	status 0 epmwatch explain -d store "$(id_of alerts 'r["rule"] == "EPM-001"')"
	[[ $out == *"outside the allowed range"* ]]
}

@test "the command that explain prints shows the packet" {
	command -v tshark >/dev/null || skip "tshark is not installed"
	history_of_demo
	epmwatch explain -d store "$(id_of changes 'r["kind"] == "moved"')" >explained.txt
	grep -m 1 -o 'tshark -r .*' explained.txt >command.sh
	[ -s command.sh ]
	sh command.sh 2>/dev/null | grep -qi epm
}

@test "explain: 66 where there is none, 64 where the beginning is that of several or the command line is wrong" {
	history_of_demo
	status 66 epmwatch explain -d store ffffffffffffffff
	status 66 epmwatch explain -d store "x' or 1=1 --"
	status 66 epmwatch explain -d nowhere abcd
	status 64 epmwatch explain -d store
	status 64 epmwatch explain -d store abcd abce
	status 64 epmwatch explain -d store abcd --format csv
	for digit in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do
		epmwatch explain -d store $digit >out.txt 2>err.txt && continue
		[ $? -ne 66 ] || continue
		grep -q "begin with" err.txt
		return 0
	done
	false
}

@test "a baseline: none is 66, all is accepted, and nothing differs" {
	history_of_demo
	status 66 epmwatch baseline diff -d store
	[[ $err == *"no baseline"* ]]
	status 0 epmwatch baseline create -d store --reason "audited 'twice'"
	status 0 epmwatch baseline diff -d store
	status 0 epmwatch report -d store
	[[ $out == *SUPPRESSED* ]]
	[[ $out == *"by        the baseline: audited 'twice'"* ]]
	status 0 epmwatch alerts -d store
	status 0 epmwatch baseline show -d store --format json
	"$PYTHON3" -c 'import json; rows = json.load(open("out.txt")); assert rows and all(r["reason"] == "audited '"'"'twice'"'"'" for r in rows)'
}

@test "a baseline is not learned: what changes after it differs, and is reported" {
	capture changes
	epmwatch read -q -d store --count 40 changes.pcap
	status 0 epmwatch baseline create -d store
	epmwatch read -q -d store changes.pcap
	status 1 epmwatch baseline diff -d store --format csv
	[[ $out == *appeared* ]]
	status 1 epmwatch changes -d store --fail-on low
}

@test "what is accepted is not reported, with what belongs to it" {
	history_of_demo
	id=$(id_of changes 'r["kind"] == "moved"')
	status 64 epmwatch baseline accept -d store "$id"
	status 66 epmwatch baseline accept -d store ffffffffffffffff --reason none
	status 64 epmwatch baseline accept -d store --reason none
	status 0 epmwatch baseline accept -d store "$id" --reason "wanted"
	epmwatch alerts -d store --format json >rows.json || [ $? -eq 1 ]
	"$PYTHON3" - <<'END'
import json
for row in json.load(open("rows.json")):
    wanted = row["rule"] in ("EPM-001", "EPM-004", "EPM-008")
    assert row.get("suppressed", False) == wanted, row
END
	status 0 epmwatch explain -d store "$id"
	[[ $out == *"suppressed by the baseline: wanted"* ]]
}

@test "baseline leaves a store alone that is not there or is no store" {
	status 66 epmwatch baseline create -d nowhere
	[ ! -e nowhere ]
	echo "no store" >text
	status 74 epmwatch baseline create -d text
	[ "$(cat text)" = "no store" ]
	status 64 epmwatch baseline create
}

@test "a report of a day has what belongs to the day" {
	history_of_demo
	status 1 epmwatch report -d store --since 24h
	[[ $out == *$'\nENDPOINTS\nof the servers that this report speaks of\n'* ]]
	[[ ${out#*$'\nENDPOINTS\n'} != *"192.0.2.11"* ]]
	[[ $out != *"new: "* ]]
	status 0 epmwatch report -d store --until 2026-03-04
	[[ $out == *"0 moved, 29 new"* ]]
	[[ $out == *"ncacn_ip_tcp[56004]"* ]]
}

# A registration in clear, datagrams for it, and a policy that wants them elsewhere.
@test "pushes end with 1 where the policy does not allow them, else 0" {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/make-capture" registrations exchange.pcap
	epmwatch read -q -d store exchange.pcap
	status 0 epmwatch pushes -d store
	status 0 epmwatch pushes -d store --format json
	"$PYTHON3" - <<'END'
import json
rows = json.load(open("out.txt"))
assert any(r["confidence"] == "registered" for r in rows), rows
for r in rows:
    assert r["verdict"] == "ok" and r["state"] == "open" and r["evidence"][0]["pcap_cnt"] > 0, r
END
	printf 'version: 1\nnewmail:\n  - servers: any\n    ports: 7\n' >nowhere.yaml
	status 1 epmwatch pushes -d store -c nowhere.yaml
	[[ $out == *EPM-009* ]]
	status 0 epmwatch pushes -d store -c nowhere.yaml --fail-on high
	status 0 epmwatch pushes -d store --registrations --format json
	"$PYTHON3" -c 'import json
rows = json.load(open("out.txt"))
assert any(r.get("address") and r["delivered"] > 0 for r in rows), rows'
	epmwatch report -d store >report.txt || [ $? -eq 1 ]
	grep -q "^NEW-MAIL PUSHES$" report.txt
	status 0 epmwatch db check -d store
}

@test "help of the new verbs fits a screen, and ends with examples" {
	for verb in changes alerts sessions pushes explain "baseline create" "baseline show" "baseline diff" "baseline accept"; do
		# shellcheck disable=SC2086 # two words
		status 0 epmwatch $verb --help
		[ "$(wc -l <out.txt)" -le 40 ]
		[ "$(tail -n 2 out.txt | grep -c "epmwatch $verb")" -eq 2 ]
	done
}
