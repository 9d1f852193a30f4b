/* push_score.c - the table. */
#include "track/push_score.h"

#include <stddef.h>

#define STRONG (PUSH_REPEATS | PUSH_SEALED | PUSH_REQUEST_SOON)

static const struct {
	enum push_sign sign;
	int weight;
} weights[] = {
    {PUSH_SERVER_KNOWN, 130},
    {PUSH_CLIENT_BOUND, 130},
    {PUSH_ONE_WAY, 130},
    {PUSH_SMALL, 130},
    {PUSH_HIGH_PORTS, 130},
    {PUSH_UNRECOGNISED, 130},
    {PUSH_REPEATS, 40},
    {PUSH_SEALED, 40},
    {PUSH_REQUEST_SOON, 40},
    {PUSH_REQUEST_LATER, 20},
    {PUSH_LENGTH_FITS, 10},
    {PUSH_PORT_CHANGES, 10},
    {PUSH_KIN, 20},
    {PUSH_DIFFERS, -60},
    {PUSH_STREAMS, -60},
    {PUSH_SERVER_LISTENS, -60},
    {PUSH_CLIENT_SENDS, -60},
    {PUSH_UNLIKE, -60},
    {PUSH_ELSEWHERE, -60},
    {PUSH_MISFITS, -60},
    {PUSH_TEXT, -40},
};

int
push_score(unsigned signs)
{
	int score = 0;

	for (size_t i = 0; i < sizeof(weights) / sizeof(weights[0]); i++) {
		if ((signs & weights[i].sign) != 0)
			score += weights[i].weight;
	}
	return score;
}

bool
push_is_sure(unsigned signs)
{
	return push_is_likely(signs) &&
	       (signs & (PUSH_REPEATS | PUSH_REQUEST_SOON | PUSH_KIN)) != 0;
}

bool
push_is_likely(unsigned signs)
{
	return (signs & STRONG) != 0 && push_score(signs) >= PUSH_THRESHOLD;
}
