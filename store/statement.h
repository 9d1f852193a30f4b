/* statement.h - every statement that bears data, by number, with its SQL beside its name in one
 * table. */
#ifndef EPMWATCH_STORE_STATEMENT_H
#define EPMWATCH_STORE_STATEMENT_H

#include <sqlite3.h>
#include <stdint.h>

struct store;
struct param;

enum statement {
	STATEMENT_SCOPE_FIND,
	STATEMENT_SCOPE_KEEP,
	STATEMENT_SERVER_FIND,
	STATEMENT_SERVER_KEEP,
	STATEMENT_SERVER_FACTS,
	STATEMENT_SERVER_LOAD,
	STATEMENT_ALIASES_DROP,
	STATEMENT_ALIAS_KEEP,
	STATEMENT_ALIASES_LOAD,
	STATEMENT_REFERRAL_KEEP,
	STATEMENT_REFERRALS_LOAD,
	STATEMENT_INTERFACE_FIND,
	STATEMENT_INTERFACE_KEEP,
	STATEMENT_EACH_KEY,
	STATEMENT_CAPTURE_ENSURE,
	STATEMENT_CAPTURE_KEEP,
	STATEMENT_CAPTURE_FIND,
	STATEMENT_EPISODES_ADD,
	STATEMENT_EPISODES_FRESH,
	STATEMENT_EPISODES_KEEP,
	STATEMENT_EPISODE_SEEN,
	STATEMENT_EPISODE_ENDED,
	STATEMENT_EPISODE_LOAD,
	STATEMENT_EPISODE_LATEST,
	STATEMENT_CLIENTS_KEEP,
	STATEMENT_CLIENT_LOAD,
	STATEMENT_CHANGE_FIND,
	STATEMENT_CHANGES_ADD,
	STATEMENT_MEMBERS_ADD,
	STATEMENT_ALERTS_ADD,
	STATEMENT_EVIDENCES_ADD,
	STATEMENT_ALERT_FIND,
	STATEMENT_ALERT_KEEP,
	STATEMENT_ALERT_LOAD,
	STATEMENT_ALERTS_LOAD,
	STATEMENT_EVIDENCE_FIND,
	STATEMENT_EVIDENCE_KEEP,
	STATEMENT_EVIDENCE_THIN,
	STATEMENT_POLICY_KEEP,
	STATEMENT_PENDING_KEEP,
	STATEMENT_PENDING_DROP,
	STATEMENT_PENDING_LOAD,
	STATEMENT_PENDING_NEXT,
	STATEMENT_PENDING_DUE,
	STATEMENT_EACH_KEY_OF,
	STATEMENT_LAST_SEEN,
	STATEMENT_STATE_KEEP,
	STATEMENT_STATE_DROP,
	STATEMENT_STATE_LOAD,
	STATEMENT_COVERAGE_KEEP,
	STATEMENT_TALLY_ADD,
	STATEMENT_SESSIONS_KEEP,
	STATEMENT_SESSIONS_AT,
	STATEMENT_SESSION_NEWEST,
	STATEMENT_SESSION_OLD,
	STATEMENT_SESSION_MOST,
	STATEMENT_SESSION_COUNT,
	STATEMENT_ACCEPTED_KEEP,
	STATEMENT_ACCEPTED_REPLACE,
	STATEMENT_ACCEPTED_DROP,
	STATEMENT_ACCEPTED_WHOLE,
	STATEMENT_PUSH_KEEP,
	STATEMENT_PUSHES_OPEN,
	STATEMENT_PUSH_NEWEST,
	STATEMENT_PUSH_OLD,
	STATEMENT_PUSH_MOST,
	STATEMENT_REGISTRATION_KEEP,
	STATEMENT_REGISTRATIONS_OPEN,
	STATEMENT_REGISTRATION_OLD,
	STATEMENT_REGISTRATION_MOST,
	STATEMENT_PUSH_CLIENT_KEEP,
	STATEMENT_PUSH_CLIENTS,
	STATEMENT_PUSH_CLIENT_OLD,
	STATEMENT_PUSH_CLIENT_MOST,
	STATEMENT_MAILBOXES,
	STATEMENT_SET_READ,
	STATEMENT_EACH_ENDPOINT,
	STATEMENT_QUERY_ALIVE,
	STATEMENT_QUERY_ALIVE_OF,
	STATEMENT_QUERY_SPAN,
	STATEMENT_QUERY_SPAN_OF,
	STATEMENT_QUERY_ALIVE_KEY,
	STATEMENT_QUERY_SPAN_KEY,
	STATEMENT_QUERY_ALL,
	STATEMENT_QUERY_CHANGES,
	STATEMENT_QUERY_MEMBERS,
	STATEMENT_QUERY_ALERTS,
	STATEMENT_QUERY_EVIDENCE,
	STATEMENT_QUERY_ENDPOINTS,
	STATEMENT_QUERY_CAPTURES,
	STATEMENT_QUERY_EACH_CAPTURE,
	STATEMENT_QUERY_POLICY,
	STATEMENT_QUERY_SCOPES,
	STATEMENT_QUERY_SERVERS,
	STATEMENT_QUERY_SESSIONS,
	STATEMENT_QUERY_PUSHES,
	STATEMENT_QUERY_REGISTRATIONS,
	STATEMENT_QUERY_PUSH_CLIENTS,
	STATEMENT_QUERY_COVERAGE,
	STATEMENT_QUERY_TALLIES,
	STATEMENT_QUERY_INTERFACES,
	STATEMENT_QUERY_INTERFACES_AT,
	STATEMENT_QUERY_INTERFACE_NAMES,
	STATEMENT_QUERY_SCOPE_OF,
	STATEMENT_QUERY_PENDING,
	STATEMENT_QUERY_PENDING_ALL,
	STATEMENT_QUERY_ACCEPTED,
	STATEMENT_QUERY_ACCEPTED_AT,
	STATEMENT_QUERY_ACCEPTED_OF,
	STATEMENT_QUERY_ACCEPTED_WHOLE,
	STATEMENT_QUERY_STATES,
	STATEMENT_QUERY_CHANGES_BY_ID,
	STATEMENT_QUERY_ALERTS_BY_ID,
	STATEMENT_QUERY_ENDPOINTS_AT,
	STATEMENT_COUNT,
};

