/* completion_zsh.c - a function for each verb: its options as _arguments takes them. */
#include <string.h>

#include "app/completion.h"
#include "app/completion_shells.h"
#include "app/options.h"
#include "app/verbs.h"

/* Text within single quotes, where _arguments and _describe have a use for brackets and colons. */
static void
print_text(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else {
			if (strchr("[]:\\", *text) != NULL)
				fputc('\\', out);
			fputc(*text, out);
		}
	}
}

/* What is called, and what offers it: `FILE:_files`. */
static void
print_action(const char *arg, FILE *out)
{
	static const char *const action[] = {
	    [COMPLETION_NONE] = " ",
	    [COMPLETION_FILE] = "_files",
	    [COMPLETION_POLICY] = "_epmwatch_policy",
	    [COMPLETION_DEVICE] = "_net_interfaces",
	    [COMPLETION_SERVICE] = "_epmwatch_service",
	    [COMPLETION_PROTSEQ] = "_epmwatch_protseq",
	    [COMPLETION_EVENTS] = "_epmwatch_events",
	};
	enum completion_kind kind = completion_kind(arg);

	if (kind != COMPLETION_WORDS) {
		print_text(arg, out);
		fprintf(out, ":%s", action[kind]);
		return;
	}
	fputs("word:(", out);
	completion_words(arg, out);
	fputc(')', out);
}

static void
print_name(const struct option_spec *o, FILE *out)
{
	const char *sign = o->arg != NULL ? "=" : "";

	if (options_repeats(o))
		fputs("'*'", out);
	else if (o->letter != 0)
		fprintf(out, "'(-%c --%s)'", o->letter, o->name);
	if (o->letter != 0)
		fprintf(out, "{-%c%s,--%s%s}", o->letter, o->arg != NULL ? "+" : "", o->name, sign);
	else
		fprintf(out, "--%s%s", o->name, sign);
}

static void
print_options(const struct option_spec *const *option, FILE *out)
{
	for (size_t i = 0; option[i] != NULL; i++) {
		fputs(" \\\n\t\t", out);
		print_name(option[i], out);
		fputs("'[", out);
		print_text(option[i]->text, out);
		fputc(']', out);
		if (option[i]->arg != NULL) {
			fputc(':', out);
			print_action(option[i]->arg, out);
		}
		fputc('\'', out);
	}
}

/* Blanks in names become underlines. */
static void
print_function(const char *name, FILE *out)
{
	fputs("_epmwatch_verb_", out);
	for (; *name != '\0'; name++)
		fputc(*name == ' ' ? '_' : *name, out);
}

static void
print_verb(const struct verb *v, FILE *out)
{
	print_function(v->name, out);
	fputs("()\n{\n\t_arguments -s -S", out);
	print_options(v->option, out);
	print_options(options_common(), out);
	if (v->operands != NULL) {
		fputs(" \\\n\t\t'*:", out);
		print_action(v->operands, out);
		fputc('\'', out);
	}
	fputs("\n}\n\n", out);
}

static void
print_described(const char *name, const char *summary, FILE *out)
{
	fprintf(out, "\t\t'%s:", name);
	print_text(summary, out);
	fputs("'\n", out);
}

static void
print_firsts(const struct completion_word *words, size_t count, FILE *out)
{
	size_t verb_count, group_count;
	const struct verb *v = verbs_all(&verb_count);
	const struct verb_group *g = verbs_groups(&group_count);

	fputs("_epmwatch_firsts()\n{\n\tlocal -a firsts=(\n", out);
	for (size_t i = 0; i < verb_count; i++) {
		if (strchr(v[i].name, ' ') == NULL)
			print_described(v[i].name, v[i].summary, out);
	}
	for (size_t i = 0; i < group_count; i++)
		print_described(g[i].name, g[i].summary, out);
	for (size_t i = 0; i < count; i++)
		print_described(words[i].name, words[i].summary, out);
	fputs("\t)\n\t_describe -t verbs verb firsts\n}\n\n", out);
}

