#!/usr/bin/env bats
# Compressed captures: the same captures as plain ones, by any name and any way in, and bounded however they expand.

load common

need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

@test "read plain, nothing of it is new when it comes compressed, and the other way round" {
	need zstd
	need lz4
	status 0 epmwatch read -q -d plain-first.db "$DEMO"
	contents plain-first.db >before
	gzip -c "$DEMO" >one
	zstd -q -c "$DEMO" >two
	lz4 -q -c "$DEMO" >three
	for capture in one two three; do
		status 0 epmwatch read -d plain-first.db "$capture"
		[[ $err == *"$capture: read before, nothing new"* ]]
		contents plain-first.db | cmp before -
	done
	status 0 epmwatch read -q -d packed-first.db two
	status 0 epmwatch read -d packed-first.db "$DEMO"
	[[ $err == *"read before, nothing new"* ]]
	contents packed-first.db | cmp before -
}

@test "plain and compressed in one run count once" {
	status 0 epmwatch read -q -d once.db "$DEMO"
	gzip -c "$DEMO" >copy.gz
	status 0 epmwatch read -q -d both.db copy.gz "$DEMO"
	contents once.db >once
	contents both.db | cmp once -
}

@test "a compressed capture that has grown is continued" {
	status 0 epmwatch read -q -d whole.db "$DEMO"
	gzip -c "$DEMO" >whole.gz
	head -c 40000 whole.gz >growing.gz
	status 65 epmwatch read -q -d growing.db growing.gz
	[[ $err == *"growing.gz: damaged at byte "*" of the uncompressed data: the gzip data ends early, at byte 40000 of the file" ]]
	cp whole.gz growing.gz
	status 0 epmwatch read -q -d growing.db growing.gz
	epmwatch history -d whole.db --format csv | cut -d , -f 1-8 >whole
	epmwatch history -d growing.db --format csv | cut -d , -f 1-8 | cmp whole -
}

@test "compressed captures in a folder are found by their content" {
	mkdir folder
	gzip -c "$DEMO" >folder/a.log
	gzip -c "$TOP_SRCDIR/README.md" >folder/b.pcap.gz
	status 0 epmwatch read -q -v -d folder.db folder
	status 0 epmwatch read -q -d file.db "$DEMO"
	contents file.db >file
	contents folder.db | cmp file -
}

@test "compressed standard input is read" {
	status 0 epmwatch read -q -d file.db "$DEMO"
	gzip -c "$DEMO" | "$EPMWATCH" read -q -d pipe.db -
	contents file.db >file
	contents pipe.db | cmp file -
}

@test "two layers are one too many" {
	gzip -c "$DEMO" | gzip -c >twice.pcap.gz.gz
	status 65 epmwatch read -q twice.pcap.gz.gz
	[[ $err == *"damaged at byte 0 of the uncompressed data: this is compressed twice, and only one layer is taken off" ]]
}

@test "a capture that expands beyond the limit ends there, and what came before is kept" {
	gzip -c "$DEMO" >some.gz
	status 65 epmwatch read -q --max-uncompressed 100K --events - some.gz
	[[ $err == *"some.gz: damaged at byte "*" of the uncompressed data: it expands beyond the limit of 102400 bytes" ]]
	grep -q '"event_type":"epm"' out.txt
	status 0 epmwatch read -q --max-uncompressed 1M some.gz
	status 64 epmwatch read -q --max-uncompressed nothing some.gz
	[[ $err == *"size \`nothing' is none"* ]]
}

@test "a bomb ends by itself, in little memory" {
	no_sanitizer
	need zstd
	"$PYTHON3" -c '
import sys
out, record = sys.stdout.buffer, bytes(8) + (65000).to_bytes(4, "little") * 2 + bytes(65000)
out.write(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
for _ in range(4 << 30 >> 16):
    out.write(record)
' | zstd -q -3 -c >bomb.zst
	[ "$(stat -c %s bomb.zst)" -lt 2000000 ]
	status 65 "$TOP_SRCDIR/tests/e2e/peak-memory" 32768 "$EPMWATCH" read -q bomb.zst
	[[ $err == *"of the uncompressed data: it expands to more than 1000 times its size"* ]]
}
