/* test_store_servers.c - what is known of servers as a whole, in and out of the store, and how a store of version 2
 * learns to keep it. */
#include "store_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/query.h"
#include "store/schema.h"
#include "store/state.h"

enum {
	TEXT = 4096
};

static struct server_facts *
facts(const char *server, const char *host)
{
	struct server_facts *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->server = fixture_addr(server);
	f->host = host != NULL ? strdup(host) : NULL;
	f->host_ns = 1234;
	f->dirty = SERVER_NAMED | SERVER_SEALED | SERVER_REFERRED;
	return f;
}

static void
add_alias(struct server_facts *f, const char *name, int64_t last_ns)
{
	f->alias = realloc(f->alias, (f->alias_count + 1) * sizeof(*f->alias));
	assert_non_null(f->alias);
	f->alias[f->alias_count++] = (struct server_alias){strdup(name), last_ns};
}

static void
add_referral(
    struct server_facts *f, enum referral_operation operation, const char *to, int64_t first_ns)
{
	f->referral = realloc(f->referral, (f->referral_count + 1) * sizeof(*f->referral));
	assert_non_null(f->referral);
	f->referral[f->referral_count++] = (struct server_referral){.operation = operation,
	    .to = strdup(to),
	    .first_ns = first_ns,
	    .last_ns = first_ns + 5,
	    .count = 3};
}

static void
keep(struct store *s, const struct server_facts *f)
{
	assert_int_equal(store_begin(s), 0);
	if (store_keep_server(s, f) != 0 || store_commit(s) != 0)
		fail_msg("%s", store_error(s));
}

/* What the store knows of ${server}, in words; an empty string where nothing. */
static const char *
loaded(struct store *s, const char *server, uint8_t realm)
{
	static char text[TEXT];
	const struct addr addr = fixture_addr(server);
	struct server_facts *f;
	size_t n;

	text[0] = '\0';
	assert_int_equal(store_load_server(s, &addr, realm, &f), 0);
	if (f == NULL)
		return text;
	assert_true(addr_equal(&f->server, &addr));
	assert_int_equal(f->realm, realm);
	assert_int_equal(f->dirty, 0);
	n = (size_t)snprintf(text, TEXT, "%s@%lld %llu/%llu", f->host != NULL ? f->host : "-",
	    (long long)f->host_ns, (unsigned long long)f->sealed,
	    (unsigned long long)f->sealed_mapper);
	for (size_t i = 0; i < f->alias_count; i++)
		n += (size_t)snprintf(text + n, TEXT - n, " %s@%lld", f->alias[i].name,
		    (long long)f->alias[i].last_ns);
	for (size_t i = 0; i < f->referral_count; i++)
		n += (size_t)snprintf(text + n, TEXT - n, " %d>%s@%lld-%lldx%llu",
		    (int)f->referral[i].operation, f->referral[i].to,
		    (long long)f->referral[i].first_ns, (long long)f->referral[i].last_ns,
		    (unsigned long long)f->referral[i].count);
	server_facts_free(&f);
	return text;
}

static void
what_is_kept_comes_back(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct server_facts *f = facts("10.0.0.1", "dc1.example.com");

	add_alias(f, "DC1", 7);
	add_alias(f, "10.0.0.2", 8);
	add_referral(f, REFERRAL_FQDN, "mail.example.com", 20);
	add_referral(f, REFERRAL_NEW_DSA, "dc2.example.com", 10);
	f->sealed = 12;
	f->sealed_mapper = 3;
	assert_string_equal(loaded(s, "10.0.0.1", 0), "");
	keep(s, f);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(loaded(s, "10.0.0.1", 0),
		    "dc1.example.com@1234 12/3 10.0.0.2@8 DC1@7"
		    " 0>dc2.example.com@10-15x3 1>mail.example.com@20-25x3");
		assert_string_equal(loaded(s, "10.0.0.2", 0), "");
		store_close(&s);
		s = fixture_open(fixture_path(state, "s.db"), i == 0 ? STORE_WRITER : STORE_READER);
	}
	checks_intact(s);
	store_close(&s);
	server_facts_free(&f);
}

