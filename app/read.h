/* read.h - the verb `read`: captures in, history and events out. */
#ifndef EPMWATCH_APP_READ_H
#define EPMWATCH_APP_READ_H

struct settings;

/** read_run(s): Do what ${s} asks; returns an exit value. */
int read_run(struct settings *s);

#endif
