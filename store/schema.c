/* schema.c - the tables of a store, for those who open it with sqlite3.
 *
 * Begin with the views. They speak in words and in times of UTC:
 *
 *   endpoints       what answers where now: an endpoint of a server's interface a row
 *   history         every episode: an endpoint from its first to its last sight, ended or not
 *   changes         the verdicts: new, additional, moved, returned, ...
 *   members         what a verdict on a whole server is made of
 *   alerts          the alerts in their latest state
 *   sessions        who was bound to what in the last days
 *   pushes          flows of new-mail datagrams, from a server to a port of a client
 *   registrations   what clients registered for such datagrams, as far as it could be read
 *   baseline        what people accepted as it is
 *   covered         the stretches of time of which anything is known
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
 *                   ts_ns, the time of the verdict, which is NULL then, unless the rows before have
 *                   come that far already: what comes in order of time costs least. first_ns, of the
 *                   new endpoint, and evidence_ns are NULL where they are ts_ns, not_after_ns where it
 *                   is first_ns. interface is NULL where it is about the server as a whole. revises is the
 *                   id of the one that it corrects, also a JSON array of the ids of further ones
 *   change_member   one of several interfaces that a verdict is about, numbered from 1
 *   alert           one alert in its latest state. id is the one in events; server NULL: about the sensor,
 *                   interface NULL: about no interface; about tells it from others of its rule and key.
 *                   once is 1 where it is of an occurrence, that never closes; over_ns is when it ceased
 *                   to matter, NULL while it stands. clients is a JSON array of addresses, client_total
 *                   how many there are
 *   alert_evidence  what opened, updated or closed an alert, numbered from 1. Beyond 64 the first and
 *                   the newest stay, and the gap in the numbers tells how many went
 *   capture         a capture, and how far it has been folded: the first `bytes` (uncompressed) and
 *                   `frames`. digest is that of those bytes by base/digest.h, or their XXH3-128 in rows of
 *                   earlier versions; damaged is the byte where it broke
 *   coverage        a stretch of time from which packets were seen; what lies between two is a hole
 *   tally           how much there was in an hour (since 1970, of packet time) of each scope; what cannot be told apart by realm
 *                   is in the scope that the run was of. The columns are those of tally.h
 *   pending         what is to be judged later of a key, or (interface 0) of a server as a whole: in octets
 *                   that only the tracker reads, and not before due_ns. state is the same of the sensor
 *   session         associations of a client with an interface of a server at a port or pipe, for a week; where
 *                   protocol names another one than DCE/RPC, connections of that, and the interface is nil
 *   push            datagrams of a server to one port of a client. server_port and last_port are those of the server
 *                   that the first and the last one came from; context is the payload, registered whether the client
 *                   asked for exactly that; refused counts those answered with ICMP port unreachable; alternative is 1
 *                   where the client also polls, or waits by other means; final, where it ended. The rest is the
 *                   tracker's: marks, the time since when there is no association (closed_ns), and how close
 *                   together datagrams came last (repeat_ns, stretch)
 *   push_registration  where a client wants them, and with what in them. sealed: it could not be read, and context_len
 *                   is what the call's length tells; answered: status is known. client_port and server_port are
 *                   those of its association
 *   push_client     a client of a server's mailboxes: when it used the interface last (bound_ns), waited by other means (waits_ns),
 *                   registered unreadably (sealed_ns, sealed_len), whether it polls (beats), and when the last
 *                   registration ended that nothing was delivered to (starved_ns, its evidence), or had since (fed_ns)
 *   accepted        an endpoint (port 0, no name: none) or a verdict (id) that somebody declared right
 *   accepted_whole  up to which rows of change and alert all that there was of a scope was accepted
 *   policy          the policy that each scope was last judged by; the highest `used` is the last. hash is
 *                   XXH3 of its text
 *   word            what the numbers mean: kind of number, value, word
 */
#include "store/schema.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/uuid.h"
#include "store/db.h"
#include "store/schema_steps.h"


static const struct schema_step schema_all[] = {
    {1, schema_1},
    {2, schema_2},
    {3, schema_3},
    {4, schema_4},
    {5, schema_5},
    {6, schema_6},
    {7, schema_7},
};

enum {
	SCHEMA_STEPS = sizeof(schema_all) / sizeof(schema_all[0]),
	SCHEMA_FACE = 4 /* the first step that leaves words and views to schema_face */
};

const struct schema *
schema_today(void)
{
	static const struct schema today = {schema_all, SCHEMA_STEPS, schema_tables, schema_face};

	return &today;
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

/* A table cannot be put in place of another while a view speaks of it. */
static int
schema_drop_views(struct db *db)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db->sql,
	    "SELECT group_concat('DROP VIEW \"' || replace(name, '\"', '\"\"') || '\"', ';')"
	    " FROM sqlite_schema WHERE type = 'view'",
	    -1, &st, NULL);
	char *sql = NULL;
	int err = 0;

	if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		sql = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(st, 0));
	if (sql == NULL)
		err = db_failed(db, "cannot use the store");
	sqlite3_finalize(st);
	if (err == 0)
		err = db_exec(db, sql);
	sqlite3_free(sql);
	return err;
}

/* The steps behind ${version}. */
static int
schema_take(struct db *db, const struct schema *schema, int64_t version)
{
	int err = schema_functions(db);

	for (size_t i = 0; i < schema->count && err == 0; i++) {
		const struct schema_step *step = &schema->step[i];

		assert(i == 0 || step->version > schema->step[i - 1].version);
		if (step->version > version && step->version >= SCHEMA_FACE)
			err = schema_drop_views(db);
		if (step->version > version && err == 0)
			err = db_exec(db, step->sql);
	}
	return err;
}

static int
schema_make(struct db *db, const struct schema *schema, int64_t version)
{
	bool whole = version == 0 && schema->tables != NULL;
	char sql[64];
	int err = whole ? db_exec(db, schema->tables) : schema_take(db, schema, version);

	if (err == 0)
		err = db_exec(db, schema->face);
	if (err != 0)
		return err;
	/* a pragma takes no parameters; this is a number of our own */
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %d",
	    schema->step[schema->count - 1].version);
	return db_exec(db, sql);
}

int
schema_migrate(struct db *db, const struct schema *schema)
{
	int64_t version;
	int err = db_number(db, "PRAGMA user_version", &version);

	if (err != 0 || schema->count == 0 || schema->step[schema->count - 1].version <= version)
		return err;
	if ((err = db_begin(db)) != 0)
		return err;
	if ((err = schema_make(db, schema, version)) != 0) {
		db_rollback(db);
		return err;
	}
	return db_commit(db);
}
