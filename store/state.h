/* state.h - what an open store consists of. Only the files of store/ look inside. */
#ifndef EPMWATCH_STORE_STATE_H
#define EPMWATCH_STORE_STATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"
#include "store/incoming.h"
#include "store/known.h"
#include "store/numbers.h"
#include "store/run.h"
#include "store/statement.h"
#include "store/store.h"

struct store {
	struct db db;
	struct run run;
	sqlite3_stmt *statement[STATEMENT_COUNT];
	struct incoming incoming;
	struct numbers servers, interfaces, alerts; /* the last by id */
	struct known known;
	/* The last numbers given out. They never go back, so one that a rollback took away is given
	 * to nothing else. */
	int64_t server_row, interface_row, episode_row, change_row, alert_row, capture_row;
	int64_t coverage_row;
	bool session_kept;      /* one was, in this transaction */
	int64_t session_newest; /* time of the one kept last in it */
	bool session_known;     /* what follows was looked up; a rollback undoes more than it tells */
	int64_t session_count;  /* rows, rather too many */
	int64_t session_hour;   /* of packet time, when they were last looked over */
	int64_t session_oldest; /* none that is kept was seen last before */
	int64_t push_newest;   /* time of the newest push in this transaction; 0: none was kept */
	int64_t push_hour;
	/* No change of the store, and none it had when it was opened, has a later ts_ns. */
	int64_t change_newest, change_opened;
	int64_t opened_row;    /* the last episode when it was opened */
	int64_t committed_row; /* the last episode that is there for good */
	bool rolled_back;      /* once: rows that callers hold numbers of may be gone */
	/* Episodes that a rollback may have taken away while callers still hold their numbers. */
	int64_t lost_from, lost_to;
	char *policy, *policy_text; /* query_summary()'s */
	const struct hosts *hosts;  /* borrowed; NULL: none */
};

/** state_no_server(s): True if there is none, so that there is no row of a key, an episode or a push either. A reader cannot tell: others write. */
static inline bool
state_no_server(const struct store *s)
{
	return s->server_row == 0 && s->db.mode != STORE_READER;
}

#endif
