/* schema_4.c - what is pending and when it is due, of what stretches of time anything is known, sessions, and what people
 * accepted; changes of several interfaces at once, in the order in which they were told; alerts about a server or the
 * sensor; and what is alive apart from what is past, so that neither has to be looked for among the other. What the tables
 * mean stands in schema.c. Words and views are no longer a matter of steps: schema_now.c. */
#include "store/schema_steps.h"

/* clang-format off */
const char schema_4[] =
	"DROP INDEX episode_of;"
	"CREATE INDEX episode_alive ON episode (server, interface, ended_ns) WHERE ended_ns IS NULL;"
	"CREATE INDEX episode_past ON episode (server, interface, ended_ns) WHERE ended_ns IS NOT NULL;"
	"CREATE INDEX episode_ended ON episode (ended_ns) WHERE ended_ns IS NOT NULL;"

	/* a row was the first sight, where it was free; it is the time of the verdict now */
	"CREATE TABLE new_change ("
	" row INTEGER PRIMARY KEY, ts_ns INTEGER, id TEXT NOT NULL, revises TEXT, also TEXT, kind INTEGER NOT NULL,"
	" server INTEGER NOT NULL REFERENCES server, interface INTEGER REFERENCES interface, minor INTEGER NOT NULL,"
	" confidence INTEGER NOT NULL, first_ns INTEGER, not_before_ns INTEGER, not_after_ns INTEGER,"
	" clients INTEGER NOT NULL, previous TEXT NOT NULL, current TEXT NOT NULL, evidence_ns INTEGER, evidence TEXT)"
	" STRICT;"
	"INSERT INTO new_change (row, ts_ns, id, revises, kind, server, interface, minor, confidence, first_ns, not_before_ns,"
	" not_after_ns, clients, previous, current, evidence_ns, evidence)"
	" SELECT row, nullif(coalesce(ts_ns, first_ns, row), row), id, revises, kind, server, interface, minor, confidence,"
	" nullif(coalesce(first_ns, row), coalesce(ts_ns, first_ns, row)), not_before_ns, not_after_ns, clients, previous,"
	" current, evidence_ns, evidence FROM change ORDER BY row;"
	"DROP TABLE change; ALTER TABLE new_change RENAME TO change;"
	"CREATE INDEX change_late ON change (ts_ns, id) WHERE ts_ns IS NOT NULL;"

	"CREATE TABLE change_member ("
	" change INTEGER NOT NULL REFERENCES change, number INTEGER NOT NULL,"
	" server INTEGER NOT NULL REFERENCES server, interface INTEGER REFERENCES interface, minor INTEGER NOT NULL,"
	" previous TEXT NOT NULL, current TEXT NOT NULL, not_before_ns INTEGER, not_after_ns INTEGER,"
	" PRIMARY KEY (change, number)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE new_alert ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, id TEXT NOT NULL, change TEXT,"
	" rule TEXT NOT NULL, severity INTEGER NOT NULL, state INTEGER NOT NULL,"
	" server INTEGER REFERENCES server, interface INTEGER REFERENCES interface, about TEXT, minor INTEGER NOT NULL,"
	" ts_ns INTEGER NOT NULL, opened_ns INTEGER NOT NULL, updated_ns INTEGER NOT NULL, closed_ns INTEGER,"
	" once INTEGER NOT NULL DEFAULT 0, suppressed INTEGER NOT NULL DEFAULT 0, clients TEXT, client_total INTEGER,"
	" signature TEXT NOT NULL, expected TEXT NOT NULL, observed TEXT NOT NULL,"
	" over_ns INTEGER GENERATED ALWAYS AS (iif(once, updated_ns, closed_ns)) VIRTUAL) STRICT;"
	"INSERT INTO new_alert (row, scope, id, change, rule, severity, state, server, interface, minor, ts_ns, opened_ns,"
	" updated_ns, closed_ns, signature, expected, observed)"
	" SELECT a.row, sv.scope, id, change, rule, severity, state, server, interface, minor, ts_ns, opened_ns, updated_ns,"
	" closed_ns, signature, expected, observed FROM alert a CROSS JOIN server sv ON sv.row = a.server ORDER BY a.row;"
	"DROP TABLE alert; ALTER TABLE new_alert RENAME TO alert;"
	"CREATE INDEX alert_of ON alert (scope, server, interface, over_ns);"
	"CREATE INDEX alert_standing ON alert (severity DESC, opened_ns) WHERE over_ns IS NULL;"
	"CREATE INDEX alert_over ON alert (over_ns) WHERE over_ns IS NOT NULL;"

	"CREATE TABLE pending ("
	" scope INTEGER NOT NULL REFERENCES scope, server INTEGER NOT NULL REFERENCES server, interface INTEGER NOT NULL,"
	" due_ns INTEGER, data BLOB, PRIMARY KEY (server, interface)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX pending_due ON pending (scope, due_ns) WHERE due_ns IS NOT NULL;"

	"CREATE TABLE state ("
	" scope INTEGER NOT NULL REFERENCES scope, name TEXT NOT NULL, data BLOB NOT NULL,"
	" PRIMARY KEY (scope, name)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE coverage ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope,"
	" from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL) STRICT;"
	"CREATE INDEX coverage_of ON coverage (scope, to_ns);"

	"ALTER TABLE policy ADD COLUMN hash TEXT;"

	"CREATE TABLE accepted ("
	" row INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, server INTEGER REFERENCES server,"
	" interface INTEGER REFERENCES interface, minor INTEGER NOT NULL, port INTEGER NOT NULL, name TEXT, id TEXT,"
	" accepted_ns INTEGER NOT NULL, reason TEXT) STRICT;"
	"CREATE INDEX accepted_of ON accepted (scope, server, interface);"

	"CREATE TABLE session ("
	" row INTEGER PRIMARY KEY, server INTEGER NOT NULL REFERENCES server,"
	" interface INTEGER NOT NULL REFERENCES interface, client TEXT NOT NULL, port INTEGER NOT NULL, pipe TEXT NOT NULL,"
	" client_port INTEGER NOT NULL, minor INTEGER NOT NULL, auth_type INTEGER, auth_level INTEGER,"
	" count INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
	" UNIQUE (server, client, port, pipe, interface)) STRICT;"
	"CREATE INDEX session_seen ON session (last_ns);";
/* clang-format on */
