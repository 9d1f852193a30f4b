/* event_types.c - one table of names. */
#include "app/event_types.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

static const char *const name[EVENT_TYPES] = {
    [EVENT_EPM] = "epm",
    [EVENT_BIND] = "bind",
    [EVENT_OXID] = "oxid",
    [EVENT_PUSH] = "push",
    [EVENT_PUSH_REGISTRATION] = "push_registration",
    [EVENT_REFERRAL] = "referral",
    [EVENT_PINHOLE] = "pinhole",
    [EVENT_CHANGE] = "change",
    [EVENT_ALERT] = "alert",
    [EVENT_STATS] = "stats",
};

const char *
event_types_name(enum event_type t)
{
	return name[t];
}

/* The set that a word of ${len} letters stands for; 0 where it is none. */
static unsigned
set_of(const char *word, size_t len)
{
	if (len == 3 && memcmp(word, "all", len) == 0)
		return EVENT_TYPES_ALL;
	for (unsigned t = 0; t < EVENT_TYPES; t++)
		if (strlen(name[t]) == len && memcmp(word, name[t], len) == 0)
			return EVENT_TYPE(t);
	return 0;
}

int
event_types_parse(const char *list, unsigned *out, char wrong[EVENT_TYPE_TEXT])
{
	*out = 0;
	for (const char *word = list;; word++) {
		size_t len = strcspn(word, ",");
		unsigned set = set_of(word, len);

		if (set == 0) {
			snprintf(wrong, EVENT_TYPE_TEXT, "%.*s", (int)len, word);
			return ERR_MALFORMED;
		}
		*out |= set;
		word += len;
		if (*word == '\0')
			return 0;
	}
}
