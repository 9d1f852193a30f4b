/* completion.c - what is common to the scripts: which kind of thing an argument is, and the words that are offered. */
#include "app/completion.h"

#include <string.h>

#include "app/completion_shells.h"
#include "app/event_types.h"
#include "app/options.h"
#include "app/verbs.h"
#include "base/err.h"
#include "dissect/observation.h"
#include "policy/file.h"
#include "track/service.h"

static const struct {
	const char *arg;
	enum completion_kind kind;
} kinds[] = {
    {"FILE", COMPLETION_FILE},
    {"PATH", COMPLETION_FILE},
    {"CAPTURE...", COMPLETION_FILE},
    {"STORE...", COMPLETION_FILE},
    {"FILE...", COMPLETION_POLICY}, /* only `policy check` takes files */
    {"POLICY", COMPLETION_POLICY},
    {"DEVICE", COMPLETION_DEVICE},
    {"SERVICE", COMPLETION_SERVICE},
    {"PROTSEQ", COMPLETION_PROTSEQ},
    {"LIST", COMPLETION_EVENTS},
};

enum completion_kind
completion_kind(const char *arg)
{
	size_t len;

	if (options_word(arg, 0, &len) != NULL)
		return COMPLETION_WORDS;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].arg, arg) == 0)
			return kinds[i].kind;
	}
	return COMPLETION_NONE;
}

void
completion_words(const char *arg, FILE *out)
{
	size_t len;

	for (size_t i = 0; options_word(arg, i, &len) != NULL; i++)
		fprintf(out, "%s%.*s", i > 0 ? " " : "", (int)len, options_word(arg, i, &len));
}

void
completion_policies(FILE *out)
{
	size_t count;
	const char *const *name = policy_file_names(&count);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", name[i]);
}

void
completion_events(FILE *out)
{
	fputs("all", out);
	for (int t = 0; t < EVENT_TYPES; t++)
		fprintf(out, " %s", event_types_name((enum event_type)t));
}

void
completion_protseqs(FILE *out)
{
	for (int p = PROTSEQ_UNKNOWN + 1; p < PROTSEQ_COUNT; p++)
		fprintf(
		    out, "%s%s", p > PROTSEQ_UNKNOWN + 1 ? " " : "", protseq_name((enum protseq)p));
}

static bool
printed_before(const char *name, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (strcmp(service_shipped(j)->name, name) == 0)
			return true;
	}
	return false;
}

/* Several interfaces may share a name. */
static void
print_services(FILE *out)
{
	for (size_t i = 0; service_shipped(i) != NULL; i++) {
		if (!printed_before(service_shipped(i)->name, i))
			fprintf(out, "%s\n", service_shipped(i)->name);
	}
}

int
completion_print(const char *what, const struct completion_word *words, size_t count, FILE *out)
{
	if (strcmp(what, "bash") == 0)
		completion_bash(words, count, out);
	else if (strcmp(what, "zsh") == 0)
		completion_zsh(words, count, out);
	else if (strcmp(what, "services") == 0)
		print_services(out);
	else
		return ERR_USAGE;
	return 0;
}
