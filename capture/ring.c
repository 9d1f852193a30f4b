#include "capture/ring.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/packet.h"
#include "capture/kernel_filter.h"
#include "capture/live_blocks.h"
#include "capture/live_handle.h"
#include "capture/source_ops.h"

enum {
	SCOUT_BYTES = 1024 * 1024, /* of the ring of a handle that is only asked */
};

struct ring {
	char *device;       /* owned */
	unsigned interface; /* its number, which is another one if it is made anew; 0: any */
	uint32_t index;
	bool prefiltered;
	struct kernel_filter filter;
	uint64_t frames;            /* handed out */
	struct live_handle *handle; /* owned; NULL where there are blocks */
	struct live_blocks *blocks; /* owned */
};

/* Hand over the user's program, to be joined with the prefilter. */
static int
keep_user(struct ring *r, const struct bpf_program *program)
{
	struct sock_filter *code = calloc(program->bf_len, sizeof(*code));
	int err;

	if (code == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < program->bf_len; i++) {
		const struct bpf_insn *from = &program->bf_insns[i];

		code[i] = (struct sock_filter){
		    .code = from->code, .jt = from->jt, .jf = from->jf, .k = from->k};
	}
	err = kernel_filter_set_user(&r->filter, code, program->bf_len);
	free(code);
	return err;
}

/* Ours beside the user's. ERR_CAP where it was not asked for, or the user's is so long that it leaves no room. */
static int
set_prefilter(struct ring *r)
{
	int err = r->prefiltered ? kernel_filter_learn(&r->filter, NULL, 0) : ERR_CAP;

	r->prefiltered = err == 0;
	return err;
}

/*
 * By the hash of addresses and ports, which is the same for both directions. Fragments have no ports: they go
 * by addresses, all of a datagram to one. To have the kernel put them together first
 * (PACKET_FANOUT_FLAG_DEFRAG) would change what is seen with the number of workers, and lose what its table,
 * which anybody on the wire can fill, has no room for.
 */
static int
join(const struct ring *r, const struct ring_options *o, char problem[SOURCE_PROBLEM])
{
	int group = o->fanout | PACKET_FANOUT_HASH << 16, err;

	if (o->fanout == 0 ||
	    setsockopt(r->filter.fd, SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)) == 0)
		return 0;
	err = -errno;
	source_describe(problem, o->device, "cannot join fan-out group %u: %s", (unsigned)o->fanout,
	    err_text(err));
	return err;
}

/* Until the filter is set nothing passes; between joining a group and that what is ours is nobody's, so it has to be quick. */
static int
start_blocks(struct ring *r, const struct ring_options *o, const struct bpf_program *user,
    char problem[SOURCE_PROBLEM])
{
	int err = live_blocks_open(&r->blocks, o);

	if (err != 0)
		return err;
	r->filter.fd = live_blocks_fd(r->blocks);
	err = user != NULL ? keep_user(r, user) : 0;
	if (err == 0)
		err = kernel_filter_reject_all(&r->filter);
	if (err == 0)
		err = live_blocks_bind(r->blocks);
	if (err == 0)
		err = join(r, o, problem);
	if (err == 0)
		err = set_prefilter(r);
	return err == ERR_CAP ? kernel_filter_pass_wanted(&r->filter) : err;
}

/* What libpcap knows how to set, it is left to: it filters by itself what the kernel would not, but only what it was told
 * of. */
static int
set_filters(struct ring *r, struct bpf_program *user)
{
	int err = set_prefilter(r);

	if (err != ERR_CAP)
		return err;
	return user != NULL ? live_handle_filter(r->handle, user)
			    : kernel_filter_pass_wanted(&r->filter);
}

/* From activation on a handle's ring fills. Let nothing more in, and have that forgotten. */
static int
close_gate(struct ring *r, const struct ring_options *o, char problem[SOURCE_PROBLEM])
{
	int err = kernel_filter_reject_all(&r->filter);

	if (err != 0) {
		source_describe(problem, o->device, "cannot be filtered: %s", err_text(err));
		return err;
	}
	err = live_handle_discard(r->handle);
	if (err != 0)
		source_describe(problem, o->device, "%s", live_handle_words(r->handle));
	return err;
}

static int
start_handle(struct ring *r, const struct ring_options *o, struct bpf_program *user,
    char problem[SOURCE_PROBLEM])
{
	int err;

	r->filter.fd = live_handle_socket(r->handle);
	err = close_gate(r, o, problem);
	if (err == 0)
		err = join(r, o, problem);
	if (err != 0)
		return err;
	live_handle_start(r->handle);
	err = user != NULL ? keep_user(r, user) : 0;
	if (err == 0)
		err = set_filters(r, user);
	if (err != 0)
		source_describe(problem, o->device, "the kernel does not take the filter: %s",
		    err == -EIO ? live_handle_words(r->handle) : err_text(err));
	return err;
}

