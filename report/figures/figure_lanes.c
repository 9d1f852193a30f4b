/* figure_lanes.c - see figure_lanes.h. */
#include "report/figures/figure_lanes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "report/figures/figure_parts.h"
#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/pool.h"

enum {
	NAMED = 3, /* interfaces that a tooltip names */
};

/* Which lanes stand first. */
enum rank {
	RANK_ATTEMPTED,
	RANK_PAST,
	RANK_PRESENT,
	RANK_WRONG,
};

/* A stretch of time of one endpoint, in which some interface or other was there. */
struct spell {
	const struct figure_sight *lead; /* names it */
	size_t first, count;             /* sights */
	size_t interfaces;
	enum rank rank;         /* of its lane */
	int64_t from_ns, to_ns; /* first and last sight */
	int64_t ended_ns;       /* 0: some are alive */
};

static int
compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_time(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* How much worth a look it is; least what was only attempted. */
static unsigned
sight_rank(const struct figure_sight *s)
{
	return s->grade == PLOT_UNKNOWN ? 0 : s->grade + 1;
}

/* Where it is, and how right that is. */
static int
sight_compare_place(const struct figure_sight *a, const struct figure_sight *b)
{
	int order = compare_number(sight_rank(b), sight_rank(a));

	if (order == 0)
		order = compare_number(a->key.protseq, b->key.protseq);
	return order != 0 ? order : endpoint_compare(&a->endpoint, &b->endpoint);
}

static int
sight_compare(const void *a, const void *b)
{
	const struct figure_sight *x = a, *y = b;
	int order = sight_compare_place(x, y);

	if (order == 0)
		order = compare_time(x->first_ns, y->first_ns);
	return order != 0 ? order : mapping_key_compare(&x->key, &y->key);
}

/* Which of two is better known: a name, more sights, then by name. */
static bool
leads(const struct figure_sight *a, const struct figure_sight *b)
{
	const char *x = report_service(&a->key.uuid), *y = report_service(&b->key.uuid);

	if ((x == NULL) != (y == NULL))
		return x != NULL;
	if (a->weight != b->weight)
		return a->weight > b->weight;
	return mapping_key_compare(&a->key, &b->key) < 0;
}

static int64_t
sight_end(const struct figure_sight *s)
{
	return s->ended_ns == 0 ? INT64_MAX : s->last_ns;
}

/* The spell that begins at sight ${first}: whatever overlaps it at that endpoint. */
static struct spell
spell_at(const struct figure_sight *sight, size_t first, size_t count)
{
	const struct figure_sight *s = &sight[first];
	struct spell p = {.lead = s,
	    .first = first,
	    .count = 1,
	    .from_ns = s->first_ns,
	    .to_ns = s->last_ns,
	    .ended_ns = s->ended_ns};
	int64_t end = sight_end(s);

	for (size_t i = first + 1; i < count; i++, p.count++) {
		s = &sight[i];
		if (sight_compare_place(s, p.lead) != 0 || s->first_ns > end)
			break;
		end = sight_end(s) > end ? sight_end(s) : end;
		p.to_ns = s->last_ns > p.to_ns ? s->last_ns : p.to_ns;
		if (s->ended_ns == 0 || (p.ended_ns != 0 && s->ended_ns > p.ended_ns))
			p.ended_ns = s->ended_ns;
		if (leads(s, p.lead))
			p.lead = s;
	}
	return p;
}

/* How many interfaces are in it; those that were gone for a while and came back once. */
static size_t
interfaces_count(const struct figure_sight *sight, struct spell *p)
{
	size_t n = 0;

	for (size_t i = p->first; i < p->first + p->count; i++) {
		size_t before = p->first;

		while (before < i && mapping_key_compare(&sight[before].key, &sight[i].key) != 0)
			before++;
		n += before == i;
	}
	return n;
}

static int
spell_compare_lane(const struct spell *a, const struct spell *b)
{
	int order = sight_compare_place(a->lead, b->lead);

	return order != 0 ? order : mapping_key_compare(&a->lead->key, &b->lead->key);
}

/* What needs a look first, and beside it where that interface is now; then what is there, then what was. */
static int
spell_compare(const void *a, const void *b)
{
	const struct spell *x = a, *y = b;
	int order = compare_number(y->rank, x->rank);

	if (order == 0 && x->rank == RANK_WRONG)
		order = mapping_key_compare(&x->lead->key, &y->lead->key);
	if (order == 0)
		order = spell_compare_lane(x, y);
	if (order == 0)
		order = compare_time(x->from_ns, y->from_ns);
	return order != 0 ? order : compare_number(x->first, y->first);
}

static bool
is_wrong(const struct spell *p)
{
	return p->lead->grade != PLOT_OK && p->lead->grade != PLOT_UNKNOWN;
}

/* By interface, those lanes first that are not right. */
static int
spell_compare_lead(const void *a, const void *b)
{
	const struct spell *x = a, *y = b;
	int order = mapping_key_compare(&x->lead->key, &y->lead->key);

	if (order == 0)
		order = spell_compare_lane(x, y);
	return order != 0 ? order : compare_number(x->first, y->first);
}

/* Of spells ${first} and on that are one lane; ${wrong}: its interface is somewhere where it should not be. Returns the first behind them. */
static size_t
lane_rank(struct spell *spell, size_t first, size_t count, bool wrong)
{
	enum rank rank = RANK_PAST;
	size_t n = first;

	for (; n < count && spell_compare_lane(&spell[first], &spell[n]) == 0; n++)
		if (spell[n].ended_ns == 0)
			rank = wrong ? RANK_WRONG : RANK_PRESENT;
	if (is_wrong(&spell[first]))
		rank = RANK_WRONG;
	if (spell[first].lead->grade == PLOT_UNKNOWN)
		rank = RANK_ATTEMPTED;
	for (size_t i = first; i < n; i++)
		spell[i].rank = rank;
	return n;
}

static void
spells_order(struct spell *spell, size_t count)
{
	bool wrong = false;

	qsort(spell, count, sizeof(*spell), spell_compare_lead);
	for (size_t i = 0, n; i < count; i = n) {
		bool same =
		    i > 0 && mapping_key_compare(&spell[i - 1].lead->key, &spell[i].lead->key) == 0;

		wrong = (same && wrong) || is_wrong(&spell[i]);
		n = lane_rank(spell, i, count, wrong);
	}
	qsort(spell, count, sizeof(*spell), spell_compare);
}

static bool
is_same_lane(const struct spell *a, const struct spell *b)
{
	return spell_compare_lane(a, b) == 0;
}

/* The interfaces of it, as far as a tooltip names them. */
static size_t
names_write(const struct figure_sight *sight, const struct spell *p, char *out, size_t size)
{
	char uuid[UUID_TEXT];
	size_t used =
	    (size_t)snprintf(out, size, "%.100s", figure_service(&p->lead->key.uuid, uuid));
	size_t named = 1;

	for (size_t i = p->first; i < p->first + p->count && named < NAMED; i++) {
		if (mapping_key_compare(&sight[i].key, &p->lead->key) == 0)
			continue;
		used += (size_t)snprintf(
		    out + used, size - used, ", %.100s", figure_service(&sight[i].key.uuid, uuid));
		named++;
	}
	if (p->interfaces > named)
		used += (size_t)snprintf(
		    out + used, size - used, " and %zu more", p->interfaces - named);
	return used;
}

static const char *
spell_tip(struct pool *pool, const struct figure_sight *sight, const struct spell *p)
{
	char tip[SVG_TEXT], where[ENDPOINT_TEXT], a[CLOCK_TEXT], b[CLOCK_TEXT];
	size_t used = (size_t)snprintf(tip, sizeof(tip), "%s %s\n",
	    endpoint_format(&p->lead->endpoint, where),
	    protseq_name((enum protseq)p->lead->key.protseq));

	used += names_write(sight, p, tip + used, sizeof(tip) - used);
	used += (size_t)snprintf(tip + used, sizeof(tip) - used, "\n%s to %s UTC",
	    clock_format_short(p->from_ns, a), clock_format_short(p->to_ns, b));
	if (p->ended_ns != 0)
		used += (size_t)snprintf(
		    tip + used, sizeof(tip) - used, ", ended (%s)", change_kind_name(p->lead->why));
	if (p->lead->rules[0] != '\0')
		snprintf(tip + used, sizeof(tip) - used, "\n%.100s", p->lead->rules);
	return pool_text(pool, tip);
}

static struct plot_bar
spell_bar(struct pool *pool, const struct figure_sight *sight, const struct spell *p, int64_t to_ns)
{
	return (struct plot_bar){.from_ns = p->from_ns,
	    .to_ns = p->to_ns,
	    .until_ns = p->ended_ns == 0 ? to_ns : p->to_ns,
	    .grade = p->lead->grade,
	    .open = p->ended_ns == 0,
	    .tip = spell_tip(pool, sight, p)};
}

static void
lane_words(struct pool *pool, const struct spell *p, struct plot_lane *lane)
{
	char label[FIGURE_TITLE], note[FIGURE_TITLE], where[ENDPOINT_TEXT], uuid[UUID_TEXT];
	int used = snprintf(label, sizeof(label), "%.63s %.100s",
	    endpoint_format(&p->lead->endpoint, where), figure_service(&p->lead->key.uuid, uuid));

	if (p->interfaces > 1)
		snprintf(label + used, sizeof(label) - (size_t)used, " +%zu", p->interfaces - 1);
	snprintf(note, sizeof(note), "%s%s%s",
	    p->lead->key.protseq != PROTSEQ_TCP ? protseq_name((enum protseq)p->lead->key.protseq)
						: "",
	    p->lead->key.protseq != PROTSEQ_TCP && p->lead->rules[0] != '\0' ? " " : "",
	    p->lead->rules);
	lane->label = pool_text(pool, label);
	lane->note = pool_text(pool, note);
}

/* The lane that spells ${first} and on make: their bars, and the words of the one with most interfaces. */
static size_t
lane_fill(struct pool *pool, struct figure_sight *sight, const struct spell *spell, size_t first,
    size_t count, int64_t to_ns, struct figure_lanes *out)
{
	struct plot_lane *lane = &out->lane[out->count];
	const struct spell *widest = &spell[first];
	size_t n = first;

	while (n < count && is_same_lane(&spell[first], &spell[n]))
		n++;
	struct plot_bar *bar = pool_alloc(pool, (n - first) * sizeof(*bar));
	for (size_t i = first; bar != NULL && i < n; i++) {
		bar[i - first] = spell_bar(pool, sight, &spell[i], to_ns);
		for (size_t s = spell[i].first; s < spell[i].first + spell[i].count; s++)
			sight[s].lane = out->count;
		widest = spell[i].interfaces > widest->interfaces ? &spell[i] : widest;
	}
	lane_words(pool, widest, lane);
	lane->bar = bar;
	lane->bar_count = bar != NULL ? n - first : 0;
	out->interfaces += widest->interfaces;
	out->count++;
	return n;
}

int
figure_lanes_make(struct pool *pool, struct figure_sight *sight, size_t count, int64_t to_ns,
    struct figure_lanes *out)
{
	struct spell *spell = pool_alloc(pool, (count + 1) * sizeof(*spell));
	size_t spells = 0;

	*out = (struct figure_lanes){.lane = pool_alloc(pool, (count + 1) * sizeof(*out->lane))};
	if (spell == NULL || out->lane == NULL)
		return -ENOMEM;
	qsort(sight, count, sizeof(*sight), sight_compare);
	for (size_t i = 0; i < count; i += spell[spells++].count) {
		spell[spells] = spell_at(sight, i, count);
		spell[spells].interfaces = interfaces_count(sight, &spell[spells]);
	}
	spells_order(spell, spells);
	for (size_t i = 0; i < spells;)
		i = lane_fill(pool, sight, spell, i, spells, to_ns, out);
	return pool_failed(pool) ? -ENOMEM : 0;
}
