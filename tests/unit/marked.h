/* marked.h - captures whose packets carry their frame numbers, and a reader that compares them; by
 * any of the readers that there are. To be included after cmocka.h. */
#ifndef EPMWATCH_TESTS_MARKED_H
#define EPMWATCH_TESTS_MARKED_H

#include "base/packet.h"
#include "capture/pcap_file.h"
#include "capture/source.h"
#include "capture/source_ops.h"
#include "tests/unit/pcap_writer.h"
#include "tests/unit/temp_dir.h"

#define T0 INT64_C(1795311648)

/* libpcap's reader, whatever the table of readers would choose; for marked_open(). */
static const struct source_reader marked_libpcap = {&pcap_file_ops, NULL};
static const struct source_reader *marked_reader;

/* As source_open(), by marked_reader if there is one. */
static inline int
marked_open(
    struct source **out, const char *path, const struct source_options *options, uint32_t index)
{
	if (marked_reader == NULL)
		return source_open(out, path, options, index);
	return source_open_by(out, marked_reader, path, options, index);
}

/* Write the first ${len} bytes of ${w} to a file; its path is valid until the next is asked for. */
static inline const char *
marked_save(struct temp_dir *temp, const struct pcap_writer *w, size_t len)
{
	const char *path = temp_dir_file(temp, "capture");

	assert_int_equal(pw_save(w, path, len), 0);
	return path;
}

/* Read all of ${s}; each packet's mark has to be its frame number. Returns what ended it. */
static inline int
marked_read(struct source *s, uint64_t *packets)
{
	struct batch *batch;
	int result;

	*packets = 0;
	while ((result = source_next(s, &batch)) == 1) {
		assert_in_range(batch->count, 1, BATCH_PACKETS);
		for (size_t i = 0; i < batch->count; i++) {
			const struct packet *p = &batch->packet[i];
			uint32_t mark;

			assert_true(p->caplen >= PW_UDP);
			memcpy(&mark, p->data + PW_UDP - sizeof(mark), sizeof(mark));
			assert_int_equal(mark, p->frame);
		}
		*packets += batch->count;
	}
	return result;
}

/* One record, one block: a datagram to port 135 or, for odd marks in a record, to port 53. */
static inline void
marked_record(struct pcap_writer *w, uint32_t seconds, uint32_t mark)
{
	uint8_t frame[PW_UDP];

	pw_udp(frame, (uint16_t)(mark % 2 == 0 ? 135 : 53), mark);
	pw_record(w, seconds, 0, frame, PW_UDP, PW_UDP);
}

static inline void
marked_packet(struct pcap_writer *w, uint64_t time, uint32_t mark)
{
	uint8_t frame[PW_UDP];

	pw_udp(frame, 135, mark);
	pw_packet(w, 0, time, frame, PW_UDP, PW_UDP);
}

/* A classic capture of ${count} marked packets, one a second. */
static inline void
marked_write(struct pcap_writer *w, uint32_t count)
{
	pw_init(w, false);
	pw_classic(w, false, 1);
	for (uint32_t i = 1; i <= count; i++)
		marked_record(w, (uint32_t)T0 + i, i);
}

#endif
