/* policy_verb.c - verbs about policies: what they say, where one comes from. */
#include "app/policy_verb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/exits.h"
#include "app/output.h"
#include "app/policies.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/log.h"
#include "policy/describe.h"
#include "policy/file.h"
#include "report/explain/derive.h"
#include "store/store.h"

int
policy_verb_check(struct settings *s)
{
	int worst = 0;

	if (s->paths == 0) {
		log_error("which policy? name a file, or one that is shipped");
		return EX_USAGE;
	}
	for (size_t i = 0; i < s->paths; i++) {
		struct policy_file *file;
		int status = policies_open(s->path[i], true, &file);

		if (status == 0 && !s->quiet)
			describe_policy(file, stdout);
		policy_file_free(&file);
		worst = status > worst ? status : worst;
	}
	return worst;
}

int
policy_verb_show(struct settings *s)
{
	const struct policy *policy;
	struct store *store = NULL;
	int err = 0;

	if (s->policy == NULL && s->store == NULL) {
		int status = settings_set_policy(s, "windows-default");

		if (status != 0)
			return status;
	}
	if (s->policy == NULL)
		err = show_open(s, &store);
	if (err == 0)
		err = show_policy(s, store, &policy);
	if (err == 0)
		fputs(policy->text, stdout);
	store_close(&store);
	return exits_of(err);
}

/* A policy is written by hand in the end: one that is there already stays as it is. */
static int
open_new(const struct settings *s, struct output *out)
{
	const char *path = s->output == NULL ? "-" : s->output;

	if (strcmp(path, "-") != 0 && access(path, F_OK) == 0) {
		log_error("%s: %s", path, strerror(EEXIST));
		return EX_USAGE;
	}
	return exits_of(output_replace(out, path, &(struct output_spared){.store = s->store}));
}

int
policy_verb_init(struct settings *s)
{
	struct output out;
	int status = open_new(s, &out);

	if (status != 0)
		return status;
	fputs(policy_file_example(), out.file);
	return exits_of(output_close(&out, true));
}

static int
suggest(struct settings *s, struct store *store)
{
	struct output out;
	int status = open_new(s, &out);

	if (status != 0)
		return status;
	int err = derive_policy(store, s->store, out.file);

	if (err != 0)
		log_error("%s", store_error(store)[0] != '\0' ? store_error(store) : err_text(err));
	int closed = output_close(&out, err == 0);
	return exits_of(err != 0 ? err : closed);
}

int
policy_verb_suggest(struct settings *s)
{
	struct store *store;
	int err = show_open(s, &store);
	int status = err == 0 ? suggest(s, store) : exits_of(err);

	store_close(&store);
	return status;
}
