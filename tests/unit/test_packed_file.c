/* test_packed_file.c - a compressed capture gives what the plain one gives, and is known by the
 * same; what is wrong with it is told with its place. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"
#include "capture/block_file.h"
#include "capture/chain.h"
#include "capture/folder.h"
#include "capture/packed_file.h"
#include "tests/unit/marked.h"
#include "tests/unit/packing.h"
#include "tests/unit/readings.h"

enum {
	RECORD = 76
};

/* Stretches that cut every record, some, and hardly any. */
static const struct packed_file_tuning tunings[] = {{100}, {32768}, {262144}};

enum {
	TUNINGS = sizeof(tunings) / sizeof(tunings[0])
};

static const struct source_reader by_blocks = {&block_file_ops, &block_file_tuning};
static const struct source_reader by_libpcap = {&pcap_file_ops, NULL};

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

static uint32_t random_state;

static uint32_t
random_below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(random_state >> 8) * n >> 24);
}

/* ${len} bytes that cannot be told from any others by their place. */
static const uint8_t *
content(uint32_t len)
{
	static uint8_t bytes[262144];

	for (uint32_t i = 0; i < len; i += 1 + random_below(5))
		bytes[i] = (uint8_t)random_below(256);
	return bytes;
}

/* Classic captures of both orders and units; packets up to ${longest} bytes. */
static void
write_classic(struct pcap_writer *w, bool big_endian, bool ns, uint32_t count, uint32_t longest)
{
	pw_init(w, big_endian);
	pw_classic(w, ns, 1);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t len = random_below(longest + 1);

		pw_record(w, (uint32_t)T0 + i, i, content(len), len, len + random_below(3));
	}
}

/* pcapng of several sections, each in its own order, with interfaces that come late and packets of
 * all kinds. */
static void
write_ng(struct pcap_writer *w, uint32_t count, uint32_t longest)
{
	pw_init(w, false);
	for (uint32_t section = 0; section < 3; section++) {
		w->big_endian = section == 1;
		pw_section(w);
		pw_interface(w, 1, 6);
		for (uint32_t i = 0; i < count; i++) {
			uint32_t len = random_below(longest + 1);

			if (i == count / 2)
				pw_interface_with(w, 113, 262144, 9, 3600);
			if (i % 7 == 0)
				pw_block(w, 0x0bad, content(len), len);
			if (i % 5 == 0)
				pw_simple(w, content(len), len, len);
			else if (i % 5 == 1)
				pw_obsolete(w, 0, i, content(len), len, len);
			else
				pw_packet(w, i > count / 2, i, content(len), len, len + 1);
		}
	}
}

/* Everything that ${reader} and ${options} make of ${plain} is what is made of it when it is
 * compressed; and so is what it is known by. */
static void
assert_as_plain(const struct pcap_writer *plain, const char *filter)
{
	struct reading wanted;

	reading_take(&wanted, &by_blocks, marked_save(&temp, plain, plain->len),
	    &(struct source_options){.filter = filter});
	for (size_t k = 0; k < PACKINGS * TUNINGS * 2; k++) {
		const struct source_reader reader = {&packed_file_ops, &tunings[k / 2 % TUNINGS]};
		struct pcap_writer w = packing_of(plain, plain->len,
		    (enum packing)(k / 2 / TUNINGS), k % 3 == 0 ? 5000 : 1 << 20);
		struct reading got;
		const char *difference;

		reading_take(&got, &reader, marked_save(&temp, &w, w.len),
		    &(struct source_options){.filter = filter, .threads = 1 + k % 2 * 2});
		assert_int_equal(got.end.size, 0);
		assert_int_equal(got.end.stored, w.len);
		assert_int_equal(got.end.stored_size, w.len);
		got.end.size = wanted.end.size;
		difference = reading_difference(&wanted, &got);
		if (difference != NULL)
			fail_msg("%s, stretches of %zu: %s", packing_name[k / 2 / TUNINGS],
			    tunings[k / 2 % TUNINGS].stretch, difference);
		assert_int_equal(got.end.bytes, plain->len);
		assert_memory_equal(got.end.digest, wanted.end.digest, HASH_DIGEST);
		assert_memory_equal(got.start.digest, wanted.start.digest, HASH_DIGEST);
		assert_int_equal(got.start.bytes, 0);
		reading_free(&got);
		pw_free(&w);
	}
	reading_free(&wanted);
}

