/* test_chain.c - many captures as one: order, merging, folders, and damage in the middle of it. */
#include <dirent.h>
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
#include "base/packet.h"
#include "capture/chain.h"
#include "capture/source.h"
#include "tests/unit/pcap_writer.h"
#include "tests/unit/temp_dir.h"

enum {
	MOST = 20000
};

/* One packet as it came out: its mark is what the writer numbered it. */
struct seen {
	int64_t seconds;
	uint32_t mark, capture;
	uint64_t frame;
};

static struct temp_dir temp;
static struct seen seen[MOST];
static size_t seen_count;

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
	log_set_sink(NULL, NULL);
	return 0;
}

/* Write a capture of one packet for each of ${seconds}; the first is marked ${mark}, the next one
 * more. */
static void
write_seconds(const char *name, const uint32_t *seconds, size_t count, uint32_t mark)
{
	struct pcap_writer w;

	pw_init(&w, false);
	pw_classic(&w, false, 1);
	for (size_t i = 0; i < count; i++) {
		uint8_t frame[PW_UDP];

		pw_udp(frame, (uint16_t)((mark + i) % 2 == 0 ? 135 : 53), mark + (uint32_t)i);
		pw_record(&w, seconds[i], 0, frame, PW_UDP, PW_UDP);
	}
	assert_int_equal(pw_save(&w, temp_dir_file(&temp, name), w.len), 0);
	pw_free(&w);
}

/* ${count} packets from ${first} on, ${step} seconds apart. */
static void
write_steps(const char *name, uint32_t first, uint32_t step, size_t count, uint32_t mark)
{
	uint32_t *seconds = calloc(count, sizeof(*seconds));

	assert_non_null(seconds);
	for (size_t i = 0; i < count; i++)
		seconds[i] = first + step * (uint32_t)i;
	write_seconds(name, seconds, count, mark);
	free(seconds);
}

/* Prepare the named files of the directory. */
static int
open_names(struct chain **c, const char *const *names, size_t count, const char *filter)
{
	char path[16][256];
	const char *paths[16];

	assert_true(count <= 16);
	for (size_t i = 0; i < count; i++) {
		snprintf(path[i], sizeof(path[i]), "%s", temp_dir_file(&temp, names[i]));
		paths[i] = path[i];
	}
	return chain_new(c, paths, count, &(struct source_options){.filter = filter});
}

/* Read one batch into seen; the views of all of its packets have to be good at the same time. */
static int
read_batch(struct chain *c)
{
	struct batch *batch;
	int result = chain_next(c, &batch);

	if (result != 1)
		return result;
	assert_true(batch->count > 0);
	for (size_t i = 0; i < batch->count; i++) {
		const struct packet *p = &batch->packet[i];
		struct seen *s = &seen[seen_count++];

		assert_true(seen_count < MOST);
		assert_int_equal(p->caplen, PW_UDP);
		memcpy(&s->mark, p->data + PW_UDP - sizeof(s->mark), sizeof(s->mark));
		s->seconds = p->ts_ns / NS_PER_S;
		s->capture = p->source;
		s->frame = p->frame;
	}
	return result;
}

static void
read_all(struct chain *c)
{
	struct batch *batch;
	int result;

	seen_count = 0;
	while ((result = read_batch(c)) == 1)
		;
	assert_int_equal(result, 0);
	assert_int_equal(chain_next(c, &batch), 0);
}

