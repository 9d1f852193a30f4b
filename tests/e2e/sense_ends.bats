#!/usr/bin/env bats
# Watching interfaces: signals, full disks, interfaces that go away, floods; whatever ends it, what was seen is kept. Needs root.

load live

setup() {
	[ -x "$EPMWATCH" ] || { echo "there is no $EPMWATCH"; return 1; }
	cd "$BATS_TEST_TMPDIR" || exit 1
	[ "$BATS_TEST_NUMBER" -eq 1 ] || not_again
	may_capture
	"$EPMWATCH" read -q --events read.json "$DEMO"
	events read.json | sort >read.events
	hurried "$DEMO" hurried.pcap
	"$EPMWATCH" read -q -d read.db hurried.pcap
	verdicts read.db >read.verdicts
}

@test "SIGTERM and SIGINT commit what was seen, SIGHUP does nothing" {
	for signal in TERM INT; do
		rm -f live.*
		SIGNAL=$signal in_net '
			sense_start -i tap1 -d live.db
			"$REPLAY" -p 20000 wire1 "$DEMO" 2>/dev/null
			kill -HUP $sense
			sense_stop 0 $SIGNAL
		'
		verdicts live.db >live.verdicts
		same read.verdicts live.verdicts
	done
}

@test "killed, it has lost a second at most, and the next one goes on" {
	in_net '
		sense_start -i tap1 -d live.db
		play "$DEMO"
		until_so kept live.db read.verdicts
		kill -KILL $sense
		wait $sense || true
		verdicts live.db >killed.verdicts
		sense_start -i tap1 -d live.db
		play "$DEMO"
		sense_stop 0
	'
	same read.verdicts killed.verdicts
	[ "$(sqlite3 live.db 'pragma integrity_check')" = ok ]
	[ "$(sqlite3 live.db 'select count(*), min(frames) > 2000 from capture')" = "1|1" ]
}

@test "a filter of one's own, in any of its three forms" {
	echo 'host 192.0.2.11' >expression
	epmwatch read -q -d some.db -f 'host 192.0.2.11' "$DEMO"
	verdicts some.db >one
	for form in "-f 'host 192.0.2.11'" "-F expression" "host 192.0.2.11"; do
		rm -f live.*
		FORM=$form in_net '
			eval sense_start -i tap1 -d live.db $FORM
			play "$DEMO"
			sense_stop 0
		'
		verdicts live.db >two
		same one two
	done
	in_net 'status 64 epmwatch sense -i tap1 -d live2.db "this is no filter"; [ -n "$err" ]'
	[ ! -e live2.db ]
}

@test "a store on a full disk is waited for, and nothing is lost" {
	may_mount
	[ -x "$FLOOD" ] || skip "the flood generator is not built"
	"$FLOOD" answers 4000 >flood.pcap
	epmwatch read -q -d flood.db flood.pcap
	mkdir disk
	in_net '
		mount -t tmpfs -o size=1m tmpfs disk
		sense_start -i tap1 -d disk/live.db --memory 2G --events live.json
		play "$DEMO"
		"$REPLAY" -p 4000 wire1 flood.pcap 2>/dev/null
		said "the capture goes on"
		[ "$(sqlite3 disk/live.db "pragma integrity_check")" = ok ]
		mount -o remount,size=256m disk
		said "written again; 0 changes"
		sense_stop 0
		cp disk/live.db live.db
	'
	verdicts live.db | grep -v -e '192[.]0[.]2[.]1[01]' >one
	verdicts flood.db >two
	same one two
	diff <(verdicts live.db | grep -e '192[.]0[.]2[.]1[01]') read.verdicts
	grep '"stats"' live.json | tail -n 1 | grep -q '"unfolded":0'
	[ "$(wc -l <sense.err)" -eq 4 ]
}

@test "an interface that goes away ends it, with what was seen kept" {
	in_net '
		sense_start -i tap1 -d live.db
		play "$DEMO"
		until_so kept live.db read.verdicts
		ip link del wire1
		got=0
		wait $sense || got=$?
		[ "$got" -eq 74 ]
	'
	verdicts live.db >live.verdicts
	same read.verdicts live.verdicts
	grep -q tap1 sense.err
}

gone_twice() {
	[ "$(grep -c 'tap2: the interface is gone' sense.err)" -eq 2 ]
}

