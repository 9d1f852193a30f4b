#include "dissect/tcp_parts.h"

#include "dissect/conn.h"
#include "dissect/dissector.h"
#include "dissect/foreign.h"
#include "dissect/reach.h"

/* Note where the streams of ${flow} were, for when they are gone. */
static void
keep_positions(struct flow *flow, const struct conn *conn)
{
	flow->next_known = 0;
	for (int i = 0; i < 2; i++) {
		const struct stream *s = &conn->side[i].stream;

		flow->next[i] = s->fin ? s->fin_seq : s->next;
		flow->next_known |= (uint8_t)(s->started << i);
	}
}

void
tcp_conn_end(struct tcp *t, struct flow *flow)
{
	if (flow->conn == NULL)
		return;
	conn_end(flow->conn);
	keep_positions(flow, flow->conn);
	conn_free(&flow->conn);
	tcp_bulk_forget(t, flow);
	flow->closed = true;
	flow_use(&t->flows, flow, FLOW_EMPTY);
}

static void
evict(struct tcp *t, struct flow *flow)
{
	if (!flow->closed)
		t->env->stats->tcp.evicted++;
	tcp_conn_end(t, flow);
	flow_remove(&t->flows, flow);
}

void
tcp_conn_give_up(struct tcp *t, struct flow *flow, const struct frame *f, bool begin)
{
	t->env->stats->tcp.given_up++;
	tcp_conn_end(t, flow);
	flow_remove(&t->flows, flow);
	if (begin && t->env->foreign != NULL)
		foreign_begin(t->env->foreign, f);
}

struct flow *
tcp_conn_enter(struct tcp *t, const struct flow_key *key)
{
	struct flow *flow;

	if (flow_full(&t->flows)) {
		evict(t, flow_victim(&t->flows));
		t->pushed_out++;
	}
	flow = flow_add(&t->flows, key);
	if (flow == NULL)
		t->env->stats->capped++;
	return flow;
}

/* Is the first octet behind the client's SYN the next of its stream? */
static bool
begins_with_syn(const struct flow *flow, const struct flow_origin *o)
{
	int client = o->client == 1;

	return o->client >= 0 && (o->isn_known >> client & 1) != 0 &&
	       (flow->next_known >> client & 1) != 0 && flow->next[client] == o->isn[client] + 1;
}

void
tcp_conn_begin(struct tcp *t, struct flow *flow)
{
	struct flow_origin *o = flow_origin_of(&t->flows, flow);
	bool begun = begins_with_syn(flow, o);
	struct flow *victim;
	int err = conn_new(&flow->conn, t->env, &t->crossings, &flow->key, o->client, begun);

	if (err != 0 && (victim = flow_victim_with_conn(&t->flows)) != NULL) {
		evict(t, victim);
		err = conn_new(&flow->conn, t->env, &t->crossings, &flow->key, o->client, begun);
	}
	if (err != 0) {
		t->env->stats->capped++;
		return;
	}
	flow->conn->owner = (uint32_t)(flow - t->flows.flow);
	for (int i = 0; i < 2; i++) {
		if (flow->next_known >> i & 1)
			stream_start(&flow->conn->side[i].stream, flow->next[i]);
		if (o->isn_known >> i & 1)
			crossing_see(&flow->conn->crossing, i);
		tcp_bulk_note(t, flow, i);
	}
	t->env->stats->tcp.streams++;
	reach_goes_on(t->env, &flow->key, o);
}
