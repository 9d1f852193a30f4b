/* schema_now.c - all tables, words and views of a store as it is today: what a new store is made from at once, and the place
 * to see them. What they mean stands in schema.c.
 *
 * A store that is older takes steps instead (schema_1.c and on), and a test holds that both ways lead to the same tables.
 * Words and views hold nothing that was learned: they are made anew from here whenever a store is brought up to date. */
#include "store/schema_steps.h"

/* clang-format off */
const char schema_tables[] =
	/* who saw it, and where */
	"CREATE TABLE scope ("
	" row INTEGER PRIMARY KEY, sensor TEXT NOT NULL, realm TEXT NOT NULL,"
	" UNIQUE (sensor, realm)) STRICT;"

	"CREATE TABLE capture ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, name TEXT NOT NULL,"
	" link INTEGER NOT NULL, first_record BLOB NOT NULL CHECK (length(first_record) = 16),"
	" digest BLOB NOT NULL CHECK (length(digest) = 16), bytes INTEGER NOT NULL, frames INTEGER NOT NULL,"
	" first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, damaged INTEGER) STRICT;"
	"CREATE INDEX capture_begins ON capture (link, first_record, bytes);"

	"CREATE TABLE coverage ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope,"
	" from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL) STRICT;"
	"CREATE INDEX coverage_of ON coverage (scope, to_ns);"

	"CREATE TABLE tally ("
	" hour INTEGER NOT NULL, scope INTEGER NOT NULL REFERENCES scope, packets INTEGER NOT NULL, bytes INTEGER NOT NULL,"
	" dropped_kernel INTEGER NOT NULL, dropped_interface INTEGER NOT NULL, dropped_queue INTEGER NOT NULL,"
	" dropped_decode INTEGER NOT NULL, dropped_cap INTEGER NOT NULL, gaps INTEGER NOT NULL, damaged INTEGER NOT NULL,"
	" pdus INTEGER NOT NULL, malformed INTEGER NOT NULL, sealed INTEGER NOT NULL, sealed_answers INTEGER NOT NULL,"
	" answers INTEGER NOT NULL, binds INTEGER NOT NULL, unannounced INTEGER NOT NULL, up_ns INTEGER NOT NULL,"
	" PRIMARY KEY (hour, scope)) STRICT, WITHOUT ROWID;"

	/* what keys are made of */
	"CREATE TABLE server ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, address TEXT NOT NULL,"
	" sort BLOB NOT NULL CHECK (length(sort) = 16), host TEXT, host_ns INTEGER,"
	" sealed INTEGER NOT NULL DEFAULT 0, sealed_mapper INTEGER NOT NULL DEFAULT 0,"
	" UNIQUE (scope, sort)) STRICT;"

	"CREATE TABLE server_alias ("
	" server INTEGER NOT NULL REFERENCES server, name TEXT NOT NULL COLLATE NOCASE, last_ns INTEGER NOT NULL,"
	" PRIMARY KEY (server, name)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE referral ("
	" server INTEGER NOT NULL REFERENCES server, operation INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,"
	" first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, count INTEGER NOT NULL,"
	" PRIMARY KEY (server, operation, name)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE interface ("
	" row INTEGER PRIMARY KEY, uuid BLOB NOT NULL CHECK (length(uuid) = 16),"
	" major INTEGER NOT NULL CHECK (major BETWEEN 0 AND 65535),"
	" protseq INTEGER NOT NULL CHECK (protseq BETWEEN 0 AND 255),"
	" UNIQUE (uuid, major, protseq)) STRICT;"

	/* the history */
	"CREATE TABLE episode ("
	" row INTEGER PRIMARY KEY, server INTEGER NOT NULL REFERENCES server, interface INTEGER NOT NULL REFERENCES interface,"
	" port INTEGER NOT NULL, name TEXT, minor INTEGER NOT NULL,"
	" annotation TEXT, first_ns INTEGER NOT NULL, last_ns INTEGER, ended_ns INTEGER, why INTEGER,"
	" announced INTEGER NOT NULL, used INTEGER NOT NULL, attempted INTEGER NOT NULL,"
	" clients INTEGER, clients_estimated INTEGER NOT NULL DEFAULT 0, told TEXT, first_seen TEXT, last_seen TEXT)"
	" STRICT;"
	"CREATE INDEX episode_alive ON episode (server, interface, ended_ns) WHERE ended_ns IS NULL;"
	"CREATE INDEX episode_past ON episode (server, interface, ended_ns) WHERE ended_ns IS NOT NULL;"
	"CREATE INDEX episode_ended ON episode (ended_ns) WHERE ended_ns IS NOT NULL;"

	"CREATE TABLE episode_client ("
	" episode INTEGER NOT NULL REFERENCES episode, client TEXT NOT NULL,"
	" PRIMARY KEY (episode, client)) STRICT, WITHOUT ROWID;"

	/* what was said of it */
	"CREATE TABLE change ("
	" row INTEGER PRIMARY KEY, ts_ns INTEGER, id TEXT NOT NULL, revises TEXT, also TEXT, kind INTEGER NOT NULL,"
	" server INTEGER NOT NULL REFERENCES server, interface INTEGER REFERENCES interface, minor INTEGER NOT NULL,"
	" confidence INTEGER NOT NULL, first_ns INTEGER, not_before_ns INTEGER, not_after_ns INTEGER,"
	" clients INTEGER NOT NULL, previous TEXT NOT NULL, current TEXT NOT NULL, evidence_ns INTEGER, evidence TEXT)"
	" STRICT;"
	"CREATE INDEX change_late ON change (ts_ns, id) WHERE ts_ns IS NOT NULL;"
	"CREATE INDEX change_id ON change (id);"

	"CREATE TABLE change_member ("
	" change INTEGER NOT NULL REFERENCES change, number INTEGER NOT NULL,"
	" server INTEGER NOT NULL REFERENCES server, interface INTEGER REFERENCES interface, minor INTEGER NOT NULL,"
	" previous TEXT NOT NULL, current TEXT NOT NULL, not_before_ns INTEGER, not_after_ns INTEGER,"
	" PRIMARY KEY (change, number)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE alert ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, id TEXT NOT NULL, change TEXT,"
	" rule TEXT NOT NULL, severity INTEGER NOT NULL, state INTEGER NOT NULL,"
	" server INTEGER REFERENCES server, interface INTEGER REFERENCES interface, about TEXT, minor INTEGER NOT NULL,"
	" ts_ns INTEGER NOT NULL, opened_ns INTEGER NOT NULL, updated_ns INTEGER NOT NULL, closed_ns INTEGER,"
	" once INTEGER NOT NULL DEFAULT 0, suppressed INTEGER NOT NULL DEFAULT 0, clients TEXT, client_total INTEGER,"
	" signature TEXT NOT NULL, expected TEXT NOT NULL, observed TEXT NOT NULL,"
	" over_ns INTEGER GENERATED ALWAYS AS (iif(once, updated_ns, closed_ns)) VIRTUAL) STRICT;"
	"CREATE INDEX alert_of ON alert (scope, server, interface, over_ns);"
	"CREATE INDEX alert_standing ON alert (severity DESC, opened_ns) WHERE over_ns IS NULL;"
	"CREATE INDEX alert_over ON alert (over_ns) WHERE over_ns IS NOT NULL;"
	"CREATE INDEX alert_id ON alert (id);"

	"CREATE TABLE alert_evidence ("
	" alert INTEGER NOT NULL REFERENCES alert, number INTEGER NOT NULL, state INTEGER NOT NULL,"
	" evidence_ns INTEGER, evidence TEXT, PRIMARY KEY (alert, number)) STRICT, WITHOUT ROWID;"

	/* what is not said yet */
	"CREATE TABLE pending ("
	" scope INTEGER NOT NULL REFERENCES scope, server INTEGER NOT NULL REFERENCES server, interface INTEGER NOT NULL,"
	" due_ns INTEGER, data BLOB, PRIMARY KEY (server, interface)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX pending_due ON pending (scope, due_ns) WHERE due_ns IS NOT NULL;"

	"CREATE TABLE state ("
	" scope INTEGER NOT NULL REFERENCES scope, name TEXT NOT NULL, data BLOB NOT NULL,"
	" PRIMARY KEY (scope, name)) STRICT, WITHOUT ROWID;"

	/* what people said is right */
	"CREATE TABLE policy ("
	" scope INTEGER PRIMARY KEY REFERENCES scope, name TEXT NOT NULL, text TEXT NOT NULL,"
	" used INTEGER NOT NULL, hash TEXT) STRICT;"

	"CREATE TABLE accepted ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, server INTEGER REFERENCES server,"
	" interface INTEGER REFERENCES interface, minor INTEGER NOT NULL, port INTEGER NOT NULL, name TEXT, id TEXT,"
	" accepted_ns INTEGER NOT NULL, reason TEXT) STRICT;"
	"CREATE INDEX accepted_of ON accepted (scope, server, interface);"

	"CREATE TABLE accepted_whole ("
	" scope INTEGER PRIMARY KEY REFERENCES scope, accepted_ns INTEGER NOT NULL, change INTEGER NOT NULL,"
	" alert INTEGER NOT NULL, reason TEXT) STRICT;"

	/* who talked to whom lately */
	"CREATE TABLE session ("
	" row INTEGER PRIMARY KEY, server INTEGER NOT NULL REFERENCES server,"
	" interface INTEGER NOT NULL REFERENCES interface, client TEXT NOT NULL, port INTEGER NOT NULL, pipe TEXT NOT NULL,"
	" client_port INTEGER NOT NULL, minor INTEGER NOT NULL, auth_type INTEGER, auth_level INTEGER,"
	" count INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, protocol TEXT,"
	" UNIQUE (server, client, port, pipe, interface)) STRICT;"

	/* new mail by datagram */
	"CREATE TABLE push ("
	" row INTEGER PRIMARY KEY, server INTEGER NOT NULL REFERENCES server, client TEXT NOT NULL,"
	" client_port INTEGER NOT NULL, server_port INTEGER NOT NULL, last_port INTEGER NOT NULL, registered INTEGER NOT NULL,"
	" final INTEGER NOT NULL, alternative INTEGER NOT NULL, context BLOB NOT NULL, payload_len INTEGER NOT NULL,"
	" count INTEGER NOT NULL, refused INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
	" closed_ns INTEGER, repeat_ns INTEGER, stretch INTEGER NOT NULL, marks INTEGER NOT NULL, evidence_ns INTEGER,"
	" evidence TEXT, UNIQUE (server, client, client_port, first_ns)) STRICT;"
	"CREATE INDEX push_open ON push (server) WHERE final = 0;"
	"CREATE INDEX push_seen ON push (last_ns);"

	"CREATE TABLE push_registration ("
	" row INTEGER PRIMARY KEY, server INTEGER NOT NULL REFERENCES server, client TEXT NOT NULL,"
	" client_port INTEGER NOT NULL, server_port INTEGER NOT NULL, address TEXT NOT NULL, port INTEGER NOT NULL,"
	" sealed INTEGER NOT NULL, answered INTEGER NOT NULL, final INTEGER NOT NULL, silent INTEGER NOT NULL,"
	" alternative INTEGER NOT NULL,"
	" context BLOB NOT NULL, context_len INTEGER NOT NULL, mask INTEGER NOT NULL, status INTEGER NOT NULL,"
	" delivered INTEGER NOT NULL, refused INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
	" evidence_ns INTEGER, evidence TEXT,"
	" UNIQUE (server, client, client_port, first_ns, address, port, context)) STRICT;"
	"CREATE INDEX push_registration_open ON push_registration (server) WHERE final = 0;"
	"CREATE INDEX push_registration_seen ON push_registration (last_ns);"

	"CREATE TABLE push_client ("
	" server INTEGER NOT NULL REFERENCES server, client TEXT NOT NULL, beats INTEGER NOT NULL,"
	" bound_ns INTEGER NOT NULL, sealed_len INTEGER NOT NULL, sealed_ns INTEGER, waits_ns INTEGER,"
	" starved_clear INTEGER NOT NULL, starved_ns INTEGER, fed_ns INTEGER, evidence_ns INTEGER, evidence TEXT,"
	" PRIMARY KEY (server, client)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX push_client_seen ON push_client (bound_ns);"

	"CREATE TABLE word ("
	" kind TEXT NOT NULL, value INTEGER NOT NULL, word TEXT NOT NULL,"
	" PRIMARY KEY (kind, value)) STRICT, WITHOUT ROWID;";

