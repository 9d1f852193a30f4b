/* sections.c - the order of a report. */
#include "report/sections/sections.h"

#include "report/model/model.h"
#include "report/model/newmail.h"
#include "report/model/who.h"

static bool
any_pending(const struct report *r)
{
	return r->pending_count > 0;
}

static bool
any_newmail(const struct report *r)
{
	return r->newmail->count > 0;
}

static bool
any_pinholes(const struct report *r)
{
	return r->pinholes.total > 0;
}

static bool
any_fleet(const struct report *r)
{
	return r->fleet_count > 0;
}

static bool
any_alerts(const struct report *r)
{
	return r->others.total > 0;
}

static bool
any_closed(const struct report *r)
{
	return r->closed.total > 0;
}

static bool
any_clients(const struct report *r)
{
	return r->who->count > 0;
}

static bool
any_suppressed(const struct report *r)
{
	return r->suppressed.total > 0 || r->accepted_count > 0;
}

static const struct section all[] = {
    {"summary", "Summary", NULL, section_summary},
    {"coverage", "Coverage and health", NULL, section_coverage},
    {"findings", "Out of policy", NULL, section_findings},
    {"changes", "Changes", NULL, section_changes},
    {"pending", "Pending", any_pending, section_pending},
    {"newmail", "New-mail pushes", any_newmail, section_newmail},
    {"pinholes", "Pinholes", any_pinholes, section_pinholes},
    {"alerts", "Other alerts", any_alerts, section_alerts},
    {"closed", "Right again", any_closed, section_closed},
    {"clients", "Clients", any_clients, section_clients},
    {"fleet", "Servers", any_fleet, section_fleet},
    {"endpoints", "Endpoints", NULL, section_endpoints},
    {"referrals", "Referrals", section_any_referral, section_referrals},
    {"suppressed", "Suppressed", any_suppressed, section_suppressed},
    {"about", "About this report", NULL, section_about},
};

const struct section *
sections_all(size_t *count)
{
	*count = sizeof(all) / sizeof(all[0]);
	return all;
}
