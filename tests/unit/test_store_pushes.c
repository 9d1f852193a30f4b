/* test_store_pushes.c - new-mail datagrams, registrations and mailbox clients come back as they were kept, by realm; the latest
 * state counts; what ended goes in time, what is open stays; merging, checking, exporting know them. */
#include "store_checks.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/query.h"
#include "store/upkeep.h"

#define HOUR_NS INT64_C(3600000000000)
#define DAY_NS (24 * HOUR_NS)

enum {
	TEXT = 4096,
	MOST = 8,
	MANY = 32769
};

static struct push
push_of(const char *client, uint16_t port, int64_t ns)
{
	struct push x = {.server = fixture_addr("10.1.2.3"),
	    .client = fixture_addr(client),
	    .server_port = 2571,
	    .last_port = 2572,
	    .client_port = port,
	    .registered = true,
	    .alternative = true,
	    .context = {0xd0, 0x27, 0, 2},
	    .context_len = 4,
	    .payload_len = 5,
	    .count = 3,
	    .refused = 1,
	    .first_ns = ns,
	    .last_ns = ns + 10,
	    .closed_ns = ns + 20,
	    .repeat_ns = ns + 5,
	    .stretch = 2,
	    .marks = PUSH_MARK_REPEATS | PUSH_MARK_PORTS,
	    .evidence = {.ts_ns = ns,
		.frame = 564,
		.capture = STORE_CAPTURE_UNKNOWN,
		.source = EVIDENCE_PUSH,
		.client = fixture_addr(client),
		.client_port = port}};

	return x;
}

static struct push_registration
registration_of(const char *client, uint16_t port, int64_t ns)
{
	struct push_registration x = {.server = fixture_addr("10.1.2.3"),
	    .client = fixture_addr(client),
	    .address = fixture_addr("192.0.2.9"),
	    .port = port,
	    .server_port = 1032,
	    .client_port = 1153,
	    .has_address = true,
	    .answered = true,
	    .silent = true,
	    .alternative = true,
	    .context = {0xd0, 0x27},
	    .context_len = 2,
	    .mask = UINT32_MAX,
	    .status = 0x80040102,
	    .delivered = 7,
	    .refused = 2,
	    .first_ns = ns,
	    .last_ns = ns + 3,
	    .evidence = {.ts_ns = ns,
		.frame = 797,
		.capture = STORE_CAPTURE_UNKNOWN,
		.source = EVIDENCE_REGISTRATION,
		.client = fixture_addr(client),
		.client_port = 1153}};

	return x;
}

static struct push_client
client_of(const char *client, int64_t ns)
{
	struct push_client x = {.server = fixture_addr("10.1.2.3"),
	    .client = fixture_addr(client),
	    .beats = 2,
	    .sealed_len = 8,
	    .bound_ns = ns,
	    .sealed_ns = ns - 1,
	    .waits_ns = ns - 2,
	    .starved_clear = true,
	    .starved_ns = ns - 3,
	    .fed_ns = ns - 4,
	    .evidence = {.ts_ns = ns - 5,
		.frame = 7,
		.capture = STORE_CAPTURE_UNKNOWN,
		.source = EVIDENCE_REGISTRATION,
		.client = fixture_addr(client),
		.client_port = 9}};

	return x;
}

static void
assert_evidence(const struct evidence *a, const struct evidence *b)
{
	assert_int_equal(a->ts_ns, b->ts_ns);
	assert_int_equal(a->frame, b->frame);
	assert_int_equal(a->capture, b->capture);
	assert_int_equal(a->source, b->source);
	assert_memory_equal(&a->client, &b->client, sizeof(a->client));
	assert_int_equal(a->client_port, b->client_port);
}

