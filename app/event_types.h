/* event_types.h - the types of events, as the contract names them, and sets of them. */
#ifndef EPMWATCH_APP_EVENT_TYPES_H
#define EPMWATCH_APP_EVENT_TYPES_H

#include <stddef.h>

/* In the order in which help and manual name them. */
enum event_type {
	EVENT_EPM,
	EVENT_BIND,
	EVENT_OXID,
	EVENT_PUSH,
	EVENT_PUSH_REGISTRATION,
	EVENT_REFERRAL,
	EVENT_PINHOLE,
	EVENT_CHANGE,
	EVENT_ALERT,
	EVENT_STATS,
	EVENT_TYPES,
};

#define EVENT_TYPE(t) (1U << (t))

/* Everything; and what an interface tells unless asked for more. */
#define EVENT_TYPES_ALL (EVENT_TYPE(EVENT_TYPES) - 1)
#define EVENT_TYPES_LIVE                                                                           \
	(EVENT_TYPE(EVENT_PUSH) | EVENT_TYPE(EVENT_PUSH_REGISTRATION) | EVENT_TYPE(EVENT_CHANGE) | \
	    EVENT_TYPE(EVENT_ALERT) | EVENT_TYPE(EVENT_STATS))

enum {
	EVENT_TYPE_TEXT = 32
};

/** event_types_name(t): Its name. Static storage. */
const char *event_types_name(enum event_type t);

/**
 * event_types_parse(list, out, wrong):
 * Read a list with commas between, of names or `all`, into a set of EVENT_TYPE(). ERR_MALFORMED with the first word
 * that is no name in ${wrong}; an empty list is one empty word.
 */
int event_types_parse(const char *list, unsigned *out, char wrong[EVENT_TYPE_TEXT]);

#endif
