#include "report/words/flow_id.h"

#include "store/query.h"

char *
flow_id(const struct query_evidence *e, char out[COMMUNITY_ID_TEXT])
{
	out[0] = '\0';
	if (e->server_port == 0 || e->client_port == 0)
		return out;
	return community_id(e->proto, &e->client, &e->server, e->client_port, e->server_port, out);
}
