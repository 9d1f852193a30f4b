/* suggest.c - edit distance with neighbours swapped (optimal string alignment), three rows of the
 * matrix at a time. */
#include "app/suggest.h"

#include <string.h>

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

size_t
suggest_distance(const char *a, const char *b)
{
	size_t rows[3][SUGGEST_LONGEST + 1], a_len = strlen(a), b_len = strlen(b);

	if (a_len > SUGGEST_LONGEST || b_len > SUGGEST_LONGEST)
		return a_len > b_len ? a_len : b_len;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			now[j] = least(
			    before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    second[j - 2] + 1 < now[j])
				now[j] = second[j - 2] + 1;
		}
	}
	return rows[a_len % 3][b_len];
}

void
suggest_offer(struct suggest *s, const char *candidate)
{
	size_t distance = suggest_distance(s->word, candidate), length = strlen(s->word);

	if (distance > 2 || distance * 2 > length)
		return;
	if (s->best != NULL && distance >= s->distance)
		return;
	s->best = candidate;
	s->distance = distance;
}
