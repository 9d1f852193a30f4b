# live.bash - what the tests of live capture share. Each runs in a network namespace of its own, with pairs of interfaces: what
# is sent into wire1 comes out of tap1.

load common

REPLAY=$TOP_BUILDDIR/tests/gen/replay

# may_capture: skip where interfaces cannot be made.
may_capture() {
	unshare -nm sh -c 'ip link add wire type veth peer name tap' 2>/dev/null || skip "network namespaces are not permitted here"
	[ -x "$REPLAY" ] || skip "the replay program is not built"
}

# in_net COMMAND...: run it between pairs of interfaces.
in_net() {
	export -f net_up epmwatch status contents one_line not until_so same sense_start said sense_stop play events kept verdicts
	export EPMWATCH DEMO FLOOD REPLAY PYTHON3 TOP_SRCDIR
	unshare -nm bash -euo pipefail -c 'net_up; '"$1" && return 0
	[ ! -e sense.err ] || cat sense.err
	return 1
}

# net_up: two pairs, on which nothing speaks by itself.
net_up() {
	sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null || true
	for n in 1 2; do
		ip link add wire$n type veth peer name tap$n
		ip link set wire$n up
		ip link set tap$n up
	done
	# Before both ends are up, what is sent is lost.
	for _ in $(seq 100); do
		[ "$(ip -o link show up | grep -c -e ' wire[12]@.* state UP' -e ' tap[12]@.* state UP')" -lt 4 ] || return 0
		sleep 0.05
	done
	echo "the interfaces do not come up"
	return 1
}

# sense_start OPTION...: start watching, and come back when it does. Its messages go to sense.err.
sense_start() {
	: >sense.err
	"$EPMWATCH" sense "$@" 2>>sense.err 3>&- &
	sense=$!
	# A test that fails leaves nothing running.
	trap 'kill -KILL "$sense" 2>/dev/null || true' EXIT
	for _ in $(seq 600); do
		! grep -q 'epmwatch: watching' sense.err || return 0
		kill -0 "$sense" 2>/dev/null || break
		sleep 0.05
	done
	echo "it does not watch:"
	cat sense.err
	return 1
}

# said WORDS: wait until it says so.
said() {
	until_so grep -q -e "$1" sense.err
}

# sense_stop WANTED [SIGNAL]: end it, and hold its exit status.
sense_stop() {
	local got=0
	kill -"${2:-TERM}" "$sense"
	wait "$sense" || got=$?
	[ "$got" -eq "$1" ] && return 0
	echo "exit status $got, not $1"
	cat sense.err
	return 1
}

# play CAPTURE [OPTION...]: send it, slowly enough for any machine. What was sent before it is told to end, it still takes.
play() {
	local capture=$1
	shift
	"$REPLAY" -p 20000 "$@" wire1 "$capture" 2>/dev/null
}

# kept STORE FILE: the store's verdicts are those in the file; with until_so, for what is committed within a second.
kept() {
	verdicts "$1" | cmp -s - "$2"
}

# events FILE: what the answers and binds in it say, sorted, without times, frames and tags.
events() {
	"$PYTHON3" - "$1" <<-'END'
		import json, sys
		for line in sorted(open(sys.argv[1])):
		    e = json.loads(line)
		    if e["event_type"] in ("epm", "bind"):
		        e["epm" if "epm" in e else "bind"].get("request", {}).pop("pcap_cnt", None)
		        print(json.dumps({k: v for k, v in e.items() if k not in ("timestamp", "sensor", "pcap_filename", "pcap_cnt", "in_iface", "vlan")}))
	END
}

# hurried CAPTURE OUT: the same packets, as close together as they are played: what takes minutes or days to settle waits in both.
hurried() {
	"$PYTHON3" - "$1" "$2" <<-'END'
		import struct, sys
		data = open(sys.argv[1], "rb").read()
		out, at, frame = [data[:24]], 24, 0
		start, = struct.unpack_from("<I", data, at)
		while at < len(data):
		    taken, length = struct.unpack_from("<II", data, at + 8)
		    seconds, micros = divmod(frame * 50, 1000000)
		    out.append(struct.pack("<IIII", start + seconds, micros, taken, length) + data[at + 16:at + 16 + taken])
		    at += 16 + taken
		    frame += 1
		open(sys.argv[2], "wb").write(b"".join(out))
	END
}

# days CAPTURE NAME: its first day in NAME1.pcap, the second in NAME2.pcap.
days() {
	"$PYTHON3" - "$1" "$2" <<-'END'
		import struct, sys
		data = open(sys.argv[1], "rb").read()
		first, = struct.unpack_from("<I", data, 24)
		days, at = [data[:24], data[:24]], 24
		while at < len(data):
		    seconds, _, taken = struct.unpack_from("<III", data, at)
		    if (day := seconds // 86400 - first // 86400) < 2:
		        days[day] += data[at:at + 16 + taken]
		    at += 16 + taken
		for day in range(2):
		    open("%s%d.pcap" % (sys.argv[2], day + 1), "wb").write(days[day])
	END
}

# verdicts STORE: its changes, alerts and endpoints, without times. How often an endpoint was used is one: once a minute a
# response counts, and a capture is played in less time than it took.
verdicts() {
	sqlite3 -readonly "$1" "
		select kind, server, interface, version, protseq, previous, current from changes order by 2, 3, 4, 5, 6, 7, 1;
		select rule, state, server, interface, observed from alerts order by 3, 4, 5;
		select server, interface, version, protseq, endpoint, confidence, announced, used > 0 from endpoints order by 1, 2, 3, 4, 5;"
}
