/* members.h - what the interfaces of a server did at one moment: a fact for all that went the same way. */
#ifndef EPMWATCH_REPORT_MEMBERS_H
#define EPMWATCH_REPORT_MEMBERS_H

struct document;
struct query_change;

/** members_write(d, row): ${row} holds its first REPORT_MEMBERS members at most. */
void members_write(struct document *d, const struct query_change *row);

#endif
