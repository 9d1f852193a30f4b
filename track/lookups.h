/* lookups.h - listings of the endpoint mapper that come in pages: which are under way, and when one is complete.
 *
 * A listing begins with a question without a handle and goes on with questions that bear the handle of the answer before, each
 * the next call of the same client port and ask for the same. It is complete if none is missing up to an answer that has no handle
 * any more, or says that there is nothing left. What was not seen since it began is not there then; so nothing has to be kept
 * but when it began, and what was asked for. A client that does not number its calls in order is never believed to have it all.
 *
 * At most LOOKUPS at a time, the one that went on least recently gives way; a listing that pauses for an hour is over. */
#ifndef EPMWATCH_TRACK_LOOKUPS_H
#define EPMWATCH_TRACK_LOOKUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/observation.h"
#include "track/records.h"

struct octets;

enum {
	LOOKUPS = 256
};

#define LOOKUPS_PAUSE_NS (INT64_C(3600) * 1000000000)

/* What all pages of a listing are asked for; zeros stand for what does not matter. */
struct lookup_asked {
	uint32_t inquiry_type, version_option;
	struct if_id iface;
};

/* One listing. */
struct lookup {
	struct addr server, client;
	struct uuid handle; /* of the last answer */
	uint32_t call;      /* of the last question */
	uint16_t client_port;
	uint8_t realm;
	struct lookup_asked asked;
	int64_t from_ns, last_ns; /* of the first and the last answer */
};

struct lookups {
	size_t count;
	struct lookup item[LOOKUPS];
	uint64_t crowded; /* listings that had to be forgotten */
	bool dirty;       /* something here changed since it was encoded */
};

/**
 * lookups_take(l, o, from_ns):
 * An answer to ept_lookup that, but for being a page, would be complete. True if it is the end of a listing of several pages of which none is
 * missing; *${from_ns} is then when it began.
 */
bool lookups_take(struct lookups *l, const struct obs *o, int64_t *from_ns);

/** lookups_encode(l, out) / lookups_decode(l, data, len): As octets. The latter: false, and none, where they are damaged. */
void lookups_encode(const struct lookups *l, struct octets *out);
bool lookups_decode(struct lookups *l, const uint8_t *data, size_t len);

#endif
