/* rows_sessions.c - the rows of `sessions`: what netstat shows on a server, seen from outside. */
#include <strings.h>

#include "base/json.h"
#include "report/model/kinds.h"
#include "report/rows/parts.h"
#include "report/rows/rows_kind.h"
#include "report/words/words.h"
#include "store/query.h"

/* A run over sessions, with what hosts do. */
struct selection {
	struct rows_run *run;
	struct kinds *kinds;
};

static void
part_auth(struct json *o, const struct session *s)
{
	char number[WORDS_NUMBER];

	if (!s->authenticated)
		return;
	json_object_begin(o, "auth");
	parts_text(o, "type", words_auth_type(s->auth_type, number));
	parts_text(o, "level", words_auth_level(s->auth_level, number));
	json_object_end(o);
}

/* An interface, or what is spoken in its place. */
static void
part_what(struct json *o, const struct session *s)
{
	if (s->protocol[0] != '\0')
		parts_text(o, "service", s->protocol);
	else
		parts_interface(o, &s->uuid, s->major, s->minor);
}

static bool
session_wanted(const struct rows_run *run, const struct session *s)
{
	const char *service = run->options->service;

	if (s->protocol[0] != '\0' && service != NULL)
		return strcasecmp(service, s->protocol) == 0;
	return rows_wanted(run, &s->uuid);
}

static int
put_session(void *ctx, const struct query_session *row)
{
	const struct selection *selection = ctx;
	struct rows_run *run = selection->run;
	const struct session *s = &row->session;
	struct json o = {0};

	if (!session_wanted(run, s))
		return 0;
	json_object_begin(&o, NULL);
	parts_text(&o, "sensor", row->sensor);
	parts_text(&o, "realm", row->realm);
	parts_addr(&o, "client", &s->client);
	rows_client_host(run, &o, &s->client);
	json_count(&o, "client_port", s->client_port);
	parts_addr(&o, "server", &s->server);
	parts_text(&o, "host", row->host);
	if (s->pipe[0] == '\0')
		json_count(&o, "server_port", s->server_port);
	else
		parts_text(&o, "pipe", s->pipe);
	part_what(&o, s);
	parts_protseq(&o, (enum protseq)s->protseq);
	parts_text(&o, "kind", kinds_name(kinds_of(selection->kinds, row)));
	part_auth(&o, s);
	json_count(&o, "count", s->count);
	parts_time(&o, "first_seen", s->first_ns);
	parts_time(&o, "last_seen", s->last_ns);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
select_sessions(struct rows_run *run)
{
	struct selection s = {.run = run};
	int err = kinds_read(&s.kinds, run->store, run->filter);

	if (err == 0)
		err = query_sessions(run->store, run->filter, put_session, &s);
	kinds_free(&s.kinds);
	return err;
}

static const struct rows_cell cells[] = {
    {"sensor", NULL},
    {"realm", NULL},
    {"client", NULL},
    {"client_port", NULL},
    {"server", NULL},
    {"host", NULL},
    {"server_port", NULL},
    {"pipe", NULL},
    {"interface", NULL},
    {"version", NULL},
    {"service", NULL},
    {"protseq", NULL},
    {"auth", "type"},
    {"auth", "level"},
    {"count", NULL},
    {"first_seen", NULL},
    {"last_seen", NULL},
    {"kind", NULL},
};

static const struct rows_column columns[] = {
    {{"SENSOR", 20, false}, "sensor", NULL, false},
    {{"REALM", 20, false}, "realm", NULL, false},
    {{"CLIENT", 0, false}, "client", NULL, false},
    {{"CLIENT HOST", 20, false}, "client_host", NULL, false},
    {{"PORT", 0, true}, "client_port", NULL, false},
    {{"SERVER", 0, false}, "server", NULL, false},
    {{"HOST", 20, false}, "host", NULL, false},
    {{"ENDPOINT", 30, true}, "server_port", "pipe", false},
    {{"SERVICE", 0, false}, "service", NULL, false},
    {{"INTERFACE", 0, false}, "interface", NULL, false},
    {{"KIND", 0, false}, "kind", NULL, false},
    {{"AUTH", 0, false}, "auth", NULL, false},
    {{"COUNT", 0, true}, "count", NULL, false},
    {{"FIRST SEEN (UTC)", 0, false}, "first_seen", NULL, true},
    {{"LAST SEEN (UTC)", 0, false}, "last_seen", NULL, true},
};

const struct rows_kind rows_sessions = {
    cells, columns, ROWS_COUNT(cells), ROWS_COUNT(columns), select_sessions};
