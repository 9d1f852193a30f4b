/* ingest.c - how fast observations become history: the tracker, its flushes and the store's commits,
 * as app/consumer.c calls them, when it says that a commit is due, within the memory of a run over
 * captures.
 *
 * usage: ingest sightings|changes|new|cold N [STORE]
 *   sightings  answers and binds of 40,000 known mappings of 10,000 servers, with nothing new
 *   changes    a new mapping, a recent one that moves, and a second client that says so, in turn; then time until all is told
 *   new        each is a new mapping
 *   cold       like changes, but what moves may have come up at any time, so some are restarts
 * Each change has the alerts that the rules give it, as in a run: each new server EPM-005, each move EPM-004, and one change in
 * eight is at a port that the policy does not allow and opens EPM-001, which the next move closes.
 * Observations are made before the clock starts, in blocks: it stands while the next block is made.
 * STORE is made anew; without it, one beside the temporary files is made and removed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "app/consumer.h"
#include "app/memory.h"
#include "base/err.h"
#include "store/store.h"
#include "tests/bench/ingest_peer.h"
#include "tests/bench/ingest_world.h"
#include "track/policy.h"
#include "track/track.h"

enum {
	BLOCK = 256, /* observations that are made at a time: a batch of packets */
	PATH = 4096,
	WAITS = 8,
};

#define WAIT_NS (INT64_C(600) * 1000000000)

struct bench {
	struct world world;
	struct store *store;
	struct track *track;
	struct track_loader loader;
	struct store_capture capture;
	struct seen *block;
	char path[PATH];
	bool keeps_file;
	struct consumer consumer; /* only so far as it says when a commit is due */
	uint64_t changes, alerts, commits;
	struct peer_time took, flushing, committing;
};

static int
load_mapping(void *store, const struct mapping_key *key, struct mapping **out)
{
	return store_load_mapping(store, key, out);
}

static int
load_server(void *store, const struct addr *server, uint8_t realm, struct server_facts **out)
{
	return store_load_server(store, server, realm, out);
}

static int
load_alerts(void *store, const struct mapping_key *key, void *to,
    int (*each)(void *to, const struct alert *alert))
{
	return store_load_alerts(store, key, each, to);
}

/* The store hands one pointer through to whoever asks. */
struct asking {
	void *to;
	int (*due)(void *to, const struct mapping_key *key, int64_t due_ns);
	int (*key)(void *to, const struct mapping_key *key);
};

static int
give_due(void *asking, const struct mapping_key *key, int64_t due_ns)
{
	const struct asking *a = asking;

	return a->due(a->to, key, due_ns);
}

static int
load_due(void *store, int64_t from_ns, void *to,
    int (*each)(void *to, const struct mapping_key *key, int64_t due_ns))
{
	struct asking a = {.to = to, .due = each};

	return store_each_due(store, from_ns, give_due, &a);
}

static int
give_key(void *asking, const struct mapping_key *key)
{
	const struct asking *a = asking;

	return a->key(a->to, key);
}

static int
load_keys(void *store, const struct addr *server, uint8_t realm, void *to,
    int (*each)(void *to, const struct mapping_key *key))
{
	struct asking a = {.to = to, .key = each};

	return store_each_key(store, server, realm, give_key, &a);
}

static int
load_seen(void *store, const struct addr *server, uint8_t realm, int64_t *out)
{
	return store_seen(store, server, realm, out);
}

static int
load_state(void *store, const char *name, uint8_t **data, size_t *len)
{
	return store_load_state(store, name, data, len);
}

static int
keep_mapping(void *store, struct mapping *m)
{
	return store_keep_mapping(store, m);
}

static int
keep_server(void *store, const struct server_facts *facts)
{
	return store_keep_server(store, facts);
}

static int
keep_coverage(void *store, struct coverage *cover)
{
	return store_keep_coverage(store, cover);
}

static int
keep_state(void *store, const char *name, const void *data, size_t len)
{
	return store_keep_state(store, name, data, len);
}

static int
commit(struct bench *b)
{
	struct peer_time start = peer_time();
	int err = track_flush(b->track, keep_mapping, b->store);

	if (err == 0)
		err = track_flush_servers(b->track, keep_server, b->store);
	if (err == 0)
		err = track_flush_coverage(b->track, keep_coverage, b->store);
	if (err == 0)
		err = track_flush_state(b->track, keep_state, b->store);
	peer_since(&b->flushing, start);
	start = peer_time();
	b->capture.frames = b->world.last;
	if (err == 0)
		err = store_keep_capture(b->store, 0, &b->capture);
	if (err == 0)
		err = store_commit(b->store);
	if (err == 0)
		track_committed(b->track);
	peer_since(&b->committing, start);
	b->commits++;
	b->consumer.observed = b->consumer.told = 0;
	return err != 0 ? err : store_begin(b->store);
}

