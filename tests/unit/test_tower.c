/* test_tower.c - protocol towers: what answers where, and what is no port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/tower.h"
#include "golden_pdus.h"
#include "rpc_build.h"

enum {
	MAP_TOWER_AT = STUB_AT + 48, /* of golden_map_answer's tower */
	TCP_TOWER = 75,
};

static struct obs_queue *queue;
static struct message m;
static struct obs_tower tower;

static int
make_queue(void **state)
{
	(void)state;
	return obs_queue_new(&queue, (size_t)1 << 20);
}

static int
free_queue(void **state)
{
	(void)state;
	obs_queue_free(&queue);
	return 0;
}

/* From memory of its exact size. */
static int
parse(const uint8_t *octets, size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, octets, len);
	obs_queue_reset(queue);
	r = tower_parse(copy, len, queue, &tower);
	free(copy);
	return r;
}

static int
parse_message(void)
{
	return parse(m.octets, m.len);
}

static void
msg_floor(const void *lhs, size_t lhs_len, const void *rhs, size_t rhs_len)
{
	msg_u16(&m, (unsigned)lhs_len);
	msg_bytes(&m, lhs, lhs_len);
	msg_u16(&m, (unsigned)rhs_len);
	msg_bytes(&m, rhs, rhs_len);
}

static void
msg_transport(unsigned protocol, const void *rhs, size_t rhs_len)
{
	uint8_t lhs = (uint8_t)protocol;

	msg_floor(&lhs, 1, rhs, rhs_len);
}

static void
msg_interface(const char *uuid, unsigned major, unsigned minor)
{
	msg_u16(&m, 19);
	msg_u8(&m, 0x0d);
	msg_uuid(&m, uuid);
	msg_u16(&m, major);
	msg_u16(&m, 2);
	msg_u16(&m, minor);
}

/* The first three floors of a tower of ${floors}: NSPI 56.0, NDR, and ${rpc}. */
static void
begin(unsigned floors, unsigned rpc)
{
	m.len = 0;
	m.le = true;
	msg_u16(&m, floors);
	msg_interface(UUID_NSPI, 56, 0);
	msg_interface(UUID_NDR, 2, 0);
	msg_transport(rpc, "\0\0", 2);
}

static void
assert_host(const char *text)
{
	char got[ADDR_TEXT];

	assert_true(tower.host_known);
	assert_string_equal(addr_format(&tower.host, got), text);
}

static void
test_a_tcp_tower_names_interface_port_and_host(void **state)
{
	char text[UUID_TEXT];

	(void)state;
	assert_int_equal(parse(golden_map_answer + MAP_TOWER_AT, TCP_TOWER), ERR_OK);
	assert_string_equal(uuid_format(&tower.iface.uuid, text), UUID_NSPI);
	assert_int_equal(tower.iface.major, 56);
	assert_int_equal(tower.iface.minor, 0);
	assert_int_equal(tower.protseq, PROTSEQ_TCP);
	assert_int_equal(tower.port, 4997);
	assert_null(tower.endpoint);
	assert_null(tower.host_name);
	assert_host("192.168.0.2");
	assert_int_equal(tower.octets_len, TCP_TOWER);
	assert_memory_equal(tower.octets, golden_map_answer + MAP_TOWER_AT, TCP_TOWER);
}

static void
trap_36_major_and_minor_stand_on_two_sides_of_the_floor(void **state)
{
	(void)state;
	m.len = 0;
	m.le = true;
	msg_u16(&m, 1);
	msg_interface(UUID_STORE, 0, 81);
	assert_int_equal(parse_message(), ERR_OK);
	assert_int_equal(tower.iface.major, 0);
	assert_int_equal(tower.iface.minor, 81);
	assert_int_equal(tower.protseq, PROTSEQ_UNKNOWN);
}

