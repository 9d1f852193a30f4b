/* events.c - lines on their way out, and the envelope of each; what is in it is described in describe*.c. */
#include "app/events.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "app/describe.h"
#include "app/event_types.h"
#include "app/pieces.h"
#include "app/realm_rules.h"
#include "base/clock.h"
#include "base/json_fast.h"
#include "base/log.h"
#include "dissect/observation.h"
#include "dissect/tunnel.h"
#include "report/rows/parts.h"
#include "track/records.h"

enum {
	/* Written once there is so much. */
	BUFFER = 256 * 1024,
	/* What waits at most while the output cannot be written. */
	WAITING = 1024 * 1024,
	/* A pipe that takes anything takes so much. */
	AT_ONCE = PIPE_BUF,
	/* How long a reader is waited for in the end. */
	PATIENCE_MS = 2000,
	/* The longest name of a capture that is kept as text. */
	SOURCE_NAME = 512,
	/* Where microseconds stand in a time (base/clock.h), and how long it is. */
	AT_MICROSECONDS = 20,
	TIME_LENGTH = AT_MICROSECONDS + 7,
	/* Where a time stands in a line. */
	AT_TIME = sizeof("{\"timestamp\":\"") - 1,
};

/* Far from any that is kept. */
#define NO_SECOND INT64_MIN

struct events {
	FILE *file;
	const struct events_run *run;
	struct json lines; /* on their way out */
	/* The time, where that of an event goes, and what nearly every event of a type says behind it. */
	struct json head[EVENT_TYPES];
	struct json source; /* what the last one said of where its packet came from, of that name */
	char source_name[SOURCE_NAME];
	char time[CLOCK_TEXT]; /* of the last one, in the second that began at ${second_ns} */
	int64_t second_ns;
	struct pieces pieces;
	uint64_t written, suppressed;
	bool failing;    /* the last attempt to write was in vain */
	int patience_ms; /* with an output that takes nothing at the moment */
};

/* The object stays open. */
static void
head_begin(struct json *o, enum event_type type, const char *time)
{
	json_object_begin(o, NULL);
	json_plain(o, "timestamp", time);
	json_plain(o, "event_type", event_types_name(type));
}

static bool
make_heads(struct events *e)
{
	char time[CLOCK_TEXT];
	bool failed = false;

	for (enum event_type t = 0; t < EVENT_TYPES; t++) {
		head_begin(&e->head[t], t, clock_format(0, time));
		parts_text(&e->head[t], "sensor", e->run->sensor);
		parts_text(&e->head[t], "realm", e->run->realm);
		failed |= e->head[t].failed;
	}
	return !failed;
}

int
events_new(struct events **out, FILE *file, const struct events_run *run)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	**out = (struct events){.file = file, .run = run, .second_ns = NO_SECOND};
	if (make_heads(*out))
		return 0;
	events_free(out);
	return -ENOMEM;
}

/* Is there room in the output for AT_ONCE bytes? A reader that does not read shall not stop a run that watches. */
static bool
may_write(const struct events *e)
{
	struct pollfd fd = {.fd = fileno(e->file), .events = POLLOUT};
	int ready;

	if (!e->run->live || fd.fd < 0)
		return true;
	while ((ready = poll(&fd, 1, e->patience_ms)) < 0 && errno == EINTR)
		;
	return ready > 0;
}

