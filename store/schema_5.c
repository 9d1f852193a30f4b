/* schema_5.c - new-mail datagrams, who registered for them, and what else is known of mailbox clients; sessions of other
 * protocols than DCE/RPC. What the tables mean stands in schema.c. */
#include "store/schema_steps.h"

/* clang-format off */
const char schema_5[] =
	/* up to where, in the order of rows: a time would hide what comes later where a clock was ahead */
	"CREATE TABLE accepted_whole ("
	" scope INTEGER PRIMARY KEY REFERENCES scope, accepted_ns INTEGER NOT NULL, change INTEGER NOT NULL,"
	" alert INTEGER NOT NULL, reason TEXT) STRICT;"
	"INSERT INTO accepted_whole SELECT sc.row, a.accepted_ns,"
	" (SELECT coalesce(max(c.row), 0) FROM change c CROSS JOIN server sv ON sv.row = c.server"
	" WHERE sv.scope = sc.row AND coalesce(c.ts_ns, c.row) <= a.accepted_ns),"
	" (SELECT coalesce(max(x.row), 0) FROM alert x WHERE x.scope = sc.row AND x.opened_ns <= a.accepted_ns), a.reason"
	" FROM scope sc CROSS JOIN (SELECT min(accepted_ns) AS accepted_ns, max(reason) AS reason FROM accepted WHERE id IS NULL) a"
	" WHERE a.accepted_ns IS NOT NULL;"

	"CREATE INDEX change_id ON change (id);"
	"CREATE INDEX alert_id ON alert (id);"

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

	"ALTER TABLE session ADD COLUMN protocol TEXT;";
/* clang-format on */
