/* test_classifier.c - what nDPI is asked, and what it says. */
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "dissect/classifier.h"
#include "dissect/flow.h"
#include "foreign_bytes.h"

static struct classifier *classifier;
static struct classifier_stats stats;

static int
set_up(void **state)
{
	(void)state;
	stats = (struct classifier_stats){0};
	return classifier_new(&classifier, &stats, true);
}

static int
tear_down(void **state)
{
	(void)state;
	classifier_free(&classifier);
	assert_null(classifier);
	return 0;
}

static struct flow_key
key_of(unsigned client, bool v6)
{
	const uint8_t v4_of[][4] = {
	    {10, 0, 0, 1}, {10, 1, (uint8_t)(client >> 8), (uint8_t)client}};
	const uint8_t v6_of[16] = {0xfd, [14] = (uint8_t)(client >> 8), [15] = (uint8_t)client};
	struct flow_key key = {.port = {49152, 40000}};

	key.addr[0] = v6 ? addr_from_v6((const uint8_t[16]){0xfc}) : addr_from_v4(v4_of[0]);
	key.addr[1] = v6 ? addr_from_v6(v6_of) : addr_from_v4(v4_of[1]);
	return key;
}

static uint16_t
ask(const struct flow_key *key, uint8_t proto, int from, const void *payload, size_t len)
{
	struct classifier_packet packet = {.key = key,
	    .from = from,
	    .proto = proto,
	    .ts_ns = NS_PER_S,
	    .payload = payload,
	    .len = len};

	return classifier_ask(classifier, &packet);
}

static void
test_protocols_are_named_over_ipv4_and_ipv6(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct flow_key tls = key_of(1, v6), ssh = key_of(2, v6), http = key_of(3, v6);
		uint16_t verdict;

		verdict = ask(&tls, IPPROTO_TCP, 1, tls_client_hello, sizeof(tls_client_hello));
		assert_string_equal(classifier_name(verdict), "TLS");
		verdict = ask(&tls, IPPROTO_TCP, 0, tls_server_hello, sizeof(tls_server_hello));
		assert_string_equal(classifier_name(verdict), "TLS");
		ask(&ssh, IPPROTO_TCP, 0, ssh_banner, sizeof(ssh_banner) - 1);
		verdict = ask(&ssh, IPPROTO_TCP, 1, ssh_banner, sizeof(ssh_banner) - 1);
		assert_string_equal(classifier_name(verdict), "SSH");
		verdict = ask(&http, IPPROTO_TCP, 1, http_request, sizeof(http_request) - 1);
		assert_string_equal(classifier_name(verdict), "HTTP");
		assert_false(classifier_is_rpc(verdict));
	}
	assert_int_equal(stats.flows, 6);
	assert_int_equal(stats.skipped, 0);
}

static void
test_what_is_spoken_is_named_and_not_whose_it_is(void **state)
{
	static const char request[] =
	    "GET / HTTP/1.1\r\nHost: www.google.com\r\nUser-Agent: x\r\n\r\n";
	struct flow_key key = key_of(1, false);

	(void)state;
	assert_string_equal(
	    classifier_name(ask(&key, IPPROTO_TCP, 1, request, sizeof(request) - 1)), "HTTP");
}

static void
test_packets_of_one_side_go_on_from_another(void **state)
{
	static const char *const said[] = {"220 mail.example ESMTP ready\r\n", "EHLO clerk\r\n",
	    "250 mail.example\r\n", "MAIL FROM:<clerk@example>\r\n", "250 OK\r\n",
	    "RCPT TO:<admin@example>\r\n"};
	struct flow_key key = key_of(1, false);
	uint16_t verdict = 0;

	(void)state;
	for (int i = 0; i < 6; i++)
		verdict = ask(&key, IPPROTO_TCP, i & 1, said[i], strlen(said[i]));
	assert_string_equal(classifier_name(verdict), "SMTP");
}

static void
test_dce_rpc_is_known_as_such(void **state)
{
	/* A bind: PROTOCOL 1.4, cut behind its presentation context. */
	static const uint8_t bind[72] = {5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0, 0xd0,
	    0x16, 0xd0, 0x16, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0};
	struct flow_key key = key_of(1, false);

	(void)state;
	assert_true(classifier_is_rpc(ask(&key, IPPROTO_TCP, 1, bind, sizeof(bind))));
	assert_false(classifier_is_rpc(0));
}

