/* test_trailer.c - interfaces named by verification trailers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/observation.h"
#include "dissect/trailer.h"
#include "rpc_build.h"

enum {
	BITMASK = 1,
	PCONTEXT = 2,
	HEADER2 = 3,
	LAST = 0x4000,
	MUST = 0x8000,
};

static struct message m;
static struct obs_context found;
static unsigned level;
static bool verified;

static void
begin(bool le, size_t stub)
{
	m.len = 0;
	m.le = le;
	level = 5;
	verified = true;
	msg_fill(&m, 0x11, stub);
	msg_bytes(&m, "\x8a\xe3\x13\x71\x02\xf4\x36\x71", 8);
}

static void
command(unsigned kind, size_t len)
{
	msg_u16(&m, kind);
	msg_u16(&m, (unsigned)len);
}

static void
pcontext(unsigned flags, const char *iface, const char *syntax)
{
	command(PCONTEXT | flags, 40);
	msg_uuid(&m, iface);
	msg_u32(&m, 81 << 16 | 3);
	msg_uuid(&m, syntax);
	msg_u32(&m, 2);
}

/* In memory of its exact size. */
static bool
find_in(size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	struct pdu pdu = {.head.le = m.le, .context_id = 5, .stub = copy, .stub_len = len};
	bool is_there;

	assert_non_null(copy);
	memcpy(copy, m.octets, len);
	pdu.auth.present = verified;
	pdu.auth.level = (uint8_t)level;
	is_there = trailer_find_context(&pdu, &found);
	free(copy);
	return is_there;
}

static bool
find(void)
{
	return find_in(m.len);
}

static void
assert_found(const char *iface, enum rpc_syntax syntax)
{
	char text[UUID_TEXT];

	assert_string_equal(uuid_format(&found.iface.uuid, text), iface);
	assert_int_equal(found.iface.major, 3);
	assert_int_equal(found.iface.minor, 81);
	assert_int_equal(found.syntax, syntax);
	assert_int_equal(found.id, 5);
	assert_int_equal(found.result, CONTEXT_ACCEPTANCE);
}

static void
test_interface_and_syntax_in_either_byte_order(void **state)
{
	(void)state;
	for (int le = 0; le < 2; le++) {
		begin(le != 0, 32);
		command(BITMASK, 4);
		msg_u32(&m, 1);
		pcontext(MUST, UUID_STORE, UUID_NDR);
		command(HEADER2 | LAST, 16);
		msg_fill(&m, 0, 16);
		assert_true(find());
		assert_found(UUID_STORE, SYNTAX_NDR);
	}
	begin(true, 0);
	pcontext(LAST, UUID_NETLOGON, UUID_NDR64);
	assert_true(find());
	assert_found(UUID_NETLOGON, SYNTAX_NDR64);
}

static void
test_only_signed_requests_have_one(void **state)
{
	(void)state;
	begin(true, 32);
	pcontext(LAST, UUID_STORE, UUID_NDR);
	for (level = 0; level < 256; level++)
		assert_int_equal(find(), level >= 2 && level <= 5);
	level = 5;
	verified = false;
	assert_false(find());
}

static void
test_it_stands_in_the_last_kilobyte(void **state)
{
	(void)state;
	for (size_t behind = 0; behind < 2 * TRAILER_SEARCH; behind += 4) {
		begin(true, 64);
		pcontext(LAST, UUID_STORE, UUID_NDR);
		msg_fill(&m, 0, behind);
		assert_int_equal(find(), m.len - 64 <= TRAILER_SEARCH);
	}
}

static void
test_it_begins_at_a_multiple_of_four(void **state)
{
	(void)state;
	for (size_t stub = 0; stub < 40; stub++) {
		for (size_t behind = 0; behind < 4; behind++) {
			begin(true, stub);
			pcontext(LAST, UUID_STORE, UUID_NDR);
			msg_fill(&m, 0, behind);
			assert_int_equal(find(), stub % 4 == 0);
		}
	}
}

static void
test_of_two_the_last_counts(void **state)
{
	(void)state;
	begin(true, 32);
	pcontext(LAST, UUID_STORE, UUID_NDR);
	msg_bytes(&m, "\x8a\xe3\x13\x71\x02\xf4\x36\x71", 8);
	pcontext(LAST, UUID_NETLOGON, UUID_NDR);
	assert_true(find());
	assert_found(UUID_NETLOGON, SYNTAX_NDR);
}

static void
test_one_without_an_interface_is_none(void **state)
{
	(void)state;
	begin(true, 32);
	command(BITMASK | LAST, 4);
	msg_u32(&m, 1);
	assert_false(find());
	begin(true, 32);
	command(PCONTEXT | LAST, 39); /* of another length it is something else */
	msg_fill(&m, 0, 39);
	assert_false(find());
	begin(true, 32);
	command(PCONTEXT | 0x100 | LAST, 40);
	msg_fill(&m, 0, 40);
	assert_false(find());
}

/* What does not reach its last command is not believed. */
static void
test_cut_anywhere(void **state)
{
	size_t whole;

	(void)state;
	begin(true, 32);
	pcontext(0, UUID_STORE, UUID_NDR);
	command(HEADER2 | LAST, 16);
	msg_fill(&m, 0, 16);
	whole = m.len;
	for (size_t len = 0; len < whole; len++)
		assert_false(find_in(len));
	assert_true(find_in(whole));
	begin(true, 32);
	pcontext(0, UUID_STORE, UUID_NDR);
	assert_false(find());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_interface_and_syntax_in_either_byte_order),
	    cmocka_unit_test(test_only_signed_requests_have_one),
	    cmocka_unit_test(test_it_stands_in_the_last_kilobyte),
	    cmocka_unit_test(test_it_begins_at_a_multiple_of_four),
	    cmocka_unit_test(test_of_two_the_last_counts),
	    cmocka_unit_test(test_one_without_an_interface_is_none),
	    cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
