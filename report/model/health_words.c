/* health_words.c - health in a few words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "report/model/health.h"
#include "report/model/model.h"

#define MINUTE_NS (60 * NS_PER_S)

enum {
	SPAN_TEXT = 32,
	HOURS_MOST = 100, /* from there on in days */
	LOSS_TEXT = 64,
};

const char *
health_doubt_words(unsigned doubt)
{
	static const char *const words[] = {NULL, "beside a time in which nothing was seen",
	    "while packets were lost",
	    "beside a time in which nothing was seen, and while packets were lost"};

	return words[doubt & (DOUBT_GAP | DOUBT_LOSS)];
}

bool
health_loss(const struct health_sensor *s, double *percent)
{
	double all = (double)s->lost + (double)s->came;

	*percent = all > 0 ? 100 * (double)s->lost / all : 0;
	return all > 0;
}

bool
health_uncounted(const struct health_sensor *s)
{
	return !s->live && s->came == 0 && s->seen_ns > 0;
}

/* A minute less than an hour is an hour: nothing starts and ends on the second. */
char *
health_span_text(int64_t ns, char *out, size_t size)
{
	int64_t minutes = ns / MINUTE_NS, hours = (ns + MINUTE_NS) / (60 * MINUTE_NS);

	if (hours >= HOURS_MOST)
		snprintf(out, size, "%" PRId64 " d", hours / 24);
	else if (hours > 0)
		snprintf(out, size, "%" PRId64 " h", hours);
	else if (minutes > 0)
		snprintf(out, size, "%" PRId64 " min", minutes);
	else
		snprintf(out, size, "%" PRId64 " s", ns / NS_PER_S);
	return out;
}

/* What the sensors that watch interfaces have in common. */
struct live {
	size_t count, silent;
	struct health_sensor sum;
	int64_t least_ns, most_ns; /* that one of them was up */
};

static struct live
live_sum(const struct health *h)
{
	struct live l = {.least_ns = INT64_MAX};

	for (size_t i = 0; i < h->sensor_count; i++) {
		const struct health_sensor *s = &h->sensor[i];

		if (!s->live)
			continue;
		l.count++;
		l.silent += s->came == 0;
		if (__builtin_add_overflow(l.sum.lost, s->lost, &l.sum.lost))
			l.sum.lost = UINT64_MAX;
		if (__builtin_add_overflow(l.sum.came, s->came, &l.sum.came))
			l.sum.came = UINT64_MAX;
		l.least_ns = s->up_ns < l.least_ns ? s->up_ns : l.least_ns;
		l.most_ns = s->up_ns > l.most_ns ? s->up_ns : l.most_ns;
	}
	return l;
}

/* So small a share that it reads as none is still some. */
static void
loss_text(const struct live *l, char out[LOSS_TEXT])
{
	double percent;

	if (!health_loss(&l->sum, &percent))
		snprintf(out, LOSS_TEXT, "no packet seen");
	else if (percent > 0 && percent < 0.01)
		snprintf(out, LOSS_TEXT, "capture loss below 0.01 %%");
	else
		snprintf(out, LOSS_TEXT, "capture loss %.*f %%", percent == 0 ? 0 : 2, percent);
}

static void
up_text(const struct live *l, char *out, size_t size)
{
	char least[SPAN_TEXT], most[SPAN_TEXT];

	health_span_text(l->least_ns, least, sizeof(least));
	health_span_text(l->most_ns, most, sizeof(most));
	if (l->most_ns == 0)
		snprintf(out, size, "sensor%s not up", l->count == 1 ? "" : "s");
	else if (l->count == 1)
		snprintf(out, size, "sensor up %s", most);
	else if (strcmp(least, most) == 0)
		snprintf(out, size, "%zu sensors up %s", l->count, most);
	else
		snprintf(out, size, "%zu sensors up %s to %s", l->count, least, most);
}

static void
live_headline(const struct health *h, char *out, size_t size)
{
	const struct live l = live_sum(h);
	char loss[LOSS_TEXT], up[96], silent[64] = "";

	loss_text(&l, loss);
	up_text(&l, up, sizeof(up));
	if (l.silent > 0 && l.silent < l.count)
		snprintf(silent, sizeof(silent), ", %zu of them saw no packet", l.silent);
	snprintf(out, size, "%s, %s%s", loss, up, silent);
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
captures_headline(const struct query_summary *s, char *out, size_t size)
{
	char damaged[48] = "";

	if (s->damaged_captures > 0)
		snprintf(damaged, sizeof(damaged), ", %" PRIu64 " damaged", s->damaged_captures);
	snprintf(out, size, "%" PRIu64 " capture%s, %" PRIu64 " frame%s%s", s->captures,
	    plural(s->captures), s->frames, plural(s->frames), damaged);
}

char *
health_headline(const struct report *r, char *out, size_t size)
{
	const struct query_summary *s = &r->summary;
	size_t used;

	if (!r->health->live) {
		captures_headline(s, out, size);
		return out;
	}
	live_headline(r->health, out, size);
	used = strlen(out);
	if (s->damaged_captures > 0)
		snprintf(out + used, size - used, ", %" PRIu64 " damaged capture%s",
		    s->damaged_captures, plural(s->damaged_captures));
	return out;
}