@test "one of several interfaces that goes away is done without, and watched again once it is back" {
	capture map-ndr64
	export -f gone_twice
	in_net '
		sense_start -i tap1 -i tap2 -d live.db --events live.json --event-types all --stats-interval 1
		ip link del wire2
		said "tap2: the interface is gone"
		play "$DEMO"
		until_so grep -q "\"away\":1" live.json
		until_so kept live.db read.verdicts
		cp live.json before.json
		ip link add wire2 type veth peer name tap2
		ip link set wire2 up
		ip link set tap2 up
		said "tap2: watched again"
		"$REPLAY" -p 20000 wire2 map-ndr64.pcap 2>/dev/null
		until_so grep -q "\"in_iface\":\"tap2\".*\"epm\"\|\"epm\".*\"in_iface\":\"tap2\"" live.json
		ip link del wire2
		until_so gone_twice
		ip link del wire1
		got=0
		wait $sense || got=$?
		[ "$got" -eq 74 ]
	'
	events before.json | sort >live.events
	same read.events live.events
	[ "$(grep -c 'tap2: the interface is gone' sense.err)" -eq 2 ]
	[ "$(grep -c 'tap1: the interface is gone' sense.err)" -eq 1 ]
	grep '"stats"' live.json | tail -n 1 | grep -q '"dropped":{"kernel":0,"interface":0,'
}

@test "an interface that is not there, or may not be watched, leaves no store" {
	in_net 'status 66 epmwatch sense -i nosuch -d live.db; one_line nosuch; [ ! -e live.db ]'
	command -v setpriv >/dev/null || skip "setpriv is not there"
	in_net '
		status 77 setpriv --bounding-set=-net_raw "$EPMWATCH" sense -i tap1 -d live.db
		one_line tap1
		[ ! -e live.db ]
	'
}

@test "a store that is being written is busy" {
	in_net '
		sense_start -i tap1 -d live.db
		status 69 epmwatch sense -i tap1 -d live.db
		one_line live.db
		status 69 epmwatch read -q -d live.db "$DEMO"
		sense_stop 0
	'
}

@test "mistakes on the command line are told" {
	status 64 epmwatch sense -d live.db
	one_line -i
	status 64 epmwatch sense -i tap1
	one_line store
	status 64 epmwatch sense -i tap1 -i tap1 -d live.db
	status 64 epmwatch sense -i tap1 -i tap2 --workers 2 -d live.db
	one_line --workers
	status 64 epmwatch sense -i tap1 -d live.db --event-types chnage
	one_line chnage "did you mean change"
	status 64 epmwatch sense -i tap1 -d live.db --memory 31M
	one_line 32M
	status 64 epmwatch sense -i tap1 -d live.db --ring-size 200M
	one_line 402M
	for wrong in "--workers 0" "--workers 65" "--memory lots" "--ring-size 1" "--ring-block 1" "--ring-timeout 0" "--stats-interval 0" "--snaplen 12" "-i ''" "--count 0"; do
		eval status 64 epmwatch sense -i tap1 -d live.db "$wrong"
		[ "$(wc -l <err.txt)" -eq 1 ]
	done
	[ ! -e live.db ]
}

@test "--count ends it" {
	in_net '
		sense_start -i tap1 -d live.db --count 1000
		play "$DEMO"
		got=0
		wait $sense || got=$?
		[ "$got" -eq 0 ]
	'
	[ "$(sed -n 's/.*: packets \([0-9]*\),.*/\1/p' sense.err)" -ge 1000 ]
}

@test "events go behind those of the run before; a reader that goes away ends it" {
	in_net '
		for _ in 1 2; do
			sense_start -i tap1 -d live.db --events live.json
			sense_stop 0
		done
	'
	[ "$(grep -c '"stats"' live.json)" -eq 2 ]
	in_net '
		mkfifo pipe
		head -n 3 <pipe >some &
		sense_start -i tap1 -d live2.db --events pipe --event-types all
		play "$DEMO"
		got=0
		wait $sense || got=$?
		[ "$got" -eq 74 ]
	'
	grep -q 'pipe: Broken pipe' sense.err
	"$PYTHON3" -c 'import json; [json.loads(l) for l in open("some")]'
	epmwatch list -d live2.db | grep -q 192.0.2.10
}

