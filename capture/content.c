/* content.c - reading files only to know what is in them. */
#include "capture/content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
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

/* What the first bytes of a capture are known by, and what they were in stores of earlier versions: one hash over all. */
struct both {
	struct digest digest;
	struct hash_stream *earlier; /* owned; NULL: not asked for */
};

static void
both_add(struct both *b, const uint8_t *data, size_t len)
{
	digest_add(&b->digest, data, len);
	if (b->earlier != NULL)
		hash_stream_add(b->earlier, data, len);
}

static void
both_deinit(struct both *b)
{
	digest_deinit(&b->digest);
	hash_stream_free(&b->earlier);
}

static int
hash_prefix(struct intake *in, uint64_t bytes, struct both *hash)
{
	uint8_t piece[16 * 1024];

	while (bytes > 0) {
		size_t n =
		    intake_read(in, piece, bytes < sizeof(piece) ? (size_t)bytes : sizeof(piece));
		int err = intake_error(in);

		if (n == 0)
			return err == ERR_OK || err == ERR_DAMAGED ? ERR_TRUNC : err;
		both_add(hash, piece, n);
		bytes -= n;
	}
	return ERR_OK;
}

/* Take the first bytes of a file into ${hash}, which is nothing's. */
static int
hash_file(const char *path, uint64_t bytes, struct both *hash)
{
	struct intake *in;
	int err = open_regular(&in, path);

	if (err != ERR_OK)
		return err;
	err = hash_prefix(in, bytes, hash);
	intake_close(&in);
	return err;
}

int
content_digest(const char *path, uint64_t bytes, uint8_t out[HASH_DIGEST])
{
	struct both hash = {.earlier = NULL};
	int err = digest_init(&hash.digest);

	if (err == ERR_OK)
		err = hash_file(path, bytes, &hash);
	if (err == ERR_OK)
		digest_value(&hash.digest, out);
	both_deinit(&hash);
	return err;
}

bool
content_begins(const char *path, uint64_t bytes, const uint8_t digest[HASH_DIGEST])
{
	struct both hash = {.earlier = NULL};
	uint8_t now[HASH_DIGEST], earlier[HASH_DIGEST];
	bool same = false;

	if (digest_init(&hash.digest) == ERR_OK && hash_stream_new(&hash.earlier) == ERR_OK &&
	    hash_file(path, bytes, &hash) == ERR_OK) {
		digest_value(&hash.digest, now);
		hash_stream_digest(hash.earlier, earlier);
		same = memcmp(digest, now, sizeof(now)) == 0 ||
		       memcmp(digest, earlier, sizeof(earlier)) == 0;
	}
	both_deinit(&hash);
	return same;
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
