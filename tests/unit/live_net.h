/* live_net.h - for tests: a network of this process alone, with interfaces that come in pairs, and
 * a sender. To be included after cmocka.h. */
#ifndef EPMWATCH_TESTS_LIVE_NET_H
#define EPMWATCH_TESTS_LIVE_NET_H

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Run a command; true if it succeeded. */
__attribute__((format(printf, 1, 2))) static inline bool
live_run(const char *fmt, ...)
{
	char command[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	return system(command) == 0; /* NOLINT: our own words */
}

static inline bool
live_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Leave for a network of our own; NULL, or why that cannot be. */
static inline const char *
live_enter(void)
{
	char map[64];
	unsigned uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWNET) != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
			return "no network namespace can be made here";
		snprintf(map, sizeof(map), "0 %u 1", uid);
		live_write("/proc/self/setgroups", "deny");
		live_write("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		live_write("/proc/self/gid_map", map);
	}
	if (!live_run("ip link set lo up 2>/dev/null"))
		return "there is no ip(8) here, or it may not change a namespace of ours";
	if (!live_run("ip link add probe0 type veth peer name probe1 2>/dev/null"))
		return "this kernel has no veth";
	return live_run("ip link del probe0") ? NULL : "interfaces cannot be removed";
}

/* Until there is a link, what is sent is lost in silence. */
static inline void
live_await_link(const char *interface)
{
	struct ifreq request = {.ifr_flags = 0};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &request), 0);
		if ((request.ifr_flags & IFF_RUNNING) != 0)
			break;
		usleep(5000);
	}
	assert_true((request.ifr_flags & IFF_RUNNING) != 0);
	close(fd);
}

/* Interfaces ${a} and ${b}: what is sent by one is received by the other, and nothing else. */
static inline void
live_pair(const char *a, const char *b)
{
	assert_true(live_run(
	    "ip link add %s type veth peer name %s && ip link set %s mtu 9000 addrgenmode none && "
	    "ip link set %s mtu 9000 addrgenmode none && ip link set %s up && ip link set %s up",
	    a, b, a, b, a, b));
	live_await_link(a);
	live_await_link(b);
}

static inline void
live_remove(const char *interface)
{
	assert_true(live_run("ip link del %s", interface));
}

/* A socket that sends frames out of ${interface}. */
static inline int
live_sender(const char *interface)
{
	struct sockaddr_ll address = {
	    .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && address.sll_ifindex > 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static inline void
live_send(int fd, const void *frame, size_t len)
{
	while (send(fd, frame, len, 0) != (ssize_t)len)
		assert_true(errno == ENOBUFS || errno == EAGAIN || errno == EINTR);
}

/* A point-to-point interface of raw IP, whose hardware type is ${arphrd}; what is written to the
 * file is received by it. -1 if there are none here. */
static inline int
live_tun(const char *name, unsigned long arphrd)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -1;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	assert_int_equal(ioctl(fd, TUNSETIFF, &request), 0);
	assert_int_equal(ioctl(fd, TUNSETLINK, arphrd), 0);
	assert_true(live_run("ip link set %s addrgenmode none && ip link set %s up", name, name));
	return fd;
}

#endif
