/* render_members.h - the interfaces of a verdict on a whole server, in text. */
#ifndef EPMWATCH_REPORT_RENDER_MEMBERS_H
#define EPMWATCH_REPORT_RENDER_MEMBERS_H

#include <stddef.h>

struct change;
struct page;

/** render_members(p, c, held): One line for those that went from the same endpoints to the same endpoints, as interfaces of one process
 * do. The first ${held} of c->member_count are there. -ENOMEM. */
int render_members(const struct page *p, const struct change *c, size_t held);

#endif
