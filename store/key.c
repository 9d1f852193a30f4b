/* key.c - see key.h. */
#include "store/key.h"

#include <string.h>

#include "base/err.h"
#include "store/param.h"
#include "store/state.h"
#include "track/records.h"

/* By what numbers.h remembers a server. */
struct key_server {
	int64_t scope;
	struct addr server;
};

/* By what it remembers an interface; without padding. */
struct key_interface {
	struct uuid uuid;
	uint16_t major, protseq;
};

_Static_assert(sizeof(struct key_server) == 24 && sizeof(struct key_interface) == 20, "no padding");

static int
key_server_statement(struct store *s, enum statement which, struct param *p)
{
	sqlite3_stmt *st;
	int err = statement_get(s, which, &st);

	if (err == 0)
		*p = param_init(st);
	return err;
}

static bool
key_is_maybe(struct store *s, const struct key_server *name)
{
	const struct mapping_key key = {.server = name->server};

	return known_maybe(s, name->scope, &key, KNOWN_SERVER);
}

static int
key_find_named(struct store *s, const struct key_server *name, int64_t *row)
{
	struct param p;
	int err;

	*row = numbers_find(&s->servers, name, sizeof(*name));
	if (*row != 0 || !key_is_maybe(s, name))
		return 0;
	if ((err = key_server_statement(s, STATEMENT_SERVER_FIND, &p)) != 0)
		return err;
	param_int(&p, name->scope);
	param_octets(&p, name->server.b, sizeof(name->server.b));
	if ((err = statement_number(s, &p, STATEMENT_SERVER_FIND, row)) == 0 && *row != 0)
		numbers_add(&s->servers, name, sizeof(*name), *row);
	return err;
}

static int
key_make_named(struct store *s, const struct key_server *name, int64_t *row)
{
	const struct mapping_key key = {.server = name->server};
	struct param p;
	int err = key_find_named(s, name, row);

	if (err != 0 || *row != 0)
		return err;
	known_note(s, name->scope, &key, KNOWN_SERVER);
	if ((err = key_server_statement(s, STATEMENT_SERVER_KEEP, &p)) != 0)
		return err;
	*row = ++s->server_row;
	param_int(&p, *row);
	param_int(&p, name->scope);
	param_octets(&p, name->server.b, sizeof(name->server.b));
	param_addr(&p, &name->server);
	if ((err = statement_run(s, &p, STATEMENT_SERVER_KEEP)) == 0)
		numbers_add(&s->servers, name, sizeof(*name), *row);
	return err;
}

static void
key_interface_params(struct param *p, const struct key_interface *name)
{
	param_octets(p, name->uuid.b, sizeof(name->uuid.b));
	param_int(p, name->major);
	param_int(p, name->protseq);
}

static int
key_find_interface(struct store *s, const struct key_interface *name, int64_t *row)
{
	struct param p;
	int err;

	*row = numbers_find(&s->interfaces, name, sizeof(*name));
	if (*row != 0)
		return 0;
	if ((err = key_server_statement(s, STATEMENT_INTERFACE_FIND, &p)) != 0)
		return err;
	key_interface_params(&p, name);
	if ((err = statement_number(s, &p, STATEMENT_INTERFACE_FIND, row)) == 0 && *row != 0)
		numbers_add(&s->interfaces, name, sizeof(*name), *row);
	return err;
}

static int
key_make_interface(struct store *s, const struct key_interface *name, int64_t *row)
{
	struct param p;
	int err = key_find_interface(s, name, row);

	if (err != 0 || *row != 0)
		return err;
	if ((err = key_server_statement(s, STATEMENT_INTERFACE_KEEP, &p)) != 0)
		return err;
	*row = ++s->interface_row;
	param_int(&p, *row);
	key_interface_params(&p, name);
	if ((err = statement_run(s, &p, STATEMENT_INTERFACE_KEEP)) == 0)
		numbers_add(&s->interfaces, name, sizeof(*name), *row);
	return err;
}

