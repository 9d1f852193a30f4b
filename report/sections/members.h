/* members.h - what the interfaces of a server did at one moment: a fact for all that went the same way. */
#ifndef EPMWATCH_REPORT_MEMBERS_H
#define EPMWATCH_REPORT_MEMBERS_H

struct change;
struct document;

/** members_write(d, c): ${c} holds its first REPORT_MEMBERS members at most. */
void members_write(struct document *d, const struct change *c);

#endif
