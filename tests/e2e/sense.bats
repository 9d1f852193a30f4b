#!/usr/bin/env bats
# Watching interfaces: what comes by is found, kept and told. Needs root.

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

@test "what comes by is what reading the capture finds" {
	in_net '
		sense_start -i tap1 -d live.db --events live.json --event-types all
		play "$DEMO"
		sense_stop 0
	'
	events live.json | sort >live.events
	verdicts live.db >live.verdicts
	same read.events live.events
	same read.verdicts live.verdicts
	[ "$(grep -c '"in_iface":"tap1"' live.json)" -gt 300 ]
	not grep -q pcap_ live.json
	grep -q 'watching tap1 with 1 worker, kept in live.db; memory 256 MiB: rings ' sense.err
	grep -q 'answers 157, binds 179, new 29, additional 0, moved 1, returned 0, alerts 5; kept in live.db' sense.err
	[ "$(wc -l <sense.err)" -eq 2 ]
}

@test "the kernel's filter hides nothing, untagged, tagged and doubly tagged" {
	for tags in "" "-v 100" "-v 88a8:100 -v 200"; do
		for filter in "" --no-prefilter; do
			rm -f live.*
			TAGS=$tags FILTER=$filter in_net '
				sense_start -i tap1 -d live.db --events live.json --event-types all $FILTER
				play "$DEMO" $TAGS
				sense_stop 0
			'
			echo "tags: $tags filter: $filter"
			events live.json | sort >live.events
			same read.events live.events
			[ -z "$tags" ] || grep -q '"vlan":\[100' live.json
		done
	done
}

@test "conversations of every kind are found as in their captures" {
	names="map-ndr64 lookup-pages rpc-fragments out-of-order lost-segments server-side-only client-side-only port-reuse ip6
		tunnels-each tunnels-deep tunnels-six ip-fragments"
	for name in $(printf '%s\n' $names | sampled 3); do
		capture $name
		epmwatch read -q -d $name.db --events $name.json $name.pcap
		rm -f live.*
		NAME=$name in_net '
			sense_start -i tap1 -d live.db --events live.json --event-types all
			play $NAME.pcap
			sense_stop 0
		'
		echo "# $name"
		events $name.json | sort >one
		events live.json | sort >two
		same one two
		diff <(verdicts $name.db) <(verdicts live.db)
	done
}

@test "the filter keeps packets out, and --no-prefilter does not" {
	in_net '
		sense_start -i tap1 -d live.db
		play "$DEMO"
		sense_stop 0
	'
	filtered=$(sed -n 's/.*: packets \([0-9]*\),.*/\1/p' sense.err)
	in_net '
		sense_start -i tap1 -d live.db --no-prefilter
		play "$DEMO"
		sense_stop 0
	'
	[ "$(sed -n 's/.*: packets \([0-9]*\),.*/\1/p' sense.err)" -eq 2234 ]
	[ "$filtered" -gt 1000 ]
	[ "$filtered" -lt 2234 ]
}

@test "two directions of a tap on two interfaces are as good as the whole" {
	capture tap-a
	capture tap-b
	epmwatch read -q -d taps.db --events taps.json tap-a.pcap tap-b.pcap
	in_net '
		sense_start -i tap1 -i tap2 -d live.db --events live.json --event-types all
		"$PYTHON3" "$TOP_SRCDIR/tests/gen/mirror" wire1 tap-a.pcap wire2 tap-b.pcap
		sense_stop 0
	'
	events taps.json | sort >one
	events live.json | sort >two
	same one two
	verdicts taps.db >one
	verdicts live.db >two
	same one two
	grep -q '"in_iface":"tap1"' live.json
	grep -q '"in_iface":"tap2"' live.json
	grep -q 'watching tap1, tap2 with 1 worker' sense.err
}

@test "equal addresses of several networks are kept apart, whatever the order of the rules" {
	capture two-realms
	rules="--realm-of vlan=10:north --realm-of vlan=20:south --realm-of vni=5000:east --realm-of vni=5001:west"
	other="--realm-of vni=5001:west --realm-of vni=5000:east --realm-of vlan=20:south --realm-of vlan=10:north"
	epmwatch read -q -d one.db --events one.json $rules two-realms.pcap
	epmwatch read -q -d other.db --events other.json $other two-realms.pcap
	diff <(grep -v '"stats"' one.json) <(grep -v '"stats"' other.json)
	RULES=$rules in_net '
		sense_start -i tap1 -d live.db --events live.json --event-types all $RULES
		play two-realms.pcap
		sense_stop 0
	'
	events one.json | sort >one
	events live.json | sort >two
	same one two
	for realm in north south east west; do
		[ "$(grep -c "\"event_type\":\"epm\".*\"realm\":\"$realm\"" live.json)" -eq 1 ]
		[ "$("$EPMWATCH" list -d live.db --realm $realm --format csv | grep -c 12345778-1234-abcd-ef00-0123456789ac)" -eq 1 ]
	done
}

