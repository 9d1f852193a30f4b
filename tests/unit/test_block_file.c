/* test_block_file.c - the project's own reader against libpcap's, packet by packet: good files, files
 * cut at every length and damaged at every byte, with one thread and with several. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"
#include "capture/block_file.h"
#include "capture/pcap_file.h"
#include "tests/unit/pcap_writer.h"
#include "tests/unit/readings.h"
#include "tests/unit/temp_dir.h"

#define T0 UINT64_C(1795311648)

/* Segments of pages of any size; windows so small that most records reach beyond theirs. */
static const struct block_file_tuning tiny = {64, 65536}, small = {1024, 65536},
				      middle = {16384, 65536};
static const struct source_reader by_libpcap = {&pcap_file_ops, NULL},
				  by_blocks = {&block_file_ops, &block_file_tuning};

static struct temp_dir temp;
static uint32_t random_state;

static void
say_nothing(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

static int
make_temp(void **state)
{
	(void)state;
	random_state = 1;
	log_set_sink(say_nothing, NULL);
	return temp_dir_make(&temp);
}

static int
remove_temp(void **state)
{
	(void)state;
	temp_dir_remove(&temp);
	return 0;
}

static uint32_t
random_below(uint32_t bound)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(random_state >> 4) * bound >> 28);
}

/* Captures */

struct kind {
	bool big_endian, ns, ng;
	uint32_t link;
	uint32_t snaplen;
	uint8_t resolution;
	int64_t offset;
};

static void
random_packet(uint8_t *data, uint32_t *caplen, uint32_t *wirelen, uint32_t most)
{
	*caplen = random_below(most + 1);
	*wirelen = *caplen + (random_below(3) == 0 ? random_below(1500) : 0);
	for (uint32_t i = 0; i < *caplen; i++)
		data[i] = (uint8_t)random_below(256);
}

static void
write_classic(struct pcap_writer *w, const struct kind *k, size_t count, uint32_t most)
{
	static uint8_t data[65536];

	pw_init(w, k->big_endian);
	pw_classic(w, k->ns, k->link);
	for (int i = 0; i < 4; i++)
		w->data[k->big_endian ? 19 - i : 16 + i] = (uint8_t)(k->snaplen >> 8 * i);
	for (size_t i = 0; i < count; i++) {
		uint32_t caplen, wirelen;

		random_packet(data, &caplen, &wirelen, most);
		pw_record(w, (uint32_t)(T0 + i / 3), random_below(k->ns ? 1000000000 : 1000000),
		    data, caplen, wirelen);
	}
}

/* A packet in any of the three blocks, and now and then something else between. */
static void
write_block(struct pcap_writer *w, uint32_t interfaces, uint64_t time, uint32_t most)
{
	static uint8_t data[65536];
	uint32_t caplen, wirelen, i = random_below(interfaces);

	random_packet(data, &caplen, &wirelen, most);
	switch (random_below(12)) {
	case 0:
		pw_simple(w, data, caplen, caplen);
		break;
	case 1:
		pw_obsolete(w, (uint16_t)i, time, data, caplen, wirelen);
		break;
	case 2:
		pw_block(w, 5, data, caplen);
		break;
	case 3:
		pw_block(w, 0x0bad, data, caplen);
		break;
	default:
		pw_packet(w, i, time, data, caplen, wirelen);
	}
}

/* ${sections} alike, each with up to three interfaces alike; libpcap takes no others. */
static void
write_ng(struct pcap_writer *w, const struct kind *k, size_t sections, size_t count, uint32_t most)
{
	uint64_t ticks = T0;

	for (unsigned i = 0; i < (k->resolution & 0x7f) && (k->resolution & 0x80) == 0; i++)
		ticks *= 10;
	if ((k->resolution & 0x80) != 0)
		ticks <<= k->resolution & 0x7f;
	pw_init(w, k->big_endian);
	for (size_t s = 0; s < sections; s++) {
		uint32_t interfaces = 1 + random_below(3);

		pw_section(w);
		for (uint32_t i = 0; i < interfaces; i++)
			pw_interface_with(
			    w, (uint16_t)k->link, k->snaplen, k->resolution, k->offset);
		for (size_t i = 0; i < count; i++)
			write_block(w, interfaces, ticks + i * 1000 + random_below(1000), most);
	}
}

