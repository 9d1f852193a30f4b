/* schema_2.c - a history that is written fast: interfaces have numbers, a mapping is a server and an
 * interface, what follows from another column is not written, and nothing random is indexed that does
 * not have to be. What the tables mean stands in schema.c. */
#include "store/schema_steps.h"

/* clang-format off */
/* Where evidence of version 1 lies, as one JSON array: capture, frame, source, client, its port. */
#define EVIDENCE(p) \
	"iif(" p "_source IS NULL, NULL, json_array(" p "_capture, " p "_frame, " p "_source, " p "_client, " \
	p "_client_port))"

/* Read back without JSON functions, which not everybody lets a view use. */
#define CAPTURE(evidence) \
	"CAST(substr(" evidence ", 2) AS INTEGER)"
#define FRAME(evidence) \
	"CAST(substr(" evidence ", instr(" evidence ", ',') + 1) AS INTEGER)"

#define KEY_COLUMNS \
	"server INTEGER NOT NULL REFERENCES server, interface INTEGER NOT NULL REFERENCES interface"

/* The interface that a row of version 1 names. epmwatch_octets() is there while a store is migrated. */
#define INTERFACE_OF(t) \
	" CROSS JOIN interface i ON i.uuid = epmwatch_octets(" t ".interface) AND i.major = " t ".major" \
	" AND i.protseq = " t ".protseq"

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

/* Ends in the first half of the version, which the minor completes. */
#define VIEW_KEY \
	"sensor, realm, sv.address AS server, sv.host, " UUID " AS interface, i.major || '.' || "

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

