/* clock.c - packet time to and from text. */
#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"

/* Split into whole seconds, rounded down, and the nanoseconds above them. */
static int64_t
split(int64_t ts_ns, int64_t *ns)
{
	int64_t s = ts_ns / NS_PER_S;

	*ns = ts_ns % NS_PER_S;
	if (*ns < 0) {
		*ns += NS_PER_S;
		s--;
	}
	return s;
}

/* An int64 of nanoseconds spans the years 1677 to 2262, so that gmtime_r() cannot fail and four
 * digits do. */
static struct tm
civil(int64_t seconds)
{
	struct tm tm = {0};
	time_t t = (time_t)seconds;

	gmtime_r(&t, &tm);
	return tm;
}

/* The calendar from days since 1970, by Howard Hinnant's civil_from_days: years begin in March, so that a leap day is
 * the last of its year, and 400 years are an era of 146,097 days. By hand, since each event has a time, and the
 * library takes ten times as long. */
static void
calendar(int64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	uint64_t since =
	    (uint64_t)(days + 719468); /* 1 March of year 0; nothing here is before 1677 */
	uint64_t era = since / 146097;
	unsigned of_era = (unsigned)(since % 146097);
	unsigned years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * years + years / 4 - years / 100);
	unsigned march = (5 * of_year + 2) / 153;

	*day = of_year - (153 * march + 2) / 5 + 1;
	*month = march < 10 ? march + 3 : march - 9;
	*year = (unsigned)era * 400 + years + (*month <= 2);
}

/* ${n} with ${digits} digits, and what follows it. */
static char *
put_number(char *p, unsigned n, int digits, char follows)
{
	for (int i = digits; i-- > 0; n /= 10)
		p[i] = (char)('0' + n % 10);
	p[digits] = follows;
	return p + digits + 1;
}

char *
clock_format(int64_t ts_ns, char out[CLOCK_TEXT])
{
	int64_t ns, seconds = split(ts_ns, &ns), of_day = seconds % 86400;
	unsigned year, month, day;
	char *p = out;

	if (of_day < 0)
		of_day += 86400;
	calendar((seconds - of_day) / 86400, &year, &month, &day);
	p = put_number(p, year, 4, '-');
	p = put_number(p, month, 2, '-');
	p = put_number(p, day, 2, 'T');
	p = put_number(p, (unsigned)of_day / 3600, 2, ':');
	p = put_number(p, (unsigned)of_day / 60 % 60, 2, ':');
	p = put_number(p, (unsigned)of_day % 60, 2, '.');
	p = put_number(p, (unsigned)(ns / 1000), 6, 'Z');
	*p = '\0';
	return out;
}

/* By twos, which do not wait for each other. */
void
clock_put_microseconds(char *p, unsigned us)
{
	const unsigned two[] = {us / 10000, us / 100 % 100, us % 100};

	for (size_t i = 0; i < 3; i++) {
		p[2 * i] = (char)('0' + two[i] / 10);
		p[2 * i + 1] = (char)('0' + two[i] % 10);
	}
}

