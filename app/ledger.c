/* ledger.c - opened from the store on, closed the other way round. */
#include "app/ledger.h"

#include <inttypes.h>
#include <stddef.h>

#include "app/journal.h"
#include "app/memory.h"
#include "app/realm_rules.h"
#include "app/secret.h"
#include "app/sessions.h"
#include "base/err.h"
#include "base/log.h"
#include "dissect/dissector.h"
#include "dissect/hints.h"
#include "store/query.h"
#include "store/store.h"
#include "track/policy.h"

static int
load_mapping(void *store, const struct mapping_key *key, struct mapping **out)
{
	return store_load_mapping(store, key, out);
}

/* The store hands one pointer through to whoever asks. */
struct asking {
	void *to;
	union {
		int (*alert)(void *to, const struct alert *alert);
		int (*due)(void *to, const struct mapping_key *key, int64_t due_ns);
		int (*key)(void *to, const struct mapping_key *key);
	} each;
};

static int
give_alert(void *asking, const struct alert *alert)
{
	const struct asking *a = asking;

	return a->each.alert(a->to, alert);
}

static int
load_alerts(void *store, const struct mapping_key *key, void *to,
    int (*each)(void *to, const struct alert *alert))
{
	struct asking a = {.to = to, .each.alert = each};

	return store_load_alerts(store, key, give_alert, &a);
}

static int
give_due(void *asking, const struct mapping_key *key, int64_t due_ns)
{
	const struct asking *a = asking;

	return a->each.due(a->to, key, due_ns);
}

static int
load_due(void *store, int64_t until_ns, void *to,
    int (*each)(void *to, const struct mapping_key *key, int64_t due_ns))
{
	struct asking a = {.to = to, .each.due = each};

	return store_each_due(store, until_ns, give_due, &a);
}

static int
give_key(void *asking, const struct mapping_key *key)
{
	const struct asking *a = asking;

	return a->each.key(a->to, key);
}

static int
load_keys(void *store, const struct addr *server, uint8_t realm, void *to,
    int (*each)(void *to, const struct mapping_key *key))
{
	struct asking a = {.to = to, .each.key = each};

	return store_each_key(store, server, realm, give_key, &a);
}

static int
load_seen(void *store, const struct addr *server, uint8_t realm, int64_t *out)
{
	return store_seen(store, server, realm, out);
}

static int
load_state(void *store, const char *name, uint8_t **data, size_t *len)
{
	return store_load_state(store, name, data, len);
}

static int
load_server(void *store, const struct addr *server, uint8_t realm, struct server_facts **out)
{
	return store_load_server(store, server, realm, out);
}

/* What is known of before. */
static void
learn_endpoint(void *ledger, const struct addr *server, uint16_t port)
{
	struct ledger *l = ledger;

	if (hints_count(l->hints) < l->order->memory->hints_most)
		hints_learn(l->hints, server, port);
}

static int
name_realms(struct store *store, const struct ledger_order *o)
{
	size_t others = o->realms != NULL ? o->realms->count : 0;
	int err = 0;

	for (size_t i = 0; i <= others && err == 0; i++) {
		uint8_t realm = (uint8_t)i;

		err = store_realm(
		    store, realm, o->sensor, realm_rules_name(o->realms, o->realm, realm));
	}
	return err;
}

static int
sign_store(struct ledger *l)
{
	const struct ledger_order *o = l->order;
	int err = store_begin(l->store);

	if (err == 0)
		err = name_realms(l->store, o);
	if (err == 0)
		err = store_keep_policy(l->store, o->policy->name, o->policy->text);
	return err != 0 ? err : store_commit(l->store);
}

static int
open_store(struct ledger *l)
{
	const char *path = l->order->store;
	int err = store_open(&l->store, path, path == NULL ? STORE_MEMORY : STORE_WRITER);

	if (err == 0)
		err = store_memory(l->store, l->order->memory->store);
	if (err == 0)
		err = sign_store(l);
	if (err == 0)
		err = store_each_endpoint(l->store, learn_endpoint, l);
	if (err != 0)
		log_error("%s", l->store != NULL && store_error(l->store)[0] != '\0'
				    ? store_error(l->store)
				    : err_text(err));
	return err;
}

static void
name_tracked(struct track *track, const struct ledger_order *o)
{
	size_t others = o->realms != NULL ? o->realms->count : 0;

	for (size_t i = 0; i <= others; i++) {
		uint8_t realm = (uint8_t)i;

		track_name_realm(track, realm, realm_rules_name(o->realms, o->realm, realm));
	}
}

/* Where rows of what was accepted go. */
struct accepted_to {
	const struct mapping_key *key;
	void *to;
	int (*each)(void *to, const struct accepted *one);
};

/* A row has its realm by name; it is the one that was asked for. */
static int
give_accepted(void *ctx, const struct query_accepted *row)
{
	const struct accepted_to *to = ctx;
	struct accepted one = row->accepted;

	one.key.realm = to->key->realm;
	return mapping_key_compare(&one.key, to->key) == 0 ? to->each(to->to, &one) : 0;
}

