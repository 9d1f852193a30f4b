/* answered.c - the sessions of a connection as observations. */
#include "app/answered.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/sessions.h"
#include "base/clock.h"
#include "dissect/observation.h"
#include "store/store.h"
#include "track/records.h"

struct answered {
	const struct obs *cause;
	const struct sessions *sessions;
	struct obs *out;
	size_t count;
};

/* It was there then, and not so long ago that the port may be that of another connection. */
static bool
may_go_on(const struct session *one, const struct obs *o)
{
	return one->protseq == PROTSEQ_TCP && one->first_ns <= o->at.ts_ns &&
	       clock_minus(o->at.ts_ns, one->last_ns) <= ANSWERED_AGE_NS;
}

static void
take(struct answered *a, const struct session *one)
{
	struct obs *use;

	if (a->count == ANSWERED_MOST || !may_go_on(one, a->cause))
		return;
	use = &a->out[a->count++];
	*use = *a->cause;
	use->kind = OBS_USE;
	use->use.proof = USE_RESPONSE;
	use->use.iface =
	    (struct if_id){.uuid = one->uuid, .major = one->major, .minor = one->minor};
}

static int
take_fresh(void *ctx, const struct session *one)
{
	struct answered *a = ctx;
	const struct obs *o = a->cause;

	if (one->realm == o->at.realm && one->client_port == o->client_port &&
	    one->server_port == o->server_port && addr_equal(&one->client, &o->client) &&
	    addr_equal(&one->server, &o->server))
		take(a, one);
	return 0;
}

/* What came since says more: the same client may have bound that interface from another port. */
static int
take_kept(void *ctx, const struct session *one)
{
	struct answered *a = ctx;

	if (a->sessions == NULL || sessions_find(a->sessions, one) == NULL)
		take(a, one);
	return 0;
}

static int
compare(const void *left, const void *right)
{
	const struct if_id *a = &((const struct obs *)left)->use.iface;
	const struct if_id *b = &((const struct obs *)right)->use.iface;
	int r = memcmp(a->uuid.b, b->uuid.b, sizeof(a->uuid.b));

	return r != 0 ? r : (int)a->major - (int)b->major;
}

int
answered_uses(struct store *store, const struct sessions *sessions, const struct obs *obs,
    struct obs *out, size_t *count)
{
	struct answered a = {.cause = obs, .sessions = sessions, .out = out};
	struct session at = {.client = obs->client,
	    .server = obs->server,
	    .realm = obs->at.realm,
	    .client_port = obs->client_port,
	    .server_port = obs->server_port};
	int err = 0;

	assert(obs->kind == OBS_ANSWERED);
	if (sessions != NULL)
		(void)sessions_each(sessions, take_fresh, &a);
	if (store != NULL)
		err = store_each_session_at(store, &at, take_kept, &a);
	if (a.count > 1)
		qsort(out, a.count, sizeof(*out), compare);
	*count = a.count;
	return err;
}
