/* describe.c - from an observation to the object that its event carries. */
#include "app/describe.h"

#include "app/pieces.h"
#include "base/json.h"
#include "dissect/observation.h"
#include "report/rows/parts.h"
#include "report/words/words.h"

static void
part_host(struct json *o, struct pieces *p, const struct obs_tower *t)
{
	if (t->host_name != NULL)
		parts_text(o, "host", t->host_name);
	else if (t->host_known)
		pieces_addr(p, o, "host", &t->host);
}

static void
tower(struct json *o, struct pieces *p, const struct obs_tower *t)
{
	json_object_begin(o, NULL);
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
	json_object_end(o);
}

static void
part_request(struct json *o, struct pieces *p, const struct obs_epm *epm)
{
	const struct obs_epm_question *q = &epm->question;

	json_object_begin(o, "request");
	if (q->names_interface)
		pieces_interface(p, o, &q->iface.uuid, q->iface.major, q->iface.minor);
	if (epm->operation == EPM_MAP)
		parts_protseq(o, q->protseq);
	else
		json_count(o, "inquiry_type", q->inquiry_type);
	json_count(o, "max_towers", q->max_towers);
	if (q->frame != 0)
		json_count(o, "pcap_cnt", q->frame);
	json_object_end(o);
}

void
describe_epm(struct json *o, struct pieces *p, const struct obs *obs)
{
	const struct obs_epm *epm = &obs->epm;
	char status[WORDS_NUMBER];

	json_plain(o, "operation", epm->operation == EPM_MAP ? "ept_map" : "ept_lookup");
	pieces_addr(p, o, "server", &obs->server);
	pieces_addr(p, o, "client", &obs->client);
	json_plain(o, "transport", transport_name(obs->transport));
	parts_text(o, "pipe", obs->pipe);
	parts_text(o, "backend", obs->backend);
	json_plain(o, "transfer_syntax", epm->ndr64 ? "ndr64" : "ndr");
	json_count(o, "status", epm->status);
	json_plain(o, "status_name", words_ept_status(epm->status, status));
	if (epm->question.seen)
		part_request(o, p, epm);
	else if (epm->question.side_visible)
		json_bool(o, "answered", false);
	if (epm->damaged)
		json_bool(o, "damaged", true);
	json_array_begin(o, "towers");
	for (size_t i = 0; i < epm->tower_count; i++)
		tower(o, p, &epm->tower[i]);
	json_array_end(o);
}

static void
part_syntax(struct json *o, const struct obs_context *c)
{
	static const char *const name[] = {
	    [SYNTAX_NDR] = "ndr", [SYNTAX_NDR64] = "ndr64", [SYNTAX_BTFN] = "btfn"};

	if (c->syntax < SYNTAX_OTHER)
		json_plain(o, "transfer_syntax", name[c->syntax]);
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
		json_plain(o, "reason", number);
		return;
	default:
		json_plain(o, "reason", words_context_reason(c->reason, number));
	}
}

static void
context(struct json *o, struct pieces *p, const struct obs_context *c)
{
	char number[WORDS_NUMBER];

	json_object_begin(o, NULL);
	json_count(o, "id", c->id);
	pieces_interface(p, o, &c->iface.uuid, c->iface.major, c->iface.minor);
	part_syntax(o, c);
	json_plain(o, "result", words_context_result(c->result, number));
	part_reason(o, c);
	json_object_end(o);
}

static void
part_auth(struct json *o, const struct obs_bind *b)
{
	char number[WORDS_NUMBER];

	json_object_begin(o, "auth");
	json_plain(o, "type", words_auth_type(b->auth_type, number));
	json_plain(o, "level", words_auth_level(b->auth_level, number));
	json_object_end(o);
}

static void
part_bind_ends(struct json *o, struct pieces *p, const struct obs *obs)
{
	pieces_addr(p, o, "server", &obs->server);
	if (obs->transport == TRANSPORT_NP)
		parts_text(o, "pipe", obs->pipe);
	else
		json_count(o, "server_port", obs->server_port);
	parts_text(o, "backend", obs->backend);
	pieces_addr(p, o, "client", &obs->client);
	json_count(o, "client_port", obs->client_port);
	json_plain(o, "transport", transport_name(obs->transport));
}

static void
part_outcome(struct json *o, const struct obs_bind *b)
{
	static const char *const name[] = {[BIND_ACKNOWLEDGED] = "acknowledged",
	    [BIND_REJECTED] = "rejected",
	    [BIND_UNANSWERED] = "unanswered"};
	char number[WORDS_NUMBER];

	json_plain(o, "outcome", name[b->outcome]);
	if (b->outcome == BIND_REJECTED)
		json_plain(o, "reject_reason", words_reject_reason(b->reject_reason, number));
	parts_text(o, "secondary_address", b->secondary_address);
	if (b->has_auth)
		part_auth(o, b);
}

void
describe_bind(struct json *o, struct pieces *p, const struct obs *obs)
{
	const struct obs_bind *b = &obs->bind;

	json_plain(o, "operation", b->alter ? "alter_context" : "bind");
	part_bind_ends(o, p, obs);
	part_outcome(o, b);
	json_array_begin(o, "contexts");
	for (size_t i = 0; i < b->context_count; i++)
		context(o, p, &b->context[i]);
	json_array_end(o);
}
