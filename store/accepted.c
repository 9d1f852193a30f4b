/* accepted.c - see accepted.h. */
#include "store/accepted.h"

#include <stddef.h>
#include <stdint.h>

#include "store/key.h"
#include "store/param.h"
#include "store/state.h"
#include "track/records.h"

/* What it is known by. */
static void
accepted_params(struct param *p, const struct key_rows *key, const struct accepted *a)
{
	param_int(p, key->scope);
	param_nonzero(p, key->server);
	param_nonzero(p, key->interface);
	param_int(p, a->endpoint.port);
	param_word(p, a->endpoint.name, sizeof(a->endpoint.name));
	param_word(p, a->id, sizeof(a->id));
}

static int
accepted_replace(struct store *s, const struct key_rows *key, const struct accepted *a)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_ACCEPTED_REPLACE, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	accepted_params(&p, key, a);
	return statement_run(s, &p, STATEMENT_ACCEPTED_REPLACE);
}

int
accepted_keep(struct store *s, const struct accepted *a)
{
	struct key_rows key;
	sqlite3_stmt *st;
	struct param p;
	int err;

	if ((err = key_make_about(s, &a->key, &key)) != 0 ||
	    (err = accepted_replace(s, &key, a)) != 0 ||
	    (err = statement_get(s, STATEMENT_ACCEPTED_KEEP, &st)) != 0)
		return err;
	p = param_init(st);
	accepted_params(&p, &key, a);
	param_int(&p, a->minor);
	param_int(&p, a->accepted_ns);
	param_word(&p, a->reason, sizeof(a->reason));
	return statement_run(s, &p, STATEMENT_ACCEPTED_KEEP);
}

static int
accepted_clear(struct store *s)
{
	return db_exec(&s->db, "DELETE FROM accepted; DELETE FROM accepted_whole");
}

int
accepted_whole(struct store *s, int64_t accepted_ns, const char *reason)
{
	sqlite3_stmt *st;
	struct param p;
	int err = incoming_settle(s);

	if (err != 0 || (err = statement_get(s, STATEMENT_ACCEPTED_WHOLE, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, accepted_ns);
	param_word(&p, reason, SIZE_MAX);
	return statement_run(s, &p, STATEMENT_ACCEPTED_WHOLE);
}

int
accepted_drop(struct store *s, const struct mapping_key *key)
{
	struct key_rows rows;
	sqlite3_stmt *st;
	struct param p;
	int err;

	if (key == NULL)
		return accepted_clear(s);
	if ((err = key_find_about(s, key, &rows)) != 1)
		return err;
	if ((err = statement_get(s, STATEMENT_ACCEPTED_DROP, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, rows.scope);
	param_nonzero(&p, rows.server);
	param_nonzero(&p, rows.interface);
	return statement_run(s, &p, STATEMENT_ACCEPTED_DROP);
}
