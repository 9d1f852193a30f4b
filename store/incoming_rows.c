/* incoming_rows.c - see incoming_rows.h. The names of the columns are those of the store's tables. */
#include "store/incoming_rows.h"

#include "store/alert_clients.h"
#include "store/evidence.h"
#include "store/give.h"
#include "store/incoming.h"

static void
give_evidence(sqlite3_context *out, const struct evidence *e, int64_t capture)
{
	char text[EVIDENCE_TEXT];

	if (e->ts_ns != 0)
		sqlite3_result_text64(
		    out, text, evidence_write(e, capture, text), SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void
text_give(sqlite3_context *out, const struct incoming *in, struct row_text text)
{
	if (text.len > 0)
		give_text(out, in->set + text.at, text.len);
}

enum episode_column {
	EPISODE_ROW,
	EPISODE_SERVER,
	EPISODE_INTERFACE,
	EPISODE_PORT,
	EPISODE_PIPE,
	EPISODE_MINOR,
	EPISODE_ANNOTATION,
	EPISODE_FIRST_NS,
	EPISODE_LAST_NS,
	EPISODE_ENDED_NS,
	EPISODE_WHY,
	EPISODE_ANNOUNCED,
	EPISODE_USED,
	EPISODE_ATTEMPTED,
	EPISODE_CLIENTS,
	EPISODE_CLIENTS_ESTIMATED,
	EPISODE_TOLD_BY,
	EPISODE_FIRST_SEEN,
	EPISODE_LAST_SEEN,
};

/* What an episode has seen: times, counts, evidence. */
static void
sights_give(sqlite3_context *out, const struct row_episode *r, enum episode_column column)
{
	const struct episode *e = &r->e;

	switch (column) {
	case EPISODE_FIRST_NS:
		give_int(out, e->first_ns);
		break;
	case EPISODE_LAST_NS:
		if (!r->seen_once)
			give_int(out, e->last_ns);
		break;
	case EPISODE_ENDED_NS:
		give_nonzero(out, e->ended_ns);
		break;
	case EPISODE_WHY:
		give_nonzero(out, e->why);
		break;
	case EPISODE_ANNOUNCED:
		give_count(out, e->announced);
		break;
	case EPISODE_USED:
		give_count(out, e->used);
		break;
	case EPISODE_ATTEMPTED:
		give_count(out, e->attempted);
		break;
	case EPISODE_CLIENTS:
		if (!r->client_is_first)
			give_int(out, e->client_count);
		break;
	case EPISODE_CLIENTS_ESTIMATED:
		give_int(out, e->clients_estimated);
		break;
	case EPISODE_TOLD_BY:
		give_word(out, e->told);
		break;
	case EPISODE_FIRST_SEEN:
		give_evidence(out, &e->first, r->first_capture);
		break;
	case EPISODE_LAST_SEEN:
		if (!r->seen_once)
			give_evidence(out, &e->last, r->last_capture);
		break;
	default:
		break;
	}
}

static void
episode_give(sqlite3_context *out, const struct row_episode *r, enum episode_column column)
{
	const struct episode *e = &r->e;

	switch (column) {
	case EPISODE_ROW:
		give_int(out, e->row);
		break;
	case EPISODE_SERVER:
		give_int(out, r->server);
		break;
	case EPISODE_INTERFACE:
		give_int(out, r->interface);
		break;
	case EPISODE_PORT:
		give_int(out, e->endpoint.port);
		break;
	case EPISODE_PIPE:
		give_word(out, e->endpoint.name);
		break;
	case EPISODE_MINOR:
		give_int(out, e->minor);
		break;
	case EPISODE_ANNOTATION:
		give_word(out, e->annotation);
		break;
	default:
		sights_give(out, r, column);
	}
}

static void
fresh_column(sqlite3_context *out, const void *row, int column)
{
	static const enum episode_column columns[] = {EPISODE_ROW, EPISODE_SERVER,
	    EPISODE_INTERFACE, EPISODE_PORT, EPISODE_MINOR, EPISODE_FIRST_NS, EPISODE_ANNOUNCED,
	    EPISODE_USED, EPISODE_ATTEMPTED, EPISODE_TOLD_BY, EPISODE_FIRST_SEEN};

	episode_give(out, row, columns[column]);
}

static void
episode_column(sqlite3_context *out, const void *row, int column)
{
	episode_give(out, row, (enum episode_column)column);
}

const struct rows_kind rows_fresh = {"incoming_fresh",
    "CREATE TABLE x (row, server, interface, port, minor, first_ns, announced, used, attempted,"
    " told, first_seen)",
    sizeof(struct row_episode), fresh_column};

#define EPISODE_ALL                                                                                \
	"CREATE TABLE x (row, server, interface, port, name, minor, annotation, first_ns,"         \
	" last_ns, ended_ns, why, announced, used, attempted, clients, clients_estimated, told,"   \
	" first_seen, last_seen)"

const struct rows_kind rows_new = {
    "incoming_new", EPISODE_ALL, sizeof(struct row_episode), episode_column};

const struct rows_kind rows_maybe = {
    "incoming_maybe", EPISODE_ALL, sizeof(struct row_episode), episode_column};

static void
client_column(sqlite3_context *out, const void *row, int column)
{
	const struct row_client *r = row;

	if (column == 0)
		give_int(out, r->episode);
	else
		give_addr(out, &r->client);
}

const struct rows_kind rows_client = {"incoming_client", "CREATE TABLE x (episode, client)",
    sizeof(struct row_client), client_column};

enum change_column {
	CHANGE_ROW,
	CHANGE_TS_NS,
	CHANGE_ID,
	CHANGE_REVISES,
	CHANGE_ALSO,
	CHANGE_KIND,
	CHANGE_SERVER,
	CHANGE_INTERFACE,
	CHANGE_MINOR,
	CHANGE_CONFIDENCE,
	CHANGE_FIRST_NS,
	CHANGE_NOT_BEFORE_NS,
	CHANGE_NOT_AFTER_NS,
	CHANGE_CLIENTS,
	CHANGE_PREVIOUS,
	CHANGE_CURRENT,
	CHANGE_EVIDENCE_NS,
	CHANGE_EVIDENCE,
};

/* What a change counts, its sets, and what shows it. */
static void
change_rest_give(sqlite3_context *out, const struct row_change *r, enum change_column column)
{
	const struct change *c = &r->c;

	switch (column) {
	case CHANGE_CLIENTS:
		give_int(out, c->clients);
		break;
	case CHANGE_PREVIOUS:
		text_give(out, r->in, r->previous);
		break;
	case CHANGE_CURRENT:
		text_give(out, r->in, r->current);
		break;
	case CHANGE_EVIDENCE_NS:
		if (c->evidence.ts_ns != 0)
			give_other(out, c->evidence.ts_ns, c->ts_ns);
		break;
	case CHANGE_EVIDENCE:
		give_evidence(out, &c->evidence, r->capture);
		break;
	default:
		break;
	}
}

static void
change_column(sqlite3_context *out, const void *row, int column)
{
	const struct row_change *r = row;
	const struct change *c = &r->c;

	switch ((enum change_column)column) {
	case CHANGE_ROW:
		give_int(out, r->row);
		break;
	case CHANGE_TS_NS:
		give_other(out, c->ts_ns, r->row);
		break;
	case CHANGE_ID:
		give_string(out, c->id);
		break;
	case CHANGE_REVISES:
		give_word(out, c->revises);
		break;
	case CHANGE_ALSO:
		text_give(out, r->in, r->also);
		break;
	case CHANGE_KIND:
		give_int(out, c->kind);
		break;
	case CHANGE_SERVER:
		give_int(out, r->server);
		break;
	case CHANGE_INTERFACE:
		give_nonzero(out, r->interface);
		break;
	case CHANGE_MINOR:
		give_int(out, c->minor);
		break;
	case CHANGE_CONFIDENCE:
		give_int(out, c->confidence);
		break;
	case CHANGE_FIRST_NS:
		give_other(out, c->first_ns, c->ts_ns);
		break;
	case CHANGE_NOT_BEFORE_NS:
		give_nonzero(out, c->not_before_ns);
		break;
	case CHANGE_NOT_AFTER_NS:
		give_other(out, c->not_after_ns, c->first_ns);
		break;
	default:
		change_rest_give(out, r, (enum change_column)column);
	}
}

const struct rows_kind rows_change = {"incoming_change",
    "CREATE TABLE x (row, ts_ns, id, revises, also, kind, server, interface, minor, confidence, "
    "first_ns,"
    " not_before_ns, not_after_ns, clients, previous, current, evidence_ns, evidence)",
    sizeof(struct row_change), change_column};

enum member_column {
	MEMBER_CHANGE,
	MEMBER_NUMBER,
	MEMBER_SERVER,
	MEMBER_INTERFACE,
	MEMBER_MINOR,
	MEMBER_PREVIOUS,
	MEMBER_CURRENT,
	MEMBER_NOT_BEFORE_NS,
	MEMBER_NOT_AFTER_NS,
};

static void
member_column(sqlite3_context *out, const void *row, int column)
{
	const struct row_member *r = row;

	switch ((enum member_column)column) {
	case MEMBER_CHANGE:
		give_int(out, r->change);
		break;
	case MEMBER_NUMBER:
		give_int(out, r->number);
		break;
	case MEMBER_SERVER:
		give_int(out, r->server);
		break;
	case MEMBER_INTERFACE:
		give_nonzero(out, r->interface);
		break;
	case MEMBER_MINOR:
		give_int(out, r->m.minor);
		break;
	case MEMBER_PREVIOUS:
		text_give(out, r->in, r->previous);
		break;
	case MEMBER_CURRENT:
		text_give(out, r->in, r->current);
		break;
	case MEMBER_NOT_BEFORE_NS:
		give_nonzero(out, r->m.not_before_ns);
		break;
	case MEMBER_NOT_AFTER_NS:
		give_nonzero(out, r->m.not_after_ns);
		break;
	}
}

const struct rows_kind rows_member = {"incoming_member",
    "CREATE TABLE x (change, number, server, interface, minor, previous, current, not_before_ns,"
    " not_after_ns)",
    sizeof(struct row_member), member_column};

static void
pending_column(sqlite3_context *out, const void *row, int column)
{
	const struct row_pending *r = row;
	const int64_t numbers[] = {r->scope, r->server, r->interface};

	if (column < 3)
		give_int(out, numbers[column]);
	else if (column == 3)
		give_other(out, r->due_ns, STATE_NEVER);
	else if (r->data.len > 0)
		sqlite3_result_blob64(out, r->in->octets + r->data.at, r->data.len, SQLITE_STATIC);
}

const struct rows_kind rows_pending = {"incoming_pending",
    "CREATE TABLE x (scope, server, interface, due_ns, data)", sizeof(struct row_pending),
    pending_column};

enum session_column {
	SESSION_SERVER,
	SESSION_INTERFACE,
	SESSION_CLIENT,
	SESSION_PORT,
	SESSION_PIPE,
	SESSION_CLIENT_PORT,
	SESSION_MINOR,
	SESSION_AUTH_TYPE,
	SESSION_AUTH_LEVEL,
	SESSION_COUNT,
	SESSION_FIRST_NS,
	SESSION_LAST_NS,
	SESSION_PROTOCOL,
};

/* How often, when, and what else the last one was. */
static void
session_rest_give(sqlite3_context *out, const struct session *x, enum session_column column)
{
	switch (column) {
	case SESSION_AUTH_TYPE:
		if (x->authenticated)
			give_int(out, x->auth_type);
		break;
	case SESSION_AUTH_LEVEL:
		if (x->authenticated)
			give_int(out, x->auth_level);
		break;
	case SESSION_COUNT:
		give_count(out, x->count);
		break;
	case SESSION_FIRST_NS:
		give_int(out, x->first_ns);
		break;
	case SESSION_LAST_NS:
		give_int(out, x->last_ns);
		break;
	case SESSION_PROTOCOL:
		give_word(out, x->protocol);
		break;
	default:
		break;
	}
}

static void
session_column(sqlite3_context *out, const void *row, int column)
{
	const struct row_session *r = row;

	switch ((enum session_column)column) {
	case SESSION_SERVER:
		give_int(out, r->server);
		break;
	case SESSION_INTERFACE:
		give_int(out, r->interface);
		break;
	case SESSION_CLIENT:
		give_addr(out, &r->x.client);
		break;
	case SESSION_PORT:
		give_int(out, r->x.server_port);
		break;
	case SESSION_PIPE:
		give_string(out, r->x.pipe);
		break;
	case SESSION_CLIENT_PORT:
		give_int(out, r->x.client_port);
		break;
	case SESSION_MINOR:
		give_int(out, r->x.minor);
		break;
	default:
		session_rest_give(out, &r->x, (enum session_column)column);
	}
}

const struct rows_kind rows_session = {"incoming_session",
    "CREATE TABLE x (server, interface, client, port, pipe, client_port, minor, auth_type,"
    " auth_level, count, first_ns, last_ns, protocol)",
    sizeof(struct row_session), session_column};

enum alert_column {
	ALERT_ROW,
	ALERT_SCOPE,
	ALERT_ID,
	ALERT_CHANGE,
	ALERT_RULE,
	ALERT_SEVERITY,
	ALERT_STATE,
	ALERT_SERVER,
	ALERT_INTERFACE,
	ALERT_ABOUT_WHAT,
	ALERT_MINOR,
	ALERT_TS_NS,
	ALERT_OPENED_NS,
	ALERT_UPDATED_NS,
	ALERT_CLOSED_NS,
	ALERT_ONCE,
	ALERT_SUPPRESSED,
	ALERT_CLIENT_LIST,
	ALERT_CLIENT_TOTAL,
	ALERT_SIGNATURE,
	ALERT_EXPECTED,
	ALERT_OBSERVED,
	ALERT_EVIDENCE_NS,
	ALERT_EVIDENCE,
};

/* What an alert says, and what shows it. */
static void
words_give(sqlite3_context *out, const struct row_alert *r, enum alert_column column)
{
	const struct alert *a = &r->a;
	char clients[ALERT_CLIENTS_TEXT];

	switch (column) {
	case ALERT_ABOUT_WHAT:
		give_word(out, a->about);
		break;
	case ALERT_CLIENT_LIST:
		if (a->client_count > 0)
			sqlite3_result_text64(out, clients, alert_clients_write(a, clients),
			    SQLITE_TRANSIENT, SQLITE_UTF8);
		break;
	case ALERT_CLIENT_TOTAL:
		if (a->client_total > 0)
			give_count(out, a->client_total);
		break;
	case ALERT_SIGNATURE:
		give_string(out, a->signature);
		break;
	case ALERT_EXPECTED:
		give_string(out, a->expected);
		break;
	case ALERT_OBSERVED:
		give_string(out, a->observed);
		break;
	case ALERT_EVIDENCE_NS:
		give_nonzero(out, a->evidence.ts_ns);
		break;
	case ALERT_EVIDENCE:
		give_evidence(out, &a->evidence, r->capture);
		break;
	default:
		break;
	}
}

static void
alert_column(sqlite3_context *out, const void *row, int column)
{
	const struct row_alert *r = row;
	const struct alert *a = &r->a;

	switch ((enum alert_column)column) {
	case ALERT_ROW:
		give_int(out, r->row);
		break;
	case ALERT_SCOPE:
		give_int(out, r->scope);
		break;
	case ALERT_ID:
		give_string(out, a->id);
		break;
	case ALERT_CHANGE:
		give_word(out, a->change);
		break;
	case ALERT_RULE:
		give_string(out, a->rule);
		break;
	case ALERT_SEVERITY:
		give_int(out, a->severity);
		break;
	case ALERT_STATE:
		give_int(out, a->state);
		break;
	case ALERT_SERVER:
		give_nonzero(out, r->server);
		break;
	case ALERT_INTERFACE:
		give_nonzero(out, r->interface);
		break;
	case ALERT_MINOR:
		give_int(out, a->minor);
		break;
	case ALERT_TS_NS:
		give_int(out, a->ts_ns);
		break;
	case ALERT_OPENED_NS:
		give_int(out, a->opened_ns);
		break;
	case ALERT_UPDATED_NS:
		give_int(out, a->updated_ns);
		break;
	case ALERT_CLOSED_NS:
		give_nonzero(out, a->closed_ns);
		break;
	case ALERT_ONCE:
		give_int(out, a->once);
		break;
	case ALERT_SUPPRESSED:
		give_int(out, a->suppressed);
		break;
	default:
		words_give(out, r, (enum alert_column)column);
	}
}

const struct rows_kind rows_alert = {"incoming_alert",
    "CREATE TABLE x (row, scope, id, change, rule, severity, state, server, interface, about, "
    "minor, ts_ns,"
    " opened_ns, updated_ns, closed_ns, once, suppressed, clients, client_total, signature, "
    "expected,"
    " observed, evidence_ns, evidence)",
    sizeof(struct row_alert), alert_column};
