#include "dissect/datagram_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dissect/budget.h"

enum {
	TABLE_BYTES =
	    DATAGRAM_CALLS * sizeof(struct datagram_call) + DATAGRAM_SLOTS * sizeof(uint16_t)
};

void
datagram_table_init(struct datagram_table *t, struct budget *budget, uint64_t secret)
{
	*t = (struct datagram_table){.budget = budget,
	    .secret = secret,
	    .unused = DATAGRAM_NONE,
	    .newest = DATAGRAM_NONE,
	    .oldest = DATAGRAM_NONE};
}

static bool
make_room(struct datagram_table *t)
{
	if (!budget_take(t->budget, TABLE_BYTES))
		return false;
	t->call = calloc(DATAGRAM_CALLS, sizeof(*t->call));
	t->slot = malloc(DATAGRAM_SLOTS * sizeof(*t->slot));
	if (t->call == NULL || t->slot == NULL) {
		datagram_table_deinit(t);
		return false;
	}
	memset(t->slot, 0xff, DATAGRAM_SLOTS * sizeof(*t->slot));
	for (unsigned i = 0; i < DATAGRAM_CALLS; i++)
		t->call[i].chain = (uint16_t)(i + 1);
	t->call[DATAGRAM_CALLS - 1].chain = DATAGRAM_NONE;
	t->unused = 0;
	return true;
}

void
datagram_table_deinit(struct datagram_table *t)
{
	struct datagram_call *call;

	while ((call = datagram_table_oldest(t)) != NULL)
		datagram_table_drop(t, call);
	if (t->call != NULL || t->slot != NULL)
		budget_give(t->budget, TABLE_BYTES);
	free(t->call);
	free(t->slot);
	datagram_table_init(t, t->budget, t->secret);
}

static uint16_t *
slot_of(const struct datagram_table *t, const struct datagram_key *key)
{
	return &t->slot[hash_keyed(key, sizeof(*key), t->secret) % DATAGRAM_SLOTS];
}

struct datagram_call *
datagram_table_find(const struct datagram_table *t, const struct datagram_key *key)
{
	uint16_t i;

	if (t->call == NULL)
		return NULL;
	for (i = *slot_of(t, key); i != DATAGRAM_NONE; i = t->call[i].chain) {
		if (memcmp(&t->call[i].key, key, sizeof(*key)) == 0)
			return &t->call[i];
	}
	return NULL;
}

struct datagram_call *
datagram_table_oldest(const struct datagram_table *t)
{
	return t->oldest != DATAGRAM_NONE ? &t->call[t->oldest] : NULL;
}

bool
datagram_table_is_full(const struct datagram_table *t)
{
	return t->call != NULL && t->unused == DATAGRAM_NONE;
}

static void
link_newest(struct datagram_table *t, struct datagram_call *call)
{
	uint16_t i = (uint16_t)(call - t->call);

	call->newer = DATAGRAM_NONE;
	call->older = t->newest;
	if (t->newest != DATAGRAM_NONE)
		t->call[t->newest].newer = i;
	else
		t->oldest = i;
	t->newest = i;
}

static void
unlink_call(struct datagram_table *t, const struct datagram_call *call)
{
	if (call->newer != DATAGRAM_NONE)
		t->call[call->newer].older = call->older;
	else
		t->newest = call->older;
	if (call->older != DATAGRAM_NONE)
		t->call[call->older].newer = call->newer;
	else
		t->oldest = call->newer;
}

struct datagram_call *
datagram_table_add(struct datagram_table *t, const struct datagram_key *key)
{
	struct datagram_call *call;
	uint16_t *slot, i;

	if (t->call == NULL && !make_room(t))
		return NULL;
	i = t->unused;
	if (i == DATAGRAM_NONE)
		return NULL;
	call = &t->call[i];
	t->unused = call->chain;
	slot = slot_of(t, key);
	*call = (struct datagram_call){.key = *key, .chain = *slot};
	*slot = i;
	link_newest(t, call);
	return call;
}

void
datagram_table_use(struct datagram_table *t, struct datagram_call *call, int64_t now_ns)
{
	call->since_ns = now_ns;
	if (call->newer == DATAGRAM_NONE)
		return;
	unlink_call(t, call);
	link_newest(t, call);
}

void
datagram_table_drop(struct datagram_table *t, struct datagram_call *call)
{
	uint16_t i = (uint16_t)(call - t->call), *link = slot_of(t, &call->key);

	while (*link != i)
		link = &t->call[*link].chain;
	*link = call->chain;
	unlink_call(t, call);
	datagram_body_free(&call->question, t->budget);
	datagram_body_free(&call->answer, t->budget);
	call->chain = t->unused;
	t->unused = i;
}