static void
write_kind(struct pcap_writer *w, const struct kind *k, size_t count, uint32_t most)
{
	if (k->ng)
		write_ng(w, k, 2, count / 2, most);
	else
		write_classic(w, k, count, most);
}

/* Comparing */

static const char *
save(const struct pcap_writer *w, size_t len)
{
	const char *path = temp_dir_file(&temp, "capture");

	assert_int_equal(pw_save(w, path, len), 0);
	return path;
}

/* Differences that are meant: libpcap is stricter than a capture of several interfaces deserves, and
 * looks no further than the first one's link. */
static bool
is_meant(const struct reading *by_pcap)
{
	static const char *const stricter[] = {
	    "an interface has a type ",
	    "an interface has a snapshot length ",
	    "the file has sections with different byte orders",
	};

	for (size_t i = 0; i < sizeof(stricter) / sizeof(stricter[0]); i++)
		if (strstr(by_pcap->problem, stricter[i]) != NULL)
			return true;
	return by_pcap->opened == ERR_LINKTYPE;
}

static void
assert_agree(const struct reading *a, const struct reading *b, const char *what, size_t number)
{
	const char *difference = is_meant(a) ? NULL : reading_difference(a, b);

	if (difference != NULL)
		fail_msg("%s %zu: %s", what, number, difference);
}

/* By libpcap, by blocks, and by blocks with ${threads} and windows of ${tuning}. */
static void
assert_same(const char *path, const char *filter, const struct block_file_tuning *tuning,
    size_t threads, const char *what, size_t number)
{
	const struct source_reader by_windows = {&block_file_ops, tuning};
	struct source_options options = {.filter = filter};
	struct reading pcap, blocks, windows, one;
	const char *difference;

	reading_take(&pcap, &by_libpcap, path, &options);
	reading_take(&blocks, &by_blocks, path, &options);
	if (blocks.opened != SOURCE_OTHER) {
		assert_agree(&pcap, &blocks, what, number);
		reading_take(&one, &by_windows, path, &options);
		options.threads = threads;
		reading_take(&windows, &by_windows, path, &options);
		if ((difference = reading_difference(&blocks, &one)) != NULL ||
		    (difference = reading_detail(&one, &windows)) != NULL)
			fail_msg("%s %zu with %zu threads: %s", what, number, threads, difference);
		reading_free(&one);
		reading_free(&windows);
	}
	reading_free(&pcap);
	reading_free(&blocks);
}

static const struct kind plain[] = {
    {.link = 1, .snaplen = 65535},
    {.link = 1, .snaplen = 65535, .big_endian = true, .ns = true},
    {.link = 1, .snaplen = 65535, .ng = true, .resolution = 6},
    {.link = 108, .snaplen = 65535, .ng = true, .big_endian = true, .resolution = 9},
};

enum {
	PLAIN = sizeof(plain) / sizeof(plain[0])
};

/* Tests */

static void
test_plain_files_are_read_by_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLAIN; i++) {
		struct pcap_writer w;
		struct source *s;
		const char *path;

		write_kind(&w, &plain[i], 10, 50);
		path = save(&w, w.len);
		assert_int_equal(source_open(&s, path, NULL, 0), ERR_OK);
		assert_ptr_equal(s->ops, &block_file_ops);
		source_close(&s);
		pw_free(&w);
	}
}

static void
test_every_order_unit_and_link_is_read_alike(void **state)
{
	static const uint32_t links[] = {
	    0, 1, 12, 101, 108, 113, 228, 229, 276, 0x14000001, 0xf4000071};

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		for (unsigned form = 0; form < 8; form++) {
			struct kind k = {.big_endian = (form & 1) != 0,
			    .ns = (form & 2) != 0,
			    .ng = (form & 4) != 0,
			    .link = links[i],
			    .resolution = (form & 2) != 0 ? 9 : 6,
			    .snaplen = 65535};
			struct pcap_writer w;

			if (k.ng && links[i] > UINT16_MAX)
				continue;
			write_kind(&w, &k, 300, 200);
			assert_same(save(&w, w.len), NULL, &tiny, 3, "link", links[i]);
			pw_free(&w);
		}
	}
}

