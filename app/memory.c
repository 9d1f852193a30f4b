/* memory.c - weights, and what a thing costs at most. */
#include "app/memory.h"

#include <stdio.h>

#include "app/relay.h"
#include "base/err.h"
#include "base/log.h"
#include "dissect/hints.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

enum {
	/* Bytes of one, with what its table takes while it grows. */
	FLOW_BYTES = 192,
	MAPPING_ENTRY = 176, /* and its places in index and lists, without what hangs on it */
	SERVER_BYTES = 72,
	HINT_BYTES = 108,
	HINT_COPY_BYTES = 72,
	HINTS_BYTES = 18 * 1024, /* of empty tables */
	NAMES_PART =
	    4, /* of the history, for what servers are called and the like: one in so many */
	/* What a mapping with its first episode and its change takes in a store without a file. */
	STORED_BYTES = 3072,
	STORED_NAMES_PART = 8, /* of such a store; rows take up to twice of what names do here */
	/* Packets that were taken out of a ring, alone and where several interfaces are merged (tap.h). */
	COPIES_MIB = 1,
	COPIES_MERGED_MIB = 4,
	/* For each ring after the first. */
	LEAST_MORE_MIB = 8,
	LEAST_MORE_MERGED_MIB = 20,
	RING_DEFAULT_MIB = 64,
	QUEUE_MOST_MIB = 16,
	STORE_MOST_MIB = 256,
	JOURNAL_MOST_MIB = 64,
	REST_LEAST_MIB = 6,
	NDPI_MIB = 8,  /* of a worker: nDPI's module, and the tables of what it is asked about */
	NDPI_PART = 8, /* of the total at most; where that is not enough, it is asked about nothing */
	EPISODES = 256,
	EPISODES_FEW = 64,
	EPISODES_FEW_BELOW_MIB = 128,
};

#define FLOWS_MOST ((size_t)1 << 20)
#define MAPPINGS_MOST ((size_t)1 << 20)
#define SERVERS_MOST ((size_t)1 << 18)
#define RING_MOST ((size_t)1 << 30)

/* Who gets how much of what the rest and the rings leave. */
struct weights {
	size_t rings, flows, streams, queues, store, history, journal, hints;
};

static const struct weights weights_live = {16, 3, 11, 8, 8, 8, 1, 1};
static const struct weights weights_file = {0, 4, 16, 8, 12, 15, 0, 1};
static const struct weights weights_in_memory = {0, 3, 9, 4, 26, 13, 0, 1};

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
within(size_t value, size_t from, size_t to)
{
	return value < from ? from : least(value, to);
}

static size_t
rings_of(const struct memory_need *need)
{
	return need->workers * need->devices;
}

static const struct weights *
weights_of(const struct memory_need *need)
{
	if (need->workers > 0)
		return &weights_live;
	return need->in_memory ? &weights_in_memory : &weights_file;
}

size_t
memory_copies(const struct memory_need *need)
{
	return (need->devices > 1 ? COPIES_MERGED_MIB : COPIES_MIB) * MIB;
}

size_t
memory_least(const struct memory_need *need)
{
	size_t rings = rings_of(need), total = MEMORY_LEAST_MIB * MIB;

	if (rings > 1)
		total += (rings - 1) * MIB *
			 (need->devices > 1 ? LEAST_MORE_MERGED_MIB : LEAST_MORE_MIB);
	/* Rings of that size leave at least as much for all that is behind them. */
	size_t asked = rings * (need->ring + memory_copies(need));
	return need->ring > 0 && asked > total / 2 ? 2 * asked : total;
}

/* Takes its share of ${from} out of ${left}. */
static size_t
share(size_t *left, size_t from, size_t weight, size_t sum, size_t most)
{
	size_t part = least(from / sum * weight, most);

	*left -= part;
	return part;
}

static size_t
rings_share(const struct memory_need *need, size_t from, size_t weight, size_t sum, size_t *each)
{
	size_t rings = rings_of(need), copies = memory_copies(need), wanted = need->ring;

	if (rings == 0)
		return 0;
	if (wanted == 0) {
		wanted = least(from / sum * weight / rings, RING_DEFAULT_MIB * MIB) - copies;
		wanted -= wanted % (256 * KIB);
	}
	*each = wanted;
	return (wanted + copies) * rings;
}

static size_t
ndpi_share(const struct memory_need *need, size_t total)
{
	size_t wanted = (need->workers > 0 ? need->workers : 1) * NDPI_MIB * MIB;

	return wanted <= total / NDPI_PART ? wanted : 0;
}

static size_t
queues_of(const struct memory_need *need)
{
	return need->workers > 0 ? need->workers * MEMORY_QUEUES : RELAY_LOADS;
}

