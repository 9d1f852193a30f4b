/* db.h - one connection to SQLite: transactions, and the words of the last failure. connect.h makes
 * one.
 *
 * One thread at a time. The code and the text of a failure are copied at once, for SQLite's next
 * call replaces them. */
#ifndef EPMWATCH_STORE_DB_H
#define EPMWATCH_STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/lock.h"
#include "store/store.h"

enum {
	DB_ERROR = 1024
};

struct db {
	sqlite3 *sql;
	enum store_mode mode;
	struct lock lock;
	char *path;   /* resolved; NULL in memory */
	dev_t device; /* of the file that a writer opened; both 0: not known */
	ino_t inode;
	char *shown; /* as given, cleaned, for messages */
	bool in_transaction;
	int failed;         /* what broke the transaction; it can only be rolled back */
	int code, extended; /* SQLite's, of the last failure */
	char error[DB_ERROR];
};

/** db_close(db): Roll back, close, give up the lock. All statements must have been finalized. */
void db_close(struct db *db);

/** db_say(db, err, fmt, ...): Note one line, the path before it, as the last failure; returns
 * ${err}. */
int db_say(struct db *db, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** db_failed(db, doing): Note SQLite's last failure before another call replaces it; returns it as
 * an enum err or -errno. */
int db_failed(struct db *db, const char *doing);

/** db_exec(db, sql): Run statements that bear no data. */
int db_exec(struct db *db, const char *sql);

/** db_number(db, sql, out): The first column of the first row as a number; 0 where there is no row.
 */
int db_number(struct db *db, const char *sql, int64_t *out);

/** db_watch(db): From now on a commit fails if another file, or none, lies at the path. -errno. */
int db_watch(struct db *db);

/** db_begin_gently(db): The same as db_begin(), but nothing is locked before it is written, so that what is attached is only
 * read. */
int db_begin_gently(struct db *db);

/**
 * db_begin(db) / db_commit(db) / db_rollback(db):
 * One transaction; of a reader: one view of the store. A commit that fails, or that follows a
 * failed write, has been rolled back when it returns the error.
 */
int db_begin(struct db *db);
int db_commit(struct db *db);
void db_rollback(struct db *db);

#endif
