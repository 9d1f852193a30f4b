/* policy.h - which endpoints are right, and after what times verdicts fall: plain tables, and the questions asked of them.
 *
 * policy/ builds them from a file. Everything is borrowed from whoever built it, and nothing changes while it is in use.
 *
 * The first rule that covers (server, interface, protocol sequence) holds, and none after it. A rule with pins or a range
 * speaks of protocol sequences with ports; pipes and the like are right unless they are denied. Well-known endpoints are
 * right for every interface that is not denied, pinned or not: the process of the endpoint mapper hosts more than the
 * mapper. What no rule covers may be in the dynamic range of its server. */
#ifndef EPMWATCH_TRACK_POLICY_H
#define EPMWATCH_TRACK_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/uuid.h"

struct mapping_key;
struct endpoint;

/* A range of ports, both ends in it. */
struct port_range {
	const char *name;                /* NULL: it has none */
	uint16_t low, high;
};

struct policy_ports {
	size_t count;
	const struct port_range *range;
};

/* The addresses whose first ${bits} bits are those of ${base}; IPv4 as in struct addr, so 96 bits more than it is written with. */
struct policy_network {
	struct addr base;
	uint8_t bits;
};

struct policy_servers {
	const char *name;                /* as the rule has it, for people */
	bool any;                        /* every address; then there are no networks */
	size_t count;
	const struct policy_network *network;
};

struct policy_interface {
	struct uuid uuid;
	bool any_major;
	uint16_t major;
};

struct policy_interfaces {
	const char *name;                /* as the rule has it */
	bool any;                        /* every interface, and what is about none; then the table is empty */
	size_t count;
	const struct policy_interface *interface; /* sorted by UUID */
};

struct policy_rule {
	struct policy_servers servers;
	struct policy_interfaces interfaces;
	uint8_t protseq;                 /* enum protseq; PROTSEQ_UNKNOWN: any, those without ports only with ${deny} */
	bool deny;
	bool beside;                     /* what is in ${allowed} is right beside a pin that is there */
	bool has_allowed;                /* ${allowed} was given; else it is empty: the pins alone are allowed, or, without any, what is dynamic */
	struct policy_ports pins;        /* each one port */
	struct policy_ports allowed;
	size_t line;                     /* of the file; 0: none */
};

/* The dynamic range of some servers. */
struct policy_dynamic {
	struct policy_servers servers;
	struct policy_ports ports;
	size_t line;
};

struct policy_newmail {
	struct policy_servers servers, clients;
	struct policy_ports ports;       /* of the client */
	size_t line;
};

struct policy_suppression {
	const char *rule;                /* EPM-004 */
	struct policy_servers servers;
	struct policy_interfaces interfaces;
	int64_t until_ns;                /* from then on it does not hold; INT64_MAX: without end */
	const char *reason;              /* "": none was given */
	size_t line;
};

/* Which realm some VLANs and virtual networks stand for. */
struct policy_realm {
	const char *name;
	size_t vlan_count, vni_count;
	const uint16_t *vlan;
	const uint32_t *vni;
	size_t line;
};

struct thresholds {
	int64_t settle_ns;               /* after which a change settles without a second witness */
	int64_t restart_window_ns;       /* for which a move is held, so that a restart can claim it */
	uint32_t restart_members;        /* changes that share a moment and are a restart */
	int64_t vanish_ns;               /* of healthy time unseen */
	uint32_t flip_flop_count;        /* returns ... */
	int64_t flip_flop_span_ns;       /* ... within that time */
	uint32_t loss_ppm;               /* of packets lost, in a million */
	uint32_t vanish_factor;          /* times the longest gap */
	int64_t gap_ns;                  /* a silence beyond it is a hole */
	int64_t new_store_ns;            /* how long a store is new */
	int64_t registration_min_ns;     /* of life, before a registration that nothing came for counts */
	int64_t registration_idle_ns;    /* of silence that ends one */
	int64_t span_window_ns;          /* a datagram again so soon is a copy; -1: none is */
	int64_t merge_skew_ns;           /* two sensors' clocks are apart at most */
};

#define POLICY_SECOND_NS INT64_C(1000000000)
#define POLICY_HOUR_NS (3600 * POLICY_SECOND_NS)

/* What holds where a policy does not say. */
#define THRESHOLDS_DEFAULT                                                                         \
	{                                                                                          \
		.settle_ns = 900 * POLICY_SECOND_NS, .restart_window_ns = 600 * POLICY_SECOND_NS,  \
		.restart_members = 3, .vanish_ns = 168 * POLICY_HOUR_NS, .flip_flop_count = 3,     \
		.flip_flop_span_ns = 24 * POLICY_HOUR_NS, .loss_ppm = 1000, .vanish_factor = 3,    \
		.gap_ns = POLICY_HOUR_NS, .new_store_ns = 24 * POLICY_HOUR_NS,                     \
		.registration_min_ns = POLICY_HOUR_NS, .registration_idle_ns = 4 * POLICY_HOUR_NS, \
		.span_window_ns = POLICY_SECOND_NS / 1000, .merge_skew_ns = 60 * POLICY_SECOND_NS,                       \
	}

