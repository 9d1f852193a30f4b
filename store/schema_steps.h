/* schema_steps.h - the SQL of each step of the schema, in a file of its own. A step that was released
 * is never changed again; what they lead to is. */
#ifndef EPMWATCH_STORE_SCHEMA_STEPS_H
#define EPMWATCH_STORE_SCHEMA_STEPS_H

extern const char schema_1[], schema_2[], schema_3[], schema_4[], schema_5[],
    schema_6[], schema_7[];

/* schema_now.c: what all steps together lead to. Tables of a new store; words and views of every store. */
extern const char schema_tables[], schema_face[];

#endif