static void
what_went_goes_and_what_is_clean_stays(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct server_facts *f = facts("10.0.0.1", "old");

	add_alias(f, "one", 1);
	add_alias(f, "two", 2);
	add_referral(f, REFERRAL_NEW_DSA, "dc1", 10);
	keep(s, f);
	strcpy(f->alias[0].name, "six");
	f->host[0] = 'O';
	f->referral[0].count = 9;
	f->sealed = 4;
	f->dirty = SERVER_SEALED;
	keep(s, f);
	assert_string_equal(loaded(s, "10.0.0.1", 0), "Old@1234 4/0 one@1 two@2 0>dc1@10-15x3");
	f->dirty = SERVER_NAMED | SERVER_REFERRED;
	keep(s, f);
	assert_string_equal(loaded(s, "10.0.0.1", 0), "Old@1234 4/0 six@1 two@2 0>dc1@10-15x9");
	store_close(&s);
	server_facts_free(&f);
}

static void
a_server_has_one_row_whoever_comes_first(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct server_facts *f = facts("10.1.2.3", "mail");
	struct mapping *m =
	    fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), &(const uint16_t){56001}, 1);

	keep(s, f);
	fixture_keep(s, m);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM server"), 1);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM endpoints WHERE host = 'mail'"), 1);
	store_close(&s);
	mapping_free(&m);
	server_facts_free(&f);
}

static void
a_rollback_takes_all_of_it_and_it_can_be_kept_again(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct server_facts *f = facts("10.0.0.1", "dc1");

	add_alias(f, "one", 1);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_server(s, f), 0);
	store_rollback(s);
	assert_string_equal(loaded(s, "10.0.0.1", 0), "");
	keep(s, f);
	assert_string_equal(loaded(s, "10.0.0.1", 0), "dc1@1234 0/0 one@1");
	checks_intact(s);
	store_close(&s);
	server_facts_free(&f);
}

/* A rollback forgets numbers, also those of what was kept before. */
static void
a_number_that_was_forgotten_is_found_again(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct server_facts *f = facts("10.0.0.1", "dc1");

	assert_string_equal(loaded(s, "10.0.0.1", 0), "");
	keep(s, f);
	assert_int_equal(store_begin(s), 0);
	store_rollback(s);
	assert_string_equal(loaded(s, "10.0.0.1", 0), "dc1@1234 0/0");
	keep(s, f);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM server"), 1);
	checks_intact(s);
	store_close(&s);
	server_facts_free(&f);
}

/* Where only what is pending of it changed, the rest is left as it is. */
static void
only_what_changed_is_written(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct server_facts *f = facts("10.0.0.1", "dc1");

	keep(s, f);
	f->sealed = 5;
	f->dirty = SERVER_PENDING;
	keep(s, f);
	assert_string_equal(loaded(s, "10.0.0.1", 0), "dc1@1234 0/0");
	f->dirty = SERVER_SEALED;
	keep(s, f);
	assert_string_equal(loaded(s, "10.0.0.1", 0), "dc1@1234 5/0");
	store_close(&s);
	server_facts_free(&f);
}

static void
equal_addresses_of_two_realms_are_two_servers(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct server_facts *here = facts("10.0.0.1", "here"), *there = facts("10.0.0.1", "there");

	there->realm = 4;
	assert_int_equal(store_realm(s, 4, "sensor-1", "branch"), 0);
	keep(s, here);
	assert_string_equal(loaded(s, "10.0.0.1", 4), "");
	keep(s, there);
	assert_string_equal(loaded(s, "10.0.0.1", 0), "here@1234 0/0");
	assert_string_equal(loaded(s, "10.0.0.1", 4), "there@1234 0/0");
	/* a realm that nobody named is an error of the program */
	there->realm = 9;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_server(s, there), ERR_USAGE);
	store_rollback(s);
	store_close(&s);
	server_facts_free(&here);
	server_facts_free(&there);
}

