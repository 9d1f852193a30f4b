/* options.c - getopt_long() fed from a table. The words are gone through twice: first for what is given at all and for the
 * file of settings, which then says what is not, and what the command line says comes last. */
#include "app/options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>
#include <sysexits.h>

#include "app/config.h"
#include "app/suggest.h"
#include "base/log.h"

enum {
	OPTIONS_MAX = 48,
	LONG_VALUE = 256, /* getopt's value of option i is LONG_VALUE + i, its letter apart */
	HELP_COLUMN = 24,
	HELP_WIDTH = 80,
	HELP_WORDS = 48, /* letters that are shown beside the option */
};

static const struct option_spec config_option = {0, "config", "FILE",
				    "settings, in YAML: see epmwatch.yaml(5)", settings_set_config},
				uuids_option = {0, "uuids", "PATH",
				    "your own names for interfaces: a file or a folder",
				    settings_set_uuids},
				help_option = {
				    'h', "help", NULL, "print this and leave", settings_set_help};

static const struct option_spec *const common[] = {
    &config_option, &uuids_option, &help_option, NULL};

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
	for (size_t i = 0; common[i] != NULL; i++)
		forms_add(f, common[i]);
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

const struct option_spec *const *
options_common(void)
{
	return common;
}

const struct option_spec *
options_named(const struct verb *v, const char *name)
{
	for (size_t i = 0; v->option[i] != NULL; i++) {
		if (strcmp(v->option[i]->name, name) == 0)
			return v->option[i];
	}
	for (size_t i = 0; common[i] != NULL; i++) {
		if (strcmp(common[i]->name, name) == 0)
			return common[i];
	}
	return NULL;
}

bool
options_repeats(const struct option_spec *o)
{
	return o->set == settings_set_device || o->set == settings_set_realm_of ||
	       o->set == settings_set_uuids || o->set == settings_set_file ||
	       o->set == settings_set_mail;
}

const char *
options_word(const char *arg, size_t i, size_t *len)
{
	if (arg == NULL || strchr(arg, '|') == NULL)
		return NULL;
	for (; i > 0; i--) {
		arg = strchr(arg, '|');
		if (arg == NULL)
			return NULL;
		arg++;
	}
	*len = strcspn(arg, "|");
	return arg;
}

/* `text, json or csv`, in ${out}. */
static void
words_list(const char *arg, char out[OPTIONS_WORDS])
{
	size_t at = 0, len, next_len;
	const char *word;

	for (size_t i = 0; (word = options_word(arg, i, &len)) != NULL && at < OPTIONS_WORDS; i++) {
		bool last = options_word(arg, i + 1, &next_len) == NULL;

		at += (size_t)snprintf(out + at, OPTIONS_WORDS - at, "%s%.*s",
		    i == 0 ? ""
		    : last ? " or "
			   : ", ",
		    (int)len, word);
	}
}

static bool
is_word(const char *arg, const char *given)
{
	size_t len;
	const char *word;

	for (size_t i = 0; (word = options_word(arg, i, &len)) != NULL; i++) {
		if (strlen(given) == len && memcmp(word, given, len) == 0)
			return true;
	}
	return false;
}

bool
options_is_word(const struct option_spec *o, const char *given)
{
	size_t len;

	return options_word(o->arg, 0, &len) == NULL || is_word(o->arg, given);
}

const char *
options_wants(const struct option_spec *o, char out[OPTIONS_WORDS])
{
	size_t len;

	if (options_word(o->arg, 0, &len) == NULL)
		return o->arg;
	words_list(o->arg, out);
	return out;
}

int
options_accept(const struct verb *v, const struct option_spec *o, const char *arg)
{
	char list[OPTIONS_WORDS] = "", word[SUGGEST_LONGEST + 1], best[SUGGEST_LONGEST + 1] = "";
	struct suggest near = {.word = arg};
	size_t len;

	if (options_is_word(o, arg))
		return 0;
	for (size_t i = 0; options_word(o->arg, i, &len) != NULL; i++) {
		const char *before = near.best;

		snprintf(word, sizeof(word), "%.*s", (int)len, options_word(o->arg, i, &len));
		near.best = before != NULL ? best : NULL;
		suggest_offer(&near, word);
		if (near.best == word)
			memcpy(best, word, sizeof(best));
	}
	words_list(o->arg, list);
	log_error("%s: --%s `%s' is none: %s is wanted%s%s%s", v->name, o->name, arg, list,
	    best[0] != '\0' ? "; did you mean " : "", best, best[0] != '\0' ? "?" : "");
	return EX_USAGE;
}

static bool
is_common(const struct option_spec *o)
{
	for (size_t i = 0; common[i] != NULL; i++) {
		if (common[i] == o)
			return true;
	}
	return false;
}

