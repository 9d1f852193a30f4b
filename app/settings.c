/* settings.c - one small setter for each option: check the argument where it stands, say what is
 * wrong with it. */
#include "app/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/amount.h"
#include "app/config.h"
#include "app/policies.h"
#include "app/uuids.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hosts.h"
#include "base/log.h"
#include "base/text.h"
#include "policy/file.h"
#include "track/service.h"

enum {
	FILTER_BYTES = 65536
};

void
settings_init(struct settings *s)
{
	char host[256] = "";

	*s = (struct settings){
	    .least = CONFIDENCE_USED, .fail_on = SEVERITY_MEDIUM, .format = "text", .progress = PROGRESS_AUTO};
	if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
		memcpy(host, "localhost", sizeof("localhost"));
	settings_set_sensor(s, host);
	settings_set_realm(s, "default");
}

void
settings_release(struct settings *s)
{
	free(s->filter);
	free(s->realms);
	free((void *)s->path);
	policy_file_free(&s->policy_file);
	hosts_free(&s->hosts);
}

void
settings_deinit(struct settings *s)
{
	settings_release(s);
	config_free(&s->config);
	uuids_forget();
}

int
settings_operand(struct settings *s, const char *word)
{
	const char **path = realloc((void *)s->path, (s->paths + 1) * sizeof(*path));

	if (path == NULL)
		return EX_OSERR;
	s->path = path;
	s->path[s->paths++] = word;
	return 0;
}

int
settings_filter_words(struct settings *s, size_t from)
{
	size_t size = 1, used = 0;

	for (size_t i = from; i < s->paths; i++)
		size += strlen(s->path[i]) + 1;
	if (from == s->paths)
		return 0;
	if (s->filter != NULL) {
		log_error(
		    "a filter by -f or -F, and words that are no option: `%s'", s->path[from]);
		return EX_USAGE;
	}
	s->filter = calloc(1, size);
	if (s->filter == NULL)
		return EX_OSERR;
	for (size_t i = from; i < s->paths; i++)
		used += (size_t)snprintf(
		    s->filter + used, size - used, "%s%s", i > from ? " " : "", s->path[i]);
	s->paths = from;
	return 0;
}

int
settings_set_help(struct settings *s, const char *arg)
{
	(void)arg;
	s->help = true;
	return 0;
}

int
settings_set_config(struct settings *s, const char *arg)
{
	if (s->config_path != NULL) {
		log_error("more than one file of settings: %s and %s", s->config_path, arg);
		return EX_USAGE;
	}
	s->config_path = arg;
	return 0;
}

int
settings_set_uuids(struct settings *s, const char *arg)
{
	(void)s;
	return uuids_read(arg);
}

int
settings_set_file(struct settings *s, const char *arg)
{
	s->files++;
	return settings_operand(s, arg);
}

int
settings_set_store(struct settings *s, const char *arg)
{
	s->store = arg;
	return 0;
}

int
settings_set_policy(struct settings *s, const char *arg)
{
	struct policy_file *file;
	int status = policies_open(arg, false, &file);

	if (status != 0)
		return status;
	policy_file_free(&s->policy_file);
	s->policy_file = file;
	s->policy_name = arg;
	s->policy = policy_file_policy(file);
	return 0;
}

int
settings_set_events(struct settings *s, const char *arg)
{
	s->events = arg;
	return 0;
}

static int
filter_once(const struct settings *s)
{
	if (s->filter == NULL)
		return 0;
	log_error("more than one filter; join the expressions with `and'");
	return EX_USAGE;
}

int
settings_set_filter(struct settings *s, const char *arg)
{
	int status = filter_once(s);

	if (status != 0)
		return status;
	s->filter = strdup(arg);
	return s->filter == NULL ? EX_OSERR : 0;
}

int
settings_set_filter_file(struct settings *s, const char *arg)
{
	int status = filter_once(s);
	FILE *in = status != 0 ? NULL : fopen(arg, "re");

	if (status != 0)
		return status;
	if (in == NULL) {
		log_error("%s: %s", arg, strerror(errno));
		return errno == ENOENT ? EX_NOINPUT : EX_IOERR;
	}
	s->filter = calloc(1, FILTER_BYTES + 1);
	if (s->filter == NULL)
		status = EX_OSERR;
	else if (fread(s->filter, 1, FILTER_BYTES, in) == FILTER_BYTES || ferror(in))
		status = EX_IOERR;
	if (status == EX_IOERR)
		log_error("%s: cannot be read, or is no filter expression", arg);
	fclose(in);
	return status;
}

