/* completion_bash.c - a case for each verb: its options, and what follows each of them. */
#include <string.h>

#include "app/completion.h"
#include "app/completion_shells.h"
#include "app/options.h"
#include "app/verbs.h"

/* Assignments that say what is offered for an argument. */
static void
print_kind(const char *arg, FILE *out)
{
	static const char *const text[] = {
	    [COMPLETION_NONE] = "kind=none words=''",
	    [COMPLETION_FILE] = "kind=file words=''",
	    [COMPLETION_POLICY] = "kind=file words=$policies",
	    [COMPLETION_DEVICE] = "kind=device words=''",
	    [COMPLETION_SERVICE] = "kind=service words=''",
	    [COMPLETION_PROTSEQ] = "kind=words words=$protseqs",
	    [COMPLETION_EVENTS] = "kind=list words=$events",
	};
	enum completion_kind kind = completion_kind(arg);

	if (kind != COMPLETION_WORDS) {
		fputs(text[kind], out);
		return;
	}
	fputs("kind=words words='", out);
	completion_words(arg, out);
	fputs("'", out);
}

static void
print_name(const struct option_spec *o, const char *between, FILE *out)
{
	if (o->letter != 0)
		fprintf(out, "-%c%s", o->letter, between);
	fprintf(out, "--%s", o->name);
}

static void
print_options(const struct option_spec *const *option, FILE *out)
{
	for (size_t i = 0; option[i] != NULL; i++) {
		fputc(' ', out);
		print_name(option[i], " ", out);
	}
}

static void
print_arguments(const struct option_spec *const *option, FILE *out)
{
	for (size_t i = 0; option[i] != NULL; i++) {
		if (option[i]->arg == NULL)
			continue;
		fputs("\t\t", out);
		print_name(option[i], " | ", out);
		fputs(") options='' ", out);
		print_kind(option[i]->arg, out);
		fputs(" ;;\n", out);
	}
}

static void
print_verb(const struct verb *v, FILE *out)
{
	fprintf(out, "\t'%s')\n\t\toptions='", v->name);
	print_options(v->option, out);
	print_options(options_common(), out);
	fputs("'\n\t\t", out);
	print_kind(v->operands == NULL ? "" : v->operands, out);
	fputs("\n\t\tcase $before in\n", out);
	print_arguments(v->option, out);
	print_arguments(options_common(), out);
	fputs("\t\tesac\n\t\t;;\n", out);
}

static void
print_seconds(const struct verb_group *g, FILE *out)
{
	size_t count;
	const struct verb *v = verbs_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (verbs_second(&v[i], g) != NULL)
			fprintf(out, " %s", verbs_second(&v[i], g));
	}
}

static void
print_groups(FILE *out)
{
	size_t count;
	const struct verb_group *g = verbs_groups(&count);

	for (size_t i = 0; i < count; i++) {
		fprintf(out, "\t%s) seconds='", g[i].name);
		print_seconds(&g[i], out);
		fputs("' ;;\n", out);
	}
}

/* First words: verbs, groups and what else there is. */
static void
print_firsts(const struct completion_word *words, size_t count, FILE *out)
{
	size_t verb_count, group_count;
	const struct verb *v = verbs_all(&verb_count);
	const struct verb_group *g = verbs_groups(&group_count);

	for (size_t i = 0; i < verb_count; i++) {
		if (strchr(v[i].name, ' ') == NULL)
			fprintf(out, " %s", v[i].name);
	}
	for (size_t i = 0; i < group_count; i++)
		fprintf(out, " %s", g[i].name);
	for (size_t i = 0; i < count; i++)
		fprintf(out, " %s", words[i].name);
}

static const char head[] =
    "# bash completion for epmwatch. Made by `epmwatch completion bash`; do not edit.\n"
    "\n"
    "_epmwatch()\n"
    "{\n"
    "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "\tlocal verb=${COMP_WORDS[1]} options='' kind=none words='' seconds='' at=1 line\n";

