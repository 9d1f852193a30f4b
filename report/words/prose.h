/* prose.h - pieces of text that reports are made of: wrapped lists, sets, shell words, evidence. */
#ifndef EPMWATCH_REPORT_PROSE_H
#define EPMWATCH_REPORT_PROSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "track/records.h"

struct query_evidence;

enum {
	PROSE_WIDTH = 100, /* columns of a line, where its content can be broken */
	PROSE_SET = 256,   /* bytes of a set's text */
	PROSE_WORD = 4 * 4096 + 8, /* bytes of a path as a word of a shell, at most */
	PROSE_FRAMES = 32,         /* frames that one command shows */
	PROSE_COMMAND = PROSE_WORD + 64 + PROSE_FRAMES * 40,
};

/* A comma separated list that is wrapped; start with .column where the line stands. */
struct prose_list {
	FILE *out;
	unsigned indent, column; /* of lines to come; of the line so far */
	size_t items;
};

/** prose_item(l, text): Append ${text}, on a new line if it does not fit this one. */
void prose_item(struct prose_list *l, const char *text);

/** prose_set(e, count, out): Endpoints with commas between, `none` for none; cut with `..`. Returns
 * ${out}. */
char *prose_set(const struct endpoint *e, size_t count, char out[PROSE_SET]);

/** prose_shell(out, size, word): ${word} so that a POSIX shell reads it as one word; returns ${out}. Cut to ${size}, PROSE_WORD is enough for
 * any path. */
char *prose_shell(char *out, size_t size, const char *word);

/** prose_source(source, rule): What showed it, in words; the contract's short names are for machines. ${rule} is that of the alert which it
 * is evidence of, for some rules look at something else; NULL: of none. Source 0 is what no packet showed. Static storage. */
const char *prose_source(enum evidence_source source, const char *rule);

/** prose_capture(name, whole): The capture, with its folder if ${whole}; words where there is none. */
const char *prose_capture(const char *name, bool whole);

/** prose_evidence(out, indent, label, e, rule): What, who, where and when, in one line; ${rule} as above. Nothing where there
 * is no evidence. */
void prose_evidence(FILE *out, unsigned indent, const char *label, const struct query_evidence *e,
    const char *rule);

/** prose_command(e, out): The command that shows it; false where no file is known. */
bool prose_command(const struct query_evidence *e, char out[PROSE_COMMAND]);

/** prose_command_all(e, count, out): The same of those of ${count} pieces that are in the capture of the first one; at most PROSE_FRAMES. */
bool prose_command_all(
    const struct query_evidence *const *e, size_t count, char out[PROSE_COMMAND]);

/** prose_tshark(out, indent, e): The command that shows it, in one line; nothing where no file is
 * known. */
void prose_tshark(FILE *out, unsigned indent, const struct query_evidence *e);

#endif
