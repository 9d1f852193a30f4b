/* member.c - one capture of a chain. */
#include "capture/member.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/packet.h"

int
member_open(struct member *m, const char *filter, char problem[SOURCE_PROBLEM])
{
	int err = source_open(&m->source, m->path, filter);

	if (err == ERR_OK) {
		m->good = true;
		m->first_ns = source_first_ns(m->source);
		return ERR_OK;
	}
	snprintf(problem, SOURCE_PROBLEM, "%s", source_problem(m->source));
	source_close(&m->source);
	return err;
}

void
member_close(struct member *m)
{
	if (m->source != NULL)
		source_progress(m->source, &m->last);
	source_close(&m->source);
	free(m->held);
	m->held = NULL;
}

void
member_deinit(struct member *m)
{
	member_close(m);
	free(m->path);
	m->path = NULL;
}

const struct packet *
member_head(const struct member *m)
{
	if (m->held == NULL || m->next >= m->held->count)
		return NULL;
	return &m->held->packet[m->next];
}

static bool
has_room(struct member *m)
{
	m->next = 0;
	if (m->held == NULL)
		m->held = malloc(sizeof(*m->held));
	if (m->held != NULL)
		m->held->count = 0;
	return m->held != NULL;
}

int
member_fill(struct member *m)
{
	return has_room(m) ? source_next(m->source, m->held) : -ENOMEM;
}

int
member_hold(struct member *m, const struct batch *batch)
{
	if (!has_room(m))
		return -ENOMEM;
	m->held->count = batch->count;
	memcpy(m->held->packet, batch->packet, batch->count * sizeof(batch->packet[0]));
	return ERR_OK;
}

void
member_progress(const struct member *m, struct source_progress *out)
{
	const struct packet *head = member_head(m);

	if (m->source == NULL) {
		*out = m->last;
		return;
	}
	source_progress(m->source, out);
	/* The source is ahead of the chain by what is held here. */
	if (head != NULL)
		out->frames = head->frame - 1;
}
