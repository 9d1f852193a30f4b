# common.bash - what the e2e tests share. Each test has a folder of its own, $BATS_TEST_TMPDIR, and starts in it.

: "${TOP_SRCDIR:=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}"
: "${TOP_BUILDDIR:=$TOP_SRCDIR}"
: "${EPMWATCH:=$TOP_BUILDDIR/epmwatch}"
: "${PYTHON3:=python3}"
export PYTHONDONTWRITEBYTECODE=1

DEMO=$TOP_SRCDIR/demo/exchange-2007.pcap
FLOOD=$TOP_BUILDDIR/tests/gen/flood

setup() {
	[ -x "$EPMWATCH" ] || { echo "there is no $EPMWATCH"; return 1; }
	cd "$BATS_TEST_TMPDIR" || exit 1
}

epmwatch() {
	"$EPMWATCH" "$@"
}

# capture NAME [FILE]: make one of the generator's captures.
capture() {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/make-capture" "$1" "${2:-$1.pcap}"
}

# status WANTED COMMAND...: run a command, keep standard output in $out and standard error in $err, and hold its exit status.
status() {
	local wanted=$1 got=0
	shift
	"$@" >out.txt 2>err.txt </dev/null || got=$?
	out=$(cat out.txt)
	err=$(cat err.txt)
	[ "$got" -eq "$wanted" ] && return 0
	echo "exit status $got, not $wanted: $*"
	echo "stdout: $(head -c 2000 out.txt)"
	echo "stderr: $(head -c 2000 err.txt)"
	return 1
}

# contents STORE: all that a store says it knows, as text, without the names of captures.
contents() {
	"$EPMWATCH" history -d "$1" --format json | sed 's/"pcap_filename":"[^"]*"//g' || return 1
	sqlite3 -readonly "$1" "
		select time, kind, sensor, realm, server, interface, version, protseq, previous, current, confidence, not_before, not_after, clients, id, frame,
			revises, also from changes order by time, id;
		select * from members order by id, number;
		select * from alerts order by opened, id;
		select a.id, e.number, e.state, e.evidence_ns, substr(e.evidence, instr(e.evidence, ',')) from alert_evidence e join alert a on a.row = e.alert
			order by 1, 2;
		select * from covered order by since;
		select * from sessions order by server, endpoint, client, interface;"
}

# waiting STORE: what a store has to judge later, in the octets of the tracker.
waiting() {
	sqlite3 -readonly "$1" "
		select sv.address, hex(i.uuid), i.major, i.protseq, p.due_ns, hex(p.data) from pending p join server sv on sv.row = p.server
			left join interface i on i.row = p.interface order by 1, 2, 3, 4;
		select name, hex(data) from state order by name;"
}

# dump STORE: the database itself, as text.
dump() {
	sqlite3 "$1" .dump
}

# no_sanitizer: skip where a sanitizer changes what is measured.
no_sanitizer() {
	[ -z "${SANITIZERS:-}" ] || skip "a sanitizer has memory of its own"
}

# sampled NUMBER: of the lines of standard input every so many; all of them unless EPMWATCH_QUICK is set.
sampled() {
	awk -v every="${EPMWATCH_QUICK:+$1}" 'NR % (every ? every : 1) == 0'
}

# not_again: skip what an equal build has shown.
not_again() {
	[ "${EPMWATCH_QUICK:-}" != 2 ] || skip "EPMWATCH_QUICK is 2"
}

# may_mount: skip where mounting in a private namespace is not permitted.
may_mount() {
	unshare -m sh -c 'mount -t tmpfs none /mnt' 2>/dev/null || skip "mounting in a private namespace is not permitted here"
}

# not COMMAND...: it fails. A plain `!` in the middle of a test is passed over, whatever comes of it.
not() {
	! "$@" || { echo "this should fail: $*"; return 1; }
}

# until_so COMMAND...: wait until it succeeds; a minute is long enough for any machine.
until_so() {
	local _
	for _ in $(seq 600); do
		! "$@" 2>/dev/null || return 0
		sleep 0.1
	done
	echo "this never came: $*"
	return 1
}

# being_written STORE: somebody has begun to write it.
being_written() {
	[ -s "$1" ] && [ "$(sqlite3 -readonly "$1" 'select count(*) from policy')" = 1 ]
}

# same ONE TWO: two files that are equal and not empty.
same() {
	[ -s "$1" ] && cmp "$1" "$2"
}

# one_line WORD...: standard error is one line that holds every word.
one_line() {
	[ "$(wc -l <err.txt)" -eq 1 ] || { echo "not one line: $err"; return 1; }
	for word; do
		[[ $err == *"$word"* ]] || { echo "no \"$word\": $err"; return 1; }
	done
}
