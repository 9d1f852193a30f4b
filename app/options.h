/* options.h - verbs and their options as tables: one table is parsed, printed as help, completed by shells, taken for the
 * keys of a file of settings, and tested against the manual. */
#ifndef EPMWATCH_APP_OPTIONS_H
#define EPMWATCH_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "app/settings.h"

enum {
	OPTIONS_WORDS = 256 /* for all words that an option knows */
};

struct option_spec {
	char letter;      /* 0: long only */
	const char *name; /* long name */
	const char *arg;  /* what the argument is called in the help, or the words that it may be with bars between; NULL: there is none */
	const char *text; /* one line */
	settings_setter *set;
};

struct verb {
	const char *name;
	const char *summary;  /* one line */
	const char *operands; /* as the synopsis has them; NULL: none are taken */
	const struct option_spec *const
	    *option; /* ends with NULL; those of options_common() are there without being listed */
	const char *example[2];
	int (*run)(struct settings *s); /* returns an exit value */
	bool judges;                    /* exit 0, 1 or 2 instead of sysexits */
};

/** options_common(): The options that every verb has; ends with NULL. Static storage. */
const struct option_spec *const *options_common(void);

/** options_named(v, name): The option of ${v}, or the common one, of that long name; NULL where there is none. */
const struct option_spec *options_named(const struct verb *v, const char *name);

/** options_word(arg, i, len): The ${i}-th of the words of ${arg}, which is ${*len} long; NULL beyond them, or where ${arg} names no words. */
const char *options_word(const char *arg, size_t i, size_t *len);

/** options_repeats(o): May ${o} be given several times, each of which counts? */
bool options_repeats(const struct option_spec *o);

/** options_is_word(o, given): May ${given} be its argument, as far as words go? True where any may. */
bool options_is_word(const struct option_spec *o, const char *given);

/** options_wants(o, out): What its argument is: the words that it may be, as people list them, or what it is called. Returns ${out}, or what ${o} has. */
const char *options_wants(const struct option_spec *o, char out[OPTIONS_WORDS]);

/** options_accept(v, o, arg): May ${arg} be the argument of ${o}? 0, or EX_USAGE after a message if it is none of its words. */
int options_accept(const struct verb *v, const struct option_spec *o, const char *arg);

/** options_parse(v, argc, argv, s): Read ${argv} from index 1 on into ${s}, and a file of settings that is named there before
 * it. 0, or an exit value after a message. */
int options_parse(const struct verb *v, int argc, char **argv, struct settings *s);

/** options_help(v, out): Print synopsis, options and two examples: at most one screen. */
void options_help(const struct verb *v, FILE *out);

#endif
