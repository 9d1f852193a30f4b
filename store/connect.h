/* connect.h - from a path to a connection: the three ways to open a store, and the pragmas of each.
 *
 * Memory, unless connect_limit() says otherwise: CONNECT_CACHE_KIB of pages a connection, and a soft
 * limit of CONNECT_HEAP_BYTES on all that SQLite allocates in this process. Temporary files (sorts that outgrow the cache) lie in the
 * store's folder, by SQLITE_TMPDIR unless the user set it: in memory a sort would have no bound,
 * and other folders may be out of reach. connect_open() sets that variable, so stores are opened
 * before threads are started. A store in memory makes no file at all. */
#ifndef EPMWATCH_STORE_CONNECT_H
#define EPMWATCH_STORE_CONNECT_H

#include <stddef.h>

#include "store/store.h"

struct db;

#define CONNECT_HEAP_BYTES (INT64_C(32) << 20)

enum {
	CONNECT_CACHE_KIB = 8192,
	CONNECT_BUSY_MS = 5000,
	CONNECT_WAL_BYTES =
	    16 << 20, /* a log that grew beyond this shrinks to it at the next checkpoint */
};

/**
 * connect_open(db, path, mode):
 * Open, set up and check; migrate where the mode writes. ${db} is all zeros before. Results as
 * store_open(); db_close() it in any case.
 */
int connect_open(struct db *db, const char *path, enum store_mode mode);

/** connect_limit(db, bytes): See store_memory(). */
int connect_limit(struct db *db, size_t bytes);

#endif
