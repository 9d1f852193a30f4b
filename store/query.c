/* query.c - see query.h. Each query has a statement of its own, so that a callback may run another.
 */
#include "store/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hosts.h"
#include "store/column.h"
#include "store/evidence.h"
#include "store/keep.h"
#include "store/param.h"
#include "store/query_run.h"
#include "store/record.h"
#include "store/set.h"
#include "store/state.h"

/* Parameters 1 to 6: what a row has to be. */
static void
query_filter_key(struct param *p, const struct query_filter *f)
{
	param_text(p, f->sensor, SIZE_MAX);
	param_text(p, f->realm, SIZE_MAX);
	param_octets(p, f->has_server ? f->server.b : NULL, sizeof(f->server.b));
	param_octets(p, f->has_uuid ? f->uuid.b : NULL, sizeof(f->uuid.b));
	param_nonzero(p, f->protseq);
	if (f->has_port)
		param_int(p, f->port);
	else
		param_null(p);
}

void
query_run_span(struct param *p, int64_t since_ns, int64_t until_ns)
{
	param_int(p, since_ns != 0 ? since_ns : INT64_MIN);
	param_int(p, until_ns != 0 ? until_ns : INT64_MAX);
}

int
query_run_start(struct store *s, enum statement which, const struct query_filter *f, struct param *p)
{
	sqlite3_stmt *st;
	int err = incoming_settle(s);

	if (err != 0 || (err = statement_borrow(s, which, &st)) != 0)
		return err;
	*p = param_init(st);
	query_filter_key(p, f);
	return 0;
}

void
query_run_end(struct store *s, enum statement which, const struct param *p)
{
	statement_return(s, which, p->st);
}

const char *
query_run_host(const struct store *s, const char *host, const struct addr *server)
{
	return host != NULL ? host : hosts_find(s->hosts, server);
}

/* What episode_confidence() looks at is all that is read of it here. */
static enum confidence
query_confidence(const struct query_episode *e)
{
	const struct episode counted = {
	    .announced = e->announced, .used = e->used, .attempted = e->attempted};

	return episode_confidence(&counted);
}

/* The evidence of both sights, and the names of their captures behind it. */
static void
query_episode_evidence(
    const struct store *s, struct column *c, bool seen_once, struct query_episode *out)
{
	struct evidence first, last;
	const char *first_capture, *last_capture;

	evidence_column(s, c, out->first_ns, &first);
	evidence_column(s, c, out->last_ns, &last);
	first_capture = column_shown(c);
	last_capture = column_shown(c);
	evidence_query(&first, first_capture, &out->key.server, &out->first);
	evidence_query(&last, last_capture, &out->key.server, &out->last);
	if (seen_once) {
		out->last_ns = out->first_ns;
		out->last = out->first;
	}
}

static void
query_episode_columns(const struct store *s, struct column *c, struct query_episode *out)
{
	bool seen_once;

	memset(out, 0, sizeof(*out));
	out->sensor = column_shown(c);
	out->realm = column_shown(c);
	out->host = column_shown(c);
	record_key(c, run_realm_of(s, out->sensor, out->realm), &out->key);
	out->host = query_run_host(s, out->host, &out->key.server);
	out->minor = column_u16(c);
	out->annotation = column_shown(c);
	out->endpoint.port = column_u16(c);
	column_copy(c, out->endpoint.name, sizeof(out->endpoint.name));
	out->first_ns = column_int(c);
	seen_once = column_is_null(c);
	out->last_ns = column_int(c);
	out->ended_ns = column_int(c);
	out->why = (enum change_kind)column_range(c, UINT8_MAX);
	out->announced = column_range(c, INT64_MAX);
	out->used = column_range(c, INT64_MAX);
	out->attempted = column_range(c, INT64_MAX);
	out->confidence = query_confidence(out);
	out->clients = column_is_null(c) ? 1 : 0;
	out->clients += (uint32_t)column_range(c, UINT32_MAX);
	out->clients_estimated = column_int(c) != 0;
	query_episode_evidence(s, c, seen_once, out);
}

/* Steps through episodes, and finalizes. */
static int
query_episodes(struct store *s, struct param *p, enum statement which,
    int (*row)(void *ctx, const struct query_episode *e), void *ctx)
{
	struct query_episode e;
	int err;

	while ((err = statement_row(s, p, which)) == 1) {
		struct column c = column_init(p->st);

		query_episode_columns(s, &c, &e);
		if ((err = record_check(s, &c)) == 0)
			err = row(ctx, &e);
		column_free(&c);
		if (err != 0)
			break;
	}
	query_run_end(s, which, p);
	return err;
}

