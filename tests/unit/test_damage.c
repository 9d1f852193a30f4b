/* test_damage.c - captures that break: what stands before is kept, and the line names the place. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

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

static void
assert_ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	if (len < n || strcmp(text + len - n, end) != 0)
		fail_msg("\"%s\" does not end with \"%s\"", text, end);
}

/* Opening ${path} fails with ${err} and a line that ends with ${words}. */
static void
assert_open_fails(const char *path, int err, const char *words)
{
	struct source *s;

	assert_int_equal(marked_open(&s, path, NULL, 0), err);
	assert_non_null(s);
	assert_ends_with(source_problem(s), words);
	assert_null(strchr(source_problem(s), '\n'));
	source_close(&s);
	assert_null(s);
}

/* Opening the first ${len} bytes of ${w} fails. */
static void
assert_bytes_fail(const struct pcap_writer *w, size_t len, int err, const char *words)
{
	char line[512];
	const char *path = marked_save(&temp, w, len);

	snprintf(line, sizeof(line), "%s: %s", path, words);
	assert_open_fails(path, err, line);
}

/* The capture gives ${packets} good ones and is then damaged, as ${words} say; it stays so. */
static void
assert_breaks(const struct pcap_writer *w, size_t len, uint64_t packets, const char *words)
{
	struct source_progress progress;
	struct source *s;
	struct batch *batch;
	uint64_t got, at;

	assert_int_equal(marked_open(&s, marked_save(&temp, w, len), NULL, 0), ERR_OK);
	assert_string_equal(source_problem(s), "");
	assert_int_equal(marked_read(s, &got), ERR_DAMAGED);
	assert_int_equal(got, packets);
	assert_ends_with(source_problem(s), words);
	assert_int_equal(sscanf(words, "damaged at byte %" SCNu64, &at), 1);
	source_progress(s, &progress);
	assert_int_equal(progress.damaged_at, at);
	assert_int_equal(source_next(s, &batch), ERR_DAMAGED);
	source_close(&s);
}

static void
test_files_that_are_no_captures(void **state)
{
	struct pcap_writer w;

	(void)state;
	pw_init(&w, false);
	pw_bytes(&w, "This is a text file, and not a short one at all.\n", 49);
	assert_bytes_fail(&w, 0, ERR_DAMAGED, "damaged at byte 0: the file is empty");
	assert_bytes_fail(&w, w.len, ERR_DAMAGED, "damaged at byte 0: this is no capture file");
	assert_bytes_fail(&w, 4, ERR_DAMAGED, "damaged at byte 0: this is no capture file");
	assert_bytes_fail(
	    &w, 3, ERR_DAMAGED, "damaged at byte 0: the file ends inside this header, at byte 3");
	pw_free(&w);
}

static void
test_a_header_alone_is_empty(void **state)
{
	struct pcap_writer w;

	(void)state;
	marked_write(&w, 0);
	assert_bytes_fail(&w, 24, ERR_EMPTY, "empty at byte 24: no packet follows the header");
	for (size_t len = 4; len < 24; len++) {
		char words[128];

		snprintf(words, sizeof(words),
		    "damaged at byte 0: the file ends inside this header, at byte %zu", len);
		assert_bytes_fail(&w, len, ERR_DAMAGED, words);
	}
	pw_free(&w);
}

static void
test_pcapng_headers_alone_are_empty(void **state)
{
	struct pcap_writer w;

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	assert_int_equal(w.len, 28);
	assert_bytes_fail(&w, 28, ERR_EMPTY, "empty at byte 28: no packet follows the header");
	pw_interface(&w, 1, 6);
	assert_int_equal(w.len, 60);
	assert_bytes_fail(&w, 60, ERR_EMPTY, "empty at byte 60: no packet follows the header");
	assert_bytes_fail(
	    &w, 27, ERR_DAMAGED, "damaged at byte 0: the file ends inside this header, at byte 27");
	assert_bytes_fail(&w, 59, ERR_DAMAGED,
	    "damaged at byte 28: the file ends inside this record, at byte 59");
	assert_bytes_fail(&w, 29, ERR_DAMAGED,
	    "damaged at byte 28: the file ends inside this record, at byte 29");
	pw_block(&w, 0x0bad, "comment", 7);
	assert_bytes_fail(&w, w.len, ERR_EMPTY, "empty at byte 80: no packet follows the header");
	pw_free(&w);
}

