/* policy.h - which endpoints are right. Only the built-in `windows-default` so far; a policy file will build the same struct. */
#ifndef EPMWATCH_TRACK_POLICY_H
#define EPMWATCH_TRACK_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping_key;
struct endpoint;
struct policy;

/* A range of ports that has a name. */
struct port_range {
	const char *name;
	uint16_t low, high;
};

/** policy_builtin(name): `windows-default`; NULL for a name that is none. Static storage. */
const struct policy *policy_builtin(const char *name);

/** policy_name(p): Its name. */
const char *policy_name(const struct policy *p);

/** policy_allows(p, key, endpoint): True if ${endpoint} is right for ${key}: a well-known endpoint, a pipe or another name, or a port in an allowed range. */
bool policy_allows(const struct policy *p, const struct mapping_key *key, const struct endpoint *endpoint);

/** policy_expected(p, key, out, size): What ${key} may have, in words: `49152-65535 (windows-2008)`. Cut to ${size}. */
void policy_expected(const struct policy *p, const struct mapping_key *key, char *out, size_t size);

/** policy_shipped_ranges(count): The named ranges that are shipped, narrowest first. */
const struct port_range *policy_shipped_ranges(size_t *count);

#endif
