/* test_source.c - one capture: its packets, what it is known by, and where it is damaged. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/unit/marked.h"

static struct temp_dir temp;

static int
make_temp(void **state)
{
	(void)state;
	return temp_dir_make(&temp);
}

static int
remove_temp(void **state)
{
	(void)state;
	temp_dir_remove(&temp);
	return 0;
}

/* Read all of ${s}; each packet ends in the mark that equals its frame number. Returns what ended
 * it. */
/* Reading */

static void
test_classic_is_read_in_both_orders_and_units(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		struct pcap_writer w;
		struct source *s;
		struct batch *batch;

		pw_init(&w, (form & 1) != 0);
		pw_classic(&w, (form & 2) != 0, 1);
		pw_record(&w, (uint32_t)T0, 123456, "abcdef", 6, 1500);
		pw_record(&w, (uint32_t)T0 + 1, 999999, "", 0, 60);
		assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
		assert_true(
		    source_first_ns(s) == T0 * NS_PER_S + ((form & 2) != 0 ? 123456 : 123456000));
		assert_int_equal(source_next(s, &batch), 1);
		assert_int_equal(batch->count, 2);
		assert_true(batch->packet[0].ts_ns == source_first_ns(s));
		assert_memory_equal(batch->packet[0].data, "abcdef", 6);
		assert_int_equal(batch->packet[0].caplen, 6);
		assert_int_equal(batch->packet[0].wirelen, 1500);
		assert_int_equal(batch->packet[0].frame, 1);
		assert_int_equal(batch->packet[0].link, LINK_ETHERNET);
		assert_int_equal(batch->packet[1].caplen, 0);
		assert_int_equal(batch->packet[1].frame, 2);
		assert_int_equal(source_next(s, &batch), 0);
		assert_int_equal(source_next(s, &batch), 0);
		assert_string_equal(source_problem(s), "");
		source_close(&s);
		pw_free(&w);
	}
}

static void
test_pcapng_is_read_in_both_orders_and_several_units(void **state)
{
	static const struct {
		uint8_t resolution;
		uint64_t time;
	} units[] = {{6, UINT64_C(1795311648123456)}, {9, UINT64_C(1795311648123456000)},
	    {0, UINT64_C(1795311648)}};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct pcap_writer w;
		struct source *s;
		struct batch *batch;

		pw_init(&w, i % 2 == 1);
		pw_section(&w);
		pw_interface(&w, 113, units[i / 2].resolution);
		pw_packet(&w, 0, units[i / 2].time, "abcdefg", 7, 77);
		assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
		assert_int_equal(source_next(s, &batch), 1);
		assert_int_equal(batch->count, 1);
		assert_true(batch->packet[0].ts_ns == T0 * NS_PER_S + (i / 2 < 2 ? 123456000 : 0));
		assert_memory_equal(batch->packet[0].data, "abcdefg", 7);
		assert_int_equal(batch->packet[0].wirelen, 77);
		assert_int_equal(batch->packet[0].link, LINK_SLL);
		assert_int_equal(source_next(s, &batch), 0);
		source_close(&s);
		pw_free(&w);
	}
}

static void
test_every_kind_of_link_is_known(void **state)
{
	static const struct {
		uint32_t number;
		enum link link;
	} links[] = {{0, LINK_NULL}, {1, LINK_ETHERNET}, {101, LINK_RAW}, {108, LINK_LOOP},
	    {113, LINK_SLL}, {228, LINK_RAW}, {229, LINK_RAW}, {276, LINK_SLL2}};

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct pcap_writer w;
		struct source *s;
		struct source_progress p;

		pw_init(&w, false);
		pw_classic(&w, false, links[i].number);
		pw_record(&w, 1, 0, "x", 1, 1);
		assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
		source_progress(s, &p);
		assert_int_equal(p.link, links[i].link);
		source_close(&s);
		pw_free(&w);
	}
}

