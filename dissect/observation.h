/* observation.h - what the dissector says it saw: plain structs, handed up through a queue. Nothing
 * here knows of history.
 *
 * Pointers in an observation lie in the queue that carries it and die with obs_queue_reset(). Every
 * string is cleaned by text_clean(). */
#ifndef EPMWATCH_DISSECT_OBSERVATION_H
#define EPMWATCH_DISSECT_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/uuid.h"

struct tunnel_path;

enum {
	WHERE_VLANS = 4
};

/* The packet that an observation reports on. Addresses and ports are those of the innermost headers. */
struct where {
	int64_t ts_ns;
	uint64_t frame;
	uint32_t source;
	struct addr src, dst;
	uint16_t sport, dport;
	uint8_t proto; /* IPPROTO_TCP, IPPROTO_UDP */
	uint8_t vlan_count;
	uint8_t realm; /* whose addresses these are: 0, the run's, or what a VLAN or VNI says */
	uint16_t vlan[WHERE_VLANS]; /* outermost first, those inside of tunnels behind the others */
	const struct tunnel_path *
	    tunnel; /* what it came through; NULL: nothing. The dissector's, as long as that lives */
};

/* What carried the call. The names are those of the protocol sequences. */
enum transport {
	TRANSPORT_TCP,
	TRANSPORT_UDP,
	TRANSPORT_NP,
	TRANSPORT_HTTP,
};

/* Protocol sequences that a tower can spell (PROTOCOL 3.8). The values are stored: append only. */
enum protseq {
	PROTSEQ_UNKNOWN = 0,
	PROTSEQ_TCP = 1,       /* ncacn_ip_tcp */
	PROTSEQ_UDP = 2,       /* ncadg_ip_udp */
	PROTSEQ_HTTP = 3,      /* ncacn_http */
	PROTSEQ_NP = 4,        /* ncacn_np */
	PROTSEQ_LRPC = 5,      /* ncalrpc */
	PROTSEQ_NB_NB = 6,     /* ncacn_nb_nb */
	PROTSEQ_NB_TCP = 7,    /* ncacn_nb_tcp */
	PROTSEQ_NB_IPX = 8,    /* ncacn_nb_ipx */
	PROTSEQ_SPX = 9,       /* ncacn_spx */
	PROTSEQ_IPX = 10,      /* ncadg_ipx */
	PROTSEQ_AT_DSP = 11,   /* ncacn_at_dsp */
	PROTSEQ_AT_DDP = 12,   /* ncadg_at_ddp */
	PROTSEQ_VNS_SPP = 13,  /* ncacn_vns_spp */
	PROTSEQ_VNS_IPC = 14,  /* ncadg_vns_ipc */
	PROTSEQ_DNET_NSP = 15, /* ncacn_dnet_nsp */
	PROTSEQ_OSI_DNA = 16,  /* ncacn_osi_dna */
	PROTSEQ_MQ = 17,       /* ncadg_mq */
	PROTSEQ_UNIX = 18,     /* ncacn_unix_stream */
	PROTSEQ_COUNT
};

/* An interface as DCE/RPC names it. */
struct if_id {
	struct uuid uuid;
	uint16_t major, minor;
};

/* One protocol tower of an answer. */
struct obs_tower {
	struct if_id iface;
	struct uuid object; /* ept_lookup's; nil where there is none */
	struct addr host;   /* the host floor's address, where host_known */
	bool host_known;
	enum protseq protseq;
	uint16_t port;          /* TCP, UDP, HTTP: 0..65535, host order; else 0 */
	const char *endpoint;   /* pipe, LRPC and such: its name; else NULL */
	const char *host_name;  /* where the host floor is a name; else NULL */
	const char *annotation; /* ept_lookup's; NULL in ept_map and where empty */
	const uint8_t *octets;  /* the whole tower as on the wire, for those that are unknown */
	size_t octets_len;
};

enum epm_operation {
	EPM_LOOKUP = 2, /* the opnums */
	EPM_MAP = 3,
};

/* The question that an answer belongs to, where it was seen. */
struct obs_epm_question {
	bool seen;
	bool side_visible;    /* had it been sent, it would have been seen: nothing of the client's was missed
				 from its first PDU, or an earlier call, up to the answer */
	bool names_interface; /* iface below is what was asked for */
	bool with_object;     /* asked for one object, not nil: never complete */
	bool continues;       /* its entry handle was not nil: a later page */
	struct uuid handle;   /* that handle's, to be compared only */
	uint32_t call;        /* the number of the call on its association; 0 over UDP */
	struct if_id iface;
	enum protseq protseq;  /* ept_map: of the tower asked for */
	uint32_t inquiry_type; /* ept_lookup: 0 all, 1 interface, 2 object, 3 both */
	uint32_t
	    version_option;  /* ept_lookup: 1 all, 2 compatible, 3 exact, 4 major only, 5 up to */
	uint32_t max_towers; /* max_towers or max_ents */
	int64_t ts_ns;
	uint64_t frame;
};