/* Field by field: what lies between them is anybody's. */
static void
assert_push(const struct push *a, const struct push *b)
{
	assert_memory_equal(&a->server, &b->server, sizeof(a->server));
	assert_memory_equal(&a->client, &b->client, sizeof(a->client));
	assert_int_equal(a->realm, b->realm);
	assert_int_equal(a->server_port, b->server_port);
	assert_int_equal(a->last_port, b->last_port);
	assert_int_equal(a->client_port, b->client_port);
	assert_int_equal(a->registered, b->registered);
	assert_int_equal(a->final, b->final);
	assert_int_equal(a->alternative, b->alternative);
	assert_memory_equal(a->context, b->context, sizeof(a->context));
	assert_int_equal(a->context_len, b->context_len);
	assert_int_equal(a->payload_len, b->payload_len);
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->refused, b->refused);
	assert_int_equal(a->first_ns, b->first_ns);
	assert_int_equal(a->last_ns, b->last_ns);
	assert_int_equal(a->closed_ns, b->closed_ns);
	assert_int_equal(a->repeat_ns, b->repeat_ns);
	assert_int_equal(a->stretch, b->stretch);
	assert_int_equal(a->marks, b->marks);
	assert_evidence(&a->evidence, &b->evidence);
}

static void
assert_registration(const struct push_registration *a, const struct push_registration *b)
{
	assert_memory_equal(&a->server, &b->server, sizeof(a->server));
	assert_memory_equal(&a->client, &b->client, sizeof(a->client));
	assert_memory_equal(&a->address, &b->address, sizeof(a->address));
	assert_int_equal(a->realm, b->realm);
	assert_int_equal(a->port, b->port);
	assert_int_equal(a->server_port, b->server_port);
	assert_int_equal(a->client_port, b->client_port);
	assert_int_equal(a->sealed, b->sealed);
	assert_int_equal(a->has_address, b->has_address);
	assert_int_equal(a->answered, b->answered);
	assert_int_equal(a->final, b->final);
	assert_int_equal(a->silent, b->silent);
	assert_int_equal(a->alternative, b->alternative);
	assert_memory_equal(a->context, b->context, sizeof(a->context));
	assert_int_equal(a->context_len, b->context_len);
	assert_int_equal(a->mask, b->mask);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->delivered, b->delivered);
	assert_int_equal(a->refused, b->refused);
	assert_int_equal(a->first_ns, b->first_ns);
	assert_int_equal(a->last_ns, b->last_ns);
	assert_evidence(&a->evidence, &b->evidence);
}

static void
assert_client(const struct push_client *a, const struct push_client *b)
{
	assert_memory_equal(&a->server, &b->server, sizeof(a->server));
	assert_memory_equal(&a->client, &b->client, sizeof(a->client));
	assert_int_equal(a->realm, b->realm);
	assert_int_equal(a->beats, b->beats);
	assert_int_equal(a->sealed_len, b->sealed_len);
	assert_int_equal(a->bound_ns, b->bound_ns);
	assert_int_equal(a->sealed_ns, b->sealed_ns);
	assert_int_equal(a->waits_ns, b->waits_ns);
	assert_int_equal(a->starved_clear, b->starved_clear);
	assert_int_equal(a->starved_ns, b->starved_ns);
	assert_int_equal(a->fed_ns, b->fed_ns);
	assert_evidence(&a->evidence, &b->evidence);
}

/* What callbacks were told, the first few. */
struct told {
	size_t count;
	struct push push[MOST];
	struct push_registration registration[MOST];
	struct push_client client[MOST];
	char names[TEXT];
};

static int
take_push(void *ctx, const struct push *x)
{
	struct told *t = ctx;

	t->push[t->count++] = *x;
	return 0;
}

static int
take_registration(void *ctx, const struct push_registration *x)
{
	struct told *t = ctx;

	t->registration[t->count++] = *x;
	return 0;
}

static int
take_client(void *ctx, const struct push_client *x)
{
	struct told *t = ctx;

	t->client[t->count++] = *x;
	return 0;
}

/* More than are handed out, by one. */
struct clients {
	size_t count;
	struct push_client *client;
};

static int
take_one_of_many(void *ctx, const struct push_client *x)
{
	struct clients *all = ctx;

	assert_true(all->count < MANY);
	all->client[all->count++] = *x;
	return 0;
}

