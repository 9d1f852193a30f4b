/* packets - print what one of the readers makes of a capture, a line a packet.
 *
 * usage: packets libpcap|blocks THREADS WINDOW FILE
 *
 * Lines: frame, seconds, bytes captured, bytes on the wire, link, hash of the bytes. The last line
 * begins with `=': how it ended. WINDOW, in bytes, and THREADS are for `blocks'; 0 is the default. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/packet.h"
#include "capture/block_file.h"
#include "capture/pcap_file.h"
#include "capture/source.h"
#include "capture/source_ops.h"

static void
print_packet(const struct packet *p)
{
	char id[HASH_ID_TEXT];
	bool before = p->ts_ns < 0;
	uint64_t ns = before ? -(uint64_t)p->ts_ns : (uint64_t)p->ts_ns;

	printf("%" PRIu64 " %s%" PRIu64 ".%09" PRIu64 " %" PRIu32 " %" PRIu32 " %d %s\n", p->frame,
	    before ? "-" : "", ns / (uint64_t)NS_PER_S, ns % (uint64_t)NS_PER_S, p->caplen,
	    p->wirelen, (int)p->link, hash_id(p->data, p->caplen, id));
}

static int
print_all(struct source *s)
{
	struct batch *batch;
	int result;

	while ((result = source_next(s, &batch)) == 1)
		for (size_t i = 0; i < batch->count; i++)
			print_packet(&batch->packet[i]);
	return result;
}

int
main(int argc, char **argv)
{
	struct block_file_tuning tuning = block_file_tuning;
	struct source_reader reader = {&block_file_ops, &tuning};
	struct source_progress progress;
	struct source *s;
	int result;

	if (argc != 5) {
		fprintf(stderr, "usage: packets libpcap|blocks THREADS WINDOW FILE\n");
		return 64;
	}
	if (strcmp(argv[1], "libpcap") == 0)
		reader.ops = &pcap_file_ops;
	if (strtoul(argv[3], NULL, 10) > 0)
		tuning.window = strtoul(argv[3], NULL, 10);
	const struct source_options options = {.threads = strtoul(argv[2], NULL, 10)};
	result = source_open_by(&s, &reader, argv[4], &options, 0);
	if (result == SOURCE_OTHER) {
		source_close(&s);
		printf("= left to libpcap\n");
		return 0;
	}
	if (result == 0)
		result = print_all(s);
	source_progress(s, &progress);
	printf("= %d, %" PRIu64 " frames, damaged at %" PRIu64 ", %s\n", result, progress.frames,
	    progress.damaged_at, source_problem(s));
	source_close(&s);
	return 0;
}
