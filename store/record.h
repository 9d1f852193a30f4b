/* record.h - records on their way out of the store, from the columns that loading and queries have
 * in common. */
#ifndef EPMWATCH_STORE_RECORD_H
#define EPMWATCH_STORE_RECORD_H

#include <stdint.h>

struct store;
struct column;
struct alert;
struct mapping_key;

/** record_key(c, realm, out): address, interface, major, protseq. */
void record_key(struct column *c, uint8_t realm, struct mapping_key *out);

/** record_about(c, realm, out): The same, where a server or an interface may be missing. */
void record_about(struct column *c, uint8_t realm, struct mapping_key *out);

/** record_alert(s, c, realm, out): The columns of an alert from `row` on, which is returned, with
 * its latest evidence. */
int64_t record_alert(const struct store *s, struct column *c, uint8_t realm, struct alert *out);

/** record_check(s, c): ERR_STORE, with words, if a column of the row made no sense. */
int record_check(struct store *s, const struct column *c);

#endif
