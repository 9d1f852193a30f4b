/* parts.c - one function for each fact that is written in more than one place. */
#include "report/rows/parts.h"

#include "base/clock.h"
#include "base/json_fast.h"
#include "track/service.h"

void
parts_text(struct json *o, const char *key, const char *s)
{
	if (s != NULL)
		json_text(o, key, s);
}

void
parts_time(struct json *o, const char *key, int64_t ts_ns)
{
	char text[CLOCK_TEXT];

	json_plain(o, key, clock_format(ts_ns, text));
}

void
parts_row_begin(struct json *o, int64_t ts_ns, const char *sensor, const char *realm)
{
	json_object_begin(o, NULL);
	parts_time(o, "timestamp", ts_ns);
	parts_text(o, "sensor", sensor);
	parts_text(o, "realm", realm);
}

void
parts_addr(struct json *o, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT];

	json_plain(o, key, addr_format(a, text));
}

void
parts_uuid(struct json *o, const char *key, const struct uuid *u)
{
	char text[UUID_TEXT];

	json_plain(o, key, uuid_format(u, text));
}

char *
parts_version(unsigned major, unsigned minor, char out[PARTS_VERSION])
{
	char *p = json_put_number(out, major & 0xffff);

	*p++ = '.';
	p = json_put_number(p, minor & 0xffff);
	*p = '\0';
	return out;
}

void
parts_interface(struct json *o, const struct uuid *uuid, uint16_t major, uint16_t minor)
{
	const struct service *service = service_find(uuid);
	char version[PARTS_VERSION];

	parts_uuid(o, "interface", uuid);
	json_plain(o, "version", parts_version(major, minor, version));
	if (service != NULL)
		json_text(o, "service", service->name);
}

void
parts_protseq(struct json *o, enum protseq protseq)
{
	const char *name = protseq_name(protseq);

	if (name != NULL)
		JSON_PLAIN(o, "protseq", name);
}

void
parts_endpoint(struct json *o, enum protseq protseq, uint16_t port, const char *name)
{
	parts_protseq(o, protseq);
	if (protseq_has_port(protseq))
		JSON_COUNT(o, "port", port);
	else
		parts_text(o, "endpoint", name);
}

void
parts_key(struct json *o, const struct mapping_key *key, uint16_t minor)
{
	parts_addr(o, "server", &key->server);
	parts_interface(o, &key->uuid, key->major, minor);
	parts_protseq(o, (enum protseq)key->protseq);
}

void
parts_endpoints(
    struct json *o, const char *key, enum protseq protseq, const struct endpoint *e, size_t count)
{
	json_array_begin(o, key);
	for (size_t i = 0; i < count; i++)
		if (protseq_has_port(protseq))
			json_count(o, NULL, e[i].port);
		else
			json_text(o, NULL, e[i].name);
	json_array_end(o);
}

void
parts_evidence(struct json *o, const char *capture, uint64_t frame, int64_t ts_ns,
    enum evidence_source source, const char *flow)
{
	if ((int)source == 0)
		return;
	json_object_begin(o, NULL);
	parts_text(o, frame != 0 ? "pcap_filename" : "in_iface", capture);
	if (frame != 0)
		json_count(o, "pcap_cnt", frame);
	parts_time(o, "timestamp", ts_ns);
	parts_text(o, "source", evidence_source_name(source));
	if (flow != NULL && flow[0] != '\0')
		json_plain(o, "community_id", flow);
	json_object_end(o);
}
