/* schema_1.c - the first tables of a store, as version 1 made them. */
#include "store/schema_steps.h"

/* clang-format off */
#define EVIDENCE_COLUMNS(p) \
	p "_ns INTEGER, " p "_capture INTEGER REFERENCES capture, " p "_frame INTEGER, " p "_source INTEGER, " \
	p "_client TEXT, " p "_client_port INTEGER"

#define KEY_COLUMNS \
	"server INTEGER NOT NULL REFERENCES server," \
	" interface TEXT NOT NULL CHECK (length(interface) = 36)," \
	" major INTEGER NOT NULL CHECK (major BETWEEN 0 AND 65535)," \
	" protseq INTEGER NOT NULL CHECK (protseq BETWEEN 0 AND 255)"

#define TIME(ns) \
	"strftime('%Y-%m-%dT%H:%M:%S', " ns " / 1000000000, 'unixepoch')" \
	" || printf('.%06dZ', " ns " % 1000000000 / 1000)"

#define WORD(kind, value) \
	"(SELECT word FROM word WHERE kind = '" kind "' AND value = " value ")"

/* Ends in the first half of the version, which the minor completes. */
#define VIEW_KEY(t) \
	"sensor, realm, sv.address AS server, sv.host, " t ".interface, " t ".major || '.' || "

#define VIEW_EPISODE \
	"SELECT " VIEW_KEY("m") "e.minor AS version, " WORD("protseq", "m.protseq") " AS protseq," \
	" iif(e.name = '', e.port, e.name) AS endpoint, " WORD("confidence", "e.confidence") " AS confidence, " \
	TIME("e.first_ns") " AS first_seen, " TIME("e.last_ns") " AS last_seen, " TIME("e.ended_ns") " AS ended, " \
	WORD("change", "e.why") " AS why, e.clients, e.announced, e.used, e.attempted, e.annotation," \
	" c1.name AS first_capture, e.first_seen_frame AS first_frame," \
	" c2.name AS last_capture, e.last_seen_frame AS last_frame" \
	" FROM scope CROSS JOIN server sv ON sv.scope = scope.row CROSS JOIN mapping m ON m.server = sv.row" \
	" CROSS JOIN episode e ON e.mapping = m.row" \
	" LEFT JOIN capture c1 ON c1.row = e.first_seen_capture LEFT JOIN capture c2 ON c2.row = e.last_seen_capture"

