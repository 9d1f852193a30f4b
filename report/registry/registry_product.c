/* registry_product.c - pins, and ports that interfaces share. */
#include "report/registry/registry_product.h"

#include <stdio.h>
#include <string.h>

#include "base/uuid.h"
#include "store/query.h"
#include "track/policy.h"
#include "track/records.h"

/* Kinds of interfaces that are told apart here. */
enum kind {
	KIND_EMSMDB,
	KIND_STORE,
	KIND_RFR,
	KIND_NSPI,
	KIND_ATTENDANT,
	KIND_REPLICATION,
	KIND_COUNT
};

static const struct {
	const char *uuid;
	enum kind kind;
	uint16_t major;
} known[] = {
    {"a4f1db00-ca47-1067-b31f-00dd010662da", KIND_EMSMDB, 0},
    {"a4f1db00-ca47-1067-b31e-00dd010662da", KIND_STORE, 0},
    {"89742ace-a9ed-11cf-9c0c-08002be7ae86", KIND_STORE, 0},
    {"99e64010-b032-11d0-97a4-00c04fd6551d", KIND_STORE, 0},
    {"da107c01-2b50-44d7-9d5f-bfd4fd8e95ed", KIND_STORE, 0},
    {"0e4a0156-dd5d-11d2-8c2f-00c04fb6bcde", KIND_STORE, 0},
    {"10f24e8e-0fa6-11d2-a910-00c04f990f3b", KIND_STORE, 0},
    {"1453c42c-0fa6-11d2-a910-00c04f990f3b", KIND_STORE, 0},
    {"a9e05b20-6f57-4e24-a540-52412017e6ff", KIND_STORE, 0},
    {"bf6dd426-77b4-44b3-984e-d413fc075562", KIND_STORE, 0},
    {"1544f5e0-613c-11d1-93df-00c04fd7bd09", KIND_RFR, 1},
    {"f5cc5a18-4264-101a-8c59-08002b2f8426", KIND_NSPI, 56},
    {"f930c514-1215-11d3-99a5-00a0c9b61b04", KIND_ATTENDANT, 1},
    {"83d72bf0-0d89-11ce-b13f-00aa003bac6c", KIND_ATTENDANT, 1},
    {"469d6ec0-0d87-11ce-b13f-00aa003bac6c", KIND_ATTENDANT, 1},
    {"e3514235-4b06-11d1-ab04-00c04fc2dcd2", KIND_REPLICATION, 4},
};

enum {
	PORTS = 16 /* of a kind that are looked at */
};

struct seen {
	const char *sensor, *realm; /* NULL: any */
	struct {
		size_t count;
		uint16_t port[PORTS];
	} kind[KIND_COUNT];
};

static struct mapping_key
key_of(const struct addr *server, enum kind kind)
{
	struct mapping_key key = {.server = *server, .protseq = PROTSEQ_TCP};
	size_t i = 0;

	while (known[i].kind != kind)
		i++;
	key.major = known[i].major;
	(void)uuid_parse(known[i].uuid, &key.uuid);
	return key;
}

static bool
ports_meet(struct policy_ports a, struct policy_ports b)
{
	for (size_t i = 0; i < a.count; i++) {
		if (policy_ports_hold(b, a.range[i].low))
			return true;
	}
	return false;
}

enum registry_product
registry_product_pinned(const struct policy *policy, const struct addr *server)
{
	struct mapping_key referral = key_of(server, KIND_RFR), book = key_of(server, KIND_NSPI);
	struct mapping_key mail = key_of(server, KIND_EMSMDB);
	struct policy_ports a = policy_pins(policy, &referral), b = policy_pins(policy, &book);
	const struct policy_rule *rule = policy_rule_of(policy, &mail);

	bool client_access = rule != NULL && rule->pins.count > 0 &&
			     rule->interfaces.name != NULL &&
			     strcmp(rule->interfaces.name, "exchange-rpc-client-access") == 0;
	bool apart = a.count > 0 && b.count > 0 && !ports_meet(a, b);
	bool together = a.count > 0 && b.count > 0 && !apart;
	if (apart && !client_access)
		return REGISTRY_EXCHANGE_2007;
	if (!apart && (together || client_access))
		return REGISTRY_EXCHANGE_2010;
	return REGISTRY_UNKNOWN;
}

static bool
is_name(const char *wanted, const char *name)
{
	return wanted == NULL || strcmp(wanted, name) == 0;
}

static int
take(void *ctx, const struct query_episode *e)
{
	struct seen *s = ctx;
	struct uuid uuid;

	if (e->key.protseq != PROTSEQ_TCP || e->confidence == CONFIDENCE_ATTEMPTED)
		return 0;
	if (!is_name(s->sensor, e->sensor) || !is_name(s->realm, e->realm))
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (uuid_parse(known[i].uuid, &uuid) != 0 || !uuid_equal(&uuid, &e->key.uuid))
			continue;
		enum kind kind = known[i].kind;
		if (s->kind[kind].count < PORTS)
			s->kind[kind].port[s->kind[kind].count++] = e->endpoint.port;
	}
	return 0;
}

static bool
share(const struct seen *s, enum kind a, enum kind b)
{
	for (size_t i = 0; i < s->kind[a].count; i++) {
		for (size_t k = 0; k < s->kind[b].count; k++) {
			if (s->kind[a].port[i] == s->kind[b].port[k])
				return true;
		}
	}
	return false;
}

int
registry_product_seen(struct store *store, const char *sensor, const char *realm,
    const struct addr *server, enum registry_product *out)
{
	/* Names are compared as they are shown, cleaned, which is how they came here; the store has them as they are. */
	struct query_filter of = {.has_server = true, .server = *server};
	struct seen s = {.sensor = sensor, .realm = realm};
	int err = query_alive(store, &of, take, &s);

	*out = REGISTRY_UNKNOWN;
	if (err != 0)
		return err;
	bool exchange = s.kind[KIND_EMSMDB].count + s.kind[KIND_STORE].count +
			    s.kind[KIND_RFR].count + s.kind[KIND_ATTENDANT].count >
			0;
	if (share(&s, KIND_EMSMDB, KIND_STORE) || share(&s, KIND_RFR, KIND_ATTENDANT))
		*out = REGISTRY_EXCHANGE_2007;
	else if (s.kind[KIND_REPLICATION].count > 0 && !exchange)
		*out = REGISTRY_AD;
	return 0;
}

int
registry_product_of(struct store *store, const struct policy *policy, const char *sensor,
    const char *realm, const struct addr *server, enum registry_product *out)
{
	*out = registry_product_pinned(policy, server);
	return *out != REGISTRY_UNKNOWN ? 0
					: registry_product_seen(store, sensor, realm, server, out);
}

int
registry_remedy(struct store *store, const struct policy *policy, const char *sensor,
    const char *realm, const struct mapping_key *key, char *out, size_t size)
{
	const struct registry_value *value[REGISTRY_MOST];
	struct policy_ports pins = policy_pins(policy, key);
	enum registry_product product;
	char text[REGISTRY_TEXT];
	size_t at = 0;

	out[0] = '\0';
	if (pins.count == 0)
		return 0;
	int err = registry_product_of(store, policy, sensor, realm, &key->server, &product);
	size_t count = err == 0 ? registry_find(key, product, value) : 0;
	for (size_t i = 0; i < count && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s%s%s", i > 0 ? "; " : "",
		    count > 1 ? registry_product_label(value[i]->product) : "",
		    count > 1 ? ": " : "", registry_say(value[i], pins.range[0].low, text));
	return err;
}
