/* schema.c - the tables of a store, for those who open it with sqlite3.
 *
 * Begin with the views. They speak in words and in times of UTC:
 *
 *   endpoints       what answers where now: an endpoint of a server's interface a row
 *   history         every episode: an endpoint from its first to its last sight, ended or not
 *   changes         the verdicts: new, additional, moved, returned, ...
 *   alerts          the alerts in their latest state
 *
 *   servers         what servers are called, and how many of their calls could not be read
 *   referrals       which servers address books send their clients to
 *   mapping         the keys of the history: server, interface, major version, protocol sequence
 *
 * The tables below them. Columns named *_ns are nanoseconds since 1970 UTC in packet time; `row` is
 * a number of this store only, and means nothing elsewhere; kinds and sources are numbers that the
 * table word spells out. A history is written much faster than it is read, so what follows from
 * another column is not written twice, and a row comes at the end of its table and its indices
 * wherever that can be. Evidence is a JSON array that says where it lies: row of the capture, frame,
 * source, client, and the client's port.
 *
 *   scope           a sensor and a realm. Every row of every other table belongs to exactly one, by
 *                   itself or by the server, episode or alert that it belongs to
 *   server          an address that answered. `sort` is the address as 16 octets (IPv4 as
 *                   ::ffff:a.b.c.d), for order. host is the newest name that it gave itself, at
 *                   host_ns; sealed counts calls that could not be read, sealed_mapper those of them
 *                   that went to its endpoint mapper
 *   server_alias    other names of a server, and other addresses, up to 16: last_ns is when it was told
 *                   last, within a minute
 *   referral        a name that an address book server gave its clients, up to 64 a server
 *   interface       an interface of a major version over a protocol sequence; with a server it is the
 *                   key of the history. uuid is 16 octets, in the order in which they are written
 *   episode         one endpoint of a key: a port, or (port 0) a name. ended_ns is NULL while it
 *                   is alive, why is the kind of change that ended it, told the id of the change that
 *                   told of it. announced, used and attempted count sightings. first_seen and last_seen
 *                   are the evidence of the first and the last one; NULL where there is none. last_ns
 *                   NULL: seen once, so that the last sight is the first. clients NULL: one, that of
 *                   the first sight, which has no row in episode_client
 *   episode_client  the clients of an episode, up to the 64 that are told apart (clients_estimated:
 *                   there were more)
 *   change          one verdict. id is the one in events; previous and current are the sets before
 *                   and after as JSON arrays, sorted: a number is a port, a string is a name. row is
 *                   first_ns, which is NULL then, unless the rows before have come that far already:
 *                   what comes in order of time costs least. ts_ns and not_after_ns are NULL where
 *                   they are first_ns, evidence_ns where it is ts_ns
 *   alert           one alert in its latest state. id is the one in events
 *   alert_evidence  what opened, updated or closed an alert, numbered from 1. Beyond 64 the first and
 *                   the newest stay, and the gap in the numbers tells how many went
 *   capture         a capture, and how far it has been folded: the first `bytes` (uncompressed) and
 *                   `frames`. digest is XXH3-128 of those bytes; damaged is the byte where it broke
 *   policy          the policy that each scope was last judged by; the highest `used` is the last
 *   word            what the numbers mean: kind of number, value, word
 */
#include "store/schema.h"

#include <assert.h>
#include <stdio.h>

#include "base/err.h"
#include "base/uuid.h"
#include "store/db.h"
#include "store/schema_steps.h"


static const struct schema_step schema_all[] = {
    {1, schema_1},
    {2, schema_2},
    {3, schema_3},
};

enum {
	SCHEMA_STEPS = sizeof(schema_all) / sizeof(schema_all[0])
};

const struct schema_step *
schema_steps(size_t *count)
{
	*count = SCHEMA_STEPS;
	return schema_all;
}

int
schema_version(void)
{
	return schema_all[SCHEMA_STEPS - 1].version;
}

/* A UUID's text as 16 octets; NULL for what is none. */
static void
schema_octets(sqlite3_context *out, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	struct uuid uuid;

	assert(argc == 1);
	(void)argc;
	if (text != NULL && uuid_parse(text, &uuid) == 0)
		sqlite3_result_blob(out, uuid.b, sizeof(uuid.b), SQLITE_TRANSIENT);
}

/* What steps use beside SQLite's own functions. */
static int
schema_functions(struct db *db)
{
	if (sqlite3_create_function(db->sql, "epmwatch_octets", 1,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, schema_octets, NULL,
		NULL) != SQLITE_OK)
		return db_failed(db, "cannot use the store");
	return 0;
}

/* The steps behind ${version}. */
static int
schema_take(struct db *db, const struct schema_step *steps, size_t count, int64_t version)
{
	char sql[64];
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++) {
		assert(i == 0 || steps[i].version > steps[i - 1].version);
		if (steps[i].version > version)
			err = db_exec(db, steps[i].sql);
	}
	if (err != 0)
		return err;
	/* a pragma takes no parameters; this is a number of our own */
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", steps[count - 1].version);
	return db_exec(db, sql);
}

int
schema_migrate(struct db *db, const struct schema_step *steps, size_t count)
{
	int64_t version = 0;
	int err = schema_functions(db);

	if (err != 0 || (err = db_number(db, "PRAGMA user_version", &version)) != 0 ||
	    count == 0 || steps[count - 1].version <= version)
		return err;
	if ((err = db_begin(db)) != 0)
		return err;
	if ((err = schema_take(db, steps, count, version)) != 0) {
		db_rollback(db);
		return err;
	}
	return db_commit(db);
}
