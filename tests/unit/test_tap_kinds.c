/* test_tap_kinds.c - live interfaces that are no Ethernet card. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/unit/live_net.h"
#include "tests/unit/tap_rig.h"

/* Other kinds of interface */

LIVE_TEST(test_loopback_is_read)
{
	static const char *const lo[] = {"lo"};
	struct tap_options options = rig_options(lo, 1);
	int fd = live_sender("lo");
	struct batch *batch;
	struct wire w;

	options.prefilter = true;
	rig_open(&options);
	rig_segment(&w, 135, RIG_HIGH, 5, 60);
	live_send(fd, w.data, w.len);
	assert_int_equal(tap_next(rig.tap, 2000, &batch), 1);
	assert_int_equal(batch->count, 1);
	assert_int_equal(batch->packet[0].link, LINK_ETHERNET);
	assert_memory_equal(batch->packet[0].data, w.data, w.len);
	close(fd);
}

LIVE_TEST(test_all_interfaces_at_once_are_read_cooked)
{
	static const char *const any[] = {"any"};
	struct tap_options options = rig_options(any, 1);
	struct batch *batch;
	struct wire w;

	/* The prefilter is for Ethernet, and left out. */
	for (int filtered = 0; filtered < 2; filtered++) {
		options.prefilter = true;
		options.filter = filtered ? "inbound and tcp port 50001" : NULL;
		rig_open(&options);
		rig_segment(&w, RIG_HIGH, RIG_HIGHER + 1, 4, 60);
		if (filtered)
			live_send(rig.sender, w.data, w.len);
		rig_segment(&w, RIG_HIGH, RIG_HIGHER, 5, 60);
		live_send(rig.sender, w.data, w.len);
		assert_int_equal(tap_next(rig.tap, 2000, &batch), 1);
		/* By a0, and by b0. */
		assert_int_equal(batch->count, filtered ? 1 : 2);
		for (size_t i = 0; i < batch->count; i++) {
			assert_int_equal(batch->packet[i].link, LINK_SLL);
			assert_int_equal(batch->packet[i].caplen, w.len - 14 + 16);
			assert_memory_equal(batch->packet[i].data + 14, w.data + 12, w.len - 12);
		}
		tap_close(&rig.tap);
	}
}

LIVE_TEST(test_an_interface_without_link_headers_is_read)
{
	static const char *const tun[] = {"tun9"};
	struct tap_options options = rig_options(tun, 1);
	int fd = live_tun("tun9", ARPHRD_NONE);
	struct batch *batch;
	struct wire w;

	if (fd < 0)
		skip();
	options.prefilter = true;
	rig_open(&options);
	rig_segment(&w, RIG_HIGH, RIG_HIGHER, 5, 60);
	assert_int_equal(write(fd, w.data + 14, w.len - 14), w.len - 14);
	assert_int_equal(tap_next(rig.tap, 2000, &batch), 1);
	assert_int_equal(batch->packet[0].link, LINK_RAW);
	assert_int_equal(batch->packet[0].caplen, w.len - 14);
	assert_memory_equal(batch->packet[0].data, w.data + 14, w.len - 14);
	assert_int_equal(tap_learn(rig.tap, (const uint16_t[]){1}, 1), 0);
	tap_close(&rig.tap);
	close(fd);
}

LIVE_TEST(test_interfaces_of_other_kinds_are_refused)
{
	static const char *const odd[] = {"odd9"};
	struct tap_options options = rig_options(odd, 1);
	int fd = live_tun("odd9", ARPHRD_IEEE80211);

	if (fd < 0)
		skip();
	rig_expect_refused(&options, ERR_LINKTYPE, "odd9: ");
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_PAIR(test_loopback_is_read),
	    WITH_PAIR(test_all_interfaces_at_once_are_read_cooked),
	    WITH_PAIR(test_an_interface_without_link_headers_is_read),
	    WITH_PAIR(test_interfaces_of_other_kinds_are_refused),
	};

	rig_enter();
	return cmocka_run_group_tests_name("tap_kinds", tests, NULL, NULL);
}
