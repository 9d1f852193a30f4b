/* statement.c - see statement.h. The order of parameters and columns is that of the code that gives
 * and reads them. */
#include "store/statement.h"

#include <assert.h>
#include <stdio.h>

#include "base/err.h"
#include "store/param.h"
#include "store/state.h"

/* clang-format off */
#define EVIDENCE(p) \
	p "_ns, " p "_capture, " p "_frame, " p "_source, " p "_client, " p "_client_port"

#define SET_EVIDENCE(p) \
	p "_ns = excluded." p "_ns, " p "_capture = excluded." p "_capture, " p "_frame = excluded." p "_frame, " \
	p "_source = excluded." p "_source, " p "_client = excluded." p "_client, " \
	p "_client_port = excluded." p "_client_port"

#define CAPTURE_INSERT \
	"INSERT INTO capture (row, scope, name, link, first_record, digest, bytes, frames, first_ns, last_ns, damaged)" \
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (row) DO "

#define ALERT_COLUMNS \
	"a.row, a.id, a.change, a.rule, a.severity, a.state, sv.address, a.interface, a.major, a.protseq, a.minor," \
	" a.ts_ns, a.opened_ns, a.updated_ns, a.closed_ns, a.signature, a.expected, a.observed, " EVIDENCE("ev.evidence")

#define ALERT_LATEST_EVIDENCE \
	" LEFT JOIN alert_evidence ev ON ev.alert = a.row" \
	" AND ev.number = (SELECT max(number) FROM alert_evidence WHERE alert = a.row)"

/* What a filter's parameters 1 to 5 say of a key in table k, with server sv and scope sc. */
#define FILTER_SERVER \
	" (?1 IS NULL OR sc.sensor = ?1) AND (?2 IS NULL OR sc.realm = ?2) AND (?3 IS NULL OR sv.sort = ?3)"
#define FILTER_KEY(k) \
	FILTER_SERVER " AND (?4 IS NULL OR " k ".interface = ?4) AND (?5 IS NULL OR " k ".protseq = ?5)"

#define EPISODE_COLUMNS \
	"SELECT sc.sensor, sc.realm, sv.host, sv.address, m.interface, m.major, m.protseq, e.minor, e.annotation," \
	" e.port, e.name, e.confidence, e.first_ns, e.last_ns, e.ended_ns, e.why, e.clients, e.clients_estimated," \
	" e.announced, e.used, e.attempted, " EVIDENCE("e.first_seen") ", c1.name, " EVIDENCE("e.last_seen") ", c2.name"
#define EPISODE_CAPTURES \
	" LEFT JOIN capture c1 ON c1.row = e.first_seen_capture LEFT JOIN capture c2 ON c2.row = e.last_seen_capture"
#define EPISODE_FILTER \
	FILTER_KEY("m") " AND (?6 IS NULL OR e.port = ?6)"
#define EPISODE_ORDER \
	" ORDER BY sc.sensor, sc.realm, sv.sort, m.interface, m.major, m.protseq, e.port, e.name COLLATE NOCASE," \
	" e.first_ns, e.row"
/* From the outside in, so that the indices give the order and nothing has to be sorted but episodes of one endpoint. */
#define EPISODES_INWARD \
	EPISODE_COLUMNS " FROM scope sc CROSS JOIN server sv ON sv.scope = sc.row CROSS JOIN mapping m ON m.server = sv.row" \
	" CROSS JOIN episode e ON e.mapping = m.row" EPISODE_CAPTURES " WHERE" EPISODE_FILTER
/* From a list of episodes outwards, where the list is short beside the store. */
#define EPISODES_OUTWARD \
	EPISODE_COLUMNS " FROM episode e CROSS JOIN mapping m ON m.row = e.mapping" \
	" CROSS JOIN server sv ON sv.row = m.server CROSS JOIN scope sc ON sc.row = sv.scope" EPISODE_CAPTURES " WHERE"

