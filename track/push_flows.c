/* push_flows.c - datagrams, one flow after another: counted, weighed, told, ended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "dissect/observation.h"
#include "track/clock.h"
#include "track/output.h"
#include "track/policy.h"
#include "track/push_parts.h"
#include "track/push_score.h"
#include "track/rules.h"
#include "track/rules_push.h"
#include "track/sighting.h"

enum {
	STREAM = 6, /* datagrams of a stretch that make it one of a stream */
};

#define REPEAT_NS                                                                                  \
	(45 * NS_PER_S) /* servers repeat after a minute; keep-alives come after half of one */
#define STRETCH_NS (65 * NS_PER_S)
#define SOON_NS (50 * INT64_C(1000000))
#define LATER_NS (250 * INT64_C(1000000))
#define QUIET_NS (250 * INT64_C(1000000))

struct push_flow *
push_flow_find(
    const struct pushes *p, const struct push_map *m, struct push_pair pair, uint16_t port)
{
	struct push_node *n = push_map_first(m, push_hash(p, pair));

	for (; n != NULL; n = push_map_next(n)) {
		struct push_flow *f = push_flow_of(n);

		if (f->push.client_port == port && push_same(push_flow_ends(f), pair))
			return f;
	}
	return NULL;
}

static struct push_flow *
find(const struct pushes *p, struct push_pair pair, uint16_t port)
{
	struct push_flow *f = push_flow_find(p, &p->flows, pair, port);

	return f != NULL ? f : push_flow_find(p, &p->waiting, pair, port);
}

static void
changed(struct pushes *p, struct push_flow *f)
{
	if (f->told)
		f->push.dirty = true;
	else
		p->dirty = true;
}

int
push_flow_put_out(const struct pushes *p, const struct push_flow *f, bool final)
{
	struct push out = f->push;

	out.final = final;
	out.alternative = push_has_alternative(p, push_flow_ends(f));
	return output_push(p->rules->out, &out);
}

static void
drop(struct pushes *p, struct push_flow *f)
{
	push_map_remove(f->told ? &p->flows : &p->waiting, &f->node);
	free(f);
}

/* It ends, whatever the reason. */
int
push_flow_end(struct pushes *p, struct push_flow *f, int64_t ts_ns)
{
	struct push last = f->push;
	int err = f->told ? push_flow_put_out(p, f, true) : ERR_OK;
	bool told = f->told;

	p->dirty = p->dirty || !told;
	drop(p, f);
	return err == ERR_OK && told ? rules_push_ended(p, &last, ts_ns) : err;
}

/* The one that was touched longest ago gives way. */
static int
make_room(struct pushes *p, struct push_map *m, size_t most, int64_t ts_ns)
{
	if (m->count < most)
		return ERR_OK;
	p->refused++;
	return push_flow_end(p, push_flow_of(TAILQ_FIRST(&m->ages)), ts_ns);
}

static int
insert(struct pushes *p, struct push_flow *f, int64_t ts_ns)
{
	struct push_map *m = f->told ? &p->flows : &p->waiting;
	int err = make_room(p, m, f->told ? PUSH_FLOWS : PUSH_WAITING, ts_ns);

	if (err == ERR_OK)
		err = push_map_add(m, &f->node, push_hash(p, push_flow_ends(f)));
	return err;
}

static size_t
count_pair(const struct pushes *p, const struct push_map *m, struct push_pair pair)
{
	struct push_node *n = push_map_first(m, push_hash(p, pair));
	size_t count = 0;

	for (; n != NULL; n = push_map_next(n))
		count++;
	return count;
}

/* Of those of one server and client that wait, the one that was heard of longest ago. NULL: none waits. */
static struct push_flow *
oldest_waiting(const struct pushes *p, struct push_pair pair)
{
	struct push_node *n = push_map_first(&p->waiting, push_hash(p, pair));
	struct push_flow *oldest = NULL;

	for (; n != NULL; n = push_map_next(n)) {
		struct push_flow *f = push_flow_of(n);

		if (push_same(push_flow_ends(f), pair) &&
		    (oldest == NULL || f->push.last_ns < oldest->push.last_ns))
			oldest = f;
	}
	return oldest;
}

