/* rpcfw.c - who talks to which interface, as lines for RpcFw.conf of the RPC firewall for Windows.
 *
 * Versions that ask for no fw: in front of a rule take every line for one, even an empty one: a comment is a rule there that fits each
 * call and lets it in. So the rules come first, with nothing between them, and the comments last, where whatever gets so far is let in
 * anyway.
 *
 * The file is for servers of one kind: an interface has a line for each client that was seen with it on any of them, over any transport,
 * and a last one for all others. What the policy denies has a line that blocks only. The first line that fits decides there. A line
 * of 255 octets ends what its reader takes in, so none comes near (comment_text() cuts), and it looks for its words anywhere: a colon of a foreign
 * text is never one.
 *
 * Source: README.md, the templates and rpcFirewall/dllmain.cpp of github.com/zeronetworks/rpcfirewall. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "report/model/array.h"
#include "store/query.h"
#include "track/policy.h"
#include "track/service.h"

enum {
	CALLERS_MOST = EVIDENCE_MOST /* sessions */
};

/* A client that was seen with an interface. */
struct caller {
	struct uuid uuid;
	struct addr client;
	bool denied;
	uint64_t count;
	int64_t first_ns, last_ns;
};

struct calls {
	const struct export_job *job;
	const struct evidence_group *group;
	FILE *out;
	size_t count;
	struct caller *caller; /* owned */
};

static bool
is_wanted(const struct calls *c, const struct session *s, const char *realm)
{
	const char *name = c->job->options->service;
	const struct service *service = service_find(&s->uuid);

	if (s->protocol[0] != '\0' || strcmp(realm, c->group->realm) != 0)
		return false;
	if (name != NULL && (service == NULL || strcasecmp(service->name, name) != 0))
		return false;
	for (size_t i = 0; i < c->group->server_count; i++) {
		if (addr_equal(&c->group->server[i], &s->server))
			return true;
	}
	return false;
}

static bool
is_denied(const struct policy *policy, const struct session *s)
{
	const struct mapping_key key = {
	    .server = s->server, .uuid = s->uuid, .major = s->major, .protseq = s->protseq};

	return policy_denies(policy, &key);
}

static int
take(void *ctx, const struct query_session *row)
{
	struct calls *c = ctx;
	const struct session *s = &row->session;

	if (!is_wanted(c, s, row->realm))
		return 0;
	if (c->count == CALLERS_MOST)
		return ERR_CAP;
	if (array_grow(&c->caller, c->count, sizeof(*c->caller)) != 0)
		return -ENOMEM;
	c->caller[c->count++] = (struct caller){.uuid = s->uuid,
	    .client = s->client,
	    .denied = is_denied(c->job->policy, s),
	    .count = s->count,
	    .first_ns = s->first_ns,
	    .last_ns = s->last_ns};
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct caller *x = a, *y = b;
	int order = memcmp(x->uuid.b, y->uuid.b, sizeof(x->uuid.b));

	return order != 0 ? order : addr_compare(&x->client, &y->client);
}

static void
merge(struct caller *into, const struct caller *c)
{
	into->denied |= c->denied;
	into->count += c->count;
	into->first_ns = c->first_ns < into->first_ns ? c->first_ns : into->first_ns;
	into->last_ns = c->last_ns > into->last_ns ? c->last_ns : into->last_ns;
}

/* One of each client and interface. */
static void
unite(struct calls *c)
{
	size_t kept = 0;

	if (c->count > 0)
		qsort(c->caller, c->count, sizeof(*c->caller), compare);
	for (size_t i = 0; i < c->count; i++) {
		if (kept > 0 && compare(&c->caller[kept - 1], &c->caller[i]) == 0)
			merge(&c->caller[kept - 1], &c->caller[i]);
		else
			c->caller[kept++] = c->caller[i];
	}
	c->count = kept;
}

static struct caller
total_of(const struct caller *c, size_t count)
{
	struct caller total = c[0];

	for (size_t i = 1; i < count; i++)
		merge(&total, &c[i]);
	return total;
}

/* How many callers from ${at} on have its interface. */
static size_t
run_of(const struct calls *c, size_t at)
{
	size_t n = 1;

	while (at + n < c->count && uuid_equal(&c->caller[at].uuid, &c->caller[at + n].uuid))
		n++;
	return n;
}

