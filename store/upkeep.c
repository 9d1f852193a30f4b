/* upkeep.c - see upkeep.h: checking, pruning, vacuuming. */
#include "store/upkeep.h"

#include <stdio.h>

#include "base/err.h"
#include "store/state.h"
#include "track/records.h"

enum {
	UPKEEP_LINE = 512
};

/* What has to hold beside what SQLite itself looks after: each counts the rows where it does not. */
static const struct {
	const char *what, *count;
} upkeep_rules[] = {
    {"episodes end before they begin",
	"FROM episode WHERE ended_ns < first_ns OR last_ns < first_ns"},
    {"episodes have neither a port nor a name, or both",
	"FROM episode WHERE (port = 0) = (coalesce(name, '') = '') AND port <> 0"},
    {"episodes count below nothing",
	"FROM episode WHERE announced < 0 OR used < 0 OR attempted < 0 OR clients < 0"},
    {"episodes ended without a reason, or have one and did not",
	"FROM episode WHERE ended_ns IS NULL AND why IS NOT NULL"},
    {"endpoints are alive twice", "FROM (SELECT 1 FROM episode WHERE ended_ns IS NULL"
				  " GROUP BY server, interface, port, coalesce(name, '') COLLATE "
				  "NOCASE HAVING count(*) > 1)"},
    {"episodes lie in captures that are not there",
	"FROM episode WHERE CAST(substr(first_seen, 2) AS INTEGER) > 0"
	" AND CAST(substr(first_seen, 2) AS INTEGER) NOT IN (SELECT row FROM capture)"},
    {"changes have sets that make no sense",
	"FROM change WHERE NOT json_valid(previous) OR NOT json_valid(current)"},
    {"changes have a kind that is none", "FROM change WHERE kind NOT BETWEEN 1 AND 7"},
    {"changes are of a server as a whole, and have no members",
	"FROM change c WHERE interface IS NULL AND NOT EXISTS (SELECT 1 FROM change_member WHERE "
	"change = c.row)"},
    {"members have sets that make no sense",
	"FROM change_member WHERE NOT json_valid(previous) OR NOT json_valid(current)"},
    {"members are missing",
	"FROM (SELECT 1 FROM change_member GROUP BY change HAVING max(number) <> count(*))"},
    {"alerts are closed without a time, or open with one",
	"FROM alert WHERE (state = 3) <> (closed_ns IS NOT NULL)"},
    {"alerts were updated before they opened", "FROM alert WHERE updated_ns < opened_ns"},
    {"alerts are of another scope than their server",
	"FROM alert a JOIN server sv ON sv.row = a.server WHERE sv.scope <> a.scope"},
    {"what is pending is of a key that is not there",
	"FROM pending WHERE interface > 0 AND interface NOT IN (SELECT row FROM interface)"},
    {"what is pending is of another scope than its server",
	"FROM pending p JOIN server sv ON sv.row = p.server WHERE sv.scope <> p.scope"},
    {"coverage ends before it begins", "FROM coverage WHERE to_ns < from_ns"},
    {"sessions end before they begin", "FROM session WHERE last_ns < first_ns OR count < 1"},
};

/* Call ${each} with the first column of every row as text. */
static int
each_line(struct store *s, const char *sql, void (*each)(void *ctx, const char *text), void *ctx)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db.sql, sql, -1, &st, NULL);
	int err = 0;

	if (rc == SQLITE_OK)
		while ((rc = sqlite3_step(st)) == SQLITE_ROW)
			if (sqlite3_column_type(st, 0) != SQLITE_NULL)
				each(ctx, (const char *)sqlite3_column_text(st, 0));
	if (rc != SQLITE_DONE)
		err = db_failed(&s->db, "cannot look after the store");
	sqlite3_finalize(st);
	return err;
}

