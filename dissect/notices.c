/* notices.c - what an association tells beside binds and answers. */
#include "dissect/notices.h"

#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/ntlm.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/pdu.h"

#define SEALED_NS INT64_C(60000000000) /* how often it is said how many calls were sealed */
#define ANSWERED_NS INT64_C(60000000000) /* and that somebody answers */

void
notices_use(struct conversation *v, const struct context *context, unsigned proof)
{
	struct obs obs = conversation_obs(v, OBS_USE);

	obs.use.proof = proof;
	obs.use.iface = context->iface;
	v->proven = true;
	obs_queue_push(v->env->out, &obs);
}

void
notices_answered(struct conversation *v)
{
	int64_t now = v->env->now->ts_ns, since;
	struct obs obs;

	if (v->answered && !__builtin_sub_overflow(now, v->answered_ns, &since) && since >= 0 &&
	    since < ANSWERED_NS)
		return;
	v->answered = true;
	v->answered_ns = now;
	obs = conversation_obs(v, OBS_ANSWERED);
	obs_queue_push(v->env->out, &obs);
}

void
notices_sealed(struct conversation *v, const struct pdu_auth *auth, bool to_mapper)
{
	if (!auth->present || auth->level < PDU_PRIVACY)
		return;
	v->env->stats->rpc.sealed++;
	v->env->stats->rpc.sealed_epm += to_mapper;
	if (v->sealed.calls == 0)
		v->sealed_at = *v->env->now;
	v->sealed.calls++;
	v->sealed.mapper += to_mapper;
}

bool
notices_sealed_again(struct conversation *v, const struct pdu_auth *auth)
{
	if (auth->level < PDU_PRIVACY)
		return true;
	if (v->sealed.calls == 0)
		return false;
	v->env->stats->rpc.sealed++;
	v->sealed.calls++;
	return true;
}

void
notices_finish(struct conversation *v)
{
	struct obs obs;

	/* Of whose calls they were nothing may be known, where the start of each was lost. */
	if (v->sealed.calls == 0 || v->client < 0)
		return;
	obs = conversation_obs(v, OBS_SEALED);
	obs.at = v->sealed_at;
	obs.sealed = v->sealed;
	v->sealed = (struct obs_sealed){0};
	obs_queue_push(v->env->out, &obs);
}

void
notices_expire(struct conversation *v, const struct patience *patience)
{
	if (patience_is_over(patience, SEALED_NS, v->sealed_at.ts_ns))
		notices_finish(v);
}

void
notices_token(struct conversation *v, const uint8_t *octets, size_t len)
{
	struct obs obs = conversation_obs(v, OBS_NAMES);

	if (ntlm_challenge_names(octets, len, v->env->out, &obs.names))
		obs_queue_push(v->env->out, &obs);
}
