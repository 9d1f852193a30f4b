/* completion.h - what shells offer for a word that is begun: scripts made from the tables of verbs and options.
 *
 * The scripts that are installed lie in completion/, since a build for another machine cannot ask the program; a test holds them against
 * what is printed here. */
#ifndef EPMWATCH_APP_COMPLETION_H
#define EPMWATCH_APP_COMPLETION_H

#include <stddef.h>
#include <stdio.h>

/* A word of the command line that names no verb of the table: `help`. */
struct completion_word {
	const char *name, *summary;
};

/** completion_print(what, words, count, out): The script for `bash` or `zsh`, in which ${count} ${words} are verbs, too; or the names of `services`, one a line,
 * for which the scripts ask. ERR_USAGE for anything else. */
int completion_print(
    const char *what, const struct completion_word *words, size_t count, FILE *out);

#endif
