/* history.c - a store with years in it, made through the store's own interface: what it weighs as it grows.
 *
 * usage: history SERVERS INTERFACES WEEKS STORE [HOLD...]
 * Each server has INTERFACES interfaces at ports of its own, and restarts once a week, at its own hour: then each interface moves to
 * another port, one `restarted` with a member for each is told, and an alert goes with it. Every key has something
 * pending. Written in the order of time, as a sensor would; what each week cost is printed: weeks, episodes, bytes, seconds of
 * writing. Behind each week that is named as a HOLD it waits for a line of standard input, so that the store can be asked then. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"
#include "dissect/observation.h"
#include "store/store.h"
#include "track/records.h"

#define WEEK_NS INT64_C(604800000000000)
#define BEGIN_NS INT64_C(1735689600000000000) /* 2025 */
#define DAY_NS INT64_C(86400000000000)

enum {
	STATE = 48,            /* bytes of what is pending of a key */
	TRANSACTION = 1 << 14, /* episodes of a commit, about */
	RPC_LOW = 49664,
	RPC_PORTS = 15000,
};

struct history {
	uint32_t servers, interfaces, weeks;
	struct store *store;
	struct store_capture capture;
	struct coverage coverage;
	struct episode *room;    /* owned: what the mappings hold */
	struct mapping *mapping; /* by server, then interface; each with its latest two episodes */
	struct change_member *member;
	struct endpoint *set; /* previous and current of each member */
	uint8_t state[STATE];
	uint64_t episodes, open;
	char **hold; /* borrowed: weeks behind which it waits, as text */
	int hold_count;
	double held; /* seconds that were waited */
};

static struct addr
server_addr(uint32_t n)
{
	struct addr a = {.b = {[10] = 0xff, [11] = 0xff, [12] = 10}};

	a.b[13] = (uint8_t)(n >> 16);
	a.b[14] = (uint8_t)(n >> 8);
	a.b[15] = (uint8_t)n;
	return a;
}

static struct uuid
interface_uuid(uint32_t n)
{
	struct uuid u = {.b = {0x12, 0x34, 0x57, 0x78}};

	u.b[14] = (uint8_t)(n >> 8);
	u.b[15] = (uint8_t)n;
	return u;
}

/* Ports that look as if they were taken in the order of start. */
static uint16_t
port_of(uint32_t server, uint32_t interface, uint32_t week)
{
	return (uint16_t)(RPC_LOW + (server * 7919 + week * 104729 + interface) % RPC_PORTS);
}

static void
id_of(char out[HASH_ID_TEXT], uint32_t server, uint32_t week, char kind)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%u %u %c", server, week, kind);

	(void)hash_id(text, (size_t)n, out);
}

/* An episode as it is after a week: announced, used, by a few clients. */
static void
episode_begin(struct history *h, struct episode *e, uint32_t server, uint32_t interface,
    uint32_t week, int64_t ns)
{
	assert(e != NULL);
	*e = (struct episode){.endpoint.port = port_of(server, interface, week),
	    .first_ns = ns,
	    .last_ns = ns + WEEK_NS - DAY_NS,
	    .announced = 40 + interface,
	    .used = 25,
	    .dirty = EPISODE_DIRTY};
	e->first = (struct evidence){.ts_ns = ns,
	    .frame = h->episodes * 100,
	    .source = EVIDENCE_MAP,
	    .client = server_addr(1u << 20 | interface),
	    .client_port = 40000};
	e->last = e->first;
	e->last.ts_ns = e->last_ns;
	e->last.frame += 77;
	e->last.source = EVIDENCE_BIND;
	id_of(e->told, server, week, 'c');
	h->episodes++;
}

static int
keep_mapping(struct history *h, struct mapping *m)
{
	int err = store_keep_mapping(h->store, m);

	h->open++;
	for (size_t i = 0; i < m->episode_count; i++)
		m->episode[i].dirty = 0;
	/* what is past is out of the way */
	if (m->episode_count == 2) {
		m->episode[0] = m->episode[1];
		m->episode_count = 1;
	}
	return err;
}

static int
restart_mapping(struct history *h, uint32_t server, uint32_t interface, uint32_t week, int64_t ns)
{
	struct mapping *m = &h->mapping[(size_t)server * h->interfaces + interface];
	struct episode *old = week > 0 ? &m->episode[0] : NULL;

	m->key = (struct mapping_key){.server = server_addr(server),
	    .uuid = interface_uuid(interface),
	    .major = 1,
	    .protseq = PROTSEQ_TCP};
	if (old != NULL) {
		old->ended_ns = ns;
		old->why = CHANGE_MOVED;
		old->dirty = EPISODE_ENDED | EPISODE_TOLD;
	}
	m->episode_count = old != NULL ? 2 : 1;
	episode_begin(h, &m->episode[m->episode_count - 1], server, interface, week, ns);
	m->state = (struct state){
	    .data = h->state, .len = STATE, .due_ns = ns + 2 * WEEK_NS + interface, .dirty = true};
	h->set[interface * 2] = old != NULL ? old->endpoint : (struct endpoint){0};
	h->set[interface * 2 + 1] = m->episode[m->episode_count - 1].endpoint;
	h->member[interface] = (struct change_member){.key = m->key,
	    .previous_count = 1,
	    .current_count = 1,
	    .previous = &h->set[interface * 2],
	    .current = &h->set[interface * 2 + 1],
	    .not_before_ns = ns - DAY_NS,
	    .not_after_ns = ns + interface};
	return keep_mapping(h, m);
}

