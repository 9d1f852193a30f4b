/* datagram_pairs.c - pairs of hosts, each in its place. */
#include "dissect/datagram_pairs.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"

struct datagram_pair *
datagram_pairs_of(
    struct datagram_pairs *t, const struct addr *server, const struct addr *client, uint16_t realm)
{
	uint8_t key[2 * sizeof(*server)];
	struct datagram_pair *p;

	memcpy(key, server, sizeof(*server));
	memcpy(key + sizeof(*server), client, sizeof(*client));
	p = &t->pair[hash_keyed(key, sizeof(key), t->secret + realm) % DATAGRAM_PAIRS];
	if (p->realm != realm || !addr_equal(&p->server, server) || !addr_equal(&p->client, client))
		*p = (struct datagram_pair){.server = *server, .client = *client, .realm = realm};
	return p;
}

void
datagram_pair_asked(struct datagram_pair *p, int64_t now_ns)
{
	p->asked = true;
	p->asked_ns = now_ns;
}

void
datagram_pair_answered(struct datagram_pair *p, int64_t now_ns)
{
	p->answered = true;
	p->answered_ns = now_ns;
}

void
datagram_pair_missed(struct datagram_pair *p, int64_t now_ns)
{
	p->missed = true;
	p->missed_ns = now_ns;
}

/* Also where the clock was set back since. */
static bool
is_recent(int64_t then_ns, int64_t now_ns)
{
	uint64_t now = (uint64_t)now_ns, then = (uint64_t)then_ns;

	return (now_ns > then_ns ? now - then : then - now) <=
	       (uint64_t)DATAGRAM_PAIR_SECONDS * NS_PER_S;
}

bool
datagram_pair_proves(const struct datagram_pair *p, int64_t now_ns)
{
	return p->asked && is_recent(p->asked_ns, now_ns) && p->answered &&
	       is_recent(p->answered_ns, now_ns) && !(p->missed && is_recent(p->missed_ns, now_ns));
}
