/* golden_talks.h - the golden PDUs in the order in which they are spoken. */
#ifndef EPMWATCH_TESTS_UNIT_GOLDEN_TALKS_H
#define EPMWATCH_TESTS_UNIT_GOLDEN_TALKS_H

#include <stddef.h>
#include <stdint.h>

#include "golden_pdus.h"

struct line {
	int from; /* 0 the client, 1 the server */
	const uint8_t *octets;
	size_t len;
};

struct talk {
	const char *name;
	uint16_t port;
	size_t observations, towers; /* that come of it */
	size_t lines;
	struct line line[6];
};

#define SAY(from, name)                                                                            \
	{                                                                                          \
		(from), golden_##name, sizeof(golden_##name)                                       \
	}

static const struct talk golden_talks[] = {
    {"map", 135, 2, 1, 4,
	{SAY(0, bind), SAY(1, bind_ack), SAY(0, map_request), SAY(1, map_answer)}},
    {"map64", 135, 2, 1, 4,
	{SAY(0, bind3), SAY(1, bind3_ack), SAY(0, map64_request), SAY(1, map64_answer)}},
    {"two", 135, 2, 2, 4,
	{SAY(0, bind), SAY(1, bind_ack), SAY(0, two_request), SAY(1, two_answer)}},
    {"one", 135, 2, 1, 4,
	{SAY(0, bind), SAY(1, bind_ack), SAY(0, one_request), SAY(1, one_answer)}},
    {"gone", 135, 2, 0, 4,
	{SAY(0, bind), SAY(1, bind_ack), SAY(0, map_request), SAY(1, gone_answer)}},
    {"kinds", 135, 2, 6, 4,
	{SAY(0, bind), SAY(1, bind_ack), SAY(0, kinds_request), SAY(1, kinds_answer)}},
    {"lookup", 135, 2, 1, 4,
	{SAY(0, bind), SAY(1, bind_ack), SAY(0, lookup_request), SAY(1, lookup_answer)}},
    {"lookup64", 135, 2, 2, 4,
	{SAY(0, bind3), SAY(1, bind3_ack), SAY(0, lookup64_request), SAY(1, lookup64_answer)}},
    {"signed", 135, 2, 1, 4,
	{SAY(0, bind), SAY(1, bind_ack), SAY(0, signed_request), SAY(1, signed_answer)}},
    {"sealed", 135, 2, 0, 4,
	{SAY(0, bind), SAY(1, bind_ack), SAY(0, sealed_request), SAY(1, sealed_answer)}},
    {"fault", 135, 1, 0, 4, {SAY(0, bind), SAY(1, bind_ack), SAY(0, map_request), SAY(1, fault)}},
    {"big-endian", 135, 2, 1, 4,
	{SAY(0, be_bind), SAY(1, be_bind_ack), SAY(0, be_map_request), SAY(1, be_map_answer)}},
    {"alter", 49152, 4, 1, 6,
	{SAY(0, bind_store), SAY(1, bind_store_ack), SAY(0, alter), SAY(1, alter_resp),
	    SAY(0, map64_request), SAY(1, map64_answer)}},
    {"auth3", 1032, 2, 0, 3, {SAY(0, bind_store), SAY(1, bind_store_ack), SAY(0, auth3)}},
    {"nak", 135, 1, 0, 2, {SAY(0, bind), SAY(1, bind_nak)}},
    {"no flags", 445, 1, 0, 2, {SAY(0, bind_no_flags), SAY(1, bind_no_flags_ack)}},
    {"syntaxes", 135, 1, 0, 2, {SAY(0, bind_syntaxes), SAY(1, bind_syntaxes_ack)}},
    {"big-endian store", 1032, 1, 0, 1, {SAY(0, be_bind_store)}},
    {"middle", 135, 2, 2, 4,
	{SAY(0, map_request), SAY(1, map_answer), SAY(0, map64_request), SAY(1, map64_answer)}},
};

#undef SAY

enum {
	GOLDEN_TALKS = sizeof(golden_talks) / sizeof(golden_talks[0]),
};

#endif
