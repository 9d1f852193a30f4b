/* flow_id.h - which flow a piece of evidence belongs to, as other tools write it. */
#ifndef EPMWATCH_REPORT_FLOW_ID_H
#define EPMWATCH_REPORT_FLOW_ID_H

#include "base/community_id.h"

struct query_evidence;

/** flow_id(e, out): The Community ID of the flow that the packet belongs to; empty where the server's port is not known: of what older
 * versions stored, and of what was not seen in a packet between the two. Returns ${out}. */
char *flow_id(const struct query_evidence *e, char out[COMMUNITY_ID_TEXT]);

#endif
