/* describe.h - what events carry: the objects `epm`, `bind`, `change`, `alert` and `stats` of the contract.
 *
 * Each function adds the members to the object that is open in ${out}. describe.c has what was observed,
 * describe_drift.c what was concluded, describe_totals.c the numbers. */
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

/** describe_epm(out, pieces, o) / describe_bind(out, pieces, o): An observation of that kind. */
void describe_epm(struct json *out, struct pieces *pieces, const struct obs *o);
void describe_bind(struct json *out, struct pieces *pieces, const struct obs *o);

/** describe_change(out, c) / describe_alert(out, run, a): A conclusion. */
void describe_change(struct json *out, const struct change *c);
void describe_alert(struct json *out, const struct events_run *run, const struct alert *a);

/** describe_totals(out, run, t, written, suppressed): The numbers of a run, and how many events it wrote and could not
 * write. */
void describe_totals(struct json *out, const struct events_run *run, const struct events_totals *t,
    uint64_t written, uint64_t suppressed);

#endif
