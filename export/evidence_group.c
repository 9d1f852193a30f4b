/* evidence_group.c - servers that the policy names together stand together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export/evidence.h"
#include "export/evidence_parts.h"
#include "report/model/pool.h"
#include "track/policy.h"

/* The groups of a policy, each once, in the order in which it speaks of them. */
struct roster {
	size_t count;
	const struct policy_servers **servers; /* owned */
};

static void
roster_add(struct roster *r, const struct policy_servers *s)
{
	if (s->any || s->name == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->servers[i]->name, s->name) == 0)
			return;
	r->servers[r->count++] = s;
}

static int
roster_fill(struct roster *r, const struct policy *p)
{
	size_t most = p->rule_count + p->dynamic_for_count + p->newmail_count;

	*r = (struct roster){.count = 0};
	if (most == 0)
		return 0;
	r->servers = calloc(most, sizeof(const struct policy_servers *));
	if (r->servers == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < p->rule_count; i++)
		roster_add(r, &p->rule[i].servers);
	for (size_t i = 0; i < p->dynamic_for_count; i++)
		roster_add(r, &p->dynamic_for[i].servers);
	for (size_t i = 0; i < p->newmail_count; i++)
		roster_add(r, &p->newmail[i].servers);
	return 0;
}

/* The first group that has the server; the number of them where none does. */
static size_t
roster_find(const struct roster *r, const struct addr *server)
{
	size_t i = 0;

	while (i < r->count && !policy_servers_hold(r->servers[i], server))
		i++;
	return i;
}

/* By group, which is the realm, then that of the policy, then the address where that has none. ${group} is the roster's here. */
static int
compare_group(const void *a, const void *b)
{
	const struct proof *x = a, *y = b;
	int order = (x->group > y->group) - (x->group < y->group);

	if (order == 0)
		order = strcmp(x->realm, y->realm);
	return order;
}

static int
compare_grouped(const void *a, const void *b)
{
	int order = compare_group(a, b);

	return order != 0 ? order : evidence_compare_place(a, b);
}

static bool
same_group(const struct proof *x, const struct proof *y, size_t alone)
{
	if (compare_group(x, y) != 0)
		return false;
	return x->group != alone || addr_equal(&x->key.server, &y->key.server);
}

static const char *
address_name(struct pool *pool, const struct addr *a)
{
	char text[ADDR_TEXT];

	return pool_text(pool, addr_format(a, text));
}

static void
list_servers(struct pool *pool, struct evidence_group *g)
{
	struct addr *server = pool_alloc(pool, g->count * sizeof(*server));

	for (size_t i = 0; server != NULL && i < g->count; i++)
		if (i == 0 || !addr_equal(&server[g->server_count - 1], &g->proof[i].key.server))
			server[g->server_count++] = g->proof[i].key.server;
	g->server = server;
}

/* ${proof} is the pool's, and sorted by group. */
static void
make_groups(struct evidence_set *e, const struct roster *r, struct proof *proof, size_t count)
{
	e->group = count > 0 ? pool_alloc(e->pool, count * sizeof(*e->group)) : NULL;
	for (size_t at = 0, n; e->group != NULL && at < count; at += n) {
		struct evidence_group *g = &e->group[e->group_count];
		size_t of = proof[at].group;

		for (n = 1; at + n < count && same_group(&proof[at], &proof[at + n], r->count); n++)
			;
		*g = (struct evidence_group){
		    .name = of < r->count ? r->servers[of]->name
					  : address_name(e->pool, &proof[at].key.server),
		    .realm = proof[at].realm,
		    .of_policy = of < r->count,
		    .count = n,
		    .proof = proof + at};
		list_servers(e->pool, g);
		for (size_t i = at; i < at + n; i++)
			proof[i].group = e->group_count;
		e->group_count++;
	}
}

static int
compare_servers(const void *a, const void *b)
{
	return addr_compare(a, b);
}

bool
evidence_group_holds(const struct evidence_group *group, const struct proof *p)
{
	return strcmp(group->realm, p->realm) == 0 &&
	       bsearch(&p->key.server, group->server, group->server_count, sizeof(*group->server),
		   compare_servers) != NULL;
}

/* What qualifies in front, the rest behind, each in the order in which it was; returns how many qualify. */
static size_t
part(const struct roster *r, struct evidence_set *e, const struct proof *proof, size_t count,
    struct proof *good)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct proof *to =
		    proof[i].left == LEFT_NOT ? &good[kept++] : &e->left[e->left_count++];

		*to = proof[i];
		to->group = roster_find(r, &to->key.server);
		e->left_by[to->left]++;
	}
	return kept;
}

int
evidence_group(
    struct evidence_set *e, const struct policy *policy, struct proof *proof, size_t count)
{
	struct roster r;
	int err = roster_fill(&r, policy);

	if (err == 0 && count > 0) {
		struct proof *good = pool_alloc(e->pool, count * sizeof(*good));

		e->left = pool_alloc(e->pool, count * sizeof(*e->left));
		if (good != NULL && e->left != NULL) {
			size_t kept = part(&r, e, proof, count, good);

			qsort(good, kept, sizeof(*good), compare_grouped);
			make_groups(e, &r, good, kept);
		}
	}
	free((void *)r.servers);
	return err == 0 && pool_failed(e->pool) ? -ENOMEM : err;
}
