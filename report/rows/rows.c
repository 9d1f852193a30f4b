/* rows.c - select, describe, and hand on to the format. */
#include "report/rows/rows.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/hosts.h"
#include "base/json.h"
#include "report/model/servers.h"
#include "report/rows/parts.h"
#include "report/rows/rows_kind.h"
#include "store/query.h"
#include "store/store.h"
#include "track/service.h"

static const struct rows_ops *const formats[] = {&rows_text_ops, &rows_json_ops, &rows_csv_ops};

const struct rows_ops *
rows_format(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

bool
rows_wanted(const struct rows_run *run, const struct uuid *uuid)
{
	if (run->options->service == NULL)
		return true;
	const struct service *service = service_find(uuid);
	return service != NULL && strcasecmp(service->name, run->options->service) == 0;
}

void
rows_client_host(const struct rows_run *run, struct json *o, const struct addr *client)
{
	parts_text(o, "client_host", hosts_find(store_hosts(run->store), client));
}

static int
object_put(struct rows_run *run, const struct json *row)
{
	json_t *object = json_loadb(row->text, row->used, 0, NULL);

	if (object == NULL)
		return -ENOMEM;
	int err = run->ops->row(&run->state, object);
	json_decref(object);
	return err;
}

int
rows_put(struct rows_run *run, struct json *row)
{
	int err;

	if (row->failed)
		err = -ENOMEM;
	else if (run->ops->text != NULL)
		err = run->ops->text(&run->state, row->text, row->used);
	else
		err = object_put(run, row);
	json_free(row);
	run->state.count++;
	return err != 0 ? err : ferror(run->state.out) ? -EIO : 0;
}

static int
write_rows(struct rows_run *run)
{
	int err = run->ops->begin(&run->state);

	if (err == 0)
		err = run->options->kind->select(run);
	/* The format frees what it holds in end(), so that is called in any case. */
	int ended = run->ops->end(&run->state);
	if (err == 0)
		err = ended;
	if (err == 0 && (fflush(run->options->out) != 0 || ferror(run->options->out)))
		err = -EIO;
	return err;
}

int
rows_write(struct store *store, const struct query_filter *filter, const struct rows_ops *ops,
    const struct rows_options *options, size_t *findings)
{
	struct rows_run run = {.store = store,
	    .filter = filter,
	    .ops = ops,
	    .options = options,
	    .state = {.out = options->out, .kind = options->kind, .colour = options->colour}};
	struct servers *servers = NULL;
	int err = servers_read(&servers, store, filter);

	run.servers = servers;
	if (err == 0)
		err = query_scopes(store, filter->sensor, filter->realm, &run.state.places);
	if (err == 0)
		err = write_rows(&run);
	servers_free(&servers);
	*findings = run.findings;
	return err;
}
