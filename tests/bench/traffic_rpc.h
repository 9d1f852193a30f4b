/* traffic_rpc.h - DCE/RPC PDUs as Windows sends them, little-endian: calls of the endpoint mapper in clear, all others
 * sealed with NTLM. Written from the protocol (PROTOCOL 1 and 3) and not from the code that is measured with them. */
#ifndef EPMWATCH_TESTS_BENCH_TRAFFIC_RPC_H
#define EPMWATCH_TESTS_BENCH_TRAFFIC_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RPC_PDU_MAX = 5840,
	RPC_REQUEST = 0,
	RPC_RESPONSE = 2,
	RPC_HEAD = 24, /* octets before the stub of either */
};

struct rpc_interface {
	uint8_t uuid[16]; /* as on the wire, little-endian */
	uint16_t major, minor;
};

extern const struct rpc_interface rpc_mapper;
extern const struct rpc_interface rpc_service[];
extern const size_t rpc_services;

/* Each writes one whole PDU to ${out}, which has room for RPC_PDU_MAX octets, and returns its length. ${wide}: the hosts
 * agree on NDR64, and the clients still offer NDR32 and feature negotiation beside it, as they do. ${sealed}: the
 * connection is authenticated at level privacy. */

/** rpc_bind(out, call, interface, wide, sealed): A client asks for ${interface}. */
size_t rpc_bind(
    uint8_t *out, uint32_t call, const struct rpc_interface *interface, bool wide, bool sealed);

/** rpc_bind_ack(out, call, port, wide, sealed): It is there; ${port} is the secondary address. */
size_t rpc_bind_ack(uint8_t *out, uint32_t call, uint16_t port, bool wide, bool sealed);

/** rpc_bind_ack_at(out, call, address, wide, sealed): The same with any secondary address: that of a pipe, say. */
size_t rpc_bind_ack_at(uint8_t *out, uint32_t call, const char *address, bool wide, bool sealed);

/** rpc_auth3(out, call): The third leg of the authentication. */
size_t rpc_auth3(uint8_t *out, uint32_t call);

/** rpc_map_request(out, call, wanted, wide): ept_map: where is ${wanted} over TCP? */
size_t rpc_map_request(uint8_t *out, uint32_t call, const struct rpc_interface *wanted, bool wide);

/** rpc_map_response(out, call, wanted, port, host, wide): At ${port} of ${host}, and nowhere else. */
size_t rpc_map_response(uint8_t *out, uint32_t call, const struct rpc_interface *wanted,
    uint16_t port, uint32_t host, bool wide);

/** rpc_call(out, type, call, operation, stub, len, wide): A sealed request or response whose stub has ${len} octets, a multiple of 16. */
size_t rpc_call(uint8_t *out, uint8_t type, uint32_t call, uint16_t operation, const uint8_t *stub,
    size_t len, bool wide);

#endif