int
query_alive(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_episode *e), void *ctx)
{
	bool now = f->at_ns == 0;
	enum statement which = now ? STATEMENT_QUERY_ALIVE : STATEMENT_QUERY_SPAN;
	/* what ended at that very time is not alive any more, what began then is */
	int64_t after_ns = f->at_ns < INT64_MAX ? f->at_ns + 1 : INT64_MAX;
	struct param p;
	int err;

	if (f->has_server && f->has_uuid)
		which = now ? STATEMENT_QUERY_ALIVE_KEY : STATEMENT_QUERY_SPAN_KEY;
	else if (f->has_server)
		which = now ? STATEMENT_QUERY_ALIVE_OF : STATEMENT_QUERY_SPAN_OF;
	if ((err = query_run_start(s, which, f, &p)) != 0)
		return err;
	if (!now) {
		param_int(&p, after_ns);
		param_int(&p, after_ns);
	}
	return query_episodes(s, &p, which, row, ctx);
}

int
query_history(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_episode *e), void *ctx)
{
	bool all = f->since_ns == 0 && f->until_ns == 0;
	enum statement which = all ? STATEMENT_QUERY_ALL : STATEMENT_QUERY_SPAN;
	struct param p;
	int err;

	if (f->has_server)
		which = f->has_uuid ? STATEMENT_QUERY_SPAN_KEY : STATEMENT_QUERY_SPAN_OF;
	if ((err = query_run_start(s, which, f, &p)) != 0)
		return err;
	if (which != STATEMENT_QUERY_ALL)
		query_run_span(&p, f->since_ns, f->until_ns);
	return query_episodes(s, &p, which, row, ctx);
}

/* The evidence of one alert. The names of captures outlive the row that they come from, so they are
 * copies. */
struct query_pieces {
	size_t count;
	struct query_evidence piece[KEEP_EVIDENCE];
	char *name[KEEP_EVIDENCE];
};

static void
query_pieces_clear(struct query_pieces *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->name[i]);
	l->count = 0;
}

static int
query_piece(
    struct store *s, sqlite3_stmt *st, const struct addr *server, struct query_pieces *l)
{
	struct column c = column_init(st);
	struct query_evidence *piece = &l->piece[l->count];
	struct evidence e;
	int64_t ts_ns = column_int(&c);
	char *name = NULL;

	evidence_column(s, &c, ts_ns, &e);
	evidence_query(&e, column_shown(&c), server, piece);
	if (piece->capture != NULL)
		name = strdup(piece->capture);
	column_free(&c);
	if (piece->capture != NULL && name == NULL)
		return -ENOMEM;
	piece->capture = name;
	l->name[l->count++] = name;
	return record_check(s, &c);
}

static int
query_pieces_read(
    struct store *s, int64_t alert, const struct addr *server, struct query_pieces *l)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_borrow(s, STATEMENT_QUERY_EVIDENCE, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, alert);
	param_int(&p, KEEP_EVIDENCE);
	while (
	    l->count < KEEP_EVIDENCE && (err = statement_row(s, &p, STATEMENT_QUERY_EVIDENCE)) == 1)
		if ((err = query_piece(s, st, server, l)) != 0)
			break;
	statement_return(s, STATEMENT_QUERY_EVIDENCE, st);
	return err < 0 ? err : 0;
}

static int
query_alert_row(
    struct store *s, struct column *c, struct query_pieces *pieces, struct query_alert *out)
{
	int err;

	memset(out, 0, sizeof(*out));
	out->sensor = column_shown(c);
	out->realm = column_shown(c);
	out->host = column_shown(c);
	out->row = record_alert(s, c, run_realm_of(s, out->sensor, out->realm), &out->alert);
	out->host = query_run_host(s, out->host, &out->alert.key.server);
	if ((err = record_check(s, c)) != 0 || 
	    (err = query_pieces_read(s, out->row, &out->alert.key.server, pieces)) != 0)
		return err;
	out->evidence_count = pieces->count;
	out->evidence = pieces->piece;
	return 0;
}

int
query_alerts(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_alert *a), void *ctx)
{
	enum statement which = f->id != NULL ? STATEMENT_QUERY_ALERTS_BY_ID : STATEMENT_QUERY_ALERTS;
	struct query_pieces pieces = {0};
	struct query_alert alert;
	struct param p;
	int err = query_run_start(s, which, f, &p);

	if (err != 0)
		return err;
	query_run_span(&p, f->since_ns, f->until_ns);
	param_text(&p, f->id, SIZE_MAX);
	param_null(&p);
	param_text(&p, f->change, SIZE_MAX);
	while ((err = statement_row(s, &p, which)) == 1) {
		struct column c = column_init(p.st);

		err = query_alert_row(s, &c, &pieces, &alert);
		if (err == 0)
			err = row(ctx, &alert);
		query_pieces_clear(&pieces);
		column_free(&c);
		if (err != 0)
			break;
	}
	query_run_end(s, which, &p);
	return err;
}