static int
take_push_row(void *ctx, const struct query_push *x)
{
	struct told *t = ctx;

	(void)snprintf(t->names + strlen(t->names), sizeof(t->names) - strlen(t->names), "%s/%s ",
	    x->sensor, x->realm);
	return take_push(ctx, &x->push);
}

static int
take_registration_row(void *ctx, const struct query_registration *x)
{
	return take_registration(ctx, &x->registration);
}

static int
take_client_row(void *ctx, const struct query_push_client *x)
{
	return take_client(ctx, &x->client);
}

static void
keep_push(struct store *s, const struct push *x)
{
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_push(s, x), 0);
	assert_int_equal(store_commit(s), 0);
}

static void
keep_others(struct store *s, const struct push_registration *x, const struct push_client *c)
{
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_push_registration(s, x), 0);
	assert_int_equal(store_keep_push_client(s, c), 0);
	assert_int_equal(store_commit(s), 0);
}

static void
a_push_comes_back_in_its_latest_state(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct push x = push_of("10.0.0.1", 1054, 100), other = push_of("10.0.0.2", 1055, 50);
	struct query_filter all = {.sensor = NULL}, port = {.has_port = true, .port = 1055},
			    late = {.since_ns = 105}, later = {.since_ns = 500},
			    before = {.until_ns = 100};
	struct told *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	keep_push(s, &x);
	x.count = 9;
	x.registered = false;
	x.last_port = 4000;
	x.last_ns = 400;
	x.closed_ns = 0;
	x.repeat_ns = 0;
	x.marks = PUSH_MARK_TELLS_ALL;
	other.context_len = 0;
	memset(other.context, 0, sizeof(other.context));
	other.final = true;
	keep_push(s, &other);
	keep_push(s, &x);
	store_close(&s);
	s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	assert_int_equal(store_each_open_push(s, take_push, t), 0);
	assert_int_equal(t->count, 1);
	assert_push(&t->push[0], &x);
	t->count = 0;
	assert_int_equal(query_pushes(s, &all, take_push_row, t), 0);
	assert_int_equal(t->count, 2);
	assert_push(&t->push[0], &other);
	assert_push(&t->push[1], &x);
	t->count = 0;
	assert_int_equal(query_pushes(s, &port, take_push_row, t), 0);
	assert_int_equal(t->count, 1);
	assert_int_equal(query_pushes(s, &late, take_push_row, t), 0);
	assert_int_equal(t->count, 2);
	assert_int_equal(t->push[1].client_port, 1054);
	assert_int_equal(query_pushes(s, &later, take_push_row, t), 0);
	assert_int_equal(t->count, 2);
	assert_int_equal(query_pushes(s, &before, take_push_row, t), 0);
	assert_int_equal(t->count, 3);
	assert_int_equal(t->push[2].client_port, 1055);
	free(t);
	store_close(&s);
}

static void
registrations_and_clients_come_back(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	struct push_registration clear = registration_of("10.0.0.1", 1071, 100),
				 sealed = registration_of("10.0.0.1", 0, 200);
	struct push_client c = client_of("10.0.0.1", 1000);
	struct query_filter all = {.sensor = NULL};
	struct told *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	sealed.sealed = true;
	sealed.has_address = sealed.answered = false;
	memset(&sealed.address, 0, sizeof(sealed.address));
	sealed.context_len = 16;
	keep_others(s, &clear, &c);
	c.beats = 3;
	c.waits_ns = c.fed_ns = 0;
	c.bound_ns = 1001;
	keep_others(s, &sealed, &c);
	/* nothing was read of it, so nothing is kept */
	memset(sealed.context, 0, sizeof(sealed.context));
	clear.delivered = 8;
	clear.silent = false;
	clear.last_ns = 300;
	keep_others(s, &clear, &c);
	store_close(&s);
	s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	assert_int_equal(store_each_open_registration(s, take_registration, t), 0);
	assert_int_equal(t->count, 2);
	assert_registration(&t->registration[0], &sealed);
	assert_registration(&t->registration[1], &clear);
	t->count = 0;
	assert_int_equal(query_registrations(s, &all, take_registration_row, t), 0);
	assert_int_equal(t->count, 2);
	t->count = 0;
	assert_int_equal(store_each_push_client(s, take_client, t), 0);
	assert_int_equal(t->count, 1);
	assert_client(&t->client[0], &c);
	assert_int_equal(query_push_clients(s, &all, take_client_row, t), 0);
	assert_int_equal(t->count, 2);
	clear.final = true;
	keep_others(s, &clear, &c);
	t->count = 0;
	assert_int_equal(store_each_open_registration(s, take_registration, t), 0);
	assert_int_equal(t->count, 1);
	free(t);
	store_close(&s);
}

