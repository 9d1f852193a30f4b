/* filter_rig.h - for tests: programs of classic BPF, run by libpcap's interpreter and by the
 * kernel. To be included after cmocka.h. */
#ifndef EPMWATCH_TESTS_FILTER_RIG_H
#define EPMWATCH_TESTS_FILTER_RIG_H

#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/bpf_asm.h"

struct filter_rig {
	struct bpf_code code;
	struct bpf_insn insn[BPF_MAXINSNS];
	int pair
	    [2]; /* a datagram sent to the first one comes out of the second one if the kernel's filter passes it */
};

/* Make ${rig}->code ready to run. */
static inline void
filter_rig_load(struct filter_rig *rig)
{
	for (size_t i = 0; i < rig->code.count; i++) {
		const struct sock_filter *from = &rig->code.code[i];

		rig->insn[i] = (struct bpf_insn){
		    .code = from->code, .jt = from->jt, .jf = from->jf, .k = from->k};
	}
	assert_int_equal(bpf_validate(rig->insn, (int)rig->code.count), 1);
}

/* The same, in the kernel: any socket takes a filter, and a local one needs no privilege. */
static inline void
filter_rig_load_kernel(struct filter_rig *rig)
{
	struct sock_fprog program = {
	    .len = (unsigned short)rig->code.count, .filter = rig->code.code};

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, rig->pair), 0);
	assert_int_equal(
	    setsockopt(rig->pair[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)), 0);
}

static inline void
filter_rig_unload_kernel(struct filter_rig *rig)
{
	close(rig->pair[0]);
	close(rig->pair[1]);
}

/* Bytes that pass; 0 if it is rejected. */
static inline unsigned
filter_rig_run(const struct filter_rig *rig, const void *data, size_t len)
{
	return bpf_filter(rig->insn, data, (unsigned)len, (unsigned)len);
}

static inline bool
filter_rig_run_kernel(const struct filter_rig *rig, const void *data, size_t len)
{
	uint8_t byte;

	assert_int_equal(send(rig->pair[0], data, len, 0), len);
	return recv(rig->pair[1], &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0;
}

#endif