int
query_captures(struct store *s, int (*row)(void *ctx, const struct query_capture *c), void *ctx)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_fresh(s, STATEMENT_QUERY_EACH_CAPTURE, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_EACH_CAPTURE)) == 1) {
		struct column c = column_init(st);
		struct query_capture capture = {.sensor = column_shown(&c)};

		capture.realm = column_shown(&c);
		capture.name = column_shown(&c);
		capture.frames = column_range(&c, INT64_MAX);
		capture.first_ns = column_int(&c);
		capture.last_ns = column_int(&c);
		capture.damaged = column_range(&c, INT64_MAX);
		if ((err = record_check(s, &c)) == 0)
			err = row(ctx, &capture);
		column_free(&c);
		if (err != 0)
			break;
	}
	sqlite3_finalize(st);
	return err;
}

/* Runs a statement of one row; the row is read with ${c}, and the caller is done with the statement
 * afterwards. */
static int
query_single(struct store *s, enum statement which, struct column *c)
{
	sqlite3_stmt *st;
	struct param p;
	int err = incoming_settle(s);

	if (err != 0 || (err = statement_get(s, which, &st)) != 0)
		return err;
	p = param_init(st);
	*c = column_init(st);
	return statement_row(s, &p, which);
}

static int
query_policy(struct store *s, struct query_summary *out)
{
	struct column c;
	int err = query_single(s, STATEMENT_QUERY_POLICY, &c);

	free(s->policy);
	free(s->policy_text);
	s->policy = s->policy_text = NULL;
	if (err == 1) {
		/* the text is read again as a policy, whose complaints are cleaned */
		const char *name = column_shown(&c), *text = column_text(&c);

		s->policy = strdup(name != NULL ? name : "");
		s->policy_text = strdup(text != NULL ? text : "");
		column_copy(&c, out->policy_hash, sizeof(out->policy_hash));
		err = s->policy != NULL && s->policy_text != NULL ? record_check(s, &c) : -ENOMEM;
		column_free(&c);
	}
	out->policy = s->policy;
	out->policy_text = s->policy_text;
	if (s->statement[STATEMENT_QUERY_POLICY] != NULL)
		statement_done(s->statement[STATEMENT_QUERY_POLICY]);
	return err;
}

int
query_brief(struct store *s, struct query_summary *out)
{
	struct column c;
	int err;

	memset(out, 0, sizeof(*out));
	if ((err = query_single(s, STATEMENT_QUERY_CAPTURES, &c)) < 0)
		return err;
	out->captures = column_range(&c, INT64_MAX);
	out->damaged_captures = column_range(&c, INT64_MAX);
	out->frames = column_range(&c, INT64_MAX);
	out->first_ns = column_int(&c);
	out->last_ns = column_int(&c);
	statement_done(c.st);
	return query_policy(s, out);
}

int
query_counts(struct store *s, uint64_t *servers, uint64_t *endpoints)
{
	struct column c;
	int err;

	*servers = *endpoints = 0;
	if (state_no_server(s))
		return 0;
	if ((err = query_single(s, STATEMENT_QUERY_ENDPOINTS, &c)) < 0)
		return err;
	*servers = column_range(&c, INT64_MAX);
	*endpoints = column_range(&c, INT64_MAX);
	statement_done(c.st);
	return 0;
}

int
query_summary(struct store *s, struct query_summary *out)
{
	int err = query_brief(s, out);

	return err != 0 ? err : query_counts(s, &out->servers, &out->endpoints);
}

int
query_endpoints(struct store *s, int64_t at_ns, uint64_t *servers, uint64_t *endpoints)
{
	sqlite3_stmt *st;
	struct column c;
	struct param p;
	int err = incoming_settle(s);

	*servers = *endpoints = 0;
	if (err != 0 || (err = statement_get(s, STATEMENT_QUERY_ENDPOINTS_AT, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, at_ns);
	if ((err = statement_row(s, &p, STATEMENT_QUERY_ENDPOINTS_AT)) == 1) {
		c = column_init(st);
		*servers = column_range(&c, INT64_MAX);
		*endpoints = column_range(&c, INT64_MAX);
	}
	statement_done(st);
	return err < 0 ? err : 0;
}

int
query_scopes(struct store *s, const char *sensor, const char *realm, size_t *count)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t known;
	int err = statement_get(s, STATEMENT_QUERY_SCOPES, &st);

	*count = 0;
	if (err != 0)
		return err;
	p = param_init(st);
	param_text(&p, sensor, SIZE_MAX);
	param_text(&p, realm, SIZE_MAX);
	err = statement_number(s, &p, STATEMENT_QUERY_SCOPES, &known);
	*count = known > 0 ? (size_t)known : 0;
	return err;
}
