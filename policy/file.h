/* file.h - the policy as a file: its text in, struct policy out; and the policies that come with the program.
 *
 * contract: what is wrong anywhere refuses the whole, each error with its place. The syntax is in epmwatch-policy(5). */
#ifndef EPMWATCH_POLICY_FILE_H
#define EPMWATCH_POLICY_FILE_H

#include <stddef.h>

#include "policy/complaints.h"
#include "track/policy.h"

struct named_ports;
struct policy_file;

/**
 * policy_file_parse(text, len, name, out, said):
 * Make a policy called ${name} of ${text}, both of which are copied. 0, with warnings in ${said}; ERR_MALFORMED with errors in it,
 * also where there was no memory for all of it; -ENOMEM.
 */
int policy_file_parse(const char *text, size_t len, const char *name, struct policy_file **out,
    struct complaints *said);

/** policy_file_read(path, out, said): The same of a file, named by its path. -errno where it cannot be read. */
int policy_file_read(const char *path, struct policy_file **out, struct complaints *said);

/** policy_file_shipped(name, out): A policy that comes with the program. ERR_USAGE for a name that is none; -ENOMEM. */
int policy_file_shipped(const char *name, struct policy_file **out);

/** policy_file_names(count): The names of those. Static storage. */
const char *const *policy_file_names(size_t *count);

/** policy_file_example(): The commented example of `policy init`. Static storage. */
const char *policy_file_example(void);

/** policy_file_policy(f): What it says; valid as long as ${f}. */
const struct policy *policy_file_policy(const struct policy_file *f);

/** policy_file_ranges(f, count): Its own ranges; valid as long as ${f}. */
const struct named_ports *policy_file_ranges(const struct policy_file *f, size_t *count);

/** policy_file_free(&f): Free it. NULL is fine. */
void policy_file_free(struct policy_file **f);

#endif
