/* dossier.c - alerts of one key or server, and what is remembered beside them. */
#include "track/dossier.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/alert.h"
#include "track/octets.h"

enum {
	BLOCK = 16, /* what malloc takes for itself */
	ENCODING = 1
};

struct dossier *
dossier_make(struct dossier **d)
{
	if (*d == NULL)
		*d = calloc(1, sizeof(**d));
	return *d;
}

void
dossier_free(struct dossier **d)
{
	if (*d == NULL)
		return;
	free((*d)->entry);
	free(*d);
	*d = NULL;
}

size_t
dossier_bytes(const struct dossier *d)
{
	size_t entries;

	if (d == NULL)
		return 0;
	entries = d->count > 0 ? d->count * sizeof(*d->entry) + BLOCK : 0;
	return sizeof(*d) + BLOCK + entries;
}

struct dossier_entry *
dossier_find(const struct dossier *d, const char *rule, const char *about)
{
	for (size_t i = 0; d != NULL && i < d->count; i++) {
		const struct alert *a = &d->entry[i].alert;

		if (strcmp(a->rule, rule) == 0 && strcmp(a->about, about) == 0)
			return &d->entry[i];
	}
	return NULL;
}

/* May it be forgotten in favour of another? */
static bool
is_over(const struct dossier_entry *e)
{
	return e->alert.once || !alert_is_open(&e->alert);
}

static struct dossier_entry *
oldest_over(const struct dossier *d)
{
	struct dossier_entry *found = NULL;

	for (size_t i = 0; i < d->count; i++) {
		struct dossier_entry *e = &d->entry[i];

		if (is_over(e) && (found == NULL || e->alert.updated_ns < found->alert.updated_ns))
			found = e;
	}
	return found;
}

/* A place for one more; NULL where there is none. */
static struct dossier_entry *
place(struct dossier *d)
{
	struct dossier_entry *grown;

	if (d->count == DOSSIER_ENTRIES)
		return oldest_over(d);
	grown = realloc(d->entry, (d->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return NULL;
	d->entry = grown;
	return &grown[d->count++];
}

struct dossier_entry *
dossier_take(struct dossier *d, const char *rule, const char *about)
{
	struct dossier_entry *e = dossier_find(d, rule, about);

	if (e != NULL || (e = place(d)) == NULL)
		return e;
	memset(e, 0, sizeof(*e));
	snprintf(e->alert.rule, sizeof(e->alert.rule), "%s", rule);
	snprintf(e->alert.about, sizeof(e->alert.about), "%s", about);
	return e;
}

int
dossier_add(struct dossier **d, const struct alert *a)
{
	struct dossier_entry *e;

	if (dossier_make(d) == NULL)
		return -ENOMEM;
	e = dossier_find(*d, a->rule, a->about);
	if (e != NULL && e->alert.state != 0 && e->alert.updated_ns > a->updated_ns)
		return ERR_OK; /* an earlier alert of the same key */
	if (e == NULL && (e = dossier_take(*d, a->rule, a->about)) == NULL)
		return (*d)->count == DOSSIER_ENTRIES ? ERR_OK : -ENOMEM;
	e->alert = *a;
	if (e->wrong_ns == 0)
		e->wrong_ns = a->updated_ns;
	return ERR_OK;
}

bool
dossier_is_dirty(const struct dossier *d)
{
	return d != NULL && d->dirty;
}

void
dossier_settle(struct dossier *d)
{
	if (d != NULL)
		d->dirty = false;
}

/* What is not in the alert itself, and matters. */
static bool
is_remembered(const struct dossier_entry *e)
{
	return !e->alert.once && alert_is_open(&e->alert);
}

static size_t
count_remembered(const struct dossier *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->count; i++)
		n += is_remembered(&d->entry[i]) ? 1 : 0;
	return n;
}

bool
dossier_has_memory(const struct dossier *d)
{
	return d != NULL && (d->denied_ns != 0 || d->born_ns != 0 || count_remembered(d) > 0);
}

static void
encode_entry(const struct dossier_entry *e, struct octets *out)
{
	size_t about = strlen(e->alert.about);

	octets_put_bytes(out, e->alert.rule, sizeof(e->alert.rule));
	octets_put(out, about);
	octets_put_bytes(out, e->alert.about, about);
	octets_put_signed(out, e->wrong_ns);
	octets_put_signed(out, e->right_ns);
}

void
dossier_encode(const struct dossier *d, struct octets *out)
{
	if (!dossier_has_memory(d))
		return;
	octets_put(out, ENCODING);
	octets_put_signed(out, d->denied_ns);
	octets_put_signed(out, d->born_ns);
	octets_put(out, count_remembered(d));
	for (size_t i = 0; i < d->count; i++) {
		if (is_remembered(&d->entry[i]))
			encode_entry(&d->entry[i], out);
	}
}

static int
decode_entry(struct dossier *d, struct octets_in *in)
{
	char rule[sizeof(d->entry->alert.rule)], about[ALERT_ABOUT] = "";
	struct dossier_entry *e;
	int64_t wrong_ns, right_ns;

	octets_get_bytes(in, rule, sizeof(rule));
	octets_get_bytes(in, about, (size_t)octets_get_most(in, sizeof(about) - 1));
	wrong_ns = octets_get_signed(in);
	right_ns = octets_get_signed(in);
	if (!octets_good(in) || rule[sizeof(rule) - 1] != '\0')
		return ERR_MALFORMED;
	if ((e = dossier_take(d, rule, about)) == NULL)
		return -ENOMEM;
	e->wrong_ns = wrong_ns;
	e->right_ns = right_ns;
	return ERR_OK;
}

int
dossier_decode(struct dossier **d, const uint8_t *data, size_t len)
{
	struct octets_in in = octets_in(data, len);
	size_t count;
	int r = ERR_OK;

	if (len == 0)
		return ERR_OK;
	if (octets_get(&in) != ENCODING || !octets_good(&in))
		return ERR_MALFORMED;
	if (dossier_make(d) == NULL)
		return -ENOMEM;
	(*d)->denied_ns = octets_get_signed(&in);
	(*d)->born_ns = octets_get_signed(&in);
	count = (size_t)octets_get_most(&in, DOSSIER_ENTRIES);
	for (size_t i = 0; i < count && r == ERR_OK; i++)
		r = decode_entry(*d, &in);
	return r == ERR_OK && !octets_done(&in) ? ERR_MALFORMED : r;
}
