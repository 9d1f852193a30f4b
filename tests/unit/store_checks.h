/* store_checks.h - what several tests of the store assert. */
#ifndef EPMWATCH_TESTS_UNIT_STORE_CHECKS_H
#define EPMWATCH_TESTS_UNIT_STORE_CHECKS_H

#include "store_fixture.h"

/** checks_reloads(s, m): Loading the key of ${m} gives back every field of ${m}. */
void checks_reloads(struct store *s, const struct mapping *m);

/** checks_refused(path, mode, err, words): Opening fails with ${err}, and says so in one line with
 * ${path} and ${words}. */
void checks_refused(const char *path, enum store_mode mode, int err, const char *words);

/** checks_intact(s): No page is damaged, and no row refers to one that is not there. */
void checks_intact(struct store *s);

#endif
