/* test_servers.c - the table of servers: what it reads back, hands over, puts out and refuses. */
#include "track/servers.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/track_feed.h"
#include "track/clock.h"
#include "track/facts.h"
#include "track/policy.h"
#include "track/track.h"

enum {
	KEPT = 512
};

/* What was handed over last of each server, in words that can be read back: its name, and its sealed calls. */
struct kept {
	struct addr server;
	uint8_t realm;
	char host[SERVER_NAME];
	uint64_t sealed;
};

struct desk {
	struct servers servers;
	struct agenda agenda;
	int64_t store_due;
	struct track_limits limits;
	struct track_loader loader;
	struct feed feed;
	struct kept kept[KEPT];
	size_t kept_count, loads, keeps;
	int fail;
	char order[1024];
};

static struct kept *
find(struct desk *d, const struct addr *server, uint8_t realm)
{
	for (size_t i = 0; i < d->kept_count; i++)
		if (addr_equal(&d->kept[i].server, server) && d->kept[i].realm == realm)
			return &d->kept[i];
	return NULL;
}

/* The same of one that is there. */
static const struct kept *
found(struct desk *d, const struct addr *server, uint8_t realm)
{
	const struct kept *k = find(d, server, realm);

	if (k == NULL)
		abort();
	return k;
}

static int
load(void *desk, const struct addr *server, uint8_t realm, struct server_facts **out)
{
	struct desk *d = desk;
	const struct kept *k = find(d, server, realm);

	*out = NULL;
	d->loads++;
	if (d->fail != 0 || k == NULL)
		return d->fail;
	*out = calloc(1, sizeof(**out));
	assert_non_null(*out);
	(*out)->host = strdup(k->host);
	(*out)->sealed = k->sealed;
	(*out)->dirty = 0xff; /* whatever a store leaves there */
	return 0;
}

static int
keep(void *desk, const struct server_facts *f)
{
	struct desk *d = desk;
	struct kept *k = find(d, &f->server, f->realm);
	size_t len = strlen(d->order);

	if (d->fail != 0)
		return d->fail;
	if (k == NULL) {
		assert_true(d->kept_count < KEPT);
		k = &d->kept[d->kept_count++];
	}
	*k = (struct kept){.server = f->server, .realm = f->realm, .sealed = f->sealed};
	snprintf(k->host, sizeof(k->host), "%s", f->host != NULL ? f->host : "");
	assert_int_not_equal(f->dirty, 0);
	snprintf(d->order + len, sizeof(d->order) - len, "%s ", k->host);
	d->keeps++;
	return 0;
}

static void
open_table(struct desk *d)
{
	servers_deinit(&d->servers);
	assert_int_equal(servers_init(&d->servers, &d->limits, &d->loader, &d->agenda, &d->store_due), 0);
}

static int
setup(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return -1;
	d->limits = (struct track_limits){
	    .servers = 1000, .server_bytes = 1 << 20, .server_bytes_new = 1 << 20};
	d->loader = (struct track_loader){.server = load, .ctx = d};
	open_table(d);
	*state = d;
	return 0;
}

static int
teardown(void **state)
{
	struct desk *d = *state;

	servers_deinit(&d->servers);
	agenda_free(&d->agenda);
	free(d);
	return 0;
}

static int
name(struct desk *d, int64_t s, unsigned server, const char *host)
{
	feed_names(&d->feed, s, server, host);
	return servers_take(&d->servers, &d->feed.obs);
}

static int
seal(struct desk *d, unsigned server)
{
	feed_sealed(&d->feed, 1, server, 1, 0);
	return servers_take(&d->servers, &d->feed.obs);
}

static void
commit(struct desk *d)
{
	d->order[0] = '\0';
	d->keeps = 0;
	assert_int_equal(servers_flush(&d->servers, keep, d), 0);
	servers_settle(&d->servers);
	assert_int_equal(d->servers.dirty_bytes, 0);
}

static void
what_changed_is_handed_over_until_it_is_kept_for_good(void **state)
{
	struct desk *d = *state;

	assert_int_equal(name(d, 1, 1, "one"), 0);
	assert_int_equal(name(d, 1, 2, "two"), 0);
	assert_int_equal(name(d, 2, 1, "one"), 0);
	assert_int_equal(servers_flush(&d->servers, keep, d), 0);
	assert_string_equal(d->order, "one two ");
	/* that transaction failed */
	commit(d);
	assert_string_equal(d->order, "one two ");
	commit(d);
	assert_string_equal(d->order, "");
	assert_int_equal(name(d, 100, 2, "three"), 0);
	commit(d);
	assert_string_equal(d->order, "three ");
}