static int
bad(const char *what, const char *arg, const char *wanted)
{
	log_error("%s `%s' is none: %s", what, arg, wanted);
	return EX_USAGE;
}

int
settings_set_count(struct settings *s, const char *arg)
{
	s->count = amount_number(arg, INT64_MAX);
	return s->count == 0 ? bad("count", arg, "a number of packets from 1 on is wanted") : 0;
}

static int
name_set(char *out, size_t size, const char *what, const char *arg)
{
	if (arg[0] == '\0')
		return bad(what, arg, "a name is wanted");
	text_clean((const uint8_t *)arg, strlen(arg), out, size);
	return 0;
}

int
settings_set_sensor(struct settings *s, const char *arg)
{
	return name_set(s->sensor, sizeof(s->sensor), "sensor", arg);
}

int
settings_set_realm(struct settings *s, const char *arg)
{
	return name_set(s->realm, sizeof(s->realm), "realm", arg);
}

int
settings_set_progress(struct settings *s, const char *arg)
{
	static const char *const name[] = {"auto", "always", "never"};

	for (int i = 0; i < 3; i++)
		if (strcmp(name[i], arg) == 0) {
			s->progress = (enum progress_mode)i;
			return 0;
		}
	return bad("progress", arg, "auto, always or never is wanted");
}

int
settings_set_quiet(struct settings *s, const char *arg)
{
	(void)arg;
	s->quiet = true;
	log_set_level(LOG_ERROR);
	return 0;
}

int
settings_set_verbose(struct settings *s, const char *arg)
{
	(void)s;
	(void)arg;
	log_set_level(LOG_DEBUG);
	return 0;
}

int
settings_set_format(struct settings *s, const char *arg)
{
	s->format = arg;
	return 0;
}

int
settings_set_reason(struct settings *s, const char *arg)
{
	s->reason = arg;
	return 0;
}

int
settings_set_output(struct settings *s, const char *arg)
{
	s->output = arg;
	return 0;
}

/* Spans count back from the end of the store, which is not known yet: here only the form is
 * checked. */
static int
time_set(const char **out, const char *arg)
{
	int64_t any;

	*out = arg;
	if (clock_parse(arg, 0, &any) == 0)
		return 0;
	return bad("time", arg, "RFC 3339, YYYY-MM-DD, or a span such as 24h or 7d is wanted");
}

int
settings_set_at(struct settings *s, const char *arg)
{
	return time_set(&s->at, arg);
}

int
settings_set_since(struct settings *s, const char *arg)
{
	return time_set(&s->since, arg);
}

int
settings_set_until(struct settings *s, const char *arg)
{
	return time_set(&s->until, arg);
}

int
settings_set_server(struct settings *s, const char *arg)
{
	s->query.has_server = true;
	return addr_parse(arg, &s->query.server) == 0
		   ? 0
		   : bad("server", arg, "an IPv4 or IPv6 address is wanted");
}

int
settings_set_interface(struct settings *s, const char *arg)
{
	s->query.has_uuid = uuid_parse(arg, &s->query.uuid) == 0;
	s->service = s->query.has_uuid ? NULL : arg;
	if (s->query.has_uuid || service_find_name(arg, NULL, 0) > 0)
		return 0;
	return bad("interface", arg, "a UUID or the name of a known service is wanted");
}

int
settings_set_protseq(struct settings *s, const char *arg)
{
	enum protseq p = protseq_parse(arg);

	s->query.protseq = (uint8_t)p;
	return p != PROTSEQ_UNKNOWN
		   ? 0
		   : bad("protocol sequence", arg, "ncacn_ip_tcp, ncacn_np, ... is wanted");
}

int
settings_set_port(struct settings *s, const char *arg)
{
	s->query.has_port = true;
	s->query.port = (uint16_t)amount_number(arg, UINT16_MAX);
	return s->query.port != 0 ? 0 : bad("port", arg, "1 to 65535 is wanted");
}

int
settings_set_fail_on(struct settings *s, const char *arg)
{
	return severity_parse(arg, &s->fail_on) == 0
		   ? 0
		   : bad("severity", arg, "high, medium, low or info is wanted");
}

int
settings_set_only_sensor(struct settings *s, const char *arg)
{
	s->query.sensor = arg;
	return 0;
}

int
settings_set_only_realm(struct settings *s, const char *arg)
{
	s->query.realm = arg;
	return 0;
}