static void
test_batches_are_bounded_by_count(void **state)
{
	struct pcap_writer w;
	struct source *s;
	struct batch *batch;

	(void)state;
	marked_write(&w, 600);
	assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(source_next(s, &batch), 1);
		assert_int_equal(batch->count, i < 2 ? BATCH_PACKETS : 88);
		assert_int_equal(batch->packet[0].frame, i * BATCH_PACKETS + 1);
	}
	assert_int_equal(source_next(s, &batch), 0);
	source_close(&s);
	pw_free(&w);
}

/* The largest that libpcap takes; three such fit no batch together. */
static void
test_batches_are_bounded_by_bytes(void **state)
{
	static uint8_t large[262144];
	struct pcap_writer w;
	struct source *s;
	struct batch *batch;
	uint64_t frame = 0;

	(void)state;
	pw_init(&w, false);
	pw_classic(&w, false, 1);
	for (uint8_t i = 1; i <= 3; i++) {
		memset(large, i, sizeof(large));
		pw_record(&w, i, 0, large, sizeof(large), sizeof(large));
		pw_record(&w, i, 0, large, 100, 100);
	}
	assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
	while (source_next(s, &batch) == 1) {
		for (size_t i = 0; i < batch->count; i++) {
			const struct packet *p = &batch->packet[i];

			frame++;
			assert_int_equal(p->frame, frame);
			assert_int_equal(p->caplen, frame % 2 == 1 ? sizeof(large) : 100);
			memset(large, (int)(frame + 1) / 2, sizeof(large));
			assert_memory_equal(p->data, large, p->caplen);
		}
	}
	assert_int_equal(frame, 6);
	source_close(&s);
	pw_free(&w);
}

static void
test_times_out_of_order_keep_the_order_of_the_file(void **state)
{
	static const uint32_t seconds[] = {50, 10, 90, 20};
	struct pcap_writer w;
	struct source *s;
	struct batch *batch;

	(void)state;
	pw_init(&w, false);
	pw_classic(&w, false, 1);
	for (uint32_t i = 0; i < 4; i++)
		marked_record(&w, seconds[i], i + 1);
	assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
	assert_int_equal(source_next(s, &batch), 1);
	for (size_t i = 0; i < 4; i++)
		assert_true(batch->packet[i].ts_ns == seconds[i] * NS_PER_S);
	source_close(&s);
	pw_free(&w);
}

static void
test_hostile_times_are_held_within_64_bits(void **state)
{
	struct pcap_writer w;
	struct source *s;
	struct batch *batch;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		pw_init(&w, big_endian != 0);
		pw_classic(&w, true, 1);
		pw_record(&w, UINT32_MAX, UINT32_MAX, "x", 1, 1);
		assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
		assert_in_range(source_first_ns(s), (uint64_t)UINT32_MAX * NS_PER_S - NS_PER_S,
		    (uint64_t)(UINT32_MAX + INT64_C(5)) * NS_PER_S);
		source_close(&s);
		pw_free(&w);
	}
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 1, 0);
	pw_packet(&w, 0, INT64_MAX, "x", 1, 1);
	pw_packet(&w, 0, UINT64_C(1) << 63, "x", 1, 1);
	assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
	assert_int_equal(source_next(s, &batch), 1);
	assert_true(batch->packet[0].ts_ns == INT64_MAX);
	assert_true(batch->packet[1].ts_ns == INT64_MIN);
	source_close(&s);
	pw_free(&w);
}

/* Filter */

static void
test_a_filter_leaves_frame_numbers_alone(void **state)
{
	struct pcap_writer w;
	struct source *s;
	struct source_progress p;
	struct batch *batch;
	uint64_t frame = 0;

	(void)state;
	marked_write(&w, 1001);
	assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len),
			     &(struct source_options){.filter = "udp port 135"}, 0),
	    ERR_OK);
	assert_true(source_first_ns(s) == (T0 + 1) * NS_PER_S);
	while (source_next(s, &batch) == 1) {
		for (size_t i = 0; i < batch->count; i++) {
			frame += 2;
			assert_int_equal(batch->packet[i].frame, frame);
		}
		source_progress(s, &p);
		assert_in_range(p.frames, frame, frame + 1);
	}
	assert_int_equal(frame, 1000);
	source_progress(s, &p);
	assert_int_equal(p.frames, 1001);
	source_close(&s);
	pw_free(&w);
}

