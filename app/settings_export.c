/* settings_export.c - the setters of what an export is made from, and how it looks. */
#include <string.h>
#include <sysexits.h>

#include "app/settings.h"
#include "base/log.h"
#include "export/evidence.h"
#include "export/label.h"

int
settings_set_least(struct settings *s, const char *arg)
{
	s->least_given = true;
	if (evidence_least(arg, &s->least) == 0)
		return 0;
	log_error(
	    "confidence `%s' is none to rest a rule on: announced, used or confirmed is wanted",
	    arg);
	return EX_USAGE;
}

int
settings_set_violations(struct settings *s, const char *arg)
{
	(void)arg;
	s->violations = true;
	return 0;
}

int
settings_set_only_pinned(struct settings *s, const char *arg)
{
	(void)arg;
	s->only_pinned = true;
	return 0;
}

int
settings_set_table(struct settings *s, const char *arg)
{
	s->table = arg;
	if (label_is_table(arg))
		return 0;
	log_error("table `%s' is none: epm, then at most 28 letters, digits or underscores are "
		  "wanted, so that no table of "
		  "others is replaced",
	    arg);
	return EX_USAGE;
}

/* The classes that nft(8) and tc(8) know by name. */
static const char *const classes[] = {"cs0", "cs1", "cs2", "cs3", "cs4", "cs5", "cs6", "cs7",
    "af11", "af12", "af13", "af21", "af22", "af23", "af31", "af32", "af33", "af41", "af42", "af43",
    "ef"};

int
settings_set_dscp(struct settings *s, const char *arg)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(classes[i], arg) == 0) {
			s->dscp = arg;
			return 0;
		}
	log_error("class `%s' is none: cs0 to cs7, af11 to af43 or ef is wanted", arg);
	return EX_USAGE;
}

int
settings_set_form(struct settings *s, const char *arg)
{
	s->tc = strcmp(arg, "tc") == 0;
	if (s->tc || strcmp(arg, "nft") == 0)
		return 0;
	log_error("form `%s' is none: nft or tc is wanted", arg);
	return EX_USAGE;
}
