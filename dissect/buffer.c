/* buffer.c - bytes that grow piece by piece, charged to the dissector's budget. */
#include "dissect/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/budget.h"

enum {
	BUFFER_FIRST = 512
};

static bool
grow(struct buffer *b, struct budget *budget, size_t need)
{
	size_t cap = b->cap != 0 ? b->cap : BUFFER_FIRST;
	uint8_t *data;

	while (cap < need)
		cap *= 2;
	if (!budget_take(budget, cap - b->cap))
		return false;
	data = realloc(b->data, cap);
	if (data == NULL) {
		budget_give(budget, cap - b->cap);
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

bool
buffer_add(struct buffer *b, struct budget *budget, const uint8_t *data, size_t len)
{
	if (len > SIZE_MAX / 2 - b->len)
		return false;
	if (b->len + len > b->cap && !grow(b, budget, b->len + len))
		return false;
	if (len != 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	return true;
}

void
buffer_free(struct buffer *b, struct budget *budget)
{
	budget_give(budget, b->cap);
	free(b->data);
	*b = (struct buffer){0};
}
