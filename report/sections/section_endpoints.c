/* section_endpoints.c - what is there, a server at a time, as it is read from the store. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/document/document.h"
#include "report/figures/figures.h"
#include "report/model/model.h"
#include "report/model/servers.h"
#include "report/sections/ended.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"

enum {
	ROWS_OF_SERVER = 250, /* what is out of policy first: a forged server may have any number */
	ROWS_OF_LARGE = 1500, /* of all servers of a large estate */
	VERB = 64 + ADDR_TEXT,
};

static const struct document_column columns[] = {
    {"Service", false, false},
    {"Version", false, true},
    {"Interface", false, true},
    {"Endpoint", false, false},
    {"First seen (UTC)", false, true},
    {"Last seen (UTC)", false, true},
    {"Proof", false, false},
    {"Verdict", false, false},
};

static void
verdict_cell(struct line *l, const struct verdict *v)
{
	char text[VERDICT_TEXT];

	line_add(l, v->count > 0 ? ROLE_BAD : ROLE_GOOD, "%s", verdict_words(v, text));
}

static void
endpoint_row(struct document *d, const struct report_endpoint *e)
{
	struct line *cell = document_cells(d);
	char uuid[UUID_TEXT], place[ENDPOINT_TEXT];

	phrase_interface(&cell[0], e->service, &e->row.key.uuid);
	line_add(&cell[1], ROLE_PLAIN, "%u.%u", e->row.key.major, e->row.minor);
	line_add(&cell[2], ROLE_CODE, "%s", uuid_format(&e->row.key.uuid, uuid));
	line_add(&cell[3], ROLE_CODE, "%s[%s]", protseq_name((enum protseq)e->row.key.protseq),
	    endpoint_format(&e->row.endpoint, place));
	phrase_time(&cell[4], e->row.first_ns);
	phrase_time(&cell[5], e->row.last_ns);
	line_add(&cell[6], ROLE_PLAIN, "%s", confidence_name(e->row.confidence));
	verdict_cell(&cell[7], &e->verdict);
	document_row(d, cell);
}

/* How many rows there is room for, of those that are out of policy and of the others. */
struct room {
	size_t wrong, right;
};

static struct room
room_of(const struct report_endpoint *e, size_t count)
{
	struct room room = {.right = ROWS_OF_SERVER};

	for (size_t i = 0; i < count && room.right > 0; i++) {
		if (e[i].verdict.count == 0)
			continue;
		room.wrong++;
		room.right--;
	}
	return room;
}

static bool
room_take(struct room *room, const struct report_endpoint *e)
{
	size_t *which = e->verdict.count > 0 ? &room->wrong : &room->right;

	if (*which == 0)
		return false;
	--*which;
	return true;
}

static void
endpoints_left(struct document *d, const struct addr *server, size_t left)
{
	char verb[VERB], address[ADDR_TEXT];

	snprintf(verb, sizeof(verb), "list --server %s", addr_format(server, address));
	phrase_left(d, left, "endpoint", verb);
}

/* How many rows it has. */
static size_t
server_table(struct document *d, const struct report_endpoint *e, size_t count)
{
	struct room room = room_of(e, count);
	size_t rows = 0, left = 0;
	bool mapper = false;

	document_table(
	    d, columns, sizeof(columns) / sizeof(columns[0]), "Endpoints of this server");
	for (size_t i = 0; i < count; i++) {
		/* The endpoint mapper is where it always is, on all that it speaks: one row. */
		if (report_is_mapper(&e[i].row.key, &e[i].row.endpoint)) {
			if (mapper)
				continue;
			mapper = true;
		}
		if (!room_take(&room, &e[i])) {
			left++;
			continue;
		}
		endpoint_row(d, &e[i]);
		rows++;
	}
	document_table_end(d);
	endpoints_left(d, &e->row.key.server, left);
	return rows;
}

static void
aliases_fact(struct document *d, const struct server_facts *f)
{
	struct line l = {0};

	for (size_t i = 0; i < f->alias_count; i++)
		line_add(phrase_comma(&l), ROLE_CODE, "%s", f->alias[i].name);
	if (l.used > 0)
		document_fact(d, "aliases", &l);
}

static void
sealed_fact(struct document *d, const struct server_facts *f)
{
	struct line l = {0};

	if (f->sealed == 0)
		return;
	line_add(&l, ROLE_PLAIN, "%" PRIu64 " call%s of this server could not be read: sealed",
	    f->sealed, phrase_plural(f->sealed));
	if (f->sealed_mapper >= f->sealed)
		line_add(&l, ROLE_PLAIN, ",%s to its endpoint mapper",
		    f->sealed == 1 ? "" : " all of them");
	else if (f->sealed_mapper > 0)
		line_add(&l, ROLE_PLAIN, ", %" PRIu64 " of them to its endpoint mapper",
		    f->sealed_mapper);
	document_fact(d, "sealed", &l);
}

static void
server_part(struct document *d, const char *realm, const struct server_facts *f)
{
	struct line l = {0};

	document_part(d, phrase_server(&l, &f->server, f->host, realm));
	aliases_fact(d, f);
	sealed_fact(d, f);
}

/* The section as it is written. */
struct writing {
	struct document *d;
	size_t servers, rows, left;
	bool *listed; /* of each of servers_all() */
};

static int
server_write(void *ctx, const struct report_endpoint *e, size_t count)
{
	struct writing *w = ctx;
	const struct report *r = document_report(w->d);
	const struct query_episode *row = &e->row;
	const struct servers_one *one =
	    servers_find(r->servers, row->sensor, row->realm, &row->key.server);
	const struct server_facts bare = {.server = row->key.server};
	const struct report_server about = {row->sensor, row->realm, row->key.server};
	size_t all;

	if (report_is_large(r) && w->rows >= ROWS_OF_LARGE) {
		w->left++;
		return 0;
	}
	server_part(w->d, row->realm, one != NULL ? &one->facts : &bare);
	document_figure(w->d, FIGURE_TIMELINES, &about);
	w->rows += server_table(w->d, e, count);
	if (document_draws(w->d))
		ended_write(w->d, &about);
	w->servers++;
	if (one != NULL)
		w->listed[one - servers_all(r->servers, &all)] = true;
	return document_error(w->d);
}

/* Servers without an endpoint, whose calls could not be read. */
static void
sealed_write(struct writing *w)
{
	size_t count;
	const struct servers_one *one = servers_all(document_report(w->d)->servers, &count);

	for (size_t i = 0; i < count; i++)
		if (!w->listed[i] && one[i].facts.sealed > 0)
			server_part(w->d, one[i].realm, &one[i].facts);
}

void
section_endpoints(struct document *d)
{
	const struct report *r = document_report(d);
	struct writing w = {.d = d};
	bool few = r->options.since_ns != 0 || report_is_large(r);
	struct line l = {0};
	size_t count, left;

	(void)servers_all(r->servers, &count);
	w.listed = calloc(count + 1, sizeof(*w.listed));
	if (w.listed == NULL) {
		document_fail(d, -ENOMEM);
		return;
	}
	if (few)
		document_say(
		    d, line_add(&l, ROLE_MUTED, "of the servers that this report speaks of"));
	int err = report_worst_servers(r, server_write, &w, &left);
	if (err != 0)
		document_fail(d, err);
	if (!few)
		sealed_write(&w);
	if (w.servers == 0)
		document_say(d, line_add(line_clear(&l), ROLE_PLAIN, "none"));
	phrase_left(d, left + w.left, "server", "list");
	free(w.listed);
}
