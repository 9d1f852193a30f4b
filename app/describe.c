/* describe.c - from an observation to the object that its event carries. */
#include "app/describe.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/words.h"
#include "dissect/observation.h"
#include "report/parts.h"

static void
part_hex(json_t *o, const char *key, const uint8_t *octets, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	char *text = malloc(len * 2 + 1);

	if (text == NULL)
		return;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digit[octets[i] >> 4];
		text[2 * i + 1] = digit[octets[i] & 15];
	}
	text[2 * len] = '\0';
	parts_text(o, key, text);
	free(text);
}

static void
part_host(json_t *o, const struct obs_tower *t)
{
	if (t->host_name != NULL)
		parts_text(o, "host", t->host_name);
	else if (t->host_known)
		parts_addr(o, "host", &t->host);
}

static json_t *
tower_object(const struct obs_tower *t)
{
	json_t *o = json_object();

	/* A tower that makes no sense may not even name an interface. */
	if (t->protseq != PROTSEQ_UNKNOWN || !uuid_is_nil(&t->iface.uuid))
		parts_interface(o, &t->iface.uuid, t->iface.major, t->iface.minor);
	if (!uuid_is_nil(&t->object))
		parts_uuid(o, "object", &t->object);
	parts_text(o, "annotation", t->annotation);
	parts_endpoint(o, t->protseq, t->port, t->endpoint);
	part_host(o, t);
	if (t->protseq == PROTSEQ_UNKNOWN && t->octets != NULL)
		part_hex(o, "floors", t->octets, t->octets_len);
	return o;
}

static json_t *
request_object(const struct obs_epm *epm)
{
	const struct obs_epm_question *q = &epm->question;
	json_t *o = json_object();

	if (q->names_interface)
		parts_interface(o, &q->iface.uuid, q->iface.major, q->iface.minor);
	if (epm->operation == EPM_MAP)
		parts_text(o, "protseq", protseq_name(q->protseq));
	else
		parts_count(o, "inquiry_type", q->inquiry_type);
	parts_count(o, "max_towers", q->max_towers);
	if (q->frame != 0)
		parts_count(o, "pcap_cnt", q->frame);
	return o;
}

json_t *
describe_epm(const struct obs *obs)
{
	const struct obs_epm *epm = &obs->epm;
	json_t *o = json_object(), *towers = json_array();
	char status[WORDS_NUMBER];

	parts_text(o, "operation", epm->operation == EPM_MAP ? "ept_map" : "ept_lookup");
	parts_addr(o, "server", &obs->server);
	parts_addr(o, "client", &obs->client);
	parts_text(o, "transport", transport_name(obs->transport));
	parts_text(o, "pipe", obs->pipe);
	parts_text(o, "transfer_syntax", epm->ndr64 ? "ndr64" : "ndr");
	parts_count(o, "status", epm->status);
	parts_text(o, "status_name", words_ept_status(epm->status, status));
	if (epm->question.seen)
		json_object_set_new(o, "request", request_object(epm));
	else if (epm->question.side_visible)
		json_object_set_new(o, "answered", json_false());
	if (epm->damaged)
		json_object_set_new(o, "damaged", json_true());
	for (size_t i = 0; i < epm->tower_count; i++)
		json_array_append_new(towers, tower_object(&epm->tower[i]));
	json_object_set_new(o, "towers", towers);
	return o;
}

static void
part_syntax(json_t *o, const struct obs_context *c)
{
	static const char *const name[] = {
	    [SYNTAX_NDR] = "ndr", [SYNTAX_NDR64] = "ndr64", [SYNTAX_BTFN] = "btfn"};

	if (c->syntax < SYNTAX_OTHER)
		parts_text(o, "transfer_syntax", name[c->syntax]);
	else
		parts_uuid(o, "transfer_syntax", &c->syntax_uuid);
}

static void
part_reason(json_t *o, const struct obs_context *c)
{
	char number[WORDS_NUMBER];

	switch (c->result) {
	case CONTEXT_ACCEPTANCE:
	case CONTEXT_UNANSWERED:
		return;
	case CONTEXT_NEGOTIATE_ACK: /* the features that both sides have: a bit mask */
		snprintf(number, sizeof(number), "%u", c->reason);
		parts_text(o, "reason", number);
		return;
	default:
		parts_text(o, "reason", words_context_reason(c->reason, number));
	}
}

static json_t *
context_object(const struct obs_context *c)
{
	json_t *o = json_object();
	char number[WORDS_NUMBER];

	parts_count(o, "id", c->id);
	parts_interface(o, &c->iface.uuid, c->iface.major, c->iface.minor);
	part_syntax(o, c);
	parts_text(o, "result", words_context_result(c->result, number));
	part_reason(o, c);
	return o;
}

static json_t *
auth_object(const struct obs_bind *b)
{
	json_t *o = json_object();
	char number[WORDS_NUMBER];

	parts_text(o, "type", words_auth_type(b->auth_type, number));
	parts_text(o, "level", words_auth_level(b->auth_level, number));
	return o;
}

static void
part_bind_ends(json_t *o, const struct obs *obs)
{
	parts_addr(o, "server", &obs->server);
	if (obs->transport == TRANSPORT_NP)
		parts_text(o, "pipe", obs->pipe != NULL ? obs->pipe : "");
	else
		parts_count(o, "server_port", obs->server_port);
	parts_addr(o, "client", &obs->client);
	parts_count(o, "client_port", obs->client_port);
	parts_text(o, "transport", transport_name(obs->transport));
}

static void
part_outcome(json_t *o, const struct obs_bind *b)
{
	static const char *const name[] = {[BIND_ACKNOWLEDGED] = "acknowledged",
	    [BIND_REJECTED] = "rejected",
	    [BIND_UNANSWERED] = "unanswered"};
	char number[WORDS_NUMBER];

	parts_text(o, "outcome", name[b->outcome]);
	if (b->outcome == BIND_REJECTED)
		parts_text(o, "reject_reason", words_reject_reason(b->reject_reason, number));
	parts_text(o, "secondary_address", b->secondary_address);
	if (b->has_auth)
		json_object_set_new(o, "auth", auth_object(b));
}

json_t *
describe_bind(const struct obs *obs)
{
	const struct obs_bind *b = &obs->bind;
	json_t *o = json_object(), *contexts = json_array();

	parts_text(o, "operation", b->alter ? "alter_context" : "bind");
	part_bind_ends(o, obs);
	part_outcome(o, b);
	for (size_t i = 0; i < b->context_count; i++)
		json_array_append_new(contexts, context_object(&b->context[i]));
	json_object_set_new(o, "contexts", contexts);
	return o;
}
