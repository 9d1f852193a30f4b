#include "capture/ring.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/packet.h"
#include "capture/kernel_filter.h"
#include "capture/link_type.h"
#include "capture/source_ops.h"

enum {
	/* A millisecond's worth at most, so that who waits for the reader is heard. */
	READ_PACKETS = 4096,
};

/* libpcap's counters have 32 bits; what they have counted so far, in 64. */
struct counter {
	uint32_t seen;
	uint64_t total;
};

struct ring {
	char *device;       /* owned */
	unsigned interface; /* its number, which is another one if it is made anew; 0: any */
	pcap_t *pcap;       /* owned */
	enum link link;
	uint32_t index;
	bool prefiltered;
	struct kernel_filter filter;
	bool in_ns;      /* times come in nanoseconds */
	uint64_t seen;   /* taken out of the ring so far */
	uint64_t frames; /* of these, handed out */
	uint64_t stale;  /* packets in the ring from before the start, at most */
	int64_t start_ns;
	struct counter received, dropped, ifdropped;
	ring_take *take; /* while ring_read() runs, like context */
	void *context;
};

__attribute__((format(printf, 4, 5))) static int
fail(char problem[SOURCE_PROBLEM], const char *device, int err, const char *fmt, ...)
{
	char words[SOURCE_PROBLEM];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	source_describe(problem, device, "%s", words);
	return err;
}

/* What pcap_activate() says, as a result of ours. */
static int
fail_activation(char problem[SOURCE_PROBLEM], const char *device, int status, pcap_t *pcap)
{
	const char *words = pcap_geterr(pcap);

	switch (status) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return fail(problem, device, -ENODEV, "no such interface");
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return fail(problem, device, -EPERM,
		    "no permission to capture: that takes root or the capability CAP_NET_RAW");
	case PCAP_ERROR_IFACE_NOT_UP:
		return fail(problem, device, -ENETDOWN, "the interface is down");
	default:
		return fail(problem, device, -EIO, "%s",
		    words[0] != '\0' ? words : pcap_statustostr(status));
	}
}

static int
clipped(size_t value)
{
	return value < INT_MAX ? (int)value : INT_MAX;
}

static int
activate(struct ring *r, const struct ring_options *o, char problem[SOURCE_PROBLEM])
{
	char words[PCAP_ERRBUF_SIZE] = "";
	int status;

	r->device = strdup(o->device);
	if (r->device == NULL)
		return fail(problem, o->device, -ENOMEM, "%s", err_text(-ENOMEM));
	r->interface = if_nametoindex(o->device);
	r->pcap = pcap_create(o->device, words);
	if (r->pcap == NULL)
		return fail(problem, o->device, -EIO, "%s", words);
	pcap_set_snaplen(r->pcap, clipped(o->snaplen));
	pcap_set_promisc(r->pcap, 1);
	pcap_set_buffer_size(r->pcap, clipped(o->bytes));
	pcap_set_timeout(r->pcap, clipped(o->timeout_ms));
	/* Not every kind of device offers it; then it is microseconds. */
	pcap_set_tstamp_precision(r->pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(r->pcap);
	if (status < 0)
		return fail_activation(problem, o->device, status, r->pcap);
	r->filter.fd = pcap_fileno(r->pcap);
	r->filter.snaplen = o->snaplen;
	if (pcap_setnonblock(r->pcap, 1, words) != 0)
		return fail(problem, o->device, -EIO, "%s", words);
	if (!link_type_of(pcap_datalink(r->pcap), &r->link))
		return fail(
		    problem, o->device, ERR_LINKTYPE, "interfaces of this kind are not read");
	r->prefiltered = o->prefilter && r->link == LINK_ETHERNET;
	r->in_ns = pcap_get_tstamp_precision(r->pcap) == PCAP_TSTAMP_PRECISION_NANO;
	return 0;
}

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

/* The user's filter and ours, or one of them. libpcap need not know of ours: it filters by itself only what
 * it was told of. */
static int
set_filters(struct ring *r, struct bpf_program *user)
{
	int err = 0;

	if (r->prefiltered) {
		if (user != NULL)
			err = keep_user(r, user);
		if (err == 0)
			err = kernel_filter_learn(&r->filter, NULL, 0);
		if (err != ERR_CAP)
			return err;
		/* The user's alone is so long that it leaves no room. */
		r->prefiltered = false;
	}
	if (user == NULL)
		return kernel_filter_pass_all(&r->filter);
	return pcap_setfilter(r->pcap, user) == 0 ? 0 : -EIO;
}

/* From activation on the ring fills. Let nothing more in, and note how much is in it by now. */
static int
close_gate(struct ring *r, const struct ring_options *o, char problem[SOURCE_PROBLEM])
{
	/* A packet that another processor is just putting in was let in by no filter. */
	const struct timespec moment = {.tv_nsec = 1000 * 1000};
	struct pcap_stat stat = {0};
	int err = kernel_filter_reject_all(&r->filter);

	if (err != 0)
		return fail(problem, o->device, err, "cannot be filtered: %s", err_text(err));
	nanosleep(&moment, NULL);
	if (pcap_stats(r->pcap, &stat) != 0)
		return fail(problem, o->device, -EIO, "%s", pcap_geterr(r->pcap));
	r->stale = stat.ps_recv - stat.ps_drop;
	r->received.seen = stat.ps_recv;
	r->dropped.seen = stat.ps_drop;
	r->ifdropped.seen = stat.ps_ifdrop;
	return 0;
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
	int group = o->fanout | PACKET_FANOUT_HASH << 16;

	if (o->fanout == 0 ||
	    setsockopt(pcap_fileno(r->pcap), SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)) == 0)
		return 0;
	return fail(problem, o->device, -errno, "cannot join fan-out group %u: %s",
	    (unsigned)o->fanout, err_text(-errno));
}