static void
test_link_types_that_are_not_read_are_named(void **state)
{
	struct pcap_writer w;

	(void)state;
	pw_init(&w, true);
	pw_classic(&w, false, 127);
	pw_record(&w, 1, 0, "x", 1, 1);
	assert_bytes_fail(
	    &w, w.len, ERR_LINKTYPE, "link type at byte 20 is not read: 127 (IEEE802_11_RADIO)");
	pw_free(&w);
	pw_init(&w, false);
	pw_classic(&w, false, 60000);
	pw_record(&w, 1, 0, "x", 1, 1);
	assert_bytes_fail(&w, w.len, ERR_LINKTYPE, "unknown link type at byte 20: 60000");
	pw_free(&w);
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 127, 6);
	assert_bytes_fail(
	    &w, w.len, ERR_LINKTYPE, "link type at byte 36 is not read: 127 (IEEE802_11_RADIO)");
	pw_free(&w);
}

/* Records of 76 bytes behind a header of 24: cut the fourth at every length. */
static void
test_a_cut_in_a_record_keeps_what_stands_before(void **state)
{
	struct pcap_writer w;
	char words[128];

	(void)state;
	marked_write(&w, 4);
	assert_int_equal(w.len, 24 + 4 * 76);
	for (size_t len = w.len - 75; len < w.len; len++) {
		snprintf(words, sizeof(words),
		    "damaged at byte 252: the file ends inside this record, at byte %zu", len);
		assert_breaks(&w, len, 3, words);
	}
	for (size_t len = 25; len < 100; len++) {
		snprintf(words, sizeof(words),
		    "damaged at byte 24: the file ends inside this record, at byte %zu", len);
		assert_bytes_fail(&w, len, ERR_DAMAGED, words);
	}
	pw_free(&w);
}

/* Between packets libpcap passes over other blocks without a word: the offset is that of the block
 * that breaks. */
static void
test_a_cut_in_pcapng_names_the_block(void **state)
{
	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct pcap_writer w;
		size_t start, end;
		char words[128];

		pw_init(&w, big_endian != 0);
		pw_section(&w);
		pw_interface(&w, 1, 6);
		marked_packet(&w, 1, 1);
		marked_packet(&w, 2, 2);
		pw_block(&w, 4, "\0\0\0\0", 4);
		for (int k = 0; k < 2; k++) {
			start = w.len;
			if (k == 0)
				pw_block(&w, 0x0bad, "a custom block", 14);
			else
				marked_packet(&w, 3, 3);
			end = w.len;
			for (size_t len = start + 1; len < end; len++) {
				snprintf(words, sizeof(words),
				    "damaged at byte %zu: the file ends inside this record, at "
				    "byte %zu",
				    start, len);
				assert_breaks(&w, len, 2, words);
			}
		}
		pw_free(&w);
	}
}

/* Far more than any buffer holds stands between the last packet and the break. */
static void
test_a_break_after_many_other_blocks_names_its_own_offset(void **state)
{
	static uint8_t body[5000];
	struct pcap_writer w;
	char words[128];

	(void)state;
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 1, 6);
	marked_packet(&w, 1, 1);
	for (int i = 0; i < 200; i++)
		pw_block(&w, 0x0bad, body, sizeof(body));
	snprintf(words, sizeof(words),
	    "damaged at byte %zu: the file ends inside this record, at byte %zu", w.len, w.len + 6);
	pw_block(&w, 0x0bad, body, sizeof(body));
	assert_breaks(&w, w.len - 5012 + 6, 1, words);
	pw_free(&w);
}

static void
test_a_record_of_4_gib_is_refused(void **state)
{
	struct pcap_writer w;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		pw_init(&w, big_endian != 0);
		pw_classic(&w, false, 1);
		marked_record(&w, 1, 1);
		marked_record(&w, 2, 2);
		pw_u32(&w, 3);
		pw_u32(&w, 0);
		pw_u32(&w, UINT32_MAX);
		pw_u32(&w, UINT32_MAX);
		marked_record(&w, 4, 4);
		assert_breaks(
		    &w, w.len, 2, "damaged at byte 176: the record promises 4294967295 bytes");
		pw_free(&w);
	}
	pw_init(&w, false);
	pw_section(&w);
	pw_interface(&w, 1, 6);
	marked_packet(&w, 1, 1);
	assert_int_equal(w.len, 152);
	pw_u32(&w, 6);
	pw_u32(&w, UINT32_MAX - 3);
	marked_packet(&w, 2, 2);
	assert_breaks(&w, w.len, 1, "damaged at byte 152: the record promises 4294967292 bytes");
	pw_free(&w);
}

static void
test_a_first_record_of_4_gib_fails_the_open(void **state)
{
	struct pcap_writer w;

	(void)state;
	pw_init(&w, false);
	pw_classic(&w, false, 1);
	pw_u32(&w, 3);
	pw_u32(&w, 0);
	pw_u32(&w, UINT32_MAX);
	pw_u32(&w, UINT32_MAX);
	assert_bytes_fail(
	    &w, w.len, ERR_DAMAGED, "damaged at byte 24: the record promises 4294967295 bytes");
	pw_free(&w);
}

