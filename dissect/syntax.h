/* syntax.h - the UUIDs that the protocol itself is made of. */
#ifndef EPMWATCH_DISSECT_SYNTAX_H
#define EPMWATCH_DISSECT_SYNTAX_H

#include <stdbool.h>

#include "dissect/observation.h"

/** syntax_of(uuid): Which transfer syntax ${uuid} names. */
enum rpc_syntax syntax_of(const struct uuid *uuid);

/** syntax_is_everywhere(uuid): True for interfaces that every port of their kind answers, so that they tell nothing of a port: remote
 * management, afa8bd80-7d8a-11c9-bef4-08002b102989, and DCOM's IRemUnknown and IRemUnknown2,
 * 00000131- and 00000143-0000-0000-c000-000000000046. */
bool syntax_is_everywhere(const struct uuid *uuid);

#endif
