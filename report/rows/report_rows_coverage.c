/* report_rows_coverage.c - the table of sensors: what each saw, and what it lost. */
#include "base/clock.h"
#include "base/json.h"
#include "report/model/health.h"
#include "report/model/model.h"
#include "report/rows/parts.h"
#include "report/rows/report_rows.h"
#include "report/rows/report_rows_parts.h"
#include "report/rows/rows_kind.h"

#define PPM_OF_PERCENT 1e4

/* A number, or null for what nobody counted. */
static void
part_count(struct json *o, const struct health_sensor *s, const char *key, uint64_t n)
{
	if (health_uncounted(s))
		json_nothing(o, key);
	else
		json_count(o, key, n);
}

/* Of captures nobody knows what whoever wrote them lost, and of nothing there is no share. */
static void
part_loss(struct json *o, const struct health_sensor *s)
{
	const uint64_t *n = s->sum.n;
	double percent;

	json_object_begin(o, "dropped");
	part_count(o, s, "kernel", n[TALLY_DROPPED_KERNEL]);
	part_count(o, s, "interface", n[TALLY_DROPPED_INTERFACE]);
	part_count(o, s, "queue", n[TALLY_DROPPED_QUEUE]);
	part_count(o, s, "decode", n[TALLY_DROPPED_DECODE]);
	part_count(o, s, "cap", n[TALLY_DROPPED_CAP]);
	json_object_end(o);
	if (s->live && health_loss(s, &percent))
		json_count(o, "loss_ppm", (uint64_t)(percent * PPM_OF_PERCENT + 0.5));
	else
		json_nothing(o, "loss_ppm");
}

static void
part_times(struct json *o, const struct health_sensor *s)
{
	if (s->live)
		json_count(o, "up_seconds", (uint64_t)(s->up_ns / NS_PER_S));
	else
		json_nothing(o, "up_seconds");
	json_count(o, "seen_seconds", (uint64_t)(s->seen_ns / NS_PER_S));
	json_count(o, "gaps", s->holes);
	json_count(o, "gap_seconds", (uint64_t)(s->hole_ns / NS_PER_S));
}

static void
part_calls(struct json *o, const struct health_sensor *s, const struct tally *sum, size_t unnamed)
{
	part_count(o, s, "answers", sum->n[TALLY_ANSWERS]);
	part_count(o, s, "sealed_answers", sum->n[TALLY_SEALED_ANSWERS]);
	part_count(o, s, "binds", sum->n[TALLY_BINDS]);
	part_count(o, s, "unannounced", sum->n[TALLY_UNANNOUNCED]);
	json_count(o, "unnamed", unnamed);
}

static size_t
part_realms(struct json *o, const struct health_sensor *s)
{
	size_t unnamed = 0;

	json_array_begin(o, "realms");
	for (size_t i = 0; i < s->realm_count; i++) {
		const struct health_realm *one = &s->realm[i];

		json_object_begin(o, NULL);
		parts_text(o, "realm", one->realm);
		part_calls(o, s, &one->sum, one->unnamed);
		json_object_end(o);
		unnamed += one->unnamed;
	}
	json_array_end(o);
	return unnamed;
}

static int
put_sensor(struct rows_run *run, const void *item)
{
	const struct health_sensor *s = item;
	struct json o = {0};

	json_object_begin(&o, NULL);
	parts_text(&o, "sensor", s->sensor);
	json_bool(&o, "live", s->live);
	part_count(&o, s, "packets", s->came);
	part_count(&o, s, "bytes", s->sum.n[TALLY_BYTES]);
	part_loss(&o, s);
	part_times(&o, s);
	part_count(&o, s, "pdus", s->sum.n[TALLY_PDUS]);
	part_count(&o, s, "malformed", s->sum.n[TALLY_MALFORMED]);
	part_count(&o, s, "sealed", s->sum.n[TALLY_SEALED]);
	size_t unnamed = part_realms(&o, s);
	part_calls(&o, s, &s->sum, unnamed);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
select_coverage(struct rows_run *run)
{
	const struct health *h = run->report->health;

	return report_rows_each(run, h->sensor, h->sensor_count, sizeof(*h->sensor), put_sensor);
}

static const struct rows_cell cells[] = {{"sensor", NULL}, {"live", NULL}, {"packets", NULL},
    {"bytes", NULL}, {"dropped", "kernel"}, {"dropped", "interface"}, {"dropped", "queue"},
    {"dropped", "decode"}, {"dropped", "cap"}, {"loss_ppm", NULL}, {"up_seconds", NULL},
    {"seen_seconds", NULL}, {"gaps", NULL}, {"gap_seconds", NULL}, {"pdus", NULL},
    {"malformed", NULL}, {"sealed", NULL}, {"realms", NULL}, {"answers", NULL},
    {"sealed_answers", NULL}, {"binds", NULL}, {"unannounced", NULL}, {"unnamed", NULL}};

const struct rows_kind report_coverage = {cells, NULL, ROWS_COUNT(cells), 0, select_coverage};
