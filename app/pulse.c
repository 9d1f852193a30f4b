/* pulse.c - rx_packets of /sys/class/net. */
#include "app/pulse.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	PATH_ROOM = 128,
	NUMBER_ROOM = 32,
};

/* What is read of one counter; 0 where it cannot be. */
static uint64_t
read_counter(int fd)
{
	char text[NUMBER_ROOM];
	ssize_t n = fd >= 0 ? pread(fd, text, sizeof(text) - 1, 0) : 0;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoull(text, NULL, 10);
}

static uint64_t
sum(const struct pulse *p)
{
	uint64_t packets = 0;

	for (size_t i = 0; i < p->count; i++)
		packets += read_counter(p->fd[i]);
	return packets;
}

void
pulse_open(struct pulse *p, const char *const *device, size_t count)
{
	char path[PATH_ROOM];

	p->count = count < PULSE_DEVICES ? count : PULSE_DEVICES;
	for (size_t i = 0; i < p->count; i++) {
		snprintf(
		    path, sizeof(path), "/sys/class/net/%.64s/statistics/rx_packets", device[i]);
		p->fd[i] = open(path, O_RDONLY | O_CLOEXEC);
	}
	p->packets = sum(p);
}

void
pulse_close(struct pulse *p)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->fd[i] >= 0)
			close(p->fd[i]);
	}
	p->count = 0;
}

/* A counter that begins anew when its interface comes back counts as well. */
bool
pulse_beats(struct pulse *p)
{
	uint64_t before = p->packets;

	p->packets = sum(p);
	return p->packets != before;
}
