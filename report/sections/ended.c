/* ended.c - read from the store as they are written. */
#include "report/sections/ended.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/document/document.h"
#include "report/figures/figures.h"
#include "report/model/model.h"
#include "report/sections/phrase.h"

enum {
	ENDED = 200,    /* of one server */
	ENDED_FEW = 12, /* ... where there are many servers */
	SERVERS_MANY = 20,
};

static const struct document_column columns[] = {
    {"Service", false, false},
    {"Endpoint", false, false},
    {"First seen (UTC)", false, false},
    {"Last seen (UTC)", false, false},
    {"Why", false, false},
    {"Rules", false, false},
};

/* The newest of one server, the last to end first. */
struct ended {
	struct document *d;
	size_t total, count, most;
	struct query_episode row[ENDED]; /* without what is borrowed */
};

/* Those that ended at one time stand as the store tells them. */
static void
ended_insert(struct ended *x, const struct query_episode *e)
{
	size_t at = x->count;

	while (at > 0 && x->row[at - 1].ended_ns < e->ended_ns)
		at--;
	if (at == x->most)
		return;
	x->count += x->count < x->most;
	memmove(&x->row[at + 1], &x->row[at], (x->count - 1 - at) * sizeof(x->row[0]));
	x->row[at] = *e;
}

static int
episode_told(void *ctx, const struct query_episode *e)
{
	struct ended *x = ctx;
	int64_t until_ns = document_report(x->d)->options.until_ns;

	/* What ended later was alive. */
	if (e->ended_ns == 0 || (until_ns != 0 && e->ended_ns >= until_ns))
		return 0;
	x->total++;
	ended_insert(x, e);
	return 0;
}

static void
ended_row(struct document *d, const struct query_episode *e)
{
	struct line *cell = document_cells(d);
	char place[ENDPOINT_TEXT];
	struct verdict wrong;

	phrase_interface(&cell[0], report_service(&e->key.uuid), &e->key.uuid);
	line_add(&cell[1], ROLE_CODE, "%s[%s]", protseq_name((enum protseq)e->key.protseq),
	    endpoint_format(&e->endpoint, place));
	phrase_time(&cell[2], e->first_ns);
	phrase_time(&cell[3], e->last_ns);
	line_add(&cell[4], ROLE_PLAIN, "%s", change_kind_name(e->why));
	verdict_by_policy(document_report(d)->judge, &e->key, &e->endpoint, e->confidence, &wrong);
	phrase_rules(&cell[5], &wrong);
	document_row(d, cell);
}

static void
ended_table(struct document *d, const struct ended *x)
{
	if (x->count == 0)
		return;
	document_table(d, columns, sizeof(columns) / sizeof(columns[0]), "Endpoints that ended");
	for (size_t i = 0; i < x->count; i++)
		ended_row(d, &x->row[i]);
	document_table_end(d);
	phrase_left(d, x->total - x->count, NULL, "history");
}

void
ended_write(struct document *d, const struct report_server *s)
{
	const struct report *r = document_report(d);
	const struct query_filter filter =
	    report_period_of(r, s->sensor, s->realm, &s->server);
	struct ended *x = calloc(1, sizeof(*x));

	if (x == NULL) {
		document_fail(d, -ENOMEM);
		return;
	}
	x->d = d;
	x->most = r->fleet_count > SERVERS_MANY ? ENDED_FEW : ENDED;
	int err = query_history(r->store, &filter, episode_told, x);
	if (err != 0)
		document_fail(d, err);
	ended_table(d, x);
	free(x);
}