static const struct {
	const char *name, *sql;
} statement_all[STATEMENT_COUNT] = {
	[STATEMENT_SCOPE_FIND] = {"find a scope",
	"SELECT row FROM scope WHERE sensor = ? AND realm = ?"},
	[STATEMENT_SCOPE_KEEP] = {"keep a scope",
	"INSERT INTO scope (sensor, realm) VALUES (?, ?)"},
	[STATEMENT_SERVER_FIND] = {"find a server",
	"SELECT row FROM server WHERE scope = ? AND sort = ?"},
	[STATEMENT_SERVER_KEEP] = {"keep a server",
	"INSERT INTO server (scope, sort, address) VALUES (?, ?, ?)"},
	[STATEMENT_CAPTURE_ENSURE] = {"keep a capture",
	CAPTURE_INSERT "NOTHING"},
	[STATEMENT_CAPTURE_KEEP] = {"keep a capture",
	CAPTURE_INSERT "UPDATE SET digest = excluded.digest, bytes = excluded.bytes, frames = excluded.frames,"
	" first_ns = excluded.first_ns, last_ns = excluded.last_ns, damaged = excluded.damaged"},
	[STATEMENT_CAPTURE_FIND] = {"find captures",
	"SELECT row, name, link, first_record, digest, bytes, frames, first_ns, last_ns, damaged FROM capture"
	" WHERE link = ? AND first_record = ? AND scope = ? ORDER BY bytes DESC, row"},
	[STATEMENT_MAPPING_FIND] = {"find a mapping",
	"SELECT m.row FROM server sv CROSS JOIN mapping m ON m.server = sv.row"
	" WHERE sv.scope = ? AND sv.sort = ? AND m.interface = ? AND m.major = ? AND m.protseq = ?"},
	[STATEMENT_MAPPING_KEEP] = {"keep a mapping",
	"INSERT INTO mapping (row, server, interface, major, protseq) VALUES (?, ?, ?, ?, ?)"
	" ON CONFLICT (row) DO NOTHING"},
	[STATEMENT_EPISODE_KEEP] = {"keep an episode",
	"INSERT INTO episode (row, mapping, port, name, minor, annotation, confidence, first_ns, last_ns, ended_ns, why,"
	" announced, used, attempted, clients, clients_estimated, told, " EVIDENCE("first_seen") ", "
	EVIDENCE("last_seen") ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (row) DO UPDATE SET minor = excluded.minor, annotation = excluded.annotation,"
	" confidence = excluded.confidence, first_ns = excluded.first_ns, last_ns = excluded.last_ns,"
	" ended_ns = excluded.ended_ns, why = excluded.why, announced = excluded.announced, used = excluded.used,"
	" attempted = excluded.attempted, clients = excluded.clients, clients_estimated = excluded.clients_estimated, told = excluded.told, "
	SET_EVIDENCE("first_seen") ", " SET_EVIDENCE("last_seen")},
	[STATEMENT_EPISODE_LOAD] = {"load episodes",
	"SELECT row, port, name, minor, annotation, first_ns, last_ns, ended_ns, why, announced, used, attempted,"
	" clients_estimated, told, " EVIDENCE("first_seen") ", " EVIDENCE("last_seen")
	" FROM episode WHERE mapping = ? ORDER BY ended_ns IS NOT NULL, last_ns DESC, row DESC LIMIT ?"},
	[STATEMENT_CLIENT_COUNT] = {"count clients",
	"SELECT count(*) FROM episode_client WHERE episode = ?"},
	[STATEMENT_CLIENT_KEEP] = {"keep a client",
	"INSERT INTO episode_client (episode, client) VALUES (?, ?) ON CONFLICT DO NOTHING"},
	[STATEMENT_CLIENT_LOAD] = {"load clients",
	"SELECT client FROM episode_client WHERE episode = ? LIMIT ?"},
	[STATEMENT_CHANGE_KEEP] = {"keep a change",
	"INSERT INTO change (id, revises, kind, server, interface, major, protseq, minor, confidence, ts_ns, first_ns,"
	" not_before_ns, not_after_ns, clients, previous, current, " EVIDENCE("evidence") ")"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"},
	[STATEMENT_ALERT_KEEP] = {"keep an alert",
	"INSERT INTO alert (id, change, rule, severity, state, server, interface, major, protseq, minor, ts_ns,"
	" opened_ns, updated_ns, closed_ns, signature, expected, observed)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (id) DO UPDATE SET change = excluded.change, severity = excluded.severity,"
	" state = excluded.state, minor = excluded.minor, ts_ns = excluded.ts_ns, opened_ns = excluded.opened_ns,"
	" updated_ns = excluded.updated_ns, closed_ns = excluded.closed_ns, signature = excluded.signature,"
	" expected = excluded.expected, observed = excluded.observed"},
	[STATEMENT_ALERT_FIND] = {"find an alert",
	"SELECT row FROM alert WHERE id = ?"},
	[STATEMENT_ALERT_LOAD] = {"load an alert",
	"SELECT " ALERT_COLUMNS " FROM server sv CROSS JOIN alert a ON a.server = sv.row" ALERT_LATEST_EVIDENCE
	" WHERE sv.scope = ? AND sv.sort = ? AND a.interface = ? AND a.major = ? AND a.protseq = ? AND a.rule = ?"
	" ORDER BY a.opened_ns DESC, a.row DESC LIMIT 1"},
	[STATEMENT_EVIDENCE_KEEP] = {"keep evidence",
	"INSERT INTO alert_evidence (alert, number, state, " EVIDENCE("evidence") ")"
	" SELECT ?1, (SELECT coalesce(max(number), 0) + 1 FROM alert_evidence WHERE alert = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8"
	" WHERE NOT EXISTS (SELECT 1 FROM alert_evidence WHERE alert = ?1 AND state = ?2 AND evidence_ns IS ?3"
	" AND evidence_capture IS ?4 AND evidence_frame IS ?5 AND evidence_source IS ?6 AND evidence_client IS ?7"
	" AND evidence_client_port IS ?8)"},
	[STATEMENT_EVIDENCE_THIN] = {"thin evidence",
	"DELETE FROM alert_evidence WHERE alert = ?1 AND number > 1"
	" AND number < (SELECT max(number) FROM alert_evidence WHERE alert = ?1) - ?2 + 2"},
	[STATEMENT_POLICY_KEEP] = {"keep the policy",
	"INSERT INTO policy (scope, name, text, used)"
	" VALUES (?, ?, ?, (SELECT coalesce(max(used), 0) + 1 FROM policy))"
	" ON CONFLICT (scope) DO UPDATE SET name = excluded.name, text = excluded.text, used = excluded.used"
	" WHERE name <> excluded.name OR text <> excluded.text OR used < (SELECT max(used) FROM policy)"},
	[STATEMENT_SET_ADD] = {"write a set",
	"SELECT json_insert(?, '$[#]', ?)"},
	[STATEMENT_SET_READ] = {"read a set",
	"SELECT value FROM json_each(?)"},
	[STATEMENT_EACH_ENDPOINT] = {"read endpoints",
	"SELECT DISTINCT sv.address, e.port FROM episode e CROSS JOIN mapping m ON m.row = e.mapping"
	" CROSS JOIN server sv ON sv.row = m.server"
	" WHERE e.ended_ns IS NULL AND m.protseq = ? AND e.port > 0 ORDER BY sv.sort, e.port"},
	[STATEMENT_QUERY_ALIVE] = {"read endpoints",
	EPISODES_INWARD " AND e.ended_ns IS NULL" EPISODE_ORDER},
	[STATEMENT_QUERY_SPAN] = {"read the history",
	EPISODES_OUTWARD " e.row IN (SELECT row FROM episode WHERE ended_ns IS NULL AND first_ns < ?8"
	" UNION ALL SELECT row FROM episode WHERE ended_ns >= ?7 AND first_ns < ?8) AND" EPISODE_FILTER EPISODE_ORDER},
	[STATEMENT_QUERY_ALL] = {"read the history",
	EPISODES_INWARD EPISODE_ORDER},
	[STATEMENT_QUERY_CHANGES] = {"read changes",
	"SELECT sc.sensor, sc.realm, c.id, c.revises, c.kind, sv.address, c.interface, c.major, c.protseq, c.minor,"
	" c.confidence, c.ts_ns, c.first_ns, c.not_before_ns, c.not_after_ns, c.clients, c.previous, c.current, "
	EVIDENCE("c.evidence") ", cap.name"
	" FROM change c CROSS JOIN server sv ON sv.row = c.server CROSS JOIN scope sc ON sc.row = sv.scope"
	" LEFT JOIN capture cap ON cap.row = c.evidence_capture"
	" WHERE" FILTER_KEY("c") " AND (?6 IS NULL OR EXISTS (SELECT 1 FROM json_each(c.previous) WHERE value = ?6)"
	" OR EXISTS (SELECT 1 FROM json_each(c.current) WHERE value = ?6)) AND c.ts_ns >= ?7 AND c.ts_ns < ?8"
	" ORDER BY c.ts_ns, c.id"},
	[STATEMENT_QUERY_ALERTS] = {"read alerts",
	"SELECT sc.sensor, sc.realm, " ALERT_COLUMNS " FROM alert a CROSS JOIN server sv ON sv.row = a.server"
	" CROSS JOIN scope sc ON sc.row = sv.scope" ALERT_LATEST_EVIDENCE
	" WHERE" FILTER_KEY("a") " AND (?6 IS NULL"
	" OR instr(',' || replace(a.observed, ' ', '') || ',', ',' || ?6 || ',') > 0)"
	" AND (a.closed_ns IS NULL OR a.closed_ns >= ?7) AND a.opened_ns < ?8"
	" ORDER BY a.severity DESC, a.opened_ns, a.id"},
	[STATEMENT_QUERY_EVIDENCE] = {"read evidence",
	"SELECT " EVIDENCE("ev.evidence") ", cap.name FROM alert_evidence ev"
	" LEFT JOIN capture cap ON cap.row = ev.evidence_capture WHERE ev.alert = ? ORDER BY ev.number LIMIT ?"},
	[STATEMENT_QUERY_ENDPOINTS] = {"count endpoints",
	"SELECT count(DISTINCT m.server), count(*) FROM episode e CROSS JOIN mapping m ON m.row = e.mapping"
	" WHERE e.ended_ns IS NULL"},
	[STATEMENT_QUERY_CAPTURES] = {"count captures",
	"SELECT count(*), count(damaged), sum(frames), min(first_ns) FILTER (WHERE frames > 0),"
	" max(last_ns) FILTER (WHERE frames > 0) FROM capture"},
	[STATEMENT_QUERY_EACH_CAPTURE] = {"read captures",
	"SELECT sc.sensor, sc.realm, cap.name, cap.frames, cap.first_ns, cap.last_ns, cap.damaged"
	" FROM capture cap CROSS JOIN scope sc ON sc.row = cap.scope ORDER BY cap.first_ns, cap.name, cap.row"},
	[STATEMENT_QUERY_POLICY] = {"read the policy",
	"SELECT name FROM policy ORDER BY used DESC LIMIT 1"},
	[STATEMENT_QUERY_SCOPE] = {"look for a scope",
	"SELECT 1 FROM scope WHERE (?1 IS NULL OR sensor = ?1) AND (?2 IS NULL OR realm = ?2) LIMIT 1"},
};
/* clang-format on */

static int
statement_prepare(struct store *s, enum statement which, unsigned flags, sqlite3_stmt **out)
{
	*out = NULL;
	if (sqlite3_prepare_v3(s->db.sql, statement_all[which].sql, -1, flags, out, NULL) !=
	    SQLITE_OK)
		return db_failed(&s->db, statement_all[which].name);
	return 0;
}

int
statement_get(struct store *s, enum statement which, sqlite3_stmt **out)
{
	int err = 0;

	if (s->statement[which] == NULL)
		err = statement_prepare(s, which, SQLITE_PREPARE_PERSISTENT, &s->statement[which]);
	*out = s->statement[which];
	return err;
}

int
statement_fresh(struct store *s, enum statement which, sqlite3_stmt **out)
{
	return statement_prepare(s, which, 0, out);
}

int
statement_row(struct store *s, const struct param *p, enum statement which)
{
	int rc = p->rc;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(p->st);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	return db_failed(&s->db, statement_all[which].name);
}

int
statement_run(struct store *s, const struct param *p, enum statement which)
{
	int err = statement_row(s, p, which);

	assert(err <= 0);
	statement_done(p->st);
	return err;
}

void
statement_done(sqlite3_stmt *st)
{
	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);
}

const char *
statement_sql(enum statement which)
{
	return statement_all[which].sql;
}

void
statement_deinit(struct store *s)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(s->statement[i]);
		s->statement[i] = NULL;
	}
}