static void
realms_are_told_apart(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	struct push x = push_of("10.0.0.1", 1054, 100), y = push_of("10.0.0.1", 1054, 100);
	struct query_filter one = {.realm = "plant"};
	struct told *t = calloc(1, sizeof(*t));

	(void)state;
	assert_non_null(t);
	assert_int_equal(store_realm(s, 3, "sensor-1", "plant"), 0);
	y.realm = 3;
	y.count = 77;
	keep_push(s, &x);
	keep_push(s, &y);
	assert_int_equal(store_each_open_push(s, take_push, t), 0);
	assert_int_equal(t->count, 2);
	assert_push(&t->push[0], &x);
	assert_push(&t->push[1], &y);
	t->count = 0;
	assert_int_equal(query_pushes(s, &one, take_push_row, t), 0);
	assert_int_equal(t->count, 1);
	assert_int_equal(t->push[0].count, 77);
	assert_string_equal(t->names, "sensor-1/plant ");
	free(t);
	store_close(&s);
}

struct mailboxes {
	char text[TEXT];
};

static int
take_mailbox(void *ctx, const struct addr *server, uint8_t realm, uint16_t port,
    size_t client_count, const struct addr *clients)
{
	struct mailboxes *m = ctx;
	char a[ADDR_TEXT];
	size_t used = strlen(m->text);

	used += (size_t)snprintf(
	    m->text + used, TEXT - used, "%s:%u/%u", addr_format(server, a), port, realm);
	for (size_t i = 0; i < client_count; i++)
		used += (size_t)snprintf(
		    m->text + used, TEXT - used, " %s", addr_format(&clients[i], a));
	(void)snprintf(m->text + used, TEXT - used, "\n");
	return 0;
}

static void
mailbox_servers_are_those_that_live(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct mapping_key emsmdb = fixture_key("10.1.2.3", FIXTURE_EMSMDB),
			   nspi = fixture_key("10.1.2.4", FIXTURE_NSPI),
			   gone = fixture_key("10.1.2.5", FIXTURE_EMSMDB);
	struct mailboxes m = {""};

	emsmdb.major = gone.major = 0;
	fixture_keep_one(s, emsmdb, 1032, "", 100, 0);
	fixture_keep_one(s, nspi, 1033, "", 100, 0);
	fixture_keep_one(s, gone, 1034, "", 100, 200);
	emsmdb.protseq = PROTSEQ_HTTP;
	fixture_keep_one(s, emsmdb, 6001, "", 100, 0);
	store_close(&s);
	fixture_sql(path, "DELETE FROM episode_client; UPDATE episode SET clients = 2;"
			  "INSERT INTO episode_client SELECT row, '10.9.9.1' FROM episode;"
			  "INSERT INTO episode_client SELECT row, '10.9.9.2' FROM episode");
	s = fixture_open(path, STORE_WRITER);
	assert_int_equal(store_each_mailbox(s, take_mailbox, &m), 0);
	assert_string_equal(m.text, "10.1.2.3:1032/0 10.9.9.1 10.9.9.2\n");
	assert_int_equal(store_realm(s, 1, "sensor-1", "plant"), 0);
	emsmdb.protseq = PROTSEQ_TCP;
	emsmdb.realm = 1;
	fixture_keep_one(s, emsmdb, 1032, "", 100, 0);
	m.text[0] = '\0';
	assert_int_equal(store_each_mailbox(s, take_mailbox, &m), 0);
	assert_non_null(strstr(m.text, "10.1.2.3:1032/0 10.9.9.1 10.9.9.2\n10.1.2.3:1032/1"));
	store_close(&s);
	fixture_sql(path, "DELETE FROM episode_client; UPDATE episode SET clients = NULL,"
			  " first_seen = '[null,1,3,\"10.9.9.7\",5]'");
	s = fixture_open(path, STORE_WRITER);
	m.text[0] = '\0';
	assert_int_equal(store_each_mailbox(s, take_mailbox, &m), 0);
	assert_string_equal(m.text, "10.1.2.3:1032/0 10.9.9.7\n");
	store_close(&s);
}