static void
test_floors_three_and_four_decide_the_kind(void **state)
{
	static const struct {
		uint8_t rpc, transport;
		enum protseq protseq;
		uint16_t port;
		const char *rhs, *endpoint;
		size_t rhs_len;
	} rows[] = {
	    {0x0b, 0x07, PROTSEQ_TCP, 49667, "\xc2\x03", NULL, 2},
	    {0x0a, 0x08, PROTSEQ_UDP, 1029, "\x04\x05", NULL, 2},
	    {0x0b, 0x1f, PROTSEQ_HTTP, 6001, "\x17\x71", NULL, 2},
	    {0x0b, 0x0f, PROTSEQ_NP, 0, "\\PIPE\\lsass", "\\PIPE\\lsass", 12},
	    {0x0b, 0x10, PROTSEQ_NP, 0, "\\PIPE\\lsass", "\\PIPE\\lsass", 12},
	    {0x0c, 0x10, PROTSEQ_LRPC, 0, "samss lpc", "samss lpc", 10},
	    {0x0c, 0x0f, PROTSEQ_LRPC, 0, "samss lpc", "samss lpc", 10},
	    {0x0b, 0x0c, PROTSEQ_SPX, 0, "\x50\x01", "20481", 2},
	    {0x0b, 0x13, PROTSEQ_SPX, 0, "\x50\x01", "20481", 2},
	    {0x0a, 0x0e, PROTSEQ_IPX, 0, "\xff\xff", "65535", 2},
	    {0x0b, 0x12, PROTSEQ_NB_NB, 0, "A", "A", 1},
	    {0x0b, 0x19, PROTSEQ_NB_TCP, 0, "B", "B", 1},
	    {0x0b, 0x14, PROTSEQ_NB_IPX, 0, "C", "C", 1},
	    {0x0b, 0x16, PROTSEQ_AT_DSP, 0, "D", "D", 1},
	    {0x0a, 0x17, PROTSEQ_AT_DDP, 0, "E", "E", 1},
	    {0x0b, 0x1a, PROTSEQ_VNS_SPP, 0, "\0\x07", "7", 2},
	    {0x0a, 0x1b, PROTSEQ_VNS_IPC, 0, "\0\x07", "7", 2},
	    {0x0b, 0x04, PROTSEQ_DNET_NSP, 0, "F", "F", 1},
	    {0x0b, 0x05, PROTSEQ_OSI_DNA, 0, "G", "G", 1},
	    {0x0a, 0x1d, PROTSEQ_MQ, 0, "H", "H", 1},
	    {0x0b, 0x20, PROTSEQ_UNIX, 0, "/run/s", "/run/s", 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(4, rows[i].rpc);
		msg_transport(rows[i].transport, rows[i].rhs, rows[i].rhs_len);
		assert_int_equal(parse_message(), ERR_OK);
		assert_int_equal(tower.protseq, rows[i].protseq);
		assert_int_equal(tower.port, rows[i].port);
		if (rows[i].endpoint != NULL)
			assert_string_equal(tower.endpoint, rows[i].endpoint);
		else
			assert_null(tower.endpoint);
	}
}

static void
test_other_pairs_of_floors_are_unknown_and_have_no_port(void **state)
{
	static const uint8_t pairs[][2] = {{0x0a, 0x07}, {0x0b, 0x08}, {0x0c, 0x07}, {0x0a, 0x1f},
	    {0x07, 0x07}, {0x0b, 0x0b}, {0xff, 0xff}};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		begin(5, pairs[i][0]);
		msg_transport(pairs[i][1], "\x13\x85", 2);
		msg_transport(0x09, "\xc0\xa8\0\2", 4);
		assert_int_equal(parse_message(), ERR_OK);
		assert_int_equal(tower.protseq, PROTSEQ_UNKNOWN);
		assert_int_equal(tower.port, 0);
		assert_null(tower.endpoint);
		assert_int_equal(tower.octets_len, m.len);
		assert_memory_equal(tower.octets, m.octets, m.len);
	}
}

static void
test_the_whole_range_of_ports_is_read_big_endian(void **state)
{
	static const struct {
		uint16_t port;
		uint8_t rhs[2];
	} rows[] = {{0, {0, 0}}, {1, {0, 1}}, {256, {1, 0}}, {65535, {255, 255}}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(4, 0x0b);
		msg_transport(0x07, rows[i].rhs, 2);
		assert_int_equal(parse_message(), ERR_OK);
		assert_int_equal(tower.port, rows[i].port);
	}
}

