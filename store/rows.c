/* rows.c - see rows.h. A virtual table that needs no CREATE: it is there for each connection that
 * registered it, and for statements only, never for what a store's own schema says. */
#include "store/rows.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "store/db.h"

/* SQLite's first, so that a pointer to it is one to the whole. */
struct rows_table {
	sqlite3_vtab base;
	const struct rows *rows;
};

struct rows_cursor {
	sqlite3_vtab_cursor base;
	const struct rows *rows;
	size_t at;
};

static int
rows_connect(sqlite3 *sql, void *rows, int argc, const char *const *argv, sqlite3_vtab **out,
    char **why)
{
	struct rows_table *t = sqlite3_malloc(sizeof(*t));
	int rc;

	(void)argc;
	(void)argv;
	(void)why;
	if (t == NULL)
		return SQLITE_NOMEM;
	*t = (struct rows_table){.rows = rows};
	rc = sqlite3_declare_vtab(sql, t->rows->kind->columns);
	if (rc == SQLITE_OK)
		rc = sqlite3_vtab_config(sql, SQLITE_VTAB_DIRECTONLY);
	if (rc != SQLITE_OK) {
		sqlite3_free(t);
		return rc;
	}
	*out = &t->base;
	return SQLITE_OK;
}

static int
rows_disconnect(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

/* All rows, in their order, is the only way. */
static int
rows_best_index(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	info->estimatedCost = 1000;
	info->estimatedRows = 1000;
	return SQLITE_OK;
}

static int
rows_open(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct rows_cursor *c = sqlite3_malloc(sizeof(*c));

	if (c == NULL)
		return SQLITE_NOMEM;
	*c = (struct rows_cursor){.rows = ((const struct rows_table *)t)->rows};
	*out = &c->base;
	return SQLITE_OK;
}

static int
rows_close(sqlite3_vtab_cursor *c)
{
	sqlite3_free(c);
	return SQLITE_OK;
}

static int
rows_filter(
    sqlite3_vtab_cursor *c, int number, const char *name, int argc, sqlite3_value **argv)
{
	(void)number;
	(void)name;
	(void)argc;
	(void)argv;
	((struct rows_cursor *)c)->at = 0;
	return SQLITE_OK;
}

static int
rows_next(sqlite3_vtab_cursor *c)
{
	((struct rows_cursor *)c)->at++;
	return SQLITE_OK;
}

static int
rows_eof(sqlite3_vtab_cursor *c)
{
	const struct rows_cursor *at = (const struct rows_cursor *)c;

	return at->at >= at->rows->count;
}

static int
rows_column(sqlite3_vtab_cursor *c, sqlite3_context *out, int column)
{
	const struct rows_cursor *at = (const struct rows_cursor *)c;
	const struct rows *r = at->rows;

	r->kind->column(out, (const char *)r->row + at->at * r->kind->size, column);
	return SQLITE_OK;
}

static int
rows_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((const struct rows_cursor *)c)->at;
	return SQLITE_OK;
}

static const sqlite3_module rows_module = {
    .xConnect = rows_connect,
    .xBestIndex = rows_best_index,
    .xDisconnect = rows_disconnect,
    .xOpen = rows_open,
    .xClose = rows_close,
    .xFilter = rows_filter,
    .xNext = rows_next,
    .xEof = rows_eof,
    .xColumn = rows_column,
    .xRowid = rows_rowid,
};

int
rows_init(struct rows *r, const struct rows_kind *kind, struct db *db)
{
	*r = (struct rows){.kind = kind};
	if (sqlite3_create_module(db->sql, kind->name, &rows_module, r) != SQLITE_OK)
		return db_failed(db, "cannot use the store");
	return ERR_OK;
}

void
rows_deinit(struct rows *r)
{
	free(r->row);
	*r = (struct rows){.kind = r->kind};
}

void *
rows_add(struct rows *r)
{
	if (r->count == r->room) {
		size_t room = r->room == 0 ? 64 : r->room * 2;
		void *grown = realloc(r->row, room * r->kind->size);

		if (grown == NULL)
			return NULL;
		r->row = grown;
		r->room = room;
	}
	return (char *)r->row + r->count++ * r->kind->size;
}

void
rows_clear(struct rows *r)
{
	r->count = 0;
}
