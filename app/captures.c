/* captures.c - one slot for each capture of the chain. */
#include "app/captures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/packet.h"
#include "base/text.h"
#include "capture/chain.h"
#include "capture/source.h"
#include "store/store.h"

enum {
	NAME_BYTES = 1024
};

struct slot {
	char *name;                /* owned; cleaned */
	struct store_capture kept; /* as the store has it */
	uint64_t earlier;          /* frames that earlier runs folded */
	uint64_t passed;           /* frames dissected in this run */
	uint64_t twin_passed; /* frames that another capture, equal so far, had before this one took
				 over */
	uint64_t damaged;     /* byte where it broke; 0: it did not, or was not read that far */
	int64_t first_ns, last_ns;         /* of packets in this run */
	uint8_t first_record[HASH_DIGEST]; /* whatever the filter */
	bool met;
	bool repeats; /* another capture of this run holds all that this one does */
	bool copy;    /* and nothing more: one of the two is enough for the store */
};

struct captures {
	const struct chain *chain;
	struct store *store;
	const char *filter;
	size_t count;
	struct slot *slot;
};

/* How far each of some captures has got. */
struct captures_news {
	size_t count, room;
	struct news_one {
		uint32_t index;
		struct store_capture kept; /* its name is its slot's */
	} *one;
};

static int
slots_name(struct captures *c)
{
	char name[NAME_BYTES];

	for (size_t i = 0; i < c->count; i++) {
		const char *path = chain_path(c->chain, i);

		text_clean((const uint8_t *)path, strlen(path), name, sizeof(name));
		c->slot[i].name = strdup(name);
		if (c->slot[i].name == NULL)
			return -ENOMEM;
	}
	return 0;
}

int
captures_new(
    struct captures **out, const struct chain *chain, struct store *store, const char *filter)
{
	struct captures *c = calloc(1, sizeof(*c));

	*out = c;
	if (c == NULL)
		return -ENOMEM;
	*c = (struct captures){
	    .chain = chain, .store = store, .filter = filter, .count = chain_captures(chain)};
	c->slot = calloc(c->count + 1, sizeof(*c->slot));
	if (c->slot == NULL || slots_name(c) != 0) {
		captures_free(out);
		return -ENOMEM;
	}
	return 0;
}

void
captures_free(struct captures **c)
{
	if (*c == NULL)
		return;
	for (size_t i = 0; (*c)->slot != NULL && i < (*c)->count; i++)
		free((*c)->slot[i].name);
	free((*c)->slot);
	free(*c);
	*c = NULL;
}

bool
captures_is_new(const struct captures *c, uint32_t index)
{
	return !c->slot[index].met;
}

/* What a capture is known by. With a filter the same file is another capture: what the filter held
 * back was never folded. */
static int
first_record(
    const struct captures *c, const struct source_progress *progress, uint8_t out[HASH_DIGEST])
{
	struct hash_stream *h;

	memcpy(out, progress->first_record, HASH_DIGEST);
	if (c->filter == NULL)
		return 0;
	if (hash_stream_new(&h) != 0)
		return -ENOMEM;
	hash_stream_add(h, out, HASH_DIGEST);
	hash_stream_add(h, c->filter, strlen(c->filter));
	hash_stream_digest(h, out);
	hash_stream_free(&h);
	return 0;
}

static bool
is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

struct search {
	const struct captures *captures;
	const char *path;
	struct store_capture *found;
};

/* Two captures of one run may begin alike, but each has a row of its own. */
static bool
is_taken(const struct captures *c, int64_t row)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->slot[i].met && c->slot[i].kept.row == row)
			return true;
	return false;
}

/* Standard input cannot be read twice, so there the first record must do. */
static bool
begins_alike(void *ctx, const struct store_capture *known)
{
	struct search *search = ctx;

	if (is_taken(search->captures, known->row))
		return false;
	if (!is_stdin(search->path) &&
	    !source_begins(search->path, known->bytes, known->digest))
		return false;
	*search->found = *known;
	return true;
}

/* Twins start with the same packet at the same time, so the second is met before much of the first
 * is read. */
static void
twin_settle(struct captures *c, size_t index, const struct source_progress *mine)
{
	struct slot *slot = &c->slot[index];

	for (size_t i = 0; i < c->count; i++) {
		struct source_progress other;

		if (i == index || !c->slot[i].met || c->slot[i].repeats)
			continue;
		if (memcmp(c->slot[i].first_record, mine->first_record, HASH_DIGEST) != 0)
			continue;
		if (!chain_progress(c->chain, i, &other) || other.link != mine->link)
			continue;
		const char *a = chain_path(c->chain, index), *b = chain_path(c->chain, i);
		enum source_overlap overlap = source_compare(a, b);
		if (overlap == SOURCE_APART)
			continue;
		bool longer = overlap == SOURCE_FIRST_LONGER;
		log_info(
		    "%s: holds all of %s, which is passed over", longer ? a : b, longer ? b : a);
		c->slot[i].repeats = longer;
		slot->repeats = !longer;
		slot->copy = overlap == SOURCE_SAME;
		slot->twin_passed = longer ? c->slot[i].passed : 0;
		return;
	}
}

/* A row of which nothing was folded yet must be found again, so its digest is that of nothing, not
 * of zeros. */
static int
slot_fresh(
    struct slot *slot, const struct source_progress *progress, const uint8_t record[HASH_DIGEST])
{
	struct hash_stream *h;

	slot->kept = (struct store_capture){.name = slot->name, .link = (uint32_t)progress->link};
	memcpy(slot->kept.first_record, record, HASH_DIGEST);
	if (hash_stream_new(&h) != 0)
		return -ENOMEM;
	hash_stream_digest(h, slot->kept.digest);
	hash_stream_free(&h);
	return 0;
}

