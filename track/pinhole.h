/* pinhole.h - the places of answers and of ports that pinholes.h tells of, and when something is due of a port: the parts that
 * pinholes.c, pinholes_due.c and pinholes_state.c work with. */
#ifndef EPMWATCH_TRACK_PINHOLE_H
#define EPMWATCH_TRACK_PINHOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "track/pinholes.h"

#define PINHOLE_MINUTE_NS (INT64_C(60) * 1000000000)
#define PINHOLE_DAY_NS (INT64_C(86400) * 1000000000)

/** pinhole_room(p): The tables are there, made if they were not. False without memory. */
bool pinhole_room(struct pinholes *p);

/** pinhole_answer_place(p, server, client, port, realm): Where an answer that named ${port} to ${client} is remembered; another may be there. */
struct pinhole_answer *pinhole_answer_place(const struct pinholes *p, const struct addr *server,
    const struct addr *client, uint16_t port, uint8_t realm);

/** pinhole_is_recent(from_ns, to_ns): From one to the other it is at most a minute, and not back. */
bool pinhole_is_recent(int64_t from_ns, int64_t to_ns);

/** pinhole_find(p, o): The port that ${o} is about; NULL where it is not held. */
struct pinhole_port *pinhole_find(const struct pinholes *p, const struct obs *o);

/** pinhole_add(r, o): The same, with nothing in it but its name, in the place of the one that was quiet longest. NULL, counted, where alerts hold
 * all places. */
struct pinhole_port *pinhole_add(struct rules *r, const struct obs *o);

/** pinhole_drop(r, port): Its place is free. */
void pinhole_drop(struct rules *r, struct pinhole_port *port);

/** pinhole_later(r, from_ns, by_ns): The reading when ${by_ns} of healthy time have gone by since packet time ${from_ns}. */
int64_t pinhole_later(const struct rules *r, int64_t from_ns, int64_t by_ns);

/** pinhole_due(r, port): The reading at which there is something to do. */
int64_t pinhole_due(const struct rules *r, const struct pinhole_port *port);

/** pinhole_reckon(r): Something of a port changed: say anew when the first is due. */
void pinhole_reckon(struct rules *r);

#endif