static int
check_rules(struct store *s, void (*wrong)(void *ctx, const char *what), void *ctx)
{
	char sql[UPKEEP_LINE], line[UPKEEP_LINE];
	int64_t count;
	int err = 0;

	for (size_t i = 0; i < sizeof(upkeep_rules) / sizeof(upkeep_rules[0]) && err == 0; i++) {
		(void)snprintf(sql, sizeof(sql), "SELECT count(*) %s", upkeep_rules[i].count);
		if ((err = db_number(&s->db, sql, &count)) != 0 || count == 0)
			continue;
		(void)snprintf(
		    line, sizeof(line), "%lld %s", (long long)count, upkeep_rules[i].what);
		wrong(ctx, line);
	}
	return err;
}

int
upkeep_check(struct store *s, void (*wrong)(void *ctx, const char *what), void *ctx)
{
	int err = each_line(s,
	    "SELECT integrity_check FROM pragma_integrity_check(20) WHERE integrity_check <> 'ok'",
	    wrong, ctx);

	/* references between tables: one line for each pair of tables */
	if (err == 0)
		err = each_line(s,
		    "SELECT count(*) || ' rows of ' || \"table\" || ' refer to a ' || parent || ' "
		    "that is not there'"
		    " FROM pragma_foreign_key_check GROUP BY \"table\", parent",
		    wrong, ctx);
	return err != 0 ? err : check_rules(s, wrong, ctx);
}

/* Run ${sql}, in which %lld is ${value}; count what it deleted. */
static int
delete_rows(struct store *s, const char *sql, int64_t *gone)
{
	int err = db_exec(&s->db, sql);

	if (err == 0 && gone != NULL)
		*gone += sqlite3_changes(s->db.sql);
	return err;
}

/* A key goes as a whole, once nothing of it was seen for long; what stands of it, an open alert, stays with it. */
static int
prune_keys(struct store *s, int64_t before_ns, struct upkeep_pruned *out)
{
	char sql[UPKEEP_LINE * 2];
	const struct {
		const char *sql;
		int64_t *gone;
	} steps[] = {
	    {"DELETE FROM episode_client WHERE episode IN (SELECT e.row FROM episode e JOIN gone "
	     "USING (server, interface))",
		NULL},
	    {"DELETE FROM episode WHERE (server, interface) IN (SELECT server, interface FROM "
	     "gone)",
		&out->episodes},
	    {"DELETE FROM pending WHERE (server, interface) IN (SELECT server, interface FROM "
	     "gone)",
		NULL},
	    {"DELETE FROM change WHERE (server, interface) IN (SELECT server, interface FROM gone)",
		&out->changes},
	    {"DELETE FROM alert_evidence WHERE alert IN (SELECT a.row FROM alert a JOIN gone USING "
	     "(server, interface))",
		NULL},
	    {"DELETE FROM alert WHERE (server, interface) IN (SELECT server, interface FROM gone)",
		&out->alerts},
	    {"DELETE FROM accepted WHERE (server, interface) IN (SELECT server, interface FROM "
	     "gone)",
		NULL},
	    {"DELETE FROM session WHERE (server, interface) IN (SELECT server, interface FROM "
	     "gone)",
		&out->sessions},
	};
	int err;

	(void)snprintf(sql, sizeof(sql),
	    "CREATE TEMP TABLE gone AS SELECT server, interface FROM episode GROUP BY server, "
	    "interface"
	    " HAVING max(coalesce(last_ns, first_ns)) < %lld"
	    " EXCEPT SELECT server, interface FROM alert WHERE over_ns IS NULL;"
	    "CREATE INDEX temp.gone_key ON gone (server, interface)",
	    (long long)before_ns);
	if ((err = db_exec(&s->db, sql)) != 0 ||
	    (err = db_number(&s->db, "SELECT count(*) FROM gone", &out->keys)) != 0)
		return err;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && err == 0; i++)
		err = delete_rows(s, steps[i].sql, steps[i].gone);
	return err != 0 ? err : db_exec(&s->db, "DROP TABLE temp.gone");
}

