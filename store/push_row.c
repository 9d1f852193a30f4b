/* push_row.c - see push_row.h. */
#include "store/push_row.h"

#include <string.h>

#include "store/column.h"
#include "store/evidence.h"
#include "track/records.h"

/* At most PUSH_CONTEXT_MAX octets. */
static size_t
context_column(struct column *c, uint8_t out[PUSH_CONTEXT_MAX])
{
	const void *data = sqlite3_column_blob(c->st, c->at);
	int have = sqlite3_column_bytes(c->st, c->at++);

	if (have < 0 || have > PUSH_CONTEXT_MAX || (have > 0 && data == NULL)) {
		column_refuse(c);
		return 0;
	}
	if (have > 0)
		memcpy(out, data, (size_t)have);
	return (size_t)have;
}

void
push_row(const struct store *s, struct column *c, struct push *out)
{
	int64_t ts_ns;

	out->client = column_addr(c);
	out->client_port = column_u16(c);
	out->server_port = column_u16(c);
	out->last_port = column_u16(c);
	out->registered = column_int(c) != 0;
	out->final = column_int(c) != 0;
	out->alternative = column_int(c) != 0;
	out->context_len = context_column(c, out->context);
	out->payload_len = column_u16(c);
	out->count = column_range(c, INT64_MAX);
	out->refused = column_range(c, INT64_MAX);
	out->first_ns = column_int(c);
	out->last_ns = column_int(c);
	out->closed_ns = column_int(c);
	out->repeat_ns = column_int(c);
	out->stretch = (uint32_t)column_range(c, UINT32_MAX);
	out->marks = (unsigned)column_range(c, UINT16_MAX);
	ts_ns = column_int(c);
	evidence_column(s, c, ts_ns, &out->evidence);
}

void
push_row_registration(const struct store *s, struct column *c, struct push_registration *out)
{
	int64_t ts_ns;

	out->client = column_addr(c);
	out->client_port = column_u16(c);
	out->server_port = column_u16(c);
	out->has_address = !column_is_null(c);
	out->address = column_addr(c);
	out->port = column_u16(c);
	out->sealed = column_int(c) != 0;
	out->answered = column_int(c) != 0;
	out->final = column_int(c) != 0;
	out->silent = column_int(c) != 0;
	out->alternative = column_int(c) != 0;
	(void)context_column(c, out->context);
	out->context_len = (size_t)column_range(c, PUSH_CONTEXT_MAX);
	out->mask = (uint32_t)column_range(c, UINT32_MAX);
	out->status = (uint32_t)column_range(c, UINT32_MAX);
	out->delivered = column_range(c, INT64_MAX);
	out->refused = column_range(c, INT64_MAX);
	out->first_ns = column_int(c);
	out->last_ns = column_int(c);
	ts_ns = column_int(c);
	evidence_column(s, c, ts_ns, &out->evidence);
}

void
push_row_client(const struct store *s, struct column *c, struct push_client *out)
{
	int64_t ts_ns;

	out->client = column_addr(c);
	out->beats = (uint8_t)column_range(c, UINT8_MAX);
	out->bound_ns = column_int(c);
	out->sealed_len = column_u16(c);
	out->sealed_ns = column_int(c);
	out->waits_ns = column_int(c);
	out->starved_clear = column_int(c) != 0;
	out->starved_ns = column_int(c);
	out->fed_ns = column_int(c);
	ts_ns = column_int(c);
	evidence_column(s, c, ts_ns, &out->evidence);
}
