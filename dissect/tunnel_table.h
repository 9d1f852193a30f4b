/* tunnel_table.h - the ways through tunnels that packets came, each once and at an address that lasts.
 *
 * So a packet's place (struct where) has one pointer for it, whatever it came through, and whoever is handed an observation
 * may follow that pointer in another thread: a way is written before anybody is told of it, and never changed. There are
 * at most TUNNEL_PATHS ways, 280 bytes each and charged to the budget; what comes on further ones is dissected and told
 * without its way, and counted. */
#ifndef EPMWATCH_DISSECT_TUNNEL_TABLE_H
#define EPMWATCH_DISSECT_TUNNEL_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct budget;
struct tunnel_path;

enum {
	TUNNEL_PATHS = 4096,
	TUNNEL_CHUNK = 64, /* allocated at a time */
	TUNNEL_SLOTS = 2 * TUNNEL_PATHS,
};

struct tunnel_table {          /* all zero but budget and salt is an empty one */
	struct budget *budget; /* borrowed */
	uint64_t salt;
	uint64_t refused; /* ways that found no room */
	size_t count;
	uint16_t *slot; /* index + 1; 0: empty; owned, NULL before the first */
	struct tunnel_path *chunk[TUNNEL_PATHS / TUNNEL_CHUNK]; /* owned */
};

/** tunnel_table_keep(t, path): ${path} as it is kept; NULL, and counted, if there is no room. Lasts until tunnel_table_deinit(). */
const struct tunnel_path *tunnel_table_keep(struct tunnel_table *t, const struct tunnel_path *path);

/** tunnel_table_deinit(t): Forget all. ${t} is empty afterwards. */
void tunnel_table_deinit(struct tunnel_table *t);

#endif
