/* policies.h - which policy a run goes by, and what that says beside what is right. */
#ifndef EPMWATCH_APP_POLICIES_H
#define EPMWATCH_APP_POLICIES_H

#include <stdbool.h>

struct complaints;
struct policy_file;
struct settings;

/** policies_open(name, strict, out): The shipped policy of that name, else the file. 0, or an exit value after messages with the
 * places of all errors; where ${strict}, of warnings, too, and a file that is not there has a value of its own. */
int policies_open(const char *name, bool strict, struct policy_file **out);

/** policies_stored(name, text, out): The one that a store keeps the text of. An error after a message. */
int policies_stored(const char *name, const char *text, struct policy_file **out);

/** policies_take(s): Before a run: the default policy where none was named, and the realms and times that its policy sets where no
 * option did. 0, or an exit value after a message. */
int policies_take(struct settings *s);

#endif
