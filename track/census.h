/* census.h - how much is made of one server and of servers in all, so that forged answers cannot
 * fill the store.
 *
 * Counted is what is made new, for a day of healthy time, and then anew: a mapping that the store has from before always
 * goes on. A forger can so add at most the bounds in a day, and what is real finds room the day after a flood. 64 bytes a
 * server. */
#ifndef EPMWATCH_TRACK_CENSUS_H
#define EPMWATCH_TRACK_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct census_server;
struct mapping_key;
struct track_limits;

struct census {
	struct census_server **bucket; /* owned */
	size_t mask;
	uint64_t secret;
	size_t servers, servers_max;
	size_t mappings_max; /* of one server */
	size_t total, total_max; /* mappings of all */
	int64_t since;           /* the reading of the clock at the first of them */
};

#define CENSUS_DAY_NS (INT64_C(24) * 3600 * 1000000000)

/** census_init(c, limits) / census_deinit(c): Nothing counted yet. -ENOMEM. */
int census_init(struct census *c, const struct track_limits *limits);
void census_deinit(struct census *c);

/** census_begin(c, reading): The healthy clock shows ${reading}: where a day is over, all that was counted is forgotten, and true returned. */
bool census_begin(struct census *c, int64_t reading);

/**
 * census_admit(c, key, proven):
 * Count one more mapping of the key's server; false where a bound or memory forbids it. What is only
 * attempted finds room in a quarter of the whole, so that forged binds cannot crowd out answers.
 */
bool census_admit(struct census *c, const struct mapping_key *key, bool proven);

#endif
