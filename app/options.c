/* options.c - getopt_long() fed from a table. */
#include "app/options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>
#include <sysexits.h>

#include "app/suggest.h"
#include "base/log.h"

enum {
	OPTIONS_MAX = 32,
	LONG_VALUE = 256, /* getopt's value of option i is LONG_VALUE + i, its letter apart */
	HELP_COLUMN = 24,
};

static const struct option_spec help_option = {
    'h', "help", NULL, "print this and leave", settings_set_help};

/* The table in the two forms that getopt wants. */
struct forms {
	const struct option_spec *spec[OPTIONS_MAX];
	size_t count;
	char letters[OPTIONS_MAX * 2 + 2];
	struct option longs[OPTIONS_MAX + 1];
};

static void
forms_add(struct forms *f, const struct option_spec *spec)
{
	size_t i = f->count, end = strlen(f->letters);

	if (i == OPTIONS_MAX)
		return;
	f->spec[i] = spec;
	f->longs[i] = (struct option){.name = spec->name,
	    .has_arg = spec->arg == NULL ? no_argument : required_argument,
	    .val = LONG_VALUE + (int)i};
	if (spec->letter != 0) {
		f->letters[end++] = spec->letter;
		if (spec->arg != NULL)
			f->letters[end++] = ':';
		f->letters[end] = '\0';
	}
	f->count++;
}

static void
forms_make(struct forms *f, const struct verb *v)
{
	*f = (struct forms){.letters = ":"};
	for (size_t i = 0; v->option[i] != NULL; i++)
		forms_add(f, v->option[i]);
	forms_add(f, &help_option);
}

static const struct option_spec *
forms_find(const struct forms *f, int value)
{
	for (size_t i = 0; i < f->count; i++) {
		assert(f->spec[i] != NULL);
		if (value == LONG_VALUE + (int)i ||
		    (f->spec[i]->letter != 0 && value == f->spec[i]->letter))
			return f->spec[i];
	}
	return NULL;
}

static int
unknown_long(const struct forms *f, const struct verb *v, const char *word)
{
	char name[SUGGEST_LONGEST + 2];
	const char *start = word + strspn(word, "-");

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(start, "="), start);
	struct suggest near = {.word = name};
	for (size_t i = 0; i < f->count; i++)
		suggest_offer(&near, f->spec[i]->name);
	if (near.best != NULL)
		log_error(
		    "%s: there is no option `%s'; did you mean --%s?", v->name, word, near.best);
	else
		log_error(
		    "%s: there is no option `%s'; see epmwatch %s --help", v->name, word, v->name);
	return EX_USAGE;
}

/* getopt_long() returned `?' or `:'. */
static int
refused(const struct forms *f, const struct verb *v, int value, const char *word)
{
	const struct option_spec *spec = forms_find(f, optopt);

	if (spec != NULL && value == ':')
		log_error("%s: --%s wants an argument: %s", v->name, spec->name, spec->arg);
	else if (spec != NULL)
		log_error("%s: --%s takes no argument", v->name, spec->name);
	else if (optopt == 0)
		return unknown_long(f, v, word);
	else
		log_error("%s: there is no option `-%c'; see epmwatch %s --help", v->name, optopt,
		    v->name);
	return EX_USAGE;
}

static int
operands_take(const struct verb *v, int argc, char **argv, struct settings *s)
{
	int status = 0;

	if (optind < argc && v->operands == NULL) {
		log_error("%s: `%s' is one word too many; see epmwatch %s --help", v->name,
		    argv[optind], v->name);
		return EX_USAGE;
	}
	while (optind < argc && status == 0)
		status = settings_operand(s, argv[optind++]);
	return status;
}

int
options_parse(const struct verb *v, int argc, char **argv, struct settings *s)
{
	struct forms f;
	int value, status = 0;

	forms_make(&f, v);
	opterr = 0;
	optind = 0;
	while (status == 0 && (value = getopt_long(argc, argv, f.letters, f.longs, NULL)) != -1) {
		const struct option_spec *spec = forms_find(&f, value);

		status =
		    spec == NULL ? refused(&f, v, value, argv[optind - 1]) : spec->set(s, optarg);
	}
	return status != 0 || s->help ? status : operands_take(v, argc, argv, s);
}

static void
option_print(const struct option_spec *o, FILE *out)
{
	int n = fprintf(out, "  ");

	if (o->letter != 0)
		n += fprintf(out, "-%c, ", o->letter);
	n += fprintf(
	    out, "--%s%s%s", o->name, o->arg == NULL ? "" : " ", o->arg == NULL ? "" : o->arg);
	/* A name that reaches into the text's column keeps two blanks between. */
	fprintf(out, "%*s%s\n", n + 2 > HELP_COLUMN ? 2 : HELP_COLUMN - n, "", o->text);
}

void
options_help(const struct verb *v, FILE *out)
{
	fprintf(out, "usage: epmwatch %s [OPTION...]%s%s\n%s\n\n", v->name,
	    v->operands == NULL ? "" : " ", v->operands == NULL ? "" : v->operands, v->summary);
	for (size_t i = 0; v->option[i] != NULL; i++)
		option_print(v->option[i], out);
	option_print(&help_option, out);
	fprintf(out, "\nExamples:\n  %s\n  %s\n", v->example[0], v->example[1]);
}
