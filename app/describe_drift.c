/* describe_drift.c - what changed, and what is wrong about it. */
#include "app/describe.h"

#include "app/events.h"
#include "app/realm_rules.h"
#include "base/community_id.h"
#include "base/json.h"
#include "report/rows/parts.h"
#include "report/rows/parts_drift.h"

void
describe_change(struct json *o, const struct change *c)
{
	parts_change(o, c, NULL);
}

static void
part_evidence(struct json *o, const struct events_run *run, const struct addr *server,
    const struct evidence *evidence)
{
	char flow[COMMUNITY_ID_TEXT] = "";

	/* Of what was not seen in a packet, and of what an earlier run saw, there is no frame to show. */
	bool shown = evidence->source != 0 && (run->live || evidence->frame != 0);

	if (evidence->server_port != 0 && evidence->client_port != 0)
		community_id(evidence->proto, &evidence->client, server, evidence->client_port,
		    evidence->server_port, flow);
	json_array_begin(o, "evidence");
	if (evidence->ts_ns != 0 && shown)
		parts_evidence(o, run->source(run->ctx, evidence->capture), evidence->frame,
		    evidence->ts_ns, evidence->source, flow);
	json_array_end(o);
}

void
describe_alert(struct json *o, const struct events_run *run, const struct alert *a)
{
	parts_alert(o, realm_rules_name(run->realms, run->realm, a->key.realm), a);
	part_evidence(o, run, &a->key.server, &a->evidence);
}

static void
part_pinhole_interface(struct json *o, const struct uuid *uuid)
{
	char text[UUID_TEXT];

	json_plain(o, NULL, uuid_format(uuid, text));
}

void
describe_pinhole(struct json *o, const struct pinhole *p)
{
	parts_addr(o, "server", &p->server);
	json_count(o, "port", p->port);
	json_array_begin(o, "clients");
	for (size_t i = 0; i < p->client_count; i++)
		parts_addr(o, NULL, &p->client[i]);
	json_array_end(o);
	json_plain(o, "how", p->refused ? "refused" : "silent");
	json_array_begin(o, "interfaces");
	for (size_t i = 0; i < p->interface_count; i++)
		part_pinhole_interface(o, &p->interface[i]);
	json_array_end(o);
}
