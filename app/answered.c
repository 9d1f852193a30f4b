/* answered.c - the sessions of a connection as observations. */
#include "app/answered.h"

#include <assert.h>

#include "dissect/observation.h"
#include "store/store.h"
#include "track/records.h"

struct answered {
	const struct obs *cause;
	struct obs *out;
	size_t count;
};

static int
take(void *ctx, const struct session *one)
{
	struct answered *a = ctx;
	struct obs *use;

	if (a->count == ANSWERED_MOST || one->protseq != PROTSEQ_TCP)
		return 0;
	use = &a->out[a->count++];
	*use = *a->cause;
	use->kind = OBS_USE;
	use->use.proof = USE_RESPONSE;
	use->use.iface =
	    (struct if_id){.uuid = one->uuid, .major = one->major, .minor = one->minor};
	return 0;
}

int
answered_uses(struct store *store, const struct obs *obs, struct obs *out, size_t *count)
{
	struct answered a = {.cause = obs, .out = out};
	struct session at = {.client = obs->client,
	    .server = obs->server,
	    .realm = obs->at.realm,
	    .client_port = obs->client_port,
	    .server_port = obs->server_port};
	int err;

	assert(obs->kind == OBS_ANSWERED);
	err = store_each_session_at(store, &at, take, &a);
	*count = a.count;
	return err;
}
