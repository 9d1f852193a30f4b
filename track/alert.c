/* alert.c - the transitions of an alert. */
#include "track/alert.h"

#include <string.h>

#include "track/ident.h"
#include "track/line.h"

bool
alert_is_open(const struct alert *a)
{
	return a->state == ALERT_OPEN || a->state == ALERT_UPDATE;
}

static void
transit(struct alert *a, enum alert_state state, const struct alert_cause *cause)
{
	a->state = state;
	a->ts_ns = a->updated_ns = cause->evidence->ts_ns;
	a->minor = cause->minor;
	a->evidence = *cause->evidence;
	if (cause->change[0] != '\0')
		line_copy(a->change, sizeof(a->change), cause->change);
}

void
alert_open(struct alert *a, const char *rule, enum severity severity,
    const struct alert_cause *cause, const struct endpoint *set, size_t count)
{
	memset(a, 0, sizeof(*a));
	line_copy(a->rule, sizeof(a->rule), rule);
	a->severity = severity;
	a->key = *cause->key;
	a->opened_ns = cause->evidence->ts_ns;
	(void)ident_make(cause->key, cause->realm, rule, set, count, a->opened_ns, a->id);
	transit(a, ALERT_OPEN, cause);
}

void
alert_update(struct alert *a, const struct alert_cause *cause)
{
	transit(a, ALERT_UPDATE, cause);
}

void
alert_close(struct alert *a, const struct alert_cause *cause)
{
	transit(a, ALERT_CLOSED, cause);
	a->closed_ns = a->ts_ns;
}

void
alert_list(const struct endpoint *set, size_t count, char out[ALERT_TEXT])
{
	struct line line = line_begin(out, ALERT_TEXT);

	for (size_t i = 0; i < count; i++) {
		char text[ENDPOINT_TEXT];
		size_t len = strlen(endpoint_format(&set[i], text));

		if (len + 3 > line.left)
			return;
		line_text(&line, line.at > out ? ", " : "");
		line_text(&line, text);
	}
}
