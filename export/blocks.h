/* blocks.h - evidence as servers times ports, for formats whose rules are that.
 *
 * A block holds what was seen and nothing else: each of its servers has each of its ports. A port that only some servers of a
 * group have makes a block of its own, so that no rule opens what nobody proved. */
#ifndef EPMWATCH_EXPORT_BLOCKS_H
#define EPMWATCH_EXPORT_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct evidence_group;

struct block {
	bool udp; /* else TCP */
	size_t server_count, port_count;
	const struct addr *server; /* sorted; owned by the struct blocks, as is the next */
	const uint16_t *port;      /* sorted */
};

struct blocks {
	size_t count;
	struct block *block; /* owned; TCP first, then by servers */
	struct addr *server; /* owned */
	uint16_t *port;      /* owned */
};

/** blocks_make(out, group) / blocks_clear(b): The blocks of one group. -ENOMEM. Clear what was made, also after an error. */
int blocks_make(struct blocks *out, const struct evidence_group *group);
void blocks_clear(struct blocks *b);

#endif
