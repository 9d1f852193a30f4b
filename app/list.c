/* list.c - settings to a filter, a kind of rows and a format. */
#include "app/list.h"

#include <errno.h>
#include <stdio.h>

#include "app/exits.h"
#include "app/output.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/log.h"
#include "report/rows/rows.h"
#include "store/store.h"

static int
filter_times(struct settings *s, struct store *store)
{
	int err = show_time(s->at, store, &s->query.at_ns);

	return err != 0 ? err : show_span(s, store, &s->query.since_ns, &s->query.until_ns);
}

static int
write_rows(struct settings *s, struct store *store, const struct rows_ops *ops,
    const struct rows_kind *kind, size_t *findings)
{
	struct rows_options options = {.out = stdout,
	    .kind = kind,
	    .service = s->service,
	    .fail_on = s->fail_on,
	    .colour = show_colour(s, stdout)};
	struct output out;
	int err = filter_times(s, store);

	output_standard(&out);
	if (err == 0)
		err = show_scope(s, store);
	if (err == 0)
		err = show_policy(s, store, &options.policy);
	if (err != 0)
		return err;
	errno = 0;
	err = rows_write(store, &s->query, ops, &options, findings);
	if (err != 0 && ferror(stdout))
		return output_failed(&out);
	if (err != 0)
		log_error("%s", store_error(store)[0] != '\0' ? store_error(store) : err_text(err));
	return err;
}

int
list_rows(struct settings *s, const struct rows_kind *kind, size_t *findings)
{
	const struct rows_ops *ops = rows_format(s->format);
	struct store *store;

	*findings = 0;
	if (ops == NULL) {
		log_error("format `%s' is none: text, json or csv is wanted", s->format);
		return ERR_USAGE;
	}
	int err = show_open(s, &store);
	if (err == 0)
		err = write_rows(s, store, ops, kind, findings);
	store_close(&store);
	return err;
}

static int
run(struct settings *s, const struct rows_kind *kind)
{
	size_t findings;

	if (list_rows(s, kind, &findings) != 0)
		return EXITS_ERROR;
	return findings > 0 ? EXITS_FOUND : EXITS_CLEAN;
}

int
list_run(struct settings *s)
{
	return run(s, &rows_list);
}

int
list_history(struct settings *s)
{
	return run(s, &rows_history);
}

int
list_changes(struct settings *s)
{
	return run(s, &rows_changes);
}

int
list_alerts(struct settings *s)
{
	return run(s, &rows_alerts);
}

int
list_sessions(struct settings *s)
{
	return run(s, &rows_sessions);
}

int
list_pushes(struct settings *s)
{
	return run(s, s->registrations ? &rows_registrations : &rows_pushes);
}