struct obs_epm {
	enum epm_operation operation;
	bool ndr64;
	bool handle_live; /* the answer's entry handle is not nil: more may follow */
	struct uuid handle; /* that handle's, likewise */
	bool damaged;     /* towers were promised that were not there or made no sense */
	bool elsewhere;   /* it came from an address that was not asked, and is the obs' server */
	uint32_t status;
	struct obs_epm_question question;
	size_t tower_count;
	const struct obs_tower *tower;
};

enum rpc_syntax {
	SYNTAX_NDR,
	SYNTAX_NDR64,
	SYNTAX_BTFN,  /* bind-time feature negotiation, a pseudo syntax */
	SYNTAX_OTHER, /* named by its UUID */
};

/* Values as on the wire (PROTOCOL 1.5), and one of our own. */
enum context_result {
	CONTEXT_ACCEPTANCE = 0,
	CONTEXT_USER_REJECTION = 1,
	CONTEXT_PROVIDER_REJECTION = 2,
	CONTEXT_NEGOTIATE_ACK = 3,
	CONTEXT_UNANSWERED = 0xffff,
};

struct obs_context {
	uint16_t id;
	struct if_id iface;
	enum rpc_syntax syntax; /* the accepted one, else the first offered */
	struct uuid syntax_uuid;
	uint16_t result; /* enum context_result, or a value nobody defined */
	uint16_t reason;
};

enum bind_outcome {
	BIND_ACKNOWLEDGED,
	BIND_REJECTED,
	BIND_UNANSWERED,
};

struct obs_bind {
	bool alter; /* alter_context rather than bind */
	enum bind_outcome outcome;
	uint16_t reject_reason; /* where outcome is BIND_REJECTED */
	bool has_auth;
	uint8_t auth_type, auth_level; /* where has_auth */
	const char *secondary_address; /* NULL where there is none */
	int64_t answered_ns;           /* time of the answer; 0 where there is none */
	size_t context_count;
	const struct obs_context *context;
};

/* One string binding of a DCOM answer (PROTOCOL 5.1). Without a port and without a name it is the host alone. */
struct obs_binding {
	struct addr host; /* where host_known */
	bool host_known;
	enum protseq protseq;
	uint16_t port; /* as in struct obs_tower; 0: none was named */
	const char *endpoint;
	const char *host_name; /* where the host is a name; else NULL */
};

enum oxid_operation {
	OXID_SERVER_ALIVE2,
	OXID_RESOLVE,
	OXID_RESOLVE2,
	OXID_REMOTE_ACTIVATION,
	OXID_CREATE_INSTANCE,
	OXID_GET_CLASS_OBJECT,
};

/* An answer of DCOM's resolver or activator. */
struct obs_oxid {
	enum oxid_operation operation;
	bool has_oxid;
	uint64_t oxid; /* of the exporter, where has_oxid */
	uint32_t status;
	size_t binding_count;
	const struct obs_binding *binding;
	size_t iface_count; /* interfaces that the activated object answers there; version 0.0 */
	const struct if_id *iface;
};

enum referral_operation {
	REFERRAL_NEW_DSA = 0, /* the opnums of RFR */
	REFERRAL_FQDN = 1,
};

/* Where an address book server sends its clients. */
struct obs_referral {
	enum referral_operation operation;
	uint32_t status;
	const char *to; /* NULL where it names none */
};

/* Names that the server gives itself. */
struct obs_names {
	const char *host; /* its DNS name, else the NetBIOS one; NULL where only others are told */
	size_t alias_count;
	const char *const *alias; /* other names, and addresses as text */
};

/* An interface answers at the server's endpoint, and no bind says so. */
struct obs_use {
	enum {
		USE_RESPONSE, /* to a request in a context that is known from its bind */
		USE_TRAILER,  /* to a request whose verification trailer names the interface */
		USE_DATAGRAM, /* connectionless: each packet names it */
	} proof;
	struct if_id iface;
};

/* Calls that cannot be read, since the last time that it was said. */
struct obs_sealed {
	uint64_t
	    calls; /* requests and responses at privacy level, messages of encrypted or compressed sessions */
	uint64_t mapper; /* of these, to the endpoint mapper */
};

enum reach_how {
	REACH_TRIED = 1, /* a SYN went there */
	REACH_ANSWERED,  /* and the server took it */
	REACH_REFUSED,   /* or reset it */
};

/* What became of a connection to a port that an answer named. Silence is for who waits. */
struct obs_reach {
	enum reach_how how;
};

enum {
	PUSH_CONTEXT_MAX = 64, /* octets that a registration's context may have here; the protocol allows 16 */
};

