/* moments_state.c - the moments of a server as octets. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/moment.h"
#include "track/moments.h"
#include "track/octets.h"
#include "track/pending.h"

enum {
	FORMAT = 1,
	MEMBERS_MOST = MOMENTS_MEMBERS + MOMENTS_KEPT,
	FLAG_TOLD = 1,
	FLAG_OWN = 2,
	FLAG_JUDGED = 4,
	FLAGS = 7,
	ID_LEN = HASH_ID_TEXT - 1,
};

static void
put_id(struct octets *out, const char *id)
{
	octets_put(out, id[0] != '\0' ? 1 : 0);
	if (id[0] != '\0')
		octets_put_bytes(out, id, ID_LEN);
}

/* An id is text that goes into files, so it has to be what it says. */
static void
get_id(struct octets_in *in, char *id)
{
	memset(id, 0, HASH_ID_TEXT);
	if (octets_get_most(in, 1) == 0)
		return;
	octets_get_bytes(in, id, ID_LEN);
	if (strspn(id, "0123456789abcdef") != ID_LEN)
		in->bad = true;
}

static void
put_set(struct octets *out, const struct endpoint *set, size_t count)
{
	octets_put(out, count);
	for (size_t i = 0; i < count; i++)
		pending_put_endpoint(out, &set[i]);
}

static void
put_moment(struct octets *out, const struct moment *x)
{
	const struct change *c = &x->change;

	octets_put(out,
	    (x->told ? FLAG_TOLD : 0U) | (x->own ? FLAG_OWN : 0U) | (x->judged ? FLAG_JUDGED : 0U));
	octets_put_signed(out, x->due);
	octets_put(out, (uint64_t)c->kind);
	octets_put_bytes(out, c->key.uuid.b, sizeof(c->key.uuid.b));
	octets_put(out, c->key.major);
	octets_put(out, c->key.protseq);
	octets_put(out, c->minor);
	octets_put(out, (uint64_t)c->confidence);
	octets_put(out, c->clients);
	octets_put_signed(out, c->first_ns);
	octets_put_signed(out, c->not_before_ns);
	octets_put_signed(out, c->not_after_ns);
	put_id(out, c->id);
	put_id(out, c->revises);
	put_set(out, c->previous, c->previous_count);
	put_set(out, c->current, c->current_count);
}

static void
get_key(struct octets_in *in, const struct mapping_key *server, struct mapping_key *out)
{
	*out = *server;
	octets_get_bytes(in, out->uuid.b, sizeof(out->uuid.b));
	out->major = (uint16_t)octets_get_most(in, UINT16_MAX);
	out->protseq = (uint8_t)octets_get_most(in, PROTSEQ_COUNT - 1);
}

static size_t
get_set(struct octets_in *in, struct endpoint *set)
{
	size_t count = (size_t)octets_get_most(in, MOMENTS_SET);

	for (size_t i = 0; i < count; i++)
		pending_get_endpoint(in, &set[i]);
	return count;
}

/* False without memory, and where it is damaged. */
static bool
get_moment(struct octets_in *in, const struct mapping_key *server, struct moment *out)
{
	struct endpoint previous[MOMENTS_SET], current[MOMENTS_SET];
	unsigned flags = (unsigned)octets_get_most(in, FLAGS);
	struct change c = {.previous = previous, .current = current};
	int64_t due = octets_get_signed(in);

	c.kind = (enum change_kind)octets_get_most(in, CHANGE_UNSEEN);
	get_key(in, server, &c.key);
	c.minor = (uint16_t)octets_get_most(in, UINT16_MAX);
	c.confidence = (enum confidence)octets_get_most(in, CONFIDENCE_DENIED);
	c.clients = (uint32_t)octets_get_most(in, UINT32_MAX);
	c.first_ns = octets_get_signed(in);
	c.not_before_ns = octets_get_signed(in);
	c.not_after_ns = octets_get_signed(in);
	get_id(in, c.id);
	get_id(in, c.revises);
	c.previous_count = get_set(in, previous);
	c.current_count = get_set(in, current);
	if (!octets_good(in) || moment_copy(out, &c) != ERR_OK)
		return false;
	out->due = due;
	out->told = (flags & FLAG_TOLD) != 0;
	out->own = (flags & FLAG_OWN) != 0;
	out->judged = (flags & FLAG_JUDGED) != 0;
	return true;
}

