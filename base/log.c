/* log.c - messages to standard error or to a sink. The sink and the level are set before threads
 * start. */
#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	LINE = 1024
}; /* with the NUL */

static log_sink *current_sink;
static void *current_ctx;
static enum log_level current_level = LOG_INFO;
static const char *current_place;

void
log_set_sink(log_sink *sink, void *ctx)
{
	current_sink = sink;
	current_ctx = ctx;
}

void
log_set_level(enum log_level level)
{
	current_level = level;
}

void
log_set_place(const char *place)
{
	current_place = place;
}

/* A line that was cut inside a character would not be UTF-8 any more, and be read as Latin-1 as a
 * whole. */
static void
cut_at_character(char raw[LINE])
{
	size_t n = LINE - 1;

	while (n > LINE - 4 && ((unsigned char)raw[n - 1] & 0xc0) == 0x80)
		n--;
	if (((unsigned char)raw[n - 1] & 0xc0) == 0xc0)
		n--;
	raw[n] = '\0';
}

/* Names that come from captures get into messages: nothing in a line may move the cursor of a
 * terminal. */
__attribute__((format(printf, 2, 0))) static void
emit(enum log_level level, const char *fmt, va_list args)
{
	char raw[LINE], line[LINE];
	size_t at = 0;
	int n;

	if (level > current_level)
		return;
	/* A place is shorter than a line. */
	if (current_place != NULL)
		at = (size_t)snprintf(raw, sizeof(raw) / 2, "%s: ", current_place);
	at = at < sizeof(raw) / 2 ? at : sizeof(raw) / 2 - 1;
	n = vsnprintf(raw + at, sizeof(raw) - at, fmt, args);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(raw) - at)
		cut_at_character(raw);
	text_clean((const uint8_t *)raw, strlen(raw), line, sizeof(line));
	if (current_sink != NULL)
		current_sink(current_ctx, level, line);
	else
		fprintf(stderr, "epmwatch: %s\n", line);
}

void
log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_ERROR, fmt, args);
	va_end(args);
}

void
log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_WARN, fmt, args);
	va_end(args);
}

void
log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_INFO, fmt, args);
	va_end(args);
}

void
log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_DEBUG, fmt, args);
	va_end(args);
}
