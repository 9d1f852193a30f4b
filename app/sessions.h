/* sessions.h - accepted binds since the last commit, united by who talks to what, until the store has them.
 *
 * Each is kept once a commit, however often it happened. The table has a fixed size, 3.75 MiB, of which those of a
 * transaction touch half at most; when it is full while the store takes nothing, what is new is counted as refused. Each row that is
 * written touches pages all over the store's indexes, so many at a time cost far less than few. */
#ifndef EPMWATCH_APP_SESSIONS_H
#define EPMWATCH_APP_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

struct obs;
struct session;
struct sessions;

enum {
	SESSIONS_MOST = 16384
};

/** sessions_new(out, secret) / sessions_free(&s): An empty table. ${secret}: a number that nobody can guess, so that nobody can choose
 * sessions that collide. -ENOMEM. */
int sessions_new(struct sessions **out, uint64_t secret);
void sessions_free(struct sessions **s);

/** sessions_add(s, obs): Take in the interfaces that ${obs} shows to have been accepted, if it is a bind, and that it answers, if it
 * shows that of one: a session goes on without a bind for days. Then nothing is counted, and what the bind said of it stands. */
void sessions_add(struct sessions *s, const struct obs *obs);

/** sessions_is_filling(s): It is more than half full. */
bool sessions_is_filling(const struct sessions *s);

/** sessions_each(s, keep, store): Call ${keep} for each, in the order in which they came; what it returns, if not 0, ends that and is
 * returned. */
int sessions_each(
    const struct sessions *s, int (*keep)(void *store, const struct session *one), void *store);

/** sessions_each_sorted(s, keep, store): The same, about in the order in which the store has them: neighbours there share pages. What came
 * last comes last all the same: its time is the store's idea of the present. */
int sessions_each_sorted(
    struct sessions *s, int (*keep)(void *store, const struct session *one), void *store);

/** sessions_find(s, one): That of the same client, server, interface and endpoint; NULL where there is none. */
const struct session *sessions_find(const struct sessions *s, const struct session *one);

/** sessions_clear(s): They were committed: forget them. */
void sessions_clear(struct sessions *s);

/** sessions_refused(s): How many found no room so far. */
uint64_t sessions_refused(const struct sessions *s);

#endif