static void
test_a_filter_that_drops_all_leaves_no_empty_batch(void **state)
{
	struct pcap_writer w;
	struct source *s;
	struct batch *batch;

	(void)state;
	marked_write(&w, 300);
	assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len),
			     &(struct source_options){.filter = "tcp"}, 0),
	    ERR_OK);
	assert_int_equal(source_next(s, &batch), 0);
	source_close(&s);
	pw_free(&w);
}

static void
test_a_filter_is_compiled_for_the_link_of_the_file(void **state)
{
	static const uint8_t ip[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192,
	    0, 2, 2, 0, 53, 0, 135, 0, 8};
	struct pcap_writer w;
	struct source *s;
	struct batch *batch;

	(void)state;
	pw_init(&w, false);
	pw_classic(&w, false, 101);
	pw_record(&w, 1, 0, ip, sizeof(ip), sizeof(ip));
	assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len),
			     &(struct source_options){.filter = "udp dst port 135"}, 0),
	    ERR_OK);
	assert_int_equal(source_next(s, &batch), 1);
	assert_int_equal(batch->packet[0].link, LINK_RAW);
	source_close(&s);
	pw_free(&w);
}

static void
test_a_filter_that_means_nothing_is_a_usage_error(void **state)
{
	struct pcap_writer w;
	struct source *s;

	(void)state;
	marked_write(&w, 1);
	assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len),
			     &(struct source_options){.filter = "port port"}, 0),
	    ERR_USAGE);
	assert_non_null(strstr(source_problem(s), ": filter: "));
	source_close(&s);
	assert_int_equal(marked_open(&s, temp_dir_file(&temp, "capture"),
			     &(struct source_options){.filter = "ip proto \\a\x7f"}, 0),
	    ERR_USAGE);
	assert_non_null(strstr(source_problem(s), "'a\xef\xbf\xbd'"));
	source_close(&s);
	pw_free(&w);
}

/* Progress */

static void
test_progress_counts_what_was_delivered(void **state)
{
	struct pcap_writer w;
	struct source *s;
	struct source_progress p;
	struct batch *batch;

	(void)state;
	marked_write(&w, 300);
	assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
	source_progress(s, &p);
	assert_int_equal(p.frames, 0);
	assert_int_equal(p.size, w.len);
	assert_int_equal(source_next(s, &batch), 1);
	source_progress(s, &p);
	assert_int_equal(p.frames, 256);
	assert_true(p.bytes >= 24 + 256 * 76);
	assert_int_equal(source_next(s, &batch), 1);
	assert_int_equal(source_next(s, &batch), 0);
	source_progress(s, &p);
	assert_int_equal(p.frames, 300);
	assert_int_equal(p.bytes, w.len);
	source_close(&s);
	pw_free(&w);
}

/* The file is many times what is read at once, and the blocks end inside records. */
static void
test_the_digest_is_that_of_the_prefix(void **state)
{
	struct pcap_writer w;
	struct source *s;
	struct source_progress p;
	struct batch *batch;
	uint8_t digest[HASH_DIGEST];
	const char *path;
	size_t steps = 0;

	(void)state;
	marked_write(&w, 10000);
	path = marked_save(&temp, &w, w.len);
	assert_int_equal(marked_open(&s, path, NULL, 0), ERR_OK);
	do {
		source_progress(s, &p);
		assert_true(p.bytes <= w.len);
		assert_int_equal(source_prefix_digest(path, p.bytes, digest), ERR_OK);
		assert_memory_equal(digest, p.digest, HASH_DIGEST);
		steps++;
	} while (source_next(s, &batch) == 1);
	assert_true(steps > 30);
	source_progress(s, &p);
	assert_int_equal(p.bytes, w.len);
	assert_int_equal(source_prefix_digest(path, w.len, digest), ERR_OK);
	assert_memory_equal(digest, p.digest, HASH_DIGEST);
	assert_int_equal(source_prefix_digest(path, w.len + 1, digest), ERR_TRUNC);
	assert_int_equal(source_prefix_digest(path, w.len - 1, digest), ERR_OK);
	assert_memory_not_equal(digest, p.digest, HASH_DIGEST);
	source_close(&s);
	pw_free(&w);
}

