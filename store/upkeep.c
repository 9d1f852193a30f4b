/* upkeep.c - see upkeep.h: checking, pruning, vacuuming. */
#include "store/upkeep.h"

#include <stdio.h>

#include "base/err.h"
#include "store/column.h"
#include "store/push.h"
#include "store/state.h"
#include "store/tally.h"
#include "track/records.h"

enum {
	UPKEEP_LINE = 512
};

/* clang-format off */
#define NO_CAPTURE(evidence) \
	"(CAST(substr(" evidence ", 2) AS INTEGER) > 0" \
	" AND CAST(substr(" evidence ", 2) AS INTEGER) NOT IN (SELECT row FROM capture))"
/* A list of ports and names; what is no JSON at all must not be looked into. */
#define NO_SET(set) \
	"CASE WHEN NOT json_valid(" set ") THEN 1 WHEN json_type(" set ") <> 'array' THEN 1" \
	" ELSE EXISTS (SELECT 1 FROM json_each(" set ") WHERE type NOT IN ('integer', 'text')" \
	" OR (type = 'integer' AND value NOT BETWEEN 0 AND 65535)) END"
/* clang-format on */

/* What has to hold beside what SQLite itself looks after: each counts the rows where it does not. */
static const struct {
	const char *what, *count;
} upkeep_rules[] = {
    {"episodes end before they begin",
	"FROM episode WHERE ended_ns < first_ns OR last_ns < first_ns"},
    {"episodes have a port and a name", "FROM episode WHERE port <> 0 AND coalesce(name, '') <> ''"},
    {"episodes have a port that is none", "FROM episode WHERE port NOT BETWEEN 0 AND 65535"},
    {"episodes count below nothing",
	"FROM episode WHERE announced < 0 OR used < 0 OR attempted < 0 OR clients < 0"},
    {"episodes ended without a reason, or have one and did not",
	"FROM episode WHERE (ended_ns IS NULL) <> (why IS NULL)"},
    {"endpoints are alive twice", "FROM (SELECT 1 FROM episode WHERE ended_ns IS NULL"
				  " GROUP BY server, interface, port, coalesce(name, '') COLLATE "
				  "NOCASE HAVING count(*) > 1)"},
    {"episodes lie in captures that are not there",
	"FROM episode WHERE " NO_CAPTURE("first_seen") " OR " NO_CAPTURE("last_seen")},
    {"changes lie in captures that are not there", "FROM change WHERE " NO_CAPTURE("evidence")},
    {"evidence lies in captures that are not there", "FROM alert_evidence WHERE " NO_CAPTURE("evidence")},
    {"changes have sets that make no sense",
	"FROM change WHERE " NO_SET("previous") " OR " NO_SET("current")},
    {"changes or alerts have an id that is none",
	"FROM (SELECT id FROM change UNION ALL SELECT id FROM alert)"
	" WHERE length(id) <> 16 OR id GLOB '*[^0-9a-f]*'"},
    {"changes correct one that is not there",
	"FROM change c WHERE revises IS NOT NULL AND NOT EXISTS (SELECT 1 FROM change x WHERE x.id = c.revises)"},
    {"changes have a kind that is none", "FROM change WHERE kind NOT BETWEEN 1 AND 7"},
    {"changes are of a server as a whole, and have no members",
	"FROM change c WHERE interface IS NULL AND NOT EXISTS (SELECT 1 FROM change_member WHERE "
	"change = c.row)"},
    {"members have sets that make no sense",
	"FROM change_member WHERE " NO_SET("previous") " OR " NO_SET("current")},
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
    {"hours have counts below nothing",
	"FROM tally WHERE min(packets, bytes, dropped_kernel, dropped_interface, dropped_queue, dropped_decode, dropped_cap,"
	" gaps, damaged, pdus, malformed, sealed, sealed_answers, answers, binds, unannounced, up_ns) < 0"},
    {"hours are none", "FROM tally WHERE hour NOT BETWEEN -2562046 AND 2562046"},
    {"sessions end before they begin", "FROM session WHERE last_ns < first_ns OR count < 1"},
    {"pushes end before they begin", "FROM push WHERE last_ns < first_ns OR count < 1"},
    {"pushes make no sense",
	"FROM push WHERE length(context) > 64 OR refused < 0 OR refused > count"
	" OR client_port NOT BETWEEN 0 AND 65535"},
    {"registrations end before they begin", "FROM push_registration WHERE last_ns < first_ns"},
    {"registrations make no sense",
	"FROM push_registration WHERE delivered < 0 OR port NOT BETWEEN 0 AND 65535"
	" OR length(context) > 64 OR (NOT sealed AND length(context) <> context_len)"},
};

/* Whoever made the tables chose their names. */
static void
give_line(sqlite3_stmt *st, void (*each)(void *ctx, const char *text), void *ctx)
{
	struct column c = column_init(st);

	each(ctx, column_shown(&c));
	column_free(&c);
}

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
				give_line(st, each, ctx);
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

/* What is about no key that has a history goes by itself, once it is over for long. */
static int
prune_alerts(struct store *s, int64_t before_ns, struct upkeep_pruned *out)
{
	char sql[UPKEEP_LINE * 2];
	int err;

	(void)snprintf(sql, sizeof(sql),
	    "CREATE TEMP TABLE over AS SELECT row FROM alert a WHERE over_ns < %lld AND (interface IS NULL"
	    " OR (NOT EXISTS (SELECT 1 FROM episode e WHERE e.server = a.server AND e.interface = a.interface AND"
	    " e.ended_ns IS NULL) AND NOT EXISTS (SELECT 1 FROM episode e WHERE e.server = a.server"
	    " AND e.interface = a.interface AND e.ended_ns IS NOT NULL)));"
	    "DELETE FROM alert_evidence WHERE alert IN (SELECT row FROM over)",
	    (long long)before_ns);
	if ((err = db_exec(&s->db, sql)) != 0 ||
	    (err = delete_rows(
		 s, "DELETE FROM alert WHERE row IN (SELECT row FROM over)", &out->alerts)) != 0)
		return err;
	return db_exec(&s->db, "DROP TABLE temp.over");
}

/* Verdicts on whole servers are as old as they are; and a server of which nothing is left has no row. */
static int
prune_servers(struct store *s, int64_t before_ns, struct upkeep_pruned *out)
{
	static const char unused[] = "FROM server WHERE row NOT IN (SELECT server FROM episode "
				     "UNION SELECT server FROM change"
				     " UNION SELECT server FROM change_member UNION SELECT server "
				     "FROM alert WHERE server IS NOT NULL"
				     " UNION SELECT server FROM push UNION SELECT server FROM push_registration"
				     " UNION SELECT server FROM push_client"
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
	int64_t end_ns = ages->now_ns;
	int err = end_ns != 0 ? 0 : db_number(&s->db,
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
	    (err = push_prune(s, end_ns - ages->pushes, &out->pushes)) != 0 ||
	    (err = prune_keys(s, end_ns - ages->keys, out)) != 0)
		return err;
	if ((err = prune_alerts(s, end_ns - ages->keys, out)) != 0)
		return err;
	(void)snprintf(sql, sizeof(sql), "DELETE FROM tally WHERE hour < %lld",
	    (long long)tally_hour(end_ns - ages->keys));
	if ((err = delete_rows(s, sql, NULL)) != 0)
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
