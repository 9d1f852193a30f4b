/* plan.h - the verb `plan`: which ports to pin services to. */
#ifndef EPMWATCH_APP_PLAN_H
#define EPMWATCH_APP_PLAN_H

struct settings;

/** plan_run(s): Plan, and write it down. 0, or a value of sysexits: 66 where there is nothing to plan for. */
int plan_run(struct settings *s);

#endif
