/* explain_search.h - what is put together for an explanation, and what is looked for at the moment. Between the files of explain
 * only. */
#ifndef EPMWATCH_REPORT_EXPLAIN_SEARCH_H
#define EPMWATCH_REPORT_EXPLAIN_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "report/explain/explain.h"

struct explain_search {
	struct explanation *e;
	struct store *store;
	const struct policy *policy;
	/* Of a query for one key: its sets, and not later than that. */
	const struct change_member *member; /* NULL: of an alert */
	int64_t until_ns;
	size_t first; /* its sights begin there */
	struct explain_relatives *relatives;
};

/** explain_change_by_id(s, id): Add that change to s->relatives, also where the store does not have it; nothing for an empty id. ERR_STORE. */
int explain_change_by_id(struct explain_search *s, const char *id);

/** explain_relatives_of_change(s): What the change of ${s} corrects, what corrected it, and the alerts that go with it. -ENOMEM, ERR_STORE. */
int explain_relatives_of_change(struct explain_search *s);

#endif
