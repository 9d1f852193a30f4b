/* mailing.h - a report as a mail: its verdict line is the subject, and it comes as text and, for those who can show it, as HTML. */
#ifndef EPMWATCH_APP_MAILING_H
#define EPMWATCH_APP_MAILING_H

struct output_spared;
struct report;
struct settings;

/** mailing_send(s, r, spared): Send it to whom ${s} names, or write the message to the file that ${s} names, so that somebody else
 * sends it. Where nothing at or above --fail-on was found, nothing is done, unless ${s} says always. An error after a message. */
int mailing_send(
    const struct settings *s, const struct report *r, const struct output_spared *spared);

#endif
