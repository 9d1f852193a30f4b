#!/usr/bin/env bats
# What a sensor says of its own health: every packet counted once, however often and in however many pieces it was read; and silence told as such.

load live

# counts STORE: what was counted, hour by hour, but for what differs between captures and interfaces.
counts() {
	sqlite3 -readonly "$1" "select $2 from tally order by hour, scope"
}

ALL="hour, packets, bytes, dropped_decode, dropped_cap, gaps, damaged, pdus, malformed, sealed, sealed_answers, answers, binds, unannounced"
SUMS="sum(packets), sum(pdus), sum(malformed), sum(answers), sum(binds), sum(unannounced)"

@test "a capture that is read again, or piece by piece, is counted once" {
	epmwatch read -q -d whole.db "$DEMO"
	counts whole.db "$ALL" >whole
	[ "$(sqlite3 whole.db 'select sum(packets) from tally')" -eq 2234 ]
	epmwatch read -q -d whole.db "$DEMO"
	counts whole.db "$ALL" | diff whole -
	for count in 1 500 1000 2000; do
		epmwatch read -q -d pieces.db --count $count "$DEMO"
		[ "$(sqlite3 pieces.db 'select sum(packets) from tally')" -eq $count ]
	done
	epmwatch read -q -d pieces.db "$DEMO"
	counts pieces.db "$ALL" | diff whole -
	head -c 100000 "$DEMO" >grows.pcap
	epmwatch read -q -d grows.db grows.pcap || true
	cp "$DEMO" grows.pcap
	epmwatch read -q -d grows.db grows.pcap
	counts grows.db "$ALL" | diff whole -
}

# sparse CAPTURE OUT: the same packets, half an hour apart: there are so many hours that they are committed on the way.
sparse() {
	"$PYTHON3" - "$1" "$2" <<-'END'
		import struct, sys
		data = open(sys.argv[1], "rb").read()
		out, at, frame = [data[:24]], 24, 0
		while at < len(data):
		    taken, length = struct.unpack_from("<II", data, at + 8)
		    out.append(struct.pack("<IIII", 1700000000 + 1800 * frame, 0, taken, length) + data[at + 16:at + 16 + taken])
		    at += 16 + taken
		    frame += 1
		open(sys.argv[2], "wb").write(b"".join(out))
	END
}

@test "what is cut off between two commits is counted once" {
	sparse "$DEMO" sparse.pcap
	epmwatch read -q -d whole.db sparse.pcap
	counts whole.db "$ALL" >whole
	mkfifo pipe
	"$EPMWATCH" read -q -d cut.db - <pipe 3>&- &
	read=$!
	exec 9>pipe
	head -c 300000 sparse.pcap >&9
	until_so eval '[ "$(sqlite3 cut.db "select frames > 1000 from capture" 2>/dev/null)" = 1 ]'
	kill -KILL $read
	wait $read || true
	exec 9>&-
	[ "$(sqlite3 cut.db "select frames from capture")" -lt 2234 ]
	[ "$(sqlite3 cut.db "select (select frames from capture) - (select sum(packets) from tally)")" -eq 0 ]
	epmwatch read -q -d cut.db sparse.pcap
	counts cut.db "$ALL" | diff whole -
}

@test "what is dissected when a capture ends is counted, too" {
	for name in server-side-only lost-segments; do
		capture $name
		epmwatch read -q -d $name.db --events $name.json --event-types stats $name.pcap
		"$PYTHON3" -c 'import json, sys; s = json.load(sys.stdin)["stats"]; print("%d|%d" % (s["rpc"]["pdus"], s["tcp"]["gaps"]))' <$name.json >said
		sqlite3 $name.db "select sum(pdus), sum(gaps) from tally" >counted
		same said counted
		epmwatch read -q -d $name.db $name.pcap
		sqlite3 $name.db "select sum(pdus), sum(gaps) from tally" | diff said -
	done
}

@test "captures beside one that is known are counted, and it is not" {
	capture two-endpoints
	epmwatch read -q -d both.db "$DEMO"
	counts both.db "$ALL" >before
	epmwatch read -q -d both.db "$DEMO" two-endpoints.pcap
	epmwatch read -q -d one.db two-endpoints.pcap
	sqlite3 both.db "select sum(packets), sum(answers) from tally" >both
	sqlite3 one.db "attach 'both.db' as other; select sum(packets) + 2234, sum(answers) + 157 from tally" >sum
	same sum both
}

@test "what comes by is counted as in its capture" {
	may_capture
	epmwatch read -q -d read.db "$DEMO"
	in_net '
		sense_start -i tap1 -d live.db --no-prefilter
		play "$DEMO"
		sense_stop 0
	'
	counts read.db "$SUMS" >read
	counts live.db "$SUMS" >live
	same read live
	in_net '
		sense_start -i tap1 -d live.db --no-prefilter
		play "$DEMO"
		sense_stop 0
	'
	[ "$(sqlite3 live.db 'select sum(packets) from tally')" -eq 4468 ]
	status 1 epmwatch report -d live.db
	tr '\n' ' ' <out.txt | grep -q '; capture loss 0 %, sensor up [0-9]* s '
}

@test "a sensor that saw nothing says so" {
	may_capture
	in_net '
		sense_start -i tap1 -d live.db
		sleep 1
		sense_stop 0
	'
	for period in "" "--since 24h"; do
		status 0 epmwatch report -d live.db $period
		tr '\n' ' ' <out.txt | grep -q '0 endpoints; no packet seen, sensor up [0-9]* s '
		grep -q '^  packets   none$' out.txt
	done
}
