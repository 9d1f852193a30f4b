/* ports_table.h - the port map and its table: what is where over all servers, and whether it may be there. */
#ifndef EPMWATCH_REPORT_PORTS_TABLE_H
#define EPMWATCH_REPORT_PORTS_TABLE_H

struct document;

/** ports_table(d): Both, in a part of their own; nothing where no port from 1024 on is in use. */
void ports_table(struct document *d);

#endif
