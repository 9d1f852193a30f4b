/* test_growing.c - captures that change while they are read: they grow, or somebody cuts them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/digest.h"
#include "base/err.h"
#include "capture/block_file.h"
#include "tests/unit/marked.h"

/* Windows of records that are cut, and of some hundred. */
static const struct block_file_tuning tunings[] = {
    {256, 65536}, {32768, 65536}, {262144, 67108864}};

enum {
	TUNINGS = sizeof(tunings) / sizeof(tunings[0]),
	RECORD = 76
};

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

/* Open the first ${len} bytes of ${w}. */
static struct source *
open_part(const struct pcap_writer *w, size_t len, size_t tuning, size_t threads)
{
	const struct source_reader reader = {&block_file_ops, &tunings[tuning]};
	struct source *s;

	assert_int_equal(source_open_by(&s, &reader, marked_save(&temp, w, len),
			     &(struct source_options){.threads = threads}, 0),
	    ERR_OK);
	return s;
}

/* Let the file be the first ${len} bytes of ${w}, of which it has some. */
static void
grow_to(const struct pcap_writer *w, size_t len)
{
	FILE *f = fopen(temp_dir_file(&temp, "capture"), "ab");
	long at;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	at = ftell(f);
	assert_int_equal(fwrite(w->data + at, 1, len - (size_t)at, f), len - (size_t)at);
	assert_int_equal(fclose(f), 0);
}

/* One batch more, whose marks are the frame numbers that follow ${packets}. */
static int
read_on(struct source *s, uint64_t *packets)
{
	struct batch *batch;
	int result = source_next(s, &batch);

	for (size_t i = 0; result == 1 && i < batch->count; i++) {
		const struct packet *p = &batch->packet[i];
		uint32_t mark;

		assert_int_equal(p->caplen, PW_UDP);
		memcpy(&mark, p->data + PW_UDP - sizeof(mark), sizeof(mark));
		assert_int_equal(mark, ++*packets);
		assert_int_equal(p->frame, mark);
	}
	return result;
}

/* What is told of the file is true of what it is now. */
static void
assert_digest_fits(const struct source *s)
{
	struct source_progress p;
	uint8_t digest[HASH_DIGEST];

	source_progress(s, &p);
	assert_int_equal(
	    source_prefix_digest(temp_dir_file(&temp, "capture"), p.bytes, digest), ERR_OK);
	assert_memory_equal(p.digest, digest, HASH_DIGEST);
}

/* From a whole number of records, and from within one, to more and more. */
static void
test_a_file_that_grows_is_read_to_its_new_end(void **state)
{
	(void)state;
	for (size_t k = 0; k < TUNINGS * 3 * 2; k++) {
		size_t len = 24 + 700 * RECORD + (k % 2 == 0 ? 0 : 31);
		struct source_progress p;
		struct pcap_writer w;
		uint64_t packets = 0;
		struct source *s;

		marked_write(&w, 4000);
		s = open_part(&w, len, k / 6, 1 + k / 2 % 3);
		for (int i = 0; i < 6 && len < w.len; i++) {
			assert_int_equal(read_on(s, &packets), 1);
			len = i == 5 ? w.len : len + 400 * RECORD + 7;
			grow_to(&w, len);
			assert_digest_fits(s);
		}
		while (read_on(s, &packets) == 1)
			assert_digest_fits(s);
		assert_int_equal(packets, 4000);
		assert_string_equal(source_problem(s), "");
		source_progress(s, &p);
		assert_int_equal(p.size, w.len);
		assert_int_equal(p.bytes, w.len);
		assert_digest_fits(s);
		source_close(&s);
		pw_free(&w);
	}
}