static void
a_store_that_was_edited_says_so(void **state)
{
	static const char *const edits[] = {
	    "UPDATE server SET sealed = -1",
	    "UPDATE server SET host = printf('%.*c', 256, 'x')",
	    "UPDATE server_alias SET name = printf('%.*c', 256, 'x')",
	    "UPDATE referral SET operation = 256",
	    "UPDATE referral SET count = -1",
	};
	const char *path = fixture_path(state, "s.db");
	const struct addr addr = fixture_addr("10.0.0.1");

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct store *s = fixture_open(path, STORE_WRITER);
		struct server_facts *f = facts("10.0.0.1", "dc1"), *out;

		add_alias(f, "one", 1);
		add_referral(f, REFERRAL_NEW_DSA, "dc1", 10);
		keep(s, f);
		store_close(&s);
		fixture_sql(path, edits[i]);
		s = fixture_open(path, STORE_READER);
		assert_int_equal(store_load_server(s, &addr, 0, &out), ERR_STORE);
		assert_null(out);
		assert_non_null(strstr(store_error(s), "makes no sense"));
		store_close(&s);
		server_facts_free(&f);
		assert_int_equal(remove(path), 0);
	}
}

static int
append_server(void *text, const struct query_server *server)
{
	const struct server_facts *f = &server->facts;
	char addr[ADDR_TEXT];
	size_t n = strlen(text);

	n += (size_t)snprintf((char *)text + n, TEXT - n, "%s/%s %s %s %llu", server->sensor,
	    server->realm, addr_format(&f->server, addr), f->host != NULL ? f->host : "-",
	    (unsigned long long)f->sealed);
	for (size_t i = 0; i < f->alias_count; i++)
		n += (size_t)snprintf((char *)text + n, TEXT - n, " %s", f->alias[i].name);
	for (size_t i = 0; i < f->referral_count; i++)
		n += (size_t)snprintf((char *)text + n, TEXT - n, " >%s", f->referral[i].to);
	(void)snprintf((char *)text + n, TEXT - n, ";");
	return 0;
}

static int
fail_server(void *ctx, const struct query_server *server)
{
	(void)ctx;
	(void)server;
	return -7;
}

static void
assert_servers(struct store *s, struct query_filter f, const char *want)
{
	char text[TEXT] = "";

	assert_int_equal(query_servers(s, &f, append_server, text), 0);
	assert_string_equal(text, want);
}

static void
readers_see_servers_of_which_something_is_known(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct server_facts *named = facts("10.0.0.10", "named"), *sealed = facts("10.0.0.9", NULL),
			    *alias = facts("2001:db8::1", NULL), *refers = facts("10.0.0.9", NULL);

	fixture_keep_one(s, fixture_key("10.0.0.1", FIXTURE_NSPI), 1, "", 1, 0);
	assert_int_equal(store_realm(s, 1, "sensor-1", "branch"), 0);
	sealed->sealed = 5;
	add_alias(alias, "b", 1);
	add_alias(alias, "a", 1);
	refers->realm = 1;
	add_referral(refers, REFERRAL_NEW_DSA, "dc1", 1);
	keep(s, named);
	keep(s, sealed);
	keep(s, alias);
	keep(s, refers);
	assert_servers(s, (struct query_filter){0},
	    "sensor-1/branch 10.0.0.9 - 0 >dc1;sensor-1/default 10.0.0.9 - 5;"
	    "sensor-1/default 10.0.0.10 named 0;sensor-1/default 2001:db8::1 - 0 a b;");
	assert_servers(
	    s, (struct query_filter){.realm = "branch"}, "sensor-1/branch 10.0.0.9 - 0 >dc1;");
	assert_servers(s, (struct query_filter){.sensor = "other"}, "");
	assert_servers(s,
	    (struct query_filter){.has_server = true, .server = fixture_addr("10.0.0.10")},
	    "sensor-1/default 10.0.0.10 named 0;");
	assert_int_equal(query_servers(s, &(struct query_filter){0}, fail_server, NULL), -7);
	store_close(&s);
	server_facts_free(&named);
	server_facts_free(&sealed);
	server_facts_free(&alias);
	server_facts_free(&refers);
}

static void
assert_view(struct store *s, const char *sql, const char *want)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(s->db.sql, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(s->db.sql));
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(st, 0), want);
	sqlite3_finalize(st);
}

