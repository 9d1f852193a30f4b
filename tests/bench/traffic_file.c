/* traffic_file.c - records collected in a block, which is written when it is full. */
#include "tests/bench/traffic_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/traffic_bytes.h"

enum {
	BLOCK = 1 << 20,
	RECORD_HEAD = 16, /* of a packet in a classic pcap */
	EPB_HEAD = 28,    /* of an enhanced packet block, its trailer apart */
	HEAD_MAX = EPB_HEAD,
	TRAILER_MAX = 8, /* padding and the length again */
	STEP_US = 5,
	ETHERNET = 1,
	SNAPLEN = 262144,
};

static const uint64_t start_us = UINT64_C(1772438400) * 1000000; /* 2026-03-02 08:00 UTC */

static uint8_t *
classic_header(uint8_t *p)
{
	p = put_le(put_le(put_le(p, 0xa1b2c3d4, 4), 2, 2), 4, 2);
	return put_le(put_le(put_le(put_le(p, 0, 4), 0, 4), SNAPLEN, 4), ETHERNET, 4);
}

/* A section of unknown length with one interface, times in microseconds. */
static uint8_t *
ng_header(uint8_t *p)
{
	p = put_le(put_le(put_le(p, 0x0a0d0d0a, 4), 28, 4), 0x1a2b3c4d, 4);
	p = put_le(put_le(put_le(put_le(p, 1, 2), 0, 2), UINT64_MAX, 8), 28, 4);
	p = put_le(put_le(put_le(p, 1, 4), 20, 4), ETHERNET, 2);
	return put_le(put_le(put_le(p, 0, 2), SNAPLEN, 4), 20, 4);
}

static void
flush(struct traffic_file *f)
{
	if (fwrite(f->buffer, 1, f->used, stdout) != f->used)
		f->failed = true;
	f->used = 0;
}

bool
traffic_file_open(struct traffic_file *f, bool ng)
{
	*f = (struct traffic_file){.ng = ng, .buffer = malloc(BLOCK)};
	if (f->buffer == NULL)
		return false;
	f->used = (size_t)((ng ? ng_header(f->buffer) : classic_header(f->buffer)) - f->buffer);
	return true;
}

uint8_t *
traffic_file_frame(struct traffic_file *f)
{
	if (BLOCK - f->used < HEAD_MAX + TRAFFIC_FRAME_MAX + TRAILER_MAX)
		flush(f);
	return f->buffer + f->used + (f->ng ? EPB_HEAD : RECORD_HEAD);
}

uint64_t
traffic_file_now(const struct traffic_file *f)
{
	return start_us + f->packets * STEP_US;
}

static size_t
ng_record(uint8_t *p, uint64_t now, size_t length)
{
	const size_t padding = -length & 3, total = EPB_HEAD + length + padding + 4;
	uint8_t *end = p + EPB_HEAD + length;

	memset(end, 0, padding);
	put_le(end + padding, total, 4);
	p = put_le(put_le(put_le(p, 6, 4), total, 4), 0, 4);
	p = put_le(put_le(p, now >> 32, 4), now, 4);
	put_le(put_le(p, length, 4), length, 4);
	return total;
}

static size_t
classic_record(uint8_t *p, uint64_t now, size_t length)
{
	p = put_le(put_le(p, now / 1000000, 4), now % 1000000, 4);
	put_le(put_le(p, length, 4), length, 4);
	return RECORD_HEAD + length;
}

void
traffic_file_add(struct traffic_file *f, size_t length)
{
	uint8_t *p = f->buffer + f->used;
	uint64_t now = traffic_file_now(f);

	f->used += f->ng ? ng_record(p, now, length) : classic_record(p, now, length);
	f->packets++;
	f->octets += length;
}

bool
traffic_file_close(struct traffic_file *f)
{
	flush(f);
	free(f->buffer);
	f->buffer = NULL;
	return fflush(stdout) == 0 && !f->failed;
}
