/* census.c - servers and the number of their mappings. */
#include "track/census.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "track/records.h"
#include "track/track.h"

struct census_server {
	struct census_server *next;
	size_t mappings;
	uint8_t name[sizeof(struct addr) + 1]; /* address and realm */
};

static_assert(sizeof(struct census_server) <= 48, "with what malloc takes, 64 bytes");

int
census_init(struct census *c, const struct track_limits *limits)
{
	size_t buckets = 1;

	while (buckets < limits->servers)
		buckets *= 2;
	*c = (struct census){.mask = buckets - 1,
	    .secret = limits->secret,
	    .servers_max = limits->servers,
	    .mappings_max = limits->mappings_per_server,
	    .total_max = limits->mappings_new};
	c->bucket = calloc(buckets, sizeof(struct census_server *));
	return c->bucket != NULL ? ERR_OK : -ENOMEM;
}

static void
forget_all(struct census *c)
{
	for (size_t i = 0; c->bucket != NULL && i <= c->mask; i++) {
		while (c->bucket[i] != NULL) {
			struct census_server *s = c->bucket[i];

			c->bucket[i] = s->next;
			free(s);
		}
	}
	c->servers = c->total = 0;
}

void
census_deinit(struct census *c)
{
	forget_all(c);
	free(c->bucket);
	c->bucket = NULL;
}

bool
census_begin(struct census *c, int64_t reading)
{
	int64_t passed;

	if (c->total == 0)
		c->since = reading;
	if (!__builtin_sub_overflow(reading, c->since, &passed) && passed < CENSUS_DAY_NS)
		return false;
	forget_all(c);
	c->since = reading;
	return true;
}

static struct census_server *
find_or_add(struct census *c, const uint8_t *name, size_t len)
{
	struct census_server **at = &c->bucket[hash_keyed(name, len, c->secret) & c->mask];
	struct census_server *s = *at;

	while (s != NULL && memcmp(s->name, name, len) != 0)
		s = s->next;
	if (s != NULL || c->servers >= c->servers_max || (s = calloc(1, sizeof(*s))) == NULL)
		return s;
	memcpy(s->name, name, len);
	s->next = *at;
	*at = s;
	c->servers++;
	return s;
}

bool
census_admit(struct census *c, const struct mapping_key *key, bool proven)
{
	uint8_t name[sizeof(struct addr) + 1];
	struct census_server *s;

	if (c->total >= (proven ? c->total_max : c->total_max / 4))
		return false;
	memcpy(name, key->server.b, sizeof(key->server.b));
	name[sizeof(name) - 1] = key->realm;
	s = find_or_add(c, name, sizeof(name));
	if (s == NULL || s->mappings >= c->mappings_max)
		return false;
	s->mappings++;
	c->total++;
	return true;
}
