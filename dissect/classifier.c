/* classifier.c - one of the two files that include nDPI; the other is community_id.c. */
#include "dissect/classifier.h"

#include <errno.h>
#include <ndpi_api.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/hash.h"
#include "dissect/bucket.h"
#include "dissect/flow.h"

enum {
	V4_HEADER = 20,
	V6_HEADER = 40,
	TCP_HEADER = 20,
	UDP_HEADER = 8,
	NAMES = 1024,
	NAME_TEXT = 32,
	TTL = 64,
};

#define NS_PER_MS (NS_PER_S / 1000)

/* A flow that nDPI is being asked about. */
struct place {
	struct flow_key key;
	uint8_t proto;
	bool taken;
	uint16_t verdict;
	uint64_t used; /* by the classifier's count of uses */
	uint32_t sent
	    [2]; /* octets that a side was shown to send: what goes on from what is for TCP's sequence numbers to say */
	struct ndpi_flow_struct *flow;
};

struct classifier {
	struct classifier_stats *stats; /* borrowed */
	struct ndpi_detection_module_struct
	    *module; /* NULL before it is needed, and where it could not be made */
	bool tried;
	bool bounded;
	struct bucket bucket;
	uint64_t uses;
	unsigned char *flows; /* CLASSIFIER_FLOWS of them; owned */
	struct place place[CLASSIFIER_SETS][CLASSIFIER_WAYS];
	uint8_t packet[V6_HEADER + TCP_HEADER + CLASSIFIER_PAYLOAD];
};

/* Modules of several threads are not to be made or freed at the same time, says nDPI. The names are those of the first. */
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static char names[NAMES][NAME_TEXT];

static struct ndpi_detection_module_struct *
init_module(void)
{
#ifdef NDPI_INIT_HAS_PREFS
	return ndpi_init_detection_module(ndpi_dont_load_tor_hosts);
#else
	return ndpi_init_detection_module(NULL);
#endif
}

static void
enable_all(struct ndpi_detection_module_struct *module)
{
#ifdef NDPI_HAS_BITMASK
	NDPI_PROTOCOL_BITMASK all;

	NDPI_BITMASK_SET_ALL(all);
	ndpi_set_protocol_detection_bitmask2(module, &all);
#else
	(void)module;
#endif
}

static bool
finish_init(struct ndpi_detection_module_struct *module)
{
#ifdef NDPI_INIT_HAS_PREFS
	ndpi_finalize_initialization(module);
	return true;
#else
	return ndpi_finalize_initialization(module) == 0;
#endif
}

static uint16_t
process(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
    const uint8_t *packet, uint16_t len, uint64_t time_ms)
{
#ifdef NDPI_PROCESS_HAS_INPUT
	ndpi_protocol found =
	    ndpi_detection_process_packet(module, flow, packet, len, time_ms, NULL);
#else
	ndpi_protocol found = ndpi_detection_process_packet(module, flow, packet, len, time_ms);
#endif
#ifdef NDPI_RESULT_IS_NESTED
	uint16_t master = found.proto.master_protocol, app = found.proto.app_protocol;
#else
	uint16_t master = found.master_protocol, app = found.app_protocol;
#endif
	/* The application is whose the server is, or the port; what is spoken is the other. */
	return master != NDPI_PROTOCOL_UNKNOWN ? master : app;
}

/* Names of the first module's protocols. What is none has that of protocol 0. */
static void
keep_names(struct ndpi_detection_module_struct *module)
{
	if (names[0][0] != '\0')
		return;
	for (uint32_t i = 1; i < NAMES; i++) {
		const char *name = ndpi_get_proto_name(module, (uint16_t)i);

		if (name != NULL)
			strncpy(names[i], name, NAME_TEXT - 1);
	}
	strncpy(names[0], "unknown", NAME_TEXT - 1);
}

