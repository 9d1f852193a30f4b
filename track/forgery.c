/* forgery.c - EPM-010. */
#include "track/forgery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "dissect/observation.h"
#include "track/octets.h"
#include "track/rules.h"
#include "track/ruling.h"
#include "track/sighting.h"

#define DAY_NS (INT64_C(86400) * 1000000000)

static const struct {
	enum forgery_kind kind;
	const char *what;
} words[] = {
    {FORGERY_UNASKED, "an answer that nobody asked for"},
    {FORGERY_ELSEWHERE, "an answer from an address that was not asked"},
    {FORGERY_MALFORMED, "an answer with a malformed tower"},
};

unsigned
forgery_of(const struct obs *o)
{
	unsigned what = 0;

	if (o->kind != OBS_EPM)
		return 0;
	if (o->epm.damaged)
		what |= FORGERY_MALFORMED;
	if (o->epm.elsewhere)
		what |= FORGERY_ELSEWHERE;
	else if (!o->epm.question.seen && o->epm.question.side_visible)
		what |= FORGERY_UNASKED;
	return what;
}

static int32_t
day_of(int64_t ts_ns)
{
	return (int32_t)(ts_ns / DAY_NS - (ts_ns % DAY_NS < 0));
}

static bool
is_same(const struct forgery *f, const struct obs *o)
{
	return f->realm == o->at.realm && addr_equal(&f->server, &o->server) &&
	       addr_equal(&f->client, &o->client);
}

/* The place of ${o}, on its day; one of another day is free. NULL: there is no room. */
static struct forgery *
find(struct forgeries *f, const struct obs *o, int32_t day)
{
	struct forgery *spare = NULL;

	for (size_t i = 0; i < f->count; i++) {
		if (f->item[i].day == day && is_same(&f->item[i], o))
			return &f->item[i];
		if (f->item[i].day != day)
			spare = &f->item[i];
	}
	if (f->count < FORGERIES)
		spare = &f->item[f->count++];
	if (spare != NULL)
		*spare = (struct forgery){
		    .server = o->server, .client = o->client, .day = day, .realm = o->at.realm};
	return spare;
}

static bool
has_room(struct forgeries *f)
{
	if (f->item == NULL)
		f->item = calloc(FORGERIES, sizeof(*f->item));
	return f->item != NULL;
}

static const char *
word_of(unsigned what)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if ((what & words[i].kind) != 0)
			return words[i].what;
	}
	return "";
}

/* What it said, as far as that goes. */
static void
list_towers(const struct obs *o, char out[ALERT_TEXT])
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < o->epm.tower_count && at + 32 < ALERT_TEXT; i++) {
		const struct obs_tower *t = &o->epm.tower[i];

		if (protseq_has_port(t->protseq))
			at += (size_t)snprintf(out + at, ALERT_TEXT - at, "%s%u",
			    at > 0 ? ", " : "", (unsigned)t->port);
	}
}

static int
tell(struct rules *r, const struct obs *o, unsigned what, int32_t day)
{
	struct mapping_key key = {.server = o->server, .realm = o->at.realm};
	char about[ALERT_ABOUT], client[ADDR_TEXT];
	struct ruling_texts t = {.expected = "an answer to a question, by who was asked"};
	struct dossier *d = NULL; /* it is over with this */
	struct ruling v = {.rule = "EPM-010",
	    .about = about,
	    .severity = SEVERITY_MEDIUM,
	    .once = true,
	    .key = &key,
	    .change = "",
	    .client = &o->client,
	    .client_count = 1,
	    .texts = &t};
	int err;

	v.evidence = evidence_of_obs(o);
	v.evidence.source = o->epm.operation == EPM_MAP ? EVIDENCE_MAP : EVIDENCE_LOOKUP;
	snprintf(about, sizeof(about), "%s %d", addr_format(&o->client, client), (int)day);
	list_towers(o, t.observed);
	snprintf(t.signature, sizeof(t.signature), "%s, to %.64s", word_of(what), client);
	if (dossier_make(&d) == NULL)
		return -ENOMEM;
	err = ruling_wrong(r, d, &v);
	dossier_free(&d);
	return err;
}

int
forgery_judge(struct rules *r, const struct obs *o)
{
	unsigned what = forgery_of(o);
	int32_t day = day_of(o->at.ts_ns);
	struct forgery *f;

	if (what == 0)
		return ERR_OK;
	if (!has_room(&r->forgeries))
		return -ENOMEM;
	if ((f = find(&r->forgeries, o, day)) == NULL) {
		r->refused++;
		return ERR_OK;
	}
	if (f->told != 0)
		return ERR_OK;
	f->told = (uint8_t)what;
	r->dirty = true;
	return tell(r, o, what, day);
}

void
forgeries_encode(const struct forgeries *f, struct octets *out)
{
	octets_put(out, f->count);
	for (size_t i = 0; i < f->count; i++) {
		octets_put_bytes(out, &f->item[i].server, sizeof(f->item[i].server));
		octets_put_bytes(out, &f->item[i].client, sizeof(f->item[i].client));
		octets_put_signed(out, f->item[i].day);
		octets_put(out, f->item[i].realm);
		octets_put(out, f->item[i].told);
	}
}

int
forgeries_decode(struct forgeries *f, struct octets_in *in)
{
	size_t count = (size_t)octets_get_most(in, FORGERIES);

	if (count > 0 && !has_room(f))
		return -ENOMEM;
	for (f->count = 0; f->count < count; f->count++) {
		struct forgery *item = &f->item[f->count];

		memset(item, 0, sizeof(*item));
		octets_get_bytes(in, &item->server, sizeof(item->server));
		octets_get_bytes(in, &item->client, sizeof(item->client));
		item->day = (int32_t)octets_get_signed(in);
		item->realm = (uint8_t)octets_get_most(in, UINT8_MAX);
		item->told = (uint8_t)octets_get_most(in, UINT8_MAX);
		if (!octets_good(in))
			return ERR_MALFORMED;
	}
	return ERR_OK;
}

void
forgeries_deinit(struct forgeries *f)
{
	free(f->item);
	*f = (struct forgeries){NULL, 0};
}
