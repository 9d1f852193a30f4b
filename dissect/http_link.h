/* http_link.h - the virtual connections of RPC over HTTP, version 2: what the client says comes in one TCP connection, what
 * the server says in another, and either is replaced now and then. A cookie tells which belong together.
 *
 * A link lives as long as one of its connections does, and is charged to the budget with them. */
#ifndef EPMWATCH_DISSECT_HTTP_LINK_H
#define EPMWATCH_DISSECT_HTTP_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/assoc.h"
#include "dissect/rts.h"

enum {
	HTTP_LINKS = 4096, /* at a time; the connections of further ones are not read */
	HTTP_LINK_BUCKETS = 256,
	HTTP_LINK_NAME = 3 * 255 + 1, /* a host's name, cleaned, with the NUL */
};

struct http_link;

/* All virtual connections of a dissector that have a cookie: 2 KiB. All zero: none. */
struct http_links {
	uint64_t salt; /* so that nobody can aim at a bucket */
	size_t count;
	struct http_link *bucket[HTTP_LINK_BUCKETS];
};

/* What one of the connections tells. */
struct http_virtual {
	struct assoc_side client,
	    server; /* addresses of the TCP connection; the ports are for what is reported */
	const uint8_t
	    *cookie; /* RTS_COOKIE octets; NULL: not seen, so that nothing else joins it */
	const uint8_t
	    *backend; /* the host behind server, which is then a proxy; not cleaned; NULL: none */
	size_t backend_len;
};

/**
 * http_link_join(out, env, virtual) / http_link_leave(&link):
 * Be one of the connections of a virtual connection, the first or a further one: same cookie, same addresses (with their realm). The port and the
 * backend are those that the first one told. Leaving, the last reports what was never answered, and all is forgotten. ERR_CAP or -ENOMEM.
 */
int http_link_join(
    struct http_link **out, struct assoc_env *env, const struct http_virtual *virtual);
void http_link_leave(struct http_link **link);

/** http_link_drop(&link): Leave without a report. */
void http_link_drop(struct http_link **link);

/** http_link_assoc(link): The conversation that goes through it: side 0 is the client. */
struct assoc *http_link_assoc(const struct http_link *link);

#endif
