#!/usr/bin/env bats
# Threads that look ahead in captures change nothing but the time it takes; nor does the memory that is allowed.

load common

# told OPTION... CAPTURE...: the events, without what differs from run to run.
told() {
	"$EPMWATCH" read -q --events - --sensor here "$@" >told.json || return 1
	sed 's/"memory":{[^}]*}//' told.json
}

@test "any number of workers tells the same, in the same order, of every capture" {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/make-capture" --all captures
	[ "$(ls captures/*.pcap | wc -l)" -gt 40 ]
	for capture in $(printf '%s\n' captures/*.pcap | sampled 8) "$DEMO"; do
		told --workers 1 "$capture" >one
		for workers in 2 3 4; do
			told --workers $workers "$capture" >more
			same one more || { echo "$capture with $workers workers"; return 1; }
		done
	done
}

@test "nor does it matter in a capture of many blocks, or in a folder of captures" {
	"$PYTHON3" "$TOP_SRCDIR/tests/gen/repeat" "$DEMO" 60 3 >long.pcap
	mkdir folder
	capture tap-a folder/a.pcap
	capture tap-b folder/b.pcap
	cp "$DEMO" folder/c.pcap
	for what in long.pcap folder; do
		told --workers 1 -d one.db "$what" >one
		for workers in 2 3 4; do
			told --workers $workers -d more.db "$what" >more
			same one more
			diff <(contents one.db) <(contents more.db)
			rm more.db
		done
		rm one.db
	done
}

@test "a damaged capture is damaged at the same byte for all of them" {
	head -c 200000 "$DEMO" >cut.pcap
	for workers in 1 2 3 4; do
		status 65 epmwatch read -q --workers $workers --events - cut.pcap
		sed 's/"memory":{[^}]*}//' out.txt >told$workers
		cp err.txt said$workers
		same told1 told$workers
		same said1 said$workers
	done
}

@test "--event-types says what read writes" {
	told "$DEMO" >all
	for type in epm bind change alert stats; do
		told --event-types $type "$DEMO" >raw
		sed 's/"events":{[^}]*}//' raw >one
		grep "\"event_type\":\"$type\"" all | sed 's/"events":{[^}]*}//' >two
		same two one
	done
	told --event-types all "$DEMO" >one
	same all one
	told --event-types epm,bind "$DEMO" >one
	diff <(grep -e '"event_type":"epm"' -e '"event_type":"bind"' all) one
	status 64 epmwatch read --event-types epm,bnid "$DEMO"
	one_line bnid "did you mean bind"
}

@test "little memory and much tell the same of what fits into both" {
	told "$DEMO" >one
	for memory in 32M 64M 2G; do
		told --memory $memory "$DEMO" >other
		same one other
	done
	status 64 epmwatch read --memory 31M "$DEMO"
	one_line 32M
	status 0 epmwatch read -v -d store --memory 64M "$DEMO"
	[[ $err == *"memory 64 MiB: connections "* ]]
}

@test "a history that does not fit into memory is an error that says what to do" {
	[ -x "$FLOOD" ] || skip "the flood generator is not built"
	"$FLOOD" answers 60000 >flood.pcap
	got=0
	"$EPMWATCH" read -q --memory 32M flood.pcap >out.txt 2>err.txt || got=$?
	[ "$got" -eq 0 ] || { [ "$got" -eq 74 ] && grep -q -e '-d' err.txt; }
	epmwatch read -q --memory 32M -d store flood.pcap
}