/* What is told stays, what waits gives way. False: there is no room. */
static bool
make_room_of_pair(struct pushes *p, struct push_pair pair)
{
	struct push_flow *oldest;

	if (count_pair(p, &p->waiting, pair) + count_pair(p, &p->flows, pair) < PUSH_PAIR)
		return true;
	p->refused++;
	if ((oldest = oldest_waiting(p, pair)) == NULL)
		return false;
	drop(p, oldest);
	p->dirty = true;
	return true;
}

/* NULL in *out: one server and client have too many. */
static int
make(struct pushes *p, const struct obs *o, struct push_flow **out)
{
	struct push_pair pair = push_pair_of(o);
	struct push_flow *f;
	int err;

	*out = NULL;
	if (!make_room_of_pair(p, pair))
		return ERR_OK;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return -ENOMEM;
	f->push = (struct push){.server = o->server,
	    .client = o->client,
	    .realm = o->at.realm,
	    .server_port = o->server_port,
	    .last_port = o->server_port,
	    .client_port = o->client_port,
	    .context_len = o->datagram.payload_len,
	    .payload_len = o->datagram.payload_len,
	    .first_ns = o->at.ts_ns,
	    .last_ns = o->at.ts_ns,
	    .evidence = evidence_of_obs(o)};
	f->push.evidence.source = EVIDENCE_PUSH;
	memcpy(f->push.context, o->datagram.payload, o->datagram.payload_len);
	if ((err = insert(p, f, o->at.ts_ns)) != ERR_OK) {
		free(f);
		return err;
	}
	*out = f;
	return ERR_OK;
}

static bool
is_same_payload(const struct push *push, const struct obs_datagram *d)
{
	return push->context_len == d->payload_len &&
	       memcmp(push->context, d->payload, d->payload_len) == 0;
}

/* Many within a short time are a stream; the first of each stretch is remembered. */
static void
note_stretch(struct push *push, int64_t ts_ns)
{
	if (push->stretch == 0 || ts_ns < push->repeat_ns ||
	    push_is_past(push->repeat_ns, ts_ns, STRETCH_NS)) {
		push->repeat_ns = ts_ns;
		push->stretch = 0;
	}
	if (++push->stretch >= STREAM) {
		push->marks |= PUSH_MARK_STREAMS;
		push->stretch = STREAM;
	}
}

/* One more of it. True where the last one was in another minute: what goes on is said once a minute. */
static bool
count(struct pushes *p, struct push_flow *f, const struct obs *o)
{
	struct push *push = &f->push;
	int64_t minute = push->last_ns / PUSH_MINUTE_NS;

	if (!is_same_payload(push, &o->datagram))
		push->marks |= PUSH_MARK_DIFFERS;
	else if (push->count > 0 && push_is_past(push->last_ns, o->at.ts_ns, REPEAT_NS))
		push->marks |= PUSH_MARK_REPEATS;
	if (o->server_port != push->last_port)
		push->marks |= PUSH_MARK_PORTS;
	note_stretch(push, o->at.ts_ns);
	push->count++;
	push->last_port = o->server_port;
	if (o->at.ts_ns > push->last_ns)
		push->last_ns = o->at.ts_ns;
	push_map_touch(f->told ? &p->flows : &p->waiting, &f->node);
	push_soon(p, push_flow_due(p, f));
	changed(p, f);
	return push->last_ns / PUSH_MINUTE_NS != minute;
}

/* From now on it is one. */
static int
tell(struct pushes *p, struct push_flow *f, int64_t ts_ns)
{
	int err;

	push_map_remove(&p->waiting, &f->node);
	p->dirty = true;
	f->told = true;
	if ((err = insert(p, f, ts_ns)) != ERR_OK) {
		free(f);
		return err;
	}
	f->push.dirty = true;
	if (push_is_certain(&f->push))
		push_kin_note(p, &f->push);
	err = push_flow_put_out(p, f, false);
	if (err == ERR_OK && !f->push.registered)
		err = push_wishes_credit(p, push_flow_ends(f), f->push.count - f->push.refused,
		    f->push.first_ns, f->push.last_ns);
	return err == ERR_OK ? rules_push_seen(p, &f->push) : err;
}

