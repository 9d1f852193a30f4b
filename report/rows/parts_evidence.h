/* parts_evidence.h - a piece of evidence with all that helps to look at it: who was there, and the command that shows it.
 *
 * As in parts.h: it adds to the array that is open in ${o}. */
#ifndef EPMWATCH_REPORT_PARTS_EVIDENCE_H
#define EPMWATCH_REPORT_PARTS_EVIDENCE_H

struct json;
struct query_evidence;

/** parts_evidence_whole(o, e): What parts_evidence() adds, and `client`, `client_port` and `community_id` where known, `command` where a file is known.
 * Nothing where there is no evidence. */
void parts_evidence_whole(struct json *o, const struct query_evidence *e);

#endif
