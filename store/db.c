/* db.c - see db.h. */
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"

int
db_say(struct db *db, int err, const char *fmt, ...)
{
	int n = snprintf(db->error, sizeof(db->error), "%s: ", db->shown);
	va_list ap;

	if (n < 0 || n >= DB_ERROR)
		return err;
	va_start(ap, fmt);
	(void)vsnprintf(db->error + n, sizeof(db->error) - (size_t)n, fmt, ap);
	va_end(ap);
	return err;
}

/* A quota and a limit on the size of files are a full disk to everybody who has to act on it. */
static int
db_system_error(int system, int otherwise)
{
	if (system == EDQUOT || system == EFBIG)
		return -ENOSPC;
	return system > 0 ? -system : otherwise;
}

static int
db_error_of(int code, int system)
{
	switch (code) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_NOTADB:
		return ERR_NOT_STORE;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return system == EROFS ? -EROFS : -EACCES;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return db_system_error(system, ERR_STORE);
	default:
		return ERR_STORE;
	}
}

static int
db_file_errno(struct db *db, int which)
{
	sqlite3_file *file = NULL;
	int system = 0;

	if (sqlite3_file_control(db->sql, "main", which, &file) != SQLITE_OK || file == NULL ||
	    file->pMethods == NULL ||
	    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &system) != SQLITE_OK)
		return 0;
	return system;
}

/* sqlite3_system_errno() knows nothing of a write that fails in a COMMIT; the file that was written
 * does. */
static int
db_system(struct db *db)
{
	int system = 0;

	if (db->extended == SQLITE_IOERR_WRITE)
		system = db_file_errno(db, SQLITE_FCNTL_JOURNAL_POINTER);
	if (db->extended == SQLITE_IOERR_WRITE && system == 0)
		system = db_file_errno(db, SQLITE_FCNTL_FILE_POINTER);
	return system != 0 ? system : sqlite3_system_errno(db->sql);
}

int
db_failed(struct db *db, const char *doing)
{
	int system = 0, err;

	db->extended = sqlite3_extended_errcode(db->sql);
	db->code = db->extended & 0xff;
	if (db->code == SQLITE_CANTOPEN || db->code == SQLITE_IOERR || db->code == SQLITE_READONLY)
		system = db_system(db);
	err = db_error_of(db->code, system);
	(void)db_say(db, err, "%s: %s%s%s (SQLite %d)", doing, sqlite3_errmsg(db->sql),
	    system > 0 ? ": " : "", system > 0 ? strerror(system) : "", db->extended);
	/* some failures make SQLite roll back by itself */
	if (db->in_transaction && db->failed == 0 && sqlite3_get_autocommit(db->sql))
		db->failed = err;
	return err;
}

int
db_exec(struct db *db, const char *sql)
{
	if (sqlite3_exec(db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_failed(db, "cannot use the store");
	return 0;
}

int
db_number(struct db *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db->sql, sql, -1, &st, NULL);
	int err = 0;

	*out = 0;
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	else if (rc != SQLITE_DONE)
		err = db_failed(db, "cannot read the store");
	sqlite3_finalize(st);
	return err;
}

static int
db_begin_with(struct db *db, const char *sql)
{
	assert(!db->in_transaction);
	if (sqlite3_exec(db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_failed(db, "cannot begin a transaction");
	db->in_transaction = true;
	db->failed = 0;
	return 0;
}

int
db_begin(struct db *db)
{
	return db_begin_with(db, db->mode == STORE_READER ? "BEGIN" : "BEGIN IMMEDIATE");
}

int
db_begin_gently(struct db *db)
{
	return db_begin_with(db, "BEGIN");
}

void
db_rollback(struct db *db)
{
	if (db->in_transaction && !sqlite3_get_autocommit(db->sql))
		(void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
	db->in_transaction = false;
	db->failed = 0;
}

int
db_watch(struct db *db)
{
	struct stat st;

	if (stat(db->path, &st) != 0)
		return db_say(db, -errno, "%s", strerror(errno));
	db->device = st.st_dev;
	db->inode = st.st_ino;
	return 0;
}

/* A file that was deleted or moved can still be written, but nobody would find it. */
static int
db_in_place(struct db *db)
{
	struct stat st;

	if (db->inode == 0)
		return 0;
	if (stat(db->path, &st) != 0)
		return db_say(db, ERR_STORE, "was deleted or moved while it was written (%s)",
		    strerror(errno));
	if (st.st_dev != db->device || st.st_ino != db->inode)
		return db_say(db, ERR_STORE, "was replaced by another file while it was written");
	return 0;
}

int
db_commit(struct db *db)
{
	int err = db->failed;

	assert(db->in_transaction);
	if (err == 0)
		err = db_in_place(db);
	if (err == 0 && sqlite3_exec(db->sql, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		err = db_failed(db, "cannot commit");
	if (err != 0) {
		db_rollback(db);
		return err;
	}
	db->in_transaction = false;
	return 0;
}

void
db_close(struct db *db)
{
	int rc;

	db_rollback(db);
	rc = sqlite3_close(db->sql);
	/* it refuses only while a statement is open, and those are ours to finalize */
	assert(rc == SQLITE_OK);
	(void)rc;
	db->sql = NULL;
	lock_release(&db->lock);
	free(db->path);
	free(db->shown);
	db->path = db->shown = NULL;
}