static void
assert_marks(const uint32_t *marks, size_t count)
{
	assert_int_equal(seen_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(seen[i].mark, marks[i]);
}

static void
assert_in_time_order(void)
{
	for (size_t i = 1; i < seen_count; i++)
		assert_true(seen[i - 1].seconds <= seen[i].seconds);
}

/* Order */

static void
test_files_are_read_in_the_order_of_their_first_packets(void **state)
{
	static const char *const names[] = {"late", "early", "middle"};
	struct chain *c;

	(void)state;
	write_steps("late", 3000, 1, 300, 600);
	write_steps("early", 1000, 1, 300, 0);
	write_steps("middle", 2000, 1, 300, 300);
	assert_int_equal(open_names(&c, names, 3, NULL), ERR_OK);
	assert_int_equal(chain_captures(c), 3);
	read_all(c);
	assert_int_equal(seen_count, 900);
	for (uint32_t i = 0; i < 900; i++) {
		assert_int_equal(seen[i].mark, i);
		assert_int_equal(seen[i].frame, i % 300 + 1);
		assert_int_equal(seen[i].capture, i < 300 ? 1 : i < 600 ? 2 : 0);
	}
	assert_int_equal(chain_problems(c), 0);
	chain_free(&c);
	assert_null(c);
}

static void
test_files_that_overlap_are_merged_packet_by_packet(void **state)
{
	static const char *const names[] = {"odd", "even"};
	struct chain *c;

	(void)state;
	write_steps("odd", 1001, 2, 2000, 1);
	write_steps("even", 1000, 2, 1500, 100000);
	assert_int_equal(open_names(&c, names, 2, NULL), ERR_OK);
	read_all(c);
	assert_int_equal(seen_count, 3500);
	assert_in_time_order();
	for (size_t i = 0; i < 3000; i++) {
		assert_int_equal(seen[i].capture, i % 2 == 0 ? 1 : 0);
		assert_int_equal(seen[i].frame, i / 2 + 1);
		assert_int_equal(seen[i].mark, i % 2 == 0 ? 100000 + i / 2 : 1 + i / 2);
	}
	chain_free(&c);
}

static void
test_equal_times_come_in_the_order_of_the_captures(void **state)
{
	static const char *const names[] = {"a", "b", "c"};
	static const uint32_t same[] = {5, 5, 6};
	static const uint32_t expected[] = {10, 11, 20, 21, 30, 31, 12, 22, 32};
	struct chain *c;

	(void)state;
	write_seconds("a", same, 3, 10);
	write_seconds("b", same, 3, 20);
	write_seconds("c", same, 3, 30);
	assert_int_equal(open_names(&c, names, 3, NULL), ERR_OK);
	read_all(c);
	assert_marks(expected, 9);
	chain_free(&c);
}

static void
test_disorder_inside_a_file_stays(void **state)
{
	static const char *const names[] = {"wild", "tame"};
	static const uint32_t wild[] = {10, 90, 20, 30}, tame[] = {50, 60, 95};
	static const uint32_t expected[] = {1, 11, 12, 2, 3, 4, 13};
	struct chain *c;

	(void)state;
	write_seconds("wild", wild, 4, 1);
	write_seconds("tame", tame, 3, 11);
	assert_int_equal(open_names(&c, names, 2, NULL), ERR_OK);
	read_all(c);
	assert_marks(expected, 7);
	chain_free(&c);
}

/* Random lengths and gaps against what a sort of all packets says. */
static void
test_a_merge_is_what_sorting_would_give(void **state)
{
	static const char *const names[] = {"r0", "r1", "r2", "r3", "r4", "r5", "r6"};
	static size_t counts[7];
	uint32_t random = 12345, total = 0;
	struct chain *c;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		static uint32_t seconds[1000];
		uint32_t now;

		random = random * 1103515245 + 12345;
		now = 1000 + (random >> 16) % 1500;
		counts[i] = 1 + (random >> 8) % 1000;
		for (size_t k = 0; k < counts[i]; k++) {
			random = random * 1103515245 + 12345;
			now += (random >> 16) % 4;
			seconds[k] = now;
		}
		write_seconds(names[i], seconds, counts[i], (uint32_t)i * 1000);
		total += (uint32_t)counts[i];
	}
	assert_int_equal(open_names(&c, names, 7, NULL), ERR_OK);
	read_all(c);
	assert_int_equal(seen_count, total);
	for (size_t i = 0; i < total; i++) {
		uint32_t file = seen[i].capture;

		assert_int_equal(seen[i].mark, file * 1000 + seen[i].frame - 1);
		if (i > 0 && seen[i - 1].seconds == seen[i].seconds)
			assert_true(seen[i - 1].capture <= file);
	}
	assert_in_time_order();
	chain_free(&c);
}

static void
count_warnings(void *ctx, enum log_level level, const char *line)
{
	(void)line;
	if (level == LOG_WARN)
		++*(int *)ctx;
}

