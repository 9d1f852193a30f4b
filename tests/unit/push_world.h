/* push_world.h - a tracker that is told of mailboxes and small datagrams, and what it says to that as text. Each story is told twice: as it comes,
 * and with a restart of the tracker after each observation. Times are milliseconds. */
#ifndef EPMWATCH_TESTS_PUSH_WORLD_H
#define EPMWATCH_TESTS_PUSH_WORLD_H

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "track/clock.h"
#include "track/policy.h"
#include "tests/unit/track_feed.h"
#include "tests/unit/track_shelf.h"

#define EMSMDB feed_iface("a4f1db00-ca47-1067-b31f-00dd010662da", 0)

enum {
	WORLD_TEXT = 16384,
	WORLD_ROWS = 256,
	SERVER = 1,
	STORE = 56001, /* EMSMDB's port */
	MS = 1,
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	HOUR = 60 * MINUTE,
	EPOCH_S = 86400 * 365, /* of the stories */
};

/* Rows as a store has them. */
struct push_rows {
	size_t pushes, registrations, clients;
	struct push push[WORLD_ROWS];
	struct push_registration registration[WORLD_ROWS];
	struct push_client client[WORLD_ROWS];
};

/* The shelf of other tests, and what it has not. */
struct world_shelf {
	struct shelf shelf;
	struct push_rows rows;
};

struct world {
	bool restarts;
	struct shelf *shelf; /* the first member of a struct world_shelf */
	struct push_rows *rows;
	struct track_loader loader;
	struct policy policy;
	struct policy_newmail newmail;
	struct policy_network network;
	struct port_range range;
	struct track *track;
	struct feed feed;
	unsigned server; /* that things happen to */
	uint16_t assoc;  /* the client's port of the association */
	bool v6;         /* clients' addresses are */
	uint16_t sport;  /* of the server's datagrams */
	unsigned from;   /* server that datagrams come from; 0: ${server} */
	char text[WORLD_TEXT];
	size_t len;
};

static inline int64_t
world_ns(int64_t ms)
{
	return EPOCH_S * NS_PER_S + ms * INT64_C(1000000);
}

static inline struct addr
world_client(const struct world *w, unsigned n)
{
	uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)n};

	return w->v6 ? addr_from_v6(six) : feed_addr(n);
}

static inline int
world_keep_push(void *world, const struct push *x)
{
	struct push_rows *rows = ((struct world *)world)->rows;
	size_t i = 0;

	while (i < rows->pushes && (rows->push[i].first_ns != x->first_ns ||
				       rows->push[i].client_port != x->client_port ||
				       !addr_equal(&rows->push[i].client, &x->client) ||
				       !addr_equal(&rows->push[i].server, &x->server)))
		i++;
	assert_true(i < WORLD_ROWS);
	rows->pushes += i == rows->pushes;
	rows->push[i] = *x;
	rows->push[i].dirty = false;
	return 0;
}

static inline int
world_keep_registration(void *world, const struct push_registration *x)
{
	struct push_rows *rows = ((struct world *)world)->rows;
	size_t i = 0;

	while (i < rows->registrations &&
	       (rows->registration[i].first_ns != x->first_ns ||
		   rows->registration[i].port != x->port ||
		   rows->registration[i].client_port != x->client_port ||
		   memcmp(rows->registration[i].context, x->context, PUSH_CONTEXT_MAX) != 0 ||
		   !addr_equal(&rows->registration[i].client, &x->client)))
		i++;
	assert_true(i < WORLD_ROWS);
	rows->registrations += i == rows->registrations;
	rows->registration[i] = *x;
	rows->registration[i].dirty = false;
	return 0;
}

static inline int
world_keep_client(void *world, const struct push_client *x)
{
	struct push_rows *rows = ((struct world *)world)->rows;
	size_t i = 0;

	while (i < rows->clients && (!addr_equal(&rows->client[i].client, &x->client) ||
					!addr_equal(&rows->client[i].server, &x->server)))
		i++;
	assert_true(i < WORLD_ROWS);
	rows->clients += i == rows->clients;
	rows->client[i] = *x;
	rows->client[i].dirty = false;
	return 0;
}

static inline int
world_pushes(void *shelf, void *to, int (*each)(void *to, const struct push *x))
{
	const struct push_rows *rows = &((struct world_shelf *)shelf)->rows;
	int r = 0;

	for (size_t i = 0; i < rows->pushes && r == 0; i++)
		r = rows->push[i].final ? 0 : each(to, &rows->push[i]);
	return r;
}

static inline int
world_registrations(void *shelf, void *to, int (*each)(void *to, const struct push_registration *x))
{
	const struct push_rows *rows = &((struct world_shelf *)shelf)->rows;
	int r = 0;

	for (size_t i = 0; i < rows->registrations && r == 0; i++)
		r = rows->registration[i].final ? 0 : each(to, &rows->registration[i]);
	return r;
}