static int
keep(struct bench *b, const struct track_output *out)
{
	int err = 0;

	for (size_t i = 0; i < out->change_count && err == 0; i++)
		err = store_keep_change(b->store, &out->change[i]);
	for (size_t i = 0; i < out->alert_count && err == 0; i++)
		err = store_keep_alert(b->store, &out->alert[i]);
	b->changes += out->change_count;
	b->alerts += out->alert_count;
	b->consumer.told += out->change_count + out->alert_count;
	return err;
}

/* All that is due before. */
static int
settle(struct bench *b, int64_t ts_ns)
{
	struct track_output out;
	bool more = true;
	int err = 0;

	while (more && err == 0) {
		err = track_settle(b->track, ts_ns, &out, &more);
		if (err == 0)
			err = keep(b, &out);
		if (err == 0 && track_is_filling(b->track))
			err = commit(b);
	}
	return err;
}

static int
take(struct bench *b, const struct obs *o)
{
	struct track_output out;
	int err = settle(b, o->at.ts_ns);

	if (err == 0)
		err = track_observe(b->track, o, &out);
	if (err == 0)
		err = keep(b, &out);
	b->consumer.observed++;
	if (err == 0 && consumer_is_due(&b->consumer))
		err = commit(b);
	return err;
}

/* Packets go on to come, with nothing in them, until all that is held has been told. */
static int
wait_for_all(struct bench *b)
{
	int64_t now_ns = b->block[0].obs.at.ts_ns;
	int err = 0;

	for (int i = 0; i < WAITS && err == 0; i++) {
		now_ns += WAIT_NS;
		track_walk(b->track, now_ns);
		err = settle(b, now_ns);
	}
	return err;
}

static void
expect(struct bench *b, size_t from, size_t end)
{
	const struct obs *next[TRACK_EXPECTED];
	size_t count = 0;

	for (size_t i = from; i < end && count < TRACK_EXPECTED; i++)
		next[count++] = &b->block[i].obs;
	track_expect(b->track, next, count);
}

/* ${count} observations, and what is left of them at the end. */
static int
run(struct bench *b, uint64_t count)
{
	bool waits = b->world.kind == WORLD_MOVES || b->world.kind == WORLD_COLD;
	int err = 0;

	for (uint64_t done = 0; done < count && err == 0;) {
		size_t n = count - done < BLOCK ? (size_t)(count - done) : BLOCK;
		struct peer_time start;

		for (size_t i = 0; i < n && err == 0; i++)
			err = world_next(&b->world, &b->block[i]);
		start = peer_time();
		if (!track_advance(b->track, b->block[0].obs.at.ts_ns, b->block[n - 1].obs.at.ts_ns))
			track_walk(b->track, b->block[0].obs.at.ts_ns);
		for (size_t i = 0; i < n && err == 0; i++) {
			if (i % TRACK_EXPECTED == 0)
				expect(b, i, n);
			err = take(b, &b->block[i].obs);
		}
		done += n;
		if (err == 0 && done == count && waits)
			err = wait_for_all(b);
		if (err == 0 && done == count)
			err = commit(b);
		peer_since(&b->took, start);
	}
	return err;
}

static int
open_all(struct bench *b)
{
	struct memory_parts memory;
	int err = memory_split(&(struct memory_need){.total = 0}, &memory);

	if (err == 0)
		err = store_open(&b->store, b->path, STORE_WRITER);
	if (err == 0)
		err = store_memory(b->store, memory.store);
	b->loader = (struct track_loader){
	    .mapping = load_mapping,
	    .server = load_server,
	    .alerts = load_alerts,
	    .due = load_due,
	    .state = load_state,
	    .keys = load_keys,
	    .seen = load_seen,
	    .ctx = b->store};
	b->capture = (struct store_capture){.name = "ingest", .link = 1};
	if (err == 0)
		err = store_realm(b->store, 0, "bench", "default");
	if (err == 0)
		err = track_new(
		    &b->track, &memory.track, policy_builtin("windows-default"), &b->loader);
	b->consumer.track = b->track;
	if (err == 0)
		err = store_begin(b->store);
	if (err == 0)
		err = store_keep_capture(b->store, 0, &b->capture);
	b->block = calloc(BLOCK, sizeof(*b->block));
	return err != 0 || b->block != NULL ? err : -ENOMEM;
}

static void
print_machine(void)
{
	char line[256], model[256] = "unknown processor";
	FILE *in = fopen("/proc/cpuinfo", "re");
	struct utsname name = {.release = ""};

	while (in != NULL && fgets(line, sizeof(line), in) != NULL)
		if (sscanf(line, "model name : %255[^\n]", model) == 1)
			break;
	if (in != NULL)
		fclose(in);
	(void)uname(&name);
	printf("machine    %s, %ld cores, Linux %s\n", model, sysconf(_SC_NPROCESSORS_ONLN),
	    name.release);
}

