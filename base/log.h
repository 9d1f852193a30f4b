/* log.h - messages for the operator: standard error by default, another sink on request. Never data, never per packet. */
#ifndef EPMWATCH_BASE_LOG_H
#define EPMWATCH_BASE_LOG_H

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG,
};

typedef void log_sink(void *ctx, enum log_level level, const char *line);

/** log_set_sink(sink, ctx): Send lines to ${sink} from now on; NULL restores standard error. */
void log_set_sink(log_sink *sink, void *ctx);

/** log_set_level(level): Drop lines above ${level}. The default is LOG_INFO. */
void log_set_level(enum log_level level);

/** log_set_place(place): Lines begin with ${place} and a colon, until NULL is set: where it stands what others complain about. Borrowed. */
void log_set_place(const char *place);

/** log_error(fmt, ...) and its kin: One line, without a newline, at most 1023 bytes; control characters are made visible. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
