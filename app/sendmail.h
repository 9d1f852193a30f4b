/* sendmail.h - hand a message to the system's mailer, `sendmail -oi -t`, which every mailer provides. No shell is between. */
#ifndef EPMWATCH_APP_SENDMAIL_H
#define EPMWATCH_APP_SENDMAIL_H

#include <stdint.h>
#include <stdio.h>

/**
 * sendmail_run(program, message, patience_ms):
 * Send what is in the file ${message}, from its beginning. ${program} NULL: `sendmail`, as PATH has it, else /usr/sbin or /usr/lib; a
 * name without a slash is looked for likewise. Waits until it ended; one that takes longer than ${patience_ms} is ended. -ENOENT,
 * -EACCES where there is none; -EIO where it did not take the message, failed, or took too long; each after a message.
 */
int sendmail_run(const char *program, FILE *message, int64_t patience_ms);

#endif