static void
test_only_regular_files_have_a_prefix(void **state)
{
	uint8_t digest[HASH_DIGEST];
	const char *fifo;

	(void)state;
	assert_int_equal(source_prefix_digest("-", 0, digest), -ESPIPE);
	assert_int_equal(source_prefix_digest(temp.path, 0, digest), -EISDIR);
	assert_int_equal(source_prefix_digest(temp_dir_file(&temp, "no-such"), 0, digest), -ENOENT);
	fifo = temp_dir_file(&temp, "fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(source_prefix_digest(fifo, 0, digest), -ESPIPE);
	assert_int_equal(unlink(fifo), 0);
}

static void
first_record(const struct pcap_writer *w, const char *filter, uint8_t out[HASH_DIGEST])
{
	struct source *s;
	struct source_progress p;

	assert_int_equal(marked_open(&s, marked_save(&temp, w, w->len),
			     &(struct source_options){.filter = filter}, 0),
	    ERR_OK);
	source_progress(s, &p);
	memcpy(out, p.first_record, HASH_DIGEST);
	source_close(&s);
}

static void
test_the_first_record_is_known_whatever_the_format_and_the_filter(void **state)
{
	struct pcap_writer classic, ng, other;
	uint8_t a[HASH_DIGEST], b[HASH_DIGEST];

	(void)state;
	pw_init(&classic, true);
	pw_classic(&classic, false, 1);
	marked_record(&classic, 7, 1);
	marked_record(&classic, 8, 2);
	pw_init(&ng, false);
	pw_section(&ng);
	pw_interface(&ng, 1, 9);
	{
		uint8_t frame[PW_UDP];

		pw_udp(frame, 53, 1);
		pw_packet(&ng, 0, UINT64_C(7000000000), frame, PW_UDP, PW_UDP);
	}
	pw_init(&other, false);
	pw_classic(&other, false, 1);
	marked_record(&other, 7, 3);
	first_record(&classic, NULL, a);
	first_record(&ng, NULL, b);
	assert_memory_equal(a, b, HASH_DIGEST);
	first_record(&classic, "tcp", b);
	assert_memory_equal(a, b, HASH_DIGEST);
	first_record(&other, NULL, b);
	assert_memory_not_equal(a, b, HASH_DIGEST);
	pw_free(&classic);
	pw_free(&ng);
	pw_free(&other);
}

/* Pipes */

/* Write the capture to ${fd} in small pieces from a process of its own. */
static pid_t
feed(const struct pcap_writer *w, const char *fifo, int fd)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (fifo != NULL)
		fd = open(fifo, O_WRONLY);
	for (size_t at = 0; at < w->len;) {
		size_t n = w->len - at < 1021 ? w->len - at : 1021;
		ssize_t wrote = write(fd, w->data + at, n);

		if (wrote <= 0)
			_exit(1);
		at += (size_t)wrote;
	}
	_exit(0);
}

static void
assert_pipe_gives_all(const struct pcap_writer *w, const char *path, uint64_t expected)
{
	struct source *s;
	struct source_progress p;
	uint64_t packets;
	uint8_t digest[HASH_DIGEST];

	assert_int_equal(marked_open(&s, path, NULL, 0), ERR_OK);
	assert_int_equal(marked_read(s, &packets), 0);
	assert_int_equal(packets, expected);
	source_progress(s, &p);
	assert_int_equal(p.size, 0);
	assert_int_equal(p.bytes, w->len);
	assert_int_equal(
	    source_prefix_digest(marked_save(&temp, w, w->len), w->len, digest), ERR_OK);
	assert_memory_equal(digest, p.digest, HASH_DIGEST);
	source_close(&s);
}

