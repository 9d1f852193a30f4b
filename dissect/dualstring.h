/* dualstring.h - DCOM's DUALSTRINGARRAY: where an object exporter, or a resolver, is reached. */
#ifndef EPMWATCH_DISSECT_DUALSTRING_H
#define EPMWATCH_DISSECT_DUALSTRING_H

#include <stdbool.h>
#include <stddef.h>

struct cursor;
struct obs_binding;
struct obs_queue;

enum {
	DUALSTRING_BINDINGS = 256, /* of one array that are read */
	DUALSTRING_ADDRESS = 512,  /* characters of one of them; longer ones are left out */
};

/**
 * dualstring_parse(c, strings):
 * Pass over an array as NDR has it, and give its string bindings, in the byte order of ${c}. What stands behind them, which security
 * providers the server has, is not looked at. False, and ${c} failed, where its counts contradict each other or do not fit.
 * Shape: max_count:u32  wNumEntries:u16  wSecurityOffset:u16  units:u16 each; string bindings are the first wSecurityOffset units.
 * Source: MS-DCOM 2.2.19.2; PROTOCOL 5.1.
 */
bool dualstring_parse(struct cursor *c, struct cursor *strings);

/**
 * dualstring_bindings(strings, queue, count):
 * Read the string bindings that dualstring_parse() gave. Those that make no sense are left out. The result and its strings lie in
 * ${queue}; NULL where there are none.
 * Shape, each: wTowerId:u16  aNetworkAddr: UTF-16 up to a NUL, as `host` or `host[endpoint]`; a wTowerId of 0 ends them.
 * Source: MS-DCOM 2.2.19.3.
 */
const struct obs_binding *dualstring_bindings(
    const struct cursor *strings, struct obs_queue *queue, size_t *count);

#endif
