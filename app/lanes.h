/* lanes.h - the observations of all workers as the consumer takes them: in order of packet time, where times are equal
 * in the order of the lanes.
 *
 * The earliest one goes as soon as every other lane either has a later one waiting or has seen packets beyond it, but at
 * the latest LANES_HOLD_NS after it was taken out of its lane, so a lane that stands still delays and does not block. */
#ifndef EPMWATCH_APP_LANES_H
#define EPMWATCH_APP_LANES_H

#include <stddef.h>
#include <stdint.h>

struct lane;
struct lanes;
struct obs;

#define LANES_HOLD_NS INT64_C(500000000)

/** lanes_new(out, lane, count) / lanes_free(&l): ${lane} is an array of ${count}, borrowed. -ENOMEM. */
int lanes_new(struct lanes **out, struct lane *const *lane, size_t count);
void lanes_free(struct lanes **l);

/** lanes_next(l, now_ns): The next observation that may go at ${now_ns} on a clock that does not jump; NULL where there is none.
 * Valid until the next call. */
const struct obs *lanes_next(struct lanes *l, int64_t now_ns);

/** lanes_due(l): When the next one has waited long enough; INT64_MAX where none waits. */
int64_t lanes_due(const struct lanes *l);

/** lanes_late(l): Observations that went behind a later one of another lane. */
uint64_t lanes_late(const struct lanes *l);

#endif
