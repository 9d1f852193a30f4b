#include "dissect/http_stream.h"

#include "base/cursor.h"
#include "dissect/dissector.h"
#include "dissect/probe.h"

enum {
	CHUNK_BITS = 28 /* bits of a chunk's size: none is larger than 256 MiB */
};

void
http_stream_init(struct http_stream *s, const struct http_sink *sink, void *ctx,
    struct budget *budget, struct dissect_stats *stats)
{
	*s = (struct http_stream){.sink = sink, .ctx = ctx, .budget = budget, .stats = stats};
}

void
http_stream_deinit(struct http_stream *s)
{
	buffer_free(&s->head, s->budget);
}

static size_t
smaller(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

static void
enter(struct http_stream *s, enum http_state state)
{
	s->state = state;
	s->in_line = false;
	s->left = 0;
}

static void
lose(struct http_stream *s)
{
	buffer_free(&s->head, s->budget);
	enter(s, HTTP_LOST);
}

/* Among them 100: what was expected follows. */
static bool
is_bodiless(const struct http_head *head)
{
	return head->method == HTTP_ANSWER &&
	       (head->status < 200 || head->status == 204 || head->status == 304);
}

/* What follows a header. */
static void
begin_body(struct http_stream *s, const struct http_head *head, bool endless)
{
	enter(s, HTTP_HEAD);
	if (is_bodiless(head))
		return;
	if (head->chunked) {
		s->state = HTTP_CHUNK_SIZE;
	} else if (head->has_length && head->length != 0) {
		s->state = HTTP_BODY;
		s->left = head->length;
	} else if (!head->has_length && endless) {
		s->state = HTTP_ENDLESS;
	}
}

static void
take_head(struct http_stream *s)
{
	struct http_head head;

	if (http_head_parse(s->head.data, s->head.len, &head) != ERR_OK) {
		s->stats->rpc.malformed++;
		s->failed = true;
		lose(s);
		return;
	}
	begin_body(s, &head, s->sink->head(s->ctx, &head));
	buffer_free(&s->head, s->budget);
}

/* Pass over all up to the end of an empty line. False where that does not come. */
static bool
pass_empty_line(struct http_stream *s, struct cursor *c)
{
	while (cur_left(c) != 0) {
		uint8_t octet = cur_u8(c);

		if (octet == '\n' && !s->in_line)
			return true;
		if (octet != '\r')
			s->in_line = octet != '\n';
	}
	return false;
}

/* False where it is too long, or there is no room. */
static bool
keep_head(struct http_stream *s, const uint8_t *data, size_t len)
{
	if (len <= HTTP_HEAD_MAX - s->head.len && buffer_add(&s->head, s->budget, data, len))
		return true;
	s->stats->capped++;
	return false;
}

/* What can be no header is given up with its first bytes. */
static void
gather_head(struct http_stream *s, struct cursor *c)
{
	const uint8_t *from = c->pos;
	bool whole;

	/* Empty lines before a message are allowed. */
	if (s->head.len == 0 && (*from == '\r' || *from == '\n')) {
		cur_skip(c, 1);
		return;
	}
	whole = pass_empty_line(s, c);
	if (!keep_head(s, from, (size_t)(c->pos - from))) {
		s->failed = true;
		lose(s);
	} else if (!http_head_begins(s->head.data, s->head.len)) {
		c->pos = from;
		s->failed = true;
		lose(s);
	} else if (whole) {
		take_head(s);
	}
}

static void
pass_body(struct http_stream *s, struct cursor *c, enum http_state then)
{
	size_t n = smaller(s->left, cur_left(c));
	const uint8_t *data = cur_take(c, n);

	s->left -= n;
	if (s->left == 0)
		enter(s, then);
	s->sink->body(s->ctx, data, n);
}

/* A body without a length ends where the next header begins, if that stands at the beginning of a piece. */
static void
pass_endless(struct http_stream *s, struct cursor *c)
{
	size_t n = cur_left(c);

	if (n >= PROBE_BYTES && http_head_begins(c->pos, n))
		enter(s, HTTP_HEAD);
	else
		s->sink->body(s->ctx, cur_take(c, n), n);
}

static int
hex_value(uint8_t octet)
{
	if (octet >= '0' && octet <= '9')
		return octet - '0';
	octet |= 0x20;
	return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

/* size in hexadecimal digits, whatever else, LF */
static void
read_chunk_size(struct http_stream *s, uint8_t octet)
{
	int digit = s->state == HTTP_CHUNK_SIZE ? hex_value(octet) : -1;

	if (digit >= 0) {
		s->left = s->left << 4 | (uint64_t)digit;
		if (s->left >> CHUNK_BITS != 0)
			lose(s);
	} else if (octet != '\n') {
		s->state = HTTP_CHUNK_NOTE;
	} else {
		s->state = s->left != 0 ? HTTP_CHUNK : HTTP_TRAILER;
	}
}

static void
end_chunk(struct http_stream *s, uint8_t octet)
{
	if (octet == '\n')
		enter(s, HTTP_CHUNK_SIZE);
	else if (octet != '\r')
		lose(s);
}

static void
search(struct http_stream *s, struct cursor *c)
{
	size_t n = cur_left(c);

	if (n >= PROBE_BYTES && http_head_begins(c->pos, n))
		enter(s, HTTP_HEAD);
	else if (probe_mask(c->pos, n))
		enter(s, HTTP_ENDLESS);
	else
		cur_skip(c, n);
}

static void
step(struct http_stream *s, struct cursor *c)
{
	switch (s->state) {
	case HTTP_HEAD:
		gather_head(s, c);
		break;
	case HTTP_BODY:
		pass_body(s, c, HTTP_HEAD);
		break;
	case HTTP_ENDLESS:
		pass_endless(s, c);
		break;
	case HTTP_CHUNK_SIZE:
	case HTTP_CHUNK_NOTE:
		read_chunk_size(s, cur_u8(c));
		break;
	case HTTP_CHUNK:
		pass_body(s, c, HTTP_CHUNK_END);
		break;
	case HTTP_CHUNK_END:
		end_chunk(s, cur_u8(c));
		break;
	case HTTP_TRAILER:
		if (pass_empty_line(s, c))
			enter(s, HTTP_HEAD);
		break;
	case HTTP_LOST:
		search(s, c);
		break;
	}
}

void
http_stream_data(struct http_stream *s, const uint8_t *data, size_t len)
{
	struct cursor c = cur_init(data, len, false);

	while (cur_left(&c) != 0)
		step(s, &c);
}

void
http_stream_gap(struct http_stream *s, uint32_t missing)
{
	bool counted = s->state == HTTP_BODY || s->state == HTTP_CHUNK;

	if (s->state == HTTP_ENDLESS || counted)
		s->sink->gap(s->ctx, missing);
	if (s->state == HTTP_ENDLESS)
		return;
	if (!counted || missing > s->left) {
		lose(s);
		return;
	}
	s->left -= missing;
	if (s->left == 0)
		enter(s, s->state == HTTP_BODY ? HTTP_HEAD : HTTP_CHUNK_END);
}

uint32_t
http_stream_indifference(const struct http_stream *s)
{
	uint32_t n;

	if (s->state != HTTP_BODY && s->state != HTTP_CHUNK)
		return 0;
	n = s->sink->indifference(s->ctx);
	return (uint32_t)smaller(s->left, n);
}
