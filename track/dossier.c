/* dossier.c - alerts of one key or server, and what is remembered beside them. */
#include "track/dossier.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/alert.h"
#include "track/line.h"
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
	free((*d)->packed);
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
	entries += d->packed_len > 0 ? d->packed_len + (size_t)BLOCK : 0;
	return sizeof(*d) + BLOCK + entries;
}

/* A packed entry: its length; these parts as they are in struct dossier_entry; these texts, each up to its NUL; and its
 * clients. */
#define AT(member) offsetof(struct dossier_entry, member)

static const struct part {
	size_t at, len;
} parts[] = {
    {0, AT(alert.about)},
    {AT(alert.suppressed), AT(alert.client) - AT(alert.suppressed)},
    {AT(alert.minor), AT(alert.signature) - AT(alert.minor)},
    {AT(alert.evidence), sizeof(struct dossier_entry) - AT(alert.evidence)},
}, texts[] = {
    {AT(alert.about), ALERT_ABOUT},
    {AT(alert.signature), ALERT_TEXT},
    {AT(alert.expected), ALERT_TEXT},
    {AT(alert.observed), ALERT_TEXT},
};

enum {
	PARTS = sizeof(parts) / sizeof(parts[0]),
	TEXTS = sizeof(texts) / sizeof(texts[0]),
	PACKED_RULE = sizeof(uint16_t) + AT(alert.rule),
	PACKED_ABOUT = sizeof(uint16_t) + sizeof(struct dossier_entry) - ALERT_ABOUT -
		       3 * ALERT_TEXT - ALERT_CLIENTS * sizeof(struct addr),
	PACKED_MOST = sizeof(uint16_t) + sizeof(struct dossier_entry),
};

static_assert(AT(alert.suppressed) - AT(alert.about) == ALERT_ABOUT &&
		  AT(alert.minor) - AT(alert.client) == ALERT_CLIENTS * sizeof(struct addr) &&
		  AT(alert.evidence) - AT(alert.signature) == 3 * ALERT_TEXT,
    "parts, texts and clients are all there is");

/* Returns its length. */
static size_t
pack(const struct dossier_entry *e, uint8_t out[PACKED_MOST])
{
	const char *from = (const char *)e;
	uint8_t *at = out + sizeof(uint16_t);
	uint16_t len;

	for (size_t i = 0; i < PARTS; i++) {
		memcpy(at, from + parts[i].at, parts[i].len);
		at += parts[i].len;
	}
	for (size_t i = 0; i < TEXTS; i++) {
		size_t used = strnlen(from + texts[i].at, texts[i].len - 1);

		memcpy(at, from + texts[i].at, used);
		at[used] = '\0';
		at += used + 1;
	}
	memcpy(at, e->alert.client, e->alert.client_count * sizeof(e->alert.client[0]));
	at += e->alert.client_count * sizeof(e->alert.client[0]);
	len = (uint16_t)(at - out);
	memcpy(out, &len, sizeof(len));
	return len;
}

static size_t
packed_len(const uint8_t *packed)
{
	uint16_t len;

	memcpy(&len, packed, sizeof(len));
	return len;
}

static void
unpack(const uint8_t *packed, struct dossier_entry *out)
{
	const uint8_t *at = packed + sizeof(uint16_t);
	char *to = (char *)out;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < PARTS; i++) {
		memcpy(to + parts[i].at, at, parts[i].len);
		at += parts[i].len;
	}
	for (size_t i = 0; i < TEXTS; i++) {
		size_t used = strlen((const char *)at);

		memcpy(to + texts[i].at, at, used);
		at += used + 1;
	}
	memcpy(out->alert.client, at, out->alert.client_count * sizeof(out->alert.client[0]));
}

static void
drop_packed(struct dossier *d, uint8_t *packed)
{
	size_t len = packed_len(packed), behind = (size_t)(packed - d->packed) + len;

	memmove(packed, packed + len, d->packed_len - behind);
	d->packed_len -= (uint32_t)len;
	d->packed_count--;
}

/* Nobody counts what is left of a place; where it cannot be given back it is used again. */
static void *
give_back(void *all, size_t len)
{
	void *less;

	if (len == 0) {
		free(all);
		return NULL;
	}
	return (less = realloc(all, len)) != NULL ? less : all;
}

/* Of what was moved from one to the other. */
static void
give_back_rest(struct dossier *d)
{
	d->entry = give_back(d->entry, d->count * sizeof(d->entry[0]));
	d->packed = give_back(d->packed, d->packed_len);
}

/* Room for one more; NULL without memory. */
static struct dossier_entry *
grow(struct dossier *d)
{
	struct dossier_entry *grown = realloc(d->entry, (d->count + 1) * sizeof(*grown));

	if (grown == NULL)
		return NULL;
	d->entry = grown;
	return &grown[d->count++];
}

static struct dossier_entry *
take_out(struct dossier *d, uint8_t *packed)
{
	struct dossier_entry *e = grow(d);

	if (e == NULL)
		return NULL;
	unpack(packed, e);
	drop_packed(d, packed);
	return e;
}

struct dossier_entry *
dossier_find(struct dossier *d, const char *rule, const char *about)
{
	uint8_t *packed = d != NULL ? d->packed : NULL;

	for (size_t i = 0; d != NULL && i < d->count; i++) {
		const struct alert *a = &d->entry[i].alert;

		if (strcmp(a->rule, rule) == 0 && strcmp(a->about, about) == 0)
			return &d->entry[i];
	}
	for (size_t i = 0; d != NULL && i < d->packed_count; i++, packed += packed_len(packed)) {
		if (strcmp((const char *)packed + PACKED_RULE, rule) == 0 &&
		    strcmp((const char *)packed + PACKED_ABOUT, about) == 0)
			return take_out(d, packed);
	}
	return NULL;
}

/* May it be forgotten in favour of another? */
static bool
is_over(const struct dossier_entry *e)
{
	return e->alert.once || !alert_is_open(&e->alert);
}

void
dossier_pack(struct dossier *d)
{
	uint8_t out[PACKED_MOST], *grown;

	for (size_t i = d != NULL ? d->count : 0; i-- > 0;) {
		size_t len;

		if (!d->entry[i].alert.once)
			continue;
		len = pack(&d->entry[i], out);
		if ((grown = realloc(d->packed, d->packed_len + len)) == NULL)
			break;
		memcpy(grown + d->packed_len, out, len);
		d->packed = grown;
		d->packed_len += (uint32_t)len;
		d->packed_count++;
		d->count--;
		memmove(&d->entry[i], &d->entry[i + 1], (d->count - i) * sizeof(d->entry[0]));
	}
	if (d != NULL)
		give_back_rest(d);
}

void
dossier_unpack(struct dossier *d)
{
	bool more = d != NULL;

	while (more && d->packed_count > 0)
		more = take_out(d, d->packed) != NULL;
	if (d != NULL)
		give_back_rest(d);
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
	if (d->count + d->packed_count < DOSSIER_ENTRIES)
		return grow(d);
	dossier_unpack(d);
	return oldest_over(d);
}

struct dossier_entry *
dossier_take(struct dossier *d, const char *rule, const char *about)
{
	struct dossier_entry *e = dossier_find(d, rule, about);

	if (e != NULL || (e = place(d)) == NULL)
		return e;
	memset(e, 0, sizeof(*e));
	line_copy(e->alert.rule, sizeof(e->alert.rule), rule);
	line_copy(e->alert.about, sizeof(e->alert.about), about);
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
		return (*d)->count + (*d)->packed_count == DOSSIER_ENTRIES ? ERR_OK : -ENOMEM;
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
