/* parts_drift.h - a change and an alert as JSON, spelt alike in events and in rows.
 *
 * As in parts.h: each function adds members to the object that is open in ${o}. */
#ifndef EPMWATCH_REPORT_PARTS_DRIFT_H
#define EPMWATCH_REPORT_PARTS_DRIFT_H

struct alert;
struct change;
struct json;
struct query_evidence;

/** parts_change(o, c, shown): All that the contract says of a change; of a server as a whole, without an interface but with its
 * members. `revises` is a string, or an array where there are several. ${shown}: what showed each of the members, which have
 * `evidence` then; NULL: that is not told. */
void parts_change(
    struct json *o, const struct change *c, const struct query_evidence *shown);

/** parts_alert(o, realm, a): All that the contract says of an alert but its evidence, which the caller adds. ${realm} is the
 * name of its key's. */
void parts_alert(struct json *o, const char *realm, const struct alert *a);

#endif
