/* facts.h - what observations say of one server as a whole: names, sealed calls, referrals. The rules are told in
 * servers.h, which keeps the servers. */
#ifndef EPMWATCH_TRACK_FACTS_H
#define EPMWATCH_TRACK_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct obs;
struct server_facts;

/* Memory that one observation adds at most, malloc's own included: a host name and a full set of aliases. */
enum {
	FACTS_GROWTH = 8 * 1024
};

/** facts_are_told(o): True if ${o} says anything of its server as a whole. */
bool facts_are_told(const struct obs *o);

/**
 * facts_take(f, o, refused):
 * Fold ${o} into ${f}, the facts of its server; f->dirty says what changed. Facts that found no room are added to
 * ${refused}. -ENOMEM: some of it may not be folded.
 */
int facts_take(struct server_facts *f, const struct obs *o, uint64_t *refused);

/** facts_bytes(f): Memory that hangs on ${f}. */
size_t facts_bytes(const struct server_facts *f);

#endif
