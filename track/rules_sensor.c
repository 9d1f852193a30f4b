/* rules_sensor.c - SYS-001 to SYS-006. */
#include "track/rules_sensor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "track/alert.h"
#include "track/clock.h"
#include "track/correction.h"
#include "track/octets.h"
#include "track/policy.h"
#include "track/ruling.h"
#include "track/rules.h"

static const struct mapping_key sensor_key; /* no server, no interface */

static int
wrong(struct rules *r, const char *rule, const char *about, int64_t now_ns,
    const struct ruling_texts *texts)
{
	struct ruling v = {.rule = rule,
	    .about = about,
	    .severity = SEVERITY_MEDIUM,
	    .key = &sensor_key,
	    .evidence = {.ts_ns = now_ns},
	    .change = "",
	    .texts = texts};

	if (dossier_make(&r->sensor) == NULL)
		return -ENOMEM;
	r->dirty = true;
	return ruling_wrong(r, r->sensor, &v);
}

static void
right(struct rules *r, const char *rule, const char *about, int64_t now_ns)
{
	struct dossier_entry *e = dossier_find(r->sensor, rule, about);

	if (e != NULL && alert_is_open(&e->alert)) {
		ruling_right(r->sensor, e, now_ns);
		r->dirty = true;
	}
}

/* A state that either is or is not. */
static int
judge(struct rules *r, const char *rule, bool is_wrong, int64_t now_ns,
    const struct ruling_texts *texts)
{
	if (is_wrong)
		return wrong(r, rule, "", now_ns, texts);
	right(r, rule, "", now_ns);
	return ERR_OK;
}

