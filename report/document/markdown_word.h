/* markdown_word.h - which words mean nothing to Markdown, nor to a ticket system that reads them after it. */
#ifndef EPMWATCH_REPORT_MARKDOWN_WORD_H
#define EPMWATCH_REPORT_MARKDOWN_WORD_H

#include <stdbool.h>
#include <stddef.h>

/**
 * markdown_word_is_plain(word, len, first):
 * True if ${word}, without blanks, is text wherever it stands; with ${first} also where a line begins with it. Not: markup, tags and
 * entities; mentions (@), references (#12, !12, ~x, $1, %x, GH-12, hashes of commits), emoji (:x:), commands (/close); addresses, with a
 * scheme or without.
 */
bool markdown_word_is_plain(const char *word, size_t len, bool first);

#endif
