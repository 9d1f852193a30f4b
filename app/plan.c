/* plan.c - evidence to a plan, the plan to one of its forms. */
#include "app/plan.h"

#include <errno.h>
#include <string.h>

#include "app/export.h"
#include "app/settings.h"
#include "base/log.h"
#include "export/export.h"
#include "export/plan.h"

/* Nothing to plan for is told; what is left undecided is a plan, too, where somebody reads it. */
static int
check(const struct plan *p, const struct export_job *job)
{
	if (p->group_count > 0)
		return 0;
	log_error(job->group == NULL
		      ? "there is nothing to plan for: nothing was seen that a registry value pins"
		      : "there is nothing to plan for in group `%s'",
	    job->group);
	return -ENOENT;
}

static int
nothing_named(void)
{
	log_error("no port can be named: --format text says why");
	return -ENOENT;
}

static int
write_plan(FILE *out, const struct export_job *job)
{
	struct plan *p;
	int err = plan_build(&p, job, job->service);

	if (err != 0)
		return err;
	err = check(p, job);
	if (err == 0 && strcmp(job->format, "yaml") == 0)
		err = plan_named(p) > 0 ? plan_yaml(p, job, out) : nothing_named();
	else if (err == 0 && strcmp(job->format, "json") == 0)
		err = plan_json(p, job, out);
	else if (err == 0)
		err = plan_text(p, job, out);
	plan_free(&p);
	return err;
}

static const struct export_ops plan = {
    .name = "plan", .breaches = true, .all = true, .write = write_plan};

int
plan_run(struct settings *s)
{
	return export_with(s, &plan);
}
