/* merge_sql.h - the SQL by which two stores become one, in files of its own. Those who run it, and those who write it, include
 * this.
 *
 * The other store is attached as `other`; rows of it get the numbers that follow ours, except where ours has what they stand
 * for. What each number becomes lies in temporary tables: old, new, and whether the row came in. */
#ifndef EPMWATCH_STORE_MERGE_SQL_H
#define EPMWATCH_STORE_MERGE_SQL_H

/* merge_names.c, merge_rows.c: in this order. They leave map_scope, map_server, ..., and in `strange` the scopes of the other store
 * whose state is to be taken: those that are not here, and those of sensors that went on there. */
extern const char merge_names[], merge_changes[], merge_episodes[], merge_alerts[];

/* clang-format off */
#define NEW(table, old) \
	"(SELECT new FROM map_" table " WHERE old = " old ")"

/* The id of a change, which is another where two became one. */
#define NEW_ID(id) \
	"coalesce((SELECT new FROM map_id WHERE old = " id "), " id ")"

/* Evidence, whose first number is that of its capture. */
#define EVIDENCE(e) \
	"iif(" e " GLOB '[[][0-9]*', '[' || " NEW("capture", "CAST(substr(" e ", 2) AS INTEGER)") \
	" || substr(" e ", instr(" e ", ',')), " e ")"

/* A table of what the rows of ${table} become: those that are here by ${same} (theirs is t, ours o)... */
#define MAP_FOUND(table, same, from) \
	"CREATE TEMP TABLE map_" table " (old INTEGER PRIMARY KEY, new INTEGER, fresh INTEGER);" \
	"INSERT INTO map_" table " SELECT t.row, o.row, 0 FROM other." table " t" from " LEFT JOIN main." table " o ON " same \
	" WHERE true ON CONFLICT (old) DO NOTHING;"
/* ... and numbers behind ours. */
#define MAP_NUMBERS(table) \
	"UPDATE map_" table " SET fresh = 1, new = f.number FROM (SELECT old, (SELECT coalesce(max(row), 0) FROM main." table ")" \
	" + row_number() OVER (ORDER BY old) AS number FROM map_" table " WHERE new IS NULL) f WHERE map_" table ".old = f.old;"
#define MAP(table, same, from) \
	MAP_FOUND(table, same, from) MAP_NUMBERS(table)

#define FRESH(table) \
	" FROM other." table " t CROSS JOIN map_" table " m ON m.old = t.row AND m.fresh "
#define BOTH(table) \
	" FROM other." table " t CROSS JOIN map_" table " m ON m.old = t.row AND NOT m.fresh "
/* clang-format on */

#endif
