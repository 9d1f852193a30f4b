/* describe_drift.c - what changed, and what is wrong about it. */
#include "app/describe.h"

#include <stdio.h>

#include "app/events.h"
#include "app/realm_rules.h"
#include "base/json.h"
#include "report/parts.h"

static void
part_id(struct json *o, const char *key, const char *id)
{
	if (id[0] != '\0')
		parts_text(o, key, id);
}

static void
part_interval(struct json *o, const struct change *c)
{
	parts_time(o, "first_seen", c->first_ns);
	if (c->not_before_ns != 0)
		parts_time(o, "not_before", c->not_before_ns);
	parts_time(o, "not_after", c->not_after_ns);
}

void
describe_change(struct json *o, const struct change *c)
{
	enum protseq protseq = (enum protseq)c->key.protseq;

	parts_text(o, "id", c->id);
	parts_text(o, "kind", change_kind_name(c->kind));
	parts_key(o, &c->key, c->minor);
	parts_endpoints(o, "previous", protseq, c->previous, c->previous_count);
	parts_endpoints(o, "current", protseq, c->current, c->current_count);
	parts_text(o, "confidence", confidence_name(c->confidence));
	part_interval(o, c);
	json_count(o, "clients", c->clients);
	part_id(o, "revises", c->revises);
}

/* What the alert is about, in one string that sorts and compares. */
static void
part_alert_key(struct json *o, const char *realm, const struct mapping_key *key)
{
	char server[ADDR_TEXT], uuid[UUID_TEXT], text[256];

	snprintf(text, sizeof(text), "%s/%s/%s@%u/%s", realm, addr_format(&key->server, server),
	    uuid_format(&key->uuid, uuid), key->major, protseq_name((enum protseq)key->protseq));
	parts_text(o, "key", text);
}

static void
part_evidence(struct json *o, const struct events_run *run, const struct evidence *evidence)
{
	json_array_begin(o, "evidence");
	if (evidence->ts_ns != 0)
		parts_evidence(o, run->source(run->ctx, evidence->capture), evidence->frame,
		    evidence->ts_ns, evidence->source);
	json_array_end(o);
}

void
describe_alert(struct json *o, const struct events_run *run, const struct alert *a)
{
	parts_text(o, "id", a->id);
	parts_text(o, "rule", a->rule);
	parts_text(o, "signature", a->signature);
	parts_text(o, "severity", severity_name(a->severity));
	parts_text(o, "state", alert_state_name(a->state));
	part_alert_key(o, realm_rules_name(run->realms, run->realm, a->key.realm), &a->key);
	parts_key(o, &a->key, a->minor);
	parts_text(o, "expected", a->expected);
	parts_text(o, "observed", a->observed);
	part_id(o, "change", a->change);
	part_evidence(o, run, &a->evidence);
}
