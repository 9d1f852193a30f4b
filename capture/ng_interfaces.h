/* ng_interfaces.h - the interfaces of a pcapng section, by their numbers. For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_NG_INTERFACES_H
#define EPMWATCH_CAPTURE_NG_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/packet.h"
#include "capture/ng_clock.h"
#include "capture/source_ops.h"

struct bpf_program;
struct cursor;
struct packet_filter;

/* A section with more of them is refused, so that a hostile file cannot have memory at 20 bytes a
 * time. They take 64 bytes each. */
enum {
	NG_INTERFACES = 65536,
	NG_LARGEST = 262144, /* packet that is handed out; the rest of a longer one is left out */
};

struct ng_interface {
	struct ng_clock clock;
	const struct bpf_program *program; /* of the filter; NULL: all pass */
	uint32_t snaplen;
	uint32_t number; /* LINKTYPE_* */
	enum link link;
	bool read; /* the link is one of those that are; else `link` means nothing */
};

struct ng_interfaces {
	size_t count, room;
	struct ng_interface *interface; /* owned */
};

/**
 * ng_interfaces_add(t, body, filter, words):
 * Add what the body of an Interface Description Block says, in its byte order. ERR_DAMAGED if it
 * contradicts itself or is one too many, ERR_USAGE if the ${filter}, which may be NULL, does not fit
 * its link: ${words} gets which; -ENOMEM.
 */
int ng_interfaces_add(struct ng_interfaces *t, struct cursor *body, struct packet_filter *filter,
    char words[SOURCE_WORDS]);

/** ng_interfaces_clear(t): A section begins, which has none yet. */
void ng_interfaces_clear(struct ng_interfaces *t);

/** ng_interfaces_deinit(t): Free what it owns. */
void ng_interfaces_deinit(struct ng_interfaces *t);

#endif
