/* describe_others.c - what a server says of where something else is: objects that it made, servers to ask. */
#include "app/describe.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/pieces.h"
#include "base/json.h"
#include "dissect/observation.h"
#include "report/rows/parts.h"
#include "report/words/words.h"

static void
part_ends(struct json *o, const struct obs *obs)
{
	parts_addr(o, "server", &obs->server);
	parts_addr(o, "client", &obs->client);
}

/* A resolver that only says that it is there names hosts without ports. */
static void
binding(struct json *o, const struct obs_binding *b)
{
	json_object_begin(o, NULL);
	parts_protseq(o, b->protseq);
	if (b->host_name != NULL)
		parts_text(o, "host", b->host_name);
	else if (b->host_known)
		parts_addr(o, "host", &b->host);
	if (b->port != 0)
		json_count(o, "port", b->port);
	else
		parts_text(o, "endpoint", b->endpoint);
	json_object_end(o);
}

static void
interface(struct json *o, struct pieces *p, const struct if_id *i)
{
	json_object_begin(o, NULL);
	pieces_interface(p, o, &i->uuid, i->major, i->minor);
	json_object_end(o);
}

static void
part_interfaces(struct json *o, struct pieces *p, const struct obs_oxid *oxid)
{
	if (oxid->iface_count == 0)
		return;
	json_array_begin(o, "interfaces");
	for (size_t i = 0; i < oxid->iface_count; i++)
		interface(o, p, &oxid->iface[i]);
	json_array_end(o);
}

void
describe_oxid(struct json *o, struct pieces *p, const struct obs *obs)
{
	const struct obs_oxid *oxid = &obs->oxid;
	char hex[17];

	json_plain(o, "operation", words_oxid_operation(oxid->operation));
	part_ends(o, obs);
	if (oxid->has_oxid) {
		snprintf(hex, sizeof(hex), "%016" PRIx64, oxid->oxid);
		json_plain(o, "oxid", hex);
	}
	json_array_begin(o, "bindings");
	for (size_t i = 0; i < oxid->binding_count; i++)
		binding(o, &oxid->binding[i]);
	json_array_end(o);
	part_interfaces(o, p, oxid);
	json_count(o, "status", oxid->status);
}

void
describe_referral(struct json *o, struct pieces *p, const struct obs *obs)
{
	const struct obs_referral *r = &obs->referral;

	(void)p; /* what was said before is of no use here */
	json_plain(o, "operation", referral_operation_name(r->operation));
	part_ends(o, obs);
	parts_text(o, "to", r->to);
	json_count(o, "status", r->status);
}
