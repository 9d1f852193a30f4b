/* test_ng.c - pcapng as libpcap does not read it: interfaces of several links, sections in both byte
 * orders, times finer than any clock. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "capture/block_file.h"
#include "capture/ng_interfaces.h"
#include "tests/unit/pcap_writer.h"
#include "tests/unit/readings.h"
#include "tests/unit/temp_dir.h"

static const struct block_file_tuning tiny = {64, 65536};
static const struct source_reader by_blocks = {&block_file_ops, &tiny};

static struct temp_dir temp;
static int warnings;

static void
count_warnings(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	assert_int_equal(level, LOG_WARN);
	assert_non_null(strstr(line, "packets of link type 127 are not read"));
	warnings++;
}

static int
make_temp(void **state)
{
	(void)state;
	log_set_sink(count_warnings, NULL);
	return temp_dir_make(&temp);
}

static int
remove_temp(void **state)
{
	(void)state;
	temp_dir_remove(&temp);
	log_set_sink(NULL, NULL);
	return 0;
}

static const char *
save(const struct pcap_writer *w)
{
	const char *path = temp_dir_file(&temp, "capture");

	assert_int_equal(pw_save(w, path, w->len), 0);
	return path;
}

/* Read it with one thread and with four, which have to agree. */
static void
take(struct reading *r, const struct pcap_writer *w, const char *filter)
{
	struct source_options options = {.filter = filter, .threads = 4};
	const char *path = save(w), *difference;
	struct reading several;

	reading_take(&several, &by_blocks, path, &options);
	options.threads = 1;
	reading_take(r, &by_blocks, path, &options);
	difference = reading_detail(r, &several);
	reading_free(&several);
	if (difference != NULL)
		fail_msg("with four threads: %s", difference);
}

static void
test_interfaces_of_several_links_are_told_apart(void **state)
{
	static const struct {
		uint16_t number;
		enum link link;
	} links[] = {{276, LINK_SLL2}, {1, LINK_ETHERNET}, {101, LINK_RAW}, {0, LINK_NULL},
	    {113, LINK_SLL}, {108, LINK_LOOP}, {228, LINK_RAW}};
	enum {
		LINKS = sizeof(links) / sizeof(links[0])
	};
	struct pcap_writer w;
	struct reading r;

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	for (size_t i = 0; i < LINKS; i++)
		pw_interface_with(&w, links[i].number, (uint32_t)(40 + i), 6, 0);
	for (uint32_t i = 0; i < 700; i++)
		pw_packet(&w, i % LINKS, i, "abcdef", 6, 60 + i);
	take(&r, &w, NULL);
	assert_int_equal(r.opened, ERR_OK);
	assert_int_equal(r.result, 0);
	assert_int_equal(r.count, 700);
	assert_int_equal(r.end.link, LINK_SLL2);
	for (size_t i = 0; i < r.count; i++) {
		assert_int_equal(r.packet[i].link, links[i % LINKS].link);
		assert_int_equal(r.packet[i].frame, i + 1);
		assert_int_equal(r.packet[i].wirelen, 60 + i);
	}
	reading_free(&r);
	pw_free(&w);
}

/* Each section has its own order, and its own interfaces from number 0. */
static void
test_sections_in_both_orders_follow_each_other(void **state)
{
	struct pcap_writer w;
	struct reading r;

	(void)state;
	pw_init(&w, true);
	for (uint32_t section = 0; section < 60; section++) {
		w.big_endian = section % 3 != 1;
		pw_section(&w);
		pw_interface_with(&w, section % 2 == 0 ? 1 : 101, 100, section % 2 == 0 ? 9 : 6, 0);
		if (section % 4 == 0)
			pw_interface_with(&w, 113, 1000, 0, 0);
		for (uint32_t i = 0; i < 10; i++)
			pw_packet(&w, section % 4 == 0 ? i % 2 : 0, 5, "abcdef", 6, section);
	}
	take(&r, &w, NULL);
	assert_int_equal(r.result, 0);
	assert_int_equal(r.count, 600);
	for (size_t i = 0; i < r.count; i++) {
		size_t section = i / 10;
		bool second = section % 4 == 0 && i % 2 == 1;

		assert_int_equal(r.packet[i].link, second             ? LINK_SLL
						   : section % 2 == 0 ? LINK_ETHERNET
								      : LINK_RAW);
		assert_int_equal(r.packet[i].ts_ns, second             ? 5 * NS_PER_S
						    : section % 2 == 0 ? 5
								       : 5000);
		assert_int_equal(r.packet[i].wirelen, section);
		assert_int_equal(r.packet[i].frame, i + 1);
	}
	reading_free(&r);
	pw_free(&w);
}

