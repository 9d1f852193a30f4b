#!/usr/bin/env bats
# Reading captures: into a store or not, twice, interrupted, in pieces, from a folder, from standard input.

load common

@test "read without a store ends with the report" {
	status 0 epmwatch read "$DEMO"
	[[ $out == *192.0.2.10* ]]
	[[ $out == *moved* ]]
	[[ $out == *EPM-001* ]]
}

@test "the bare form -r FILE is read" {
	epmwatch read "$DEMO" >one 2>/dev/null
	epmwatch -r "$DEMO" >two 2>/dev/null
	same one two
}

@test "with events on standard output there is no summary on it" {
	status 0 epmwatch read --events - "$DEMO"
	not grep -v '^{' out.txt
	"$PYTHON3" -c 'import json, sys; [json.loads(l) for l in open("out.txt")]'
}

@test "events go to a file beside the report" {
	status 0 epmwatch read --events events.json "$DEMO"
	[[ $out == *moved* ]]
	grep -q '"event_type": *"epm"' events.json
}

@test "report, list and history show what read put into the store" {
	epmwatch read -d store "$DEMO"
	status 1 epmwatch report -d store
	[[ $out == *EPM-001* ]]
	status 1 epmwatch list -d store --format json
	"$PYTHON3" - <<-'END'
		import json
		rows = json.load(open("out.txt"))
		at = {(r["server"], r["interface"], r["protseq"]): r.get("port") for r in rows}
		assert at["192.0.2.10", "a4f1db00-ca47-1067-b31f-00dd010662da", "ncacn_ip_tcp"] == 49731, at
		assert at["192.0.2.10", "f5cc5a18-4264-101a-8c59-08002b2f8426", "ncacn_ip_tcp"] == 6004, at
		assert at["192.0.2.10", "1544f5e0-613c-11d1-93df-00c04fd7bd09", "ncacn_ip_tcp"] == 56002, at
	END
	status 1 epmwatch history -d store --format json
	"$PYTHON3" - <<-'END'
		import json
		rows = [r for r in json.load(open("out.txt")) if r["interface"].startswith("a4f1db00-ca47-1067-b31f") and r["protseq"] == "ncacn_ip_tcp"]
		assert [(r["port"], r["why"]) for r in sorted(rows, key=lambda r: r["first_seen"])][0] == (56001, "moved"), rows
	END
}

@test "named pipes are read unless they are to be left alone" {
	capture smb2-pipes
	epmwatch read --events with smb2-pipes.pcap >/dev/null
	epmwatch read --events without --no-smb smb2-pipes.pcap >/dev/null
	[ "$(grep -c '"event_type":"bind"' with)" -eq 3 ]
	not grep -q '"event_type":"bind"' without
}

@test "list --at shows an earlier time" {
	epmwatch read -d store "$DEMO"
	status 0 epmwatch list -d store --at 2026-03-03 --format json
	grep -q 56001 out.txt
	not grep -q 49731 out.txt
}

@test "a capture read twice changes nothing in the store" {
	epmwatch read -d store "$DEMO"
	dump store >before
	epmwatch read -d store "$DEMO"
	dump store >after
	same before after
}

@test "a capture read twice under another name changes nothing in the history" {
	cp "$DEMO" copy.pcap
	epmwatch read -d store "$DEMO"
	contents store >before
	epmwatch read -d store copy.pcap
	contents store >after
	same before after
}

@test "a capture that has grown is folded from where it was" {
	epmwatch read -d whole "$DEMO"
	for bytes in 24 1000 40000 170000; do
		head -c $bytes "$DEMO" >growing.pcap
		epmwatch read -d store growing.pcap || [ $? -eq 65 ]
	done
	cp "$DEMO" growing.pcap
	epmwatch read -d store growing.pcap
	contents whole >one
	contents store >two
	same one two
}

@test "two captures one after the other are as good as both at once" {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/split" "$DEMO" 1396 first.pcap second.pcap
	epmwatch read -d both first.pcap second.pcap
	epmwatch read -d single first.pcap
	epmwatch read -d single second.pcap
	contents both >one
	contents single >two
	same one two
}

