/* statement.c - see statement.h. The order of parameters and columns is that of the code that gives
 * and reads them. */
#include "store/statement.h"

#include <assert.h>
#include <stdio.h>

#include "base/err.h"
#include "store/known.h"
#include "store/param.h"
#include "store/state.h"

/* clang-format off */
/* The row of the capture where evidence lies. */
#define CAPTURE(evidence) \
	"CAST(substr(" evidence ", 2) AS INTEGER)"

#define CAPTURE_INSERT \
	"INSERT INTO capture (row, scope, name, link, first_record, digest, bytes, frames, first_ns, last_ns, damaged)" \
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (row) DO "

/* Of many rows; on a failure all of the transaction goes, so that nothing has to be noted to undo a part of it. */
#define INSERT_ALL(table, columns, from) \
	"INSERT OR ROLLBACK INTO " table " (" columns ") SELECT " columns " FROM " from

#define ALERT_ROW \
	"row, scope, id, change, rule, severity, state, server, interface, about, minor, ts_ns, opened_ns, updated_ns," \
	" closed_ns, once, suppressed, clients, client_total, signature, expected, observed"

#define ALERT_COLUMNS_OF(key) \
	"a.row, a.id, a.change, a.rule, a.severity, a.state, " key ", a.about, a.minor," \
	" a.ts_ns, a.opened_ns, a.updated_ns, a.closed_ns, a.once, a.suppressed, a.clients, a.client_total, a.signature," \
	" a.expected, a.observed, ev.evidence_ns, ev.evidence"
#define ALERT_COLUMNS \
	ALERT_COLUMNS_OF("sv.address, i.uuid, i.major, i.protseq")

#define ALERT_KEY \
	" LEFT JOIN server sv ON sv.row = a.server LEFT JOIN interface i ON i.row = a.interface"

#define ALERT_LATEST_EVIDENCE \
	" LEFT JOIN alert_evidence ev ON ev.alert = a.row" \
	" AND ev.number = (SELECT max(number) FROM alert_evidence WHERE alert = a.row)"

/* What a filter's parameters 1 to 5 say of a key: server sv, scope sc, interface i. */
#define FILTER_SERVER \
	" (?1 IS NULL OR sc.sensor = ?1) AND (?2 IS NULL OR sc.realm = ?2) AND (?3 IS NULL OR sv.sort = ?3)"
#define FILTER_KEY \
	FILTER_SERVER " AND (?4 IS NULL OR i.uuid = ?4) AND (?5 IS NULL OR i.protseq = ?5)"
/* An id that begins so: ids are hexadecimal digits, and `g` is behind all of them. */
#define ID_BEGINS(id) \
	id " >= ?9 AND " id " < ?9 || 'g'"
/* The same where nobody asks for one, and a nil UUID or no address means what is about none. */
#define FILTER_ABOUT \
	" (?1 IS NULL OR sc.sensor = ?1) AND (?2 IS NULL OR sc.realm = ?2)" \
	" AND (?3 IS NULL OR coalesce(sv.sort, zeroblob(16)) = ?3)" \
	" AND (?4 IS NULL OR coalesce(i.uuid, zeroblob(16)) = ?4) AND (?5 IS NULL OR i.protseq = ?5)"

/* What push_row.c reads: flows of new-mail datagrams, registrations, clients. */
#define PUSH_COLUMNS \
	"x.client, x.client_port, x.server_port, x.last_port, x.registered, x.final, x.alternative, x.context," \
	" x.payload_len, x.count, x.refused, x.first_ns, x.last_ns, x.closed_ns, x.repeat_ns, x.stretch, x.marks," \
	" x.evidence_ns, x.evidence"
#define REGISTRATION_COLUMNS \
	"x.client, x.client_port, x.server_port, nullif(x.address, ''), x.port, x.sealed, x.answered, x.final," \
	" x.silent, x.alternative, x.context, x.context_len, x.mask, x.status, x.delivered, x.refused, x.first_ns, x.last_ns," \
	" x.evidence_ns, x.evidence"
#define PUSH_CLIENT_COLUMNS \
	"x.client, x.beats, x.bound_ns, x.sealed_len, x.sealed_ns, x.waits_ns, x.starved_clear, x.starved_ns, x.fed_ns," \
	" x.evidence_ns, x.evidence"

#define EPISODE_ROW \
	"row, server, interface, port, name, minor, annotation, first_ns, last_ns, ended_ns, why, announced, used," \
	" attempted, clients, clients_estimated, told, first_seen, last_seen"

#define EPISODE_COLUMNS \
	"SELECT sc.sensor, sc.realm, sv.host, sv.address, i.uuid, i.major, i.protseq, e.minor, e.annotation, e.port," \
	" e.name, e.first_ns, e.last_ns, e.ended_ns, e.why, e.announced, e.used, e.attempted, e.clients," \
	" e.clients_estimated, e.first_seen, e.last_seen, c1.name, c2.name"
#define EPISODE_CAPTURES \
	" LEFT JOIN capture c1 ON c1.row = " CAPTURE("e.first_seen") \
	" LEFT JOIN capture c2 ON c2.row = " CAPTURE("e.last_seen")
#define EPISODE_FILTER \
	FILTER_KEY " AND (?6 IS NULL OR e.port = ?6)"
#define EPISODE_ORDER \
	" ORDER BY sc.sensor, sc.realm, sv.sort, i.uuid, i.major, i.protseq, e.port, e.name COLLATE NOCASE," \
	" e.first_ns, e.row"
/* From the outside in, so that indices give the order of servers and only what one server has is sorted. */
#define EPISODES_OF_SERVER(past) \
	"e.row IN (SELECT row FROM episode WHERE server = sv.row AND ended_ns IS NULL" \
	" UNION ALL SELECT row FROM episode WHERE server = sv.row AND ended_ns IS NOT NULL" past ")"
#define ALL_SERVERS \
	"sv.scope = sc.row"
#define ONE_SERVER \
	"sv.scope = sc.row AND sv.sort = ?3"
