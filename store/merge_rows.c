/* merge_rows.c - see merge_sql.h: what was said, and what it was said of. */
#include "store/merge_sql.h"

/* clang-format off */
/* What is said, by whoever says it: (realm, address, interface) of a change, with its time. */
#define SAID(db) \
	"SELECT c.row, coalesce(c.ts_ns, c.row) AS ts, c.kind, c.current, sc.realm, sv.sort, i.uuid, i.major, i.protseq," \
	" coalesce(c.not_before_ns, coalesce(c.not_after_ns, c.first_ns, c.ts_ns, c.row)) AS since," \
	" coalesce(c.not_after_ns, c.first_ns, c.ts_ns, c.row) AS until, c.id AS id, sc.sensor AS sensor FROM " db ".change c" \
	" CROSS JOIN " db ".server sv ON sv.row = c.server CROSS JOIN " db ".scope sc ON sc.row = sv.scope" \
	" LEFT JOIN " db ".interface i ON i.row = c.interface"

/* Of the changes on both sides, by key and kind; ${skew} is in the table `skew`. */
const char merge_changes[] =
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
	"CREATE TEMP TABLE map_id AS SELECT t.id AS old, o.id AS new" BOTH("change") "CROSS JOIN main.change o ON o.row = m.new"
	" WHERE o.id <> t.id;"
	"CREATE INDEX temp.map_id_by ON map_id (old);"
	"INSERT INTO main.change SELECT m.new, coalesce(ts_ns, row), id, " NEW_ID("revises") ","
	" iif(also IS NULL, NULL, (SELECT json_group_array(" NEW_ID("a.value") ") FROM json_each(t.also) a)), kind, "
	NEW("server", "t.server") ", " NEW("interface", "t.interface") ", minor, confidence, first_ns, not_before_ns,"
	" not_after_ns, clients, previous, current, evidence_ns, " EVIDENCE("evidence") FRESH("change") ";"
	"INSERT INTO main.change_member SELECT m.new, number, " NEW("server", "t.server") ", " NEW("interface", "t.interface")
	", minor, previous, current, not_before_ns, not_after_ns FROM other.change_member t CROSS JOIN map_change m"
	" ON m.old = t.change AND m.fresh;"
	/* of two that are one, what the other saw beside */
	"INSERT INTO main.change_member SELECT change, (SELECT coalesce(max(number), 0) FROM main.change_member x"
	" WHERE x.change = t.change) + row_number() OVER (PARTITION BY change ORDER BY number), server, interface, minor, previous,"
	" current, not_before_ns, not_after_ns FROM (SELECT m.new AS change, o.server, " NEW("interface", "t.interface") " AS interface,"
	" t.number, t.minor, t.previous, t.current, t.not_before_ns, t.not_after_ns FROM other.change_member t"
	" CROSS JOIN map_change m ON m.old = t.change AND NOT m.fresh CROSS JOIN main.change o ON o.row = m.new) t"
	" WHERE NOT EXISTS (SELECT 1 FROM main.change_member x WHERE x.change = t.change AND x.interface IS t.interface);";

/* By the first sight; else what is alive on both sides is one. An episode that ended in either store has ended. */
#define OURS(alive) \
	"(SELECT e.row FROM main.episode e WHERE e.server = s.new AND e.interface = i.new AND e.ended_ns IS " alive \
	" AND e.port = t.port AND coalesce(e.name, '') = coalesce(t.name, '') COLLATE NOCASE"
#define OF_KEY \
	" CROSS JOIN map_server s ON s.old = t.server CROSS JOIN map_interface i ON i.old = t.interface"
#define LAST(e) \
	"coalesce(" e ".last_ns, " e ".first_ns)"
#define LAST_SEEN(e) \
	"iif(" e ".last_ns IS NULL, " e ".first_seen, " e ".last_seen)"

