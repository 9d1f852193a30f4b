/* rules_push.c - EPM-009. */
#include "track/rules_push.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/alert.h"
#include "track/dossier.h"
#include "track/policy.h"
#include "track/push_parts.h"
#include "track/rules.h"
#include "track/ruling.h"
#include "track/servers.h"

enum {
	LISTED = ALERT_CLIENTS, /* clients that an alert names */
	END_TEXT = ADDR_TEXT + 8,
};

/* Those that an alert is about, sorted; as many as are named, and all. */
struct roll {
	struct addr client[LISTED];
	uint16_t port[LISTED]; /* 0: none */
	size_t count;
	uint64_t total;
	bool sure;                     /* one at least was seen in clear */
	const struct evidence *latest; /* borrowed; NULL: none */
};

static int
compare(const struct addr *a, uint16_t port_a, const struct addr *b, uint16_t port_b)
{
	int order = addr_compare(a, b);

	return order != 0 ? order : (port_a > port_b) - (port_a < port_b);
}

/* In order; of too many, the last ones are only counted. */
static void
enlist(struct roll *r, const struct addr *client, uint16_t port)
{
	size_t at = r->count;

	r->total++;
	while (at > 0 && compare(client, port, &r->client[at - 1], r->port[at - 1]) < 0)
		at--;
	if (at == LISTED)
		return;
	if (r->count == LISTED)
		r->count--;
	memmove(&r->client[at + 1], &r->client[at], (r->count - at) * sizeof(r->client[0]));
	memmove(&r->port[at + 1], &r->port[at], (r->count - at) * sizeof(r->port[0]));
	r->client[at] = *client;
	r->port[at] = port;
	r->count++;
}

static void
note_latest(struct roll *r, const struct evidence *e)
{
	if (r->latest == NULL || e->ts_ns >= r->latest->ts_ns)
		r->latest = e;
}

static bool
is_outside(const struct pushes *p, const struct push *push)
{
	return !policy_allows_newmail(
	    p->rules->policy, &push->server, &push->client, push->client_port);
}

