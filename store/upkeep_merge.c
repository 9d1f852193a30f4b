/* upkeep_merge.c - see upkeep.h. What is done stands in merge_sql.h. */
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "store/column.h"
#include "store/merge_sql.h"
#include "store/state.h"
#include "store/upkeep.h"

/* clang-format off */
static const char merge_rest[] =
	"DELETE FROM main.pending WHERE scope IN (SELECT m.new FROM map_scope m CROSS JOIN strange USING (old));"
	"DELETE FROM main.state WHERE scope IN (SELECT m.new FROM map_scope m CROSS JOIN strange USING (old));"
	"INSERT INTO main.pending SELECT " NEW("scope", "t.scope") ", " NEW("server", "t.server") ","
	" coalesce(" NEW("interface", "t.interface") ", 0), due_ns, data FROM other.pending t"
	" WHERE t.scope IN (SELECT old FROM strange);"
	"INSERT INTO main.state SELECT " NEW("scope", "t.scope") ", name, data FROM other.state t"
	" WHERE t.scope IN (SELECT old FROM strange);"
	"INSERT INTO main.policy (scope, name, text, used, hash) SELECT " NEW("scope", "t.scope") ", name, text,"
	" t.used - (SELECT max(used) FROM other.policy), hash FROM other.policy t WHERE true ON CONFLICT DO NOTHING;"
	"INSERT INTO main.accepted (scope, server, interface, minor, port, name, id, accepted_ns, reason)"
	" SELECT sc, sv, i, minor, port, name, new_id, accepted_ns, reason FROM (SELECT t.*, " NEW_ID("t.id") " AS new_id, " NEW("scope", "t.scope") " AS sc, "
	NEW("server", "t.server") " AS sv, " NEW("interface", "t.interface") " AS i FROM other.accepted t) t WHERE NOT EXISTS"
	" (SELECT 1 FROM main.accepted o WHERE o.scope = t.sc AND o.server IS t.sv AND o.interface IS t.i AND o.port = t.port"
	" AND o.name IS t.name AND o.id IS t.new_id);"
	"INSERT INTO main.accepted_whole SELECT sc, accepted_ns, (SELECT coalesce(max(m.new), 0) FROM map_change m"
	" CROSS JOIN main.change c ON c.row = m.new CROSS JOIN main.server sv ON sv.row = c.server"
	" WHERE m.old <= t.change AND sv.scope = t.sc), (SELECT coalesce(max(m.new), 0) FROM map_alert m CROSS JOIN main.alert a"
	" ON a.row = m.new WHERE m.old <= t.alert AND a.scope = t.sc), reason FROM (SELECT t.*, " NEW("scope", "t.scope") " AS sc"
	" FROM other.accepted_whole t) t WHERE true ON CONFLICT (scope) DO UPDATE SET accepted_ns = excluded.accepted_ns,"
	" change = max(change, excluded.change), alert = max(alert, excluded.alert), reason = excluded.reason"
	" WHERE excluded.change > change OR excluded.alert > alert;"
	"INSERT INTO main.session (server, interface, client, port, pipe, client_port, minor, auth_type, auth_level, count,"
	" first_ns, last_ns, protocol) SELECT " NEW("server", "t.server") ", " NEW("interface", "t.interface") ", client, port,"
	" pipe, client_port, minor, auth_type, auth_level, count, first_ns, last_ns, protocol FROM other.session t WHERE true"
	" ON CONFLICT (server, client, port, pipe, interface) DO UPDATE SET count = max(count, excluded.count),"
	" client_port = iif(excluded.last_ns > last_ns, excluded.client_port, client_port),"
	" first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns);";

/* Of a flow that both know, the one that saw more of it says how it is; an open one is as good as any. */
static const char merge_pushes[] =
	"INSERT INTO main.push (server, client, client_port, server_port, last_port, registered, final, alternative, context,"
	" payload_len, count, refused, first_ns, last_ns, closed_ns, repeat_ns, stretch, marks, evidence_ns, evidence)"
	" SELECT " NEW("server", "t.server") ", client, client_port, server_port, last_port, registered, final, alternative,"
	" context, payload_len, count, refused, first_ns, last_ns, closed_ns, repeat_ns, stretch, marks, evidence_ns, "
	EVIDENCE("evidence") " FROM other.push t WHERE true ON CONFLICT (server, client, client_port, first_ns) DO UPDATE SET"
	" last_port = excluded.last_port, registered = max(registered, excluded.registered), final = excluded.final,"
	" alternative = excluded.alternative, count = excluded.count, refused = excluded.refused, last_ns = excluded.last_ns,"
	" closed_ns = excluded.closed_ns, repeat_ns = excluded.repeat_ns, stretch = excluded.stretch, marks = excluded.marks"
	" WHERE excluded.last_ns > last_ns OR (excluded.last_ns = last_ns AND excluded.final > final);"
	"INSERT INTO main.push_registration (server, client, client_port, server_port, address, port, sealed, answered, final,"
	" silent, alternative, context, context_len, mask, status, delivered, refused, first_ns, last_ns, evidence_ns, evidence)"
	" SELECT " NEW("server", "t.server") ", client, client_port, server_port, address, port, sealed, answered, final,"
	" silent, alternative, context, context_len, mask, status, delivered, refused, first_ns, last_ns, evidence_ns, "
	EVIDENCE("evidence") " FROM other.push_registration t WHERE true"
	" ON CONFLICT (server, client, client_port, first_ns, address, port, context) DO UPDATE SET"
	" answered = excluded.answered, status = excluded.status, final = excluded.final, silent = excluded.silent, alternative = excluded.alternative,"
	" delivered = excluded.delivered, refused = excluded.refused, last_ns = excluded.last_ns"
	" WHERE excluded.last_ns > last_ns OR (excluded.last_ns = last_ns AND excluded.final > final);"
	"INSERT INTO main.push_client SELECT " NEW("server", "t.server") ", client, beats, bound_ns, sealed_len, sealed_ns,"
	" waits_ns, starved_clear, starved_ns, fed_ns, evidence_ns, " EVIDENCE("evidence") " FROM other.push_client t WHERE true"
	" ON CONFLICT (server, client) DO UPDATE SET beats = excluded.beats, bound_ns = excluded.bound_ns,"
	" sealed_len = excluded.sealed_len, sealed_ns = excluded.sealed_ns, waits_ns = excluded.waits_ns,"
	" starved_clear = excluded.starved_clear, starved_ns = excluded.starved_ns, fed_ns = excluded.fed_ns,"
	" evidence_ns = excluded.evidence_ns, evidence = excluded.evidence WHERE excluded.bound_ns > bound_ns;";

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
	    merge_names, merge_changes, merge_episodes, merge_alerts, merge_rest, merge_pushes};
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
	static const char *const tables[] = {"skew", "strange", "spans", "ours", "theirs", "twice", "captured", "apart", "map_id", "map_scope",
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

static void
give_line(sqlite3_stmt *st, void (*each)(void *ctx, const char *text), void *ctx)
{
	struct column c = column_init(st);

	each(ctx, column_shown(&c));
	column_free(&c);
}

int
upkeep_disjoint(struct store *s, void (*each)(void *ctx, const char *text), void *ctx)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db.sql, merge_disjoint, -1, &st, NULL);
	int err = 0;

	if (rc == SQLITE_OK)
		while ((rc = sqlite3_step(st)) == SQLITE_ROW)
			give_line(st, each, ctx);
	if (rc != SQLITE_DONE)
		err = db_failed(&s->db, "cannot compare sensors");
	sqlite3_finalize(st);
	return err;
}
