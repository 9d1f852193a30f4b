/* pipeline.h - captures -> dissector -> consumer -> history and events: the parts of a run, put
 * together. */
#ifndef EPMWATCH_APP_PIPELINE_H
#define EPMWATCH_APP_PIPELINE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/ledger.h"
#include "app/meter.h"
#include "app/progress.h"
#include "base/packet.h"

struct captures;
struct chain;
struct dissector;
struct relay;

/* What a run is asked to do; borrowed for its time. */
struct pipeline_order {
	struct ledger_order ledger;
	const char *const *path;
	size_t paths;
	const char *filter; /* NULL: all packets */
	int64_t span_ns;    /* as in struct dissect_limits */
	bool no_smb; /* connections that carry SMB are left alone */
	bool no_ndpi, classify_all; /* as in struct dissect_limits */
	size_t threads;     /* that look ahead in a capture, the caller's own included; if more than one, another one folds */
	uint64_t count;     /* packets; 0: all */
	uint64_t uncompressed; /* bytes that one capture may expand to; 0: the default */
	enum progress_mode progress;
	const volatile sig_atomic_t *stop; /* not 0: end at the next batch */
};

struct pipeline {
	const struct pipeline_order *order;
	struct sieve sieve;
	struct chain *chain; /* this and what follows is owned */
	struct ledger ledger;
	struct dissector *dissector;
	struct relay *relay;
	struct captures *captures;
	struct progress progress;
	bool drips;                    /* not all of it lies in files */
	int64_t commit_ns;             /* when the next commit is due for that */
	size_t waiting, waiting_items; /* in the relay's queue: learned and not given to be folded; what they hold */
	uint64_t packets, bytes;
	/* What of the batch in hand was counted, and what was dissected of it: those behind the one, up to before the other. */
	const struct batch *batch;
	size_t counted, dissected;
	struct meter meter;
	int64_t first_ns, last_ns; /* of packet time */
	bool stopped;              /* by a signal or a count: captures were not read to their end */
};

/** pipeline_open(p, order): Put the parts together. 0, or an error after a message; close it in any
 * case. */
int pipeline_open(struct pipeline *p, const struct pipeline_order *order);

/** pipeline_run(p): Read everything, commit, write the `stats` event. 0, or an error after a
 * message; what was committed stays. */
int pipeline_run(struct pipeline *p);

/** pipeline_problems(p): Report damaged captures, a line each; returns how many. */
size_t pipeline_problems(const struct pipeline *p);

/** pipeline_close(p): Free all parts. Harmless on one that is zeroed or half open. */
void pipeline_close(struct pipeline *p);

#endif
