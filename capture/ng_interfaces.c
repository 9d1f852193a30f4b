/* ng_interfaces.c - interface description blocks. */
#include "capture/ng_interfaces.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/err.h"
#include "capture/link_type.h"
#include "capture/packet_filter.h"

enum {
	OPTION_END = 0,
	OPTION_RESOLUTION = 9,
	OPTION_OFFSET = 14,
	MICROSECONDS = 6,
	BLOCK_TYPE = 1,
	FIRST_ROOM = 4,
};

static_assert(sizeof(struct ng_interface) == 64, "as the header says");

/* What the options say of an interface's times. */
struct times {
	bool has_resolution, has_offset;
	uint8_t resolution;
	int64_t offset_s;
};

__attribute__((format(printf, 2, 3))) static int
damaged(char words[SOURCE_WORDS], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, SOURCE_WORDS, fmt, args);
	va_end(args);
	return ERR_DAMAGED;
}

static int
parse_resolution(struct times *times, struct cursor *value, char words[SOURCE_WORDS])
{
	struct ng_clock probe;
	size_t len = cur_left(value);

	if (len != 1)
		return damaged(words,
		    "Interface Description Block has if_tsresol option with length %zu != 1", len);
	if (times->has_resolution)
		return damaged(
		    words, "Interface Description Block has more than one if_tsresol option");
	times->has_resolution = true;
	times->resolution = cur_u8(value);
	if (!ng_clock_set(&probe, times->resolution, 0))
		return damaged(words,
		    "Interface Description Block if_tsresol option resolution %s-%u is too high",
		    times->resolution >= 0x80 ? "2^" : "10^", times->resolution & 0x7fU);
	return ERR_OK;
}

static int
parse_offset(struct times *times, struct cursor *value, char words[SOURCE_WORDS])
{
	size_t len = cur_left(value);

	if (len != 8)
		return damaged(words,
		    "Interface Description Block has if_tsoffset option with length %zu != 8", len);
	if (times->has_offset)
		return damaged(
		    words, "Interface Description Block has more than one if_tsoffset option");
	times->has_offset = true;
	times->offset_s = (int64_t)cur_u64(value);
	return ERR_OK;
}

static int
parse_option(struct times *times, uint16_t code, struct cursor *value, char words[SOURCE_WORDS])
{
	if (code == OPTION_RESOLUTION)
		return parse_resolution(times, value, words);
	if (code == OPTION_OFFSET)
		return parse_offset(times, value, words);
	if (code == OPTION_END && cur_left(value) > 0)
		return damaged(words,
		    "Interface Description Block has opt_endofopt option with length %zu != 0",
		    cur_left(value));
	return ERR_OK;
}

/*
 * code:u16 length:u16 value, padded to 4 octets; until there is no more, or code 0
 */
static int
parse_options(struct times *times, struct cursor *body, char words[SOURCE_WORDS])
{
	while (cur_left(body) > 0) {
		uint16_t code = cur_u16(body), length = cur_u16(body);
		struct cursor value = cur_sub(body, length);
		int err;

		cur_skip(body, (4U - length % 4U) % 4U);
		if (!cur_ok(body))
			break;
		err = parse_option(times, code, &value, words);
		if (err != ERR_OK || code == OPTION_END)
			return err;
	}
	if (cur_ok(body))
		return ERR_OK;
	return damaged(words, "block of type %d in pcapng dump file is too short", BLOCK_TYPE);
}

/*
 * link type:u16 reserved:u16 snap length:u32 options
 */
static int
parse(struct ng_interface *i, struct cursor *body, char words[SOURCE_WORDS])
{
	struct times times = {.resolution = MICROSECONDS};
	int err;

	i->number = cur_u16(body);
	cur_skip(body, 2);
	i->snaplen = cur_u32(body);
	i->read = link_type_in_file(i->number, &i->link);
	if (i->snaplen == 0 || i->snaplen > INT_MAX)
		i->snaplen = NG_LARGEST;
	err = parse_options(&times, body, words);
	if (err == ERR_OK)
		(void)ng_clock_set(&i->clock, times.resolution, times.offset_s);
	return err;
}

static int
grow(struct ng_interfaces *t, char words[SOURCE_WORDS])
{
	size_t room = t->room > 0 ? 2 * t->room : FIRST_ROOM;
	struct ng_interface *larger;

	if (t->count < t->room)
		return ERR_OK;
	if (t->count == NG_INTERFACES)
		return damaged(words, "more than %d interfaces in one section", NG_INTERFACES);
	larger = reallocarray(t->interface, room, sizeof(*larger));
	if (larger == NULL)
		return -ENOMEM;
	t->interface = larger;
	t->room = room;
	return ERR_OK;
}

int
ng_interfaces_add(struct ng_interfaces *t, struct cursor *body, struct packet_filter *filter,
    char words[SOURCE_WORDS])
{
	struct ng_interface i = {.program = NULL};
	int err = parse(&i, body, words);

	if (err == ERR_OK && i.read)
		err = packet_filter_for(filter, i.number, !body->le, &i.program, words);
	if (err == ERR_OK)
		err = grow(t, words);
	if (err == ERR_OK)
		t->interface[t->count++] = i;
	return err;
}

void
ng_interfaces_clear(struct ng_interfaces *t)
{
	t->count = 0;
}

void
ng_interfaces_deinit(struct ng_interfaces *t)
{
	free(t->interface);
	*t = (struct ng_interfaces){.interface = NULL};
}
