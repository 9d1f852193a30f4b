/* test_datagram - one connectionless PDU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/err.h"
#include "datagram_build.h"

static const uint8_t body[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

/* In memory of its exact size. */
static int
parse(const struct message *m, size_t len, struct datagram *out)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, m->octets, len);
	r = datagram_parse(copy, len, m->len, out);
	if (r == ERR_OK && out->body_len == sizeof(body))
		assert_memory_equal(out->body, body, sizeof(body));
	free(copy);
	return r;
}

static void
assert_uuid(const struct uuid *u, const char *text)
{
	char got[UUID_TEXT];

	assert_string_equal(uuid_format(u, got), text);
}

/* Each packet is in the byte order that it says. */
static void
trap_16_order_by_each_datagram(void **state)
{
	(void)state;
	for (int be = 0; be < 2; be++) {
		struct datagram_draft draft = {.be = be != 0,
		    .type = DATAGRAM_RESPONSE,
		    .flags = DATAGRAM_FRAG | DATAGRAM_LAST_FRAG,
		    .iface = UUID_MESSENGER,
		    .major = 0x0102,
		    .minor = 0x0304,
		    .seqnum = 0x01020304,
		    .opnum = 0x0506,
		    .fragment = 0x0708,
		    .body = body,
		    .len = sizeof(body)};
		struct message m;
		struct datagram dg;

		build_datagram(&m, &draft);
		assert_int_equal(parse(&m, m.len, &dg), ERR_OK);
		assert_int_equal(dg.le, be == 0);
		assert_int_equal(dg.type, DATAGRAM_RESPONSE);
		assert_int_equal(dg.flags, DATAGRAM_FRAG | DATAGRAM_LAST_FRAG);
		assert_uuid(&dg.iface.uuid, UUID_MESSENGER);
		assert_uuid(&dg.activity, UUID_ACTIVITY);
		assert_int_equal(dg.iface.major, 0x0102);
		assert_int_equal(dg.iface.minor, 0x0304);
		assert_int_equal(dg.seqnum, 0x01020304);
		assert_int_equal(dg.opnum, 0x0506);
		assert_int_equal(dg.fragment, 0x0708);
		assert_int_equal(dg.body_len, sizeof(body));
		assert_false(dg.cut);
		assert_false(dg.sealed);
		assert_false(datagram_is_whole(&dg));
	}
}

static void
level_stands_behind_the_body(void **state)
{
	static const struct {
		unsigned auth, level;
		bool sealed;
	} cases[] = {{0, 0, false}, {10, 2, false}, {10, 5, false}, {10, 6, true}, {1, 6, true},
	    {10, 0, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct datagram_draft draft = {.body = body,
		    .len = sizeof(body),
		    .auth = cases[i].auth,
		    .level = cases[i].level};
		struct message m;
		struct datagram dg;

		build_datagram(&m, &draft);
		assert_int_equal(parse(&m, m.len, &dg), ERR_OK);
		assert_int_equal(dg.auth_type, cases[i].auth);
		assert_int_equal(dg.auth_level, cases[i].level);
		assert_int_equal(dg.sealed, cases[i].sealed);
	}
}

/* Cut at every length: no header, a header alone, no level, all. */
static void
cut_short(void **state)
{
	struct datagram_draft draft = {.body = body, .len = sizeof(body), .auth = 10, .level = 2};
	struct message m;
	struct datagram dg;

	(void)state;
	build_datagram(&m, &draft);
	for (size_t len = 0; len <= m.len; len++) {
		int r = parse(&m, len, &dg);

		assert_int_equal(r, len < 80 ? ERR_MALFORMED : ERR_OK);
		if (r != ERR_OK)
			continue;
		assert_int_equal(dg.cut, len < 90);
		assert_int_equal(dg.body_len, len < 90 ? 0 : 10);
		assert_int_equal(dg.sealed, len <= 96);
	}
}

static void
change(size_t at, unsigned value, int expected)
{
	struct datagram_draft draft = {.body = body, .len = sizeof(body)};
	struct message m;
	struct datagram dg;

	build_datagram(&m, &draft);
	m.octets[at] = (uint8_t)value;
	assert_int_equal(parse(&m, m.len, &dg), expected);
}

static void
what_is_none(void **state)
{
	(void)state;
	change(0, 4, ERR_OK);
	change(0, 5, ERR_MALFORMED);
	change(1, 10, ERR_OK);
	change(1, 11, ERR_MALFORMED);
	change(3, 0x02, ERR_OK);
	change(3, 0x04, ERR_OK); /* unrelated */
	change(3, 0x01, ERR_MALFORMED);
	change(3, 0x08, ERR_MALFORMED);
	change(4, 0x20, ERR_MALFORMED);
	change(5, 3, ERR_OK);
	change(5, 4, ERR_MALFORMED);
	change(6, 1, ERR_MALFORMED);
	change(32, 0x3f, ERR_MALFORMED); /* no UUID as DCE makes them */
	change(32, 0xc0, ERR_MALFORMED);
	change(74, 10, ERR_OK);
	change(74, 9, ERR_OK);
	change(74, 11, ERR_MALFORMED); /* longer than the payload */
}

static void
profinet_is_a_family(void **state)
{
	static const struct {
		const char *uuid;
		bool is;
	} cases[] = {{UUID_PROFINET, true}, {"dea00002-6c97-11d1-8271-00a02442df7d", true},
	    {"dea0000f-6c97-11d1-8271-000000000000", true},
	    {"dea00010-6c97-11d1-8271-00a02442df7d", false},
	    {"dea10001-6c97-11d1-8271-00a02442df7d", false},
	    {"dea00001-6c97-11d1-8272-00a02442df7d", false}, {UUID_EPM, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uuid uuid;

		assert_int_equal(uuid_parse(cases[i].uuid, &uuid), ERR_OK);
		assert_int_equal(datagram_is_profinet(&uuid), cases[i].is);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trap_16_order_by_each_datagram),
	    cmocka_unit_test(level_stands_behind_the_body),
	    cmocka_unit_test(cut_short),
	    cmocka_unit_test(what_is_none),
	    cmocka_unit_test(profinet_is_a_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