/* Verdicts on whole servers are as old as they are; and a server of which nothing is left has no row. */
static int
prune_servers(struct store *s, int64_t before_ns, struct upkeep_pruned *out)
{
	static const char unused[] = "FROM server WHERE row NOT IN (SELECT server FROM episode "
				     "UNION SELECT server FROM change"
				     " UNION SELECT server FROM change_member UNION SELECT server "
				     "FROM alert WHERE server IS NOT NULL"
				     " UNION SELECT server FROM session UNION SELECT server FROM "
				     "accepted WHERE server IS NOT NULL)";
	char sql[UPKEEP_LINE * 2];
	int err;

	(void)snprintf(sql, sizeof(sql),
	    "DELETE FROM change_member WHERE change IN (SELECT row FROM change WHERE interface IS "
	    "NULL"
	    " AND coalesce(ts_ns, row) < %lld)",
	    (long long)before_ns);
	if ((err = delete_rows(s, sql, NULL)) != 0)
		return err;
	(void)snprintf(sql, sizeof(sql),
	    "DELETE FROM change WHERE interface IS NULL AND coalesce(ts_ns, row) < %lld",
	    (long long)before_ns);
	if ((err = delete_rows(s, sql, &out->changes)) != 0)
		return err;
	for (size_t i = 0; i < 4 && err == 0; i++) {
		static const char *const tables[] = {"server_alias", "referral", "pending", NULL};

		(void)snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s IN (SELECT row %s)",
		    tables[i] != NULL ? tables[i] : "server", tables[i] != NULL ? "server" : "row",
		    unused);
		err = delete_rows(s, sql, tables[i] != NULL ? NULL : &out->servers);
	}
	return err;
}

static int
prune_all(struct store *s, const struct upkeep_ages *ages, struct upkeep_pruned *out)
{
	char sql[UPKEEP_LINE];
	int64_t end_ns;
	int err = db_number(&s->db,
	    "SELECT max(at) FROM (SELECT max(last_ns) AS at FROM capture WHERE frames > 0 UNION ALL"
	    " SELECT max(to_ns) FROM coverage UNION ALL SELECT max(coalesce(last_ns, first_ns)) "
	    "FROM episode"
	    " WHERE NOT EXISTS (SELECT 1 FROM capture) AND NOT EXISTS (SELECT 1 FROM coverage))",
	    &end_ns);

	if (err != 0)
		return err;
	(void)snprintf(sql, sizeof(sql), "DELETE FROM session WHERE last_ns < %lld",
	    (long long)(end_ns - ages->sessions));
	if ((err = delete_rows(s, sql, &out->sessions)) != 0 ||
	    (err = prune_keys(s, end_ns - ages->keys, out)) != 0)
		return err;
	return prune_servers(s, end_ns - ages->keys, out);
}

int
upkeep_prune(struct store *s, const struct upkeep_ages *ages, struct upkeep_pruned *out)
{
	int err = store_begin(s);

	*out = (struct upkeep_pruned){.keys = 0};
	if (err != 0)
		return err;
	if ((err = prune_all(s, ages, out)) != 0) {
		store_rollback(s);
		return err;
	}
	return store_commit(s);
}

static int
file_bytes(struct store *s, int64_t *out)
{
	int64_t pages, size;
	int err = db_number(&s->db, "PRAGMA page_count", &pages);

	if (err == 0)
		err = db_number(&s->db, "PRAGMA page_size", &size);
	*out = err == 0 ? pages * size : 0;
	return err;
}

/* Page by page as SQLite keeps them: it needs no room beside the file, and what is cut off in the middle is as good as done. */
int
upkeep_vacuum(struct store *s, int64_t *bytes)
{
	int64_t before = 0, after = 0, busy;
	int err = file_bytes(s, &before);

	if (err == 0)
		err = db_exec(&s->db, "PRAGMA incremental_vacuum");
	if (err == 0)
		err = file_bytes(s, &after);
	if (err == 0)
		err = db_number(&s->db, "PRAGMA wal_checkpoint(TRUNCATE)", &busy);
	*bytes = err == 0 ? before - after : 0;
	return err;
}
