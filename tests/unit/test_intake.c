/* test_intake.c - what is compressed comes in as it was, in any pieces; damage is told, and nothing
 * expands for ever. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "capture/intake.h"
#include "tests/unit/packing.h"
#include "tests/unit/temp_dir.h"

enum {
	LEN = 300000,
	BLOCK = 50000
};

static struct temp_dir temp;
static struct pcap_writer plain; /* LEN bytes that can be compressed, but not to nothing */

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static int
setup(void **state)
{
	uint32_t seed = 1;

	(void)state;
	pw_init(&plain, false);
	while (plain.len < LEN) {
		uint8_t bytes[64];
		uint32_t n = 1 + next_random(&seed) % 63;

		for (uint32_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(next_random(&seed) % 5);
		pw_bytes(&plain, bytes, n);
	}
	plain.len = LEN;
	return temp_dir_make(&temp);
}

static int
teardown(void **state)
{
	(void)state;
	temp_dir_remove(&temp);
	pw_free(&plain);
	return 0;
}

static struct intake *
open_bytes(const struct pcap_writer *w, size_t len, uint64_t most)
{
	const struct intake_options options = {.regular = true, .most = most};
	const char *path = temp_dir_file(&temp, "file");
	struct intake *in;

	assert_int_equal(pw_save(w, path, len), 0);
	assert_int_equal(intake_open(&in, path, &options), ERR_OK);
	return in;
}

/* Read to the end by ${piece} bytes; all has to be the beginning of ${plain}. How many they were. */
static size_t
read_all(struct intake *in, size_t piece)
{
	static uint8_t bytes[LEN + 1];
	size_t len = 0, n;

	while ((n = intake_read(in, bytes, piece < LEN ? piece : LEN)) > 0) {
		assert_in_range(n, 1, piece);
		assert_true(n <= plain.len - len);
		assert_memory_equal(bytes, plain.data + len, n);
		len += n;
		assert_int_equal(intake_given(in), len);
	}
	assert_int_equal(intake_read(in, bytes, 1), 0);
	return len;
}

static void
test_every_kind_comes_out_as_it_went_in(void **state)
{
	static const size_t pieces[] = {1, 7, 4096, 65536, LEN};

	(void)state;
	for (enum packing how = 0; how < PACKINGS; how++)
		for (size_t i = 0; i < 5; i++) {
			struct pcap_writer w =
			    packing_of(&plain, LEN, how, i % 2 == 0 ? LEN : BLOCK);
			struct intake *in = open_bytes(&w, w.len, 0);

			assert_true(intake_packed(in));
			assert_int_equal(intake_stored_size(in), w.len);
			assert_int_equal(read_all(in, pieces[i]), LEN);
			assert_int_equal(intake_error(in), ERR_OK);
			assert_int_equal(intake_stored(in), w.len);
			assert_true(intake_memory(in) > 0);
			intake_close(&in);
			assert_null(in);
			pw_free(&w);
		}
}

static void
test_what_is_not_compressed_comes_as_it_is(void **state)
{
	(void)state;
	for (size_t len = 0; len < 6; len++) {
		struct intake *in = open_bytes(&plain, len, 3);

		assert_false(intake_packed(in));
		assert_int_equal(read_all(in, 4), len);
		assert_int_equal(intake_error(in), ERR_OK);
		intake_close(&in);
	}
}

/* Members and frames of all kinds one after the other, and notes between them. */
static void
test_frames_of_any_kind_are_one_stream(void **state)
{
	struct pcap_writer w;
	struct intake *in;
	size_t at = 0;

	(void)state;
	pw_init(&w, false);
	packing_note(&w, 0, 20000);
	for (uint32_t i = 0; at < LEN; i++) {
		size_t n = LEN - at < 777 * (size_t)i ? LEN - at : 777 * (size_t)i;

		packing_add(&w, (enum packing)(i * 7 / 3 % PACKINGS), plain.data + at, n, LEN);
		if (i % 5 == 3)
			packing_note(&w, i % 16, i);
		at += n;
	}
	for (size_t piece = 1; piece < LEN; piece = piece * 10 + 3) {
		in = open_bytes(&w, w.len, 0);
		assert_true(intake_packed(in));
		assert_int_equal(read_all(in, piece), LEN);
		assert_int_equal(intake_error(in), ERR_OK);
		intake_close(&in);
	}
	pw_free(&w);
}

/* The first read ends within the magic number of a frame, or the head of a note. */
static void
test_frames_may_begin_where_a_read_ends(void **state)
{
	(void)state;
	for (uint32_t k = 0; k < 12; k++)
		for (int how = 0; how < PACKINGS; how++) {
			struct pcap_writer w;
			struct intake *in;

			pw_init(&w, false);
			packing_note(&w, 1, 16384 - 8 - k);
			if (k > 5)
				packing_note(&w, 2, 3);
			packing_add(&w, (enum packing)how, plain.data, LEN, LEN);
			in = open_bytes(&w, w.len, 0);
			assert_int_equal(read_all(in, 4096), LEN);
			assert_int_equal(intake_error(in), ERR_OK);
			intake_close(&in);
			pw_free(&w);
		}
}

static void
assert_words(const struct intake *in, const char *words)
{
	assert_int_equal(intake_error(in), ERR_DAMAGED);
	if (strstr(intake_words(in), words) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", intake_words(in), words);
}

static void
test_zeros_behind_the_end_are_nothing_else_is_damage(void **state)
{
	(void)state;
	for (enum packing how = 0; how < PACKINGS; how++) {
		struct pcap_writer w = packing_of(&plain, LEN, how, LEN);
		size_t end = w.len;
		struct intake *in;
		char words[100];

		for (int i = 0; i < 1000; i++)
			pw_bytes(&w, "", 1);
		in = open_bytes(&w, w.len, 0);
		assert_int_equal(read_all(in, 4096), LEN);
		assert_int_equal(intake_error(in), ERR_OK);
		intake_close(&in);
		for (size_t i = 1; i < 6; i++) {
			w.len = end;
			pw_bytes(&w, "xxxxx", i);
			in = open_bytes(&w, w.len, 0);
			assert_int_equal(read_all(in, 4096), LEN);
			snprintf(words, sizeof(words),
			    "something else follows the %s data at byte %zu of the file",
			    packing_name[how], end);
			assert_words(in, words);
			intake_close(&in);
		}
		pw_free(&w);
	}
}

/* Every block that is whole has been given, when the next one is cut. */
static void
test_cut_at_every_byte_it_gives_what_is_there(void **state)
{
	(void)state;
	for (enum packing how = 0; how < PACKINGS; how++) {
		struct pcap_writer w = packing_of(&plain, 3000, how, 500);
		size_t before = 0, last = 0;

		for (size_t len = 4; len < w.len; len++) {
			struct intake *in = open_bytes(&w, len, 0);
			size_t got = read_all(in, len % 7 == 0 ? 10 : 4096);
			char words[100];

			snprintf(words, sizeof(words), "the %s data ends early, at byte %zu of",
			    packing_name[how], len);
			assert_words(in, words);
			assert_true(got >= before && got <= 3000);
			if (got / 500 > before / 500)
				last++;
			before = got;
			intake_close(&in);
		}
		assert_int_equal(before, 3000);
		assert_int_equal(last, 6);
		pw_free(&w);
	}
}

/* A note of which the file lacks a part. */
static void
test_cut_notes_are_told(void **state)
{
	struct pcap_writer w;

	(void)state;
	pw_init(&w, false);
	packing_note(&w, 3, 10);
	for (size_t len = 4; len < w.len; len++) {
		struct intake *in = open_bytes(&w, len, 0);

		assert_true(intake_packed(in));
		assert_int_equal(read_all(in, 100), 0);
		assert_words(in, "the compressed data ends early");
		intake_close(&in);
	}
	pw_free(&w);
}

/* What is damaged later may come out before that is known, so only so much can be asked for: an end,
 * and an error unless nothing was changed in what counts. */
static void
test_flipped_bits_end_in_an_error(void **state)
{
	static uint8_t got[8192];
	uint32_t seed = 7;

	(void)state;
	for (enum packing how = 0; how < PACKINGS; how++) {
		struct pcap_writer w = packing_of(&plain, 3000, how, 500);
		unsigned told = 0;

		for (int round = 0; round < 600; round++) {
			size_t at = next_random(&seed) % w.len, len = 0, n;
			uint8_t bit = (uint8_t)(1U << next_random(&seed) % 8);
			struct intake *in;

			w.data[at] ^= bit;
			in = open_bytes(&w, w.len, sizeof(got) - 100);
			while ((n = intake_read(in, got + len, 100)) > 0) {
				len += n;
				assert_true(len <= sizeof(got) - 100);
			}
			told += intake_error(in) == ERR_DAMAGED;
			assert_true(intake_error(in) == ERR_DAMAGED || at < 10 ||
				    memcmp(got, plain.data, 3000) == 0);
			intake_close(&in);
			w.data[at] ^= bit;
		}
		assert_true(told > 500);
		pw_free(&w);
	}
}

static void
test_blocks_before_the_damage_are_given(void **state)
{
	(void)state;
	for (enum packing how = 0; how < PACKINGS; how++) {
		struct pcap_writer w = packing_of(&plain, LEN, how, BLOCK), half;
		struct intake *in;
		size_t at;

		/* Where a frame of the same three blocks ends, which differs in nothing before. */
		half = packing_of(&plain, 3 * BLOCK, how, BLOCK);
		at = half.len + 2000;
		memset(w.data + at, 0xff, 1000);
		in = open_bytes(&w, w.len, 0);
		for (size_t len = 0, n; len < 3 * BLOCK; len += n) {
			static uint8_t bytes[2 * LEN];

			n = intake_read(in, bytes, sizeof(bytes));
			assert_true(n > 0);
			assert_memory_equal(
			    bytes, plain.data + len, n < 3 * BLOCK - len ? n : 3 * BLOCK - len);
		}
		intake_close(&in);
		pw_free(&half);
		pw_free(&w);
	}
}

static void
test_the_limit_ends_it_at_the_byte(void **state)
{
	(void)state;
	for (enum packing how = 0; how < PACKINGS; how++) {
		struct pcap_writer w = packing_of(&plain, LEN, how, LEN);

		for (uint64_t most = 1; most < LEN;
		     most = most < LEN / 9 ? most * 9 + 1 : most + (LEN - most + 1) / 2) {
			struct intake *in = open_bytes(&w, w.len, most);
			char words[100];

			assert_int_equal(read_all(in, most % 2 == 0 ? LEN : 1000), most);
			snprintf(
			    words, sizeof(words), "it expands beyond the limit of %" PRIu64, most);
			assert_words(in, words);
			intake_close(&in);
		}
		struct intake *in = open_bytes(&w, w.len, LEN);
		assert_int_equal(read_all(in, LEN), LEN);
		assert_int_equal(intake_error(in), ERR_OK);
		intake_close(&in);
		pw_free(&w);
	}
}

/* Four gigabytes of zeros in some hundred kilobytes. */
static void
test_a_bomb_ends_at_a_thousand_times_its_size(void **state)
{
	static uint8_t zeros[1 << 20];
	struct pcap_writer one, w;
	struct intake *in;
	uint64_t got = 0;
	size_t n;

	(void)state;
	pw_init(&one, false);
	for (int i = 0; i < 64; i++)
		packing_add(&one, PACKING_ZSTD, zeros, sizeof(zeros), sizeof(zeros));
	pw_init(&w, false);
	for (int i = 0; i < 64; i++)
		pw_bytes(&w, one.data, one.len);
	assert_true(w.len < (4U << 20) && UINT64_C(4) << 30 > w.len * UINT64_C(1000));
	in = open_bytes(&w, w.len, 0);
	while ((n = intake_read(in, zeros, sizeof(zeros))) > 0)
		got += n;
	assert_words(in, "it expands to more than 1000 times its size");
	assert_in_range(got, INTAKE_FREE, INTAKE_FREE + (2U << 20));
	assert_true(intake_memory(in) < (4U << 20));
	intake_close(&in);
	pw_free(&one);
	pw_free(&w);
}

/* A frame that says that it needs a window of 2 GiB. */
static void
test_a_window_beyond_reason_is_refused(void **state)
{
	static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, (31 - 10) << 3, 0x0b, 0, 0, 'a'};
	struct pcap_writer w;
	struct intake *in;

	(void)state;
	pw_init(&w, false);
	pw_bytes(&w, frame, sizeof(frame));
	in = open_bytes(&w, w.len, 0);
	assert_int_equal(read_all(in, 100), 0);
	assert_words(in, "too much memory");
	intake_close(&in);
	pw_free(&w);
}

/* Each says that it may need eight megabytes; what is closed no longer counts. */
static void
test_all_together_take_only_so_much_memory(void **state)
{
	struct pcap_writer w = packing_of(&plain, LEN, PACKING_LZ4, LEN);
	struct intake *in[40];

	(void)state;
	for (int round = 0; round < 2; round++) {
		int good = 0;

		for (int i = 0; i < 40; i++) {
			uint8_t byte;

			in[i] = open_bytes(&w, w.len, 0);
			while (intake_read(in[i], &byte, 1) == 0 && intake_error(in[i]) == ERR_OK)
				;
			good += intake_error(in[i]) == ERR_OK;
			if (intake_error(in[i]) != ERR_OK)
				assert_words(in[i], "takes more memory than there is");
		}
		assert_in_range(good, 28, 32);
		for (int i = 0; i < 40; i++)
			intake_close(&in[i]);
	}
	pw_free(&w);
}

static void
test_what_was_given_back_is_read_again(void **state)
{
	static uint8_t bytes[LEN];

	(void)state;
	for (int how = -1; how < PACKINGS; how++) {
		struct pcap_writer w = how < 0
					   ? (struct pcap_writer){.data = plain.data, .len = LEN}
					   : packing_of(&plain, LEN, (enum packing)how, LEN);
		struct intake *in = open_bytes(&w, w.len, 0);
		size_t len = intake_read(in, bytes, 1000);

		assert_in_range(len, 1, 1000);
		assert_int_equal(intake_unread(in, bytes, len), ERR_OK);
		assert_int_equal(intake_given(in), 0);
		assert_int_equal(read_all(in, 300), LEN);
		intake_close(&in);
		if (how >= 0)
			pw_free(&w);
	}
}

static void
test_what_cannot_be_opened(void **state)
{
	const struct intake_options regular = {.regular = true};
	struct intake *in;

	(void)state;
	assert_int_equal(intake_open(&in, temp_dir_file(&temp, "none"), NULL), -ENOENT);
	assert_null(in);
	assert_int_equal(intake_open(&in, temp.path, NULL), -EISDIR);
	assert_int_equal(mkfifo(temp_dir_file(&temp, "fifo"), 0600), 0);
	assert_int_equal(intake_open(&in, temp_dir_file(&temp, "fifo"), &regular), -ESPIPE);
}

/* A pipe that drips, and then says no more. */
struct dripping {
	const struct pcap_writer *w;
	char path[sizeof(temp.file)];
};

static void *
drip(void *arg)
{
	const struct dripping *d = arg;
	FILE *f = fopen(d->path, "wb");

	for (size_t i = 0; f != NULL && i < d->w->len; i++) {
		fputc(d->w->data[i], f);
		if (i % 500 == 1)
			fflush(f);
	}
	if (f != NULL)
		fclose(f);
	return NULL;
}

static void
test_a_pipe_is_as_good_as_a_file(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(temp_dir_file(&temp, "pipe"), 0600), 0);
	for (enum packing how = 0; how < PACKINGS; how++) {
		struct pcap_writer w = packing_of(&plain, LEN, how, BLOCK);
		struct dripping dripping = {.w = &w};
		struct intake *in;
		pthread_t writer;

		snprintf(dripping.path, sizeof(dripping.path), "%s", temp_dir_file(&temp, "pipe"));
		assert_int_equal(pthread_create(&writer, NULL, drip, &dripping), 0);
		assert_int_equal(intake_open(&in, dripping.path, NULL), ERR_OK);
		assert_true(intake_packed(in));
		assert_int_equal(intake_stored_size(in), 0);
		assert_int_equal(read_all(in, 5000), LEN);
		assert_int_equal(intake_error(in), ERR_OK);
		intake_close(&in);
		pthread_join(writer, NULL);
		pw_free(&w);
	}
}

