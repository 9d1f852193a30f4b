/* test_store.c - a mapping that was kept comes back as it was. */
#include "store_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "store/load.h"
#include "track/episode.h"
#include "track/sighting.h"

static const uint16_t two_ports[] = {56001, 49152};

static void
a_mapping_comes_back_as_it_was_kept(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 2);
	struct episode *odd = &m->episode[1];

	odd->endpoint.port = 0;
	(void)strcpy(odd->endpoint.name, "\\pipe\\'; DROP TABLE episode; --");
	odd->ended_ns = 7777;
	odd->why = CHANGE_MOVED;
	odd->announced = INT64_MAX;
	odd->annotation[0] = '\0';
	odd->clients_estimated = true;
	memcpy(odd->told, "0123456789abcdef", sizeof(odd->told));
	free(odd->client);
	odd->client = NULL;
	odd->client_count = 0;
	memset(&odd->last, 0, sizeof(odd->last));
	fixture_keep(s, m);
	assert_true(m->row > 0 && m->episode[0].row > 0 && m->episode[1].row > 0);
	checks_reloads(s, m);
	store_close(&s);
	s = fixture_open(fixture_path(state, "s.db"), STORE_READER);
	checks_reloads(s, m);
	store_close(&s);
	mapping_free(&m);
}

static void
a_mapping_can_be_loaded_inside_the_transaction_that_keeps_it(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *m = fixture_mapping(fixture_key("2001:db8::1", FIXTURE_NSPI), two_ports, 2);

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_mapping(s, m), 0);
	checks_reloads(s, m);
	assert_int_equal(store_commit(s), 0);
	store_close(&s);
	mapping_free(&m);
}

/* Once a mapping has a number, it is all that says where its next episodes belong. */
static void
mappings_of_many_servers_and_interfaces_grow_each_by_itself(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *m[9];

	(void)state;
	for (unsigned i = 0; i < 9; i++) {
		struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);

		key.server.b[15] = (uint8_t)(i / 3);
		key.uuid.b[15] = (uint8_t)(i % 3);
		m[i] = fixture_mapping(key, two_ports, 2);
		m[i]->episode_count = 1;
		fixture_keep(s, m[i]);
	}
	for (unsigned i = 0; i < 9; i++) {
		m[i]->episode_count = 2;
		fixture_keep(s, m[i]);
	}
	for (unsigned i = 0; i < 9; i++) {
		checks_reloads(s, m[i]);
		mapping_free(&m[i]);
	}
	store_close(&s);
}

static void
an_unknown_key_loads_as_nothing(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *m = fixture_mapping(key, two_ports, 1);
	struct mapping *back;
	struct alert alert;
	int found = 1;

	(void)state;
	assert_int_equal(store_load_mapping(s, &key, &back), 0);
	assert_null(back);
	assert_int_equal(store_load_alert(s, "EPM-001", &key, &alert, &found), 0);
	assert_int_equal(found, 0);
	fixture_keep(s, m);
	key.protseq = PROTSEQ_HTTP;
	assert_int_equal(store_load_mapping(s, &key, &back), 0);
	assert_null(back);
	store_close(&s);
	mapping_free(&m);
}

static void
only_dirty_episodes_are_written(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 2);

	(void)state;
	fixture_keep(s, m);
	m->episode[0].dirty = false;
	m->episode[0].used = 50;
	m->episode[1].used = 60;
	fixture_keep(s, m);
	assert_int_equal(fixture_number(s, "SELECT used FROM episode WHERE port = 56001"), 2);
	assert_int_equal(fixture_number(s, "SELECT used FROM episode WHERE port = 49152"), 60);
	store_close(&s);
	mapping_free(&m);
}

static void
a_mapping_without_its_number_is_found_by_its_key(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *m = fixture_mapping(key, two_ports, 1);
	struct mapping *again = fixture_mapping(key, two_ports + 1, 1);

	fixture_keep(s, m);
	fixture_keep(s, again);
	assert_int_equal(again->row, m->row);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM mapping"), 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode"), 2);
	store_close(&s);
	mapping_free(&m);
	mapping_free(&again);
}

