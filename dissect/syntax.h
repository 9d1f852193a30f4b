/* syntax.h - the UUIDs that the protocol itself is made of. */
#ifndef EPMWATCH_DISSECT_SYNTAX_H
#define EPMWATCH_DISSECT_SYNTAX_H

#include <stdbool.h>

#include "dissect/observation.h"

/** syntax_of(uuid): Which transfer syntax ${uuid} names. */
enum rpc_syntax syntax_of(const struct uuid *uuid);

/** syntax_is_epm(uuid): True for the endpoint mapper's interface,
 * e1af8308-5d1f-11c9-91a4-08002b14a0fa. */
bool syntax_is_epm(const struct uuid *uuid);

#endif