static void
put_restart(struct octets *out, const struct restart *r)
{
	put_id(out, r->id);
	octets_put(out, r->rows);
	octets_put_signed(out, r->from_ns);
	octets_put_signed(out, r->to_ns);
	octets_put_signed(out, r->first_ns);
	octets_put_signed(out, r->due);
	octets_put(out, r->count);
	for (size_t i = 0; i < r->count; i++)
		put_moment(out, &r->member[i]);
}

/* Several moments into new memory; ${count} is what there is of them even where it fails. */
static bool
get_moments(struct octets_in *in, const struct mapping_key *server, size_t wanted,
    struct moment **out, size_t *count)
{
	*count = 0;
	*out = wanted > 0 ? calloc(wanted, sizeof(**out)) : NULL;
	if (wanted > 0 && *out == NULL)
		return false;
	while (*count < wanted && get_moment(in, server, &(*out)[*count]))
		++*count;
	return *count == wanted;
}

static bool
get_restart(struct octets_in *in, const struct mapping_key *server, struct restart *r)
{
	get_id(in, r->id);
	r->rows = (uint32_t)octets_get_most(in, UINT32_MAX);
	r->from_ns = octets_get_signed(in);
	r->to_ns = octets_get_signed(in);
	r->first_ns = octets_get_signed(in);
	r->due = octets_get_signed(in);
	return get_moments(
	    in, server, (size_t)octets_get_most(in, MEMBERS_MOST), &r->member, &r->count);
}

void
moments_encode(const struct moments *m, const uint8_t *notes, size_t notes_len, struct octets *out)
{
	octets_put(out, FORMAT);
	octets_put(out, m->count);
	for (size_t i = 0; i < m->count; i++)
		put_moment(out, &m->item[i]);
	octets_put(out, m->restarts);
	for (size_t i = 0; i < m->restarts; i++)
		put_restart(out, &m->restart[i]);
	octets_put(out, notes_len);
	octets_put_bytes(out, notes, notes_len);
}

static bool
get_restarts(struct octets_in *in, const struct mapping_key *server, struct moments *m)
{
	size_t wanted = (size_t)octets_get_most(in, MOMENTS_RESTARTS);

	m->restart = wanted > 0 ? calloc(wanted, sizeof(*m->restart)) : NULL;
	if (wanted > 0 && m->restart == NULL)
		return false;
	while (m->restarts < wanted) {
		if (!get_restart(in, server, &m->restart[m->restarts++]))
			return false;
	}
	return true;
}

bool
moments_decode(struct moments *m, const struct mapping_key *server, const uint8_t *data, size_t len,
    const uint8_t **notes, size_t *notes_len)
{
	struct octets_in in = octets_in(data, len);
	size_t wanted;

	*notes = NULL;
	*notes_len = 0;
	if (len == 0)
		return true;
	if (octets_get(&in) != FORMAT)
		return false;
	wanted = (size_t)octets_get_most(&in, MOMENTS_KEPT);
	if (get_moments(&in, server, wanted, &m->item, &m->count) && get_restarts(&in, server, m)) {
		*notes_len = (size_t)octets_get_most(&in, PENDING_NOTES);
		*notes = octets_take(&in, *notes_len);
	}
	if (octets_done(&in))
		return true;
	moments_free(m);
	*notes = NULL;
	*notes_len = 0;
	return false;
}

int
moments_read(const struct state *state, const struct mapping_key *server,
    int (*each)(void *ctx, const struct change *held, int64_t due), void *ctx)
{
	struct moments m = {.count = 0};
	const uint8_t *notes;
	size_t notes_len;
	int r = ERR_OK;

	if (!moments_decode(&m, server, state->data, state->len, &notes, &notes_len))
		return ERR_MALFORMED;
	for (size_t i = 0; i < m.count && r == ERR_OK; i++) {
		if (!m.item[i].told)
			r = each(ctx, &m.item[i].change, m.item[i].due);
	}
	moments_free(&m);
	return r;
}
