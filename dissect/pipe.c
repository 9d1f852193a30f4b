#include "dissect/pipe.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/text.h"
#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/probe.h"

static const char prefix[] = "\\PIPE\\";

enum {
	PREFIX = sizeof(prefix) - 1,
	UNKNOWN_LENGTH = UINT32_MAX /* of what was lost */
};

/* As much of a key as other connections share. */
struct shared_key {
	struct addr server;
	uint64_t realm;
	uint64_t session;
	struct smb_file file;
};

_Static_assert(sizeof(struct shared_key) == 48, "no padding: hashed as bytes");

static const struct addr *
server_of(const struct pipe *pipe)
{
	return &pipe->side[1 - pipe->client].addr;
}

static struct pipe **
bucket_of(
    struct pipe_table *table, const struct addr *server, uint8_t realm, const struct pipe_key *key)
{
	struct shared_key k = {
	    .server = *server, .realm = realm, .session = key->session, .file = key->file};

	return &table->bucket[hash_keyed(&k, sizeof(k), table->salt) % PIPE_BUCKETS];
}

static bool
same_file(const struct pipe_key *a, const struct pipe_key *b)
{
	return a->file_known && b->file_known && a->session == b->session &&
	       smb_file_equal(&a->file, &b->file);
}

/* Until a pipe has its number, the command that opened it stands for it. */
static bool
same_pipe(const struct pipe_key *pipe, const struct pipe_key *key)
{
	if (pipe->file_known || key->file_known)
		return same_file(pipe, key);
	return pipe->session == key->session && pipe->open_id == key->open_id;
}

static size_t
pipe_size(const struct pipe *pipe)
{
	return sizeof(*pipe) + strlen(pipe->name) + 1;
}

static bool
is_shared(const struct pipes *p, const struct pipe_key *key)
{
	return p->env->pipes != NULL && key->file_known && key->session != 0;
}

static void
enter(struct pipes *p, struct pipe *pipe)
{
	struct pipe **bucket;

	if (!is_shared(p, &pipe->key))
		return;
	bucket = bucket_of(p->env->pipes, server_of(pipe), pipe->realm, &pipe->key);
	pipe->neighbour = *bucket;
	pipe->place = bucket;
	if (*bucket != NULL)
		(*bucket)->place = &pipe->neighbour;
	*bucket = pipe;
}

static void
leave(struct pipes *p, struct pipe *pipe)
{
	if (!is_shared(p, &pipe->key))
		return;
	*pipe->place = pipe->neighbour;
	if (pipe->neighbour != NULL)
		pipe->neighbour->place = pipe->place;
}

static void
pipe_free(struct pipes *p, struct pipe *pipe)
{
	leave(p, pipe);
	assoc_free(&pipe->assoc);
	budget_give(p->env->budget, pipe_size(pipe));
	free(pipe);
}

static void
pipe_finish(struct pipes *p, struct pipe *pipe)
{
	if (pipe->assoc != NULL)
		assoc_finish(pipe->assoc);
	pipe_free(p, pipe);
}

/* Take the pipe that ${link} points to out of the list. */
static struct pipe *
unlink_pipe(struct pipes *p, struct pipe **link)
{
	struct pipe *pipe = *link;

	*link = pipe->next;
	p->count--;
	return pipe;
}

/* The link to the pipe of ${key} in this connection's list; to NULL where there is none. */
static struct pipe **
link_to(struct pipes *p, const struct pipe_key *key)
{
	struct pipe **link = &p->first;

	while (*link != NULL && !same_pipe(&(*link)->key, key))
		link = &(*link)->next;
	return link;
}

/* Files of unknown shares stand here, too, through which nothing goes that could be DCE/RPC: those first. */
static void
give_up_last(struct pipes *p)
{
	struct pipe **last = &p->first, **silent = NULL;

	for (struct pipe **link = &p->first; *link != NULL; link = &(*link)->next) {
		last = link;
		if ((*link)->assoc == NULL)
			silent = link;
	}
	p->env->stats->capped++;
	pipe_finish(p, unlink_pipe(p, silent != NULL ? silent : last));
}

/* A tower says \PIPE\lsass, who opens it says lsass, \lsass or \PIPE\lsass: made one. False if it is none of a pipe. */
static bool
read_name(const uint8_t *octets, size_t len, bool wide, char out[PREFIX + PIPE_NAME])
{
	char *name = out + PREFIX;
	size_t n = wide ? text_clean_utf16(octets, len, name, PIPE_NAME)
			: text_clean(octets, len, name, PIPE_NAME);

	if (n >= PIPE_NAME - 4)
		return false; /* it may have been cut */
	if (strncasecmp(name, prefix, PREFIX) == 0)
		memmove(name, name + PREFIX, strlen(name + PREFIX) + 1);
	else if (name[0] == '\\')
		memmove(name, name + 1, strlen(name + 1) + 1);
	memcpy(out, prefix, PREFIX);
	return name[0] != '\0';
}

