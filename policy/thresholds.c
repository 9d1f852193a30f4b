/* thresholds.c - the section of times and numbers: one row each. */
#include "policy/thresholds.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "policy/complaints.h"
#include "policy/reading.h"
#include "policy/sections.h"
#include "policy/tree.h"
#include "policy/values.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define MINUTE_NS (60 * POLICY_SECOND_NS)
#define DAY_NS (24 * POLICY_HOUR_NS)

static struct thresholds *
of(const struct reading *r)
{
	return &r->policy->thresholds;
}

static void
read_span(
    struct reading *r, const struct tree_node *value, int64_t least, int64_t most, int64_t *out)
{
	char what[64], low[VALUES_TIME], high[VALUES_TIME];
	int64_t ns;

	if (value->kind == TREE_SCALAR && values_span(value->text, &ns) && ns >= least &&
	    ns <= most) {
		*out = ns;
		return;
	}
	snprintf(what, sizeof(what), "a time such as 15m, from %s to %s",
	    values_span_format(least, low), values_span_format(most, high));
	complaints_expected(r->said, value, what);
}

static void
read_number(
    struct reading *r, const struct tree_node *value, uint32_t least, uint32_t most, uint32_t *out)
{
	char what[64];
	uint64_t number;

	if (value->kind == TREE_SCALAR && values_number(value->text, most, &number) &&
	    number >= least) {
		*out = (uint32_t)number;
		return;
	}
	snprintf(what, sizeof(what), "a number from %" PRIu32 " to %" PRIu32, least, most);
	complaints_expected(r->said, value, what);
}

#define SPAN(name, member, least, most)                                                            \
	static void name(struct reading *r, const struct tree_node *value, void *into)             \
	{                                                                                          \
		(void)into;                                                                        \
		read_span(r, value, (least), (most), &of(r)->member);                              \
	}

#define NUMBER(name, member, least, most)                                                          \
	static void name(struct reading *r, const struct tree_node *value, void *into)             \
	{                                                                                          \
		(void)into;                                                                        \
		read_number(r, value, (least), (most), &of(r)->member);                            \
	}

SPAN(read_settle, settle_ns, 0, 7 * DAY_NS)
SPAN(read_restart_window, restart_window_ns, 0, 7 * DAY_NS)
NUMBER(read_restart_members, restart_members, 2, 1000)
SPAN(read_vanish, vanish_ns, MINUTE_NS, 3650 * DAY_NS)
NUMBER(read_vanish_factor, vanish_factor, 1, 100)
SPAN(read_gap, gap_ns, POLICY_SECOND_NS, 30 * DAY_NS)
SPAN(read_new_store, new_store_ns, 0, 365 * DAY_NS)
SPAN(read_registration_min, registration_min_ns, POLICY_SECOND_NS, 30 * DAY_NS)
SPAN(read_registration_idle, registration_idle_ns, POLICY_SECOND_NS, 30 * DAY_NS)
SPAN(read_merge_skew, merge_skew_ns, 0, DAY_NS)

/* Nothing at all is said in another way than that nobody said anything. */
static void
read_span_window(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	read_span(r, value, 0, 10 * POLICY_SECOND_NS, &of(r)->span_window_ns);
	if (of(r)->span_window_ns == 0)
		of(r)->span_window_ns = -1;
}

static void
read_flip_flop(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	if (value->kind != TREE_SCALAR ||
	    !values_times(value->text, &of(r)->flip_flop_count, &of(r)->flip_flop_span_ns))
		complaints_expected(r->said, value, "a number and a time, such as 3 in 24h");
}

static void
read_loss(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	if (value->kind != TREE_SCALAR || !values_share(value->text, &of(r)->loss_ppm))
		complaints_expected(r->said, value, "a share such as 0.1%, up to 100%");
}

static const struct field fields[] = {
    {"settle", false, read_settle},
    {"restart-window", false, read_restart_window},
    {"restart-members", false, read_restart_members},
    {"vanish", false, read_vanish},
    {"flip-flop", false, read_flip_flop},
    {"loss", false, read_loss},
    {"vanish-factor", false, read_vanish_factor},
    {"gap", false, read_gap},
    {"new-store", false, read_new_store},
    {"registration-min", false, read_registration_min},
    {"registration-idle", false, read_registration_idle},
    {"span-window", false, read_span_window},
    {"merge-skew", false, read_merge_skew},
};

void
sections_thresholds(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	if (value->kind == TREE_SCALAR && value->len == 0)
		return;
	(void)reading_fields(r, value, fields, COUNT(fields), NULL, "thresholds");
}

static void
print_span(FILE *out, const char *key, int64_t ns)
{
	char text[VALUES_TIME];

	fprintf(out, "  %-18s%s\n", key, values_span_format(ns, text));
}

void
thresholds_print(const struct thresholds *t, FILE *out)
{
	char span[VALUES_TIME];

	print_span(out, "settle", t->settle_ns);
	print_span(out, "restart-window", t->restart_window_ns);
	fprintf(out, "  %-18s%" PRIu32 "\n", "restart-members", t->restart_members);
	print_span(out, "vanish", t->vanish_ns);
	fprintf(out, "  %-18s%" PRIu32 " in %s\n", "flip-flop", t->flip_flop_count,
	    values_span_format(t->flip_flop_span_ns, span));
	fprintf(out, "  %-18s%g%%\n", "loss", (double)t->loss_ppm / 10000);
	fprintf(out, "  %-18s%" PRIu32 "\n", "vanish-factor", t->vanish_factor);
	print_span(out, "gap", t->gap_ns);
	print_span(out, "new-store", t->new_store_ns);
	print_span(out, "registration-min", t->registration_min_ns);
	print_span(out, "registration-idle", t->registration_idle_ns);
	print_span(out, "span-window", t->span_window_ns > 0 ? t->span_window_ns : 0);
	print_span(out, "merge-skew", t->merge_skew_ns);
}
