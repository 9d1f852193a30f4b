/* hosts.c - an array in the order of addresses. */
#include "base/hosts.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/text.h"

struct host {
	struct addr addr;
	size_t line;
	char *name; /* owned */
};

struct hosts {
	size_t count, room;
	struct host *host;
};

/* Words of one line. */
struct words {
	const char *at, *end;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* The next word, and its length; 0: there is none. */
static size_t
word_next(struct words *w, const char **word)
{
	while (w->at < w->end && is_blank(*w->at))
		w->at++;
	*word = w->at;
	while (w->at < w->end && !is_blank(*w->at))
		w->at++;
	return (size_t)(w->at - *word);
}

static int
address_read(const char *word, size_t len, struct addr *out)
{
	char text[ADDR_TEXT];
	const char *zone = memchr(word, '%', len);
	size_t n = zone != NULL ? (size_t)(zone - word) : len;

	if (n >= sizeof(text) || memchr(word, '\0', n) != NULL)
		return ERR_MALFORMED;
	memcpy(text, word, n);
	text[n] = '\0';
	return addr_parse(text, out);
}

static int
host_add(struct hosts *h, const struct host *found)
{
	if (h->count == HOSTS_MOST)
		return ERR_CAP;
	if (h->count == h->room) {
		size_t room = h->room == 0 ? 64 : h->room * 2;
		struct host *grown = realloc(h->host, room * sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		h->host = grown;
		h->room = room;
	}
	h->host[h->count++] = *found;
	return 0;
}

/* What stands before a comment; nothing is fine. */
static int
line_read(struct hosts *h, const char *text, size_t len, size_t line)
{
	const char *comment = memchr(text, '#', len), *word, *name;
	struct words w = {text, comment != NULL ? comment : text + len};
	struct host found = {.line = line};
	char clean[HOSTS_NAME];

	len = word_next(&w, &word);
	if (len == 0)
		return 0;
	size_t name_len = word_next(&w, &name);
	if (name_len == 0 || address_read(word, len, &found.addr) != 0 ||
	    text_clean((const uint8_t *)name, name_len, clean, sizeof(clean)) == 0)
		return ERR_MALFORMED;
	found.name = strdup(clean);
	if (found.name == NULL)
		return -ENOMEM;
	int err = host_add(h, &found);
	if (err != 0)
		free(found.name);
	return err;
}

static int
host_compare(const void *a, const void *b)
{
	const struct host *x = a, *y = b;
	int order = addr_compare(&x->addr, &y->addr);

	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/* The first of each address stays. */
static void
sort(struct hosts *h)
{
	size_t kept = 0;

	if (h->count > 1)
		qsort(h->host, h->count, sizeof(*h->host), host_compare);
	for (size_t i = 0; i < h->count; i++)
		if (kept > 0 && addr_equal(&h->host[kept - 1].addr, &h->host[i].addr))
			free(h->host[i].name);
		else
			h->host[kept++] = h->host[i];
	h->count = kept;
}

int
hosts_read(struct hosts **out, const char *text, size_t len, size_t *line)
{
	struct hosts *h = calloc(1, sizeof(*h));
	const char *end = text + len;
	int err = h == NULL ? -ENOMEM : 0;

	*out = NULL;
	*line = 0;
	while (text < end && err == 0) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((lf != NULL ? lf : end) - text);

		err = line_read(h, text, n, ++*line);
		text += n + (lf != NULL);
	}
	if (err != 0) {
		hosts_free(&h);
		return err;
	}
	sort(h);
	*out = h;
	return 0;
}

void
hosts_free(struct hosts **h)
{
	if (*h == NULL)
		return;
	for (size_t i = 0; i < (*h)->count; i++)
		free((*h)->host[i].name);
	free((*h)->host);
	free(*h);
	*h = NULL;
}

static int
host_seek(const void *key, const void *member)
{
	return addr_compare(key, &((const struct host *)member)->addr);
}

const char *
hosts_find(const struct hosts *h, const struct addr *a)
{
	if (h == NULL || h->count == 0)
		return NULL;
	const struct host *found = bsearch(a, h->host, h->count, sizeof(*h->host), host_seek);
	return found != NULL ? found->name : NULL;
}
