/* describe_totals.c - how much there was of everything. */
#include "app/describe.h"

#include "app/events.h"
#include "app/memory.h"
#include "base/json.h"

/* One object of numbers. */
struct number {
	const char *key;
	uint64_t value;
};

static void
part_numbers(struct json *o, const char *key, const struct number *number, size_t count)
{
	json_object_begin(o, key);
	for (size_t i = 0; i < count; i++)
		json_count(o, number[i].key, number[i].value);
	json_object_end(o);
}

#define NUMBERS(o, key, ...)                                                                       \
	part_numbers((o), (key), (const struct number[]){__VA_ARGS__},                             \
	    sizeof((const struct number[]){__VA_ARGS__}) / sizeof(struct number))

static void
part_memory(struct json *o, const struct events_totals *t)
{
	const struct memory_parts *m = t->memory;

	NUMBERS(o, "memory", {"used", t->memory_used}, {"cap", m->total}, {"rings", m->rings},
	    {"connections", m->flows}, {"streams", m->streams}, {"queues", m->queues},
	    {"store", m->store}, {"history", m->history}, {"journal", m->journal},
	    {"hints", m->hints}, {"ndpi", m->ndpi},
	    {"rest", m->rest});
}

static void
part_sources(struct json *o, const struct events_run *run, const struct events_totals *t)
{
	if (!run->live) {
		NUMBERS(o, "captures", {"read", t->captures}, {"damaged", t->damaged});
		return;
	}
	NUMBERS(o, "live", {"interfaces", t->interfaces}, {"away", t->away},
	    {"workers", t->workers}, {"received", t->received}, {"late", t->late},
	    {"store_failures", t->store_failures}, {"lost", t->store_lost},
	    {"unfolded", t->unfolded});
}

/* Some are always 0; readers shall find them in place. */
void
describe_totals(struct json *o, const struct events_run *run, const struct events_totals *t,
    uint64_t written, uint64_t suppressed)
{
	json_count(o, "packets", t->packets);
	json_count(o, "bytes", t->bytes);
	NUMBERS(o, "dropped", {"kernel", t->dropped_kernel}, {"interface", t->dropped_interface},
	    {"ring", 0}, {"queue", t->dropped_queue}, {"decode", t->dropped_decode},
	    {"cap", t->dropped_cap}, {"alerts", t->dropped_alerts},
	    {"moments", t->dropped_moments}, {"sessions", t->dropped_sessions},
	    {"spans", t->dropped_spans});
	NUMBERS(o, "ip", {"fragments", t->fragments}, {"reassembled", t->reassembled},
	    {"refused", t->refused}, {"incomplete", t->incomplete}, {"duplicates", t->duplicates},
	    {"too_deep", t->too_deep}, {"sealed", t->sealed_frames});
	NUMBERS(o, "tcp", {"streams", t->streams}, {"gaps", t->gaps},
	    {"out_of_order", t->out_of_order}, {"evicted", t->evicted}, {"overlaps", t->overlaps},
	    {"damaged", t->damaged});
	NUMBERS(o, "rpc", {"pdus", t->pdus}, {"malformed", t->malformed}, {"sealed", t->sealed},
	    {"unanswered", t->unanswered});
	NUMBERS(o, "candidates", {"told", t->candidates}, {"shed", t->candidates_shed},
	    {"evicted", t->candidates_evicted});
	NUMBERS(o, "ndpi", {"flows", t->ndpi_flows}, {"skipped", t->ndpi_skipped},
	    {"shed", t->ndpi_shed}, {"evicted", t->ndpi_evicted}, {"only_ndpi", t->only_ndpi},
	    {"only_we", t->only_we});
	NUMBERS(o, "events", {"written", written}, {"suppressed", suppressed});
	part_memory(o, t);
	NUMBERS(
	    o, "store", {"commits", t->commits}, {"episodes", t->episodes}, {"queue", t->queue});
	part_sources(o, run, t);
	json_count(o, "seconds", t->seconds);
}
