#!/usr/bin/env bats
# Stores that cannot be used: a clear line, the right exit status, and nothing lost.

load common

@test "a text file is no store, and stays as it was" {
	echo "Dear diary" >diary
	cp diary kept
	status 74 epmwatch read -q -d diary "$DEMO"
	one_line diary
	cmp diary kept
	status 2 epmwatch list -d diary
	one_line diary
	cmp diary kept
	[ "$(ls)" = "$(printf 'diary\nerr.txt\nkept\nout.txt\n')" ]
}

@test "somebody else's database is no store, and stays as it was" {
	sqlite3 theirs 'create table t (a); insert into t values (1);'
	cp theirs kept
	status 74 epmwatch read -q -d theirs "$DEMO"
	one_line theirs
	cmp theirs kept
}

@test "a store of a newer version is left alone, and said so" {
	epmwatch read -q -d store "$DEMO"
	sqlite3 store "pragma user_version = 9999"
	dump store >before
	status 74 epmwatch read -q -d store "$DEMO"
	one_line store newer
	status 2 epmwatch report -d store
	one_line store newer
	dump store >after
	same before after
}

@test "a store that is not there is not found" {
	for verb in list history report; do
		status 2 epmwatch $verb -d nowhere
		one_line nowhere
	done
	[ ! -e nowhere ]
}

@test "a folder that is not there cannot hold a store" {
	got=0
	"$EPMWATCH" read -q -d no/such/folder/store "$DEMO" >out.txt 2>err.txt || got=$?
	[ "$got" -eq 66 ] || [ "$got" -eq 74 ]
	err=$(cat err.txt)
	one_line no/such/folder/store
}

@test "a store that another process writes is busy, and loses nothing" {
	mkfifo pipe
	"$EPMWATCH" read -q -d store - <pipe &
	writer=$!
	exec 7>pipe
	cat "$DEMO" >&7
	until_so being_written store
	got=0
	"$EPMWATCH" read -q -d store "$DEMO" >out.txt 2>err.txt || got=$?
	err=$(cat err.txt)
	exec 7>&-
	wait $writer
	[ "$got" -eq 69 ] || { echo "exit status $got: $err"; return 1; }
	one_line store
	epmwatch list -d store --format json | grep -q 49731
}

@test "a store on a read-only file system is read, and not written" {
	may_mount
	mkdir folder
	epmwatch read -q -d folder/store "$DEMO"
	contents folder/store >before
	export -f epmwatch contents status one_line
	EPMWATCH=$EPMWATCH DEMO=$DEMO unshare -m bash -euc '
		mount --bind folder folder
		mount -o remount,bind,ro folder
		capture=$DEMO
		status 77 epmwatch read -q -d folder/store "$capture" || status 74 epmwatch read -q -d folder/store "$capture"
		one_line store
		contents folder/store >after
	'
	same before after
}

@test "a store in a folder that may not be written says so" {
	[ "$(id -u)" -ne 0 ] || skip "root may write everywhere"
	mkdir folder
	epmwatch read -q -d folder/store "$DEMO"
	chmod 400 folder/store
	chmod 500 folder
	status 77 epmwatch read -q -d folder/store "$DEMO"
	one_line store
}

@test "a full disk stops the writing, keeps what was there, and reading again completes it" {
	may_mount
	[ -x "$FLOOD" ] || skip "the flood generator is not built"
	"$FLOOD" answers 8000 >flood.pcap
	mkdir disk
	export -f epmwatch status one_line contents
	EPMWATCH=$EPMWATCH DEMO=$DEMO unshare -m bash -euc '
		mount -t tmpfs -o size=1m tmpfs disk
		status 0 epmwatch read -q -d disk/store "$DEMO"
		contents disk/store >before
		status 74 epmwatch read -q -d disk/store flood.pcap
		one_line store
		[ "$(sqlite3 disk/store "pragma integrity_check")" = ok ]
		contents disk/store >after
		mount -o remount,size=256m disk
		epmwatch read -q -d disk/store flood.pcap
		epmwatch list -d disk/store --format json >all || [ $? -eq 1 ]
		cp disk/store store-after
	'
	[ -s before ]
	# What was known of the demonstration is still all there, and reading again brought the rest.
	diff <(grep '"server":"192.0.2.1[01]"' before) <(grep '"server":"192.0.2.1[01]"' after)
	"$PYTHON3" -c 'import json; assert len(json.load(open("all"))) > 1000'
}

@test "the journal of a killed writer is taken up" {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/repeat" "$DEMO" 40 3 >long.pcap
	"$EPMWATCH" read -q -d store long.pcap &
	until_so [ -s store ]
	sleep 0.1
	kill -KILL $! 2>/dev/null || true
	wait $! || true
	status 0 epmwatch read -q -d store long.pcap
	[ "$(sqlite3 store 'pragma integrity_check')" = ok ]
}
