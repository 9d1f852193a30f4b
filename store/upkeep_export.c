/* upkeep_export.c - see upkeep.h. */
#include <stdio.h>

#include "base/err.h"
#include "store/state.h"
#include "store/upkeep.h"

enum {
	EXPORT_COLUMNS = 32
};

static struct upkeep_value
value_of(sqlite3_stmt *st, int column)
{
	struct upkeep_value v = {.name = sqlite3_column_name(st, column)};

	switch (sqlite3_column_type(st, column)) {
	case SQLITE_INTEGER:
		v.kind = UPKEEP_NUMBER;
		v.number = sqlite3_column_int64(st, column);
		break;
	case SQLITE_TEXT:
		v.kind = UPKEEP_TEXT;
		v.text = (const char *)sqlite3_column_text(st, column);
		break;
	case SQLITE_BLOB:
		v.kind = UPKEEP_OCTETS;
		v.octets = sqlite3_column_blob(st, column);
		v.len = (size_t)sqlite3_column_bytes(st, column);
		break;
	default:
		v.kind = UPKEEP_NULL;
	}
	return v;
}

static int
export_table(struct store *s, const char *table,
    int (*row)(void *ctx, const char *table, const struct upkeep_value *value, size_t count),
    void *ctx)
{
	struct upkeep_value value[EXPORT_COLUMNS];
	sqlite3_stmt *st = NULL;
	char sql[128];
	int rc, err = 0;

	/* the name is one of our own tables */
	(void)snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\"", table);
	if ((rc = sqlite3_prepare_v2(s->db.sql, sql, -1, &st, NULL)) == SQLITE_OK) {
		int count = sqlite3_column_count(st);

		count = count < EXPORT_COLUMNS ? count : EXPORT_COLUMNS;
		while (err == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
			for (int i = 0; i < count; i++)
				value[i] = value_of(st, i);
			err = row(ctx, table, value, (size_t)count);
		}
	}
	if (err == 0 && rc != SQLITE_DONE)
		err = db_failed(&s->db, "cannot export the store");
	sqlite3_finalize(st);
	return err;
}

int
upkeep_export(struct store *s,
    int (*row)(void *ctx, const char *table, const struct upkeep_value *value, size_t count),
    void *ctx)
{
	static const char *const tables[] = {"scope", "capture", "coverage", "tally", "server",
	    "server_alias", "referral", "interface", "episode", "episode_client", "change",
	    "change_member", "alert", "alert_evidence", "pending", "state", "policy", "accepted",
	    "accepted_whole",
	    "session", "push", "push_registration", "push_client", "word"};
	bool begun = s->db.in_transaction;
	int err = begun ? 0 : store_begin(s);

	if (err != 0)
		return err;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && err == 0; i++)
		err = export_table(s, tables[i], row, ctx);
	if (!begun)
		store_rollback(s);
	return err;
}
