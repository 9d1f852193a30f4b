/* http_head.h - what the header of an HTTP/1.1 message says of RPC over HTTP, and of the body behind it. */
#ifndef EPMWATCH_DISSECT_HTTP_HEAD_H
#define EPMWATCH_DISSECT_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HTTP_HEAD_MAX = 8192,  /* bytes of a header; a longer one is none */
	HTTP_BACKEND_MAX = 255 /* bytes of a host's name */
};

enum http_method {
	HTTP_RPC_IN,  /* RPC_IN_DATA: the body carries what the client says */
	HTTP_RPC_OUT, /* RPC_OUT_DATA: that of the response carries what the server says */
	HTTP_ANSWER,  /* a response */
};

struct http_head {
	enum http_method method;
	unsigned status; /* of a response */
	const uint8_t
	    *backend; /* of a request whose URL names one (port is not 0): the host; borrowed */
	size_t backend_len; /* 1 to HTTP_BACKEND_MAX */
	uint16_t port;
	bool has_length, chunked;
	uint64_t length; /* of the body, where has_length */
};

/** http_head_begins(data, len): Can a header that is read here begin with these bytes? */
bool http_head_begins(const uint8_t *data, size_t len);

/**
 * http_head_parse(data, len, out):
 * Read a header from its first line to the empty one. Shape: METHOD SP /rpc/rpcproxy.dll?HOST:PORT SP version CRLF, or version SP
 * status SP text CRLF; lines NAME: value CRLF; CRLF. Errors: ERR_MALFORMED where the first line is none of these, or a length makes
 * no sense. Source: RFC 7230 3; MS-RPCH 2.2.2.
 */
int http_head_parse(const uint8_t *data, size_t len, struct http_head *out);

#endif