static void
test_classic_captures_are_as_plain(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct pcap_writer w;

		write_classic(&w, kind % 2 == 1, kind / 2 == 1, 1500, 300);
		assert_as_plain(&w, NULL);
		assert_as_plain(&w, "greater 150");
		pw_free(&w);
	}
}

static void
test_pcapng_is_as_plain(void **state)
{
	struct pcap_writer w;

	(void)state;
	write_ng(&w, 500, 300);
	assert_as_plain(&w, NULL);
	assert_as_plain(&w, "less 100");
	pw_free(&w);
}

/* A section in another order than the one before, cut at every place where it can be. */
static void
test_sections_cut_by_a_stretch_keep_their_order(void **state)
{
	(void)state;
	for (uint32_t len = 0; len < 100; len += 4) {
		struct pcap_writer w;

		pw_init(&w, false);
		pw_section(&w);
		pw_interface(&w, 1, 6);
		pw_packet(&w, 0, 1, content(60), 60, 60);
		pw_block(&w, 0x0bad, content(len), len);
		w.big_endian = true;
		pw_section(&w);
		pw_interface(&w, 1, 6);
		pw_packet(&w, 0, 2, content(60), 60, 60);
		assert_as_plain(&w, NULL);
		pw_free(&w);
	}
}

static char said[SOURCE_PROBLEM];

static void
remember(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	snprintf(said, sizeof(said), "%s", line);
}

/* Each may need eight megabytes, so not all can be open at a time; all are read. */
static void
test_captures_that_take_much_memory_wait(void **state)
{
	struct pcap_writer plain, w;
	struct temp_dir folder;
	struct chain *chain;
	struct batch *batch;
	const char *path = folder.path;
	uint64_t packets = 0;

	(void)state;
	assert_int_equal(temp_dir_make(&folder), 0);
	marked_write(&plain, 20);
	w = packing_of(&plain, plain.len, PACKING_LZ4, 1 << 20);
	for (char name[] = "a"; name[0] <= 'l'; name[0]++)
		assert_int_equal(pw_save(&w, temp_dir_file(&folder, name), w.len), 0);
	said[0] = '\0';
	log_set_sink(remember, NULL);
	assert_int_equal(chain_new(&chain, &path, 1, NULL), ERR_OK);
	while (chain_next(chain, &batch) == 1)
		packets += batch->count;
	log_set_sink(NULL, NULL);
	assert_int_equal(packets, 12 * 20);
	assert_string_equal(
	    said, "more than 8 captures overlap in time: the rest is read after them");
	assert_int_equal(chain_problems(chain), 0);
	chain_free(&chain);
	temp_dir_remove(&folder);
	pw_free(&w);
	pw_free(&plain);
}

/* Longer than the room before a stretch, and than some of the stretches. */
static void
test_long_records_are_put_together(void **state)
{
	struct pcap_writer w;

	(void)state;
	write_classic(&w, false, false, 3, 100);
	for (uint32_t i = 0; i < 12; i++) {
		uint32_t len = i % 2 == 0 ? 262144 - i : 70000 + i;

		pw_record(&w, (uint32_t)T0 + i, i, content(len), len, len);
		pw_record(&w, (uint32_t)T0 + i, i, content(60), 60, 60);
	}
	assert_as_plain(&w, NULL);
	pw_free(&w);
	write_ng(&w, 4, 100);
	for (uint32_t i = 0; i < 3; i++) {
		static uint8_t block[5000000];

		pw_block(&w, 0x0bad, block, 1000000 + i * 2000000);
		pw_packet(&w, 0, i, content(100), 100, 100);
	}
	assert_as_plain(&w, NULL);
	pw_free(&w);
}