/** statement_get(s, which, out): The statement, prepared once and kept by ${s}; statement_done() it
 * after use. ERR_STORE, -errno. */
int statement_get(struct store *s, enum statement which, sqlite3_stmt **out);

/** statement_fresh(s, which, out): One of the caller's own, to step through while callbacks run
 * others; sqlite3_finalize() it. */
int statement_fresh(struct store *s, enum statement which, sqlite3_stmt **out);

/** statement_row(s, p, which): Step; 1 with a row, 0 at the end, else an error that has been noted.
 */
int statement_row(struct store *s, const struct param *p, enum statement which);

/** statement_run(s, p, which): Step a statement of statement_get() that gives no rows to its end,
 * and make it ready again. */
int statement_run(struct store *s, const struct param *p, enum statement which);

/** statement_number(s, p, which, out): Step a finding statement of statement_get() to its first row, and
 * make it ready again: the number that it gives, 0 where it finds nothing. */
int statement_number(struct store *s, const struct param *p, enum statement which, int64_t *out);

/** statement_done(st): Make ${st} ready again and let go of what it was given. */
void statement_done(sqlite3_stmt *st);

/** statement_sql(which): Its SQL, for tests that look at plans. */
const char *statement_sql(enum statement which);

/** statement_borrow(s, which, out) / statement_return(s, which, st): statement_get(), but where that is being stepped through, further up, one of
 * its own as statement_fresh() makes; for what calls back row by row, and is asked often. */
int statement_borrow(struct store *s, enum statement which, sqlite3_stmt **out);
void statement_return(struct store *s, enum statement which, sqlite3_stmt *st);

/** statement_deinit(s): Finalize all that statement_get() prepared. */
void statement_deinit(struct store *s);

#endif
