/* remedy.c - the registry's table and the policy's pins, put together. */
#include "report/sections/remedy.h"

#include <string.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/registry/registry_product.h"
#include "report/sections/phrase.h"
#include "track/policy.h"

enum {
	VALUES = 4 /* of one finding */
};

static bool
breaks(const struct verdict *v, const char *rule)
{
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->rule[i], rule) == 0)
			return true;
	return false;
}

/* Rules that a port breaks. */
static bool
is_of_port(const struct report_finding *f)
{
	return protseq_has_port((enum protseq)f->key.protseq) && !uuid_is_nil(&f->key.uuid) &&
	       (breaks(&f->verdict, "EPM-001") || breaks(&f->verdict, "EPM-002") ||
		   breaks(&f->verdict, "EPM-003") || breaks(&f->verdict, "EPM-008"));
}

static enum registry_product
product_of(struct remedy *m, struct document *d, const struct report_finding *f)
{
	const struct report *r = document_report(d);

	if (m->sensor != NULL && strcmp(m->sensor, f->sensor) == 0 &&
	    strcmp(m->realm, f->realm) == 0 && addr_equal(&m->server, &f->key.server))
		return m->product;
	*m = (struct remedy){f->sensor, f->realm, f->key.server, REGISTRY_UNKNOWN};
	int err = registry_product_of(
	    r->store, r->judge, f->sensor, f->realm, &f->key.server, &m->product);
	if (err != 0)
		document_fail(d, err);
	return m->product;
}

static size_t
value_add(const struct registry_value **value, size_t count, const struct registry_value *v)
{
	for (size_t i = 0; i < count; i++)
		if (value[i] == v)
			return count;
	if (count < VALUES)
		value[count++] = v;
	return count;
}

/* Those that move any of the group's interfaces. */
static size_t
values_of(const struct report *r, const struct report_group *g, enum registry_product product,
    const struct registry_value *value[VALUES])
{
	size_t count = 0;

	for (size_t i = 0; i < g->count; i++) {
		const struct registry_value *one[REGISTRY_MOST];
		size_t n = registry_find(&r->finding[g->first + i].key, product, one);

		for (size_t k = 0; k < n; k++)
			count = value_add(value, count, one[k]);
	}
	return count;
}

/* Of a pin the value, else where to find one. */
static void
setting_add(struct line *l, const struct registry_value *v, const struct policy_ports *pins)
{
	char text[REGISTRY_TEXT];

	line_add(l, ROLE_PLAIN, "set ");
	line_add(l, ROLE_CODE, "%s", registry_short_key(v, text));
	line_add(l, ROLE_PLAIN, " ");
	line_add(l, ROLE_CODE, "\"%s\"", v->name);
	if (pins->count > 0) {
		line_add(l, ROLE_PLAIN, " = ");
		line_add(l, ROLE_CODE, "%s", registry_data(v, pins->range[0].low, text));
		line_add(l, ROLE_PLAIN, " (%u)", pins->range[0].low);
	} else {
		line_add(l, ROLE_PLAIN, " to a port that is allowed (");
		line_add(l, ROLE_CODE, "epmwatch plan");
		line_add(l, ROLE_PLAIN, " proposes one)");
	}
}

static void
value_fact(struct document *d, const struct registry_value *v, const struct policy_ports *pins,
    bool several)
{
	char text[REGISTRY_TEXT];
	struct line l = {0};

	if (several)
		line_add(&l, ROLE_PLAIN, "%s: ", registry_product_label(v->product));
	if (v->type == REGISTRY_COMMAND) {
		line_add(&l, ROLE_CODE, "%s",
		    registry_say(v, pins->count > 0 ? pins->range[0].low : 0, text));
	} else {
		setting_add(&l, v, pins);
		line_add(&l, ROLE_PLAIN, ", and restart ");
		if (v->restart != NULL)
			line_add(&l, ROLE_CODE, "%s", v->restart);
		else
			line_add(&l, ROLE_PLAIN, "the computer");
	}
	document_fact(d, "remedy", &l);
}

static void
place_add(struct line *l, const struct report_finding *f)
{
	char text[ADDR_TEXT];

	line_add(l, ROLE_CODE, "%s", addr_format(&f->key.server, text));
	line_add(l, ROLE_PLAIN, " %s port ", f->key.protseq == PROTSEQ_UDP ? "UDP" : "TCP");
	line_add(l, ROLE_CODE, "%u", f->endpoint.port);
}

static void
firewall_fact(struct document *d, const struct report_finding *f, bool denied)
{
	struct line l = {0};

	if (f->endpoint.port == 0)
		return;
	line_add(&l, ROLE_PLAIN, "%s",
	    denied ? "stop the service, or block "
		   : "no registry value is known to move it; a firewall has to allow ");
	place_add(&l, f);
	document_fact(d, "remedy", &l);
}

void
remedy_facts(struct remedy *m, struct document *d, const struct report_group *g,
    const struct report_finding *all)
{
	const struct report *r = document_report(d);
	const struct policy_ports pins = policy_pins(r->judge, &all->key);
	const struct registry_value *value[VALUES];

	if (!is_of_port(all) || all->verdict.settling)
		return;
	if (breaks(&all->verdict, "EPM-002")) {
		firewall_fact(d, all, true);
		return;
	}
	size_t count = values_of(r, g, product_of(m, d, all), value);
	for (size_t i = 0; i < count; i++)
		value_fact(d, value[i], &pins, count > 1);
	if (count == 0)
		firewall_fact(d, all, false);
}
