/* figure_parts.h - what the figures have in common; only figure*.c know it. */
#ifndef EPMWATCH_REPORT_FIGURE_PARTS_H
#define EPMWATCH_REPORT_FIGURE_PARTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plot/panel.h"
#include "report/model/verdict.h"
#include "store/query.h"

struct pool;
struct ports;
struct report;
struct report_server;

enum {
	FIGURE_SIGHTS = 2000,     /* episodes of one server */
	FIGURE_FLOWS = 4000,
	FIGURE_TITLE = 256,
	FIGURE_WORDS = 512,
};

/** figure_fleet(out, r) / figure_ports(out, ports) / figure_newmail(out, r) / figure_timeline(out, r, about): See figure_write(). */
int figure_fleet(FILE *out, const struct report *r);
int figure_ports(FILE *out, const struct ports *ports);
int figure_newmail(FILE *out, const struct report *r);
int figure_timeline(FILE *out, const struct report *r, const struct report_server *about);

/** figure_grade(verdict): How right that is. */
enum plot_grade figure_grade(const struct verdict *verdict);

/** figure_severity_grade(severity): Of something that is not right. */
enum plot_grade figure_severity_grade(enum severity severity);

/** figure_period(r, from_ns, to_ns): What of the report's period the store knows of: the same for all figures. Both 0 where that is nothing. */
void figure_period(const struct report *r, int64_t *from_ns, int64_t *to_ns);

/** figure_name(r, pool, sensor, realm, server): What people call it: host and address, with sensor and realm where there are several. Of ${pool}; "" where
 * that has no memory. */
const char *figure_name(const struct report *r, struct pool *pool, const char *sensor,
    const char *realm, const struct addr *server);

/** figure_host(r, pool, sensor, realm, server): The same in short: its host name up to the first dot, or the address. */
const char *figure_host(const struct report *r, struct pool *pool, const char *sensor,
    const char *realm, const struct addr *server);

/** figure_service(uuid, out): The name of an interface, or its UUID. */
const char *figure_service(const struct uuid *uuid, char out[UUID_TEXT]);

#endif
