/* complaints.c - a list with room for so many; of the rest errors are counted. */
#include "policy/complaints.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/tree.h"

/* Errors push warnings out, so that no error goes unsaid for their sake. */
static struct complaint *
room(struct complaints *c, bool warning)
{
	if (c->count < COMPLAINTS_MOST)
		return &c->list[c->count++];
	for (size_t i = 0; i < c->count && !warning; i++) {
		if (c->list[i].warning)
			return &c->list[i];
	}
	return NULL;
}

static void __attribute__((format(printf, 5, 0))) add(struct complaints *c, bool warning,
    size_t line, size_t column, const char *format, va_list args)
{
	struct complaint *new = room(c, warning);

	c->errors += !warning;
	if (new == NULL)
		return;
	*new = (struct complaint){.warning = warning, .line = line, .column = column};
	vsnprintf(new->text, sizeof(new->text), format, args);
}

void
complaints_at(struct complaints *c, size_t line, size_t column, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(c, false, line, column, format, args);
	va_end(args);
}

void
complaints_of(struct complaints *c, const struct tree_node *node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(c, false, node->line, node->column, format, args);
	va_end(args);
}

void
complaints_warn(struct complaints *c, const struct tree_node *node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(c, true, node->line, node->column, format, args);
	va_end(args);
}

void
complaints_expected(struct complaints *c, const struct tree_node *node, const char *what)
{
	char word[COMPLAINT_WORD];

	if (node->kind == TREE_MAP)
		complaints_of(c, node, "expected %s, was a mapping", what);
	else if (node->kind == TREE_LIST)
		complaints_of(c, node, "expected %s, was a list", what);
	else if (node->len == 0)
		complaints_of(c, node, "expected %s, was nothing", what);
	else {
		text_clean((const uint8_t *)node->text, node->len, word, sizeof(word));
		complaints_of(c, node, "expected %s, was `%s%s'", what, word,
		    node->len >= sizeof(word) ? "..." : "");
	}
}

static int
compare(const void *a, const void *b)
{
	const struct complaint *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

void
complaints_sort(struct complaints *c)
{
	qsort(c->list, c->count, sizeof(c->list[0]), compare);
}

char *
complaints_format(const struct complaint *c, const char *file, char *out, size_t size)
{
	snprintf(out, size, "%s:%zu:%zu: %s%s", file, c->line, c->column,
	    c->warning ? "warning: " : "", c->text);
	return out;
}