/* Ethernet is read in place; where that cannot be, and all else, is left to libpcap. */
static int
start(struct ring *r, const struct ring_options *o, struct bpf_program *user,
    char problem[SOURCE_PROBLEM])
{
	int err;

	r->prefiltered = o->prefilter;
	if (live_handle_link(r->handle) == LINK_ETHERNET &&
	    start_blocks(r, o, user, problem) == 0) {
		live_handle_close(&r->handle);
		return 0;
	}
	r->prefiltered = o->prefilter && live_handle_link(r->handle) == LINK_ETHERNET;
	r->filter.bare = false;
	live_blocks_close(&r->blocks);
	live_handle_close(&r->handle);
	err = live_handle_open(&r->handle, o, o->bytes, problem);
	return err != 0 ? err : start_handle(r, o, user, problem);
}

/* A handle is opened first in any case: libpcap knows best what an interface is, who may watch it, and how its filters have to look. */
static int
look_and_start(struct ring *r, const struct ring_options *o, char problem[SOURCE_PROBLEM])
{
	struct bpf_program user;
	int err = live_handle_open(&r->handle, o, SCOUT_BYTES, problem);

	if (err != 0 || o->filter == NULL)
		return err != 0 ? err : start(r, o, NULL, problem);
	err = live_handle_compile(r->handle, o->filter, &user);
	if (err != 0) {
		source_describe(problem, o->device, "filter: %s", live_handle_words(r->handle));
		return err;
	}
	err = start(r, o, &user, problem);
	pcap_freecode(&user);
	return err;
}

int
ring_open(struct ring **out, const struct ring_options *options, char problem[SOURCE_PROBLEM])
{
	struct ring *r = calloc(1, sizeof(*r));
	int err = -ENOMEM;

	*out = r;
	if (r != NULL)
		r->device = strdup(options->device);
	if (r == NULL || r->device == NULL) {
		source_describe(problem, options->device, "%s", err_text(err));
	} else {
		r->index = options->index;
		r->interface = if_nametoindex(options->device);
		r->filter.snaplen = options->snaplen;
		err = look_and_start(r, options, problem);
	}
	if (err != 0)
		ring_close(out);
	return err;
}

void
ring_close(struct ring **r)
{
	if (*r == NULL)
		return;
	live_handle_close(&(*r)->handle);
	live_blocks_close(&(*r)->blocks);
	kernel_filter_deinit(&(*r)->filter);
	free((*r)->device);
	free(*r);
	*r = NULL;
}

int
ring_fd(const struct ring *r)
{
	return r->blocks != NULL ? live_blocks_fd(r->blocks) : live_handle_fd(r->handle);
}

bool
ring_is_shaky(const struct ring *r)
{
	return r->blocks != NULL ? live_blocks_is_shaky(r->blocks)
				 : live_handle_is_shaky(r->handle);
}

static int
fail_read(const struct ring *r, int err, char problem[SOURCE_PROBLEM])
{
	bool gone =
	    r->blocks != NULL ? err == -ENETDOWN : if_nametoindex(r->device) != r->interface;

	if (gone)
		source_describe(problem, r->device, "the interface is gone");
	else
		source_describe(problem, r->device, "%s",
		    r->blocks != NULL ? err_text(err) : live_handle_words(r->handle));
	return gone ? -ENETDOWN : -EIO;
}

/* Number the packets, and sum them up. */
static void
sum_up(struct ring *r, struct batch *batch)
{
	int64_t first_ns = batch->packet[0].ts_ns, last_ns = first_ns;
	uint64_t bytes = 0;

	for (size_t i = 0; i < batch->count; i++) {
		struct packet *p = &batch->packet[i];

		p->frame = ++r->frames;
		p->source = r->index;
		bytes += p->caplen;
		first_ns = p->ts_ns < first_ns ? p->ts_ns : first_ns;
		last_ns = p->ts_ns > last_ns ? p->ts_ns : last_ns;
	}
	batch->bytes = bytes;
	batch->first_ns = first_ns;
	batch->last_ns = last_ns;
	batch->source = r->index;
}

int
ring_read(struct ring *r, struct batch *batch, char problem[SOURCE_PROBLEM])
{
	int err = r->blocks != NULL ? live_blocks_read(r->blocks, batch)
				    : live_handle_read(r->handle, batch);

	if (batch->count > 0)
		sum_up(r, batch);
	return err != 0 && batch->count == 0 ? fail_read(r, err, problem) : (int)batch->count;
}

int
ring_learn(struct ring *r, const uint16_t *port, size_t count)
{
	return r->prefiltered ? kernel_filter_learn(&r->filter, port, count) : 0;
}

void
ring_stats(struct ring *r, struct ring_stats *out)
{
	if (r->blocks != NULL)
		live_blocks_stats(r->blocks, out);
	else
		live_handle_stats(r->handle, out);
}