static void
the_views_tell_of_servers_and_referrals(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct server_facts *f = facts("10.0.0.1", "mail");

	add_alias(f, "b", 1);
	add_alias(f, "a", 1);
	add_referral(f, REFERRAL_NEW_DSA, "dc1", INT64_C(1795312848123456789));
	f->sealed = 12;
	f->sealed_mapper = 3;
	keep(s, f);
	assert_view(s,
	    "SELECT sensor || ' ' || realm || ' ' || server || ' ' || host || ' ' || aliases || ' '"
	    " || sealed || ' ' || sealed_mapper FROM servers",
	    "sensor-1 default 10.0.0.1 mail a, b 12 3");
	assert_view(s,
	    "SELECT server || ' ' || operation || ' ' || \"to\" || ' ' || first_seen || ' ' || "
	    "count"
	    " FROM referrals",
	    "10.0.0.1 RfrGetNewDSA dc1 2026-11-22T02:00:48.123456Z 3");
	store_close(&s);
	server_facts_free(&f);
}

/* A store as version 2 left it, with a server in it. */
static void
make_version_2(const char *path)
{
	struct db db = {.mode = STORE_WRITER};
	const struct schema second = {schema_today()->step, 2, NULL, ""};

	lock_init(&db.lock);
	db.shown = strdup(path);
	assert_int_equal(sqlite3_open(path, &db.sql), SQLITE_OK);
	assert_int_equal(db_exec(&db, "PRAGMA application_id = 1162890583"), 0);
	assert_int_equal(schema_migrate(&db, &second), 0);
	assert_int_equal(db_exec(&db, "INSERT INTO scope VALUES (1, 'sensor-1', 'default');"
				      "INSERT INTO server VALUES (5, 1, '10.0.0.1',"
				      " x'00000000000000000000ffff0a000001', NULL);"),
	    0);
	db_close(&db);
}

static void
a_store_of_version_2_learns_it_and_keeps_what_it_has(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct server_facts *f = facts("10.0.0.1", "dc1");
	struct store *s;

	make_version_2(path);
	assert_int_equal(store_open(&s, path, STORE_READER), ERR_OLDER);
	store_close(&s);
	s = fixture_open(path, STORE_WRITER);
	assert_int_equal(fixture_number(s, "PRAGMA user_version"), schema_version());
	assert_string_equal(loaded(s, "10.0.0.1", 0), "-@0 0/0");
	keep(s, f);
	assert_string_equal(loaded(s, "10.0.0.1", 0), "dc1@1234 0/0");
	assert_int_equal(fixture_number(s, "SELECT row FROM server WHERE host = 'dc1'"), 5);
	checks_intact(s);
	store_close(&s);
	server_facts_free(&f);
}

static void
append_endpoint(void *text, const struct addr *server, uint16_t port)
{
	char addr[ADDR_TEXT];
	size_t n = strlen(text);

	(void)snprintf(
	    (char *)text + n, TEXT - n, "%s:%u ", addr_format(server, addr), (unsigned)port);
}

static void
what_tcp_goes_to_is_known_beforehand(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct mapping_key key = fixture_key("10.0.0.1", FIXTURE_EMSMDB);
	char text[TEXT] = "";

	fixture_keep_one(s, key, 60001, "", 1, 0);
	key.protseq = PROTSEQ_HTTP;
	fixture_keep_one(s, key, 6001, "", 1, 0);
	key.protseq = PROTSEQ_UDP;
	fixture_keep_one(s, key, 6002, "", 1, 0);
	key.protseq = PROTSEQ_NP;
	fixture_keep_one(s, key, 0, "\\PIPE\\x", 1, 0);
	assert_int_equal(store_each_endpoint(s, append_endpoint, text), 0);
	assert_string_equal(text, "10.0.0.1:6001 10.0.0.1:60001 ");
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(what_is_kept_comes_back),
	    FIXTURE_TEST(what_went_goes_and_what_is_clean_stays),
	    FIXTURE_TEST(a_server_has_one_row_whoever_comes_first),
	    FIXTURE_TEST(a_rollback_takes_all_of_it_and_it_can_be_kept_again),
	    FIXTURE_TEST(a_number_that_was_forgotten_is_found_again),
	    FIXTURE_TEST(only_what_changed_is_written),
	    FIXTURE_TEST(equal_addresses_of_two_realms_are_two_servers),
	    FIXTURE_TEST(a_store_that_was_edited_says_so),
	    FIXTURE_TEST(readers_see_servers_of_which_something_is_known),
	    FIXTURE_TEST(the_views_tell_of_servers_and_referrals),
	    FIXTURE_TEST(a_store_of_version_2_learns_it_and_keeps_what_it_has),
	    FIXTURE_TEST(what_tcp_goes_to_is_known_beforehand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