@test "a capture and its two halves tell the same story" {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/split" "$DEMO" 1396 first.pcap second.pcap
	epmwatch read --events - "$DEMO" | grep -c -e '"event_type":"epm"' -e '"event_type":"change"' >one
	epmwatch read --events - second.pcap first.pcap | grep -c -e '"event_type":"epm"' -e '"event_type":"change"' >two
	same one two
}

@test "killed in the middle and read again, the store says the same" {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/repeat" "$DEMO" 60 3 >long.pcap
	epmwatch read -d whole long.pcap
	for delay in 0.02 0.1 0.2 0.4 0.8; do
		# Waited for, so that its locks are gone: timeout(1) would be killed beside it, and wait for nothing.
		"$EPMWATCH" read -d store long.pcap &
		sleep $delay
		kill -KILL $! 2>/dev/null || true
		wait $! || true
		[ ! -e store ] || [ "$(sqlite3 store 'pragma integrity_check')" = ok ]
	done
	epmwatch read -d store long.pcap
	[ -z "$(sqlite3 store 'pragma foreign_key_check')" ]
	contents whole >one
	contents store >two
	same one two
}

read_beyond() {
	[ "$(sqlite3 -readonly store "select max(frames) > $1 from capture")" = 1 ]
}

@test "what drips out of a pipe is kept while it drips, and read again it says the same" {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/repeat" "$DEMO" 20 3 >long.pcap
	epmwatch read -d whole long.pcap
	mkfifo pipe
	"$EPMWATCH" read -d store - <pipe &
	exec 7>pipe
	head -c 1000000 long.pcap >&7
	sleep 2.5
	tail -c +1000001 long.pcap | head -c 1000000 >&7
	until_so read_beyond 5000
	kill -KILL $!
	wait $! || true
	exec 7>&-
	[ "$(sqlite3 store 'pragma integrity_check')" = ok ]
	epmwatch read -d store long.pcap
	contents whole >one
	contents store >two
	same one two
}

@test "a folder means the captures in it" {
	mkdir folder
	capture tap-a folder/a.pcap
	capture tap-b folder/b.pcap
	echo "no capture" >folder/notes.txt
	status 0 epmwatch read --events - folder
	cp out.txt folder.json
	status 0 epmwatch read --events - folder/a.pcap folder/b.pcap
	diff <(grep -v '"stats"' folder.json) <(grep -v '"stats"' out.txt)
	grep -q 49731 out.txt
}

@test "the order of the arguments does not matter: time does" {
	capture tap-a
	capture tap-b
	for order in "tap-a.pcap tap-b.pcap" "tap-b.pcap tap-a.pcap"; do
		epmwatch read --events - $order | grep -v '"stats"' | sort >"$order"
	done
	same "tap-a.pcap tap-b.pcap" "tap-b.pcap tap-a.pcap"
}

@test "a dash means standard input" {
	epmwatch read --events - - <"$DEMO" | grep -v '"stats"' | sed 's/"pcap_filename":"[^"]*"//g' >one
	epmwatch read --events - "$DEMO" | grep -v '"stats"' | sed 's/"pcap_filename":"[^"]*"//g' >two
	same one two
}

@test "a filter keeps packets out" {
	epmwatch read --events - -f 'host 192.0.2.11' "$DEMO" >one
	grep -q 192.0.2.11 one
	! grep -q 192.0.2.10 <(grep '"epm"' one | grep -v 192.0.2.11)
}

@test "the same capture gives the same report, byte for byte" {
	epmwatch read "$DEMO" >one
	epmwatch read "$DEMO" >two
	same one two
}

@test "standard output that is full is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	got=0
	"$EPMWATCH" read --events - "$DEMO" >/dev/full 2>err.txt || got=$?
	[ "$got" -eq 74 ]
	[ -s err.txt ]
}

@test "a reader that goes away ends it without a message of doom" {
	"$EPMWATCH" read --events - "$DEMO" 2>err.txt | head -n 1 >/dev/null
	not grep -qi -e abort -e segmentation -e sanitizer err.txt
}

@test "on a terminal or not, standard error carries no bar in a log" {
	status 0 epmwatch read -d store "$DEMO"
	not grep -q $'\r' err.txt
}
