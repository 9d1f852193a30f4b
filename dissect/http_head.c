#include "dissect/http_head.h"

#include <string.h>
#include <strings.h>

#include "base/cursor.h"

static const char in_method[] = "RPC_IN_DATA ", out_method[] = "RPC_OUT_DATA ",
		  version[] = "HTTP/1.";

/* Up to the shorter one's end. */
static bool
agrees(const uint8_t *data, size_t len, const char *with)
{
	size_t n = strlen(with);

	return memcmp(data, with, len < n ? len : n) == 0;
}

bool
http_head_begins(const uint8_t *data, size_t len)
{
	return agrees(data, len, in_method) || agrees(data, len, out_method) ||
	       agrees(data, len, version);
}

/* All before the next ${octet}, and that passed over; all there is where there is none. */
static struct cursor
take_until(struct cursor *c, uint8_t octet)
{
	size_t left = cur_left(c);
	const uint8_t *end = left != 0 ? memchr(c->pos, octet, left) : NULL;
	struct cursor part = cur_sub(c, end != NULL ? (size_t)(end - c->pos) : left);

	if (end != NULL)
		cur_skip(c, 1);
	return part;
}

/* A line without its end. */
static struct cursor
take_line(struct cursor *c)
{
	struct cursor line = take_until(c, '\n');

	if (cur_left(&line) != 0 && line.end[-1] == '\r')
		line.end--;
	return line;
}

/* Pass over ${text}, in whatever case, where it stands next. */
static bool
take_text(struct cursor *c, const char *text)
{
	size_t n = strlen(text);

	if (cur_left(c) < n || strncasecmp((const char *)c->pos, text, n) != 0)
		return false;
	cur_skip(c, n);
	return true;
}

static void
skip_blanks(struct cursor *c)
{
	while (cur_left(c) != 0 && (*c->pos == ' ' || *c->pos == '\t'))
		cur_skip(c, 1);
}

/* A decimal number that is not above ${most}. False where there is none. */
static bool
take_number(struct cursor *c, uint64_t most, uint64_t *out)
{
	size_t digits = 0;

	for (*out = 0; cur_left(c) != 0 && *c->pos >= '0' && *c->pos <= '9'; digits++) {
		unsigned digit = cur_u8(c) - '0';

		if (*out > (most - digit) / 10)
			return false;
		*out = *out * 10 + digit;
	}
	return digits != 0;
}

/* HOST:PORT; the host may have colons, too, and what follows is no matter. */
static void
parse_target(struct cursor target, struct http_head *out)
{
	const uint8_t *host = target.pos, *colon = NULL;
	struct cursor port;
	uint64_t number;

	while (cur_left(&target) != 0 && *target.pos != '&') {
		if (*target.pos == ':')
			colon = target.pos;
		cur_skip(&target, 1);
	}
	if (colon == NULL || colon == host || colon - host > HTTP_BACKEND_MAX)
		return;
	port = cur_init(colon + 1, (size_t)(target.pos - colon - 1), false);
	if (!take_number(&port, UINT16_MAX, &number) || cur_left(&port) != 0)
		return;
	out->backend = host;
	out->backend_len = (size_t)(colon - host);
	out->port = (uint16_t)number;
}

/* URL SP version */
static int
parse_request(struct cursor line, struct http_head *out)
{
	struct cursor url = take_until(&line, ' ');

	if (!take_text(&line, version))
		return ERR_MALFORMED;
	take_until(&url, '?');
	parse_target(url, out);
	return ERR_OK;
}

/* The rest of the version, SP status */
static int
parse_status(struct cursor line, struct http_head *out)
{
	uint64_t status;

	take_until(&line, ' ');
	if (!take_number(&line, 999, &status) || status < 100)
		return ERR_MALFORMED;
	out->status = (unsigned)status;
	return ERR_OK;
}

static int
parse_first(struct cursor line, struct http_head *out)
{
	if (take_text(&line, in_method)) {
		out->method = HTTP_RPC_IN;
		return parse_request(line, out);
	}
	if (take_text(&line, out_method)) {
		out->method = HTTP_RPC_OUT;
		return parse_request(line, out);
	}
	out->method = HTTP_ANSWER;
	return take_text(&line, version) ? parse_status(line, out) : ERR_MALFORMED;
}

/* NAME: value */
static int
parse_field(struct cursor line, struct http_head *out)
{
	if (take_text(&line, "Content-Length:")) {
		skip_blanks(&line);
		out->has_length = true;
		return take_number(&line, UINT32_MAX, &out->length) ? ERR_OK : ERR_MALFORMED;
	}
	if (take_text(&line, "Transfer-Encoding:")) {
		skip_blanks(&line);
		out->chunked = take_text(&line, "chunked");
	}
	return ERR_OK;
}

int
http_head_parse(const uint8_t *data, size_t len, struct http_head *out)
{
	struct cursor c = cur_init(data, len, false);
	int r;

	*out = (struct http_head){0};
	r = parse_first(take_line(&c), out);
	while (r == ERR_OK && cur_left(&c) != 0)
		r = parse_field(take_line(&c), out);
	return r;
}
