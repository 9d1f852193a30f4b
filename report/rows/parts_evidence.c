/* parts_evidence.c - see parts_evidence.h. */
#include "report/rows/parts_evidence.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "report/rows/parts.h"
#include "report/words/flow_id.h"
#include "report/words/prose.h"
#include "store/query.h"

/* The command that shows it, as a shell reads it. */
static void
part_command(struct json *o, const struct query_evidence *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL) {
		o->failed = true;
		return;
	}
	prose_tshark(out, 0, e);
	if (fclose(out) != 0)
		o->failed = true;
	else if (len > 1) {
		text[len - 1] = '\0';
		parts_text(o, "command", text);
	}
	free(text);
}

void
parts_evidence_whole(struct json *o, const struct query_evidence *e)
{
	char flow[COMMUNITY_ID_TEXT];

	if (e->ts_ns == 0 || (int)e->source == 0)
		return;
	json_object_begin(o, NULL);
	parts_text(o, e->frame != 0 ? "pcap_filename" : "in_iface", e->capture);
	if (e->frame != 0)
		json_count(o, "pcap_cnt", e->frame);
	parts_time(o, "timestamp", e->ts_ns);
	parts_text(o, "source", evidence_source_name(e->source));
	parts_addr(o, "client", &e->client);
	if (e->client_port != 0)
		json_count(o, "client_port", e->client_port);
	if (flow_id(e, flow)[0] != '\0')
		json_plain(o, "community_id", flow);
	part_command(o, e);
	json_object_end(o);
}
