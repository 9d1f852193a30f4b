/* lookups.c - see lookups.h. */
#include "track/lookups.h"

#include <string.h>

#include "dissect/observation.h"
#include "track/octets.h"

enum {
	FORMAT = 2,
	FORMAT_BEFORE = 1 /* without what was asked for, so it cannot be gone on with */
};

/* Source: C706 appendix O. */
enum {
	INQUIRY_INTERFACE = 1
};

static bool
is_of(const struct lookup *x, const struct obs *o)
{
	return x->realm == o->at.realm && x->client_port == o->client_port &&
	       addr_equal(&x->client, &o->client) && addr_equal(&x->server, &o->server);
}

static void
remove_item(struct lookups *l, size_t at)
{
	l->count--;
	memmove(&l->item[at], &l->item[at + 1], (l->count - at) * sizeof(l->item[0]));
	l->dirty = true;
}

static struct lookup_asked
asked_of(const struct obs_epm_question *q)
{
	if (q->inquiry_type != INQUIRY_INTERFACE)
		return (struct lookup_asked){.inquiry_type = q->inquiry_type};
	return (struct lookup_asked){.inquiry_type = q->inquiry_type,
	    .version_option = q->version_option,
	    .iface = q->iface};
}

static bool
asks_same(const struct lookup *x, const struct obs_epm_question *q)
{
	const struct lookup_asked *a = &x->asked, b = asked_of(q);

	return a->inquiry_type == b.inquiry_type && a->version_option == b.version_option &&
	       uuid_equal(&a->iface.uuid, &b.iface.uuid) && a->iface.major == b.iface.major &&
	       a->iface.minor == b.iface.minor;
}

/* The listing that the question goes on with; one whose pages are not in order is none any more. */
static struct lookup *
find(struct lookups *l, const struct obs *o)
{
	const struct obs_epm_question *q = &o->epm.question;

	for (size_t i = 0; i < l->count; i++) {
		struct lookup *x = &l->item[i];
		int64_t pause;

		if (!is_of(x, o) || !uuid_equal(&x->handle, &q->handle))
			continue;
		if (q->call == x->call + 1 && asks_same(x, q) &&
		    !__builtin_sub_overflow(o->at.ts_ns, x->last_ns, &pause) && pause >= 0 &&
		    pause <= LOOKUPS_PAUSE_NS)
			return x;
		remove_item(l, i);
		return NULL;
	}
	return NULL;
}

/* In the order of when they went on last. */
static void
put_last(struct lookups *l, const struct lookup *x)
{
	if (l->count == LOOKUPS) {
		remove_item(l, 0);
		l->crowded++;
	}
	l->item[l->count++] = *x;
	l->dirty = true;
}

bool
lookups_take(struct lookups *l, const struct obs *o, int64_t *from_ns)
{
	const struct obs_epm_question *q = &o->epm.question;
	struct lookup next = {.server = o->server,
	    .client = o->client,
	    .client_port = o->client_port,
	    .realm = o->at.realm,
	    .asked = asked_of(q),
	    .from_ns = o->at.ts_ns};

	if (q->continues) {
		struct lookup *known = find(l, o);

		if (known == NULL)
			return false;
		next = *known;
		remove_item(l, (size_t)(known - l->item));
	}
	next.handle = o->epm.handle;
	next.call = q->call;
	next.last_ns = o->at.ts_ns;
	*from_ns = next.from_ns;
	if (!o->epm.handle_live)
		return q->continues;
	put_last(l, &next);
	return false;
}

void
lookups_encode(const struct lookups *l, struct octets *out)
{
	octets_put(out, FORMAT);
	octets_put(out, l->count);
	for (size_t i = 0; i < l->count; i++) {
		const struct lookup *x = &l->item[i];

		octets_put_bytes(out, x->server.b, sizeof(x->server.b));
		octets_put_bytes(out, x->client.b, sizeof(x->client.b));
		octets_put_bytes(out, x->handle.b, sizeof(x->handle.b));
		octets_put(out, x->call);
		octets_put(out, x->client_port);
		octets_put(out, x->realm);
		octets_put(out, x->asked.inquiry_type);
		octets_put(out, x->asked.version_option);
		octets_put_bytes(out, x->asked.iface.uuid.b, sizeof(x->asked.iface.uuid.b));
		octets_put(out, x->asked.iface.major);
		octets_put(out, x->asked.iface.minor);
		octets_put_signed(out, x->from_ns);
		octets_put_signed(out, x->last_ns);
	}
}

bool
lookups_decode(struct lookups *l, const uint8_t *data, size_t len)
{
	struct octets_in in = octets_in(data, len);

	uint64_t format = octets_get(&in);

	l->count = 0;
	if (format != FORMAT)
		return format == FORMAT_BEFORE;
	l->count = (size_t)octets_get_most(&in, LOOKUPS);
	for (size_t i = 0; i < l->count; i++) {
		struct lookup *x = &l->item[i];

		octets_get_bytes(&in, x->server.b, sizeof(x->server.b));
		octets_get_bytes(&in, x->client.b, sizeof(x->client.b));
		octets_get_bytes(&in, x->handle.b, sizeof(x->handle.b));
		x->call = (uint32_t)octets_get_most(&in, UINT32_MAX);
		x->client_port = (uint16_t)octets_get_most(&in, UINT16_MAX);
		x->realm = (uint8_t)octets_get_most(&in, UINT8_MAX);
		x->asked.inquiry_type = (uint32_t)octets_get_most(&in, UINT32_MAX);
		x->asked.version_option = (uint32_t)octets_get_most(&in, UINT32_MAX);
		octets_get_bytes(&in, x->asked.iface.uuid.b, sizeof(x->asked.iface.uuid.b));
		x->asked.iface.major = (uint16_t)octets_get_most(&in, UINT16_MAX);
		x->asked.iface.minor = (uint16_t)octets_get_most(&in, UINT16_MAX);
		x->from_ns = octets_get_signed(&in);
		x->last_ns = octets_get_signed(&in);
	}
	if (octets_done(&in))
		return true;
	l->count = 0;
	return false;
}