#define EPISODES_INWARD(servers, those) \
	EPISODE_COLUMNS " FROM scope sc CROSS JOIN server sv ON " servers " CROSS JOIN episode e ON " those \
	" CROSS JOIN interface i ON i.row = e.interface" EPISODE_CAPTURES " WHERE" EPISODE_FILTER EPISODE_ORDER
/* Of one server and UUID, which may be those of several versions and protocol sequences. */
#define EPISODES_OF_KEY(those) \
	EPISODE_COLUMNS " FROM scope sc CROSS JOIN server sv ON " ONE_SERVER " CROSS JOIN interface i ON i.uuid = ?4" \
	" CROSS JOIN episode e ON " those EPISODE_CAPTURES " WHERE" EPISODE_FILTER EPISODE_ORDER
/* From a list of episodes outwards, where the list is short beside the store. */
#define EPISODES_OUTWARD(those) \
	EPISODE_COLUMNS " FROM episode e CROSS JOIN interface i ON i.row = e.interface" \
	" CROSS JOIN server sv ON sv.row = e.server CROSS JOIN scope sc ON sc.row = sv.scope" EPISODE_CAPTURES \
	" WHERE " those " AND" EPISODE_FILTER EPISODE_ORDER

/* Those that touch ?7 and what follows, each part from an index of its own. */
#define EPISODES_TOUCHING \
	"(SELECT row FROM episode WHERE ended_ns IS NULL UNION ALL SELECT row FROM episode WHERE ended_ns >= ?7)"
#define ALERTS_TOUCHING \
	"(SELECT row FROM alert WHERE over_ns IS NULL UNION ALL SELECT row FROM alert WHERE over_ns >= ?7)"

/* Nearly all changes stand in the order of time; the others are in an index of their own. */
#define CHANGE_COLUMNS(ts, those) \
	"SELECT sc.sensor, sc.realm, sv.host, c.row, c.id, c.revises, c.also, c.kind, sv.address, i.uuid, i.major, i.protseq," \
	" c.minor, c.confidence, " ts " AS ts, c.first_ns, c.not_before_ns, c.not_after_ns, c.clients, c.previous, c.current," \
	" c.evidence_ns, c.evidence, cap.name" \
	" FROM change c CROSS JOIN server sv ON sv.row = c.server CROSS JOIN scope sc ON sc.row = sv.scope" \
	" LEFT JOIN interface i ON i.row = c.interface LEFT JOIN capture cap" \
	" ON cap.row = " CAPTURE("c.evidence") \
	" WHERE " those " AND " ts " >= ?7 AND " ts " < ?8" \
	" AND (?10 IS NULL OR c.revises = ?10 OR instr(c.also, '\"' || ?10 || '\"') > 0) AND" FILTER_KEY \
	" AND (?6 IS NULL OR EXISTS (SELECT 1 FROM json_each(c.previous) WHERE value = ?6)" \
	" OR EXISTS (SELECT 1 FROM json_each(c.current) WHERE value = ?6))"

#define ALERTS_FOUND(those) \
	"SELECT sc.sensor, sc.realm, sv.host, " ALERT_COLUMNS " FROM alert a CROSS JOIN scope sc ON sc.row = a.scope" \
	ALERT_KEY ALERT_LATEST_EVIDENCE \
	" WHERE " those " AND a.opened_ns < ?8 AND (?11 IS NULL OR a.change = ?11) AND" FILTER_KEY " AND (?6 IS NULL" \
	" OR instr(',' || replace(a.observed, ' ', '') || ',', ',' || ?6 || ',') > 0)" \
	" ORDER BY a.severity DESC, a.opened_ns, a.id"

#define ACCEPTED_COLUMNS \
	"SELECT sc.sensor, sc.realm, sv.host, sv.address, i.uuid, i.major, i.protseq, a.minor, a.port, a.name, a.id," \
	" a.accepted_ns, a.reason"
#define ACCEPTED_ORDER \
	" ORDER BY sc.sensor, sc.realm, sv.sort, i.uuid, i.major, i.protseq, a.port, a.name COLLATE NOCASE, a.id"

/* SESSION_DAYS in nanoseconds: who comes again later begins anew. */
#define SESSION_WEEK "604800000000000"

#define PENDING_KEY \
	"p.due_ns, sv.address, i.uuid, i.major, i.protseq"
#define PENDING_JOIN \
	" CROSS JOIN server sv ON sv.row = p.server LEFT JOIN interface i ON i.row = p.interface"

#define PENDING_FOUND(those) \
	"SELECT sc.sensor, sc.realm, sv.host, " PENDING_KEY ", p.data FROM scope sc CROSS JOIN pending p ON p.scope = sc.row" \
	PENDING_JOIN " WHERE" FILTER_KEY those \
	" ORDER BY sc.sensor, sc.realm, p.due_ns, sv.sort, i.uuid, i.major, i.protseq"

/* What a sensor counted: what would be too much for a number stays at the most. */
#define TALLY_COLUMNS \
	"packets, bytes, dropped_kernel, dropped_interface, dropped_queue, dropped_decode, dropped_cap, gaps, damaged, pdus," \
	" malformed, sealed, sealed_answers, answers, binds, unannounced, up_ns"
