/* remedy_newmail.c - new-mail datagrams at ports that are not allowed, and those that never came. The server's port cannot be fixed; the
 * client's can, and Exchange 2010 sends none before it is told to. Sources: registry.h; KB 264035. */
#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/newmail.h"
#include "report/registry/registry_product.h"
#include "report/sections/remedy.h"
#include "track/policy.h"

enum {
	RANGES = 4, /* that are told */
};

static void
setting_add(struct line *l, const struct registry_value *v)
{
	char text[REGISTRY_TEXT];

	line_add(l, ROLE_PLAIN, "set ");
	line_add(l, ROLE_CODE, "%s", registry_short_key(v, text));
	line_add(l, ROLE_PLAIN, " ");
	line_add(l, ROLE_CODE, "\"%s\"", v->name);
}

static void
data_add(struct line *l, const struct registry_value *v, uint16_t data)
{
	char text[REGISTRY_TEXT];

	line_add(l, ROLE_PLAIN, " = ");
	line_add(l, ROLE_CODE, "%s", registry_data(v, data, text));
}

static void
restart_add(struct line *l, const struct registry_value *v)
{
	line_add(l, ROLE_PLAIN, ", and restart ");
	line_add(l, ROLE_CODE, "%s", v->restart);
}

/* What the policy allows for new mail of that server; NULL: nothing. */
static const struct policy_newmail *
allowed_of(const struct policy *p, const struct addr *server)
{
	for (size_t i = 0; i < p->newmail_count; i++) {
		if (policy_servers_hold(&p->newmail[i].servers, server))
			return &p->newmail[i];
	}
	return NULL;
}

static void
ranges_add(struct line *l, struct policy_ports ports)
{
	for (size_t i = 0; i < ports.count && i < RANGES; i++) {
		const struct port_range *r = &ports.range[i];

		line_add(l, ROLE_PLAIN, "%s", i > 0 ? ", " : "");
		if (r->low == r->high)
			line_add(l, ROLE_CODE, "%u", r->low);
		else
			line_add(l, ROLE_CODE, "%u-%u", r->low, r->high);
	}
	if (ports.count > RANGES)
		line_add(l, ROLE_PLAIN, ", ...");
}

/* At the client, since the port is his. */
static void
port_fact(struct document *d, const struct newmail_server *s)
{
	const struct policy_newmail *n = allowed_of(document_report(d)->judge, &s->server);
	const struct registry_value *v = registry_other(REGISTRY_OUTLOOK_UDP);
	struct line l = {0};

	if (n == NULL || n->ports.count == 0)
		return;
	line_add(&l, ROLE_PLAIN, "at %s with Outlook 2003 ",
	    n->clients.any ? "a client" : "an allowed client");
	setting_add(&l, v);
	if (n->ports.count == 1 && n->ports.range[0].low == n->ports.range[0].high) {
		data_add(&l, v, n->ports.range[0].low);
		line_add(&l, ROLE_PLAIN, " (%u)", n->ports.range[0].low);
	} else {
		line_add(&l, ROLE_PLAIN, " (DWORD) to a port that is allowed (");
		ranges_add(&l, n->ports);
		line_add(&l, ROLE_PLAIN, ")");
	}
	restart_add(&l, v);
	document_fact(d, "remedy", &l);
}

/* What eats them is between, or the server was never told to send any. */
static void
silence_facts(struct document *d, const struct newmail_server *s)
{
	const struct report *r = document_report(d);
	const struct registry_value *v = registry_other(REGISTRY_PUSH_ON);
	enum registry_product product;
	char text[ADDR_TEXT];
	struct line l = {0};

	line_add(&l, ROLE_PLAIN, "a firewall has to let UDP pass from ");
	line_add(&l, ROLE_CODE, "%s", addr_format(&s->server, text));
	document_fact(d, "remedy", line_add(&l, ROLE_PLAIN, " to the clients' ports"));
	int err =
	    registry_product_of(r->store, r->judge, s->sensor, s->realm, &s->server, &product);
	if (err != 0)
		document_fail(d, err);
	if (err != 0 || (product != REGISTRY_UNKNOWN && product != REGISTRY_EXCHANGE_2010))
		return;
	line_add(line_clear(&l), ROLE_PLAIN, "%s",
	    product == REGISTRY_UNKNOWN ? "if it runs Exchange 2010, " : "");
	setting_add(&l, v);
	data_add(&l, v, 1);
	restart_add(&l, v);
	document_fact(d, "remedy", &l);
}

void
remedy_newmail(struct document *d, const struct newmail_server *s)
{
	if (s->wrong > 0)
		port_fact(d, s);
	if (s->hungry > 0)
		silence_facts(d, s);
}
