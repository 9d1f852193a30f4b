/* explain.h - one verdict with all that it rests on: what was there before, what was seen when and where, which rule is broken,
 * what it corrects and what corrected it.
 *
 * Found by its id, or by the beginning of it where only one begins so. Everything lies in its pool. */
#ifndef EPMWATCH_REPORT_EXPLAIN_H
#define EPMWATCH_REPORT_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/model/verdict.h"
#include "store/query.h"

struct policy;
struct pool;
struct store;

enum {
	EXPLAIN_MATCHES = 16,    /* ids that are told where several begin so */
	EXPLAIN_MEMBERS = 4096,  /* of a verdict on a whole server */
	EXPLAIN_RELATIVES = 256, /* of each kind */
};

/* One endpoint that the verdict is about, from its first to its last sight. */
struct explain_sight {
	enum explain_role {
		EXPLAIN_BEFORE,
		EXPLAIN_AFTER,
		EXPLAIN_STAYS,    /* before and after */
		EXPLAIN_OBSERVED, /* of an alert on a state */
	} role;
	struct query_episode row;
};

/* A verdict that this one corrects, or that corrects it; the change that an alert goes with, and the other way round. */
struct explain_relative {
	char id[HASH_ID_TEXT];
	bool known; /* the store has it */
	int64_t ts_ns;
	const char *what; /* its kind, or its rule and signature */
};

struct explain_relatives {
	size_t count;
	struct explain_relative *relative;
};

struct explanation {
	bool is_alert;
	bool has_change;            /* an alert, and the change that goes with it is there */
	struct query_change change; /* that, or what is explained */
	struct query_alert alert;   /* where it is one */
	const char *host;           /* NULL: unknown */
	struct verdict wrong;       /* of a change: what its new endpoints break */
	const char *policy;         /* by the policy of that name */
	const char *expected;       /* what that allows; empty where it is about no interface */
	const char *suppressed;     /* why it is not reported; NULL: it is */
	size_t sight_count;
	struct explain_sight *sight;
	struct explain_relatives revises, revised_by, goes_with;
	/* For the search: */
	size_t match_count;
	char match[EXPLAIN_MATCHES][HASH_ID_TEXT];
	struct pool *pool;
};

/**
 * explain_read(out, store, policy, id) / explain_free(&e):
 * Find the change or alert whose id begins with ${id}, and gather what belongs to it. -ENOENT where none does; ERR_USAGE where
 * several do: then *${out} is there with nothing but its matches. -ENOMEM, ERR_STORE.
 */
int explain_read(
    struct explanation **out, struct store *store, const struct policy *policy, const char *id);
void explain_free(struct explanation **e);

/** explain_text(e, out) / explain_json(e, out): Write it, for people or as one object. -EIO where ${out} failed, -ENOMEM. */
int explain_text(const struct explanation *e, FILE *out);
int explain_json(const struct explanation *e, FILE *out);

/** explain_role_name(role): `before`, `after`, `stays`, `observed`. Static storage. */
const char *explain_role_name(enum explain_role role);

#endif
