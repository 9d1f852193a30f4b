#!/usr/bin/env bats
# Outputs and what they must not cost: the files of the user, the words of an error, a store that went away.

load common

# full WANTED WORD COMMAND...: run with standard output on a full device.
full() {
	local wanted=$1 word=$2 got=0
	shift 2
	"$@" >/dev/full 2>err.txt </dev/null || got=$?
	err=$(cat err.txt)
	[ "$got" -eq "$wanted" ] || { echo "exit status $got, not $wanted: $*: $err"; return 1; }
	one_line "$word" "No space left on device"
}

@test "events never take the place of the store or of what belongs to it" {
	epmwatch read -q -d store "$DEMO"
	cp store kept
	ln -s store link
	for file in store store-wal store-shm store-lock link ./store; do
		status 64 epmwatch read -d store --events "$file" "$DEMO"
		one_line "$file"
	done
	cmp store kept
	status 64 epmwatch read -d new --events new "$DEMO"
	[ ! -e new ]
}

@test "events never take the place of a capture" {
	mkdir day
	cp "$DEMO" day/a.pcap
	cp "$DEMO" b.pcap
	ln b.pcap hard
	status 64 epmwatch read --events b.pcap b.pcap
	one_line b.pcap
	status 64 epmwatch read --events hard b.pcap
	status 64 epmwatch read --events day/a.pcap b.pcap day
	got=0
	"$EPMWATCH" read --events - b.pcap >>b.pcap 2>err.txt || got=$?
	[ "$got" -eq 64 ]
	cmp day/a.pcap "$DEMO"
	cmp b.pcap "$DEMO"
}

@test "a report never takes the place of its store" {
	epmwatch read -q -d store "$DEMO"
	cp store kept
	for file in store store-wal store-shm store-lock; do
		status 2 epmwatch report -d store -o "$file"
		one_line "$file"
	done
	cmp store kept
	[ ! -e store-lock ]
}

@test "a report that fails leaves the one before it" {
	may_mount
	epmwatch read -q -d store "$DEMO"
	mkdir disk
	export -f epmwatch status one_line
	EPMWATCH=$EPMWATCH unshare -m bash -euc '
		mount -t tmpfs -o size=8k tmpfs disk
		echo old >disk/report
		status 2 epmwatch report -d store -o disk/report
		one_line disk/report "No space left on device"
		[ "$(cat disk/report)" = old ]
		[ "$(ls disk)" = report ]
	'
}

@test "a report replaces the one before it, and is not for everybody" {
	epmwatch read -q -d store "$DEMO"
	(umask 022; status 1 epmwatch report -d store -o report)
	[ "$(stat -c %a report)" = 640 ]
	echo more >>report
	status 1 epmwatch report -d store -o report
	status 1 epmwatch report -d store
	same out.txt report
}

@test "a full device is told once, with its name and the words of the system" {
	[ -c /dev/full ] || skip "there is no /dev/full"
	epmwatch read -q -d store "$DEMO"
	for format in text json csv; do
		full 2 "standard output" epmwatch list -d store --format $format
	done
	full 2 "standard output" epmwatch history -d store
	full 2 "standard output" epmwatch report -d store
	full 2 "/dev/full" epmwatch report -d store -o /dev/full
	full 74 "standard output" epmwatch read "$DEMO"
	full 74 "standard output" epmwatch read --events - "$DEMO"
	full 74 "/dev/full" epmwatch read --events /dev/full "$DEMO"
	full 74 "standard output" epmwatch version
}

@test "standard files that are closed are errors, not other files" {
	got=0
	"$EPMWATCH" read - <&- 2>err.txt || got=$?
	[ "$got" -eq 74 ]
	got=0
	"$EPMWATCH" read "$DEMO" >&- 2>err.txt || got=$?
	[ "$got" -eq 74 ]
	"$EPMWATCH" read -d store "$DEMO" 2>&-
	[ "$(sqlite3 store 'pragma integrity_check')" = ok ]
}

@test "a folder without captures is not found, and hidden files are none" {
	mkdir day
	status 66 epmwatch read -d store day
	one_line day
	[ ! -e store ]
	cp "$DEMO" day/.copying.pcap
	status 66 epmwatch read day
	cp "$DEMO" day/a.pcap
	status 0 epmwatch read -d store day
	[[ $err == *"captures 1,"* ]]
}

@test "a store that is deleted or replaced while it is written is an error that names it" {
	epmwatch read -q -d other "$DEMO"
	for way in "rm store" "mv store away" "mv other store"; do
		rm -f store store-*
		mkfifo pipe
		"$EPMWATCH" read -q -d store - <pipe >out.txt 2>err.txt &
		reader=$!
		exec 7>pipe
		head -c 100000 "$DEMO" >&7
		until_so being_written store
		$way
		# It may have seen that already, and have closed its end of the pipe.
		tail -c +100001 "$DEMO" >&7 2>/dev/null || true
		exec 7>&-
		got=0
		wait $reader || got=$?
		rm pipe
		err=$(cat err.txt)
		[ "$got" -eq 74 ] || { echo "$way: exit status $got: $err"; return 1; }
		one_line store while
	done
}

@test "a capture that was read before is said to be, unless quiet" {
	epmwatch read -q -d store "$DEMO"
	status 0 epmwatch read -d store "$DEMO"
	[[ $err == *"$DEMO: read before, nothing new"* ]]
	status 0 epmwatch read -q -d store "$DEMO"
	[ -z "$err" ]
}

@test "another sensor and another realm read the same capture for themselves" {
	epmwatch read -q -d store --sensor one "$DEMO"
	status 0 epmwatch read -d store --sensor two "$DEMO"
	[[ $err != *"read before"* ]]
	status 0 epmwatch read -d store --sensor two --realm branch "$DEMO"
	[ "$(sqlite3 store 'select count(distinct n) from (select count(*) n from endpoints group by sensor, realm)')" = 1 ]
	[ "$(sqlite3 store 'select count(*) from scope')" = 3 ]
}

@test "an interface, a sensor or a realm that nobody knows is an error" {
	epmwatch read -q -d store --sensor one "$DEMO"
	epmwatch read -q -d store --sensor two --realm branch "$DEMO"
	status 2 epmwatch list -d store --interface nosuch
	one_line nosuch
	status 2 epmwatch list -d store --sensor three
	one_line three
	status 2 epmwatch history -d store --realm nowhere
	one_line nowhere
	status 2 epmwatch list -d store --sensor one --realm branch
	one_line one branch
	epmwatch list -d store --sensor two --realm branch --interface NSPI >rows || [ $? -eq 1 ]
	grep -q nspi rows
}

@test "a period that ends before it begins is an error; one beyond all times is all" {
	epmwatch read -q -d store "$DEMO"
	for verb in list history report; do
		status 2 epmwatch $verb -d store --since 2021-01-01 --until 2020-01-01
		one_line since until
	done
	status 1 epmwatch history -d store
	mv out.txt all
	status 1 epmwatch history -d store --since 0001-01-01 --until 9999-12-31
	same all out.txt
	status 0 epmwatch history -d store --until 1970-01-01
	[ -z "$out" ]
}
