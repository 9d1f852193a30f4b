/* label.h - names of objects in an export: of a group, so that one knows it again, and of letters that every format takes.
 *
 * A label begins with a letter and has letters, digits and one kind of separator; groups that would have the same one are told apart by a
 * number. Nothing foreign gets through. */
#ifndef EPMWATCH_EXPORT_LABEL_H
#define EPMWATCH_EXPORT_LABEL_H

#include <stdbool.h>
#include <stddef.h>

struct addr;
struct evidence_group;
struct evidence_set;

enum {
	LABEL_TEXT =
	    40 /* with its NUL: ASA takes names of 64, PAN-OS of 63 with what is put around it */
};

/** label_tell_apart(e): Count the namesakes of each group. -ENOMEM. */
int label_tell_apart(struct evidence_set *e);

/** label_group(group, separator, upper, out): Its label, once its namesakes are counted; returns ${out}. */
char *label_group(
    const struct evidence_group *group, char separator, bool upper, char out[LABEL_TEXT]);

/** label_address(a, separator, out): An address in letters that names may have: `10.1.0.11`, `2001-db8--1`; returns ${out}. */
char *label_address(const struct addr *a, char separator, char out[LABEL_TEXT + 8]);

/** label_is_table(text): A name that can be given to a table: `epm`, then letters, digits and underscores, 31 at most. That is no word of
 * nft's own, and no table of anybody else, which loading the file would delete. */
bool label_is_table(const char *text);

#endif
