/* uuids.c - lines to rows, and rows to a sorted table for service_find(). */
#include "app/uuids.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/text.h"
#include "base/uuid.h"
#include "track/service.h"

enum {
	PATH_TEXT = 4096,
	FIELDS = 4, /* data/interfaces.tsv has so many */
};

struct row {
	struct uuid uuid;
	char name[UUIDS_NAME], remark[UUIDS_REMARK];
};

/* What is held: rows in the order in which they came, UUIDS_MOST of them at most, and entries that point into them, sorted. */
static struct row *row;
static struct service_entry *entry;
static size_t count;

/* Where something is read from. */
struct reader {
	const char *path;
	size_t line, wrong;
};

void
uuids_forget(void)
{
	service_set_own(NULL, 0);
	free(row);
	free(entry);
	row = NULL;
	entry = NULL;
	count = 0;
}

static int
compare(const void *a, const void *b)
{
	const struct service_entry *x = a, *y = b;

	return memcmp(x->uuid.b, y->uuid.b, sizeof(x->uuid.b));
}

static void
publish(void)
{
	for (size_t i = 0; i < count; i++)
		entry[i] =
		    (struct service_entry){row[i].uuid, {row[i].name, row[i].remark, "", true}};
	qsort(entry, count, sizeof(*entry), compare);
	service_set_own(entry, count);
}

static bool
have_room(void)
{
	if (row == NULL)
		row = calloc(UUIDS_MOST, sizeof(*row));
	if (entry == NULL)
		entry = calloc(UUIDS_MOST, sizeof(*entry));
	return row != NULL && entry != NULL;
}

static void
refuse(struct reader *r, const char *why)
{
	log_error("%s:%zu: %s", r->path, r->line, why);
	r->wrong++;
}

static void
refuse_as(struct reader *r, const char *what, const char *text)
{
	log_error("%s:%zu: expected %s, was `%.60s'", r->path, r->line, what, text);
	r->wrong++;
}

static const struct row *
find_row(const struct uuid *uuid)
{
	for (size_t i = 0; i < count; i++) {
		if (uuid_equal(&row[i].uuid, uuid))
			return &row[i];
	}
	return NULL;
}

/* Add ${new} where it is new. */
static void
add(struct reader *r, const struct row *new, const char *text)
{
	const struct service *shipped = service_find(&new->uuid);
	const struct row *old = find_row(&new->uuid);

	if (shipped != NULL && !shipped->own) {
		if (strcmp(shipped->name, new->name) != 0)
			log_warn("%s:%zu: %s is known as %s, which stays", r->path, r->line, text,
			    shipped->name);
	} else if (service_is_shipped(new->name))
		refuse_as(r, "a name that no other interface has", new->name);
	else if (old != NULL && strcmp(old->name, new->name) != 0)
		refuse_as(r, "each UUID once", text);
	else if (old == NULL && count == UUIDS_MOST)
		refuse(r, "expected 4096 names at most, was more");
	else if (old == NULL)
		row[count++] = *new;
}

/* Cut ${line} at its tabs, and return how many fields there are. */
static size_t
split(char *line, char *field[FIELDS])
{
	size_t n = 0;

	while (line != NULL && n < FIELDS)
		field[n++] = strsep(&line, "\t");
	return n;
}

static void
read_line(struct reader *r, char *line, size_t len)
{
	char *field[FIELDS];
	struct row new = {.name = ""};

	if (memchr(line, '\0', len) != NULL) {
		refuse(r, "expected text, was a NUL in it");
		return;
	}
	line[strcspn(line, "\r")] = '\0';
	if (line[0] == '#' || line[strspn(line, " \t")] == '\0')
		return;
	size_t n = split(line, field);
	/* The heading of the table that is shipped. */
	if (r->line == 1 && strcmp(field[0], "uuid") == 0)
		return;
	if (uuid_parse(field[0], &new.uuid) != 0 || uuid_is_nil(&new.uuid)) {
		refuse_as(r, "a UUID", field[0]);
		return;
	}
	if (n < 2 || field[1][0] == '\0' || strlen(field[1]) >= sizeof(new.name)) {
		refuse(r, "expected a name of 1 to 63 bytes behind the UUID and a tab");
		return;
	}
	text_clean((const uint8_t *)field[1], strlen(field[1]), new.name, sizeof(new.name));
	if (n > 2)
		text_clean(
		    (const uint8_t *)field[2], strlen(field[2]), new.remark, sizeof(new.remark));
	add(r, &new, field[0]);
}

/* Editors of Windows put a mark before UTF-8. */
static char *
past_mark(const struct reader *r, char *line, size_t *len)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (r->line != 1 || strncmp(line, mark, sizeof(mark) - 1) != 0)
		return line;
	*len -= sizeof(mark) - 1;
	return line + sizeof(mark) - 1;
}

/* False at the end. A line that is too long is refused, and the rest of it passed over. */
static bool
next_line(struct reader *r, FILE *in)
{
	char line[UUIDS_LINE] = "";
	size_t len = 0;
	int c;

	while ((c = getc(in)) != EOF && c != '\n') {
		if (len < sizeof(line) - 1)
			line[len] = (char)c;
		len++;
	}
	if (c == EOF && len == 0)
		return false;
	r->line++;
	if (len >= sizeof(line)) {
		refuse(r, "expected a line of 1023 bytes at most, was more");
		return true;
	}
	line[len] = '\0';
	char *text = past_mark(r, line, &len);
	read_line(r, text, len);
	return true;
}

static int
read_file(const char *path)
{
	struct reader r = {.path = path};
	FILE *in = fopen(path, "re");

	if (in == NULL) {
		log_error("%s: %s", path, strerror(errno));
		return EX_CONFIG;
	}
	errno = 0;
	while (r.wrong < 20 && next_line(&r, in))
		;
	if (ferror(in)) {
		log_error("%s: %s", path, strerror(errno));
		r.wrong++;
	}
	(void)fclose(in);
	return r.wrong > 0 ? EX_CONFIG : 0;
}

static int
is_table(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 4 && strcmp(d->d_name + len - 4, ".tsv") == 0;
}

/* By bytes, whatever the locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_entry(const char *folder, const char *name)
{
	char path[PATH_TEXT];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path))
		return read_file(path);
	log_error("%s: %s", folder, strerror(ENAMETOOLONG));
	return EX_CONFIG;
}

static int
read_folder(const char *path)
{
	struct dirent **list;
	int files = scandir(path, &list, is_table, by_name), status = 0;

	if (files < 0) {
		log_error("%s: %s", path, strerror(errno));
		return EX_CONFIG;
	}
	if (files > UUIDS_FILES) {
		log_error("%s: expected 256 files at most, was more", path);
		status = EX_CONFIG;
	}
	for (int i = 0; i < files; i++) {
		int one = status == 0 ? read_entry(path, list[i]->d_name) : 0;

		status = status != 0 ? status : one;
		free(list[i]);
	}
	free(list);
	return status;
}

int
uuids_read(const char *path)
{
	size_t before = count;
	struct stat st;

	if (!have_room()) {
		log_error("out of memory");
		return EX_OSERR;
	}
	int status =
	    stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? read_folder(path) : read_file(path);
	if (status != 0)
		count = before;
	publish();
	return status;
}
