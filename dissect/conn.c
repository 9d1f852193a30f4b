#include "dissect/conn.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/err.h"
#include "dissect/budget.h"
#include "dissect/flow.h"
#include "dissect/patience.h"

static void
on_data(void *ctx, const struct where *at, const uint8_t *data, size_t len)
{
	const struct conn_side *side = ctx;
	struct assoc_env *env = side->conn->env;
	const struct where *now = env->now;

	env->now = at;
	carrier_data(&side->conn->carrier, side->from, data, len);
	env->now = now;
}

static void
on_gap(void *ctx, const struct where *at, uint32_t missing)
{
	const struct conn_side *side = ctx;
	struct carrier *carrier = &side->conn->carrier;
	struct assoc_env *env = side->conn->env;
	const struct where *now = env->now;

	env->now = at;
	carrier_gap(carrier, side->from, missing);
	env->now = now;
}

static void
on_doubt(void *ctx)
{
	const struct conn_side *side = ctx;
	struct carrier *carrier = &side->conn->carrier;

	carrier->ops->doubt(carrier->self, side->from);
}

static uint32_t
on_indifference(void *ctx)
{
	const struct conn_side *side = ctx;
	const struct carrier *carrier = &side->conn->carrier;

	return carrier->ops->indifference(carrier->self, side->from);
}

static const struct stream_sink conn_sink = {on_data, on_gap, on_doubt, on_indifference};

int
conn_new(struct conn **out, struct assoc_env *env, struct crossing_list *crossings,
    const struct flow_key *key, int client, bool begun)
{
	struct carrier_ends ends = {.env = env, .client = client, .begun = begun};
	struct conn *c;
	int err = ERR_CAP;

	if (!budget_take(env->budget, sizeof(*c)))
		goto err0;
	err = -ENOMEM;
	c = malloc(sizeof(*c));
	if (c == NULL)
		goto err1;
	*c = (struct conn){.env = env};
	for (int i = 0; i < 2; i++)
		ends.side[i] = (struct assoc_side){.addr = key->addr[i], .port = key->port[i]};
	err = carrier_init(&c->carrier, &ends);
	if (err != 0)
		goto err2;
	for (int i = 0; i < 2; i++) {
		struct conn_side *side = &c->side[i];

		side->conn = c;
		side->from = i;
		stream_init(&side->stream, &conn_sink, side, env->budget, env->stats);
	}
	crossing_init(&c->crossing, &c->side[0].stream, &c->side[1].stream, crossings, env->budget);
	*out = c;
	return 0;
err2:
	free(c);
err1:
	budget_give(env->budget, sizeof(*c));
err0:
	return err;
}

void
conn_free(struct conn **c)
{
	struct assoc_env *env;

	if (*c == NULL)
		return;
	env = (*c)->env;
	crossing_deinit(&(*c)->crossing);
	for (int i = 0; i < 2; i++)
		stream_deinit(&(*c)->side[i].stream);
	carrier_deinit(&(*c)->carrier);
	free(*c);
	*c = NULL;
	budget_give(env->budget, sizeof(struct conn));
}

/* Of two streams the one whose held data came first; NULL if neither holds any. */
static struct stream *
earlier(struct stream *a, struct stream *b)
{
	const struct where *of_a = stream_waiting(a), *of_b = stream_waiting(b);

	if (of_a == NULL || of_b == NULL)
		return of_a != NULL ? a : of_b != NULL ? b : NULL;
	if (of_a->ts_ns != of_b->ts_ns)
		return of_a->ts_ns < of_b->ts_ns ? a : b;
	return of_a->frame < of_b->frame ? a : b;
}

void
conn_expire(struct conn *c, const struct patience *patience)
{
	struct stream *s;

	while ((s = earlier(&c->side[0].stream, &c->side[1].stream)) != NULL &&
	       patience_is_over(patience, patience->hole_ns, stream_waiting(s)->ts_ns))
		stream_give_up(s);
	c->carrier.ops->expire(c->carrier.self, patience);
}

void
conn_end(struct conn *c)
{
	struct stream *s;

	assert(c != NULL);
	crossing_finish(&c->crossing);
	while ((s = earlier(&c->side[0].stream, &c->side[1].stream)) != NULL)
		stream_give_up(s);
	for (int i = 0; i < 2; i++)
		stream_flush(&c->side[i].stream);
	c->carrier.ops->finish(c->carrier.self);
}

static bool
stream_ended(const struct stream *s)
{
	return s->next == s->fin_seq || (s->ack_seen && (int32_t)(s->acked - s->fin_seq) > 0);
}

bool
conn_has_ended(const struct conn *c)
{
	if (crossing_waits(&c->crossing))
		return false;
	return c->reset || (stream_ended(&c->side[0].stream) && stream_ended(&c->side[1].stream));
}

struct conn *
conn_of(struct crossing *x)
{
	return (struct conn *)(void *)((char *)x - offsetof(struct conn, crossing));
}
