/* complaints.h - what is wrong with a policy, each with its place: `FILE:LINE:COLUMN: expected this, was that`. */
#ifndef EPMWATCH_POLICY_COMPLAINTS_H
#define EPMWATCH_POLICY_COMPLAINTS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	COMPLAINTS_MOST = 24,
	COMPLAINT_TEXT = 320,
	COMPLAINT_WORD = 64, /* bytes of what was there that are repeated */
};

struct complaint {
	bool warning;        /* the policy can be used all the same */
	size_t line, column; /* from 1 on; a column counts characters */
	char text[COMPLAINT_TEXT];
};

/* All zero is none. */
struct complaints {
	size_t errors; /* all of them, also those for which there is no room */
	size_t count;
	struct complaint list[COMPLAINTS_MOST]; /* in the order of their places, once sorted */
};

struct tree_node;

/** complaints_at(c, line, column, format, ...): An error at that place. */
void complaints_at(struct complaints *c, size_t line, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** complaints_of(c, node, format, ...): An error at ${node}. */
void complaints_of(struct complaints *c, const struct tree_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** complaints_warn(c, node, format, ...): Something that is likely not meant, at ${node}. */
void complaints_warn(struct complaints *c, const struct tree_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** complaints_expected(c, node, what): The error that ${what} was expected where ${node} is, with what was there. */
void complaints_expected(struct complaints *c, const struct tree_node *node, const char *what);

/** complaints_sort(c): By place. */
void complaints_sort(struct complaints *c);

/** complaints_format(c, file, out, size): One of them as a line, without a newline; returns ${out}. */
char *complaints_format(const struct complaint *c, const char *file, char *out, size_t size);

#endif
