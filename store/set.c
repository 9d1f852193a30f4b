/* set.c - see set.h. */
#include "store/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "store/param.h"
#include "store/state.h"
#include "track/records.h"

enum {
	SET_MAX = 65536
};

static int
set_add(struct store *s, const struct endpoint *e, char **json)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_SET_ADD, &st);
	char *longer = NULL;

	if (err != 0)
		return err;
	p = param_init(st);
	param_text(&p, *json, SIZE_MAX);
	if (e->port != 0 || e->name[0] == '\0')
		param_int(&p, e->port);
	else
		param_text(&p, e->name, sizeof(e->name));
	err = statement_row(s, &p, STATEMENT_SET_ADD);
	if (err == 1) {
		const char *text = (const char *)sqlite3_column_text(st, 0);

		longer = text != NULL ? strdup(text) : NULL;
	}
	statement_done(st);
	if (err < 0)
		return err;
	if (longer == NULL)
		return -ENOMEM;
	free(*json);
	*json = longer;
	return 0;
}

int
set_write(struct store *s, const struct endpoint *endpoints, size_t count, char **out)
{
	int err = 0;

	*out = strdup("[]");
	if (*out == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count && err == 0; i++)
		err = set_add(s, &endpoints[i], out);
	if (err != 0) {
		free(*out);
		*out = NULL;
	}
	return err;
}

static int
set_append(struct endpoint **set, size_t *count, size_t *room, struct column *c)
{
	struct endpoint *e;

	if (*count == *room) {
		size_t wanted = *room == 0 ? 8 : *room * 2;

		if (wanted > SET_MAX)
			return ERR_STORE;
		if ((e = realloc(*set, wanted * sizeof(*e))) == NULL)
			return -ENOMEM;
		*set = e;
		*room = wanted;
	}
	e = &(*set)[(*count)++];
	memset(e, 0, sizeof(*e));
	if (sqlite3_column_type(c->st, c->at) == SQLITE_INTEGER)
		e->port = column_u16(c);
	else
		column_copy(c, e->name, sizeof(e->name));
	return c->bad ? ERR_STORE : 0;
}

int
set_read(struct store *s, const char *json, struct endpoint **out, size_t *count)
{
	sqlite3_stmt *st;
	struct param p;
	size_t room = 0;
	int err = statement_get(s, STATEMENT_SET_READ, &st);

	*out = NULL;
	*count = 0;
	if (err != 0)
		return err;
	p = param_init(st);
	param_text(&p, json, SIZE_MAX);
	while ((err = statement_row(s, &p, STATEMENT_SET_READ)) == 1) {
		struct column c = column_init(st);

		if ((err = set_append(out, count, &room, &c)) != 0)
			break;
	}
	statement_done(st);
	if (err == 0)
		return 0;
	free(*out);
	*out = NULL;
	*count = 0;
	return err == ERR_STORE ? db_say(&s->db, err, "a set of endpoints in it makes no sense")
				: err;
}
