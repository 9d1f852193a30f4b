/* connect.c - see connect.h. */
#include "store/connect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "store/db.h"
#include "store/file.h"
#include "store/schema.h"

/* The path for messages: one line, whatever its name. */
static int
connect_show(struct db *db, const char *path)
{
	size_t size = strlen(path) * 3 + 1;

	db->shown = malloc(size);
	if (db->shown == NULL)
		return -ENOMEM;
	(void)text_clean((const uint8_t *)path, strlen(path), db->shown, size);
	return 0;
}

static int
connect_temporary_folder(const struct db *db)
{
	char *folder;
	int err = file_folder(db->path, &folder);

	if (err == 0 && setenv("SQLITE_TMPDIR", folder, 0) != 0)
		err = -ENOMEM;
	if (err == 0)
		free(folder);
	return err;
}

static int
connect_sqlite(struct db *db, const char *name, int flags)
{
	sqlite3_close(db->sql);
	db->sql = NULL;
	if (sqlite3_open_v2(name, &db->sql, flags | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK)
		return db_failed(db, "cannot open the store");
	(void)sqlite3_extended_result_codes(db->sql, 1);
	(void)sqlite3_busy_timeout(db->sql, CONNECT_BUSY_MS);
	return 0;
}

/* What every connection gets. A store is a file that others may have prepared: its schema runs
 * nothing of its own. References between tables are for those who read it, and for foreign_key_check: a
 * writer makes parents before their children, and SQLite, which would look for each one again, would
 * take a fifth longer. */
static int
connect_settings(struct db *db)
{
	char sql[64];
	int err;

	(void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	(void)snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%d", (int)CONNECT_CACHE_KIB);
	if (db->mode != STORE_MEMORY)
		(void)sqlite3_soft_heap_limit64(CONNECT_HEAP_BYTES);
	err = db_exec(db, sql);
	if (err != 0)
		return err;
	return db_exec(db, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
			   "PRAGMA foreign_keys = OFF; PRAGMA synchronous = FULL");
}

static int
connect_not_ours(struct db *db)
{
	return db_say(db, ERR_NOT_STORE, "is not an epmwatch store; it was left as it is");
}

static int
connect_newer(struct db *db, int64_t version)
{
	return db_say(db, ERR_NEWER,
	    "was written by a newer epmwatch (schema %lld, this one knows up to %d); it was left "
	    "as it is",
	    (long long)version, schema_version());
}

static int
connect_lock(struct db *db)
{
	long holder;
	int err = lock_take(&db->lock, db->path, &holder);

	if (err == ERR_BUSY && holder > 0)
		return db_say(db, err, "process %ld is writing this store", holder);
	if (err == ERR_BUSY)
		return db_say(db, err, "another process is writing this store");
	if (err != 0)
		return db_say(db, err, "cannot make %s-lock: %s", db->shown, err_text(err));
	return 0;
}

/* Refuses what is not ours before a database is made of it: SQLite may write to what it opens, or
 * beside it. */
static int
connect_examine(struct db *db)
{
	struct file_facts facts;
	int err = file_examine(db->path, &facts);

	if (err != 0)
		return db_say(db, err, "cannot be read: %s", err_text(err));
	if (facts.kind == FILE_OTHER ||
	    (facts.kind == FILE_SQLITE && facts.application_id != SCHEMA_APPLICATION_ID) ||
	    (facts.kind == FILE_EMPTY && db->mode == STORE_READER))
		return connect_not_ours(db);
	if (facts.kind == FILE_SQLITE && facts.user_version > (uint32_t)schema_version())
		return connect_newer(db, facts.user_version);
	if (facts.kind != FILE_ABSENT)
		return 0;
	err = db->mode == STORE_READER ? -ENOENT : file_create(db->path);
	return err != 0 ? db_say(db, err, "cannot be opened: %s", err_text(err)) : 0;
}

/* SQLite opens for reading, without a word, what it may not write. */
static int
connect_writable(struct db *db)
{
	int err;

	if (sqlite3_db_readonly(db->sql, "main") != 1)
		return 0;
	err = access(db->path, W_OK) != 0 ? -errno : -EACCES;
	return db_say(db, err, "cannot be written: %s", err_text(err));
}

/* In one transaction, so that a file that came into being bears our mark, whatever happens next. */
static int
connect_mark(struct db *db)
{
	char sql[128];
	int err;

	(void)snprintf(sql, sizeof(sql),
	    "BEGIN; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = %d; COMMIT",
	    SCHEMA_APPLICATION_ID);
	err = db_exec(db, sql);
	if (err != 0)
		(void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

/* Before the log is switched on: what the file itself says is all that connect_examine() of the
 * next run can see. */
static int
connect_schema(struct db *db)
{
	struct schema schema = *schema_today();
	int64_t version;
	int err = db_number(db, "PRAGMA user_version", &version);

	if (err != 0)
		return err;
	if (version > schema_version())
		return connect_newer(db, version);
	/* nobody opens one in memory beside us, and views take longer to make than all tables */
	if (db->mode == STORE_MEMORY)
		schema.face = "";
	if (version == 0 && (err = connect_mark(db)) != 0)
		return err;
	return schema_migrate(db, &schema);
}

static int
connect_log(struct db *db)
{
	char sql[64];
	int err = db_exec(db, "PRAGMA journal_mode = WAL");

	(void)snprintf(sql, sizeof(sql), "PRAGMA journal_size_limit = %d", (int)CONNECT_WAL_BYTES);
	return err != 0 ? err : db_exec(db, sql);
}

static int
connect_writer(struct db *db)
{
	int err;

	if ((err = connect_lock(db)) != 0 || (err = connect_examine(db)) != 0 ||
	    (err = connect_sqlite(db, db->path, SQLITE_OPEN_READWRITE)) != 0 ||
	    (err = db_watch(db)) != 0 || (err = connect_writable(db)) != 0 ||
	    (err = connect_settings(db)) != 0 || (err = connect_schema(db)) != 0)
		return err;
	return connect_log(db);
}

/* A path as a URI that SQLite takes as immutable: no locks, no -shm, nothing made beside it. */
static int
connect_immutable(struct db *db)
{
	static const char hex[] = "0123456789ABCDEF";
	char *uri = malloc(strlen(db->path) * 3 + sizeof("file:?immutable=1"));
	char *at = uri;
	int err;

	if (uri == NULL)
		return -ENOMEM;
	at = stpcpy(at, "file:");
	for (const char *p = db->path; *p != '\0'; p++) {
		if (*p != '%' && *p != '?' && *p != '#') {
			*at++ = *p;
			continue;
		}
		*at++ = '%';
		*at++ = hex[(unsigned char)*p >> 4];
		*at++ = hex[(unsigned char)*p & 15];
	}
	(void)stpcpy(at, "?immutable=1");
	err = connect_sqlite(db, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
	free(uri);
	return err;
}

/* The first look into the file, and the second where the first needed a -shm that cannot be made.
 */
static int
connect_first_look(struct db *db, int64_t *version)
{
	int err = db_number(db, "PRAGMA user_version", version);

	if (err == 0 || (db->code != SQLITE_CANTOPEN && db->code != SQLITE_READONLY) ||
	    file_folder_writable(db->path))
		return err;
	if (file_has_wal(db->path) || lock_is_held(db->path))
		return db_say(db, -EACCES,
		    "reading a store that is being written, or was not closed, needs write "
		    "permission on its folder");
	err = connect_immutable(db);
	return err != 0 ? err : db_number(db, "PRAGMA user_version", version);
}

static int
connect_reader_checks(struct db *db)
{
	int64_t version;
	int err = connect_first_look(db, &version);

	if (err != 0)
		return err;
	if (version > schema_version())
		return connect_newer(db, version);
	if (version < schema_version())
		return db_say(db, ERR_OLDER,
		    "was written by an older epmwatch (schema %lld, this one reads %d); any "
		    "command that "
		    "writes to it, such as `epmwatch read -d`, brings it up to date",
		    (long long)version, schema_version());
	return 0;
}

static int
connect_reader(struct db *db)
{
	int err;

	if ((err = connect_examine(db)) != 0 ||
	    (err = connect_sqlite(db, db->path, SQLITE_OPEN_READONLY)) != 0 ||
	    (err = connect_reader_checks(db)) != 0)
		return err;
	return connect_settings(db);
}

static int
connect_memory(struct db *db)
{
	int err = connect_sqlite(db, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	if (err != 0 || (err = connect_settings(db)) != 0 ||
	    (err = db_exec(db, "PRAGMA temp_store = MEMORY")) != 0)
		return err;
	return connect_schema(db);
}

int
connect_open(struct db *db, const char *path, enum store_mode mode)
{
	int err;

	db->mode = mode;
	lock_init(&db->lock);
	if ((err = connect_show(db, mode == STORE_MEMORY ? "store in memory" : path)) != 0)
		return err;
	if (mode == STORE_MEMORY)
		return connect_memory(db);
	if ((err = file_resolve(path, &db->path)) != 0)
		return db_say(db, err, "%s", err_text(err));
	if ((err = connect_temporary_folder(db)) != 0)
		return err;
	return mode == STORE_WRITER ? connect_writer(db) : connect_reader(db);
}

/* Of what is allowed, pages may be half: sorts and statements need some, and so does what SQLite
 * keeps beside each page. A database in memory is pages and nearly nothing else. */
int
connect_limit(struct db *db, size_t bytes)
{
	char sql[64];
	int64_t page;
	int err = db_number(db, "PRAGMA page_size", &page);

	if (err != 0)
		return err;
	if (db->mode == STORE_MEMORY) {
		(void)snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %lld",
		    (long long)((int64_t)(bytes - bytes / 8) / page));
		return db_exec(db, sql);
	}
	(void)sqlite3_soft_heap_limit64((sqlite3_int64)bytes);
	(void)snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%zu", bytes / 2048);
	return db_exec(db, sql);
}
