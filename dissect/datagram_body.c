#include "dissect/datagram_body.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/budget.h"
#include "dissect/datagram.h"

struct datagram_piece {
	struct datagram_piece *next;
	uint16_t number;
	bool last;
	size_t len;
	uint8_t octets[];
};

static void
piece_free(struct datagram_piece *piece, struct budget *budget)
{
	budget_give(budget, sizeof(*piece) + piece->len);
	free(piece);
}

static struct datagram_piece *
piece_new(const struct datagram *dg, struct budget *budget)
{
	struct datagram_piece *piece;
	size_t size = sizeof(*piece) + dg->body_len;

	if (!budget_take(budget, size))
		return NULL;
	piece = malloc(size);
	if (piece == NULL) {
		budget_give(budget, size);
		return NULL;
	}
	piece->next = NULL;
	piece->number = dg->fragment;
	piece->last = (dg->flags & DATAGRAM_LAST_FRAG) != 0;
	piece->len = dg->body_len;
	if (dg->body_len != 0)
		memcpy(piece->octets, dg->body, dg->body_len);
	return piece;
}

void
datagram_body_free(struct datagram_body *b, struct budget *budget)
{
	while (b->ahead != NULL) {
		struct datagram_piece *piece = b->ahead;

		b->ahead = piece->next;
		piece_free(piece, budget);
	}
	buffer_free(&b->octets, budget);
	*b = (struct datagram_body){0};
}

static enum datagram_progress
give_up(struct datagram_body *b, struct budget *budget)
{
	datagram_body_free(b, budget);
	b->broken = true;
	return DATAGRAM_BROKE;
}

/* Keep a fragment that is ahead of its turn. The first copy of it counts. */
static bool
hold(struct datagram_body *b, struct budget *budget, const struct datagram *dg)
{
	struct datagram_piece **link = &b->ahead, *piece;

	while (*link != NULL && (*link)->number < dg->fragment)
		link = &(*link)->next;
	if (*link != NULL && (*link)->number == dg->fragment)
		return true;
	piece = b->held < DATAGRAM_AHEAD ? piece_new(dg, budget) : NULL;
	if (piece == NULL)
		return false;
	piece->next = *link;
	*link = piece;
	b->held++;
	return true;
}

static bool
append(
    struct datagram_body *b, struct budget *budget, const uint8_t *octets, size_t len, size_t most)
{
	if (len > most - b->octets.len || !buffer_add(&b->octets, budget, octets, len))
		return false;
	b->next++;
	return true;
}

/* Append what was held and has its turn now. */
static enum datagram_progress
catch_up(struct datagram_body *b, struct budget *budget, size_t most)
{
	while (b->ahead != NULL && b->ahead->number == b->next) {
		struct datagram_piece *piece = b->ahead;
		bool last = piece->last, good = append(b, budget, piece->octets, piece->len, most);

		b->ahead = piece->next;
		b->held--;
		piece_free(piece, budget);
		if (!good)
			return give_up(b, budget);
		if (last)
			return DATAGRAM_DONE;
	}
	return DATAGRAM_MORE;
}

enum datagram_progress
datagram_body_add(
    struct datagram_body *b, struct budget *budget, const struct datagram *dg, size_t most)
{
	bool last = datagram_is_whole(dg) || (dg->flags & DATAGRAM_LAST_FRAG) != 0;

	if (b->broken || (!datagram_is_whole(dg) && dg->fragment < b->next))
		return DATAGRAM_MORE;
	if (dg->cut)
		return give_up(b, budget);
	if (datagram_is_whole(dg))
		datagram_body_free(b, budget);
	else if (dg->fragment > b->next)
		return hold(b, budget, dg) ? DATAGRAM_MORE : give_up(b, budget);
	if (b->next == 0)
		b->le = dg->le;
	if (!append(b, budget, dg->body, dg->body_len, most))
		return give_up(b, budget);
	return last ? DATAGRAM_DONE : catch_up(b, budget, most);
}