/* By commits, and by those who prune; a clock that jumps ahead for less than an hour deletes nothing. */
static void
what_ended_goes_in_time(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	const struct upkeep_ages ages = {
	    .sessions = DAY_NS, .keys = 10000 * DAY_NS, .pushes = 30 * DAY_NS};
	struct push old = push_of("10.0.0.1", 1, 100 * DAY_NS),
		    open = push_of("10.0.0.2", 1, 100 * DAY_NS),
		    now = push_of("10.0.0.3", 1, 150 * DAY_NS);
	struct coverage covered = {.from_ns = 100 * DAY_NS, .to_ns = 195 * DAY_NS};
	struct upkeep_pruned gone;

	old.final = true;
	keep_push(s, &old);
	keep_push(s, &open);
	keep_push(s, &now);
	now.last_ns = 191 * DAY_NS;
	keep_push(s, &now);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM push"), 3);
	now.last_ns += HOUR_NS;
	keep_push(s, &now);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM push"), 2);
	now.final = open.final = true;
	open.last_ns = 160 * DAY_NS;
	keep_push(s, &now);
	keep_push(s, &open);
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_coverage(s, &covered), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(upkeep_prune(s, &ages, &gone), 0);
	assert_int_equal(gone.pushes, 1);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM push"), 1);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM server WHERE address = '10.1.2.3'"), 1);
	checks_intact(s);
	store_close(&s);
}

/* A run that commits once goes by what the one before left. */
static void
what_ended_goes_with_the_first_commit_of_a_run(void **state)
{
	struct push old = push_of("10.0.0.1", 1, 100 * DAY_NS),
		    open = push_of("10.0.0.2", 1, 100 * DAY_NS),
		    now = push_of("10.0.0.3", 1, 100 * DAY_NS);
	static const int64_t day[] = {100, 250, 251};
	static const int64_t left[] = {3, 3, 2};

	old.final = true;
	for (size_t i = 0; i < sizeof(day) / sizeof(day[0]); i++) {
		struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);

		if (i == 0) {
			keep_push(s, &old);
			keep_push(s, &open);
		}
		now.last_ns = day[i] * DAY_NS;
		keep_push(s, &now);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM push"), left[i]);
		assert_int_equal(fixture_number(s, "SELECT count(*) FROM push WHERE final"), i < 2);
		store_close(&s);
	}
}