static int
slot_find(struct captures *c, uint32_t index, const struct source_progress *progress)
{
	struct slot *slot = &c->slot[index];
	struct search search = {c, chain_path(c->chain, index), &slot->kept};
	uint8_t record[HASH_DIGEST];
	int err = first_record(c, progress, record);

	if (err == 0)
		err = slot_fresh(slot, progress, record);
	if (err == 0)
		err = store_find_captures(
		    c->store, (uint32_t)progress->link, record, begins_alike, &search);
	/* The name that the store lent is gone by now. */
	slot->kept.name = slot->name;
	slot->earlier = slot->kept.frames;
	return err != 0 ? err : store_keep_capture(c->store, index, &slot->kept);
}

int
captures_meet(struct captures *c, const struct packet *packet)
{
	struct slot *slot = &c->slot[packet->source];
	struct source_progress progress;

	slot->met = true;
	slot->first_ns = slot->last_ns = packet->ts_ns;
	if (!chain_progress(c->chain, packet->source, &progress))
		return 0;
	memcpy(slot->first_record, progress.first_record, HASH_DIGEST);
	twin_settle(c, packet->source, &progress);
	return slot->copy && slot->repeats ? 0 : slot_find(c, packet->source, &progress);
}

bool
captures_repeated(const struct captures *c, const struct packet *packet)
{
	const struct slot *slot = &c->slot[packet->source];

	return slot->repeats || packet->frame <= slot->twin_passed;
}

void
captures_pass(struct captures *c, const struct packet *packet)
{
	c->slot[packet->source].passed = packet->frame;
}

void
captures_lasted(struct captures *c, uint32_t index, int64_t first_ns, int64_t last_ns)
{
	struct slot *slot = &c->slot[index];

	if (first_ns < slot->first_ns)
		slot->first_ns = first_ns;
	if (last_ns > slot->last_ns)
		slot->last_ns = last_ns;
}

bool
captures_counts(const struct captures *c, const struct packet *packet)
{
	return packet->frame > c->slot[packet->source].earlier;
}

bool
captures_grew(const struct captures *c, uint32_t index)
{
	return c->slot[index].passed > c->slot[index].earlier;
}

/* Nothing but events comes of it, and whoever wonders why shall know. */
static void
tell_known(const struct captures *c, size_t index)
{
	const struct slot *slot = &c->slot[index];

	if (slot->repeats || slot->passed > slot->earlier)
		return;
	log_info("%s: read before, nothing new",
	    is_stdin(chain_path(c->chain, index)) ? "standard input" : slot->name);
}

void
captures_finish(struct captures *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct slot *slot = &c->slot[i];
		struct source_progress progress;

		if (!slot->met || !chain_progress(c->chain, i, &progress))
			continue;
		if (progress.frames > slot->passed)
			slot->passed = progress.frames;
		tell_known(c, i);
		slot->damaged = progress.damaged_at;
	}
}

/* False where it broke before anything of it was known. */
static bool
slot_note(struct captures *c, uint32_t index, struct slot *slot)
{
	struct source_progress progress;
	struct store_capture *kept = &slot->kept;

	if (!chain_progress(c->chain, index, &progress))
		return false;
	kept->bytes = progress.bytes;
	memcpy(kept->digest, progress.digest, sizeof(kept->digest));
	kept->frames = slot->passed;
	kept->damaged = slot->damaged;
	if (kept->first_ns == 0 || slot->first_ns < kept->first_ns)
		kept->first_ns = slot->first_ns;
	if (slot->last_ns > kept->last_ns)
		kept->last_ns = slot->last_ns;
	return true;
}

/* Only what got further is written: a capture that is read again keeps what the store knows of it.
 */
static bool
is_news(const struct slot *slot)
{
	if (!slot->met || (slot->repeats && slot->copy) || slot->passed < slot->kept.frames)
		return false;
	return slot->passed > slot->kept.frames || slot->damaged != slot->kept.damaged;
}

int
captures_news_new(struct captures_news **out)
{
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? 0 : -ENOMEM;
}

void
captures_news_free(struct captures_news **n)
{
	if (*n != NULL)
		free((*n)->one);
	free(*n);
	*n = NULL;
}

static int
news_add(struct captures_news *n, uint32_t index, const struct store_capture *kept)
{
	if (n->count == n->room) {
		size_t room = n->room == 0 ? 1 : n->room * 2;
		struct news_one *grown = realloc(n->one, room * sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		n->one = grown;
		n->room = room;
	}
	n->one[n->count++] = (struct news_one){index, *kept};
	return 0;
}

int
captures_tell(struct captures *c, struct captures_news *n)
{
	int err = 0;

	n->count = 0;
	for (size_t i = 0; i < c->count && err == 0; i++)
		if (is_news(&c->slot[i]) && slot_note(c, (uint32_t)i, &c->slot[i]))
			err = news_add(n, (uint32_t)i, &c->slot[i].kept);
	return err;
}

int
captures_write(const struct captures_news *n, struct store *store)
{
	int err = 0;

	for (size_t i = 0; i < n->count && err == 0; i++) {
		struct store_capture kept = n->one[i].kept; /* has its row since it was met */

		err = store_keep_capture(store, n->one[i].index, &kept);
	}
	return err;
}

const char *
captures_name(const struct captures *c, uint32_t index)
{
	return index < c->count ? c->slot[index].name : NULL;
}

size_t
captures_read(const struct captures *c)
{
	size_t read = 0;

	for (size_t i = 0; i < c->count; i++)
		read += c->slot[i].met && !c->slot[i].repeats;
	return read;
}
