/* facts.c - see facts.h. */
#include "track/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "track/records.h"

/* What malloc takes for itself around a block. */
enum {
	BLOCK = 16
};

enum {
	ALIASES_LOOKED_AT = 64 /* of one observation */
};

/* Within that time the same name counts as told once. */
#define GRAIN_NS (60 * NS_PER_S)

_Static_assert(FACTS_GROWTH >= (SERVER_ALIASES + 2) * (SERVER_NAME + BLOCK) +
				   SERVER_ALIASES * sizeof(struct server_alias),
    "names fit into what is kept free for one observation");
_Static_assert(FACTS_GROWTH >= SERVER_NAME + 2 * BLOCK + sizeof(struct server_referral),
    "and so does a referral");

bool
facts_are_told(const struct obs *o)
{
	switch (o->kind) {
	case OBS_NAMES: /* those of what is behind a proxy are not the proxy's */
		return o->backend == NULL && (o->names.host != NULL || o->names.alias_count > 0);
	case OBS_SEALED:
		return o->sealed.calls > 0 || o->sealed.mapper > 0;
	case OBS_REFERRAL:
		return o->referral.status == 0 && o->referral.to != NULL &&
		       o->referral.to[0] != '\0';
	case OBS_EPM:
	case OBS_BIND:
	case OBS_OXID:
	case OBS_USE:
	case OBS_REACH:
	case OBS_ANSWERED:
	case OBS_REGISTRATION:
	case OBS_MAILBOX:
	case OBS_ACTIVITY:
	case OBS_DATAGRAM:
	case OBS_FOREIGN:
		break;
	}
	return false;
}

static bool
is_later(int64_t ts_ns, int64_t than_ns)
{
	int64_t between;

	return __builtin_sub_overflow(ts_ns, than_ns, &between) ? ts_ns > than_ns
								: between >= GRAIN_NS;
}

/* As it is kept; a new string. */
static char *
make_name(const char *name)
{
	char text[SERVER_NAME];

	(void)text_clean((const uint8_t *)name, strlen(name), text, sizeof(text));
	return strdup(text);
}

static bool
same_name(const char *kept, const char *told)
{
	char text[SERVER_NAME];

	if (strncasecmp(kept, told, strlen(kept)) != 0)
		return false; /* nearly all: what was told is clean, and perhaps too long */
	(void)text_clean((const uint8_t *)told, strlen(told), text, sizeof(text));
	return strcasecmp(kept, text) == 0;
}

static struct server_alias *
find_alias(const struct server_facts *f, const char *name)
{
	for (size_t i = 0; i < f->alias_count; i++) {
		if (same_name(f->alias[i].name, name))
			return &f->alias[i];
	}
	return NULL;
}

static void
drop_alias(struct server_facts *f, struct server_alias *a)
{
	free(a->name);
	*a = f->alias[--f->alias_count];
}

static struct server_alias *
oldest_alias(const struct server_facts *f)
{
	struct server_alias *oldest = &f->alias[0];

	for (size_t i = 1; i < f->alias_count; i++) {
		if (f->alias[i].last_ns < oldest->last_ns)
			oldest = &f->alias[i];
	}
	return oldest;
}

/* Room for one more alias; NULL without memory, or where all others were told later than ${ts_ns}. */
static int
make_alias(struct server_facts *f, int64_t ts_ns, struct server_alias **out)
{
	struct server_alias *grown = f->alias;

	*out = NULL;
	if (f->alias_count == SERVER_ALIASES) {
		struct server_alias *oldest = oldest_alias(f);

		if (oldest->last_ns > ts_ns)
			return ERR_OK;
		drop_alias(f, oldest);
	} else if ((grown = realloc(grown, (f->alias_count + 1) * sizeof(*grown))) == NULL) {
		return -ENOMEM;
	}
	f->alias = grown;
	*out = &grown[f->alias_count];
	return ERR_OK;
}

/* ${name} was made by make_name(), and is taken over or freed. */
static int
add_alias(struct server_facts *f, char *name, int64_t ts_ns)
{
	struct server_alias *a = NULL;
	int err = name == NULL ? -ENOMEM : make_alias(f, ts_ns, &a);

	if (a == NULL) {
		free(name);
		return err;
	}
	*a = (struct server_alias){.name = name, .last_ns = ts_ns};
	f->alias_count++;
	f->dirty |= SERVER_NAMED;
	return ERR_OK;
}

/* Its own address is nothing to tell of it. */
static bool
is_own_address(const struct server_facts *f, const char *name)
{
	struct addr addr;

	return addr_parse(name, &addr) == 0 && addr_equal(&addr, &f->server);
}

static int
take_alias(struct server_facts *f, const char *name, int64_t ts_ns)
{
	struct server_alias *known;

	if (name[0] == '\0' || is_own_address(f, name) ||
	    (f->host != NULL && same_name(f->host, name)))
		return ERR_OK;
	known = find_alias(f, name);
	if (known == NULL)
		return add_alias(f, make_name(name), ts_ns);
	if (is_later(ts_ns, known->last_ns)) {
		known->last_ns = ts_ns;
		f->dirty |= SERVER_NAMED;
	}
	return ERR_OK;
}

