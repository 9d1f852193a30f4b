/* store.c - the face of the store: checks what every call has in common, and passes on. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "store/connect.h"
#include "store/keep.h"
#include "store/load.h"
#include "store/state.h"
#include "store/store.h"

static int
store_last_rows(struct store *s)
{
	int err;

	if ((err = db_number(&s->db, "SELECT max(row) FROM mapping", &s->mapping_row)) != 0 ||
	    (err = db_number(&s->db, "SELECT max(row) FROM episode", &s->episode_row)) != 0)
		return err;
	return db_number(&s->db, "SELECT max(row) FROM capture", &s->capture_row);
}

int
store_open(struct store **out, const char *path, enum store_mode mode)
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	*out = s;
	if (s == NULL)
		return -ENOMEM;
	err = connect_open(&s->db, path, mode);
	return err != 0 ? err : store_last_rows(s);
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	statement_deinit(*s);
	db_close(&(*s)->db);
	run_deinit(&(*s)->run);
	free((*s)->policy);
	free(*s);
	*s = NULL;
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
	run_forget(&s->run);
	s->lost = true;
}

int
store_commit(struct store *s)
{
	int err = db_commit(&s->db);

	if (err != 0)
		store_forget(s);
	return err;
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

static int
store_wrote(struct store *s, int err)
{
	if (err != 0 && s->db.failed == 0)
		s->db.failed = err;
	return err;
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
store_load_mapping(struct store *s, const struct mapping_key *key, struct mapping **out)
{
	return load_mapping(s, key, out);
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