const char merge_episodes[] =
	MAP_FOUND("episode", "o.row = coalesce(" OURS("NULL") " AND e.first_ns = t.first_ns), "
	OURS("NOT NULL") " AND e.first_ns = t.first_ns))", OF_KEY)
	"UPDATE main.episode SET ended_ns = t.ended_ns, why = t.why FROM (SELECT m.new AS number, t.*" BOTH("episode")
	"WHERE m.new IS NOT NULL) t WHERE episode.row = t.number AND episode.ended_ns IS NULL AND t.ended_ns IS NOT NULL;"
	"UPDATE map_episode SET new = f.row FROM (SELECT t.row AS old, " OURS("NULL") ") AS row FROM other.episode t" OF_KEY
	" WHERE t.ended_ns IS NULL) f WHERE map_episode.old = f.old AND map_episode.new IS NULL AND f.row IS NOT NULL;"
	MAP_NUMBERS("episode")
	"INSERT INTO main.episode SELECT m.new, " NEW("server", "t.server") ", " NEW("interface", "t.interface") ","
	" port, name, minor, annotation, first_ns, last_ns, ended_ns, why, announced, used, attempted, clients,"
	" clients_estimated, " NEW_ID("told") ", " EVIDENCE("first_seen") ", " EVIDENCE("last_seen") FRESH("episode") ";"
	"CREATE TEMP TABLE twice AS SELECT m.new AS number, t.first_ns, " LAST("t") " AS last_ns, t.announced, t.used, t.attempted,"
	" t.clients, t.clients_estimated, t.minor, t.annotation, " NEW_ID("t.told") " AS told, " EVIDENCE("t.first_seen") " AS first_seen, "
	EVIDENCE(LAST_SEEN("t")) " AS last_seen" BOTH("episode") ";"
	"CREATE INDEX temp.twice_by ON twice (number);"
	"UPDATE main.episode SET first_ns = min(episode.first_ns, t.first_ns),"
	" first_seen = iif(t.first_ns < episode.first_ns, t.first_seen, episode.first_seen),"
	" last_ns = nullif(max(" LAST("episode") ", t.last_ns), min(episode.first_ns, t.first_ns)),"
	" last_seen = iif(max(" LAST("episode") ", t.last_ns) = min(episode.first_ns, t.first_ns), NULL,"
	" iif(t.last_ns > " LAST("episode") ", t.last_seen, " LAST_SEEN("episode") ")),"
	" minor = iif(t.last_ns > " LAST("episode") ", t.minor, episode.minor),"
	" annotation = iif(t.last_ns > " LAST("episode") ", t.annotation, episode.annotation),"
	" told = iif(t.last_ns > " LAST("episode") ", t.told, episode.told),"
	" announced = max(episode.announced, t.announced), used = max(episode.used, t.used),"
	" attempted = max(episode.attempted, t.attempted),"
	" clients = iif(coalesce(t.clients, 1) > coalesce(episode.clients, 1), t.clients, episode.clients),"
	" clients_estimated = max(episode.clients_estimated, t.clients_estimated) FROM twice t WHERE episode.row = t.number;"
	"INSERT INTO main.episode_client SELECT m.new, client FROM other.episode_client t CROSS JOIN map_episode m"
	" ON m.old = t.episode WHERE true ON CONFLICT DO NOTHING;";

/* The later state of an alert that both have holds; one that closed stays closed. */
const char merge_alerts[] =
	MAP("alert", "o.scope = s.new AND o.id = t.id AND o.server IS " NEW("server", "t.server") " AND o.interface IS "
	NEW("interface", "t.interface"), " CROSS JOIN map_scope s ON s.old = t.scope")
	"INSERT INTO main.alert (row, scope, id, change, rule, severity, state, server, interface, about, minor, ts_ns,"
	" opened_ns, updated_ns, closed_ns, once, suppressed, clients, client_total, signature, expected, observed)"
	" SELECT m.new, " NEW("scope", "t.scope") ", id, " NEW_ID("change") ", rule, severity, state, " NEW("server", "t.server") ", "
	NEW("interface", "t.interface") ", about, minor, ts_ns, opened_ns, updated_ns, closed_ns, once, suppressed,"
	" clients, client_total, signature, expected, observed" FRESH("alert") ";"
	"UPDATE main.alert SET change = t.new_change, severity = t.severity, state = t.state, minor = t.minor, ts_ns = t.ts_ns,"
	" updated_ns = t.updated_ns, closed_ns = t.closed_ns, suppressed = t.suppressed, clients = t.clients,"
	" client_total = t.client_total, signature = t.signature, expected = t.expected, observed = t.observed"
	" FROM (SELECT m.new AS number, " NEW_ID("t.change") " AS new_change, t.*" BOTH("alert") ") t WHERE alert.row = t.number"
	" AND alert.state <> 3 AND (t.state = 3 OR t.updated_ns > alert.updated_ns);"
	"INSERT INTO main.alert_evidence SELECT m.new, number, state, evidence_ns, " EVIDENCE("evidence")
	" FROM other.alert_evidence t CROSS JOIN map_alert m ON m.old = t.alert WHERE true ON CONFLICT DO NOTHING;";
/* clang-format on */