/* All that the rings leave, by weight; what a part has no use for goes to the rest. */
static void
split_parts(const struct memory_need *need, struct memory_parts *p)
{
	const struct weights *w = weights_of(need);
	size_t rest = p->total / 8 > REST_LEAST_MIB * MIB ? p->total / 8 : REST_LEAST_MIB * MIB;
	size_t sum =
	    w->flows + w->streams + w->queues + w->store + w->history + w->journal + w->hints;
	size_t from = p->total - rest,
	       queues = queues_of(need);

	p->rings = rings_share(need, from, w->rings, sum + w->rings, &p->ring);
	p->ndpi = ndpi_share(need, p->total);
	from -= p->rings + p->ndpi;
	p->rest = rest + from;
	p->flows = share(&p->rest, from, w->flows, sum, SIZE_MAX);
	p->streams = share(&p->rest, from, w->streams, sum, SIZE_MAX);
	p->queues = share(&p->rest, from, w->queues, sum, queues * QUEUE_MOST_MIB * MIB);
	p->store =
	    share(&p->rest, from, w->store, sum, need->in_memory ? SIZE_MAX : STORE_MOST_MIB * MIB);
	p->history = share(&p->rest, from, w->history, sum, SIZE_MAX);
	p->journal = share(&p->rest, from, w->journal, sum, JOURNAL_MOST_MIB * MIB);
	p->hints = share(&p->rest, from, w->hints, sum, SIZE_MAX);
}

static void
track_limits(const struct memory_need *need, struct memory_parts *p)
{
	size_t mappings = within(p->history / KIB, 512, MAPPINGS_MOST);
	size_t servers = within(p->history / (4 * KIB), 256, SERVERS_MOST);
	size_t names = p->history / NAMES_PART;

	p->track = (struct track_limits){.mappings = mappings,
	    .servers = servers,
	    .mappings_new =
		need->in_memory ? (p->store - p->store / STORED_NAMES_PART) / STORED_BYTES : 0,
	    .episodes_per_mapping =
		p->total < EPISODES_FEW_BELOW_MIB * MIB ? EPISODES_FEW : EPISODES,
	    .server_bytes = names,
	    .server_bytes_new = need->in_memory ? p->store / STORED_NAMES_PART / 2 : 0,
	    .bytes =
		p->history - mappings * MAPPING_ENTRY - servers * SERVER_BYTES - names - 256 * KIB};
}

int
memory_split(const struct memory_need *need, struct memory_parts *out)
{
	size_t workers = need->workers > 0 ? need->workers : 1;
	size_t copies = need->workers > 0 ? need->workers + 2 : 0;

	*out = (struct memory_parts){
	    .total = need->total > 0 ? need->total : MEMORY_DEFAULT_MIB * MIB};
	if (need->ring > RING_MOST || out->total < memory_least(need))
		return ERR_USAGE;
	split_parts(need, out);
	out->flow_count = within(out->flows / workers / FLOW_BYTES, 64, FLOWS_MOST);
	out->stream_bytes = out->streams / workers;
	out->queue_bytes = out->queues / queues_of(need);
	out->hints_most = least(
	    (out->hints - (copies + 1) * HINTS_BYTES) / (HINT_BYTES + copies * HINT_COPY_BYTES),
	    HINTS_MAX);
	track_limits(need, out);
	return 0;
}

static double
mib(size_t bytes)
{
	return (double)bytes / (double)MIB;
}

void
memory_warn(const struct memory_parts *p)
{
	if (p->ndpi == 0)
		log_warn("%zuM of memory leave nothing for nDPI: what is no RPC on RPC's ports "
			 "(EPM-011) is not told",
		    p->total / MIB);
}

char *
memory_describe(const struct memory_parts *p, char out[MEMORY_TEXT])
{
	int n = snprintf(out, MEMORY_TEXT, "%.0f MiB:", mib(p->total));

	if (p->rings > 0)
		n += snprintf(out + n, MEMORY_TEXT - (size_t)n, " rings %.1f,", mib(p->rings));
	n += snprintf(out + n, MEMORY_TEXT - (size_t)n,
	    " connections %.1f, streams %.1f, queues %.1f, store %.1f, history %.1f,",
	    mib(p->flows), mib(p->streams), mib(p->queues), mib(p->store), mib(p->history));
	if (p->journal > 0)
		n += snprintf(out + n, MEMORY_TEXT - (size_t)n, " journal %.1f,", mib(p->journal));
	snprintf(out + n, MEMORY_TEXT - (size_t)n, " nDPI %.1f, hints %.1f, rest %.1f",
	    mib(p->ndpi), mib(p->hints), mib(p->rest));
	return out;
}
