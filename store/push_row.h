/* push_row.h - the columns of flows and registrations, as loading and queries read them: PUSH_COLUMNS and
 * REGISTRATION_COLUMNS of statement.c, from the client on. */
#ifndef EPMWATCH_STORE_PUSH_ROW_H
#define EPMWATCH_STORE_PUSH_ROW_H

struct column;
struct push;
struct push_client;
struct push_registration;
struct store;

/** push_row(s, c, out) / push_row_registration(s, c, out) / push_row_client(s, c, out): All of ${out} but server and realm. */
void push_row(const struct store *s, struct column *c, struct push *out);
void push_row_registration(const struct store *s, struct column *c, struct push_registration *out);
void push_row_client(const struct store *s, struct column *c, struct push_client *out);

#endif