static int
load_accepted(void *ledger, const struct mapping_key *key, void *to,
    int (*each)(void *to, const struct accepted *one))
{
	const struct ledger *l = ledger;
	struct accepted_to accepted = {key, to, each};
	struct query_filter f = {.sensor = l->order->sensor,
	    .realm = realm_rules_name(l->order->realms, l->order->realm, key->realm),
	    .has_server = true,
	    .has_uuid = true,
	    .server = key->server,
	    .uuid = key->uuid};

	return query_accepted(l->store, &f, give_accepted, &accepted);
}

static int
open_parts(struct ledger *l)
{
	const struct ledger_order *o = l->order;
	struct track_limits limits = o->memory->track;
	int err;

	limits.secret = secret_make();
	err = track_new(&l->track, &limits, o->policy, &l->loader);
	if (err == 0)
		name_tracked(l->track, o);
	if (err == 0)
		track_baseline(l->track, load_accepted, l);
	if (err == 0)
		err = sessions_new(&l->sessions, secret_make());
	if (err == 0 && o->live)
		err = journal_new(&l->journal, o->memory->journal);
	if (err == 0 && o->events != NULL)
		err = events_new(&l->events, o->events, &l->run);
	if (err != 0)
		log_error("%s", err_text(err));
	return err;
}

int
ledger_open(struct ledger *l, const struct ledger_order *order)
{
	*l = (struct ledger){.order = order};
	int err = hints_new(&l->hints);

	if (err == 0)
		hints_keep_secret(l->hints, secret_make());
	if (err != 0)
		log_error("%s", err_text(err));
	if (err == 0)
		err = open_store(l);
	l->loader = (struct track_loader){.mapping = load_mapping,
	    .ctx = l->store,
	    .server = load_server,
	    .alerts = load_alerts,
	    .due = load_due,
	    .state = load_state,
	    .keys = load_keys,
	    .seen = load_seen};
	l->run = (struct events_run){.sensor = order->sensor,
	    .realm = order->realm,
	    .realms = order->realms,
	    .output = order->events_name,
	    .types = order->event_types,
	    .live = order->live};
	if (err == 0)
		err = open_parts(l);
	l->consumer = (struct consumer){.store = l->store,
	    .track = l->track,
	    .hints = l->hints,
	    .events = l->events,
	    .journal = l->journal,
	    .sessions = l->sessions,
	    .hints_most = order->memory->hints_most};
	return err;
}

const struct realms *
ledger_realms(const struct ledger_order *order)
{
	return order->realms != NULL ? &order->realms->map : NULL;
}

void
ledger_name_sources(struct ledger *l, const char *(*name)(void *ctx, uint32_t index), void *ctx)
{
	l->run.source = name;
	l->run.ctx = ctx;
}

void
ledger_close(struct ledger *l)
{
	events_free(&l->events);
	journal_free(&l->journal);
	sessions_free(&l->sessions);
	track_free(&l->track);
	store_close(&l->store);
	hints_free(&l->hints);
}

/* Anonymous resident bytes; 0 where the system does not tell. */
static uint64_t
anonymous_bytes(void)
{
	char line[128];
	uint64_t kib = 0;
	FILE *in = fopen("/proc/self/status", "re");

	if (in == NULL)
		return 0;
	while (fgets(line, sizeof(line), in) != NULL)
		if (sscanf(line, "RssAnon: %" SCNu64, &kib) == 1)
			break;
	fclose(in);
	return kib * 1024;
}

void
ledger_totals(struct ledger *l, struct events_totals *t)
{
	const struct consumer *c = &l->consumer;
	struct query_summary summary;

	if (query_summary(l->store, &summary) != 0)
		summary.endpoints = 0;
	t->dropped_cap +=
	    track_stats(l->track)->capped + hints_refused(l->hints) + c->hints_refused;
	t->memory_used = anonymous_bytes();
	t->memory = l->order->memory;
	t->commits = c->commits;
	t->episodes = summary.endpoints;
	if (l->journal != NULL)
		t->queue = journal_count(l->journal);
	t->store_failures = c->failures;
	t->store_lost = c->lost;
	t->unfolded = c->unfolded;
}

static void
add_front(struct events_totals *t, const struct dissect_stats *stats)
{
	const struct fragment_stats *f = &stats->fragments;

	t->fragments += f->seen;
	t->reassembled += f->whole;
	t->refused += f->overlaps + f->malformed + f->cut;
	t->incomplete += f->expired;
	t->dropped_cap += f->evicted;
	t->duplicates += stats->duplicates;
	t->too_deep += stats->too_deep;
	t->sealed_frames += stats->sealed_frames;
}

void
ledger_add_dissected(struct events_totals *t, const struct dissect_stats *stats)
{
	add_front(t, stats);
	t->dropped_decode += stats->malformed_packets;
	t->dropped_cap += stats->capped;
	t->streams += stats->tcp.streams;
	t->gaps += stats->tcp.gaps;
	t->out_of_order += stats->tcp.out_of_order;
	t->evicted += stats->tcp.evicted;
	t->overlaps += stats->tcp.overlaps;
	t->pdus += stats->rpc.pdus;
	t->malformed += stats->rpc.malformed;
	t->sealed += stats->rpc.sealed;
	t->unanswered += stats->rpc.unanswered;
}
