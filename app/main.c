/* main.c - find the verb, read its options, run it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <jansson.h>

#include "app/completion.h"
#include "app/exits.h"
#include "app/options.h"
#include "app/output.h"
#include "app/suggest.h"
#include "app/verbs.h"
#include "app/version.h"
#include "base/log.h"

/* An event that lost a field for want of memory would be a lie, so that ends the program; what was
 * committed stays. */
static void *
json_memory(size_t n)
{
	void *p = malloc(n);

	if (p == NULL) {
		log_error("out of memory");
		exit(EX_OSERR);
	}
	return p;
}

/* What can stand in the place of a verb and is none of the table: it takes no options. */
struct word {
	const char *name, *letter, *option; /* `help`, `-h`, `--help` */
	const char *operands;
	const char *summary;
	bool hidden; /* from the list of verbs */
	int (*run)(int argc, char **argv);
};

static int run_help(int argc, char **argv), run_version(int argc, char **argv),
    run_completion(int argc, char **argv);

static const struct word words[] = {
    {"help", "-h", "--help", " [VERB]", "Print this, or the options of a verb.", false, run_help},
    {"version", "-V", "--version", "", "Print the versions of this program and of its libraries.",
	false, run_version},
    {"completion", NULL, NULL, " bash|zsh", "Print the script by which a shell completes words.",
	true, run_completion},
};

enum {
	WORDS = sizeof(words) / sizeof(words[0])
};

static const struct word *
find_word(const char *text)
{
	for (size_t i = 0; i < WORDS; i++) {
		const struct word *w = &words[i];

		if (strcmp(w->name, text) == 0 ||
		    (w->letter != NULL && strcmp(w->letter, text) == 0) ||
		    (w->option != NULL && strcmp(w->option, text) == 0))
			return w;
	}
	return NULL;
}

static bool
asks_help(const char *text)
{
	return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0;
}

static void
word_print(const struct word *w, FILE *out)
{
	fprintf(out, "usage: epmwatch %s%s\n%s\n", w->name, w->operands, w->summary);
}

static void
usage(FILE *out)
{
	size_t count, group_count;
	const struct verb *verb = verbs_all(&count);
	const struct verb_group *group = verbs_groups(&group_count);

	fputs("usage: epmwatch VERB [OPTION...] [CAPTURE...]\n"
	      "       epmwatch -r CAPTURE [OPTION...] [BPF EXPRESSION]\n"
	      "Remembers which port each RPC interface of a server answers on, and tells\n"
	      "when that changes.\n\n",
	    out);
	for (size_t i = 0; i < count; i++) {
		if (strchr(verb[i].name, ' ') == NULL)
			fprintf(out, "  %-10s%s\n", verb[i].name, verb[i].summary);
	}
	for (size_t i = 0; i < group_count; i++)
		fprintf(out, "  %-10s%s\n", group[i].name, group[i].summary);
	for (size_t i = 0; i < WORDS; i++) {
		if (!words[i].hidden)
			fprintf(out, "  %-10s%s\n", words[i].name, words[i].summary);
	}
	fputs("\nExamples:\n  epmwatch read exchange.pcap\n  epmwatch help read\n", out);
}

/* What there is of a group, for who named the group alone or a word that is none of it. */
static void
group_print(const struct verb_group *group, FILE *out)
{
	size_t count;
	const struct verb *verb = verbs_all(&count);

	fprintf(out, "usage: epmwatch %s VERB [OPTION...]\n%s\n\n", group->name, group->summary);
	for (size_t i = 0; i < count; i++) {
		const char *second = verbs_second(&verb[i], group);

		if (second != NULL)
			fprintf(out, "  %-10s%s\n", second, verb[i].summary);
	}
	fprintf(out, "\nOptions: epmwatch help %s VERB\n", group->name);
}

static int
unknown_second(const struct verb_group *group, const char *word)
{
	struct suggest near = {.word = word};
	size_t count;
	const struct verb *verb = verbs_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (verbs_second(&verb[i], group) != NULL)
			suggest_offer(&near, verbs_second(&verb[i], group));
	}
	if (near.best != NULL)
		log_error("there is no `%s %s'; did you mean %s?", group->name, word, near.best);
	else
		log_error("there is no `%s %s'; see epmwatch help %s", group->name, word, group->name);
	return EX_USAGE;
}

