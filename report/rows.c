/* rows.c - select, judge, describe, and hand on to the format. */
#include "report/rows.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "report/parts.h"
#include "report/servers.h"
#include "report/standing.h"
#include "report/verdict.h"
#include "store/query.h"
#include "track/service.h"

static const struct rows_ops *const formats[] = {&rows_text_ops, &rows_json_ops, &rows_csv_ops};

const struct rows_ops *
rows_format(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

static void
part_sightings(struct json *o, const struct query_episode *e)
{
	parts_text(o, "confidence", confidence_name(e->confidence));
	parts_time(o, "first_seen", e->first_ns);
	parts_time(o, "last_seen", e->last_ns);
	json_count(o, "clients", e->clients);
	if (e->clients_estimated)
		json_bool(o, "clients_estimated", true);
	json_count(o, "announced", e->announced);
	json_count(o, "used", e->used);
	json_count(o, "attempted", e->attempted);
}

static void
part_end(struct json *o, const struct query_episode *e)
{
	if (e->ended_ns == 0) {
		json_nothing(o, "ended");
		json_nothing(o, "why");
		return;
	}
	parts_time(o, "ended", e->ended_ns);
	parts_text(o, "why", change_kind_name(e->why));
}

static void
part_evidence(struct json *o, const struct query_episode *e)
{
	const struct query_evidence *piece[] = {&e->first, &e->last};

	json_array_begin(o, "evidence");
	for (size_t i = 0; i < 2; i++)
		if (piece[i]->ts_ns != 0)
			parts_evidence(o, piece[i]->capture, piece[i]->frame, piece[i]->ts_ns,
			    piece[i]->source);
	json_array_end(o);
}

static void
part_aliases(struct json *o, const struct server_facts *server)
{
	if (server == NULL || server->alias_count == 0)
		return;
	json_array_begin(o, "aliases");
	for (size_t i = 0; i < server->alias_count; i++)
		json_text(o, NULL, server->alias[i].name);
	json_array_end(o);
}

static void
row_members(struct json *o, const struct query_episode *e, const struct server_facts *server,
    const struct verdict *verdict, bool history)
{
	char text[VERDICT_TEXT];

	parts_text(o, "sensor", e->sensor);
	parts_text(o, "realm", e->realm);
	parts_addr(o, "server", &e->key.server);
	parts_text(o, "host", e->host);
	part_aliases(o, server);
	parts_interface(o, &e->key.uuid, e->key.major, e->minor);
	parts_text(o, "annotation", e->annotation);
	parts_endpoint(o, (enum protseq)e->key.protseq, e->endpoint.port, e->endpoint.name);
	part_sightings(o, e);
	if (history)
		part_end(o, e);
	parts_text(o, "verdict", verdict_format(verdict, text));
	if (verdict->settling)
		json_bool(o, "settling", true);
	part_evidence(o, e);
}

json_t *
rows_object(const struct query_episode *e, const struct server_facts *server,
    const struct verdict *verdict, bool history)
{
	struct json o = {0};
	json_t *row = NULL;

	json_object_begin(&o, NULL);
	row_members(&o, e, server, verdict, history);
	json_object_end(&o);
	if (!o.failed)
		row = json_loadb(o.text, o.used, 0, NULL);
	json_free(&o);
	return row;
}

struct writing {
	const struct rows_ops *ops;
	const struct rows_options *options;
	const struct standing *standing; /* NULL: the policy alone judges */
	const struct servers *servers;
	struct rows_state state;
	size_t findings;
};

static bool
wanted(const struct rows_options *options, const struct query_episode *e)
{
	if (options->service == NULL)
		return true;
	const struct service *service = service_find(&e->key.uuid);
	return service != NULL && strcasecmp(service->name, options->service) == 0;
}

static int
write_row(void *ctx, const struct query_episode *e)
{
	struct writing *w = ctx;
	struct verdict verdict;

	if (!wanted(w->options, e))
		return 0;
	verdict_judge(w->options->policy, &e->key, &e->endpoint, e->confidence,
	    w->standing == NULL ? VERDICT_BY_POLICY : standing_basis(w->standing, e), &verdict);
	if (verdict_at_least(&verdict, w->options->fail_on))
		w->findings++;
	const struct servers_one *server =
	    servers_find(w->servers, e->sensor, e->realm, &e->key.server);
	json_t *row =
	    rows_object(e, server != NULL ? &server->facts : NULL, &verdict, w->options->history);
	if (row == NULL)
		return -ENOMEM;
	int err = w->ops->row(&w->state, row);
	json_decref(row);
	w->state.count++;
	return err != 0 ? err : ferror(w->state.out) ? -EIO : 0;
}

static int
write_rows(struct writing *w, struct store *store, const struct query_filter *filter)
{
	bool history = w->options->history;
	int err = w->ops->begin(&w->state);

	if (err == 0)
		err = (history ? query_history : query_alive)(store, filter, write_row, w);
	/* The format frees what it holds in end(), so that is called in any case. */
	int ended = w->ops->end(&w->state);
	if (err == 0)
		err = ended;
	if (err == 0 && (fflush(w->options->out) != 0 || ferror(w->options->out)))
		err = -EIO;
	return err;
}

int
rows_write(struct store *store, const struct query_filter *filter, const struct rows_ops *ops,
    const struct rows_options *options, size_t *findings)
{
	struct writing w = {.ops = ops, .options = options};
	struct standing *standing = NULL;
	struct servers *servers = NULL;
	int err = servers_read(&servers, store, filter);

	*findings = 0;
	w.state = (struct rows_state){.out = options->out, .history = options->history};
	if (err == 0 && !options->history)
		err = standing_read(&standing, store, options->policy, filter);
	w.standing = standing;
	w.servers = servers;
	if (err == 0)
		err = write_rows(&w, store, filter);
	standing_free(&standing);
	servers_free(&servers);
	*findings = w.findings;
	return err;
}
