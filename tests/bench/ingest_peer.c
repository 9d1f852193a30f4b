/* ingest_peer.c - see ingest_peer.h. */
#include "tests/bench/ingest_peer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

enum {
	COLUMNS = 7,
	KEY = 36,
};

static double
seconds(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct peer_time
peer_time(void)
{
	return (struct peer_time){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

void
peer_since(struct peer_time *sum, struct peer_time start)
{
	struct peer_time now = peer_time();

	sum->wall += now.wall - start.wall;
	sum->cpu += now.cpu - start.cpu;
}

static uint64_t
number(sqlite3 *sql, const char *text)
{
	sqlite3_stmt *st = NULL;
	uint64_t n = 0;

	if (sqlite3_prepare_v2(sql, text, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = (uint64_t)sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

uint64_t
peer_rows(const char *path)
{
	sqlite3 *sql = NULL;
	sqlite3_stmt *st = NULL;
	uint64_t rows = 0;

	if (sqlite3_open_v2(path, &sql, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		(void)sqlite3_prepare_v2(sql,
		    "SELECT 'SELECT count(*) FROM \"' || name || '\"' FROM sqlite_schema"
		    " WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
		    -1, &st, NULL);
	while (st != NULL && sqlite3_step(st) == SQLITE_ROW)
		rows += number(sql, (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(sql);
	return rows;
}

static int
insert_one(sqlite3 *sql, sqlite3_stmt *st, uint64_t n, uint64_t each)
{
	if (n % each == 0 &&
	    sqlite3_exec(sql, n == 0 ? "BEGIN" : "COMMIT; BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return -1;
	for (int i = 1; i <= COLUMNS; i++)
		(void)sqlite3_bind_int64(st, i, (sqlite3_int64)(n >> i));
	(void)sqlite3_bind_text(st, COLUMNS, "192.168.100.200", -1, SQLITE_STATIC);
	if (sqlite3_step(st) != SQLITE_DONE)
		return -1;
	return sqlite3_reset(st) == SQLITE_OK ? 0 : -1;
}

static int
insert_all(sqlite3 *sql, uint64_t rows, uint64_t each)
{
	sqlite3_stmt *st = NULL;
	int err =
	    sqlite3_prepare_v2(sql, "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)", -1, &st, NULL);

	for (uint64_t n = 0; n < rows && err == SQLITE_OK; n++)
		err = insert_one(sql, st, n, each);
	sqlite3_finalize(st);
	return err == SQLITE_OK ? sqlite3_exec(sql, "COMMIT", NULL, NULL, NULL) : err;
}

static void
remove_all(const char *path)
{
	static const char *const suffix[] = {"", "-wal", "-shm"};
	char name[4096];

	for (size_t i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, suffix[i]);
		(void)unlink(name);
	}
}

struct peer_time
peer_insert(const char *path, uint64_t rows, uint64_t each)
{
	static const char setup[] =
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "PRAGMA cache_size = -8192; CREATE TABLE t (a, b, c, d, e, f, g)";
	sqlite3 *sql = NULL;
	struct peer_time took = {0, 0};

	remove_all(path);
	if (sqlite3_open(path, &sql) == SQLITE_OK &&
	    sqlite3_exec(sql, setup, NULL, NULL, NULL) == SQLITE_OK) {
		struct peer_time start = peer_time();

		if (insert_all(sql, rows, each > 0 ? each : 1) == SQLITE_OK)
			peer_since(&took, start);
	}
	sqlite3_close(sql);
	remove_all(path);
	return took;
}

struct peer_time
peer_count(uint64_t entries, uint64_t times)
{
	struct entry {
		uint8_t key[KEY];
		uint64_t count;
	} *table = calloc(entries, sizeof(*table));
	uint8_t key[KEY] = {0};
	struct peer_time start = peer_time(), took = {0, 0};

	if (table == NULL)
		return took;
	for (uint64_t n = 0; n < times; n++) {
		uint64_t at;

		memcpy(key, &n, sizeof(n));
		at = hash_bytes(key, sizeof(key)) % entries;
		if (memcmp(table[at].key, key, sizeof(key)) != 0)
			memcpy(table[at].key, key, sizeof(key));
		table[at].count++;
	}
	free(table);
	peer_since(&took, start);
	return took;
}
