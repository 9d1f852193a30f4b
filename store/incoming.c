/* incoming.c - see incoming.h. */
#include "store/incoming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/evidence.h"
#include "store/incoming_rows.h"
#include "store/key.h"
#include "store/param.h"
#include "store/set.h"
#include "store/state.h"
#include "track/records.h"

enum {
	INCOMING_NUMBERS = 1024 /* that are reserved at a time, of each kind of new episodes */
};

int
incoming_init(struct incoming *in, struct db *db)
{
	int err;

	if ((err = rows_init(&in->fresh, &rows_fresh, db)) != 0 ||
	    (err = rows_init(&in->other, &rows_new, db)) != 0 ||
	    (err = rows_init(&in->maybe, &rows_maybe, db)) != 0 ||
	    (err = rows_init(&in->client, &rows_client, db)) != 0 ||
	    (err = rows_init(&in->change, &rows_change, db)) != 0 ||
	    (err = rows_init(&in->member, &rows_member, db)) != 0 ||
	    (err = rows_init(&in->pending, &rows_pending, db)) != 0 ||
	    (err = rows_init(&in->session, &rows_session, db)) != 0)
		return err;
	return rows_init(&in->alert, &rows_alert, db);
}

void
incoming_deinit(struct incoming *in)
{
	rows_deinit(&in->fresh);
	rows_deinit(&in->other);
	rows_deinit(&in->maybe);
	rows_deinit(&in->client);
	rows_deinit(&in->change);
	rows_deinit(&in->member);
	rows_deinit(&in->alert);
	rows_deinit(&in->pending);
	rows_deinit(&in->session);
	free(in->set);
	free(in->octets);
	in->set = NULL;
	in->octets = NULL;
}

static uint64_t *
mark_of(struct incoming *in, enum incoming_group group, const struct key_rows *key, uint64_t *bit)
{
	uint64_t hash = ((uint64_t)key->server << 20 ^ (uint64_t)key->interface) *
			UINT64_C(0x9e3779b97f4a7c15);

	*bit = UINT64_C(1) << (hash >> 58);
	return &in->mark[group][(hash >> 40) % INCOMING_MARKS];
}

static void
mark(struct incoming *in, enum incoming_group group, const struct key_rows *key)
{
	uint64_t bit, *word = mark_of(in, group, key, &bit);

	*word |= bit;
}

static void
unmark(struct incoming *in, enum incoming_group group)
{
	memset(in->mark[group], 0, sizeof(in->mark[group]));
}

void
incoming_drop(struct incoming *in)
{
	rows_clear(&in->fresh);
	rows_clear(&in->other);
	rows_clear(&in->maybe);
	rows_clear(&in->client);
	rows_clear(&in->change);
	rows_clear(&in->member);
	rows_clear(&in->alert);
	rows_clear(&in->pending);
	rows_clear(&in->session);
	memset(in->mark, 0, sizeof(in->mark));
	in->set_len = in->octets_len = 0;
	in->dropping = false;
	in->fresh_next = in->fresh_end = in->other_next = in->other_end = 0;
}

/* One statement for all rows. */
static int
write_rows(struct store *s, const struct rows *r, enum statement which)
{
	sqlite3_stmt *st;
	struct param p;
	int err;

	if (r->count == 0)
		return 0;
	if ((err = statement_get(s, which, &st)) != 0)
		return err;
	p = param_init(st);
	return statement_run(s, &p, which);
}

/* The same, and they are done with. */
static int
settle(struct store *s, struct rows *r, enum statement which)
{
	int err = write_rows(s, r, which);

	rows_clear(r);
	return err;
}

/* Once others were written, fresh ones that come later need higher numbers than those. */
static int
settle_episodes(struct store *s)
{
	struct incoming *in = &s->incoming;
	int err = settle(s, &in->fresh, STATEMENT_EPISODES_FRESH);

	if (in->other.count > 0)
		in->fresh_next = in->fresh_end;
	if (err == 0)
		err = settle(s, &in->other, STATEMENT_EPISODES_ADD);
	if (err == 0)
		err = settle(s, &in->maybe, STATEMENT_EPISODES_KEEP);
	if (err == 0)
		unmark(in, INCOMING_EPISODES);
	return err;
}

/* Nearly as their table has them, where addresses are texts: what comes in about that order finds its place at once. */
static int
compare_clients(const void *a, const void *b)
{
	const struct row_client *one = a, *other = b;

	if (one->episode != other->episode)
		return one->episode < other->episode ? -1 : 1;
	return memcmp(one->client.b, other->client.b, sizeof(one->client.b));
}

static int
settle_clients(struct store *s)
{
	struct rows *r = &s->incoming.client;
	int err;

	if (r->count > 1)
		qsort(r->row, r->count, r->kind->size, compare_clients);
	err = settle(s, r, STATEMENT_CLIENTS_KEEP);
	if (err == 0)
		unmark(&s->incoming, INCOMING_CLIENTS);
	return err;
}