static int
tell(struct history *h, uint32_t server, uint32_t week, int64_t ns)
{
	struct change c = {.kind = CHANGE_RESTARTED,
	    .key = {.server = server_addr(server)},
	    .confidence = CONFIDENCE_CONFIRMED,
	    .ts_ns = ns + 1,
	    .first_ns = ns,
	    .not_before_ns = ns - DAY_NS,
	    .not_after_ns = ns,
	    .clients = 12,
	    .member_count = h->interfaces,
	    .member = h->member};
	struct alert a = {.rule = "EPM-007",
	    .severity = SEVERITY_INFO,
	    .state = ALERT_OPEN,
	    .once = true,
	    .key = c.key,
	    .ts_ns = ns + 1,
	    .opened_ns = ns + 1,
	    .updated_ns = ns + 1,
	    .signature = "restarted: its interfaces moved at once",
	    .expected = "49152-65535"};
	int err;

	id_of(c.id, server, week, 'c');
	id_of(a.id, server, week, 'a');
	(void)snprintf(a.change, sizeof(a.change), "%s", c.id);
	(void)snprintf(a.about, sizeof(a.about), "%s", c.id);
	(void)snprintf(a.observed, sizeof(a.observed), "%u interfaces", h->interfaces);
	if ((err = store_keep_change(h->store, &c)) != 0)
		return err;
	return store_keep_alert(h->store, &a);
}

static int
commit(struct history *h, int64_t ns)
{
	int err;

	h->capture.frames = h->episodes * 100;
	h->capture.last_ns = h->coverage.to_ns = ns;
	if ((err = store_keep_capture(h->store, 0, &h->capture)) != 0 ||
	    (err = store_keep_coverage(h->store, &h->coverage)) != 0 ||
	    (err = store_commit(h->store)) != 0)
		return err;
	h->open = 0;
	return store_begin(h->store);
}

static int
restart(struct history *h, uint32_t server, uint32_t week)
{
	int64_t ns = BEGIN_NS + week * WEEK_NS + server * (WEEK_NS / h->servers);
	int err = 0;

	for (uint32_t i = 0; i < h->interfaces && err == 0; i++)
		err = restart_mapping(h, server, i, week, ns + i);
	if (err == 0 && week > 0)
		err = tell(h, server, week, ns + h->interfaces);
	return err == 0 && h->open >= TRANSACTION ? commit(h, ns) : err;
}

static int64_t
file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Wait behind a week where that is wanted, with all of it committed: whoever asked writes a line. */
static void
hold(struct history *h, uint32_t week)
{
	double before = seconds();
	int c = 0;

	for (int i = 0; i < h->hold_count; i++)
		while (strtoul(h->hold[i], NULL, 10) == week && c != '\n' && c != EOF)
			c = getchar();
	h->held += seconds() - before;
}

static int
run(struct history *h, const char *path)
{
	double before = seconds();
	int err = store_begin(h->store);

	for (uint32_t week = 0; week < h->weeks && err == 0; week++) {
		for (uint32_t server = 0; server < h->servers && err == 0; server++)
			err = restart(h, server, week);
		if (err == 0)
			err = commit(h, BEGIN_NS + (week + 1) * WEEK_NS);
		printf("%u\t%" PRIu64 "\t%" PRId64 "\t%.1f\n", week + 1, h->episodes,
		    file_bytes(path), seconds() - before - h->held);
		fflush(stdout);
		hold(h, week + 1);
	}
	return err == 0 ? store_commit(h->store) : err;
}

static bool
history_room(struct history *h)
{
	size_t keys = (size_t)h->servers * h->interfaces;
	struct episode *episode = calloc(keys * 2, sizeof(*episode));

	h->room = episode;
	h->mapping = calloc(keys, sizeof(*h->mapping));
	h->member = calloc(h->interfaces, sizeof(*h->member));
	h->set = calloc((size_t)h->interfaces * 2, sizeof(*h->set));
	for (size_t i = 0; episode != NULL && h->mapping != NULL && i < keys; i++)
		h->mapping[i].episode = &episode[i * 2];
	return episode != NULL && h->mapping != NULL && h->member != NULL && h->set != NULL;
}

static void
history_free(struct history *h)
{
	free(h->room);
	free(h->mapping);
	free(h->member);
	free(h->set);
	store_close(&h->store);
}

int
main(int argc, char **argv)
{
	struct history h = {.capture = {.name = "year.pcap", .first_ns = BEGIN_NS},
	    .coverage = {.from_ns = BEGIN_NS}};
	int err = ERR_USAGE;

	if (argc >= 5) {
		h.hold = argv + 5;
		h.hold_count = argc - 5;
		h.servers = (uint32_t)strtoul(argv[1], NULL, 10);
		h.interfaces = (uint32_t)strtoul(argv[2], NULL, 10);
		h.weeks = (uint32_t)strtoul(argv[3], NULL, 10);
	}
	if (h.servers == 0 || h.interfaces == 0 || h.weeks == 0) {
		fputs("usage: history SERVERS INTERFACES WEEKS STORE [HOLD...]\n", stderr);
		return 64;
	}
	err = history_room(&h) ? store_open(&h.store, argv[4], STORE_WRITER) : -ENOMEM;
	if (err == 0)
		err = store_realm(h.store, 0, "bench", "default");
	if (err == 0)
		err = store_memory(h.store, 64u << 20);
	if (err == 0)
		err = run(&h, argv[4]);
	if (err != 0)
		fprintf(stderr, "history: %s\n",
		    h.store != NULL && store_error(h.store)[0] != '\0' ? store_error(h.store)
								       : err_text(err));
	history_free(&h);
	return err != 0;
}
