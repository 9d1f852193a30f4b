/* report_rows_parts.h - what several tables of a report have in common; only report_rows_*.c know it. */
#ifndef EPMWATCH_REPORT_REPORT_ROWS_PARTS_H
#define EPMWATCH_REPORT_REPORT_ROWS_PARTS_H

#include <stddef.h>

struct json;
struct mapping_key;
struct query_evidence;
struct rows_run;

/* Cells (struct rows_cell) that stand together. */
/* clang-format off */
#define CELLS_PLACE \
	{"sensor", NULL}, {"realm", NULL}, {"server", NULL}, {"host", NULL}
#define CELLS_INTERFACE \
	{"interface", NULL}, {"version", NULL}, {"service", NULL}, {"protseq", NULL}
#define CELLS_SPAN \
	{"first_seen", NULL}, {"last_seen", NULL}
#define CELLS_EVIDENCE \
	{"evidence", "pcap_filename"}, {"evidence", "pcap_cnt"}, {"evidence", "in_iface"}, \
	{"evidence", "source"}, {"evidence", "community_id"}, {"evidence", "command"}
/* clang-format on */

/** report_rows_place(o, run, sensor, realm, key): Add `sensor`, `realm`, `server`, `host` and `aliases`; of what is about the sensor itself the first
 * two. */
void report_rows_place(struct json *o, const struct rows_run *run, const char *sensor,
    const char *realm, const struct mapping_key *key);

/** report_rows_put(run, o, e, count): Write the row ${o}, which ends in `evidence`, and free it. -ENOMEM, -EIO. */
int report_rows_put(
    struct rows_run *run, struct json *o, const struct query_evidence *e, size_t count);

/** report_rows_each(run, item, count, size, put): Call ${put} for each of ${count} items of ${size} bytes, until it fails; what it
 * returned. */
int report_rows_each(struct rows_run *run, const void *item, size_t count, size_t size,
    int (*put)(struct rows_run *run, const void *item));

#endif
