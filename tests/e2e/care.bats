#!/usr/bin/env bats
# What is done for a store over the years: clocks that were wrong, baselines of all that there is, stores that others edited, and
# readers of a store that is being written.

load common

# ahead FIRST LAST: the demonstration with the frames from FIRST to LAST ten days ahead, as ahead.pcap.
ahead() {
	"$PYTHON3" - "$DEMO" "$1" "$2" <<-'END'
		import struct, sys
		data = open(sys.argv[1], "rb").read()
		out, at, frame = [data[:24]], 24, 0
		while at < len(data):
		    seconds, micros, taken, length = struct.unpack_from("<IIII", data, at)
		    frame += 1
		    if int(sys.argv[2]) <= frame <= int(sys.argv[3]):
		        seconds += 864000
		    out.append(struct.pack("<IIII", seconds, micros, taken, length) + data[at + 16:at + 16 + taken])
		    at += 16 + taken
		open("ahead.pcap", "wb").write(b"".join(out))
	END
}

# rows VERB OPTION...: its rows, as rows.json.
rows() {
	epmwatch "$@" -d store --format json >rows.json || [ $? -eq 1 ]
}

# python CODE: with the rows as `rows`.
python() {
	"$PYTHON3" -c 'import json
rows = json.load(open("rows.json"))
'"$1"
}

@test "a clock that was ten days ahead for a while leaves the last day where it is" {
	ahead 2001 2009
	epmwatch read -q -d store ahead.pcap
	rows changes --since 24h
	python 'assert any(r["kind"] == "moved" for r in rows)'
	rows changes --since 1h
	python 'assert not rows'
	status 1 epmwatch report -d store --since 24h
	[[ $out == *"Period    2026-03-03 13:05:00 to 2026-03-04 13:05:00 UTC"* ]]
	status 0 epmwatch db prune -d store --keys 5
	[[ $out == *": 0 keys with 0 episodes"* ]]
}

@test "a baseline that was made while the clock was ahead hides nothing that comes later" {
	ahead 1400 1450
	epmwatch read -q -d store --count 1450 ahead.pcap
	status 0 epmwatch baseline create -d store
	rows changes
	python 'assert rows and all(r.get("accepted") for r in rows)'
	epmwatch read -q -d store ahead.pcap
	rows changes
	python 'late = [r for r in rows if r["timestamp"] > "2026-03-04"]
assert late and not any(r.get("accepted") for r in late)'
	status 1 epmwatch changes -d store
	rows alerts
	python 'assert any(r["rule"] == "EPM-001" and not r.get("suppressed") for r in rows)'
}

@test "what is accepted is suppressed while a capture is read, and what is about no interface, too" {
	epmwatch read -q -d store --count 1500 "$DEMO"
	rows alerts
	id=$("$PYTHON3" -c 'import json
print([r["id"] for r in json.load(open("rows.json")) if r["rule"] == "EPM-005" and "interface" not in r][0])')
	status 0 epmwatch baseline accept -d store "$id" --reason "our own"
	rows alerts
	python 'assert [r["id"] for r in rows if r.get("suppressed")] == ["'"$id"'"]'
	status 0 epmwatch explain -d store "$id"
	[[ $out == *"suppressed by the baseline: our own"* ]]

	# endpoints that are wrong, all of which are accepted
	rm -f store
	epmwatch read -q -d store "$DEMO"
	status 1 epmwatch alerts -d store
	epmwatch baseline create -d store
	sqlite3 store "delete from alert_evidence; delete from alert; delete from pending; delete from capture; delete from state; delete from coverage"
	epmwatch read -q -d store --events events.json "$DEMO"
	"$PYTHON3" - <<-'END'
		import json
		alerts = [e["alert"] for e in map(json.loads, open("events.json")) if e["event_type"] == "alert"]
		wrong = [a for a in alerts if a["rule"] in ("EPM-001", "EPM-008")]
		assert wrong and all(a.get("suppressed") for a in wrong)
	END
}

@test "a difference is found with a filter, too" {
	epmwatch read -q -d store "$DEMO"
	status 0 epmwatch baseline create -d store
	sqlite3 store "update episode set ended_ns = coalesce(last_ns, first_ns) + 1, why = 6
		where port = 6004 and ended_ns is null"
	status 1 epmwatch baseline diff -d store
	status 1 epmwatch baseline diff -d store --server 192.0.2.10
	[[ $out == *gone*6004* ]]
	status 1 epmwatch baseline diff -d store --interface nspi
	[[ $out == *gone*6004* ]]
	status 1 epmwatch baseline diff -d store --port 6004
	status 0 epmwatch baseline diff -d store --server 192.0.2.11
}

@test "texts of a store that somebody edited reach nobody as they are" {
	epmwatch read -q -d store "$DEMO"
	sqlite3 store "
		update server set host = char(27) || '[31mred' || char(8238);
		update episode set annotation = cast(x'ff1b5d303b' as text);
		update alert set signature = 'bell' || char(7), observed = cast(x'c328' as text);
		update capture set name = '=cmd' || char(27) || '.pcap';
		update scope set sensor = 'north' || char(10) || 'pole';
		update policy set name = 'a' || char(155) || 'b'"
	id=$(sqlite3 store "select id from change where kind = 3")
	alert=$(sqlite3 store "select id from alert where rule = 'EPM-001'")
	for verb in list history changes alerts sessions "baseline show" "explain $id" "explain $alert"; do
		for format in text json csv; do
			case $verb-$format in explain*-csv) continue ;; esac
			epmwatch $verb -d store --format $format >out.txt || [ $? -eq 1 ]
			echo "$verb $format"
			not env LC_ALL=C grep -q -P '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]' out.txt
			"$PYTHON3" -c 'import json, sys
text = open("out.txt", "rb").read().decode()
assert not set(text) & {"\x9b", "\u202e"}, text
if sys.argv[1] == "json":
    json.loads(text)' $format
		done
	done
	epmwatch report -d store >out.txt || [ $? -eq 1 ]
	not env LC_ALL=C grep -q -P '[\x00-\x08\x0b-\x1f\x7f]' out.txt
	for format in json csv; do
		epmwatch db export -d store --format $format >out.txt
		not env LC_ALL=C grep -q -P '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]' out.txt
		"$PYTHON3" -c 'open("out.txt", "rb").read().decode()'
	done
}

