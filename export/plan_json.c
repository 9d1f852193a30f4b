/* plan_json.c - the plan for machines: an array, one object a port. */
#include "export/plan.h"

#include <errno.h>

#include "base/clock.h"
#include "base/json.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/plan_ports.h"

static void
put_time(struct json *j, const char *key, int64_t ts_ns)
{
	char text[CLOCK_TEXT];

	json_plain(j, key, clock_format(ts_ns, text));
}

static void
put_servers(struct json *j, const struct addr *server, size_t count)
{
	char text[ADDR_TEXT];

	json_array_begin(j, "servers");
	for (size_t i = 0; i < count; i++)
		json_plain(j, NULL, addr_format(&server[i], text));
	json_array_end(j);
}

static void
put_services(struct json *j, const struct plan_item *item)
{
	const char *name[PINS_MOST];
	size_t count = plan_services(item, name);

	json_array_begin(j, "services");
	for (size_t i = 0; i < count; i++)
		json_plain(j, NULL, name[i]);
	json_array_end(j);
}

/* What to set: a value, or a command. */
static void
put_remedy(struct json *j, const struct plan_item *item)
{
	const struct registry_value *v = item->pin.value;
	char text[REGISTRY_TEXT];

	json_text(j, "product", registry_product_name(v->product));
	if (item->port == 0)
		return;
	json_text(j, "remedy", registry_say(v, item->port, text));
	if (v->key == NULL)
		return;
	json_object_begin(j, "registry");
	json_text(j, "key", v->key);
	json_text(j, "name", v->name);
	json_text(j, "data", registry_data(v, item->port, text));
	json_object_end(j);
}

static void
put_range(struct json *j, const char *key, const struct port_range *r)
{
	json_object_begin(j, key);
	json_count(j, "first", r->low);
	json_count(j, "last", r->high);
	json_object_end(j);
}

/* The part that has the port, and where it could go. */
static void
put_part(struct json *j, const struct plan_group *g, const struct plan_dynamic *d, uint16_t port)
{
	const struct port_range *part = plan_ports_part(d->ports, port), *moved;
	struct port_range to;

	put_range(j, "dynamic", part);
	if (plan_move(g, d, &moved, &to) && moved == part)
		put_range(j, "move_dynamic_to", &to);
}

static bool
is_inside(const struct plan_dynamic *d, const struct plan_item *item)
{
	return item->part != NULL && plan_ports_part(d->ports, item->port) != NULL;
}

/* Where servers differ, one of each range in which the port lies. */
static void
put_differing(struct json *j, const struct plan_group *g, const struct plan_item *item)
{
	json_array_begin(j, "inside_dynamic_of");
	for (size_t i = 0; i < g->dynamic_count; i++) {
		const struct plan_dynamic *d = &g->dynamic[i];

		if (!is_inside(d, item))
			continue;
		json_object_begin(j, NULL);
		put_servers(j, d->server, d->server_count);
		put_part(j, g, d, item->port);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
put_dynamic(struct json *j, const struct plan_group *g, const struct plan_item *item)
{
	json_bool(j, "inside_dynamic", item->part != NULL);
	if (item->part == NULL)
		return;
	if (g->dynamic_count == 1)
		put_part(j, g, &g->dynamic[0], item->port);
	else
		put_differing(j, g, item);
}

static void
put_proof(struct json *j, const struct proof *p)
{
	char text[ADDR_TEXT], uuid[UUID_TEXT];

	json_object_begin(j, NULL);
	json_plain(j, "server", addr_format(&p->key.server, text));
	json_plain(j, "interface", uuid_format(&p->key.uuid, uuid));
	if (p->service != NULL)
		json_text(j, "service", p->service);
	json_count(j, "port", p->port);
	json_text(j, "confidence", confidence_name(p->confidence));
	put_time(j, "first_seen", p->first_ns);
	put_time(j, "last_seen", p->last_ns);
	json_count(j, "clients", p->clients);
	json_text(j, "sensor", p->sensor);
	if (p->last.capture != NULL) {
		json_text(j, p->last.frame != 0 ? "pcap_filename" : "in_iface", p->last.capture);
		if (p->last.frame != 0)
			json_count(j, "pcap_cnt", p->last.frame);
	}
	json_object_end(j);
}

static void
put_proofs(struct json *j, const struct pin *pin)
{
	json_text(j, "confidence", confidence_name(pin->confidence));
	json_count(j, "holding", pin->holding);
	json_count(j, "of", pin->server_count);
	json_array_begin(j, "evidence");
	for (size_t i = 0; i < pin->count; i++)
		put_proof(j, pin->proof[i]);
	json_array_end(j);
}

static void
put_item(struct json *j, const struct plan_group *g, const struct plan_item *item)
{
	char why[PLAN_WHY];

	json_object_begin(j, NULL);
	json_text(j, "group", g->group->name);
	json_text(j, "realm", g->group->realm);
	put_servers(j, g->group->server, g->group->server_count);
	put_services(j, item);
	json_text(j, "kind", plan_kind_name(item->kind));
	if (item->port != 0)
		json_count(j, "port", item->port);
	json_text(j, "why", plan_why(item, why));
	put_remedy(j, item);
	put_dynamic(j, g, item);
	if (item->clash)
		json_bool(j, "clash", true);
	put_proofs(j, &item->pin);
	json_object_end(j);
}

int
plan_json(const struct plan *p, const struct export_job *job, FILE *out)
{
	struct json j = {0};

	(void)job;
	json_array_begin(&j, NULL);
	for (size_t i = 0; i < p->group_count; i++) {
		for (size_t k = 0; k < p->group[i].count; k++)
			put_item(&j, &p->group[i], &p->group[i].item[k]);
	}
	json_array_end(&j);
	json_line(&j);
	if (!j.failed)
		fwrite(j.text, 1, j.used, out);
	int err = j.failed ? -ENOMEM : 0;
	json_free(&j);
	return err;
}
