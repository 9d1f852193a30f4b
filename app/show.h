/* show.h - a store as a report on some output: what `report` does, and what `read` ends with. */
#ifndef EPMWATCH_APP_SHOW_H
#define EPMWATCH_APP_SHOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct output;
struct policy;
struct report;
struct report_options;
struct settings;
struct store;

/** show_report(s, store, policy, options, out): Build one, and print it as text to ${out}, with the colours and names of hosts that ${s} has.
 * 0, or an error after a message. */
int show_report(const struct settings *s, struct store *store, const struct policy *policy,
    const struct report_options *options, const struct output *out);

/** show_build(out, store, policy, options): Build one; freed by report_free(). An error after a message. */
int show_build(struct report **out, struct store *store, const struct policy *policy,
    const struct report_options *options);

/** show_colour(s, out): Are colours wanted there? Where ${s} does not say: on a terminal that has some, unless NO_COLOR is set. */
bool show_colour(const struct settings *s, FILE *out);

/** show_open(s, store): Open the store that ${s} names for reading, as one view: what is written meanwhile is not seen. 0, or an error
 * after a message. Closed in any case. */
int show_open(const struct settings *s, struct store **store);

/** show_policy(s, store, out): The policy that judges: that of the command line, else the one last
 * used with ${store}, else the default. ERR_USAGE after a message. */
int show_policy(struct settings *s, struct store *store, const struct policy **out);

/** show_time(text, store, out): A time of the command line; spans count back from where the
 * sensor's clock stands (report/model/ending.h). 0 where ${text} is NULL, and never else. An error after a message. */
int show_time(const char *text, struct store *store, int64_t *out);

/** show_span(s, store, since_ns, until_ns): The two ends of --since and --until. ERR_USAGE after a
 * message where they lie the wrong way round. */
int show_span(const struct settings *s, struct store *store, int64_t *since_ns, int64_t *until_ns);

/** show_scope(s, store): Does the store know the sensor and the realm that are asked for? ERR_USAGE
 * after a message where it does not. */
int show_scope(const struct settings *s, struct store *store);

#endif
