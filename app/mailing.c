/* mailing.c - the whole message is there before anybody is handed a byte of it: half a report would look like a good one. */
#include "app/mailing.h"

#include <errno.h>
#include <stdio.h>

#include "app/mail.h"
#include "app/output.h"
#include "app/sendmail.h"
#include "app/settings.h"
#include "base/err.h"
#include "base/log.h"
#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/model.h"

enum {
	PATIENCE_MS = 10 * 60 * 1000 /* one that talks to a slow relay by itself needs a while */
};

/* The plainest first, as readers that show several prefer the last (RFC 2046, 5.1.4). */
static const struct {
	const char *format, *type;
} parts[] = {
    {"text", "text/plain"},
    {"html", "text/html"},
};

static int
part_write(const struct report *r, const struct document_ops *ops, const char *type, FILE *out)
{
	FILE *part = mail_part_begin(out, type);

	if (part == NULL)
		return -ENOMEM;
	int err = document_write(ops, r, part, false);
	int ended = mail_part_end(part);
	return err != 0 ? err : ended;
}

static int
message_write(const struct settings *s, const struct report *r, FILE *out)
{
	char line[MAIL_SUBJECT];
	const struct mail m = {.from = s->from,
	    .to = s->mail,
	    .to_count = s->mails,
	    .prefix = s->subject_prefix,
	    .subject = report_headline(r, line, sizeof(line))};
	int err = 0;

	mail_begin(out, &m);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && err == 0; i++) {
		const struct document_ops *ops = formats_document(parts[i].format);

		if (ops != NULL)
			err = part_write(r, ops, parts[i].type, out);
	}
	mail_end(out);
	return err != 0 ? err : fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

static int
spool(const struct settings *s, const struct report *r, const struct output_spared *spared)
{
	struct output out;
	int err = output_replace(&out, s->output, spared);

	if (err != 0)
		return err;
	errno = 0;
	err = message_write(s, r, out.file);
	if (err != 0 && ferror(out.file))
		err = output_failed(&out);
	else if (err != 0)
		log_error("the message cannot be written: %s", err_text(err));
	int closed = output_close(&out, err == 0);
	return err != 0 ? err : closed;
}

static int
deliver(const struct settings *s, const struct report *r)
{
	FILE *message = tmpfile();

	if (message == NULL) {
		log_error("no room for the message: %s", err_text(-errno));
		return -EIO;
	}
	int err = message_write(s, r, message);
	if (err != 0)
		log_error("the message cannot be written: %s", err_text(err));
	else
		err = sendmail_run(s->sendmail, message, PATIENCE_MS);
	(void)fclose(message);
	return err;
}

int
mailing_send(const struct settings *s, const struct report *r, const struct output_spared *spared)
{
	if (!r->failed && !s->always)
		return 0;
	return s->output != NULL ? spool(s, r, spared) : deliver(s, r);
}