/* libpcap has the last word on which are read; each is told alike. */
static void
test_every_link_type_is_known_alike(void **state)
{
	static const uint32_t outside[] = {0x10000, 0x10001, 0x2000001, 0x4000001, 0x10000065};

	(void)state;
	for (uint32_t link = 0; link < 305; link++) {
		struct kind k = {.link = link < 300 ? link : outside[link - 300], .snaplen = 65535};
		struct pcap_writer w;
		struct reading a, b;

		for (int ng = 0; ng < 2 && (ng == 0 || k.link <= UINT16_MAX); ng++) {
			k.ng = ng != 0;
			write_kind(&w, &k, 4, 30);
			reading_take(&a, &by_libpcap, save(&w, w.len), &(struct source_options){0});
			reading_take(&b, &by_blocks, save(&w, w.len), &(struct source_options){0});
			if (a.opened == ERR_LINKTYPE)
				assert_int_equal(b.opened, SOURCE_OTHER);
			else
				assert_agree(&a, &b, "link", k.link);
			reading_free(&a);
			reading_free(&b);
			pw_free(&w);
		}
	}
}

/* Of a tick shorter than 2^-34 s libpcap overflows; the truth has a test of its own. */
static void
test_every_resolution_and_offset_is_read_alike(void **state)
{
	static const int64_t offsets[] = {0, 1, -1, 1000000000, -1795311649, INT64_MAX, INT64_MIN};

	(void)state;
	for (unsigned r = 0; r <= 20 + 0x80; r++) {
		for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
			struct kind k = {.ng = true,
			    .link = 1,
			    .snaplen = 65535,
			    .resolution = (uint8_t)r,
			    .offset = offsets[i]};
			struct pcap_writer w;

			if ((r > 20 && r < 0x80) || (i > 2 && r % 3 != 0))
				continue;
			write_ng(&w, &k, 1, 20, 8);
			assert_same(save(&w, w.len), NULL, &small, 1, "resolution", r);
			pw_free(&w);
		}
	}
}

static void
test_snap_lengths_cut_alike(void **state)
{
	static const uint32_t snaplens[] = {
	    0, 1, 60, 96, 65535, 262144, INT32_MAX, 0x80000000, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(snaplens) / sizeof(snaplens[0]); i++) {
		for (int form = 0; form < 4; form++) {
			struct kind k = {.link = 1,
			    .snaplen = snaplens[i],
			    .ng = (form & 1) != 0,
			    .big_endian = (form & 2) != 0};
			struct pcap_writer w;

			write_kind(&w, &k, 40, k.ng && i > 0 && i < 4 ? snaplens[i] : 200);
			assert_same(save(&w, w.len), NULL, &small, 2, "snap length", snaplens[i]);
			pw_free(&w);
		}
	}
}

/* Longer packets than 256 KiB are none in a classic file; in pcapng they are cut to that, if the snap
 * length lets them be. */
static void
test_the_largest_packets_are_cut_alike(void **state)
{
	static const uint32_t snaplens[] = {0, 262144, 300000, INT32_MAX, 0x80000000, UINT32_MAX};
	static uint8_t data[300001];

	(void)state;
	for (size_t i = 0; i < sizeof(snaplens) / sizeof(snaplens[0]); i++) {
		for (uint32_t len = 262143; len <= 300001; len += 18929) {
			struct pcap_writer w;

			pw_init(&w, false);
			pw_section(&w);
			pw_interface_with(&w, 1, snaplens[i], 6, 0);
			pw_packet(&w, 0, 5, data, 100, 100);
			pw_packet(&w, 0, 5, data, len, len);
			pw_simple(&w, data, len, len);
			assert_same(save(&w, w.len), NULL, &small, 2, "length", len);
			pw_free(&w);
			pw_init(&w, false);
			pw_classic(&w, false, 1);
			pw_record(&w, 1, 1, data, 100, 100);
			pw_record(&w, 1, 1, data, len, len);
			assert_same(save(&w, w.len), NULL, &small, 2, "length", len);
			pw_free(&w);
		}
	}
}

static void
test_filters_hold_alike(void **state)
{
	static const char *const filters[] = {
	    "greater 100", "ip", "ip6 or less 40", "ether[0] & 1 = 0", "tcp port 135", "vlan"};
	static const uint32_t links[] = {0, 1, 101, 108, 113, 276};

	(void)state;
	for (size_t f = 0; f < sizeof(filters) / sizeof(filters[0]); f++) {
		for (unsigned form = 0; form < 4 * 6; form++) {
			struct kind k = {.big_endian = (form & 1) != 0,
			    .ng = (form & 2) != 0,
			    .link = links[form / 4],
			    .snaplen = 65535};
			struct pcap_writer w;

			write_kind(&w, &k, 600, 200);
			assert_same(save(&w, w.len), filters[f], &small, 3, filters[f], form);
			pw_free(&w);
		}
	}
}

