/* describe.h - what events carry: the objects `epm`, `bind`, `oxid`, `referral`, `pinhole`, `change`, `alert` and `stats` of the
 * contract.
 *
 * Each function adds the members to the object that is open in ${o}. describe.c has what was observed,
 * describe_others.c the same of what has to do with other hosts, describe_drift.c what was concluded, describe_push.c new-mail notifications, describe_totals.c the numbers. */
#ifndef EPMWATCH_APP_DESCRIBE_H
#define EPMWATCH_APP_DESCRIBE_H

#include <stdint.h>

struct alert;
struct change;
struct events_run;
struct events_totals;
struct json;
struct obs;
struct pieces;
struct pinhole;
struct push;
struct push_registration;

/** describe_epm(o, p, obs) / describe_bind(...) / describe_oxid(...) / describe_referral(...): An observation of that kind. ${p} is
 * what was said before. */
void describe_epm(struct json *o, struct pieces *p, const struct obs *obs);
void describe_bind(struct json *o, struct pieces *p, const struct obs *obs);
void describe_oxid(struct json *o, struct pieces *p, const struct obs *obs);
void describe_referral(struct json *o, struct pieces *p, const struct obs *obs);

/** describe_change(o, c) / describe_alert(o, run, a): A conclusion. */
void describe_change(struct json *o, const struct change *c);
void describe_alert(struct json *o, const struct events_run *run, const struct alert *a);

/** describe_pinhole(o, p): A port that is named and not reached. */
void describe_pinhole(struct json *o, const struct pinhole *p);

/** describe_push(o, p) / describe_registration(o, r): A flow of new-mail notifications; a client asking for them. */
void describe_push(struct json *o, const struct push *p);
void describe_registration(struct json *o, const struct push_registration *r);

/** describe_totals(o, run, t, written, suppressed): The numbers of a run, and how many events it wrote and could not
 * write. */
void describe_totals(struct json *o, const struct events_run *run, const struct events_totals *t,
    uint64_t written, uint64_t suppressed);

#endif
