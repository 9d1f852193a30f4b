/* test_unreachable.c - what ICMP quotes. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "dissect/unreachable.h"
#include "tests/unit/wire.h"

static struct wire
quote(bool v6, size_t len, size_t quoted)
{
	struct wire w;

	w.len = 0;
	if (v6)
		wire_ipv6(&w, IPPROTO_UDP, 4, 9, 8 + len);
	else
		wire_ipv4(&w, IPPROTO_UDP, 4, 9, 8 + len);
	wire_udp(&w, 2571, 1054, len);
	for (size_t i = 0; i < quoted; i++)
		wire_u8(&w, (unsigned)i + 1);
	return w;
}

/* In memory of its exact size, so that a sanitizer sees a read past it. */
static int
parse(const struct wire *w, size_t len, bool v6, struct unreachable *out)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, w->data, len);
	err = unreachable_parse(copy, len, v6, out);
	if (err == ERR_OK && out->payload_len > 0) {
		assert_int_equal(out->payload[0], 1);
		assert_int_equal(out->payload[out->payload_len - 1], out->payload_len);
	}
	free(copy);
	return err;
}

static void
test_a_datagram_is_read(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct wire w = quote(v6, 8, 8);
		struct unreachable u;

		assert_int_equal(parse(&w, w.len, v6, &u), ERR_OK);
		assert_int_equal(u.src.b[15], 4);
		assert_int_equal(u.dst.b[15], 9);
		assert_int_equal(addr_is_v4(&u.src), !v6);
		assert_int_equal(u.sport, 2571);
		assert_int_equal(u.dport, 1054);
		assert_int_equal(u.payload_wire, 8);
		assert_int_equal(u.payload_len, 8);
	}
}

static void
test_what_is_cut_is_read_as_far_as_it_goes(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct wire w = quote(v6, 8, 8);
		size_t headers = v6 ? 48 : 28;

		for (size_t len = 0; len < w.len; len++) {
			struct unreachable u;

			if (len < headers) {
				assert_int_equal(parse(&w, len, v6, &u), ERR_TRUNC);
				continue;
			}
			assert_int_equal(parse(&w, len, v6, &u), ERR_OK);
			assert_int_equal(u.payload_len, len - headers);
			assert_int_equal(u.payload_wire, 8);
		}
	}
}

static void
test_what_follows_the_datagram_is_none_of_it(void **state)
{
	struct wire w = quote(false, 8, 8);
	struct unreachable u;

	(void)state;
	wire_zeros(&w, 100);
	assert_int_equal(parse(&w, w.len, false, &u), ERR_OK);
	assert_int_equal(u.payload_len, 8);
}

static void
test_other_packets_are_none(void **state)
{
	struct wire w = quote(false, 8, 8);
	struct unreachable u;

	(void)state;
	assert_int_equal(parse(&w, w.len, true, &u), ERR_TRUNC);
	wire_zeros(&w, 40);
	assert_int_equal(parse(&w, w.len, true, &u), ERR_MALFORMED);
	w = quote(true, 8, 8);
	assert_int_equal(parse(&w, w.len, false, &u), ERR_MALFORMED);
	w = quote(false, 8, 8);
	w.data[9] = IPPROTO_TCP;
	assert_int_equal(parse(&w, w.len, false, &u), ERR_MALFORMED);
	w = quote(false, 8, 8);
	w.data[7] = 1; /* a later fragment */
	assert_int_equal(parse(&w, w.len, false, &u), ERR_MALFORMED);
	w = quote(false, 8, 8);
	w.data[25] = 7; /* less than UDP's header */
	assert_int_equal(parse(&w, w.len, false, &u), ERR_MALFORMED);
}

static void
test_any_octet_may_be_any(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		for (size_t at = 0; at < 56; at++) {
			for (unsigned value = 0; value < 256; value++) {
				struct wire w = quote(v6, 8, 8);
				struct unreachable u;

				w.data[at % w.len] = (uint8_t)value;
				if (unreachable_parse(w.data, w.len, v6, &u) == ERR_OK) {
					assert_true(u.payload_len <= u.payload_wire);
					assert_true(u.payload + u.payload_len <= w.data + w.len);
				}
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_datagram_is_read),
	    cmocka_unit_test(test_what_is_cut_is_read_as_far_as_it_goes),
	    cmocka_unit_test(test_what_follows_the_datagram_is_none_of_it),
	    cmocka_unit_test(test_other_packets_are_none),
	    cmocka_unit_test(test_any_octet_may_be_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
