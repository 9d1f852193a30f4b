/* walk.c - how a walk breaks off. */
#include "capture/walk.h"

#include <stdarg.h>
#include <stdio.h>

enum walk_end
walk_break(struct walk *walk, int err, const char *fmt, ...)
{
	va_list args;

	walk->err = err;
	va_start(args, fmt);
	vsnprintf(walk->words, sizeof(walk->words), fmt, args);
	va_end(args);
	return WALK_BROKEN;
}
