/* rules_change.h - the rules on occurrences, as rules.h has them. */
#ifndef EPMWATCH_TRACK_RULES_CHANGE_H
#define EPMWATCH_TRACK_RULES_CHANGE_H

struct change;
struct dossier;
struct rules;

/** rules_change_tell(r, c, of_key, of_server): EPM-004, 005 and 007, as rules_change(). */
int rules_change_tell(
    struct rules *r, const struct change *c, struct dossier **of_key, struct dossier **of_server);

#endif
