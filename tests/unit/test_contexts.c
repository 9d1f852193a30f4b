/* test_contexts.c - which interface each presentation context stands for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/contexts.h"

static struct budget budget;
static struct contexts table;

static int
setup(void **state)
{
	(void)state;
	budget = (struct budget){.cap = (size_t)1 << 20};
	table = (struct contexts){0};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	contexts_free(&table, &budget);
	assert_int_equal(budget.used, 0);
	return 0;
}

static int64_t now_ns = 1000;

static struct obs_context
context(unsigned id, uint16_t major, enum rpc_syntax syntax, uint16_t result)
{
	return (struct obs_context){
	    .id = (uint16_t)id, .iface = {.major = major}, .syntax = syntax, .result = result};
}

static bool
offer(unsigned id, uint16_t major, enum rpc_syntax syntax)
{
	struct obs_context c = context(id, major, syntax, CONTEXT_UNANSWERED);

	return contexts_offer(&table, &budget, &c);
}

static void
settle(unsigned id, uint16_t major, enum rpc_syntax syntax, uint16_t result)
{
	struct obs_context c = context(id, major, syntax, result);

	contexts_settle(&table, &budget, &c, now_ns);
}

static void
assert_known(unsigned id, uint16_t major, enum rpc_syntax syntax, bool settled)
{
	const struct context *c = contexts_find(&table, (uint16_t)id);

	assert_non_null(c);
	assert_int_equal(c->id, id);
	assert_int_equal(c->iface.major, major);
	assert_int_equal(c->syntax, syntax);
	assert_int_equal(c->settled, settled);
}

static void
test_what_was_never_offered_is_not_known(void **state)
{
	(void)state;
	assert_null(contexts_find(&table, 0));
	assert_true(offer(1, 1, SYNTAX_NDR));
	assert_null(contexts_find(&table, 0));
	assert_null(contexts_find(&table, 2));
}

static void
test_an_offer_is_known_before_it_is_answered(void **state)
{
	(void)state;
	assert_true(offer(3, 9, SYNTAX_NDR64));
	assert_known(3, 9, SYNTAX_NDR64, false);
}

static void
test_acceptance_settles_and_names_the_syntax(void **state)
{
	(void)state;
	assert_true(offer(3, 9, SYNTAX_NDR));
	settle(3, 9, SYNTAX_NDR64, CONTEXT_ACCEPTANCE);
	assert_known(3, 9, SYNTAX_NDR64, true);
}

static void
test_acceptance_of_what_was_not_kept_is_learned(void **state)
{
	(void)state;
	settle(3, 9, SYNTAX_NDR, CONTEXT_ACCEPTANCE);
	assert_known(3, 9, SYNTAX_NDR, true);
}

static void
trap_18_rejection_forgets_an_offer_and_its_id_can_be_used_again(void **state)
{
	static const uint16_t results[] = {
	    CONTEXT_USER_REJECTION, CONTEXT_PROVIDER_REJECTION, CONTEXT_NEGOTIATE_ACK, 4, 0xfffe};

	(void)state;
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		assert_true(offer(7, 1, SYNTAX_NDR));
		settle(7, 1, SYNTAX_NDR, results[i]);
		assert_null(contexts_find(&table, 7));
	}
	assert_true(offer(7, 2, SYNTAX_NDR));
	settle(7, 2, SYNTAX_NDR, CONTEXT_ACCEPTANCE);
	assert_known(7, 2, SYNTAX_NDR, true);
}

/* An answer may be cut, or hold fewer results than there were contexts. */
static void
test_no_result_is_no_rejection(void **state)
{
	(void)state;
	assert_true(offer(7, 1, SYNTAX_NDR));
	settle(7, 1, SYNTAX_NDR, CONTEXT_UNANSWERED);
	assert_known(7, 1, SYNTAX_NDR, false);
}

static void
trap_18_an_accepted_context_that_is_offered_again_stays_accepted(void **state)
{
	(void)state;
	settle(1, 5, SYNTAX_NDR64, CONTEXT_ACCEPTANCE);
	assert_true(offer(1, 6, SYNTAX_NDR));
	assert_known(1, 5, SYNTAX_NDR64, true);
	settle(1, 6, SYNTAX_NDR, CONTEXT_PROVIDER_REJECTION);
	assert_known(1, 5, SYNTAX_NDR64, true);
	settle(1, 6, SYNTAX_NDR, CONTEXT_ACCEPTANCE);
	assert_known(1, 6, SYNTAX_NDR, true);
}

static void
test_an_offer_that_is_not_answered_can_be_replaced(void **state)
{
	(void)state;
	assert_true(offer(1, 5, SYNTAX_NDR));
	assert_true(offer(1, 6, SYNTAX_NDR64));
	assert_known(1, 6, SYNTAX_NDR64, false);
	assert_int_equal(table.count, 1);
}