const char schema_1[] =
	"CREATE TABLE scope ("
	" row INTEGER PRIMARY KEY, sensor TEXT NOT NULL, realm TEXT NOT NULL,"
	" UNIQUE (sensor, realm)) STRICT;"

	"CREATE TABLE server ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, address TEXT NOT NULL,"
	" sort BLOB NOT NULL CHECK (length(sort) = 16), host TEXT,"
	" UNIQUE (scope, sort)) STRICT;"

	"CREATE TABLE capture ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, name TEXT NOT NULL,"
	" link INTEGER NOT NULL, first_record BLOB NOT NULL CHECK (length(first_record) = 16),"
	" digest BLOB NOT NULL CHECK (length(digest) = 16), bytes INTEGER NOT NULL, frames INTEGER NOT NULL,"
	" first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, damaged INTEGER) STRICT;"
	"CREATE INDEX capture_begins ON capture (link, first_record, bytes);"

	"CREATE TABLE mapping ("
	" row INTEGER PRIMARY KEY, " KEY_COLUMNS ","
	" UNIQUE (server, interface, major, protseq)) STRICT;"

	"CREATE TABLE episode ("
	" row INTEGER PRIMARY KEY, mapping INTEGER NOT NULL REFERENCES mapping,"
	" port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535), name TEXT NOT NULL,"
	" minor INTEGER NOT NULL CHECK (minor BETWEEN 0 AND 65535), annotation TEXT,"
	" confidence INTEGER NOT NULL,"
	" first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, ended_ns INTEGER, why INTEGER,"
	" announced INTEGER NOT NULL, used INTEGER NOT NULL, attempted INTEGER NOT NULL,"
	" clients INTEGER NOT NULL, clients_estimated INTEGER NOT NULL, told TEXT,"
	" " EVIDENCE_COLUMNS("first_seen") ", " EVIDENCE_COLUMNS("last_seen") ") STRICT;"
	"CREATE INDEX episode_of ON episode (mapping, port, name COLLATE NOCASE);"
	"CREATE INDEX episode_alive ON episode (mapping, port, name COLLATE NOCASE) WHERE ended_ns IS NULL;"
	"CREATE INDEX episode_ended ON episode (ended_ns) WHERE ended_ns IS NOT NULL;"

	"CREATE TABLE episode_client ("
	" episode INTEGER NOT NULL REFERENCES episode, client TEXT NOT NULL,"
	" PRIMARY KEY (episode, client)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE change ("
	" row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revises TEXT, kind INTEGER NOT NULL, "
	KEY_COLUMNS ", minor INTEGER NOT NULL, confidence INTEGER NOT NULL, ts_ns INTEGER NOT NULL,"
	" first_ns INTEGER NOT NULL, not_before_ns INTEGER, not_after_ns INTEGER NOT NULL,"
	" clients INTEGER NOT NULL, previous TEXT NOT NULL, current TEXT NOT NULL,"
	" " EVIDENCE_COLUMNS("evidence") ") STRICT;"
	"CREATE INDEX change_time ON change (ts_ns, id);"

	"CREATE TABLE alert ("
	" row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, change TEXT, rule TEXT NOT NULL,"
	" severity INTEGER NOT NULL, state INTEGER NOT NULL, "
	KEY_COLUMNS ", minor INTEGER NOT NULL, ts_ns INTEGER NOT NULL, opened_ns INTEGER NOT NULL,"
	" updated_ns INTEGER NOT NULL, closed_ns INTEGER, signature TEXT NOT NULL,"
	" expected TEXT NOT NULL, observed TEXT NOT NULL) STRICT;"
	"CREATE INDEX alert_of ON alert (server, interface, major, protseq, rule, opened_ns);"
	"CREATE INDEX alert_severity ON alert (severity DESC, opened_ns, id);"

	"CREATE TABLE alert_evidence ("
	" alert INTEGER NOT NULL REFERENCES alert, number INTEGER NOT NULL, state INTEGER NOT NULL,"
	" " EVIDENCE_COLUMNS("evidence") ","
	" PRIMARY KEY (alert, number)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE policy ("
	" scope INTEGER PRIMARY KEY REFERENCES scope, name TEXT NOT NULL, text TEXT NOT NULL,"
	" used INTEGER NOT NULL) STRICT;"

	"CREATE TABLE word ("
	" kind TEXT NOT NULL, value INTEGER NOT NULL, word TEXT NOT NULL,"
	" PRIMARY KEY (kind, value)) STRICT, WITHOUT ROWID;"
	"INSERT INTO word VALUES"
	" ('protseq', 0, 'unknown'), ('protseq', 1, 'ncacn_ip_tcp'), ('protseq', 2, 'ncadg_ip_udp'),"
	" ('protseq', 3, 'ncacn_http'), ('protseq', 4, 'ncacn_np'), ('protseq', 5, 'ncalrpc'),"
	" ('protseq', 6, 'ncacn_nb_nb'), ('protseq', 7, 'ncacn_nb_tcp'), ('protseq', 8, 'ncacn_nb_ipx'),"
	" ('protseq', 9, 'ncacn_spx'), ('protseq', 10, 'ncadg_ipx'), ('protseq', 11, 'ncacn_at_dsp'),"
	" ('protseq', 12, 'ncadg_at_ddp'), ('protseq', 13, 'ncacn_vns_spp'), ('protseq', 14, 'ncadg_vns_ipc'),"
	" ('protseq', 15, 'ncacn_dnet_nsp'), ('protseq', 16, 'ncacn_osi_dna'), ('protseq', 17, 'ncadg_mq'),"
	" ('protseq', 18, 'ncacn_unix_stream'),"
	" ('change', 1, 'new'), ('change', 2, 'additional'), ('change', 3, 'moved'), ('change', 4, 'returned'),"
	" ('change', 5, 'flip-flop'), ('change', 6, 'vanished'), ('change', 7, 'restarted'),"
	" ('confidence', 1, 'attempted'), ('confidence', 2, 'announced'), ('confidence', 3, 'used'),"
	" ('confidence', 4, 'confirmed'),"
	" ('severity', 0, 'info'), ('severity', 1, 'low'), ('severity', 2, 'medium'), ('severity', 3, 'high'),"
	" ('state', 1, 'open'), ('state', 2, 'update'), ('state', 3, 'closed'),"
	" ('source', 1, 'ept_map'), ('source', 2, 'ept_lookup'), ('source', 3, 'bind'), ('source', 4, 'attempt');"

	"CREATE VIEW endpoints AS " VIEW_EPISODE " WHERE e.ended_ns IS NULL;"
	"CREATE VIEW history AS " VIEW_EPISODE ";"

	"CREATE VIEW changes AS"
	" SELECT " TIME("c.ts_ns") " AS time, " WORD("change", "c.kind") " AS kind, " VIEW_KEY("c")
	"c.minor AS version, " WORD("protseq", "c.protseq") " AS protseq, c.previous, c.current, "
	WORD("confidence", "c.confidence") " AS confidence, " TIME("c.not_before_ns") " AS not_before, "
	TIME("c.not_after_ns") " AS not_after, c.clients, c.id, c.revises, capture.name AS capture,"
	" c.evidence_frame AS frame"
	" FROM change c CROSS JOIN server sv ON sv.row = c.server CROSS JOIN scope ON scope.row = sv.scope"
	" LEFT JOIN capture ON capture.row = c.evidence_capture;"

	"CREATE VIEW alerts AS"
	" SELECT a.rule, " WORD("severity", "a.severity") " AS severity, " WORD("state", "a.state")
	" AS state, " TIME("a.opened_ns") " AS opened, " TIME("a.updated_ns") " AS updated, "
	TIME("a.closed_ns") " AS closed, " VIEW_KEY("a")
	"a.minor AS version, " WORD("protseq", "a.protseq") " AS protseq, a.signature, a.expected,"
	" a.observed, a.id, a.change"
	" FROM alert a CROSS JOIN server sv ON sv.row = a.server CROSS JOIN scope ON scope.row = sv.scope;";
/* clang-format on */