/* By more than a leaf of its digest, from within one and from where one ends. */
static void
test_a_file_may_grow_by_leaves(void **state)
{
	static const size_t from[] = {24 + 5000 * RECORD + 31, DIGEST_LEAF, 2 * DIGEST_LEAF - 1};
	struct pcap_writer w;

	(void)state;
	marked_write(&w, 15000);
	assert_true(w.len > 4 * DIGEST_LEAF);
	for (size_t k = 0; k < 3 * TUNINGS * 2; k++) {
		size_t len = from[k % 3];
		struct source *s = open_part(&w, len, k / 3 % TUNINGS, 1 + 2 * (k / 3 / TUNINGS));
		uint64_t packets = 0;

		for (int i = 0; len < w.len; i++) {
			assert_int_equal(read_on(s, &packets), 1);
			if (i % 8 != 7)
				continue;
			len = len + 200000 < w.len ? len + 200000 : w.len;
			grow_to(&w, len);
			assert_digest_fits(s);
		}
		while (read_on(s, &packets) == 1)
			assert_digest_fits(s);
		assert_int_equal(packets, 15000);
		assert_string_equal(source_problem(s), "");
		source_close(&s);
	}
	pw_free(&w);
}

/* What was hashed behind the place where a file breaks off counts for nothing, and what was before it does. */
static void
test_of_a_file_that_is_cut_whole_leaves_are_known(void **state)
{
	const size_t cut = 3 * DIGEST_LEAF + 8192;
	struct source_progress p;
	struct pcap_writer w;

	(void)state;
	marked_write(&w, 15000);
	for (size_t k = 0; k < TUNINGS * 3; k++) {
		struct source *s = open_part(&w, w.len, k % TUNINGS, 1 + k / TUNINGS);
		uint64_t packets = 0;

		while (packets < 9000)
			assert_int_equal(read_on(s, &packets), 1);
		assert_int_equal(truncate(temp_dir_file(&temp, "capture"), (off_t)cut), 0);
		while (read_on(s, &packets) == 1)
			;
		source_progress(s, &p);
		assert_int_equal(p.bytes, 3 * DIGEST_LEAF);
		assert_digest_fits(s);
		source_close(&s);
	}
	pw_free(&w);
}

static void
test_what_has_ended_stays_so(void **state)
{
	struct pcap_writer w;
	uint64_t packets = 0;
	struct source *s;

	(void)state;
	marked_write(&w, 100);
	s = open_part(&w, 24 + 50 * RECORD, 1, 1);
	while (read_on(s, &packets) == 1)
		;
	grow_to(&w, w.len);
	assert_int_equal(read_on(s, &packets), 0);
	assert_int_equal(packets, 50);
	source_close(&s);
	pw_free(&w);
}

/* A record that is begun and not finished is damage, as anywhere, if the file does not grow on. */
static void
test_a_file_that_grows_by_half_a_record_ends_in_it(void **state)
{
	struct pcap_writer w;
	uint64_t packets = 0;
	struct source *s;
	int result;

	(void)state;
	marked_write(&w, 1000);
	s = open_part(&w, 24 + 500 * RECORD, 1, 1);
	assert_int_equal(read_on(s, &packets), 1);
	grow_to(&w, 24 + 800 * RECORD + 20);
	while ((result = read_on(s, &packets)) == 1)
		;
	assert_int_equal(result, ERR_DAMAGED);
	assert_int_equal(packets, 800);
	assert_non_null(strstr(source_problem(s),
	    "damaged at byte 60824: the file ends inside this record, at byte 60844"));
	source_close(&s);
	pw_free(&w);
}

/* Cut to ${len} bytes after ${batches} batches: what comes then lies before the cut, or is an error
 * that names it; and what came before can still be touched. */
