/* report_rows_parts.c - see report_rows_parts.h. */
#include "report/rows/report_rows_parts.h"

#include "base/json.h"
#include "report/model/servers.h"
#include "report/rows/parts.h"
#include "report/rows/parts_evidence.h"
#include "report/rows/rows_kind.h"
#include "store/query.h"

void
report_rows_place(struct json *o, const struct rows_run *run, const char *sensor, const char *realm,
    const struct mapping_key *key)
{
	const struct servers_one *one = servers_find(run->servers, sensor, realm, &key->server);

	parts_text(o, "sensor", sensor);
	parts_text(o, "realm", realm);
	if (addr_is_unspecified(&key->server))
		return;
	parts_addr(o, "server", &key->server);
	parts_text(o, "host", servers_host(run->servers, sensor, realm, &key->server));
	rows_aliases(o, one != NULL ? &one->facts : NULL);
}

int
report_rows_put(struct rows_run *run, struct json *o, const struct query_evidence *e, size_t count)
{
	json_array_begin(o, "evidence");
	for (size_t i = 0; i < count; i++)
		parts_evidence_whole(o, &e[i]);
	json_array_end(o);
	json_object_end(o);
	return rows_put(run, o);
}

int
report_rows_each(struct rows_run *run, const void *item, size_t count, size_t size,
    int (*put)(struct rows_run *run, const void *item))
{
	const char *at = item;
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++)
		err = put(run, at + i * size);
	return err;
}
