/* ruling.h - what a rule has to say, made a transition of its alert: opened, updated where there is news, or closed; suppressed where the
 * policy or the baseline says so; and handed out. */
#ifndef EPMWATCH_TRACK_RULING_H
#define EPMWATCH_TRACK_RULING_H

#include <stdbool.h>
#include <stddef.h>

#include "track/records.h"

struct dossier;
struct dossier_entry;
struct rules;

/* Texts of what a rule says of a key or a server. */
struct ruling_texts {
	char signature[ALERT_TEXT], expected[ALERT_TEXT], observed[ALERT_TEXT];
};

struct ruling {
	const char *rule, *about;        /* which alert: of its key; about "" where there is but one */
	enum severity severity;
	bool once;                       /* an occurrence */
	const struct mapping_key *key;
	uint16_t minor;
	struct evidence evidence;
	const char *change;              /* id of the change that it goes with; "": none */
	size_t set_count;
	const struct endpoint *set;      /* the endpoints that it is about, sorted */
	size_t client_count;
	const struct addr *client;       /* those that it is about */
	const struct ruling_texts *texts;
};

enum {
	RULING_SET = 64, /* endpoints of a set that a rule looks at */
	RULING_NAME = 80,
};

/** ruling_wrong(r, d, v): It is wrong: open the alert, or update it where its severity rises, or what was observed or the change
 * differs. Evidence from before the last closing opens nothing. Without room for it in ${d} it is counted. -ENOMEM. */
int ruling_wrong(struct rules *r, struct dossier *d, const struct ruling *v);

/** ruling_restore(r, e, v, opened_ns): Make ${e} the entry of the alert that ruling_wrong() opened at that time, without handing it out again. */
void ruling_restore(
    struct rules *r, struct dossier_entry *e, const struct ruling *v, int64_t opened_ns);

/** ruling_right(d, e, ts_ns): It is right at ${ts_ns}, as far as ${e} goes, whose alert is open: it closes when what is wrong has not been seen for
 * the settling time. */
void ruling_right(struct dossier *d, struct dossier_entry *e, int64_t ts_ns);

/** ruling_close(r, e, evidence): Close the alert of ${e}. -ENOMEM. */
int ruling_close(struct rules *r, struct dossier_entry *e, const struct evidence *evidence);

/** ruling_due(r, e): The reading at which it closes; STATE_NEVER: not so far. */
int64_t ruling_due(const struct rules *r, const struct dossier_entry *e);

/** ruling_name(key, out): The service, or the interface's UUID; returns ${out}. */
char *ruling_name(const struct mapping_key *key, char out[RULING_NAME]);

/** ruling_where(key, set, count, out): `port 6004`, `ports 1032, 6004 (ncacn_http)`, `12 ports`, `pipe \\PIPE\\spoolss`: one line, so many are only counted;
 * returns ${out}. */
char *ruling_where(const struct mapping_key *key, const struct endpoint *set, size_t count,
    char out[ALERT_TEXT]);

#endif
