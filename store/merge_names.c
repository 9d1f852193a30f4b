/* merge_names.c - see merge_sql.h: what rows are named by, captures, and the times that were seen. */
#include "store/merge_sql.h"

/* clang-format off */
#define BEGINS \
	" e.scope = s.new AND e.link = t.link AND e.first_record = t.first_record"

#define MOST(column) \
	column " = max(" column ", excluded." column ")"

#define SUM(column) \
	column " = tally." column " + min(t." column ", 9223372036854775807 - tally." column ")"

/* The hour since 1970 that a time lies in, as tally_hour() has it. */
#define HOUR(ns) \
	"(" ns ") / 3600000000000 - ((" ns ") % 3600000000000 < 0)"

#define APART(e) \
	" EXISTS (SELECT 1 FROM apart a WHERE a.hour = " e ".hour AND a.scope = m.new)"

/* Is there a capture of that sensor, new here or not, with packets of that hour? */
#define TOUCHED(fresh) \
	" EXISTS (SELECT 1 FROM captured c WHERE c.sensor = k.sensor AND c.fresh = " fresh " AND c.last >= t.hour AND c.first <= t.hour)"

const char merge_names[] =
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
	/* one that was read on since is the same by its beginning and its name */
	MAP("capture", "o.row = coalesce((SELECT e.row FROM main.capture e WHERE" BEGINS " AND e.digest = t.digest AND e.bytes = t.bytes),"
	" (SELECT e.row FROM main.capture e WHERE" BEGINS " AND e.name = t.name AND NOT EXISTS (SELECT 1 FROM other.capture x"
	" WHERE x.scope = t.scope AND x.link = e.link AND x.first_record = e.first_record AND x.digest = e.digest AND x.bytes = e.bytes)"
	" ORDER BY e.bytes DESC LIMIT 1))", " CROSS JOIN map_scope s ON s.old = t.scope")
	"INSERT INTO main.capture SELECT m.new, " NEW("scope", "t.scope") ", name, link, first_record, digest, bytes, frames,"
	" first_ns, last_ns, damaged" FRESH("capture") ";"
	"UPDATE main.capture SET digest = t.digest, bytes = t.bytes, frames = t.frames, first_ns = t.first_ns, last_ns = t.last_ns,"
	" damaged = t.damaged FROM (SELECT m.new AS number, t.*" BOTH("capture") ") t"
	" WHERE capture.row = t.number AND t.bytes > capture.bytes;"

	/* a sensor went on there if that store has seen all that this one has of it */
	"CREATE TEMP TABLE spans AS SELECT m.old AS scope, c.from_ns, c.to_ns FROM main.coverage c CROSS JOIN map_scope m ON m.new = c.scope;"
	"INSERT INTO strange SELECT row FROM other.scope t WHERE row NOT IN (SELECT old FROM strange) AND EXISTS"
	" (SELECT 1 FROM other.coverage c CROSS JOIN other.scope s ON s.row = c.scope AND s.sensor = t.sensor)"
	" AND NOT EXISTS (SELECT 1 FROM spans o CROSS JOIN other.scope s ON s.row = o.scope AND s.sensor = t.sensor"
	" WHERE NOT EXISTS (SELECT 1 FROM other.coverage c WHERE c.scope = o.scope AND c.from_ns <= o.from_ns AND c.to_ns >= o.to_ns))"
	" AND NOT EXISTS (SELECT 1 FROM main.capture o CROSS JOIN main.scope s ON s.row = o.scope AND s.sensor = t.sensor"
	" WHERE o.row NOT IN (SELECT new FROM map_capture));"
	"DELETE FROM main.coverage WHERE EXISTS (SELECT 1 FROM other.coverage t CROSS JOIN map_scope m ON m.old = t.scope"
	" WHERE m.new = coverage.scope AND t.from_ns <= coverage.from_ns AND t.to_ns >= coverage.to_ns"
	" AND t.to_ns - t.from_ns > coverage.to_ns - coverage.from_ns);"
	"INSERT INTO main.coverage (scope, from_ns, to_ns) SELECT m.new, from_ns, to_ns FROM other.coverage t"
	" CROSS JOIN map_scope m ON m.old = t.scope WHERE NOT EXISTS (SELECT 1 FROM main.coverage o"
	" WHERE o.scope = m.new AND o.from_ns <= t.from_ns AND o.to_ns >= t.to_ns) ORDER BY t.row;"

	/* an hour of which that store has read none but captures that are new here adds up */
	"CREATE TEMP TABLE captured AS SELECT k.sensor, m.fresh, " HOUR("c.first_ns") " AS first, " HOUR("c.last_ns") " AS last"
	" FROM other.capture c CROSS JOIN other.scope k ON k.row = c.scope CROSS JOIN map_capture m ON m.old = c.row;"
	"CREATE INDEX temp.captured_by ON captured (sensor, fresh, last);"
	"CREATE TEMP TABLE apart AS SELECT t.hour, m.new AS scope FROM other.tally t CROSS JOIN map_scope m ON m.old = t.scope"
	" CROSS JOIN other.scope k ON k.row = t.scope CROSS JOIN main.tally o ON o.hour = t.hour AND o.scope = m.new"
	" WHERE" TOUCHED("1") " AND NOT" TOUCHED("0") ";"
	"CREATE INDEX temp.apart_by ON apart (scope, hour);"
	"UPDATE main.tally SET " SUM("packets") ", " SUM("bytes") ", " SUM("dropped_kernel") ", " SUM("dropped_interface") ", "
	SUM("dropped_queue") ", " SUM("dropped_decode") ", " SUM("dropped_cap") ", " SUM("gaps") ", " SUM("damaged") ", "
	SUM("pdus") ", " SUM("malformed") ", " SUM("sealed") ", " SUM("sealed_answers") ", " SUM("answers") ", " SUM("binds") ", "
	SUM("unannounced") ", " SUM("up_ns") " FROM (SELECT m.new AS to_scope, t.* FROM other.tally t CROSS JOIN map_scope m ON m.old = t.scope"
	" WHERE" APART("t") ") t WHERE tally.hour = t.hour AND tally.scope = t.to_scope;"
	/* else what both counted in an hour is the same traffic; the one that saw more of it says how much */
	"INSERT INTO main.tally SELECT t.hour, m.new, packets, bytes, dropped_kernel, dropped_interface, dropped_queue,"
	" dropped_decode, dropped_cap, gaps, damaged, pdus, malformed, sealed, sealed_answers, answers, binds, unannounced, up_ns"
	" FROM other.tally t CROSS JOIN map_scope m ON m.old = t.scope WHERE NOT" APART("t") " ON CONFLICT (hour, scope) DO UPDATE SET "
	MOST("packets") ", " MOST("bytes") ", " MOST("dropped_kernel") ", " MOST("dropped_interface") ", " MOST("dropped_queue") ", "
	MOST("dropped_decode") ", " MOST("dropped_cap") ", " MOST("gaps") ", " MOST("damaged") ", " MOST("pdus") ", "
	MOST("malformed") ", " MOST("sealed") ", " MOST("sealed_answers") ", " MOST("answers") ", " MOST("binds") ", "
	MOST("unannounced") ", " MOST("up_ns") ";";
/* clang-format on */