/* EcRRegisterPushNotification of EMSMDB and its answer (PROTOCOL 6.4): where new-mail datagrams shall go, and with which payload. */
struct obs_registration {
	bool sealed;      /* the call was seen and its arguments were not: all below but context_len is unknown */
	bool answered;    /* its answer was seen, or a fault, and status is known where it was in clear */
	bool has_address; /* family was IPv4 or IPv6 */
	struct addr address;
	uint16_t port;
	uint16_t family; /* as on the wire: 2 IPv4, 23 IPv6 */
	uint8_t context[PUSH_CONTEXT_MAX];
	size_t context_len; /* where sealed: what alloc_hint leaves for it; 0: it does not tell */
	uint32_t mask;
	uint32_t status;
};

/* What a client does in its mailbox: told of EMSMDB and AsyncEMSMDB. */
enum mailbox_how {
	MAILBOX_CONNECTED,    /* EcDoConnect, EcDoConnectEx: asked, and not refused */
	MAILBOX_DISCONNECTED, /* EcDoDisconnect */
	MAILBOX_WAITS,        /* EcDoAsyncWaitEx, or EcDoAsyncConnectEx that prepares it: the server tells of new mail by its answer, and needs
				 no datagram */
	MAILBOX_CLOSED,       /* the connection with its EMSMDB association ended */
};

struct obs_mailbox {
	enum mailbox_how how;
};

/* A request after a quarter of a second or more in which the association was quiet, in both directions; told of EMSMDB, and of associations
 * whose interface is not known since their bind was not seen. */
struct obs_activity {
	bool known; /* it is EMSMDB; else nobody knows */
	uint16_t opnum;
	int64_t quiet_ns; /* since its last PDU of either side; INT64_MAX: it is the first that was seen */
};

enum datagram_how {
	DATAGRAM_SENT,
	DATAGRAM_ANSWERED, /* the other side sent one back between the same ports: no notification, whatever came before */
	DATAGRAM_REFUSED,  /* ICMP: port unreachable, quoting it */
	DATAGRAM_OTHER,    /* nDPI knows what it is: no notification, either */
};

/* A datagram that can be a new-mail notification: 1 to 16 octets, or addressed to where one was registered; both ports above 1023. In
 * struct obs the server is the sender. */
struct obs_datagram {
	enum datagram_how how;
	uint8_t payload[PUSH_CONTEXT_MAX];
	size_t payload_len; /* 0 where ICMP quotes none */
	const char *protocol; /* DATAGRAM_OTHER: nDPI's name of it; else NULL */
};

/* Something that is not DCE/RPC talks on a port where it was known to answer, or, where all is classified, anywhere. */
struct obs_foreign {
	const char *protocol; /* nDPI's name, static storage; `unknown` where it has none */
	bool learned;         /* the port was a learned one */
	bool by_server;       /* the server itself spoke that, not only a client to it */
};

enum obs_kind {
	OBS_EPM,
	OBS_BIND,
	OBS_OXID,
	OBS_REFERRAL,
	OBS_NAMES,
	OBS_USE,
	OBS_SEALED,
	OBS_REACH,
	OBS_ANSWERED, /* the server answers a call of which it is not known what interface it is for: its bind was not seen */
	OBS_REGISTRATION,
	OBS_MAILBOX,
	OBS_ACTIVITY,
	OBS_DATAGRAM,
	OBS_FOREIGN,
};

struct obs {
	enum obs_kind kind;
	enum transport transport;
	struct where at; /* EPM: the answer's last packet. Bind: the bind's own */
	struct addr server, client;
	uint16_t server_port, client_port;
	const char *pipe; /* over TRANSPORT_NP; else NULL */
	const char *
	    backend; /* over TRANSPORT_HTTP through a proxy, which is then the server: the host behind
				  it, whose port server_port is; else NULL */
	union {
		struct obs_epm epm;
		struct obs_bind bind;
		struct obs_oxid oxid;
		struct obs_referral referral;
		struct obs_names names;
		struct obs_use use;
		struct obs_sealed sealed;
		struct obs_reach reach;
		struct obs_registration registration;
		struct obs_mailbox mailbox;
		struct obs_activity activity;
		struct obs_datagram datagram;
		struct obs_foreign foreign;
	};
};

/** protseq_name(p) / transport_name(t): The name as Windows spells it; `unknown` for
 * PROTSEQ_UNKNOWN. Static storage. */
const char *protseq_name(enum protseq p);
const char *transport_name(enum transport t);

/** protseq_parse(name): The protocol sequence of that name; PROTSEQ_UNKNOWN where there is none. */
enum protseq protseq_parse(const char *name);

/** protseq_has_port(p): True where endpoints are port numbers. */
bool protseq_has_port(enum protseq p);

/** protseq_of(t): The protocol sequence of endpoints that are bound over ${t}. */
enum protseq protseq_of(enum transport t);

#endif
