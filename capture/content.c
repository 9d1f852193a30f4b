/* content.c - reading files only to know what is in them. */
#include "capture/content.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/intake.h"

enum {
	PIECE = 64 * 1024
};

/* Only what can be read again; how far that expands is limited by what is asked of it, and by its
 * own size. */
static int
open_regular(struct intake **out, const char *path)
{
	const struct intake_options options = {.regular = true};

	*out = NULL;
	if (strcmp(path, "-") == 0)
		return -ESPIPE;
	return intake_open(out, path, &options);
}

static int
hash_prefix(struct intake *in, uint64_t bytes, struct hash_stream *hash)
{
	uint8_t piece[16 * 1024];

	while (bytes > 0) {
		size_t n =
		    intake_read(in, piece, bytes < sizeof(piece) ? (size_t)bytes : sizeof(piece));
		int err = intake_error(in);

		if (n == 0)
			return err == ERR_OK || err == ERR_DAMAGED ? ERR_TRUNC : err;
		hash_stream_add(hash, piece, n);
		bytes -= n;
	}
	return ERR_OK;
}

int
content_digest(const char *path, uint64_t bytes, uint8_t out[HASH_DIGEST])
{
	struct hash_stream *hash;
	struct intake *in;
	int err = open_regular(&in, path);

	if (err != ERR_OK)
		return err;
	err = hash_stream_new(&hash);
	if (err == ERR_OK)
		err = hash_prefix(in, bytes, hash);
	if (err == ERR_OK)
		hash_stream_digest(hash, out);
	hash_stream_free(&hash);
	intake_close(&in);
	return err;
}

/* One of two files that are compared. */
struct side {
	struct intake *in;
	size_t len; /* of what follows */
	uint8_t piece[PIECE];
};

/* The next piece, whole unless the file ends; false if it cannot be read. */
static bool
next_piece(struct side *s)
{
	size_t n;

	s->len = 0;
	while (s->len < PIECE && (n = intake_read(s->in, s->piece + s->len, PIECE - s->len)) > 0)
		s->len += n;
	return s->len == PIECE || intake_error(s->in) == ERR_OK ||
	       intake_error(s->in) == ERR_DAMAGED;
}

static enum source_overlap
compare(struct side *a, struct side *b)
{
	bool some = false;

	while (next_piece(a) && next_piece(b)) {
		if (memcmp(a->piece, b->piece, a->len < b->len ? a->len : b->len) != 0)
			return SOURCE_APART;
		some = some || (a->len > 0 && b->len > 0);
		if (!some)
			return SOURCE_APART;
		if (a->len != b->len)
			return a->len > b->len ? SOURCE_FIRST_LONGER : SOURCE_SECOND_LONGER;
		if (a->len < PIECE)
			return SOURCE_SAME;
	}
	return SOURCE_APART;
}

enum source_overlap
content_compare(const char *a, const char *b)
{
	struct side *sides = calloc(2, sizeof(*sides));
	enum source_overlap overlap = SOURCE_APART;

	if (sides != NULL && open_regular(&sides[0].in, a) == ERR_OK &&
	    open_regular(&sides[1].in, b) == ERR_OK)
		overlap = compare(&sides[0], &sides[1]);
	if (sides != NULL) {
		intake_close(&sides[0].in);
		intake_close(&sides[1].in);
	}
	free(sides);
	return overlap;
}
