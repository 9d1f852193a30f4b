/* The pulse: an interface that receives packets beats, one that does not, or is not there, does not. */
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/pulse.h"

#define COUNTER "/sys/class/net/lo/statistics/rx_packets"

static uint64_t
counted(void)
{
	FILE *f = fopen(COUNTER, "r");
	unsigned long long n = 0;

	if (f == NULL)
		skip();
	assert_int_equal(fscanf(f, "%llu", &n), 1);
	fclose(f);
	return n;
}

/* A datagram to a port where nobody listens. False where the loopback interface that is counted takes none. */
static bool
send_one(void)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	uint64_t before = counted();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t sent = fd < 0 ? -1 : sendto(fd, "", 1, 0, (struct sockaddr *)&to, sizeof(to));

	if (fd >= 0)
		close(fd);
	for (int i = 0; sent == 1 && i < 200; i++) {
		if (counted() != before)
			return true;
		usleep(10000);
	}
	return false;
}

static int
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
a_packet_is_a_beat_and_silence_is_none(void **state)
{
	const char *const device[] = {"lo"};
	struct pulse p;

	(void)state;
	pulse_open(&p, device, 1);
	if (!send_one()) {
		pulse_close(&p);
		skip();
	}
	assert_true(pulse_beats(&p));
	/* others may talk over it meanwhile: looked at between two equal counts */
	for (int i = 0;; i++) {
		uint64_t before = counted();
		bool first = pulse_beats(&p), second = pulse_beats(&p);

		(void)first;
		if (counted() == before) {
			assert_false(second);
			break;
		}
		assert_in_range(i, 0, 1000);
	}
	pulse_close(&p);
}

static void
what_came_before_it_was_opened_is_none(void **state)
{
	const char *const device[] = {"lo"};
	struct pulse p;
	uint64_t before;
	bool beats;

	(void)state;
	do {
		before = counted();
		pulse_open(&p, device, 1);
		beats = pulse_beats(&p);
		pulse_close(&p);
	} while (counted() != before);
	assert_false(beats);
}

static void
one_that_is_not_there_is_passed_over(void **state)
{
	const char *const device[] = {"no such interface", "lo", "nor/this"};
	struct pulse p;

	(void)state;
	pulse_open(&p, device, 1);
	assert_false(pulse_beats(&p));
	assert_int_equal(p.fd[0], -1);
	pulse_close(&p);
	pulse_open(&p, device, 3);
	if (!send_one()) {
		pulse_close(&p);
		skip();
	}
	assert_true(pulse_beats(&p));
	pulse_close(&p);
}

static void
there_are_only_so_many_and_all_are_closed(void **state)
{
	const char *device[PULSE_DEVICES + 4];
	struct pulse p;
	int before, other;

	(void)state;
	(void)counted();
	before = open_files();
	for (size_t i = 0; i < PULSE_DEVICES + 4; i++)
		device[i] = "lo";
	pulse_open(&p, device, PULSE_DEVICES + 4);
	assert_int_equal(p.count, PULSE_DEVICES);
	assert_int_equal(open_files(), before + PULSE_DEVICES);
	pulse_close(&p);
	assert_int_equal(open_files(), before);
	/* what has their numbers now is somebody else's */
	other = dup(STDERR_FILENO);
	pulse_close(&p);
	assert_int_equal(close(other), 0);
	p = (struct pulse){0};
	pulse_close(&p);
	assert_int_equal(open_files(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_packet_is_a_beat_and_silence_is_none),
	    cmocka_unit_test(what_came_before_it_was_opened_is_none),
	    cmocka_unit_test(one_that_is_not_there_is_passed_over),
	    cmocka_unit_test(there_are_only_so_many_and_all_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
