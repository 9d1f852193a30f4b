/* options.h - verbs and their options as tables: one table is parsed, printed as help, and tested
 * against the manual. */
#ifndef EPMWATCH_APP_OPTIONS_H
#define EPMWATCH_APP_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "app/settings.h"

struct option_spec {
	char letter;      /* 0: long only */
	const char *name; /* long name */
	const char *arg;  /* what the argument is called in the help; NULL: there is none */
	const char *text; /* one line */
	settings_setter *set;
};

struct verb {
	const char *name;
	const char *summary;  /* one line */
	const char *operands; /* as the synopsis has them; NULL: none are taken */
	const struct option_spec *const
	    *option; /* ends with NULL; --help is there without being listed */
	const char *example[2];
	int (*run)(struct settings *s); /* returns an exit value */
	bool judges;                    /* exit 0, 1 or 2 instead of sysexits */
};

/** options_parse(v, argc, argv, s): Read ${argv} from index 1 on into ${s}. 0, or an exit value
 * after a message. */
int options_parse(const struct verb *v, int argc, char **argv, struct settings *s);

/** options_help(v, out): Print synopsis, options and two examples: at most one screen. */
void options_help(const struct verb *v, FILE *out);

#endif
