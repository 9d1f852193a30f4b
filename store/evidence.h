/* evidence.h - where a piece of evidence lies, as JSON text: row of the capture or null, frame, source,
 * client, its port; where known the server's port, and, unless it is TCP, the protocol. Its time stands in a column of its own. */
#ifndef EPMWATCH_STORE_EVIDENCE_H
#define EPMWATCH_STORE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

struct store;
struct param;
struct column;
struct addr;
struct evidence;
struct query_evidence;

enum {
	EVIDENCE_TEXT = 144
};

/** evidence_write(e, capture, out): The text of ${e}, without a NUL, whose capture has that row, 0 for
 * unknown; returns its length. */
size_t evidence_write(const struct evidence *e, int64_t capture, char out[EVIDENCE_TEXT]);

/** evidence_param(s, p, e): Give time and text; NULLs where there is no evidence. Makes the capture's
 * row if a rollback took it. */
int evidence_param(struct store *s, struct param *p, const struct evidence *e);

/** evidence_column(s, c, ts_ns, out): Read the text of evidence at ${ts_ns}; zeros where there is
 * none. */
void evidence_column(
    const struct store *s, struct column *c, int64_t ts_ns, struct evidence *out);

/** evidence_query(e, capture, server, out): The same for readers, with the capture's name, which is
 * borrowed, and the server that it is about. */
void evidence_query(const struct evidence *e, const char *capture, const struct addr *server,
    struct query_evidence *out);

#endif
