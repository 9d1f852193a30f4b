/* comment.h - what an export says of itself, in the comments of its format.
 *
 * comment_text() is the only writer of foreign words. What it writes is printable ASCII without the characters that the format
 * calls unsafe; every other character is written as <U+201C>, and what is long is cut. */
#ifndef EPMWATCH_EXPORT_COMMENT_H
#define EPMWATCH_EXPORT_COMMENT_H

#include <stdio.h>

struct evidence_group;
struct export_job;
struct export_ops;
struct proof;

enum {
	COMMENT_TEXT = 96,   /* columns of a foreign text at most */
	COMMENT_EXAMPLES = 3, /* of what is left out for one reason; the others are counted */
	COMMENT_SHARERS = 2   /* interfaces of one port that are told; likewise */
};

/** comment_line(out, ops, format, ...): One line, of words of our own. */
void comment_line(FILE *out, const struct export_ops *ops, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** comment_text(out, ops, text): A foreign word in double quotes; NULL: a hyphen. */
void comment_text(FILE *out, const struct export_ops *ops, const char *text);

/** comment_head(out, ops, job, only): What this is, what it was made from, and how much was left out and why, with examples; ${only}: for
 * that group of servers, NULL: for all of them. */
void comment_head(FILE *out, const struct export_ops *ops, const struct export_job *job,
    const struct evidence_group *only);

/** comment_group(out, ops, group): Which servers these are, and what proves each endpoint. */
void comment_group(FILE *out, const struct export_ops *ops, const struct evidence_group *group);

/** comment_proof(out, ops, p): What proves one endpoint: two lines. */
void comment_proof(FILE *out, const struct export_ops *ops, const struct proof *p);

#endif
