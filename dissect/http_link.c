#include "dissect/http_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/text.h"
#include "dissect/budget.h"

/* Compared as bytes: no padding. */
struct link_key {
	uint8_t cookie[RTS_COOKIE];
	struct addr client, server;
	uint64_t realm;
};

_Static_assert(sizeof(struct link_key) == 56, "no padding");

struct http_link {
	struct http_link *next;   /* in its bucket */
	struct http_links *links; /* borrowed; NULL: it stands in no bucket */
	struct assoc_env *env;    /* borrowed */
	struct link_key key;
	size_t users;
	struct assoc *assoc;          /* owned */
	char backend[HTTP_LINK_NAME]; /* empty: none */
};

static struct http_link **
bucket_of(struct http_links *links, const struct link_key *key)
{
	return &links->bucket[hash_keyed(key, sizeof(*key), links->salt) % HTTP_LINK_BUCKETS];
}

static struct link_key
key_of(const struct assoc_env *env, const struct http_virtual *virtual)
{
	struct link_key key = {.client = virtual->client.addr,
	    .server = virtual->server.addr,
	    .realm = env->now->realm};

	memcpy(key.cookie, virtual->cookie, RTS_COOKIE);
	return key;
}

static struct http_link *
find(struct http_links *links, const struct link_key *key)
{
	struct http_link *link = *bucket_of(links, key);

	while (link != NULL && memcmp(&link->key, key, sizeof(*key)) != 0)
		link = link->next;
	return link;
}

static int
link_new(struct http_link **out, struct assoc_env *env, const struct http_virtual *virtual)
{
	const struct assoc_side sides[2] = {virtual->client, virtual->server};
	struct http_link *link;
	int err = ERR_CAP;

	if (!budget_take(env->budget, sizeof(*link)))
		goto err0;
	err = -ENOMEM;
	link = calloc(1, sizeof(*link));
	if (link == NULL)
		goto err1;
	err = assoc_new(&link->assoc, env, sides, TRANSPORT_HTTP, 0);
	if (err != 0)
		goto err2;
	link->env = env;
	if (virtual->backend != NULL) {
		text_clean(
		    virtual->backend, virtual->backend_len, link->backend, sizeof(link->backend));
		assoc_name_backend(link->assoc, link->backend);
	}
	*out = link;
	return ERR_OK;
err2:
	free(link);
err1:
	budget_give(env->budget, sizeof(*link));
err0:
	return err;
}

static int
add(struct http_link **out, struct assoc_env *env, const struct http_virtual *virtual)
{
	struct http_links *links = virtual->cookie != NULL ? env->links : NULL;
	struct http_link **bucket;
	int err;

	if (links != NULL && links->count == HTTP_LINKS)
		return ERR_CAP;
	err = link_new(out, env, virtual);
	if (err != 0 || links == NULL)
		return err;
	(*out)->links = links;
	(*out)->key = key_of(env, virtual);
	bucket = bucket_of(links, &(*out)->key);
	(*out)->next = *bucket;
	*bucket = *out;
	links->count++;
	return ERR_OK;
}

int
http_link_join(struct http_link **out, struct assoc_env *env, const struct http_virtual *virtual)
{
	int err = ERR_OK;

	*out = NULL;
	if (virtual->cookie != NULL && env->links != NULL) {
		struct link_key key = key_of(env, virtual);

		*out = find(env->links, &key);
	}
	if (*out == NULL)
		err = add(out, env, virtual);
	if (err == ERR_OK)
		(*out)->users++;
	return err;
}

static void
take_out(struct http_link *link)
{
	struct http_link **at;

	if (link->links == NULL)
		return;
	for (at = bucket_of(link->links, &link->key); *at != link;)
		at = &(*at)->next;
	*at = link->next;
	link->links->count--;
}

static void
leave(struct http_link **link, bool report)
{
	struct http_link *left = *link;
	struct budget *budget;

	*link = NULL;
	if (left == NULL || --left->users != 0)
		return;
	budget = left->env->budget;
	take_out(left);
	if (report)
		assoc_finish(left->assoc);
	assoc_free(&left->assoc);
	free(left);
	budget_give(budget, sizeof(*left));
}

void
http_link_leave(struct http_link **link)
{
	leave(link, true);
}

void
http_link_drop(struct http_link **link)
{
	leave(link, false);
}

struct assoc *
http_link_assoc(const struct http_link *link)
{
	return link->assoc;
}
