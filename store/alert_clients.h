/* alert_clients.h - the clients that an alert is about, as a JSON array of addresses. */
#ifndef EPMWATCH_STORE_ALERT_CLIENTS_H
#define EPMWATCH_STORE_ALERT_CLIENTS_H

#include <stddef.h>

#include "base/addr.h"
#include "track/records.h"

struct column;

enum {
	ALERT_CLIENTS_TEXT = ALERT_CLIENTS * (ADDR_TEXT + 3) + 2 /* quotes, commas, brackets */
};

/** alert_clients_write(a, out): The text, without a NUL; returns its length. */
size_t alert_clients_write(const struct alert *a, char out[ALERT_CLIENTS_TEXT]);

/** alert_clients_column(c, out): Read them into ${out}; none for NULL. Bad where it is no such array. */
void alert_clients_column(struct column *c, struct alert *out);

#endif
