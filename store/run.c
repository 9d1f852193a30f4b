/* run.c - see run.h. */
#include "store/run.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/param.h"
#include "store/state.h"

struct run_capture {
	struct store_capture capture; /* row 0: not kept yet; its name is the one below */
	char *name;                   /* owned */
	bool there;                   /* known to be in the store */
};

void
run_deinit(struct run *r)
{
	for (size_t i = 0; i < RUN_REALMS; i++) {
		free(r->realm[i].sensor);
		free(r->realm[i].realm);
	}
	for (size_t i = 0; i < r->capture_count; i++)
		free(r->capture[i].name);
	free(r->capture);
}

void
run_forget(struct run *r)
{
	for (size_t i = 0; i < RUN_REALMS; i++)
		r->realm[i].scope = 0;
	for (size_t i = 0; i < r->capture_count; i++)
		r->capture[i].there = false;
}

int
run_name_realm(struct store *s, uint8_t index, const char *sensor, const char *realm)
{
	struct run_realm *r = &s->run.realm[index];
	char *sensor_copy = strdup(sensor);
	char *realm_copy = strdup(realm);

	if (sensor_copy == NULL || realm_copy == NULL) {
		free(sensor_copy);
		free(realm_copy);
		return -ENOMEM;
	}
	free(r->sensor);
	free(r->realm);
	*r = (struct run_realm){.sensor = sensor_copy, .realm = realm_copy, .scope = 0};
	return 0;
}

static int
run_scope_statement(
    struct store *s, const struct run_realm *r, enum statement which, struct param *p)
{
	sqlite3_stmt *st;
	int err = statement_get(s, which, &st);

	if (err != 0)
		return err;
	*p = param_init(st);
	param_text(p, r->sensor, SIZE_MAX);
	param_text(p, r->realm, SIZE_MAX);
	return 0;
}

int
run_find_scope(struct store *s, uint8_t index, int64_t *out)
{
	struct run_realm *r = &s->run.realm[index];
	struct param p;
	int err;

	*out = r->scope;
	if (r->sensor == NULL)
		return db_say(&s->db, ERR_USAGE, "realm %u has no name", (unsigned)index);
	if (r->scope != 0)
		return 0;
	if ((err = run_scope_statement(s, r, STATEMENT_SCOPE_FIND, &p)) != 0)
		return err;
	err = statement_row(s, &p, STATEMENT_SCOPE_FIND);
	if (err == 1)
		*out = r->scope = sqlite3_column_int64(p.st, 0);
	statement_done(p.st);
	return err < 0 ? err : 0;
}

int
run_make_scope(struct store *s, uint8_t index, int64_t *out)
{
	struct param p;
	int err = run_find_scope(s, index, out);

	if (err != 0 || *out != 0)
		return err;
	if ((err = run_scope_statement(s, &s->run.realm[index], STATEMENT_SCOPE_KEEP, &p)) != 0 ||
	    (err = statement_run(s, &p, STATEMENT_SCOPE_KEEP)) != 0)
		return err;
	return run_find_scope(s, index, out);
}

uint8_t
run_realm_of(const struct store *s, const char *sensor, const char *realm)
{
	for (size_t i = 0; i < RUN_REALMS && sensor != NULL && realm != NULL; i++) {
		const struct run_realm *r = &s->run.realm[i];

		if (r->sensor != NULL && strcmp(r->sensor, sensor) == 0 &&
		    strcmp(r->realm, realm) == 0)
			return (uint8_t)i;
	}
	return 0;
}

static int
run_grow(struct run *r, size_t count)
{
	struct run_capture *grown;
	size_t room = count + count / 2;

	grown = realloc(r->capture, room * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	memset(grown + r->capture_count, 0, (room - r->capture_count) * sizeof(*grown));
	r->capture = grown;
	r->capture_count = room;
	return 0;
}

/* Notes what index means, with a copy that a rollback cannot take away. */
static int
run_note(struct run *r, uint32_t index, const struct store_capture *capture)
{
	struct run_capture *c;
	char *name;

	if (index >= r->capture_count && run_grow(r, (size_t)index + 1) != 0)
		return -ENOMEM;
	c = &r->capture[index];
	if (c->capture.row != capture->row) {
		name = strdup(capture->name != NULL ? capture->name : "");
		if (name == NULL)
			return -ENOMEM;
		free(c->name);
		c->capture = *capture;
		c->capture.name = c->name = name;
	}
	c->there = true;
	return 0;
}

static int
run_write_capture(struct store *s, const struct store_capture *c, enum statement which)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t scope;
	int err;

	if ((err = run_make_scope(s, 0, &scope)) != 0 || (err = statement_get(s, which, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, c->row);
	param_int(&p, scope);
	param_text(&p, c->name != NULL ? c->name : "", SIZE_MAX);
	param_int(&p, c->link);
	param_octets(&p, c->first_record, sizeof(c->first_record));
	param_octets(&p, c->digest, sizeof(c->digest));
	param_count(&p, c->bytes);
	param_count(&p, c->frames);
	param_int(&p, c->first_ns);
	param_int(&p, c->last_ns);
	if (c->damaged != 0)
		param_count(&p, c->damaged);
	else
		param_null(&p);
	return statement_run(s, &p, which);
}

int
run_keep_capture(struct store *s, uint32_t index, struct store_capture *capture)
{
	int err;

	if (index >= RUN_CAPTURES)
		return db_say(
		    &s->db, ERR_CAP, "more than %d captures in one run", (int)RUN_CAPTURES);
	if (capture->row == 0)
		capture->row = ++s->capture_row;
	err = run_write_capture(s, capture, STATEMENT_CAPTURE_KEEP);
	return err != 0 ? err : run_note(&s->run, index, capture);
}

/* A capture that a rollback took away, as one that has yet to be read: nothing that was folded of
 * it is there either. */
static int
run_restore(struct store *s, struct run_capture *c)
{
	struct store_capture unread = c->capture;
	int err;

	memset(unread.digest, 0, sizeof(unread.digest));
	unread.bytes = unread.frames = unread.damaged = 0;
	unread.first_ns = unread.last_ns = 0;
	err = run_write_capture(s, &unread, STATEMENT_CAPTURE_ENSURE);
	if (err == 0)
		c->there = true;
	return err;
}

int
run_make_capture(struct store *s, uint32_t index, int64_t *out)
{
	struct run_capture *c;

	*out = 0;
	if (index == STORE_CAPTURE_UNKNOWN)
		return 0;
	if ((index & STORE_CAPTURE_EARLIER) != 0) {
		*out = index & ~STORE_CAPTURE_EARLIER;
		return 0;
	}
	if (index >= s->run.capture_count || s->run.capture[index].capture.row == 0)
		return 0;
	c = &s->run.capture[index];
	*out = c->capture.row;
	return c->there ? 0 : run_restore(s, c);
}

uint32_t
run_capture_of(const struct store *s, int64_t row)
{
	if (row <= 0 || row >= STORE_CAPTURE_EARLIER - 1)
		return STORE_CAPTURE_UNKNOWN;
	for (size_t i = 0; i < s->run.capture_count; i++)
		if (s->run.capture[i].capture.row == row)
			return (uint32_t)i;
	return STORE_CAPTURE_EARLIER | (uint32_t)row;
}