/* A name that was told before the one that is known has come late: it is an older one. */
static int
replace_host(struct server_facts *f, const char *name, int64_t ts_ns)
{
	struct server_alias *known = find_alias(f, name);
	char *before = f->host, *host = make_name(name);

	if (host == NULL)
		return -ENOMEM;
	if (known != NULL)
		drop_alias(f, known);
	f->host = host;
	f->dirty |= SERVER_NAMED;
	int64_t before_ns = f->host_ns;
	f->host_ns = ts_ns;
	return before != NULL ? add_alias(f, before, before_ns) : ERR_OK;
}

static int
take_host(struct server_facts *f, const char *name, int64_t ts_ns)
{
	if (name[0] == '\0')
		return ERR_OK;
	if (f->host == NULL)
		return replace_host(f, name, ts_ns);
	if (same_name(f->host, name)) {
		if (is_later(ts_ns, f->host_ns)) {
			f->host_ns = ts_ns;
			f->dirty |= SERVER_NAMED;
		}
		return ERR_OK;
	}
	return ts_ns < f->host_ns ? take_alias(f, name, ts_ns) : replace_host(f, name, ts_ns);
}

static int
take_names(struct server_facts *f, const struct obs *o, uint64_t *refused)
{
	const struct obs_names *names = &o->names;
	size_t count = names->alias_count;
	int err = names->host != NULL ? take_host(f, names->host, o->at.ts_ns) : ERR_OK;

	if (count > ALIASES_LOOKED_AT) {
		*refused += count - ALIASES_LOOKED_AT;
		count = ALIASES_LOOKED_AT;
	}
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		if (names->alias[i] != NULL)
			err = take_alias(f, names->alias[i], o->at.ts_ns);
	}
	return err;
}

/* The store's numbers end at INT64_MAX. */
static void
add(uint64_t *sum, uint64_t n)
{
	*sum = n > INT64_MAX - *sum ? INT64_MAX : *sum + n;
}

static void
take_sealed(struct server_facts *f, const struct obs_sealed *sealed)
{
	add(&f->sealed, sealed->calls);
	add(&f->sealed_mapper, sealed->mapper);
	f->dirty |= SERVER_SEALED;
}

static struct server_referral *
find_referral(const struct server_facts *f, const struct obs_referral *r)
{
	for (size_t i = 0; i < f->referral_count; i++) {
		struct server_referral *known = &f->referral[i];

		if (known->operation == r->operation && same_name(known->to, r->to))
			return known;
	}
	return NULL;
}

static int
add_referral(struct server_facts *f, const struct obs *o)
{
	struct server_referral *grown =
	    realloc(f->referral, (f->referral_count + 1) * sizeof(*grown));
	char *to = make_name(o->referral.to);

	if (grown != NULL)
		f->referral = grown;
	if (grown == NULL || to == NULL) {
		free(to);
		return -ENOMEM;
	}
	grown[f->referral_count++] = (struct server_referral){
	    .operation = o->referral.operation,
	    .to = to,
	    .first_ns = o->at.ts_ns,
	    .last_ns = o->at.ts_ns,
	    .count = 1,
	};
	f->dirty |= SERVER_REFERRED;
	return ERR_OK;
}

static int
take_referral(struct server_facts *f, const struct obs *o, uint64_t *refused)
{
	struct server_referral *known = find_referral(f, &o->referral);
	int64_t ts_ns = o->at.ts_ns;

	if (known == NULL && f->referral_count == SERVER_REFERRALS) {
		++*refused;
		return ERR_OK;
	}
	if (known == NULL)
		return add_referral(f, o);
	if (ts_ns < known->first_ns)
		known->first_ns = ts_ns;
	if (ts_ns > known->last_ns)
		known->last_ns = ts_ns;
	add(&known->count, 1);
	f->dirty |= SERVER_REFERRED;
	return ERR_OK;
}

int
facts_take(struct server_facts *f, const struct obs *o, uint64_t *refused)
{
	if (!facts_are_told(o))
		return ERR_OK;
	if (o->kind == OBS_NAMES)
		return take_names(f, o, refused);
	if (o->kind == OBS_REFERRAL)
		return take_referral(f, o, refused);
	take_sealed(f, &o->sealed);
	return ERR_OK;
}

size_t
facts_bytes(const struct server_facts *f)
{
	size_t bytes = f->host != NULL ? strlen(f->host) + 1 + BLOCK : 0;

	if (f->alias_count > 0)
		bytes += SERVER_ALIASES * sizeof(f->alias[0]) + BLOCK;
	for (size_t i = 0; i < f->alias_count; i++)
		bytes += strlen(f->alias[i].name) + 1 + BLOCK;
	if (f->referral_count > 0)
		bytes += f->referral_count * sizeof(f->referral[0]) + BLOCK;
	for (size_t i = 0; i < f->referral_count; i++)
		bytes += strlen(f->referral[i].to) + 1 + BLOCK;
	return bytes;
}