struct policy {
	const char *name;                /* of a shipped one, or its file's */
	const char *text;                /* as it was read */
	const char *hash;                /* 16 hexadecimal digits of the text: two policies are one if this is equal */
	struct policy_ports dynamic;
	size_t dynamic_for_count, rule_count, newmail_count, suppression_count, realm_count;
	const struct policy_dynamic *dynamic_for;
	const struct policy_rule *rule;
	const struct policy_newmail *newmail;
	const struct policy_suppression *suppression;
	const struct policy_realm *realm;
	struct thresholds thresholds;
};

/* What an endpoint breaks: a set. */
enum policy_breach {
	POLICY_OUT_OF_RANGE = 1,         /* EPM-001: its port is not allowed. Never of what is denied: there no port is */
	POLICY_DENIED = 2,               /* EPM-002 */
	POLICY_OFF_PIN = 4,              /* EPM-003: its interface is pinned, and this is not the pin, nor right beside it */
	POLICY_RESERVED = 8,             /* EPM-008: a TCP port that RPC over HTTP has for itself, whatever a rule allows */
};

/** policy_builtin(name): `windows-default`, which holds where none was given; NULL for any other name. Static storage. */
const struct policy *policy_builtin(const char *name);

/** policy_name(p): Its name. */
const char *policy_name(const struct policy *p);

/** policy_rule_of(p, key): The rule that covers ${key}; NULL where none does. Depends on nothing else, so it may be kept. */
const struct policy_rule *policy_rule_of(const struct policy *p, const struct mapping_key *key);

/**
 * policy_breaches(p, key, endpoint, pin_there):
 * What ${endpoint} of ${key} breaks, a set of enum policy_breach; 0: it is right. ${pin_there}: a pin of the key is alive, so
 * that a rule with `beside` allows others.
 */
unsigned policy_breaches(const struct policy *p, const struct mapping_key *key, const struct endpoint *endpoint, bool pin_there);

/** policy_allows(p, key, endpoint): True if ${endpoint} is neither denied nor out of range: a well-known one, a pipe or another name, or a port
 * in an allowed range. Whether a pin is honoured is not asked. */
bool policy_allows(const struct policy *p, const struct mapping_key *key, const struct endpoint *endpoint);

/** policy_denies(p, key): True if ${key} is not to be there at all, whatever its endpoint. */
bool policy_denies(const struct policy *p, const struct mapping_key *key);

/** policy_pins(p, key): The ports that ${key} is pinned to, each of which is right; none where it is not. */
struct policy_ports policy_pins(const struct policy *p, const struct mapping_key *key);

/** policy_is_pin(p, key, endpoint): True if it is one of those. */
bool policy_is_pin(const struct policy *p, const struct mapping_key *key, const struct endpoint *endpoint);

/** policy_is_pin_at(p, server, protseq, port): True if some interface of ${server} is pinned to it. A process answers for all of its interfaces
 * at each of its ports, so a bind may rightly come there for another one. */
bool policy_is_pin_at(const struct policy *p, const struct addr *server, uint8_t protseq, uint16_t port);

/** policy_is_well_known(protseq, port): True for an endpoint that is right without a rule: 135, and those of RPC over HTTP. */
bool policy_is_well_known(uint8_t protseq, uint16_t port);

/** policy_is_reserved(protseq, port): True for a TCP port that RPC over HTTP has for itself: 593, 6001, 6002, 6004. */
bool policy_is_reserved(uint8_t protseq, uint16_t port);

/** policy_dynamic_of(p, server): The dynamic range of ${server}. */
struct policy_ports policy_dynamic_of(const struct policy *p, const struct addr *server);

/** policy_ports_hold(ports, port): True if one of the ranges does. */
bool policy_ports_hold(struct policy_ports ports, uint16_t port);

/** policy_allows_newmail(p, server, client, client_port): New-mail datagrams from one to the other are right; all are where the policy does not
 * speak of them. */
bool policy_allows_newmail(const struct policy *p, const struct addr *server, const struct addr *client, uint16_t client_port);

/** policy_servers_hold(s, server) / policy_interfaces_hold(i, uuid, major): True if it is one of them. */
bool policy_servers_hold(const struct policy_servers *s, const struct addr *server);
bool policy_interfaces_hold(const struct policy_interfaces *i, const struct uuid *uuid, uint16_t major);

/** policy_expected(p, key, out, size): What ${key} may have, in words: `49152-65535 (windows-2008)`, `56001 (pinned)`. Cut to ${size}. */
void policy_expected(const struct policy *p, const struct mapping_key *key, char *out, size_t size);

/** policy_suppresses(p, rule, key, ts_ns): What says not to report an alert of ${rule} about ${key} at that time; NULL where nothing does. */
const struct policy_suppression *policy_suppresses(const struct policy *p, const char *rule, const struct mapping_key *key, int64_t ts_ns);

/** policy_shipped_ranges(count): The named ranges that are shipped, narrowest first. */
const struct port_range *policy_shipped_ranges(size_t *count);

#endif
