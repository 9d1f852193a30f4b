#!/usr/bin/env bats
# What is not DCE/RPC, on interfaces: ports that others have taken over, and new-mail datagrams. Needs root.

load live

setup() {
	[ -x "$EPMWATCH" ] || { echo "there is no $EPMWATCH"; return 1; }
	cd "$BATS_TEST_TMPDIR" || exit 1
	may_capture
}

@test "a port that was the store's yesterday and has TLS today is told, whatever the kernel's filter" {
	capture port-before
	capture port-after
	for filter in "" --no-prefilter; do
		rm -f live.*
		"$EPMWATCH" read -q -d live.db port-before.pcap
		FILTER=$filter in_net '
			sense_start -i tap1 -d live.db --events live.json $FILTER
			play port-after.pcap
			sense_stop 0
		'
		echo "filter: $filter"
		[ "$(grep -c '"rule":"EPM-011".*"state":"open".*"server":"192.0.2.10".*"observed":"TLS"' live.json)" -eq 1 ]
		grep -q '"ndpi":{"flows":2,' live.json
	done
}

# pushes FILE: whom they go to, of those that one packet alone shows to be candidates: of up to 16 octets.
pushes() {
	grep '"event_type":"push".*"state":"open"' "$1" | grep -v '"payload_len":32' | grep -o '"client":"[^"]*","client_port":[0-9]*' | sort -u
}

@test "new-mail datagrams are told, whatever the kernel's filter" {
	capture registrations
	"$EPMWATCH" read -q --events read.json registrations.pcap >/dev/null
	pushes read.json >read.pushes
	[ "$(wc -l <read.pushes)" -eq 10 ]
	for filter in "" --no-prefilter; do
		rm -f live.*
		FILTER=$filter in_net '
			sense_start -i tap1 -d live.db --events live.json $FILTER
			play registrations.pcap
			sense_stop 0
		'
		echo "filter: $filter"
		pushes live.json >live.pushes
		same read.pushes live.pushes
	done
}