#define TIME(ns) \
	"strftime('%Y-%m-%dT%H:%M:%S', " ns " / 1000000000, 'unixepoch')" \
	" || printf('.%06dZ', " ns " % 1000000000 / 1000)"

#define WORD(kind, value) \
	"(SELECT word FROM word WHERE kind = '" kind "' AND value = " value ")"

#define HEX(from, length) \
	"substr(hex(i.uuid), " from ", " length ")"
#define UUID \
	"lower(" HEX("1", "8") " || '-' || " HEX("9", "4") " || '-' || " HEX("13", "4") " || '-' || " HEX("17", "4") \
	" || '-' || " HEX("21", "12") ")"

/* Read without JSON functions, which not everybody lets a view use. */
#define CAPTURE(evidence) \
	"CAST(substr(" evidence ", 2) AS INTEGER)"
#define FRAME(evidence) \
	"CAST(substr(" evidence ", instr(" evidence ", ',') + 1) AS INTEGER)"

#define VIEW_SERVER \
	"sensor, realm, sv.address AS server, sv.host"
/* Ends in the first half of the version, which the minor completes. */
#define VIEW_KEY \
	VIEW_SERVER ", " UUID " AS interface, i.major || '.' || "

#define OF_SERVER(t) \
	" CROSS JOIN server sv ON sv.row = " t ".server CROSS JOIN scope ON scope.row = sv.scope"

