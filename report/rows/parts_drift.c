/* parts_drift.c - the members in the order of the contract. */
#include "report/rows/parts_drift.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "report/rows/parts.h"
#include "report/rows/parts_evidence.h"
#include "store/query.h"

static void
part_id(struct json *o, const char *key, const char *id)
{
	if (id[0] != '\0')
		parts_text(o, key, id);
}

/* A verdict on a server, or on a sensor, names no interface. */
static void
part_key(struct json *o, const struct mapping_key *key, uint16_t minor)
{
	if (!addr_is_unspecified(&key->server))
		parts_addr(o, "server", &key->server);
	if (!uuid_is_nil(&key->uuid))
		parts_interface(o, &key->uuid, key->major, minor);
	if (key->protseq != PROTSEQ_UNKNOWN)
		parts_protseq(o, (enum protseq)key->protseq);
}

static void
part_member(struct json *o, const struct change_member *m, const struct query_evidence *shown)
{
	enum protseq protseq = (enum protseq)m->key.protseq;

	json_object_begin(o, NULL);
	parts_interface(o, &m->key.uuid, m->key.major, m->minor);
	parts_protseq(o, protseq);
	parts_endpoints(o, "previous", protseq, m->previous, m->previous_count);
	parts_endpoints(o, "current", protseq, m->current, m->current_count);
	if (m->not_before_ns != 0)
		parts_time(o, "not_before", m->not_before_ns);
	parts_time(o, "not_after", m->not_after_ns);
	if (shown != NULL) {
		json_array_begin(o, "evidence");
		parts_evidence_whole(o, shown);
		json_array_end(o);
	}
	json_object_end(o);
}

static void
part_members(struct json *o, const struct change *c, const struct query_evidence *shown)
{
	if (c->member_count == 0)
		return;
	json_array_begin(o, "members");
	for (size_t i = 0; i < c->member_count; i++)
		part_member(o, &c->member[i], shown != NULL ? &shown[i] : NULL);
	json_array_end(o);
}

static void
part_revises(struct json *o, const struct change *c)
{
	if (c->also_count == 0) {
		part_id(o, "revises", c->revises);
		return;
	}
	json_array_begin(o, "revises");
	if (c->revises[0] != '\0')
		json_text(o, NULL, c->revises);
	for (size_t i = 0; i < c->also_count; i++)
		json_text(o, NULL, c->also[i].text);
	json_array_end(o);
}

void
parts_change(struct json *o, const struct change *c, const struct query_evidence *shown)
{
	enum protseq protseq = (enum protseq)c->key.protseq;

	parts_text(o, "id", c->id);
	parts_text(o, "kind", change_kind_name(c->kind));
	part_key(o, &c->key, c->minor);
	parts_endpoints(o, "previous", protseq, c->previous, c->previous_count);
	parts_endpoints(o, "current", protseq, c->current, c->current_count);
	parts_text(o, "confidence", confidence_name(c->confidence));
	parts_time(o, "first_seen", c->first_ns);
	if (c->not_before_ns != 0)
		parts_time(o, "not_before", c->not_before_ns);
	parts_time(o, "not_after", c->not_after_ns);
	json_count(o, "clients", c->clients);
	part_members(o, c, shown);
	part_revises(o, c);
}

/* What the alert is about, in one string that sorts and compares. */
static void
part_alert_key(struct json *o, const char *realm, const struct alert *a)
{
	const struct mapping_key *key = &a->key;
	char server[ADDR_TEXT], uuid[UUID_TEXT], text[256 + ALERT_ABOUT];

	snprintf(text, sizeof(text), "%.64s/%s/%s@%u/%s%s%s", realm,
	    addr_format(&key->server, server), uuid_format(&key->uuid, uuid), key->major,
	    protseq_name((enum protseq)key->protseq), a->about[0] != '\0' ? "/" : "", a->about);
	parts_text(o, "key", text);
}

/* One is told as one, several as a list; where there are more, their number comes with it. */
static void
part_clients(struct json *o, const struct alert *a)
{
	if (a->client_count == 0)
		return;
	if (a->client_count == 1 && a->client_total <= 1) {
		parts_addr(o, "client", &a->client[0]);
		return;
	}
	json_array_begin(o, "clients");
	for (size_t i = 0; i < a->client_count; i++)
		parts_addr(o, NULL, &a->client[i]);
	json_array_end(o);
	if (a->client_total > a->client_count)
		json_count(o, "clients_total", a->client_total);
}

void
parts_alert(struct json *o, const char *realm, const struct alert *a)
{
	parts_text(o, "id", a->id);
	parts_text(o, "rule", a->rule);
	parts_text(o, "signature", a->signature);
	parts_text(o, "severity", severity_name(a->severity));
	parts_text(o, "state", alert_state_name(a->state));
	if (a->suppressed)
		json_bool(o, "suppressed", true);
	part_alert_key(o, realm, a);
	part_key(o, &a->key, a->minor);
	part_clients(o, a);
	parts_text(o, "expected", a->expected);
	parts_text(o, "observed", a->observed);
	part_id(o, "change", a->change);
}