int
incoming_settle_changes(struct store *s)
{
	int err = settle(s, &s->incoming.change, STATEMENT_CHANGES_ADD);

	if (err == 0)
		err = settle(s, &s->incoming.member, STATEMENT_MEMBERS_ADD);
	s->incoming.set_len = 0;
	return err;
}

/* Of a key that came twice the last row counts, so what is over is deleted where it was left without anything. */
int
incoming_settle_pending(struct store *s)
{
	struct incoming *in = &s->incoming;
	int err = write_rows(s, &in->pending, STATEMENT_PENDING_KEEP);

	if (err == 0 && in->dropping)
		err = write_rows(s, &in->pending, STATEMENT_PENDING_DROP);
	rows_clear(&in->pending);
	in->octets_len = 0;
	in->dropping = false;
	if (err == 0)
		unmark(in, INCOMING_PENDING);
	return err;
}

int
incoming_settle_sessions(struct store *s)
{
	return settle(s, &s->incoming.session, STATEMENT_SESSIONS_KEEP);
}

int
incoming_settle_alerts(struct store *s)
{
	int err = write_rows(s, &s->incoming.alert, STATEMENT_ALERTS_ADD);

	if (err == 0)
		err = settle(s, &s->incoming.alert, STATEMENT_EVIDENCES_ADD);
	if (err == 0)
		unmark(&s->incoming, INCOMING_ALERTS);
	return err;
}

int
incoming_settle(struct store *s)
{
	int err;

	if ((err = settle_episodes(s)) != 0 ||
	    (err = settle_clients(s)) != 0 || (err = incoming_settle_changes(s)) != 0 ||
	    (err = incoming_settle_pending(s)) != 0 || (err = incoming_settle_sessions(s)) != 0)
		return err;
	return incoming_settle_alerts(s);
}

/* Clients have their episode's number. */
static int
settle_group(struct store *s, enum incoming_group group)
{
	int err;

	switch (group) {
	case INCOMING_EPISODES:
		return settle_episodes(s);
	case INCOMING_CLIENTS:
		err = settle_episodes(s);
		return err != 0 ? err : settle_clients(s);
	case INCOMING_ALERTS:
		return incoming_settle_alerts(s);
	default:
		return incoming_settle_pending(s);
	}
}

int
incoming_settle_of(struct store *s, const struct key_rows *key, enum incoming_group group)
{
	uint64_t bit;
	const uint64_t *word = mark_of(&s->incoming, group, key, &bit);

	return (*word & bit) != 0 ? settle_group(s, group) : 0;
}

static bool
is_full(const struct rows *r)
{
	return r->count * r->kind->size >= INCOMING_BYTES;
}

bool
incoming_client_is_first(const struct episode *e)
{
	return e->client_count == 1 && e->first.ts_ns != 0 &&
	       addr_equal(&e->client[0], &e->first.client);
}

static bool
same_evidence(const struct evidence *a, const struct evidence *b)
{
	return a->ts_ns == b->ts_ns && a->frame == b->frame && a->capture == b->capture &&
	       a->source == b->source && addr_equal(&a->client, &b->client) &&
	       a->client_port == b->client_port && a->server_port == b->server_port;
}

/* As most come: it has the least of all that an episode can have. */
static bool
is_fresh(const struct row_episode *r)
{
	const struct episode *e = &r->e;

	return r->seen_once && r->client_is_first && e->ended_ns == 0 && e->why == CHANGE_NONE &&
	       !e->clients_estimated && e->endpoint.name[0] == '\0' && e->annotation[0] == '\0';
}

static void
reserve_numbers(struct store *s)
{
	struct incoming *in = &s->incoming;

	in->fresh_next = s->episode_row + 1;
	in->fresh_end = in->other_next = in->fresh_next + INCOMING_NUMBERS;
	in->other_end = in->other_next + INCOMING_NUMBERS;
	s->episode_row = in->other_end - 1;
}

/* The next number of a new episode; where there is none, what has numbers is written first. */
static int
give_number(struct store *s, bool fresh, int64_t *out)
{
	struct incoming *in = &s->incoming;
	int64_t *next = fresh ? &in->fresh_next : &in->other_next;
	int err;

	if (*next == (fresh ? in->fresh_end : in->other_end)) {
		if ((err = settle_episodes(s)) != 0)
			return err;
		reserve_numbers(s);
	}
	*out = (*next)++;
	return 0;
}

void
incoming_committed(struct store *s)
{
	struct incoming *in = &s->incoming;
	bool others = in->other_next + INCOMING_NUMBERS != in->other_end;

	if (in->other_end == 0)
		return;
	s->episode_row = (others ? in->other_next : in->fresh_next) - 1;
	in->fresh_next = in->fresh_end = in->other_next = in->other_end = 0;
}