#define LAST_SEEN \
	"iif(e.last_ns IS NULL, e.first_seen, e.last_seen)"

#define VIEW_EPISODE \
	"SELECT " VIEW_KEY "e.minor AS version, " WORD("protseq", "i.protseq") " AS protseq," \
	" coalesce(e.name, e.port) AS endpoint," \
	" CASE WHEN e.announced > 0 AND e.used > 0 THEN 'confirmed' WHEN e.used > 0 THEN 'used'" \
	" WHEN e.announced > 0 THEN 'announced' ELSE 'attempted' END AS confidence, " \
	TIME("e.first_ns") " AS first_seen, " TIME("coalesce(e.last_ns, e.first_ns)") " AS last_seen, " \
	TIME("e.ended_ns") " AS ended, " WORD("change", "e.why") " AS why, coalesce(e.clients, 1) AS clients," \
	" e.announced, e.used, e.attempted, e.annotation," \
	" c1.name AS first_capture, " FRAME("e.first_seen") " AS first_frame, c2.name AS last_capture, " \
	FRAME(LAST_SEEN) " AS last_frame"

#define VIEW_CAPTURES \
	" LEFT JOIN capture c1 ON c1.row = " CAPTURE("e.first_seen") \
	" LEFT JOIN capture c2 ON c2.row = " CAPTURE(LAST_SEEN)

