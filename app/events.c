/* events.c - the envelope, the conclusions, the numbers; what was observed is described in
 * describe.c. */
#include "app/events.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "app/describe.h"
#include "app/event_types.h"
#include "app/memory.h"
#include "base/community_id.h"
#include "base/log.h"
#include "report/parts.h"

enum {
	/* Written once there is so much. */
	BUFFER = 256 * 1024,
	/* What waits at most while the output cannot be written. */
	WAITING = 1024 * 1024,
	/* A pipe that takes anything takes so much. */
	AT_ONCE = PIPE_BUF,
	/* How long a reader is waited for in the end. */
	PATIENCE_MS = 2000,
};

struct events {
	FILE *file;
	const struct events_run *run;
	char *text; /* owned: lines on their way out */
	size_t used, room;
	uint64_t written, suppressed;
	bool failing;    /* the last attempt to write was in vain */
	int patience_ms; /* with an output that takes nothing at the moment */
};

int
events_new(struct events **out, FILE *file, const struct events_run *run)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	**out = (struct events){.file = file, .run = run};
	return 0;
}

/* Is there room in the output for AT_ONCE bytes? A reader that does not read shall not stop a run that watches. */
static bool
may_write(const struct events *e)
{
	struct pollfd fd = {.fd = fileno(e->file), .events = POLLOUT};

	return !e->run->live || fd.fd < 0 || poll(&fd, 1, e->patience_ms) != 0;
}

/* Write a piece. 0, or an errno. */
static int
drain_some(struct events *e, size_t *done)
{
	size_t left = e->used - *done;

	if (!may_write(e))
		return EAGAIN;
	if (e->run->live && left > AT_ONCE)
		left = AT_ONCE;
	errno = 0;
	size_t n = fwrite(e->text + *done, 1, left, e->file);
	*done += n;
	if (n > 0 || errno == EINTR)
		return 0;
	return errno != 0 ? errno : EIO;
}

/* Write as much of what is buffered as goes; 0, or an errno. */
static int
drain(struct events *e)
{
	size_t done = 0;
	int err = 0;

	while (done < e->used && err == 0)
		err = drain_some(e, &done);
	errno = 0;
	if (err == 0 && fflush(e->file) != 0)
		err = errno != 0 ? errno : EIO;
	clearerr(e->file);
	e->used -= done;
	if (e->used > 0)
		memmove(e->text, e->text + done, e->used);
	return err;
}

void
events_free(struct events **e)
{
	if (*e == NULL)
		return;
	/* Of a run that failed, too, what was told until then. */
	(*e)->patience_ms = 0;
	(void)drain(*e);
	free((*e)->text);
	free(*e);
	*e = NULL;
}

uint64_t
events_written(const struct events *e)
{
	return e->written;
}

/* Nobody will ever read what goes into a pipe without a reader; a full disk is emptied some day. */
static int
failed(struct events *e, int err)
{
	bool first = !e->failing;

	e->failing = true;
	if (!e->run->live || err == EPIPE) {
		log_error("%s: %s", e->run->output, strerror(err));
		return -EIO;
	}
	if (first)
		log_error("%s: %s; events wait, or are counted only, until it can be written",
		    e->run->output, err == EAGAIN ? "its reader does not read" : strerror(err));
	return 0;
}

int
events_flush(struct events *e)
{
	int err = drain(e);

	/* A reader may be slow. */
	if (err == EAGAIN && e->used <= WAITING)
		return 0;
	if (err != 0)
		return failed(e, err);
	if (e->failing)
		log_warn("%s: is written again; %llu events in all were not", e->run->output,
		    (unsigned long long)e->suppressed);
	e->failing = false;
	return 0;
}

int
events_finish(struct events *e)
{
	e->patience_ms = PATIENCE_MS;
	return events_flush(e);
}

