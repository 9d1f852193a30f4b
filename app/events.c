/* events.c - the envelope, the conclusions, the numbers; what was observed is described in
 * describe.c. */
#include "app/events.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/describe.h"
#include "base/community_id.h"
#include "base/log.h"
#include "report/parts.h"

struct events {
	FILE *file;
	const struct events_run *run;
	uint64_t written;
};

int
events_new(struct events **out, FILE *file, const struct events_run *run)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	**out = (struct events){file, run, 0};
	return 0;
}

void
events_free(struct events **e)
{
	free(*e);
	*e = NULL;
}

uint64_t
events_written(const struct events *e)
{
	return e->written;
}

static json_t *
event_begin(const struct events *e, const char *type, int64_t ts_ns)
{
	json_t *o = json_object();

	parts_time(o, "timestamp", ts_ns);
	parts_text(o, "event_type", type);
	parts_text(o, "sensor", e->run->sensor);
	parts_text(o, "realm", e->run->realm);
	return o;
}

static int
event_failed(const struct events *e)
{
	log_error("%s: %s", e->run->output, strerror(errno != 0 ? errno : EIO));
	return -EIO;
}

/* Add the inner object, write the line, free the whole. */
static int
event_end(struct events *e, json_t *o, const char *type, json_t *inner)
{
	json_object_set_new(o, type, inner);
	errno = 0;
	bool good = json_dumpf(o, e->file, JSON_COMPACT) == 0 && fputc('\n', e->file) != EOF;
	int err = good ? 0 : event_failed(e);
	json_decref(o);
	e->written++;
	return err;
}

int
events_flush(struct events *e)
{
	errno = 0;
	return fflush(e->file) == 0 ? 0 : event_failed(e);
}

static void
part_flow(json_t *o, const struct where *at)
{
	char id[COMMUNITY_ID_TEXT];

	parts_addr(o, "src_ip", &at->src);
	parts_count(o, "src_port", at->sport);
	parts_addr(o, "dest_ip", &at->dst);
	parts_count(o, "dest_port", at->dport);
	parts_text(o, "proto", at->proto == 17 ? "UDP" : "TCP");
	community_id(at->proto, &at->src, &at->dst, at->sport, at->dport, id);
	if (id[0] != '\0')
		parts_text(o, "community_id", id);
}

static void
part_vlan(json_t *o, const struct where *at)
{
	if (at->vlan_count == 0)
		return;
	json_t *tags = json_array();
	for (size_t i = 0; i < at->vlan_count && i < WHERE_VLANS; i++)
		json_array_append_new(tags, json_integer(at->vlan[i]));
	json_object_set_new(o, "vlan", tags);
}

static json_t *
event_begin_at(const struct events *e, const char *type, const struct where *at)
{
	json_t *o = event_begin(e, type, at->ts_ns);

	parts_text(o, "pcap_filename", e->run->capture(e->run->ctx, at->source));
	parts_count(o, "pcap_cnt", at->frame);
	part_flow(o, at);
	part_vlan(o, at);
	return o;
}

int
events_observation(struct events *e, const struct obs *obs)
{
	static const struct {
		const char *type;
		json_t *(*object)(const struct obs *obs);
	} kind[] = {[OBS_EPM] = {"epm", describe_epm}, [OBS_BIND] = {"bind", describe_bind}};
	json_t *o = event_begin_at(e, kind[obs->kind].type, &obs->at);

	return event_end(e, o, kind[obs->kind].type, kind[obs->kind].object(obs));
}

static void
part_id(json_t *o, const char *key, const char *id)
{
	if (id[0] != '\0')
		parts_text(o, key, id);
}

static void
part_interval(json_t *o, const struct change *c)
{
	parts_time(o, "first_seen", c->first_ns);
	if (c->not_before_ns != 0)
		parts_time(o, "not_before", c->not_before_ns);
	parts_time(o, "not_after", c->not_after_ns);
}

static json_t *
change_object(const struct change *c)
{
	enum protseq protseq = (enum protseq)c->key.protseq;
	json_t *o = json_object();

	parts_text(o, "id", c->id);
	parts_text(o, "kind", change_kind_name(c->kind));
	parts_key(o, &c->key, c->minor);
	parts_endpoints(o, "previous", protseq, c->previous, c->previous_count);
	parts_endpoints(o, "current", protseq, c->current, c->current_count);
	parts_text(o, "confidence", confidence_name(c->confidence));
	part_interval(o, c);
	parts_count(o, "clients", c->clients);
	part_id(o, "revises", c->revises);
	return o;
}