/* The newest of them, and of these the oldest first. */
static void
what_a_run_begins_with_comes_by_age(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct push x = push_of("10.0.0.1", 1, 100), y = push_of("10.0.0.2", 1, 90);
	struct push_registration r = registration_of("10.0.0.1", 1, 100),
				 q = registration_of("10.0.0.2", 1, 90);
	struct push_client c = client_of("10.0.0.1", 100);
	struct push_client *client = calloc(MANY, sizeof(*client));
	struct told *t = calloc(1, sizeof(*t));
	struct clients clients = {.client = client};

	assert_non_null(t);
	assert_non_null(client);
	y.last_ns = q.last_ns = 500;
	keep_push(s, &y);
	keep_push(s, &x);
	keep_others(s, &q, &c);
	keep_others(s, &r, &c);
	assert_int_equal(store_each_open_push(s, take_push, t), 0);
	assert_int_equal(t->push[0].client_port + t->push[1].client_port, 2);
	assert_int_equal(t->push[1].last_ns, 500);
	t->count = 0;
	assert_int_equal(store_each_open_registration(s, take_registration, t), 0);
	assert_int_equal(t->registration[1].last_ns, 500);
	store_close(&s);
	fixture_sql(path, "WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n"
			  " WHERE value < 32770) INSERT INTO push_client (server, client, beats,"
			  " bound_ns, sealed_len, starved_clear) SELECT server, '11.' || (value >> 16)"
			  " || '.' || (value >> 8 & 255) || '.' || (value & 255), 0,"
			  " 1000000 - value, 0, 0 FROM push_client CROSS JOIN n");
	s = fixture_open(path, STORE_WRITER);
	assert_int_equal(store_each_push_client(s, take_one_of_many, &clients), 0);
	assert_int_equal(clients.count, MANY - 1);
	assert_int_equal(client[0].bound_ns, 1000000 - (MANY - 1));
	assert_int_equal(client[MANY - 2].bound_ns, 1000000 - 1);
	for (size_t i = 1; i < clients.count; i++)
		assert_true(client[i - 1].bound_ns < client[i].bound_ns);
	free(client);
	free(t);
	store_close(&s);
}

/* Attempts are no proof of a server, and to ask the mapper is no use of a mailbox. */
static void
mailbox_clients_are_those_that_use_it(void **state)
{
	static const struct {
		const char *counts, *said;
	} cases[] = {
	    {"announced = 0, used = 0, attempted = 3", ""},
	    {"announced = 3, used = 0, attempted = 0", "10.1.2.3:1032/0\n"},
	    {"announced = 0, used = 1, attempted = 0", "10.1.2.3:1032/0 10.9.9.7\n"},
	};
	const char *path = fixture_path(state, "s.db");
	struct mapping_key emsmdb = fixture_key("10.1.2.3", FIXTURE_EMSMDB);
	struct store *s = fixture_open(path, STORE_WRITER);

	emsmdb.major = 0;
	fixture_keep_one(s, emsmdb, 1032, "", 100, 0);
	store_close(&s);
	for (int known = 0; known < 2; known++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct mailboxes m = {""};
			char sql[TEXT];

			(void)snprintf(sql, sizeof(sql),
			    "DELETE FROM episode_client; UPDATE episode SET %s, clients = %d,"
			    " first_seen = '[null,1,3,\"10.9.9.7\",5]';"
			    "INSERT INTO episode_client SELECT row, '10.9.9.7' FROM episode WHERE %d",
			    cases[i].counts, known + 1, known);
			fixture_sql(path, sql);
			s = fixture_open(path, STORE_WRITER);
			assert_int_equal(store_each_mailbox(s, take_mailbox, &m), 0);
			assert_string_equal(m.text, cases[i].said);
			store_close(&s);
		}
	}
}