static struct key_interface
key_interface_of(const struct mapping_key *key)
{
	return (struct key_interface){
	    .uuid = key->uuid, .major = key->major, .protseq = key->protseq};
}

int
key_find(struct store *s, const struct mapping_key *key, struct key_rows *out)
{
	struct key_server server = {.server = key->server};
	struct key_interface interface = key_interface_of(key);
	int err;

	*out = (struct key_rows){.scope = 0};
	if ((err = run_find_scope(s, key->realm, &out->scope)) != 0 || out->scope == 0)
		return err;
	server.scope = out->scope;
	if ((err = key_find_named(s, &server, &out->server)) != 0 || out->server == 0)
		return err;
	return key_find_interface(s, &interface, &out->interface);
}

int
key_make(struct store *s, const struct mapping_key *key, struct key_rows *out)
{
	struct key_server server = {.server = key->server};
	struct key_interface interface = key_interface_of(key);
	int err;

	*out = (struct key_rows){.scope = 0};
	if ((err = run_make_scope(s, key->realm, &out->scope)) != 0)
		return err;
	server.scope = out->scope;
	if ((err = key_make_named(s, &server, &out->server)) != 0)
		return err;
	return key_make_interface(s, &interface, &out->interface);
}

bool
key_is_whole(const struct mapping_key *key)
{
	static const struct uuid nil;

	return memcmp(&key->uuid, &nil, sizeof(nil)) == 0 && key->major == 0 && key->protseq == 0;
}

bool
key_is_sensor(const struct mapping_key *key)
{
	static const struct addr none;

	return addr_equal(&key->server, &none);
}

int
key_find_about(struct store *s, const struct mapping_key *key, struct key_rows *out)
{
	struct key_server server = {.server = key->server};
	struct key_interface interface = key_interface_of(key);
	int err;

	*out = (struct key_rows){.scope = 0};
	if ((err = run_find_scope(s, key->realm, &out->scope)) != 0 || out->scope == 0)
		return err;
	server.scope = out->scope;
	if (!key_is_sensor(key) && ((err = key_find_named(s, &server, &out->server)) != 0 || out->server == 0))
		return err;
	if (!key_is_whole(key) && ((err = key_find_interface(s, &interface, &out->interface)) != 0 || out->interface == 0))
		return err;
	return 1;
}

int
key_make_about(struct store *s, const struct mapping_key *key, struct key_rows *out)
{
	struct key_server server = {.server = key->server};
	struct key_interface interface = key_interface_of(key);
	int err;

	*out = (struct key_rows){.scope = 0};
	if ((err = run_make_scope(s, key->realm, &out->scope)) != 0)
		return err;
	server.scope = out->scope;
	if (!key_is_sensor(key) && (err = key_make_named(s, &server, &out->server)) != 0)
		return err;
	return key_is_whole(key) ? 0 : key_make_interface(s, &interface, &out->interface);
}

int
key_find_server(struct store *s, uint8_t realm, const struct addr *server, int64_t *row)
{
	struct key_server name = {.server = *server};
	int err = run_find_scope(s, realm, &name.scope);

	*row = 0;
	return err != 0 || name.scope == 0 ? err : key_find_named(s, &name, row);
}

int
key_make_server(struct store *s, uint8_t realm, const struct addr *server, int64_t *row)
{
	struct key_server name = {.server = *server};
	int err = run_make_scope(s, realm, &name.scope);

	*row = 0;
	return err != 0 ? err : key_make_named(s, &name, row);
}

int
key_make_numbered(
    struct store *s, const struct mapping_key *key, int64_t *number, struct key_rows *out)
{
	int err;

	if (*number != 0 && !s->rolled_back) {
		*out =
		    (struct key_rows){.server = *number >> 32, .interface = *number & UINT32_MAX};
		return 0;
	}
	if ((err = key_make(s, key, out)) != 0)
		return err;
	known_note(s, out->scope, key, "");
	*number = key_number(out);
	return 0;
}

int64_t
key_number(const struct key_rows *rows)
{
	return rows->server << 32 | rows->interface;
}