/* The families of a BSD loopback are in the order of the file, and so has to be the program. */
static void
test_a_filter_knows_the_byte_order_of_the_file(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		struct pcap_writer w;
		struct reading r;
		const bool big = (form & 1) != 0;

		pw_init(&w, big);
		if (form < 2) {
			pw_classic(&w, false, 0);
			pw_record(&w, 1, 0, big ? "\0\0\0\2E" : "\2\0\0\0E", 5, 24);
			pw_record(&w, 1, 0, big ? "\0\0\0\x1e`" : "\x1e\0\0\0`", 5, 44);
		} else {
			pw_section(&w);
			pw_interface(&w, 0, 6);
			pw_packet(&w, 0, 1, big ? "\0\0\0\2E" : "\2\0\0\0E", 5, 24);
			pw_packet(&w, 0, 1, big ? "\0\0\0\x1e`" : "\x1e\0\0\0`", 5, 44);
		}
		reading_take(
		    &r, &by_blocks, save(&w, w.len), &(struct source_options){.filter = "ip"});
		assert_int_equal(r.count, 1);
		assert_int_equal(r.packet[0].frame, 1);
		assert_int_equal(r.end.frames, 2);
		assert_same(temp_dir_file(&temp, "capture"), "ip", &small, 1, "form", (size_t)form);
		reading_free(&r);
		pw_free(&w);
	}
}

/* In a cooked capture of the other byte order libpcap turns the identifiers of CAN frames round. What
 * is read in place is as it stands in the file; nobody here reads CAN. */
static void
test_can_frames_are_left_as_they_are(void **state)
{
	static const uint8_t frame[20] = {[15] = 0x0c, [16] = 1, [17] = 2, [18] = 3, [19] = 4};
	struct reading blocks;
	struct pcap_writer w;

	(void)state;
	pw_init(&w, true);
	pw_classic(&w, false, 113);
	pw_record(&w, (uint32_t)T0, 0, frame, sizeof(frame), sizeof(frame));
	reading_take(&blocks, &by_blocks, save(&w, w.len), &(struct source_options){0});
	assert_int_equal(blocks.count, 1);
	assert_true(blocks.packet[0].content == hash_bytes(frame, sizeof(frame)));
	reading_free(&blocks);
	pw_free(&w);
}

/* Files of many windows, several segments, and packets of all sizes. */
static void
test_large_files_are_read_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLAIN; i++) {
		for (size_t threads = 1; threads <= 4; threads++) {
			struct pcap_writer w;
			const char *path;

			write_kind(&w, &plain[i], 3000, threads == 2 ? 3000 : 100);
			path = save(&w, w.len);
			assert_same(path, NULL, &tiny, threads, "large file", i);
			assert_same(path, NULL, &small, threads, "large file", i);
			assert_same(path, NULL, &middle, threads, "large file", i);
			assert_same(path, "greater 90", &small, threads, "filtered file", i);
			pw_free(&w);
		}
	}
}

/* Every other packet is a capture in itself, of packets that look like records of this one: whoever
 * guesses falls for it. */
static void
test_captures_in_captures_deceive_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLAIN; i++) {
		struct pcap_writer inner, w;

		write_kind(&inner, &plain[i], 100, 100);
		pw_init(&w, plain[i].big_endian);
		if (plain[i].ng) {
			pw_section(&w);
			pw_interface(&w, (uint16_t)plain[i].link, plain[i].resolution);
		} else {
			pw_classic(&w, plain[i].ns, plain[i].link);
		}
		for (uint32_t k = 0; k < 100; k++) {
			uint32_t len = k % 2 == 0 ? (uint32_t)inner.len - k % 7 : 20;

			if (plain[i].ng)
				pw_packet(&w, 0, T0 * 1000000 + k, inner.data, len, len);
			else
				pw_record(&w, (uint32_t)T0 + k, k, inner.data, len, len);
		}
		for (size_t threads = 1; threads <= 4; threads++)
			assert_same(save(&w, w.len), NULL, &small, threads, "nested file", i);
		pw_free(&inner);
		pw_free(&w);
	}
}

