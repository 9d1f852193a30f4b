/* completion_shells.h - between completion.c and the shells. */
#ifndef EPMWATCH_APP_COMPLETION_SHELLS_H
#define EPMWATCH_APP_COMPLETION_SHELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct completion_word;

enum completion_kind {
	COMPLETION_NONE, /* nobody knows */
	COMPLETION_WORDS,
	COMPLETION_FILE,
	COMPLETION_POLICY, /* one that is shipped, or a file */
	COMPLETION_DEVICE,
	COMPLETION_SERVICE,
	COMPLETION_PROTSEQ,
	COMPLETION_EVENTS, /* types of events, with commas between */
};

/** completion_kind(arg): What an argument, or an operand, of that name in the help is. */
enum completion_kind completion_kind(const char *arg);

/** completion_words(arg, out) / completion_policies(out) / completion_events(out) / completion_protseqs(out): The words of an argument that is one
 * of some, shipped policies, types of events and protocol sequences, with blanks between. */
void completion_words(const char *arg, FILE *out);
void completion_policies(FILE *out);
void completion_events(FILE *out);
void completion_protseqs(FILE *out);

/** completion_bash(words, count, out) / completion_zsh(words, count, out): The script. */
void completion_bash(const struct completion_word *words, size_t count, FILE *out);
void completion_zsh(const struct completion_word *words, size_t count, FILE *out);

#endif
