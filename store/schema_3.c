/* schema_3.c - what is known of servers beside their endpoints. What the tables mean stands in schema.c. */
#include "store/schema_steps.h"

/* clang-format off */
#define TIME(ns) \
	"strftime('%Y-%m-%dT%H:%M:%S', " ns " / 1000000000, 'unixepoch')" \
	" || printf('.%06dZ', " ns " % 1000000000 / 1000)"

const char schema_3[] =
	"ALTER TABLE server ADD COLUMN host_ns INTEGER;"
	"ALTER TABLE server ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE server ADD COLUMN sealed_mapper INTEGER NOT NULL DEFAULT 0;"

	"CREATE TABLE server_alias ("
	" server INTEGER NOT NULL REFERENCES server, name TEXT NOT NULL COLLATE NOCASE, last_ns INTEGER NOT NULL,"
	" PRIMARY KEY (server, name)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE referral ("
	" server INTEGER NOT NULL REFERENCES server, operation INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,"
	" first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, count INTEGER NOT NULL,"
	" PRIMARY KEY (server, operation, name)) STRICT, WITHOUT ROWID;"

	"INSERT INTO word VALUES"
	" ('source', 5, 'oxid'), ('source', 6, 'response'), ('source', 7, 'trailer'), ('source', 8, 'datagram'),"
	" ('referral', 0, 'RfrGetNewDSA'), ('referral', 1, 'RfrGetFQDNFromServerDN');"

	"CREATE VIEW servers AS"
	" SELECT sensor, realm, sv.address AS server, sv.host,"
	" (SELECT group_concat(a.name, ', ') FROM server_alias a WHERE a.server = sv.row) AS aliases,"
	" sv.sealed, sv.sealed_mapper"
	" FROM server sv CROSS JOIN scope ON scope.row = sv.scope;"

	"CREATE VIEW referrals AS"
	" SELECT sensor, realm, sv.address AS server, sv.host,"
	" (SELECT word FROM word WHERE kind = 'referral' AND value = r.operation) AS operation, r.name AS \"to\", "
	TIME("r.first_ns") " AS first_seen, " TIME("r.last_ns") " AS last_seen, r.count"
	" FROM referral r CROSS JOIN server sv ON sv.row = r.server CROSS JOIN scope ON scope.row = sv.scope;";
/* clang-format on */
