/* clock.c - spans of packet time, and what the clock showed in them. */
#include "track/clock.h"

#include <string.h>

#include "base/clock.h"
#include "track/octets.h"

enum {
	FORMAT = 1,
	FILLING = CLOCK_SPANS / 4 /* what comes until somebody asks again shall have room */
};

/* Any two times have a distance that gives the one back from the other, if numbers may wrap. */
static int64_t
apart(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t
joined(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

void
clock_init(struct clock *c, int64_t gap_ns)
{
	memset(c, 0, sizeof(*c));
	c->gap_ns = gap_ns;
}

/* At a time in ${s}. */
static int64_t
reading_in(const struct clock_span *s, int64_t ts_ns)
{
	return ts_ns > s->known_ns ? clock_plus(s->reading, clock_minus(ts_ns, s->known_ns))
				   : s->reading;
}

static int64_t
end_reading(const struct clock_span *s)
{
	return reading_in(s, s->to_ns);
}

/* The span whose row goes on where a new one begins at ${ts_ns}; NULL where none does. */
static struct clock_span *
adjoining(struct clock *c, int64_t ts_ns)
{
	for (size_t i = c->count; i-- > 0;) {
		struct clock_span *s = &c->span[i];

		if (!s->merged && s->cover.from_ns <= ts_ns &&
		    clock_minus(ts_ns, s->cover.to_ns) <= c->gap_ns)
			return s;
	}
	return NULL;
}

/* Room for one more; the oldest gives its own. */
static struct clock_span *
add_span(struct clock *c)
{
	if (c->count == CLOCK_SPANS) {
		memmove(&c->span[0], &c->span[1], (CLOCK_SPANS - 1) * sizeof(c->span[0]));
		c->count--;
		c->forgotten++;
	}
	return &c->span[c->count++];
}

static void
begin_span(struct clock *c, int64_t ts_ns)
{
	struct coverage cover = {.from_ns = ts_ns, .to_ns = ts_ns};
	struct clock_span *before, *s = add_span(c);

	s->merged = true; /* not itself */
	if ((before = adjoining(c, ts_ns)) != NULL) {
		cover = before->cover;
		cover.to_ns = cover.to_ns > ts_ns ? cover.to_ns : ts_ns;
		before->merged = true;
	}
	*s = (struct clock_span){.from_ns = ts_ns,
	    .to_ns = ts_ns,
	    .known_ns = cover.to_ns,
	    .reading = c->reading,
	    .cover = cover,
	    .dirty = true};
	c->now_ns = ts_ns;
	c->begun++;
}

static void
start(struct clock *c, int64_t ts_ns)
{
	c->started = true;
	c->born_ns = ts_ns;
	c->reading = ts_ns;
	begin_span(c, ts_ns);
}

static void
step_back(struct clock *c, int64_t ts_ns)
{
	const struct clock_span *s = &c->span[c->count - 1];

	c->steps++;
	c->step_at_ns = ts_ns;
	c->step_by_ns = clock_minus(c->now_ns, ts_ns);
	if (ts_ns >= s->from_ns)
		c->now_ns = ts_ns;
	else
		begin_span(c, ts_ns);
}

static void
extend(struct clock *c, int64_t ts_ns)
{
	struct clock_span *s = &c->span[c->count - 1];

	c->now_ns = ts_ns;
	if (ts_ns <= s->to_ns)
		return;
	s->to_ns = ts_ns;
	if (ts_ns > s->cover.to_ns) {
		s->cover.to_ns = ts_ns;
		s->dirty = true;
	}
	c->reading = end_reading(s);
}

void
clock_walk(struct clock *c, int64_t ts_ns)
{
	if (c->started && ts_ns <= c->now_ns && clock_minus(c->now_ns, ts_ns) <= CLOCK_DISORDER_NS)
		return;
	c->dirty = true;
	if (!c->started)
		start(c, ts_ns);
	else if (ts_ns < c->now_ns)
		step_back(c, ts_ns);
	else if (clock_minus(ts_ns, c->now_ns) <= c->gap_ns || ts_ns <= c->span[c->count - 1].to_ns)
		extend(c, ts_ns);
	else
		begin_span(c, ts_ns);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

bool
clock_can_advance(int64_t now_ns, int64_t gap_ns, int64_t first_ns, int64_t last_ns)
{
	int64_t latest = later(last_ns, now_ns);

	return clock_minus(latest, first_ns) <= CLOCK_DISORDER_NS &&
	       clock_minus(latest, now_ns) <= gap_ns;
}

bool
clock_advance(struct clock *c, int64_t first_ns, int64_t last_ns)
{
	if (!c->started || !clock_can_advance(c->now_ns, c->gap_ns, first_ns, last_ns))
		return false;
	clock_walk(c, later(last_ns, c->now_ns));
	return true;
}

int64_t
clock_at(const struct clock *c, int64_t ts_ns)
{
	int64_t before_ns = INT64_MIN, reading;

	if (c->count == 0)
		return ts_ns;
	reading = c->span[0].reading;
	for (size_t i = c->count; i-- > 0;) {
		const struct clock_span *s = &c->span[i];

		if (s->from_ns > ts_ns)
			continue;
		if (ts_ns <= s->to_ns)
			return reading_in(s, ts_ns);
		if (s->to_ns > before_ns) {
			before_ns = s->to_ns;
			reading = end_reading(s);
		}
	}
	return reading;
}

/* It was left for a time before it, where an earlier one had ended and goes on. */
static bool
goes_on_before(const struct clock_span *s, const struct clock_span *ahead)
{
	return s->from_ns < ahead->from_ns && s->cover.from_ns < s->from_ns;
}

int64_t
clock_right(const struct clock *c, int64_t ts_ns)
{
	size_t at = c->count;

	if (c->steps == 0 || ts_ns <= c->now_ns)
		return ts_ns;
	while (at > 0 && (ts_ns < c->span[at - 1].from_ns || ts_ns > c->span[at - 1].to_ns))
		at--;
	if (at == 0 || clock_minus(c->span[at - 1].to_ns, c->span[at - 1].from_ns) > c->gap_ns)
		return ts_ns;
	for (size_t i = at; i < c->count; i++) {
		if (goes_on_before(&c->span[i], &c->span[at - 1]))
			return c->span[i].from_ns;
	}
	return ts_ns;
}

int64_t
clock_when(const struct clock *c, int64_t reading)
{
	if (c->count == 0)
		return reading;
	if (reading > c->reading)
		return clock_plus(c->now_ns, clock_minus(reading, c->reading));
	for (size_t i = c->count; i-- > 0;) {
		const struct clock_span *s = &c->span[i];

		if (s->reading < reading || i == 0)
			return reading > s->reading
				   ? clock_plus(s->known_ns, clock_minus(reading, s->reading))
				   : s->from_ns;
	}
	return c->now_ns;
}

int64_t
clock_between(const struct clock *c, int64_t from_ns, int64_t to_ns)
{
	int64_t healthy = clock_minus(clock_at(c, to_ns), clock_at(c, from_ns));

	return to_ns > from_ns && healthy > 0 ? healthy : 0;
}

bool
clock_is_filling(const struct clock *c)
{
	return c->begun >= FILLING;
}

int
clock_flush(struct clock *c, int (*keep)(void *ctx, struct coverage *cover), void *ctx)
{
	for (size_t i = 0; i < c->count; i++) {
		struct clock_span *s = &c->span[i];
		int r;

		if (!s->dirty || s->merged)
			continue;
		if ((r = keep(ctx, &s->cover)) != 0)
			return r;
	}
	return 0;
}

void
clock_settle(struct clock *c)
{
	for (size_t i = 0; i < c->count; i++)
		c->span[i].dirty = false;
	c->dirty = false;
	c->begun = 0;
}

static void
encode_span(const struct clock_span *s, int64_t since, struct octets *out)
{
	octets_put_signed(out, apart(s->from_ns, since));
	octets_put_signed(out, apart(s->to_ns, s->from_ns));
	octets_put_signed(out, apart(s->known_ns, s->from_ns));
	octets_put_signed(out, apart(s->reading, since));
	octets_put_signed(out, apart(s->cover.from_ns, since));
	octets_put_signed(out, apart(s->cover.to_ns, since));
	octets_put_signed(out, s->cover.row);
	octets_put(out, s->merged ? 1 : 0);
}

void
clock_encode(const struct clock *c, struct octets *out)
{
	octets_put(out, FORMAT);
	octets_put_signed(out, c->born_ns);
	octets_put_signed(out, c->now_ns);
	octets_put_signed(out, c->reading);
	octets_put(out, c->steps);
	octets_put_signed(out, c->step_at_ns);
	octets_put_signed(out, c->step_by_ns);
	octets_put(out, c->forgotten);
	octets_put(out, c->count);
	for (size_t i = 0; i < c->count; i++)
		encode_span(&c->span[i], c->born_ns, out);
}

static void
decode_span(struct clock_span *s, int64_t since, struct octets_in *in)
{
	s->from_ns = joined(octets_get_signed(in), since);
	s->to_ns = joined(octets_get_signed(in), s->from_ns);
	s->known_ns = joined(octets_get_signed(in), s->from_ns);
	s->reading = joined(octets_get_signed(in), since);
	s->cover.from_ns = joined(octets_get_signed(in), since);
	s->cover.to_ns = joined(octets_get_signed(in), since);
	s->cover.row = octets_get_signed(in);
	s->merged = octets_get_most(in, 1) != 0;
	s->dirty = false;
	if (s->to_ns < s->from_ns || s->known_ns < s->from_ns ||
	    s->cover.to_ns < s->cover.from_ns || s->cover.row < 0)
		in->bad = true;
}

static bool
is_ordered(const struct clock *c)
{
	for (size_t i = 1; i < c->count; i++) {
		if (c->span[i].reading < end_reading(&c->span[i - 1]))
			return false;
	}
	return c->count > 0 && c->reading == end_reading(&c->span[c->count - 1]) &&
	       c->now_ns >= c->span[c->count - 1].from_ns &&
	       c->now_ns <= c->span[c->count - 1].to_ns;
}

bool
clock_decode(struct clock *c, const uint8_t *data, size_t len)
{
	struct octets_in in = octets_in(data, len);
	struct clock d;

	clock_init(&d, c->gap_ns);
	if (octets_get(&in) != FORMAT)
		return false;
	d.started = true;
	d.born_ns = octets_get_signed(&in);
	d.now_ns = octets_get_signed(&in);
	d.reading = octets_get_signed(&in);
	d.steps = octets_get(&in);
	d.step_at_ns = octets_get_signed(&in);
	d.step_by_ns = octets_get_signed(&in);
	d.forgotten = octets_get(&in);
	d.count = (size_t)octets_get_most(&in, CLOCK_SPANS);
	for (size_t i = 0; i < d.count && octets_good(&in); i++)
		decode_span(&d.span[i], d.born_ns, &in);
	if (!octets_done(&in) || !is_ordered(&d))
		return false;
	*c = d;
	return true;
}
