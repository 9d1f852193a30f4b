/* progress.c - the only clock here is monotonic, and nothing but the bar depends on it. */
#include "app/progress.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	BAR = 20,
	LEFT_MOST = 999999
};

#define REDRAW_NS (NS_PER_S / 5)

static int64_t
monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

void
progress_init(struct progress *p, enum progress_mode mode, FILE *out)
{
	bool wanted = mode == PROGRESS_ALWAYS || (mode == PROGRESS_AUTO && isatty(fileno(out)));

	*p = (struct progress){.out = wanted ? out : NULL};
	if (wanted)
		p->started_ns = monotonic_ns();
}

/* 1234567890 -> `1.2 G`; the unit goes on from there. */
static char *
scaled(double n, char out[16])
{
	static const char *const unit[] = {"", "k", "M", "G", "T", "P", "E"};
	size_t i = 0;

	for (; n >= 1000 && i + 1 < sizeof(unit) / sizeof(unit[0]); i++)
		n /= 1000;
	snprintf(out, 16, i == 0 ? "%.0f %s" : "%.1f %s", n, unit[i]);
	return out;
}

static void
bar_draw(char bar[BAR + 1], double share)
{
	size_t full = (size_t)(share * BAR);

	memset(bar, '.', BAR);
	memset(bar, '#', full > BAR ? BAR : full);
	bar[BAR] = '\0';
}

char *
progress_format(
    char out[PROGRESS_LINE], uint64_t done, uint64_t total, uint64_t packets, int64_t elapsed_ns)
{
	double seconds = (double)elapsed_ns / 1e9,
	       share = total == 0 ? 0 : (double)done / (double)total;
	char bytes[16], rate[16], bar[BAR + 1];

	scaled((double)done, bytes);
	scaled(seconds > 0 ? (double)packets / seconds : 0, rate);
	if (total == 0 || done == 0) {
		snprintf(out, PROGRESS_LINE, "%sB, %spackets/s", bytes, rate);
		return out;
	}
	share = share > 1 ? 1 : share;
	double left = seconds / share - seconds;
	bar_draw(bar, share);
	snprintf(out, PROGRESS_LINE, "[%s] %3u %%, %sB, %spackets/s, %u s left", bar,
	    (unsigned)(share * 100) % 101, bytes, rate,
	    left > LEFT_MOST ? LEFT_MOST : (unsigned)left);
	return out;
}

void
progress_update(struct progress *p, uint64_t done, uint64_t total, uint64_t packets)
{
	char line[PROGRESS_LINE];

	if (p->out == NULL)
		return;
	int64_t now = monotonic_ns();
	/* What is read within a second needs no bar. */
	if (now - p->started_ns < NS_PER_S || now - p->shown_ns < REDRAW_NS)
		return;
	p->shown_ns = now;
	p->drawn = true;
	fprintf(
	    p->out, "\r\033[K%s", progress_format(line, done, total, packets, now - p->started_ns));
	fflush(p->out);
}

void
progress_clear(struct progress *p)
{
	if (p->out == NULL || !p->drawn)
		return;
	fputs("\r\033[K", p->out);
	fflush(p->out);
	p->drawn = false;
}