static void
test_a_fifo_is_read_without_seeking(void **state)
{
	struct pcap_writer w;
	char fifo[256];
	pid_t pid;
	int status;

	(void)state;
	marked_write(&w, 5000);
	snprintf(fifo, sizeof(fifo), "%s", temp_dir_file(&temp, "fifo"));
	assert_int_equal(mkfifo(fifo, 0600), 0);
	pid = feed(&w, fifo, -1);
	assert_true(pid > 0);
	assert_pipe_gives_all(&w, fifo, 5000);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(unlink(fifo), 0);
	pw_free(&w);
}

static void
test_standard_input_is_read_even_if_it_does_not_block(void **state)
{
	struct pcap_writer w;
	int ends[2], saved = dup(STDIN_FILENO), status;
	pid_t pid;

	(void)state;
	marked_write(&w, 5000);
	assert_int_equal(pipe(ends), 0);
	pid = feed(&w, NULL, ends[1]);
	assert_true(pid > 0);
	close(ends[1]);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_pipe_gives_all(&w, "-", 5000);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	dup2(saved, STDIN_FILENO);
	close(saved);
	pw_free(&w);
}

static void
test_a_pipe_that_breaks_off_names_the_offset(void **state)
{
	struct pcap_writer w;
	struct source *s;
	int ends[2], saved = dup(STDIN_FILENO);
	uint64_t packets;

	(void)state;
	marked_write(&w, 3);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], w.data, w.len - 10), w.len - 10);
	close(ends[1]);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(marked_open(&s, "-", NULL, 0), ERR_OK);
	assert_string_equal(source_path(s), "-");
	assert_int_equal(marked_read(s, &packets), ERR_DAMAGED);
	assert_int_equal(packets, 2);
	assert_string_equal(source_problem(s),
	    "standard input: damaged at byte 176: the file ends inside this record, at byte 242");
	source_close(&s);
	dup2(saved, STDIN_FILENO);
	close(saved);
	pw_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classic_is_read_in_both_orders_and_units),
	    cmocka_unit_test(test_pcapng_is_read_in_both_orders_and_several_units),
	    cmocka_unit_test(test_every_kind_of_link_is_known),
	    cmocka_unit_test(test_batches_are_bounded_by_count),
	    cmocka_unit_test(test_batches_are_bounded_by_bytes),
	    cmocka_unit_test(test_times_out_of_order_keep_the_order_of_the_file),
	    cmocka_unit_test(test_hostile_times_are_held_within_64_bits),
	    cmocka_unit_test(test_a_filter_leaves_frame_numbers_alone),
	    cmocka_unit_test(test_a_filter_that_drops_all_leaves_no_empty_batch),
	    cmocka_unit_test(test_a_filter_is_compiled_for_the_link_of_the_file),
	    cmocka_unit_test(test_a_filter_that_means_nothing_is_a_usage_error),
	    cmocka_unit_test(test_progress_counts_what_was_delivered),
	    cmocka_unit_test(test_the_digest_is_that_of_the_prefix),
	    cmocka_unit_test(test_only_regular_files_have_a_prefix),
	    cmocka_unit_test(test_the_first_record_is_known_whatever_the_format_and_the_filter),
	    cmocka_unit_test(test_a_fifo_is_read_without_seeking),
	    cmocka_unit_test(test_standard_input_is_read_even_if_it_does_not_block),
	    cmocka_unit_test(test_a_pipe_that_breaks_off_names_the_offset),
	};

	int failed = cmocka_run_group_tests_name("by the table", tests, make_temp, remove_temp);

	marked_reader = &marked_libpcap;
	return failed + cmocka_run_group_tests_name("by libpcap", tests, make_temp, remove_temp);
}
