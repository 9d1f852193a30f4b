/* rows_episodes.c - the rows of `list` and `history`: one an endpoint. */
#include "base/json.h"
#include "report/model/servers.h"
#include "report/model/standing.h"
#include "report/model/verdict.h"
#include "report/rows/parts.h"
#include "report/rows/rows_kind.h"
#include "store/query.h"

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
			    piece[i]->source, NULL);
	json_array_end(o);
}

void
rows_aliases(struct json *o, const struct server_facts *server)
{
	if (server == NULL || server->alias_count == 0)
		return;
	json_array_begin(o, "aliases");
	for (size_t i = 0; i < server->alias_count; i++)
		json_text(o, NULL, server->alias[i].name);
	json_array_end(o);
}

void
rows_of_episode(struct json *o, const struct query_episode *e, const struct server_facts *server,
    const struct verdict *verdict, bool history)
{
	char text[VERDICT_TEXT];

	json_object_begin(o, NULL);
	parts_text(o, "sensor", e->sensor);
	parts_text(o, "realm", e->realm);
	parts_addr(o, "server", &e->key.server);
	parts_text(o, "host", e->host);
	rows_aliases(o, server);
	parts_interface(o, &e->key.uuid, e->key.major, e->minor);
	parts_text(o, "annotation", e->annotation);
	parts_endpoint(o, (enum protseq)e->key.protseq, e->endpoint.port, e->endpoint.name);
	part_sightings(o, e);
	if (history)
		part_end(o, e);
	parts_text(o, "verdict", verdict_format(verdict, text));
	if (verdict->settling)
		json_bool(o, "settling", true);
}

static void
row_members(struct json *o, const struct query_episode *e, const struct server_facts *server,
    const struct verdict *verdict, bool history)
{
	rows_of_episode(o, e, server, verdict, history);
	part_evidence(o, e);
	json_object_end(o);
}

json_t *
rows_object(const struct query_episode *e, const struct server_facts *server,
    const struct verdict *verdict, bool history)
{
	struct json o = {0};
	json_t *row = NULL;

	row_members(&o, e, server, verdict, history);
	if (!o.failed)
		row = json_loadb(o.text, o.used, 0, NULL);
	json_free(&o);
	return row;
}

struct selection {
	struct rows_run *run;
	const struct standing *standing; /* NULL: history, which the policy alone judges */
};

static int
put_episode(void *ctx, const struct query_episode *e)
{
	const struct selection *s = ctx;
	const struct rows_options *options = s->run->options;
	struct verdict verdict;
	struct json row = {0};

	if (!rows_wanted(s->run, &e->key.uuid))
		return 0;
	standing_judge(s->standing, options->policy, e, &verdict);
	if (verdict_at_least(&verdict, options->fail_on))
		s->run->findings++;
	const struct servers_one *server =
	    servers_find(s->run->servers, e->sensor, e->realm, &e->key.server);
	row_members(&row, e, server != NULL ? &server->facts : NULL, &verdict, s->standing == NULL);
	return rows_put(s->run, &row);
}

static int
select_list(struct rows_run *run)
{
	struct standing *standing = NULL;
	int err = standing_read(&standing, run->store, run->options->policy, run->filter);
	struct selection s = {run, standing};

	if (err == 0)
		err = query_alive(run->store, run->filter, put_episode, &s);
	standing_free(&standing);
	return err;
}

/* At a time: what was alive then, and what became of it. */
static int
select_history(struct rows_run *run)
{
	struct selection s = {run, NULL};

	return (run->filter->at_ns != 0 ? query_alive : query_history)(
	    run->store, run->filter, put_episode, &s);
}

/* In the contract's order; what came later stands last. */
#define CELLS                                                                                      \
	{"sensor", NULL}, {"realm", NULL}, {"server", NULL}, {"host", NULL}, {"interface", NULL},  \
	    {"version", NULL}, {"service", NULL}, {"annotation", NULL}, {"protseq", NULL},         \
	    {"port", NULL}, {"endpoint", NULL}, {"confidence", NULL}, {"first_seen", NULL},        \
	    {"last_seen", NULL}, {"clients", NULL}, {"announced", NULL}, {"used", NULL},           \
	    {"attempted", NULL},                                                                   \
	{                                                                                          \
		"verdict", NULL                                                                    \
	}

static const struct rows_cell list_cells[] = {CELLS, {"aliases", NULL}};

static const struct rows_cell history_cells[] = {
    CELLS, {"ended", NULL}, {"why", NULL}, {"aliases", NULL}};

#define COLUMNS                                                                                    \
	{{"SENSOR", 20, false}, "sensor", NULL, false},                                            \
	    {{"REALM", 20, false}, "realm", NULL, false},                                          \
	    {{"SERVER", 0, false}, "server", NULL, false},                                         \
	    {{"HOST", 20, false}, "host", NULL, false},                                            \
	    {{"SERVICE", 0, false}, "service", NULL, false},                                       \
	    {{"INTERFACE", 0, false}, "interface", NULL, false},                                   \
	    {{"VERSION", 0, false}, "version", NULL, false},                                       \
	    {{"PROTSEQ", 0, false}, "protseq", NULL, false},                                       \
	    {{"ENDPOINT", 30, false}, "port", "endpoint", false},                                  \
	{                                                                                          \
		{"CONFIDENCE", 0, false}, "confidence", NULL, false                                \
	}

static const struct rows_column list_columns[] = {
    COLUMNS,
    {{"CLIENTS", 0, true}, "clients", NULL, false},
    {{"LAST SEEN (UTC)", 0, false}, "last_seen", NULL, true},
    {{"VERDICT", 0, false}, "verdict", NULL, false},
    {{"ANNOTATION", 40, false}, "annotation", NULL, false},
    {{"ALIASES", 40, false}, "aliases", NULL, false},
};

static const struct rows_column history_columns[] = {
    COLUMNS,
    {{"FIRST SEEN (UTC)", 0, false}, "first_seen", NULL, true},
    {{"LAST SEEN (UTC)", 0, false}, "last_seen", NULL, true},
    {{"ENDED (UTC)", 0, false}, "ended", NULL, true},
    {{"WHY", 0, false}, "why", NULL, false},
    {{"VERDICT", 0, false}, "verdict", NULL, false},
};

const struct rows_kind rows_list = {
    list_cells, list_columns, ROWS_COUNT(list_cells), ROWS_COUNT(list_columns), select_list};

const struct rows_kind rows_history = {history_cells, history_columns, ROWS_COUNT(history_cells),
    ROWS_COUNT(history_columns), select_history};
