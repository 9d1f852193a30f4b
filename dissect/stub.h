/* stub.h - what a call carries: the marshalled arguments, put together from all of its fragments. */
#ifndef EPMWATCH_DISSECT_STUB_H
#define EPMWATCH_DISSECT_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RPC_STUB_MAX = 256 * 1024
}; /* bytes that are put together */

/* A whole stub, and how to read it. */
struct rpc_stub {
	const uint8_t *data; /* borrowed */
	size_t len;
	bool le;
	bool ndr64;
};

#endif
