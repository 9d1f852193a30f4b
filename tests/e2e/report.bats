#!/usr/bin/env bats
# report.bats - reports for machines and by mail: what is written where, what is refused, and that it is the same each time.
# shellcheck disable=SC2154 # out and err come from status()

load common.bash

CHECK=$TOP_SRCDIR/tests/e2e/check-report

# stored: a store of the demonstration.
stored() {
	cp "$DEMO" demo.pcap
	epmwatch read -q --sensor here -d store demo.pcap
}

# mailer NAME [COMMAND]: a program that keeps what sendmail would get, and then does as it is told.
mailer() {
	{
		echo '#!/bin/sh'
		printf '%s\n' 'printf "%s\n" "$@" >arguments.txt'
		echo "${2:-cat >message.txt}"
	} >"$1"
	chmod +x "$1"
}

@test "a report as JSON follows its schema, and CSV has the same rows" {
	stored
	status 1 epmwatch report -d store --format json -o report.json
	status 1 epmwatch report -d store --format csv -o tables
	"$PYTHON3" "$CHECK" tables "$TOP_SRCDIR/doc/report.schema.json" report.json tables
	[ "$(stat -c %a report.json tables tables/findings.csv | sort -u | tr '\n' ' ')" = "640 750 " ]
}

@test "hostile names are inert in JSON and in CSV" {
	capture hostile-names
	epmwatch read -q --sensor here -d store hostile-names.pcap
	epmwatch report -d store --format json -o report.json || true
	epmwatch report -d store --format csv -o tables || true
	"$PYTHON3" "$CHECK" tables "$TOP_SRCDIR/doc/report.schema.json" report.json tables
	"$PYTHON3" "$CHECK" inert report.json tables
}

@test "every format is the same each time, in any language and time zone" {
	stored
	mailer mailer
	for format in text markdown html json; do
		LC_ALL=C TZ=UTC status 1 epmwatch report -d store --format $format -o first.$format
		LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo status 1 epmwatch report -d store --format $format -o second.$format
		same first.$format second.$format
	done
	LC_ALL=C TZ=UTC status 1 epmwatch report -d store --format csv -o first
	LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo status 1 epmwatch report -d store --format csv -o second
	diff -r first second
	LC_ALL=C TZ=UTC status 1 epmwatch report -d store --mail root -o first.mail
	LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo status 1 epmwatch report -d store --mail root -o second.mail
	same first.mail second.mail
}

@test "one table alone goes to standard output" {
	stored
	status 1 epmwatch report -d store --format csv --section findings
	[ "$(head -c 13 out.txt)" = "sensor,realm," ]
	status 1 epmwatch report -d store --format json --section fleet
	"$PYTHON3" -c 'import json; assert len(json.load(open("out.txt"))) == 2'
	status 2 epmwatch report -d store --format json --section fleets
	one_line "fleets" "findings"
	status 2 epmwatch report -d store --section fleet
	one_line "--section" "json"
}

@test "a report of many tables wants a folder, and nobody else's files are touched" {
	stored
	status 2 epmwatch report -d store --format csv
	one_line "-o FOLDER" "--section NAME"
	[ ! -s out.txt ]
	mkdir mine
	echo precious >mine/closed.csv
	status 2 epmwatch report -d store --format csv -o mine
	one_line "mine/closed.csv" "there already"
	[ "$(cat mine/closed.csv)" = precious ]
	[ "$(ls -A mine)" = closed.csv ]
	echo precious >file
	status 2 epmwatch report -d store --format csv -o file
	one_line "file" "no folder"
	[ "$(cat file)" = precious ]
	rm mine/closed.csv
	echo other >mine/other.txt
	status 1 epmwatch report -d store --format csv -o mine
	[ -s mine/findings.csv ] && [ "$(cat mine/other.txt)" = other ]
	[ -z "$(find mine -name '*.csv.*')" ]
	status 2 epmwatch report -d store --format csv -o nowhere/tables
	one_line "nowhere/tables"
	ln -s /nowhere/at/all mine2
	status 2 epmwatch report -d store --format csv -o mine2
}

@test "a store is not overwritten by a table of that name" {
	stored
	mkdir tables
	mv store tables/findings.csv
	status 2 epmwatch report -d tables/findings.csv --format csv -o tables
	epmwatch db check -q -d tables/findings.csv
}

