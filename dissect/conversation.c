/* conversation.c - who talks to whom. */
#include "dissect/conversation.h"

#include <string.h>

#include "dissect/obs_queue.h"

struct obs
conversation_obs(const struct conversation *v, enum obs_kind kind)
{
	const struct assoc_side *server = conversation_server(v), *client = conversation_client(v);

	return (struct obs){
	    .kind = kind,
	    .pipe = v->pipe != NULL
			? obs_queue_text(v->env->out, (const uint8_t *)v->pipe, strlen(v->pipe))
			: NULL,
	    .backend = v->backend != NULL ? obs_queue_text(v->env->out,
						(const uint8_t *)v->backend, strlen(v->backend))
					  : NULL,
	    .transport = v->transport,
	    .at = *v->env->now,
	    .server = server->addr,
	    .client = client->addr,
	    .server_port = server->port,
	    .client_port = client->port,
	};
}