/* A request on an association that turned out to be EMSMDB's counts like any other. */
static void
settle_talk(const struct pushes *p, struct push_flow *f)
{
	const struct push_host *h = push_host_find(p, &f->push.server, f->push.realm);

	if (f->talk_port == 0 || !push_host_has(h, f->talk_port))
		return;
	f->push.marks |= f->talk_marks;
	f->talk_port = 0;
	f->talk_marks = 0;
}

/* Is it likely enough by now? What waited for long had time for all that would speak against it. */
int
push_flow_look(struct pushes *p, struct push_flow *f)
{
	unsigned signs;

	if (f->told || f->push.registered)
		return ERR_OK;
	settle_talk(p, f);
	signs = push_flow_signs(p, f);
	if (!(f->late ? push_is_likely(signs) : push_is_sure(signs)) ||
	    push_wishes_clear(p, push_flow_ends(f)))
		return ERR_OK;
	return tell(p, f, f->push.last_ns);
}

int
push_flows_look(struct pushes *p, struct push_pair pair)
{
	struct push_node *n = push_map_first(&p->waiting, push_hash(p, pair)), *next;
	int err = ERR_OK;

	for (; n != NULL && err == ERR_OK; n = next) {
		next = push_map_next(n);
		if (push_same(push_flow_ends(push_flow_of(n)), pair))
			err = push_flow_look(p, push_flow_of(n));
	}
	return err;
}

int
push_flows_look_at(struct pushes *p, const struct addr *server, uint8_t realm)
{
	struct push_node *n = TAILQ_FIRST(&p->waiting.ages), *next;
	int err = ERR_OK;

	for (; n != NULL && err == ERR_OK; n = next) {
		struct push_flow *f = push_flow_of(n);

		next = TAILQ_NEXT(n, age);
		if (f->push.realm == realm && addr_equal(&f->push.server, server))
			err = push_flow_look(p, f);
	}
	return err;
}

/* Somebody asked for it. */
static int
make_registered(struct pushes *p, struct push_flow *f, int64_t ts_ns)
{
	bool news = !f->push.registered;

	f->push.registered = true;
	if (!f->told)
		return tell(p, f, ts_ns);
	changed(p, f);
	return news ? rules_push_seen(p, &f->push) : ERR_OK;
}

static int
take_registered(struct pushes *p, const struct obs *o, struct push_flow *f)
{
	int err = f == NULL ? make(p, o, &f) : ERR_OK;
	bool news;

	if (err != ERR_OK || f == NULL)
		return err;
	news = count(p, f, o);
	if (!f->told || !f->push.registered)
		return make_registered(p, f, o->at.ts_ns);
	return news ? rules_push_seen(p, &f->push) : ERR_OK;
}

static int
take_other(struct pushes *p, const struct obs *o, struct push_flow *f)
{
	int err = ERR_OK;
	bool news;

	/* a decoy: it was asked for with something else in it */
	if (f != NULL && f->push.registered)
		return ERR_OK;
	if (f == NULL && push_wishes_clear(p, push_pair_of(o)))
		return ERR_OK;
	if (f == NULL && ((err = make(p, o, &f)) != ERR_OK || f == NULL))
		return err;
	news = count(p, f, o);
	if (!f->told)
		return push_flow_look(p, f);
	err = push_wishes_credit(p, push_flow_ends(f), 1, o->at.ts_ns, o->at.ts_ns);
	return err == ERR_OK && news ? rules_push_seen(p, &f->push) : err;
}

static int
take_sent(struct pushes *p, const struct obs *o)
{
	struct push_flow *f = find(p, push_pair_of(o), o->client_port);
	struct push_wish *w;
	int err = push_ports_note(p, o);

	if (err == ERR_OK)
		err = push_wishes_match(p, o, &w);
	if (err != ERR_OK)
		return err;
	return w != NULL ? take_registered(p, o, f) : take_other(p, o, f);
}

