/* dcom.h - the stubs of DCOM's resolver and activators, which name endpoints that no endpoint mapper knows (PROTOCOL 5).
 *
 * DCOM is spoken in NDR32. Nothing is taken from the resolver's own addresses in object references: they have no ports, and those of
 * a forged one would not be the object's. */
#ifndef EPMWATCH_DISSECT_DCOM_H
#define EPMWATCH_DISSECT_DCOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/uuid.h"
#include "dissect/observation.h"

struct rpc_stub;

/* The opnums. */
enum {
	/* IObjectExporter */
	DCOM_RESOLVE_OXID = 0,
	DCOM_RESOLVE_OXID2 = 4,
	DCOM_SERVER_ALIVE2 = 5,
	/* IRemoteSCMActivator */
	DCOM_GET_CLASS_OBJECT = 3,
	DCOM_CREATE_INSTANCE = 4,
	/* IActivation */
	DCOM_REMOTE_ACTIVATION = 0,
};

enum {
	DCOM_IIDS = 8
}; /* interfaces asked for in one question that are remembered */

/* What an answer does not repeat. */
struct dcom_question {
	bool has_oxid;
	uint64_t oxid;
	size_t iid_count; /* RemoteActivation */
	struct uuid iid[DCOM_IIDS];
};

/* What is in an answer; the cursors borrow the stub. */
struct dcom_answer {
	uint32_t status;
	bool whole; /* nothing is left behind the status */
	bool has_oxid;
	uint64_t oxid;
	bool has_bindings;
	struct cursor strings; /* of the bindings; for dualstring_bindings() */
	struct cursor iids;    /* of the object; empty where the question alone names them */
	struct cursor
	    results; /* an HRESULT:u32 for each of these, or for each that was asked for */
};

/**
 * dcom_parse_question(operation, stub, out):
 * Read what is needed of a question: the OXID to be resolved, the interfaces that RemoteActivation asks for. Errors: ERR_MALFORMED;
 * ${out} holds what was read before. Source: MS-DCOM 3.1.2.5.1, 3.1.2.5.2.
 */
int dcom_parse_question(
    enum oxid_operation operation, const struct rpc_stub *stub, struct dcom_question *out);

/**
 * dcom_parse_answer(operation, stub, out):
 * Read an answer from its beginning to its status. Allocates nothing. Errors: ERR_MALFORMED where a count, a size or a header in it
 * contradicts another or does not fit; then ${out} is of no use. Source: as above; MS-DCOM 2.2.13, 2.2.14.
 */
int dcom_parse_answer(
    enum oxid_operation operation, const struct rpc_stub *stub, struct dcom_answer *out);

#endif
