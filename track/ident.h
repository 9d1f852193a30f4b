/* ident.h - ids of changes and alerts: the same evidence gives the same id, in any run and on any
 * machine. */
#ifndef EPMWATCH_TRACK_IDENT_H
#define EPMWATCH_TRACK_IDENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct endpoint;
struct mapping_key;

/** ident_realm(name): What ids say of a realm: its name, not the number that it has in a run. */
uint64_t ident_realm(const char *name);

/**
 * ident_make(key, realm, kind, set, count, first_ns, out):
 * Hash ${realm} (ident_realm()), ${key} but for its realm, ${kind} (a change kind's or a rule's name), the sorted ${set} and the time of
 * the first evidence; returns ${out}. Ids are stored: what is hashed, and how, must
 * never change.
 */
char *ident_make(const struct mapping_key *key, uint64_t realm, const char *kind,
    const struct endpoint *set, size_t count, int64_t first_ns, char out[HASH_ID_TEXT]);

#endif
