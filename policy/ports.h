/* ports.h - ranges of ports as people and netsh write them. */
#ifndef EPMWATCH_POLICY_PORTS_H
#define EPMWATCH_POLICY_PORTS_H

struct port_range;

/**
 * ports_parse(text, out):
 * Read 49152-65535, 49152+16384 (start and number), one port, or what `netsh int ipv4 show dynamicport tcp` prints, in any
 * language: of its lines two end in a colon and a number, the start and then the number of ports. NULL, and the name in
 * ${out} is NULL; else what was expected instead, of which "" says that it is none of these. Static storage.
 */
const char *ports_parse(const char *text, struct port_range *out);

#endif
