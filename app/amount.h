/* amount.h - numbers and sizes as people write them on a command line. */
#ifndef EPMWATCH_APP_AMOUNT_H
#define EPMWATCH_APP_AMOUNT_H

#include <stdint.h>

/** amount_number(text, most): A number from 1 to ${most}, in decimal and nothing else; 0 where it is none. */
uint64_t amount_number(const char *text, uint64_t most);

/** amount_size(text, most): A number of bytes from 1 to ${most}, with K, M or G behind it for powers of 1024; 0 where it is none. */
uint64_t amount_size(const char *text, uint64_t most);

#endif
