/* policies.c - names to policies, and policies to settings. */
#include "app/policies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/realm_rules.h"
#include "app/settings.h"
#include "base/err.h"
#include "base/log.h"
#include "policy/file.h"

enum {
	LINE_TEXT = 1024,
	NAMES_TEXT = 256,
	RULE_TEXT = 96,
};

static void
tell(const struct complaints *said, const char *name, bool strict)
{
	char line[LINE_TEXT];
	size_t errors = 0;

	for (size_t i = 0; i < said->count; i++) {
		complaints_format(&said->list[i], name, line, sizeof(line));
		if (said->list[i].warning)
			(strict ? log_warn : log_debug)("%s", line);
		else
			log_error("%s", line);
		errors += !said->list[i].warning;
	}
	if (errors < said->errors)
		log_error("%s: and %zu more errors", name, said->errors - errors);
}

static void
tell_missing(const char *name, int err)
{
	char names[NAMES_TEXT] = "";
	size_t count, at = 0;
	const char *const *shipped = policy_file_names(&count);

	for (size_t i = 0; i < count && at < sizeof(names); i++)
		at += (size_t)snprintf(
		    names + at, sizeof(names) - at, "%s%s", i > 0 ? ", " : "", shipped[i]);
	log_error(
	    "policy %s: %s; it is none of those that are shipped: %s", name, err_text(err), names);
}

int
policies_open(const char *name, bool strict, struct policy_file **out)
{
	struct complaints said = {.count = 0};
	int err = policy_file_shipped(name, out);

	if (err != ERR_USAGE)
		return err == 0 ? 0 : EX_OSERR;
	err = policy_file_read(name, out, &said);
	tell(&said, name, strict);
	if (err == -ENOMEM)
		log_error("policy %s: %s", name, err_text(err));
	else if (err != 0 && err != ERR_MALFORMED)
		tell_missing(name, err);
	if (err == 0)
		return 0;
	return strict && err == -ENOENT ? EX_NOINPUT : EX_CONFIG;
}

int
policies_stored(const char *name, const char *text, struct policy_file **out)
{
	struct complaints said;

	/* A version before policies were files kept the name for a text. */
	if (strcmp(name, text) == 0 && policy_file_shipped(name, out) == 0)
		return 0;
	int err = policy_file_parse(text, strlen(text), name, out, &said);

	if (err != 0) {
		tell(&said, name, false);
		log_error("the policy `%s' that the store was last used with is not understood; "
			  "name one by -c, or by --uuids the own names of interfaces that it uses",
		    name);
	}
	return err;
}

static int
add_realm(struct settings *s, const char *kind, unsigned long number, const char *realm)
{
	char rule[RULE_TEXT];

	if (s->realms == NULL)
		s->realms = calloc(1, sizeof(*s->realms));
	if (s->realms == NULL)
		return EX_OSERR;
	snprintf(rule, sizeof(rule), "%s=%lu:%s", kind, number, realm);
	int err = realm_rules_add(s->realms, rule);
	/* Busy is what an option has said otherwise. */
	if (err == 0 || err == ERR_BUSY)
		return 0;
	log_error("%s: more realms, or networks, than there can be", rule);
	return EX_CONFIG;
}

static int
take_realm(struct settings *s, const struct policy_realm *realm)
{
	int status = 0;

	for (size_t i = 0; i < realm->vlan_count && status == 0; i++)
		status = add_realm(s, "vlan", realm->vlan[i], realm->name);
	for (size_t i = 0; i < realm->vni_count && status == 0; i++)
		status = add_realm(s, "vni", realm->vni[i], realm->name);
	return status;
}

int
policies_take(struct settings *s)
{
	int status = 0;

	if (s->policy == NULL)
		status = settings_set_policy(s, "windows-default");
	for (size_t i = 0; status == 0 && i < s->policy->realm_count; i++)
		status = take_realm(s, &s->policy->realm[i]);
	if (status == 0 && s->span_ns == 0)
		s->span_ns = s->policy->thresholds.span_window_ns;
	return status != 0 ? status : settings_check_realms(s);
}
