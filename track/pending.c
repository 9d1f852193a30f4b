/* pending.c - the state of a mapping as octets. */
#include "track/pending.h"

#include <string.h>

#include "base/err.h"
#include "track/octets.h"

enum {
	FORMAT = 1,
	EPISODES_MOST = 1024, /* alive, of one mapping */
};

/* What a state holds beside what every one does: a set. */
enum part {
	PART_OPEN = 1,
	PART_CLAIM = 2,
	PART_TWICE = 4,
	PART_RETURNS = 8,
	PART_DENIED = 16,
	PART_NOTES = 32,
	PART_ALL = 63,
};

bool
pending_is_blank(const struct pending *p)
{
	return p == NULL || (!p->open && p->returns == 0 && p->flip_at == 0 && p->denied_ns == 0 &&
				p->watched == 0);
}

void
pending_put_endpoint(struct octets *out, const struct endpoint *e)
{
	size_t len = strnlen(e->name, sizeof(e->name) - 1);

	octets_put(out, e->port);
	if (e->port != 0)
		return;
	octets_put(out, len);
	octets_put_bytes(out, e->name, len);
}

void
pending_get_endpoint(struct octets_in *in, struct endpoint *e)
{
	memset(e, 0, sizeof(*e));
	e->port = (uint16_t)octets_get_most(in, UINT16_MAX);
	if (e->port != 0)
		return;
	octets_get_bytes(in, e->name, (size_t)octets_get_most(in, sizeof(e->name) - 1));
}

static void
put_set(struct octets *out, const struct endpoint *set, size_t count)
{
	size_t most = count < PENDING_ENDPOINTS ? count : PENDING_ENDPOINTS;

	octets_put(out, most);
	for (size_t i = 0; i < most; i++)
		pending_put_endpoint(out, &set[i]);
}

static size_t
get_set(struct octets_in *in, struct endpoint *set)
{
	size_t count = (size_t)octets_get_most(in, PENDING_ENDPOINTS);

	for (size_t i = 0; i < count; i++)
		pending_get_endpoint(in, &set[i]);
	return count;
}

static unsigned
parts_of(const struct pending *p, size_t notes_len)
{
	unsigned parts = notes_len > 0 ? PART_NOTES : 0;

	if (p == NULL)
		return parts;
	parts |= p->open ? PART_OPEN : 0;
	parts |= p->open && p->claimed ? PART_CLAIM : 0;
	parts |= p->open && p->claimed && p->claim_twice ? PART_TWICE : 0;
	parts |= p->returns > 0 || p->flip_at != 0 ? PART_RETURNS : 0;
	parts |= p->denied_ns != 0 ? PART_DENIED : 0;
	return parts;
}

static void
put_open(const struct pending *p, const struct change *tentative, struct octets *out)
{
	octets_put_signed(out, p->since_ns);
	octets_put_signed(out, p->settle_at);
	octets_put(out, (uint64_t)tentative->kind);
	put_set(out, tentative->previous, tentative->previous_count);
	put_set(out, tentative->current, tentative->current_count);
}

static void
put_claim(const struct pending *p, struct octets *out)
{
	octets_put_signed(out, p->claim_ns);
	octets_put_signed(out, p->claim_end_ns);
	octets_put_signed(out, p->claim_first_ns);
	octets_put_bytes(out, p->claim_client.b, sizeof(p->claim_client.b));
}

static void
put_returns(const struct pending *p, struct octets *out)
{
	octets_put(out, p->returns);
	for (size_t i = 0; i < p->returns; i++)
		octets_put_signed(out, p->return_at[i]);
	octets_put_signed(out, p->flip_at);
}

static size_t
count_alive(const struct mapping *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->episode_count; i++)
		n += m->episode[i].ended_ns == 0 ? 1 : 0;
	return n < EPISODES_MOST ? n : EPISODES_MOST;
}

static void
put_episodes(const struct mapping *m, struct octets *out)
{
	size_t left = count_alive(m);

	octets_put(out, left);
	for (size_t i = 0; i < m->episode_count && left > 0; i++) {
		const struct episode *e = &m->episode[i];

		if (e->ended_ns != 0)
			continue;
		pending_put_endpoint(out, &e->endpoint);
		octets_put(out, e->gap_s);
		octets_put(out, e->binder);
		octets_put(out, e->day);
		octets_put(out, e->days);
		octets_put(out, e->marks);
		if ((e->marks & EPISODE_AHEAD) != 0)
			octets_put_signed(out, e->seen_at);
		left--;
	}
}

void
pending_encode(const struct pending *p, const struct mapping *m, const struct change *tentative,
    const uint8_t *notes, size_t notes_len, struct octets *out)
{
	unsigned parts = parts_of(p, notes_len);

	octets_put(out, FORMAT);
	octets_put(out, parts);
	if ((parts & PART_OPEN) != 0)
		put_open(p, tentative, out);
	if ((parts & PART_CLAIM) != 0)
		put_claim(p, out);
	if ((parts & PART_RETURNS) != 0)
		put_returns(p, out);
	if ((parts & PART_DENIED) != 0) {
		octets_put_signed(out, p->denied_first_ns);
		octets_put_signed(out, p->denied_ns);
	}
	put_episodes(m, out);
	if ((parts & PART_NOTES) != 0) {
		octets_put(out, notes_len);
		octets_put_bytes(out, notes, notes_len);
	}
}