/* All clients of one interface. */
static void
write_rules(const struct calls *c, const struct caller *caller, size_t count)
{
	const struct caller total = total_of(caller, count);
	char uuid[UUID_TEXT], client[ADDR_TEXT];

	uuid_format(&total.uuid, uuid);
	for (size_t i = 0; i < count && !total.denied; i++)
		fprintf(c->out, "fw:uuid:%s addr:%s action:allow\n", uuid,
		    addr_format(&caller[i].client, client));
	fprintf(c->out, "fw:uuid:%s action:%s audit:true\n", uuid,
	    total.denied || c->job->block ? "block" : "allow");
}

static void
say_interface(const struct calls *c, const struct caller *caller, size_t count)
{
	const struct caller total = total_of(caller, count);
	const struct service *service = service_find(&total.uuid);
	char first[CLOCK_TEXT], last[CLOCK_TEXT], uuid[UUID_TEXT];

	fprintf(c->out, "%s  %s ", export_rpcfw.comment, uuid_format(&total.uuid, uuid));
	comment_text(c->out, &export_rpcfw, service != NULL ? service->name : NULL);
	fprintf(c->out, ", %zu client%s, %" PRIu64 " session%s from %s to %s%s\n", count,
	    count == 1 ? "" : "s", total.count, total.count == 1 ? "" : "s",
	    clock_format_short(total.first_ns, first), clock_format_short(total.last_ns, last),
	    total.denied ? ", denied by the policy" : "");
}

static void
say_head(const struct calls *c)
{
	const struct export_ops *ops = &export_rpcfw;

	comment_head(c->out, ops, c->job, c->group);
	comment_line(c->out, ops, "%s",
	    c->job->block ? "all clients that were not seen are blocked, and written to the log"
			  : "all clients that were not seen are let in, and written to the log; "
			    "--block blocks them");
	comment_line(c->out, ops,
	    "sessions are forgotten after days: a client that calls once a month is not here");
	comment_line(c->out, ops,
	    "no rule may stand behind a comment where old versions take each line for a rule");
	fputs(ops->comment, c->out);
	fputs("for the servers of ", c->out);
	comment_text(c->out, ops, c->group->name);
	fprintf(c->out, ", %zu in all\n", c->group->server_count);
}

static void
write_all(const struct calls *c)
{
	for (size_t at = 0, n; at < c->count; at += n) {
		n = run_of(c, at);
		write_rules(c, &c->caller[at], n);
	}
	say_head(c);
	for (size_t at = 0, n; at < c->count; at += n) {
		n = run_of(c, at);
		say_interface(c, &c->caller[at], n);
	}
}

static int
pick_group(const struct export_job *job, const struct evidence_group **out)
{
	const struct evidence_set *e = job->evidence;

	*out = NULL;
	for (size_t i = 0; i < e->group_count; i++) {
		if (job->group != NULL && strcmp(job->group, e->group[i].name) != 0)
			continue;
		if (*out != NULL) {
			log_error("lines for several kinds of servers cannot be in one file: "
				  "--group or --realm "
				  "says which, such as `%s' in %s or `%s' in %s",
			    (*out)->name, (*out)->realm, e->group[i].name, e->group[i].realm);
			return ERR_USAGE;
		}
		*out = &e->group[i];
	}
	if (*out == NULL)
		log_error(
		    "no endpoint of group `%s' qualifies", job->group != NULL ? job->group : "");
	return *out != NULL ? 0 : -ENOENT;
}

static int
write_rpcfw(FILE *out, const struct export_job *job)
{
	struct calls c = {.job = job, .out = out};
	int err = pick_group(job, &c.group);

	if (err != 0)
		return err;
	err = query_sessions(job->store, &job->options->filter, take, &c);
	if (err == 0 && c.count == 0) {
		log_error("the store has no session with `%s'", c.group->name);
		err = -ENOENT;
	}
	if (err == 0) {
		unite(&c);
		write_all(&c);
	}
	free(c.caller);
	return err;
}

const struct export_ops export_rpcfw = {
    .name = "rpcfw",
    .title = "Clients of RPC interfaces, as they were seen, for the RPC firewall of Windows.",
    .usage = "To be looked over, then made part of RpcFw.conf at each of the servers.",
    .comment = "# ",
    .unsafe = ":!",
    .brief = true,
    .write = write_rpcfw,
};
