/* export_fixture.h - a store with endpoints of every kind of worth, a policy, and what comes of them. */
#ifndef EPMWATCH_TESTS_EXPORT_FIXTURE_H
#define EPMWATCH_TESTS_EXPORT_FIXTURE_H

#include <string.h>

#include "export/evidence.h"
#include "policy/complaints.h"
#include "policy/file.h"
#include "report_fixture.h"

/* An endpoint to be put into a store. */
struct told {
	uint8_t realm, host;
	unsigned uuid;
	uint8_t protseq;
	uint16_t port;
	uint64_t announced, used, attempted;
	int64_t first_h, last_h; /* hours of the fixture's day */
	int64_t ended_h;         /* 0: it is alive */
	enum change_kind why;
	const char *pipe;
};

static inline int
tell(struct store *s, const struct told *t)
{
	char uuid[UUID_TEXT];
	struct addr client = fixture_evidence(0, 0).client;
	struct mapping_key key = fixture_key(t->host, fixture_uuid(t->uuid, uuid));
	struct episode e = {.endpoint = {.port = t->port},
	    .first_ns = fixture_hour((unsigned)t->first_h),
	    .last_ns = fixture_hour((unsigned)t->last_h),
	    .ended_ns = t->ended_h == 0 ? 0 : fixture_hour((unsigned)t->ended_h),
	    .why = t->why,
	    .announced = t->announced,
	    .used = t->used,
	    .attempted = t->attempted,
	    .client_count = 1,
	    .client = &client,
	    .dirty = true};
	struct mapping m = {.episode_count = 1, .episode = &e, .dirty = true};

	e.first = fixture_evidence(e.first_ns, 7);
	e.last = fixture_evidence(e.last_ns, 99);
	if (t->pipe != NULL)
		snprintf(e.endpoint.name, sizeof(e.endpoint.name), "%s", t->pipe);
	key.protseq = t->protseq != 0 ? t->protseq : PROTSEQ_TCP;
	key.realm = t->realm;
	m.key = key;
	return store_keep_mapping(s, &m);
}

/* 10.0.0.1 and .2 are `pair', .3 is `lone'; one interface is pinned, one is denied; wide ranges, so that ports of every kind are allowed. */
static const char export_policy[] = "version: 1\n"
				    "dynamic: 1024-65535\n"
				    "servers:\n"
				    "  pair: [10.0.0.1, 10.0.0.2]\n"
				    "  lone: [10.0.0.3]\n"
				    "rules:\n"
				    "  - servers: lone\n"
				    "    interfaces: feedbeef-0000-4000-8000-000000000063\n"
				    "    static: 56001\n"
				    "  - servers: pair\n"
				    "    interfaces: feedbeef-0000-4000-8000-000000000063\n"
				    "    static: 56001\n"
				    "  - servers: any\n"
				    "    interfaces: feedbeef-0000-4000-8000-000000000064\n"
				    "    deny: true\n";

enum {
	UUID_PINNED = 0x63,
	UUID_DENIED = 0x64
};

struct desk {
	struct store *store;
	struct policy_file *file;
	const struct policy *policy;
	struct evidence_options options;
	struct evidence_set *found;
};

static inline int
desk_open(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	struct complaints said = {.count = 0};

	if (d == NULL)
		return -1;
	d->store = fixture_store("store.pcap");
	int err = store_realm(d->store, 1, "sensor-2", "default");
	err |= store_realm(d->store, 2, "sensor-1", "other");
	err |= policy_file_parse(export_policy, strlen(export_policy), "test", &d->file, &said);
	d->policy = policy_file_policy(d->file);
	d->options.least = CONFIDENCE_USED;
	*state = d;
	return err;
}

static inline int
desk_close(void **state)
{
	struct desk *d = *state;

	evidence_free(&d->found);
	policy_file_free(&d->file);
	store_close(&d->store);
	free(d);
	return 0;
}

static inline int
desk_ask(struct desk *d)
{
	evidence_free(&d->found);
	return evidence_read(&d->found, d->store, d->policy, &d->options);
}

#endif