static void
cut_after(const struct pcap_writer *w, size_t batches, size_t len, size_t tuning, size_t threads)
{
	struct source *s = open_part(w, w->len, tuning, threads);
	const uint8_t *data = NULL;
	struct source_progress p;
	struct batch *batch;
	uint64_t packets = 0, at;
	char words[128];
	int result = 1;

	for (size_t i = 0; i < batches; i++)
		assert_int_equal(read_on(s, &packets), 1);
	assert_int_equal(source_next(s, &batch), 1);
	packets += batch->count;
	data = batch->packet[batch->count - 1].data;
	at = packets;
	assert_int_equal(truncate(temp_dir_file(&temp, "capture"), (off_t)len), 0);
	assert_true(data[PW_UDP - 1] == 0);
	while ((result = read_on(s, &packets)) == 1)
		assert_true(24 + packets * RECORD <= len);
	assert_int_equal(result, ERR_DAMAGED);
	assert_true(packets == at || 24 + packets * RECORD <= len);
	snprintf(words, sizeof(words),
	    "damaged at byte %zu: the file was cut here while it was read", len);
	assert_non_null(strstr(source_problem(s), words));
	source_progress(s, &p);
	assert_int_equal(p.frames, packets);
	assert_int_equal(p.damaged_at, len);
	assert_digest_fits(s);
	assert_int_equal(read_on(s, &packets), ERR_DAMAGED);
	source_close(&s);
}

static void
test_a_file_that_is_cut_ends_there(void **state)
{
	static const size_t lengths[] = {0, 10, 4096, 40000, 65536, 65537, 81920, 24 + 76 * 1000,
	    24 + 76 * 1000 + 16, 24 + 76 * 1000 + 17, 150000, 151552};
	struct pcap_writer w;

	(void)state;
	marked_write(&w, 2000);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (size_t tuning = 0; tuning < TUNINGS; tuning++)
			for (size_t threads = 1; threads < 4; threads++)
				for (size_t batches = 0; batches < 3; batches++)
					cut_after(&w, batches, lengths[i], tuning, threads);
	pw_free(&w);
}

/* Cut between the first look and the first packets. */
static void
test_a_file_that_is_cut_before_it_is_read_ends_there(void **state)
{
	static const size_t lengths[] = {0, 1, 24, 40, 24 + RECORD, 4096, 8192};
	struct pcap_writer w;

	(void)state;
	marked_write(&w, 2000);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct source *s = open_part(&w, w.len, i % TUNINGS, 1 + i % 3);
		uint64_t packets = 0;
		int result;

		assert_int_equal(truncate(temp_dir_file(&temp, "capture"), (off_t)lengths[i]), 0);
		while ((result = read_on(s, &packets)) == 1)
			;
		assert_int_equal(result, ERR_DAMAGED);
		assert_int_equal(packets, lengths[i] < 24 ? 0 : (lengths[i] - 24) / RECORD);
		assert_digest_fits(s);
		source_close(&s);
	}
	pw_free(&w);
}

/* Nothing passes the filter, so there is no batch to look at: it is no end all the same. */
static void
test_what_a_filter_drops_is_no_end_of_a_cut_file(void **state)
{
	static const char *const filters[] = {"greater 50", "greater 1000"};
	struct pcap_writer w;

	(void)state;
	marked_write(&w, 500);
	for (int i = 0; i < 2; i++) {
		const struct source_reader reader = {&block_file_ops, &tunings[2]};
		struct source *s;
		struct batch *batch;
		uint64_t packets = 0;
		int result;

		assert_int_equal(source_open_by(&s, &reader, marked_save(&temp, &w, w.len),
				     &(struct source_options){.filter = filters[i]}, 0),
		    ERR_OK);
		assert_int_equal(truncate(temp_dir_file(&temp, "capture"), 24 + 10 * RECORD), 0);
		while ((result = source_next(s, &batch)) == 1)
			packets += batch->count;
		assert_int_equal(result, ERR_DAMAGED);
		assert_int_equal(packets, i == 0 ? 10 : 0);
		source_close(&s);
	}
	pw_free(&w);
}

