/* groups.h - what happened to one process is one line, however many interfaces it hosts. */
#ifndef EPMWATCH_REPORT_GROUPS_H
#define EPMWATCH_REPORT_GROUPS_H

struct report;

/**
 * groups_changes(r):
 * Sort the report's changes by kind (first sights last) and time, with changes of one server side
 * by side that went from the same set to the same set and can be one moment (their intervals share
 * one, and their evidence lies within a day), and fill in the groups. -ENOMEM.
 */
int groups_changes(struct report *r);

#endif
