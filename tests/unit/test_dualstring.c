/* test_dualstring.c - DCOM's string bindings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cursor.h"
#include "dissect/dualstring.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "rpc_build.h"

enum {
	TCP = 0x07,
	PIPE = 0x0f,
};

static struct message m;
static struct obs_queue *queue;
static const struct obs_binding *binding;
static size_t count;

static void
begin(bool le)
{
	m.len = 0;
	m.le = le;
	msg_fill(&m, 0, 8); /* the counts, see end() */
}

static void
text(const char *s)
{
	for (; *s != '\0'; s++)
		msg_u16(&m, (unsigned char)*s);
	msg_u16(&m, 0);
}

static void
add(unsigned tower, const char *address)
{
	msg_u16(&m, tower);
	text(address);
}

/* Close the string bindings, and put a security binding behind them that looks like one more of them. */
static void
end(void)
{
	size_t security, entries, len;

	msg_u16(&m, 0);
	security = (m.len - 8) / 2;
	add(TCP, "EVIL[6666]");
	msg_u16(&m, 0);
	entries = (m.len - 8) / 2;
	len = m.len;
	m.len = 0;
	msg_u32(&m, (uint32_t)entries);
	msg_u16(&m, (unsigned)entries);
	msg_u16(&m, (unsigned)security);
	m.len = len;
}

/* In memory of its exact size. */
static bool
parse(size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	struct cursor c, strings;
	bool good;

	assert_non_null(copy);
	memcpy(copy, m.octets, len);
	c = cur_init(copy, len, m.le);
	obs_queue_reset(queue);
	good = dualstring_parse(&c, &strings);
	count = 0;
	binding = good ? dualstring_bindings(&strings, queue, &count) : NULL;
	free(copy);
	assert_true(good || !cur_ok(&c));
	return good;
}

static void
read_one(unsigned tower, const char *address)
{
	begin(true);
	add(tower, address);
	end();
	assert_true(parse(m.len));
}

static void
assert_host(const struct obs_binding *b, const char *expected)
{
	char got[ADDR_TEXT];

	assert_true(b->host_known);
	assert_null(b->host_name);
	assert_string_equal(addr_format(&b->host, got), expected);
}

static void
test_names_addresses_and_ports(void **state)
{
	(void)state;
	for (int le = 0; le < 2; le++) {
		begin(le != 0);
		add(TCP, "DC1[49724]");
		add(TCP, "192.0.2.11[49724]");
		add(TCP, "2001:db8::11[49725]");
		add(TCP, "DC1");
		add(TCP, "192.0.2.11");
		end();
		assert_true(parse(m.len));
		assert_int_equal(count, 5);
		assert_string_equal(binding[0].host_name, "DC1");
		assert_false(binding[0].host_known);
		assert_int_equal(binding[0].port, 49724);
		assert_int_equal(binding[0].protseq, PROTSEQ_TCP);
		assert_null(binding[0].endpoint);
		assert_host(&binding[1], "192.0.2.11");
		assert_int_equal(binding[1].port, 49724);
		assert_host(&binding[2], "2001:db8::11");
		assert_int_equal(binding[2].port, 49725);
		assert_string_equal(binding[3].host_name, "DC1");
		assert_int_equal(binding[3].port, 0);
		assert_host(&binding[4], "192.0.2.11");
		assert_int_equal(binding[4].port, 0);
	}
}

static void
test_protocol_sequences(void **state)
{
	static const struct {
		unsigned tower;
		enum protseq protseq;
	} kinds[] = {{0x07, PROTSEQ_TCP}, {0x08, PROTSEQ_UDP}, {0x0c, PROTSEQ_SPX},
	    {0x0e, PROTSEQ_IPX}, {0x0f, PROTSEQ_NP}, {0x10, PROTSEQ_LRPC}, {0x1f, PROTSEQ_HTTP},
	    {0x99, PROTSEQ_UNKNOWN}};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		read_one(kinds[i].tower, "A[12]");
		assert_int_equal(count, 1);
		assert_int_equal(binding[0].protseq, kinds[i].protseq);
		assert_int_equal(binding[0].port, protseq_has_port(kinds[i].protseq) ? 12 : 0);
		assert_int_equal(binding[0].endpoint == NULL, protseq_has_port(kinds[i].protseq));
	}
	read_one(PIPE, "\\\\DC1[\\PIPE\\x]");
	assert_string_equal(binding[0].host_name, "\\\\DC1");
	assert_string_equal(binding[0].endpoint, "\\PIPE\\x");
}

static void
test_addresses_of_ip6_may_stand_in_brackets_and_have_a_zone(void **state)
{
	(void)state;
	read_one(TCP, "[2001:db8::11]");
	assert_host(&binding[0], "2001:db8::11");
	assert_int_equal(binding[0].port, 0);
	read_one(TCP, "[2001:db8::11][135]");
	assert_host(&binding[0], "2001:db8::11");
	assert_int_equal(binding[0].port, 135);
	read_one(TCP, "fe80::1%12[135]");
	assert_host(&binding[0], "fe80::1");
	assert_int_equal(binding[0].port, 135);
}

