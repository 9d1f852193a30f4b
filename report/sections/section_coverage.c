/* section_coverage.c - how well the sensors saw what the report tells of, and what is not known: damaged captures, and times in
 * which nothing was seen, or too much of it lost. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "report/document/document.h"
#include "report/model/health.h"
#include "report/model/model.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"
#include "report/words/prose.h"
#include "track/policy.h"

enum {
	DAMAGED_LINES = 10,
	SENSOR_ITEMS = 50,
	REALM_FACTS = 20,
	LOSSY_ITEMS = 20,
	SPAN_TEXT = 32,
};

/* `34.2 MB`. */
static void
bytes_add(struct line *l, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
	double n = (double)bytes;
	size_t unit = 0;

	while (n >= 999.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		n /= 1000;
		unit++;
	}
	line_add(l, ROLE_PLAIN, "%.*f %s", unit > 0, n, units[unit]);
}

/* `, 12 by the kernel`, where there are any; with a comma unless it is the first. */
static void
count_add(struct line *l, uint64_t n, const char *words)
{
	if (n > 0)
		line_add(phrase_comma(l), ROLE_PLAIN, "%" PRIu64 " %s", n, words);
}

/* A share of a whole, which is not 0. */
static void
share_add(struct line *l, uint64_t part, uint64_t whole)
{
	double percent = 100 * (double)part / (double)whole;

	if (part > 0 && percent < 0.1)
		line_add(l, ROLE_PLAIN, " (below 0.1 %%)");
	else if (part > 0)
		line_add(l, ROLE_PLAIN, " (%.1f %%)", percent);
}

static void
packets_fact(struct document *d, const struct health_sensor *s)
{
	struct line l = {0};

	if (health_uncounted(s) || s->came == 0) {
		bool uncounted = health_uncounted(s);

		document_fact(d, "packets",
		    line_add(&l, uncounted ? ROLE_PLAIN : ROLE_BAD, "%s",
			uncounted ? "not counted" : "none"));
		return;
	}
	line_add(&l, ROLE_PLAIN, "%" PRIu64 ", ", s->came);
	bytes_add(&l, s->sum.n[TALLY_BYTES]);
	document_fact(d, "packets", &l);
}

/* Of captures nobody knows what whoever wrote them lost. */
static void
lost_fact(struct document *d, const struct health_sensor *s)
{
	uint64_t ppm = document_report(d)->judge->thresholds.loss_ppm;
	const uint64_t *n = s->sum.n;
	double percent;
	struct line l = {0};

	if (!s->live || !health_loss(s, &percent))
		return;
	line_add(&l, percent * 1e4 > (double)ppm ? ROLE_BAD : ROLE_PLAIN, "%.2f %%", percent);
	count_add(&l, n[TALLY_DROPPED_KERNEL], "by the kernel");
	count_add(&l, n[TALLY_DROPPED_INTERFACE], "by the interface");
	count_add(&l, n[TALLY_DROPPED_QUEUE], "observations for want of room in the queue");
	document_fact(d, "lost", &l);
}

static void
unread_fact(struct document *d, const struct health_sensor *s)
{
	const uint64_t *n = s->sum.n;
	struct line l = {0};

	if (!s->live)
		count_add(&l, n[TALLY_DROPPED_QUEUE], "observations for want of room in the queue");
	count_add(&l, n[TALLY_DROPPED_DECODE], "packets with broken headers");
	count_add(&l, n[TALLY_DROPPED_CAP], "things beyond a bound");
	count_add(&l, n[TALLY_GAPS], "holes in streams");
	count_add(&l, n[TALLY_DAMAGED], "segments with a wrong checksum");
	count_add(&l, n[TALLY_MALFORMED], "malformed PDUs");
	if (l.used > 0)
		document_fact(d, "unread", &l);
}

