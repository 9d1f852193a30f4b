/* upkeep_merge.c - see upkeep.h. The other store is attached as `other`; rows of it get the numbers that follow ours, except
 * where ours has what they stand for. What each number becomes lies in temporary tables: old, new. */
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "store/state.h"
#include "store/upkeep.h"

/* clang-format off */
/* A table of what the rows of ${table} become: those that are here by ${same} (theirs is t, ours o), and numbers behind ours. */
#define MAP(table, same, from) \
	"CREATE TEMP TABLE map_" table " (old INTEGER PRIMARY KEY, new INTEGER, fresh INTEGER);" \
	"INSERT INTO map_" table " SELECT t.row, o.row, 0 FROM other." table " t" from " LEFT JOIN main." table " o ON " same \
	" WHERE true ON CONFLICT (old) DO NOTHING;" \
	"UPDATE map_" table " SET fresh = 1, new = f.number FROM (SELECT old, (SELECT coalesce(max(row), 0) FROM main." table ")" \
	" + row_number() OVER (ORDER BY old) AS number FROM map_" table " WHERE new IS NULL) f WHERE map_" table ".old = f.old;"

#define NEW(table, old) \
	"(SELECT new FROM map_" table " WHERE old = " old ")"

/* Evidence, whose first number is that of its capture. */
#define EVIDENCE(e) \
	"iif(" e " GLOB '[[][0-9]*', '[' || " NEW("capture", "CAST(substr(" e ", 2) AS INTEGER)") \
	" || substr(" e ", instr(" e ", ',')), " e ")"

#define FRESH(table) \
	" FROM other." table " t CROSS JOIN map_" table " m ON m.old = t.row AND m.fresh "

/* What is said, by whoever says it: (realm, address, interface) of a change, with its time. */
#define SAID(db) \
	"SELECT c.row, coalesce(c.ts_ns, c.row) AS ts, c.kind, c.current, sc.realm, sv.sort, i.uuid, i.major, i.protseq," \
	" coalesce(c.not_before_ns, coalesce(c.not_after_ns, c.first_ns, c.ts_ns, c.row)) AS since," \
	" coalesce(c.not_after_ns, c.first_ns, c.ts_ns, c.row) AS until, c.id AS id, sc.sensor AS sensor FROM " db ".change c" \
	" CROSS JOIN " db ".server sv ON sv.row = c.server CROSS JOIN " db ".scope sc ON sc.row = sv.scope" \
	" LEFT JOIN " db ".interface i ON i.row = c.interface"

static const char merge_names[] =
	"CREATE TEMP TABLE strange AS SELECT t.row AS old FROM other.scope t WHERE NOT EXISTS"
	" (SELECT 1 FROM main.scope o WHERE o.sensor = t.sensor AND o.realm = t.realm);"
	MAP("scope", "o.sensor = t.sensor AND o.realm = t.realm", "")
	"INSERT INTO main.scope (row, sensor, realm) SELECT m.new, sensor, realm" FRESH("scope") ";"
	MAP("interface", "o.uuid = t.uuid AND o.major = t.major AND o.protseq = t.protseq", "")
	"INSERT INTO main.interface (row, uuid, major, protseq) SELECT m.new, uuid, major, protseq" FRESH("interface") ";"
	MAP("server", "o.scope = s.new AND o.sort = t.sort", " CROSS JOIN map_scope s ON s.old = t.scope")
	"INSERT INTO main.server (row, scope, address, sort) SELECT m.new, " NEW("scope", "t.scope") ", address, sort"
	FRESH("server") ";"
	"UPDATE main.server SET sealed = max(server.sealed, t.sealed), sealed_mapper = max(server.sealed_mapper,"
	" t.sealed_mapper), host = iif(coalesce(t.host_ns > server.host_ns, t.host IS NOT NULL AND server.host IS NULL), t.host, server.host),"
	" host_ns = iif(coalesce(t.host_ns > server.host_ns, t.host IS NOT NULL AND server.host IS NULL), t.host_ns, server.host_ns)"
	" FROM (SELECT m.new AS number, x.* FROM other.server x CROSS JOIN map_server m ON m.old = x.row) t"
	" WHERE server.row = t.number;"
	"INSERT INTO main.server_alias SELECT m.new, name, last_ns FROM other.server_alias t CROSS JOIN map_server m"
	" ON m.old = t.server WHERE true ON CONFLICT DO UPDATE SET last_ns = max(last_ns, excluded.last_ns);"
	"INSERT INTO main.referral SELECT m.new, operation, name, first_ns, last_ns, count FROM other.referral t"
	" CROSS JOIN map_server m ON m.old = t.server WHERE true ON CONFLICT DO UPDATE SET"
	" first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns),"
	" count = max(count, excluded.count);"
	MAP("capture", "o.scope = s.new AND o.link = t.link AND o.first_record = t.first_record AND o.digest = t.digest"
	" AND o.bytes = t.bytes", " CROSS JOIN map_scope s ON s.old = t.scope")
	"INSERT INTO main.capture SELECT m.new, " NEW("scope", "t.scope") ", name, link, first_record, digest, bytes, frames,"
	" first_ns, last_ns, damaged" FRESH("capture") ";"
	"INSERT INTO main.coverage (scope, from_ns, to_ns) SELECT m.new, from_ns, to_ns FROM other.coverage t"
	" CROSS JOIN map_scope m ON m.old = t.scope WHERE NOT EXISTS (SELECT 1 FROM main.coverage o"
	" WHERE o.scope = m.new AND o.from_ns <= t.from_ns AND o.to_ns >= t.to_ns);";

