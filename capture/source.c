/* source.c - one capture or interface, whoever reads it. */
#include "capture/source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/packet.h"
#include "base/text.h"
#include "capture/block_file.h"
#include "capture/content.h"
#include "capture/intake.h"
#include "capture/packed_file.h"
#include "capture/pcap_file.h"
#include "capture/source_ops.h"

enum {
	NAME = SOURCE_PROBLEM - SOURCE_WORDS - 2
};

/* The first that takes a file has it; the last one takes all. */
static const struct source_reader readers[] = {
    {&block_file_ops, &block_file_tuning},
    {&packed_file_ops, &packed_file_tuning},
    {&pcap_file_ops, NULL},
};

/* By the first of ${count} readers that takes it. */
static int
open_by(struct source **out, const struct source_reader *reader, size_t count, const char *path,
    const struct source_options *options, uint32_t index)
{
	static const struct source_options defaults;
	struct source *s = calloc(1, sizeof(*s));
	int err = SOURCE_OTHER;

	*out = s;
	if (s == NULL)
		return -ENOMEM;
	s->path = strdup(path);
	if (s->path == NULL)
		return source_fail(s, -ENOMEM, "%s", err_text(-ENOMEM));
	if (options == NULL)
		options = &defaults;
	s->index = index;
	s->sieve = options->sieve;
	s->most = options->most != 0 ? options->most : SOURCE_MOST;
	for (size_t i = 0; i < count && err == SOURCE_OTHER; i++) {
		if (s->ops != NULL)
			s->ops->close(s);
		s->ops = reader[i].ops;
		s->tuning = reader[i].tuning;
		err = s->ops->open(s, options);
	}
	return err;
}

int
source_open_by(struct source **out, const struct source_reader *reader, const char *path,
    const struct source_options *options, uint32_t index)
{
	return open_by(out, reader, 1, path, options, index);
}

int
source_open(
    struct source **out, const char *path, const struct source_options *options, uint32_t index)
{
	return open_by(
	    out, readers, sizeof(readers) / sizeof(readers[0]), path, options, index);
}

int
source_intake(struct source *s)
{
	const struct intake_options options = {.most = s->most};
	int err = ERR_OK;

	if (s->intake == NULL)
		err = intake_open(&s->intake, s->path, &options);
	return err == ERR_OK ? ERR_OK : source_fail(s, err, "%s", err_text(err));
}

void
source_close(struct source **s)
{
	if (*s == NULL)
		return;
	if ((*s)->ops != NULL)
		(*s)->ops->close(*s);
	intake_close(&(*s)->intake);
	free((*s)->path);
	free(*s);
	*s = NULL;
}

int
source_next(struct source *s, struct batch **batch)
{
	return s->ops->next(s, batch);
}

/* Nobody looks, so every packet may matter. */
static void
mark_all(struct batch *batch)
{
	memset(batch->mark, 0xff, batch->count * sizeof(batch->mark[0]));
}

void
source_mark(const struct source *s, struct batch *batch)
{
	const struct packet *packet = batch->packet;

	batch->source = s->index;
	batch->bytes = 0;
	batch->first_ns = batch->last_ns = packet[0].ts_ns;
	for (size_t i = 0; i < batch->count; i++) {
		batch->bytes += packet[i].caplen;
		if (packet[i].ts_ns < batch->first_ns)
			batch->first_ns = packet[i].ts_ns;
		if (packet[i].ts_ns > batch->last_ns)
			batch->last_ns = packet[i].ts_ns;
	}
	source_look(s, batch);
}

void
source_look(const struct source *s, struct batch *batch)
{
	if (s->sieve != NULL)
		s->sieve->look(s->sieve, batch);
	else
		mark_all(batch);
}

int64_t
source_first_ns(const struct source *s)
{
	return s->first_ns;
}

const char *
source_path(const struct source *s)
{
	return s->path;
}

const char *
source_problem(const struct source *s)
{
	return s != NULL ? s->problem : err_text(-ENOMEM);
}

void
source_progress(const struct source *s, struct source_progress *out)
{
	memset(out, 0, sizeof(*out));
	s->ops->progress(s, out);
	/* Most files lie there as they are. */
	if (out->stored == 0 && out->stored_size == 0) {
		out->stored = out->bytes;
		out->stored_size = out->size;
	}
	memcpy(out->first_record, s->first_record, sizeof(out->first_record));
}

int
source_prefix_digest(const char *path, uint64_t bytes, uint8_t out[HASH_DIGEST])
{
	return content_digest(path, bytes, out);
}

bool
source_begins(const char *path, uint64_t bytes, const uint8_t digest[HASH_DIGEST])
{
	return content_begins(path, bytes, digest);
}

enum source_overlap
source_compare(const char *a, const char *b)
{
	return content_compare(a, b);
}

/* Every reader has to give the same digest for the same packet, on every machine: so the numbers
 * are little-endian. */
static void
add_number(struct hash_stream *hash, uint64_t value)
{
	uint8_t octets[8];

	for (int i = 0; i < 8; i++)
		octets[i] = (uint8_t)(value >> 8 * i);
	hash_stream_add(hash, octets, sizeof(octets));
}

int
source_note_first(struct source *s, const struct packet *packet)
{
	struct hash_stream *hash;
	int err = hash_stream_new(&hash);

	if (err != ERR_OK)
		return source_fail(s, err, "%s", err_text(err));
	add_number(hash, (uint64_t)packet->ts_ns);
	add_number(hash, packet->caplen);
	add_number(hash, packet->wirelen);
	hash_stream_add(hash, packet->data, packet->caplen);
	hash_stream_digest(hash, s->first_record);
	hash_stream_free(&hash);
	s->first_ns = packet->ts_ns;
	return ERR_OK;
}

/* Of a name that is too long, the end is what tells files apart. */
static void
print_name(const char *path, char out[NAME])
{
	char clean[4 * NAME];
	size_t len, skip;

	if (strcmp(path, "-") == 0)
		path = "standard input";
	len = strlen(path);
	skip = len > NAME ? len - NAME : 0;
	len = text_clean((const uint8_t *)path + skip, len - skip, clean, sizeof(clean));
	if (skip == 0 && len < NAME) {
		memcpy(out, clean, len + 1);
		return;
	}
	skip = len > NAME - 4 ? len - (NAME - 4) : 0;
	while (((unsigned char)clean[skip] & 0xc0) == 0x80)
		skip++;
	snprintf(out, NAME, "...%s", clean + skip);
}

__attribute__((format(printf, 3, 0))) static void
describe(char out[SOURCE_PROBLEM], const char *path, const char *fmt, va_list args)
{
	char name[NAME], raw[SOURCE_WORDS], words[SOURCE_WORDS];

	print_name(path, name);
	vsnprintf(raw, sizeof(raw), fmt, args);
	text_clean((const uint8_t *)raw, strlen(raw), words, sizeof(words));
	snprintf(out, SOURCE_PROBLEM, "%s: %s", name, words);
}

void
source_describe(char out[SOURCE_PROBLEM], const char *path, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	describe(out, path, fmt, args);
	va_end(args);
}

int
source_fail(struct source *s, int err, const char *fmt, ...)
{
	va_list args;

	if (s->problem[0] != '\0')
		return err;
	va_start(args, fmt);
	describe(s->problem, s->path != NULL ? s->path : "?", fmt, args);
	va_end(args);
	return err;
}
