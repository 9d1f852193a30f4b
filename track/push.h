/* push.h - new-mail notifications: registrations, mailboxes that are in use, requests and small datagrams, joined into flows.
 *
 * A datagram is *registered* where a client asked for exactly that payload at that address and port, whatever address of the server
 * it comes from. Where the registration is sealed, or was not seen, a flow is *inferred* from what it looks like and what happens
 * around it (push_score.h); until it is likely enough, and until its server is known for EMSMDB, it waits. Where a client
 * registered in clear, nothing else is inferred for it.
 *
 * A flow is one server, one client and one port of that client. It ends four hours (registration-idle) after its last datagram, and an
 * hour after the client was seen to leave, if it was not seen since. A registration ends when its association
 * does, or the client disconnects, or registers the same again; after four hours in which nothing came for it its end is told, and it is
 * still believed for a week, since a night without mail is no end.
 *
 * Known servers are those that EMSMDB was announced for or accepted at; known clients those that used it there, or talk to a port that
 * turns out to be its. Both last: servers, what waits, and ports in use as octets, the rest as rows.
 *
 * Memory at most, malloc's own and 16 bytes of buckets a thing included: servers 0.4 MiB (4096 of 104 bytes), clients 6.3 MiB (32768 of
 * 200), flows 2.4 MiB (8192 of 304), registrations 5.3 MiB (16384 of 336), flows that wait 0.3 MiB (1024 of 304), and 40 KiB for
 * associations of unknown interface and ports in use: 15 MiB in all, each made with what it is for. Where a table is full the one that was
 * touched longest ago gives way, servers excepted: the first ones stay. What found no room, or gave way, is counted. */
#ifndef EPMWATCH_TRACK_PUSH_H
#define EPMWATCH_TRACK_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/push_map.h"
#include "track/records.h"

struct if_id;
struct obs;
struct octets;
struct push_keeper;
struct rules;
struct servers;
struct track_loader;

enum {
	PUSH_HOSTS = 4096,
	PUSH_CLIENTS = 32768,
	PUSH_FLOWS = 8192,
	PUSH_REGISTRATIONS = 16384,
	PUSH_WAITING = 1024,
	PUSH_TALKS = 512,
	PUSH_PORTS = 1024,
	PUSH_KINS = 32,
	PUSH_HOST_PORTS = 8, /* of a server that EMSMDB is known at; the latest */
	PUSH_PAIR = 64,      /* flows of one server and client */
	PUSH_ALIKE = 64,     /* registrations of one client at one server, and of one address */
};

/* An association of unknown interface: when it turns out that its port is EMSMDB's, its client used that. */
struct push_talk {
	struct addr server, client;
	uint16_t port; /* 0: the place is free */
	uint8_t realm;
};

/* A UDP port that somebody was seen to use. */
struct push_port {
	struct addr host;
	uint16_t port; /* 0: the place is free */
	uint8_t realm;
	bool receives, sends;
};

/* How payloads begin, and how long they are: those of flows that are certain. */
struct push_kin {
	uint8_t head[2];
	uint8_t len;
	uint32_t count; /* flows; 0: the place is free */
};

/* One a tracker. What is borrowed stays. */
struct pushes {
	struct rules *rules;     /* borrowed: policy, clock, realms, baseline and output */
	struct servers *servers; /* borrowed: alerts hang on them */
	uint64_t secret;
	struct push_map hosts;          /* struct push_host, by address */
	struct push_map clients;        /* struct push_user, by server and client */
	struct push_map flows, waiting; /* struct push_flow, likewise */
	struct push_map by_address,
	    by_pair;            /* struct push_wish: by where to, and by server and client */
	struct push_talk *talk; /* owned; NULL before the first; and so is what follows */
	struct push_port *port;
	struct push_kin kin[PUSH_KINS];
	int64_t due;      /* the reading before which nothing ends */
	uint64_t steps;   /* of the clock, that times were corrected for */
	bool dirty;       /* what pushes_encode() writes has changed */
	bool full;        /* of rows that are to be kept */
	uint64_t refused; /* what found no room, or had to give way */
};

/** pushes_init(p, rules, servers, secret) / pushes_deinit(p): Nothing known yet. The first two are borrowed. */
void pushes_init(struct pushes *p, struct rules *rules, struct servers *servers, uint64_t secret);
void pushes_deinit(struct pushes *p);

/** pushes_observe(p, o): An observation has come. What begins or ends goes to the output of the rules. -ENOMEM; the loader's error. */
int pushes_observe(struct pushes *p, const struct obs *o);

/** push_is_mailbox(iface): It is EMSMDB. */
bool push_is_mailbox(const struct if_id *iface);

/** pushes_due(p): The reading at which something may end; STATE_NEVER: nothing does. */
int64_t pushes_due(const struct pushes *p);

/** pushes_ripe(p, now_ns): What has ended at packet time ${now_ns}, or when pushes_due() says, whichever is later. Errors as pushes_observe(). */
int pushes_ripe(struct pushes *p, int64_t now_ns);

/** pushes_finish(p): The run ends: put out all that is open as if it ended, and leave it open. -ENOMEM. */
int pushes_finish(const struct pushes *p);

/** pushes_load(p, loader): What is known of before. The loader's error; -ENOMEM. */
int pushes_load(struct pushes *p, const struct track_loader *loader);

/** pushes_flush(p, keeper) / pushes_settle(p): Hand out each row that changed; they were kept. The first error of the keeper. */
int pushes_flush(struct pushes *p, const struct push_keeper *keeper);
void pushes_settle(struct pushes *p);

/** pushes_encode(p, out) / pushes_decode(p, data, len): What is remembered beside rows. The latter: false where it is damaged, then some of it may
 * be missing. */
void pushes_encode(const struct pushes *p, struct octets *out);
bool pushes_decode(struct pushes *p, const uint8_t *data, size_t len);

#endif