static const char merge_episodes[] =
	MAP("episode", "o.server = s.new AND o.interface = i.new AND o.ended_ns IS t.ended_ns AND o.port = t.port"
	" AND coalesce(o.name, '') = coalesce(t.name, '') AND o.first_ns = t.first_ns",
	" CROSS JOIN map_server s ON s.old = t.server CROSS JOIN map_interface i ON i.old = t.interface")
	"INSERT INTO main.episode SELECT m.new, " NEW("server", "t.server") ", " NEW("interface", "t.interface") ","
	" port, name, minor, annotation, first_ns, last_ns, ended_ns, why, announced, used, attempted, clients,"
	" clients_estimated, told, " EVIDENCE("first_seen") ", " EVIDENCE("last_seen") FRESH("episode") ";"
	"INSERT INTO main.episode_client SELECT m.new, client FROM other.episode_client t CROSS JOIN map_episode m"
	" ON m.old = t.episode AND m.fresh;";

/* Of the changes on both sides, by key and kind; ${skew} is in the table `skew`. */
static const char merge_changes[] =
	"CREATE TEMP TABLE ours AS " SAID("main") ";"
	"CREATE TEMP TABLE theirs AS " SAID("other") ";"
	"CREATE INDEX temp.ours_by ON ours (sort, uuid, kind, ts);"
	"CREATE TEMP TABLE map_change (old INTEGER PRIMARY KEY, new INTEGER, fresh INTEGER);"
	"INSERT INTO map_change SELECT t.row, (SELECT row FROM (SELECT o.row AS row, o.id <> t.id AS another, abs(o.ts - t.ts) AS away FROM ours o WHERE o.sort = t.sort AND o.uuid IS t.uuid"
	" AND o.kind = t.kind AND o.major IS t.major AND o.protseq IS t.protseq AND o.realm = t.realm"
	" AND o.current = t.current AND o.since - (SELECT ns FROM skew) <= t.until"
	" AND t.since - (SELECT ns FROM skew) <= o.until"
	" AND (o.sensor <> t.sensor OR o.id = t.id)) ORDER BY another, away LIMIT 1), 0"
	" FROM theirs t;"
	"UPDATE map_change SET fresh = 1, new = f.number FROM (SELECT old, (SELECT coalesce(max(row), 0) FROM main.change)"
	" + row_number() OVER (ORDER BY old) AS number FROM map_change WHERE new IS NULL) f WHERE map_change.old = f.old;"
	"INSERT INTO main.change SELECT m.new, coalesce(ts_ns, row), id, revises, also, kind, " NEW("server", "t.server") ", "
	NEW("interface", "t.interface") ", minor, confidence, first_ns, not_before_ns, not_after_ns, clients, previous,"
	" current, evidence_ns, " EVIDENCE("evidence") FRESH("change") ";"
	"INSERT INTO main.change_member SELECT m.new, number, " NEW("server", "t.server") ", " NEW("interface", "t.interface")
	", minor, previous, current, not_before_ns, not_after_ns FROM other.change_member t CROSS JOIN map_change m"
	" ON m.old = t.change AND m.fresh;";

