/* assoc.h - a conversation of DCE/RPC over one connection or one pipe: two byte streams in, observations
 * out.
 *
 * It knows nothing of what carries it. Which side is the client is told by the first PDU that only
 * one side can send. */
#ifndef EPMWATCH_DISSECT_ASSOC_H
#define EPMWATCH_DISSECT_ASSOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/observation.h"

struct assoc;
struct budget;
struct dissect_stats;
struct foreign;
struct hints;
struct http_links;
struct obs_queue;
struct patience;
struct pipe_table;

/* What all conversations of a dissector share; borrowed for their lives. */
struct assoc_env {
	struct budget *budget;
	struct dissect_stats *stats;
	struct obs_queue *out;   /* set before each packet */
	const struct where *now; /* the packet being dissected; set before each packet */
	struct http_links *links; /* NULL: each channel of RPC over HTTP stands by itself */
	struct pipe_table *pipes; /* NULL: pipes are looked for in their own connections alone */
	bool is_over; /* no more will be captured: what ends now has not ended for those who talk */
	const struct hints *hints; /* what is known across connections; NULL: nothing */
	struct foreign *foreign; /* who asks what else it can be; NULL: nobody does */
	bool no_smb;              /* connections that carry SMB are not followed */
};

/* A side of the conversation, as its carrier numbers them. */
struct assoc_side {
	struct addr addr;
	uint16_t port;
};

/**
 * assoc_new(out, env, sides, transport, client) / assoc_free(&a):
 * A conversation between ${sides}[0] and ${sides}[1]. ${client} is the side that opened it, or -1
 * where that was not seen. -ENOMEM or ERR_CAP.
 */
int assoc_new(struct assoc **out, struct assoc_env *env, const struct assoc_side sides[2],
    enum transport transport, int client);
void assoc_free(struct assoc **a);

/** assoc_begins(a, from): What side ${from} sends is given from its first octet on: its SYN was seen, say. Before any data. */
void assoc_begins(struct assoc *a, int from);

/** assoc_name_pipe(a, name): It goes through the pipe of that name, which has to outlive it; NULL: nobody knows which. */
void assoc_name_pipe(struct assoc *a, const char *name);

/** assoc_name_backend(a, name): It goes through a proxy, to the host of that name, which has to outlive it. */
void assoc_name_backend(struct assoc *a, const char *name);

/** assoc_set_transport(a, transport): What carries it turned out to be ${transport}. */
void assoc_set_transport(struct assoc *a, enum transport transport);

/** assoc_data(a, from, data, len): The next ${len} bytes that side ${from} sent. */
void assoc_data(struct assoc *a, int from, const uint8_t *data, size_t len);

/** assoc_pass(a, from, data, len, now_ns): Take the next ${len} bytes that side ${from} sent, in a packet of ${now_ns}, as assoc_data() does, if
 * they are one whole call or answer that makes no difference but to counters: of env->now nothing is read. False, and nothing was done, if they
 * are not. */
bool assoc_pass(struct assoc *a, int from, const uint8_t *data, size_t len, int64_t now_ns);

/** assoc_gap(a, from, missing): ${missing} bytes of side ${from} were not captured. */
void assoc_gap(struct assoc *a, int from, uint32_t missing);

/** assoc_doubt(a, from): It is not known that nothing of side ${from} was missed. */
void assoc_doubt(struct assoc *a, int from);

/** assoc_indifference(a, from): How many of the next bytes of side ${from} make no difference, so that
 * they may be given as a gap although they came. */
uint32_t assoc_indifference(const struct assoc *a, int from);

/** assoc_expire(a, patience): Time has passed: report binds that have waited too long for an answer, count questions that have, give up
 * what was being put together for too long. */
void assoc_expire(struct assoc *a, const struct patience *patience);

/** assoc_finish(a): The conversation has ended: report binds that were never answered, count
 * questions that were not. */
void assoc_finish(struct assoc *a);

/** assoc_is_rpc(a): True once something proved that this is DCE/RPC. */
bool assoc_is_rpc(const struct assoc *a);

/** assoc_is_hopeless(a, idle): True if no PDU was seen of either side, and a side began with what is none, or was searched
 * for one in vain, or ${idle}: its carrier gets nowhere. */
bool assoc_is_hopeless(const struct assoc *a, bool idle);

#endif
