/* push_parts.h - the inside of push.h, for its parts: push.c the front, push_hosts.c who is known, push_flows.c datagrams,
 * push_wishes.c registrations, push_right.c clocks that were ahead, push_state.c what lasts; rules_push.c has EPM-009. */
#ifndef EPMWATCH_TRACK_PUSH_PARTS_H
#define EPMWATCH_TRACK_PUSH_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "track/push.h"

#define PUSH_MINUTE_NS (60 * NS_PER_S)
#define PUSH_SIGN_NS (86400 * NS_PER_S) /* that a client polls, or waits, is believed so long */

/* A server that hosts EMSMDB. */
struct push_host {
	struct push_node node;
	struct addr server;
	uint8_t realm;
	uint8_t ports;
	uint16_t port[PUSH_HOST_PORTS]; /* the oldest first */
};

/* A client of such a server. */
struct push_user {
	struct push_node node;
	struct push_client row;
};

/* Datagrams of a server to a port of a client. */
struct push_flow {
	struct push_node node;
	struct push push;
	bool told; /* else it waits to be likely enough */
	bool late; /* it did so for the settling time */
	uint16_t
	    talk_port; /* that a request went to soon after, on an association of unknown interface; 0: none */
	unsigned talk_marks; /* how soon: of enum push_mark */
};

/* A registration. */
struct push_wish {
	struct push_node by_address, by_pair;
	struct push_registration row;
};

/* Where both ends are: of an observation, or of a row. */
struct push_pair {
	const struct addr *server, *client;
	uint8_t realm;
};

/* push_hosts.c */

/** push_host_find(p, server, realm): NULL: it is not known for EMSMDB. */
const struct push_host *push_host_find(
    const struct pushes *p, const struct addr *server, uint8_t realm);

/** push_host_learn(p, server, realm, port, ts_ns): It hosts EMSMDB, at that port; 0: nobody knows where. Who was seen to talk to it is known
 * for a client from now on, and what waits is looked at again. -ENOMEM. */
int push_host_learn(
    struct pushes *p, const struct addr *server, uint8_t realm, uint16_t port, int64_t ts_ns);

/** push_host_has(h, port): EMSMDB is, or was, at that port of it. ${h} may be NULL. */
bool push_host_has(const struct push_host *h, uint16_t port);

/** push_user_find(p, pair) / push_user_make(p, pair, ts_ns): What is known of a client; the latter makes it. NULL where nothing is, or there is no room. */
struct push_user *push_user_find(const struct pushes *p, struct push_pair pair);
struct push_user *push_user_make(struct pushes *p, struct push_pair pair, int64_t ts_ns);

/** push_user_saw(p, pair, ts_ns): It used EMSMDB then: it has not left. What waits of it is looked at again. -ENOMEM. */
int push_user_saw(struct pushes *p, struct push_pair pair, int64_t ts_ns);

/** push_talk_note(p, o): The client talks to a port, and it is not known which interface that is for. */
int push_talk_note(struct pushes *p, const struct obs *o);

/** push_ports_note(p, o): One datagram: who receives and who sends where. push_port_of(p, host, realm, port): What is known of it; NULL: nothing. */
int push_ports_note(struct pushes *p, const struct obs *o);
const struct push_port *push_port_of(
    const struct pushes *p, const struct addr *host, uint8_t realm, uint16_t port);

/* push_kin.c */

/** push_kin_note(p, push): ${push} is certain. push_kin_signs(p, push): What the others say of it: PUSH_KIN, PUSH_UNLIKE, or 0. */
void push_kin_note(struct pushes *p, const struct push *push);
unsigned push_kin_signs(const struct pushes *p, const struct push *push);

/* push_signs.c */

/** push_flow_signs(p, f): What is seen of it: a set of enum push_sign. */
unsigned push_flow_signs(const struct pushes *p, const struct push_flow *f);

/** push_is_certain(push): It was told by more than that somebody registered. */
bool push_is_certain(const struct push *push);

/* push_flows.c */

static inline struct push_pair
push_flow_ends(const struct push_flow *f)
{
	return (struct push_pair){&f->push.server, &f->push.client, f->push.realm};
}

static inline struct push_flow *
push_flow_of(struct push_node *n)
{
	return PUSH_THING(n, struct push_flow, node);
}

/** push_flow_find(p, m, pair, port): The flow of ${m} to that port; NULL where there is none. */
struct push_flow *push_flow_find(
    const struct pushes *p, const struct push_map *m, struct push_pair pair, uint16_t port);

/** push_flow_look(p, f): Is it likely enough by now? */
int push_flow_look(struct pushes *p, struct push_flow *f);

/** push_flow_put_out(p, f, final): Into the output, as it is. -ENOMEM. */
int push_flow_put_out(const struct pushes *p, const struct push_flow *f, bool final);

/** push_flow_end(p, f, ts_ns): It ends, whatever the reason: told where it was, and forgotten. */
int push_flow_end(struct pushes *p, struct push_flow *f, int64_t ts_ns);

/** push_flows_datagram(p, o): One datagram, or what came of one. */
int push_flows_datagram(struct pushes *p, const struct obs *o);

