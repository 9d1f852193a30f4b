/* test_http_head - headers of HTTP, as far as RPC over HTTP needs them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "dissect/http_head.h"

static char backend[HTTP_BACKEND_MAX + 1];

/* In memory of its exact size; the backend is copied out. */
static int
parse(const char *text, struct http_head *out)
{
	size_t len = strlen(text);
	uint8_t *copy = malloc(len + 1);
	int r;

	assert_non_null(copy);
	memcpy(copy + 1, text, len);
	r = http_head_parse(copy + 1, len, out);
	if (r == ERR_OK && out->port != 0) {
		assert_in_range(out->backend_len, 1, HTTP_BACKEND_MAX);
		memcpy(backend, out->backend, out->backend_len);
		backend[out->backend_len] = '\0';
	}
	free(copy);
	return r;
}

static void
requests(void **state)
{
	struct http_head head;

	(void)state;
	assert_int_equal(
	    parse("RPC_IN_DATA /rpc/rpcproxy.dll?mail.example:6001 HTTP/1.1\r\nHost: proxy\r\n"
		  "Content-Length: 1073741824\r\n\r\n",
		&head),
	    ERR_OK);
	assert_int_equal(head.method, HTTP_RPC_IN);
	assert_int_equal(head.port, 6001);
	assert_string_equal(backend, "mail.example");
	assert_true(head.has_length);
	assert_false(head.chunked);
	assert_int_equal(head.length, 1073741824);
	assert_int_equal(parse("RPC_OUT_DATA /rpcwithcert/rpcproxy.dll?dc1:593&more=1:2 HTTP/1.1\n"
			       "transfer-encoding:  chunked\n\n",
			     &head),
	    ERR_OK);
	assert_int_equal(head.method, HTTP_RPC_OUT);
	assert_int_equal(head.port, 593);
	assert_string_equal(backend, "dc1");
	assert_false(head.has_length);
	assert_true(head.chunked);
}

static void
hosts_and_ports(void **state)
{
	static const struct {
		const char *target, *backend;
		unsigned port;
	} cases[] = {{"[2001:db8::1]:6004", "[2001:db8::1]", 6004},
	    {"1f2e@example.com:6001", "1f2e@example.com", 6001}, {"host", "", 0}, {"host:", "", 0},
	    {":6001", "", 0}, {"host:0", "", 0}, {"host:65535", "host", 65535},
	    {"host:65536", "", 0}, {"host:99999999999999999999", "", 0}, {"host:6001x", "", 0},
	    {"host:x", "", 0}, {"host&a=b:1", "", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[200];
		struct http_head head;

		snprintf(text, sizeof(text), "RPC_IN_DATA /rpc/rpcproxy.dll?%s HTTP/1.1\r\n\r\n",
		    cases[i].target);
		assert_int_equal(parse(text, &head), ERR_OK);
		assert_int_equal(head.port, cases[i].port);
		if (head.port != 0)
			assert_string_equal(backend, cases[i].backend);
	}
}

static void
names_that_are_too_long(void **state)
{
	(void)state;
	for (size_t n = HTTP_BACKEND_MAX; n <= HTTP_BACKEND_MAX + 1; n++) {
		char text[400] = "RPC_IN_DATA /x?";
		struct http_head head;

		memset(text + 15, 'h', n);
		strcpy(text + 15 + n, ":593 HTTP/1.1\r\n\r\n");
		assert_int_equal(parse(text, &head), ERR_OK);
		assert_int_equal(head.port, n == HTTP_BACKEND_MAX ? 593 : 0);
	}
}

static void
responses(void **state)
{
	struct http_head head;

	(void)state;
	assert_int_equal(
	    parse("HTTP/1.1 200 Success\r\nCONTENT-LENGTH:\t20\r\n\r\n", &head), ERR_OK);
	assert_int_equal(head.method, HTTP_ANSWER);
	assert_int_equal(head.status, 200);
	assert_int_equal(head.length, 20);
	assert_int_equal(parse("HTTP/1.0 401\r\n\r\n", &head), ERR_OK);
	assert_int_equal(head.status, 401);
	assert_int_equal(head.port, 0);
}

static void
what_is_none(void **state)
{
	static const char *const texts[] = {"", "\r\n", "GET / HTTP/1.1\r\n\r\n",
	    "RPC_IN_DATA /x\r\n\r\n", "RPC_IN_DATA /x SIP/2.0\r\n\r\n", "HTTP/1.1 x\r\n\r\n",
	    "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 1000 x\r\n\r\n", "HTTP/1.1\r\n\r\n",
	    "HTTP/2 200\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nContent-Length: 4294967296\r\n\r\n"};
	struct http_head head;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(parse(texts[i], &head), ERR_MALFORMED);
}

static bool
begins(const char *text)
{
	return http_head_begins((const uint8_t *)text, strlen(text));
}

static void
beginnings(void **state)
{
	(void)state;
	assert_true(begins("R"));
	assert_true(begins("RPC_IN_D"));
	assert_true(begins("RPC_OUT_DATA /x"));
	assert_true(begins("HTTP/1.1 "));
	assert_false(begins("RPC_X"));
	assert_false(begins("RPC_IN_DATAX"));
	assert_false(begins("HTTP/2"));
	assert_false(begins("GET"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests),
	    cmocka_unit_test(hosts_and_ports),
	    cmocka_unit_test(names_that_are_too_long),
	    cmocka_unit_test(responses),
	    cmocka_unit_test(what_is_none),
	    cmocka_unit_test(beginnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
