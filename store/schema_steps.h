/* schema_steps.h - the SQL of each step of the schema, in a file of its own. A step that was released
 * is never changed again. */
#ifndef EPMWATCH_STORE_SCHEMA_STEPS_H
#define EPMWATCH_STORE_SCHEMA_STEPS_H

extern const char schema_1[], schema_2[], schema_3[];

#endif
