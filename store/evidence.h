/* evidence.h - six columns that say where a piece of evidence lies: time, capture, frame, source,
 * client, its port. */
#ifndef EPMWATCH_STORE_EVIDENCE_H
#define EPMWATCH_STORE_EVIDENCE_H

struct store;
struct param;
struct column;
struct evidence;
struct query_evidence;

/** evidence_param(s, p, e): Give all six; NULLs where there is no evidence. Makes the capture's row
 * if a rollback took it. */
int evidence_param(struct store *s, struct param *p, const struct evidence *e);

/** evidence_column(s, c, out): Read all six; zeros where there is no evidence. */
void evidence_column(const struct store *s, struct column *c, struct evidence *out);

/** evidence_query(e, capture, out): The same for readers, with the capture's name, which is
 * borrowed. */
void evidence_query(const struct evidence *e, const char *capture, struct query_evidence *out);

#endif
