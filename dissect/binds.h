/* binds.h - binds and alter_contexts that wait for their answers, and the observations that come of
 * them. */
#ifndef EPMWATCH_DISSECT_BINDS_H
#define EPMWATCH_DISSECT_BINDS_H

#include <stdbool.h>
#include <stddef.h>

struct contexts;
struct conversation;
struct patience;
struct pdu;
struct pdu_auth;
struct pdu_header;
struct pending_bind;

enum {
	BINDS_PENDING = 64
}; /* of one association; the oldest is reported unanswered when more come */

struct binds {
	struct pending_bind *first, *last; /* owned; oldest first */
	size_t count;
};

/** binds_offer(b, v, contexts, pdu): A bind or alter_context has come, at least up to the end of its
 * contexts: learn them, and wait for the answer. */
void binds_offer(
    struct binds *b, struct conversation *v, struct contexts *contexts, const struct pdu *pdu);

/** binds_passed(b, v, head, auth, whole): The rest of an offer has come after its contexts; with its trailer where ${auth}
 * is present. Where it is ${whole}, the present packet is the one that completed it. */
void binds_passed(struct binds *b, const struct conversation *v, const struct pdu_header *head,
    const struct pdu_auth *auth, bool whole);

/** binds_answer(b, v, contexts, pdu): A bind_ack, alter_context_resp, bind_nak or fault has come:
 * settle, and report. */
void binds_answer(
    struct binds *b, struct conversation *v, struct contexts *contexts, const struct pdu *pdu);

/** binds_expire(b, v, patience): Report those that have waited too long, oldest first. Their answers, should they come, are passed
 * over. */
void binds_expire(struct binds *b, struct conversation *v, const struct patience *patience);

/** binds_finish(b, v): Report what was never answered, oldest first, and free all. */
void binds_finish(struct binds *b, struct conversation *v);

/** binds_free(b, v): Free all without a report. */
void binds_free(struct binds *b, struct conversation *v);

#endif
