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
	PROTOCOL_NAME = 32,              /* bytes of nDPI's name of a protocol, likewise */
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
	EVIDENCE_PUSH = 9,               /* a datagram that tells of new mail */
	EVIDENCE_REGISTRATION = 10,      /* a call that asks for such datagrams */
	EVIDENCE_FOREIGN = 11,           /* something that is not DCE/RPC */
};

struct evidence {
	int64_t ts_ns;                   /* 0: none */
	uint64_t frame;
	uint32_t capture;                /* index of the capture in this run; the store keeps its own */
	enum evidence_source source;
	struct addr client;
	uint16_t client_port;
	uint16_t server_port;            /* that the packet was from or to; 0: not known */
	uint8_t proto;                   /* IPPROTO_TCP, IPPROTO_UDP; 0 where server_port is */
};

/* How sure an endpoint is: announced by an answer, used by a bind, confirmed by both. The values are stored: append only. */
enum confidence {
	CONFIDENCE_ATTEMPTED = 1,
	CONFIDENCE_ANNOUNCED = 2,
	CONFIDENCE_USED = 3,
	CONFIDENCE_CONFIRMED = 4,
	CONFIDENCE_INFERRED = 5,         /* nothing but a pattern */
	CONFIDENCE_DENIED = 6,           /* the server said that it is not there */
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
	CHANGE_UNSEEN = 8,               /* of an episode only: it ended, and that is not worth telling */
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
	/* What track remembers of it in the state of its mapping (pending.h). */
	int64_t seen_at;                 /* reading of the healthy clock when it was seen last */
	uint32_t gap_s;                  /* the longest healthy time between two sights, whole seconds */
	uint32_t binder;                 /* hash of a client that it was used by; 0: none */
	uint16_t day;                    /* of the healthy clock, when it was seen last, modulo 2^16 */
	uint8_t days;                    /* on which it was seen, up to EPISODE_DAYS */
	uint8_t marks;                   /* a set of enum episode_mark */
	struct evidence last, first;
	struct endpoint endpoint;
	char annotation[ANNOTATION_TEXT];
	char told[HASH_ID_TEXT];         /* id of the change that told of it last; empty while none has (attempted only) */
	enum change_kind why;            /* what ended it */
	uint64_t clients_kept;           /* the store's: which of them it has in rows of their own, a bit for each */
	int64_t row;                     /* the store's number; 0 until it has one */
};

enum episode_dirty {
	EPISODE_DIRTY = 1,               /* anything */
	EPISODE_SEEN = 2,                /* sights, counters, clients, told */
	EPISODE_ENDED = 4,               /* ended_ns, why, told */
	EPISODE_TOLD = 8,
};

enum {
	EPISODE_DAYS = 3
};

enum episode_mark {
	EPISODE_TWO_BINDERS = 1,         /* two clients used it */
	EPISODE_WATCHED = 2,             /* told as additional; may turn out to have taken another's place */
	EPISODE_AHEAD = 4,               /* its last sight is of before the clock went back: seen_at says more */
	EPISODE_MAPPED = 8,              /* the endpoint mapper named it, so it can deny it */
};

/* What the tracker has to remember beside what people are shown, so that a restart changes no verdict. What the octets
 * mean is its own business; the store keeps them, and finds what is due. */
struct state {
	uint8_t *data;                   /* owned; NULL while len is 0 */
	size_t len;
	int64_t due_ns;                  /* reading of the healthy clock (clock.h) at which there is something to do; STATE_NEVER: none */
	bool dirty;                      /* changed since the store took it */
};

#define STATE_NEVER INT64_MAX

struct mapping {
	struct mapping_key key;
	int64_t row;                     /* the store's number; 0 until it has one */
	size_t episode_count;
	struct episode *episode;         /* owned unless it is lent; oldest first */
	struct state state;              /* what is pending of it */
	bool dirty;                      /* something here changed since the store took it */
	bool lent;                       /* the room for episodes belongs to somebody else, and holds one */
};

enum severity {
	SEVERITY_INFO,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
};

/* One of several keys that a verdict is about. */
struct change_member {
	struct mapping_key key;
	uint16_t minor;
	size_t previous_count, current_count;
	const struct endpoint *previous, *current; /* borrowed as those of the change */
	int64_t not_before_ns, not_after_ns;
};

