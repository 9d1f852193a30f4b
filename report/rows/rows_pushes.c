/* rows_pushes.c - the rows of `pushes`: flows of new-mail datagrams, or the registrations for them, as the events have them, in
 * their latest state. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "report/model/array.h"
#include "report/model/newmail.h"
#include "report/model/servers.h"
#include "report/model/standing.h"
#include "report/rows/parts.h"
#include "report/rows/parts_push.h"
#include "report/rows/rows_kind.h"
#include "report/words/flow_id.h"
#include "store/query.h"
#include "track/policy.h"

/* A run over either, with what stands, and the clients that wait in vain. */
struct selection {
	struct rows_run *run;
	struct standing *standing;
	struct starving starving;
};

/* The rest of the row, and whether it is a finding. */
static int
row_end(struct rows_run *run, struct json *o, bool wrong, enum severity severity,
    const struct query_evidence *e)
{
	char flow[COMMUNITY_ID_TEXT];

	json_plain(o, "verdict", wrong ? "EPM-009" : "ok");
	if (wrong && severity >= run->options->fail_on)
		run->findings++;
	json_array_begin(o, "evidence");
	if (e->ts_ns != 0)
		parts_evidence(o, e->capture, e->frame, e->ts_ns, e->source, flow_id(e, flow));
	json_array_end(o);
	json_object_end(o);
	return rows_put(run, o);
}

static int
put_push(void *ctx, const struct query_push *row)
{
	const struct selection *s = ctx;
	const struct push *x = &row->push;
	struct json o = {0};
	bool wrong = newmail_is_wrong(s->run->options->policy, s->standing, row);

	parts_row_begin(&o, x->last_ns, row->sensor, row->realm);
	parts_text(&o, "host", row->host);
	rows_client_host(s->run, &o, &x->client);
	parts_push(&o, x, x->final);
	return row_end(
	    s->run, &o, wrong, x->registered ? SEVERITY_MEDIUM : SEVERITY_LOW, &row->first);
}

static int
select_pushes(struct rows_run *run)
{
	struct selection s = {.run = run};
	int err = standing_read(&s.standing, run->store, run->options->policy, run->filter);

	if (err == 0)
		err = query_pushes(run->store, run->filter, put_push, &s);
	standing_free(&s.standing);
	return err;
}

/* When it ended is not kept. It is to blame if nothing came for it, and it was there long enough when its client was found to starve. */
static bool
is_in_vain(const struct selection *s, const struct query_registration *row)
{
	const struct push_registration *x = &row->registration;
	const struct starving_one *one =
	    starving_find(&s->starving, row->sensor, row->realm, &x->server, &x->client);
	int64_t least_ns = s->run->options->policy->thresholds.registration_min_ns;

	return one != NULL && x->delivered == 0 && (x->final || x->silent) &&
	       (!x->answered || x->status == 0) && (x->sealed || x->has_address) &&
	       clock_minus(one->since_ns, least_ns) >= x->first_ns;
}

static int
put_registration(void *ctx, const struct query_registration *row)
{
	const struct selection *s = ctx;
	const struct push_registration *x = &row->registration;
	struct json o = {0};

	parts_row_begin(&o, x->last_ns, row->sensor, row->realm);
	parts_text(&o, "host", row->host);
	rows_client_host(s->run, &o, &x->client);
	parts_registration(&o, x, x->final);
	if (!x->final) {
		json_count(&o, "delivered", x->delivered);
		json_count(&o, "refused", x->refused);
	}
	return row_end(s->run, &o, is_in_vain(s, row), SEVERITY_MEDIUM, &row->first);
}

static int
select_registrations(struct rows_run *run)
{
	struct selection s = {.run = run};
	int err = standing_read(&s.standing, run->store, run->options->policy, run->filter);

	if (err == 0)
		err = starving_read(&s.starving, run->store, s.standing, run->filter);
	if (err == 0)
		err = query_registrations(run->store, run->filter, put_registration, &s);
	starving_deinit(&s.starving);
	standing_free(&s.standing);
	return err;
}

