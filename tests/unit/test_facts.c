/* test_facts.c - what is said of one server as a whole, folded. */
#include "track/facts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/track_feed.h"

enum {
	MINUTE = 60
};

struct desk {
	struct server_facts facts;
	struct feed feed;
	uint64_t refused;
	char text[8192];
};

static int
setup(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return -1;
	d->facts.server = feed_addr(1);
	*state = d;
	return 0;
}

static int
teardown(void **state)
{
	struct desk *d = *state;

	server_facts_clear(&d->facts);
	free(d);
	return 0;
}

/* Folds what was fed, and returns what that made dirty. */
static unsigned
take(struct desk *d)
{
	d->facts.dirty = 0;
	assert_int_equal(facts_take(&d->facts, &d->feed.obs, &d->refused), 0);
	return d->facts.dirty;
}

/* Server 1 calls itself ${host} at ${s}, and ${alias}; both may be NULL. */
static unsigned
name(struct desk *d, int64_t s, const char *host, const char *alias)
{
	feed_names(&d->feed, s, 1, host);
	if (alias != NULL)
		feed_alias(&d->feed, alias);
	return take(d);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(
	    ((const struct server_alias *)a)->name, ((const struct server_alias *)b)->name);
}

/* `host@seconds: alias@seconds ...`, sorted. */
static const char *
names(struct desk *d)
{
	struct server_facts *f = &d->facts;
	size_t n = (size_t)snprintf(d->text, sizeof(d->text),
	    "%s@%lld:", f->host != NULL ? f->host : "", (long long)(f->host_ns / NS_PER_S));

	if (f->alias_count > 1)
		qsort(f->alias, f->alias_count, sizeof(f->alias[0]), compare);
	for (size_t i = 0; i < f->alias_count; i++)
		n += (size_t)snprintf(d->text + n, sizeof(d->text) - n, " %s@%lld",
		    f->alias[i].name, (long long)(f->alias[i].last_ns / NS_PER_S));
	return d->text;
}

static void
the_newest_name_wins_and_the_one_before_is_an_alias(void **state)
{
	struct desk *d = *state;

	assert_int_equal(name(d, 100, "dc1.example.com", "DC1"), SERVER_NAMED);
	assert_string_equal(names(d), "dc1.example.com@100: DC1@100");
	assert_int_equal(name(d, 200, "dc2.example.com", NULL), SERVER_NAMED);
	assert_string_equal(names(d), "dc2.example.com@200: DC1@100 dc1.example.com@100");
	/* and back: what is the name is no alias */
	assert_int_equal(name(d, 300, "dc1.example.com", NULL), SERVER_NAMED);
	assert_string_equal(names(d), "dc1.example.com@300: DC1@100 dc2.example.com@200");
}

static void
a_name_that_comes_late_is_an_alias(void **state)
{
	struct desk *d = *state;

	name(d, 200, "new.example.com", NULL);
	assert_int_equal(name(d, 100, "old.example.com", NULL), SERVER_NAMED);
	assert_string_equal(names(d), "new.example.com@200: old.example.com@100");
	assert_int_equal(name(d, 200, "same-time", NULL), SERVER_NAMED);
	assert_string_equal(names(d), "same-time@200: new.example.com@200 old.example.com@100");
}

static void
within_a_minute_a_name_is_told_once(void **state)
{
	struct desk *d = *state;

	name(d, 100, "mail", "alias");
	assert_int_equal(name(d, 100 + MINUTE - 1, "mail", "alias"), 0);
	assert_string_equal(names(d), "mail@100: alias@100");
	assert_int_equal(name(d, 100 + MINUTE, "mail", NULL), SERVER_NAMED);
	assert_int_equal(name(d, 100 + MINUTE, NULL, "alias"), SERVER_NAMED);
	assert_string_equal(names(d), "mail@160: alias@160");
	assert_int_equal(name(d, 0, "mail", "alias"), 0);
	assert_string_equal(names(d), "mail@160: alias@160");
}

