#!/usr/bin/env bats
# A capture is known by what is in it: however it comes, and however often, the store says what one clean reading says, of
# changes, alerts and ids, and of all that is still to be judged.

load common

# A week of the demonstration's server, whose interfaces move, in one capture.
week() {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/repeat" "$DEMO" 8 3 >week.pcap
	epmwatch read -q -d whole week.pcap
	everything whole >one
	grep -q moved one
}

everything() {
	contents "$1" && waiting "$1"
}

as_clean() {
	everything "$1" >two
	same one two
	status 0 epmwatch db check -q -d "$1"
}

@test "read twice" {
	week
	epmwatch read -q -d store week.pcap
	epmwatch read -q -d store week.pcap
	as_clean store
}

@test "read again under another name, compressed" {
	week
	gzip -c week.pcap >other.gz
	zstd -q -c week.pcap >another.zst
	epmwatch read -q -d store other.gz
	epmwatch read -q -d store another.zst
	epmwatch read -q -d store week.pcap
	as_clean store
	[ "$(sqlite3 store 'select count(*) from capture')" = 1 ]
}

@test "grown twice, cut anywhere" {
	week
	for bytes in 100003 1200007; do
		head -c $bytes week.pcap >growing.pcap
		epmwatch read -q -d store growing.pcap || [ $? -eq 65 ]
	done
	cp week.pcap growing.pcap
	epmwatch read -q -d store growing.pcap
	as_clean store
}

@test "killed again and again, and read to the end" {
	week
	for delay in 0.005 0.02 0.05 0.1 0.15 0.2; do
		"$EPMWATCH" read -q -d store week.pcap &
		sleep $delay
		kill -KILL $! 2>/dev/null || true
		wait $! || true
	done
	epmwatch read -q -d store week.pcap
	as_clean store
}

@test "cut into captures that are read one by one" {
	week
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/split" week.pcap 5000 first.pcap second.pcap
	epmwatch read -q -d store first.pcap
	epmwatch read -q -d store second.pcap
	everything store | sed 's/|[0-9]*|\([^|]*\)|\([^|]*\)$/|\1|\2/' >two
	grep -c moved two >moved
	grep -c moved one | cmp - moved
	sqlite3 whole "select id from change order by id" >ids
	sqlite3 store "select id from change order by id" | cmp - ids
	sqlite3 whole "select id, state, opened_ns, updated_ns, closed_ns from alert order by id" >alerts
	sqlite3 store "select id, state, opened_ns, updated_ns, closed_ns from alert order by id" | cmp - alerts
}

@test "merged from two sensors, it is what each of them saw, once" {
	week
	epmwatch read -q -d north --sensor north week.pcap
	epmwatch read -q -d south --sensor south week.pcap
	status 0 epmwatch db merge -d both north south
	[ "$(sqlite3 both 'select count(*) from change')" = "$(sqlite3 north 'select count(*) from change')" ]
	[ "$(sqlite3 both 'select count(*) from episode')" = "$(sqlite3 north 'select 2 * count(*) from episode')" ]
	status 0 epmwatch db check -q -d both
	dump both >before
	status 0 epmwatch db merge -d both south north
	dump both >after
	same before after
}

@test "db says what is wrong by its exit status" {
	epmwatch read -q -d store "$DEMO"
	status 0 epmwatch db check -d store
	[ "$out" = "store: sound" ]
	sqlite3 store "update episode set server = 99"
	status 65 epmwatch db check -d store
	grep -q 'refer to a server that is not there' out.txt
	status 66 epmwatch db vacuum -d nowhere
	[ ! -e nowhere ]
	status 66 epmwatch db merge -d all nowhere
	status 64 epmwatch db merge -d all
	echo text >text
	status 65 epmwatch db prune -d text
	status 64 epmwatch db check
}

@test "db export writes every row, as JSON and as CSV" {
	epmwatch read -q -d store "$DEMO"
	epmwatch db export -d store -o all.json
	"$PYTHON3" -c 'import json; rows = [json.loads(l) for l in open("all.json")]; assert len({r["table"] for r in rows}) > 6'
	[ "$(grep -c '^{"table":"episode",' all.json)" = "$(sqlite3 store 'select count(*) from episode')" ]
	epmwatch db export -d store --format csv >all.csv
	[ "$(grep -c '^episode,' all.csv)" = "$(sqlite3 store 'select count(*) from episode')" ]
	grep -q '^#table,row,server,interface,port,' all.csv
}

busy() {
	status 69 epmwatch db prune -d "$1"
}

@test "db merge, prune and vacuum wait for no writer" {
	epmwatch read -q -d store "$DEMO"
	mkfifo pipe
	"$EPMWATCH" read -q -d store - <pipe 2>writer.txt &
	exec 7>pipe
	head -c 100000 "$DEMO" >&7
	until_so test -e store-lock
	until_so busy store
	status 69 epmwatch db prune -d store
	status 0 epmwatch db check -d store
	exec 7>&-
	wait $! || true
}
