/* blocks.c - each port with its servers; then ports whose servers are the same. */
#include "export/blocks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export/evidence.h"

struct spot {
	bool udp;
	uint16_t port;
	struct addr server;
};

/* One port, and who has it. */
struct holder {
	bool udp;
	uint16_t port;
	size_t count;
	const struct addr *server;
};

static int
compare_spots(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;
	int order = x->udp - y->udp;

	if (order == 0)
		order = (x->port > y->port) - (x->port < y->port);
	return order != 0 ? order : addr_compare(&x->server, &y->server);
}

static int
compare_servers(const struct holder *x, const struct holder *y)
{
	int order = x->udp - y->udp;

	for (size_t i = 0; order == 0 && i < x->count && i < y->count; i++)
		order = addr_compare(&x->server[i], &y->server[i]);
	return order != 0 ? order : (x->count > y->count) - (x->count < y->count);
}

static int
compare_holders(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;
	int order = compare_servers(x, y);

	return order != 0 ? order : (x->port > y->port) - (x->port < y->port);
}

/* Several interfaces share a port: each spot once. */
static size_t
collect_spots(const struct evidence_group *g, struct spot *spot)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->count; i++)
		spot[i] = (struct spot){g->proof[i].udp, g->proof[i].port, g->proof[i].key.server};
	qsort(spot, g->count, sizeof(*spot), compare_spots);
	for (size_t i = 0; i < g->count; i++)
		if (kept == 0 || compare_spots(&spot[kept - 1], &spot[i]) != 0)
			spot[kept++] = spot[i];
	return kept;
}

static size_t
collect_holders(const struct spot *spot, size_t count, struct addr *server, struct holder *holder)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		server[i] = spot[i].server;
		if (i == 0 || spot[i - 1].udp != spot[i].udp || spot[i - 1].port != spot[i].port)
			holder[n++] = (struct holder){spot[i].udp, spot[i].port, 0, &server[i]};
		holder[n - 1].count++;
	}
	qsort(holder, n, sizeof(*holder), compare_holders);
	return n;
}

static void
unite(struct blocks *b, const struct holder *holder, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		b->port[i] = holder[i].port;
		if (i == 0 || compare_servers(&holder[i - 1], &holder[i]) != 0)
			b->block[b->count++] = (struct block){.udp = holder[i].udp,
			    .server_count = holder[i].count,
			    .server = holder[i].server,
			    .port = &b->port[i]};
		b->block[b->count - 1].port_count++;
	}
}

int
blocks_make(struct blocks *out, const struct evidence_group *group)
{
	struct spot *spot = calloc(group->count, sizeof(*spot));
	struct holder *holder = calloc(group->count, sizeof(*holder));
	int err = -ENOMEM;

	*out = (struct blocks){.block = calloc(group->count, sizeof(struct block)),
	    .server = calloc(group->count, sizeof(struct addr)),
	    .port = calloc(group->count, sizeof(uint16_t))};
	if (spot != NULL && holder != NULL && out->block != NULL && out->server != NULL &&
	    out->port != NULL) {
		size_t spots = collect_spots(group, spot);

		unite(out, holder, collect_holders(spot, spots, out->server, holder));
		err = 0;
	}
	free(holder);
	free(spot);
	return err;
}

void
blocks_clear(struct blocks *b)
{
	free(b->block);
	free(b->server);
	free(b->port);
	*b = (struct blocks){.count = 0};
}
