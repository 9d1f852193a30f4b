/* state.h - what an open store consists of. Only the files of store/ look inside. */
#ifndef EPMWATCH_STORE_STATE_H
#define EPMWATCH_STORE_STATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"
#include "store/run.h"
#include "store/statement.h"
#include "store/store.h"

struct store {
	struct db db;
	struct run run;
	sqlite3_stmt *statement[STATEMENT_COUNT];
	/* The last numbers given out. They never go back, so one that a rollback took away is given
	 * to nothing else. */
	int64_t mapping_row, episode_row, capture_row;
	bool lost;    /* a rollback took away rows whose numbers callers still hold */
	char *policy; /* query_summary()'s */
};

#endif
