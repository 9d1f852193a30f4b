/* mail.h - a message of several forms of one text (RFC 5322, RFC 2046 multipart/alternative), as sendmail takes it on standard input.
 *
 * It has no Date and no Message-ID. Whoever sends it adds both, and knows better: a message may lie in a spool folder, and what it
 * tells of may be long ago; so the same report is the same octets. Whatever is handed over becomes no header and no boundary: texts
 * of headers are cleaned and encoded (RFC 2047), addresses are those that mail_is_address() lets pass, and bodies are encoded as
 * quoted-printable, in which the boundary's `=_` cannot occur. No line is longer than 78 octets but one that holds a long address.
 * Lines end as the system's do, in LF alone. */
#ifndef EPMWATCH_APP_MAIL_H
#define EPMWATCH_APP_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
	MAIL_ADDRESS = 254, /* octets of an address at most (RFC 5321) */
	MAIL_SUBJECT = 640, /* of a subject, before it is encoded */
};

struct mail {
	const char *from; /* NULL: sendmail says who */
	const char *const *to;
	size_t to_count;              /* at least 1 */
	const char *prefix, *subject; /* a blank stands between; prefix NULL: none */
};

/** mail_is_address(text): A plain address, `user@host` or `user`: printable ASCII without blanks and without what separates or quotes
 * in a header; it begins with no dash, which would make an option of it. */
bool mail_is_address(const char *text);

/** mail_begin(out, m) / mail_end(out): The headers, and what comes behind the last part. Errors show on ${out}. */
void mail_begin(FILE *out, const struct mail *m);
void mail_end(FILE *out);

/** mail_part_begin(out, type) / mail_part_end(part): One form, the plainest first: what is written to the file that is returned goes
 * encoded to ${out}. ${type}: `text/plain`. NULL, errno set: -ENOMEM. mail_part_end() closes it: 0, or -EIO where it could not be
 * written. */
FILE *mail_part_begin(FILE *out, const char *type);
int mail_part_end(FILE *part);

#endif
