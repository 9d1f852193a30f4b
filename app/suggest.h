/* suggest.h - the word that was probably meant. */
#ifndef EPMWATCH_APP_SUGGEST_H
#define EPMWATCH_APP_SUGGEST_H

#include <stddef.h>

enum {
	SUGGEST_LONGEST = 32
}; /* words beyond that are nobody's typing error */

/** suggest_distance(a, b): Letters to insert, delete, change or swap with their neighbour to turn
 * ${a} into ${b}. */
size_t suggest_distance(const char *a, const char *b);

/* The best of the candidates offered so far. Start with .word set. */
struct suggest {
	const char *word; /* what was typed */
	const char *best; /* NULL: nothing is near */
	size_t distance;
};

/** suggest_offer(s, candidate): Remember ${candidate} if it is nearer than those before: at most
 * two letters off, and less than half the word. */
void suggest_offer(struct suggest *s, const char *candidate);

#endif
