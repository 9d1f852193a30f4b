/* tracker_keep.c - what lasts: handed out to be kept, and taken over again. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/dossier.h"
#include "track/octets.h"
#include "track/push_parts.h"
#include "track/tracker.h"

/* To whom mappings go. */
struct keeper {
	struct track *t;
	int (*keep)(void *ctx, struct mapping *m);
	void *ctx;
};

/* The state as octets, which stay until it was kept for good. */
static int
write_state(struct track *t, struct hot *h)
{
	struct octets notes = {.data = NULL}, out = {.data = NULL};
	struct state *state = &h->mapping.state;
	struct change tentative;

	if (!h->stirred)
		return ERR_OK;
	tracker_begin(t, &h->mapping.key, t->clock.now_ns, t->clock.reading);
	change_preview(&h->mapping, tracker_pending(t, h), &t->room, &tentative);
	dossier_encode(h->dossier, &notes);
	pending_encode(h->pending, &h->mapping, &tentative, notes.data, notes.len, &out);
	if (notes.failed || out.failed) {
		octets_free(&notes);
		octets_free(&out);
		return -ENOMEM;
	}
	octets_free(&notes);
	free(state->data);
	*state = (struct state){
	    .data = out.data, .len = out.len, .due_ns = h->due.due_ns, .dirty = true};
	return ERR_OK;
}

static int
keep_one(void *ctx, struct hot *h)
{
	struct keeper *k = ctx;
	int r = write_state(k->t, h);

	return r == ERR_OK ? k->keep(k->ctx, &h->mapping) : r;
}

int
track_flush(struct track *t, int (*keep)(void *ctx, struct mapping *m), void *ctx)
{
	struct keeper k = {t, keep, ctx};
	int r = hot_flush(&t->hot, keep_one, &k);

	t->flushed = r == ERR_OK;
	return r;
}

int
track_flush_servers(
    struct track *t, int (*keep)(void *ctx, const struct server_facts *f), void *ctx)
{
	return servers_flush(&t->servers, keep, ctx);
}

int
track_flush_coverage(struct track *t, int (*keep)(void *ctx, struct coverage *cover), void *ctx)
{
	return clock_flush(&t->clock, keep, ctx);
}

static void
encode_clock(const struct track *t, struct octets *out)
{
	clock_encode(&t->clock, out);
}

static void
encode_lookups(const struct track *t, struct octets *out)
{
	lookups_encode(&t->lookups, out);
}

static bool
decode_lookups(struct track *t, const uint8_t *data, size_t len)
{
	return lookups_decode(&t->lookups, data, len);
}

static bool
lookups_are_dirty(const struct track *t)
{
	return t->lookups.dirty;
}

static void
encode_rules(const struct track *t, struct octets *out)
{
	rules_state_encode(&t->rules, out);
}

static bool
decode_clock(struct track *t, const uint8_t *data, size_t len)
{
	return clock_decode(&t->clock, data, len);
}

static bool
decode_rules(struct track *t, const uint8_t *data, size_t len)
{
	return rules_state_decode(&t->rules, data, len);
}

static bool
clock_is_dirty(const struct track *t)
{
	return t->clock.dirty;
}

static bool
rules_are_dirty(const struct track *t)
{
	return rules_is_dirty(&t->rules);
}

/* What is remembered of the sensor itself. */
static const struct part {
	const char *name;
	bool (*is_dirty)(const struct track *t);
	void (*encode)(const struct track *t, struct octets *out);
	bool (*decode)(struct track *t, const uint8_t *data, size_t len);
} parts[] = {
    {"clock", clock_is_dirty, encode_clock, decode_clock},
    {"lookups", lookups_are_dirty, encode_lookups, decode_lookups},
    {"rules", rules_are_dirty, encode_rules, decode_rules},
};

enum {
	PARTS = sizeof(parts) / sizeof(parts[0])
};

static void
encode_pushes(const struct track *t, struct octets *out)
{
	intruders_encode(&t->intruders, out);
	pushes_encode(&t->pushes, out);
}

static bool
decode_pushes(struct track *t, const uint8_t *data, size_t len)
{
	struct octets_in in = octets_in(data, len);

	return intruders_decode(&t->intruders, &in) &&
	       pushes_decode(&t->pushes, in.pos, (size_t)(in.end - in.pos));
}

static bool
pushes_are_dirty(const struct track *t)
{
	return t->pushes.dirty || t->intruders.dirty;
}

/* It is read when the clock and the rows of notifications have been. */
static const struct part pushes_part = {"pushes", pushes_are_dirty, encode_pushes, decode_pushes};

static int
flush_part(struct track *t, const struct part *part,
    int (*keep)(void *ctx, const char *name, const void *data, size_t len), void *ctx)
{
	struct octets out = {.data = NULL};
	int r;

	if (!part->is_dirty(t))
		return ERR_OK;
	part->encode(t, &out);
	r = out.failed ? -ENOMEM : keep(ctx, part->name, out.data, out.len);
	octets_free(&out);
	return r;
}

int
track_flush_state(struct track *t,
    int (*keep)(void *ctx, const char *name, const void *data, size_t len), void *ctx)
{
	int r = ERR_OK;

	for (size_t i = 0; i < PARTS && r == ERR_OK; i++)
		r = flush_part(t, &parts[i], keep, ctx);
	return r != ERR_OK ? r : flush_part(t, &pushes_part, keep, ctx);
}

int
track_flush_pushes(struct track *t, const struct push_keeper *keeper)
{
	return pushes_flush(&t->pushes, keeper);
}

bool
track_awaits_push(const struct track *t, const struct addr *address, uint16_t port)
{
	return push_wishes_await(&t->pushes, address, port);
}

static int
load_part(struct track *t, const struct part *part)
{
	uint8_t *data = NULL;
	size_t len = 0;
	int r = t->loader->state(t->loader->ctx, part->name, &data, &len);

	if (r == ERR_OK && len > 0 && !part->decode(t, data, len))
		t->stats.damaged++;
	free(data);
	return r;
}

int
tracker_load(struct track *t)
{
	int r = ERR_OK;

	if (t->loader == NULL)
		return ERR_OK;
	for (size_t i = 0; i < PARTS && r == ERR_OK && t->loader->state != NULL; i++)
		r = load_part(t, &parts[i]);
	if (r == ERR_OK)
		r = pushes_load(&t->pushes, t->loader);
	if (r == ERR_OK && t->loader->state != NULL)
		r = load_part(t, &pushes_part);
	tracker_sensor_stirred(t);
	return r;
}

/* What the last flush handed over is clean from now on. */
void
track_committed(struct track *t)
{
	assert(t->flushed);
	for (size_t i = 0; i < t->hot.dirty_count; i++)
		dossier_settle(t->hot.dirty[i]->dossier);
	servers_settle(&t->servers);
	clock_settle(&t->clock);
	t->lookups.dirty = false;
	rules_settle(&t->rules);
	pushes_settle(&t->pushes);
	t->intruders.dirty = false;
	t->flushed = t->crowded = false;
	hot_settle(&t->hot, t->limits.episodes_per_mapping);
}
