/* tap_rig.h - for tests of live capture: a tap, a sender, packets with numbers, and a count of what came. To
 * be included after cmocka.h. Each test is written with LIVE_TEST() and skips, with the reason, where there
 * can be no network of its own. */
#ifndef EPMWATCH_TESTS_TAP_RIG_H
#define EPMWATCH_TESTS_TAP_RIG_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/packet.h"
#include "capture/tap.h"
#include "tests/unit/wire.h"

enum {
	RIG_HIGH = 50000, /* ports that mean nothing */
	RIG_HIGHER = 50001,
	RIG_TCP_ACK = 0x10,
	RIG_TCP_LEN = 20,
	RIG_IDS = 1 << 20,
	RIG_QUIET_MS = 250, /* nothing has come for so long: nothing will */
	RIG_TAGS = 6,
};

/* What a socket's filters may take, in bytes. */
#define RIG_OPTMEM "/proc/sys/net/core/optmem_max"

struct tap_rig {
	const char *unable;    /* why live tests cannot be run */
	struct tap *tap;       /* closed at the end of each test */
	int sender;            /* out of a0, which b0 receives */
	uint8_t seen[RIG_IDS]; /* how often each number was */
};

extern struct tap_rig rig;
extern const char *const rig_b0[1], *const rig_both[2];
extern const struct rig_tag {
	const char *name;
	size_t count;
	uint16_t type[3];
} rig_tags[RIG_TAGS];

/* The body of a test follows. */
#define LIVE_TEST(name)                                                                            \
	static void run_##name(void);                                                              \
	static void name(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		if (rig.unable != NULL) {                                                          \
			print_message("%s\n", rig.unable);                                         \
			skip();                                                                    \
		}                                                                                  \
		run_##name();                                                                      \
	}                                                                                          \
	static void run_##name(void)

/* A test between interfaces a0 and b0; and also a1 and b1. */
#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, rig_make_pair, rig_remove_pair)
#define WITH_PAIRS(test) cmocka_unit_test_setup_teardown(test, rig_make_pairs, rig_remove_pairs)
int rig_make_pair(void **state);
int rig_remove_pair(void **state);
int rig_make_pairs(void **state);
int rig_remove_pairs(void **state);

/** rig_enter(): Leave for a network of this process alone; once, before all tests. */
void rig_enter(void);

/** rig_now(): A clock that does not jump. */
int64_t rig_now(void);

/** rig_options(device, devices) / rig_open(options): A ring whose blocks are handed over soon. */
struct tap_options rig_options(const char *const *device, size_t devices);
void rig_open(const struct tap_options *options);

/** rig_expect_refused(options, err, words): rig.tap cannot be opened: ${err}, and ${words} among the problem's. */
void rig_expect_refused(const struct tap_options *options, int err, const char *words);

/** rig_segment(w, sport, dport, id, len): TCP without flags that count, ${len} bytes in all, with ${id} at
 * its end. */
void rig_segment(struct wire *w, unsigned sport, unsigned dport, uint32_t id, size_t len);

/** rig_send_segment(sport, dport, id): Send such a one. */
void rig_send_segment(unsigned sport, unsigned dport, uint32_t id);

/** rig_tagged(w, kind, sport, id): The same with the tags of rig_tags[kind]. */
void rig_tagged(struct wire *w, size_t kind, unsigned sport, uint32_t id);

/** rig_id_of(p): The number at the end of a packet. */
uint32_t rig_id_of(const struct packet *p);

/** rig_forget() / rig_note(batch) / rig_expect_seen(from, to, times): Count numbers; look at those from
 * ${from} to before ${to}. */
void rig_forget(void);
size_t rig_note(const struct batch *batch);
void rig_expect_seen(uint32_t from, uint32_t to, unsigned times);

/** rig_drain(t, expected): Take and note what comes, until all that is expected has and nothing else does.
 * Returns how many. */
size_t rig_drain(struct tap *t, size_t expected);

/* Sends numbered packets of port 135 out of a0 until it is stopped. */
struct tap_stream {
	int fd;
	unsigned pause_us; /* after every 64 */
	pthread_t thread;
	atomic_bool stop;
	atomic_uint sent;
};

/** rig_start_stream(s, pause_us) / rig_stop_stream(s): The latter returns how many were sent. */
void rig_start_stream(struct tap_stream *s, unsigned pause_us);
uint32_t rig_stop_stream(struct tap_stream *s);

#endif
