/* activity.h - requests after a pause: how a client shows that something made it look for new mail. */
#ifndef EPMWATCH_DISSECT_ACTIVITY_H
#define EPMWATCH_DISSECT_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

struct conversation;

#define ACTIVITY_QUIET_NS INT64_C(250000000) /* without a PDU of either side: a pause */
#define ACTIVITY_NEVER INT64_MIN              /* no PDU was seen so far */

/** activity_request(v, known, opnum): A request has come, v->pdu_ns is the time of the PDU before it: tell of it if that was a pause.
 * ${known}: it is one to EMSMDB; else nobody knows to what. Time that goes back is no pause. */
void activity_request(struct conversation *v, bool known, uint16_t opnum);

#endif
