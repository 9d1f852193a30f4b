/* ruling.c - transitions of alerts. */
#include "track/ruling.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "track/alert.h"
#include "track/baseline.h"
#include "track/clock.h"
#include "track/line.h"
#include "track/output.h"
#include "track/policy.h"
#include "track/rules.h"
#include "track/service.h"

enum {
	LISTED = 8,       /* endpoints that a signature names */
	WHERE_LIST = 120, /* octets of their list */
};

static bool
is_accepted(const struct rules *r, const struct ruling *v, const struct alert *a)
{
	struct baseline b;
	bool accepted;

	baseline_gather(&b, r->baseline, r->baseline_ctx, v->key);
	accepted = baseline_accepts(&b, v->key, v->set, v->set_count) ||
		   baseline_accepts_id(&b, v->key, a->id) ||
		   baseline_accepts_id(&b, v->key, v->change);
	baseline_release(&b);
	return accepted;
}

static bool
is_suppressed(const struct rules *r, const struct ruling *v, const struct alert *a)
{
	return policy_suppresses(r->policy, v->rule, v->key, v->evidence.ts_ns) != NULL ||
	       is_accepted(r, v, a);
}

static void
set_clients(struct alert *a, const struct ruling *v)
{
	size_t n = v->client_count < ALERT_CLIENTS ? v->client_count : ALERT_CLIENTS;

	a->client_count = n;
	a->client_total = v->client_count;
	if (n > 0)
		memcpy(a->client, v->client, n * sizeof(a->client[0]));
}

/* What every transition to a wrong state sets. */
static void
fill_alert(const struct rules *r, struct alert *a, const struct ruling *v)
{
	memcpy(a->signature, v->texts->signature, sizeof(a->signature));
	memcpy(a->expected, v->texts->expected, sizeof(a->expected));
	memcpy(a->observed, v->texts->observed, sizeof(a->observed));
	set_clients(a, v);
	a->suppressed = is_suppressed(r, v, a);
}

static int
write_alert(struct rules *r, struct alert *a, const struct ruling *v)
{
	fill_alert(r, a, v);
	return output_alert(r->out, a);
}

static struct alert_cause
cause_of(const struct rules *r, const struct ruling *v)
{
	return (struct alert_cause){
	    .key = v->key,
	    .realm = r->realm[v->key->realm],
	    .minor = v->minor,
	    .evidence = &v->evidence,
	    .change = v->change,
	};
}

/* Ids are made of the set or, where there is none, of what else it is about. */
static void
open_alert(struct rules *r, struct alert *a, const struct ruling *v)
{
	struct alert_cause cause = cause_of(r, v);
	struct endpoint about = {.port = 0};

	line_copy(about.name, sizeof(about.name), v->about);
	if (v->about[0] == '\0')
		alert_open(a, v->rule, v->severity, &cause, v->set, v->set_count);
	else
		alert_open(a, v->rule, v->severity, &cause, &about, 1);
	line_copy(a->about, sizeof(a->about), v->about);
	a->once = v->once;
}

static bool
is_news(const struct alert *a, const struct ruling *v)
{
	return v->severity > a->severity || strcmp(v->texts->observed, a->observed) != 0 ||
	       (v->once && strcmp(v->change, a->change) != 0);
}

static int
update(struct rules *r, struct dossier_entry *e, const struct ruling *v)
{
	struct alert_cause cause = cause_of(r, v);

	if (v->evidence.ts_ns > e->wrong_ns)
		e->wrong_ns = v->evidence.ts_ns;
	e->right_ns = 0;
	if (!is_news(&e->alert, v))
		return ERR_OK;
	alert_update(&e->alert, &cause);
	if (v->severity > e->alert.severity)
		e->alert.severity = v->severity;
	return write_alert(r, &e->alert, v);
}

static int
open_or_update(struct rules *r, struct dossier *d, const struct ruling *v)
{
	struct dossier_entry *e = dossier_find(d, v->rule, v->about);

	d->dirty = d->dirty || !v->once;
	if (e != NULL && alert_is_open(&e->alert))
		return update(r, e, v);
	if (e != NULL && e->alert.state == ALERT_CLOSED && v->evidence.ts_ns <= e->alert.closed_ns)
		return ERR_OK;
	if (e == NULL && (e = dossier_take(d, v->rule, v->about)) == NULL) {
		r->refused++;
		return ERR_OK;
	}
	open_alert(r, &e->alert, v);
	e->wrong_ns = v->evidence.ts_ns;
	e->right_ns = 0;
	return write_alert(r, &e->alert, v);
}

int
ruling_wrong(struct rules *r, struct dossier *d, const struct ruling *v)
{
	int err = open_or_update(r, d, v);

	if (v->once)
		dossier_pack(d);
	return err;
}

/* The id is made of what does not change. */
void
ruling_restore(struct rules *r, struct dossier_entry *e, const struct ruling *v, int64_t opened_ns)
{
	struct ruling then = *v;

	then.evidence.ts_ns = opened_ns;
	open_alert(r, &e->alert, &then);
	fill_alert(r, &e->alert, v);
	e->wrong_ns = opened_ns;
}

/* 0 says that nothing was right yet, also where the clock began. */
void
ruling_right(struct dossier *d, struct dossier_entry *e, int64_t ts_ns)
{
	if (e->right_ns != 0 || ts_ns < e->wrong_ns)
		return;
	e->right_ns = ts_ns != 0 ? ts_ns : 1;
	d->dirty = true;
}

int
ruling_close(struct rules *r, struct dossier_entry *e, const struct evidence *evidence)
{
	struct alert_cause cause = {
	    .key = &e->alert.key, .minor = e->alert.minor, .evidence = evidence, .change = ""};

	alert_close(&e->alert, &cause);
	e->right_ns = 0;
	return output_alert(r->out, &e->alert);
}

int64_t
ruling_due(const struct rules *r, const struct dossier_entry *e)
{
	int64_t due, right, settle = r->policy->thresholds.settle_ns;

	if (e->right_ns == 0 || e->alert.once || !alert_is_open(&e->alert))
		return STATE_NEVER;
	if (__builtin_add_overflow(clock_at(r->clock, e->wrong_ns), settle, &due))
		return STATE_NEVER;
	/* What was wrong may have been unseen for long by then. */
	right = clock_at(r->clock, e->right_ns);
	return right > due ? right : due;
}

char *
ruling_name(const struct mapping_key *key, char out[RULING_NAME])
{
	const struct service *service = service_find(&key->uuid);
	char uuid[UUID_TEXT];

	line_copy(
	    out, RULING_NAME, service != NULL ? service->name : uuid_format(&key->uuid, uuid));
	return out;
}

char *
ruling_where(
    const struct mapping_key *key, const struct endpoint *set, size_t count, char out[ALERT_TEXT])
{
	bool ports = protseq_has_port((enum protseq)key->protseq);
	const char *what = ports ? "port" : "pipe";
	struct line line = line_begin(out, ALERT_TEXT);

	if (count > LISTED) {
		line_number(&line, count);
		line_text(&line, " ");
	}
	line_text(&line, what);
	line_text(&line, count > 1 ? "s" : "");
	if (count <= LISTED) {
		char list[ALERT_TEXT];

		alert_list(set, count, list);
		line_text(&line, " ");
		line_cut(&line, list, WHERE_LIST);
	}
	if (key->protseq != PROTSEQ_TCP && ports) {
		line_text(&line, " (");
		line_text(&line, protseq_name((enum protseq)key->protseq));
		line_text(&line, ")");
	}
	return out;
}