static void
what_comes_after_a_flush_stays_dirty(void **state)
{
	struct desk *d = *state;

	name(d, 1, 1, "one");
	assert_int_equal(servers_flush(&d->servers, keep, d), 0);
	name(d, 100, 1, "two");
	servers_settle(&d->servers);
	commit(d);
	assert_string_equal(d->order, "two ");
	/* and what nobody asked for, too */
	name(d, 200, 1, "three");
	servers_settle(&d->servers);
	commit(d);
	assert_string_equal(d->order, "three ");
}

static void
a_flush_stops_at_the_first_error(void **state)
{
	struct desk *d = *state;

	name(d, 1, 1, "one");
	d->fail = -ENOSPC;
	assert_int_equal(servers_flush(&d->servers, keep, d), -ENOSPC);
	servers_settle(&d->servers);
	d->fail = 0;
	commit(d);
	assert_string_equal(d->order, "one ");
}

static void
what_was_known_before_is_read_once_and_goes_on(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < 3; i++)
		seal(d, 1);
	commit(d);
	open_table(d);
	d->loads = 0;
	seal(d, 1);
	seal(d, 1);
	assert_int_equal(d->loads, 1);
	commit(d);
	assert_int_equal(d->kept[0].sealed, 5);
	assert_int_equal(d->kept_count, 1);
}

static void
a_loader_that_fails_leaves_all_as_it_was(void **state)
{
	struct desk *d = *state;

	d->fail = -EIO;
	assert_int_equal(name(d, 1, 1, "one"), -EIO);
	d->fail = 0;
	assert_int_equal(d->servers.bytes, 0);
	assert_int_equal(name(d, 1, 1, "one"), 0);
	commit(d);
	assert_string_equal(d->order, "one ");
}

static void
realms_with_equal_addresses_are_kept_apart(void **state)
{
	struct desk *d = *state;

	name(d, 1, 1, "here");
	feed_names(&d->feed, 1, 1, "there");
	d->feed.obs.at.realm = 1;
	assert_int_equal(servers_take(&d->servers, &d->feed.obs), 0);
	commit(d);
	assert_string_equal(d->order, "here there ");
	assert_int_equal(d->kept_count, 2);
	assert_int_equal(d->kept[1].realm, 1);
	/* however many there are */
	for (unsigned i = 0; i <= UINT8_MAX; i++) {
		seal(d, 3);
		d->feed.obs.at.realm = (uint8_t)i;
		assert_int_equal(servers_take(&d->servers, &d->feed.obs), 0);
	}
	commit(d);
	assert_int_equal(d->kept_count, 2 + UINT8_MAX + 1);
	for (unsigned i = 1; i <= UINT8_MAX; i++)
		assert_int_equal(found(d, &d->feed.obs.server, (uint8_t)i)->sealed, 1);
}

static void
the_cold_ones_are_put_out_and_read_back(void **state)
{
	struct desk *d = *state;
	char host[32];

	d->limits.server_bytes = 16 * 1024;
	open_table(d);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(host, sizeof(host), "host-%u", i);
		assert_int_equal(name(d, 1, i, host), 0);
		assert_int_equal(seal(d, 7), 0); /* stays hot */
		commit(d);
		assert_true(d->servers.bytes <= d->limits.server_bytes);
	}
	assert_int_equal(d->servers.refused, 0);
	assert_int_equal(d->kept_count, 200);
	d->loads = 0;
	seal(d, 7);
	assert_int_equal(d->loads, 0);
	seal(d, 0);
	assert_int_equal(d->loads, 1);
	commit(d);
	assert_string_equal(d->order, "host-7 host-0 ");
	assert_int_equal(found(d, &d->feed.obs.server, 0)->sealed, 1);
}

static void
what_is_dirty_is_not_put_out(void **state)
{
	struct desk *d = *state;
	unsigned i = 0;

	d->limits.server_bytes = 16 * 1024;
	open_table(d);
	while (d->servers.refused == 0 && i < 1000) {
		assert_int_equal(servers_filling(&d->servers),
		    d->servers.dirty_bytes >= d->limits.server_bytes / 4 * 3);
		assert_int_equal(name(d, 1, i++, "name"), 0);
		assert_int_equal(d->servers.dirty_bytes, d->servers.bytes);
	}
	assert_in_range(i, 20, 100);
	commit(d);
	assert_int_equal(d->keeps, i - 1);
	assert_int_equal(name(d, 1, i, "name"), 0);
	assert_int_equal(d->servers.refused, 1);
}

static void
a_table_that_is_full_of_dirt_says_so(void **state)
{
	struct desk *d = *state;

	d->limits.server_bytes = FACTS_GROWTH + 1024;
	open_table(d);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(name(d, 1, i, "name"), 0);
	assert_true(d->servers.refused > 0);
	assert_false(servers_filling(&d->servers));
	d->servers.bytes_max = d->servers.dirty_bytes;
	assert_true(servers_filling(&d->servers));
}

