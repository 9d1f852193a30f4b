/* fuzz_capture.c - any bytes as a capture file: read in place, compressed, and by libpcap.
 *
 * What is read in place has to come out the same when it is compressed; and what is known of the
 * file has to be the same, however it lies there. A byte that is changed in what is compressed may
 * do anything but harm. */
#include <lz4frame.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/packet.h"
#include "capture/block_file.h"
#include "capture/packed_file.h"
#include "capture/pcap_file.h"
#include "capture/source.h"
#include "capture/source_ops.h"
#include "tests/fuzz/fuzz.h"

enum {
	SIZE_MOST = 64 * 1024,
	PATH = 64
};

/* What a file that expands may come to: enough for anything that is no bomb. */
#define EXPANDED_MOST (UINT64_C(16) << 20)

/* Small pieces, so that short inputs have several. */
static const struct packed_file_tuning small_stretches = {.stretch = 512};
static const struct source_reader by_blocks = {&block_file_ops, &block_file_tuning};
static const struct source_reader by_stretches = {&packed_file_ops, &small_stretches};
static const struct source_reader by_libpcap = {&pcap_file_ops, NULL};

struct found {
	int opened, result;
	uint64_t packets, content; /* content: of all packets, hashed one into the other */
	struct source_progress progress;
};

struct memory_file {
	int fd;
	char path[PATH];
};

static void
demand(bool truth)
{
	if (!truth)
		abort();
}

static void
be_silent(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

static void
make_file(struct memory_file *f, const uint8_t *data, size_t size)
{
	f->fd = memfd_create("capture", MFD_CLOEXEC);
	demand(f->fd >= 0);
	snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
	while (size > 0) {
		ssize_t n = write(f->fd, data, size);

		demand(n > 0);
		data += n;
		size -= (size_t)n;
	}
}

static void
take(struct found *f, const struct packet *p)
{
	uint64_t parts[] = {f->content, (uint64_t)p->ts_ns, p->frame, p->caplen, p->wirelen,
	    (uint64_t)p->link, hash_bytes(p->data, p->caplen)};

	f->content = hash_bytes(parts, sizeof(parts));
	f->packets++;
}

/* Read all of it, by the table of readers if ${reader} is NULL. */
static struct found
read_file(const char *path, const struct source_reader *reader)
{
	const struct source_options options = {.most = EXPANDED_MOST};
	struct found found = {.packets = 0};
	struct batch *batch;
	struct source *s;

	found.opened = reader != NULL ? source_open_by(&s, reader, path, &options, 0)
				      : source_open(&s, path, &options, 0);
	while (found.opened == 0 && (found.result = source_next(s, &batch)) == 1) {
		demand(batch->count > 0 && batch->count <= BATCH_PACKETS);
		for (size_t i = 0; i < batch->count; i++)
			take(&found, &batch->packet[i]);
	}
	demand(found.opened == SOURCE_OTHER || found.opened == 0 || source_problem(s)[0] != '\0');
	source_progress(s, &found.progress);
	source_close(&s);
	return found;
}

/* What is told of a file that was read, it is known by again. */
static void
check_digest(const char *path, const struct found *found)
{
	uint8_t digest[HASH_DIGEST];

	demand(source_prefix_digest(path, found->progress.bytes, digest) == 0);
	demand(memcmp(digest, found->progress.digest, sizeof(digest)) == 0);
}

static void
check_compressed(const uint8_t *data, size_t size, const struct memory_file *plain)
{
	static uint8_t packed[2 * SIZE_MOST + 1024];
	const struct found wanted = read_file(plain->path, &by_blocks);
	struct found got;
	struct memory_file file;
	size_t len = LZ4F_compressFrame(packed, sizeof(packed), data, size, NULL);

	demand(!LZ4F_isError(len));
	make_file(&file, packed, len);
	got = read_file(file.path, &by_stretches);
	demand((got.opened == 0) == (wanted.opened == 0));
	if (got.opened == 0) {
		demand(got.result == wanted.result && got.packets == wanted.packets &&
		       got.content == wanted.content);
		demand(got.progress.damaged_at == wanted.progress.damaged_at &&
		       memcmp(got.progress.first_record, wanted.progress.first_record,
			   HASH_DIGEST) == 0);
		check_digest(file.path, &got);
		check_digest(plain->path, &got);
		check_digest(file.path, &wanted);
		demand(source_compare(plain->path, file.path) == SOURCE_SAME);
	}
	close(file.fd);
	packed[hash_bytes(data, size) % len] ^= 1 << size % 8;
	make_file(&file, packed, len);
	(void)read_file(file.path, NULL);
	close(file.fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory_file file;
	struct found found;

	if (size > SIZE_MOST)
		return 0;
	log_set_sink(be_silent, NULL);
	make_file(&file, data, size);
	found = read_file(file.path, NULL);
	if (found.opened == 0)
		check_digest(file.path, &found);
	(void)read_file(file.path, &by_libpcap);
	check_compressed(data, size, &file);
	close(file.fd);
	return 0;
}
