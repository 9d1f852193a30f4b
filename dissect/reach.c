/* reach.c - the fate of connections to learned endpoints. */
#include "dissect/reach.h"

#include "base/clock.h"
#include "dissect/assoc.h"
#include "dissect/dissector.h"
#include "dissect/flow.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"

static void
tell(struct assoc_env *env, const struct flow_key *key, const struct flow_origin *o,
    enum reach_how how)
{
	int client = o->client == 1;
	struct obs obs = {
	    .kind = OBS_REACH,
	    .transport = TRANSPORT_TCP,
	    .at = *env->now,
	    .server = key->addr[1 - client],
	    .client = key->addr[client],
	    .server_port = key->port[1 - client],
	    .client_port = key->port[client],
	};

	obs.reach.how = how;
	obs_queue_push(env->out, &obs);
}

/* A clock that goes back begins another second, too. */
static bool
may_tell(struct reach *r, int64_t now_ns)
{
	if ((uint64_t)now_ns - (uint64_t)r->second_ns >= NS_PER_S) {
		r->second_ns = now_ns;
		r->told = 0;
	}
	if (r->told == REACH_MOST)
		return false;
	r->told++;
	return true;
}

static void
settle(struct assoc_env *env, const struct flow_key *key, struct flow_origin *o, enum reach_how how)
{
	if (o->reach == REACH_AWAITED)
		tell(env, key, o, how);
	o->reach = REACH_SETTLED;
}

/* A bit says no of nearly all ports that were never learned. */
static bool
is_learned(const struct hints *hints, const struct flow_key *key, int side)
{
	return hints_has_port(hints, key->port[side]) &&
	       hints_is_endpoint(hints, &key->addr[side], key->port[side]);
}

void
reach_syn(struct reach *r, struct assoc_env *env, const struct hints *hints,
    const struct flow_key *key, struct flow_origin *o, int from, bool answers)
{
	/* Those below are nobody's to hand out; a flood of SYNs is spared the question. */
	if (key->port[1 - o->client] < REACH_FIRST_PORT || answers != (from != o->client))
		return;
	if (answers) {
		settle(env, key, o, REACH_ANSWERED);
		return;
	}
	/* One that is sent again may find learned what was not before. */
	if (o->reach != REACH_UNKNOWN || !is_learned(hints, key, 1 - from))
		return;
	if (!may_tell(r, env->now->ts_ns)) {
		env->stats->capped++;
		return;
	}
	o->reach = REACH_AWAITED;
	tell(env, key, o, REACH_TRIED);
}

void
reach_rst(struct assoc_env *env, const struct flow_key *key, struct flow_origin *o, int from)
{
	if (from != o->client)
		settle(env, key, o, REACH_REFUSED);
}

void
reach_goes_on(struct assoc_env *env, const struct flow_key *key, struct flow_origin *o)
{
	settle(env, key, o, REACH_ANSWERED);
}