static void *
stop_soon(void *in)
{
	const struct timespec nap = {.tv_nsec = 20000000};

	nanosleep(&nap, NULL);
	intake_stop(in);
	return NULL;
}

/* Within a frame, and behind one. */
static void
test_what_is_there_is_given_before_a_pipe_is_waited_for(void **state)
{
	(void)state;
	for (int k = 0; k < 2 * PACKINGS; k++) {
		struct pcap_writer w = packing_of(&plain, LEN, (enum packing)(k / 2), 1000);
		struct pcap_writer half = packing_of(&plain, 5000, (enum packing)(k / 2), 1000);
		static uint8_t bytes[LEN];
		struct intake *in;
		pthread_t stopper;
		int fd;

		(void)remove(temp_dir_file(&temp, "waiting"));
		assert_int_equal(mkfifo(temp_dir_file(&temp, "waiting"), 0600), 0);
		fd = open(temp_dir_file(&temp, "waiting"), O_RDWR);
		assert_true(write(fd, k % 2 == 0 ? w.data : half.data, half.len) > 0);
		assert_int_equal(intake_open(&in, temp_dir_file(&temp, "waiting"), NULL), ERR_OK);
		assert_int_equal(pthread_create(&stopper, NULL, stop_soon, in), 0);
		for (size_t len = 0, n; len < 4000; len += n) {
			n = intake_read(in, bytes, LEN);
			assert_true(n > 0);
			assert_int_equal(intake_error(in), ERR_OK);
		}
		pthread_join(stopper, NULL);
		intake_close(&in);
		close(fd);
		pw_free(&half);
		pw_free(&w);
	}
}

