/* board.h - what the consumer has learned, put up where the workers see it.
 *
 * Each piece is an immutable copy behind one pointer. A worker takes the pointer up when it has time, and says which one it uses; the
 * consumer frees an old copy once nobody does. Nobody waits: while too many old copies are in use nothing new is put up. */
#ifndef EPMWATCH_APP_BOARD_H
#define EPMWATCH_APP_BOARD_H

#include <stdbool.h>
#include <stddef.h>

struct board;
struct hints;

/** board_new(out, readers) / board_free(&b): An empty board for that many workers. None may be reading when it is freed. -ENOMEM. */
int board_new(struct board **out, size_t readers);
void board_free(struct board **b);

/** board_put(b, hints): Put up a copy of what is known now. By the consumer only. False where that must wait: old copies are in
 * use, or there is no memory. */
bool board_put(struct board *b, const struct hints *hints);

/** board_look(b, reader): What is up; it stays as it is until the reader of that number looks again. NULL before the first. */
const struct hints *board_look(struct board *b, size_t reader);

#endif