struct change_id {
	char text[HASH_ID_TEXT];
};

/* One verdict. Sets are sorted; they and the key say all. Of a server as a whole (restarted, vanished with members) the key
 * has a nil UUID, and the members say more. */
struct change {
	char id[HASH_ID_TEXT];
	char revises[HASH_ID_TEXT];      /* empty: none */
	size_t also_count;               /* others that it revises: a restart claims several */
	const struct change_id *also;    /* borrowed as the sets */
	size_t member_count;
	const struct change_member *member; /* likewise; by key */
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
	SERVER_PENDING = 8,              /* state */
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
	struct state state;              /* what is pending of the server as a whole */
};

/* A stretch of packet time in which the sensor saw packets; what lies between two is a hole. */
struct coverage {
	int64_t from_ns, to_ns;
	int64_t row;                     /* the store's number; 0 until it has one */
};

enum alert_state {
	ALERT_OPEN = 1,
	ALERT_UPDATE = 2,
	ALERT_CLOSED = 3,
};

enum {
	ALERT_TEXT = 256,
	ALERT_ABOUT = 64,
	ALERT_CLIENTS = 16,
	PINHOLE_MOST = 8,                /* clients and interfaces that are told of a pinhole */
};

/* One transition of an alert, with the alert's state after it. An alert is known by its rule, its key and `about`. */
struct alert {
	char id[HASH_ID_TEXT];
	char change[HASH_ID_TEXT];       /* the change that goes with it; empty: none */
	char rule[8];                    /* EPM-001 */
	enum severity severity;
	enum alert_state state;
	struct mapping_key key;          /* UUID nil: about no interface; server unspecified: about the sensor */
	char about[ALERT_ABOUT];         /* what else tells it from others of its rule and key: a port, a client and day, an occurrence; empty: nothing */
	bool suppressed;                 /* the policy or a baseline says not to report it */
	bool once;                       /* of an occurrence: it never closes, and is over once it was updated last */
	size_t client_count;             /* of those that it is about, where it is about some */
	uint64_t client_total;           /* all of them, also those for which there is no room */
	struct addr client[ALERT_CLIENTS];
	uint16_t minor;
	int64_t ts_ns, opened_ns, updated_ns, closed_ns; /* closed 0 while open */
	char signature[ALERT_TEXT];      /* one line for people */
	char expected[ALERT_TEXT];       /* what the policy allows */
	char observed[ALERT_TEXT];       /* what was seen, comma separated, sorted */
	struct evidence evidence;        /* of the last transition */
};

/* A port that the endpoint mapper names, and those who are told of it do not reach. */
struct pinhole {
	struct addr server;
	uint8_t realm;                   /* as in struct mapping_key */
	uint16_t port;
	bool refused;                    /* by a reset; else nothing comes back */
	int64_t ts_ns;
	struct evidence evidence;        /* the last try */
	size_t client_count, interface_count;
	struct addr client[PINHOLE_MOST];
	struct uuid interface[PINHOLE_MOST]; /* those that it is named for */
};

/* Associations of one client with one interface of a server, at one of its ports or pipes: what they have in common. */
struct session {
	struct addr client, server;
	struct uuid uuid;
	uint16_t major, minor;
	uint8_t realm;                   /* as in struct mapping_key */
	uint8_t protseq;                 /* enum protseq */
	uint16_t server_port;            /* 0 over a pipe */
	uint16_t client_port;            /* of the last one */
	bool authenticated;              /* the last one; type and level are as on the wire */
	uint8_t auth_type, auth_level;
	char pipe[ENDPOINT_NAME];        /* empty: no pipe */
	char protocol[PROTOCOL_NAME];    /* what it speaks instead of DCE/RPC: then there is no interface; empty: DCE/RPC */
	uint64_t count;
	int64_t first_ns, last_ns;
};