static void
time_facts(struct document *d, const struct health_sensor *s)
{
	char text[SPAN_TEXT];
	struct line l = {0};

	if (s->live) {
		line_add(&l, s->up_ns > 0 ? ROLE_PLAIN : ROLE_BAD, "%s",
		    s->up_ns > 0 ? health_span_text(s->up_ns, text, sizeof(text)) : "not at all");
		document_fact(d, "up", &l);
	}
	line_clear(&l);
	if (s->seen_ns >= NS_PER_S)
		line_add(&l, ROLE_PLAIN, "packets in %s",
		    health_span_text(s->seen_ns, text, sizeof(text)));
	if (s->holes > 0)
		line_add(phrase_comma(&l), ROLE_PLAIN, "%zu gap%s of %s in all", s->holes,
		    phrase_plural(s->holes), health_span_text(s->hole_ns, text, sizeof(text)));
	if (l.used > 0)
		document_fact(d, "seen", &l);
}

/* How much of what endpoint mappers say is known, and of what is used without. */
static void
mapper_facts(struct document *d, const struct tally *t)
{
	uint64_t clear = t->n[TALLY_ANSWERS], sealed = t->n[TALLY_SEALED_ANSWERS];
	uint64_t binds = t->n[TALLY_BINDS], blind = t->n[TALLY_UNANNOUNCED];
	struct line l = {0};

	line_add(&l, ROLE_PLAIN, "%" PRIu64 " of endpoint mappers", clear + sealed);
	if (sealed > 0) {
		line_add(&l, ROLE_PLAIN, ", %" PRIu64 " of them sealed", sealed);
		share_add(&l, sealed, clear + sealed);
	}
	document_fact(d, "answers", &l);
	line_add(line_clear(&l), ROLE_PLAIN, "%" PRIu64, binds);
	if (blind > 0) {
		line_add(&l, ROLE_PLAIN, ", %" PRIu64 " without an answer before", blind);
		share_add(&l, blind, binds > blind ? binds : blind);
	}
	document_fact(d, "binds", &l);
}

static void
unnamed_fact(struct document *d, const struct health_sensor *s)
{
	size_t unnamed = 0;
	struct line l = {0};

	for (size_t i = 0; i < s->realm_count; i++)
		unnamed += s->realm[i].unnamed;
	if (unnamed > 0)
		document_fact(d, "unnamed",
		    line_add(&l, ROLE_PLAIN, "%zu UUID%s", unnamed, phrase_plural(unnamed)));
}

static void
realm_fact(struct document *d, const struct health_realm *realm)
{
	const uint64_t *n = realm->sum.n;
	struct line l = {0};

	line_add(&l, ROLE_CODE, "%s", realm->realm);
	line_add(&l, ROLE_PLAIN, ": %" PRIu64 " answers, %" PRIu64 " binds", n[TALLY_ANSWERS],
	    n[TALLY_BINDS]);
	count_add(&l, n[TALLY_UNANNOUNCED], "without an answer before");
	count_add(&l, realm->unnamed, "UUIDs without a name");
	document_fact(d, "realm", &l);
}

static void
sensor_item(struct document *d, const struct health_sensor *s)
{
	struct line l = {0};

	line_add(line_add(&l, ROLE_PLAIN, "sensor "), ROLE_CODE, "%s", s->sensor);
	/* older versions did not say that either */
	if (!health_uncounted(s))
		line_add(&l, ROLE_PLAIN, s->live ? ", interfaces" : ", captures");
	document_item(d, &l);
	packets_fact(d, s);
	lost_fact(d, s);
	time_facts(d, s);
	if (!health_uncounted(s))
		mapper_facts(d, &s->sum);
	unnamed_fact(d, s);
	unread_fact(d, s);
	size_t realms = s->realm_count > 1 && !health_uncounted(s) ? s->realm_count : 0;
	for (size_t i = 0; i < realms && i < REALM_FACTS; i++)
		realm_fact(d, &s->realm[i]);
	if (realms > REALM_FACTS)
		document_fact(d, "realm",
		    line_add(
			line_clear(&l), ROLE_MUTED, "and %zu more", s->realm_count - REALM_FACTS));
}