static void
test_more_overlap_than_can_be_open_loses_nothing(void **state)
{
	struct chain *c;
	const char *path;
	char name[32];
	int warnings = 0;

	(void)state;
	assert_int_equal(mkdir(temp_dir_file(&temp, "many"), 0700), 0);
	for (uint32_t i = 0; i < CHAIN_OPEN + 6; i++) {
		snprintf(name, sizeof(name), "many/%03u", i);
		write_steps(name, 1000 + i, 100, 20, i * 20);
	}
	log_set_sink(count_warnings, &warnings);
	path = temp_dir_file(&temp, "many");
	assert_int_equal(chain_new(&c, &path, 1, NULL), ERR_OK);
	read_all(c);
	log_set_sink(NULL, NULL);
	assert_int_equal(seen_count, 20 * (CHAIN_OPEN + 6));
	assert_int_equal(warnings, 1);
	assert_int_equal(chain_problems(c), 0);
	for (uint32_t mark = 0, found; mark < seen_count; mark++) {
		found = 0;
		for (size_t i = 0; i < seen_count; i++)
			found += seen[i].mark == mark;
		assert_int_equal(found, 1);
	}
	chain_free(&c);
}

/* Folders */

static void
test_a_folder_of_many_files_is_one_stream(void **state)
{
	struct chain *c;
	const char *path;
	char name[32];
	int spare;

	(void)state;
	assert_int_equal(mkdir(temp_dir_file(&temp, "ring"), 0700), 0);
	for (uint32_t i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "ring/%03u.pcap", i * 7 % 300);
		write_steps(name, 1000 + 10 * (i * 7 % 300), 1, 10, 10 * (i * 7 % 300));
	}
	spare = open("/dev/null", O_RDONLY);
	close(spare);
	path = temp_dir_file(&temp, "ring/");
	assert_int_equal(chain_new(&c, &path, 1, NULL), ERR_OK);
	assert_int_equal(chain_captures(c), 300);
	snprintf(name, sizeof(name), "ring/%03u.pcap", 123);
	assert_string_equal(chain_path(c, 123), temp_dir_file(&temp, name));
	seen_count = 0;
	while (read_batch(c) == 1) {
		int now = open("/dev/null", O_RDONLY);

		close(now);
		assert_in_range(now, 0, spare + 1);
	}
	assert_int_equal(seen_count, 3000);
	for (uint32_t i = 0; i < 3000; i++) {
		assert_int_equal(seen[i].mark, i);
		assert_int_equal(seen[i].capture, i / 10);
	}
	chain_free(&c);
}

static void
test_what_is_no_capture_in_a_folder_is_passed_over(void **state)
{
	struct pcap_writer text, ng;
	struct chain *c;
	const char *path;

	(void)state;
	assert_int_equal(mkdir(temp_dir_file(&temp, "mixed"), 0700), 0);
	assert_int_equal(mkdir(temp_dir_file(&temp, "mixed/deeper"), 0700), 0);
	assert_int_equal(mkfifo(temp_dir_file(&temp, "mixed/pipe.pcap"), 0600), 0);
	pw_init(&text, false);
	pw_bytes(&text, "no capture, whatever its name\n", 30);
	assert_int_equal(pw_save(&text, temp_dir_file(&temp, "mixed/text.pcap"), text.len), 0);
	assert_int_equal(pw_save(&text, temp_dir_file(&temp, "mixed/empty.pcap"), 0), 0);
	pw_init(&ng, true);
	pw_section(&ng);
	pw_interface(&ng, 1, 6);
	{
		uint8_t frame[PW_UDP];

		pw_udp(frame, 135, 2);
		pw_packet(&ng, 0, 2000000, frame, PW_UDP, PW_UDP);
	}
	assert_int_equal(pw_save(&ng, temp_dir_file(&temp, "mixed/B.txt"), ng.len), 0);
	write_steps("mixed/a", 1, 1, 1, 1);
	write_steps("mixed/.hidden.pcap", 1, 1, 1, 9);
	write_steps("mixed/deeper/b", 1, 1, 1, 9);
	path = temp_dir_file(&temp, "mixed");
	assert_int_equal(chain_new(&c, &path, 1, NULL), ERR_OK);
	assert_int_equal(chain_captures(c), 2);
	assert_non_null(strstr(chain_path(c, 0), "/mixed/B.txt"));
	assert_non_null(strstr(chain_path(c, 1), "/mixed/a"));
	read_all(c);
	assert_int_equal(seen_count, 2);
	assert_int_equal(chain_problems(c), 0);
	chain_free(&c);
	pw_free(&text);
	pw_free(&ng);
}