/* What is seen only when a block has been read whole is that block's fault, not the next one's. */
static void
test_a_block_that_contradicts_itself_is_named_by_its_own_offset(void **state)
{
	struct pcap_writer w;
	struct source *s;
	uint64_t packets;
	uint8_t frame[PW_UDP];

	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		pw_init(&w, false);
		pw_section(&w);
		pw_interface(&w, 1, 6);
		marked_packet(&w, 1, 1);
		pw_udp(frame, 135, 2);
		pw_packet(&w, kind == 0 ? 7 : 0, 2, frame, PW_UDP, PW_UDP);
		if (kind == 1)
			w.data[w.len - 4] ^= 1;
		marked_packet(&w, 3, 3);
		assert_int_equal(marked_open(&s, marked_save(&temp, &w, w.len), NULL, 0), ERR_OK);
		assert_int_equal(marked_read(s, &packets), ERR_DAMAGED);
		assert_int_equal(packets, 1);
		assert_non_null(strstr(source_problem(s), ": damaged at byte 152: "));
		source_close(&s);
		pw_free(&w);
	}
}

static void
test_paths_that_cannot_be_read(void **state)
{
	struct pcap_writer w;

	(void)state;
	assert_open_fails(
	    temp_dir_file(&temp, "no-such"), -ENOENT, "no-such: No such file or directory");
	assert_open_fails(temp.path, -EISDIR, ": Is a directory");
	if (geteuid() == 0)
		return; /* permissions do not bind root */
	marked_write(&w, 1);
	assert_int_equal(chmod(marked_save(&temp, &w, w.len), 0), 0);
	assert_open_fails(temp_dir_file(&temp, "capture"), -EACCES, "capture: Permission denied");
	assert_int_equal(unlink(temp_dir_file(&temp, "capture")), 0);
	pw_free(&w);
}

static void
test_hostile_names_are_harmless_in_messages(void **state)
{
	(void)state;
	assert_open_fails(temp_dir_file(&temp, "a\x1b[2Jb\nc"), -ENOENT,
	    "/a\xef\xbf\xbd[2Jb\xef\xbf\xbd"
	    "c: No such file or directory");
}

static void
test_a_long_name_does_not_crowd_out_the_trouble(void **state)
{
	char name[256], path[2048] = "";
	struct source *s;

	(void)state;
	memset(name, 'x', 100);
	name[100] = '\0';
	for (int i = 0; i < 8; i++) {
		strcat(path, "/");
		strcat(path, name);
	}
	strcat(path, "/last\xc3\xbc");
	assert_int_equal(marked_open(&s, path, NULL, 0), -ENOENT);
	assert_ends_with(source_problem(s), "xxx/last\xc3\xbc: No such file or directory");
	assert_memory_equal(source_problem(s), "...x", 4);
	assert_true(strlen(source_problem(s)) < SOURCE_PROBLEM);
	source_close(&s);
}

/* Records cross what is read at once: the offset stays that of the record. */
static void
test_a_cut_far_into_a_file_names_the_record(void **state)
{
	struct pcap_writer w;
	char words[128];

	(void)state;
	marked_write(&w, 5000);
	for (uint64_t len = 65530; len < w.len; len += 65536 / 4 + 3) {
		uint64_t frames = (len - 24) / 76;

		if ((len - 24) % 76 == 0)
			continue;
		snprintf(words, sizeof(words),
		    "damaged at byte %zu: the file ends inside this record, at byte %zu",
		    (size_t)(24 + frames * 76), (size_t)len);
		assert_breaks(&w, len, frames, words);
	}
	pw_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files_that_are_no_captures),
	    cmocka_unit_test(test_a_header_alone_is_empty),
	    cmocka_unit_test(test_pcapng_headers_alone_are_empty),
	    cmocka_unit_test(test_link_types_that_are_not_read_are_named),
	    cmocka_unit_test(test_a_cut_in_a_record_keeps_what_stands_before),
	    cmocka_unit_test(test_a_cut_in_pcapng_names_the_block),
	    cmocka_unit_test(test_a_break_after_many_other_blocks_names_its_own_offset),
	    cmocka_unit_test(test_a_record_of_4_gib_is_refused),
	    cmocka_unit_test(test_a_first_record_of_4_gib_fails_the_open),
	    cmocka_unit_test(test_a_block_that_contradicts_itself_is_named_by_its_own_offset),
	    cmocka_unit_test(test_paths_that_cannot_be_read),
	    cmocka_unit_test(test_hostile_names_are_harmless_in_messages),
	    cmocka_unit_test(test_a_long_name_does_not_crowd_out_the_trouble),
	    cmocka_unit_test(test_a_cut_far_into_a_file_names_the_record),
	};

	int failed = cmocka_run_group_tests_name("by the table", tests, make_temp, remove_temp);

	marked_reader = &marked_libpcap;
	return failed + cmocka_run_group_tests_name("by libpcap", tests, make_temp, remove_temp);
}
