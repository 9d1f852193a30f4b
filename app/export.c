/* export.c - settings to evidence, and evidence to text. */
#include "app/export.h"

#include <errno.h>
#include <stdio.h>

#include "app/exits.h"
#include "app/output.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/log.h"
#include "export/evidence.h"
#include "export/export.h"
#include "report/model/ending.h"
#include "store/store.h"

static int
failed(struct store *store, int err)
{
	if (err == ERR_CAP)
		log_error(
		    "more than %d endpoints or sessions are to be looked at: ask for one --server, "
		    "--realm or "
		    "--interface at a time",
		    EVIDENCE_MOST);
	else if (err != 0)
		log_error("%s", store_error(store)[0] != '\0' ? store_error(store) : err_text(err));
	return err;
}

/* What was there, and why it is not enough. */
static int
say_nothing(const struct evidence_set *e)
{
	log_error("nothing qualifies: no endpoint with a port is sure enough, allowed and free of "
		  "contradictions");
	for (enum evidence_left i = LEFT_NOT + 1; i < LEFT_REASONS; i++)
		if (e->left_by[i] > 0)
			log_error("%zu left out: %s", e->left_by[i], evidence_reason(i));
	return -ENOENT;
}

static int
write_to(const struct settings *s, const struct export_ops *ops, const struct export_job *job)
{
	struct output out;
	int err = output_replace(
	    &out, s->output == NULL ? "-" : s->output, &(struct output_spared){.store = s->store});

	if (err != 0)
		return err;
	errno = 0;
	err = ops->write(out.file, job);
	if (err == 0 && ferror(out.file))
		err = output_failed(&out);
	else if (err == -ENOMEM || err == ERR_STORE || err == ERR_CAP)
		(void)failed(job->store, err);
	int closed = output_close(&out, err == 0);
	return err != 0 ? err : closed;
}

static int
options_of(struct settings *s, struct store *store, const struct export_ops *ops,
    struct evidence_options *options)
{
	int err = show_time(s->at, store, &s->query.at_ns);

	if (err == 0)
		err = show_scope(s, store);
	*options = (struct evidence_options){.filter = s->query,
	    .service = s->service,
	    .least = ops->all && !s->least_given ? CONFIDENCE_ANNOUNCED : s->least,
	    .violations = s->violations || ops->breaches,
	    .pinned = s->only_pinned};
	return err;
}

static int
export_from(struct settings *s, struct store *store, const struct export_ops *ops)
{
	struct evidence_options options;
	struct evidence_set *evidence = NULL;
	struct export_job job = {.options = &options,
	    .table = s->table,
	    .dscp = s->dscp,
	    .tc = s->tc,
	    .store = store,
	    .product = s->product,
	    .service = s->pinned,
	    .format = s->format,
	    .group = s->group,
	    .from_evidence = s->from_evidence,
	    .rpc_internet = s->rpc_internet,
	    .violations = s->violations,
	    .block = s->block};
	int err = options_of(s, store, ops, &options);

	if (err == 0)
		err = show_policy(s, store, &job.policy);
	if (err != 0)
		return err;
	err = failed(store, ending_read(store, &job.end_ns));
	if (err == 0)
		err = failed(store, evidence_read(&evidence, store, job.policy, &options));
	job.evidence = evidence;
	if (err == 0)
		err = evidence->group_count == 0 && !ops->all ? say_nothing(evidence)
							      : write_to(s, ops, &job);
	evidence_free(&evidence);
	return err;
}

int
export_with(struct settings *s, const struct export_ops *ops)
{
	struct store *store;
	int err = show_open(s, &store);

	if (err == 0)
		err = export_from(s, store, ops);
	store_close(&store);
	return exits_of(err);
}

int
export_run_nft(struct settings *s)
{
	return export_with(s, &export_nft);
}

int
export_run_netsh(struct settings *s)
{
	return export_with(s, &export_netsh);
}

int
export_run_asa(struct settings *s)
{
	return export_with(s, &export_asa);
}

int
export_run_panos(struct settings *s)
{
	return export_with(s, &export_panos);
}

int
export_run_reg(struct settings *s)
{
	return export_with(s, &export_reg);
}

int
export_run_rpcfw(struct settings *s)
{
	return export_with(s, &export_rpcfw);
}

int
export_run_rpcdump(struct settings *s)
{
	return export_with(s, &export_rpcdump);
}

int
export_run_qos(struct settings *s)
{
	return export_with(s, &export_qos);
}
