/* set.c - see set.h. */
#include "store/set.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "base/json.h"
#include "store/param.h"
#include "store/state.h"
#include "track/records.h"

enum {
	SET_MAX = 65536
};

/* Room for one more endpoint, however it is quoted, and for what stands around it. */
static char *
set_room(struct incoming *in)
{
	size_t needed = in->set_len + JSON_CHAR * ENDPOINT_NAME + 8;

	if (needed > in->set_room) {
		char *grown = realloc(in->set, needed * 2);

		if (grown == NULL)
			return NULL;
		in->set = grown;
		in->set_room = needed * 2;
	}
	return in->set + in->set_len;
}

static char *
set_put(char *p, const struct endpoint *e)
{
	if (e->port != 0 || e->name[0] == '\0')
		return json_put_number(p, e->port);
	return json_put_string(p, e->name, sizeof(e->name));
}

int
set_write(struct incoming *in, const struct endpoint *endpoints, size_t count)
{
	char *p = set_room(in);

	if (p == NULL)
		return -ENOMEM;
	*p++ = '[';
	for (size_t i = 0; i < count; i++) {
		in->set_len = (size_t)(p - in->set);
		if ((p = set_room(in)) == NULL)
			return -ENOMEM;
		if (i > 0)
			*p++ = ',';
		p = set_put(p, &endpoints[i]);
	}
	*p++ = ']';
	in->set_len = (size_t)(p - in->set);
	return 0;
}

int
set_write_ids(struct incoming *in, const struct change_id *ids, size_t count)
{
	char separator = '[';

	for (size_t i = 0; i < count; i++) {
		char *p = set_room(in);

		if (p == NULL)
			return -ENOMEM;
		*p++ = separator;
		p = json_put_string(p, ids[i].text, sizeof(ids[i].text));
		if (i == count - 1)
			*p++ = ']';
		in->set_len = (size_t)(p - in->set);
		separator = ',';
	}
	return 0;
}

static int
ids_bad(struct store *s, struct change_id **out)
{
	free(*out);
	*out = NULL;
	return db_say(&s->db, ERR_STORE, "a list of ids in it makes no sense");
}

/* Ids are hexadecimal digits, so nothing in them is quoted. */
int
set_read_ids(struct store *s, const char *json, struct change_id **out, size_t *count)
{
	const size_t size = strlen(json), most = size / 3 + 1;
	const char *at = json;

	*count = 0;
	if ((*out = calloc(most, sizeof(**out))) == NULL)
		return -ENOMEM;
	while (*at == (*count == 0 ? '[' : ',') && at[1] == '"') {
		size_t len = strcspn(at + 2, "\"\\");

		if (len >= HASH_ID_TEXT || at[2 + len] != '"')
			return ids_bad(s, out);
		memcpy((*out)[(*count)++].text, at + 2, len);
		at += len + 3;
	}
	return strcmp(at, "]") == 0 ? 0 : ids_bad(s, out);
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

/* Nearly all sets are ports, which need no JSON parser. False: there is more to it, and nothing in ${out}. */
static bool
set_read_ports(const char *json, struct endpoint **out, size_t *count)
{
	const size_t len = strlen(json);
	struct endpoint *set;
	const char *at = json;

	if (strspn(json, "[0123456789,]") != len || (set = calloc(len / 2 + 1, sizeof(*set))) == NULL)
		return false;
	while (*at == (*count == 0 ? '[' : ',') && at[1] >= '0' && at[1] <= '9') {
		char *end;
		unsigned long port = strtoul(at + 1, &end, 10);

		if (port > UINT16_MAX)
			break;
		set[(*count)++].port = (uint16_t)port;
		at = end;
	}
	*out = set;
	if (*count > 0 && *count <= SET_MAX && strcmp(at, "]") == 0)
		return true;
	free(set);
	*out = NULL;
	*count = 0;
	return false;
}

int
set_read(struct store *s, const char *json, struct endpoint **out, size_t *count)
{
	sqlite3_stmt *st;
	struct param p;
	size_t room = 0;
	int err;

	*out = NULL;
	*count = 0;
	if (json == NULL || set_read_ports(json, out, count))
		return 0;
	if ((err = statement_get(s, STATEMENT_SET_READ, &st)) != 0)
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