char *
clock_format_short(int64_t ts_ns, char out[CLOCK_TEXT])
{
	int64_t ns;
	struct tm tm = civil(split(ts_ns, &ns));

	if (strftime(out, CLOCK_TEXT, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		out[0] = '\0';
	return out;
}

/* Read exactly ${digits} digits at *${p} and pass over them; -1, and *${p} stays, if they are not
 * there. */
static int
take_number(const char **p, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		char c = (*p)[i];

		if (c < '0' || c > '9')
			return -1;
		value = value * 10 + (c - '0');
	}
	*p += digits;
	return value;
}

static bool
take_char(const char **p, const char *set)
{
	if (**p == '\0' || strchr(set, **p) == NULL)
		return false;
	(*p)++;
	return true;
}

/* YYYY-MM-DD; the month and the day are tested by date_seconds(), which knows the lengths of
 * months. */
static bool
take_date(const char **p, struct tm *tm)
{
	int year = take_number(p, 4), month, day;

	if (year < 0 || !take_char(p, "-") || (month = take_number(p, 2)) < 0 ||
	    !take_char(p, "-") || (day = take_number(p, 2)) < 0)
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

/* HH:MM:SS; RFC 3339 lets a leap second be 60, which is the first of the next minute here. */
static bool
take_time(const char **p, struct tm *tm)
{
	tm->tm_hour = take_number(p, 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 23 || !take_char(p, ":"))
		return false;
	tm->tm_min = take_number(p, 2);
	if (tm->tm_min < 0 || tm->tm_min > 59 || !take_char(p, ":"))
		return false;
	tm->tm_sec = take_number(p, 2);
	return tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

/* `.` and digits, if there are any; what is finer than a nanosecond is cut off. */
static bool
take_fraction(const char **p, int64_t *ns)
{
	int64_t unit = NS_PER_S / 10;

	*ns = 0;
	if (!take_char(p, "."))
		return true;
	if (**p < '0' || **p > '9')
		return false;
	for (; **p >= '0' && **p <= '9'; (*p)++) {
		*ns += (**p - '0') * unit;
		unit /= 10;
	}
	return true;
}

/* `Z`, or hours and minutes east of UTC, in seconds. */
static bool
take_zone(const char **p, int *east_s)
{
	int sign = **p == '-' ? -1 : 1, hours, minutes;

	*east_s = 0;
	if (take_char(p, "Zz"))
		return true;
	if (!take_char(p, "+-") || (hours = take_number(p, 2)) < 0 || hours > 23 ||
	    !take_char(p, ":") || (minutes = take_number(p, 2)) < 0 || minutes > 59)
		return false;
	*east_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* Seconds of a date that the calendar has; timegm() moves 30 February into March, and so gives it
 * away. */
static bool
date_seconds(const struct tm *tm, int64_t *out)
{
	struct tm date = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday};
	time_t t = timegm(&date);

	*out = (int64_t)t;
	return date.tm_year == tm->tm_year && date.tm_mon == tm->tm_mon &&
	       date.tm_mday == tm->tm_mday;
}

static int
parse_absolute(const char *p, int64_t *out)
{
	struct tm tm = {0};
	int64_t seconds, ns = 0, total;
	int east_s = 0;

	if (!take_date(&p, &tm) || !date_seconds(&tm, &seconds))
		return ERR_MALFORMED;
	if (take_char(&p, "Tt ") &&
	    !(take_time(&p, &tm) && take_fraction(&p, &ns) && take_zone(&p, &east_s)))
		return ERR_MALFORMED;
	if (*p != '\0')
		return ERR_MALFORMED;
	seconds += tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec - east_s;
	/* The lowest int64 is no whole second: a negative one is approached from the second above.
	 */
	if (seconds < 0 && ns > 0) {
		seconds++;
		ns -= NS_PER_S;
	}
	if (__builtin_mul_overflow(seconds, NS_PER_S, &total) ||
	    __builtin_add_overflow(total, ns, &total))
		total = seconds < 0 ? INT64_MIN : INT64_MAX;
	*out = total;
	return ERR_OK;
}

static int64_t
unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 7 * 86400;
	default:
		return 0;
	}
}

/* Digits and one unit, back from ${now_ns}. */
static int
parse_span(const char *p, int64_t now_ns, int64_t *out)
{
	int64_t value = 0, unit;
	bool fits = true;

	if (*p < '0' || *p > '9')
		return ERR_MALFORMED;
	for (; *p >= '0' && *p <= '9'; p++)
		fits = fits && !__builtin_mul_overflow(value, 10, &value) &&
		       !__builtin_add_overflow(value, *p - '0', &value);
	unit = unit_seconds(*p);
	if (unit == 0 || p[1] != '\0')
		return ERR_MALFORMED;
	fits = fits && !__builtin_mul_overflow(value, unit * NS_PER_S, &value) &&
	       !__builtin_sub_overflow(now_ns, value, &value);
	*out = fits ? value : INT64_MIN;
	return ERR_OK;
}

int
clock_parse(const char *text, int64_t now_ns, int64_t *out)
{
	if (parse_absolute(text, out) == ERR_OK)
		return ERR_OK;
	return parse_span(text, now_ns, out);
}

int64_t
clock_now(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return 0;
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}