int
events_change(struct events *e, const struct change *c, const struct obs *cause)
{
	return event_end(e, event_begin_at(e, "change", &cause->at), "change", change_object(c));
}

/* What the alert is about, in one string that sorts and compares. */
static void
part_alert_key(json_t *o, const char *realm, const struct mapping_key *key)
{
	char server[ADDR_TEXT], uuid[UUID_TEXT], text[256];

	snprintf(text, sizeof(text), "%s/%s/%s@%u/%s", realm, addr_format(&key->server, server),
	    uuid_format(&key->uuid, uuid), key->major, protseq_name((enum protseq)key->protseq));
	parts_text(o, "key", text);
}

static json_t *
alert_evidence(const struct events *e, const struct evidence *evidence)
{
	json_t *array = json_array();

	if (evidence->ts_ns != 0)
		json_array_append_new(
		    array, parts_evidence(e->run->capture(e->run->ctx, evidence->capture),
			       evidence->frame, evidence->ts_ns, evidence->source));
	return array;
}

static json_t *
alert_object(const struct events *e, const struct alert *a)
{
	json_t *o = json_object();

	parts_text(o, "id", a->id);
	parts_text(o, "rule", a->rule);
	parts_text(o, "signature", a->signature);
	parts_text(o, "severity", severity_name(a->severity));
	parts_text(o, "state", alert_state_name(a->state));
	part_alert_key(o, e->run->realm, &a->key);
	parts_key(o, &a->key, a->minor);
	parts_text(o, "expected", a->expected);
	parts_text(o, "observed", a->observed);
	part_id(o, "change", a->change);
	json_object_set_new(o, "evidence", alert_evidence(e, &a->evidence));
	return o;
}

int
events_alert(struct events *e, const struct alert *a, const struct obs *cause)
{
	return event_end(e, event_begin_at(e, "alert", &cause->at), "alert", alert_object(e, a));
}

/* One object of numbers. */
struct number {
	const char *key;
	uint64_t value;
};

static void
part_numbers(json_t *o, const char *key, const struct number *number, size_t count)
{
	json_t *inner = json_object();

	for (size_t i = 0; i < count; i++)
		parts_count(inner, number[i].key, number[i].value);
	json_object_set_new(o, key, inner);
}

#define NUMBERS(o, key, ...)                                                                       \
	part_numbers((o), (key), (const struct number[]){__VA_ARGS__},                             \
	    sizeof((const struct number[]){__VA_ARGS__}) / sizeof(struct number))

/* Live, or with nDPI, more of these are not 0; readers shall find them in place. */
static json_t *
stats_object(const struct events *e, const struct events_totals *t)
{
	json_t *o = json_object();

	parts_count(o, "packets", t->packets);
	parts_count(o, "bytes", t->bytes);
	NUMBERS(o, "dropped", {"kernel", 0}, {"interface", 0}, {"ring", 0},
	    {"queue", t->dropped_queue}, {"decode", t->dropped_decode}, {"cap", t->dropped_cap});
	NUMBERS(o, "tcp", {"streams", t->streams}, {"gaps", t->gaps},
	    {"out_of_order", t->out_of_order}, {"evicted", t->evicted}, {"overlaps", t->overlaps});
	NUMBERS(o, "rpc", {"pdus", t->pdus}, {"malformed", t->malformed}, {"sealed", t->sealed},
	    {"unanswered", t->unanswered});
	NUMBERS(o, "ndpi", {"flows", 0}, {"skipped", 0});
	NUMBERS(o, "events", {"written", e->written}, {"suppressed", 0});
	NUMBERS(o, "memory", {"used", t->memory_used}, {"cap", t->memory_cap});
	NUMBERS(o, "store", {"commits", t->commits}, {"episodes", t->episodes}, {"queue", 0});
	NUMBERS(o, "captures", {"read", t->captures}, {"damaged", t->damaged});
	parts_count(o, "seconds", t->seconds);
	return o;
}

int
events_stats(struct events *e, const struct events_totals *t)
{
	json_t *inner = stats_object(e, t);

	return event_end(e, event_begin(e, "stats", t->ts_ns), "stats", inner);
}