static void
print_rate(const char *what, const char *unit, uint64_t count, struct peer_time t)
{
	if (t.wall > 0 && t.cpu > 0)
		printf("%-10s %.0f %s/s, %.0f in a second of a processor: %llu in %.2f s\n", what,
		    (double)count / t.wall, unit, (double)count / t.cpu, (unsigned long long)count,
		    t.wall);
}

/* Plain inserts of as many rows into one table in as many transactions; or a key hashed, and counted in
 * a table. */
static void
print_peers(const struct bench *b, uint64_t count, uint64_t rows)
{
	char path[PATH + 8];

	(void)snprintf(path, sizeof(path), "%s-peer", b->path);
	if (rows > 0)
		print_rate("SQLite", "rows", rows, peer_insert(path, rows, rows / b->commits + 1));
	if (b->changes == 0)
		print_rate("table", "keys", count, peer_count(WORLD_SIGHTED, count));
}

static void
print_result(const struct bench *b, const char *what, uint64_t count, uint64_t rows)
{
	struct stat st = {.st_size = 0};

	(void)stat(b->path, &st);
	print_rate(what, "observations", count, b->took);
	if (b->changes > 0)
		print_rate("that are", "changes", b->changes, b->took);
	printf("%-10s flushes %.2f s (%.2f of a processor), %llu commits %.2f s (%.2f)\n", "of it",
	    b->flushing.wall, b->flushing.cpu, (unsigned long long)b->commits, b->committing.wall,
	    b->committing.cpu);
	printf("%-10s %llu changes, %llu alert transitions, %llu rows in %.1f MB; %llu put out, "
	       "%llu refused\n",
	    "history", (unsigned long long)b->changes, (unsigned long long)b->alerts,
	    (unsigned long long)rows, (double)st.st_size / 1e6,
	    (unsigned long long)track_stats(b->track)->evicted,
	    (unsigned long long)track_stats(b->track)->capped);
}

/* What is measured is only what it says it is. A restart is one change of several keys. */
static bool
is_as_said(const struct bench *b, uint64_t count)
{
	uint64_t wanted = world_changes(&b->world, count);
	bool all = b->changes == wanted || (b->world.kind == WORLD_COLD && b->changes > 0);

	if (all && track_stats(b->track)->capped == 0)
		return true;
	fprintf(stderr, "ingest: %llu changes instead of %llu\n", (unsigned long long)b->changes,
	    (unsigned long long)wanted);
	return false;
}

static int
measure(struct bench *b, const char *what, uint64_t count)
{
	uint64_t before, rows;
	int err = open_all(b);

	if (err == 0)
		err = run(b, world_known(&b->world));
	before = peer_rows(b->path);
	b->took = b->flushing = b->committing = (struct peer_time){0, 0};
	b->changes = b->alerts = b->commits = 0;
	if (err == 0)
		err = run(b, count);
	if (err != 0) {
		fprintf(stderr, "ingest: %s %s\n", err_text(err), store_error(b->store));
		return 1;
	}
	rows = peer_rows(b->path) - before;
	print_machine();
	print_result(b, what, count, rows);
	print_peers(b, count, rows);
	return is_as_said(b, count) ? 0 : 1;
}

static void
close_all(struct bench *b)
{
	static const char *const suffix[] = {"", "-wal", "-shm", "-lock"};
	char path[PATH + 8];

	track_free(&b->track);
	store_close(&b->store);
	world_deinit(&b->world);
	free(b->block);
	for (size_t i = 0; !b->keeps_file && i < sizeof(suffix) / sizeof(suffix[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", b->path, suffix[i]);
		(void)unlink(path);
	}
}

static int
begin(struct bench *b, enum world_kind kind, const char *path)
{
	const char *folder = getenv("TMPDIR");

	world_init(&b->world, kind);
	b->keeps_file = path != NULL;
	if (path != NULL)
		(void)snprintf(b->path, sizeof(b->path), "%s", path);
	else
		(void)snprintf(b->path, sizeof(b->path), "%s/ingest-%ld.db",
		    folder != NULL ? folder : "/tmp", (long)getpid());
	if (unlink(b->path) == 0 || errno == ENOENT)
		return 0;
	perror(b->path);
	return 1;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum world_kind kind;
	} modes[] = {
	    {"sightings", WORLD_SIGHTINGS},
	    {"changes", WORLD_MOVES},
	    {"new", WORLD_NEW},
	    {"cold", WORLD_COLD},
	};
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	static struct bench b;

	for (size_t i = 0; count > 0 && argc <= 4 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		int status;

		if (strcmp(argv[1], modes[i].name) != 0)
			continue;
		status = begin(&b, modes[i].kind, argc > 3 ? argv[3] : NULL);
		if (status == 0)
			status = measure(&b, modes[i].name, count);
		close_all(&b);
		return status;
	}
	fputs("usage: ingest sightings|changes|new|cold N [STORE]\n", stderr);
	return 64;
}