static void
test_a_folder_without_captures_is_a_problem(void **state)
{
	struct chain *c;
	const char *path;

	(void)state;
	assert_int_equal(mkdir(temp_dir_file(&temp, "hollow"), 0700), 0);
	path = temp_dir_file(&temp, "hollow");
	assert_int_equal(chain_new(&c, &path, 1, NULL), ERR_OK);
	assert_int_equal(chain_captures(c), 0);
	assert_int_equal(chain_problems(c), 1);
	assert_non_null(strstr(chain_problem(c, 0), "/hollow: no capture in this directory"));
	read_all(c);
	assert_int_equal(seen_count, 0);
	chain_free(&c);
}

/* Trouble */

static void
test_a_path_that_does_not_exist_is_named(void **state)
{
	static const char *const names[] = {"there", "not-there"};
	struct chain *c;

	(void)state;
	write_steps("there", 1, 1, 1, 1);
	assert_int_equal(open_names(&c, names, 2, NULL), -ENOENT);
	assert_int_equal(chain_problems(c), 1);
	assert_non_null(strstr(chain_problem(c, 0), "/not-there: No such file or directory"));
	chain_free(&c);
}

static void
test_a_filter_that_means_nothing_is_a_usage_error(void **state)
{
	static const char *const names[] = {"there"};
	struct chain *c;

	(void)state;
	write_steps("there", 1, 1, 1, 1);
	assert_int_equal(open_names(&c, names, 1, "port port"), ERR_USAGE);
	assert_int_equal(chain_problems(c), 1);
	assert_non_null(strstr(chain_problem(c, 0), "/there: filter: "));
	chain_free(&c);
}

static void
test_standard_input_can_be_named_once(void **state)
{
	static const char *const paths[] = {"-", "-"};
	struct chain *c;

	(void)state;
	assert_int_equal(chain_new(&c, paths, 2, NULL), ERR_USAGE);
	assert_string_equal(chain_problem(c, 0), "standard input: can be read only once");
	chain_free(&c);
}

static void
test_a_filter_holds_for_every_file(void **state)
{
	static const char *const names[] = {"one", "two"};
	struct source_progress p;
	struct chain *c;

	(void)state;
	write_steps("one", 1000, 2, 401, 0);
	write_steps("two", 1001, 2, 400, 1000);
	assert_int_equal(open_names(&c, names, 2, "udp port 135"), ERR_OK);
	read_all(c);
	assert_int_equal(seen_count, 201 + 200);
	for (size_t i = 0; i < seen_count; i++)
		assert_int_equal(seen[i].frame % 2, 1);
	assert_true(chain_progress(c, 1, &p));
	assert_int_equal(p.frames, 400);
	chain_free(&c);
}

static void
test_damage_in_one_file_does_not_stop_the_others(void **state)
{
	static const char *const names[] = {"text", "cut", "good"};
	struct pcap_writer w;
	struct source_progress p;
	struct chain *c;

	(void)state;
	pw_init(&w, false);
	pw_bytes(&w, "hello, world\n", 13);
	assert_int_equal(pw_save(&w, temp_dir_file(&temp, "text"), w.len), 0);
	pw_free(&w);
	write_steps("good", 1000, 2, 10, 100);
	write_steps("cut", 1001, 2, 5, 0);
	assert_int_equal(truncate(temp_dir_file(&temp, "cut"), 24 + 5 * 76 - 1), 0);
	assert_int_equal(open_names(&c, names, 3, NULL), ERR_OK);
	assert_int_equal(chain_captures(c), 3);
	assert_int_equal(chain_problems(c), 1);
	assert_non_null(
	    strstr(chain_problem(c, 0), "/text: damaged at byte 0: this is no capture file"));
	read_all(c);
	assert_int_equal(seen_count, 14);
	assert_in_time_order();
	assert_int_equal(chain_problems(c), 2);
	assert_non_null(strstr(
	    chain_problem(c, 1), "/cut: damaged at byte 328: the file ends inside this record"));
	assert_false(chain_progress(c, 0, &p));
	assert_true(chain_progress(c, 1, &p));
	assert_int_equal(p.frames, 4);
	chain_free(&c);
}

/* Between looking at a file and reading it, somebody takes it away. */
static void
test_a_file_that_disappears_is_a_problem(void **state)
{
	static const char *const names[] = {"stays", "goes"};
	struct chain *c;

	(void)state;
	write_steps("stays", 1000, 1, 3, 1);
	write_steps("goes", 1001, 1, 3, 1);
	assert_int_equal(open_names(&c, names, 2, NULL), ERR_OK);
	assert_int_equal(unlink(temp_dir_file(&temp, "goes")), 0);
	read_all(c);
	assert_int_equal(seen_count, 3);
	assert_int_equal(chain_problems(c), 1);
	assert_non_null(strstr(chain_problem(c, 0), "/goes: No such file or directory"));
	chain_free(&c);
}