/* Write a piece. 0, or an errno. */
static int
drain_some(struct events *e, size_t *done)
{
	size_t left = e->lines.used - *done;

	if (!may_write(e))
		return EAGAIN;
	if (e->run->live && left > AT_ONCE)
		left = AT_ONCE;
	errno = 0;
	size_t n = fwrite(e->lines.text + *done, 1, left, e->file);
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

	while (done < e->lines.used && err == 0)
		err = drain_some(e, &done);
	errno = 0;
	if (err == 0 && fflush(e->file) != 0)
		err = errno != 0 ? errno : EIO;
	clearerr(e->file);
	e->lines.used -= done;
	if (e->lines.used > 0)
		memmove(e->lines.text, e->lines.text + done, e->lines.used);
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
	json_free(&(*e)->lines);
	for (enum event_type t = 0; t < EVENT_TYPES; t++)
		json_free(&(*e)->head[t]);
	json_free(&(*e)->source);
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
	if (err == EAGAIN && e->lines.used <= WAITING)
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

/* The line that begins at ${start} is whole. */
static int
line_end(struct events *e, size_t start)
{
	if (e->failing && e->lines.used > WAITING) {
		e->lines.used = start;
		e->suppressed++;
		return 0;
	}
	e->written++;
	return e->failing || e->lines.used < BUFFER ? 0 : events_flush(e);
}

/* The time as text. Most events are of the same second as the one before. */
static const char *
time_of(struct events *e, int64_t ts_ns)
{
	uint64_t into = (uint64_t)ts_ns - (uint64_t)e->second_ns;

	if (ts_ns < 0 || into >= NS_PER_S) {
		(void)clock_format(ts_ns, e->time);
		e->second_ns = ts_ns < 0 ? NO_SECOND : ts_ns - ts_ns % NS_PER_S;
	} else {
		clock_put_microseconds(e->time + AT_MICROSECONDS, (unsigned)(into / 1000));
	}
	return e->time;
}

/* Open an event. */
static struct json *
event_begin(struct events *e, enum event_type type, int64_t ts_ns, uint8_t realm)
{
	const struct json *head = &e->head[type];
	const char *time = time_of(e, ts_ns);
	struct json *o = &e->lines;
	char *p;

	if (realm != 0) {
		head_begin(o, type, time);
		parts_text(o, "sensor", e->run->sensor);
		parts_text(o, "realm", realm_rules_name(e->run->realms, e->run->realm, realm));
	} else if ((p = json_room(o, head->used)) != NULL) {
		memcpy(p, head->text, head->used);
		memcpy(p + AT_TIME, time, TIME_LENGTH);
		json_wrote(o, p + head->used);
	}
	return o;
}

/* Close both; a line for which there was no memory is taken back whole. */
static int
event_end(struct events *e, size_t start)
{
	JSON_END(&e->lines, "}}\n");
	e->lines.follows = false;
	if (!e->lines.failed)
		return line_end(e, start);
	e->lines.failed = false;
	e->lines.used = start;
	e->suppressed++;
	return failed(e, ENOMEM);
}

static void
part_vlan(struct json *o, const struct where *at)
{
	if (at->vlan_count == 0)
		return;
	json_array_begin(o, "vlan");
	for (size_t i = 0; i < at->vlan_count && i < WHERE_VLANS; i++)
		json_count(o, NULL, at->vlan[i]);
	json_array_end(o);
}

static void
part_ends(struct json *o, const struct tunnel *layer)
{
	char text[ADDR_TEXT];

	if (!layer->has_ends)
		return;
	json_plain(o, "src_ip", addr_format(&layer->src, text));
	json_plain(o, "dest_ip", addr_format(&layer->dst, text));
}

static void
part_layer(struct json *o, const struct tunnel *layer)
{
	enum tunnel_kind kind = (enum tunnel_kind)layer->kind;

	json_object_begin(o, NULL);
	json_plain(o, "type", tunnel_kind_name(kind));
	if (layer->version != 0)
		json_count(o, "version", layer->version);
	if (layer->has_id)
		json_count(o, tunnel_id_name(kind), layer->id);
	if (layer->labels > 0) {
		json_array_begin(o, "labels");
		for (size_t i = 0; i < layer->labels; i++)
			json_count(o, NULL, layer->label[i]);
		json_array_end(o);
	}
	part_ends(o, layer);
	json_object_end(o);
}

static void
part_tunnel(struct json *o, const struct tunnel_path *path)
{
	if (path == NULL)
		return;
	json_array_begin(o, "tunnel");
	for (size_t i = 0; i < path->count; i++)
		part_layer(o, &path->layer[i]);
	json_array_end(o);
}

/* Most events are of the same source as the one before. */
static void
part_source_name(struct json *o, struct events *e, const char *name)
{
	const char *key = e->run->live ? "in_iface" : "pcap_filename";
	size_t size = strlen(name) + 1;

	if (size > SOURCE_NAME) {
		parts_text(o, key, name);
		return;
	}
	if (memcmp(name, e->source_name, size) != 0 || e->source.used == 0 || e->source.failed) {
		e->source.used = 0;
		e->source.follows = e->source.failed = false;
		parts_text(&e->source, key, name);
		memcpy(e->source_name, name, size);
	}
	o->failed |= e->source.failed;
	json_members(o, e->source.text, e->source.used);
}

static void
part_source(struct json *o, struct events *e, const struct where *at)
{
	const char *name = e->run->source(e->run->ctx, at->source);

	if (name != NULL)
		part_source_name(o, e, name);
	if (!e->run->live)
		JSON_COUNT(o, "pcap_cnt", at->frame);
}

static struct json *
event_begin_at(struct events *e, enum event_type type, const struct where *at, uint8_t realm)
{
	struct json *o = event_begin(e, type, at->ts_ns, realm);

	part_source(o, e, at);
	pieces_flow(&e->pieces, o, at);
	part_vlan(o, at);
	part_tunnel(o, at->tunnel);
	json_object_begin(o, event_types_name(type));
	return o;
}

/* What time brought up, and no packet, has none to report on. */
static struct json *
event_begin_of(
    struct events *e, enum event_type type, int64_t ts_ns, const struct obs *cause, uint8_t realm)
{
	struct json *o;

	if (cause != NULL && cause->at.ts_ns == ts_ns)
		return event_begin_at(e, type, &cause->at, realm);
	o = event_begin(e, type, ts_ns, realm);
	json_object_begin(o, event_types_name(type));
	return o;
}

int
events_observation(struct events *e, const struct obs *obs)
{
	static const struct {
		enum event_type type;
		void (*describe)(struct json *out, struct pieces *pieces, const struct obs *obs);
	} kind[] = {
	    [OBS_EPM] = {EVENT_EPM, describe_epm},
	    [OBS_BIND] = {EVENT_BIND, describe_bind},
	    [OBS_OXID] = {EVENT_OXID, describe_oxid},
	    [OBS_REFERRAL] = {EVENT_REFERRAL, describe_referral},
	    [OBS_NAMES] = {EVENT_TYPES, NULL},
	    [OBS_USE] = {EVENT_TYPES, NULL},
	    [OBS_SEALED] = {EVENT_TYPES, NULL},
	    [OBS_REACH] = {EVENT_TYPES, NULL},
	    [OBS_ANSWERED] = {EVENT_TYPES, NULL},
	    [OBS_REGISTRATION] = {EVENT_TYPES, NULL},
	    [OBS_MAILBOX] = {EVENT_TYPES, NULL},
	    [OBS_ACTIVITY] = {EVENT_TYPES, NULL},
	    [OBS_DATAGRAM] = {EVENT_TYPES, NULL},
	    [OBS_FOREIGN] = {EVENT_TYPES, NULL},
	};
	enum event_type type = kind[obs->kind].type;
	size_t start = e->lines.used;

	if (kind[obs->kind].describe == NULL || !is_wanted(e, type))
		return 0;
	kind[obs->kind].describe(event_begin_at(e, type, &obs->at, obs->at.realm), &e->pieces, obs);
	return event_end(e, start);
}

int
events_change(struct events *e, const struct change *c, const struct obs *cause)
{
	size_t start = e->lines.used;

	if (!is_wanted(e, EVENT_CHANGE))
		return 0;
	describe_change(event_begin_of(e, EVENT_CHANGE, c->ts_ns, cause, c->key.realm), c);
	return event_end(e, start);
}

int
events_alert(struct events *e, const struct alert *a, const struct obs *cause)
{
	size_t start = e->lines.used;

	if (!is_wanted(e, EVENT_ALERT))
		return 0;
	describe_alert(event_begin_of(e, EVENT_ALERT, a->ts_ns, cause, a->key.realm), e->run, a);
	return event_end(e, start);
}

int
events_pinhole(struct events *e, const struct pinhole *p)
{
	size_t start = e->lines.used;

	if (!is_wanted(e, EVENT_PINHOLE))
		return 0;
	describe_pinhole(event_begin_of(e, EVENT_PINHOLE, p->ts_ns, NULL, p->realm), p);
	return event_end(e, start);
}

/* It is about a packet that may lie back; what the cause does not tell of that is not known any more. */
static struct json *
event_begin_with(
    struct events *e, enum event_type type, const struct where *at, const struct obs *cause)
{
	struct json *o;

	if (cause != NULL && cause->at.ts_ns == at->ts_ns && cause->at.frame == at->frame)
		return event_begin_at(e, type, &cause->at, at->realm);
	if (at->frame != 0 || e->run->live)
		return event_begin_at(e, type, at, at->realm);
	o = event_begin(e, type, at->ts_ns, at->realm);
	pieces_flow(&e->pieces, o, at);
	json_object_begin(o, event_types_name(type));
	return o;
}

int
events_push(struct events *e, const struct push *p, const struct obs *cause)
{
	size_t start = e->lines.used;
	struct where at = {.ts_ns = p->first_ns,
	    .frame = p->evidence.frame,
	    .source = p->evidence.capture,
	    .src = p->server,
	    .dst = p->client,
	    .sport = p->server_port,
	    .dport = p->client_port,
	    .proto = IPPROTO_UDP,
	    .realm = p->realm};

	if (!is_wanted(e, EVENT_PUSH))
		return 0;
	describe_push(event_begin_with(e, EVENT_PUSH, &at, cause), p);
	return event_end(e, start);
}

int
events_registration(struct events *e, const struct push_registration *r, const struct obs *cause)
{
	size_t start = e->lines.used;
	struct where at = {.ts_ns = r->first_ns,
	    .frame = r->evidence.frame,
	    .source = r->evidence.capture,
	    .src = r->client,
	    .dst = r->server,
	    .sport = r->client_port,
	    .dport = r->server_port,
	    .proto = IPPROTO_TCP,
	    .realm = r->realm};

	if (!is_wanted(e, EVENT_PUSH_REGISTRATION))
		return 0;
	describe_registration(event_begin_with(e, EVENT_PUSH_REGISTRATION, &at, cause), r);
	return event_end(e, start);
}

int
events_stats(struct events *e, const struct events_totals *t)
{
	size_t start = e->lines.used;

	if (!is_wanted(e, EVENT_STATS))
		return 0;
	struct json *o = event_begin(e, EVENT_STATS, t->ts_ns, 0);
	json_object_begin(o, "stats");
	describe_totals(o, e->run, t, e->written, e->suppressed);
	return event_end(e, start);
}
