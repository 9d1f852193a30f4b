/* markdown_word.c - what is allowed is listed; the rest is not. */
#include "report/document/markdown_word.h"

#include <string.h>
#include <strings.h>

enum {
	HASH = 7 /* digits of a short one */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
all_of(const char *word, size_t len, const char *set)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(set, word[i]) == NULL)
			return false;
	return true;
}

/* A mark that means something only before what it belongs to: the end of a word, or between digits. */
static bool
is_harmless_mark(const char *word, size_t len, size_t i)
{
	if (all_of(word + i, len - i, ".,:;%)"))
		return true;
	return i > 0 && word[i] != '%' && is_digit(word[i - 1]) && is_digit(word[i + 1]);
}

static bool
is_harmless(const char *word, size_t len, size_t i)
{
	char c = word[i];

	if (is_letter(c) || is_digit(c) || (unsigned char)c >= 0x80)
		return true;
	if (c == '.' || c == ':' || c == '%')
		return is_harmless_mark(word, len, i);
	if (c == '-' || c == '+' || c == '/')
		return i > 0;
	return c != '\0' && strchr(",;()'\"?", c) != NULL;
}

static bool
is_reference(const char *word, size_t len)
{
	if (len > 3 && strncasecmp(word, "gh-", 3) == 0)
		return true;
	/* A count is none, whatever its digits. */
	return len >= HASH && all_of(word, len, "0123456789abcdefABCDEF") &&
	       !all_of(word, len, "0123456789");
}

/* `1.` and `1)` begin a list. */
static bool
is_number_of_list(const char *word, size_t len)
{
	return len >= 2 && all_of(word, len - 1, "0123456789") &&
	       (word[len - 1] == '.' || word[len - 1] == ')');
}

bool
markdown_word_is_plain(const char *word, size_t len, bool first)
{
	if (len == 2 && memcmp(word, "->", 2) == 0)
		return true;
	if (is_reference(word, len) || (first && is_number_of_list(word, len)))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_harmless(word, len, i))
			return false;
	return true;
}
