/* segments.c - mappings, and how many use them. */
#include "capture/segments.h"

#include <stddef.h>

#include "base/err.h"
#include "capture/mapping.h"

void
segments_leave(struct mapping **m)
{
	if (*m != NULL && --(*m)->users == 0)
		mapping_close(m);
	*m = NULL;
}

static int
map(struct segments *s, uint64_t from, uint64_t size)
{
	uint64_t len = s->length + s->more;
	struct mapping *m;
	int err;

	if (len > size - from)
		len = size - from;
	err = mapping_open(&m, s->fd, from, (size_t)len);
	if (err != ERR_OK)
		return err;
	segments_leave(&s->latest);
	s->latest = m;
	m->users = 1;
	return ERR_OK;
}

int
segments_enter(struct segments *s, uint64_t offset, uint64_t size, struct mapping **out)
{
	uint64_t from = offset - offset % s->length;

	if (s->latest == NULL || s->latest->from != from) {
		int err = map(s, from, size);

		if (err != ERR_OK)
			return err;
	}
	*out = s->latest;
	s->latest->users++;
	return ERR_OK;
}
