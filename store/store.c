/* store.c - the face of the store: checks what every call has in common, and passes on. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "store/accepted.h"
#include "store/connect.h"
#include "store/keep.h"
#include "store/load.h"
#include "store/pending.h"
#include "store/push.h"
#include "store/sensor.h"
#include "store/server.h"
#include "store/session.h"
#include "store/state.h"
#include "store/store.h"

static int
store_last_rows(struct store *s)
{
	const struct {
		const char *sql;
		int64_t *row;
	} last[] = {
	    {"SELECT max(row) FROM server", &s->server_row},
	    {"SELECT max(row) FROM interface", &s->interface_row},
	    {"SELECT max(row) FROM episode", &s->episode_row},
	    {"SELECT max(row) FROM change", &s->change_row},
	    {"SELECT max(ts_ns) FROM change WHERE ts_ns IS NOT NULL", &s->change_newest},
	    {"SELECT max(row) FROM alert", &s->alert_row},
	    {"SELECT max(row) FROM capture", &s->capture_row},
	    {"SELECT max(row) FROM coverage", &s->coverage_row},
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]) && err == 0; i++)
		err = db_number(&s->db, last[i].sql, last[i].row);
	s->opened_row = s->committed_row = s->episode_row;
	if (s->change_newest < s->change_row)
		s->change_newest = s->change_row;
	s->change_opened = s->change_newest;
	return err;
}

/* Where there is no random number, keys can be aimed at the same places, and nothing is wrong. */
static uint64_t
store_secret(void)
{
	uint64_t secret = 0;

	return getrandom(&secret, sizeof(secret), GRND_NONBLOCK) == sizeof(secret) ? secret : 0;
}

/* What only those that write, or load by key, have a use for. */
static int
store_tables(struct store *s)
{
	uint64_t secret = store_secret();
	int err;

	if ((err = numbers_init(&s->servers, secret)) != 0 ||
	    (err = numbers_init(&s->interfaces, secret)) != 0 ||
	    (err = numbers_init(&s->alerts, secret)) != 0 ||
	    (err = known_init(&s->known, secret)) != 0)
		return err;
	return incoming_init(&s->incoming, &s->db);
}

int
store_open(struct store **out, const char *path, enum store_mode mode)
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	*out = s;
	if (s == NULL)
		return -ENOMEM;
	if ((err = connect_open(&s->db, path, mode)) != 0 || (err = store_tables(s)) != 0)
		return err;
	return store_last_rows(s);
}

int
store_memory(struct store *s, size_t bytes)
{
	return connect_limit(&s->db, bytes);
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	statement_deinit(*s);
	db_close(&(*s)->db);
	incoming_deinit(&(*s)->incoming);
	numbers_deinit(&(*s)->servers);
	numbers_deinit(&(*s)->interfaces);
	numbers_deinit(&(*s)->alerts);
	known_deinit(&(*s)->known);
	run_deinit(&(*s)->run);
	free((*s)->policy);
	free((*s)->policy_text);
	free(*s);
	*s = NULL;
}

void
store_set_hosts(struct store *s, const struct hosts *hosts)
{
	s->hosts = hosts;
}

const struct hosts *
store_hosts(const struct store *s)
{
	return s->hosts;
}

const char *
store_error(const struct store *s)
{
	return s->db.error;
}

int
store_realm(struct store *s, uint8_t index, const char *sensor, const char *realm)
{
	return run_name_realm(s, index, sensor, realm);
}

int
store_begin(struct store *s)
{
	return db_begin(&s->db);
}

static void
store_forget(struct store *s)
{
	incoming_drop(&s->incoming);
	numbers_forget(&s->servers);
	numbers_forget(&s->interfaces);
	numbers_forget(&s->alerts);
	run_forget(&s->run);
	s->session_kept = s->session_known = false;
	s->push_newest = 0;
	s->rolled_back = true;
	if (s->episode_row == s->committed_row)
		return;
	if (s->lost_from == 0)
		s->lost_from = s->committed_row + 1;
	s->lost_to = s->episode_row;
}

static int
store_wrote(struct store *s, int err)
{
	if (err != 0 && s->db.failed == 0)
		s->db.failed = err;
	return err;
}

int
store_commit(struct store *s)
{
	int err;

	if (s->db.failed == 0)
		(void)store_wrote(s, incoming_settle(s));
	if (s->db.failed == 0)
		(void)store_wrote(s, session_settle(s));
	if (s->db.failed == 0)
		(void)store_wrote(s, push_settle(s));
	err = db_commit(&s->db);
	if (err != 0) {
		store_forget(s);
		return err;
	}
	incoming_committed(s);
	s->committed_row = s->episode_row;
	return 0;
}

void
store_rollback(struct store *s)
{
	db_rollback(&s->db);
	store_forget(s);
}