/* A port is two octets; anything else in its place is not one, however it begins. */
static void
test_a_port_floor_of_another_size_is_malformed(void **state)
{
	static const uint8_t kinds[][2] = {
	    {0x0b, 0x07}, {0x0a, 0x08}, {0x0b, 0x1f}, {0x0b, 0x0c}, {0x0a, 0x0e}};
	static const size_t sizes[] = {0, 1, 3, 4, 16};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			begin(4, kinds[i][0]);
			msg_transport(kinds[i][1], "\x13\x85zzzzzzzzzzzzzz", sizes[j]);
			assert_int_equal(parse_message(), ERR_MALFORMED);
			assert_int_equal(tower.port, 0);
			assert_null(tower.endpoint);
		}
	}
}

static void
test_the_host_is_four_or_sixteen_octets(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 20; len++) {
		begin(5, 0x0b);
		msg_transport(0x07, "\x13\x85", 2);
		msg_transport(0x09, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\2\3\4\5", len);
		assert_int_equal(parse_message(), ERR_OK);
		assert_int_equal(tower.port, 4997);
		assert_int_equal(tower.host_known, len == 4 || len == 16);
		if (len == 4)
			assert_host("32.1.13.184");
		if (len == 16)
			assert_host("2001:db8::1");
	}
}

static void
test_the_host_of_http_stands_under_another_protocol(void **state)
{
	(void)state;
	begin(5, 0x0b);
	msg_transport(0x1f, "\x13\x88", 2);
	msg_transport(0x20, "\xc0\xa8\0\2", 4);
	assert_int_equal(parse_message(), ERR_OK);
	assert_int_equal(tower.protseq, PROTSEQ_HTTP);
	assert_int_equal(tower.port, 5000);
	assert_host("192.168.0.2");
}

static void
test_the_host_of_a_pipe_is_a_name(void **state)
{
	(void)state;
	begin(5, 0x0b);
	msg_transport(0x0f, "\\PIPE\\lsass", 12);
	msg_transport(0x11, "\\\\DC1", 6);
	assert_int_equal(parse_message(), ERR_OK);
	assert_string_equal(tower.endpoint, "\\PIPE\\lsass");
	assert_string_equal(tower.host_name, "\\\\DC1");
	assert_false(tower.host_known);
}

static void
test_names_are_cleaned_and_need_no_nul(void **state)
{
	(void)state;
	begin(4, 0x0b);
	msg_transport(0x0f, "\\PIPE\\a\nb", 9);
	assert_int_equal(parse_message(), ERR_OK);
	assert_string_equal(tower.endpoint, "\\PIPE\\a\xef\xbf\xbd"
					    "b");
	begin(4, 0x0c);
	msg_transport(0x10, "name\0rest", 9);
	assert_int_equal(parse_message(), ERR_OK);
	assert_string_equal(tower.endpoint, "name");
	begin(4, 0x0c);
	msg_transport(0x10, "", 0);
	assert_int_equal(parse_message(), ERR_OK);
	assert_null(tower.endpoint);
}

/* Some clients leave the version of the RPC protocol out. */
static void
test_the_right_side_of_floor_three_may_be_empty(void **state)
{
	m.len = 0;
	m.le = true;
	(void)state;
	msg_u16(&m, 4);
	msg_interface(UUID_NSPI, 56, 0);
	msg_interface(UUID_NDR, 2, 0);
	msg_transport(0x0b, "", 0);
	msg_transport(0x07, "\x13\x85", 2);
	assert_int_equal(parse_message(), ERR_OK);
	assert_int_equal(tower.port, 4997);
}

static void
test_a_tower_cut_at_any_length_is_an_error_and_no_port(void **state)
{
	(void)state;
	for (size_t len = 0; len < TCP_TOWER; len++) {
		assert_int_not_equal(parse(golden_map_answer + MAP_TOWER_AT, len), ERR_OK);
		assert_int_equal(tower.port, 0);
		assert_false(tower.host_known);
	}
}

static void
test_bytes_after_the_floors_are_no_harm(void **state)
{
	(void)state;
	begin(4, 0x0b);
	msg_transport(0x07, "\x13\x85", 2);
	msg_fill(&m, 0xff, 9);
	assert_int_equal(parse_message(), ERR_OK);
	assert_int_equal(tower.port, 4997);
}

