#include "capture/live_handle.h"

#include <errno.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "capture/link_type.h"
#include "capture/ring.h"
#include "capture/source_ops.h"

enum {
	PACKET_MOST = 256 * 1024, /* of which more is not kept */
	COPIES = 1024 * 1024,
};

/* libpcap's counters have 32 bits; what they have counted so far, in 64. */
struct counter {
	uint32_t seen;
	uint64_t total;
};

struct live_handle {
	pcap_t *pcap; /* owned */
	enum link link;
	bool in_ns;     /* times come in nanoseconds */
	uint64_t stale; /* packets in the ring from before the start, at most */
	int64_t start_ns;
	struct counter received, dropped, ifdropped;
	struct batch *batch; /* while live_handle_read() runs */
	uint8_t *copy;       /* owned; of the packets of the last batch */
	size_t copied;
};

/* What pcap_activate() says, as a result of ours. */
static int
describe_activation(char problem[SOURCE_PROBLEM], const char *device, int status, const char *words)
{
	switch (status) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		source_describe(problem, device, "no such interface");
		return -ENODEV;
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		source_describe(problem, device,
		    "no permission to capture: that takes root or the capability CAP_NET_RAW");
		return -EPERM;
	case PCAP_ERROR_IFACE_NOT_UP:
		source_describe(problem, device, "the interface is down");
		return -ENETDOWN;
	default:
		source_describe(
		    problem, device, "%s", words[0] != '\0' ? words : pcap_statustostr(status));
		return -EIO;
	}
}

static int
clipped(size_t value)
{
	return value < INT_MAX ? (int)value : INT_MAX;
}

static int
activate(
    struct live_handle *h, const struct ring_options *o, size_t bytes, char problem[SOURCE_PROBLEM])
{
	char words[PCAP_ERRBUF_SIZE] = "";
	int status;

	h->pcap = pcap_create(o->device, words);
	if (h->pcap == NULL)
		return describe_activation(problem, o->device, PCAP_ERROR, words);
	pcap_set_snaplen(h->pcap, clipped(o->snaplen));
	pcap_set_promisc(h->pcap, 1);
	pcap_set_buffer_size(h->pcap, clipped(bytes));
	pcap_set_timeout(h->pcap, clipped(o->timeout_ms));
	/* Not every kind of device offers it; then it is microseconds. */
	pcap_set_tstamp_precision(h->pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(h->pcap);
	if (status < 0)
		return describe_activation(problem, o->device, status, pcap_geterr(h->pcap));
	if (pcap_setnonblock(h->pcap, 1, words) != 0)
		return describe_activation(problem, o->device, PCAP_ERROR, words);
	h->in_ns = pcap_get_tstamp_precision(h->pcap) == PCAP_TSTAMP_PRECISION_NANO;
	if (link_type_of(pcap_datalink(h->pcap), &h->link))
		return 0;
	source_describe(problem, o->device, "interfaces of this kind are not read");
	return ERR_LINKTYPE;
}

int
live_handle_open(struct live_handle **out, const struct ring_options *options, size_t bytes,
    char problem[SOURCE_PROBLEM])
{
	struct live_handle *h = calloc(1, sizeof(*h));
	int err = -ENOMEM;

	*out = h;
	if (h != NULL && (h->copy = malloc(COPIES)) != NULL)
		err = activate(h, options, bytes, problem);
	else
		source_describe(problem, options->device, "%s", err_text(-ENOMEM));
	if (err != 0)
		live_handle_close(out);
	return err;
}

void
live_handle_close(struct live_handle **h)
{
	if (*h == NULL)
		return;
	if ((*h)->pcap != NULL)
		pcap_close((*h)->pcap);
	free((*h)->copy);
	free(*h);
	*h = NULL;
}

enum link
live_handle_link(const struct live_handle *h)
{
	return h->link;
}

int
live_handle_socket(const struct live_handle *h)
{
	return pcap_fileno(h->pcap);
}

int
live_handle_fd(const struct live_handle *h)
{
	return pcap_get_selectable_fd(h->pcap);
}

const char *
live_handle_words(const struct live_handle *h)
{
	return pcap_geterr(h->pcap);
}

int
live_handle_compile(struct live_handle *h, const char *filter, struct bpf_program *out)
{
	return pcap_compile(h->pcap, out, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 ? 0 : ERR_USAGE;
}

int
live_handle_filter(struct live_handle *h, struct bpf_program *program)
{
	return pcap_setfilter(h->pcap, program) == 0 ? 0 : -EIO;
}

int
live_handle_discard(struct live_handle *h)
{
	/* A packet that another processor is just putting in was let in by no filter. */
	const struct timespec moment = {.tv_nsec = 1000 * 1000};
	struct pcap_stat stat = {0};

	nanosleep(&moment, NULL);
	if (pcap_stats(h->pcap, &stat) != 0)
		return -EIO;
	h->stale = stat.ps_recv - stat.ps_drop;
	h->received.seen = stat.ps_recv;
	h->dropped.seen = stat.ps_drop;
	h->ifdropped.seen = stat.ps_ifdrop;
	return 0;
}

void
live_handle_start(struct live_handle *h)
{
	h->start_ns = clock_now();
}

bool
live_handle_is_shaky(const struct live_handle *h)
{
	return pcap_get_required_select_timeout(h->pcap) != NULL;
}

static int64_t
time_of(const struct live_handle *h, const struct timeval *ts)
{
	return ts->tv_sec * NS_PER_S + (h->in_ns ? ts->tv_usec : ts->tv_usec * 1000);
}

/* From before the start: these come first, and there are not more of them than were counted then. */
static bool
is_stale(struct live_handle *h, int64_t ts_ns)
{
	if (h->stale == 0)
		return false;
	h->stale = ts_ns < h->start_ns ? h->stale - 1 : 0;
	return ts_ns < h->start_ns;
}

static void
take_one(uint8_t *user, const struct pcap_pkthdr *header, const uint8_t *data)
{
	struct live_handle *h = (struct live_handle *)(void *)user;
	int64_t ts_ns = time_of(h, &header->ts);
	uint32_t caplen = header->caplen < PACKET_MOST ? header->caplen : PACKET_MOST;
	uint8_t *copy = h->copy + h->copied;

	if (is_stale(h, ts_ns))
		return;
	memcpy(copy, data, caplen);
	h->copied += caplen;
	h->batch->packet[h->batch->count++] = (struct packet){.data = copy,
	    .ts_ns = ts_ns,
	    .caplen = caplen,
	    .wirelen = header->len,
	    .link = h->link};
	if (COPIES - h->copied < PACKET_MOST)
		pcap_breakloop(h->pcap);
}

int
live_handle_read(struct live_handle *h, struct batch *batch)
{
	int taken = 1;

	batch->count = 0;
	h->batch = batch;
	h->copied = 0;
	/* What is stale goes by; there may be more behind it. */
	while (batch->count == 0 && taken > 0)
		taken = pcap_dispatch(h->pcap, BATCH_PACKETS, take_one, (uint8_t *)h);
	return taken == PCAP_ERROR ? -EIO : 0;
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
live_handle_stats(struct live_handle *h, struct ring_stats *out)
{
	struct pcap_stat stat;

	if (pcap_stats(h->pcap, &stat) == 0) {
		count_on(&h->received, stat.ps_recv);
		count_on(&h->dropped, stat.ps_drop);
		count_on(&h->ifdropped, stat.ps_ifdrop);
	}
	*out = (struct ring_stats){
	    .received = h->received.total,
	    .dropped_kernel = h->dropped.total,
	    .dropped_interface = h->ifdropped.total,
	};
}