/* Progress */

static void
test_progress_is_known_before_during_and_after(void **state)
{
	static const char *const names[] = {"first", "second"};
	struct source_progress before[2], after;
	static const uint8_t none[HASH_DIGEST];
	struct chain *c;

	(void)state;
	write_steps("first", 1000, 1, 300, 0);
	write_steps("second", 5000, 1, 300, 300);
	assert_int_equal(open_names(&c, names, 2, NULL), ERR_OK);
	for (size_t i = 0; i < 2; i++) {
		assert_true(chain_progress(c, i, &before[i]));
		assert_int_equal(before[i].frames, 0);
		assert_memory_not_equal(before[i].first_record, none, HASH_DIGEST);
		assert_int_equal(before[i].size, 24 + 300 * 76);
	}
	assert_memory_not_equal(before[0].first_record, before[1].first_record, HASH_DIGEST);
	read_all(c);
	for (size_t i = 0; i < 2; i++) {
		uint8_t digest[HASH_DIGEST];

		assert_true(chain_progress(c, i, &after));
		assert_int_equal(after.frames, 300);
		assert_int_equal(after.bytes, 24 + 300 * 76);
		assert_memory_equal(after.first_record, before[i].first_record, HASH_DIGEST);
		assert_int_equal(
		    source_prefix_digest(chain_path(c, i), after.bytes, digest), ERR_OK);
		assert_memory_equal(after.digest, digest, HASH_DIGEST);
	}
	chain_free(&c);
}

/* What a source has given but the chain still holds back must not count as read: a crash would lose
 * it. */
static void
test_progress_counts_only_what_was_handed_out(void **state)
{
	static const char *const names[] = {"odd", "even"};
	struct source_progress p;
	struct chain *c;

	(void)state;
	write_steps("odd", 1001, 2, 1000, 1);
	write_steps("even", 1000, 2, 1000, 1);
	assert_int_equal(open_names(&c, names, 2, NULL), ERR_OK);
	seen_count = 0;
	while (read_batch(c) == 1) {
		uint64_t last[2] = {0, 0};

		for (size_t i = 0; i < seen_count; i++)
			last[seen[i].capture] = seen[i].frame;
		for (size_t i = 0; i < 2; i++) {
			assert_true(chain_progress(c, i, &p));
			assert_int_equal(p.frames, last[i]);
		}
	}
	assert_int_equal(seen_count, 2000);
	chain_free(&c);
}

static void
test_bytes_run_from_nothing_to_all(void **state)
{
	static const char *const names[] = {"first", "second"};
	uint64_t done, total, before = 0;
	struct chain *c;

	(void)state;
	write_steps("first", 1000, 1, 3000, 0);
	write_steps("second", 9000, 1, 3000, 0);
	assert_int_equal(open_names(&c, names, 2, NULL), ERR_OK);
	chain_bytes(c, &done, &total);
	assert_int_equal(done, 0);
	assert_int_equal(total, 2 * (24 + 3000 * 76));
	seen_count = 0;
	while (read_batch(c) == 1) {
		chain_bytes(c, &done, &total);
		assert_true(done >= before && done <= total);
		before = done;
	}
	chain_bytes(c, &done, &total);
	assert_int_equal(done, total);
	chain_free(&c);
}

static void
test_a_pipe_among_files_is_read_once_and_its_size_is_unknown(void **state)
{
	const char *paths[2] = {"-", NULL};
	int file, saved = dup(STDIN_FILENO), ends[2];
	uint64_t done, total;
	uint8_t bytes[24 + 5 * 76];
	struct chain *c;

	(void)state;
	write_steps("piped", 1001, 2, 5, 10);
	file = open(temp_dir_file(&temp, "piped"), O_RDONLY);
	assert_int_equal(read(file, bytes, sizeof(bytes)), sizeof(bytes));
	close(file);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, sizeof(bytes)), sizeof(bytes));
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	write_steps("file", 1000, 2, 5, 0);
	paths[1] = temp_dir_file(&temp, "file");
	assert_int_equal(chain_new(&c, paths, 2, NULL), ERR_OK);
	chain_bytes(c, &done, &total);
	assert_int_equal(total, 0);
	read_all(c);
	assert_int_equal(seen_count, 10);
	assert_in_time_order();
	assert_int_equal(chain_problems(c), 0);
	chain_free(&c);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