const char schema_2[] =
	"DROP VIEW endpoints; DROP VIEW history; DROP VIEW changes; DROP VIEW alerts;"

	"CREATE TABLE interface ("
	" row INTEGER PRIMARY KEY, uuid BLOB NOT NULL CHECK (length(uuid) = 16),"
	" major INTEGER NOT NULL CHECK (major BETWEEN 0 AND 65535),"
	" protseq INTEGER NOT NULL CHECK (protseq BETWEEN 0 AND 255),"
	" UNIQUE (uuid, major, protseq)) STRICT;"
	"INSERT INTO interface (uuid, major, protseq)"
	" SELECT epmwatch_octets(interface), major, protseq FROM"
	" (SELECT interface, major, protseq FROM mapping UNION SELECT interface, major, protseq FROM change"
	" UNION SELECT interface, major, protseq FROM alert) ORDER BY 1, 2, 3;"

	"CREATE TABLE new_episode ("
	" row INTEGER PRIMARY KEY, " KEY_COLUMNS ", port INTEGER NOT NULL, name TEXT, minor INTEGER NOT NULL,"
	" annotation TEXT, first_ns INTEGER NOT NULL, last_ns INTEGER, ended_ns INTEGER, why INTEGER,"
	" announced INTEGER NOT NULL, used INTEGER NOT NULL, attempted INTEGER NOT NULL,"
	" clients INTEGER, clients_estimated INTEGER NOT NULL DEFAULT 0, told TEXT, first_seen TEXT, last_seen TEXT)"
	" STRICT;"
	"INSERT INTO new_episode (row, server, interface, port, name, minor, annotation, first_ns, last_ns, ended_ns,"
	" why, announced, used, attempted, clients, clients_estimated, told, first_seen, last_seen)"
	" SELECT e.row, m.server, i.row, port, nullif(name, ''), minor, annotation, first_ns, last_ns, ended_ns,"
	" why, announced, used, attempted, clients, clients_estimated, told,"
	" " EVIDENCE("first_seen") ", " EVIDENCE("last_seen")
	" FROM episode e CROSS JOIN mapping m ON m.row = e.mapping" INTERFACE_OF("m") " ORDER BY e.row;"
	"DROP TABLE episode; DROP TABLE mapping; ALTER TABLE new_episode RENAME TO episode;"
	"CREATE INDEX episode_of ON episode (server, interface, ended_ns);"

	"CREATE TABLE new_change ("
	" row INTEGER PRIMARY KEY, first_ns INTEGER, id TEXT NOT NULL, revises TEXT, kind INTEGER NOT NULL, "
	KEY_COLUMNS ", minor INTEGER NOT NULL, confidence INTEGER NOT NULL, ts_ns INTEGER, not_before_ns INTEGER,"
	" not_after_ns INTEGER, clients INTEGER NOT NULL, previous TEXT NOT NULL, current TEXT NOT NULL,"
	" evidence_ns INTEGER, evidence TEXT) STRICT;"
	"INSERT INTO new_change"
	" SELECT c.row, first_ns, id, revises, kind, server, i.row, minor, confidence, nullif(ts_ns, first_ns),"
	" not_before_ns, nullif(not_after_ns, first_ns), clients, previous, current, nullif(evidence_ns, ts_ns), "
	EVIDENCE("evidence") " FROM change c" INTERFACE_OF("c") " ORDER BY c.row;"
	"DROP TABLE change; ALTER TABLE new_change RENAME TO change;"
	"CREATE INDEX change_late ON change (first_ns, id) WHERE first_ns IS NOT NULL;"
	"CREATE INDEX change_revising ON change (ts_ns, id) WHERE ts_ns IS NOT NULL;"

	"CREATE TABLE new_alert ("
	" row INTEGER PRIMARY KEY, id TEXT NOT NULL, change TEXT, rule TEXT NOT NULL,"
	" severity INTEGER NOT NULL, state INTEGER NOT NULL, " KEY_COLUMNS ", minor INTEGER NOT NULL,"
	" ts_ns INTEGER NOT NULL, opened_ns INTEGER NOT NULL, updated_ns INTEGER NOT NULL, closed_ns INTEGER,"
	" signature TEXT NOT NULL, expected TEXT NOT NULL, observed TEXT NOT NULL) STRICT;"
	"INSERT INTO new_alert"
	" SELECT a.row, id, change, rule, severity, state, server, i.row, minor, ts_ns, opened_ns, updated_ns, closed_ns,"
	" signature, expected, observed FROM alert a" INTERFACE_OF("a") " ORDER BY a.row;"
	"DROP TABLE alert; ALTER TABLE new_alert RENAME TO alert;"
	"CREATE TABLE new_evidence ("
	" alert INTEGER NOT NULL REFERENCES alert, number INTEGER NOT NULL, state INTEGER NOT NULL,"
	" evidence_ns INTEGER, evidence TEXT, PRIMARY KEY (alert, number)) STRICT, WITHOUT ROWID;"
	"INSERT INTO new_evidence SELECT alert, number, state, evidence_ns, " EVIDENCE("evidence") " FROM alert_evidence"
	" ORDER BY alert, number;"
	"DROP TABLE alert_evidence; ALTER TABLE new_evidence RENAME TO alert_evidence;"
	"CREATE INDEX alert_of ON alert (server, interface);"
	"CREATE INDEX alert_severity ON alert (severity DESC, opened_ns);"

	/* what was a table, for those who count or look up keys */
	"CREATE VIEW mapping AS"
	" SELECT DISTINCT sensor, realm, sv.address AS server, " UUID " AS interface, i.major, i.protseq"
	" FROM episode e CROSS JOIN server sv ON sv.row = e.server CROSS JOIN scope ON scope.row = sv.scope"
	" CROSS JOIN interface i ON i.row = e.interface;"

	"CREATE VIEW endpoints AS " VIEW_EPISODE " FROM scope CROSS JOIN server sv ON sv.scope = scope.row"
	" CROSS JOIN episode e ON e.server = sv.row CROSS JOIN interface i ON i.row = e.interface" VIEW_CAPTURES
	" WHERE e.ended_ns IS NULL;"
	"CREATE VIEW history AS " VIEW_EPISODE " FROM episode e CROSS JOIN server sv ON sv.row = e.server"
	" CROSS JOIN scope ON scope.row = sv.scope CROSS JOIN interface i ON i.row = e.interface" VIEW_CAPTURES ";"

	"CREATE VIEW changes AS"
	" SELECT " TIME("coalesce(c.ts_ns, c.first_ns, c.row)") " AS time, " WORD("change", "c.kind") " AS kind, " VIEW_KEY
	"c.minor AS version, " WORD("protseq", "i.protseq") " AS protseq, c.previous, c.current, "
	WORD("confidence", "c.confidence") " AS confidence, " TIME("c.not_before_ns") " AS not_before, "
	TIME("coalesce(c.not_after_ns, c.first_ns, c.row)") " AS not_after, c.clients, c.id, c.revises,"
	" capture.name AS capture, " FRAME("c.evidence") " AS frame"
	" FROM change c CROSS JOIN server sv ON sv.row = c.server CROSS JOIN scope ON scope.row = sv.scope"
	" CROSS JOIN interface i ON i.row = c.interface LEFT JOIN capture ON capture.row = " CAPTURE("c.evidence") ";"

	"CREATE VIEW alerts AS"
	" SELECT a.rule, " WORD("severity", "a.severity") " AS severity, " WORD("state", "a.state")
	" AS state, " TIME("a.opened_ns") " AS opened, " TIME("a.updated_ns") " AS updated, "
	TIME("a.closed_ns") " AS closed, " VIEW_KEY
	"a.minor AS version, " WORD("protseq", "i.protseq") " AS protseq, a.signature, a.expected,"
	" a.observed, a.id, a.change"
	" FROM alert a CROSS JOIN server sv ON sv.row = a.server CROSS JOIN scope ON scope.row = sv.scope"
	" CROSS JOIN interface i ON i.row = a.interface;";
/* clang-format on */
