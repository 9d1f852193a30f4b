/* kernel_filter.h - the filter that the kernel runs for a socket: nothing, everything, or the user's filter
 * joined with prefilter.h's. For capture/ alone.
 *
 * A filter replaces another between two packets, so nothing is lost. While it does, both count against
 * net.core.optmem_max (20 KiB up to Linux 6.7). What does not fit is replaced by what passes more: all TCP,
 * and then all that the user wants. */
#ifndef EPMWATCH_CAPTURE_KERNEL_FILTER_H
#define EPMWATCH_CAPTURE_KERNEL_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_filter {
	int fd;                          /* of the socket; borrowed */
	uint32_t snaplen;                /* bytes to pass of a packet */
	struct sock_filter *user;        /* owned; NULL: all */
	size_t user_count;
	bool bare;                       /* there is room for the user's alone, and that is set */
};

/** kernel_filter_deinit(f): Free what it holds. The kernel goes on filtering. */
void kernel_filter_deinit(struct kernel_filter *f);

/** kernel_filter_reject_all(f) / kernel_filter_pass_wanted(f): Nothing passes, or everything that the user wants. ERR_CAP if the
 * user's program is too long, -errno. */
int kernel_filter_reject_all(const struct kernel_filter *f);
int kernel_filter_pass_wanted(struct kernel_filter *f);

/** kernel_filter_set_user(f, code, count): From the next kernel_filter_learn() or kernel_filter_pass_wanted() on, only what this
 * program accepts can pass. It is copied. -ENOMEM. */
int kernel_filter_set_user(struct kernel_filter *f, const struct sock_filter *code, size_t count);

/**
 * kernel_filter_learn(f, port, count):
 * Set the prefilter, with these ports learned. ERR_CAP if the user's program leaves no room for it, whatever
 * the ports are; -ENOMEM, -errno. On failure the kernel keeps the filter that it has.
 */
int kernel_filter_learn(struct kernel_filter *f, const uint16_t *port, size_t count);

#endif