/* Threads of this process, as the system has it. */
static size_t
count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *entry;
	size_t count = 0;

	assert_non_null(tasks);
	while ((entry = readdir(tasks)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(tasks);
	return count;
}

/* All packets of two captures that overlap and one behind them, as one number; and the most threads
 * that were there at a time. */
static uint64_t
read_three(size_t threads, size_t *most)
{
	const struct source_options options = {.threads = threads};
	uint64_t sum = 0, count = 0;
	char path[3][256];
	const char *paths[3] = {path[0], path[1], path[2]};
	struct batch *batch;
	struct chain *c;

	snprintf(path[0], sizeof(path[0]), "%s", temp_dir_file(&temp, "large-1"));
	snprintf(path[1], sizeof(path[1]), "%s", temp_dir_file(&temp, "large-2"));
	snprintf(path[2], sizeof(path[2]), "%s", temp_dir_file(&temp, "large-3"));
	assert_int_equal(chain_new(&c, paths, 3, &options), ERR_OK);
	*most = count_threads();
	while (chain_next(c, &batch) == 1) {
		size_t now = count_threads();

		*most = now > *most ? now : *most;
		for (size_t i = 0; i < batch->count; i++) {
			const struct packet *p = &batch->packet[i];

			sum = sum * 31 + hash_bytes(p->data, p->caplen) + p->frame + p->source;
		}
		count += batch->count;
	}
	assert_int_equal(count, 3 * 16000);
	assert_int_equal(chain_problems(c), 0);
	chain_free(&c);
	return sum;
}

/* However many may look ahead: the packets are the same, and one capture at a time has them. */
static void
test_threads_change_nothing_and_are_not_many(void **state)
{
	size_t most, before, two;
	uint64_t sum;

	(void)state;
	write_steps("large-1", 1000, 2, 16000, 0);
	write_steps("large-2", 1501, 2, 16000, 100000);
	write_steps("large-3", 90000, 2, 16000, 200000);
	before = count_threads();
	sum = read_three(1, &most);
	assert_int_equal(most, before);
	/* A sanitizer may have started one of its own with the first. */
	assert_true(read_three(2, &two) == sum);
	assert_true(two > before);
	assert_int_equal(count_threads(), two - 1);
	assert_true(read_three(5, &most) == sum);
	assert_int_equal(most, two + 3);
	assert_int_equal(count_threads(), two - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files_are_read_in_the_order_of_their_first_packets),
	    cmocka_unit_test(test_files_that_overlap_are_merged_packet_by_packet),
	    cmocka_unit_test(test_equal_times_come_in_the_order_of_the_captures),
	    cmocka_unit_test(test_disorder_inside_a_file_stays),
	    cmocka_unit_test(test_a_merge_is_what_sorting_would_give),
	    cmocka_unit_test(test_more_overlap_than_can_be_open_loses_nothing),
	    cmocka_unit_test(test_a_folder_of_many_files_is_one_stream),
	    cmocka_unit_test(test_what_is_no_capture_in_a_folder_is_passed_over),
	    cmocka_unit_test(test_a_folder_without_captures_is_a_problem),
	    cmocka_unit_test(test_a_path_that_does_not_exist_is_named),
	    cmocka_unit_test(test_a_filter_that_means_nothing_is_a_usage_error),
	    cmocka_unit_test(test_standard_input_can_be_named_once),
	    cmocka_unit_test(test_a_filter_holds_for_every_file),
	    cmocka_unit_test(test_damage_in_one_file_does_not_stop_the_others),
	    cmocka_unit_test(test_a_file_that_disappears_is_a_problem),
	    cmocka_unit_test(test_progress_is_known_before_during_and_after),
	    cmocka_unit_test(test_progress_counts_only_what_was_handed_out),
	    cmocka_unit_test(test_bytes_run_from_nothing_to_all),
	    cmocka_unit_test(test_threads_change_nothing_and_are_not_many),
	    cmocka_unit_test(test_a_pipe_among_files_is_read_once_and_its_size_is_unknown),
	};

	return cmocka_run_group_tests(tests, make_temp, remove_temp);
}
