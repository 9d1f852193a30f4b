/* check_towers.h - what must hold of every tower that is reported, whatever came in. */
#ifndef EPMWATCH_TESTS_FUZZ_CHECK_TOWERS_H
#define EPMWATCH_TESTS_FUZZ_CHECK_TOWERS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/observation.h"

#define CHECK(holds)                                                                               \
	do {                                                                                       \
		if (!(holds))                                                                      \
			abort();                                                                   \
	} while (0)

/* A string is cleaned: no control character is left in it. */
static inline void
check_text(const char *text)
{
	if (text == NULL)
		return;
	CHECK(*text != '\0');
	for (; *text != '\0'; text++)
		CHECK((unsigned char)*text >= 0x20 && *text != 0x7f);
}

/* One side of a floor, whose length must fit; returns what follows it. */
static inline size_t
check_side(const struct obs_tower *t, size_t at, size_t *len)
{
	CHECK(at + 2 <= t->octets_len);
	*len = t->octets[at] | (size_t)t->octets[at + 1] << 8;
	CHECK(*len <= t->octets_len - at - 2);
	return at + 2 + *len;
}

/* The port is the two octets of the fourth floor's right side. */
static inline void
check_port(const struct obs_tower *t)
{
	size_t at = 2, len = 0;

	for (int side = 0; side < 8; side++)
		at = check_side(t, at, &len);
	CHECK(len == 2);
	CHECK(t->port == (t->octets[at - 2] << 8 | t->octets[at - 1]));
}

static inline void
check_tower(const struct obs_tower *t)
{
	CHECK((unsigned)t->protseq < PROTSEQ_COUNT);
	check_text(t->endpoint);
	check_text(t->host_name);
	check_text(t->annotation);
	CHECK(t->octets != NULL || t->octets_len == 0);
	if (protseq_has_port(t->protseq)) {
		CHECK(t->endpoint == NULL);
		if (t->octets != NULL)
			check_port(t);
	} else {
		CHECK(t->port == 0);
	}
	if (t->protseq == PROTSEQ_UNKNOWN)
		CHECK(t->endpoint == NULL && !t->host_known);
}

#endif