static void
test_cut_at_every_length_they_fail_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLAIN; i++) {
		struct pcap_writer w;

		write_kind(&w, &plain[i], 16, 40);
		for (size_t len = 0; len <= w.len; len++)
			assert_same(save(&w, len), NULL, &tiny, 1 + len % 4, "cut at", len);
		pw_free(&w);
	}
}

/* Fractions of two seconds and more: libpcap takes them for negative where the file is in the order
 * of the machine, and for what they are where it is not. Here they are what they are. */
static bool
is_wild_fraction(const struct kind *k, size_t at, const uint8_t *data)
{
	size_t record = 24;

	while (!k->ng && record + 16 <= at) {
		uint32_t caplen;

		memcpy(&caplen, data + record + 8, sizeof(caplen));
		record += 16 + (k->big_endian ? __builtin_bswap32(caplen) : caplen);
	}
	return !k->ng && at == record + (k->big_endian ? 4 : 7);
}

static void
test_damaged_at_every_byte_they_fail_alike(void **state)
{
	static const uint8_t flips[] = {0x01, 0x80, 0xff};

	(void)state;
	for (size_t i = 0; i < PLAIN; i++) {
		struct pcap_writer w;

		write_kind(&w, &plain[i], 14, 30);
		for (size_t at = 0; at < w.len; at++) {
			uint8_t flip = flips[(at + i) % 3];

			if (flip != 1 && is_wild_fraction(&plain[i], at, w.data))
				continue;
			w.data[at] ^= flip;
			assert_same(save(&w, w.len), NULL, &tiny, 1 + at % 3, "damaged at", at);
			w.data[at] ^= flip;
		}
		pw_free(&w);
	}
}

/* A few bytes anywhere, among them whole numbers that parsers trip over. */
static void
damage(struct pcap_writer *w)
{
	static const uint32_t numbers[] = {0, 1, 3, 6, 12, 16, 28, 0x7fffffff, 0x80000000,
	    0xffffffff, 0x0a0d0d0a, 0x1a2b3c4d, 0x4d3c2b1a, 0x01000000, 0x000affff};

	for (uint32_t i = 1 + random_below(3); i > 0; i--) {
		uint32_t at = 4 + random_below((uint32_t)w->len - 8);

		if (random_below(2) == 0)
			w->data[at] = (uint8_t)random_below(256);
		else
			memcpy(w->data + at / 4 * 4, &numbers[random_below(15)], 4);
	}
}

/* An interface whose clock libpcap overflows at: ticks shorter than 2^-34 s. */
static bool
has_fine_clock(const struct pcap_writer *w)
{
	const uint8_t *option =
	    w->big_endian ? (const uint8_t *)"\0\x09\0\x01" : (const uint8_t *)"\x09\0\x01";

	for (size_t i = 0; i + 5 <= w->len; i++)
		if (memcmp(w->data + i, option, 4) == 0 && w->data[i + 4] > 0x80 + 34)
			return true;
	return false;
}

