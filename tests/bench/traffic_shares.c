/* traffic_shares.c - SMB in bulk, in clear and encrypted, with named pipes among it. */
#include "tests/bench/traffic_scene.h"

enum {
	CONNECTIONS = 4,
};

/* Every so many packets a pipe is due, and none is begun that is not done with in the end. */
static void
share_packet(struct scene *s, bool sealed)
{
	const uint64_t flows = s->flows < CONNECTIONS ? s->flows : CONNECTIONS;
	const uint64_t i = scene_random(s) % flows, n = s->file.packets;
	const bool may = n + CONNECTIONS * BULK_PACKETS <= s->packets;
	struct bulk *b = &s->bulk[i];
	struct segment segment;
	bool pipe;

	if (b->path.port[1] == 0)
		bulk_start(b, i, sealed);
	if (n >= (s->talks + 1) * s->every && !s->talking) {
		s->talks++;
		s->talking = true;
	}
	pipe = s->talking && may;
	bulk_next(b, &pipe, scene_noise(s), &segment, &s->counts);
	if (may)
		s->talking = pipe;
	scene_send(s, &segment);
}

static void
clear_packet(struct scene *s)
{
	share_packet(s, false);
}

static void
sealed_packet(struct scene *s)
{
	share_packet(s, true);
}

const struct kind scene_shares[] = {
    {.name = "smb", .flows = CONNECTIONS, .bulks = CONNECTIONS, .packet = clear_packet},
    {.name = "smb-sealed", .flows = CONNECTIONS, .bulks = CONNECTIONS, .packet = sealed_packet},
    {0},
};
