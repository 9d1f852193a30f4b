/* http_stream.h - one direction of a connection that speaks HTTP/1.1: headers, and the bytes of bodies between them.
 *
 * Nothing of a body is kept. After a hole in a header, or what is none, the next piece of data that begins as a header does, or
 * as a PDU, is where it goes on. */
#ifndef EPMWATCH_DISSECT_HTTP_STREAM_H
#define EPMWATCH_DISSECT_HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/buffer.h"
#include "dissect/http_head.h"

struct budget;
struct dissect_stats;

struct http_sink {
	/* A header has come; what body() gives until the next is its. True if such a body may end with the connection, having no
	 * length. */
	bool (*head)(void *ctx, const struct http_head *head);
	void (*body)(void *ctx, const uint8_t *data, size_t len);
	/* Bytes of the body are missing. */
	void (*gap)(void *ctx, uint32_t missing);
	/* How many of the next bytes of the body make no difference. */
	uint32_t (*indifference)(const void *ctx);
};

enum http_state {
	HTTP_HEAD,       /* in a header, or before one */
	HTTP_BODY,       /* left bytes of body */
	HTTP_ENDLESS,    /* body up to the end of the connection */
	HTTP_CHUNK_SIZE, /* in the line with the size of a chunk, left so far */
	HTTP_CHUNK_NOTE, /* behind the size in it */
	HTTP_CHUNK,      /* left bytes of a chunk */
	HTTP_CHUNK_END,  /* in the line's end behind it */
	HTTP_TRAILER,    /* behind the last chunk */
	HTTP_LOST,       /* nobody knows where */
};

struct http_stream {
	const struct http_sink *sink; /* borrowed */
	void *ctx;
	struct budget *budget;       /* borrowed */
	struct dissect_stats *stats; /* borrowed */
	enum http_state state;
	bool in_line;       /* HEAD, TRAILER: something stands in this line */
	bool failed;        /* what should have been a header was none */
	struct buffer head; /* HEAD: so far */
	uint64_t left;
};

/** http_stream_init(s, sink, ctx, budget, stats) / http_stream_deinit(s): At the start of a message; the latter frees what is held. */
void http_stream_init(struct http_stream *s, const struct http_sink *sink, void *ctx,
    struct budget *budget, struct dissect_stats *stats);
void http_stream_deinit(struct http_stream *s);

/** http_stream_data(s, data, len): The next ${len} bytes. */
void http_stream_data(struct http_stream *s, const uint8_t *data, size_t len);

/** http_stream_gap(s, missing): ${missing} bytes will never come. */
void http_stream_gap(struct http_stream *s, uint32_t missing);

/** http_stream_indifference(s): How many of the next bytes may as well be missing. */
uint32_t http_stream_indifference(const struct http_stream *s);

#endif