static struct ndpi_detection_module_struct *
make_module(void)
{
	struct ndpi_detection_module_struct *module;

	pthread_mutex_lock(&making);
	module = init_module();
	if (module != NULL) {
		enable_all(module);
		if (finish_init(module)) {
			keep_names(module);
		} else {
			ndpi_exit_detection_module(module);
			module = NULL;
		}
	}
	pthread_mutex_unlock(&making);
	return module;
}

int
classifier_new(struct classifier **out, struct classifier_stats *stats, bool bounded)
{
	struct classifier *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	c->stats = stats;
	c->bounded = bounded;
	c->bucket = (struct bucket){.burst = CLASSIFIER_BURST, .rate = CLASSIFIER_RATE};
	*out = c;
	return 0;
}

/* What nDPI has on its heap for the flow goes with it. */
static void
leave(struct place *place)
{
	if (!place->taken)
		return;
	ndpi_free_flow_data(place->flow);
	place->taken = false;
}

void
classifier_free(struct classifier **c)
{
	if (*c == NULL)
		return;
	for (size_t i = 0; i < CLASSIFIER_FLOWS; i++)
		leave(&(*c)->place[i / CLASSIFIER_WAYS][i % CLASSIFIER_WAYS]);
	if ((*c)->module != NULL) {
		pthread_mutex_lock(&making);
		ndpi_exit_detection_module((*c)->module);
		pthread_mutex_unlock(&making);
	}
	free((*c)->flows);
	free(*c);
	*c = NULL;
}

