/* parts_push.c - the members in the order of the contract, and what else is known behind them. */
#include "report/rows/parts_push.h"

#include "base/json.h"
#include "report/rows/parts.h"
#include "track/records.h"

const char *
parts_confidence_of_push(const struct push *x)
{
	return x->registered ? "registered" : "inferred";
}

static void
part_state(struct json *o, bool final)
{
	json_plain(o, "state", final ? "final" : "open");
}

void
parts_push(struct json *o, const struct push *x, bool final)
{
	parts_addr(o, "server", &x->server);
	json_count(o, "server_port", x->server_port);
	if (x->last_port != x->server_port)
		json_count(o, "last_port", x->last_port);
	parts_addr(o, "client", &x->client);
	json_count(o, "client_port", x->client_port);
	json_plain(o, "confidence", parts_confidence_of_push(x));
	if (x->context_len > 0)
		json_hex(o, "context", x->context, x->context_len);
	json_count(o, "payload_len", x->payload_len);
	json_count(o, "count", x->count);
	json_count(o, "refused", x->refused);
	parts_time(o, "first_seen", x->first_ns);
	parts_time(o, "last_seen", x->last_ns);
	part_state(o, final);
	json_bool(o, "alternative", x->alternative);
}

/* What was asked for, as far as it could be read. */
static void
part_wish(struct json *o, const struct push_registration *x)
{
	if (x->sealed) {
		json_bool(o, "sealed", true);
		if (x->context_len > 0)
			json_count(o, "context_len", x->context_len);
		return;
	}
	if (x->has_address) {
		parts_addr(o, "address", &x->address);
		json_count(o, "port", x->port);
	}
	json_hex(o, "context", x->context, x->context_len);
	json_count(o, "mask", x->mask);
	if (x->answered)
		json_count(o, "status", x->status);
}

void
parts_registration(struct json *o, const struct push_registration *x, bool final)
{
	parts_addr(o, "server", &x->server);
	parts_addr(o, "client", &x->client);
	part_wish(o, x);
	if (final) {
		json_count(o, "delivered", x->delivered);
		json_count(o, "refused", x->refused);
	}
	parts_time(o, "first_seen", x->first_ns);
	parts_time(o, "last_seen", x->last_ns);
	part_state(o, final);
	json_bool(o, "alternative", x->alternative);
}
