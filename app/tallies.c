#include "app/tallies.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

struct tallies {
	size_t count, last; /* last: the one asked for last, less than count where there are any */
	struct entry {
		int64_t hour;
		uint8_t realm;
		struct tally tally;
	} entry[TALLIES];
};

int
tallies_new(struct tallies **out)
{
	/* entries are written before they are read, and most never are */
	*out = malloc(sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	(*out)->count = (*out)->last = 0;
	return 0;
}

void
tallies_free(struct tallies **t)
{
	free(*t);
	*t = NULL;
}

static bool
is_it(const struct entry *e, int64_t hour, uint8_t realm)
{
	return e->hour == hour && e->realm == realm;
}

/* From the newest on: time goes forward, more or less. */
static size_t
find(const struct tallies *t, int64_t hour, uint8_t realm)
{
	size_t i = t->count;

	while (i > 0 && !is_it(&t->entry[i - 1], hour, realm))
		i--;
	return i;
}

struct tally *
tallies_at(struct tallies *t, int64_t ts_ns, uint8_t realm)
{
	int64_t hour = tally_hour(ts_ns);
	size_t found;

	if (t->count > 0 && is_it(&t->entry[t->last], hour, realm))
		return &t->entry[t->last].tally;
	if ((found = find(t, hour, realm)) > 0) {
		t->last = found - 1;
	} else if (t->count < TALLIES) {
		t->last = t->count++;
		t->entry[t->last] = (struct entry){.hour = hour, .realm = realm};
	}
	return &t->entry[t->last].tally;
}

bool
tallies_is_filling(const struct tallies *t)
{
	return t->count > TALLIES / 2;
}

static bool
is_nothing(const struct tally *t)
{
	for (size_t i = 0; i < TALLY_NUMBERS; i++)
		if (t->n[i] != 0)
			return false;
	return true;
}

int
tallies_write(const struct tallies *t, struct store *store)
{
	int err = 0;

	for (size_t i = 0; i < t->count && err == 0; i++) {
		const struct entry *e = &t->entry[i];

		if (!is_nothing(&e->tally))
			err = store_add_tally(store, e->realm, e->hour, &e->tally);
	}
	return err;
}

void
tallies_clear(struct tallies *t)
{
	t->count = t->last = 0;
}