static void
call_outside(const struct pushes *p, const struct addr *server, uint8_t realm, struct roll *r)
{
	struct push_node *n;

	*r = (struct roll){.count = 0};
	for (n = TAILQ_FIRST(&p->flows.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		const struct push *push = &PUSH_THING(n, struct push_flow, node)->push;

		if (push->realm != realm || !addr_equal(&push->server, server) ||
		    !is_outside(p, push))
			continue;
		enlist(r, &push->client, push->client_port);
		r->sure = r->sure || push->registered;
	}
}

static bool
is_starving(const struct push_client *row)
{
	return row->starved_ns != 0 && row->fed_ns == 0;
}

static void
call_starving(const struct pushes *p, const struct addr *server, uint8_t realm, struct roll *r)
{
	struct push_node *n;

	*r = (struct roll){.count = 0};
	for (n = TAILQ_FIRST(&p->clients.ages); n != NULL; n = TAILQ_NEXT(n, age)) {
		const struct push_client *row = &PUSH_THING(n, struct push_user, node)->row;

		if (row->realm != realm || !addr_equal(&row->server, server) || !is_starving(row))
			continue;
		enlist(r, &row->client, 0);
		r->sure = r->sure || row->starved_clear;
		note_latest(r, &row->evidence);
	}
}

static void
put_end(const struct roll *r, size_t i, char out[END_TEXT])
{
	char text[ADDR_TEXT];
	(void)addr_format(&r->client[i], text);
	if (r->port[i] == 0)
		snprintf(out, END_TEXT, "%s", text);
	else if (addr_is_v4(&r->client[i]))
		snprintf(out, END_TEXT, "%s:%u", text, (unsigned)r->port[i]);
	else
		snprintf(out, END_TEXT, "[%s]:%u", text, (unsigned)r->port[i]);
}

/* `10.0.2.1:1071, 10.0.2.2:1080 and 14 others`. */
static void
describe(const struct roll *r, char out[ALERT_TEXT])
{
	size_t at = 0, i;
	char one[END_TEXT];

	out[0] = '\0';
	for (i = 0; i < r->count && at + END_TEXT + 32 < ALERT_TEXT; i++) {
		put_end(r, i, one);
		at += (size_t)snprintf(out + at, ALERT_TEXT - at, "%s%s", i > 0 ? ", " : "", one);
	}
	if (r->total > i)
		snprintf(out + at, ALERT_TEXT - at, " and %llu others",
		    (unsigned long long)(r->total - i));
}

/* The clients, each once. */
static size_t
clients_of(const struct roll *r, struct addr out[LISTED])
{
	size_t count = 0;

	for (size_t i = 0; i < r->count; i++) {
		if (count == 0 || !addr_equal(&out[count - 1], &r->client[i]))
			out[count++] = r->client[i];
	}
	return count;
}

static struct mapping_key
key_of(const struct addr *server, uint8_t realm)
{
	return (struct mapping_key){.server = *server, .realm = realm};
}

/* What an alert may say of a form of the rule. */
struct form {
	const char *about, *signature, *expected;
};

static const struct form outside = {RULES_PUSH_OUTSIDE,
    "new-mail notifications go to clients or ports that the policy does not allow",
    "clients and ports of the policy's newmail"};
static const struct form undelivered = {RULES_PUSH_UNDELIVERED,
    "clients registered for new-mail notifications and never got one",
    "a datagram within the life of a registration"};

static int
open_or_update(struct pushes *p, const struct mapping_key *key, const struct form *form,
    const struct roll *r, int64_t ts_ns)
{
	struct addr client[LISTED];
	struct ruling_texts texts;
	struct servers_entry *e;
	struct ruling v = {.rule = RULES_PUSH,
	    .about = form->about,
	    .severity = r->sure ? SEVERITY_MEDIUM : SEVERITY_LOW,
	    .key = key,
	    .change = "",
	    .client = client,
	    .client_count = clients_of(r, client),
	    .texts = &texts};
	int err = servers_place(p->servers, key, &e);

	if (err != ERR_OK || e == NULL)
		return err;
	snprintf(texts.signature, sizeof(texts.signature), "%s", form->signature);
	snprintf(texts.expected, sizeof(texts.expected), "%s", form->expected);
	describe(r, texts.observed);
	if (r->latest != NULL)
		v.evidence = *r->latest;
	v.evidence.ts_ns = ts_ns;
	if (dossier_make(&e->dossier) == NULL)
		return -ENOMEM;
	err = ruling_wrong(p->rules, e->dossier, &v);
	servers_touch(p->servers, e, rules_due(p->rules, e->dossier));
	return err;
}

/* There is nothing left that it is about. What was missing up to now has to have been there for the settling time: a datagram may yet be refused. */
static int
let_close(struct pushes *p, const struct mapping_key *key, const struct form *form, int64_t ts_ns)
{
	struct dossier_entry *entry;
	struct servers_entry *e;
	int err = servers_place(p->servers, key, &e);

	if (err != ERR_OK || e == NULL)
		return err;
	entry = dossier_find(e->dossier, RULES_PUSH, form->about);
	if (entry == NULL || !alert_is_open(&entry->alert))
		return ERR_OK;
	if (ts_ns < entry->wrong_ns)
		ts_ns = entry->wrong_ns;
	if (form == &undelivered && entry->right_ns == 0)
		entry->wrong_ns = ts_ns;
	ruling_right(e->dossier, entry, ts_ns);
	servers_touch(p->servers, e, rules_due(p->rules, e->dossier));
	return ERR_OK;
}

int
rules_push_seen(struct pushes *p, const struct push *push)
{
	struct mapping_key key = key_of(&push->server, push->realm);
	struct roll r;

	call_outside(p, &push->server, push->realm, &r);
	if (r.total == 0)
		return let_close(p, &key, &outside, push->last_ns);
	if (!is_outside(p, push))
		return ERR_OK;
	r.latest = &push->evidence;
	return open_or_update(p, &key, &outside, &r, push->last_ns);
}

int
rules_push_ended(struct pushes *p, const struct push *push, int64_t ts_ns)
{
	struct mapping_key key = key_of(&push->server, push->realm);
	struct roll r;

	call_outside(p, &push->server, push->realm, &r);
	return r.total > 0 ? ERR_OK : let_close(p, &key, &outside, ts_ns);
}

int
rules_push_starved(struct pushes *p, const struct addr *server, uint8_t realm, int64_t ts_ns)
{
	struct mapping_key key = key_of(server, realm);
	struct roll r;

	call_starving(p, server, realm, &r);
	return open_or_update(p, &key, &undelivered, &r, ts_ns);
}

int
rules_push_fed(struct pushes *p, const struct addr *server, uint8_t realm, int64_t ts_ns)
{
	struct mapping_key key = key_of(server, realm);
	struct roll r;

	call_starving(p, server, realm, &r);
	return r.total > 0 ? ERR_OK : let_close(p, &key, &undelivered, ts_ns);
}