#define TALLY_MORE(column) \
	column " = " column " + min(excluded." column ", 9223372036854775807 - " column ")"

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
	"INSERT INTO server (row, scope, sort, address) VALUES (?, ?, ?, ?)"},
	[STATEMENT_SERVER_FACTS] = {"keep what a server is",
	"UPDATE server SET host = ?2, host_ns = ?3, sealed = ?4, sealed_mapper = ?5 WHERE row = ?1"},
	[STATEMENT_SERVER_LOAD] = {"load what a server is",
	"SELECT host, host_ns, sealed, sealed_mapper FROM server WHERE row = ?"},
	[STATEMENT_ALIASES_DROP] = {"keep aliases",
	"DELETE FROM server_alias WHERE server = ?"},
	[STATEMENT_ALIAS_KEEP] = {"keep aliases",
	"INSERT INTO server_alias (server, name, last_ns) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"},
	[STATEMENT_ALIASES_LOAD] = {"load aliases",
	"SELECT name, last_ns FROM server_alias WHERE server = ? ORDER BY name LIMIT ?"},
	[STATEMENT_REFERRAL_KEEP] = {"keep referrals",
	"INSERT INTO referral (server, operation, name, first_ns, last_ns, count) VALUES (?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (server, operation, name) DO UPDATE SET first_ns = excluded.first_ns,"
	" last_ns = excluded.last_ns, count = excluded.count"},
	[STATEMENT_REFERRALS_LOAD] = {"load referrals",
	"SELECT operation, name, first_ns, last_ns, count FROM referral WHERE server = ?"
	" ORDER BY operation, name LIMIT ?"},
	[STATEMENT_INTERFACE_FIND] = {"find an interface",
	"SELECT row FROM interface WHERE uuid = ? AND major = ? AND protseq = ?"},
	[STATEMENT_INTERFACE_KEEP] = {"keep an interface",
	"INSERT INTO interface (row, uuid, major, protseq) VALUES (?, ?, ?, ?)"},
	[STATEMENT_EACH_KEY] = {"read keys",
	"SELECT sv.scope, sv.sort, i.uuid, i.major, i.protseq, e.rule FROM"
	" (SELECT server, interface, '' AS rule FROM episode WHERE ended_ns IS NULL"
	" UNION ALL SELECT server, interface, '' FROM episode WHERE ended_ns IS NOT NULL"
	" UNION ALL SELECT server, interface, '' FROM pending WHERE interface > 0"
	" UNION ALL SELECT server, interface, '" KNOWN_ALERT "' FROM alert"
	" UNION ALL SELECT row, NULL, '" KNOWN_SERVER "' FROM server) e"
	" CROSS JOIN server sv ON sv.row = e.server LEFT JOIN interface i ON i.row = e.interface"},
	[STATEMENT_CAPTURE_ENSURE] = {"keep a capture",
	CAPTURE_INSERT "NOTHING"},
	[STATEMENT_CAPTURE_KEEP] = {"keep a capture",
	CAPTURE_INSERT "UPDATE SET digest = excluded.digest, bytes = excluded.bytes, frames = excluded.frames,"
	" first_ns = excluded.first_ns, last_ns = excluded.last_ns, damaged = excluded.damaged"},
	[STATEMENT_CAPTURE_FIND] = {"find captures",
	"SELECT row, name, link, first_record, digest, bytes, frames, first_ns, last_ns, damaged FROM capture"
	" WHERE link = ? AND first_record = ? AND scope = ? ORDER BY bytes DESC, row"},
	[STATEMENT_EPISODES_ADD] = {"keep episodes",
	INSERT_ALL("episode", EPISODE_ROW, "incoming_new")},
	[STATEMENT_EPISODES_FRESH] = {"keep episodes",
	INSERT_ALL("episode", "row, server, interface, port, minor, first_ns, announced, used, attempted, told, first_seen",
	"incoming_fresh")},
	[STATEMENT_EPISODES_KEEP] = {"keep episodes",
	INSERT_ALL("episode", EPISODE_ROW, "incoming_maybe") " WHERE true"
	" ON CONFLICT (row) DO UPDATE SET minor = excluded.minor, annotation = excluded.annotation,"
	" first_ns = excluded.first_ns, last_ns = excluded.last_ns,"
	" ended_ns = excluded.ended_ns, why = excluded.why, announced = excluded.announced, used = excluded.used,"
	" attempted = excluded.attempted, clients = excluded.clients, clients_estimated = excluded.clients_estimated,"
	" told = excluded.told, first_seen = excluded.first_seen, last_seen = excluded.last_seen"},
	[STATEMENT_EPISODE_SEEN] = {"keep an episode",
	"UPDATE episode SET minor = ?2, annotation = ?3, first_ns = ?4, last_ns = ?5, announced = ?6, used = ?7,"
	" attempted = ?8, clients = ?9, clients_estimated = ?10, told = ?11, first_seen = ?12, last_seen = ?13"
	" WHERE row = ?1"},
	[STATEMENT_EPISODE_ENDED] = {"keep an episode",
	"UPDATE episode SET ended_ns = ?2, why = ?3, told = ?4 WHERE row = ?1"},
	[STATEMENT_EPISODE_LOAD] = {"load episodes",
	"SELECT " EPISODE_ROW " FROM episode WHERE server = ?1 AND interface = ?2 AND ended_ns IS NULL"
	" UNION ALL SELECT * FROM (SELECT " EPISODE_ROW " FROM episode WHERE server = ?1 AND interface = ?2"
	" AND ended_ns IS NOT NULL ORDER BY ended_ns DESC, row DESC LIMIT ?3)"},
	[STATEMENT_EPISODE_LATEST] = {"load episodes",
	"SELECT " EPISODE_ROW " FROM episode WHERE server = ?1 AND interface = ?2 AND ended_ns IS NULL"
	" ORDER BY coalesce(last_ns, first_ns) DESC, row DESC LIMIT ?3"},
	[STATEMENT_CLIENTS_KEEP] = {"keep clients",
	INSERT_ALL("episode_client", "episode, client", "incoming_client") " WHERE true ON CONFLICT DO NOTHING"},
	[STATEMENT_CLIENT_LOAD] = {"load clients",
	"SELECT client FROM episode_client WHERE episode = ? LIMIT ?"},
	[STATEMENT_CHANGE_FIND] = {"find a change",
	"SELECT row FROM change WHERE row = ?1 AND ts_ns IS NULL AND id = ?2"
	" UNION ALL SELECT row FROM change WHERE ts_ns = ?1 AND id = ?2"},
	[STATEMENT_CHANGES_ADD] = {"keep changes",
	INSERT_ALL("change", "row, ts_ns, id, revises, also, kind, server, interface, minor, confidence, first_ns,"
	" not_before_ns, not_after_ns, clients, previous, current, evidence_ns, evidence", "incoming_change")},
	[STATEMENT_MEMBERS_ADD] = {"keep members",
	INSERT_ALL("change_member", "change, number, server, interface, minor, previous, current, not_before_ns, not_after_ns",
	"incoming_member")},
	[STATEMENT_ALERTS_ADD] = {"keep alerts",
	INSERT_ALL("alert", ALERT_ROW, "incoming_alert")},
	[STATEMENT_EVIDENCES_ADD] = {"keep evidence",
	"INSERT OR ROLLBACK INTO alert_evidence (alert, number, state, evidence_ns, evidence)"
	" SELECT row, 1, state, evidence_ns, evidence FROM incoming_alert WHERE evidence_ns IS NOT NULL"},
	[STATEMENT_ALERT_FIND] = {"find an alert",
	"SELECT row FROM alert WHERE scope = ? AND server IS ? AND interface IS ? AND id = ?"},
	[STATEMENT_ALERT_KEEP] = {"keep an alert",
	"UPDATE alert SET change = ?2, severity = ?3, state = ?4, minor = ?5, ts_ns = ?6, updated_ns = ?7, closed_ns = ?8,"
	" once = ?9, suppressed = ?10, clients = ?11, client_total = ?12, signature = ?13, expected = ?14, observed = ?15"
	" WHERE row = ?1"},
	[STATEMENT_ALERT_LOAD] = {"load an alert",
	"SELECT " ALERT_COLUMNS " FROM alert a" ALERT_KEY ALERT_LATEST_EVIDENCE
	" WHERE a.scope = ? AND a.server IS ? AND a.interface IS ? AND a.rule = ?"
	" ORDER BY a.opened_ns DESC, a.row DESC LIMIT 1"},
	[STATEMENT_ALERTS_LOAD] = {"load alerts", /* of a key that is known, and not read */
	"SELECT " ALERT_COLUMNS_OF("NULL, NULL, 0, 0") " FROM (SELECT row AS number FROM alert WHERE scope = ?1 AND server IS ?2 AND interface IS ?3"
	" AND over_ns IS NULL UNION ALL SELECT * FROM (SELECT row FROM alert WHERE scope = ?1 AND server IS ?2"
	" AND interface IS ?3 AND over_ns IS NOT NULL ORDER BY over_ns DESC, row DESC LIMIT ?4)) those"
	" CROSS JOIN alert a ON a.row = those.number" ALERT_LATEST_EVIDENCE},
	[STATEMENT_EVIDENCE_FIND] = {"find evidence",
	"SELECT max(number), max(state = ?2 AND evidence_ns IS ?3 AND evidence IS ?4) FROM alert_evidence WHERE alert = ?1"},
	[STATEMENT_EVIDENCE_KEEP] = {"keep evidence",
	"INSERT INTO alert_evidence (alert, state, evidence_ns, evidence, number) VALUES (?, ?, ?, ?, ?)"},
	[STATEMENT_EVIDENCE_THIN] = {"thin evidence",
	"DELETE FROM alert_evidence WHERE alert = ? AND number > 1 AND number < ?"},
	[STATEMENT_POLICY_KEEP] = {"keep the policy",
	"INSERT INTO policy (scope, name, text, hash, used)"
	" VALUES (?, ?, ?, ?, (SELECT coalesce(max(used), 0) + 1 FROM policy))"
	" ON CONFLICT (scope) DO UPDATE SET name = excluded.name, text = excluded.text, hash = excluded.hash,"
	" used = excluded.used WHERE name <> excluded.name OR text <> excluded.text OR hash IS NOT excluded.hash"
	" OR used < (SELECT max(used) FROM policy)"},
	[STATEMENT_PENDING_KEEP] = {"keep what is pending",
	INSERT_ALL("pending", "scope, server, interface, due_ns, data", "incoming_pending") " WHERE true"
	" ON CONFLICT (server, interface) DO UPDATE SET due_ns = excluded.due_ns, data = excluded.data"},
	[STATEMENT_PENDING_DROP] = {"keep what is pending",
	"DELETE FROM pending WHERE (server, interface) IN (SELECT server, interface FROM incoming_pending"
	" WHERE due_ns IS NULL AND data IS NULL) AND due_ns IS NULL AND data IS NULL"},
	[STATEMENT_PENDING_LOAD] = {"load what is pending",
	"SELECT due_ns, data FROM pending WHERE server = ? AND interface = ?"},
	[STATEMENT_PENDING_NEXT] = {"find what is due",
	"SELECT due_ns FROM pending WHERE scope = ? AND due_ns IS NOT NULL ORDER BY due_ns LIMIT 1"},
	[STATEMENT_PENDING_DUE] = {"find what is due",
	"SELECT " PENDING_KEY " FROM pending p" PENDING_JOIN " WHERE p.scope = ? AND p.due_ns >= ?"
	" ORDER BY p.due_ns, sv.sort, i.uuid, i.major, i.protseq"},
	[STATEMENT_EACH_KEY_OF] = {"read the keys of a server",
	"SELECT i.uuid, i.major, i.protseq FROM (SELECT interface FROM episode WHERE server = ?1 AND ended_ns IS NULL"
	" UNION SELECT interface FROM episode WHERE server = ?1 AND ended_ns IS NOT NULL) e"
	" CROSS JOIN interface i ON i.row = e.interface ORDER BY i.uuid, i.major, i.protseq"},
	[STATEMENT_LAST_SEEN] = {"read when a server was seen",
	"SELECT max(seen) FROM (SELECT max(coalesce(last_ns, first_ns)) AS seen FROM episode WHERE server = ?1"
	" AND ended_ns IS NULL AND announced + used > 0 UNION ALL SELECT max(coalesce(last_ns, first_ns)) FROM episode"
	" WHERE server = ?1 AND ended_ns IS NOT NULL AND announced + used > 0)"},
	[STATEMENT_STATE_KEEP] = {"keep the sensor's state",
	"INSERT INTO state (scope, name, data) VALUES (?, ?, ?) ON CONFLICT (scope, name) DO UPDATE SET data = excluded.data"},
	[STATEMENT_STATE_DROP] = {"keep the sensor's state",
	"DELETE FROM state WHERE scope = ? AND name = ?"},
	[STATEMENT_STATE_LOAD] = {"load the sensor's state",
	"SELECT data FROM state WHERE scope = ? AND name = ?"},
	[STATEMENT_COVERAGE_KEEP] = {"keep coverage",
	"INSERT INTO coverage (row, scope, from_ns, to_ns) VALUES (?, ?, ?, ?)"
	" ON CONFLICT (row) DO UPDATE SET from_ns = excluded.from_ns, to_ns = excluded.to_ns"},
	[STATEMENT_TALLY_ADD] = {"add to what was counted",
	"INSERT INTO tally (hour, scope, " TALLY_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (hour, scope) DO UPDATE SET " TALLY_MORE("packets") ", " TALLY_MORE("bytes") ", "
	TALLY_MORE("dropped_kernel") ", " TALLY_MORE("dropped_interface") ", " TALLY_MORE("dropped_queue") ", "
	TALLY_MORE("dropped_decode") ", " TALLY_MORE("dropped_cap") ", " TALLY_MORE("gaps") ", " TALLY_MORE("damaged") ", "
	TALLY_MORE("pdus") ", " TALLY_MORE("malformed") ", " TALLY_MORE("sealed") ", " TALLY_MORE("sealed_answers") ", "
	TALLY_MORE("answers") ", " TALLY_MORE("binds") ", " TALLY_MORE("unannounced") ", " TALLY_MORE("up_ns")},
	[STATEMENT_SESSIONS_KEEP] = {"keep sessions",
	INSERT_ALL("session", "server, interface, client, port, pipe, client_port, minor, auth_type, auth_level, count,"
	" first_ns, last_ns, protocol", "incoming_session") " WHERE true"
	" ON CONFLICT (server, client, port, pipe, interface)"
	" DO UPDATE SET client_port = iif(excluded.last_ns >= last_ns, excluded.client_port, client_port),"
	" minor = iif(excluded.last_ns >= last_ns AND excluded.count > 0, excluded.minor, minor),"
	" auth_type = iif(excluded.last_ns >= last_ns AND excluded.count > 0, excluded.auth_type, auth_type),"
	" auth_level = iif(excluded.last_ns >= last_ns AND excluded.count > 0, excluded.auth_level, auth_level),"
	" count = excluded.count + iif(excluded.first_ns - last_ns > " SESSION_WEEK ", 0, count),"
	" first_ns = iif(excluded.first_ns - last_ns > " SESSION_WEEK ", excluded.first_ns, min(first_ns, excluded.first_ns)), last_ns = max(last_ns, excluded.last_ns),"
	" protocol = iif(excluded.last_ns >= session.last_ns, excluded.protocol, protocol)"},
	[STATEMENT_SESSIONS_AT] = {"find sessions",
	"SELECT i.uuid, i.major, i.protseq, x.minor, x.pipe, x.auth_type, x.auth_level, x.count, x.first_ns, x.last_ns,"
	" x.protocol FROM session x CROSS JOIN interface i ON i.row = x.interface"
	" WHERE x.server = ? AND x.client = ? AND x.port = ? AND x.client_port = ? ORDER BY x.pipe, i.uuid, i.major, i.protseq"},
	[STATEMENT_SESSION_NEWEST] = {"look for sessions",
	"SELECT count(*), max(0, coalesce(max(last_ns), 0)), coalesce(min(last_ns), 9223372036854775807) FROM session"},
	[STATEMENT_SESSION_OLD] = {"drop old sessions",
	"DELETE FROM session WHERE last_ns < ?"},
	[STATEMENT_SESSION_MOST] = {"drop old sessions",
	"DELETE FROM session WHERE row IN (SELECT row FROM session ORDER BY last_ns, row LIMIT ?)"},
	[STATEMENT_SESSION_COUNT] = {"count sessions",
	"SELECT count(*) FROM session"},
	[STATEMENT_ACCEPTED_KEEP] = {"keep what was accepted",
	"INSERT INTO accepted (scope, server, interface, port, name, id, minor, accepted_ns, reason)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
	[STATEMENT_ACCEPTED_REPLACE] = {"keep what was accepted",
	"DELETE FROM accepted WHERE scope = ? AND server IS ? AND interface IS ? AND port = ?"
	" AND coalesce(name, '') = coalesce(?, '') COLLATE NOCASE AND id IS ?"},
	[STATEMENT_ACCEPTED_DROP] = {"forget what was accepted",
	"DELETE FROM accepted WHERE scope = ? AND server IS ? AND interface IS ?"},
	[STATEMENT_ACCEPTED_WHOLE] = {"keep what was accepted",
	"INSERT OR REPLACE INTO accepted_whole (scope, accepted_ns, change, alert, reason) SELECT row, ?1,"
	" (SELECT coalesce(max(row), 0) FROM change), (SELECT coalesce(max(row), 0) FROM alert), ?2 FROM scope"},
	[STATEMENT_PUSH_KEEP] = {"keep a push",
	"INSERT INTO push (server, client, client_port, server_port, last_port, registered, final, alternative, context,"
	" payload_len, count, refused, first_ns, last_ns, closed_ns, repeat_ns, stretch, marks, evidence_ns, evidence)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (server, client, client_port, first_ns) DO UPDATE SET server_port = excluded.server_port,"
	" last_port = excluded.last_port, registered = excluded.registered, final = excluded.final,"
	" alternative = excluded.alternative, context = excluded.context, payload_len = excluded.payload_len,"
	" count = excluded.count, refused = excluded.refused, last_ns = excluded.last_ns, closed_ns = excluded.closed_ns,"
	" repeat_ns = excluded.repeat_ns, stretch = excluded.stretch, marks = excluded.marks"},
	[STATEMENT_PUSHES_OPEN] = {"load pushes",
	"SELECT sv.address, " PUSH_COLUMNS " FROM server sv CROSS JOIN push x ON x.server = sv.row AND x.final = 0"
	" WHERE sv.scope = ? ORDER BY x.last_ns, x.row"},
	[STATEMENT_PUSH_NEWEST] = {"look for pushes",
	"SELECT max(0, coalesce((SELECT max(last_ns) FROM push), 0), coalesce((SELECT max(last_ns) FROM push_registration), 0),"
	" coalesce((SELECT max(bound_ns) FROM push_client), 0))"},
	[STATEMENT_PUSH_OLD] = {"drop old pushes",
	"DELETE FROM push WHERE last_ns < ? AND final"},
	[STATEMENT_PUSH_MOST] = {"drop old pushes",
	"DELETE FROM push WHERE row IN (SELECT row FROM push ORDER BY last_ns DESC, row DESC LIMIT -1 OFFSET ?)"},
	[STATEMENT_REGISTRATION_KEEP] = {"keep a registration",
	"INSERT INTO push_registration (server, client, client_port, server_port, address, port, sealed, answered, final,"
	" silent, alternative, context, context_len, mask, status, delivered, refused, first_ns, last_ns, evidence_ns, evidence)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT (server, client, client_port, first_ns, address, port, context) DO UPDATE SET"
	" answered = excluded.answered, final = excluded.final, silent = excluded.silent, alternative = excluded.alternative,"
	" context_len = excluded.context_len, mask = excluded.mask, status = excluded.status,"
	" delivered = excluded.delivered, refused = excluded.refused, last_ns = excluded.last_ns"},
	[STATEMENT_REGISTRATIONS_OPEN] = {"load registrations",
	"SELECT sv.address, " REGISTRATION_COLUMNS " FROM server sv CROSS JOIN push_registration x ON x.server = sv.row"
	" AND x.final = 0 WHERE sv.scope = ? ORDER BY x.last_ns, x.row"},
	[STATEMENT_REGISTRATION_OLD] = {"drop old registrations",
	"DELETE FROM push_registration WHERE last_ns < ? AND final"},
	[STATEMENT_REGISTRATION_MOST] = {"drop old registrations",
	"DELETE FROM push_registration WHERE row IN"
	" (SELECT row FROM push_registration ORDER BY last_ns DESC, row DESC LIMIT -1 OFFSET ?)"},
	[STATEMENT_PUSH_CLIENT_KEEP] = {"keep a mailbox client",
	"INSERT INTO push_client (server, client, beats, bound_ns, sealed_len, sealed_ns, waits_ns, starved_clear, starved_ns,"
	" fed_ns, evidence_ns, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (server, client) DO UPDATE SET"
	" beats = excluded.beats, bound_ns = excluded.bound_ns, sealed_len = excluded.sealed_len,"
	" sealed_ns = excluded.sealed_ns, waits_ns = excluded.waits_ns, starved_clear = excluded.starved_clear,"
	" starved_ns = excluded.starved_ns, fed_ns = excluded.fed_ns, evidence_ns = excluded.evidence_ns,"
	" evidence = excluded.evidence"},
	[STATEMENT_PUSH_CLIENTS] = {"load mailbox clients",
	"SELECT sv.address, " PUSH_CLIENT_COLUMNS " FROM (SELECT p.* FROM server sv CROSS JOIN push_client p"
	" ON p.server = sv.row WHERE sv.scope = ? ORDER BY p.bound_ns DESC, sv.sort, p.client LIMIT 32768) x"
	" CROSS JOIN server sv ON sv.row = x.server ORDER BY x.bound_ns, sv.sort DESC, x.client DESC"},
	[STATEMENT_PUSH_CLIENT_OLD] = {"drop old mailbox clients",
	"DELETE FROM push_client WHERE bound_ns < ?"},
	[STATEMENT_PUSH_CLIENT_MOST] = {"drop old mailbox clients",
	"DELETE FROM push_client WHERE (server, client) IN"
	" (SELECT server, client FROM push_client ORDER BY bound_ns DESC, server, client LIMIT -1 OFFSET ?)"},
	[STATEMENT_MAILBOXES] = {"load mailbox servers",
	"SELECT sv.address, e.port, c.client, e.first_ns, iif(e.used > 0, e.first_seen, NULL) FROM interface i"
	" CROSS JOIN server sv CROSS JOIN episode e ON e.server = sv.row AND e.interface = i.row AND e.ended_ns IS NULL AND e.port > 0"
	" AND e.announced + e.used > 0 LEFT JOIN episode_client c ON c.episode = e.row AND e.used > 0"
	" WHERE i.uuid = x'a4f1db00ca471067b31f00dd010662da' AND i.major = 0 AND i.protseq = 1 AND sv.scope = ? ORDER BY sv.sort, e.port, e.row, c.client"},
	[STATEMENT_SET_READ] = {"read a set",
	"SELECT value FROM json_each(?)"},
	[STATEMENT_EACH_ENDPOINT] = {"read endpoints",
	"SELECT DISTINCT sv.address, e.port FROM episode e CROSS JOIN interface i ON i.row = e.interface"
	" CROSS JOIN server sv ON sv.row = e.server"
	" WHERE e.ended_ns IS NULL AND i.protseq IN (?, ?) AND e.port > 0 ORDER BY sv.sort, e.port"},
	[STATEMENT_QUERY_ALIVE] = {"read endpoints",
	EPISODES_INWARD(ALL_SERVERS, "e.server = sv.row AND e.ended_ns IS NULL")},
	[STATEMENT_QUERY_ALIVE_OF] = {"read endpoints",
	EPISODES_INWARD(ONE_SERVER, "e.server = sv.row AND e.ended_ns IS NULL")},
	[STATEMENT_QUERY_SPAN] = {"read the history",
	EPISODES_OUTWARD("e.row IN " EPISODES_TOUCHING " AND e.first_ns < ?8")},
	[STATEMENT_QUERY_SPAN_OF] = {"read the history",
	EPISODES_INWARD(ONE_SERVER, EPISODES_OF_SERVER(" AND ended_ns >= ?7") " AND e.first_ns < ?8")},
	[STATEMENT_QUERY_ALIVE_KEY] = {"read endpoints",
	EPISODES_OF_KEY("e.server = sv.row AND e.interface = i.row AND e.ended_ns IS NULL")},
	[STATEMENT_QUERY_SPAN_KEY] = {"read the history",
	EPISODES_OF_KEY("e.row IN (SELECT row FROM episode WHERE server = sv.row AND interface = i.row AND ended_ns IS NULL"
	" UNION ALL SELECT row FROM episode WHERE server = sv.row AND interface = i.row AND ended_ns >= ?7) AND e.first_ns < ?8")},
	[STATEMENT_QUERY_ALL] = {"read the history",
	EPISODES_INWARD(ALL_SERVERS, EPISODES_OF_SERVER(""))},
	[STATEMENT_QUERY_CHANGES] = {"read changes",
	CHANGE_COLUMNS("c.row", "c.ts_ns IS NULL") " UNION ALL "
	CHANGE_COLUMNS("c.ts_ns", "c.ts_ns IS NOT NULL") " ORDER BY ts, c.id"},
	[STATEMENT_QUERY_CHANGES_BY_ID] = {"read changes",
	CHANGE_COLUMNS("coalesce(c.ts_ns, c.row)", ID_BEGINS("c.id")) " ORDER BY ts, c.id"},
	[STATEMENT_QUERY_MEMBERS] = {"read members",
	"SELECT sv.address, i.uuid, i.major, i.protseq, m.minor, m.previous, m.current, m.not_before_ns, m.not_after_ns"
	" FROM change_member m CROSS JOIN server sv ON sv.row = m.server LEFT JOIN interface i ON i.row = m.interface"
	" WHERE m.change = ? ORDER BY m.number"},
	[STATEMENT_QUERY_ALERTS] = {"read alerts",
	ALERTS_FOUND("a.row IN " ALERTS_TOUCHING)},
	[STATEMENT_QUERY_ALERTS_BY_ID] = {"read alerts",
	ALERTS_FOUND(ID_BEGINS("a.id") " AND (a.over_ns IS NULL OR a.over_ns >= ?7)")},
	[STATEMENT_QUERY_EVIDENCE] = {"read evidence",
	"SELECT ev.evidence_ns, ev.evidence, cap.name FROM alert_evidence ev"
	" LEFT JOIN capture cap ON cap.row = " CAPTURE("ev.evidence") " WHERE ev.alert = ? ORDER BY ev.number LIMIT ?"},
	[STATEMENT_QUERY_ENDPOINTS] = {"count endpoints",
	"SELECT count(*), total(alive) FROM (SELECT count(*) AS alive FROM episode INDEXED BY episode_alive"
	" WHERE ended_ns IS NULL GROUP BY server)"},
	[STATEMENT_QUERY_CAPTURES] = {"count captures",
	"SELECT count(*), count(damaged), sum(frames), min(first_ns) FILTER (WHERE frames > 0),"
	" max(last_ns) FILTER (WHERE frames > 0) FROM capture"},
	[STATEMENT_QUERY_EACH_CAPTURE] = {"read captures",
	"SELECT sc.sensor, sc.realm, cap.name, cap.frames, cap.first_ns, cap.last_ns, cap.damaged"
	" FROM capture cap CROSS JOIN scope sc ON sc.row = cap.scope ORDER BY cap.first_ns, cap.name, cap.row"},
	[STATEMENT_QUERY_POLICY] = {"read the policy",
	"SELECT name, text, coalesce(hash, '') FROM policy ORDER BY used DESC LIMIT 1"},
	[STATEMENT_QUERY_SCOPES] = {"look for a scope",
	"SELECT count(*) FROM scope WHERE (?1 IS NULL OR sensor = ?1) AND (?2 IS NULL OR realm = ?2)"},
	[STATEMENT_QUERY_SERVERS] = {"read servers",
	"SELECT sc.sensor, sc.realm, sv.row, sv.address, sv.host, sv.sealed, sv.sealed_mapper"
	" FROM scope sc CROSS JOIN server sv ON sv.scope = sc.row WHERE" FILTER_SERVER
	" AND (sv.host IS NOT NULL OR sv.sealed > 0 OR EXISTS (SELECT 1 FROM server_alias WHERE server = sv.row)"
	" OR EXISTS (SELECT 1 FROM referral WHERE server = sv.row)) ORDER BY sc.sensor, sc.realm, sv.sort"},
	[STATEMENT_QUERY_SESSIONS] = {"read sessions",
	"SELECT sc.sensor, sc.realm, sv.host, sv.address, i.uuid, i.major, i.protseq, x.minor, x.client, x.client_port, x.port,"
	" x.pipe, x.auth_type, x.auth_level, x.count, x.first_ns, x.last_ns, x.protocol FROM scope sc CROSS JOIN server sv"
	" ON sv.scope = sc.row CROSS JOIN session x ON x.server = sv.row CROSS JOIN interface i ON i.row = x.interface"
	" WHERE" FILTER_KEY " AND (?6 IS NULL OR x.port = ?6) AND x.last_ns >= ?7 AND x.first_ns < ?8"
	" ORDER BY sc.sensor, sc.realm, sv.sort, x.port, x.pipe, x.client, i.uuid, i.major, i.protseq"},
	[STATEMENT_QUERY_PUSHES] = {"read pushes",
	"SELECT sc.sensor, sc.realm, sv.host, sv.address, " PUSH_COLUMNS ", cap.name FROM scope sc CROSS JOIN server sv"
	" ON sv.scope = sc.row CROSS JOIN push x ON x.server = sv.row LEFT JOIN capture cap"
	" ON cap.row = " CAPTURE("x.evidence") " WHERE" FILTER_SERVER
	" AND (?6 IS NULL OR x.client_port = ?6) AND x.last_ns >= ?7 AND x.first_ns < ?8"
	" ORDER BY sc.sensor, sc.realm, sv.sort, x.first_ns, x.client, x.client_port, x.row"},
	[STATEMENT_QUERY_REGISTRATIONS] = {"read registrations",
	"SELECT sc.sensor, sc.realm, sv.host, sv.address, " REGISTRATION_COLUMNS ", cap.name FROM scope sc CROSS JOIN server sv"
	" ON sv.scope = sc.row CROSS JOIN push_registration x ON x.server = sv.row LEFT JOIN capture cap"
	" ON cap.row = " CAPTURE("x.evidence") " WHERE" FILTER_SERVER
	" AND (?6 IS NULL OR x.port = ?6) AND x.last_ns >= ?7 AND x.first_ns < ?8"
	" ORDER BY sc.sensor, sc.realm, sv.sort, x.first_ns, x.client, x.client_port, x.row"},
	[STATEMENT_QUERY_PUSH_CLIENTS] = {"read mailbox clients",
	"SELECT sc.sensor, sc.realm, sv.host, sv.address, " PUSH_CLIENT_COLUMNS " FROM scope sc CROSS JOIN server sv"
	" ON sv.scope = sc.row CROSS JOIN push_client x ON x.server = sv.row WHERE" FILTER_SERVER
	" AND x.bound_ns >= ?7 AND ?8 IS NOT NULL ORDER BY sc.sensor, sc.realm, sv.sort, x.client"},
	[STATEMENT_QUERY_COVERAGE] = {"read coverage",
	"SELECT sc.sensor, sc.realm, c.row, c.from_ns, c.to_ns FROM scope sc CROSS JOIN coverage c ON c.scope = sc.row"
	" WHERE (?1 IS NULL OR sc.sensor = ?1) AND (?2 IS NULL OR sc.realm = ?2) AND c.to_ns >= ?7 AND c.from_ns < ?8"
	" ORDER BY sc.sensor, sc.realm, c.from_ns, c.row"},
	[STATEMENT_QUERY_TALLIES] = {"read what was counted",
	"SELECT sc.sensor, sc.realm, t.hour, " TALLY_COLUMNS " FROM tally t CROSS JOIN scope sc ON sc.row = t.scope"
	" WHERE (?1 IS NULL OR sc.sensor = ?1) AND (?2 IS NULL OR sc.realm = ?2) AND t.hour BETWEEN ?3 AND ?4"
	" ORDER BY t.hour, sc.sensor, sc.realm"},
	[STATEMENT_QUERY_INTERFACES] = {"read interfaces",
	"SELECT server, interface FROM episode INDEXED BY episode_alive WHERE ended_ns IS NULL"},
	[STATEMENT_QUERY_INTERFACES_AT] = {"read interfaces",
	"SELECT server, interface FROM episode WHERE row IN (SELECT row FROM episode WHERE ended_ns IS NULL"
	" UNION ALL SELECT row FROM episode WHERE ended_ns > ?1) AND first_ns <= ?1"},
	[STATEMENT_QUERY_INTERFACE_NAMES] = {"read interfaces",
	"SELECT DISTINCT sc.sensor, sc.realm, i.uuid FROM json_each(?1) pair"
	" CROSS JOIN scope sc ON sc.row = json_extract(pair.value, '$[0]')"
	" CROSS JOIN interface i ON i.row = json_extract(pair.value, '$[1]') ORDER BY sc.sensor, sc.realm, i.uuid"},
	[STATEMENT_QUERY_SCOPE_OF] = {"look for a scope",
	"SELECT scope FROM server WHERE row = ?"},
	[STATEMENT_QUERY_PENDING] = {"read what is pending",
	PENDING_FOUND(" AND p.due_ns < ?8")},
	[STATEMENT_QUERY_PENDING_ALL] = {"read what is pending",
	PENDING_FOUND(" AND (p.due_ns IS NULL OR p.due_ns < ?8)")},
	[STATEMENT_QUERY_ACCEPTED] = {"read what was accepted",
	ACCEPTED_COLUMNS " FROM accepted a CROSS JOIN scope sc ON sc.row = a.scope" ALERT_KEY
	" WHERE" FILTER_ABOUT " AND (?6 IS NULL OR a.port = ?6)" ACCEPTED_ORDER},
	[STATEMENT_QUERY_ACCEPTED_AT] = {"read what was accepted",
	ACCEPTED_COLUMNS " FROM scope sc CROSS JOIN server sv ON " ONE_SERVER " CROSS JOIN accepted a ON a.scope = sc.row"
	" AND a.server = sv.row LEFT JOIN interface i ON i.row = a.interface"
	" WHERE" FILTER_ABOUT " AND (?6 IS NULL OR a.port = ?6)" ACCEPTED_ORDER},
	[STATEMENT_QUERY_ACCEPTED_OF] = {"read what was accepted",
	ACCEPTED_COLUMNS " FROM scope sc CROSS JOIN accepted a ON a.scope = sc.row"
	" AND a.server IS (SELECT row FROM server WHERE scope = sc.row AND sort = ?3)"
	" AND a.interface IS (SELECT row FROM interface WHERE uuid = ?4 AND major = ?5 AND protseq = ?6)" ALERT_KEY
	" WHERE sc.sensor = ?1 AND sc.realm = ?2 AND (a.server IS NULL) = (?3 IS NULL) AND (a.interface IS NULL) = (?4 IS NULL)"
	ACCEPTED_ORDER},
	[STATEMENT_QUERY_ACCEPTED_WHOLE] = {"read what was accepted",
	"SELECT sc.sensor, sc.realm, w.accepted_ns, w.change, w.alert, w.reason FROM accepted_whole w"
	" CROSS JOIN scope sc ON sc.row = w.scope ORDER BY sc.sensor, sc.realm"},
	[STATEMENT_QUERY_STATES] = {"read the sensors' state",
	"SELECT sc.sensor, sc.realm, t.name, t.data FROM state t CROSS JOIN scope sc ON sc.row = t.scope"
	" WHERE ?1 IS NULL OR t.name = ?1 ORDER BY sc.sensor, sc.realm, t.name"},
	[STATEMENT_QUERY_ENDPOINTS_AT] = {"count endpoints",
	"SELECT count(*), total(alive) FROM (SELECT count(*) AS alive FROM episode WHERE row IN"
	" (SELECT row FROM episode WHERE ended_ns IS NULL UNION ALL SELECT row FROM episode WHERE ended_ns > ?1)"
	" AND first_ns <= ?1 GROUP BY server)"},
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

int
statement_number(struct store *s, const struct param *p, enum statement which, int64_t *out)
{
	int err = statement_row(s, p, which);

	*out = err == 1 ? sqlite3_column_int64(p->st, 0) : 0;
	statement_done(p->st);
	return err < 0 ? err : 0;
}

void
statement_done(sqlite3_stmt *st)
{
	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);
}

int
statement_borrow(struct store *s, enum statement which, sqlite3_stmt **out)
{
	if (s->statement[which] != NULL && sqlite3_stmt_busy(s->statement[which]))
		return statement_fresh(s, which, out);
	return statement_get(s, which, out);
}

void
statement_return(struct store *s, enum statement which, sqlite3_stmt *st)
{
	if (st == s->statement[which])
		statement_done(st);
	else
		sqlite3_finalize(st);
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
