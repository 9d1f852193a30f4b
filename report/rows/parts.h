/* parts.h - the pieces of JSON that events and rows share, so that every fact is spelt in one
 * place.
 *
 * Each function adds members to the object that is open in ${o}, in the order named. Texts that are NULL add
 * nothing. Memory that is not there shows in o->failed (base/json.h). */
#ifndef EPMWATCH_REPORT_PARTS_H
#define EPMWATCH_REPORT_PARTS_H

#include <stdint.h>

#include "track/records.h"

struct json;

/** parts_text(o, key, s): A string; nothing where ${s} is NULL. */
void parts_text(struct json *o, const char *key, const char *s);

/** parts_time(o, key, ts_ns): RFC 3339, UTC. */
void parts_time(struct json *o, const char *key, int64_t ts_ns);

/** parts_row_begin(o, ts_ns, sensor, realm): Begin the object of a row: `timestamp`, `sensor`, `realm`. */
void parts_row_begin(struct json *o, int64_t ts_ns, const char *sensor, const char *realm);

/** parts_addr(o, key, a): An address as text. */
void parts_addr(struct json *o, const char *key, const struct addr *a);

/** parts_uuid(o, key, u): A UUID as text. */
void parts_uuid(struct json *o, const char *key, const struct uuid *u);

enum {
	PARTS_VERSION = 12
}; /* 65535.65535 and the NUL */

/** parts_version(major, minor, out): `56.0`; returns ${out}. */
char *parts_version(unsigned major, unsigned minor, char out[PARTS_VERSION]);

/** parts_interface(o, uuid, major, minor): `interface`, `version`, and `service` where it has a
 * name. */
void parts_interface(struct json *o, const struct uuid *uuid, uint16_t major, uint16_t minor);

/** parts_protseq(o, protseq): `protseq`, by its name; nothing where it has none. */
void parts_protseq(struct json *o, enum protseq protseq);

/** parts_endpoint(o, protseq, port, name): `protseq`, and `port` where it has ports, else
 * `endpoint` where ${name} is not NULL. */
void parts_endpoint(struct json *o, enum protseq protseq, uint16_t port, const char *name);

/** parts_key(o, key, minor): `server`, `interface`, `version`, `service`, `protseq`. */
void parts_key(struct json *o, const struct mapping_key *key, uint16_t minor);

/** parts_endpoints(o, key, protseq, e, count): An array: ports as numbers, names as strings. */
void parts_endpoints(
    struct json *o, const char *key, enum protseq protseq, const struct endpoint *e, size_t count);

/** parts_evidence(o, capture, frame, ts_ns, source, flow): To an array, an object { pcap_filename, pcap_cnt,
 * timestamp, source, community_id }; with ${frame} 0, seen on interface ${capture}: { in_iface, timestamp,
 * source, community_id }. Nothing where ${source} is 0: no packet showed it, its time had come. ${flow} is empty, or NULL, where it is not known. */
void parts_evidence(struct json *o, const char *capture, uint64_t frame, int64_t ts_ns,
    enum evidence_source source, const char *flow);

#endif