static void
clients_are_added_up_to_sixty_four_and_sorted_on_return(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 1);
	struct episode *e = &m->episode[0];

	(void)state;
	fixture_keep(s, m);
	free(e->client);
	e->client = calloc(CLIENTS_EXACT, sizeof(*e->client));
	assert_non_null(e->client);
	for (uint8_t i = 0; i < CLIENTS_EXACT; i++)
		e->client[i] = addr_from_v4((const uint8_t[4]){10, 0, 0, i});
	e->client_count = CLIENTS_EXACT;
	/* of the two that were there before, one is among these */
	e->client[63] = fixture_addr("2001:db8::7");
	e->clients_kept = 0;
	fixture_keep(s, m);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM episode_client"), 64);
	/* 2001:db8::7 sorts after ::ffff:10.0.0.62 by its octets, and before it as text */
	checks_reloads(s, m);
	store_close(&s);
	mapping_free(&m);
}

/* Whatever its place among those that have a row already. */
static void
each_new_client_gets_its_row(void **state)
{
	static const uint8_t last[] = {9, 3, 12, 1, 7, 200, 5, 2, 100, 8};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 1);
	struct episode *e = &m->episode[0];

	(void)state;
	for (size_t i = 0; i < sizeof(last); i++) {
		const struct sighting sight = {.source = EVIDENCE_MAP};
		struct evidence at = e->last;

		at.ts_ns++;
		at.client = addr_from_v4((const uint8_t[]){10, 0, 9, last[i]});
		episode_see(e, &sight, &at);
		if (i % 3 == 0)
			fixture_keep(s, m);
	}
	fixture_keep(s, m);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM episode_client WHERE client GLOB '10.0.9.*'"),
	    sizeof(last));
	checks_reloads(s, m);
	store_close(&s);
	mapping_free(&m);
}

static void
of_very_many_episodes_the_living_and_the_latest_are_loaded(void **state)
{
	enum {
		MANY = LOAD_EPISODES + 100
	};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	uint16_t ports[MANY];
	struct mapping *m, *back;

	(void)state;
	for (uint16_t i = 0; i < MANY; i++)
		ports[i] = (uint16_t)(i + 1);
	m = fixture_mapping(key, ports, MANY);
	for (size_t i = 1; i < MANY; i++)
		m->episode[i].ended_ns = m->episode[i].last_ns;
	fixture_keep(s, m);
	assert_int_equal(store_load_mapping(s, &key, &back), 0);
	assert_int_equal(back->episode_count, LOAD_EPISODES);
	assert_int_equal(back->episode[0].endpoint.port, 1);
	assert_int_equal(back->episode[1].endpoint.port, MANY - LOAD_EPISODES + 2);
	assert_int_equal(back->episode[LOAD_EPISODES - 1].endpoint.port, MANY);
	mapping_free(&back);
	mapping_free(&m);
	store_close(&s);
}

/* Where even the living are too many, those that were seen last are loaded, and none that ended. */
static void
of_too_many_alive_those_seen_last_are_loaded(void **state)
{
	enum {
		MANY = LOAD_EPISODES + 100
	};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	uint16_t ports[MANY];
	struct mapping *m, *back;

	(void)state;
	for (uint16_t i = 0; i < MANY; i++)
		ports[i] = (uint16_t)(i + 1);
	m = fixture_mapping(key, ports, MANY);
	for (size_t i = 0; i < MANY; i++)
		m->episode[i].last_ns = (int64_t)(10000 + (i * 7) % MANY);
	m->episode[0].ended_ns = m->episode[0].last_ns = 99999;
	fixture_keep(s, m);
	assert_int_equal(store_load_mapping(s, &key, &back), 0);
	assert_int_equal(back->episode_count, LOAD_EPISODES);
	for (size_t i = 0; i < LOAD_EPISODES; i++) {
		assert_int_equal(back->episode[i].ended_ns, 0);
		assert_true(back->episode[i].last_ns >= 10000 + MANY - LOAD_EPISODES);
	}
	mapping_free(&back);
	mapping_free(&m);
	store_close(&s);
}