/* From when on packets are handed out. Between joining and opening the filter what is ours is nobody's, so
 * that has to be quick. */
static int
join_and_filter(struct ring *r, const struct ring_options *o, struct bpf_program *user,
    char problem[SOURCE_PROBLEM])
{
	int err = join(r, o, problem);

	if (err != 0)
		return err;
	r->start_ns = clock_now();
	err = set_filters(r, user);
	if (err != 0)
		return fail(problem, o->device, err, "the kernel does not take the filter: %s",
		    err == -EIO ? pcap_geterr(r->pcap) : err_text(err));
	return 0;
}

static int
start(struct ring *r, const struct ring_options *o, char problem[SOURCE_PROBLEM])
{
	struct bpf_program user;
	int err = activate(r, o, problem);

	if (err == 0)
		err = close_gate(r, o, problem);
	if (err != 0)
		return err;
	if (o->filter == NULL)
		return join_and_filter(r, o, NULL, problem);
	if (pcap_compile(r->pcap, &user, o->filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return fail(problem, o->device, ERR_USAGE, "filter: %s", pcap_geterr(r->pcap));
	err = join_and_filter(r, o, &user, problem);
	pcap_freecode(&user);
	return err;
}

int
ring_open(struct ring **out, const struct ring_options *options, char problem[SOURCE_PROBLEM])
{
	struct ring *r = calloc(1, sizeof(*r));
	int err;

	*out = r;
	if (r == NULL)
		return fail(problem, options->device, -ENOMEM, "%s", err_text(-ENOMEM));
	r->index = options->index;
	err = start(r, options, problem);
	if (err != 0)
		ring_close(out);
	return err;
}

void
ring_close(struct ring **r)
{
	if (*r == NULL)
		return;
	if ((*r)->pcap != NULL)
		pcap_close((*r)->pcap);
	kernel_filter_deinit(&(*r)->filter);
	free((*r)->device);
	free(*r);
	*r = NULL;
}

int
ring_fd(const struct ring *r)
{
	return pcap_get_selectable_fd(r->pcap);
}

bool
ring_is_shaky(const struct ring *r)
{
	return pcap_get_required_select_timeout(r->pcap) != NULL;
}

static int64_t
time_of(const struct ring *r, const struct timeval *ts)
{
	return ts->tv_sec * NS_PER_S + (r->in_ns ? ts->tv_usec : ts->tv_usec * 1000);
}

/* From before the start: these come first, and there are not more of them than were counted then. */
static bool
is_stale(struct ring *r, int64_t ts_ns)
{
	if (r->stale == 0)
		return false;
	r->stale = ts_ns < r->start_ns ? r->stale - 1 : 0;
	return ts_ns < r->start_ns;
}

static void
take_one(uint8_t *user, const struct pcap_pkthdr *header, const uint8_t *data)
{
	struct ring *r = (struct ring *)(void *)user;
	struct packet packet = {
	    .data = data,
	    .ts_ns = time_of(r, &header->ts),
	    .caplen = header->caplen,
	    .wirelen = header->len,
	    .source = r->index,
	    .link = r->link,
	};

	r->seen++;
	if (is_stale(r, packet.ts_ns))
		return;
	packet.frame = ++r->frames;
	if (!r->take(r->context, &packet))
		pcap_breakloop(r->pcap);
}

static int
fail_read(const struct ring *r, char problem[SOURCE_PROBLEM])
{
	if (if_nametoindex(r->device) != r->interface)
		return fail(problem, r->device, -ENETDOWN, "the interface is gone");
	return fail(problem, r->device, -EIO, "%s", pcap_geterr(r->pcap));
}

int
ring_read(struct ring *r, ring_take *take, void *context, char problem[SOURCE_PROBLEM])
{
	uint64_t before = r->seen;

	r->take = take;
	r->context = context;
	if (pcap_dispatch(r->pcap, READ_PACKETS, take_one, (uint8_t *)r) == PCAP_ERROR)
		return fail_read(r, problem);
	return (int)(r->seen - before);
}

int
ring_learn(struct ring *r, const uint16_t *port, size_t count)
{
	return r->prefiltered ? kernel_filter_learn(&r->filter, port, count) : 0;
}

/* Driver counters start again at 0 with their driver, and 32 bits wrap: what went forward by more
 * than half of them went back. */
static void
count_on(struct counter *c, uint32_t now)
{
	uint32_t step = now - c->seen;

	if (step <= INT32_MAX)
		c->total += step;
	c->seen = now;
}

void
ring_stats(struct ring *r, struct ring_stats *out)
{
	struct pcap_stat stat;

	if (pcap_stats(r->pcap, &stat) == 0) {
		count_on(&r->received, stat.ps_recv);
		count_on(&r->dropped, stat.ps_drop);
		count_on(&r->ifdropped, stat.ps_ifdrop);
	}
	*out = (struct ring_stats){
	    .received = r->received.total,
	    .dropped_kernel = r->dropped.total,
	    .dropped_interface = r->ifdropped.total,
	};
}
