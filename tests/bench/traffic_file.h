/* traffic_file.h - a capture on standard output: classic pcap, or pcapng. */
#ifndef EPMWATCH_TESTS_BENCH_TRAFFIC_FILE_H
#define EPMWATCH_TESTS_BENCH_TRAFFIC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TRAFFIC_FRAME_MAX = 2048, /* octets of the longest frame */
};

/* A capture in the making. Packets are five microseconds apart. */
struct traffic_file {
	uint8_t *buffer;
	size_t used;
	bool ng;          /* pcapng */
	bool failed;      /* standard output did not take all */
	uint64_t packets; /* written so far */
	uint64_t octets;  /* of their frames */
};

/** traffic_file_open(f, ng): Begin a capture on standard output, pcapng if ${ng}. False without memory. */
bool traffic_file_open(struct traffic_file *f, bool ng);

/** traffic_file_frame(f): Where to put the next frame: TRAFFIC_FRAME_MAX octets. */
uint8_t *traffic_file_frame(struct traffic_file *f);

/** traffic_file_now(f): Time of the next packet in microseconds since 1970. */
uint64_t traffic_file_now(const struct traffic_file *f);

/** traffic_file_add(f, length): The frame at traffic_file_frame() is ready and has ${length} octets. */
void traffic_file_add(struct traffic_file *f, size_t length);

/** traffic_file_close(f): Write what is left, and free. False if anything could not be written. */
bool traffic_file_close(struct traffic_file *f);

#endif
