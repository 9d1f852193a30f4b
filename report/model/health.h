/* health.h - how well the sensors of a store saw what they tell of: packets and what was lost of them, time in which they were up and saw
 * something, how much of what the endpoint mappers say could be read; and which findings and changes fall into times in which
 * too little was seen. */
#ifndef EPMWATCH_REPORT_HEALTH_H
#define EPMWATCH_REPORT_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/tally.h"

struct report;

enum {
	HEALTH_SPANS = 4096, /* held of each kind; what is beyond is counted, and marks nothing */
	HEALTH_SENSORS = 4096,
	HEALTH_REALMS = 4096, /* of a sensor; what is beyond is in the sums of the sensor alone */
};

/* Why something may not be as it looks: a set. */
enum doubt {
	DOUBT_GAP =
	    1, /* its evidence, or the time in which it happened, touches a time in which the sensor saw nothing */
	DOUBT_LOSS = 2, /* ... in which it lost more packets than the policy puts up with */
};

/* What one sensor saw of one realm. Packets cannot be told apart by realm: only what was made of them. */
struct health_realm {
	const char *realm; /* first: they are looked for by it */
	int64_t
	    at_ns; /* when the sensor was up last here, by its own clock; 0: it reads captures */
	struct tally sum;
	size_t unnamed; /* UUIDs of endpoints that are alive, and that have no name */
};

/* Hours that the period touches count whole, but for the time up. */
struct health_sensor {
	const char *sensor; /* first: they are looked for by it */
	bool live;          /* it watches interfaces; else it reads captures */
	struct tally sum;   /* of all realms */
	uint64_t lost,
	    came;        /* packets, and observations that found no room; packets that were seen */
	int64_t up_ns;   /* watching interfaces, in the period */
	int64_t seen_ns; /* of the period, with packets */
	size_t holes;    /* without, each longer than the policy's gap */
	int64_t hole_ns; /* all of these together */
	size_t realm_count;
	struct health_realm *realm; /* by name */
	size_t lossy;               /* the last of its spans in struct health, from 1 on; 0: none */
};

struct health_span {
	const char *sensor;
	int64_t from_ns, to_ns;
};

/* Of the report's period. All of it lies in the report's pool but for the arrays. */
struct health {
	bool live; /* some sensor watches interfaces */
	size_t sensor_count;
	struct health_sensor *sensor; /* owned, with their realms; by name */
	/* Hours, or runs of them, in which more was lost than the policy puts up with; and times in which nothing was seen. By time for each
	 * sensor. */
	size_t lossy_count, lossy_total, gap_count;
	struct health_span *lossy, *gap; /* owned */
};

/** health_uncounted(s): Was nothing counted of what it saw in the period? Versions before the one that first did leave that. */
bool health_uncounted(const struct health_sensor *s);

/** health_realm_of(s, name): That realm of it; NULL where nothing is known of it. */
struct health_realm *health_realm_of(struct health_sensor *s, const char *name);

/** health_read(r) / health_free(&h): Sets r->health: what was counted. Before gather_holes(), which adds what it finds, and
 * health_doubt(). -ENOMEM, ERR_STORE. */
int health_read(struct report *r);
void health_free(struct health **h);

/** health_sensor_of(h, name): That sensor; NULL where nothing is known of it. */
struct health_sensor *health_sensor_of(struct health *h, const char *name);

/** health_sensor_make(r, name): The same, but a new one where nothing was counted of it. It lives until the next call; NULL where there is no room. */
struct health_sensor *health_sensor_make(struct report *r, const char *name);

/** health_add_gap(h, sensor, from_ns, to_ns): A time in which it saw nothing. -ENOMEM. */
int health_add_gap(struct health *h, const char *sensor, int64_t from_ns, int64_t to_ns);

/** health_doubt(r): Mark the report's findings and changes. */
void health_doubt(struct report *r);

/** health_doubt_words(doubt): A set of enum doubt in words; NULL for none. Static storage. */
const char *health_doubt_words(unsigned doubt);

/** health_loss(s, percent): How much was lost of what should have been seen. False where nothing came at all: of that nobody knows. */
bool health_loss(const struct health_sensor *s, double *percent);

/** health_headline(r, out, size): The end of the verdict line, cut to ${size}: loss and time up of sensors that watch interfaces; captures and
 * frames of the others. Returns ${out}. */
char *health_headline(const struct report *r, char *out, size_t size);

/** health_span_text(ns, out, size): A length of time in words: `24 h`, `3 d 4 h`, `45 min`, `30 s`. Returns ${out}. */
char *health_span_text(int64_t ns, char *out, size_t size);

#endif