/* Zeros are no blocks, but that is not what is wrong with it. */
static void
test_pcapng_that_is_cut_ends_there(void **state)
{
	struct pcap_writer w;
	char words[128];
	size_t at[3] = {0};

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 1, 6);
	for (uint32_t i = 1; i <= 1000; i++) {
		marked_packet(&w, i, i);
		if (i == 400)
			at[0] = w.len;
		if (i == 700)
			at[1] = w.len;
	}
	at[2] = at[1] - 50;
	for (size_t i = 0; i < 3 * TUNINGS; i++) {
		struct source *s = open_part(&w, w.len, i / 3, 1);
		uint64_t packets = 0;
		int result;

		assert_int_equal(read_on(s, &packets), 1);
		assert_int_equal(truncate(temp_dir_file(&temp, "capture"), (off_t)at[i % 3]), 0);
		while ((result = read_on(s, &packets)) == 1)
			;
		assert_int_equal(result, ERR_DAMAGED);
		assert_int_equal(packets, i % 3 == 0 ? 400 : i % 3 == 1 ? 700 : 699);
		snprintf(words, sizeof(words),
		    "damaged at byte %zu: the file was cut here while it was read", at[i % 3]);
		assert_non_null(strstr(source_problem(s), words));
		assert_digest_fits(s);
		source_close(&s);
	}
	pw_free(&w);
}

/* A page that is lost while the file has its length stands for a disk that fails: here it was cut,
 * touched, and written again. */
static void
test_a_page_that_cannot_be_read_is_an_error(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), lost = 10 * page;
	struct pcap_writer w;

	(void)state;
	marked_write(&w, 2000);
	for (size_t tuning = 0; tuning < TUNINGS; tuning++) {
		struct source *s = open_part(&w, w.len, tuning, 1);
		struct source_progress p;
		struct batch *batch;
		char words[128];
		uint64_t packets;
		int fd, result;

		assert_int_equal(source_next(s, &batch), 1);
		packets = batch->count;
		fd = open(temp_dir_file(&temp, "capture"), O_WRONLY);
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(*(batch->packet[0].data - 40 + lost), 0);
		assert_int_equal(pwrite(fd, w.data, w.len, 0), w.len);
		close(fd);
		while ((result = read_on(s, &packets)) == 1)
			;
		assert_int_equal(result, -EIO);
		assert_int_equal(packets, (lost - 24) / RECORD);
		snprintf(
		    words, sizeof(words), "cannot be read at byte %zu: Input/output error", lost);
		assert_non_null(strstr(source_problem(s), words));
		source_progress(s, &p);
		assert_int_equal(p.frames, packets);
		assert_int_equal(p.damaged_at, lost);
		assert_digest_fits(s);
		source_close(&s);
	}
	pw_free(&w);
}

/* Threads are at work, or asleep, wherever it is closed. */
static void
test_a_file_can_be_closed_in_the_middle(void **state)
{
	struct pcap_writer w;

	(void)state;
	marked_write(&w, 3000);
	for (size_t k = 0; k < 60; k++) {
		struct source *s = open_part(&w, w.len, k % TUNINGS, 1 + k % 4);
		uint64_t packets = 0;

		for (size_t i = 0; i < k / 4; i++)
			(void)read_on(s, &packets);
		source_close(&s);
	}
	pw_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_file_that_grows_is_read_to_its_new_end),
	    cmocka_unit_test(test_a_file_may_grow_by_leaves),
	    cmocka_unit_test(test_of_a_file_that_is_cut_whole_leaves_are_known),
	    cmocka_unit_test(test_what_has_ended_stays_so),
	    cmocka_unit_test(test_a_file_that_grows_by_half_a_record_ends_in_it),
	    cmocka_unit_test(test_a_file_that_is_cut_ends_there),
	    cmocka_unit_test(test_a_file_that_is_cut_before_it_is_read_ends_there),
	    cmocka_unit_test(test_what_a_filter_drops_is_no_end_of_a_cut_file),
	    cmocka_unit_test(test_pcapng_that_is_cut_ends_there),
	    cmocka_unit_test(test_a_page_that_cannot_be_read_is_an_error),
	    cmocka_unit_test(test_a_file_can_be_closed_in_the_middle),
	};

	return cmocka_run_group_tests(tests, make_temp, remove_temp);
}
