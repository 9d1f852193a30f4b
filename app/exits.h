/* exits.h - how the program ends: sysexits for what works; 0, 1 or 2 for what judges. */
#ifndef EPMWATCH_APP_EXITS_H
#define EPMWATCH_APP_EXITS_H

/* Of the verbs that judge: list, history, report. */
enum {
	EXITS_CLEAN = 0,
	EXITS_FOUND = 1, /* something at or above --fail-on */
	EXITS_ERROR = 2,
};

/** exits_of(err): The sysexits value for an enum err or a negative errno; 0 for 0. */
int exits_of(int err);

#endif