/* The words named no verb: the group alone, or one of it that is not there. */
static int
run_group(const struct verb_group *group, const char *word)
{
	if (word != NULL && strcmp(word, "--help") != 0 && strcmp(word, "-h") != 0)
		return unknown_second(group, word);
	group_print(group, word == NULL ? stderr : stdout);
	return word == NULL ? EX_USAGE : EX_OK;
}

static int
unknown_verb(const char *word)
{
	struct suggest near = {.word = word};
	size_t count;
	const struct verb *verb = verbs_all(&count);
	const struct verb_group *group;

	for (size_t i = 0; i < count; i++)
		suggest_offer(&near, verb[i].name);
	group = verbs_groups(&count);
	for (size_t i = 0; i < count; i++)
		suggest_offer(&near, group[i].name);
	for (size_t i = 0; i < WORDS; i++)
		suggest_offer(&near, words[i].name);
	if (near.best != NULL)
		log_error("there is no verb `%s'; did you mean %s?", word, near.best);
	else
		log_error("there is no verb `%s'; see epmwatch help", word);
	return EX_USAGE;
}

static int
run_help(int argc, char **argv)
{
	int used;
	const struct verb *verb = verbs_match(argc - 2, argv + 2, &used);
	const struct verb_group *group = argc > 2 ? verbs_group(argv[2]) : NULL;

	const struct word *word = argc > 2 && argv[1][0] != '-' ? find_word(argv[2]) : NULL;

	if (word != NULL) {
		word_print(word, stdout);
		return EX_OK;
	}
	if (group != NULL && verb == NULL)
		return run_group(group, argc > 3 ? argv[3] : "--help");
	if (argc > 2 && verb == NULL)
		return unknown_verb(argv[2]);
	if (verb != NULL)
		options_help(verb, stdout);
	else
		usage(stdout);
	return EX_OK;
}

static int
run_version(int argc, char **argv)
{
	if (argc > 2 && argv[1][0] != '-' && asks_help(argv[2]))
		word_print(find_word(argv[1]), stdout);
	else
		version_print(stdout);
	return EX_OK;
}

static int
run_completion(int argc, char **argv)
{
	struct completion_word listed[WORDS];
	size_t count = 0;

	for (size_t i = 0; i < WORDS; i++) {
		if (!words[i].hidden)
			listed[count++] = (struct completion_word){words[i].name, words[i].summary};
	}
	if (argc == 3 && asks_help(argv[2])) {
		word_print(find_word(argv[1]), stdout);
		return EX_OK;
	}
	if (argc == 3 && completion_print(argv[2], listed, count, stdout) == 0)
		return EX_OK;
	log_error("completion: for which shell? bash or zsh is wanted");
	return EX_USAGE;
}

/* What is buffered is written now or never. A verb that failed has told why. */
static int
flushed(int status)
{
	struct output out;

	errno = 0;
	if (status != EX_OK || (fflush(stdout) == 0 && !ferror(stdout)))
		return status;
	output_standard(&out);
	return exits_of(output_failed(&out));
}

static int
run_verb(const struct verb *verb, bool bare, int argc, char **argv)
{
	struct settings settings;

	settings_init(&settings);
	settings.bare = bare;
	int status = options_parse(verb, argc, argv, &settings);
	if (status == 0 && settings.help)
		options_help(verb, stdout);
	else if (status == 0)
		status = verb->run(&settings);
	settings_deinit(&settings);
	status = flushed(status);
	/* Of the verbs that judge, 1 is a verdict and everything else that is not 0 is trouble. */
	return verb->judges && status > EXITS_FOUND ? EXITS_ERROR : status;
}

static int
dispatch(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return EX_USAGE;
	}
	if (find_word(argv[1]) != NULL)
		return find_word(argv[1])->run(argc, argv);
	if (argv[1][0] == '-')
		return run_verb(verbs_find("read"), true, argc, argv);
	int used;
	const struct verb *verb = verbs_match(argc - 1, argv + 1, &used);
	const struct verb_group *group = verbs_group(argv[1]);
	if (verb != NULL)
		return run_verb(verb, false, argc - used, argv + used);
	return group != NULL ? run_group(group, argc > 2 ? argv[2] : NULL) : unknown_verb(argv[1]);
}

/* One that is closed would be given to the next file that is opened, and messages would end in a
 * store. It is opened the wrong way round, so that using it still fails. */
static void
keep_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int
main(int argc, char **argv)
{
	json_set_alloc_funcs(json_memory, free);
	keep_standard_files();
	return flushed(dispatch(argc, argv));
}
