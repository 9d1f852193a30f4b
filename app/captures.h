/* captures.h - the captures of a run: which of them the store knows, and how far each has been
 * folded.
 *
 * A capture is dissected from its start whenever it is read, so that streams and calls are whole;
 * only what comes out after the frames that were folded before counts again. A capture read through
 * a filter is another capture than the whole of it. Of two captures in one run of which one begins
 * with the other, only the longer is read. */
#ifndef EPMWATCH_APP_CAPTURES_H
#define EPMWATCH_APP_CAPTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct captures;
struct captures_news;
struct chain;
struct packet;
struct store;

/** captures_new(out, chain, store, filter) / captures_free(&c): All borrowed; ${filter} may be
 * NULL. -ENOMEM. */
int captures_new(
    struct captures **out, const struct chain *chain, struct store *store, const char *filter);
void captures_free(struct captures **c);

/** captures_is_new(c, index): True if no packet of capture ${index} came before. */
bool captures_is_new(const struct captures *c, uint32_t index);

/** captures_meet(c, packet): Before the first packet of a capture, within a transaction: look the
 * capture up, and give it a row. ERR_STORE, -ENOMEM. */
int captures_meet(struct captures *c, const struct packet *packet);

/** captures_repeated(c, packet): True if the same packet comes, or came, from another capture of
 * this run. Where it does not, it holds for no later packet of the same capture, until a capture is
 * met. */
bool captures_repeated(const struct captures *c, const struct packet *packet);

/** captures_pass(c, packet): ${packet} and those of its capture before it have been dissected. */
void captures_pass(struct captures *c, const struct packet *packet);

/** captures_lasted(c, index, first_ns, last_ns): Capture ${index} has packets of these times. */
void captures_lasted(struct captures *c, uint32_t index, int64_t first_ns, int64_t last_ns);

/** captures_counts(c, packet): True if what comes out at ${packet} was not folded by an earlier
 * run. */
bool captures_counts(const struct captures *c, const struct packet *packet);

/** captures_grew(c, index): True if capture ${index} had packets in this run that no earlier run
 * had. */
bool captures_grew(const struct captures *c, uint32_t index);

/** captures_finish(c): All were read to their end: packets that a filter held back at the end count
 * as passed. */
void captures_finish(struct captures *c);

/** captures_news_new(out) / captures_news_free(&n): What there is to write of captures: nothing. -ENOMEM. */
int captures_news_new(struct captures_news **out);
void captures_news_free(struct captures_news **n);

/** captures_tell(c, n): Set ${n} to how far each has got that got further since this was called last. -ENOMEM. */
int captures_tell(struct captures *c, struct captures_news *n);

/** captures_write(n, store): Write that, within a transaction. Of the captures themselves it needs their names alone,
 * so that another thread may do it. */
int captures_write(const struct captures_news *n, struct store *store);

/** captures_name(c, index): A capture's name, printable. */
const char *captures_name(const struct captures *c, uint32_t index);

/** captures_read(c): Captures that had packets of their own. */
size_t captures_read(const struct captures *c);

#endif
