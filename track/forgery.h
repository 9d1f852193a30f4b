/* forgery.h - answers of the endpoint mapper that are not what they seem: malformed towers, answers that provably nobody
 * asked for, answers from an address that was not asked (EPM-010). Once a server, client and day, for FORGERIES of these. */
#ifndef EPMWATCH_TRACK_FORGERY_H
#define EPMWATCH_TRACK_FORGERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct obs;
struct octets;
struct octets_in;
struct rules;

enum {
	FORGERIES = 512, /* servers and clients of a day that are told of; 22 KiB, made with the first one */
};

struct forgery {
	struct addr server, client;
	int32_t day;   /* since 1970 */
	uint8_t realm;
	uint8_t told;  /* what, a set of enum forgery_kind; 0: the place is free */
};

enum forgery_kind {
	FORGERY_MALFORMED = 1,
	FORGERY_UNASKED = 2,
	FORGERY_ELSEWHERE = 4,
};

struct forgeries {
	struct forgery *item; /* owned */
	size_t count;
};

/** forgery_of(o): What is wrong with that answer, a set of enum forgery_kind; 0: nothing, or it is none. */
unsigned forgery_of(const struct obs *o);

/** forgery_judge(r, o): EPM-010 of ${o}. -ENOMEM. */
int forgery_judge(struct rules *r, const struct obs *o);

/** forgeries_encode(f, out) / forgeries_decode(f, in): Who was told of. The latter: -ENOMEM; what is damaged ends it. */
void forgeries_encode(const struct forgeries *f, struct octets *out);
int forgeries_decode(struct forgeries *f, struct octets_in *in);

/** forgeries_deinit(f): Forget all. */
void forgeries_deinit(struct forgeries *f);

#endif