/* What a transaction holds belongs together, so the first failure breaks all of it. */
static int
store_may_write(struct store *s)
{
	assert(s->db.in_transaction && s->db.mode != STORE_READER);
	return s->db.failed;
}

int
store_keep_mapping(struct store *s, struct mapping *m)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, keep_mapping(s, m));
}

int
store_keep_change(struct store *s, const struct change *change)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, keep_change(s, change));
}

int
store_keep_alert(struct store *s, const struct alert *alert)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, keep_alert(s, alert));
}

int
store_keep_server(struct store *s, const struct server_facts *facts)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, server_keep(s, facts));
}

int
store_keep_capture(struct store *s, uint32_t index, struct store_capture *capture)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, run_keep_capture(s, index, capture));
}

int
store_keep_policy(struct store *s, const char *name, const char *text)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, keep_policy(s, name, text));
}

int
store_keep_state(struct store *s, const char *name, const void *data, size_t len)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, sensor_keep_state(s, name, data, len));
}

int
store_keep_coverage(struct store *s, struct coverage *c)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, sensor_keep_coverage(s, c));
}

int
store_keep_session(struct store *s, const struct session *session)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, session_keep(s, session));
}

int
store_keep_push(struct store *s, const struct push *x)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, push_keep(s, x));
}

int
store_keep_push_registration(struct store *s, const struct push_registration *x)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, push_keep_registration(s, x));
}

int
store_keep_push_client(struct store *s, const struct push_client *x)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, push_keep_client(s, x));
}

int
store_each_open_push(struct store *s, int (*each)(void *ctx, const struct push *x), void *ctx)
{
	return push_each_open(s, each, ctx);
}

int
store_each_open_registration(
    struct store *s, int (*each)(void *ctx, const struct push_registration *x), void *ctx)
{
	return push_each_open_registration(s, each, ctx);
}

int
store_each_push_client(
    struct store *s, int (*each)(void *ctx, const struct push_client *x), void *ctx)
{
	return push_each_client(s, each, ctx);
}

int
store_each_mailbox(struct store *s,
    int (*each)(void *ctx, const struct addr *server, uint8_t realm, uint16_t port,
	size_t client_count, const struct addr *clients),
    void *ctx)
{
	return push_each_mailbox(s, each, ctx);
}

int
store_keep_accepted(struct store *s, const struct accepted *a)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, accepted_keep(s, a));
}

int
store_drop_accepted(struct store *s, const struct mapping_key *key)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, accepted_drop(s, key));
}

int
store_accept_whole(struct store *s, int64_t accepted_ns, const char *reason)
{
	int err = store_may_write(s);

	return err != 0 ? err : store_wrote(s, accepted_whole(s, accepted_ns, reason));
}

int
store_each_session_at(struct store *s, const struct session *at,
    int (*each)(void *ctx, const struct session *x), void *ctx)
{
	return session_each_at(s, at, each, ctx);
}

int
store_load_state(struct store *s, const char *name, uint8_t **data, size_t *len)
{
	return sensor_load_state(s, name, data, len);
}

int
store_next_due(struct store *s, int64_t *out)
{
	return pending_next(s, out);
}

int
store_each_due(struct store *s, int64_t from_ns,
    int (*each)(void *ctx, const struct mapping_key *key, int64_t due_ns), void *ctx)
{
	return pending_each(s, from_ns, each, ctx);
}

int
store_load_alerts(struct store *s, const struct mapping_key *key,
    int (*each)(void *ctx, const struct alert *alert), void *ctx)
{
	return load_alerts(s, key, each, ctx);
}

int
store_each_key(struct store *s, const struct addr *server, uint8_t realm,
    int (*each)(void *ctx, const struct mapping_key *key), void *ctx)
{
	return load_keys(s, server, realm, each, ctx);
}

int
store_seen(struct store *s, const struct addr *server, uint8_t realm, int64_t *out)
{
	return load_last_seen(s, server, realm, out);
}

int
store_load_mapping(struct store *s, const struct mapping_key *key, struct mapping **out)
{
	return load_mapping(s, key, out);
}

int
store_load_server(
    struct store *s, const struct addr *server, uint8_t realm, struct server_facts **out)
{
	return server_load(s, server, realm, out);
}

int
store_load_alert(
    struct store *s, const char *rule, const struct mapping_key *key, struct alert *out, int *found)
{
	return load_alert(s, rule, key, out, found);
}

int
store_each_endpoint(
    struct store *s, void (*each)(void *ctx, const struct addr *server, uint16_t port), void *ctx)
{
	return load_endpoints(s, each, ctx);
}

int
store_find_captures(struct store *s, uint32_t link, const uint8_t first_record[HASH_DIGEST],
    bool (*each)(void *ctx, const struct store_capture *known), void *ctx)
{
	return load_captures(s, link, first_record, each, ctx);
}