@test "a mail has the report as text and as HTML" {
	stored
	mailer mailer
	status 1 epmwatch report -d store --mail root --mail admin@site.example --from epmwatch@site.example \
		--subject-prefix '[größer]' --sendmail ./mailer
	[ ! -s out.txt ] && [ ! -s err.txt ]
	[ "$(tr '\n' ' ' <arguments.txt)" = "-oi -t " ]
	epmwatch report -d store >report.text || true
	epmwatch report -d store --format html >report.html || true
	"$PYTHON3" "$CHECK" mail message.txt report.text report.html "epmwatch@site.example" "root, admin@site.example" \
		"[größer] $(head -c 10 report.text)"
	status 1 epmwatch report -d store --mail root --mail admin@site.example --from epmwatch@site.example \
		--subject-prefix '[größer]' -o spooled.mail
	same message.txt spooled.mail
	[ "$(stat -c %a spooled.mail)" = 640 ]
}

@test "sendmail is found in PATH" {
	stored
	mkdir bin
	mailer bin/sendmail
	PATH=$PWD/bin:$PATH status 1 epmwatch report -d store --mail root
	[ -s message.txt ]
	status 2 epmwatch report -d store --mail root --sendmail ./nowhere
	one_line "./nowhere" "--sendmail"
}

@test "nothing found is no mail, unless always is said" {
	mailer mailer
	capture map-ndr
	epmwatch read -q --sensor here -d quiet map-ndr.pcap
	status 0 epmwatch report -d quiet --mail root --sendmail ./mailer
	[ ! -e message.txt ]
	status 0 epmwatch report -d quiet --mail root -o spooled.mail
	[ ! -e spooled.mail ]
	status 0 epmwatch report -d quiet --mail root --always --sendmail ./mailer
	grep -q '^Subject: ' message.txt
}

@test "a mailer that fails is told" {
	stored
	mailer mailer 'cat >/dev/null; exit 75'
	status 2 epmwatch report -d store --mail root --sendmail ./mailer
	one_line "mailer" "75"
	mailer mailer 'kill -9 $$'
	status 2 epmwatch report -d store --mail root --sendmail ./mailer
	one_line "mailer" "signal 9"
	mailer mailer
	mv mailer plain && chmod -x plain
	status 2 epmwatch report -d store --mail root --sendmail ./plain
	one_line "./plain"
}

@test "what would be more than an address is refused" {
	stored
	for address in '' '-bs' $'a@b\nBcc: c@d' 'a@b,c@d' 'x <a@b>' 'ä@b'; do
		status 2 epmwatch report -d store --mail "$address" --sendmail ./mailer
		status 2 epmwatch report -d store --mail root --from "$address" --sendmail ./mailer
	done
	status 2 epmwatch report -d store --always
	one_line "--mail"
	status 2 epmwatch report -d store --mail root --format json
	one_line "--format"
	status 2 epmwatch report -d store --mail root --subject-prefix "$(printf 'x%.0s' {1..200})"
}

@test "a prefix cannot become a header" {
	stored
	mailer mailer
	status 1 epmwatch report -d store --mail root --subject-prefix $'x\r\nBcc: evil@there\r\n\r\nbody' --sendmail ./mailer
	not grep -q '^Bcc' message.txt
	"$PYTHON3" - <<-'END'
		import email, email.policy
		m = email.message_from_binary_file(open("message.txt", "rb"), policy=email.policy.default)
		assert m.keys() == ["To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type"], m.keys()
		assert "Bcc: evil@there" in m["Subject"] and m["Subject"].isprintable()
	END
}

