#include "app/realm_rules.h"

#include <string.h>

#include "base/err.h"
#include "base/text.h"

/* The index of realm ${name}, which is entered if need be; 0 where there is no room. */
static uint8_t
index_of(struct realm_rules *r, const char *name)
{
	char clean[REALM_NAME];

	text_clean((const uint8_t *)name, strlen(name), clean, sizeof(clean));
	for (size_t i = 1; i <= r->count; i++) {
		if (strcmp(r->name[i], clean) == 0)
			return (uint8_t)i;
	}
	if (r->count == REALMS_MOST)
		return 0;
	memcpy(r->name[++r->count], clean, sizeof(clean));
	return (uint8_t)r->count;
}

/* A number up to ${most}, and where it ends; -1 if there is none. */
static long
number_of(const char *text, unsigned long most, const char **end)
{
	unsigned long value = 0;

	*end = text;
	while (**end >= '0' && **end <= '9' && value <= most)
		value = value * 10 + (unsigned long)(*(*end)++ - '0');
	return *end == text || value > most ? -1 : (long)value;
}

static int
add_vlan(struct realm_rules *r, unsigned long id, uint8_t realm)
{
	return realms_vlan(&r->map, id, realm) ? 0 : ERR_BUSY;
}

static int
add_vni(struct realm_rules *r, unsigned long vni, uint8_t realm)
{
	if (r->map.vnis == REALMS_VNIS)
		return ERR_CAP;
	return realms_vni(&r->map, vni, realm) ? 0 : ERR_BUSY;
}

int
realm_rules_add(struct realm_rules *r, const char *rule)
{
	static const struct {
		const char *key;
		unsigned long most;
		int (*add)(struct realm_rules *r, unsigned long number, uint8_t realm);
	} kind[] = {{"vlan=", REALMS_VLANS - 1, add_vlan}, {"vni=", REALMS_VNI_LAST, add_vni}};

	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
		size_t len = strlen(kind[i].key);
		const char *end;
		uint8_t realm;
		long number;

		if (strncmp(rule, kind[i].key, len) != 0)
			continue;
		number = number_of(rule + len, kind[i].most, &end);
		if (number < 0 || end[0] != ':' || end[1] == '\0')
			return ERR_USAGE;
		realm = index_of(r, end + 1);
		return realm != 0 ? kind[i].add(r, (unsigned long)number, realm) : ERR_CAP;
	}
	return ERR_USAGE;
}

const char *
realm_rules_name(const struct realm_rules *r, const char *own, uint8_t index)
{
	return index == 0 || r == NULL ? own : r->name[index];
}

bool
realm_rules_has(const struct realm_rules *r, const char *name)
{
	for (size_t i = 1; r != NULL && i <= r->count; i++) {
		if (strcmp(r->name[i], name) == 0)
			return true;
	}
	return false;
}
