/* parts.c - one function for each fact that is written in more than one place. */
#include "report/parts.h"

#include <stdio.h>

#include "base/clock.h"
#include "track/service.h"

void
parts_text(json_t *o, const char *key, const char *s)
{
	if (s != NULL)
		json_object_set_new(o, key, json_string(s));
}

void
parts_count(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n));
}

void
parts_time(json_t *o, const char *key, int64_t ts_ns)
{
	char text[CLOCK_TEXT];

	parts_text(o, key, clock_format(ts_ns, text));
}

void
parts_addr(json_t *o, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT];

	parts_text(o, key, addr_format(a, text));
}

void
parts_uuid(json_t *o, const char *key, const struct uuid *u)
{
	char text[UUID_TEXT];

	parts_text(o, key, uuid_format(u, text));
}

char *
parts_version(unsigned major, unsigned minor, char out[PARTS_VERSION])
{
	snprintf(out, PARTS_VERSION, "%u.%u", major & 0xffff, minor & 0xffff);
	return out;
}

void
parts_interface(json_t *o, const struct uuid *uuid, uint16_t major, uint16_t minor)
{
	const struct service *service = service_find(uuid);
	char version[PARTS_VERSION];

	parts_uuid(o, "interface", uuid);
	parts_text(o, "version", parts_version(major, minor, version));
	if (service != NULL)
		parts_text(o, "service", service->name);
}

void
parts_endpoint(json_t *o, enum protseq protseq, uint16_t port, const char *name)
{
	parts_text(o, "protseq", protseq_name(protseq));
	if (protseq_has_port(protseq))
		parts_count(o, "port", port);
	else
		parts_text(o, "endpoint", name);
}

void
parts_key(json_t *o, const struct mapping_key *key, uint16_t minor)
{
	parts_addr(o, "server", &key->server);
	parts_interface(o, &key->uuid, key->major, minor);
	parts_text(o, "protseq", protseq_name((enum protseq)key->protseq));
}

void
parts_endpoints(
    json_t *o, const char *key, enum protseq protseq, const struct endpoint *e, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array,
		    protseq_has_port(protseq) ? json_integer(e[i].port) : json_string(e[i].name));
	json_object_set_new(o, key, array);
}

json_t *
parts_evidence(const char *capture, uint64_t frame, int64_t ts_ns, enum evidence_source source)
{
	json_t *o = json_object();

	parts_text(o, frame != 0 ? "pcap_filename" : "in_iface", capture);
	if (frame != 0)
		parts_count(o, "pcap_cnt", frame);
	parts_time(o, "timestamp", ts_ns);
	parts_text(o, "source", evidence_source_name(source));
	return o;
}
