/* Captures that are read again: whole, in part, grown, copied, filtered. What was folded is not
 * folded twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/captures.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/packet.h"
#include "capture/chain.h"
#include "capture/source.h"
#include "packing.h"
#include "pcap_writer.h"
#include "store/query.h"
#include "store/store.h"
#include "temp_dir.h"

enum {
	FRAMES = 10,
	RECORD = 16 + PW_UDP
};

struct desk {
	struct temp_dir dir;
	struct store *store;
};

/* The last line that was said. */
static char said[1024];

static void
remember(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	snprintf(said, sizeof(said), "%s", line);
}

static int
desk_open(void **state)
{
	static struct desk d;

	*state = &d;
	said[0] = '\0';
	log_set_sink(remember, NULL);
	if (temp_dir_make(&d.dir) != 0 || store_open(&d.store, NULL, STORE_MEMORY) != 0)
		return -1;
	return store_begin(d.store) != 0 || store_realm(d.store, 0, "s", "default") != 0 ||
	       store_commit(d.store) != 0;
}

static int
desk_close(void **state)
{
	struct desk *d = *state;

	store_close(&d->store);
	temp_dir_remove(&d->dir);
	log_set_sink(NULL, NULL);
	return 0;
}

/* ${frames} frames, and ${more} bytes of the next one; all but the first have marks from ${mark}
 * on. */
static void
save_marked(struct desk *d, const char *name, size_t frames, size_t more, uint32_t mark)
{
	struct pcap_writer w;
	uint8_t frame[PW_UDP];

	pw_init(&w, false);
	pw_classic(&w, false, 1);
	for (uint32_t i = 0; i < FRAMES; i++) {
		pw_udp(frame, 53, i == 0 ? 0 : mark + i);
		pw_record(&w, 1000 + i, 0, frame, PW_UDP, PW_UDP);
	}
	assert_int_equal(pw_save(&w, temp_dir_file(&d->dir, name), 24 + frames * RECORD + more), 0);
	pw_free(&w);
}

/* The same, compressed, and then cut so that ${lacking} bytes of it are not there. */
static void
save_packed(struct desk *d, const char *name, enum packing how, size_t frames, size_t lacking)
{
	struct pcap_writer w, packed;
	uint8_t frame[PW_UDP];

	pw_init(&w, false);
	pw_classic(&w, false, 1);
	for (uint32_t i = 0; i < FRAMES; i++) {
		pw_udp(frame, 53, i);
		pw_record(&w, 1000 + i, 0, frame, PW_UDP, PW_UDP);
	}
	packed = packing_of(&w, 24 + frames * RECORD, how, RECORD);
	assert_int_equal(pw_save(&packed, temp_dir_file(&d->dir, name), packed.len - lacking), 0);
	pw_free(&packed);
	pw_free(&w);
}

/* The beginning of always the same capture. */
static void
save(struct desk *d, const char *name, size_t frames, size_t more)
{
	save_marked(d, name, frames, more, 0);
}

/* Read ${names}, stop after ${limit} packets (0: at the end), and say how many packets counted. */
static size_t
counted(struct desk *d, const char *const *names, size_t count, const char *filter, size_t limit)
{
	char paths[4][256];
	const char *path[4];
	struct captures *c;
	struct captures_news *news;
	struct chain *chain;
	struct batch *batch;
	size_t counts = 0, seen = 0;

	for (size_t i = 0; i < count; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s", temp_dir_file(&d->dir, names[i]));
		path[i] = paths[i];
	}
	assert_int_equal(
	    chain_new(&chain, path, count, &(struct source_options){.filter = filter}), 0);
	assert_int_equal(captures_new(&c, chain, d->store, filter), 0);
	assert_int_equal(captures_news_new(&news), 0);
	assert_int_equal(store_begin(d->store), 0);
	while ((limit == 0 || seen < limit) && chain_next(chain, &batch) == 1)
		for (size_t i = 0; i < batch->count && (limit == 0 || seen < limit); i++) {
			const struct packet *p = &batch->packet[i];

			if (captures_is_new(c, p->source))
				assert_int_equal(captures_meet(c, p), 0);
			if (captures_repeated(c, p))
				continue;
			captures_lasted(c, p->source, p->ts_ns, p->ts_ns);
			captures_pass(c, p);
			counts += captures_counts(c, p);
			seen++;
		}
	if (limit == 0)
		captures_finish(c);
	assert_int_equal(captures_tell(c, news), 0);
	assert_int_equal(captures_write(news, d->store), 0);
	assert_int_equal(store_commit(d->store), 0);
	captures_news_free(&news);
	captures_free(&c);
	chain_free(&chain);
	return counts;
}

#define COUNTED(d, filter, limit, ...)                                                             \
	counted((d), (const char *const[]){__VA_ARGS__},                                           \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (filter), (limit))

static void
second_reading_counts_nothing(void **state)
{
	struct desk *d = *state;

	save(d, "a", FRAMES, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), FRAMES);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 0);
	save(d, "copy-of-another-name", FRAMES, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "copy-of-another-name"), 0);
}

