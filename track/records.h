/* records.h - what is kept of the world: the rows that track makes and the store keeps.
 *
 * The model: a server's interface maps to a set of endpoints. A mapping is one key with its
 * episodes; an episode is one endpoint of it from first to last sight. */
#ifndef EPMWATCH_TRACK_RECORDS_H
#define EPMWATCH_TRACK_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "dissect/observation.h"

enum {
	ENDPOINT_NAME = 64,              /* bytes of a pipe's name that are kept, NUL included */
	ANNOTATION_TEXT = 64,            /* an annotation is at most 64 on the wire */
	CLIENTS_EXACT = 64,              /* clients of an endpoint that are counted one by one */
};

/* The key. Realm is an index into the run's table of realms; 0 is the default realm. */
struct mapping_key {
	struct addr server;
	struct uuid uuid;
	uint16_t major;
	uint8_t protseq;                 /* enum protseq */
	uint8_t realm;
};

/* One endpoint: a port where the protocol sequence has ports, else a name. */
struct endpoint {
	uint16_t port;
	char name[ENDPOINT_NAME];
};

/* What proved an endpoint. The values are stored: append only. */
enum evidence_source {
	EVIDENCE_MAP = 1,                /* ept_map answer */
	EVIDENCE_LOOKUP = 2,             /* ept_lookup answer */
	EVIDENCE_BIND = 3,               /* bind or alter_context accepted */
	EVIDENCE_ATTEMPT = 4,            /* bind or alter_context without a visible answer */
	EVIDENCE_OXID = 5,               /* answer of DCOM's resolver or activator */
	EVIDENCE_RESPONSE = 6,           /* response to a call in a context that is known from its bind */
	EVIDENCE_TRAILER = 7,            /* call whose verification trailer names the interface */
	EVIDENCE_DATAGRAM = 8,           /* connectionless call: each packet names it */
};

struct evidence {
	int64_t ts_ns;                   /* 0: none */
	uint64_t frame;
	uint32_t capture;                /* index of the capture in this run; the store keeps its own */
	enum evidence_source source;
	struct addr client;
	uint16_t client_port;
};

/* How sure an endpoint is: announced by an answer, used by a bind, confirmed by both. The values are stored: append only. */
enum confidence {
	CONFIDENCE_ATTEMPTED = 1,
	CONFIDENCE_ANNOUNCED = 2,
	CONFIDENCE_USED = 3,
	CONFIDENCE_CONFIRMED = 4,
};

/* Why an episode ended, and the kind of a change. The values are stored: append only. */
enum change_kind {
	CHANGE_NONE = 0,
	CHANGE_NEW = 1,
	CHANGE_ADDITIONAL = 2,
	CHANGE_MOVED = 3,
	CHANGE_RETURNED = 4,
	CHANGE_FLIP_FLOP = 5,
	CHANGE_VANISHED = 6,
	CHANGE_RESTARTED = 7,
};

/* In the order of use: what a sighting of what is known touches stands together. */
struct episode {
	int64_t first_ns, last_ns;
	int64_t ended_ns;                /* 0 while alive */
	uint64_t announced, used, attempted; /* sightings by source */
	struct addr *client;             /* owned; sorted; NULL while client_count is 0 */
	uint32_t client_count;           /* at most CLIENTS_EXACT */
	uint16_t minor;                  /* of the interface, as last seen */
	bool clients_estimated;          /* more came than are told apart */
	uint8_t dirty;                   /* what changed since the store took it: a set of enum episode_dirty */
	struct evidence last, first;
	struct endpoint endpoint;
	char annotation[ANNOTATION_TEXT];
	char told[HASH_ID_TEXT];         /* id of the change that told of it last; empty while none has (attempted only) */
	enum change_kind why;            /* what ended it */
	uint32_t clients_kept;           /* the store's: how many of them it has in rows of their own */
	int64_t row;                     /* the store's number; 0 until it has one */
};

enum episode_dirty {
	EPISODE_DIRTY = 1,               /* anything */
	EPISODE_SEEN = 2,                /* sights, counters, clients, told */
	EPISODE_ENDED = 4,               /* ended_ns, why, told */
	EPISODE_TOLD = 8,
};

struct mapping {
	struct mapping_key key;
	int64_t row;                     /* the store's number; 0 until it has one */
	size_t episode_count;
	struct episode *episode;         /* owned unless it is lent; oldest first */
	bool dirty;                      /* something here changed since the store took it */
	bool lent;                       /* the room for episodes belongs to somebody else, and holds one */
};

enum severity {
	SEVERITY_INFO,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
};

/* One verdict. Sets are sorted; they and the key say all. */
struct change {
	char id[HASH_ID_TEXT];
	char revises[HASH_ID_TEXT];      /* empty: none */
	enum change_kind kind;
	struct mapping_key key;
	uint16_t minor;
	enum confidence confidence;
	int64_t ts_ns;                   /* of the evidence that brought it */
	int64_t first_ns;                /* first sight of what is new */
	int64_t not_before_ns, not_after_ns; /* the moment lies between; not_before 0: unknown */
	uint32_t clients;
	size_t previous_count, current_count;
	const struct endpoint *previous, *current; /* borrowed until the next call on the tracker */
	struct evidence evidence;
	struct mapping *mapping;         /* what changed: the store numbers it when it keeps the change; likewise borrowed; NULL: nobody asks */
};

