/* parts_push.h - a flow of new-mail datagrams and a registration for them as JSON, spelt alike in events and in rows.
 *
 * As in parts.h: each function adds members to the object that is open in ${o}. */
#ifndef EPMWATCH_REPORT_PARTS_PUSH_H
#define EPMWATCH_REPORT_PARTS_PUSH_H

#include <stdbool.h>

struct json;
struct push;
struct push_registration;

/** parts_push(o, x, final): All that the contract says of a flow. ${final}: nothing more is to come, be it that the run ends. */
void parts_push(struct json *o, const struct push *x, bool final);

/** parts_registration(o, x, final): The same of a registration. Of a sealed one nothing is known but who asked whom, and how long
 * the context is where the call's length tells. How many datagrams it had stands in a final one. */
void parts_registration(struct json *o, const struct push_registration *x, bool final);

/** parts_confidence_of_push(x): `registered` or `inferred`. */
const char *parts_confidence_of_push(const struct push *x);

#endif