static bool
copy_known(void *ctx, const struct store_capture *known)
{
	*(struct store_capture *)ctx = *known;
	return true;
}

/* Let the row of capture ${name} be as earlier versions wrote it: with one hash over all bytes that were read. */
static void
make_earlier(struct desk *d, const char *name)
{
	const char *path = temp_dir_file(&d->dir, name);
	static uint8_t data[24 + FRAMES * RECORD];
	struct store_capture row = {.row = 0};
	struct source_progress progress;
	struct source *s;
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	assert_true(fread(data, 1, sizeof(data), f) > 24);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(source_open(&s, path, NULL, 0), 0);
	source_progress(s, &progress);
	source_close(&s);
	assert_int_equal(store_find_captures(d->store, (uint32_t)progress.link,
			     progress.first_record, copy_known, &row),
	    0);
	assert_true(row.row != 0 && row.bytes > 24 && row.bytes <= sizeof(data));
	row.name = name;
	hash_digest(data, (size_t)row.bytes, row.digest);
	assert_int_equal(store_begin(d->store), 0);
	assert_int_equal(store_keep_capture(d->store, 9, &row), 0);
	assert_int_equal(store_commit(d->store), 0);
}

static void
what_earlier_versions_read_is_known(void **state)
{
	struct desk *d = *state;

	save(d, "a", 4, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 4);
	make_earlier(d, "a");
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 0);
	save(d, "a", FRAMES, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), FRAMES - 4);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 0);
	make_earlier(d, "a");
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 0);
	save_marked(d, "b", FRAMES, 0, 1000);
	assert_int_equal(COUNTED(d, NULL, 0, "b"), FRAMES);
}

/* As a run of that sensor begins: the store knows it before its first capture. */
static void
read_as(struct desk *d, const char *sensor, const char *realm)
{
	assert_int_equal(store_realm(d->store, 0, sensor, realm), 0);
	assert_int_equal(store_begin(d->store), 0);
	assert_int_equal(store_keep_policy(d->store, "windows-default", "builtin"), 0);
	assert_int_equal(store_commit(d->store), 0);
}

static void
another_sensor_or_realm_counts_the_same_capture_again(void **state)
{
	struct desk *d = *state;

	save(d, "a", FRAMES, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), FRAMES);
	read_as(d, "s", "branch");
	assert_int_equal(COUNTED(d, NULL, 0, "a"), FRAMES);
	read_as(d, "t", "default");
	assert_int_equal(COUNTED(d, NULL, 0, "a"), FRAMES);
	read_as(d, "s", "default");
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 0);
}

static void
capture_that_was_read_before_is_told_once_nothing_of_it_is_new(void **state)
{
	struct desk *d = *state;

	save(d, "a", 4, 0);
	COUNTED(d, NULL, 0, "a");
	assert_string_equal(said, "");
	COUNTED(d, NULL, 2, "a");
	assert_string_equal(said, "");
	COUNTED(d, NULL, 0, "a");
	assert_non_null(strstr(said, "/a: read before, nothing new"));
	said[0] = '\0';
	save(d, "a", FRAMES, 0);
	COUNTED(d, NULL, 0, "a");
	assert_string_equal(said, "");
	COUNTED(d, NULL, 0, "a");
	assert_non_null(strstr(said, "/a: read before, nothing new"));
}

static void
stopped_reading_goes_on_where_it_stopped(void **state)
{
	struct desk *d = *state;

	save(d, "a", FRAMES, 0);
	assert_int_equal(COUNTED(d, NULL, 4, "a"), 4);
	assert_int_equal(COUNTED(d, NULL, 2, "a"), 0);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), FRAMES - 4);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 0);
}

static void
grown_capture_counts_what_is_new(void **state)
{
	struct desk *d = *state;

	save(d, "a", 3, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 3);
	save(d, "a", 7, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 4);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 0);
}

static void
capture_cut_inside_a_record_grows_too(void **state)
{
	struct desk *d = *state;

	save(d, "a", 3, 20);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 3);
	save(d, "a", 7, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), 4);
}

static void
capture_that_only_begins_alike_is_another(void **state)
{
	struct desk *d = *state;

	save(d, "a", FRAMES, 0);
	save_marked(d, "b", FRAMES, 0, 1000);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), FRAMES);
	assert_int_equal(COUNTED(d, NULL, 0, "b"), FRAMES);
	assert_int_equal(COUNTED(d, NULL, 0, "b", "a"), 0);
}

static void
filtered_reading_is_another_capture(void **state)
{
	struct desk *d = *state;

	save(d, "a", FRAMES, 0);
	assert_int_equal(COUNTED(d, "udp port 53", 0, "a"), FRAMES);
	assert_int_equal(COUNTED(d, NULL, 0, "a"), FRAMES);
	assert_int_equal(COUNTED(d, "udp port 53", 0, "a"), 0);
}