/** push_flows_request(p, o, known): The client sent a request after a silence; whether that is one of EMSMDB is ${known}. */
int push_flows_request(struct pushes *p, const struct obs *o, bool known);

/** push_flows_look(p, pair) / push_flows_look_at(p, server, realm): What waits of that pair, or of that server, may be likely enough now. */
int push_flows_look(struct pushes *p, struct push_pair pair);
int push_flows_look_at(struct pushes *p, const struct addr *server, uint8_t realm);

/** push_flows_claim(p, w): What was seen and fits that registration in clear is registered. */
int push_flows_claim(struct pushes *p, const struct push_wish *w);

/* push_lapse.c */

/** push_flow_due(p, f): The reading at which it ends, or has waited long enough. */
int64_t push_flow_due(const struct pushes *p, const struct push_flow *f);

/** push_flows_left(p, pair, ts_ns) / push_flows_back(p, pair): The client left the server at that time; it is there. */
void push_flows_left(struct pushes *p, struct push_pair pair, int64_t ts_ns);
void push_flows_back(struct pushes *p, struct push_pair pair);

/** push_flows_reached(p, row): Datagrams came, to where ${row} wants them, since it was made, and not all were refused. Of a sealed one, those that
 * may be are enough until it is known. */
bool push_flows_reached(const struct pushes *p, const struct push_registration *row);

/** push_flows_ripe(p, reading, ts_ns) / push_flows_due(p): End those that are due; when the next one is. */
int push_flows_ripe(struct pushes *p, int64_t reading, int64_t ts_ns);
int64_t push_flows_due(const struct pushes *p);

/** push_flow_finish(p, f): Put it out as if it had ended. -ENOMEM. */
int push_flow_finish(const struct pushes *p, const struct push_flow *f);

/** push_flow_restore(p, row, told, out): One of before. NULL in *out where there is no room. -ENOMEM. */
int push_flow_restore(struct pushes *p, const struct push *row, bool told, struct push_flow **out);

/* push_wishes.c */

/** push_wishes_take(p, o): A registration. */
int push_wishes_take(struct pushes *p, const struct obs *o);

/** push_wishes_end(p, o): The client disconnected, or the association ended. */
int push_wishes_end(struct pushes *p, const struct obs *o);

/** push_wishes_match(p, o, out): The registrations that a datagram was sent for; one of them is *out, NULL where there is none. They are delivered. */
int push_wishes_match(struct pushes *p, const struct obs *o, struct push_wish **out);

/** push_wishes_refused(p, push, o): A datagram of that flow was not delivered after all. */
int push_wishes_refused(struct pushes *p, const struct push *push, const struct obs *o);

/** push_wishes_credit(p, pair, count, first_ns, last_ns): Inferred datagrams of that time count for its latest sealed registration, if that was made by
 * then; else for one that starved meanwhile. */
int push_wishes_credit(
    struct pushes *p, struct push_pair pair, uint64_t count, int64_t first_ns, int64_t last_ns);

/** push_wishes_clear(p, pair): The client registered in clear: what fits none of that is not inferred. */
bool push_wishes_clear(const struct pushes *p, struct push_pair pair);

/** push_wishes_await(p, address, port): Somebody registered that in clear, in whatever realm, and it lives. */
bool push_wishes_await(const struct pushes *p, const struct addr *address, uint16_t port);

/** push_wishes_ripe(p, reading, ts_ns) / push_wishes_due(p): As those of flows. */
int push_wishes_ripe(struct pushes *p, int64_t reading, int64_t ts_ns);
int64_t push_wishes_due(const struct pushes *p);

/** push_wish_finish(p, w): As push_flow_finish(); nothing where its end was told. */
int push_wish_finish(const struct pushes *p, const struct push_wish *w);

/** push_wish_restore(p, row): One of before; without room it is counted. -ENOMEM. */
int push_wish_restore(struct pushes *p, const struct push_registration *row);

/* push_right.c */

/** push_times_right(p): The clock may have turned out to have been ahead: date back what was seen then. push_began(p, row): When ${row} was made. */
void push_times_right(struct pushes *p);
int64_t push_began(const struct pushes *p, const struct push_registration *row);

/* push.c */

/** push_pair_of(o) / push_same(a, b): The two ends. */
struct push_pair push_pair_of(const struct obs *o);
bool push_same(struct push_pair a, struct push_pair b);

/** push_hash(p, pair): Of a server and a client; the latter may be NULL. */
uint64_t push_hash(const struct pushes *p, struct push_pair pair);

/** push_place(pair, port): A number that follows from these alone: who has which place of a table is the same in every run. */
uint64_t push_place(struct push_pair pair, uint16_t port);

/** push_is_past(from_ns, to_ns, by_ns): The second is at least so much later. */
bool push_is_past(int64_t from_ns, int64_t to_ns, int64_t by_ns);

/** push_later(p, from_ns, by_ns): The reading so long after a packet time. */
int64_t push_later(const struct pushes *p, int64_t from_ns, int64_t by_ns);

/** push_soon(p, due): Something is due then. */
void push_soon(struct pushes *p, int64_t due);

/** push_has_alternative(p, pair): It also polls, or waits for answers, or did so a day ago at most. */
bool push_has_alternative(const struct pushes *p, struct push_pair pair);

#endif