static void
test_what_is_no_port_is_left_out(void **state)
{
	static const char *const bad[] = {"A[0]", "A[65536]", "A[655350]", "A[4294967417]", "A[]",
	    "A[12x]", "A[ 12]", "A[-1]", "A[0x10]", "A[\x80]", "[]", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		read_one(TCP, bad[i]);
		assert_int_equal(count, 0);
	}
	read_one(TCP, "A[65535]");
	assert_int_equal(binding[0].port, 65535);
	read_one(TCP, "A[00135]");
	assert_int_equal(binding[0].port, 135);
	read_one(TCP, "A[12"); /* a name, if an odd one */
	assert_string_equal(binding[0].host_name, "A[12");
	assert_int_equal(binding[0].port, 0);
}

/* A unit counts as a whole: its low octet alone is no digit and no bracket. */
static void
test_characters_that_look_like_digits_in_one_octet(void **state)
{
	static const uint16_t units[] = {TCP, 'A', '[', 0x3131, ']', 0, TCP, 'A', 0x5b5b, '1', ']',
	    0, TCP, 'A', '[', '1', 0x015d, 0};

	(void)state;
	begin(true);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		msg_u16(&m, units[i]);
	end();
	assert_true(parse(m.len));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(binding[i].port, 0);
	assert_int_equal(count, 2);
}

static void
test_one_that_makes_no_sense_does_not_spoil_the_next(void **state)
{
	(void)state;
	begin(true);
	add(TCP, "A[x]");
	add(TCP, "B[135]");
	end();
	assert_true(parse(m.len));
	assert_int_equal(count, 1);
	assert_string_equal(binding[0].host_name, "B");
}

static void
test_no_bindings_at_all(void **state)
{
	static const uint8_t smallest[] = {4, 0, 0, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	static const uint8_t empty[] = {0, 0, 0, 0, 0, 0, 0, 0};

	(void)state;
	m.le = true;
	memcpy(m.octets, smallest, sizeof(smallest));
	assert_true(parse(sizeof(smallest)));
	assert_int_equal(count, 0);
	assert_null(binding);
	memcpy(m.octets, empty, sizeof(empty));
	assert_true(parse(sizeof(empty)));
	assert_int_equal(count, 0);
}

static void
test_counts_that_contradict_each_other(void **state)
{
	(void)state;
	read_one(TCP, "A[135]");
	m.octets[0]++;
	assert_false(parse(m.len));
	m.octets[0]--;
	m.octets[6] = (uint8_t)(m.octets[4] + 1);
	assert_false(parse(m.len));
	m.octets[6] = m.octets[4]; /* allowed: no security bindings; and then those are strings */
	assert_true(parse(m.len));
	m.octets[0] = m.octets[4] = 200;
	assert_false(parse(m.len));
}

/* Cut anywhere it is refused, for its counts say more; and the strings end where they are said to. */
static void
test_cut_anywhere(void **state)
{
	(void)state;
	read_one(TCP, "A[135]");
	for (size_t len = 0; len < m.len; len++)
		assert_false(parse(len));
	for (unsigned security = 0; security < 9; security++) { /* before the string's NUL */
		m.octets[6] = (uint8_t)security;
		assert_true(parse(m.len));
		assert_int_equal(count, security == 8);
	}
}

static void
test_an_address_that_is_too_long_is_left_out(void **state)
{
	static char name[DUALSTRING_ADDRESS + 2];

	(void)state;
	memset(name, 'x', DUALSTRING_ADDRESS - 1);
	read_one(TCP, name);
	assert_int_equal(count, 1);
	assert_int_equal(strlen(binding[0].host_name), DUALSTRING_ADDRESS - 1);
	memset(name, 'x', DUALSTRING_ADDRESS + 1);
	read_one(TCP, name);
	assert_int_equal(count, 0);
	memcpy(name + DUALSTRING_ADDRESS - 6, "[135]", 6);
	read_one(TCP, name);
	assert_int_equal(binding[0].port, 135);
}

static void
test_no_more_are_read_than_the_bound(void **state)
{
	(void)state;
	begin(true);
	for (int i = 0; i < DUALSTRING_BINDINGS + 10; i++)
		add(TCP, "A[135]");
	end();
	assert_true(parse(m.len));
	assert_int_equal(count, DUALSTRING_BINDINGS);
}

static void
test_names_are_cleaned(void **state)
{
	(void)state;
	read_one(TCP, "A\x1b"
		      "B[135]");
	assert_string_equal(binding[0].host_name, "A\xef\xbf\xbd"
						  "B");
}

static int
setup(void **state)
{
	(void)state;
	return obs_queue_new(&queue, 1 << 20);
}

static int
teardown(void **state)
{
	(void)state;
	obs_queue_free(&queue);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_addresses_and_ports),
	    cmocka_unit_test(test_protocol_sequences),
	    cmocka_unit_test(test_addresses_of_ip6_may_stand_in_brackets_and_have_a_zone),
	    cmocka_unit_test(test_what_is_no_port_is_left_out),
	    cmocka_unit_test(test_characters_that_look_like_digits_in_one_octet),
	    cmocka_unit_test(test_one_that_makes_no_sense_does_not_spoil_the_next),
	    cmocka_unit_test(test_no_bindings_at_all),
	    cmocka_unit_test(test_counts_that_contradict_each_other),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_an_address_that_is_too_long_is_left_out),
	    cmocka_unit_test(test_no_more_are_read_than_the_bound),
	    cmocka_unit_test(test_names_are_cleaned),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
