/* text.h - hostile names made harmless, once, where they come in.
 *
 * Annotations, pipe names, host names and file names are chosen by others. After text_clean() they are UTF-8 without
 * control characters, line breaks, direction marks or what cannot be seen; what quotes them (JSON, CSV, HTML) still has to quote. */
#ifndef EPMWATCH_BASE_TEXT_H
#define EPMWATCH_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * text_clean(in, in_len, out, out_size):
 * Copy ${in} up to its first NUL into ${out} as printable UTF-8, and return the length without the NUL it adds.
 * Valid UTF-8 passes; if the whole is not valid, bytes from 0xa0 up are read as Latin-1, but a character that
 * the end cuts, behind others that are valid, becomes U+FFFD. Control characters, C1,
 * line and paragraph separators, direction marks, what is invisible (Default_Ignorable_Code_Point), and what is no character become U+FFFD.
 * ${out_size} is at least 1; what does not fit is cut at a character.
 */
size_t text_clean(const uint8_t *in, size_t in_len, char *out, size_t out_size);

/**
 * text_clean_utf16(in, in_len, out, out_size):
 * The same of UTF-16, little-endian, as Windows writes it: up to the first unit that is 0. An odd octet at the end is
 * left; a surrogate that stands alone becomes U+FFFD.
 */
size_t text_clean_utf16(const uint8_t *in, size_t in_len, char *out, size_t out_size);

/** text_is_utf8(s, len): Is all of it well-formed UTF-8? */
bool text_is_utf8(const char *s, size_t len);

/** text_width(s): Columns that cleaned UTF-8 takes: one a code point. */
size_t text_width(const char *s);

#endif
