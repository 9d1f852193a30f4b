/* figures.c - see figures.h. */
#include "report/figures/figures.h"

#include <string.h>

#include "base/clock.h"
#include "report/figures/figure_parts.h"
#include "report/model/model.h"
#include "report/model/pool.h"
#include "report/model/servers.h"

enum plot_grade
figure_severity_grade(enum severity severity)
{
	switch (severity) {
	case SEVERITY_HIGH:
		return PLOT_HIGH;
	case SEVERITY_MEDIUM:
		return PLOT_MEDIUM;
	default:
		return PLOT_LOW;
	}
}

enum plot_grade
figure_grade(const struct verdict *verdict)
{
	/* What settles is said of the key, and this endpoint is right. */
	if (verdict->count == 0 || verdict->settling)
		return PLOT_OK;
	return figure_severity_grade(verdict->severity);
}

void
figure_period(const struct report *r, int64_t *from_ns, int64_t *to_ns)
{
	int64_t first = r->summary.first_ns, end = r->end_ns;

	*from_ns = r->options.since_ns != 0 ? r->options.since_ns : first;
	*to_ns = r->options.until_ns != 0 && r->options.until_ns < end ? r->options.until_ns : end;
	if (*from_ns < first && first <= *to_ns)
		*from_ns = first;
}

const char *
figure_host(const struct report *r, struct pool *pool, const char *sensor, const char *realm,
    const struct addr *server)
{
	const char *host = servers_host(r->servers, sensor, realm, server);
	char text[FIGURE_TITLE], address[ADDR_TEXT];
	struct addr is_address;

	if (host == NULL || host[0] == '\0' || addr_parse(host, &is_address) == 0)
		snprintf(text, sizeof(text), "%s", addr_format(server, address));
	else
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(host, "."), host);
	const char *kept = pool_text(pool, text);
	return kept != NULL ? kept : "";
}

const char *
figure_name(const struct report *r, struct pool *pool, const char *sensor, const char *realm,
    const struct addr *server)
{
	const char *host = servers_host(r->servers, sensor, realm, server);
	char text[FIGURE_TITLE * 2], address[ADDR_TEXT];
	int used = snprintf(text, sizeof(text), "%s%s%.100s%s", addr_format(server, address),
	    host != NULL ? " (" : "", host != NULL ? host : "", host != NULL ? ")" : "");

	if (r->watchers > 1 && used > 0)
		snprintf(text + used, sizeof(text) - (size_t)used, ", sensor %.60s, realm %.60s",
		    sensor, realm);
	const char *kept = pool_text(pool, text);
	return kept != NULL ? kept : "";
}

const char *
figure_service(const struct uuid *uuid, char out[UUID_TEXT])
{
	const char *service = report_service(uuid);

	return service != NULL ? service : uuid_format(uuid, out);
}

int
figure_write(FILE *out, const struct report *r, enum figure which, const void *about)
{
	switch (which) {
	case FIGURE_FLEET:
		return figure_fleet(out, r);
	case FIGURE_PORTS:
		return about != NULL ? figure_ports(out, about) : 0;
	case FIGURE_NEWMAIL:
		return figure_newmail(out, r);
	case FIGURE_TIMELINES:
		return about != NULL ? figure_timeline(out, r, about) : 0;
	}
	return 0;
}
