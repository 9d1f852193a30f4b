/* markup_check.h - is a piece of markup well-formed, and are its ids its own? As strict as XML, so that an HTML parser and an XML
 * parser see the same in it. */
#ifndef EPMWATCH_TESTS_MARKUP_CHECK_H
#define EPMWATCH_TESTS_MARKUP_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
	MARKUP_DEPTH = 16,
	MARKUP_IDS = 4096,
};

struct markup {
	const char *at;
	const char *why; /* what is wrong; NULL: nothing so far */
	size_t depth, elements, ids;
	struct {
		const char *text;
		size_t len;
	} open[MARKUP_DEPTH], id[MARKUP_IDS];
};

static inline size_t
markup_name(const char *at)
{
	return strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

/* An entity that the writer may use. */
static inline size_t
markup_entity(const char *at)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(at, known[i], strlen(known[i])) == 0)
			return strlen(known[i]);
	return 0;
}

/* Text up to one of ${ends}, without anything raw in it. */
static inline void
markup_text(struct markup *m, const char *ends)
{
	while (*m->at != '\0' && strchr(ends, *m->at) == NULL && m->why == NULL) {
		size_t n = *m->at == '&' ? markup_entity(m->at) : 1;

		if (n == 0 || *m->at == '<' || *m->at == '>' || *m->at == '\'')
			m->why = "something raw in a text";
		else if ((unsigned char)*m->at < 0x20 && *m->at != '\n')
			m->why = "a control character";
		m->at += n;
	}
}

static inline void
markup_id(struct markup *m, const char *text, size_t len)
{
	for (size_t i = 0; i < m->ids; i++)
		if (m->id[i].len == len && memcmp(m->id[i].text, text, len) == 0)
			m->why = "an id that is there already";
	if (m->ids == MARKUP_IDS) {
		m->why = "too many ids";
		return;
	}
	m->id[m->ids].text = text;
	m->id[m->ids++].len = len;
}

static inline void
markup_attributes(struct markup *m)
{
	while (*m->at == ' ' && m->why == NULL) {
		const char *name = ++m->at;
		size_t n = markup_name(name);

		m->at += n;
		if (n == 0 || strncmp(m->at, "=\"", 2) != 0) {
			m->why = "an attribute without a value";
			return;
		}
		const char *value = m->at += 2;
		markup_text(m, "\"");
		if (n == 2 && memcmp(name, "id", 2) == 0)
			markup_id(m, value, (size_t)(m->at - value));
		if (n >= 2 && memcmp(name, "on", 2) == 0)
			m->why = "an event handler";
		if (n == 5 && memcmp(name, "style", 5) == 0)
			m->why = "a style attribute";
		if (*m->at++ != '"' && m->why == NULL)
			m->why = "a value without an end";
	}
}

static inline void
markup_close(struct markup *m)
{
	size_t n = markup_name(m->at);

	if (m->depth == 0 || m->open[m->depth - 1].len != n ||
	    memcmp(m->open[m->depth - 1].text, m->at, n) != 0)
		m->why = "an end of what is not open";
	else
		m->depth--;
	m->at += n;
	if (*m->at++ != '>' && m->why == NULL)
		m->why = "a tag without an end";
}

static inline void
markup_tag(struct markup *m)
{
	m->at++;
	if (*m->at == '/') {
		m->at++;
		markup_close(m);
		return;
	}
	const char *name = m->at;
	size_t n = markup_name(name);

	m->at += n;
	m->elements++;
	markup_attributes(m);
	if (m->why != NULL)
		return;
	if (strncmp(m->at, "/>", 2) == 0) {
		m->at += 2;
	} else if (*m->at == '>' && n > 0 && m->depth < MARKUP_DEPTH) {
		m->at++;
		m->open[m->depth].text = name;
		m->open[m->depth++].len = n;
	} else {
		m->why = "a tag that makes no sense";
	}
}

/** markup_check(text, m): NULL if it is well-formed, else what is wrong. ${m} knows how much there is. */
static inline const char *
markup_check(const char *text, struct markup *m)
{
	memset(m, 0, sizeof(*m));
	m->at = text;
	while (*m->at != '\0' && m->why == NULL) {
		if (*m->at == '<')
			markup_tag(m);
		else
			markup_text(m, "<");
	}
	if (m->why == NULL && m->depth > 0)
		m->why = "something is open at the end";
	return m->why;
}

#endif