static const struct rows_cell push_cells[] = {
    {"timestamp", NULL},
    {"sensor", NULL},
    {"realm", NULL},
    {"server", NULL},
    {"host", NULL},
    {"server_port", NULL},
    {"last_port", NULL},
    {"client", NULL},
    {"client_port", NULL},
    {"confidence", NULL},
    {"context", NULL},
    {"payload_len", NULL},
    {"count", NULL},
    {"refused", NULL},
    {"first_seen", NULL},
    {"last_seen", NULL},
    {"state", NULL},
    {"alternative", NULL},
    {"verdict", NULL},
};

static const struct rows_column push_columns[] = {
    {{"SENSOR", 20, false}, "sensor", NULL, false},
    {{"REALM", 20, false}, "realm", NULL, false},
    {{"SERVER", 0, false}, "server", NULL, false},
    {{"HOST", 20, false}, "host", NULL, false},
    {{"PORT", 0, true}, "server_port", NULL, false},
    {{"CLIENT", 0, false}, "client", NULL, false},
    {{"CLIENT HOST", 20, false}, "client_host", NULL, false},
    {{"PORT", 0, true}, "client_port", NULL, false},
    {{"CONFIDENCE", 0, false}, "confidence", NULL, false},
    {{"CONTEXT", 34, false}, "context", NULL, false},
    {{"COUNT", 0, true}, "count", NULL, false},
    {{"REFUSED", 0, true}, "refused", NULL, false},
    {{"FIRST SEEN (UTC)", 0, false}, "first_seen", NULL, true},
    {{"LAST SEEN (UTC)", 0, false}, "last_seen", NULL, true},
    {{"STATE", 0, false}, "state", NULL, false},
    {{"VERDICT", 0, false}, "verdict", NULL, false},
};

const struct rows_kind rows_pushes = {
    push_cells, push_columns, ROWS_COUNT(push_cells), ROWS_COUNT(push_columns), select_pushes};

static const struct rows_cell registration_cells[] = {
    {"timestamp", NULL},
    {"sensor", NULL},
    {"realm", NULL},
    {"server", NULL},
    {"host", NULL},
    {"client", NULL},
    {"address", NULL},
    {"port", NULL},
    {"context", NULL},
    {"context_len", NULL},
    {"sealed", NULL},
    {"mask", NULL},
    {"status", NULL},
    {"delivered", NULL},
    {"refused", NULL},
    {"first_seen", NULL},
    {"last_seen", NULL},
    {"state", NULL},
    {"alternative", NULL},
    {"verdict", NULL},
};

static const struct rows_column registration_columns[] = {
    {{"SENSOR", 20, false}, "sensor", NULL, false},
    {{"REALM", 20, false}, "realm", NULL, false},
    {{"SERVER", 0, false}, "server", NULL, false},
    {{"HOST", 20, false}, "host", NULL, false},
    {{"CLIENT", 0, false}, "client", NULL, false},
    {{"CLIENT HOST", 20, false}, "client_host", NULL, false},
    {{"ADDRESS", 0, false}, "address", NULL, false},
    {{"PORT", 0, true}, "port", NULL, false},
    {{"CONTEXT", 34, false}, "context", NULL, false},
    {{"STATUS", 0, true}, "status", NULL, false},
    {{"DELIVERED", 0, true}, "delivered", NULL, false},
    {{"REFUSED", 0, true}, "refused", NULL, false},
    {{"FIRST SEEN (UTC)", 0, false}, "first_seen", NULL, true},
    {{"LAST SEEN (UTC)", 0, false}, "last_seen", NULL, true},
    {{"STATE", 0, false}, "state", NULL, false},
    {{"VERDICT", 0, false}, "verdict", NULL, false},
};

const struct rows_kind rows_registrations = {registration_cells, registration_columns,
    ROWS_COUNT(registration_cells), ROWS_COUNT(registration_columns), select_registrations};
