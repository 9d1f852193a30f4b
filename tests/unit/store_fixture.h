/* store_fixture.h - what the tests of the store share: a folder to work in, records to keep, and a
 * dump to compare. */
#ifndef EPMWATCH_TESTS_UNIT_STORE_FIXTURE_H
#define EPMWATCH_TESTS_UNIT_STORE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "store/store.h"
#include "track/records.h"

enum {
	FIXTURE_PATH = 256
};

/** fixture_folder(state) / fixture_remove(state): cmocka set-up and tear-down: a folder of its own
 * for each test, as *state. */
int fixture_folder(void **state);
int fixture_remove(void **state);

/** fixture_path(state, name): A path in the folder. Static storage of a few turns. */
const char *fixture_path(void **state, const char *name);

/** fixture_open(path, mode): A store that opened, with realm 0 named. */
struct store *fixture_open(const char *path, enum store_mode mode);

/** fixture_addr(text) / fixture_uuid(text): Parsed. */
struct addr fixture_addr(const char *text);
struct uuid fixture_uuid(const char *text);

/** fixture_key(server, uuid): Over TCP, major 1, realm 0. */
struct mapping_key fixture_key(const char *server, const char *uuid);

/** fixture_mapping(key, ports, count): A mapping with a live episode for each port, all fields set
 * to something; mapping_free() it. */
struct mapping *fixture_mapping(struct mapping_key key, const uint16_t *ports, size_t count);

/** fixture_keep(s, m): Kept in a transaction of its own. */
void fixture_keep(struct store *s, struct mapping *m);

/** fixture_keep_one(s, key, port, name, first_ns, ended_ns): The same for a mapping of one
 * endpoint. */
void fixture_keep_one(struct store *s, struct mapping_key key, uint16_t port, const char *name,
    int64_t first_ns, int64_t ended_ns);

/** fixture_store(state, name): The path of a store with one mapping, of FIXTURE_EMSMDB at 10.1.2.3,
 * closed. */
const char *fixture_store(void **state, const char *name);

/** fixture_capture(name): Of link 3, 17 frames in 4096 bytes, first_record all 0xa1. */
struct store_capture fixture_capture(const char *name);

/** fixture_change(id, key): A `moved` from {1025, "\\pipe\\x"} to {60000}. */
struct change fixture_change(const char *id, struct mapping_key key);

/** fixture_alert(id, key): EPM-001, high, just opened. */
struct alert fixture_alert(const char *id, struct mapping_key key);

/** fixture_dump(s): All tables as text, to be freed. */
char *fixture_dump(struct store *s);

/** fixture_number(s, sql): What a statement counts. */
int64_t fixture_number(struct store *s, const char *sql);

/** fixture_read(path, len) / fixture_write(path, data, len): A file as a whole; what is read is to
 * be freed. */
unsigned char *fixture_read(const char *path, size_t *len);
void fixture_write(const char *path, const void *data, size_t len);

/** fixture_sql(path, sql): Run statements on a database file, with SQLite alone. */
void fixture_sql(const char *path, const char *sql);

#define FIXTURE_EMSMDB "a4f1db00-ca47-1067-b31f-00dd010662da"
#define FIXTURE_NSPI "f5cc5a18-4264-101a-8c59-08002b2f8426"

#define FIXTURE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_folder, fixture_remove)

#endif
