/* pool.c - blocks of memory in a list; the newest is the one being filled. */
#include "report/model/pool.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_BYTES = 64 * 1024
};

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char data[];
};

struct pool {
	struct block *block;
	const char *last_text;
	bool failed;
};

int
pool_new(struct pool **out)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? -ENOMEM : 0;
}

void
pool_free(struct pool **p)
{
	if (*p == NULL)
		return;
	for (struct block *b = (*p)->block, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(*p);
	*p = NULL;
}

static struct block *
block_add(struct pool *p, size_t n)
{
	size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
	struct block *b = NULL;

	if (size <= SIZE_MAX - sizeof(*b))
		b = malloc(sizeof(*b) + size);
	if (b == NULL) {
		p->failed = true;
		return NULL;
	}
	*b = (struct block){.next = p->block, .size = size};
	p->block = b;
	return b;
}

void *
pool_alloc(struct pool *p, size_t n)
{
	struct block *b = p->block;
	size_t align = alignof(max_align_t);

	if (n > SIZE_MAX - align) {
		p->failed = true;
		return NULL;
	}
	n = (n + align - 1) / align * align;
	if (b == NULL || n > b->size - b->used)
		b = block_add(p, n);
	if (b == NULL)
		return NULL;
	void *at = b->data + b->used;
	b->used += n;
	return memset(at, 0, n);
}

void *
pool_copy(struct pool *p, const void *data, size_t n)
{
	if (n == 0)
		return NULL;
	void *at = pool_alloc(p, n);
	return at == NULL ? NULL : memcpy(at, data, n);
}

const char *
pool_text(struct pool *p, const char *s)
{
	if (s == NULL)
		return NULL;
	/* Rows come sorted, so sensor, realm, host and capture mostly repeat. */
	if (p->last_text != NULL && strcmp(p->last_text, s) == 0)
		return p->last_text;
	p->last_text = pool_copy(p, s, strlen(s) + 1);
	return p->last_text;
}

bool
pool_failed(const struct pool *p)
{
	return p->failed;
}