static void
test_feature_negotiation_is_no_context(void **state)
{
	(void)state;
	assert_true(offer(2, 3, SYNTAX_BTFN));
	assert_null(contexts_find(&table, 2));
	settle(2, 3, SYNTAX_BTFN, CONTEXT_ACCEPTANCE);
	assert_null(contexts_find(&table, 2));
	assert_int_equal(budget.used, 0);
}

/* Ids in an order of their own; each is found, and forgetting one leaves the others. */
static void
trap_18_ids_need_not_be_dense_nor_in_order(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++)
		assert_true(offer(i * 7919 % 65536, (uint16_t)i, SYNTAX_NDR));
	for (unsigned i = 0; i < 200; i += 2)
		settle(i * 7919 % 65536, 0, SYNTAX_NDR, CONTEXT_USER_REJECTION);
	assert_int_equal(table.count, 100);
	for (unsigned i = 0; i < 200; i++) {
		if (i % 2 == 0)
			assert_null(contexts_find(&table, (uint16_t)(i * 7919 % 65536)));
		else
			assert_known(i * 7919 % 65536, (uint16_t)i, SYNTAX_NDR, false);
	}
	for (size_t i = 1; i < table.count; i++)
		assert_true(table.entry[i - 1].id < table.entry[i].id);
}

static void
trap_13_a_full_table_takes_no_more_but_knows_its_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CONTEXTS_MAX; i++)
		assert_true(offer(65535 - i, 1, SYNTAX_NDR));
	assert_false(offer(0, 1, SYNTAX_NDR));
	settle(0, 1, SYNTAX_NDR, CONTEXT_ACCEPTANCE);
	assert_null(contexts_find(&table, 0));
	assert_true(offer(65535, 2, SYNTAX_NDR64));
	assert_known(65535, 2, SYNTAX_NDR64, false);
	settle(65535, 2, SYNTAX_NDR64, CONTEXT_USER_REJECTION);
	assert_true(offer(0, 1, SYNTAX_NDR));
	assert_known(0, 1, SYNTAX_NDR, false);
}

static void
test_without_a_budget_nothing_is_learned(void **state)
{
	(void)state;
	budget.cap = 0;
	assert_false(offer(0, 1, SYNTAX_NDR));
	settle(0, 1, SYNTAX_NDR, CONTEXT_ACCEPTANCE);
	assert_null(contexts_find(&table, 0));
	assert_int_equal(budget.refused, 2);
}

/* An accepted context is no news for a minute; one that was offered is; of what every port answers there is none. */
static void
test_when_a_response_is_news(void **state)
{
	static const struct uuid mgmt = {{0xaf, 0xa8, 0xbd, 0x80, 0x7d, 0x8a, 0x11, 0xc9, 0xbe, 0xf4,
	    0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}};
	struct obs_context c = context(9, 1, SYNTAX_NDR, CONTEXT_ACCEPTANCE);

	(void)state;
	settle(3, 9, SYNTAX_NDR, CONTEXT_ACCEPTANCE);
	assert_false(context_is_news(contexts_find(&table, 3), now_ns + CONTEXTS_HEARD_NS - 1));
	assert_true(context_is_news(contexts_find(&table, 3), now_ns + CONTEXTS_HEARD_NS));
	assert_false(context_is_news(contexts_find(&table, 3), now_ns + CONTEXTS_HEARD_NS));
	assert_true(offer(4, 9, SYNTAX_NDR));
	assert_true(context_is_news(contexts_find(&table, 4), now_ns));
	assert_false(context_is_news(contexts_find(&table, 4), now_ns));
	assert_true(offer(4, 8, SYNTAX_NDR));
	assert_true(context_is_news(contexts_find(&table, 4), now_ns));
	c.iface.uuid = mgmt;
	contexts_settle(&table, &budget, &c, now_ns);
	assert_false(context_is_news(contexts_find(&table, 9), now_ns + INT64_C(9) * CONTEXTS_HEARD_NS));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_what_was_never_offered_is_not_known),
	    TEST(test_an_offer_is_known_before_it_is_answered),
	    TEST(test_acceptance_settles_and_names_the_syntax),
	    TEST(test_acceptance_of_what_was_not_kept_is_learned),
	    TEST(trap_18_rejection_forgets_an_offer_and_its_id_can_be_used_again),
	    TEST(test_no_result_is_no_rejection),
	    TEST(trap_18_an_accepted_context_that_is_offered_again_stays_accepted),
	    TEST(test_an_offer_that_is_not_answered_can_be_replaced),
	    TEST(test_feature_negotiation_is_no_context),
	    TEST(trap_18_ids_need_not_be_dense_nor_in_order),
	    TEST(trap_13_a_full_table_takes_no_more_but_knows_its_own),
	    TEST(test_without_a_budget_nothing_is_learned),
	    TEST(test_when_a_response_is_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