static void
test_what_nobody_knows_is_unknown(void **state)
{
	static const uint8_t octets[8] = {0xd0, 0x27, 0x27, 0x02, 0x78, 0x01, 0x09, 0x00};
	struct flow_key key = key_of(1, false);

	(void)state;
	for (int i = 0; i < CLASSIFIER_PACKETS; i++)
		assert_int_equal(ask(&key, IPPROTO_UDP, 0, octets, sizeof(octets)), 0);
	assert_string_equal(classifier_name(0), "unknown");
	assert_string_equal(classifier_name(UINT16_MAX), "unknown");
	assert_int_equal(stats.flows, 1);
}

static void
test_flows_are_known_apart_by_protocol_too(void **state)
{
	struct flow_key key = key_of(1, false);

	(void)state;
	ask(&key, IPPROTO_TCP, 1, tls_client_hello, sizeof(tls_client_hello));
	assert_int_equal(ask(&key, IPPROTO_UDP, 1, "\1\2\3\4\5\6\7", 8), 0);
	assert_int_equal(stats.flows, 2);
	classifier_forget(classifier, &key, IPPROTO_TCP);
	classifier_forget(classifier, &key, IPPROTO_TCP);
	ask(&key, IPPROTO_TCP, 1, tls_client_hello, sizeof(tls_client_hello));
	assert_int_equal(stats.flows, 3);
}

/* More than there are places for, each with what nDPI keeps on its heap; a sanitizer sees what is lost. */
static void
test_places_are_taken_over(void **state)
{
	struct flow_key first = key_of(0, false);

	(void)state;
	for (unsigned i = 0; i < 4 * CLASSIFIER_FLOWS; i++) {
		struct flow_key key = key_of(i, false);
		uint16_t verdict =
		    ask(&key, IPPROTO_TCP, 1, tls_client_hello, sizeof(tls_client_hello));

		assert_string_equal(classifier_name(verdict), "TLS");
	}
	assert_int_equal(stats.flows, 4 * CLASSIFIER_FLOWS);
	ask(&first, IPPROTO_TCP, 1, tls_client_hello, sizeof(tls_client_hello));
	assert_int_equal(stats.flows, 4 * CLASSIFIER_FLOWS + 1);
}

static void
test_what_finds_no_token_is_skipped(void **state)
{
	struct flow_key key = key_of(1, false);

	(void)state;
	for (unsigned i = 0; i < CLASSIFIER_BURST + 10; i++)
		ask(&key, IPPROTO_TCP, 1, tls_client_hello, sizeof(tls_client_hello));
	assert_int_equal(stats.skipped, 10);
	classifier_free(&classifier);
	assert_int_equal(classifier_new(&classifier, &stats, false), 0);
	for (unsigned i = 0; i < CLASSIFIER_BURST + 10; i++)
		ask(&key, IPPROTO_TCP, 1, tls_client_hello, sizeof(tls_client_hello));
	assert_int_equal(stats.skipped, 10);
}

static void
test_payloads_of_any_length_fit(void **state)
{
	static uint8_t octets[70000];

	(void)state;
	for (size_t len = 0; len < sizeof(octets); len = len * 3 / 2 + 1) {
		for (int v6 = 0; v6 < 2; v6++) {
			struct flow_key key = key_of((unsigned)len, v6);

			ask(&key, IPPROTO_TCP, 0, octets, len);
			ask(&key, IPPROTO_UDP, 0, octets, len);
		}
	}
}

/* Each worker has its own, made while others are. */
static void *
work(void *count)
{
	struct classifier_stats own = {0};
	struct classifier *c;
	struct flow_key key = key_of(7, false);
	struct classifier_packet packet = {.key = &key,
	    .from = 1,
	    .proto = IPPROTO_TCP,
	    .payload = tls_client_hello,
	    .len = sizeof(tls_client_hello)};

	if (classifier_new(&c, &own, true) != 0)
		return NULL;
	if (strcmp(classifier_name(classifier_ask(c, &packet)), "TLS") == 0)
		*(unsigned *)count = 1;
	classifier_free(&c);
	return NULL;
}

static void
test_several_threads_have_one_each(void **state)
{
	pthread_t thread[4];
	unsigned good[4] = {0};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, work, &good[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(good[i], 1);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(protocols_are_named_over_ipv4_and_ipv6),
	    TEST(what_is_spoken_is_named_and_not_whose_it_is),
	    TEST(packets_of_one_side_go_on_from_another),
	    TEST(dce_rpc_is_known_as_such),
	    TEST(what_nobody_knows_is_unknown),
	    TEST(flows_are_known_apart_by_protocol_too),
	    TEST(places_are_taken_over),
	    TEST(what_finds_no_token_is_skipped),
	    TEST(payloads_of_any_length_fit),
	    TEST(several_threads_have_one_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
