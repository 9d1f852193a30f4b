/* conversation.c - who talks to whom. */
#include "dissect/conversation.h"

struct obs
conversation_obs(const struct conversation *v, enum obs_kind kind)
{
	const struct assoc_side *server = conversation_server(v), *client = conversation_client(v);

	return (struct obs){
	    .kind = kind,
	    .transport = v->transport,
	    .at = *v->env->now,
	    .server = server->addr,
	    .client = client->addr,
	    .server_port = server->port,
	    .client_port = client->port,
	};
}