static void
there_are_no_more_than_there_may_be(void **state)
{
	const char *path = fixture_path(state, "s.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct push x = push_of("10.0.0.1", 1, 100 * DAY_NS);

	keep_push(s, &x);
	store_close(&s);
	fixture_sql(path,
	    "WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n"
	    " WHERE value < 200005) INSERT INTO push SELECT NULL, server, '10.3.0.1', client_port, "
	    "server_port,"
	    " last_port, registered, 0, alternative, context, payload_len, count, refused,"
	    " first_ns + value, last_ns + value, closed_ns, repeat_ns, stretch, marks, evidence_ns,"
	    " evidence FROM push CROSS JOIN n"
	    " WHERE client = '10.0.0.1'");
	s = fixture_open(path, STORE_WRITER);
	x.last_ns += HOUR_NS;
	keep_push(s, &x);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM push"), STORE_PUSHES);
	assert_int_equal(
	    fixture_number(s, "SELECT count(*) FROM push WHERE client = '10.0.0.1'"), 1);
	assert_int_equal(
	    fixture_number(s, "SELECT min(first_ns) FROM push WHERE client <> '10.0.0.1'"),
	    x.first_ns + 7);
	store_close(&s);
}

static void
add_line(void *ctx, const char *text)
{
	char *lines = ctx;

	(void)snprintf(lines + strlen(lines), TEXT - strlen(lines), "%s\n", text);
}

static void
what_makes_no_sense_is_told(void **state)
{
	static const struct {
		const char *sql, *want;
	} broken[] = {
	    {"UPDATE push SET last_ns = first_ns - 1", "1 pushes end before they begin"},
	    {"UPDATE push SET refused = count + 1", "1 pushes make no sense"},
	    {"UPDATE push SET server = 77", "rows of push refer to a server that is not there"},
	    {"UPDATE push_registration SET last_ns = 0", "1 registrations end before"},
	    {"UPDATE push_registration SET context_len = 3", "1 registrations make no sense"},
	    {"UPDATE push_client SET server = 77", "rows of push_client refer to"},
	};
	const struct push x = push_of("10.0.0.1", 1, 100);
	const struct push_registration r = registration_of("10.0.0.1", 1, 100);
	const struct push_client c = client_of("10.0.0.1", 100);

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char name[16], lines[TEXT] = "";
		const char *path;
		struct store *s;

		(void)snprintf(name, sizeof(name), "%zu.db", i);
		path = fixture_path(state, name);
		s = fixture_open(path, STORE_WRITER);
		keep_push(s, &x);
		keep_others(s, &r, &c);
		assert_int_equal(upkeep_check(s, add_line, lines), 0);
		assert_string_equal(lines, "");
		store_close(&s);
		fixture_sql(path, broken[i].sql);
		s = fixture_open(path, STORE_READER);
		assert_int_equal(upkeep_check(s, add_line, lines), 0);
		if (strstr(lines, broken[i].want) == NULL)
			fail_msg("%s: told `%s'", broken[i].sql, lines);
		store_close(&s);
	}
}

/* Rows that someone else wrote are refused, not believed. */
static void
a_broken_row_is_an_error(void **state)
{
	static const char *const broken[] = {"UPDATE push SET client = 'nobody'",
	    "UPDATE push SET context = zeroblob(65)", "UPDATE push SET client_port = 70000",
	    "UPDATE push SET evidence = '[1'"};
	const struct push x = push_of("10.0.0.1", 1, 100);
	struct query_filter all = {.sensor = NULL};
	struct told *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const char *path;
		char name[16];
		struct store *s;

		(void)snprintf(name, sizeof(name), "%zu.db", i);
		path = fixture_path(state, name);
		s = fixture_open(path, STORE_WRITER);
		keep_push(s, &x);
		store_close(&s);
		fixture_sql(path, broken[i]);
		s = fixture_open(path, STORE_READER);
		assert_int_equal(query_pushes(s, &all, take_push_row, t), ERR_STORE);
		assert_int_equal(store_each_open_push(s, take_push, t), ERR_STORE);
		store_close(&s);
	}
	assert_int_equal(t->count, 0);
	free(t);
}

