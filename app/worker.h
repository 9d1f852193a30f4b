/* worker.h - one thread that captures and dissects: a tap, a dissector, and a lane that leads to the consumer. It shares nothing
 * else with anybody, never waits for the consumer, and writes no message. */
#ifndef EPMWATCH_APP_WORKER_H
#define EPMWATCH_APP_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "app/lane.h"

struct bell;
struct board;
struct dissect_limits;
struct dissector;
struct tap;
struct tap_options;

/* How to make one; borrowed while it is opened, what it points to until it is closed. */
struct worker_order {
	size_t number; /* of the board's readers */
	const struct tap_options *tap;
	const struct dissect_limits *limits;
	size_t queue_bytes;
	struct board *board;
	struct bell *bell;
};

struct worker {
	size_t number;
	struct board *board; /* borrowed */
	struct bell *bell;   /* borrowed */
	struct tap *tap;     /* this and what follows is owned */
	struct dissector *dissector;
	struct lane *lane;
	struct lane_numbers numbers; /* the thread's alone */
	int64_t seen_ns;             /* the thread's alone: all packets up to then */
	int64_t seen_at_ns;          /* the thread's alone: when that was, by bell_now() */
	int64_t batch_ns;            /* the thread's alone: time of the last batch */
	int64_t tick_ns;             /* the thread's alone: when the dissector is told the time next, by bell_now() */
	unsigned batches;            /* the thread's alone: dissected since something was offered */
	unsigned drain_ms;
	pthread_t thread;
	bool running; /* there is a thread to be joined */
	atomic_bool asked, ended;
	int err; /* why it ended; to be read once it has */
};

/** worker_open(w, order): Begin to capture; nothing is dissected before worker_start(). 0 or an error, of which tap_problem(w->tap) may know
 * more; close it in any case. */
int worker_open(struct worker *w, const struct worker_order *order);

/** worker_start(w): Start the thread, with all signals blocked. -errno. */
int worker_start(struct worker *w);

/** worker_stop(w): Ask it to end, once what was captured until now is dissected. Harmless where it does not run. */
void worker_stop(struct worker *w);

/** worker_has_ended(w): Its lane has all that there will be; w->err says whether its interfaces failed. True where it never ran. */
bool worker_has_ended(const struct worker *w);

/** worker_close(w): Stop it, wait for it, free all. Harmless on one that is zeroed or half open. */
void worker_close(struct worker *w);

#endif
