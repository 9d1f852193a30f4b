/* http.h - RPC over HTTP, version 2, in clear: the carrier of connections whose client says RPC_IN_DATA or RPC_OUT_DATA.
 *
 * The body of the one's request is what the client says, that of the other's response what the server says; the first PDU
 * of the request, RTS, names the virtual connection that joins the two (http_link.h). The server is the proxy that the
 * client connected to, its port and the backend are those of the URL.
 *
 * Requests that are there for authentication alone have no body, and echo requests none that is read. Bodies in chunks are
 * read, and 100 Continue is passed over. Over TLS nothing of this is seen. Source: MS-RPCH. */
#ifndef EPMWATCH_DISSECT_HTTP_H
#define EPMWATCH_DISSECT_HTTP_H

struct carrier_kind;

extern const struct carrier_kind http_carrier;

#endif
