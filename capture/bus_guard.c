/* bus_guard.c - a handler, and the ranges that it knows. */
#include "capture/bus_guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The handler reads these while anybody changes them, so each is atomic, and `from` is set last and
 * cleared first. */
struct range {
	atomic_bool taken;
	_Atomic(uintptr_t) from; /* 0: none */
	_Atomic(uintptr_t) to;   /* a multiple of the page size */
	_Atomic(uintptr_t) lost; /* the lowest page that is; `to` if none is */
	size_t len;
};

static struct range ranges[BUS_GUARDS];
static pthread_mutex_t installing = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction before; /* whose business all else is */
static _Atomic(uintptr_t) page_size;

static uintptr_t
page_of(uintptr_t address)
{
	return address & ~(atomic_load(&page_size) - 1);
}

static struct range *
find(uintptr_t address)
{
	for (size_t i = 0; i < BUS_GUARDS; i++) {
		uintptr_t from = atomic_load(&ranges[i].from);

		if (from != 0 && address >= from && address < atomic_load(&ranges[i].to))
			return &ranges[i];
	}
	return NULL;
}

/* The kernel changes a mapping in one step, but ThreadSanitizer takes mmap() for a write to every
 * byte; what it does not see it does not count. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNSEEN
#endif
#elif defined(__SANITIZE_THREAD__)
#define UNSEEN
#endif

/* mmap() is a plain system call and takes no lock of the library, so it may be called in a handler,
 * whatever POSIX lists. */
static bool
map_zeros(uintptr_t from, uintptr_t to)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

#ifdef UNSEEN
	return syscall(SYS_mmap, from, to - from, PROT_READ, flags, -1, 0) == (long)from;
#else
	return mmap((void *)from, to - from, PROT_READ, flags, -1, 0) != MAP_FAILED;
#endif
}

/* Zeros from the page of ${address} to the end of its range. */
static bool
replace(uintptr_t address)
{
	struct range *range = find(address);
	uintptr_t page = page_of(address), lost;

	if (range == NULL)
		return false;
	lost = atomic_load(&range->lost);
	while (page < lost && !atomic_compare_exchange_weak(&range->lost, &lost, page))
		;
	return map_zeros(page, atomic_load(&range->to));
}

/* A fault strikes again as soon as this returns; what somebody sent has to be sent again. */
static void
on_sigbus(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	if (info->si_code <= 0 || !replace((uintptr_t)info->si_addr)) {
		sigaction(number, &before, NULL);
		if (info->si_code <= 0)
			raise(number);
	}
	errno = saved;
}

/* Once, and again if somebody has set another handler since. */
static void
install(void)
{
	struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO}, now;

	pthread_mutex_lock(&installing);
	atomic_store(&page_size, (uintptr_t)sysconf(_SC_PAGESIZE));
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, NULL, &now);
	if ((now.sa_flags & SA_SIGINFO) == 0 || now.sa_sigaction != on_sigbus) {
		before = now;
		sigaction(SIGBUS, &action, NULL);
	}
	pthread_mutex_unlock(&installing);
}

int
bus_guard_add(const void *start, size_t len)
{
	uintptr_t last = (uintptr_t)start + len - 1;

	install();
	for (int i = 0; i < BUS_GUARDS; i++) {
		struct range *range = &ranges[i];
		uintptr_t to = page_of(last) + atomic_load(&page_size);

		if (atomic_exchange(&range->taken, true))
			continue;
		range->len = len;
		atomic_store(&range->to, to);
		atomic_store(&range->lost, to);
		atomic_store(&range->from, (uintptr_t)start);
		return i;
	}
	return -ENOMEM;
}

void
bus_guard_remove(int guard)
{
	if (guard < 0)
		return;
	atomic_store(&ranges[guard].from, 0);
	atomic_store(&ranges[guard].taken, false);
}

size_t
bus_guard_sound(int guard)
{
	const struct range *range = &ranges[guard];
	uintptr_t lost = atomic_load(&range->lost);

	return lost == atomic_load(&range->to) ? range->len : lost - atomic_load(&range->from);
}
