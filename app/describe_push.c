/* describe_push.c - new-mail notifications: flows of them, and who asked for them. */
#include "app/describe.h"

#include "report/rows/parts_push.h"
#include "track/records.h"

void
describe_push(struct json *o, const struct push *p)
{
	parts_push(o, p, p->final);
}

void
describe_registration(struct json *o, const struct push_registration *r)
{
	parts_registration(o, r, r->final);
}