#define CHANGE_TIME \
	"coalesce(c.ts_ns, c.row)"
#define CHANGE_FIRST \
	"coalesce(c.first_ns, c.ts_ns, c.row)"

const char schema_face[] =
	"DELETE FROM word;"
	"INSERT INTO word VALUES"
	" ('protseq', 0, 'unknown'), ('protseq', 1, 'ncacn_ip_tcp'), ('protseq', 2, 'ncadg_ip_udp'),"
	" ('protseq', 3, 'ncacn_http'), ('protseq', 4, 'ncacn_np'), ('protseq', 5, 'ncalrpc'),"
	" ('protseq', 6, 'ncacn_nb_nb'), ('protseq', 7, 'ncacn_nb_tcp'), ('protseq', 8, 'ncacn_nb_ipx'),"
	" ('protseq', 9, 'ncacn_spx'), ('protseq', 10, 'ncadg_ipx'), ('protseq', 11, 'ncacn_at_dsp'),"
	" ('protseq', 12, 'ncadg_at_ddp'), ('protseq', 13, 'ncacn_vns_spp'), ('protseq', 14, 'ncadg_vns_ipc'),"
	" ('protseq', 15, 'ncacn_dnet_nsp'), ('protseq', 16, 'ncacn_osi_dna'), ('protseq', 17, 'ncadg_mq'),"
	" ('protseq', 18, 'ncacn_unix_stream'),"
	" ('change', 1, 'new'), ('change', 2, 'additional'), ('change', 3, 'moved'), ('change', 4, 'returned'),"
	" ('change', 5, 'flip-flop'), ('change', 6, 'vanished'), ('change', 7, 'restarted'), ('change', 8, 'unseen'),"
	" ('confidence', 1, 'attempted'), ('confidence', 2, 'announced'), ('confidence', 3, 'used'),"
	" ('confidence', 4, 'confirmed'), ('confidence', 5, 'inferred'), ('confidence', 6, 'denied'),"
	" ('severity', 0, 'info'), ('severity', 1, 'low'), ('severity', 2, 'medium'), ('severity', 3, 'high'),"
	" ('state', 1, 'open'), ('state', 2, 'update'), ('state', 3, 'closed'),"
	" ('source', 1, 'ept_map'), ('source', 2, 'ept_lookup'), ('source', 3, 'bind'), ('source', 4, 'attempt'),"
	" ('source', 5, 'oxid'), ('source', 6, 'response'), ('source', 7, 'trailer'), ('source', 8, 'datagram'),"
	" ('source', 9, 'push'), ('source', 10, 'registration'), ('source', 11, 'foreign'),"
	" ('referral', 0, 'RfrGetNewDSA'), ('referral', 1, 'RfrGetFQDNFromServerDN');"

	"CREATE VIEW endpoints AS " VIEW_EPISODE " FROM scope CROSS JOIN server sv ON sv.scope = scope.row"
	" CROSS JOIN episode e ON e.server = sv.row CROSS JOIN interface i ON i.row = e.interface" VIEW_CAPTURES
	" WHERE e.ended_ns IS NULL;"

	"CREATE VIEW history AS " VIEW_EPISODE " FROM episode e" OF_SERVER("e")
	" CROSS JOIN interface i ON i.row = e.interface" VIEW_CAPTURES ";"

	"CREATE VIEW changes AS"
	" SELECT " TIME(CHANGE_TIME) " AS time, " WORD("change", "c.kind") " AS kind, " VIEW_KEY
	"c.minor AS version, " WORD("protseq", "i.protseq") " AS protseq, c.previous, c.current, "
	WORD("confidence", "c.confidence") " AS confidence, " TIME("c.not_before_ns") " AS not_before, "
	TIME("coalesce(c.not_after_ns, " CHANGE_FIRST ")") " AS not_after, c.clients,"
	" (SELECT count(*) FROM change_member m WHERE m.change = c.row) AS members, c.id, c.revises, c.also,"
	" capture.name AS capture, " FRAME("c.evidence") " AS frame"
	" FROM change c" OF_SERVER("c") " LEFT JOIN interface i ON i.row = c.interface"
	" LEFT JOIN capture ON capture.row = " CAPTURE("c.evidence") ";"

	"CREATE VIEW members AS"
	" SELECT c.id, m.number, " VIEW_KEY "m.minor AS version, " WORD("protseq", "i.protseq") " AS protseq,"
	" m.previous, m.current, " TIME("m.not_before_ns") " AS not_before, " TIME("m.not_after_ns") " AS not_after"
	" FROM change_member m CROSS JOIN change c ON c.row = m.change" OF_SERVER("m")
	" LEFT JOIN interface i ON i.row = m.interface;"

	"CREATE VIEW alerts AS"
	" SELECT a.rule, " WORD("severity", "a.severity") " AS severity, " WORD("state", "a.state")
	" AS state, a.suppressed, " TIME("a.opened_ns") " AS opened, " TIME("a.updated_ns") " AS updated, "
	TIME("a.closed_ns") " AS closed, " VIEW_KEY
	"a.minor AS version, " WORD("protseq", "i.protseq") " AS protseq, a.about, a.clients, a.signature, a.expected,"
	" a.observed, a.id, a.change"
	" FROM alert a CROSS JOIN scope ON scope.row = a.scope LEFT JOIN server sv ON sv.row = a.server"
	" LEFT JOIN interface i ON i.row = a.interface;"

	/* for those who count or look up keys */
	"CREATE VIEW mapping AS"
	" SELECT DISTINCT sensor, realm, sv.address AS server, " UUID " AS interface, i.major, i.protseq"
	" FROM episode e" OF_SERVER("e") " CROSS JOIN interface i ON i.row = e.interface;"

	"CREATE VIEW servers AS"
	" SELECT " VIEW_SERVER ","
	" (SELECT group_concat(a.name, ', ') FROM server_alias a WHERE a.server = sv.row) AS aliases,"
	" sv.sealed, sv.sealed_mapper"
	" FROM server sv CROSS JOIN scope ON scope.row = sv.scope;"

	"CREATE VIEW referrals AS"
	" SELECT " VIEW_SERVER ", " WORD("referral", "r.operation") " AS operation, r.name AS \"to\", "
	TIME("r.first_ns") " AS first_seen, " TIME("r.last_ns") " AS last_seen, r.count"
	" FROM referral r" OF_SERVER("r") ";"

	"CREATE VIEW sessions AS"
	" SELECT " VIEW_SERVER ", " UUID " AS interface, i.major || '.' || x.minor AS version, "
	WORD("protseq", "i.protseq") " AS protseq, iif(x.pipe = '', x.port, x.pipe) AS endpoint, x.client, x.client_port,"
	" x.auth_type, x.auth_level, x.count, " TIME("x.first_ns") " AS first_seen, " TIME("x.last_ns") " AS last_seen,"
	" x.protocol FROM session x" OF_SERVER("x") " CROSS JOIN interface i ON i.row = x.interface;"

	"CREATE VIEW pushes AS"
	" SELECT " VIEW_SERVER ", x.server_port, x.last_port, x.client, x.client_port,"
	" iif(x.registered, 'registered', 'inferred') AS confidence, lower(hex(x.context)) AS context, x.payload_len,"
	" x.count, x.refused, x.alternative, " TIME("x.first_ns") " AS first_seen, " TIME("x.last_ns") " AS last_seen,"
	" iif(x.final, 'final', 'open') AS state, capture.name AS capture, " FRAME("x.evidence") " AS frame"
	" FROM push x" OF_SERVER("x") " LEFT JOIN capture ON capture.row = " CAPTURE("x.evidence") ";"

	"CREATE VIEW registrations AS"
	" SELECT " VIEW_SERVER ", x.client, nullif(x.address, '') AS address, nullif(x.port, 0) AS port, x.sealed,"
	" nullif(lower(hex(x.context)), '') AS context, x.context_len, x.mask, iif(x.answered, x.status, NULL) AS status,"
	" x.delivered, x.refused, x.alternative, " TIME("x.first_ns") " AS first_seen, " TIME("x.last_ns") " AS last_seen,"
	" iif(x.final, 'final', 'open') AS state, capture.name AS capture, " FRAME("x.evidence") " AS frame"
	" FROM push_registration x" OF_SERVER("x") " LEFT JOIN capture ON capture.row = " CAPTURE("x.evidence") ";"

	"CREATE VIEW baseline AS"
	" SELECT " VIEW_KEY "a.minor AS version, " WORD("protseq", "i.protseq") " AS protseq,"
	" coalesce(a.name, nullif(a.port, 0)) AS endpoint, a.id, " TIME("a.accepted_ns") " AS accepted, a.reason"
	" FROM accepted a CROSS JOIN scope ON scope.row = a.scope LEFT JOIN server sv ON sv.row = a.server"
	" LEFT JOIN interface i ON i.row = a.interface;"

	"CREATE VIEW covered AS"
	" SELECT sensor, realm, " TIME("c.from_ns") " AS since, " TIME("c.to_ns") " AS until"
	" FROM coverage c CROSS JOIN scope ON scope.row = c.scope;"

	"CREATE VIEW health AS"
	" SELECT sensor, realm, " TIME("t.hour * 3600000000000") " AS since, packets, bytes, dropped_kernel, dropped_interface,"
	" dropped_queue, dropped_decode, dropped_cap, gaps, damaged, pdus, malformed, sealed, sealed_answers, answers, binds,"
	" unannounced, up_ns / 1000000000 AS up_seconds FROM tally t CROSS JOIN scope ON scope.row = t.scope;";
/* clang-format on */