/* Bash cuts `--format=json` at its sign. What is given to compgen -W is evaluated, so it gets nothing but what stands here. */
static const char begin[] = "\n"
			    "\tCOMPREPLY=()\n"
			    "\tif [[ $word == '=' ]]; then\n"
			    "\t\tword=''\n"
			    "\telif [[ $before == '=' ]] && ((COMP_CWORD > 1)); then\n"
			    "\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
			    "\tfi\n"
			    "\tif [[ $verb == help ]]; then\n"
			    "\t\tat=2\n"
			    "\tfi\n"
			    "\tcase ${COMP_WORDS[at]} in\n";

static const char middle[] = "\tesac\n"
			     "\tif [[ -n $seconds ]]; then\n"
			     "\t\tverb=\"${COMP_WORDS[at]} ${COMP_WORDS[at + 1]}\"\n"
			     "\tfi\n"
			     "\tif ((COMP_CWORD == at)) && [[ $word != -* ]]; then\n"
			     "\t\tkind=words words=$firsts\n"
			     "\telif ((COMP_CWORD == at + 1)) && [[ -n $seconds ]]; then\n"
			     "\t\tkind=words words=$seconds\n"
			     "\telif ((at == 1)); then\n"
			     "\t\t[[ $verb == -* ]] && verb='read'\n"
			     "\t\tcase $verb in\n";

static const char end[] =
    "\t\tcompletion) kind=words words='bash zsh' ;;\n"
    "\t\tesac\n"
    "\tfi\n"
    "\n"
    "\tif [[ -n $options && ( $word == -* || $kind == none ) ]]; then\n"
    "\t\tkind=words words=$options\n"
    "\tfi\n"
    "\tcase $kind in\n"
    "\tlist)\n"
    "\t\tcompopt -o nospace 2>/dev/null\n"
    "\t\tline=${word%\"${word##*,}\"}\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -P \"$line\" -W \"$words\" -- \"${word##*,}\")\n"
    "\t\treturn\n"
    "\t\t;;\n"
    "\tdevice)\n"
    "\t\tfor line in /sys/class/net/*; do\n"
    "\t\t\tline=${line##*/}\n"
    "\t\t\t[[ $line == \"$word\"* ]] && COMPREPLY+=(\"$(printf '%q' \"$line\")\")\n"
    "\t\tdone\n"
    "\t\treturn\n"
    "\t\t;;\n"
    "\tservice)\n"
    "\t\twhile IFS= read -r line; do\n"
    "\t\t\t[[ $line == \"$word\"* ]] && COMPREPLY+=(\"$(printf '%q' \"$line\")\")\n"
    "\t\tdone < <(\"$1\" completion services 2>/dev/null)\n"
    "\t\treturn\n"
    "\t\t;;\n"
    "\tfile)\n"
    "\t\tcompopt -o filenames 2>/dev/null\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
    "\t\t;;\n"
    "\tesac\n"
    "\t[[ -n $words ]] &&\n"
    "\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
    "\treturn 0\n"
    "}\n"
    "\n"
    "complete -F _epmwatch epmwatch\n";

static void
print_lists(const struct completion_word *words, size_t count, FILE *out)
{
	fputs("\tlocal firsts='", out);
	print_firsts(words, count, out);
	fputs("'\n\tlocal policies='", out);
	completion_policies(out);
	fputs("'\n\tlocal events='", out);
	completion_events(out);
	fputs("'\n\tlocal protseqs='", out);
	completion_protseqs(out);
	fputs("'\n", out);
}

void
completion_bash(const struct completion_word *words, size_t count, FILE *out)
{
	size_t verb_count;
	const struct verb *v = verbs_all(&verb_count);

	fputs(head, out);
	print_lists(words, count, out);
	fputs(begin, out);
	print_groups(out);
	fputs(middle, out);
	for (size_t i = 0; i < verb_count; i++)
		print_verb(&v[i], out);
	fputs(end, out);
}
