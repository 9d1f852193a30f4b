/* ingest_peer.h - what a machine can do at best, measured in the same run as what it is compared
 * with. */
#ifndef EPMWATCH_TESTS_BENCH_INGEST_PEER_H
#define EPMWATCH_TESTS_BENCH_INGEST_PEER_H

#include <stdint.h>

/* Time that went by, and time that the process was running: on a machine that is shared the second tells
 * more. */
struct peer_time {
	double wall, cpu; /* seconds */
};

/** peer_time(): Now. */
struct peer_time peer_time(void);

/** peer_since(sum, start): Add to ${sum} what went by since ${start}. */
void peer_since(struct peer_time *sum, struct peer_time start);

/** peer_rows(path): How many rows the tables of a store hold; 0 where it cannot be read. */
uint64_t peer_rows(const char *path);

/**
 * peer_insert(path, rows, each):
 * The time that SQLite takes to append ${rows} rows of seven small columns to one table without an
 * index, in a new file at ${path} with the pragmas of a store, ${each} rows a transaction. The file is
 * gone afterwards. Zeros where it failed.
 */
struct peer_time peer_insert(const char *path, uint64_t rows, uint64_t each);

/** peer_count(entries, times): The time that it takes to hash a key of 36 octets, find its entry among
 * so many, and count in it, so many times. Zeros without memory. */
struct peer_time peer_count(uint64_t entries, uint64_t times);

#endif