enum {
	SERVER_NAME = 256,               /* bytes of a name that are kept, NUL included */
	SERVER_ALIASES = 16,
	SERVER_REFERRALS = 64,
};

/* Another name of a server, or another address as text. */
struct server_alias {
	char *name;                      /* owned */
	int64_t last_ns;
};

/* A server that clients are sent to. */
struct server_referral {
	enum referral_operation operation;
	char *to;                        /* owned */
	int64_t first_ns, last_ns;
	uint64_t count;
};

/* What changed of a server since the store took it: a set. */
enum server_dirty {
	SERVER_NAMED = 1,                /* host, aliases */
	SERVER_SEALED = 2,
	SERVER_REFERRED = 4,
};

/* What is known of a server beside its endpoints. Names are attributes: they are shown, and part of no key. */
struct server_facts {
	struct addr server;
	uint8_t realm;                   /* as in struct mapping_key */
	uint8_t dirty;                   /* a set of enum server_dirty */
	char *host;                      /* owned; the newest name that it gave itself; NULL: none known */
	int64_t host_ns;                 /* when it did so last */
	uint64_t sealed, sealed_mapper;  /* calls that could not be read; of these, to its endpoint mapper */
	size_t alias_count, referral_count;
	struct server_alias *alias;      /* owned; in no order; at most SERVER_ALIASES */
	struct server_referral *referral; /* owned; likewise SERVER_REFERRALS */
};

enum alert_state {
	ALERT_OPEN = 1,
	ALERT_UPDATE = 2,
	ALERT_CLOSED = 3,
};

enum { ALERT_TEXT = 256 };

/* One transition of an alert, with the alert's state after it. */
struct alert {
	char id[HASH_ID_TEXT];
	char change[HASH_ID_TEXT];       /* the change that goes with it; empty: none */
	char rule[8];                    /* EPM-001 */
	enum severity severity;
	enum alert_state state;
	struct mapping_key key;
	uint16_t minor;
	int64_t ts_ns, opened_ns, updated_ns, closed_ns; /* closed 0 while open */
	char signature[ALERT_TEXT];      /* one line for people */
	char expected[ALERT_TEXT];       /* what the policy allows */
	char observed[ALERT_TEXT];       /* what was seen, comma separated, sorted */
	struct evidence evidence;        /* of the last transition */
};

/** change_kind_name(k) / confidence_name(c) / severity_name(s) / alert_state_name(s) / evidence_source_name(e): The contract's words. Static storage. */
const char *change_kind_name(enum change_kind k);
const char *confidence_name(enum confidence c);
const char *severity_name(enum severity s);
const char *alert_state_name(enum alert_state s);
const char *evidence_source_name(enum evidence_source e);

/** severity_parse(name, out): ERR_MALFORMED for what is none. */
int severity_parse(const char *name, enum severity *out);

/** evidence_announces(e) / evidence_uses(e): It is what a server says of itself; the interface was seen to answer. Neither of
 * a mere attempt. */
static inline bool
evidence_announces(enum evidence_source e)
{
	return e == EVIDENCE_MAP || e == EVIDENCE_LOOKUP || e == EVIDENCE_OXID;
}

static inline bool
evidence_uses(enum evidence_source e)
{
	return e == EVIDENCE_BIND || (e >= EVIDENCE_RESPONSE && e <= EVIDENCE_DATAGRAM);
}

enum { ENDPOINT_TEXT = ENDPOINT_NAME };

/** endpoint_format(e, out): A port in decimal, or the name; returns ${out}. */
char *endpoint_format(const struct endpoint *e, char out[ENDPOINT_TEXT]);

/** endpoint_compare(a, b): Order: ports by number, names without regard to case. */
int endpoint_compare(const struct endpoint *a, const struct endpoint *b);

/** mapping_key_compare(a, b): Order: realm, server, interface, major version, protocol sequence. */
int mapping_key_compare(const struct mapping_key *a, const struct mapping_key *b);

/** episode_confidence(e): What its counters prove. */
enum confidence episode_confidence(const struct episode *e);

/** mapping_free(&m): Free a mapping and its episodes. NULL is fine. */
void mapping_free(struct mapping **m);

/** mapping_clear(m): Free its episodes only, and leave none. */
void mapping_clear(struct mapping *m);

/** server_facts_clear(f): Free what they own, and leave none of it. */
void server_facts_clear(struct server_facts *f);

/** server_facts_free(&f): Free them, too. NULL is fine. */
void server_facts_free(struct server_facts **f);

/** referral_operation_name(o): The call, as the contract's word. Static storage. */
const char *referral_operation_name(enum referral_operation o);

#endif