/* A run that began anew counts from 0. */
static uint64_t
since(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

/* What is observed is rounded, so that an alert is not told anew for each packet. */
static int
judge_loss(struct rules *r, const struct sensor_facts *f)
{
	uint64_t lost = since(f->lost, r->past.lost), came = since(f->packets, r->past.packets);
	uint64_t limit = r->policy->thresholds.loss_ppm;
	struct ruling_texts t = {.observed = "packets are lost"};
	bool is_wrong =
	    lost > 0 && (double)lost * 1e6 > (double)limit * ((double)lost + (double)came);

	if (lost == 0 && came == 0)
		return ERR_OK;
	snprintf(t.expected, sizeof(t.expected), "at most %g %%", (double)limit / 1e4);
	snprintf(t.signature, sizeof(t.signature),
	    "packets are lost on their way: %" PRIu64 " of %" PRIu64 " since the last look", lost,
	    lost + came);
	return judge(r, "SYS-001", is_wrong, f->now_ns, &t);
}

static bool
is_silent(const struct sensor_facts *f, const char *name)
{
	for (size_t i = 0; i < f->silent_count; i++) {
		if (strncmp(f->silent[i], name, ALERT_ABOUT - 1) == 0)
			return true;
	}
	return false;
}

static int
judge_interfaces(struct rules *r, const struct sensor_facts *f)
{
	int err = ERR_OK;

	for (size_t i = 0; i < f->silent_count && err == ERR_OK; i++) {
		struct ruling_texts t = {.expected = "packets", .observed = "silence"};
		char about[ALERT_ABOUT];

		snprintf(about, sizeof(about), "%s", f->silent[i]);
		snprintf(
		    t.signature, sizeof(t.signature), "nothing comes from interface %s", about);
		err = wrong(r, "SYS-002", about, f->now_ns, &t);
	}
	for (size_t i = 0; r->sensor != NULL && i < r->sensor->count; i++) {
		const struct alert *a = &r->sensor->entry[i].alert;

		if (strcmp(a->rule, "SYS-002") == 0 && !is_silent(f, a->about))
			right(r, a->rule, a->about, f->now_ns);
	}
	return err;
}

static int
judge_store(struct rules *r, const struct sensor_facts *f)
{
	struct ruling_texts behind = {
	    .signature = "the store is written slower than there is to write",
	    .expected = "a writer that keeps up",
	    .observed = "most of the room for what waits is taken"};
	struct ruling_texts fails = {.expected = "a store that can be written"};
	int err = judge(r, "SYS-003", f->behind, f->now_ns, &behind);

	snprintf(fails.observed, sizeof(fails.observed), "%s",
	    f->store_says != NULL ? f->store_says : "");
	snprintf(fails.signature, sizeof(fails.signature),
	    "the store cannot be written; what is learned waits in memory");
	return err != ERR_OK ? err : judge(r, "SYS-005", f->store_fails, f->now_ns, &fails);
}

static int
judge_memory(struct rules *r, const struct sensor_facts *f)
{
	static const struct ruling_texts t = {
	    .signature = "something found no room within the bounds that are set",
	    .expected = "room for all that is seen",
	    .observed = "bounds are reached"};

	return judge(r, "SYS-004", since(f->refused, r->past.refused) > 0, f->now_ns, &t);
}

int
rules_sensor_judge(struct rules *r, const struct sensor_facts *f)
{
	int err;

	correction_of_dossier(r->sensor, r->clock);
	err = judge_loss(r, f);
	if (err == ERR_OK)
		err = judge_interfaces(r, f);
	if (err == ERR_OK)
		err = judge_store(r, f);
	if (err == ERR_OK)
		err = judge_memory(r, f);
	r->past.packets = f->packets;
	r->past.lost = f->lost;
	r->past.refused = f->refused;
	return err;
}

static int
tell_step(struct rules *r)
{
	struct ruling_texts t = {.expected = "packets in the order of their times"};
	const struct clock *c = r->clock;

	r->past.steps = c->steps;
	r->dirty = true;
	snprintf(t.observed, sizeof(t.observed), "a step back");
	snprintf(t.signature, sizeof(t.signature), "the clock went back by %" PRId64 " s",
	    c->step_by_ns / NS_PER_S);
	return wrong(r, "SYS-006", "", c->step_at_ns, &t);
}

/* It is right as soon as it was set; how far it has gone by now depends on how many packets are looked at together. */
static void
note_clock_right(struct rules *r)
{
	const struct dossier_entry *e = dossier_find(r->sensor, "SYS-006", "");

	if (e != NULL)
		right(r, "SYS-006", "", e->wrong_ns);
}

int
rules_sensor_clock(struct rules *r)
{
	const struct clock *c = r->clock;

	correction_of_dossier(r->sensor, c);
	if (c->steps != r->past.steps)
		return tell_step(r);
	if (r->sensor != NULL)
		note_clock_right(r);
	return ERR_OK;
}

static void
put_text(struct octets *out, const char *text)
{
	octets_put(out, strlen(text));
	octets_put_bytes(out, text, strlen(text));
}

static void
get_text(struct octets_in *in, char *out, size_t size)
{
	size_t len = (size_t)octets_get_most(in, size - 1);

	octets_get_bytes(in, out, len);
	out[len] = '\0';
}

static bool
is_kept(const struct dossier_entry *e)
{
	return alert_is_open(&e->alert);
}

void
rules_sensor_encode(const struct rules *r, struct octets *out)
{
	size_t count = 0, all = r->sensor != NULL ? r->sensor->count : 0;

	for (size_t i = 0; i < all; i++)
		count += is_kept(&r->sensor->entry[i]) ? 1 : 0;
	octets_put(out, r->past.steps);
	octets_put(out, count);
	for (size_t i = 0; i < all; i++) {
		const struct dossier_entry *e = &r->sensor->entry[i];

		if (!is_kept(e))
			continue;
		put_text(out, e->alert.rule);
		put_text(out, e->alert.about);
		put_text(out, e->alert.signature);
		put_text(out, e->alert.expected);
		put_text(out, e->alert.observed);
		octets_put_signed(out, e->alert.opened_ns);
		octets_put_signed(out, e->wrong_ns);
		octets_put_signed(out, e->right_ns);
		put_text(out, e->alert.id);
	}
}

/* Its realm may not have a name yet, which the id is made of. */
static void
decode_id(struct octets_in *in, char id[HASH_ID_TEXT])
{
	get_text(in, id, HASH_ID_TEXT);
	if (strspn(id, "0123456789abcdef") != HASH_ID_TEXT - 1)
		in->bad = true;
}

static int
decode_alert(struct rules *r, struct octets_in *in, bool with_id)
{
	char rule[8] = "", about[ALERT_ABOUT] = "";
	struct ruling_texts t = {.expected = ""};
	struct ruling v = {.rule = rule,
	    .about = about,
	    .severity = SEVERITY_MEDIUM,
	    .key = &sensor_key,
	    .change = "",
	    .texts = &t};
	struct dossier_entry *e;
	int64_t opened_ns;

	get_text(in, rule, sizeof(rule));
	get_text(in, about, sizeof(about));
	get_text(in, t.signature, sizeof(t.signature));
	get_text(in, t.expected, sizeof(t.expected));
	get_text(in, t.observed, sizeof(t.observed));
	opened_ns = octets_get_signed(in);
	if (!octets_good(in))
		return ERR_MALFORMED;
	if (dossier_make(&r->sensor) == NULL || (e = dossier_take(r->sensor, rule, about)) == NULL)
		return -ENOMEM;
	ruling_restore(r, e, &v, opened_ns);
	e->wrong_ns = octets_get_signed(in);
	e->right_ns = octets_get_signed(in);
	if (with_id)
		decode_id(in, e->alert.id);
	return octets_good(in) ? ERR_OK : ERR_MALFORMED;
}

int
rules_sensor_decode(struct rules *r, struct octets_in *in, bool with_ids)
{
	size_t count;
	int err = ERR_OK;

	r->past.steps = octets_get(in);
	count = (size_t)octets_get_most(in, DOSSIER_ENTRIES);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = decode_alert(r, in, with_ids);
	return err;
}