static void
test_a_packet_of_a_section_without_its_interface_is_damage(void **state)
{
	struct pcap_writer w;
	struct reading r;

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 1, 6);
	pw_packet(&w, 0, 1, "abcdef", 6, 6);
	w.big_endian = true;
	pw_section(&w);
	pw_packet(&w, 0, 1, "abcdef", 6, 6);
	take(&r, &w, NULL);
	assert_int_equal(r.result, ERR_DAMAGED);
	assert_int_equal(r.count, 1);
	assert_non_null(
	    strstr(r.problem, "damaged at byte 128: a packet arrived on interface 0, but "
			      "there's no Interface Description Block for that interface"));
	assert_int_equal(r.end.damaged_at, 128);
	reading_free(&r);
	pw_free(&w);
}

/* What is not read counts as a frame, and is handed to nobody; one line says so. */
static void
test_packets_of_a_link_that_is_not_read_are_counted(void **state)
{
	struct pcap_writer w;
	struct reading r;

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 127, 6);
	pw_interface(&w, 1, 6);
	for (uint32_t i = 0; i < 1000; i++)
		pw_packet(&w, i % 5 == 1 ? 1 : 0, i, "abcdef", 6, 6);
	warnings = 0;
	take(&r, &w, NULL);
	assert_int_equal(warnings, 2); /* it was read twice */
	assert_int_equal(r.count, 200);
	for (size_t i = 0; i < r.count; i++) {
		assert_int_equal(r.packet[i].frame, 5 * i + 2);
		assert_int_equal(r.packet[i].link, LINK_ETHERNET);
	}
	assert_int_equal(r.end.frames, 1000);
	assert_int_equal(r.end.link, LINK_ETHERNET);
	reading_free(&r);
	take(&r, &w, "less 10");
	assert_int_equal(r.count, 200);
	reading_free(&r);
	pw_free(&w);
}

static void
test_a_file_of_links_that_are_not_read_is_left_to_libpcap(void **state)
{
	struct source *s;
	struct pcap_writer w;

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 127, 6);
	pw_interface(&w, 105, 6);
	pw_packet(&w, 1, 5, "abcdef", 6, 6);
	assert_int_equal(source_open(&s, save(&w), NULL, 0), ERR_LINKTYPE);
	assert_non_null(strstr(source_problem(s), "link type at byte 36 is not read: 127 ("));
	source_close(&s);
	pw_free(&w);
}

/* An expression is compiled for each link; where it does not fit, the capture ends there. */
static void
test_a_filter_has_to_fit_every_link(void **state)
{
	struct pcap_writer w;
	struct reading r;

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 1, 6);
	pw_packet(&w, 0, 1, "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00", 14, 14);
	pw_packet(&w, 0, 2, "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x02\x08\x00", 14, 14);
	take(&r, &w, "ether dst 02:00:00:00:00:02");
	assert_int_equal(r.result, 0);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.packet[0].frame, 2);
	reading_free(&r);
	pw_interface(&w, 101, 6);
	pw_packet(&w, 0, 3, "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x02\x08\x00", 14, 14);
	take(&r, &w, "ether dst 02:00:00:00:00:02");
	assert_int_equal(r.result, ERR_USAGE);
	assert_int_equal(r.count, 1);
	assert_non_null(strstr(r.problem, "capture: filter: "));
	reading_free(&r);
	take(&r, &w, "less 100");
	assert_int_equal(r.result, 0);
	assert_int_equal(r.count, 3);
	reading_free(&r);
	pw_free(&w);
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 1, 6);
	pw_interface(&w, 101, 6);
	pw_packet(&w, 0, 3, "abcdef", 6, 6);
	take(&r, &w, "ether dst 02:00:00:00:00:02");
	assert_int_equal(r.opened, ERR_USAGE);
	assert_non_null(strstr(r.problem, "capture: filter: "));
	reading_free(&r);
	pw_free(&w);
}

