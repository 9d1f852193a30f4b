/* pipeline_parts.h - what becomes of the packets of a run over captures, and where its transactions end. For pipeline.c alone. */
#ifndef EPMWATCH_APP_PIPELINE_PARTS_H
#define EPMWATCH_APP_PIPELINE_PARTS_H

struct batch;
struct pipeline;

/** pipeline_batch(p, batch): Dissect them, and give what comes out to the consumer. 0, or an error after a message. */
int pipeline_batch(struct pipeline *p, const struct batch *batch);

/** pipeline_commit_now(p): Wait until the consumer has taken everything, and end the transaction if there is one. Errors likewise. */
int pipeline_commit_now(struct pipeline *p);

/** pipeline_commit_taken(p): The same where it has taken everything, and a transaction is open. */
int pipeline_commit_taken(struct pipeline *p);

#endif
