/* moment.c - see moment.h. */
#include "track/moment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/ident.h"

enum {
	BLOCK = 16 /* what malloc takes for itself around a block */
};

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

int
moment_copy(struct moment *out, const struct change *c)
{
	size_t previous = smaller(c->previous_count, MOMENTS_SET);
	size_t current = smaller(c->current_count, MOMENTS_SET);

	*out = (struct moment){.change = *c};
	if (previous + current > 0) {
		out->sets = malloc((previous + current) * sizeof(*out->sets));
		if (out->sets == NULL)
			return -ENOMEM;
	}
	if (out->sets != NULL && previous > 0)
		memcpy(out->sets, c->previous, previous * sizeof(*out->sets));
	if (out->sets != NULL && current > 0)
		memcpy(out->sets + previous, c->current, current * sizeof(*out->sets));
	out->change.previous = out->sets;
	out->change.previous_count = previous;
	out->change.current = out->sets != NULL ? out->sets + previous : NULL;
	out->change.current_count = current;
	out->change.mapping = NULL;
	out->change.evidence = (struct evidence){.ts_ns = 0}; /* the episodes have it */
	out->change.also = NULL;
	out->change.member = NULL;
	out->change.also_count = out->change.member_count = 0;
	return ERR_OK;
}

void
moment_free(struct moment *x)
{
	free(x->sets);
	x->sets = NULL;
}

size_t
moment_bytes(const struct moment *x)
{
	size_t count = x->change.previous_count + x->change.current_count;

	return count > 0 ? count * sizeof(*x->sets) + BLOCK : 0;
}

void
restart_free(struct restart *r)
{
	for (size_t i = 0; i < r->count; i++)
		moment_free(&r->member[i]);
	free(r->member);
	r->member = NULL;
	r->count = 0;
}

size_t
restart_bytes(const struct restart *r)
{
	size_t bytes = r->count > 0 ? r->count * sizeof(r->member[0]) + BLOCK : 0;

	for (size_t i = 0; i < r->count; i++)
		bytes += moment_bytes(&r->member[i]);
	return bytes;
}

static int
claim_id(struct restart_claim *claimed, const char *id)
{
	struct change_id *grown;

	if (id[0] == '\0')
		return ERR_OK;
	grown = realloc(claimed->id, (claimed->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	claimed->id = grown;
	memcpy(grown[claimed->count++].text, id, HASH_ID_TEXT);
	return ERR_OK;
}

/* Its own row; or what that would have revised, had it ever been written. */
static int
claim_rows(const struct moment *x, struct restart_claim *claimed)
{
	if (x->own)
		return ERR_OK;
	return claim_id(claimed, x->told ? x->change.id : x->change.revises);
}

static struct moment *
find_member(const struct restart *r, const struct mapping_key *key)
{
	for (size_t i = 0; i < r->count; i++) {
		if (mapping_key_compare(&r->member[i].change.key, key) == 0)
			return &r->member[i];
	}
	return NULL;
}

/* Two changes of one key: from the set before the first to that after the second. */
static int
unite(struct moment *known, struct moment *x)
{
	struct moment *first = known->change.first_ns <= x->change.first_ns ? known : x;
	struct moment *second = first == known ? x : known, both;
	struct change c = second->change;
	int r;

	c.previous = first->change.previous;
	c.previous_count = first->change.previous_count;
	if ((r = moment_copy(&both, &c)) != ERR_OK)
		return r;
	both.told = known->told || x->told;
	both.own = known->own || x->own;
	moment_free(known);
	moment_free(x);
	*known = both;
	return ERR_OK;
}

static int
insert(struct restart *r, struct moment *x)
{
	struct moment *grown = realloc(r->member, (r->count + 1) * sizeof(*grown));
	size_t at = r->count;

	if (grown == NULL)
		return -ENOMEM;
	r->member = grown;
	while (at > 0 && mapping_key_compare(&grown[at - 1].change.key, &x->change.key) > 0)
		at--;
	memmove(&grown[at + 1], &grown[at], (r->count - at) * sizeof(*grown));
	grown[at] = *x;
	r->count++;
	return ERR_OK;
}

int
restart_add(struct restart *r, struct moment *x, struct restart_claim *claimed)
{
	struct moment *known = find_member(r, &x->change.key);
	int err = claim_rows(x, claimed);

	if (err == ERR_OK)
		err = known != NULL ? unite(known, x) : insert(r, x);
	return err;
}

void
restart_narrow(struct restart *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct change *c = &r->member[i].change;

		if (i == 0 || c->not_before_ns > r->from_ns)
			r->from_ns = c->not_before_ns;
		if (i == 0 || c->not_after_ns < r->to_ns)
			r->to_ns = c->not_after_ns;
	}
}

/* The members as a change shows them. */
static struct change_member *
show_members(const struct restart *r)
{
	struct change_member *out = malloc((r->count + 1) * sizeof(*out));

	for (size_t i = 0; out != NULL && i < r->count; i++) {
		const struct change *c = &r->member[i].change;

		out[i] = (struct change_member){.key = c->key,
		    .minor = c->minor,
		    .previous_count = c->previous_count,
		    .current_count = c->current_count,
		    .previous = c->previous,
		    .current = c->current,
		    .not_before_ns = c->not_before_ns,
		    .not_after_ns = c->not_after_ns};
	}
	return out;
}

/* What its members have in common. */
static struct change
describe(const struct restart *r, const struct moments_room *room, enum change_kind kind)
{
	struct change out = {.kind = kind, .key = room->server, .ts_ns = room->now_ns};

	for (size_t i = 0; i < r->count; i++) {
		const struct change *c = &r->member[i].change;

		if (c->confidence > out.confidence)
			out.confidence = c->confidence;
		if (c->clients > out.clients)
			out.clients = c->clients;
		if (i == 0 || c->first_ns < out.first_ns)
			out.first_ns = c->first_ns;
	}
	out.not_before_ns = r->from_ns;
	out.not_after_ns = r->to_ns;
	return out;
}

static int
tell(struct change *c, const struct restart *r, const struct moments_room *room, uint32_t row)
{
	struct endpoint number = {.port = (uint16_t)row};
	struct change_member *member = show_members(r);
	int err;

	if (member == NULL)
		return -ENOMEM;
	c->member = member;
	c->member_count = r->count;
	(void)ident_make(&c->key, room->realm, change_kind_name(c->kind), &number, row > 0 ? 1 : 0,
	    c->first_ns, c->id);
	err = room->tell(room->ctx, c);
	free(member);
	return err;
}

int
restart_tell(
    struct restart *r, const struct moments_room *room, const struct restart_claim *claimed)
{
	struct change c = describe(r, room, CHANGE_RESTARTED);
	size_t shown = 0;
	int err;

	if (r->rows == 0)
		r->first_ns = c.first_ns;
	c.first_ns = r->first_ns;
	if (r->rows > 0)
		memcpy(c.revises, r->id, sizeof(c.revises));
	else if (claimed->count > 0)
		memcpy(c.revises, claimed->id[shown++].text, sizeof(c.revises));
	c.also_count = claimed->count - shown;
	c.also = c.also_count > 0 ? claimed->id + shown : NULL;
	err = tell(&c, r, room, r->rows);
	memcpy(r->id, c.id, sizeof(r->id));
	r->rows++;
	return err;
}

int
restart_tell_vanished(struct restart *r, const struct moments_room *room)
{
	struct change c;

	restart_narrow(r);
	c = describe(r, room, CHANGE_VANISHED);
	c.not_after_ns = room->now_ns;
	return tell(&c, r, room, 0);
}