struct pipe *
pipes_add(struct pipes *p, const struct pipe_key *key, const uint8_t *name, size_t len, bool wide)
{
	char full[PREFIX + PIPE_NAME] = "";
	struct pipe *pipe;
	size_t size;

	if (p->client < 0 || (name != NULL && !read_name(name, len, wide, full)))
		return NULL;
	if (p->count == PIPES_OPEN && p->first != NULL)
		give_up_last(p);
	size = sizeof(*pipe) + strlen(full) + 1;
	if (!budget_take(p->env->budget, size)) {
		p->env->stats->capped++;
		return NULL;
	}
	pipe = calloc(1, size);
	if (pipe == NULL) {
		budget_give(p->env->budget, size);
		p->env->stats->capped++;
		return NULL;
	}
	pipe->key = *key;
	memcpy(pipe->side, p->side, sizeof(pipe->side));
	pipe->client = p->client;
	pipe->realm = p->realm;
	memcpy(pipe->name, full, strlen(full) + 1);
	pipe->next = p->first;
	p->first = pipe;
	p->count++;
	enter(p, pipe);
	return pipe;
}

/* A pipe of any connection. */
static struct pipe *
find_shared(const struct pipes *p, const struct pipe_key *key)
{
	const struct addr *server;
	struct pipe *pipe;

	if (!is_shared(p, key) || p->client < 0)
		return NULL;
	server = &p->side[1 - p->client].addr;
	pipe = *bucket_of(p->env->pipes, server, p->realm, key);
	while (pipe != NULL && !(pipe->realm == p->realm && addr_equal(server_of(pipe), server) &&
				   same_file(&pipe->key, key)))
		pipe = pipe->neighbour;
	return pipe;
}

struct pipe *
pipes_find(struct pipes *p, const struct pipe_key *key)
{
	struct pipe **link = link_to(p, key), *pipe = *link;

	if (pipe == NULL)
		return find_shared(p, key);
	*link = pipe->next; /* the one used last stands first */
	pipe->next = p->first;
	p->first = pipe;
	return pipe;
}

void
pipes_opened(struct pipes *p, const struct pipe_key *key, const struct smb_file *file)
{
	struct pipe *pipe = *link_to(p, key);
	struct pipe_key now = *key;

	if (pipe == NULL || pipe->key.file_known)
		return;
	now.file = *file;
	now.file_known = true;
	pipes_end(p, &now); /* the number is used anew */
	pipe->key = now;
	enter(p, pipe);
}

/* The conversation in ${pipe}, begun with this data if it can begin one. */
static struct assoc *
assoc_of(struct pipes *p, struct pipe *pipe, const uint8_t *data, size_t len)
{
	if (pipe->assoc != NULL || data == NULL || !probe_prefix(data, len))
		return pipe->assoc;
	if (assoc_new(&pipe->assoc, p->env, pipe->side, TRANSPORT_NP, pipe->client) != 0) {
		p->env->stats->capped++;
		return NULL;
	}
	assoc_name_pipe(pipe->assoc, pipe->name[0] != '\0' ? pipe->name : NULL);
	return pipe->assoc;
}

void
pipes_data(struct pipes *p, struct pipe *pipe, int from, const uint8_t *data, size_t len)
{
	struct assoc *assoc = assoc_of(p, pipe, data, len);

	if (assoc == NULL || len == 0)
		return;
	from = from == p->client ? pipe->client : 1 - pipe->client;
	if (data != NULL)
		assoc_data(assoc, from, data, len);
	else
		assoc_gap(assoc, from, (uint32_t)len);
	p->proven |= assoc_is_rpc(assoc);
}

void
pipes_lost(struct pipes *p, int from)
{
	for (struct pipe *pipe = p->first; pipe != NULL; pipe = pipe->next) {
		if (pipe->assoc != NULL)
			assoc_gap(pipe->assoc, from, UNKNOWN_LENGTH);
	}
}

void
pipes_doubt(struct pipes *p, int from)
{
	for (struct pipe *pipe = p->first; pipe != NULL; pipe = pipe->next) {
		if (pipe->assoc != NULL)
			assoc_doubt(pipe->assoc, from);
	}
}

void
pipes_expire(struct pipes *p, const struct patience *patience)
{
	for (struct pipe *pipe = p->first; pipe != NULL; pipe = pipe->next) {
		if (pipe->assoc != NULL)
			assoc_expire(pipe->assoc, patience);
	}
}

void
pipes_end(struct pipes *p, const struct pipe_key *key)
{
	struct pipe **link = link_to(p, key);

	if (*link != NULL)
		pipe_finish(p, unlink_pipe(p, link));
}

/* In the order in which they were opened, as nearly as is known: the one used longest ago first. */
static void
reverse(struct pipes *p)
{
	struct pipe *turned = NULL;

	while (p->first != NULL) {
		struct pipe *pipe = p->first;

		p->first = pipe->next;
		pipe->next = turned;
		turned = pipe;
	}
	p->first = turned;
}

void
pipes_finish(struct pipes *p)
{
	reverse(p);
	while (p->first != NULL)
		pipe_finish(p, unlink_pipe(p, &p->first));
}

void
pipes_free(struct pipes *p)
{
	while (p->first != NULL)
		pipe_free(p, unlink_pipe(p, &p->first));
}

struct obs
pipes_obs(const struct pipes *p, enum obs_kind kind)
{
	const struct assoc_side *server = &p->side[1 - p->client], *client = &p->side[p->client];

	return (struct obs){
	    .kind = kind,
	    .transport = TRANSPORT_NP,
	    .at = *p->env->now,
	    .server = server->addr,
	    .client = client->addr,
	    .server_port = server->port,
	    .client_port = client->port,
	};
}

bool
pipes_are_rpc(const struct pipes *p)
{
	return p->proven;
}
