/* describe.c - from an observation to the object that its event carries. */
#include "app/describe.h"

#include "app/pieces.h"
#include "base/json_fast.h"
#include "dissect/observation.h"
#include "report/rows/parts.h"
#include "report/words/words.h"

static void
part_server(struct json *o, struct pieces *p, const struct obs *obs)
{
	const struct piece_addr *server = pieces_addr(p, &obs->server);

	JSON_PLAIN_OF(o, "server", server->text, server->len);
}

static void
part_client(struct json *o, struct pieces *p, const struct obs *obs)
{
	const struct piece_addr *client = pieces_addr(p, &obs->client);

	JSON_PLAIN_OF(o, "client", client->text, client->len);
}

static void
part_host(struct json *o, struct pieces *p, const struct obs_tower *t)
{
	const struct piece_addr *host;

	if (t->host_name != NULL) {
		parts_text(o, "host", t->host_name);
	} else if (t->host_known) {
		host = pieces_addr(p, &t->host);
		JSON_PLAIN_OF(o, "host", host->text, host->len);
	}
}

static void
tower(struct json *o, struct pieces *p, const struct obs_tower *t)
{
	JSON_ITEM_BEGIN(o);
	/* A tower that makes no sense may not even name an interface. */
	if (t->protseq != PROTSEQ_UNKNOWN || !uuid_is_nil(&t->iface.uuid))
		pieces_interface(p, o, &t->iface.uuid, t->iface.major, t->iface.minor);
	if (!uuid_is_nil(&t->object))
		parts_uuid(o, "object", &t->object);
	parts_text(o, "annotation", t->annotation);
	parts_endpoint(o, t->protseq, t->port, t->endpoint);
	part_host(o, p, t);
	if (t->protseq == PROTSEQ_UNKNOWN && t->octets != NULL)
		json_hex(o, "floors", t->octets, t->octets_len);
	JSON_END(o, "}");
}

static void
part_request(struct json *o, struct pieces *p, const struct obs_epm *epm)
{
	const struct obs_epm_question *q = &epm->question;

	JSON_OBJECT_BEGIN(o, "request");
	if (q->names_interface)
		pieces_interface(p, o, &q->iface.uuid, q->iface.major, q->iface.minor);
	if (epm->operation == EPM_MAP)
		parts_protseq(o, q->protseq);
	else
		JSON_COUNT(o, "inquiry_type", q->inquiry_type);
	JSON_COUNT(o, "max_towers", q->max_towers);
	if (q->frame != 0)
		JSON_COUNT(o, "pcap_cnt", q->frame);
	JSON_END(o, "}");
}

void
describe_epm(struct json *o, struct pieces *p, const struct obs *obs)
{
	const struct obs_epm *epm = &obs->epm;
	char status[WORDS_NUMBER];

	if (epm->operation == EPM_MAP)
		JSON_WORD(o, "operation", "ept_map");
	else
		JSON_WORD(o, "operation", "ept_lookup");
	part_server(o, p, obs);
	part_client(o, p, obs);
	JSON_PLAIN(o, "transport", transport_name(obs->transport));
	parts_text(o, "pipe", obs->pipe);
	parts_text(o, "backend", obs->backend);
	if (epm->ndr64)
		JSON_WORD(o, "transfer_syntax", "ndr64");
	else
		JSON_WORD(o, "transfer_syntax", "ndr");
	JSON_COUNT(o, "status", epm->status);
	JSON_PLAIN(o, "status_name", words_ept_status(epm->status, status));
	if (epm->question.seen)
		part_request(o, p, epm);
	else if (epm->question.side_visible)
		json_bool(o, "answered", false);
	if (epm->damaged)
		json_bool(o, "damaged", true);
	JSON_ARRAY_BEGIN(o, "towers");
	for (size_t i = 0; i < epm->tower_count; i++)
		tower(o, p, &epm->tower[i]);
	JSON_END(o, "]");
}

static void
part_syntax(struct json *o, const struct obs_context *c)
{
	static const char *const name[] = {
	    [SYNTAX_NDR] = "ndr", [SYNTAX_NDR64] = "ndr64", [SYNTAX_BTFN] = "btfn"};

	if (c->syntax < SYNTAX_OTHER)
		JSON_PLAIN(o, "transfer_syntax", name[c->syntax]);
	else
		parts_uuid(o, "transfer_syntax", &c->syntax_uuid);
}

static void
part_reason(struct json *o, const struct obs_context *c)
{
	char number[WORDS_NUMBER];

	switch (c->result) {
	case CONTEXT_ACCEPTANCE:
	case CONTEXT_UNANSWERED:
		return;
	case CONTEXT_NEGOTIATE_ACK: /* the features that both sides have: a bit mask */
		*json_put_number(number, c->reason) = '\0';
		JSON_PLAIN(o, "reason", number);
		return;
	default:
		JSON_PLAIN(o, "reason", words_context_reason(c->reason, number));
	}
}

static void
context(struct json *o, struct pieces *p, const struct obs_context *c)
{
	char number[WORDS_NUMBER];

	JSON_ITEM_BEGIN(o);
	JSON_COUNT(o, "id", c->id);
	pieces_interface(p, o, &c->iface.uuid, c->iface.major, c->iface.minor);
	part_syntax(o, c);
	JSON_PLAIN(o, "result", words_context_result(c->result, number));
	part_reason(o, c);
	JSON_END(o, "}");
}

static void
part_auth(struct json *o, const struct obs_bind *b)
{
	char number[WORDS_NUMBER];

	JSON_OBJECT_BEGIN(o, "auth");
	JSON_PLAIN(o, "type", words_auth_type(b->auth_type, number));
	JSON_PLAIN(o, "level", words_auth_level(b->auth_level, number));
	JSON_END(o, "}");
}

static void
part_bind_ends(struct json *o, struct pieces *p, const struct obs *obs)
{
	part_server(o, p, obs);
	if (obs->transport == TRANSPORT_NP)
		parts_text(o, "pipe", obs->pipe);
	else
		JSON_COUNT(o, "server_port", obs->server_port);
	parts_text(o, "backend", obs->backend);
	part_client(o, p, obs);
	JSON_COUNT(o, "client_port", obs->client_port);
	JSON_PLAIN(o, "transport", transport_name(obs->transport));
}

static void
part_outcome(struct json *o, const struct obs_bind *b)
{
	static const char *const name[] = {[BIND_ACKNOWLEDGED] = "acknowledged",
	    [BIND_REJECTED] = "rejected",
	    [BIND_UNANSWERED] = "unanswered"};
	char number[WORDS_NUMBER];

	JSON_PLAIN(o, "outcome", name[b->outcome]);
	if (b->outcome == BIND_REJECTED)
		JSON_PLAIN(o, "reject_reason", words_reject_reason(b->reject_reason, number));
	parts_text(o, "secondary_address", b->secondary_address);
	if (b->has_auth)
		part_auth(o, b);
}

void
describe_bind(struct json *o, struct pieces *p, const struct obs *obs)
{
	const struct obs_bind *b = &obs->bind;

	if (b->alter)
		JSON_WORD(o, "operation", "alter_context");
	else
		JSON_WORD(o, "operation", "bind");
	part_bind_ends(o, p, obs);
	part_outcome(o, b);
	JSON_ARRAY_BEGIN(o, "contexts");
	for (size_t i = 0; i < b->context_count; i++)
		context(o, p, &b->context[i]);
	JSON_END(o, "]");
}