static const char merge_alerts[] =
	MAP("alert", "o.scope = s.new AND o.id = t.id AND o.server IS " NEW("server", "t.server") " AND o.interface IS "
	NEW("interface", "t.interface"), " CROSS JOIN map_scope s ON s.old = t.scope")
	"INSERT INTO main.alert (row, scope, id, change, rule, severity, state, server, interface, about, minor, ts_ns,"
	" opened_ns, updated_ns, closed_ns, once, suppressed, clients, client_total, signature, expected, observed)"
	" SELECT m.new, " NEW("scope", "t.scope") ", id, change, rule, severity, state, " NEW("server", "t.server") ", "
	NEW("interface", "t.interface") ", about, minor, ts_ns, opened_ns, updated_ns, closed_ns, once, suppressed,"
	" clients, client_total, signature, expected, observed" FRESH("alert") ";"
	"INSERT INTO main.alert_evidence SELECT m.new, number, state, evidence_ns, " EVIDENCE("evidence")
	" FROM other.alert_evidence t CROSS JOIN map_alert m ON m.old = t.alert AND m.fresh;";

static const char merge_rest[] =
	"INSERT INTO main.pending SELECT " NEW("scope", "t.scope") ", " NEW("server", "t.server") ","
	" coalesce(" NEW("interface", "t.interface") ", 0), due_ns, data FROM other.pending t"
	" WHERE t.scope IN (SELECT old FROM strange);"
	"INSERT INTO main.state SELECT " NEW("scope", "t.scope") ", name, data FROM other.state t"
	" WHERE t.scope IN (SELECT old FROM strange);"
	"INSERT INTO main.policy (scope, name, text, used, hash) SELECT " NEW("scope", "t.scope") ", name, text,"
	" t.used - (SELECT max(used) FROM other.policy), hash FROM other.policy t WHERE true ON CONFLICT DO NOTHING;"
	"INSERT INTO main.accepted (scope, server, interface, minor, port, name, id, accepted_ns, reason)"
	" SELECT sc, sv, i, minor, port, name, id, accepted_ns, reason FROM (SELECT t.*, " NEW("scope", "t.scope") " AS sc, "
	NEW("server", "t.server") " AS sv, " NEW("interface", "t.interface") " AS i FROM other.accepted t) t WHERE NOT EXISTS"
	" (SELECT 1 FROM main.accepted o WHERE o.scope = t.sc AND o.server IS t.sv AND o.interface IS t.i AND o.port = t.port"
	" AND o.name IS t.name AND o.id IS t.id);"
	"INSERT INTO main.session (server, interface, client, port, pipe, client_port, minor, auth_type, auth_level, count,"
	" first_ns, last_ns) SELECT " NEW("server", "t.server") ", " NEW("interface", "t.interface") ", client, port, pipe,"
	" client_port, minor, auth_type, auth_level, count, first_ns, last_ns FROM other.session t WHERE true"
	" ON CONFLICT (server, client, port, pipe, interface) DO UPDATE SET count = max(count, excluded.count),"
	" client_port = iif(excluded.last_ns > last_ns, excluded.client_port, client_port),"
	" first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns);";