/* nDPI's structures are aligned as anything can be, one after the other. */
static size_t
flow_size(void)
{
	size_t size = ndpi_detection_get_sizeof_ndpi_flow_struct();

	return (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
}

/* Is there a module by now? It is tried once. */
static bool
is_ready(struct classifier *c)
{
	size_t size = flow_size();

	if (c->tried)
		return c->module != NULL;
	c->tried = true;
	c->flows = calloc(CLASSIFIER_FLOWS, size);
	if (c->flows == NULL)
		return false;
	for (size_t i = 0; i < CLASSIFIER_FLOWS; i++)
		c->place[i / CLASSIFIER_WAYS][i % CLASSIFIER_WAYS].flow =
		    (struct ndpi_flow_struct *)(void *)(c->flows + i * size);
	c->module = make_module();
	return c->module != NULL;
}

static struct place *
set_of(struct classifier *c, const struct flow_key *key)
{
	return c->place[hash_bytes(key, sizeof(*key)) % CLASSIFIER_SETS];
}

static struct place *
find(struct place *set, const struct flow_key *key, uint8_t proto)
{
	for (size_t i = 0; i < CLASSIFIER_WAYS; i++) {
		if (set[i].taken && set[i].proto == proto &&
		    memcmp(&set[i].key, key, sizeof(*key)) == 0)
			return &set[i];
	}
	return NULL;
}

/* A free place, or the one that was idle longest. */
static struct place *
take_place(struct classifier *c, struct place *set, const struct classifier_packet *packet)
{
	struct place *best = &set[0];

	for (size_t i = 1; i < CLASSIFIER_WAYS && best->taken; i++) {
		if (!set[i].taken || set[i].used < best->used)
			best = &set[i];
	}
	leave(best);
	memset(best->flow, 0, flow_size());
	best->key = *packet->key;
	best->proto = packet->proto;
	best->taken = true;
	best->verdict = 0;
	best->sent[0] = best->sent[1] = 0;
	c->stats->flows++;
	return best;
}

static uint8_t *
put_be(uint8_t *p, uint32_t value, int octets)
{
	for (int i = octets; i-- > 0;)
		*p++ = (uint8_t)(value >> i * 8);
	return p;
}

static uint8_t *
put_octets(uint8_t *p, const uint8_t *octets, size_t n)
{
	memcpy(p, octets, n);
	return p + n;
}

/* version and length, tos, total length, id, fragment, ttl, protocol, checksum, source, destination */
static uint8_t *
put_v4(uint8_t *p, const struct classifier_packet *packet, uint32_t len)
{
	const struct addr *addr = packet->key->addr;

	p = put_be(p, 0x45000000 | (V4_HEADER + len), 4);
	p = put_be(p, 0, 4);
	p = put_be(p, (uint32_t)TTL << 24 | (uint32_t)packet->proto << 16, 4);
	p = put_octets(p, addr[packet->from].b + 12, 4);
	return put_octets(p, addr[1 - packet->from].b + 12, 4);
}

/* version, class and label, payload length, next header, hop limit, source, destination */
static uint8_t *
put_v6(uint8_t *p, const struct classifier_packet *packet, uint32_t len)
{
	const struct addr *addr = packet->key->addr;

	p = put_be(p, 0x60000000, 4);
	p = put_be(p, len << 16 | (uint32_t)packet->proto << 8 | TTL, 4);
	p = put_octets(p, addr[packet->from].b, 16);
	return put_octets(p, addr[1 - packet->from].b, 16);
}

/* sequence, acknowledgement, header length and flags (ACK, PSH), window, checksum, urgent */
static uint8_t *
put_tcp(uint8_t *p, const uint32_t sent[2], int from)
{
	p = put_be(p, 1 + sent[from], 4);
	p = put_be(p, 1 + sent[1 - from], 4);
	p = put_be(p, 0x50180000 | UINT16_MAX, 4);
	return put_be(p, 0, 4);
}

/* nDPI wants packets from their IP header on. What came through tunnels, in fragments or in several segments has none that would do. */
static uint16_t
make_packet(uint8_t *out, const struct classifier_packet *packet, uint32_t sent[2])
{
	const uint16_t *port = packet->key->port;
	bool tcp = packet->proto == IPPROTO_TCP;
	size_t payload = packet->len < CLASSIFIER_PAYLOAD ? packet->len : CLASSIFIER_PAYLOAD;
	uint32_t len = (uint32_t)payload + (tcp ? TCP_HEADER : UDP_HEADER);
	bool v4 = addr_is_v4(&packet->key->addr[0]) && addr_is_v4(&packet->key->addr[1]);
	uint8_t *p = (v4 ? put_v4 : put_v6)(out, packet, len);

	p = put_be(p, port[packet->from], 2);
	p = put_be(p, port[1 - packet->from], 2);
	p = tcp ? put_tcp(p, sent, packet->from) : put_be(p, len << 16, 4);
	p = put_octets(p, packet->payload, payload);
	sent[packet->from] += (uint32_t)payload;
	return (uint16_t)(p - out);
}

uint16_t
classifier_ask(struct classifier *c, const struct classifier_packet *packet)
{
	struct place *set = set_of(c, packet->key), *place;
	uint64_t time_ms = packet->ts_ns > 0 ? (uint64_t)(packet->ts_ns / NS_PER_MS) : 0;
	uint16_t len;

	if ((c->bounded && !bucket_take(&c->bucket, packet->ts_ns)) || !is_ready(c)) {
		c->stats->skipped++;
		return 0;
	}
	place = find(set, packet->key, packet->proto);
	if (place == NULL)
		place = take_place(c, set, packet);
	place->used = ++c->uses;
	if (place->verdict == 0) {
		len = make_packet(c->packet, packet, place->sent);
		place->verdict = process(c->module, place->flow, c->packet, len, time_ms);
	}
	return place->verdict;
}

void
classifier_forget(struct classifier *c, const struct flow_key *key, uint8_t proto)
{
	struct place *place = find(set_of(c, key), key, proto);

	if (place != NULL)
		leave(place);
}

const char *
classifier_name(uint16_t verdict)
{
	return verdict != 0 && verdict < NAMES && names[verdict][0] != '\0' ? names[verdict]
									    : "unknown";
}

bool
classifier_is_rpc(uint16_t verdict)
{
	return verdict == NDPI_PROTOCOL_DCERPC;
}
