/* test_http_stream - messages of HTTP in one direction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/http_stream.h"

static struct budget budget;
static struct dissect_stats stats;
static struct http_stream stream;
static char said[20000];  /* H and the status for a header, the bytes of bodies, ~ for a gap */
static uint32_t careless; /* what the owner says makes no difference */

static bool
on_head(void *ctx, const struct http_head *head)
{
	char text[20];

	(void)ctx;
	snprintf(text, sizeof(text), "H%u", head->status);
	strcat(said, text);
	return head->method == HTTP_ANSWER;
}

static void
on_body(void *ctx, const uint8_t *data, size_t len)
{
	(void)ctx;
	assert_true(len != 0);
	strncat(said, (const char *)data, len);
}

static void
on_gap(void *ctx, uint32_t missing)
{
	(void)ctx;
	(void)missing;
	strcat(said, "~");
}

static uint32_t
on_indifference(const void *ctx)
{
	(void)ctx;
	return careless;
}

static const struct http_sink sink = {on_head, on_body, on_gap, on_indifference};

static int
begin(void **state)
{
	(void)state;
	budget = (struct budget){.cap = 1 << 20};
	stats = (struct dissect_stats){0};
	said[0] = '\0';
	careless = 0;
	http_stream_init(&stream, &sink, NULL, &budget, &stats);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	http_stream_deinit(&stream);
	assert_int_equal(budget.used, 0);
	return 0;
}

static void
feed(const char *text, size_t piece)
{
	for (size_t left = strlen(text); left != 0;) {
		size_t n = left < piece ? left : piece;
		uint8_t *copy = malloc(n);

		assert_non_null(copy);
		memcpy(copy, text, n);
		http_stream_data(&stream, copy, n);
		free(copy);
		text += n;
		left -= n;
	}
}

/* However it is cut into pieces, the same is said. */
static void
assert_says(const char *text, const char *expected)
{
	for (size_t piece = 1; piece <= strlen(text); piece++) {
		http_stream_deinit(&stream);
		begin(NULL);
		feed(text, piece);
		assert_string_equal(said, expected);
	}
}

static void
messages(void **state)
{
	(void)state;
	assert_says("HTTP/1.1 401 No\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 "
		    "OK\r\nContent-Length:3\r\n\r\nabc",
	    "H401helloH200abc");
	assert_says("RPC_IN_DATA /x?a:1 HTTP/1.1\r\n\r\nRPC_IN_DATA /x?a:1 "
		    "HTTP/1.1\r\nContent-Length: 2\r\n\r\nzz",
	    "H0H0zz");
	assert_says(
	    "HTTP/1.1 200 OK\nContent-Length: 0\n\n\r\nHTTP/1.1 201 OK\nContent-Length: 1\n\nx",
	    "H200H201x");
	assert_false(stream.failed);
}

static void
without_a_body(void **state)
{
	(void)state;
	assert_says("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 x\r\nContent-Length: "
		    "9\r\n\r\nHTTP/1.1 304 x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
	    "H100H204H304H200x");
}

static void
chunks(void **state)
{
	(void)state;
	assert_says("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
		    "chunked\r\n\r\n3\r\nabc\r\n0A;x=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
		    "HTTP/1.1 201 OK\r\nContent-Length: 1\r\n\r\nx",
	    "H200abc0123456789H201x");
}

static void
chunks_that_lie(void **state)
{
	(void)state;
	feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 1000);
	feed("100000000\r\n", 1000);
	assert_int_equal(stream.state, HTTP_LOST);
	http_stream_deinit(&stream);
	begin(NULL);
	feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab", 1000);
	assert_int_equal(stream.state, HTTP_LOST);
	assert_string_equal(said, "H200a");
}

/* It ends where at the beginning of a piece another header stands. */
static void
without_a_length(void **state)
{
	(void)state;
	feed("HTTP/1.1 401 No\r\n\r\nhello", 1000);
	feed("again", 1000);
	feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 1000);
	assert_string_equal(said, "H401helloagainH200x");
}

static void
headers_that_are_none(void **state)
{
	(void)state;
	feed("RPC_", 4);
	assert_false(stream.failed);
	feed("XYZ", 3);
	assert_true(stream.failed);
	assert_int_equal(stream.state, HTTP_LOST);
	assert_int_equal(budget.used, 0);
	feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 1000);
	assert_string_equal(said, "H200x");
	feed("HTTP/1.1 2\r\n\r\n", 1000);
	assert_int_equal(stats.rpc.malformed, 1);
}

static void
headers_that_are_too_long(void **state)
{
	static char text[HTTP_HEAD_MAX + 10] = "HTTP/1.1 200 OK\r\nX: ";

	(void)state;
	memset(text + 20, 'x', HTTP_HEAD_MAX - 24);
	strcpy(text + HTTP_HEAD_MAX - 4, "\r\n\r\n");
	feed(text, 1000);
	assert_string_equal(said, "H200");
	http_stream_deinit(&stream);
	begin(NULL);
	strcpy(text + HTTP_HEAD_MAX - 4, "x\r\n\r\n");
	feed(text, 1000);
	assert_string_equal(said, "");
	assert_true(stream.failed);
	assert_int_equal(stats.capped, 1);
}

static void
gaps(void **state)
{
	(void)state;
	feed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 1000);
	http_stream_gap(&stream, 4);
	feed("def", 1000);
	assert_string_equal(said, "H200abc~def");
	assert_int_equal(stream.state, HTTP_HEAD);
	feed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na", 1000);
	http_stream_gap(&stream, 2); /* to its end */
	feed("HTTP/1.1 201 OK\r\nContent-Length: 3\r\n\r\na", 1000);
	assert_string_equal(said, "H200abc~defH200a~H201a");
	http_stream_gap(&stream, 3); /* beyond it */
	assert_int_equal(stream.state, HTTP_LOST);
}

static void
gaps_in_chunks_and_headers(void **state)
{
	(void)state;
	feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na", 1000);
	http_stream_gap(&stream, 4);
	feed("\r\n1\r\nb\r\n0\r\n\r\nHTTP/1.1 2", 1000);
	assert_string_equal(said, "H200a~b");
	http_stream_gap(&stream, 4);
	assert_int_equal(stream.state, HTTP_LOST);
	assert_int_equal(budget.used, 0);
}

/* Where the header was lost, a PDU at the beginning of a piece tells that this is a body. */
static void
a_body_whose_header_was_lost(void **state)
{
	(void)state;
	http_stream_gap(&stream, 100);
	feed("whatever", 1000);
	assert_string_equal(said, "");
	http_stream_data(&stream, (const uint8_t *)"\x05\0\x14\x03\x10\0\0\0", 8);
	assert_int_equal(stream.state, HTTP_ENDLESS);
	http_stream_gap(&stream, 3);
	assert_string_equal(said, "\x05~");
}

static void
indifference(void **state)
{
	(void)state;
	careless = 5;
	assert_int_equal(http_stream_indifference(&stream), 0);
	feed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 1000);
	assert_int_equal(http_stream_indifference(&stream), 5);
	careless = 50;
	assert_int_equal(http_stream_indifference(&stream), 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(messages),
	    TEST(without_a_body),
	    TEST(chunks),
	    TEST(chunks_that_lie),
	    TEST(without_a_length),
	    TEST(headers_that_are_none),
	    TEST(headers_that_are_too_long),
	    TEST(gaps),
	    TEST(gaps_in_chunks_and_headers),
	    TEST(a_body_whose_header_was_lost),
	    TEST(indifference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