/* Pairs of sensors that know a server by the same keys, at the same time, and agree on none of them. */
static const char merge_disjoint[] =
	"SELECT a.realm || ' ' || a.address || ': ' || a.sensor || ' and ' || b.sensor || ' saw it on disjoint ports at the same time'"
	" FROM (SELECT sc.realm, sc.sensor, sv.address, sv.sort, sv.row FROM server sv CROSS JOIN scope sc ON sc.row = sv.scope) a"
	" CROSS JOIN (SELECT sc.realm, sc.sensor, sv.sort, sv.row FROM server sv CROSS JOIN scope sc ON sc.row = sv.scope) b"
	" ON b.realm = a.realm AND b.sort = a.sort AND a.sensor < b.sensor"
	" CROSS JOIN episode x ON x.row IN (SELECT row FROM episode WHERE server = a.row AND ended_ns IS NULL UNION ALL"
	" SELECT row FROM episode WHERE server = a.row AND ended_ns IS NOT NULL)"
	" CROSS JOIN episode y ON y.row IN (SELECT row FROM episode WHERE server = b.row AND interface = x.interface"
	" AND ended_ns IS NULL UNION ALL SELECT row FROM episode WHERE server = b.row AND interface = x.interface"
	" AND ended_ns IS NOT NULL)"
	" AND x.port > 0 AND y.port > 0 AND x.announced + x.used > 0 AND y.announced + y.used > 0"
	" AND x.first_ns < coalesce(y.ended_ns, y.last_ns, y.first_ns)"
	" AND y.first_ns < coalesce(x.ended_ns, x.last_ns, x.first_ns)"
	" GROUP BY a.row, b.row HAVING sum(x.port = y.port) = 0 ORDER BY 1";
/* clang-format on */

static int
merge_count(struct store *s, const char *table, int64_t *out)
{
	char sql[96];

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM map_%s WHERE fresh", table);
	return db_number(&s->db, sql, out);
}

static int
merge_rows(struct store *s, int64_t skew_ns, struct upkeep_merged *out)
{
	static const char *const steps[] = {
	    merge_names, merge_episodes, merge_changes, merge_alerts, merge_rest};
	char sql[96];
	int err;

	(void)snprintf(
	    sql, sizeof(sql), "CREATE TEMP TABLE skew AS SELECT %lld AS ns", (long long)skew_ns);
	err = db_exec(&s->db, sql);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && err == 0; i++)
		err = db_exec(&s->db, steps[i]);
	if (err != 0 || (err = merge_count(s, "episode", &out->episodes)) != 0 ||
	    (err = merge_count(s, "change", &out->changes)) != 0 ||
	    (err = merge_count(s, "alert", &out->alerts)) != 0)
		return err;
	return db_number(&s->db, "SELECT count(*) FROM map_change WHERE NOT fresh", &out->same);
}

/* A reader's checks, so that what is attached is a store of today's schema. */
static int
merge_examine(struct store *s, const char *path)
{
	struct store *other;
	int err = store_open(&other, path, STORE_READER);

	if (err != 0)
		(void)snprintf(s->db.error, sizeof(s->db.error), "%s",
		    other != NULL ? store_error(other) : err_text(err));
	store_close(&other);
	return err;
}

static int
merge_attach(struct store *s, const char *path)
{
	char *sql = sqlite3_mprintf("ATTACH %Q AS other", path);
	int err = sql != NULL ? db_exec(&s->db, sql) : -ENOMEM;

	sqlite3_free(sql);
	return err;
}

static void
merge_detach(struct store *s)
{
	static const char *const tables[] = {"skew", "strange", "ours", "theirs", "map_scope",
	    "map_interface", "map_server", "map_capture", "map_episode", "map_change", "map_alert"};
	char sql[64];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		(void)snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS temp.%s", tables[i]);
		(void)sqlite3_exec(s->db.sql, sql, NULL, NULL, NULL);
	}
	(void)sqlite3_exec(s->db.sql, "DETACH other", NULL, NULL, NULL);
}

int
upkeep_merge(struct store *s, const char *path, int64_t skew_ns, struct upkeep_merged *out)
{
	int err = merge_examine(s, path);

	*out = (struct upkeep_merged){.same = 0};
	if (err != 0 || (err = merge_attach(s, path)) != 0)
		return err;
	if ((err = db_begin_gently(&s->db)) == 0) {
		if ((err = merge_rows(s, skew_ns, out)) != 0)
			store_rollback(s);
		else
			err = store_commit(s);
	}
	merge_detach(s);
	return err;
}

int
upkeep_disjoint(struct store *s, void (*each)(void *ctx, const char *text), void *ctx)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db.sql, merge_disjoint, -1, &st, NULL);
	int err = 0;

	if (rc == SQLITE_OK)
		while ((rc = sqlite3_step(st)) == SQLITE_ROW)
			each(ctx, (const char *)sqlite3_column_text(st, 0));
	if (rc != SQLITE_DONE)
		err = db_failed(&s->db, "cannot compare sensors");
	sqlite3_finalize(st);
	return err;
}
