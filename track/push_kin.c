/* push_kin.c - contexts are addresses in a client's memory: those of one build of Outlook begin alike (PROTOCOL 6.5). */
#include <string.h>

#include "track/push_parts.h"
#include "track/push_score.h"

enum {
	HEAD = 2,
	FEW = 4,  /* flows that begin alike before it means anything */
	MANY = 8, /* flows in all, before it means anything that one does not */
	MOST = 5  /* ... if of so many all but one begin like others */
};

static struct push_kin *
find(struct push_kin *kin, const struct push *push)
{
	for (size_t i = 0; i < PUSH_KINS; i++) {
		if (kin[i].count > 0 && kin[i].len == push->payload_len &&
		    memcmp(kin[i].head, push->context, HEAD) == 0)
			return &kin[i];
	}
	return NULL;
}

/* A new kind takes the place of the rarest. */
static struct push_kin *
make(struct push_kin *kin, const struct push *push)
{
	struct push_kin *rarest = &kin[0];

	for (size_t i = 1; i < PUSH_KINS; i++) {
		if (kin[i].count < rarest->count)
			rarest = &kin[i];
	}
	*rarest = (struct push_kin){.len = (uint8_t)push->payload_len};
	memcpy(rarest->head, push->context, HEAD);
	return rarest;
}

void
push_kin_note(struct pushes *p, const struct push *push)
{
	struct push_kin *k;

	if (push->payload_len < HEAD || push->payload_len > PUSH_CONTEXT_MAX)
		return;
	if ((k = find(p->kin, push)) == NULL)
		k = make(p->kin, push);
	if (k->count < UINT32_MAX)
		k->count++;
	p->dirty = true;
}

unsigned
push_kin_signs(const struct pushes *p, const struct push *push)
{
	uint64_t all = 0, alike = 0;

	for (size_t i = 0; i < PUSH_KINS; i++) {
		const struct push_kin *k = &p->kin[i];

		if (k->count >= FEW && push->payload_len >= HEAD && k->len == push->payload_len &&
		    memcmp(k->head, push->context, HEAD) == 0)
			return PUSH_KIN;
		all += k->count;
		alike += k->count >= FEW ? k->count : 0;
	}
	return all >= MANY && (all - alike) * MOST <= all ? PUSH_UNLIKE : 0;
}