static int
episode_captures(struct store *s, struct row_episode *r)
{
	int err = run_make_capture(s, r->e.first.capture, &r->first_capture);

	if (err != 0)
		return err;
	r->last_capture = r->first_capture;
	return r->seen_once ? 0 : run_make_capture(s, r->e.last.capture, &r->last_capture);
}

static int
episode_row(
    struct store *s, const struct key_rows *key, const struct episode *e, struct row_episode *r)
{
	r->server = key->server;
	r->interface = key->interface;
	r->e = *e;
	r->e.client = NULL;
	r->seen_once = e->last_ns == e->first_ns && same_evidence(&e->first, &e->last);
	r->client_is_first = incoming_client_is_first(e);
	return episode_captures(s, r);
}

static int
episode_add(struct store *s, struct rows *rows, const struct row_episode *r)
{
	struct row_episode *to = rows_add(rows);

	if (to == NULL)
		return -ENOMEM;
	*to = *r;
	return is_full(rows) ? settle_episodes(s) : 0;
}

static void
param_evidence(struct param *p, const struct evidence *e, int64_t capture)
{
	char text[EVIDENCE_TEXT];

	if (e->ts_ns == 0)
		param_null(p);
	else
		param_text(p, text, evidence_write(e, capture, text));
}

static int
episode_seen(struct store *s, const struct row_episode *r)
{
	static const struct evidence none;
	const struct episode *e = &r->e;
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_EPISODE_SEEN, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, e->row);
	param_int(&p, e->minor);
	param_word(&p, e->annotation, sizeof(e->annotation));
	param_int(&p, e->first_ns);
	param_unless(&p, r->seen_once, e->last_ns);
	param_count(&p, e->announced);
	param_count(&p, e->used);
	param_count(&p, e->attempted);
	param_unless(&p, r->client_is_first, e->client_count);
	param_int(&p, e->clients_estimated);
	param_word(&p, e->told, sizeof(e->told));
	param_evidence(&p, &e->first, r->first_capture);
	param_evidence(&p, r->seen_once ? &none : &e->last, r->last_capture);
	return statement_run(s, &p, STATEMENT_EPISODE_SEEN);
}

static int
episode_ended(struct store *s, const struct episode *e)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_EPISODE_ENDED, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, e->row);
	param_nonzero(&p, e->ended_ns);
	param_nonzero(&p, e->why);
	param_word(&p, e->told, sizeof(e->told));
	return statement_run(s, &p, STATEMENT_EPISODE_ENDED);
}

/* Of one that is there only what changed is written: its end is in an index, its sights are not. */
static int
episode_update(struct store *s, const struct row_episode *r)
{
	int err = 0;

	if ((r->e.dirty & EPISODE_SEEN) != 0)
		err = episode_seen(s, r);
	if (err == 0 && (r->e.dirty & (EPISODE_ENDED | EPISODE_TOLD)) != 0)
		err = episode_ended(s, &r->e);
	return err;
}

static int
episode_new(struct store *s, struct row_episode *r, int64_t *number)
{
	bool fresh = is_fresh(r);
	int err = give_number(s, fresh, number);

	r->e.row = *number;
	if (err != 0)
		return err;
	return episode_add(s, fresh ? &s->incoming.fresh : &s->incoming.other, r);
}

int
incoming_episode(
    struct store *s, const struct key_rows *key, struct episode *e, enum incoming_state state)
{
	struct row_episode r;
	int err = episode_row(s, key, e, &r);

	if (err != 0)
		return err;
	mark(&s->incoming, INCOMING_EPISODES, key);
	if (state == INCOMING_NEW)
		return episode_new(s, &r, &e->row);
	if (state == INCOMING_MAYBE || (e->dirty & EPISODE_DIRTY) != 0)
		return episode_add(s, &s->incoming.maybe, &r);
	return episode_update(s, &r);
}

int
incoming_client(struct store *s, const struct key_rows *key, int64_t episode, const struct addr *client)
{
	struct row_client *r = rows_add(&s->incoming.client);

	if (r == NULL)
		return -ENOMEM;
	*r = (struct row_client){.episode = episode, .client = *client};
	mark(&s->incoming, INCOMING_CLIENTS, key);
	return is_full(&s->incoming.client) ? settle_clients(s) : 0;
}

static int
add_set(struct incoming *in, const struct endpoint *set, size_t count, struct row_text *out)
{
	size_t at = in->set_len;
	int err = set_write(in, set, count);

	*out = (struct row_text){at, in->set_len - at};
	return err;
}

