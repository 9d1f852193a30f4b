/* mail_code.h - the encodings of a message: quoted-printable (RFC 2045, 6.7) and encoded words (RFC 2047). */
#ifndef EPMWATCH_APP_MAIL_CODE_H
#define EPMWATCH_APP_MAIL_CODE_H

#include <stdio.h>

enum {
	MAIL_CODE_LINE = 76, /* octets of an encoded line at most */
};

/**
 * mail_code_quoted(out):
 * A file that encodes what is written to it, and writes that to ${out}; ${out} stays open when it is closed. NULL where there is no
 * memory. Lines that begin with `.` or `F` are encoded there, too: on their way some programs take `.` alone for the end of the
 * message, and `From ` for the beginning of another.
 */
FILE *mail_code_quoted(FILE *out);

/** mail_code_header(out, name, text): A header, folded where it is long. ${text} is cleaned UTF-8; what is not ASCII, or could be taken
 * for an encoded word, is encoded. */
void mail_code_header(FILE *out, const char *name, const char *text);

#endif
