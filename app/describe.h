/* describe.h - observations as JSON: the objects `epm` and `bind` of the contract. */
#ifndef EPMWATCH_APP_DESCRIBE_H
#define EPMWATCH_APP_DESCRIBE_H

#include <jansson.h>

struct obs;

/** describe_epm(o) / describe_bind(o): A new object for an observation of that kind. */
json_t *describe_epm(const struct obs *o);
json_t *describe_bind(const struct obs *o);

#endif
