/* label.c - see label.h. */
#include "export/label.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "export/evidence.h"

enum {
	STEM = 24, /* of the name itself; a number may follow */
	NAME_MOST = 31
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
in_case(char c, bool upper)
{
	if (upper && c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	if (!upper && c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

/* Letters and digits as they are, all between two of them as one separator. */
static size_t
stem(const char *name, char separator, bool upper, char *out)
{
	size_t used = 0;
	bool gap = false;

	for (; *name != '\0' && used < STEM - 2; name++) {
		if (!is_letter(*name) && !is_digit(*name)) {
			gap = used > 0;
			continue;
		}
		if (used == 0 && is_digit(*name))
			out[used++] = in_case('s', upper);
		if (gap)
			out[used++] = separator;
		gap = false;
		out[used++] = in_case(*name, upper);
	}
	if (used == 0)
		out[used++] = in_case('g', upper);
	out[used] = '\0';
	return used;
}

struct stemmed {
	char stem[LABEL_TEXT];
	struct evidence_group *group;
};

/* By stem, then in the order of the groups, which are of one table. */
static int
compare_stems(const void *a, const void *b)
{
	const struct stemmed *x = a, *y = b;
	int order = strcmp(x->stem, y->stem);

	return order != 0 ? order : (x->group > y->group) - (x->group < y->group);
}

int
label_tell_apart(struct evidence_set *e)
{
	struct stemmed *s = e->group_count > 0 ? calloc(e->group_count, sizeof(*s)) : NULL;

	if (e->group_count == 0)
		return 0;
	if (s == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < e->group_count; i++) {
		s[i].group = &e->group[i];
		stem(s[i].group->name, '_', false, s[i].stem);
	}
	qsort(s, e->group_count, sizeof(*s), compare_stems);
	for (size_t i = 1; i < e->group_count; i++)
		if (strcmp(s[i - 1].stem, s[i].stem) == 0)
			s[i].group->namesakes = s[i - 1].group->namesakes + 1;
	free(s);
	return 0;
}

char *
label_group(const struct evidence_group *group, char separator, bool upper, char out[LABEL_TEXT])
{
	size_t used = stem(group->name, separator, upper, out);

	/* No stem has two separators in a row, so it is nobody else's. */
	if (group->namesakes > 0)
		snprintf(out + used, LABEL_TEXT - used, "%c%c%zu", separator, separator,
		    group->namesakes + 1);
	return out;
}

char *
label_address(const struct addr *a, char separator, char out[LABEL_TEXT + 8])
{
	char text[ADDR_TEXT];

	addr_format(a, text);
	snprintf(out, LABEL_TEXT + 8, "%s", text);
	for (char *p = out; *p != '\0'; p++)
		if (*p == ':')
			*p = separator;
	return out;
}

bool
label_is_table(const char *text)
{
	if (strncmp(text, "epm", 3) != 0 || strlen(text) > NAME_MOST)
		return false;
	for (; *text != '\0'; text++)
		if (!is_letter(*text) && !is_digit(*text) && *text != '_')
			return false;
	return true;
}