static inline int
world_clients(void *shelf, void *to, int (*each)(void *to, const struct push_client *x))
{
	const struct push_rows *rows = &((struct world_shelf *)shelf)->rows;
	int r = 0;

	for (size_t i = 0; i < rows->clients && r == 0; i++)
		r = each(to, &rows->client[i]);
	return r;
}

static inline struct world *
world_begin(bool restarts)
{
	struct world *w = calloc(1, sizeof(*w));
	struct world_shelf *shelf = calloc(1, sizeof(*shelf));

	assert_non_null(w);
	assert_non_null(shelf);
	w->shelf = &shelf->shelf;
	w->rows = &shelf->rows;
	w->restarts = restarts;
	w->server = SERVER;
	w->assoc = 1153;
	w->sport = 2571;
	w->policy = *policy_builtin("windows-default");
	w->loader = shelf_loader(w->shelf);
	w->loader.pushes = world_pushes;
	w->loader.registrations = world_registrations;
	w->loader.push_clients = world_clients;
	assert_int_equal(track_new(&w->track, NULL, &w->policy, &w->loader), 0);
	return w;
}

static inline void
world_end(struct world *w)
{
	track_free(&w->track);
	shelf_free(w->shelf);
	free(w);
}

#define SAY(w, ...)                                                                                \
	((w)->len += (size_t)snprintf((w)->text + (w)->len, WORLD_TEXT - (w)->len, __VA_ARGS__))

static inline void
world_hear(struct world *w, const struct track_output *out)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < out->registration_count; i++) {
		const struct push_registration *x = &out->registration[i];

		SAY(w, "registration %s %s%s %u", x->final ? "final" : "open",
		    x->sealed ? "sealed " : "", addr_format(&x->client, text), (unsigned)x->port);
		SAY(w, x->final ? " delivered %u\n" : "\n", (unsigned)x->delivered);
		if (x->final)
			(void)world_keep_registration(w, x);
	}
	for (size_t i = 0; i < out->push_count; i++) {
		const struct push *x = &out->push[i];

		SAY(w, "push %s %s:%u %s count %u at %u", x->final ? "final" : "open",
		    addr_format(&x->client, text), (unsigned)x->client_port,
		    x->registered ? "registered" : "inferred", (unsigned)x->count,
		    (unsigned)((x->first_ns - world_ns(0)) / 1000000));
		SAY(w, x->refused > 0 ? " refused %u\n" : "\n", (unsigned)x->refused);
		if (x->final)
			(void)world_keep_push(w, x);
	}
	for (size_t i = 0; i < out->alert_count; i++) {
		const struct alert *a = &out->alert[i];

		shelf_keep_alert(w->shelf, a);
		if (strcmp(a->rule, "EPM-009") == 0 || strcmp(a->rule, "EPM-011") == 0)
			SAY(w, "%s %s %s %s: %s\n", a->rule, a->about, alert_state_name(a->state),
			    severity_name(a->severity), a->observed);
	}
}

static inline void
world_commit(struct world *w)
{
	struct push_keeper keeper = {
	    world_keep_push, world_keep_registration, world_keep_client, w};

	assert_int_equal(track_flush(w->track, shelf_keep_mapping, w->shelf), 0);
	assert_int_equal(track_flush_servers(w->track, shelf_keep_server, w->shelf), 0);
	assert_int_equal(track_flush_coverage(w->track, shelf_keep_coverage, w->shelf), 0);
	assert_int_equal(track_flush_pushes(w->track, &keeper), 0);
	assert_int_equal(track_flush_state(w->track, shelf_keep_state, w->shelf), 0);
	track_committed(w->track);
}

static inline void
world_restart(struct world *w)
{
	world_commit(w);
	track_free(&w->track);
	assert_int_equal(track_new(&w->track, NULL, &w->policy, &w->loader), 0);
}

/* Packets come all the time: one each half of an hour at least. */
static inline void
world_pass(struct world *w, int64_t ms)
{
	struct track_output out;
	int64_t now = track_clock(w->track)->started ? track_clock(w->track)->now_ns : world_ns(0);
	bool more = true;

	for (now += 1800 * NS_PER_S; now < world_ns(ms); now += 1800 * NS_PER_S)
		track_walk(w->track, now);
	track_walk(w->track, world_ns(ms));
	while (more) {
		assert_int_equal(track_settle(w->track, world_ns(ms), &out, &more), 0);
		world_hear(w, &out);
	}
}

static inline void
world_observe(struct world *w)
{
	struct track_output out;

	assert_int_equal(track_observe(w->track, &w->feed.obs, &out), 0);
	world_hear(w, &out);
	if (w->restarts)
		world_restart(w);
}

static inline struct obs *
world_obs(struct world *w, int64_t ms, enum obs_kind kind, unsigned client)
{
	struct obs *o = &w->feed.obs;

	world_pass(w, ms);
	feed_begin(&w->feed, kind, 0, w->server, client);
	o->client = world_client(w, client);
	o->at.ts_ns = world_ns(ms);
	o->at.frame = (uint64_t)ms + 1;
	o->at.proto = IPPROTO_TCP;
	o->server_port = STORE;
	o->client_port = w->assoc;
	return o;
}

