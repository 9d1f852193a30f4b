/* contexts.c - which interface each presentation context of an association stands for. */
#include "dissect/contexts.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/budget.h"
#include "dissect/services.h"
#include "dissect/syntax.h"

enum {
	CONTEXTS_FIRST = 4
};

/* The place of ${id}, or where it would be. */
static size_t
place(const struct contexts *t, uint16_t id)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->entry[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct context *
contexts_find(const struct contexts *t, uint16_t id)
{
	size_t i;

	/* most have but one, or that before all others */
	if (t->count != 0 && t->entry[0].id == id)
		return &t->entry[0];
	i = place(t, id);
	return i < t->count && t->entry[i].id == id ? &t->entry[i] : NULL;
}

static bool
make_room(struct contexts *t, struct budget *budget)
{
	size_t cap = t->cap != 0 ? t->cap * 2 : CONTEXTS_FIRST;
	struct context *entry;

	if (t->count < t->cap)
		return true;
	if (t->cap >= CONTEXTS_MAX || !budget_take(budget, (cap - t->cap) * sizeof(*entry)))
		return false;
	entry = realloc(t->entry, cap * sizeof(*entry));
	if (entry == NULL) {
		budget_give(budget, (cap - t->cap) * sizeof(*entry));
		return false;
	}
	t->entry = entry;
	t->cap = cap;
	return true;
}

static struct context *
insert(struct contexts *t, struct budget *budget, uint16_t id)
{
	size_t i = place(t, id);

	if (!make_room(t, budget))
		return NULL;
	memmove(&t->entry[i + 1], &t->entry[i], (t->count - i) * sizeof(*t->entry));
	t->count++;
	t->entry[i] = (struct context){.id = id};
	return &t->entry[i];
}

static void
set(struct context *c, const struct obs_context *from, bool settled)
{
	c->iface = from->iface;
	c->service = services_find(&from->iface);
	c->everywhere = syntax_is_everywhere(&from->iface.uuid);
	c->syntax = (uint8_t)from->syntax;
	c->settled = settled;
}

bool
contexts_offer(struct contexts *t, struct budget *budget, const struct obs_context *offered)
{
	struct context *c = contexts_find(t, offered->id);

	if (offered->syntax == SYNTAX_BTFN || (c != NULL && c->settled))
		return true;
	if (c == NULL)
		c = insert(t, budget, offered->id);
	if (c == NULL)
		return false;
	set(c, offered, false);
	c->heard = false;
	return true;
}

static void
forget(struct contexts *t, struct context *c)
{
	size_t i = (size_t)(c - t->entry);

	memmove(c, c + 1, (t->count - i - 1) * sizeof(*c));
	t->count--;
}

void
contexts_settle(struct contexts *t, struct budget *budget, const struct obs_context *answered,
    int64_t now_ns)
{
	struct context *c = contexts_find(t, answered->id);

	if (answered->syntax == SYNTAX_BTFN || answered->result == CONTEXT_UNANSWERED)
		return;
	if (answered->result == CONTEXT_ACCEPTANCE) {
		if (c == NULL)
			c = insert(t, budget, answered->id);
		if (c != NULL) {
			set(c, answered, true);
			c->heard = true;
			c->heard_ns = now_ns;
		}
	} else if (c != NULL && !c->settled) {
		forget(t, c);
	}
}

bool
contexts_have_mailbox(const struct contexts *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct context *c = &t->entry[i];

		if (c->settled && c->service != NULL && c->service->is_mailbox)
			return true;
	}
	return false;
}

void
contexts_free(struct contexts *t, struct budget *budget)
{
	budget_give(budget, t->cap * sizeof(*t->entry));
	free(t->entry);
	*t = (struct contexts){0};
}