/* What the second interface says of itself, good or bad, between two packets. */
static void
test_interface_options_are_judged_alike(void **state)
{
	static const struct {
		const char *option;
		size_t len;
	} bodies[] = {
	    {"", 0},
	    {"\x09\0\x01\0\x06\0\0\0", 8},                        /* no end */
	    {"\x09\0\x01\0\x06\0\0\0\x09\0\x01\0\x06\0\0\0", 16}, /* twice */
	    {"\x09\0\x02\0\x06\0\0\0\0\0\0\0", 12},               /* too long */
	    {"\x09\0\0\0\0\0\0\0", 8},                            /* too short */
	    {"\x09\0\x01\0\x13\0\0\0", 8},                        /* as fine as can be */
	    {"\x09\0\x01\0\x14\0\0\0", 8},                        /* finer */
	    {"\x09\0\x01\0\xa2\0\0\0", 8},                        /* 2^-34 s */
	    {"\x09\0\x01\0\xc0\0\0\0", 8},                        /* 2^-64 s */
	    {"\x0e\0\x08\0\x01\0\0\0\0\0\0\0\0\0\0\0", 16},       /* an offset */
	    {"\x0e\0\x04\0\x01\0\0\0", 8},                        /* a short one */
	    {"\x0e\0\x08\0\x01\0\0\0\0\0\0\0\x0e\0\x08\0\x02\0\0\0\0\0\0\0", 24},
	    {"\0\0\0\0\x09\0\x09\0", 8},                           /* behind the end */
	    {"\0\0\x04\0\0\0\0\0", 8},                             /* an end with a value */
	    {"\x02\0\x05\0eth0", 8},                               /* a value that is cut */
	    {"\x02\0\x05\0eth00\0\0\0\x09\0\x01\0\x03\0\0\0", 20}, /* one that is padded */
	    {"\x02\0\xff\xff", 4},
	};
	uint8_t body[64] = {1, 0, 0, 0, 0xff, 0xff, 0, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct pcap_writer w;

		pw_init(&w, false);
		pw_section(&w);
		pw_interface_with(&w, 1, 65535, 6, 0);
		pw_packet(&w, 0, T0 * 1000000, "abcdef", 6, 6);
		memcpy(body + 8, bodies[i].option, bodies[i].len);
		pw_block(&w, 1, body, (uint32_t)(8 + bodies[i].len));
		pw_packet(&w, 1, T0 * 1000000, "abcdef", 6, 6);
		assert_same(save(&w, w.len), NULL, &tiny, 2, "options", i);
		pw_free(&w);
	}
}

/* Where a segment of the file ends, the next record may be far from what is mapped. */
static void
test_damage_at_the_end_of_a_segment_fails_alike(void **state)
{
	struct pcap_writer w;
	size_t record = 24;

	(void)state;
	write_kind(&w, &plain[0], 2500, 100);
	assert_true(w.len > 3 * tiny.segment / 2);
	while (record < tiny.segment - 600) {
		uint32_t caplen;

		memcpy(&caplen, w.data + record + 8, 4);
		record += 16 + caplen;
	}
	for (int i = 0; i < 12; i++) {
		uint32_t caplen;

		memcpy(&caplen, w.data + record + 8, 4);
		memset(w.data + record + 8, 0xff, 4);
		for (size_t threads = 1; threads <= 4; threads++)
			assert_same(save(&w, w.len), NULL, &tiny, threads, "record at", record);
		memcpy(w.data + record + 8, &caplen, 4);
		record += 16 + caplen;
	}
	pw_free(&w);
}

/* EPMWATCH_LONG makes it a hundred times as many. */
static void
test_damaged_at_random_they_fail_alike(void **state)
{
	uint32_t rounds = getenv("EPMWATCH_LONG") != NULL ? 60000 : 600;

	(void)state;
	for (uint32_t i = 0; i < rounds; i++) {
		const struct kind *k = &plain[1 + i % (PLAIN - 1)];
		struct pcap_writer w;

		random_state = i + 7;
		write_kind(&w, k, 6 + random_below(20), 60);
		damage(&w);
		if (!has_fine_clock(&w))
			assert_same(save(&w, w.len), i % 5 == 0 ? "greater 30" : NULL, &tiny,
			    1 + i % 3, "round", i);
		pw_free(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain_files_are_read_by_blocks),
	    cmocka_unit_test(test_every_order_unit_and_link_is_read_alike),
	    cmocka_unit_test(test_every_link_type_is_known_alike),
	    cmocka_unit_test(test_every_resolution_and_offset_is_read_alike),
	    cmocka_unit_test(test_snap_lengths_cut_alike),
	    cmocka_unit_test(test_the_largest_packets_are_cut_alike),
	    cmocka_unit_test(test_filters_hold_alike),
	    cmocka_unit_test(test_a_filter_knows_the_byte_order_of_the_file),
	    cmocka_unit_test(test_can_frames_are_left_as_they_are),
	    cmocka_unit_test(test_large_files_are_read_alike),
	    cmocka_unit_test(test_captures_in_captures_deceive_nobody),
	    cmocka_unit_test(test_cut_at_every_length_they_fail_alike),
	    cmocka_unit_test(test_damaged_at_every_byte_they_fail_alike),
	    cmocka_unit_test(test_interface_options_are_judged_alike),
	    cmocka_unit_test(test_damage_at_the_end_of_a_segment_fails_alike),
	    cmocka_unit_test(test_damaged_at_random_they_fail_alike),
	};

	return cmocka_run_group_tests(tests, make_temp, remove_temp);
}
