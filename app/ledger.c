/* ledger.c - opened from the store on, closed the other way round. */
#include "app/ledger.h"

#include <inttypes.h>
#include <stddef.h>

#include "app/journal.h"
#include "app/memory.h"
#include "app/realm_rules.h"
#include "app/secret.h"
#include "app/sessions.h"
#include "app/tallies.h"
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
load_due(void *store, int64_t from_ns, void *to,
    int (*each)(void *to, const struct mapping_key *key, int64_t due_ns))
{
	struct asking a = {.to = to, .each.due = each};

	return store_each_due(store, from_ns, give_due, &a);
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

/* The same of new-mail notifications. */
struct asking_pushes {
	void *to;
	union {
		int (*push)(void *to, const struct push *push);
		int (*registration)(void *to, const struct push_registration *registration);
		int (*client)(void *to, const struct push_client *client);
		int (*mailbox)(void *to, const struct addr *server, uint8_t realm, uint16_t port,
		    size_t client_count, const struct addr *client);
	} each;
};

static int
give_push(void *asking, const struct push *push)
{
	const struct asking_pushes *a = asking;

	return a->each.push(a->to, push);
}

static int
load_pushes(void *store, void *to, int (*each)(void *to, const struct push *push))
{
	struct asking_pushes a = {.to = to, .each.push = each};

	return store_each_open_push(store, give_push, &a);
}

static int
give_registration(void *asking, const struct push_registration *registration)
{
	const struct asking_pushes *a = asking;

	return a->each.registration(a->to, registration);
}

static int
load_registrations(void *store, void *to,
    int (*each)(void *to, const struct push_registration *registration))
{
	struct asking_pushes a = {.to = to, .each.registration = each};

	return store_each_open_registration(store, give_registration, &a);
}

static int
give_push_client(void *asking, const struct push_client *client)
{
	const struct asking_pushes *a = asking;

	return a->each.client(a->to, client);
}

static int
load_push_clients(
    void *store, void *to, int (*each)(void *to, const struct push_client *client))
{
	struct asking_pushes a = {.to = to, .each.client = each};

	return store_each_push_client(store, give_push_client, &a);
}

static int
give_mailbox(void *asking, const struct addr *server, uint8_t realm, uint16_t port,
    size_t client_count, const struct addr *client)
{
	const struct asking_pushes *a = asking;

	return a->each.mailbox(a->to, server, realm, port, client_count, client);
}

static int
load_mailboxes(void *store, void *to,
    int (*each)(void *to, const struct addr *server, uint8_t realm, uint16_t port,
	size_t client_count, const struct addr *client))
{
	struct asking_pushes a = {.to = to, .each.mailbox = each};

	return store_each_mailbox(store, give_mailbox, &a);
}

/* Where new-mail notifications come from, and where they go: dissectors look out for them. */
static int
learn_mailbox(void *ledger, const struct addr *server, uint8_t realm, uint16_t port,
    size_t client_count, const struct addr *client)
{
	struct ledger *l = ledger;

	(void)realm;
	(void)client_count;
	(void)client;
	l->notifies = true;
	hints_learn_store(l->hints, server, port);
	return 0;
}

static int
learn_callback(void *ledger, const struct push_registration *registration)
{
	struct ledger *l = ledger;

	l->notifies |= registration->has_address;
	if (registration->has_address)
		hints_learn_callback(l->hints, &registration->address, registration->port);
	return 0;
}

static int
learn_notifications(struct ledger *l)
{
	int err = store_each_mailbox(l->store, learn_mailbox, l);

	return err != 0 ? err : store_each_open_registration(l->store, learn_callback, l);
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
	if (err == 0)
		err = learn_notifications(l);
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

void
ledger_go_by(struct ledger *l, const struct policy *policy)
{
	track_go_by(l->track, policy);
	l->policy_due = policy;
}

int
ledger_keep_policy(struct ledger *l)
{
	const struct policy *p = l->policy_due;

	return p == NULL ? 0 : store_keep_policy(l->store, p->name, p->text);
}

void
ledger_kept_policy(struct ledger *l)
{
	l->policy_due = NULL;
}

/* Where rows of what was accepted go. */
struct accepted_to {
	const struct mapping_key *key;
	void *to;
	int (*each)(void *to, const struct accepted *one);
};

/* A row has its realm by name, and of what is about no interface no protocol sequence; its key is the one that was asked for. */
static int
give_accepted(void *ctx, const struct query_accepted *row)
{
	const struct accepted_to *to = ctx;
	struct accepted one = row->accepted;

	one.key = *to->key;
	return to->each(to->to, &one);
}

static int
load_accepted(void *ledger, const struct mapping_key *key, void *to,
    int (*each)(void *to, const struct accepted *one))
{
	const struct ledger *l = ledger;
	const struct ledger_order *o = l->order;
	struct accepted_to accepted = {key, to, each};

	return query_accepted_of(l->store, o->sensor,
	    realm_rules_name(o->realms, o->realm, key->realm), key, give_accepted, &accepted);
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
	if (err == 0)
		err = tallies_new(&l->tallies);
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
	    .seen = load_seen,
	    .pushes = load_pushes,
	    .registrations = load_registrations,
	    .push_clients = load_push_clients,
	    .mailboxes = load_mailboxes};
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
	    .events = l->events,
	    .journal = l->journal,
	    .sessions = l->sessions,
	    .tallies = l->tallies,
	    .lessons = {.hints = l->hints,
		.most = order->memory->hints_most,
		.of_history = l->notifies}};
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
	tallies_free(&l->tallies);
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
	uint64_t servers, endpoints;

	/* none where it cannot be told */
	(void)query_counts(l->store, &servers, &endpoints);
	t->dropped_cap +=
	    track_stats(l->track)->capped + hints_refused(l->hints) + c->lessons.refused;
	t->dropped_alerts = track_stats(l->track)->unruled;
	t->dropped_moments = track_stats(l->track)->crowded;
	t->dropped_spans = track_stats(l->track)->forgotten;
	if (l->sessions != NULL)
		t->dropped_sessions = sessions_refused(l->sessions);
	t->memory_used = anonymous_bytes();
	t->memory = l->order->memory;
	t->commits = c->commits;
	t->episodes = endpoints;
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

static void
add_classified(struct events_totals *t, const struct dissect_stats *stats)
{
	t->candidates += stats->candidates.told;
	t->candidates_shed += stats->candidates.shed;
	t->candidates_evicted += stats->candidates.evicted;
	t->ndpi_flows += stats->ndpi.flows;
	t->ndpi_skipped += stats->ndpi.skipped;
	t->ndpi_shed += stats->foreign.shed;
	t->ndpi_evicted += stats->foreign.evicted;
	t->only_ndpi += stats->foreign.only_ndpi;
	t->only_we += stats->foreign.only_we;
}

void
ledger_add_dissected(struct events_totals *t, const struct dissect_stats *stats)
{
	add_front(t, stats);
	add_classified(t, stats);
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
