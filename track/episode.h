/* episode.h - one endpoint of one key from first to last sight: found, opened, seen, ended.
 *
 * An endpoint that was announced or used is proven. One that was only attempted (a bind without a
 * visible answer) is kept and shown, but belongs to no set: its sights begin anew when something
 * proves it. An attempt on a proven endpoint is counted and is no sight of it, and whoever only
 * attempted is not among the clients. */
#ifndef EPMWATCH_TRACK_EPISODE_H
#define EPMWATCH_TRACK_EPISODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct sighting;

/** episode_is_proven(e): True if ${e} was announced or used. */
bool episode_is_proven(const struct episode *e);

/** episode_in_set(e): True if ${e} is alive and proven: its endpoint is one of the key's. */
bool episode_in_set(const struct episode *e);

/** episode_alive(m, endpoint): The episode of ${endpoint} that is alive; NULL where there is none.
 * Until the next episode_open() or episode_trim(). */
struct episode *episode_alive(const struct mapping *m, const struct endpoint *endpoint);

/** episode_ended(m, endpoint): The episode of ${endpoint} that ended last; NULL where there is
 * none. Likewise. */
struct episode *episode_ended(const struct mapping *m, const struct endpoint *endpoint);

/** episode_open(m, endpoint, out): Add an episode without a sight yet. -ENOMEM. */
int episode_open(struct mapping *m, const struct endpoint *endpoint, struct episode **out);

/**
 * episode_see(e, s, evidence):
 * Count one sighting. Evidence may come late: the first sight moves only backwards, the last only
 * forwards. Clients are told apart up to CLIENTS_EXACT; no memory for another one counts as too
 * many.
 */
void episode_see(struct episode *e, const struct sighting *s, const struct evidence *evidence);

/** episode_end(e, ts_ns): It is proven absent at ${ts_ns}. */
void episode_end(struct episode *e, int64_t ts_ns);

/** episode_set(m, out): Write the endpoints of the key's set, sorted, to ${out}, which has room for
 * all episodes; returns how many. */
size_t episode_set(const struct mapping *m, struct endpoint *out);

/**
 * episode_trim(m, keep):
 * While there are more than ${keep} episodes, drop the one that ended first and that the store has.
 * What is left is the same whether the mapping stayed in memory or was loaded again.
 */
void episode_trim(struct mapping *m, size_t keep);

/** episode_bytes(m): Memory that the episodes of ${m} take, beside what is lent to it. */
size_t episode_bytes(const struct mapping *m);

#endif
