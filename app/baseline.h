/* baseline.h - the verbs `baseline create`, `show`, `diff` and `accept`: what somebody declared right. */
#ifndef EPMWATCH_APP_BASELINE_H
#define EPMWATCH_APP_BASELINE_H

struct settings;

/** baseline_create(s): Accept all that is there now, in place of what was accepted. These all return an exit value. */
int baseline_create(struct settings *s);

/** baseline_show(s): List what is accepted. */
int baseline_show(struct settings *s);

/** baseline_diff(s): List what is there and not accepted, or accepted and not there; 1 if there is anything. */
int baseline_diff(struct settings *s);

/** baseline_accept(s): Accept one change or alert, and the endpoints that it is about. */
int baseline_accept(struct settings *s);

#endif