/* The families of a BSD loopback are in the order of their section. */
static void
test_a_filter_knows_the_order_of_each_section(void **state)
{
	struct pcap_writer w;
	struct reading r;

	(void)state;
	pw_init(&w, false);
	for (uint32_t section = 0; section < 4; section++) {
		w.big_endian = section % 2 == 1;
		pw_section(&w);
		pw_interface(&w, 0, 6);
		pw_packet(&w, 0, section, w.big_endian ? "\0\0\0\2E" : "\2\0\0\0E", 5, 24);
		pw_packet(&w, 0, section, w.big_endian ? "\2\0\0\0E" : "\0\0\0\2E", 5, 24);
	}
	take(&r, &w, "ip");
	assert_int_equal(r.count, 4);
	for (size_t i = 0; i < r.count; i++)
		assert_int_equal(r.packet[i].frame, 2 * i + 1);
	reading_free(&r);
	pw_free(&w);
}

static void
test_an_interface_too_many_is_damage(void **state)
{
	struct pcap_writer w;
	struct reading r;

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	for (int i = 0; i < NG_INTERFACES; i++)
		pw_interface_with(&w, 1, 65535, 6, 0);
	pw_packet(&w, NG_INTERFACES - 1, 77, "abcdef", 6, 6);
	take(&r, &w, NULL);
	assert_int_equal(r.result, 0);
	assert_int_equal(r.count, 1);
	reading_free(&r);
	pw_interface_with(&w, 1, 65535, 6, 0);
	take(&r, &w, NULL);
	assert_int_equal(r.result, ERR_DAMAGED);
	assert_non_null(strstr(r.problem, "more than 65536 interfaces in one section"));
	reading_free(&r);
	pw_free(&w);
}

/* Seven blocks of 15 MiB, mostly holes, before there is a packet, and one behind it. */
static void
test_blocks_far_larger_than_windows_are_passed(void **state)
{
	enum {
		LARGE = 15 * 1024 * 1024
	};
	struct pcap_writer w, head, tail, packet;
	const char *path;
	struct reading r;
	uint64_t at;
	int fd;

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 1, 6);
	path = save(&w);
	at = w.len;
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	pw_init(&head, false);
	pw_u32(&head, 0x0bad);
	pw_u32(&head, LARGE);
	pw_init(&tail, false);
	pw_u32(&tail, LARGE);
	pw_init(&packet, false);
	pw_packet(&packet, 0, 5, "abcdef", 6, 6);
	for (int i = 0; i < 8; i++) {
		if (i == 7) {
			assert_int_equal(
			    pwrite(fd, packet.data, packet.len, (off_t)at), packet.len);
			at += packet.len;
		}
		assert_int_equal(pwrite(fd, head.data, 8, (off_t)at), 8);
		at += LARGE;
		assert_int_equal(pwrite(fd, tail.data, 4, (off_t)at - 4), 4);
	}
	assert_int_equal(pwrite(fd, packet.data, packet.len, (off_t)at), packet.len);
	close(fd);
	for (size_t threads = 1; threads < 4; threads += 2) {
		const struct block_file_tuning coarse = {65536, 1024 * 1024};
		const struct source_reader by_coarse = {&block_file_ops, &coarse};
		uint8_t digest[HASH_DIGEST];

		reading_take(&r, &by_coarse, path, &(struct source_options){.threads = threads});
		assert_int_equal(r.result, 0);
		assert_int_equal(r.count, 2);
		assert_int_equal(r.end.bytes, at + packet.len);
		assert_int_equal(source_prefix_digest(path, r.end.bytes, digest), ERR_OK);
		assert_memory_equal(r.end.digest, digest, HASH_DIGEST);
		reading_free(&r);
	}
	pw_free(&w);
	pw_free(&head);
	pw_free(&tail);
	pw_free(&packet);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_interfaces_of_several_links_are_told_apart),
	    cmocka_unit_test(test_sections_in_both_orders_follow_each_other),
	    cmocka_unit_test(test_a_packet_of_a_section_without_its_interface_is_damage),
	    cmocka_unit_test(test_packets_of_a_link_that_is_not_read_are_counted),
	    cmocka_unit_test(test_a_file_of_links_that_are_not_read_is_left_to_libpcap),
	    cmocka_unit_test(test_a_filter_has_to_fit_every_link),
	    cmocka_unit_test(test_a_filter_knows_the_order_of_each_section),
	    cmocka_unit_test(test_an_interface_too_many_is_damage),
	    cmocka_unit_test(test_blocks_far_larger_than_windows_are_passed),
	};

	return cmocka_run_group_tests(tests, make_temp, remove_temp);
}
