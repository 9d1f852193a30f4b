#!/usr/bin/env bats
# Policies: refused with the place, shown, suggested, and what they make of a capture.

load common

site() {
	cat >site.yaml <<-'END'
	version: 1
	servers:
	  exchange: [192.0.2.10]
	rules:
	  - servers: exchange
	    interfaces: exchange-store
	    static: 56001
	    allowed: [56000-56099]
	  - servers: exchange
	    interfaces: exchange-nspi
	    deny: true
	END
}

@test "init prints an example that check understands, and never overwrites" {
	status 0 epmwatch policy init
	grep -q '^version: 1$' out.txt
	status 0 epmwatch policy init -o mine.yaml
	status 0 epmwatch policy check mine.yaml
	[[ $out == *"branch            20000-24999, 5000 ports"* ]]
	[[ $out == *"pinned to 56001"* ]]
	echo mine >mine.yaml
	status 64 epmwatch policy init -o mine.yaml
	[ "$(cat mine.yaml)" = mine ]
}

@test "check says FILE:LINE:COLUMN, what was expected and what was there, and exits with 78" {
	printf 'version: 1\nrules:\n  - servers: any\n    interfaces: netlogon\n    static: 70000\n' >bad.yaml
	status 78 epmwatch policy check bad.yaml
	[[ $err == *"bad.yaml:5:13: expected ports from 1 to 65535, was \`70000'"* ]]
	[ -z "$out" ]
	status 66 epmwatch policy check no-such-file.yaml
	status 64 epmwatch policy check
	status 64 epmwatch policy chek bad.yaml
	[[ $err == *check* ]]
}

@test "one bad policy among good ones is 78" {
	site
	echo 'version: 2' >bad.yaml
	status 78 epmwatch policy check -q site.yaml bad.yaml ad-static
	[[ $err == *bad.yaml:1:10:* ]]
	[ -z "$out" ]
}

@test "a bad policy is refused before anything is read or written" {
	echo 'rules: []' >bad.yaml
	status 78 epmwatch read -c bad.yaml -d store --events events.json "$DEMO"
	[[ $err == *"bad.yaml:1:1: expected the key \`version'"* ]]
	[ ! -e store ]
	[ ! -e events.json ]
	epmwatch read -q -d store "$DEMO"
	dump store >before
	status 2 epmwatch list -d store -c bad.yaml
	status 2 epmwatch report -d store -c bad.yaml
	dump store | cmp - before
}

@test "every shipped policy is understood and can be used by name" {
	for name in windows-default ad-static exchange-2007-static exchange-2010-static; do
		status 0 epmwatch policy check "$name"
		status 0 epmwatch policy show -c "$name"
		cp out.txt copy.yaml
		status 0 epmwatch policy check copy.yaml
		status 0 epmwatch read -q -c "$name" -d "$name.store" "$DEMO"
	done
}

@test "the store keeps the policy, and list and report judge by it unless another is named" {
	site
	status 0 epmwatch read -q -c site.yaml -d store "$DEMO"
	cp site.yaml kept
	rm site.yaml
	status 0 epmwatch policy show -d store
	cmp out.txt kept
	status 1 epmwatch list -d store --format csv
	grep '49731' out.txt | grep -q 'EPM-001'
	status 1 epmwatch report -d store
	[[ $out == *"56000-56099"* || $out == *"56001 (pinned)"* ]]
	status 1 epmwatch list -d store --format csv -c windows-default
	not grep -q '49731.*EPM-001' out.txt
}

@test "without a policy the default one is shown, and it is the one that a store keeps" {
	status 0 epmwatch policy show
	cp out.txt default
	grep -q '^dynamic: windows-2008$' default
	epmwatch read -q -d store "$DEMO"
	status 0 epmwatch policy show -d store
	cmp out.txt default
}

@test "realms of a policy hold, and an option outranks them" {
	capture two-realms
	printf 'version: 1\nrealms:\n  - vlan: 10\n    realm: north\n  - vlan: 20\n    realm: south\n' >realms.yaml
	epmwatch read -q -c realms.yaml -d store two-realms.pcap
	epmwatch list -d store --format csv -c windows-default >rows || true
	grep -q ',north,' rows
	grep -q ',south,' rows
	epmwatch read -q -c realms.yaml --realm-of vlan=10:west -d other two-realms.pcap
	epmwatch list -d other --format csv -c windows-default >rows || true
	grep -q ',west,' rows
	not grep -q ',north,' rows
	status 64 epmwatch read -q -c realms.yaml --realm north two-realms.pcap
}

@test "what is suggested is understood, and judges as little as the default" {
	epmwatch read -q -d store "$DEMO"
	status 0 epmwatch policy suggest -d store -o suggested.yaml
	status 0 epmwatch policy check suggested.yaml
	status 64 epmwatch policy suggest -d store -o suggested.yaml
	status 64 epmwatch policy suggest
	status 0 epmwatch policy suggest -d store
	cmp out.txt suggested.yaml
}

@test "names with quotes, newlines and escapes are told harmlessly" {
	printf 'version: 1\nservers:\n  "a\\e[31mb": 10.0.0.1\n' >escape.yaml
	status 78 epmwatch policy check escape.yaml
	[[ $err == *escape.yaml:3:3:* ]]
	not grep -q $'\e' err.txt
	printf 'version: 1\nservers:\n  "it'"''"'s \\"x\\"; --": 10.0.0.1\nsuppress:\n  - rule: EPM-004\n    reason: "a\\nb\\e[1mc"\n' >odd.yaml
	status 0 epmwatch policy check odd.yaml
	not grep -q $'\e' out.txt
	mv odd.yaml $'new\nline\e.yaml'
	echo 'x: 1' >>$'new\nline\e.yaml'
	status 78 epmwatch policy check $'new\nline\e.yaml'
	not grep -q $'\e' err.txt
}
