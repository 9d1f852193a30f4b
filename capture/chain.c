/* chain.c - many captures, one stream of packets. */
#include "capture/chain.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "capture/member.h"
#include "capture/roster.h"
#include "capture/source.h"

struct chain {
	struct roster roster;
	size_t due; /* roster.order[due..] have not been opened for reading */
	size_t open_count;
	size_t memory;           /* that those being read take to be uncompressed */
	size_t open[CHAIN_OPEN]; /* indices of those being read */
	struct batch merged;
	bool warned; /* that more overlap than can be open */
};

int
chain_new(struct chain **out, const char *const *paths, size_t count,
    const struct source_options *options)
{
	struct chain *c = calloc(1, sizeof(*c));
	int err = c != NULL ? roster_fill(&c->roster, paths, count, options) : -ENOMEM;

	if (err == -ENOMEM)
		chain_free(&c);
	*out = c;
	return err;
}

void
chain_free(struct chain **c)
{
	if (*c == NULL)
		return;
	roster_deinit(&(*c)->roster);
	free(*c);
	*c = NULL;
}

/* The source of open[slot] has come to its end (0) or broken (an error): close it. */
static int
retire(struct chain *c, size_t slot, int result)
{
	struct member *m = &c->roster.member[c->open[slot]];
	int err = result < 0 ? roster_note(&c->roster, source_problem(m->source)) : ERR_OK;

	c->memory -= m->memory;
	member_close(m);
	m->done = true;
	c->open[slot] = c->open[--c->open_count];
	return result == -ENOMEM ? result : err;
}

/* See that open[slot] holds a packet, or is open no more. */
static int
refill(struct chain *c, size_t slot)
{
	struct member *m = &c->roster.member[c->open[slot]];
	int result;

	if (member_head(m) != NULL)
		return ERR_OK;
	result = member_fill(m);
	return result > 0 ? ERR_OK : retire(c, slot, result);
}

static int
refill_all(struct chain *c)
{
	/* From the last: what retires is replaced by one that has been seen to. */
	for (size_t slot = c->open_count; slot-- > 0;) {
		int err = refill(c, slot);

		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* Begin to read the capture that is due next. One that is merged waits for the others most of the
 * time, and threads for each would only be in each other's way: so at most one of those that are open
 * has some, which is the one that was alone when it was opened. */
static int
open_due(struct chain *c)
{
	size_t i = c->roster.order[c->due++].index;
	struct member *m = &c->roster.member[i];
	int err = roster_open(&c->roster, i, c->open_count == 0);

	if (err == ERR_OK && m->source != NULL) {
		c->open[c->open_count++] = i;
		c->memory += m->memory;
	}
	return err;
}

/* Is a capture that waits to be opened older than a packet of this time? */
static bool
is_due(const struct chain *c, int64_t ns, size_t index)
{
	const struct due head = {.ns = ns, .index = index};

	return c->due < c->roster.order_count &&
	       roster_compare(&c->roster.order[c->due], &head) < 0;
}

/* The only open capture gives its packets straight to the caller, unless another one has to be
 * mixed in: then it holds them. */
static int
pass(struct chain *c, struct batch **batch)
{
	size_t index = c->open[0];
	int result = source_next(c->roster.member[index].source, batch);

	if (result <= 0)
		return retire(c, 0, result);
	if (!is_due(c, (*batch)->last_ns, index))
		return 1;
	member_hold(&c->roster.member[index], *batch);
	return 0;
}

/* The slot whose packet is the oldest; all hold one. */
static size_t
oldest(const struct chain *c)
{
	struct due best = {0};
	size_t found = 0;

	for (size_t slot = 0; slot < c->open_count; slot++) {
		const struct packet *head = member_head(&c->roster.member[c->open[slot]]);
		const struct due due = {.ns = head->ts_ns, .index = c->open[slot]};

		if (slot == 0 || roster_compare(&due, &best) < 0) {
			best = due;
			found = slot;
		}
	}
	return found;
}

static bool
may_open(struct chain *c)
{
	if (c->open_count < CHAIN_OPEN && c->memory < CHAIN_MEMORY)
		return true;
	if (!c->warned)
		log_warn("more than %zu captures overlap in time: the rest is read after them",
		    c->open_count);
	c->warned = true;
	return false;
}

static void
batch_begin(struct batch *batch)
{
	batch->count = 0;
	batch->bytes = 0;
	batch->source = BATCH_MIXED;
}

static void
batch_add(struct batch *batch, const struct packet *packet, const struct mark *mark)
{
	if (batch->count == 0 || packet->ts_ns < batch->first_ns)
		batch->first_ns = packet->ts_ns;
	if (batch->count == 0 || packet->ts_ns > batch->last_ns)
		batch->last_ns = packet->ts_ns;
	batch->bytes += packet->caplen;
	batch->mark[batch->count] = *mark;
	batch->packet[batch->count++] = *packet;
}

/* Mix the held packets in order of time, until one capture has to be filled again: that would kill
 * its views. */
static int
merge(struct chain *c, struct batch **merged)
{
	struct batch *batch = *merged = &c->merged;

	batch_begin(batch);
	while (batch->count < BATCH_PACKETS) {
		size_t slot = oldest(c), index = c->open[slot];
		struct member *m = &c->roster.member[index];

		if (is_due(c, member_head(m)->ts_ns, index) && may_open(c)) {
			size_t before = c->open_count;
			int err = open_due(c);

			if (err == ERR_OK && c->open_count > before)
				err = refill(c, before);
			if (err != ERR_OK)
				return err;
			continue;
		}
		batch_add(batch, member_head(m), &m->held->mark[m->next]);
		m->next++;
		if (member_head(m) == NULL)
			break;
	}
	return 1;
}

int
chain_next(struct chain *c, struct batch **batch)
{
	int result = 0;

	while (result == 0) {
		if (c->open_count == 0 && c->due == c->roster.order_count)
			return 0;
		if (c->open_count == 0)
			result = open_due(c);
		else if (c->open_count == 1 && member_head(&c->roster.member[c->open[0]]) == NULL)
			result = pass(c, batch);
		else if ((result = refill_all(c)) == 0 && c->open_count > 0)
			result = merge(c, batch);
	}
	return result;
}

size_t
chain_captures(const struct chain *c)
{
	return c->roster.count;
}

const char *
chain_path(const struct chain *c, size_t i)
{
	return c->roster.member[i].path;
}

bool
chain_progress(const struct chain *c, size_t i, struct source_progress *out)
{
	if (!c->roster.member[i].good)
		return false;
	member_progress(&c->roster.member[i], out);
	return true;
}

size_t
chain_problems(const struct chain *c)
{
	return c->roster.problem_count;
}

const char *
chain_problem(const struct chain *c, size_t i)
{
	return c->roster.problem[i];
}

void
chain_bytes(const struct chain *c, uint64_t *done, uint64_t *total)
{
	bool known = true;

	*done = 0;
	*total = 0;
	for (size_t i = 0; i < c->roster.count; i++) {
		const struct member *m = &c->roster.member[i];
		struct source_progress p;

		if (!chain_progress(c, i, &p))
			continue;
		known = known && p.stored_size > 0;
		*total += p.stored_size;
		if (m->done && p.stored_size > 0)
			*done += p.stored_size;
		else if (m->source != NULL || m->done)
			*done += p.stored;
	}
	if (!known)
		*total = 0;
}