static void
case_makes_no_other_name(void **state)
{
	struct desk *d = *state;

	name(d, 100, "Mail.Example.Com", "MAIL");
	assert_int_equal(name(d, 101, "mail.example.com", "mail"), 0);
	assert_int_equal(name(d, 102, NULL, "MAIL.EXAMPLE.COM"), 0);
	assert_string_equal(names(d), "Mail.Example.Com@100: MAIL@100");
}

static void
its_own_address_and_empty_words_are_no_names(void **state)
{
	struct desk *d = *state;

	feed_names(&d->feed, 100, 1, "");
	feed_alias(&d->feed, "");
	feed_alias(&d->feed, NULL);
	feed_alias(&d->feed, "10.0.0.1");
	assert_int_equal(take(d), 0);
	assert_null(d->facts.host);
	assert_int_equal(d->facts.alias_count, 0);
	assert_int_equal(name(d, 100, NULL, "10.0.0.2"), SERVER_NAMED);
	assert_string_equal(names(d), "@0: 10.0.0.2@100");
}

static void
of_too_many_aliases_the_one_told_longest_ago_goes(void **state)
{
	struct desk *d = *state;
	char text[FEED_MANY][16];

	for (int i = 0; i < SERVER_ALIASES; i++) {
		snprintf(text[i], sizeof(text[i]), "alias-%02d", i);
		name(d, 1000 - 10 * i, NULL, text[i]); /* the last one is the oldest */
	}
	assert_int_equal(d->facts.alias_count, SERVER_ALIASES);
	assert_int_equal(name(d, 2000, NULL, "newcomer"), SERVER_NAMED);
	assert_int_equal(d->facts.alias_count, SERVER_ALIASES);
	assert_null(strstr(names(d), "alias-15"));
	assert_non_null(strstr(names(d), "alias-14"));
	assert_non_null(strstr(names(d), "newcomer@2000"));
	/* one that is older than all of them finds no room */
	assert_int_equal(name(d, 1, NULL, "too-old"), 0);
	assert_null(strstr(names(d), "too-old"));
	/* nor do more than so many of one observation */
	feed_names(&d->feed, 3000, 1, NULL);
	for (int i = 0; i < 70; i++) {
		snprintf(text[i], sizeof(text[i]), "many-%02d", i);
		feed_alias(&d->feed, text[i]);
	}
	take(d);
	assert_int_equal(d->facts.alias_count, SERVER_ALIASES);
	assert_int_equal(d->refused, 6);
	assert_null(strstr(names(d), "many-64"));
	assert_non_null(strstr(names(d), "many-63"));
}

static void
names_are_cleaned_and_cut(void **state)
{
	struct desk *d = *state;
	char longest[400];

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	name(d, 100, longest, "two\nlines");
	assert_int_equal(strlen(d->facts.host), SERVER_NAME - 1);
	assert_string_equal(d->facts.alias[0].name, "two\357\277\275lines");
	/* and are known again as they were cut */
	assert_int_equal(name(d, 101, longest, "two\357\277\275lines"), 0);
	assert_true(facts_bytes(&d->facts) < FACTS_GROWTH);
}

static void
times_of_any_size_do_no_harm(void **state)
{
	struct desk *d = *state;

	name(d, 100, "host", "alias");
	d->facts.host_ns = d->facts.alias[0].last_ns = INT64_MIN;
	d->feed.obs.at.ts_ns = INT64_MAX;
	assert_int_equal(take(d), SERVER_NAMED);
	assert_int_equal(d->facts.host_ns, INT64_MAX);
	assert_int_equal(d->facts.alias[0].last_ns, INT64_MAX);
	d->feed.obs.at.ts_ns = INT64_MIN;
	assert_int_equal(take(d), 0);
}

static void
sealed_calls_are_added_up(void **state)
{
	struct desk *d = *state;

	feed_sealed(&d->feed, 10, 1, 5, 2);
	assert_int_equal(take(d), SERVER_SEALED);
	assert_int_equal(take(d), SERVER_SEALED);
	assert_int_equal(d->facts.sealed, 10);
	assert_int_equal(d->facts.sealed_mapper, 4);
	feed_sealed(&d->feed, 10, 1, 0, 0);
	assert_int_equal(take(d), 0);
	feed_sealed(&d->feed, 10, 1, UINT64_MAX, 0);
	take(d);
	take(d);
	assert_int_equal(d->facts.sealed, INT64_MAX);
}

