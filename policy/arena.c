/* arena.c - chunks in a list. */
#include "policy/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK_BYTES = 16384
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	alignas(max_align_t) char bytes[];
};

static bool
grow(struct arena *a, size_t bytes)
{
	size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
	struct arena_chunk *c = size > ARENA_MOST - a->taken ? NULL : calloc(1, sizeof(*c) + size);

	if (c == NULL) {
		a->failed = true;
		return false;
	}
	*c = (struct arena_chunk){.next = a->chunk, .size = size};
	a->chunk = c;
	a->left = size;
	a->taken += size;
	return true;
}

void *
arena_take(struct arena *a, size_t count, size_t size)
{
	size_t step = alignof(max_align_t), bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > ARENA_MOST) {
		a->failed = true;
		return NULL;
	}
	bytes = bytes == 0 ? step : (bytes + step - 1) / step * step;
	if (bytes > a->left && !grow(a, bytes))
		return NULL;
	a->left -= bytes;
	return a->chunk->bytes + a->left;
}

char *
arena_copy(struct arena *a, const char *text, size_t len)
{
	char *copy = arena_take(a, len + 1, 1);

	if (copy != NULL)
		memcpy(copy, text, len);
	return copy;
}

void
arena_clear(struct arena *a)
{
	while (a->chunk != NULL) {
		struct arena_chunk *c = a->chunk;

		a->chunk = c->next;
		free(c);
	}
	*a = (struct arena){.chunk = NULL};
}
