#!/usr/bin/env bats
# Memory under traffic that is none of our business, and under forgeries. EPMWATCH_LONG=1 sends several times as much.

load common

if [ -n "${EPMWATCH_LONG:-}" ]; then
	NOISE=50000000 BINDS=200000 ANSWERS=1000000
else
	NOISE=10000000 BINDS=20000 ANSWERS=100000
fi

# under MIB KIND PACKETS: read so many packets of that kind from a pipe within that much anonymous memory.
under() {
	no_sanitizer
	[ -z "${EPMWATCH_QUICK:-}" ] || skip "EPMWATCH_QUICK is set"
	[ -x "$FLOOD" ] || skip "the flood generator is not built"
	"$FLOOD" "$2" "$3" | "$TOP_SRCDIR/tests/e2e/peak-memory" $(($1 * 1024)) "$EPMWATCH" read -q "${@:4}" - 2>err.txt || {
		cat err.txt
		return 1
	}
}

@test "minimum-size packets of a hundred thousand connections that are not RPC: under 64 MiB" {
	under 64 noise $NOISE
}

@test "a flood of forged binds: under 256 MiB" {
	under 256 binds $BINDS
}

@test "a flood of forged endpoint mapper answers: under 256 MiB" {
	under 256 answers $ANSWERS
}

@test "a flood of forged answers into a store: under 256 MiB" {
	under 256 answers $ANSWERS -d store
}