static void
referrals_are_counted_by_name_and_call(void **state)
{
	struct desk *d = *state;
	const struct server_referral *r;

	feed_referral(&d->feed, 50, 1, "dc1.example.com");
	assert_int_equal(take(d), SERVER_REFERRED);
	feed_referral(&d->feed, 40, 1, "DC1.example.com");
	assert_int_equal(take(d), SERVER_REFERRED);
	feed_referral(&d->feed, 60, 1, "dc1.example.com");
	take(d);
	assert_int_equal(d->facts.referral_count, 1);
	r = &d->facts.referral[0];
	assert_string_equal(r->to, "dc1.example.com");
	assert_int_equal(r->first_ns, 40 * NS_PER_S);
	assert_int_equal(r->last_ns, 60 * NS_PER_S);
	assert_int_equal(r->count, 3);
	d->feed.obs.referral.operation = REFERRAL_FQDN;
	take(d);
	assert_int_equal(d->facts.referral_count, 2);
	assert_int_equal(d->facts.referral[1].operation, REFERRAL_FQDN);
	assert_int_equal(d->facts.referral[0].count, 3);
}

static void
a_referral_that_failed_or_names_nobody_is_none(void **state)
{
	struct desk *d = *state;

	feed_referral(&d->feed, 50, 1, NULL);
	assert_int_equal(take(d), 0);
	feed_referral(&d->feed, 50, 1, "");
	assert_int_equal(take(d), 0);
	feed_referral(&d->feed, 50, 1, "dc1");
	d->feed.obs.referral.status = 0x80040111;
	assert_int_equal(take(d), 0);
	assert_int_equal(d->facts.referral_count, 0);
}

static void
referrals_beyond_the_bound_are_refused(void **state)
{
	struct desk *d = *state;
	char text[32];

	for (int i = 0; i < SERVER_REFERRALS + 3; i++) {
		snprintf(text, sizeof(text), "dc%d", i);
		feed_referral(&d->feed, 50, 1, text);
		take(d);
	}
	assert_int_equal(d->facts.referral_count, SERVER_REFERRALS);
	assert_int_equal(d->refused, 3);
	feed_referral(&d->feed, 70, 1, "dc0");
	take(d);
	assert_int_equal(d->facts.referral[0].count, 2);
	assert_int_equal(d->refused, 3);
}

static void
what_is_about_endpoints_tells_nothing_of_the_server(void **state)
{
	struct desk *d = *state;

	feed_map(&d->feed, 1, 1, 100, DRSUAPI);
	assert_false(facts_are_told(&d->feed.obs));
	feed_bind(&d->feed, 1, 1, 100, 49152);
	assert_false(facts_are_told(&d->feed.obs));
	feed_oxid(&d->feed, 1, 1, 100);
	assert_false(facts_are_told(&d->feed.obs));
	feed_use(&d->feed, 1, 1, 49152, DRSUAPI);
	assert_int_equal(take(d), 0);
	assert_int_equal(facts_bytes(&d->facts), 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(the_newest_name_wins_and_the_one_before_is_an_alias),
	    T(a_name_that_comes_late_is_an_alias),
	    T(within_a_minute_a_name_is_told_once),
	    T(case_makes_no_other_name),
	    T(its_own_address_and_empty_words_are_no_names),
	    T(of_too_many_aliases_the_one_told_longest_ago_goes),
	    T(names_are_cleaned_and_cut),
	    T(times_of_any_size_do_no_harm),
	    T(sealed_calls_are_added_up),
	    T(referrals_are_counted_by_name_and_call),
	    T(a_referral_that_failed_or_names_nobody_is_none),
	    T(referrals_beyond_the_bound_are_refused),
	    T(what_is_about_endpoints_tells_nothing_of_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