/* Of two stores of one sensor, what saw more of a flow; of two sensors, both. */
static void
merging_is_doing_it_once(void **state)
{
	const char *path = fixture_path(state, "a.db"), *other = fixture_path(state, "b.db");
	struct store *s = fixture_open(path, STORE_WRITER);
	struct push x = push_of("10.0.0.1", 1, 100), longer = push_of("10.0.0.1", 1, 100);
	struct push_registration r = registration_of("10.0.0.1", 1, 100);
	struct push_client c = client_of("10.0.0.1", 100);
	struct upkeep_merged merged;
	struct query_filter all = {.sensor = NULL};
	struct told *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	keep_push(s, &x);
	store_close(&s);
	s = fixture_open(other, STORE_WRITER);
	longer.count = 5;
	longer.last_ns = 900;
	longer.final = true;
	keep_push(s, &longer);
	keep_others(s, &r, &c);
	assert_int_equal(store_realm(s, 1, "another", "default"), 0);
	longer.realm = 1;
	keep_push(s, &longer);
	store_close(&s);
	s = fixture_open(path, STORE_WRITER);
	for (int i = 0; i < 2; i++)
		assert_int_equal(upkeep_merge(s, other, 0, &merged), 0);
	store_close(&s);
	s = fixture_open(path, STORE_READER);
	assert_int_equal(query_pushes(s, &all, take_push_row, t), 0);
	assert_int_equal(t->count, 2);
	longer.realm = 0;
	assert_push(&t->push[0], &longer);
	assert_string_equal(t->names, "another/default sensor-1/default ");
	assert_push(&t->push[1], &longer);
	t->count = 0;
	assert_int_equal(query_registrations(s, &all, take_registration_row, t), 0);
	assert_int_equal(t->count, 1);
	assert_registration(&t->registration[0], &r);
	t->count = 0;
	assert_int_equal(query_push_clients(s, &all, take_client_row, t), 0);
	assert_int_equal(t->count, 1);
	assert_client(&t->client[0], &c);
	free(t);
	store_close(&s);
}

static int
count_rows(void *ctx, const char *table, const struct upkeep_value *value, size_t count)
{
	size_t *rows = ctx;

	(void)value;
	assert_true(count > 0);
	*rows += strncmp(table, "push", 4) == 0;
	return 0;
}

static void
all_of_it_is_exported(void **state)
{
	struct store *s = fixture_open(fixture_path(state, "s.db"), STORE_WRITER);
	const struct push x = push_of("10.0.0.1", 1, 100);
	const struct push_registration r = registration_of("10.0.0.1", 1, 100);
	const struct push_client c = client_of("10.0.0.1", 100);
	size_t rows = 0;

	keep_push(s, &x);
	keep_others(s, &r, &c);
	store_close(&s);
	s = fixture_open(fixture_path(state, "s.db"), STORE_READER);
	assert_int_equal(upkeep_export(s, count_rows, &rows), 0);
	assert_int_equal(rows, 3);
	store_close(&s);
}

/* Its rows go with it, and keeping them again brings back what they refer to. */
static void
a_rollback_takes_them_away(void **state)
{
	struct store *s = fixture_open(NULL, STORE_MEMORY);
	const struct push x = push_of("10.0.0.1", 1, 100);

	(void)state;
	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_keep_push(s, &x), 0);
	store_rollback(s);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM push"), 0);
	keep_push(s, &x);
	assert_int_equal(fixture_number(s, "SELECT count(*) FROM push"), 1);
	checks_intact(s);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_TEST(a_push_comes_back_in_its_latest_state),
	    FIXTURE_TEST(registrations_and_clients_come_back),
	    FIXTURE_TEST(realms_are_told_apart),
	    FIXTURE_TEST(mailbox_servers_are_those_that_live),
	    FIXTURE_TEST(what_ended_goes_in_time),
	    FIXTURE_TEST(what_ended_goes_with_the_first_commit_of_a_run),
	    FIXTURE_TEST(what_a_run_begins_with_comes_by_age),
	    FIXTURE_TEST(mailbox_clients_are_those_that_use_it),
	    FIXTURE_TEST(there_are_no_more_than_there_may_be),
	    FIXTURE_TEST(what_makes_no_sense_is_told),
	    FIXTURE_TEST(a_broken_row_is_an_error),
	    FIXTURE_TEST(merging_is_doing_it_once),
	    FIXTURE_TEST(all_of_it_is_exported),
	    FIXTURE_TEST(a_rollback_takes_them_away),
	};

	return cmocka_run_group_tests_name("store_pushes", tests, NULL, NULL);
}