@test "exported CSV runs nothing, and its lines end as those of a list" {
	epmwatch read -q -d store "$DEMO"
	sqlite3 store "update capture set name = '=HYPERLINK(1)'; update server set host = '+1'; update scope set realm = '@x'"
	epmwatch db export -d store --format csv >export.csv
	"$PYTHON3" - <<-'END'
		import csv
		data = open("export.csv", newline="").read()
		assert data.count("\r\n") >= 50
		rows = list(csv.reader(data.splitlines(True)))
		bad = [c for r in rows for c in r if c[:1] in "=+@\t\r" and c]
		assert not bad, bad
		assert any("'=HYPERLINK(1)" in r for r in rows) and any("'+1" in r for r in rows)
	END
}

@test "exported CSV tells an empty text from none" {
	epmwatch read -q -d store "$DEMO"
	sqlite3 store "update server set host = ''"
	epmwatch db export -d store --format csv >export.csv
	grep -q '^server,.*,"",' export.csv
	sqlite3 store "update server set host = NULL"
	epmwatch db export -d store --format csv >export.csv
	not grep -q '^server,.*,"",' export.csv
}

@test "damage in what waits is told by check" {
	epmwatch read -q -d store "$DEMO"
	status 0 epmwatch db check -d store
	cp store whole
	for sql in "update pending set data = x'00ff' where interface > 0" "update state set data = x'ff' where name = 'clock'" \
		"update change set revises = 'ffffffffffffffff' where kind = 3" "update episode set last_seen = '[77,1,1,\"192.0.2.1\",1]'" \
		"update change set previous = '{}' where kind = 3" "update change set current = '[70000]' where kind = 3"; do
		cp whole store
		sqlite3 store "$sql"
		echo "$sql"
		status 65 epmwatch db check -d store
	done
}

@test "a reader sees one store, whoever writes meanwhile" {
	epmwatch read -q -d store "$DEMO"
	mkfifo pipe
	# The reader waits for its output to be read: by then it has begun, and a writer changes what it would read next.
	"$EPMWATCH" history -d store --format json >pipe 2>err.txt &
	reader=$!
	exec 7<pipe
	read -r -N 1 first <&7
	epmwatch read -q -d store "$DEMO"
	sqlite3 store "pragma busy_timeout = 5000; update episode set port = 9 where port > 0" >/dev/null
	{ printf %s "$first"; cat <&7; } >rows.json
	exec 7<&-
	wait $reader || [ $? -eq 1 ]
	python 'assert rows and not any(r.get("port") == 9 for r in rows)'
	rows history
	python 'assert any(r.get("port") == 9 for r in rows)'
}