static void
copies_in_one_run_count_once(void **state)
{
	struct desk *d = *state;

	save(d, "a", FRAMES, 0);
	save(d, "b", FRAMES, 0);
	save(d, "beginning", 4, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "a", "b", "beginning"), FRAMES);
	assert_int_equal(COUNTED(d, NULL, 0, "b", "a"), 0);
	assert_int_equal(COUNTED(d, NULL, 0, "beginning"), 0);
	assert_int_equal(COUNTED(d, NULL, 0, "b", "beginning"), 0);
}

static void
longer_copy_takes_over(void **state)
{
	struct desk *d = *state;

	save(d, "beginning", 4, 0);
	save(d, "whole", FRAMES, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "beginning", "whole"), FRAMES);
	assert_int_equal(COUNTED(d, NULL, 0, "beginning", "whole"), 0);
}

static void
compressed_in_any_way_it_is_the_same_capture(void **state)
{
	struct desk *d = *state;

	save_packed(d, "gz", PACKING_GZIP, FRAMES, 0);
	save_packed(d, "zst", PACKING_ZSTD, FRAMES, 0);
	save(d, "plain", FRAMES, 0);
	save_packed(d, "lz4", PACKING_LZ4, FRAMES, 0);
	assert_int_equal(COUNTED(d, NULL, 0, "gz"), FRAMES);
	assert_int_equal(COUNTED(d, NULL, 0, "zst"), 0);
	assert_int_equal(COUNTED(d, NULL, 0, "plain"), 0);
	assert_int_equal(COUNTED(d, NULL, 0, "lz4"), 0);
	assert_int_equal(COUNTED(d, NULL, 0, "gz"), 0);
}

static void
compressed_copies_in_one_run_count_once(void **state)
{
	struct desk *d = *state;

	save_packed(d, "a", PACKING_GZIP, FRAMES, 0);
	save(d, "b", FRAMES, 0);
	save_packed(d, "beginning", PACKING_LZ4, 4, 0);
	save_packed(d, "cut", PACKING_ZSTD, FRAMES, 50);
	assert_int_equal(COUNTED(d, NULL, 0, "beginning", "a", "cut", "b"), FRAMES);
	assert_int_equal(COUNTED(d, NULL, 0, "b", "cut", "a"), 0);
}

static void
cut_and_grown_it_counts_what_is_new(void **state)
{
	struct desk *d = *state;

	for (enum packing how = 0; how < PACKINGS; how++) {
		size_t before;

		store_close(&d->store);
		assert_int_equal(store_open(&d->store, NULL, STORE_MEMORY), 0);
		assert_int_equal(store_begin(d->store), 0);
		assert_int_equal(store_realm(d->store, 0, "s", "default"), 0);
		assert_int_equal(store_commit(d->store), 0);
		save_packed(d, "a", how, FRAMES, 120);
		before = COUNTED(d, NULL, 0, "a");
		assert_in_range(before, 1, FRAMES - 1);
		save_packed(d, "a", how, FRAMES, 0);
		assert_int_equal(COUNTED(d, NULL, 0, "a"), FRAMES - before);
		assert_int_equal(COUNTED(d, NULL, 0, "a"), 0);
	}
}

static int
captures_kept(struct desk *d)
{
	struct query_summary summary;

	assert_int_equal(query_summary(d->store, &summary), 0);
	return (int)summary.captures;
}

static void
readings_that_bring_nothing_leave_no_row(void **state)
{
	struct desk *d = *state;

	save(d, "beginning", 4, 0);
	save(d, "whole", FRAMES, 0);
	save(d, "copy", FRAMES, 0);
	COUNTED(d, NULL, 2, "whole");
	assert_int_equal(captures_kept(d), 1);
	COUNTED(d, NULL, 0, "beginning", "whole", "copy");
	int captures = captures_kept(d);
	COUNTED(d, NULL, 0, "beginning", "whole", "copy");
	COUNTED(d, NULL, 3, "copy");
	COUNTED(d, NULL, 0, "copy", "beginning");
	assert_int_equal(captures_kept(d), captures);
}

#define TEST(f) cmocka_unit_test_setup_teardown((f), desk_open, desk_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(second_reading_counts_nothing),
	    TEST(what_earlier_versions_read_is_known),
	    TEST(another_sensor_or_realm_counts_the_same_capture_again),
	    TEST(capture_that_was_read_before_is_told_once_nothing_of_it_is_new),
	    TEST(stopped_reading_goes_on_where_it_stopped),
	    TEST(grown_capture_counts_what_is_new),
	    TEST(capture_cut_inside_a_record_grows_too),
	    TEST(capture_that_only_begins_alike_is_another),
	    TEST(filtered_reading_is_another_capture),
	    TEST(copies_in_one_run_count_once),
	    TEST(longer_copy_takes_over),
	    TEST(compressed_in_any_way_it_is_the_same_capture),
	    TEST(compressed_copies_in_one_run_count_once),
	    TEST(cut_and_grown_it_counts_what_is_new),
	    TEST(readings_that_bring_nothing_leave_no_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