/* The table takes it, by a file of any name and by a pipe. */
static void
test_it_is_the_content_that_counts(void **state)
{
	struct pcap_writer plain, w;
	struct source *s;
	uint64_t packets;
	int saved = dup(STDIN_FILENO), fd;

	(void)state;
	marked_write(&plain, 5000);
	for (enum packing how = 0; how < PACKINGS; how++) {
		w = packing_of(&plain, plain.len, how, 1 << 20);
		assert_int_equal(source_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
		assert_ptr_equal(s->ops, &packed_file_ops);
		assert_int_equal(marked_read(s, &packets), 0);
		assert_int_equal(packets, 5000);
		source_close(&s);
		fd = open(temp_dir_file(&temp, "capture"), O_RDONLY);
		assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
		assert_int_equal(source_open(&s, "-", NULL, 0), ERR_OK);
		assert_int_equal(marked_read(s, &packets), 0);
		assert_int_equal(packets, 5000);
		source_close(&s);
		close(fd);
		pw_free(&w);
	}
	dup2(saved, STDIN_FILENO);
	close(saved);
	pw_free(&plain);
}

/* What is told by whichever reader of the table gives up. */
static void
assert_table(const struct pcap_writer *w, size_t len, int opened, int result, uint64_t packets,
    const char *words)
{
	struct source *s;
	uint64_t got;
	int err = source_open(&s, marked_save(&temp, w, len), NULL, 0);

	if (err != opened)
		fail_msg("%d, \"%s\" where \"%s\" is wanted", err, source_problem(s), words);
	if (opened == ERR_OK) {
		err = marked_read(s, &got);
		if (err != result || got != packets)
			fail_msg("%d after %d packets, \"%s\" where \"%s\" is wanted", err,
			    (int)got, source_problem(s), words);
	}
	if (strstr(source_problem(s), words) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", source_problem(s), words);
	source_close(&s);
}

/* Cut anywhere: what is whole before is kept, and the line names the record and how far it went. */
static void
test_cut_at_every_byte_it_keeps_what_stands_before(void **state)
{
	struct pcap_writer plain;

	(void)state;
	marked_write(&plain, 40);
	for (enum packing how = 0; how < PACKINGS; how++) {
		struct pcap_writer w = packing_of(&plain, plain.len, how, 300);
		uint64_t before = 0;

		for (size_t len = 4; len < w.len; len++) {
			struct source *s;
			uint64_t got = 0, at;
			int err = source_open(&s, marked_save(&temp, &w, len), NULL, 0);
			const char *words;

			if (err == ERR_OK)
				err = marked_read(s, &got);
			assert_int_equal(err, ERR_DAMAGED);
			assert_true(got >= before && got <= 40);
			before = got;
			words = strstr(source_problem(s), "damaged at byte ");
			assert_non_null(words);
			assert_int_equal(
			    sscanf(words, "damaged at byte %" SCNu64 " of the uncompressed", &at),
			    1);
			assert_true(got == 0 || at == 24 + got * RECORD);
			assert_non_null(strstr(words, " data ends early, at byte "));
			source_close(&s);
		}
		assert_int_equal(before, 40);
		pw_free(&w);
	}
	pw_free(&plain);
}

static void
test_a_cut_capture_in_whole_compression_is_told_so(void **state)
{
	struct pcap_writer plain, w;

	(void)state;
	marked_write(&plain, 2000);
	for (enum packing how = 0; how < PACKINGS; how++) {
		w = packing_of(&plain, 24 + 1000 * RECORD + 20, how, 1 << 20);
		assert_table(&w, w.len, ERR_OK, ERR_DAMAGED, 1000,
		    ": damaged at byte 76024 of the uncompressed data: the file ends inside this "
		    "record, at byte 76044");
		pw_free(&w);
		memset(plain.data + 24 + 1500 * RECORD + 8, 0xff, 4);
		w = packing_of(&plain, plain.len, how, 1 << 20);
		assert_table(&w, w.len, ERR_OK, ERR_DAMAGED, 1500,
		    ": damaged at byte 114024 of the uncompressed data: the record promises "
		    "4294967295 bytes");
		pw_free(&w);
	}
	pw_free(&plain);
}

static void
test_what_is_wrong_in_the_beginning_is_told(void **state)
{
	struct pcap_writer plain, w, again;

	(void)state;
	marked_write(&plain, 3);
	for (enum packing how = 0; how < PACKINGS; how++) {
		w = packing_of(&plain, 0, how, 100);
		assert_table(&w, w.len, ERR_DAMAGED, 0, 0,
		    "damaged at byte 0 of the uncompressed data: the file is empty");
		pw_free(&w);
		w = packing_of(&plain, 24, how, 100);
		assert_table(&w, w.len, ERR_EMPTY, 0, 0,
		    "empty at byte 24 of the uncompressed data: no packet follows the header");
		pw_free(&w);
		w = packing_of(&plain, 20, how, 100);
		assert_table(&w, w.len, ERR_DAMAGED, 0, 0,
		    "damaged at byte 0 of the uncompressed data: the file ends inside this "
		    "header, at byte 20");
		pw_free(&w);
		w = packing_of(&plain, plain.len, how, 1 << 20);
		again = packing_of(&w, w.len, (enum packing)((how + 1) % PACKINGS), 1 << 20);
		assert_table(&again, again.len, ERR_DAMAGED, 0, 0,
		    "damaged at byte 0 of the uncompressed data: this is compressed twice, and "
		    "only one layer is taken off");
		pw_free(&again);
		pw_bytes(&w, "and so on", 9);
		assert_table(&w, w.len, ERR_OK, ERR_DAMAGED, 3,
		    " of the uncompressed data: something else follows the ");
		pw_free(&w);
	}
	pw_free(&plain);
	pw_init(&plain, false);
	pw_bytes(&plain, "text, and no capture", 20);
	w = packing_of(&plain, plain.len, PACKING_GZIP, 100);
	assert_table(&w, w.len, ERR_DAMAGED, 0, 0,
	    "damaged at byte 0 of the uncompressed data: this is no capture file");
	pw_free(&w);
	pw_free(&plain);
}

static void
test_the_limit_holds_for_the_capture(void **state)
{
	const struct source_options options = {.most = 24 + 50 * RECORD + 10};
	struct pcap_writer plain, w;
	struct source *s;
	uint64_t packets;

	(void)state;
	marked_write(&plain, 3000);
	w = packing_of(&plain, plain.len, PACKING_ZSTD, 1 << 20);
	assert_int_equal(source_open(&s, marked_save(&temp, &w, w.len), &options, 0), ERR_OK);
	assert_int_equal(marked_read(s, &packets), ERR_DAMAGED);
	assert_int_equal(packets, 50);
	assert_non_null(strstr(source_problem(s),
	    "damaged at byte 3824 of the uncompressed data: it expands beyond the limit of 3834 "
	    "bytes"));
	source_close(&s);
	pw_free(&w);
	pw_free(&plain);
}

/* What libpcap alone reads it reads in compressed captures, too. */
static void
test_what_only_libpcap_reads_is_read(void **state)
{
	struct pcap_writer plain, w;
	struct reading got;

	(void)state;
	pw_init(&plain, false);
	pw_u32(&plain, 0xa1b2cd34);
	pw_u16(&plain, 2);
	pw_u16(&plain, 4);
	pw_u32(&plain, 0);
	pw_u32(&plain, 0);
	pw_u32(&plain, 65535);
	pw_u32(&plain, 1);
	for (uint32_t i = 0; i < 3000; i++) {
		pw_u32(&plain, 1000 + i);
		pw_u32(&plain, i);
		pw_u32(&plain, 60);
		pw_u32(&plain, 60);
		pw_number(&plain, i, 8);
		pw_bytes(&plain, content(60), 60);
	}
	for (enum packing how = 0; how < PACKINGS; how++) {
		struct reading wanted;

		reading_take(&wanted, &by_libpcap, marked_save(&temp, &plain, plain.len), NULL);
		assert_int_equal(wanted.count, 3000);
		w = packing_of(&plain, plain.len, how, 1 << 20);
		reading_take(&got, &by_libpcap, marked_save(&temp, &w, w.len), NULL);
		got.end.size = wanted.end.size;
		if (reading_difference(&wanted, &got) != NULL)
			fail_msg("%s", reading_difference(&wanted, &got));
		assert_memory_equal(got.end.digest, wanted.end.digest, HASH_DIGEST);
		reading_free(&got);
		reading_free(&wanted);
		pw_free(&w);
	}
	pw_free(&plain);
}

/* Sixty-four kilobytes without a packet: libpcap reads on from the first byte. */
static void
test_a_late_first_packet_loses_nothing(void **state)
{
	static uint8_t block[100000];
	struct pcap_writer plain, w;
	struct source *s;
	uint64_t packets;

	(void)state;
	pw_init(&plain, false);
	pw_section(&plain);
	pw_interface(&plain, 1, 6);
	pw_block(&plain, 0x0bad, block, sizeof(block));
	for (uint32_t i = 1; i <= 700; i++)
		marked_packet(&plain, i, i);
	w = packing_of(&plain, plain.len, PACKING_GZIP, 1 << 20);
	assert_int_equal(source_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
	assert_int_equal(marked_read(s, &packets), 0);
	assert_int_equal(packets, 700);
	source_close(&s);
	pw_free(&w);
	pw_free(&plain);
}

/* Damaged anywhere, by any way it is read, it ends. */
static void
test_flipped_bits_never_run_away(void **state)
{
	struct pcap_writer plain;

	(void)state;
	write_ng(&plain, 30, 200);
	for (enum packing how = 0; how < PACKINGS; how++) {
		struct pcap_writer w = packing_of(&plain, plain.len, how, 2000);

		for (int i = 0; i < 400; i++) {
			const struct source_options options = {.threads = 1 + (size_t)i % 2};
			size_t at = random_below((uint32_t)w.len);
			uint8_t bit = (uint8_t)(1U << random_below(8));
			struct source *s;
			struct batch *batch;

			w.data[at] ^= bit;
			if (source_open(&s, marked_save(&temp, &w, w.len), &options, 0) == ERR_OK)
				while (source_next(s, &batch) == 1)
					;
			source_close(&s);
			w.data[at] ^= bit;
		}
		pw_free(&w);
	}
	pw_free(&plain);
}

/* The digest of a beginning is that of what is in it, however it is kept; and of a part of it that
 * was read before it was cut. */
static void
test_a_beginning_is_known_however_it_is_kept(void **state)
{
	static const uint64_t lengths[] = {0, 1, 24, 1000, 262144, 300000};
	struct pcap_writer plain;
	uint8_t wanted[HASH_DIGEST], got[HASH_DIGEST];

	(void)state;
	marked_write(&plain, 5000);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(
		    source_prefix_digest(marked_save(&temp, &plain, plain.len), lengths[i], wanted),
		    ERR_OK);
		for (enum packing how = 0; how < PACKINGS; how++) {
			struct pcap_writer w = packing_of(&plain, plain.len, how, 10000);

			assert_int_equal(
			    source_prefix_digest(marked_save(&temp, &w, w.len), lengths[i], got),
			    ERR_OK);
			assert_memory_equal(wanted, got, HASH_DIGEST);
			assert_int_equal(source_prefix_digest(
					     temp_dir_file(&temp, "capture"), plain.len + 1, got),
			    ERR_TRUNC);
			assert_int_equal(
			    source_prefix_digest(marked_save(&temp, &w, w.len / 2), plain.len, got),
			    ERR_TRUNC);
			pw_free(&w);
		}
	}
	pw_free(&plain);
}

/* Save as ${name} the first ${len} bytes of ${w}; compressed unless ${how} is none. */
static void
save_as(const char *name, const struct pcap_writer *w, size_t len, int how)
{
	struct pcap_writer packed = {0};

	if (how >= 0)
		packed = packing_of(w, len, (enum packing)how, 10000);
	assert_int_equal(pw_save(how >= 0 ? &packed : w, temp_dir_file(&temp, name),
			     how >= 0 ? packed.len : len),
	    0);
	pw_free(&packed);
}

static enum source_overlap
compared(void)
{
	char a[300], b[300];

	snprintf(a, sizeof(a), "%s", temp_dir_file(&temp, "a"));
	snprintf(b, sizeof(b), "%s", temp_dir_file(&temp, "b"));
	return source_compare(a, b);
}

static void
test_captures_are_compared_by_what_they_hold(void **state)
{
	static const size_t lengths[] = {100, 65536, 131072, 200000};
	struct pcap_writer w;

	(void)state;
	marked_write(&w, 5000);
	for (int how = -1; how < PACKINGS; how++)
		for (size_t i = 0; i < 4; i++) {
			save_as("a", &w, lengths[i], how);
			save_as("b", &w, lengths[i], how % PACKINGS - 1);
			assert_int_equal(compared(), SOURCE_SAME);
			save_as("b", &w, lengths[i] + 1, PACKING_LZ4);
			assert_int_equal(compared(), SOURCE_SECOND_LONGER);
			save_as("b", &w, lengths[i] - 1, PACKING_ZSTD);
			assert_int_equal(compared(), SOURCE_FIRST_LONGER);
			w.data[lengths[i] - 2] ^= 1;
			save_as("b", &w, lengths[i] - 1, how);
			assert_int_equal(compared(), SOURCE_APART);
			w.data[lengths[i] - 2] ^= 1;
			save_as("b", &w, 0, -1);
			assert_int_equal(compared(), SOURCE_APART);
		}
	assert_int_equal(remove(temp_dir_file(&temp, "b")), 0);
	assert_int_equal(compared(), SOURCE_APART);
	assert_int_equal(source_compare("-", temp_dir_file(&temp, "a")), SOURCE_APART);
	assert_int_equal(remove(temp_dir_file(&temp, "a")), 0);
	pw_free(&w);
}

/* Only what holds a capture counts, whatever its name. */
static void
test_compressed_captures_in_a_folder_are_found(void **state)
{
	struct pcap_writer w, text, packed;
	struct temp_dir folder;
	char **paths;
	size_t count;

	(void)state;
	assert_int_equal(temp_dir_make(&folder), 0);
	marked_write(&w, 5);
	pw_init(&text, false);
	pw_bytes(&text, "a log that was compressed", 25);
	packed = packing_of(&text, text.len, PACKING_GZIP, 100);
	assert_int_equal(pw_save(&packed, temp_dir_file(&folder, "0.pcap.gz"), packed.len), 0);
	pw_free(&packed);
	for (enum packing how = 0; how < PACKINGS; how++) {
		char name[] = {(char)('1' + how), '\0'};

		packed = packing_of(&w, w.len, how, 100);
		assert_int_equal(pw_save(&packed, temp_dir_file(&folder, name), packed.len), 0);
		name[0] = (char)('5' + how);
		assert_int_equal(pw_save(&packed, temp_dir_file(&folder, name), 8), 0);
		pw_free(&packed);
	}
	assert_int_equal(folder_list(folder.path, &paths, &count), ERR_OK);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(paths[i][strlen(paths[i]) - 1], '1' + (int)i);
	folder_free(paths, count);
	temp_dir_remove(&folder);
	pw_free(&text);
	pw_free(&w);
}

/* Who reads ahead waits for a pipe that says no more; closing does not wait with him. */
static void
test_a_pipe_that_is_silent_is_closed_at_once(void **state)
{
	const struct source_options options = {.threads = 2};
	struct pcap_writer plain, w;
	const struct timespec nap = {.tv_nsec = 200000000};
	struct timespec begin, end;
	struct source *s;
	struct batch *batch;
	int fd;

	(void)state;
	random_state = 5;
	write_classic(&plain, false, false, 2500, 500);
	w = packing_of(&plain, plain.len, PACKING_LZ4, 30000);
	assert_true(plain.len > 2 * packed_file_tuning.stretch);
	assert_int_equal(mkfifo(temp_dir_file(&temp, "pipe"), 0600), 0);
	fd = open(temp_dir_file(&temp, "pipe"), O_RDWR);
	assert_true(fcntl(fd, F_SETPIPE_SZ, 1 << 20) > 0);
	assert_int_equal(write(fd, w.data, w.len - 40000), (ssize_t)w.len - 40000);
	assert_int_equal(source_open(&s, temp_dir_file(&temp, "pipe"), &options, 0), ERR_OK);
	assert_ptr_equal(s->ops, &packed_file_ops);
	assert_int_equal(source_next(s, &batch), 1);
	/* By then the reader has read all that there is. */
	nanosleep(&nap, NULL);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	source_close(&s);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 5);
	close(fd);
	pw_free(&w);
	pw_free(&plain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classic_captures_are_as_plain),
	    cmocka_unit_test(test_pcapng_is_as_plain),
	    cmocka_unit_test(test_sections_cut_by_a_stretch_keep_their_order),
	    cmocka_unit_test(test_captures_that_take_much_memory_wait),
	    cmocka_unit_test(test_long_records_are_put_together),
	    cmocka_unit_test(test_it_is_the_content_that_counts),
	    cmocka_unit_test(test_cut_at_every_byte_it_keeps_what_stands_before),
	    cmocka_unit_test(test_a_cut_capture_in_whole_compression_is_told_so),
	    cmocka_unit_test(test_what_is_wrong_in_the_beginning_is_told),
	    cmocka_unit_test(test_the_limit_holds_for_the_capture),
	    cmocka_unit_test(test_what_only_libpcap_reads_is_read),
	    cmocka_unit_test(test_a_late_first_packet_loses_nothing),
	    cmocka_unit_test(test_flipped_bits_never_run_away),
	    cmocka_unit_test(test_a_beginning_is_known_however_it_is_kept),
	    cmocka_unit_test(test_captures_are_compared_by_what_they_hold),
	    cmocka_unit_test(test_compressed_captures_in_a_folder_are_found),
	    cmocka_unit_test(test_a_pipe_that_is_silent_is_closed_at_once),
	};

	return cmocka_run_group_tests(tests, make_temp, remove_temp);
}
