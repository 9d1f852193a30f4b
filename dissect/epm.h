/* epm.h - the stubs of ept_map and ept_lookup, in NDR32 and NDR64 (PROTOCOL 3). */
#ifndef EPMWATCH_DISSECT_EPM_H
#define EPMWATCH_DISSECT_EPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/observation.h"
#include "dissect/stub.h"

struct obs_queue;

enum {
	EPM_ENTRIES = 1024, /* of one answer that are read; the interface allows 500 */
};

/**
 * epm_parse_question(operation, stub, queue, out):
 * Read a request into ${out}; seen, side_visible and the place are the caller's. Never learn an
 * endpoint from a question's tower: its port and host mean nothing. Errors: ERR_MALFORMED; ${out}
 * holds what was read before. Source: C706 appendix O; MS-RPCE 2.2.1.2.4, 2.2.1.2.5.
 */
int epm_parse_question(enum epm_operation operation, const struct rpc_stub *stub,
    struct obs_queue *queue, struct obs_epm_question *out);

/**
 * epm_parse_answer(operation, stub, queue, out):
 * Read a response's handle, towers and status into ${out}. Towers that make no sense are left out
 * and out->damaged set; so is it where towers or the status are missing. Errors: ERR_MALFORMED
 * where damaged. ERR_TRUNC where not even the counts are there: then there is no answer.
 */
int epm_parse_answer(enum epm_operation operation, const struct rpc_stub *stub,
    struct obs_queue *queue, struct obs_epm *out);

/**
 * epm_looks_like_answer(operation, stub): True if a response whose question was not seen reads from
 * its first octet to its last as an answer to ${operation} in the syntax that ${stub} names.
 */
bool epm_looks_like_answer(enum epm_operation operation, const struct rpc_stub *stub);

/** epm_looks_like_question(operation, stub): The same for a request whose context was never seen.
 */
bool epm_looks_like_question(enum epm_operation operation, const struct rpc_stub *stub);

#endif
