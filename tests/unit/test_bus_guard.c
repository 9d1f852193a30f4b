/* test_bus_guard.c - mapped files that shrink: zeros where they were, and everything else as before. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "capture/bus_guard.h"

enum {
	PAGES = 5
};

static size_t page;

/* A file of PAGES pages of 'x', mapped; it has no name any more. */
static volatile uint8_t *
make_file(int *fd)
{
	char name[] = "/tmp/epmwatch-test-XXXXXX";
	char *content = malloc(PAGES * page);
	void *data;

	*fd = mkstemp(name);
	assert_true(*fd >= 0);
	assert_int_equal(unlink(name), 0);
	assert_non_null(content);
	memset(content, 'x', PAGES * page);
	assert_int_equal(write(*fd, content, PAGES * page), PAGES * page);
	free(content);
	data = mmap(NULL, PAGES * page, PROT_READ, MAP_PRIVATE, *fd, 0);
	assert_true(data != MAP_FAILED);
	return data;
}

static void
drop_file(volatile uint8_t *data, int fd)
{
	munmap((void *)(uintptr_t)data, PAGES * page);
	close(fd);
}

static int
find_page_size(void **state)
{
	(void)state;
	page = (size_t)sysconf(_SC_PAGESIZE);
	return 0;
}

static void
test_lost_pages_read_as_zeros_and_are_told(void **state)
{
	int fd, guard;
	volatile uint8_t *data = make_file(&fd);

	(void)state;
	guard = bus_guard_add((const void *)(uintptr_t)data, PAGES * page - 100);
	assert_true(guard >= 0);
	assert_int_equal(bus_guard_sound(guard), PAGES * page - 100);
	assert_int_equal(ftruncate(fd, (off_t)page + 10), 0);
	assert_int_equal(data[page + 9], 'x');
	assert_int_equal(bus_guard_sound(guard), PAGES * page - 100);
	errno = 0;
	assert_int_equal(data[4 * page + 5], 0);
	assert_int_equal(errno, 0);
	assert_int_equal(bus_guard_sound(guard), 4 * page);
	assert_int_equal(data[2 * page], 0);
	assert_int_equal(bus_guard_sound(guard), 2 * page);
	assert_int_equal(data[3 * page], 0);
	assert_int_equal(bus_guard_sound(guard), 2 * page);
	assert_int_equal(data[0], 'x');
	bus_guard_remove(guard);
	drop_file(data, fd);
}

static void
test_ranges_do_not_know_of_each_other(void **state)
{
	int fd[2], guard[2];
	volatile uint8_t *data[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		data[i] = make_file(&fd[i]);
		guard[i] = bus_guard_add((const void *)(uintptr_t)data[i], PAGES * page);
	}
	assert_int_equal(ftruncate(fd[1], 0), 0);
	assert_int_equal(data[1][3 * page], 0);
	assert_int_equal(bus_guard_sound(guard[0]), PAGES * page);
	assert_int_equal(bus_guard_sound(guard[1]), 3 * page);
	bus_guard_remove(guard[1]);
	drop_file(data[1], fd[1]);
	data[1] = make_file(&fd[1]);
	guard[1] = bus_guard_add((const void *)(uintptr_t)data[1], PAGES * page);
	assert_int_equal(bus_guard_sound(guard[1]), PAGES * page);
	for (int i = 0; i < 2; i++) {
		bus_guard_remove(guard[i]);
		drop_file(data[i], fd[i]);
	}
}

static void
test_there_is_a_bound(void **state)
{
	static const char somewhere;
	int guard[BUS_GUARDS];

	(void)state;
	for (int i = 0; i < BUS_GUARDS; i++)
		assert_true((guard[i] = bus_guard_add(&somewhere, 1)) >= 0);
	assert_int_equal(bus_guard_add(&somewhere, 1), -ENOMEM);
	bus_guard_remove(guard[17]);
	assert_int_equal(bus_guard_add(&somewhere, 1), guard[17]);
	for (int i = 0; i < BUS_GUARDS; i++)
		bus_guard_remove(guard[i]);
	bus_guard_remove(-1);
}

static void
on_signal(int number)
{
	(void)number;
	_exit(42);
}

/* What becomes of a process in which ${how} happens, as wait() has it. */
static int
fate_of(void (*how)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		how();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
touch_unguarded(void)
{
	int fd, guard;
	volatile uint8_t *data = make_file(&fd);

	guard = bus_guard_add((const void *)(uintptr_t)data, PAGES * page);
	bus_guard_remove(guard);
	if (ftruncate(fd, 0) != 0)
		_exit(1);
	_exit(data[page] == 0 ? 0 : 1);
}

static void
be_sent_one(void)
{
	bus_guard_remove(bus_guard_add(&page, 1));
	kill(getpid(), SIGBUS);
}

/* cmocka has handlers of its own. */
static void
have_no_handler_and_touch(void)
{
	signal(SIGBUS, SIG_DFL);
	touch_unguarded();
}

static void
have_no_handler_and_be_sent_one(void)
{
	signal(SIGBUS, SIG_DFL);
	be_sent_one();
}

static bool
has_died(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
}

static void
test_any_other_fault_has_its_effect(void **state)
{
	(void)state;
	assert_true(has_died(fate_of(have_no_handler_and_touch)));
	assert_true(has_died(fate_of(have_no_handler_and_be_sent_one)));
}

static void
have_a_handler_and_touch(void)
{
	signal(SIGBUS, on_signal);
	touch_unguarded();
}

static void
have_a_handler_and_be_sent_one(void)
{
	signal(SIGBUS, on_signal);
	be_sent_one();
}

static void
test_a_handler_that_was_there_before_gets_what_is_not_ours(void **state)
{
	int status = fate_of(have_a_handler_and_touch);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
	status = fate_of(have_a_handler_and_be_sent_one);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_handler_that_was_there_before_gets_what_is_not_ours),
	    cmocka_unit_test(test_any_other_fault_has_its_effect),
	    cmocka_unit_test(test_lost_pages_read_as_zeros_and_are_told),
	    cmocka_unit_test(test_ranges_do_not_know_of_each_other),
	    cmocka_unit_test(test_there_is_a_bound),
	};

	return cmocka_run_group_tests(tests, find_page_size, NULL);
}