@test "a report that cannot be written leaves what was there" {
	stored
	mkdir full
	may_mount
	echo before >old.json
	unshare -m bash -c "
		mount -t tmpfs -o size=16k none full && cp old.json full/report.json || exit 1
		'$EPMWATCH' report -d store --format json -o full/report.json 2>err.txt; [ \$? = 2 ] || exit 1
		[ \"\$(cat full/report.json)\" = before ] && [ \"\$(ls -A full)\" = report.json ] || exit 1
		'$EPMWATCH' report -d store --format csv -o full/tables 2>>err.txt; [ \$? = 2 ] || exit 1
		[ \"\$(ls -A full)\" = report.json ] || exit 1
		mkdir full/mine && touch full/mine/other.txt || exit 1
		'$EPMWATCH' report -d store --format csv -o full/mine 2>>err.txt; [ \$? = 2 ] || exit 1
		[ \"\$(ls -A full/mine)\" = other.txt ]"
}

@test "names for hosts come from a file" {
	stored
	server=$(epmwatch list -d store --format json | "$PYTHON3" -c 'import json, sys; print(next(r["server"] for r in json.load(sys.stdin) if "host" not in r))')
	printf '# ours\n%s\tmail1 alias\n10.9.9.9 \033[2Jx\n' "$server" >hosts
	for verb in list history changes alerts; do
		epmwatch $verb -d store --hosts hosts --format json >out.json || true
		"$PYTHON3" - "$server" <<-'END'
			import json, sys
			rows = [r for r in json.load(open("out.json")) if r.get("server") == sys.argv[1]]
			assert rows and all(r["host"] == "mail1" for r in rows), rows[:1]
		END
	done
	epmwatch report -d store --hosts hosts >report.text || true
	grep -q "$server (mail1)" report.text
	id=$(epmwatch changes -d store --server "$server" --format json | "$PYTHON3" -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])')
	status 0 epmwatch explain -d store --hosts hosts "$id"
	[[ $out == *"$server (mail1)"* ]]
	client=$(epmwatch sessions -d store --format json | "$PYTHON3" -c 'import json, sys; print(json.load(sys.stdin)[0]["client"])')
	echo "$client pc5" >hosts
	epmwatch sessions -d store --hosts hosts >sessions.txt || true
	grep -q "^$client  *pc5 " sessions.txt
	not grep -q "CLIENT HOST" <(epmwatch sessions -d store)
	printf '10.1.1.1 a\nhost 10.1.1.2\n' >hosts
	status 2 epmwatch list -d store --hosts hosts
	one_line "hosts:2:"
	status 2 epmwatch list -d store --hosts nowhere
	one_line "nowhere"
	epmwatch list -d store --hosts /dev/null >/dev/null || [ $? = 1 ]
}

# on_terminal COMMAND...: its standard output is a terminal; what it writes there, without returns, in terminal.txt.
on_terminal() {
	"$PYTHON3" - "$@" <<-'END'
		import os, subprocess, sys
		master, slave = os.openpty()
		program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=slave)
		os.close(slave)
		got = b""
		try:
		    while data := os.read(master, 65536):
		        got += data
		except OSError:  # nobody writes there any more
		    pass
		program.wait()
		open("terminal.txt", "wb").write(got.replace(b"\r\n", b"\n"))
	END
}

@test "lists have colours on a terminal only, and only where a rule is broken" {
	stored
	export TERM=xterm
	unset NO_COLOR
	epmwatch alerts -d store >plain.txt || true
	not grep -q $'\033' plain.txt
	epmwatch alerts -d store --color always >colour.txt || true
	grep -q $'\033\\[31mhigh\033\\[0m' colour.txt
	sed $'s/\033\\[[0-9;]*m//g' colour.txt | cmp - plain.txt
	not grep -q $'\033' <(head -1 colour.txt)
	epmwatch list -d store --color=always >colour.txt || true
	grep -q $'\033\\[31mEPM-001,EPM-008\033\\[0m' colour.txt
	not grep -q $'\033\\[[0-9]*mok' colour.txt
	epmwatch list -d store --color=always --format csv >colour.txt || true
	not grep -q $'\033' colour.txt
	epmwatch report -d store --color=always >colour.txt || true
	grep -q $'\033' colour.txt
	on_terminal "$EPMWATCH" list -d store
	grep -q $'\033' terminal.txt
	on_terminal "$EPMWATCH" list -d store --color never
	not grep -q $'\033' terminal.txt
	NO_COLOR=1 on_terminal "$EPMWATCH" list -d store
	not grep -q $'\033' terminal.txt
	TERM=dumb on_terminal "$EPMWATCH" list -d store
	not grep -q $'\033' terminal.txt
	status 2 epmwatch list -d store --color sometimes
}

@test "read ends with a report that has the colours and the names that are asked for" {
	printf '192.0.2.11\tmailone.example\n10.1.0.11 mailone.example\n' >hosts
	epmwatch read -q "$DEMO" >plain
	epmwatch read -q --hosts hosts "$DEMO" >named
	epmwatch read -q --color always "$DEMO" >coloured
	! grep -q 'mailone' plain
	grep -q 'mailone.example' named
	sed 's/\x1b\[[0-9;]*m//g' coloured | diff plain -
	! cmp -s plain coloured
}

@test "a policy with own names of interfaces wants them again, and says so" {
	printf '0a0b0c0d-1234-abcd-ef00-0123456789ab\tour_service\n' >own.tsv
	printf 'version: 1\ninterfaces:\n  ours: [our_service]\nrules:\n  - servers: any\n    interfaces: ours\n    deny: true\n' >own.yaml
	epmwatch read -q -d store --uuids own.tsv -c own.yaml "$DEMO"
	status 2 epmwatch report -d store
	grep -q -e '--uuids' <<<"$err"
	status 1 epmwatch report -d store --uuids own.tsv
}
