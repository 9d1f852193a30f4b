/* reg_text.h - text of .reg files, as the registry editor of Windows itself exports it, and the encoding that it has there.
 *
 * Text is written as UTF-8 with plain line ends and becomes UTF-16LE with a byte order mark and CRLF at the end, all at once:
 * nobody but reg_encode() writes an octet of the file. */
#ifndef EPMWATCH_EXPORT_REG_TEXT_H
#define EPMWATCH_EXPORT_REG_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** reg_header(out): The first line, and the empty one after it. */
void reg_header(FILE *out);

/** reg_key(out, key): A key in brackets, written in full; its values follow, then reg_key_end(). */
void reg_key(FILE *out, const char *key);
void reg_key_end(FILE *out);

/** reg_dword(out, name, n): A REG_DWORD. */
void reg_dword(FILE *out, const char *name, uint32_t n);

/** reg_sz(out, name, text): A REG_SZ in quotes, its own quotes and backslashes escaped. */
void reg_sz(FILE *out, const char *name, const char *text);

/** reg_multi_sz(out, name, texts, count): A REG_MULTI_SZ, as octets of UTF-16LE, wrapped at 80 columns. The texts are ASCII. */
void reg_multi_sz(FILE *out, const char *name, const char *const *texts, size_t count);

/** reg_encode(text, len, out): All that was written, as a file. What is not UTF-8 becomes U+FFFD. Errors show on ${out}. */
void reg_encode(const char *text, size_t len, FILE *out);

#endif