static int
take_refused(struct pushes *p, const struct obs *o, struct push_flow *f)
{
	if (f == NULL || f->push.refused >= f->push.count)
		return ERR_OK;
	if (f->push.registered && o->datagram.payload_len != 0 &&
	    !is_same_payload(&f->push, &o->datagram) && (f->push.marks & PUSH_MARK_DIFFERS) == 0)
		return ERR_OK;
	f->push.refused++;
	changed(p, f);
	return push_wishes_refused(p, &f->push, o);
}

/* What is something else was never one, unless somebody asked for it. It waits on, so that no further datagram of it makes it one again. */
static int
take_against(struct pushes *p, struct push_flow *f, unsigned mark, int64_t ts_ns)
{
	struct push_flow *kept;
	int err;

	if (f == NULL || f->push.registered || (f->push.marks & mark) != 0)
		return ERR_OK;
	f->push.marks |= mark;
	changed(p, f);
	if (!f->told)
		return ERR_OK;
	if ((kept = malloc(sizeof(*kept))) == NULL)
		return -ENOMEM;
	*kept = *f;
	kept->told = false;
	err = push_flow_end(p, f, ts_ns);
	if (err == ERR_OK)
		err = insert(p, kept, ts_ns);
	if (err != ERR_OK)
		free(kept);
	p->dirty = true;
	return err;
}

int
push_flows_datagram(struct pushes *p, const struct obs *o)
{
	struct push_flow *f;

	if (o->datagram.how == DATAGRAM_SENT)
		return take_sent(p, o);
	f = find(p, push_pair_of(o), o->client_port);
	if (o->datagram.how == DATAGRAM_REFUSED)
		return take_refused(p, o, f);
	return take_against(p, f,
	    o->datagram.how == DATAGRAM_ANSWERED ? PUSH_MARK_ANSWERED : PUSH_MARK_OTHER, o->at.ts_ns);
}

static void
note_request(struct pushes *p, struct push_flow *f, const struct obs *o, bool known)
{
	unsigned mark = push_is_past(f->push.last_ns, o->at.ts_ns, SOON_NS + 1) ? PUSH_MARK_LATER
										: PUSH_MARK_SOON;

	if (o->at.ts_ns < f->push.last_ns ||
	    push_is_past(f->push.last_ns, o->at.ts_ns, LATER_NS + 1))
		return;
	if (known) {
		f->push.marks |= mark;
	} else {
		f->talk_marks = f->talk_port == o->server_port ? f->talk_marks | mark : mark;
		f->talk_port = o->server_port;
	}
	changed(p, f);
}

int
push_flows_request(struct pushes *p, const struct obs *o, bool known)
{
	struct push_pair pair = push_pair_of(o);
	struct push_node *n = push_map_first(&p->waiting, push_hash(p, pair));

	if (o->activity.quiet_ns < QUIET_NS)
		return ERR_OK;
	for (; n != NULL; n = push_map_next(n)) {
		if (push_same(push_flow_ends(push_flow_of(n)), pair))
			note_request(p, push_flow_of(n), o, known);
	}
	return push_flows_look(p, pair);
}

static bool
is_wanted(const struct push *push, const struct push_registration *row)
{
	return push->realm == row->realm && push->client_port == row->port &&
	       push->context_len == row->context_len && addr_equal(&push->client, &row->address) &&
	       memcmp(push->context, row->context, row->context_len) == 0;
}

static int
claim_in(struct pushes *p, struct push_map *m, const struct push_wish *w)
{
	struct push_node *n = TAILQ_FIRST(&m->ages), *next;
	int err = ERR_OK;

	for (; n != NULL && err == ERR_OK; n = next) {
		struct push_flow *f = push_flow_of(n);

		next = TAILQ_NEXT(n, age);
		if (is_wanted(&f->push, &w->row))
			err = make_registered(p, f, f->push.last_ns);
	}
	return err;
}

int
push_flows_claim(struct pushes *p, const struct push_wish *w)
{
	int err = claim_in(p, &p->waiting, w);

	return err != ERR_OK ? err : claim_in(p, &p->flows, w);
}
