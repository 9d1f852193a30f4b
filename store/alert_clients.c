/* alert_clients.c - see alert_clients.h. */
#include "store/alert_clients.h"

#include <string.h>

#include "store/column.h"

size_t
alert_clients_write(const struct alert *a, char out[ALERT_CLIENTS_TEXT])
{
	char *p = out;

	*p++ = '[';
	for (size_t i = 0; i < a->client_count && i < ALERT_CLIENTS; i++) {
		if (i > 0)
			*p++ = ',';
		*p++ = '"';
		p += strlen(addr_format(&a->client[i], p));
		*p++ = '"';
	}
	*p++ = ']';
	return (size_t)(p - out);
}

/* One address at ${text}, which begins with its quote; NULL where there is none, else what follows. */
static const char *
read_one(const char *text, struct alert *out)
{
	char address[ADDR_TEXT];
	size_t len = *text == '"' ? strcspn(text + 1, "\"") : sizeof(address);

	if (len >= sizeof(address) || out->client_count == ALERT_CLIENTS)
		return NULL;
	memcpy(address, text + 1, len);
	address[len] = '\0';
	if (text[len + 1] != '"' || addr_parse(address, &out->client[out->client_count]) != 0)
		return NULL;
	out->client_count++;
	return text + len + 2;
}

void
alert_clients_column(struct column *c, struct alert *out)
{
	const char *text = column_text(c);

	if (text == NULL)
		return;
	while (text != NULL && *text != ']' && *text != '\0') {
		if (*text != (out->client_count == 0 ? '[' : ','))
			text = NULL;
		else
			text = read_one(text + 1, out);
	}
	c->bad |= text == NULL || strcmp(text, "]") != 0;
}
