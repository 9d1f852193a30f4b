/* sensor.c - see sensor.h. */
#include "store/sensor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/param.h"
#include "store/state.h"
#include "track/records.h"

int
sensor_keep_state(struct store *s, const char *name, const void *data, size_t len)
{
	enum statement which = len > 0 ? STATEMENT_STATE_KEEP : STATEMENT_STATE_DROP;
	sqlite3_stmt *st;
	struct param p;
	int64_t scope;
	int err;

	if ((err = run_make_scope(s, 0, &scope)) != 0 || (err = statement_get(s, which, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, scope);
	param_text(&p, name, SIZE_MAX);
	if (len > 0)
		param_octets(&p, data, len);
	return statement_run(s, &p, which);
}

static int
copy_octets(sqlite3_stmt *st, uint8_t **data, size_t *len)
{
	const void *octets = sqlite3_column_blob(st, 0);
	int size = sqlite3_column_bytes(st, 0);

	if (octets == NULL || size <= 0)
		return 0;
	if ((*data = malloc((size_t)size)) == NULL)
		return -ENOMEM;
	memcpy(*data, octets, (size_t)size);
	*len = (size_t)size;
	return 0;
}

int
sensor_load_state(struct store *s, const char *name, uint8_t **data, size_t *len)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t scope;
	int err = run_find_scope(s, 0, &scope);

	*data = NULL;
	*len = 0;
	if (err != 0 || scope == 0 || (err = statement_get(s, STATEMENT_STATE_LOAD, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, scope);
	param_text(&p, name, SIZE_MAX);
	if ((err = statement_row(s, &p, STATEMENT_STATE_LOAD)) == 1)
		err = copy_octets(st, data, len);
	statement_done(st);
	return err;
}

int
sensor_keep_coverage(struct store *s, struct coverage *c)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t scope;
	int err;

	if ((err = run_make_scope(s, 0, &scope)) != 0 ||
	    (err = statement_get(s, STATEMENT_COVERAGE_KEEP, &st)) != 0)
		return err;
	if (c->row == 0)
		c->row = ++s->coverage_row;
	p = param_init(st);
	param_int(&p, c->row);
	param_int(&p, scope);
	param_int(&p, c->from_ns);
	param_int(&p, c->to_ns);
	return statement_run(s, &p, STATEMENT_COVERAGE_KEEP);
}
