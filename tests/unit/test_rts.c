/* test_rts - RTS PDUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/err.h"
#include "http_build.h"

static struct message m;

/* In memory of its exact size. */
static int
parse(size_t len, struct rts *out)
{
	uint8_t *copy = malloc(len + 1);
	int r;

	assert_non_null(copy);
	memcpy(copy + 1, m.octets, len);
	r = rts_parse(copy + 1, len, out);
	free(copy);
	return r;
}

static void
the_first_cookie(void **state)
{
	struct rts rts;

	(void)state;
	build_conn_a(&m, RTS_OUT_CHANNEL, 0xc0);
	assert_int_equal(m.len, 76);
	assert_int_equal(parse(m.len, &rts), ERR_OK);
	assert_int_equal(rts.flags, RTS_OUT_CHANNEL);
	assert_true(rts.has_cookie);
	for (size_t i = 0; i < RTS_COOKIE; i++)
		assert_int_equal(rts.cookie[i], 0xc0);
	build_conn_b(&m, 0, 0xc1);
	assert_int_equal(m.len, 104);
	assert_int_equal(parse(m.len, &rts), ERR_OK);
	assert_int_equal(rts.cookie[15], 0xc1);
	build_conn_a3(&m);
	assert_int_equal(parse(m.len, &rts), ERR_OK);
	assert_false(rts.has_cookie);
}

/* Each command with what is behind it, then a cookie: it is found only if all lengths are right. */
static void
lengths_of_commands(void **state)
{
	static const uint8_t lengths[] = {4, 24, 4, 0, 4, 4, 4, 0, 0, 0, 0, 0, 16, 4, 4};
	struct rts rts;

	(void)state;
	for (unsigned type = 0; type < sizeof(lengths); type++) {
		if (type == 3 || type == 8 || type == 11)
			continue;
		rts_begin(&m, 0, 2);
		msg_u32(&m, type);
		msg_fill(&m, 0x77, lengths[type]);
		rts_cookie(&m, 0xc0);
		msg_end(&m);
		assert_int_equal(parse(m.len, &rts), ERR_OK);
		assert_int_equal(rts.cookie[0], 0xc0);
	}
}

static void
lengths_that_vary(void **state)
{
	struct rts rts;

	(void)state;
	for (unsigned type = 0; type < 2; type++) {
		rts_begin(&m, 0, 3);
		rts_number(&m, 8, 3);
		msg_fill(&m, 3, 3);
		rts_number(&m, 11, type);
		msg_fill(&m, 4, type == 0 ? 4 + 12 : 16 + 12);
		rts_cookie(&m, 0xc0);
		msg_end(&m);
		assert_int_equal(parse(m.len, &rts), ERR_OK);
		assert_int_equal(rts.cookie[0], 0xc0);
	}
}

static void
lies(void **state)
{
	struct rts rts;

	(void)state;
	rts_begin(&m, 0, 1);
	rts_number(&m, 8, 0xffffffff);
	msg_end(&m);
	assert_int_equal(parse(m.len, &rts), ERR_MALFORMED);
	rts_begin(&m, 0, 1);
	rts_number(&m, 11, 2);
	msg_fill(&m, 0, 40);
	msg_end(&m);
	assert_int_equal(parse(m.len, &rts), ERR_MALFORMED);
	rts_begin(&m, 0, 1);
	rts_number(&m, 15, 0);
	msg_end(&m);
	assert_int_equal(parse(m.len, &rts), ERR_MALFORMED);
	rts_begin(&m, 0, 2);
	rts_number(&m, 6, 1);
	msg_end(&m);
	assert_int_equal(parse(m.len, &rts), ERR_MALFORMED);
	rts_begin(&m, 0, 17);
	for (int i = 0; i < 17; i++)
		msg_u32(&m, 7);
	msg_end(&m);
	assert_int_equal(parse(m.len, &rts), ERR_MALFORMED);
	msg_begin(&m, true, PDU_REQUEST, WHOLE, 0);
	msg_fill(&m, 0, 8);
	msg_end(&m);
	assert_int_equal(parse(m.len, &rts), ERR_MALFORMED);
}

static void
cut_at_every_length(void **state)
{
	struct rts rts;

	(void)state;
	build_conn_b(&m, 0, 0xc0);
	for (size_t len = 0; len < m.len; len++)
		assert_int_equal(parse(len, &rts), ERR_MALFORMED);
}

/* The lead in pieces, and what is behind it stays. */
static void
lead_in_pieces(void **state)
{
	(void)state;
	build_conn_a(&m, 0, 0xc0);
	msg_fill(&m, 0x99, 10);
	for (size_t piece = 1; piece <= m.len; piece++) {
		struct rts_lead lead = {0};
		size_t at = 0, taken;
		struct rts rts;

		while (!lead.done) {
			size_t n = m.len - at < piece ? m.len - at : piece;
			enum rts_progress progress =
			    rts_lead_add(&lead, m.octets + at, n, &taken, &rts);

			at += taken;
			assert_int_equal(progress, at < 76 ? RTS_MORE : RTS_READ);
		}
		assert_int_equal(at, 76);
		assert_int_equal(rts.cookie[0], 0xc0);
	}
}

static void
lead_that_is_none(void **state)
{
	struct rts_lead lead = {0};
	struct rts rts;
	size_t taken;

	(void)state;
	msg_begin(&m, true, PDU_BIND, WHOLE, 1);
	msg_fill(&m, 0, 100);
	msg_end(&m);
	assert_int_equal(rts_lead_add(&lead, m.octets, 2, &taken, &rts), RTS_MORE);
	assert_int_equal(taken, 2);
	assert_int_equal(rts_lead_add(&lead, m.octets + 2, 50, &taken, &rts), RTS_NONE);
	assert_int_equal(taken, 1); /* its type says so */
	assert_int_equal(lead.have, 3);
	assert_true(lead.done);
	assert_memory_equal(lead.octets, m.octets, 3);
	lead = (struct rts_lead){0};
	m.octets[2] = PDU_RTS;
	m.octets[7] = 1; /* no header of a PDU */
	assert_int_equal(rts_lead_add(&lead, m.octets, 50, &taken, &rts), RTS_NONE);
	assert_int_equal(taken, 16);
	lead = (struct rts_lead){0};
	rts_begin(&m, 0, 1); /* longer than any that is defined */
	rts_number(&m, 8, 300);
	msg_fill(&m, 0, 300);
	msg_end(&m);
	assert_int_equal(rts_lead_add(&lead, m.octets, m.len, &taken, &rts), RTS_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_cookie),
	    cmocka_unit_test(lengths_of_commands),
	    cmocka_unit_test(lengths_that_vary),
	    cmocka_unit_test(lies),
	    cmocka_unit_test(cut_at_every_length),
	    cmocka_unit_test(lead_in_pieces),
	    cmocka_unit_test(lead_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