static bool
is_wanted(const struct events *e, enum event_type type)
{
	return (e->run->types & EVENT_TYPE(type)) != 0;
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
append(const char *text, size_t size, void *ctx)
{
	struct events *e = ctx;

	if (size > e->room - e->used) {
		size_t room = (e->used + size) * 2;
		char *grown = realloc(e->text, room);

		if (grown == NULL)
			return -1;
		e->text = grown;
		e->room = room;
	}
	memcpy(e->text + e->used, text, size);
	e->used += size;
	return 0;
}

/* The line that begins at ${start} is whole. */
static int
line_end(struct events *e, size_t start)
{
	if (e->failing && e->used > WAITING) {
		e->used = start;
		e->suppressed++;
		return 0;
	}
	e->written++;
	return e->failing || e->used < BUFFER ? 0 : events_flush(e);
}

/* Add the inner object, append the line, free the whole. */
static int
event_end(struct events *e, json_t *o, const char *type, json_t *inner)
{
	size_t start = e->used;

	json_object_set_new(o, type, inner);
	bool good = json_dump_callback(o, append, e, JSON_COMPACT) == 0 && append("\n", 1, e) == 0;
	json_decref(o);
	if (good)
		return line_end(e, start);
	e->used = start;
	e->suppressed++;
	return failed(e, ENOMEM);
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

static void
part_source(json_t *o, const struct events *e, const struct where *at)
{
	const char *name = e->run->source(e->run->ctx, at->source);

	parts_text(o, e->run->live ? "in_iface" : "pcap_filename", name);
	if (!e->run->live)
		parts_count(o, "pcap_cnt", at->frame);
}

static json_t *
event_begin_at(const struct events *e, const char *type, const struct where *at)
{
	json_t *o = event_begin(e, type, at->ts_ns);

	part_source(o, e, at);
	part_flow(o, at);
	part_vlan(o, at);
	return o;
}

int
events_observation(struct events *e, const struct obs *obs)
{
	static const struct {
		enum event_type type;
		json_t *(*object)(const struct obs *obs);
	} kind[] = {
	    [OBS_EPM] = {EVENT_EPM, describe_epm}, [OBS_BIND] = {EVENT_BIND, describe_bind}};
	const char *name = event_types_name(kind[obs->kind].type);

	if (!is_wanted(e, kind[obs->kind].type))
		return 0;
	json_t *o = event_begin_at(e, name, &obs->at);
	return event_end(e, o, name, kind[obs->kind].object(obs));
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
	if (!is_wanted(e, EVENT_CHANGE))
		return 0;
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
		    array, parts_evidence(e->run->source(e->run->ctx, evidence->capture),
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
	if (!is_wanted(e, EVENT_ALERT))
		return 0;
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

static void
part_memory(json_t *o, const struct events_totals *t)
{
	const struct memory_parts *m = t->memory;

	NUMBERS(o, "memory", {"used", t->memory_used}, {"cap", m->total}, {"rings", m->rings},
	    {"connections", m->flows}, {"streams", m->streams}, {"queues", m->queues},
	    {"store", m->store}, {"history", m->history}, {"journal", m->journal},
	    {"hints", m->hints}, {"rest", m->rest});
}

static void
part_sources(json_t *o, const struct events *e, const struct events_totals *t)
{
	if (!e->run->live) {
		NUMBERS(o, "captures", {"read", t->captures}, {"damaged", t->damaged});
		return;
	}
	NUMBERS(o, "live", {"interfaces", t->interfaces}, {"workers", t->workers},
	    {"received", t->received}, {"late", t->late}, {"store_failures", t->store_failures},
	    {"lost", t->store_lost}, {"unfolded", t->unfolded});
}

/* With nDPI, more of these are not 0; readers shall find them in place. */
static json_t *
stats_object(const struct events *e, const struct events_totals *t)
{
	json_t *o = json_object();

	parts_count(o, "packets", t->packets);
	parts_count(o, "bytes", t->bytes);
	NUMBERS(o, "dropped", {"kernel", t->dropped_kernel}, {"interface", t->dropped_interface},
	    {"ring", 0}, {"queue", t->dropped_queue}, {"decode", t->dropped_decode},
	    {"cap", t->dropped_cap});
	NUMBERS(o, "tcp", {"streams", t->streams}, {"gaps", t->gaps},
	    {"out_of_order", t->out_of_order}, {"evicted", t->evicted}, {"overlaps", t->overlaps});
	NUMBERS(o, "rpc", {"pdus", t->pdus}, {"malformed", t->malformed}, {"sealed", t->sealed},
	    {"unanswered", t->unanswered});
	NUMBERS(o, "ndpi", {"flows", 0}, {"skipped", 0});
	NUMBERS(o, "events", {"written", e->written}, {"suppressed", e->suppressed});
	part_memory(o, t);
	NUMBERS(
	    o, "store", {"commits", t->commits}, {"episodes", t->episodes}, {"queue", t->queue});
	part_sources(o, e, t);
	parts_count(o, "seconds", t->seconds);
	return o;
}

int
events_stats(struct events *e, const struct events_totals *t)
{
	if (!is_wanted(e, EVENT_STATS))
		return 0;
	json_t *inner = stats_object(e, t);

	return event_end(e, event_begin(e, "stats", t->ts_ns), "stats", inner);
}