static void
realms_keep_equal_addresses_apart(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *here = fixture_mapping(key, two_ports, 1), *there, *back;

	(void)state;
	key.realm = 1;
	there = fixture_mapping(key, two_ports + 1, 1);
	assert_int_equal(store_realm(s, 1, "sensor-1", "branch"), 0);
	fixture_keep(s, here);
	assert_int_equal(store_load_mapping(s, &key, &back), 0);
	assert_null(back);
	fixture_keep(s, there);
	assert_int_not_equal(here->row, there->row);
	checks_reloads(s, here);
	checks_reloads(s, there);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM scope"), 2);
	store_close(&s);
	mapping_free(&here);
	mapping_free(&there);
}

static void
a_realm_without_a_name_is_refused(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *m;

	(void)state;
	key.realm = 9;
	m = fixture_mapping(key, two_ports, 1);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_mapping(s, m), ERR_USAGE);
	assert_non_null(strstr(store_error(s), "realm 9"));
	store_rollback(s);
	store_close(&s);
	mapping_free(&m);
}

static void
collect_endpoint(void *ctx, const struct addr *server, uint16_t port)
{
	char text[ADDR_TEXT];
	char *all = ctx;

	(void)sprintf(all + strlen(all), "%s:%u ", addr_format(server, text), (unsigned)port);
}

static void
each_endpoint_alive_is_told_once(void **state)
{
	static const uint16_t ports[] = {56001, 49152};
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct mapping_key key = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct mapping *m[3];
	char all[256] = "";

	(void)state;
	m[0] = fixture_mapping(key, ports, 2);
	m[1] = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_NSPI), ports, 1);
	key.protseq = PROTSEQ_UDP;
	m[2] = fixture_mapping(key, ports, 1);
	m[0]->episode[1].ended_ns = 2000;
	for (int i = 0; i < 3; i++) {
		fixture_keep(s, m[i]);
		mapping_free(&m[i]);
	}
	assert_int_equal(store_each_endpoint(s, collect_endpoint, all), 0);
	assert_string_equal(all, "10.1.2.3:56001 ");
	store_close(&s);
}

static void
a_store_in_memory_makes_no_file(void **state)
{
	struct store *s = fixture_open("not looked at/x", STORE_MEMORY);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 1);
	struct stat st;

	fixture_keep(s, m);
	checks_reloads(s, m);
	assert_int_equal(stat(*state, &st), 0);
	assert_int_equal(st.st_nlink, 2);
	assert_int_equal(fixture_number(s, "PRAGMA temp_store"), 2);
	store_close(&s);
	mapping_free(&m);
}

static void
a_row_that_makes_no_sense_is_an_error_not_a_guess(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct mapping *m = fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), two_ports, 1);
	struct mapping *back;

	fixture_keep(s, m);
	store_close(&s);
	fixture_sql(path, "UPDATE episode_client SET client = 'nonsense' WHERE client LIKE '10.%'");
	s = fixture_open(path, STORE_READER);
	assert_int_equal(store_load_mapping(s, &m->key, &back), ERR_STORE);
	assert_null(back);
	assert_non_null(strstr(store_error(s), path));
	store_close(&s);
	mapping_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(a_mapping_comes_back_as_it_was_kept),
	    FIXTURE_TEST(a_mapping_can_be_loaded_inside_the_transaction_that_keeps_it),
	    FIXTURE_TEST(mappings_of_many_servers_and_interfaces_grow_each_by_itself),
	    FIXTURE_TEST(an_unknown_key_loads_as_nothing),
	    FIXTURE_TEST(only_dirty_episodes_are_written),
	    FIXTURE_TEST(a_mapping_without_its_number_is_found_by_its_key),
	    FIXTURE_TEST(clients_are_added_up_to_sixty_four_and_sorted_on_return),
	    FIXTURE_TEST(each_new_client_gets_its_row),
	    FIXTURE_TEST(of_very_many_episodes_the_living_and_the_latest_are_loaded),
	    FIXTURE_TEST(of_too_many_alive_those_seen_last_are_loaded),
	    FIXTURE_TEST(realms_keep_equal_addresses_apart),
	    FIXTURE_TEST(a_realm_without_a_name_is_refused),
	    FIXTURE_TEST(each_endpoint_alive_is_told_once),
	    FIXTURE_TEST(a_store_in_memory_makes_no_file),
	    FIXTURE_TEST(a_row_that_makes_no_sense_is_an_error_not_a_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
