/* activity.c - requests after a pause. */
#include "dissect/activity.h"

#include "dissect/conversation.h"
#include "dissect/obs_queue.h"

/* How long no PDU was there before the packet at hand. */
static int64_t
quiet_ns(const struct conversation *v)
{
	int64_t now = v->env->now->ts_ns, quiet;

	if (v->pdu_ns == ACTIVITY_NEVER)
		return INT64_MAX;
	if (__builtin_sub_overflow(now, v->pdu_ns, &quiet))
		return now > v->pdu_ns ? INT64_MAX - 1 : -1;
	return quiet;
}

void
activity_request(struct conversation *v, bool known, uint16_t opnum)
{
	int64_t quiet = quiet_ns(v);
	struct obs obs;

	if (quiet < ACTIVITY_QUIET_NS)
		return;
	obs = conversation_obs(v, OBS_ACTIVITY);
	obs.activity = (struct obs_activity){.known = known, .opnum = opnum, .quiet_ns = quiet};
	obs_queue_push(v->env->out, &obs);
}
