/* plan_ports.h - which port to propose: a rule that gives the same answer everywhere, whatever /etc/services says there.
 *
 * First the port that is the custom for the service, then the others of its block (56001 for Exchange 2007, 60001 for Exchange 2010, 50001 for
 * domain controllers), then blocks that IANA's registry of services leaves unassigned; of these the first that is outside of the
 * dynamic range. Where the dynamic range holds all of them (Exchange 2010's does), the custom inside of it, which is then said. */
#ifndef EPMWATCH_EXPORT_PLAN_PORTS_H
#define EPMWATCH_EXPORT_PLAN_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "track/policy.h"

enum {
	PLAN_PORTS = 65536,
	PLAN_NETSH_LEAST = 255 /* ports that a dynamic range has at least, netsh says */
};

/** plan_ports_taken(port): True for one that belongs to a service: below 1024, of the endpoint mapper and RPC over HTTP, or well known. */
bool plan_ports_taken(uint16_t port);

/** plan_ports_choose(service, dynamic, used): The port to propose for ${service}; 0: none is left. ${used}: PLAN_PORTS of them, true where it is
 * not to be had. */
uint16_t plan_ports_choose(const char *service, struct policy_ports dynamic, const bool *used);

/** plan_ports_same(a, b): True if both are the same ranges in the same order. */
bool plan_ports_same(struct policy_ports a, struct policy_ports b);

/** plan_ports_part(dynamic, port): The part of the dynamic range that has ${port}; NULL: it is outside. */
const struct port_range *plan_ports_part(struct policy_ports dynamic, uint16_t port);

/** plan_ports_move(part, low, high, out): What is left of ${part} beside ${low} to ${high}: the larger side. False where netsh would not
 * take it. */
bool plan_ports_move(
    const struct port_range *part, uint16_t low, uint16_t high, struct port_range *out);

#endif
