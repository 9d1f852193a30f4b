/* episode.c - what is known of one endpoint of one key. */
#include "track/episode.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "track/sighting.h"

/* What malloc takes for itself around a block. */
enum {
	BLOCK = 16
};

static_assert(sizeof(struct episode) <= 352, "track.h says how large an episode is");

bool
episode_is_proven(const struct episode *e)
{
	return e->announced > 0 || e->used > 0;
}

bool
episode_in_set(const struct episode *e)
{
	return e->ended_ns == 0 && episode_is_proven(e);
}

struct episode *
episode_alive(const struct mapping *m, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < m->episode_count; i++) {
		struct episode *e = &m->episode[i];

		if (e->ended_ns == 0 && endpoint_compare(&e->endpoint, endpoint) == 0)
			return e;
	}
	return NULL;
}

struct episode *
episode_ended(const struct mapping *m, const struct endpoint *endpoint)
{
	struct episode *last = NULL;

	for (size_t i = 0; i < m->episode_count; i++) {
		struct episode *e = &m->episode[i];

		if (e->ended_ns == 0 || endpoint_compare(&e->endpoint, endpoint) != 0)
			continue;
		if (last == NULL || e->ended_ns >= last->ended_ns)
			last = e;
	}
	return last;
}

/* Room for one more. What is lent suffices for the first only. */
static struct episode *
make_room(struct mapping *m)
{
	size_t bytes = (m->episode_count + 1) * sizeof(*m->episode);
	struct episode *grown;

	if (!m->lent)
		return realloc(m->episode, bytes);
	if (m->episode_count == 0)
		return m->episode;
	if ((grown = malloc(bytes)) != NULL)
		memcpy(grown, m->episode, bytes - sizeof(*grown));
	return grown;
}

int
episode_open(struct mapping *m, const struct endpoint *endpoint, struct episode **out)
{
	struct episode *grown = make_room(m);

	if (grown == NULL)
		return -ENOMEM;
	m->lent = m->lent && grown == m->episode;
	m->episode = grown;
	*out = &grown[m->episode_count++];
	**out = (struct episode){.endpoint = *endpoint};
	return ERR_OK;
}

static bool
find_client(const struct episode *e, const struct addr *client, uint32_t *at)
{
	uint32_t low = 0, high = e->client_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int r = addr_compare(client, &e->client[middle]);

		if (r == 0)
			return true;
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*at = low;
	return false;
}

/* The store does not have the one at ${at}; the marks of those behind it move with them. */
static void
note_client(struct episode *e, uint32_t at)
{
	uint64_t before = (UINT64_C(1) << at) - 1;

	e->clients_kept = (e->clients_kept & before) | (e->clients_kept & ~before) << 1;
}

static void
add_client(struct episode *e, const struct addr *client)
{
	struct addr *grown = NULL;
	uint32_t at;

	if (find_client(e, client, &at))
		return;
	if (e->client_count < CLIENTS_EXACT)
		grown = realloc(e->client, (e->client_count + 1) * sizeof(*grown));
	if (grown == NULL) {
		e->clients_estimated = true;
		return;
	}
	e->client = grown;
	memmove(&grown[at + 1], &grown[at], (e->client_count - at) * sizeof(*grown));
	grown[at] = *client;
	note_client(e, at);
	e->client_count++;
}

static void
count(struct episode *e, enum evidence_source source)
{
	if (evidence_uses(source))
		e->used++;
	else if (evidence_announces(source))
		e->announced++;
	else
		e->attempted++;
}

static void
see_again(struct episode *e, const struct sighting *s, const struct evidence *evidence)
{
	const char *note = s->annotation;

	e->last_ns = evidence->ts_ns;
	e->last = *evidence;
	e->last.source = s->source;
	e->minor = s->minor;
	if (note != NULL && note[0] != '\0')
		(void)text_clean(
		    (const uint8_t *)note, strlen(note), e->annotation, sizeof(e->annotation));
}

void
episode_see(struct episode *e, const struct sighting *s, const struct evidence *evidence)
{
	bool proven = episode_is_proven(e), proves = sighting_proves(s);
	bool first = !proven && (proves || e->attempted == 0);
	/* The first and the last sight of what is proven were those of two of its clients. */
	bool is_client = proven && (addr_equal(&e->last.client, &evidence->client) ||
				       addr_equal(&e->first.client, &evidence->client));

	e->dirty |= EPISODE_SEEN;
	count(e, s->source);
	if (proven && !proves)
		return;
	if (first || evidence->ts_ns < e->first_ns) {
		e->first_ns = evidence->ts_ns;
		e->first = *evidence;
		e->first.source = s->source;
	}
	if (first || evidence->ts_ns >= e->last_ns)
		see_again(e, s, evidence);
	if (proves && !is_client)
		add_client(e, &evidence->client);
}

void
episode_end(struct episode *e, int64_t ts_ns)
{
	e->ended_ns = ts_ns != 0 ? ts_ns : 1; /* 0 means alive, and a capture may say 1970 */
	e->dirty |= EPISODE_ENDED;
}

static int
compare(const void *a, const void *b)
{
	return endpoint_compare(a, b);
}

size_t
episode_set(const struct mapping *m, struct endpoint *out)
{
	size_t n = 0;

	for (size_t i = 0; i < m->episode_count; i++) {
		if (episode_in_set(&m->episode[i]))
			out[n++] = m->episode[i].endpoint;
	}
	if (n > 1)
		qsort(out, n, sizeof(*out), compare);
	return n;
}

/* Rows are given in the order of opening, so that equals are told apart however they were loaded.
 */
static bool
is_before(const struct episode *a, const struct episode *b)
{
	return a->ended_ns != b->ended_ns ? a->ended_ns < b->ended_ns : a->row < b->row;
}

static struct episode *
ended_first(struct mapping *m)
{
	struct episode *oldest = NULL;

	for (size_t i = 0; i < m->episode_count; i++) {
		struct episode *e = &m->episode[i];

		if (e->ended_ns == 0 || e->dirty != 0 || e->row == 0)
			continue;
		if (oldest == NULL || is_before(e, oldest))
			oldest = e;
	}
	return oldest;
}

void
episode_trim(struct mapping *m, size_t keep)
{
	while (m->episode_count > keep) {
		struct episode *e = ended_first(m);
		size_t at;

		if (e == NULL)
			return;
		at = (size_t)(e - m->episode);
		free(e->client);
		m->episode_count--;
		memmove(e, e + 1, (m->episode_count - at) * sizeof(*e));
	}
}

size_t
episode_bytes(const struct mapping *m)
{
	size_t bytes = 0;

	if (m->episode_count > 0 && !m->lent)
		bytes += m->episode_count * sizeof(m->episode[0]) + BLOCK;
	for (size_t i = 0; i < m->episode_count; i++) {
		if (m->episode[i].client_count > 0)
			bytes += m->episode[i].client_count * sizeof(struct addr) + BLOCK;
	}
	return bytes;
}
