/* live.h - interfaces -> workers -> one ordered consumer -> history and events: the parts of a run that goes on until somebody
 * ends it.
 *
 * The workers' threads capture and dissect. The caller's thread does all else: it takes their observations in order of time,
 * writes events, folds, commits once a second, and tells the workers and the kernel's filters what was learned. */
#ifndef EPMWATCH_APP_LIVE_H
#define EPMWATCH_APP_LIVE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bell.h"
#include "app/health.h"
#include "app/lane.h"
#include "app/ledger.h"
#include "app/meter.h"
#include "app/pulse.h"
#include "base/packet.h"

struct board;
struct interfaces;
struct policy;
struct lane;
struct lanes;
struct worker;

/* What a run is asked to do; borrowed for its time. */
struct live_order {
	struct ledger_order ledger;
	const char *const *device;
	size_t devices;
	size_t workers;     /* more than one: of a single device */
	const char *filter; /* NULL: all packets */
	int64_t span_ns;    /* as in struct dissect_limits */
	bool no_smb; /* connections that carry SMB are left alone */
	bool prefilter;
	size_t ring_block; /* 0: the default, as of the following */
	unsigned ring_timeout_ms, snaplen;
	uint64_t count;                    /* packets; 0: no end */
	int64_t stats_ns;                  /* between two `stats` events */
	const volatile sig_atomic_t *stop; /* not 0: end */
	/* Not 0: set it to 0 and ask for the policy that holds from now on; NULL: that is still the one before. It is borrowed until the
	 * next one is there, or to the end. The flag may be NULL. */
	volatile sig_atomic_t *reread;
	const struct policy *(*policy_again)(void *ctx);
	void *policy_ctx;
};

struct live {
	const struct live_order *order;
	struct sieve sieve;
	struct bell bell;
	bool has_bell;
	struct ledger ledger; /* this and what follows is owned */
	struct interfaces *interfaces;
	struct board *board;
	struct worker *worker;
	struct lane **lane; /* borrowed from the workers */
	struct lanes *lanes;
	uint16_t *port; /* room for all ports that can be learned */
	/* When what is to be done next, by bell_now(). */
	int64_t commit_ns, hints_ns, learn_ns, stats_ns, row_ns, tick_ns;
	struct pulse pulse;
	struct health health;
	int64_t started_ns;
	struct meter meter;   /* what was handed to the tallies */
	uint64_t hints_put;   /* hints_version() when the workers were told last */
	size_t hints_learned; /* endpoints known when the kernel was told last */
	bool away[LANE_SOURCES]; /* interfaces that were said to be gone */
	int err;                 /* why the last interface failed, 0 while there is one */
};

/** live_open(l, order): Open interfaces and store, put the parts together. 0, or an error after a message; close it in any
 * case. */
int live_open(struct live *l, const struct live_order *order);

/** live_run(l): Until somebody says stop, or nothing is left to capture; commit, write the last `stats` event. 0, or an error after a
 * message. */
int live_run(struct live *l);

/** live_totals(l, out): The numbers so far. */
void live_totals(struct live *l, struct events_totals *out);

/** live_close(l): Free all parts. Harmless on one that is zeroed or half open. */
void live_close(struct live *l);

#endif