@test "several workers share an interface and find the same" {
	for workers in 2 3; do
		rm -f live.*
		WORKERS=$workers in_net '
			sense_start -i tap1 -d live.db --workers $WORKERS --events live.json --event-types all
			play "$DEMO"
			sense_stop 0
		'
		events live.json | sort >live.events
		verdicts live.db >live.verdicts
		same read.events live.events
		same read.verdicts live.verdicts
		grep '"stats"' live.json | grep -q "\"workers\":$workers,"
	done
}

@test "by default it tells what matters; --event-types says what" {
	in_net '
		sense_start -i tap1 -d live.db --events live.json
		play "$DEMO"
		sense_stop 0
	'
	[ "$(grep -o '"event_type":"[a-z]*"' live.json | sort -u | tr -d '\n')" = '"event_type":"alert""event_type":"change""event_type":"stats"' ]
	rm live.*
	in_net '
		sense_start -i tap1 -d live.db --events live.json --event-types epm,stats
		play "$DEMO"
		sense_stop 0
	'
	[ "$(grep -o '"event_type":"[a-z]*"' live.json | sort -u | tr -d '\n')" = '"event_type":"epm""event_type":"stats"' ]
}

@test "numbers come at the interval, follow the schema and add up" {
	in_net '
		sense_start -i tap1 -d live.db --events live.json --event-types all --stats-interval 1 --memory 64M --no-prefilter
		play "$DEMO"
		sleep 2.2
		sense_stop 0
	'
	"$PYTHON3" - "$TOP_SRCDIR/doc/events.schema.json" <<-'END'
		import datetime, json, sys
		events = [json.loads(l) for l in open("live.json")]
		stats = [e["stats"] for e in events if e["event_type"] == "stats"]
		assert len(stats) >= 3, len(stats)
		times = [datetime.datetime.fromisoformat(e["timestamp"][:19]) for e in events if e["event_type"] == "stats"]
		assert (times[-1] - times[0]).total_seconds() >= len(times) - 3, times
		last = stats[-1]
		assert last["packets"] == 2234 and last["events"]["written"] == len(events) - 1, last
		assert not any(last["dropped"].values()), last
		memory = dict(last["memory"])
		used, cap = memory.pop("used"), memory.pop("cap")
		assert cap == 64 << 20 and sum(memory.values()) == cap and memory["rings"] < used < cap, last
		try:
		    import jsonschema
		except ImportError:
		    sys.exit(0)
		schema = json.load(open(sys.argv[1]))
		checker = jsonschema.validators.validator_for(schema)(schema)
		for e in events:
		    checker.validate(e)
	END
}

@test "SIGHUP reads the policy again: a good one holds from then on, a bad one is refused whole" {
	printf 'version: 1\ndynamic: 49152-65535\n' >p.yaml
	in_net '
		sense_start -i tap1 -d live.db --events live.json -c p.yaml
		printf "version: 1\ndynamic: nowhere\n" >p.yaml
		kill -HUP "$sense"
		said "policy p.yaml is not taken: what held before does"
		printf "version: 1\ndynamic: 1024-65535\nrules:\n  - {servers: any, interfaces: nspi, allowed: [6004, 56004]}\n" >p.yaml
		kill -HUP "$sense"
		said "policy p.yaml was read again"
		play "$DEMO"
		kill -HUP "$sense"
		kill -HUP "$sense"
		sense_stop 0
	'
	grep -q 'p.yaml:2:10: expected' sense.err
	# nothing is out of that range, by the sensor as by the store, which keeps the policy that held last
	not grep -q '"rule":"EPM-001"' live.json
	grep -q '"rule":"EPM-00' live.json
	[ "$(sqlite3 -readonly live.db "select text like '%1024-65535%' from policy")" = 1 ]
	rm p.yaml
	status 1 epmwatch report -d live.db
	[[ $out == *"Policy    p.yaml"* ]]
}

@test "SIGHUP holds for what was seen before, too" {
	days "$DEMO" day
	"$EPMWATCH" read -q --events one.json --event-types all day1.pcap
	printf 'version: 1\ndynamic: 1024-65535\nrules:\n  - {servers: any, interfaces: nspi, allowed: [6004, 56004]}\n' >p.yaml
	in_net '
		told() { grep -q "\"rule\":\"EPM-001\"" live.json; }
		taken() { [ "$(events live.json | wc -l)" -ge "$1" ]; }
		sense_start -i tap1 -d live.db --events live.json --event-types all -c p.yaml
		play day1.pcap
		until_so taken "$(events one.json | wc -l)"
		not told
		printf "version: 1\ndynamic: 65000-65535\n" >p.yaml
		kill -HUP "$sense"
		said "policy p.yaml was read again"
		not told
		play day2.pcap
		sense_stop 0
	'
	# each endpoint that is seen from now on, as by a run that had no other policy
	"$EPMWATCH" read -q --events strict.json -c p.yaml day2.pcap
	for run in strict live; do
		grep '"rule":"EPM-001"' $run.json | grep -o '"server":"[^"]*","interface":"[^"]*"' | sort -u >$run.told
	done
	same strict.told live.told
}

@test "SIGHUP ends no run that goes by a shipped policy" {
	in_net '
		sense_start -i tap1 -d live.db
		kill -HUP "$sense"
		said "policy windows-default was read again"
		sense_stop 0
	'
}
