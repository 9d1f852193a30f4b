/* evidence.c - rows of the store to proofs, each judged by itself. */
#include "export/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "export/evidence_parts.h"
#include "export/label.h"
#include "report/model/array.h"
#include "report/model/own.h"
#include "report/model/pool.h"
#include "report/model/standing.h"
#include "track/policy.h"
#include "track/service.h"

struct reading {
	struct evidence_set *set;
	const struct evidence_options *options;
	const struct policy *policy;
	const struct standing *standing;
	size_t count;
	struct proof *proof; /* owned */
};

bool
evidence_enough(enum confidence have, enum confidence least)
{
	return have >= least && have >= CONFIDENCE_ANNOUNCED && have <= CONFIDENCE_CONFIRMED;
}

int
evidence_least(const char *name, enum confidence *out)
{
	for (enum confidence c = CONFIDENCE_ANNOUNCED; c <= CONFIDENCE_CONFIRMED; c++)
		if (strcmp(confidence_name(c), name) == 0) {
			*out = c;
			return 0;
		}
	return ERR_MALFORMED;
}

const char *
evidence_reason(enum evidence_left left)
{
	static const char *const reason[LEFT_REASONS] = {
	    [LEFT_NOT] = "with nothing wrong",
	    [LEFT_PORTLESS] = "with a name instead of a port",
	    [LEFT_WEAK] = "not as sure as was asked for",
	    [LEFT_RESERVED] = "at a port of the endpoint mapper or of RPC over HTTP",
	    [LEFT_BREACH] = "in breach of a rule",
	    [LEFT_DENIED] = "with a denied interface at the same port",
	    [LEFT_SENSORS] = "at different ports by sensor; --sensor decides",
	    [LEFT_REALMS] = "with an address in several realms; --realm decides",
	    [LEFT_LOOSE] = "not held at its port by anything that shows",
	};

	return reason[left];
}

static enum evidence_left
judge(const struct reading *r, const struct query_episode *e, const struct verdict *verdict)
{
	if (e->endpoint.port == 135 || policy_is_reserved(PROTSEQ_TCP, e->endpoint.port))
		return LEFT_RESERVED;
	if (verdict->count > 0 && !r->options->violations)
		return LEFT_BREACH;
	return evidence_enough(e->confidence, r->options->least) ? LEFT_NOT : LEFT_WEAK;
}

static struct proof
proof_of(const struct reading *r, const struct query_episode *e)
{
	struct pool *pool = r->set->pool;
	const struct service *service = service_find(&e->key.uuid);
	struct proof p = {.sensor = pool_text(pool, e->sensor),
	    .realm = pool_text(pool, e->realm),
	    .host = pool_text(pool, e->host),
	    .annotation = pool_text(pool, e->annotation),
	    .service = service != NULL ? service->name : NULL,
	    .key = e->key,
	    .minor = e->minor,
	    .port = e->endpoint.port,
	    .udp = e->key.protseq == PROTSEQ_UDP,
	    .pinned = policy_is_pin(r->policy, &e->key, &e->endpoint),
	    .confidence = e->confidence,
	    .first_ns = e->first_ns,
	    .last_ns = e->last_ns,
	    .clients = e->clients,
	    .clients_estimated = e->clients_estimated,
	    .last = e->last};

	own_evidence(pool, &p.last);
	standing_judge(r->standing, r->policy, e, &p.verdict);
	p.left = judge(r, e, &p.verdict);
	return p;
}

static bool
is_wanted(const struct evidence_options *options, const struct uuid *uuid)
{
	if (options->service == NULL)
		return true;
	const struct service *service = service_find(uuid);
	return service != NULL && strcasecmp(service->name, options->service) == 0;
}

static int
take_row(void *ctx, const struct query_episode *e)
{
	struct reading *r = ctx;

	if (!is_wanted(r->options, &e->key.uuid))
		return 0;
	if (e->endpoint.port == 0) {
		r->set->portless++;
		r->set->left_by[LEFT_PORTLESS]++;
		return 0;
	}
	if (r->count == EVIDENCE_MOST)
		return ERR_CAP;
	if (array_grow(&r->proof, r->count, sizeof(*r->proof)) != 0)
		return -ENOMEM;
	r->proof[r->count++] = proof_of(r, e);
	return pool_failed(r->set->pool) ? -ENOMEM : 0;
}

static int
read_rows(struct reading *r, struct store *store)
{
	struct standing *standing = NULL;
	int err = standing_read(&standing, store, r->policy, &r->options->filter);

	r->standing = standing;
	if (err == 0)
		err = query_alive(store, &r->options->filter, take_row, r);
	standing_free(&standing);
	r->standing = NULL;
	return err;
}

int
evidence_read(struct evidence_set **out, struct store *store, const struct policy *policy,
    const struct evidence_options *options)
{
	struct reading r = {.options = options, .policy = policy};
	int err;

	*out = NULL;
	r.set = calloc(1, sizeof(*r.set));
	if (r.set == NULL)
		return -ENOMEM;
	if ((err = pool_new(&r.set->pool)) != 0)
		goto fail;
	if ((err = read_rows(&r, store)) != 0)
		goto fail;
	r.count = evidence_settle(r.proof, r.count);
	if (options->pinned &&
	    (err = evidence_hold(store, policy, options, r.proof, r.count)) != 0)
		goto fail;
	if ((err = evidence_group(r.set, policy, r.proof, r.count)) != 0)
		goto fail;
	if ((err = label_tell_apart(r.set)) != 0)
		goto fail;
	*out = r.set;
	free(r.proof);
	return 0;
fail:
	free(r.proof);
	evidence_free(&r.set);
	return err;
}

void
evidence_free(struct evidence_set **e)
{
	if (*e == NULL)
		return;
	pool_free(&(*e)->pool);
	free(*e);
	*e = NULL;
}
