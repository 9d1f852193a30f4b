#include "dissect/tcp.h"

#include <string.h>

#include "base/clock.h"
#include "base/packet.h"
#include "dissect/conn.h"
#include "dissect/dissector.h"
#include "dissect/foreign.h"
#include "dissect/frame.h"
#include "dissect/hints.h"
#include "dissect/patience.h"
#include "dissect/reach.h"
#include "dissect/sieve.h"
#include "dissect/smb.h"
#include "dissect/tcp_parts.h"

void
tcp_init(
    struct tcp *t, size_t flows, uint64_t salt, struct assoc_env *env, const struct hints *hints)
{
	t->env = env;
	t->hints = hints;
	t->hand = 0;
	t->second_ns = 0;
	t->pushed_out = 0;
	t->reach = (struct reach){0};
	endings_init(&t->endings, env);
	t->crossings = (struct crossing_list){0};
	t->checksums = (struct checksums){0};
	t->notes = 0;
	memset(t->note, 0, sizeof(t->note));
	flow_table_init(&t->flows, flows, salt);
}

void
tcp_deinit(struct tcp *t)
{
	for (size_t i = 0; i < t->flows.size; i++) {
		if (t->flows.origin[i].serial != 0)
			conn_free(&t->flows.flow[i].conn);
	}
	flow_table_deinit(&t->flows);
}

static bool
is_known_port(const struct tcp *t, uint16_t port)
{
	switch (port) {
	case SMB_PORT:
	case SMB_NETBIOS_PORT:
		return !t->env->no_smb;
	case 135:  /* endpoint mapper */
	case 593:  /* endpoint mapper over HTTP */
	case 6001: /* Exchange store, referral, address book over HTTP */
	case 6002:
	case 6004:
		return true;
	default:
		return false;
	}
}

static bool
is_promising(const struct tcp *t, const struct where *at)
{
	return is_known_port(t, at->sport) || is_known_port(t, at->dport) ||
	       hints_is_endpoint(t->hints, &at->dst, at->dport) ||
	       hints_is_endpoint(t->hints, &at->src, at->sport);
}

/* Of SYNs that push out others only so many a second are entered, so that a flood of them costs no more than one of
 * anything else. */
static bool
may_push_out(struct tcp *t, int64_t ts_ns)
{
	/* A clock that goes back begins another second, too. */
	if ((uint64_t)ts_ns - (uint64_t)t->second_ns >= NS_PER_S) {
		t->second_ns = ts_ns;
		t->pushed_out = 0;
	}
	return t->pushed_out <= t->flows.max / TCP_PUSHED_OUT;
}

/* Is there a place for a connection of which no more is known than a promising SYN? */
static bool
has_room(struct tcp *t, int64_t ts_ns)
{
	if (!flow_full(&t->flows) || may_push_out(t, ts_ns))
		return true;
	t->env->stats->tcp.evicted++;
	return false;
}

bool
tcp_wants_syn(struct tcp *t, const struct packet *packet)
{
	uint16_t port[2];

	if (!sieve_ports(packet, port))
		return true;
	if (is_known_port(t, port[0]) || is_known_port(t, port[1]))
		return has_room(t, packet->ts_ns);
	/* Nearly all others end here. Whether it was learned of this server is asked later. */
	return hints_has_port(t->hints, port[0]) || hints_has_port(t->hints, port[1]);
}

/* Does a SYN alone speak for following the connection? */
static bool
begins(struct tcp *t, const struct frame *f)
{
	return (f->tcp_flags & TCP_SYN) && is_promising(t, &f->at) && has_room(t, f->at.ts_ns);
}

/* Does anything speak for following the connection of ${f}? */
static bool
is_worth_following(struct tcp *t, const struct frame *f)
{
	if (f->tcp_flags & TCP_RST)
		return false;
	if (!tcp_passes_probe(t, f))
		return begins(t, f);
	if ((f->tcp_flags & TCP_SYN) || !checksums_refute_first(&t->checksums, f))
		return true;
	t->env->stats->tcp.damaged++;
	return false;
}

/* The connection of ${f}, if it is worth following, and the side that sent ${f}. NULL: it is not. */
static struct flow *
find_flow(struct tcp *t, const struct frame *f, const struct mark *mark, int *from)
{
	struct flow *flow = flow_recall(&t->flows, &f->at, from);
	struct flow_key key;

	if (flow != NULL)
		return flow;
	*from = flow_key_of(&f->at, &key);
	flow = mark != NULL ? flow_find_marked(&t->flows, &key, *mark) : flow_find(&t->flows, &key);
	if (flow == NULL && is_worth_following(t, f)) {
		flow = tcp_conn_enter(t, &key);
		if (t->env->foreign != NULL)
			foreign_forget(t->env->foreign, &key);
	}
	if (flow != NULL)
		flow_remember(&t->flows, &f->at, flow);
	return flow;
}

/* Give up what was awaited too long, and end what only that kept. */
static void
expire(struct tcp *t, const struct where *now)
{
	struct crossing *late;

	while ((late = crossing_expire(&t->crossings, now)) != NULL) {
		struct conn *conn = conn_of(late);

		if (conn_ended(conn))
			tcp_conn_end(t, &t->flows.flow[conn->owner]);
	}
}

/* What tcp_bulk() found, but could not do. */
static void
follow_found(struct tcp *t, const struct tcp_found *found, const struct frame *f)
{
	expire(t, &f->at);
	if (found->next)
		tcp_bulk_next(t, found->flow, found->from, f);
	else
		tcp_segment(t, found->flow, found->from, f);
}

void
tcp_frame(struct tcp *t, const struct frame *f, const struct tcp_found *found)
{
	struct flow *flow;
	int from;

	if (found->flow != NULL) {
		follow_found(t, found, f);
		return;
	}
	flow = find_flow(t, f, found->mark, &from);
	if (flow == NULL) {
		if (t->env->foreign != NULL)
			foreign_goes_on(t->env->foreign, f);
		endings_frame(&t->endings, f);
		return;
	}
	expire(t, &f->at);
	if (flow->conn == NULL || !tcp_bulk_calm(t, flow, from, f))
		tcp_segment(t, flow, from, f);
}

void
tcp_tick(struct tcp *t, const struct patience *patience, const struct where *at)
{
	size_t count = (t->flows.size + TCP_ROUND - 1) / TCP_ROUND;

	expire(t, at);
	for (size_t i = 0; i < count; i++) {
		struct flow *flow;

		if (t->hand >= t->flows.size)
			t->hand = 0;
		flow = &t->flows.flow[t->hand];
		if (t->flows.origin[t->hand++].serial == 0 || flow->conn == NULL)
			continue;
		conn_expire(flow->conn, patience);
		if (conn_ended(flow->conn))
			tcp_conn_end(t, flow);
	}
}

void
tcp_finish(struct tcp *t)
{
	flow_table_sort(&t->flows);
	for (size_t i = 0; i < t->flows.count; i++) {
		struct flow *flow = &t->flows.flow[t->flows.origin[i].entry];

		if (flow->conn == NULL)
			continue;
		conn_end(flow->conn);
		conn_free(&flow->conn);
		tcp_bulk_forget(t, flow);
	}
	flow_table_deinit(&t->flows);
}