static void
without_a_loader_nothing_is_put_out(void **state)
{
	struct desk *d = *state;

	d->limits.server_bytes = 16 * 1024;
	servers_deinit(&d->servers);
	assert_int_equal(servers_init(&d->servers, &d->limits, NULL, &d->agenda, &d->store_due), 0);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(name(d, 1, i, "name"), 0);
		commit(d);
	}
	assert_true(d->servers.refused > 0);
	assert_int_equal(d->kept_count + d->servers.refused, 100);
}

static void
a_run_makes_so_many_servers_and_no_more(void **state)
{
	struct desk *d = *state;

	d->kept[0] = (struct kept){.server = feed_addr(500), .host = "known", .sealed = 1};
	d->kept_count = 1;
	d->limits.servers = 3;
	open_table(d);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(name(d, 1, i, "name"), 0);
	assert_int_equal(d->servers.refused, 2);
	/* one that was there before goes on, and so do the three */
	assert_int_equal(name(d, 1, 500, "name"), 0);
	assert_int_equal(name(d, 100, 1, "other"), 0);
	assert_int_equal(d->servers.refused, 2);
	commit(d);
	assert_int_equal(d->keeps, 4);
}

static void
a_run_adds_so_many_bytes_of_names_and_no_more(void **state)
{
	struct desk *d = *state;
	char host[32];

	d->limits.server_bytes_new = 200;
	open_table(d);
	for (unsigned i = 0; i < 50; i++) {
		snprintf(host, sizeof(host), "a-name-of-some-length-%u", i);
		assert_int_equal(name(d, i * 100, 1, host), 0);
	}
	assert_in_range(d->servers.refused, 40, 49);
	assert_true(d->servers.grown < 1000);
	/* counts take no room */
	size_t refused = (size_t)d->servers.refused;
	assert_int_equal(seal(d, 1), 0);
	assert_int_equal(d->servers.refused, refused);
	commit(d);
	assert_int_equal(d->kept[0].sealed, 1);
}

static void
what_is_told_of_endpoints_makes_no_server(void **state)
{
	struct desk *d = *state;

	feed_use(&d->feed, 1, 1, 49152, DRSUAPI);
	assert_int_equal(servers_take(&d->servers, &d->feed.obs), 0);
	assert_int_equal(d->loads, 0);
	assert_int_equal(d->servers.bytes, 0);
}

static int
tell_nobody(void *ctx, const struct change *change)
{
	(void)ctx;
	(void)change;
	return 0;
}

/* What waits of a server is part of the bytes that are bounded, also while it waits for a commit. */
static void
what_is_held_of_a_server_is_counted(void **state)
{
	static const struct thresholds thresholds = THRESHOLDS_DEFAULT;
	struct desk *d = *state;
	struct clock *clock = malloc(sizeof(*clock));
	struct mapping_key key = {.server = feed_addr(1)};
	struct moments_room room = {
	    .thresholds = &thresholds, .clock = clock, .server = key, .tell = tell_nobody};
	const struct endpoint port = {.port = 49152};
	struct servers_entry *e;
	size_t before;

	assert_non_null(clock);
	clock_init(clock, 1);
	assert_int_equal(servers_place(&d->servers, &key, &e), 0);
	before = d->servers.bytes;
	for (uint16_t i = 0; i < 100; i++) {
		struct change c = {.kind = CHANGE_MOVED,
		    .key = key,
		    .current = &port,
		    .current_count = 1};

		c.key.major = i;
		assert_int_equal(moments_take(&e->moments, &room, &c, false), 0);
	}
	servers_touch(&d->servers, e, STATE_NEVER);
	assert_true(d->servers.bytes >= before + 100 * (sizeof(struct moment) + sizeof(port)));
	assert_int_equal(d->servers.bytes, before + moments_bytes(&e->moments));
	assert_int_equal(d->servers.dirty_bytes, d->servers.bytes);
	free(clock);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(what_changed_is_handed_over_until_it_is_kept_for_good),
	    T(what_comes_after_a_flush_stays_dirty),
	    T(a_flush_stops_at_the_first_error),
	    T(what_was_known_before_is_read_once_and_goes_on),
	    T(a_loader_that_fails_leaves_all_as_it_was),
	    T(realms_with_equal_addresses_are_kept_apart),
	    T(the_cold_ones_are_put_out_and_read_back),
	    T(what_is_dirty_is_not_put_out),
	    T(a_table_that_is_full_of_dirt_says_so),
	    T(without_a_loader_nothing_is_put_out),
	    T(a_run_makes_so_many_servers_and_no_more),
	    T(a_run_adds_so_many_bytes_of_names_and_no_more),
	    T(what_is_told_of_endpoints_makes_no_server),
	    T(what_is_held_of_a_server_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
