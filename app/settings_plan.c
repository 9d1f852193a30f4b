/* settings_plan.c - the setters of `plan`, and of exports that need to know who runs what. */
#include <string.h>
#include <sysexits.h>

#include "app/settings.h"
#include "base/log.h"

int
settings_set_product(struct settings *s, const char *arg)
{
	if (registry_product_parse(arg, &s->product) == 0)
		return 0;
	log_error(
	    "product `%s' is none that is known: exchange-2007, exchange-2010 or ad is wanted",
	    arg);
	return EX_USAGE;
}

int
settings_set_group(struct settings *s, const char *arg)
{
	s->group = arg;
	return 0;
}

int
settings_set_from_evidence(struct settings *s, const char *arg)
{
	(void)arg;
	s->from_evidence = true;
	return 0;
}

int
settings_set_rpc_internet(struct settings *s, const char *arg)
{
	(void)arg;
	s->rpc_internet = true;
	return 0;
}

int
settings_set_block(struct settings *s, const char *arg)
{
	(void)arg;
	s->block = true;
	return 0;
}

int
settings_set_pinned(struct settings *s, const char *arg)
{
	size_t count;
	const struct registry_value *table = registry_table(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i].service, arg) == 0) {
			s->pinned = table[i].service;
			return 0;
		}
	}
	log_error("service `%s' is none that can be pinned", arg);
	return EX_USAGE;
}
