/* revisions.h - which verdicts were corrected by later ones, so that what was told twice is told once. */
#ifndef EPMWATCH_REPORT_REVISIONS_H
#define EPMWATCH_REPORT_REVISIONS_H

struct query_change;
struct query_filter;
struct revisions;
struct store;

/** revisions_new(out) / revisions_free(&r): None yet. About 40 bytes for each that is corrected. -ENOMEM. */
int revisions_new(struct revisions **out);
void revisions_free(struct revisions **r);

/** revisions_add(r, row): Take in what that change corrects; later ones come later. -ENOMEM. */
int revisions_add(struct revisions *r, const struct query_change *row);

/** revisions_read(r, store, filter): Take in all changes from filter->since_ns on, of the sensor, realm and server that ${filter} selects.
 * -ENOMEM, ERR_STORE. */
int revisions_read(struct revisions *r, struct store *store, const struct query_filter *filter);

/** revisions_of(r, id): The id of the last change that corrects ${id}; NULL where none does. */
const char *revisions_of(struct revisions *r, const char *id);

#endif
