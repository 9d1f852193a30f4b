/* schema_6.c - how much there was, hour by hour. What the table means stands in schema.c. */
#include "store/schema_steps.h"

/* clang-format off */
const char schema_6[] =
	"CREATE TABLE tally ("
	" hour INTEGER NOT NULL, scope INTEGER NOT NULL REFERENCES scope, packets INTEGER NOT NULL, bytes INTEGER NOT NULL,"
	" dropped_kernel INTEGER NOT NULL, dropped_interface INTEGER NOT NULL, dropped_queue INTEGER NOT NULL,"
	" dropped_decode INTEGER NOT NULL, dropped_cap INTEGER NOT NULL, gaps INTEGER NOT NULL, damaged INTEGER NOT NULL,"
	" pdus INTEGER NOT NULL, malformed INTEGER NOT NULL, sealed INTEGER NOT NULL, sealed_answers INTEGER NOT NULL,"
	" answers INTEGER NOT NULL, binds INTEGER NOT NULL, unannounced INTEGER NOT NULL, up_ns INTEGER NOT NULL,"
	" PRIMARY KEY (hour, scope)) STRICT, WITHOUT ROWID;";
/* clang-format on */
