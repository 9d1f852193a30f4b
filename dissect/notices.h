/* notices.h - what an association tells beside binds and answers: that an interface answers, that calls were sealed, what the server is
 * called. */
#ifndef EPMWATCH_DISSECT_NOTICES_H
#define EPMWATCH_DISSECT_NOTICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct context;
struct conversation;
struct patience;
struct pdu_auth;

/** notices_use(v, context, proof): Report that the interface of ${context} answers; ${proof} as in struct obs_use. */
void notices_use(struct conversation *v, const struct context *context, unsigned proof);

/** notices_answered(v): A response in a context that was never seen has come: report that the server answers there, at most once a minute.
 * Whoever remembers what the client bound on that connection knows which interfaces do. */
void notices_answered(struct conversation *v);

/** notices_sealed(v, auth, to_mapper): A request or response has come: count it if it is sealed, which its own trailer ${auth} tells, so that
 * of several security contexts on one association each is taken for what it is. */
void notices_sealed(struct conversation *v, const struct pdu_auth *auth, bool to_mapper);

/** notices_sealed_again(v, auth): The same of one that nobody reads, and whose packet is not at hand. False, and nothing was done, if that has
 * to be noted: it is the first since the last report. */
bool notices_sealed_again(struct conversation *v, const struct pdu_auth *auth);

/** notices_expire(v, patience) / notices_finish(v): Report how many sealed calls there were since the last time, if any: at most once a
 * minute; at the end. */
void notices_expire(struct conversation *v, const struct patience *patience);
void notices_finish(struct conversation *v);

/** notices_token(v, octets, len): Report the names in an answer's token, where it has any. */
void notices_token(struct conversation *v, const uint8_t *octets, size_t len);

#endif
