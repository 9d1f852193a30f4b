/* settings_report.c - the setters of what a report becomes: mail, tables, names, colours. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/mail.h"
#include "app/settings.h"
#include "base/err.h"
#include "base/hosts.h"
#include "base/log.h"
#include "report/rows/report_rows.h"

static int
address_check(const char *arg)
{
	if (mail_is_address(arg))
		return 0;
	log_error("address `%s' is none: a plain one is wanted, such as admin@site.example", arg);
	return EX_USAGE;
}

int
settings_set_mail(struct settings *s, const char *arg)
{
	if (s->mails == SETTINGS_MAILS) {
		log_error("more than %d addresses", (int)SETTINGS_MAILS);
		return EX_USAGE;
	}
	s->mail[s->mails++] = arg;
	return address_check(arg);
}

int
settings_set_from(struct settings *s, const char *arg)
{
	s->from = arg;
	return address_check(arg);
}

int
settings_set_always(struct settings *s, const char *arg)
{
	(void)arg;
	s->always = true;
	return 0;
}

int
settings_set_subject_prefix(struct settings *s, const char *arg)
{
	s->subject_prefix = arg;
	if (strlen(arg) <= SETTINGS_PREFIX)
		return 0;
	log_error("more than %d bytes before a subject", (int)SETTINGS_PREFIX);
	return EX_USAGE;
}

int
settings_set_sendmail(struct settings *s, const char *arg)
{
	s->sendmail = arg;
	if (arg[0] != '\0')
		return 0;
	log_error("which program sends mail? --sendmail wants one");
	return EX_USAGE;
}

static void
tell_sections(const char *arg)
{
	const struct report_table *table;
	char list[512] = "";
	size_t count, used = 0;

	table = report_rows_tables(&count);
	for (size_t i = 0; i < count && used < sizeof(list); i++)
		used += (size_t)snprintf(
		    list + used, sizeof(list) - used, "%s%s", i == 0 ? "" : ", ", table[i].id);
	log_error("section `%s' is none; there are %s", arg, list);
}

int
settings_set_section(struct settings *s, const char *arg)
{
	s->section = report_rows_table(arg);
	if (s->section != NULL)
		return 0;
	tell_sections(arg);
	return EX_USAGE;
}

int
settings_set_color(struct settings *s, const char *arg)
{
	static const char *const name[] = {"auto", "always", "never"};

	for (int i = 0; i < 3; i++)
		if (strcmp(name[i], arg) == 0) {
			s->color = (enum settings_color)i;
			return 0;
		}
	log_error("color `%s' is none: auto, always or never is wanted", arg);
	return EX_USAGE;
}

/* All of a file; owned by the caller, NULL after a message. */
static char *
file_read(const char *path, size_t *len)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	*len = 0;
	if (in == NULL) {
		log_error("%s: %s", path, strerror(errno));
		return NULL;
	}
	while (!feof(in) && !ferror(in) && *len <= HOSTS_BYTES) {
		if (*len == room) {
			char *grown = realloc(text, room = room == 0 ? 65536 : room * 2);

			if (grown == NULL)
				break;
			text = grown;
		}
		*len += fread(text + *len, 1, room - *len, in);
	}
	bool good = feof(in) && !ferror(in) && *len <= HOSTS_BYTES;
	if (!good)
		log_error("%s: %s", path,
		    ferror(in)           ? "cannot be read"
		    : *len > HOSTS_BYTES ? "larger than any file of names"
					 : "out of memory");
	fclose(in);
	if (good)
		return text;
	free(text);
	return NULL;
}

static int
hosts_refused(const char *path, size_t line, int err)
{
	if (err == ERR_MALFORMED)
		log_error("%s:%zu: an address and its name are wanted, such as 10.1.0.11 dc1", path,
		    line);
	else if (err == ERR_CAP)
		log_error("%s:%zu: more than %d names", path, line, (int)HOSTS_MOST);
	else
		log_error("%s: %s", path, err_text(err));
	return err == -ENOMEM ? EX_OSERR : EX_CONFIG;
}

int
settings_set_hosts(struct settings *s, const char *arg)
{
	size_t len, line;
	char *text = file_read(arg, &len);

	if (text == NULL)
		return EX_NOINPUT;
	hosts_free(&s->hosts);
	int err = hosts_read(&s->hosts, text, len, &line);
	free(text);
	return err == 0 ? 0 : hosts_refused(arg, line, err);
}
