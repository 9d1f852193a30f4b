/* rules_push.h - EPM-009: new-mail notifications that go where they should not, and those that never come.
 *
 * One alert a server for each form, on the server as a whole; what it is about tells them apart:
 *
 *   outside      flows that the policy's `newmail` does not allow. It lists their clients. Medium; low while all of them are only inferred. It
 *                closes when the last of these flows has ended (the client left an hour ago, or nothing came for four hours), or is allowed
 *                since, and none of them was seen for the settling time. So an administrator who fixed the clients' port sees it
 *                close within hours of the last client's restart, and not while one of them still runs with the old setting.
 *   undelivered  clients whose registration lived for an hour and ended without a datagram: what a firewall that eats UDP looks like,
 *                where the sensor is behind it. Medium; low while all of these registrations are sealed. A client leaves the list when a datagram
 *                is delivered to it, not when others get theirs: a firewall may stand before one branch only. It also leaves after a week in
 *                which no further registration of it starved. The alert closes when the list has been empty for the settling
 *                time. Clients that wait for answers by AsyncEMSMDB need no datagrams, and are not counted.
 *
 * Without any `newmail` nothing is outside. */
#ifndef EPMWATCH_TRACK_RULES_PUSH_H
#define EPMWATCH_TRACK_RULES_PUSH_H

#include <stdint.h>

struct addr;
struct push;
struct pushes;

#define RULES_PUSH "EPM-009"
#define RULES_PUSH_OUTSIDE "outside"
#define RULES_PUSH_UNDELIVERED "undelivered"

/** rules_push_seen(p, push): That flow began, or goes on: of the latter it is enough to say so once a minute. The loader's error; -ENOMEM. */
int rules_push_seen(struct pushes *p, const struct push *push);

/** rules_push_ended(p, push, ts_ns): It ended, and is no more among the flows. Errors likewise. */
int rules_push_ended(struct pushes *p, const struct push *push, int64_t ts_ns);

/** rules_push_starved(p, server, realm, ts_ns): One more client of that server got nothing. rules_push_fed(...): One did, or is not
 * counted any more. Errors likewise. */
int rules_push_starved(struct pushes *p, const struct addr *server, uint8_t realm, int64_t ts_ns);
int rules_push_fed(struct pushes *p, const struct addr *server, uint8_t realm, int64_t ts_ns);

#endif