static void
damaged_items(struct document *d)
{
	const struct report *r = document_report(d);
	struct line l;
	size_t n = 0;

	for (size_t i = 0; i < r->capture_count; i++) {
		const struct query_capture *c = &r->capture[i];

		if (c->damaged == 0 || n++ >= DAMAGED_LINES)
			continue;
		line_add(line_clear(&l), ROLE_CODE, "%s", prose_capture(c->name, true));
		line_add(&l, ROLE_BAD, " is damaged");
		document_item(d, line_add(&l, ROLE_PLAIN, " at byte %" PRIu64, c->damaged));
	}
	if (n > DAMAGED_LINES)
		phrase_left(d, n - DAMAGED_LINES, "damaged capture", NULL);
}

/* `3 h 20 min`, `2 d 4 h`: to the minute, since the ends are told to the second. */
static void
span_add(struct line *l, int64_t ns)
{
	int64_t minutes = (ns + 30 * NS_PER_S) / (60 * NS_PER_S);

	if (minutes >= 24 * 60)
		line_add(l, ROLE_PLAIN, "%" PRId64 " d %" PRId64 " h", minutes / (24 * 60),
		    minutes / 60 % 24);
	else
		line_add(
		    l, ROLE_PLAIN, "%" PRId64 " h %" PRId64 " min", minutes / 60, minutes % 60);
}

/* Who saw nothing is told where there are several who could. */
static void
holes_table(struct document *d)
{
	static const struct document_column columns[] = {
	    {"Gap from (UTC)", false, false},
	    {"To (UTC)", false, false},
	    {"For", true, false},
	    {"Sensor", false, false},
	    {"Realm", false, false},
	};
	const struct report *r = document_report(d);

	if (r->hole_count == 0)
		return;
	document_table(d, columns, r->watchers > 1 ? 5 : 3, "Times in which nothing was seen");
	for (size_t i = 0; i < r->hole_count; i++) {
		const struct report_hole *h = &r->hole[i];
		struct line *cell = document_cells(d);

		phrase_time(&cell[0], h->from_ns);
		phrase_time(&cell[1], h->to_ns);
		span_add(&cell[2], h->to_ns - h->from_ns);
		line_add(&cell[3], ROLE_CODE, "%s", h->sensor);
		line_add(&cell[4], ROLE_CODE, "%s", h->realm);
		document_row(d, cell);
	}
	document_table_end(d);
	phrase_left(d, r->hole_total - r->hole_count, "gap", NULL);
}

/* Whole hours: more is not known of when it was. */
static void
lossy_item(struct document *d, const struct health_span *x)
{
	const struct report *r = document_report(d);
	struct line l = {0};

	line_add(&l, ROLE_BAD, "more than %g %% lost", (double)r->judge->thresholds.loss_ppm / 1e4);
	phrase_time(line_add(&l, ROLE_PLAIN, " from "), x->from_ns);
	phrase_time(line_add(&l, ROLE_PLAIN, " to "), x->to_ns);
	line_add(&l, ROLE_PLAIN, " UTC");
	if (r->health->sensor_count > 1)
		line_add(line_add(&l, ROLE_PLAIN, " by sensor "), ROLE_CODE, "%s", x->sensor);
	document_item(d, &l);
}

void
section_coverage(struct document *d)
{
	const struct report *r = document_report(d);
	const struct health *h = r->health;
	size_t i;

	for (i = 0; i < h->sensor_count && i < SENSOR_ITEMS; i++)
		sensor_item(d, &h->sensor[i]);
	phrase_left(d, h->sensor_count - i, "sensor", NULL);
	damaged_items(d);
	holes_table(d);
	for (i = 0; i < h->lossy_count && i < LOSSY_ITEMS; i++)
		lossy_item(d, &h->lossy[i]);
	phrase_left(d, h->lossy_total - i, NULL, NULL);
}
