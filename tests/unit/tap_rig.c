/* tap_rig.c - see tap_rig.h. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/live_net.h"
#include "tests/unit/tap_rig.h"

struct tap_rig rig;
const char *const rig_b0[1] = {"b0"}, *const rig_both[2] = {"b0", "b1"};
const struct rig_tag rig_tags[RIG_TAGS] = {
    {"none", 0, {0}},
    {"VLAN", 1, {0x8100}},
    {"QinQ", 2, {0x88a8, 0x8100}},
    {"old QinQ", 2, {0x9100, 0x8100}},
    {"two alike", 2, {0x8100, 0x8100}},
    {"three", 3, {0x88a8, 0x9100, 0x8100}},
};

void
rig_enter(void)
{
	rig.unable = live_enter();
}

int64_t
rig_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

struct tap_options
rig_options(const char *const *device, size_t devices)
{
	return (struct tap_options){.device = device, .devices = devices, .timeout_ms = 20};
}

void
rig_open(const struct tap_options *options)
{
	int err = tap_open(&rig.tap, options);

	if (err != 0)
		fail_msg("%d: %s", err, tap_problem(rig.tap));
	assert_string_equal(tap_problem(rig.tap), "");
}

int
rig_make_pair(void **state)
{
	(void)state;
	if (rig.unable != NULL)
		return 0;
	live_pair("a0", "b0");
	rig.sender = live_sender("a0");
	return 0;
}

int
rig_remove_pair(void **state)
{
	(void)state;
	if (rig.unable != NULL)
		return 0;
	tap_close(&rig.tap);
	tap_close(&rig.tap);
	close(rig.sender);
	/* A test may have changed the one, and removed the other. */
	live_write(RIG_OPTMEM, "131072");
	live_run("ip link del a0 2>/dev/null");
	return rig.tap != NULL;
}

/* A TCP segment without flags that count, ${len} bytes in all, with its number at the end. */
void
rig_segment(struct wire *w, unsigned sport, unsigned dport, uint32_t id, size_t len)
{
	size_t payload = len - 14 - 20 - RIG_TCP_LEN;

	w->len = 0;
	wire_ethernet(w, 0x0800);
	wire_ipv4(w, IPPROTO_TCP, 1, 2, RIG_TCP_LEN + payload);
	wire_tcp(w, sport, dport, 1, 1, RIG_TCP_ACK);
	wire_zeros(w, payload - 4);
	wire_u32(w, id);
}

void
rig_send_segment(unsigned sport, unsigned dport, uint32_t id)
{
	struct wire w;

	rig_segment(&w, sport, dport, id, 60);
	live_send(rig.sender, w.data, w.len);
}

uint32_t
rig_id_of(const struct packet *p)
{
	uint32_t id;

	assert_true(p->caplen >= sizeof(id));
	memcpy(&id, p->data + p->caplen - sizeof(id), sizeof(id));
	return ntohl(id);
}

void
rig_forget(void)
{
	memset(rig.seen, 0, sizeof(rig.seen));
}

size_t
rig_note(const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		uint32_t id = rig_id_of(&batch->packet[i]);

		assert_in_range(id, 0, RIG_IDS - 1);
		rig.seen[id]++;
	}
	return batch->count;
}

size_t
rig_drain(struct tap *t, size_t expected)
{
	int64_t patience = rig_now() + 20 * NS_PER_S;
	struct batch *batch;
	size_t count = 0;
	int more = 1;

	/* A machine that is busy may take its time, but not to bring what should not come. */
	while (more == 1 || (more == 0 && count < expected && rig_now() < patience)) {
		more = tap_next(t, RIG_QUIET_MS, &batch);
		if (more == 1) {
			assert_in_range(batch->count, 1, BATCH_PACKETS);
			count += rig_note(batch);
		}
	}
	if (more != 0)
		fail_msg("%d: %s", more, tap_problem(t));
	return count;
}

/* Numbers ${from} to before ${to} were seen ${times} times. */
void
rig_expect_seen(uint32_t from, uint32_t to, unsigned times)
{
	for (uint32_t id = from; id < to; id++) {
		if (rig.seen[id] != times)
			fail_msg("%" PRIu32 " was seen %u times", id, rig.seen[id]);
	}
}

int
rig_make_pairs(void **state)
{
	if (rig.unable == NULL)
		live_pair("a1", "b1");
	return rig_make_pair(state);
}

int
rig_remove_pairs(void **state)
{
	if (rig.unable == NULL)
		live_run("ip link del a1 2>/dev/null");
	return rig_remove_pair(state);
}

void
rig_tagged(struct wire *w, size_t kind, unsigned sport, uint32_t id)
{
	struct wire plain;

	rig_segment(&plain, sport, RIG_HIGH, id, 80);
	w->len = 0;
	wire_add(w, plain.data, 12);
	for (size_t i = 0; i < rig_tags[kind].count; i++) {
		wire_u16(w, rig_tags[kind].type[i]);
		wire_u16(w, (unsigned)(0x6000 + 100 * kind + i));
	}
	wire_add(w, plain.data + 12, plain.len - 12);
}

static void *
keep_sending(void *context)
{
	struct tap_stream *s = context;

	while (!s->stop && s->sent < RIG_IDS) {
		struct wire w;

		rig_segment(&w, 135, 1024 + s->sent % 500, s->sent, 60);
		live_send(s->fd, w.data, w.len);
		s->sent++;
		if (s->sent % 64 == 0 && s->pause_us > 0)
			usleep(s->pause_us);
	}
	return NULL;
}

void
rig_start_stream(struct tap_stream *s, unsigned pause_us)
{
	*s = (struct tap_stream){.fd = rig.sender, .pause_us = pause_us};
	assert_int_equal(pthread_create(&s->thread, NULL, keep_sending, s), 0);
}

uint32_t
rig_stop_stream(struct tap_stream *s)
{
	s->stop = true;
	pthread_join(s->thread, NULL);
	return s->sent;
}

void
rig_expect_refused(const struct tap_options *options, int err, const char *words)
{
	assert_int_equal(tap_open(&rig.tap, options), err);
	if (strstr(tap_problem(rig.tap), words) == NULL)
		fail_msg("%s", tap_problem(rig.tap));
	tap_close(&rig.tap);
}