/* The members are numbered from 1 on, in the order given. */
static int
member_add(struct store *s, const struct key_rows *key, int64_t row, int64_t number,
    const struct change *c, const struct change_member *m)
{
	struct incoming *in = &s->incoming;
	struct row_member *r = rows_add(&in->member);
	struct key_rows of;
	int err = key_make_about(s, &m->key, &of);

	if (r == NULL)
		return -ENOMEM;
	*r = (struct row_member){.change = row,
	    .number = number,
	    .server = addr_equal(&m->key.server, &c->key.server) ? key->server : of.server,
	    .interface = of.interface,
	    .in = in,
	    .m = *m};
	if (err == 0)
		err = add_set(in, m->previous, m->previous_count, &r->previous);
	return err != 0 ? err : add_set(in, m->current, m->current_count, &r->current);
}

static int
members_add(struct store *s, const struct key_rows *key, int64_t row, const struct change *c)
{
	int err = 0;

	for (size_t i = 0; i < c->member_count && err == 0; i++)
		err = member_add(s, key, row, (int64_t)i + 1, c, &c->member[i]);
	return err;
}

/* Texts first, for memory may refuse them; what that leaves behind does no harm. */
static int
change_add(struct store *s, const struct key_rows *key, int64_t row, const struct change *c)
{
	struct incoming *in = &s->incoming;
	struct row_change *r, made = {.row = row,
				  .server = key->server,
				  .interface = key->interface,
				  .in = in,
				  .c = *c};
	int err;

	if ((err = add_set(in, c->previous, c->previous_count, &made.previous)) != 0 ||
	    (err = add_set(in, c->current, c->current_count, &made.current)) != 0 ||
	    (err = run_make_capture(s, c->evidence.capture, &made.capture)) != 0)
		return err;
	made.also.at = in->set_len;
	if (c->also_count > 0 && (err = set_write_ids(in, c->also, c->also_count)) != 0)
		return err;
	made.also.len = in->set_len - made.also.at;
	if ((r = rows_add(&in->change)) == NULL)
		return -ENOMEM;
	*r = made;
	return members_add(s, key, row, c);
}

int
incoming_change(
    struct store *s, const struct key_rows *key, int64_t row, const struct change *change)
{
	int err = change_add(s, key, row, change);

	if (err != 0 || (!is_full(&s->incoming.change) && !is_full(&s->incoming.member) &&
			    s->incoming.set_len < INCOMING_BYTES))
		return err;
	return incoming_settle_changes(s);
}

int
incoming_alert(struct store *s, const struct key_rows *key, int64_t row, const struct alert *alert)
{
	struct row_alert *r;
	int64_t capture;
	int err = run_make_capture(s, alert->evidence.capture, &capture);

	if (err != 0)
		return err;
	if ((r = rows_add(&s->incoming.alert)) == NULL)
		return -ENOMEM;
	r->row = row;
	r->scope = key->scope;
	r->server = key->server;
	r->interface = key->interface;
	r->capture = capture;
	r->a = *alert;
	mark(&s->incoming, INCOMING_ALERTS, key);
	return is_full(&s->incoming.alert) ? incoming_settle_alerts(s) : 0;
}

int
incoming_session(struct store *s, const struct key_rows *key, const struct session *session)
{
	struct row_session *r = rows_add(&s->incoming.session);

	if (r == NULL)
		return -ENOMEM;
	*r = (struct row_session){.server = key->server, .interface = key->interface, .x = *session};
	return is_full(&s->incoming.session) ? incoming_settle_sessions(s) : 0;
}

static int
add_octets(struct incoming *in, const struct state *state)
{
	size_t needed = in->octets_len + state->len;

	if (needed > in->octets_room) {
		uint8_t *grown = realloc(in->octets, needed * 2);

		if (grown == NULL)
			return -ENOMEM;
		in->octets = grown;
		in->octets_room = needed * 2;
	}
	if (state->len > 0)
		memcpy(in->octets + in->octets_len, state->data, state->len);
	in->octets_len = needed;
	return 0;
}

int
incoming_pending(struct store *s, const struct key_rows *key, const struct state *state)
{
	struct incoming *in = &s->incoming;
	size_t at = in->octets_len;
	struct row_pending *r;

	if (add_octets(in, state) != 0 || (r = rows_add(&in->pending)) == NULL)
		return -ENOMEM;
	*r = (struct row_pending){.scope = key->scope,
	    .server = key->server,
	    .interface = key->interface,
	    .due_ns = state->due_ns,
	    .in = in,
	    .data = {at, state->len}};
	mark(in, INCOMING_PENDING, key);
	in->dropping |= state->len == 0 && state->due_ns == STATE_NEVER;
	if (!is_full(&in->pending) && in->octets_len < INCOMING_BYTES)
		return 0;
	return incoming_settle_pending(s);
}

bool
incoming_has_alert(const struct incoming *in, int64_t row)
{
	const struct row_alert *first = in->alert.row;

	return in->alert.count > 0 && row >= first->row;
}