/* What else is known of a flow of new-mail datagrams: a set. The values are stored. */
enum push_mark {
	PUSH_MARK_REPEATS = 1,           /* the same payload came again, after a while */
	PUSH_MARK_DIFFERS = 2,           /* another payload came */
	PUSH_MARK_ANSWERED = 4,          /* the client sent something back */
	PUSH_MARK_SOON = 8,              /* a request of the client followed within 50 ms, on an association that was quiet */
	PUSH_MARK_LATER = 16,            /* ... within 250 ms */
	PUSH_MARK_PORTS = 32,            /* the server's port changes */
	PUSH_MARK_STREAMS = 64,          /* many in a short time */
	PUSH_MARK_OTHER = 128,           /* nDPI knows what it is */
	PUSH_MARK_TELLS_ALL = 255,       /* all of the above */
};

/* New-mail datagrams of one server to one port of a client, as far as they were told from others. */
struct push {
	struct addr server, client;
	uint8_t realm;                   /* as in struct mapping_key */
	uint16_t server_port;            /* that the first one came from */
	uint16_t last_port;              /* and the last one */
	uint16_t client_port;
	bool registered;                 /* the client asked for exactly these; else inferred */
	bool final;                      /* it ended */
	bool alternative;                /* the client also polls, or holds a wait of AsyncEMSMDB: without UDP it would still learn of mail */
	bool dirty;                      /* something here changed since the store took it */
	uint8_t context[PUSH_CONTEXT_MAX]; /* their payload, the first one's where it differs */
	size_t context_len;
	size_t payload_len;              /* of the first one */
	uint64_t count, refused;         /* datagrams; of these, answered with ICMP port unreachable */
	int64_t first_ns, last_ns;
	int64_t closed_ns;               /* the client's association ended, and there was no other since; 0: it did not */
	int64_t repeat_ns;               /* the last that began a stretch of close ones */
	uint32_t stretch;                /* so many are in it */
	unsigned marks;                  /* a set of enum push_mark */
	struct evidence evidence;        /* the first one */
};

/* A client asks a server for new-mail datagrams: where to, and with what in them. */
struct push_registration {
	struct addr server, client, address;
	uint8_t realm;                   /* as in struct mapping_key */
	uint16_t port;                   /* of ${address} */
	uint16_t server_port, client_port; /* of the association that it was asked on */
	bool sealed;                     /* the call was seen, and what it asks for was not */
	bool has_address;
	bool answered;                   /* ${status} is known */
	bool final;                      /* it ended, as far as anybody knows for good */
	bool silent;                     /* nothing came for so long that its end was told; it may still hold */
	bool alternative;                /* as in struct push */
	bool dirty;
	uint8_t context[PUSH_CONTEXT_MAX];
	size_t context_len;              /* where sealed: as far as the call's length tells; 0: it does not */
	uint32_t mask, status;
	uint64_t delivered, refused;     /* datagrams that were not refused, and those that were; of a sealed one the inferred ones */
	int64_t first_ns;                /* when it was asked for */
	int64_t last_ns;                 /* the last datagram; first_ns where none came */
	struct evidence evidence;        /* the call */
};

/* What is known of a client of an Exchange server's mailbox interface, whether or not it is told of new mail by datagrams. */
struct push_client {
	struct addr server, client;
	uint8_t realm;                   /* as in struct mapping_key */
	uint8_t beats;                   /* requests in succession, each a minute after what was before and called by no datagram; PUSH_BEATS: it polls */
	bool dirty;
	uint16_t sealed_len;             /* of the context, as far as that call's length tells; 0: it does not */
	int64_t bound_ns;                /* it used the interface last, to the minute */
	int64_t sealed_ns;               /* the last sealed registration; 0: none */
	int64_t waits_ns;                /* the last wait of AsyncEMSMDB, to the minute; 0: none */
	bool starved_clear;              /* that one was in clear */
	int64_t starved_ns;              /* the last of its registrations that nothing was delivered to ended; 0: none did */
	int64_t fed_ns;                  /* a datagram was delivered to it since; 0: none */
	struct evidence evidence;        /* of that registration */
};

enum {
	PUSH_BEATS = 3,
};

/* One endpoint of a mapping that somebody declared right, whatever the policy says of it, or one verdict: then the endpoint
 * is empty. */
struct accepted {
	struct mapping_key key;
	uint16_t minor;
	struct endpoint endpoint;
	int64_t accepted_ns;             /* packet time that the store had reached */
	char id[HASH_ID_TEXT];           /* the change or alert that was accepted; empty: the whole state was */
	char reason[ALERT_TEXT];         /* empty: none was given */
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