static void
test_a_silent_pipe_can_be_given_up(void **state)
{
	struct pcap_writer w = packing_of(&plain, LEN, PACKING_GZIP, BLOCK);
	struct intake *in;
	pthread_t stopper;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(temp_dir_file(&temp, "silent"), 0600), 0);
	fd = open(temp_dir_file(&temp, "silent"), O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, w.data, 1000), 1000);
	assert_int_equal(intake_open(&in, temp_dir_file(&temp, "silent"), NULL), ERR_OK);
	assert_int_equal(pthread_create(&stopper, NULL, stop_soon, in), 0);
	assert_true(read_all(in, 5000) < LEN);
	assert_int_equal(intake_error(in), -ECANCELED);
	pthread_join(stopper, NULL);
	intake_close(&in);
	close(fd);
	pw_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_kind_comes_out_as_it_went_in),
	    cmocka_unit_test(test_what_is_not_compressed_comes_as_it_is),
	    cmocka_unit_test(test_frames_of_any_kind_are_one_stream),
	    cmocka_unit_test(test_frames_may_begin_where_a_read_ends),
	    cmocka_unit_test(test_zeros_behind_the_end_are_nothing_else_is_damage),
	    cmocka_unit_test(test_cut_at_every_byte_it_gives_what_is_there),
	    cmocka_unit_test(test_cut_notes_are_told),
	    cmocka_unit_test(test_flipped_bits_end_in_an_error),
	    cmocka_unit_test(test_blocks_before_the_damage_are_given),
	    cmocka_unit_test(test_the_limit_ends_it_at_the_byte),
	    cmocka_unit_test(test_a_bomb_ends_at_a_thousand_times_its_size),
	    cmocka_unit_test(test_a_window_beyond_reason_is_refused),
	    cmocka_unit_test(test_all_together_take_only_so_much_memory),
	    cmocka_unit_test(test_what_was_given_back_is_read_again),
	    cmocka_unit_test(test_what_cannot_be_opened),
	    cmocka_unit_test(test_a_pipe_is_as_good_as_a_file),
	    cmocka_unit_test(test_what_is_there_is_given_before_a_pipe_is_waited_for),
	    cmocka_unit_test(test_a_silent_pipe_can_be_given_up),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