/* The client binds EMSMDB, and is accepted. */
static inline void
world_bind(struct world *w, int64_t ms, unsigned client)
{
	struct obs *o = world_obs(w, ms, OBS_BIND, client);

	w->feed.context[0] = (struct obs_context){.iface = EMSMDB, .result = CONTEXT_ACCEPTANCE};
	o->bind = (struct obs_bind){.outcome = BIND_ACKNOWLEDGED,
	    .context = w->feed.context,
	    .context_count = 1,
	    .answered_ns = o->at.ts_ns};
	world_observe(w);
}

/* The mapper says where EMSMDB is. */
static inline void
world_announce(struct world *w, int64_t ms, uint16_t port)
{
	struct obs *o = world_obs(w, ms, OBS_EPM, 99);

	o->server_port = 135;
	w->feed.tower[0] =
	    (struct obs_tower){.iface = EMSMDB, .protseq = PROTSEQ_TCP, .port = port};
	o->epm = (struct obs_epm){.operation = EPM_MAP,
	    .question = {.seen = true,
		.names_interface = true,
		.iface = EMSMDB,
		.protseq = PROTSEQ_TCP,
		.max_towers = 4},
	    .tower = w->feed.tower,
	    .tower_count = 1};
	world_observe(w);
}

static inline void
world_mailbox(struct world *w, int64_t ms, unsigned client, enum mailbox_how how)
{
	struct obs *o = world_obs(w, ms, OBS_MAILBOX, client);

	o->mailbox.how = how;
	world_observe(w);
}

static inline void
world_activity(struct world *w, int64_t ms, unsigned client, bool known, int64_t quiet_ms)
{
	struct obs *o = world_obs(w, ms, OBS_ACTIVITY, client);

	o->activity = (struct obs_activity){
	    .known = known, .opnum = 2, .quiet_ns = quiet_ms * INT64_C(1000000)};
	world_observe(w);
}

static inline void
world_register_with(struct world *w, int64_t ms, unsigned client, unsigned address, uint16_t port,
    const void *context, size_t len, uint32_t status)
{
	struct obs *o = world_obs(w, ms, OBS_REGISTRATION, client);
	struct obs_registration *r = &o->registration;

	*r = (struct obs_registration){.answered = true,
	    .has_address = true,
	    .address = world_client(w, address),
	    .port = port,
	    .family = 2,
	    .context_len = len,
	    .status = status};
	memcpy(r->context, context, len);
	world_observe(w);
}

static inline void
world_register(struct world *w, int64_t ms, unsigned client, uint16_t port, const char *context)
{
	world_register_with(w, ms, client, client, port, context, strlen(context), 0);
}

static inline void
world_register_sealed(struct world *w, int64_t ms, unsigned client, size_t len)
{
	struct obs *o = world_obs(w, ms, OBS_REGISTRATION, client);

	o->registration =
	    (struct obs_registration){.sealed = true, .answered = true, .context_len = len};
	world_observe(w);
}

static inline void
world_datagram_with(struct world *w, int64_t ms, unsigned client, uint16_t port,
    const void *payload, size_t len, enum datagram_how how)
{
	struct obs *o = world_obs(w, ms, OBS_DATAGRAM, client);

	if (w->from != 0)
		o->server = feed_addr(w->from);
	o->transport = TRANSPORT_UDP;
	o->at.proto = IPPROTO_UDP;
	o->server_port = w->sport;
	o->client_port = port;
	o->datagram.how = how;
	o->datagram.payload_len = len;
	if (len > 0)
		memcpy(o->datagram.payload, payload, len);
	world_observe(w);
}

/* \x01 and the like: no text. */
#define P8 "\x01\x27\x3b\x02\x80\xe0\xfd\x7f"
#define Q8 "\x91\x28\x3c\x03\x90\xe1\xfe\x6f"

static inline void
world_datagram(struct world *w, int64_t ms, unsigned client, uint16_t port, const char *payload)
{
	world_datagram_with(w, ms, client, port, payload, strlen(payload), DATAGRAM_SENT);
}

/* New-mail datagrams may go to the ports 2000 to 2999 of 10.0.0.0/24. */
static inline void
world_newmail(struct world *w)
{
	w->range = (struct port_range){.low = 2000, .high = 2999};
	w->network = (struct policy_network){.base = feed_addr(0), .bits = 96 + 24};
	w->newmail = (struct policy_newmail){.servers = {.any = true},
	    .clients = {.count = 1, .network = &w->network},
	    .ports = {.count = 1, .range = &w->range}};
	w->policy.newmail = &w->newmail;
	w->policy.newmail_count = 1;
}

/* Tell ${story} both ways: it comes to ${said}. */
static inline void
world_tells(void (*story)(struct world *w), const char *said)
{
	for (int restarts = 0; restarts < 2; restarts++) {
		struct world *w = world_begin(restarts != 0);

		story(w);
		assert_string_equal(w->text, said);
		world_end(w);
	}
}

#endif