static void
test_no_floors_and_too_many_are_malformed(void **state)
{
	(void)state;
	assert_int_equal(parse((const uint8_t *)"\0\0", 2), ERR_MALFORMED);
	for (unsigned floors = TOWER_FLOORS; floors <= TOWER_FLOORS + 1; floors++) {
		begin(floors, 0x0b);
		msg_transport(0x07, "\x13\x85", 2);
		for (unsigned i = 4; i < floors; i++)
			msg_transport(0x09, "\1\2\3\4", 4);
		assert_int_equal(parse_message(), floors <= TOWER_FLOORS ? ERR_OK : ERR_MALFORMED);
	}
	assert_int_equal(parse((const uint8_t *)"\xff\xff", 2), ERR_MALFORMED);
}

static void
test_a_floor_without_a_protocol_is_malformed(void **state)
{
	(void)state;
	begin(4, 0x0b);
	msg_floor("", 0, "\x13\x85", 2);
	assert_int_equal(parse_message(), ERR_MALFORMED);
}

static void
test_the_first_floor_must_be_an_interface(void **state)
{
	(void)state;
	m.len = 0;
	m.le = true;
	msg_u16(&m, 1);
	msg_transport(0x07, "\x13\x85", 2);
	assert_int_equal(parse_message(), ERR_MALFORMED);
	begin(3, 0x0b);
	m.octets[2] = 18; /* the interface is one octet short, and all after it is shifted */
	assert_int_not_equal(parse_message(), ERR_OK);
}

static void
test_a_length_that_reaches_past_the_end_is_cut(void **state)
{
	(void)state;
	begin(4, 0x0b);
	msg_u16(&m, 1);
	msg_u8(&m, 0x07);
	msg_u16(&m, 65535);
	msg_u16(&m, 0x8513);
	assert_int_equal(parse_message(), ERR_TRUNC);
	assert_int_equal(tower.port, 0);
}

static void
test_a_queue_without_room_leaves_no_stray_pointers(void **state)
{
	struct obs_queue *small;

	(void)state;
	assert_int_equal(obs_queue_new(&small, 16), 0);
	begin(5, 0x0b);
	msg_transport(0x0f, "\\PIPE\\a-rather-long-name", 24);
	msg_transport(0x11, "\\\\A-RATHER-LONG-HOST", 20);
	assert_int_equal(tower_parse(m.octets, m.len, small, &tower), ERR_OK);
	assert_null(tower.octets);
	assert_int_equal(tower.octets_len, 0);
	assert_null(tower.endpoint);
	assert_null(tower.host_name);
	obs_queue_free(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_tcp_tower_names_interface_port_and_host),
	    cmocka_unit_test(trap_36_major_and_minor_stand_on_two_sides_of_the_floor),
	    cmocka_unit_test(test_floors_three_and_four_decide_the_kind),
	    cmocka_unit_test(test_other_pairs_of_floors_are_unknown_and_have_no_port),
	    cmocka_unit_test(test_the_whole_range_of_ports_is_read_big_endian),
	    cmocka_unit_test(test_a_port_floor_of_another_size_is_malformed),
	    cmocka_unit_test(test_the_host_is_four_or_sixteen_octets),
	    cmocka_unit_test(test_the_host_of_http_stands_under_another_protocol),
	    cmocka_unit_test(test_the_host_of_a_pipe_is_a_name),
	    cmocka_unit_test(test_names_are_cleaned_and_need_no_nul),
	    cmocka_unit_test(test_the_right_side_of_floor_three_may_be_empty),
	    cmocka_unit_test(test_a_tower_cut_at_any_length_is_an_error_and_no_port),
	    cmocka_unit_test(test_bytes_after_the_floors_are_no_harm),
	    cmocka_unit_test(test_no_floors_and_too_many_are_malformed),
	    cmocka_unit_test(test_a_floor_without_a_protocol_is_malformed),
	    cmocka_unit_test(test_the_first_floor_must_be_an_interface),
	    cmocka_unit_test(test_a_length_that_reaches_past_the_end_is_cut),
	    cmocka_unit_test(test_a_queue_without_room_leaves_no_stray_pointers),
	};

	return cmocka_run_group_tests(tests, make_queue, free_queue);
}