static void
print_seconds(const struct verb_group *g, FILE *out)
{
	size_t count;
	const struct verb *v = verbs_all(&count);

	fprintf(out, "\t%s)\n\t\tseconds=(\n", g->name);
	for (size_t i = 0; i < count; i++) {
		if (verbs_second(&v[i], g) != NULL) {
			fputc('\t', out);
			print_described(verbs_second(&v[i], g), v[i].summary, out);
		}
	}
	fputs("\t\t)\n\t\t;;\n", out);
}

static void
print_groups(FILE *out)
{
	size_t count;
	const struct verb_group *g = verbs_groups(&count);

	fputs("# Second words of the group $1; fails where it is none.\n"
	      "_epmwatch_seconds()\n{\n\tlocal -a seconds\n\n\tcase $1 in\n",
	    out);
	for (size_t i = 0; i < count; i++)
		print_seconds(&g[i], out);
	fputs("\t*) return 1 ;;\n\tesac\n"
	      "\t[[ -n $2 ]] || _describe -t verbs verb seconds\n\treturn 0\n}\n\n",
	    out);
}

static void
print_helpers(FILE *out)
{
	fputs("_epmwatch_policy()\n{\n\t_alternative 'policies:shipped policy:(", out);
	completion_policies(out);
	fputs(
	    ")' 'files:file:_files'\n}\n\n_epmwatch_service()\n{\n"
	    "\tlocal -a services=(${(f)\"$(_call_program services $_epmwatch_command completion "
	    "services 2>/dev/null)\"})\n\n"
	    "\tcompadd -a services\n}\n\n_epmwatch_events()\n{\n\t_values -s , 'type of event' ",
	    out);
	completion_events(out);
	fputs("\n}\n\n_epmwatch_protseq()\n{\n\tcompadd ", out);
	completion_protseqs(out);
	fputs("\n}\n\n", out);
}

static const char head[] = "#compdef epmwatch\n# zsh completion for epmwatch. Made by `epmwatch "
			   "completion zsh`; do not edit.\n\n";

static const char end[] = "_epmwatch()\n"
			  "{\n"
			  "\tlocal _epmwatch_command=$words[1] verb\n"
			  "\n"
			  "\tif (( CURRENT > 2 )) && [[ $words[2] == help ]]; then\n"
			  "\t\tshift words\n"
			  "\t\t(( CURRENT-- ))\n"
			  "\t\tif (( CURRENT == 2 )); then\n"
			  "\t\t\t_epmwatch_firsts\n"
			  "\t\telif (( CURRENT == 3 )); then\n"
			  "\t\t\t_epmwatch_seconds $words[2]\n"
			  "\t\tfi\n"
			  "\t\treturn\n"
			  "\tfi\n"
			  "\tif [[ $words[2] == -* ]]; then\n"
			  "\t\t_epmwatch_verb_read\n"
			  "\t\treturn\n"
			  "\tfi\n"
			  "\tif (( CURRENT == 2 )); then\n"
			  "\t\t_epmwatch_firsts\n"
			  "\t\treturn\n"
			  "\tfi\n"
			  "\tverb=$words[2]\n"
			  "\tif [[ $verb == completion ]]; then\n"
			  "\t\tcompadd bash zsh\n"
			  "\t\treturn\n"
			  "\tfi\n"
			  "\tif _epmwatch_seconds $verb known; then\n"
			  "\t\tif (( CURRENT == 3 )); then\n"
			  "\t\t\t_epmwatch_seconds $verb\n"
			  "\t\t\treturn\n"
			  "\t\tfi\n"
			  "\t\tverb+=_$words[3]\n"
			  "\t\tshift words\n"
			  "\t\t(( CURRENT-- ))\n"
			  "\tfi\n"
			  "\tshift words\n"
			  "\t(( CURRENT-- ))\n"
			  "\t(( $+functions[_epmwatch_verb_$verb] )) && _epmwatch_verb_$verb\n"
			  "}\n"
			  "\n"
			  "_epmwatch \"$@\"\n";

void
completion_zsh(const struct completion_word *words, size_t count, FILE *out)
{
	size_t verb_count;
	const struct verb *v = verbs_all(&verb_count);

	fputs(head, out);
	print_helpers(out);
	for (size_t i = 0; i < verb_count; i++)
		print_verb(&v[i], out);
	print_firsts(words, count, out);
	print_groups(out);
	fputs(end, out);
}
