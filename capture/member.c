/* member.c - one capture of a chain. */
#include "capture/member.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/packet.h"

int
member_open(struct member *m, const struct source_options *options, uint32_t index,
    char problem[SOURCE_PROBLEM])
{
	int err = source_open(&m->source, m->path, options, index);

	if (err == ERR_OK) {
		struct source_progress progress;

		source_progress(m->source, &progress);
		m->good = true;
		m->memory = progress.memory;
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

int
member_fill(struct member *m)
{
	m->next = 0;
	m->held = NULL;
	return source_next(m->source, &m->held);
}

void
member_hold(struct member *m, struct batch *batch)
{
	m->next = 0;
	m->held = batch;
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
