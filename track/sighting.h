/* sighting.h - what one observation says of endpoints: which were seen, for which keys, and of
 * which keys it lists all.
 *
 * An answer repeats towers and a bind repeats interfaces; here each endpoint of a key stands once,
 * and the sightings of one key stand together, so that they can be judged as one set. ncalrpc,
 * unknown protocol sequences, the interfaces that every port carries (mgmt, IRemUnknown) and a nil UUID, which names
 * none, are not sightings. */
#ifndef EPMWATCH_TRACK_SIGHTING_H
#define EPMWATCH_TRACK_SIGHTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct obs;

/** evidence_of_obs(o): The packet that ${o} reports on, without a source. Its ports are those of the flow, where that is between the client and
 * the server. */
struct evidence evidence_of_obs(const struct obs *o);

/* An answer holds at most 500 towers, a bind at most 255 contexts; one about an object 32 ports of each
 * of its interfaces. What is beyond is refused, and nothing of it complete. */
enum {
	SIGHTINGS_MAX = 512
};

struct sighting {
	struct mapping_key key;
	struct endpoint endpoint;
	uint16_t minor;
	uint16_t order; /* on the wire */
	enum evidence_source source;
	const char *annotation; /* the observation's; NULL where there is none */
};

/* All that one observation says of endpoints; about 72 KiB. */
struct sightings {
	size_t count;
	size_t refused;                      /* not taken in for want of room */
	struct evidence evidence;            /* its source is that of each sighting */
	struct sighting item[SIGHTINGS_MAX]; /* by key, then endpoint */
	bool lists_all;                      /* the answer is complete for what was asked */
	bool is_page;                        /* it would be, were it not a page of a listing (lookups.h) */
	int64_t since_ns;                    /* what was not seen from then on is not there, where it is complete */
	bool asked_all,
	    asked_protseq; /* what was asked: every interface; one protocol sequence of it */
	struct mapping_key asked;
	uint64_t realm; /* ident_realm() of the observation's; set by whoever asks for groups */
};

/* The sightings of one key: a set. Borrowed from struct sightings. */
struct group {
	const struct sighting *sighting; /* by endpoint; never of mixed keys */
	size_t count;
	const struct evidence *evidence;
	uint64_t realm; /* as in struct sightings */
	bool complete;  /* whatever was not seen since then is not there */
	int64_t since_ns;
};

/** sighting_proves(s): True unless it is a mere attempt. */
bool sighting_proves(const struct sighting *s);

/** sightings_read(s, o): Fill ${s} from ${o}. Cannot fail. */
void sightings_read(struct sightings *s, const struct obs *o);

/** sightings_begin(o, out): The key of what ${o} names first; false where it names nothing. */
bool sightings_begin(const struct obs *o, struct mapping_key *out);

/** sightings_group(s, at, out): The group that begins at ${at}; returns where the next one begins.
 * ${at} is less than s->count. */
size_t sightings_group(const struct sightings *s, size_t at, struct group *out);

/** sightings_cover(s, key): If what it says is complete, it is for ${key}, too. */
bool sightings_cover(const struct sightings *s, const struct mapping_key *key);

/** sightings_absent(s, key, out): The group of a key that it covers and does not name. */
void sightings_absent(const struct sightings *s, struct group *out);

/** group_lists(g, e): True if ${e} is among the group's endpoints. */
bool group_lists(const struct group *g, const struct endpoint *e);

/** group_proves(g): True if something in it is more than an attempt. */
bool group_proves(const struct group *g);

#endif