static void
get_open(struct octets_in *in, struct pending *p, struct pending_view *view)
{
	p->open = true;
	p->since_ns = view->since_ns = octets_get_signed(in);
	p->settle_at = view->due_ns = octets_get_signed(in);
	view->kind = (enum change_kind)octets_get_most(in, CHANGE_UNSEEN);
	view->previous_count = get_set(in, view->previous);
	view->current_count = get_set(in, view->current);
}

static void
get_claim(struct octets_in *in, struct pending *p)
{
	p->claimed = true;
	p->claim_ns = octets_get_signed(in);
	p->claim_end_ns = octets_get_signed(in);
	p->claim_first_ns = octets_get_signed(in);
	octets_get_bytes(in, p->claim_client.b, sizeof(p->claim_client.b));
}

static void
get_returns(struct octets_in *in, struct pending *p)
{
	p->returns = (uint8_t)octets_get_most(in, PENDING_RETURNS);
	for (size_t i = 0; i < p->returns; i++)
		p->return_at[i] = octets_get_signed(in);
	p->flip_at = octets_get_signed(in);
}

/* All but the episodes and notes. */
static unsigned
get_front(struct octets_in *in, struct pending *p, struct pending_view *view)
{
	unsigned parts;

	memset(p, 0, sizeof(*p));
	memset(view, 0, sizeof(*view));
	view->due_ns = STATE_NEVER;
	if (octets_get(in) != FORMAT)
		in->bad = true;
	parts = (unsigned)octets_get_most(in, PART_ALL);
	if ((parts & PART_OPEN) != 0)
		get_open(in, p, view);
	if ((parts & PART_CLAIM) != 0)
		get_claim(in, p);
	p->claim_twice = (parts & PART_TWICE) != 0;
	if ((parts & PART_RETURNS) != 0)
		get_returns(in, p);
	if ((parts & PART_DENIED) != 0) {
		p->denied_first_ns = octets_get_signed(in);
		p->denied_ns = view->denied_ns = octets_get_signed(in);
	}
	return parts;
}

static struct episode *
find_alive(const struct mapping *m, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < m->episode_count; i++) {
		struct episode *e = &m->episode[i];

		if (e->ended_ns == 0 && endpoint_compare(&e->endpoint, endpoint) == 0)
			return e;
	}
	return NULL;
}

/* Nothing is written to ${m} where it is NULL. One that is not there is passed over: the store may have less than it had. */
static void
get_episode(struct octets_in *in, struct mapping *m, struct pending *p)
{
	struct endpoint endpoint;
	struct episode *e, none;

	pending_get_endpoint(in, &endpoint);
	e = m != NULL ? find_alive(m, &endpoint) : NULL;
	if (e == NULL)
		e = &none;
	e->gap_s = (uint32_t)octets_get_most(in, UINT32_MAX);
	e->binder = (uint32_t)octets_get_most(in, UINT32_MAX);
	e->day = (uint16_t)octets_get_most(in, UINT16_MAX);
	e->days = (uint8_t)octets_get_most(in, EPISODE_DAYS);
	e->marks = (uint8_t)octets_get_most(in, UINT8_MAX);
	if ((e->marks & EPISODE_AHEAD) != 0)
		e->seen_at = octets_get_signed(in);
	if (e != &none && (e->marks & EPISODE_WATCHED) != 0)
		p->watched++;
}

static void
get_notes(struct octets_in *in, const uint8_t **notes, size_t *notes_len)
{
	*notes_len = (size_t)octets_get_most(in, PENDING_NOTES);
	*notes = octets_take(in, *notes_len);
}

/* What stands behind the front, into ${m} or, to see whether it is good, nowhere. */
static void
get_rest(struct octets_in *in, unsigned parts, struct mapping *m, struct pending *p,
    const uint8_t **notes, size_t *notes_len)
{
	size_t count = (size_t)octets_get_most(in, EPISODES_MOST);

	for (size_t i = 0; i < count && octets_good(in); i++)
		get_episode(in, m, p);
	if ((parts & PART_NOTES) != 0)
		get_notes(in, notes, notes_len);
}

bool
pending_decode(struct mapping *m, struct pending *p, const uint8_t **notes, size_t *notes_len)
{
	struct octets_in in = octets_in(m->state.data, m->state.len), look;
	struct pending_view view;
	unsigned parts;

	*notes = NULL;
	*notes_len = 0;
	memset(p, 0, sizeof(*p));
	if (m->state.len == 0)
		return true;
	parts = get_front(&in, p, &view);
	look = in;
	get_rest(&look, parts, NULL, p, notes, notes_len);
	if (octets_done(&look)) {
		get_rest(&in, parts, m, p, notes, notes_len);
		return true;
	}
	memset(p, 0, sizeof(*p));
	*notes = NULL;
	*notes_len = 0;
	return false;
}

int
pending_read(const struct state *state, struct pending_view *out)
{
	struct octets_in in = octets_in(state->data, state->len);
	struct pending p;

	memset(out, 0, sizeof(*out));
	out->due_ns = STATE_NEVER;
	if (state->len == 0)
		return ERR_OK;
	(void)get_front(&in, &p, out);
	if (octets_good(&in))
		return ERR_OK;
	memset(out, 0, sizeof(*out));
	return ERR_MALFORMED;
}