/* Words that are no options say the same as a filter. */
static bool
has_expression(const struct verb *v, const struct settings *s, int words)
{
	return words > 0 &&
	       (s->bare || (v->operands != NULL && strcmp(v->operands, "[EXPRESSION]") == 0));
}

/* What is given, in ${given}, which ends with NULL; and what every verb has is taken. */
static int
survey(const struct forms *f, const struct verb *v, int argc, char **argv, struct settings *s,
    const struct option_spec **given)
{
	int value, status = 0;
	bool seen[OPTIONS_MAX] = {false};
	size_t count = 0;

	optind = 0;
	while (status == 0 && (value = getopt_long(argc, argv, f->letters, f->longs, NULL)) != -1) {
		const struct option_spec *spec = forms_find(f, value);

		if (spec == NULL)
			status = refused(f, v, value, argv[optind - 1]);
		else if (is_common(spec))
			status = spec->set(s, optarg);
		for (size_t i = 0; i < f->count; i++)
			seen[i] |= spec == f->spec[i];
	}
	for (size_t i = 0; i < f->count; i++) {
		if (seen[i] ||
		    (f->spec[i]->set == settings_set_filter && has_expression(v, s, argc - optind)))
			given[count++] = f->spec[i];
	}
	given[count] = NULL;
	return status;
}

static int
take(const struct forms *f, const struct verb *v, int argc, char **argv, struct settings *s)
{
	int value, status = 0;

	optind = 0;
	while (status == 0 && (value = getopt_long(argc, argv, f->letters, f->longs, NULL)) != -1) {
		const struct option_spec *spec = forms_find(f, value);

		if (spec == NULL || is_common(spec))
			continue;
		if (spec->arg != NULL)
			status = options_accept(v, spec, optarg);
		if (status == 0)
			status = spec->set(s, optarg);
	}
	return status;
}

int
options_parse(const struct verb *v, int argc, char **argv, struct settings *s)
{
	const struct option_spec *given[OPTIONS_MAX + 1];
	struct forms f;

	forms_make(&f, v);
	opterr = 0;
	int status = survey(&f, v, argc, argv, s, given);
	if (status != 0 || s->help)
		return status;
	if (s->config_path != NULL)
		status = config_apply(s, v, given);
	if (status == 0)
		status = take(&f, v, argc, argv, s);
	return status != 0 ? status : operands_take(v, argc, argv, s);
}

/* Lines of words in the text's column. */
static void
words_print(const char *arg, FILE *out)
{
	size_t len, column = 0;
	const char *word;

	for (size_t i = 0; (word = options_word(arg, i, &len)) != NULL; i++) {
		if (column + len + 3 >= HELP_WIDTH) {
			fputs(",\n", out);
			column = 0;
		}
		if (column == 0)
			column = (size_t)fprintf(out, "%*s%.*s", HELP_COLUMN, "", (int)len, word);
		else
			column += (size_t)fprintf(out, ", %.*s", (int)len, word);
	}
	fputc('\n', out);
}

static void
option_print(const struct option_spec *o, FILE *out)
{
	bool many = o->arg != NULL && strlen(o->arg) > HELP_WORDS;
	int n = fprintf(out, "  ");

	if (o->letter != 0)
		n += fprintf(out, "-%c, ", o->letter);
	n += fprintf(out, "--%s%s%s", o->name, o->arg == NULL ? "" : " ",
	    o->arg == NULL ? ""
	    : many         ? "WORD"
			   : o->arg);
	/* A name that reaches into the text's column keeps two blanks between, or the text begins a line. */
	if (n + 2 + (int)strlen(o->text) >= HELP_WIDTH)
		n = fprintf(out, "\n") - 1;
	fprintf(out, "%*s%s\n", n + 2 > HELP_COLUMN ? 2 : HELP_COLUMN - n, "", o->text);
	if (many)
		words_print(o->arg, out);
}

void
options_help(const struct verb *v, FILE *out)
{
	fprintf(out, "usage: epmwatch %s [OPTION...]%s%s\n%s\n\n", v->name,
	    v->operands == NULL ? "" : " ", v->operands == NULL ? "" : v->operands, v->summary);
	for (size_t i = 0; v->option[i] != NULL; i++)
		option_print(v->option[i], out);
	/* In one line: it stands in the help of every verb, and that is to fit a screen. */
	fprintf(out, "  --%s %s, --%s %s, -%c, --%s  as with every verb: epmwatch(1)\n",
	    config_option.name, config_option.arg, uuids_option.name, uuids_option.arg,
	    help_option.letter, help_option.name);
	fprintf(out, "\nExamples:\n  %s\n  %s\n", v->example[0], v->example[1]);
}
