/* json.h - numbers and strings as SQLite's own JSON functions write them, so that what is written here
 * and there is equal. */
#ifndef EPMWATCH_STORE_JSON_H
#define EPMWATCH_STORE_JSON_H

#include <stddef.h>
#include <stdint.h>

enum {
	JSON_NUMBER = 20, /* octets of a number at most */
	JSON_CHAR = 6     /* octets that one of a string can become, \u001f */
};

/** json_put_number(p, n) / json_put_string(p, text, max): Write at ${p}, without a NUL; return where it
 * ends. A string goes up to its NUL, or ${max} octets, and gets its quotes. */
char *json_put_number(char *p, uint64_t n);
char *json_put_string(char *p, const char *text, size_t max);

#endif
