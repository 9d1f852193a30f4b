/* http_build.h - RTS PDUs, HTTP headers and the banner, built for tests. */
#ifndef EPMWATCH_TESTS_UNIT_HTTP_BUILD_H
#define EPMWATCH_TESTS_UNIT_HTTP_BUILD_H

#include <stdio.h>

#include "dissect/rts.h"
#include "rpc_build.h"

#define BANNER "ncacn_http/1.0"

static inline void
msg_text(struct message *m, const char *text)
{
	msg_bytes(m, text, strlen(text));
}

/* The header of an RTS PDU, in a message of its own. */
static inline void
rts_begin(struct message *m, unsigned flags, unsigned commands)
{
	msg_begin(m, true, PDU_RTS, WHOLE, 0);
	msg_u16(m, flags);
	msg_u16(m, commands);
}

static inline void
rts_number(struct message *m, unsigned command, uint32_t value)
{
	msg_u32(m, command);
	msg_u32(m, value);
}

static inline void
rts_cookie(struct message *m, uint8_t octet)
{
	msg_u32(m, 3);
	msg_fill(m, octet, RTS_COOKIE);
}

/* CONN/A1, 76 octets, or with ${flags} what a proxy says. */
static inline void
build_conn_a(struct message *m, unsigned flags, uint8_t cookie)
{
	rts_begin(m, flags, 4);
	rts_number(m, 6, 1);
	rts_cookie(m, cookie);
	rts_cookie(m, 0xa1);
	rts_number(m, 0, 262144);
	msg_end(m);
}

/* CONN/B1, 104 octets. */
static inline void
build_conn_b(struct message *m, unsigned flags, uint8_t cookie)
{
	rts_begin(m, flags, 6);
	rts_number(m, 6, 1);
	rts_cookie(m, cookie);
	rts_cookie(m, 0xb1);
	rts_number(m, 4, 1u << 30);
	rts_number(m, 5, 300000);
	msg_u32(m, 12);
	msg_fill(m, 0x0c, 16);
	msg_end(m);
}

/* CONN/A3, which a server's side begins with. */
static inline void
build_conn_a3(struct message *m)
{
	rts_begin(m, 0, 1);
	rts_number(m, 2, 120000);
	msg_end(m);
}

/* A request for ${target} with a body of ${length} octets; -1: of no length. */
static inline void
build_http_request(struct message *m, const char *method, const char *target, long length)
{
	char line[512];

	m->len = 0;
	snprintf(line, sizeof(line), "%s /rpc/rpcproxy.dll?%s HTTP/1.1\r\nHost: proxy.example\r\n",
	    method, target);
	msg_text(m, line);
	if (length >= 0) {
		snprintf(line, sizeof(line), "Content-Length: %ld\r\n", length);
		msg_text(m, line);
	}
	msg_text(m, "\r\n");
}

static inline void
build_http_response(struct message *m, const char *status, long length)
{
	char line[128];

	m->len = 0;
	snprintf(line, sizeof(line), "HTTP/1.1 %s\r\nContent-Type: application/rpc\r\n", status);
	msg_text(m, line);
	if (length >= 0) {
		snprintf(line, sizeof(line), "Content-Length:%ld\r\n", length);
		msg_text(m, line);
	}
	msg_text(m, "\r\n");
}

#endif
