/* rules.h - what is wrong, by the policy and by what was seen: alerts that open, are updated and close.
 *
 * Rules on a state are judged on observation, at once; they close when complete answers or accepted binds show the right
 * state and the wrong one has not been seen for the settling time, which a timer says. Rules on an occurrence go with a change
 * as it is told, or with one observation; they open once and never close. A transition goes to the output; nothing is said
 * of what stays as it is. 
 *
 * Times are packet times, and due times readings of the healthy clock (clock.h).
 *
 *   rules_state.c      EPM-001 002 003 008 012: of one key, on observation
 *   rules_change.c     EPM-004 005 006 007: with changes
 *   forgery.c          EPM-010: of one answer
 *   pinholes.c         EPM-013: of one port
 *   rules_push.c       EPM-009: of notifications (push.h), kept with the server
 *   intruders.c        EPM-011: of one port, likewise
 *   rules_sensor.c     SYS-001 to 006: of the sensor itself */
#ifndef EPMWATCH_TRACK_RULES_H
#define EPMWATCH_TRACK_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/baseline.h"
#include "track/dossier.h"
#include "track/forgery.h"
#include "track/pinholes.h"
#include "track/records.h"
#include "track/rules_sensor.h"

struct clock;
struct group;
struct obs;
struct output;
struct policy;

#define RULES_OUT_OF_RANGE "EPM-001"

/* One a tracker. What is borrowed may be set anew at any time. */
struct rules {
	const struct policy *policy;
	const struct clock *clock;
	baseline_source *baseline;       /* what was accepted; NULL: nothing */
	void *baseline_ctx;
	const uint64_t *realm;           /* ident_realm() of each; UINT8_MAX + 1 of them */
	struct output *out;              /* where transitions go */
	struct forgeries forgeries;
	struct pinholes pinholes;
	struct dossier *sensor;          /* owned: the alerts of SYS */
	struct sensor_past past;
	uint64_t refused;                /* alerts for which there was no room */
	bool dirty;                      /* what rules_state_encode() writes has changed */
};

/** rules_init(r, policy, clock, realm, out) / rules_deinit(r): Nothing known yet. All is borrowed. */
void rules_init(struct rules *r, const struct policy *policy, const struct clock *clock,
    const uint64_t *realm, struct output *out);
void rules_deinit(struct rules *r);

/** rules_answer_is_forged(o): It is proved that nobody asked for that answer, or not the host that gave it: it is to leave no trace
 * in the history, and teaches nothing. */
bool rules_answer_is_forged(const struct obs *o);

/** rules_observe(r, o): An observation has come, forged or not: EPM-010, and what EPM-013 is made of. -ENOMEM. */
int rules_observe(struct rules *r, const struct obs *o);

/**
 * rules_sight(r, m, g, change, d):
 * ${g} was folded into ${m}. Where a complete answer denies a key that is known, the group is empty and complete. ${change} is
 * the id of the change that came with it, or empty. -ENOMEM.
 */
int rules_sight(struct rules *r, const struct mapping *m, const struct group *g,
    const char *change, struct dossier **d);

/** rules_gone(r, m, now_ns, d): At ${now_ns} endpoints of ${m} were unseen for so long that they ended, told or not: what no endpoint that is
 * left breaks is right, and where none is left, all is. */
void rules_gone(
    const struct rules *r, const struct mapping *m, int64_t now_ns, struct dossier *d);

/** rules_change(r, c, of_key, of_server): ${c} is told. Of a server as a whole ${of_key} is NULL; ${of_server} is NULL where the server
 * found no room. -ENOMEM. */
int rules_change(struct rules *r, const struct change *c, struct dossier **of_key,
    struct dossier **of_server);

/** rules_due(r, d): The reading at which something of ${d} closes; STATE_NEVER: nothing does so far. */
int64_t rules_due(const struct rules *r, const struct dossier *d);

/** rules_ripe(r, m, now_ns, d): That has come, at packet time ${now_ns}. -ENOMEM. */
int rules_ripe(struct rules *r, const struct mapping *m, int64_t now_ns, struct dossier **d);

/** rules_next_due(r) / rules_ripe_all(r, now_ns): The same of what hangs on no mapping. */
int64_t rules_next_due(const struct rules *r);
int rules_ripe_all(struct rules *r, int64_t now_ns);

struct octets;

/** rules_is_dirty(r) / rules_settle(r): What rules_state_encode() writes has changed; it was kept. */
bool rules_is_dirty(const struct rules *r);
void rules_settle(struct rules *r);

/** rules_state_encode(r, out) / rules_state_decode(r, data, len): What is remembered of no mapping and no server, for the sensor's named
 * state. The latter: false where it is damaged, then some of it may be missing. */
void rules_state_encode(const struct rules *r, struct octets *out);
bool rules_state_decode(struct rules *r, const uint8_t *data, size_t len);

#endif