@test "a reader of events that does not read stops nothing" {
	in_net '
		mkfifo pipe
		sleep 60 <pipe 3>&- &
		reader=$!
		sense_start -i tap1 -d live.db --events pipe --event-types all
		play "$DEMO"
		sense_stop 0
		kill $reader
	'
	verdicts live.db >live.verdicts
	same read.verdicts live.verdicts
}

@test "under a flood of forgeries it keeps to --memory" {
	no_sanitizer
	[ -z "${EPMWATCH_QUICK:-}" ] || skip "EPMWATCH_QUICK is set"
	[ -x "$FLOOD" ] || skip "the flood generator is not built"
	"$FLOOD" answers 50000 >flood.pcap
	export -f no_sanitizer
	in_net '
		"$TOP_SRCDIR/tests/e2e/peak-memory" $((32 * 1024)) "$EPMWATCH" sense -q -i tap1 -d live.db --memory 32M --events live.json >peak 2>sense.err &
		watcher=$!
		until_so test -s live.db-wal
		"$REPLAY" -p 50000 wire1 flood.pcap 2>/dev/null
		kill -TERM $(cat /proc/$watcher/task/$watcher/children)
		wait $watcher || { cat peak sense.err; exit 1; }
	'
	# With the rings beside it.
	"$PYTHON3" - <<-'END'
		import json
		stats = [json.loads(l)["stats"] for l in open("live.json") if '"stats"' in l][-1]
		assert stats["memory"]["used"] <= 32 << 20, stats
		assert stats["dropped"]["cap"] + stats["store"]["episodes"] > 1000, stats
	END
}

# An answer that names a port, and a conversation there that only those find who know: nothing in it begins like a PDU.
two_conversations() {
	"$PYTHON3" - "$TOP_SRCDIR/tests/gen" <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1])
		import pcapfile
		from captures import CLERK, DAY, DC, EPM, SAMR, START, Capture, Context, Session, epm_session, tcp_tower

		def answer(c):
		    epm_session(c, CLERK, 1066, DC).map(SAMR, [tcp_tower(SAMR, 49667, DC)]).close()

		def talk(c):
		    Session(c, CLERK, 1070, DC, 49667, mss=4).bind([Context(0, SAMR)], ack=False).close()

		for name, story in ("answer", answer), ("talk", talk):
		    c = Capture(START + (name == "talk") * DAY)
		    story(c)
		    open(name + ".pcap", "wb").write(pcapfile.pcap(c.finished()))
	END
}

@test "what is learned goes to the workers and to the kernel, now and at the next start" {
	two_conversations
	epmwatch read -q --events - talk.pcap >alone.json
	not grep -q '"bind"' alone.json
	epmwatch read -q -d both.db --events both.json answer.pcap talk.pcap
	epmwatch read -q -d both.db --events talk.json talk.pcap
	in_net '
		sense_start -i tap1 -d live.db --events live.json --event-types all
		play answer.pcap
		until_so grep -q "\"epm\"" live.json
		sleep 1
		play talk.pcap
		sense_stop 0
		sense_start -i tap1 -d live.db --events again.json --event-types all
		play talk.pcap
		sense_stop 0
	'
	events both.json | sort >one
	events live.json | sort >two
	same one two
	events talk.json | sort >one
	events again.json | sort >two
	same one two
}

@test "a bind without an answer is told of within a minute or so, though nothing more comes by" {
	[ -z "${EPMWATCH_QUICK:-}" ] || skip "EPMWATCH_QUICK is set"
	"$PYTHON3" - "$TOP_SRCDIR/tests/gen" <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1])
		import pcapfile
		from captures import CLERK, EMSMDB, MAIL, Capture, Context, Session

		c = Capture()
		Session(c, CLERK, 1101, MAIL, 49731).bind([Context(0, EMSMDB)], answer=False)
		open("asked.pcap", "wb").write(pcapfile.pcap(c.finished()))
	END
	in_net '
		sense_start -i tap1 -d live.db --events live.json --event-types all --stats-interval 300
		play asked.pcap
		sleep 50
		not grep -q "\"bind\"" live.json
		until_so grep -q "\"outcome\":\"unanswered\"" live.json
		sense_stop 0
	'
	[ "$(grep -c '"bind"' live.json)" -eq 1 ]
	grep '"stats"' live.json | grep -q '"unanswered":1[,}]'
}
