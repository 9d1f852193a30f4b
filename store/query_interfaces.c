/* query_interfaces.c - which interfaces are there, of what may be a million endpoints. What SQL would look up for each of them and
 * then sort out is a few numbers here: rows of scopes and interfaces, of which a pair that was seen once is passed over. */
#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/uuid.h"
#include "store/column.h"
#include "store/param.h"
#include "store/query.h"
#include "store/record.h"
#include "store/state.h"

enum {
	ROOM_FIRST = 1024,               /* a power of two */
	PAIR_TEXT = 2 * JSON_NUMBER + 4, /* two brackets, two commas */
};

/* Rows count from 1 on: an empty place has zeros. */
struct pair {
	int64_t scope, interface;
};

/* Places that are at most half full; whose they are follows from the numbers. */
struct pairs {
	size_t count, room;
	struct pair *place; /* owned */
};

static struct pair *
place_of(const struct pairs *p, const struct pair *sought)
{
	uint64_t mixed = ((uint64_t)sought->interface + ((uint64_t)sought->scope << 32)) *
			 UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(mixed >> 32) & (p->room - 1);

	while (p->place[at].scope != 0 &&
	       (p->place[at].scope != sought->scope || p->place[at].interface != sought->interface))
		at = (at + 1) & (p->room - 1);
	return &p->place[at];
}

static int
pairs_widen(struct pairs *p)
{
	struct pairs wider = {.count = p->count, .room = p->room == 0 ? ROOM_FIRST : p->room * 2};

	wider.place = calloc(wider.room, sizeof(*wider.place));
	if (wider.place == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < p->room; i++)
		if (p->place[i].scope != 0)
			*place_of(&wider, &p->place[i]) = p->place[i];
	free(p->place);
	*p = wider;
	return 0;
}

static int
pairs_add(struct pairs *p, const struct pair *found)
{
	int err = p->count * 2 < p->room ? 0 : pairs_widen(p);

	if (err != 0 || found->scope <= 0 || found->interface <= 0)
		return err;
	struct pair *place = place_of(p, found);
	if (place->scope == 0 && p->count < QUERY_INTERFACES) {
		*place = *found;
		p->count++;
	}
	return 0;
}

static int
scope_of(struct store *s, int64_t server, int64_t *scope)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_QUERY_SCOPE_OF, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, server);
	return statement_number(s, &p, STATEMENT_QUERY_SCOPE_OF, scope);
}

/* Endpoints mostly come by server. */
static int
pairs_read(struct store *s, const struct param *p, enum statement which, struct pairs *pairs)
{
	struct pair found = {0};
	int64_t last = 0;
	int err;

	while ((err = statement_row(s, p, which)) == 1) {
		int64_t server = sqlite3_column_int64(p->st, 0);

		if (server != last && (err = scope_of(s, server, &found.scope)) != 0)
			return err;
		last = server;
		found.interface = sqlite3_column_int64(p->st, 1);
		if ((err = pairs_add(pairs, &found)) != 0)
			return err;
	}
	return err;
}

/* All of them as SQL reads them: [[scope,interface],...] */
static int
pairs_text(const struct pairs *p, char **out, size_t *len)
{
	char *at = *out = malloc(p->count * PAIR_TEXT + sizeof("[]"));

	if (at == NULL)
		return -ENOMEM;
	*at++ = '[';
	for (size_t i = 0; i < p->room; i++) {
		if (p->place[i].scope == 0)
			continue;
		if (at[-1] == ']')
			*at++ = ',';
		*at++ = '[';
		at = json_put_number(at, (uint64_t)p->place[i].scope);
		*at++ = ',';
		at = json_put_number(at, (uint64_t)p->place[i].interface);
		*at++ = ']';
	}
	*at++ = ']';
	*len = (size_t)(at - *out);
	return 0;
}

static int
interface_tell(struct store *s, sqlite3_stmt *st,
    int (*row)(void *ctx, const char *sensor, const char *realm, const struct uuid *uuid),
    void *ctx)
{
	struct column c = column_init(st);
	const char *sensor = column_shown(&c), *realm = column_shown(&c);
	struct uuid uuid;
	int err;

	column_octets(&c, uuid.b, sizeof(uuid.b));
	if ((err = record_check(s, &c)) == 0)
		err = row(ctx, sensor, realm, &uuid);
	column_free(&c);
	return err;
}

/* What the numbers stand for, in order. */
static int
pairs_tell(struct store *s, const struct pairs *pairs,
    int (*row)(void *ctx, const char *sensor, const char *realm, const struct uuid *uuid),
    void *ctx)
{
	sqlite3_stmt *st = NULL;
	struct param p;
	char *text;
	size_t len;
	int err = pairs_text(pairs, &text, &len);

	if (err == 0)
		err = statement_fresh(s, STATEMENT_QUERY_INTERFACE_NAMES, &st);
	if (err == 0) {
		p = param_init(st);
		param_text(&p, text, len);
		while ((err = statement_row(s, &p, STATEMENT_QUERY_INTERFACE_NAMES)) == 1)
			if ((err = interface_tell(s, st, row, ctx)) != 0)
				break;
	}
	sqlite3_finalize(st);
	free(text);
	return err;
}

int
query_interfaces(struct store *s, int64_t at_ns,
    int (*row)(void *ctx, const char *sensor, const char *realm, const struct uuid *uuid),
    void *ctx)
{
	enum statement which =
	    at_ns == 0 ? STATEMENT_QUERY_INTERFACES : STATEMENT_QUERY_INTERFACES_AT;
	struct pairs pairs = {0};
	sqlite3_stmt *st;
	struct param p;
	int err = incoming_settle(s);

	if (err != 0 || (err = statement_fresh(s, which, &st)) != 0)
		return err;
	p = param_init(st);
	if (at_ns != 0)
		param_int(&p, at_ns);
	err = pairs_read(s, &p, which, &pairs);
	sqlite3_finalize(st);
	if (err == 0)
		err = pairs_tell(s, &pairs, row, ctx);
	free(pairs.place);
	return err;
}
