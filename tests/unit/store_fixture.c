/* store_fixture.c - see store_fixture.h. */
#include "store_fixture.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/state.h"

int
fixture_folder(void **state)
{
	const char *base = getenv("TMPDIR");
	char *folder;

	if (asprintf(&folder, "%s/epmwatch-test-XXXXXX", base != NULL ? base : "/tmp") < 0)
		return -1;
	if (mkdtemp(folder) == NULL || chmod(folder, 0777) != 0)
		return -1;
	/* the first store names its own folder, which is gone by the next test */
	(void)unsetenv("SQLITE_TMPDIR");
	*state = folder;
	return 0;
}

static int
fixture_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int
fixture_remove(void **state)
{
	int err = nftw(*state, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return err;
}

const char *
fixture_path(void **state, const char *name)
{
	static char path[4][FIXTURE_PATH];
	static unsigned turn;
	char *out = path[turn++ % 4];

	(void)snprintf(out, FIXTURE_PATH, "%s/%s", (const char *)*state, name);
	return out;
}

struct store *
fixture_open(const char *path, enum store_mode mode)
{
	struct store *s;
	int err = store_open(&s, path, mode);

	if (err != 0)
		fail_msg("%d: %s", err, store_error(s));
	assert_int_equal(store_realm(s, 0, "sensor-1", "default"), 0);
	return s;
}

struct addr
fixture_addr(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

struct uuid
fixture_uuid(const char *text)
{
	struct uuid u;

	assert_int_equal(uuid_parse(text, &u), 0);
	return u;
}

struct mapping_key
fixture_key(const char *server, const char *uuid)
{
	struct mapping_key key;

	memset(&key, 0, sizeof(key));
	key.server = fixture_addr(server);
	key.uuid = fixture_uuid(uuid);
	key.major = 1;
	key.protseq = PROTSEQ_TCP;
	return key;
}

static struct evidence
fixture_evidence(int64_t ts_ns, uint64_t frame, const char *client)
{
	struct evidence e;

	memset(&e, 0, sizeof(e));
	e.ts_ns = ts_ns;
	e.frame = frame;
	e.capture = STORE_CAPTURE_UNKNOWN;
	e.source = EVIDENCE_LOOKUP;
	e.client = fixture_addr(client);
	e.client_port = 50123;
	return e;
}

static void
fixture_episode(struct episode *e, uint16_t port, int64_t first_ns)
{
	memset(e, 0, sizeof(*e));
	e->endpoint.port = port;
	e->first_ns = first_ns;
	e->last_ns = first_ns + 500;
	e->announced = 3;
	e->used = 2;
	e->attempted = 1;
	e->minor = 81;
	(void)strcpy(e->annotation, "MS Exchange Information Store");
	e->first = fixture_evidence(first_ns, 11, "10.0.0.7");
	e->last = fixture_evidence(first_ns + 500, 99, "2001:db8::7");
	e->client_count = 2;
	e->client = calloc(2, sizeof(*e->client));
	assert_non_null(e->client);
	e->client[0] = fixture_addr("10.0.0.7");
	e->client[1] = fixture_addr("2001:db8::7");
	e->dirty = true;
}

struct mapping *
fixture_mapping(struct mapping_key key, const uint16_t *ports, size_t count)
{
	struct mapping *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->key = key;
	m->episode = calloc(count, sizeof(*m->episode));
	assert_non_null(m->episode);
	m->episode_count = count;
	m->dirty = true;
	for (size_t i = 0; i < count; i++)
		fixture_episode(&m->episode[i], ports[i], 1000 + (int64_t)i);
	return m;
}

void
fixture_keep(struct store *s, struct mapping *m)
{
	assert_int_equal(store_begin(s), 0);
	if (store_keep_mapping(s, m) != 0 || store_commit(s) != 0)
		fail_msg("%s", store_error(s));
}

void
fixture_keep_one(struct store *s, struct mapping_key key, uint16_t port, const char *name,
    int64_t first_ns, int64_t ended_ns)
{
	struct mapping *m = fixture_mapping(key, &port, 1);

	(void)strcpy(m->episode[0].endpoint.name, name);
	m->episode[0].first_ns = first_ns;
	m->episode[0].ended_ns = ended_ns;
	fixture_keep(s, m);
	mapping_free(&m);
}

const char *
fixture_store(void **state, const char *name)
{
	const char *path = fixture_path(state, name);
	struct store *s = fixture_open(path, STORE_WRITER);
	struct mapping *m =
	    fixture_mapping(fixture_key("10.1.2.3", FIXTURE_EMSMDB), &(const uint16_t){56001}, 1);

	fixture_keep(s, m);
	store_close(&s);
	mapping_free(&m);
	return path;
}

struct store_capture
fixture_capture(const char *name)
{
	struct store_capture c;

	memset(&c, 0, sizeof(c));
	c.name = name;
	c.link = 3;
	memset(c.first_record, 0xa1, sizeof(c.first_record));
	memset(c.digest, 0xb2, sizeof(c.digest));
	c.bytes = 4096;
	c.frames = 17;
	c.first_ns = 100;
	c.last_ns = 900;
	return c;
}

struct change
fixture_change(const char *id, struct mapping_key key)
{
	static struct endpoint previous[2], current[1];
	struct change c;

	previous[0].port = 1025;
	(void)strcpy(previous[1].name, "\\pipe\\\"x\"");
	current[0].port = 60000;
	memset(&c, 0, sizeof(c));
	(void)strcpy(c.id, id);
	c.kind = CHANGE_MOVED;
	c.key = key;
	c.minor = 81;
	c.confidence = CONFIDENCE_CONFIRMED;
	c.ts_ns = 5000;
	c.first_ns = 4000;
	c.not_before_ns = 3000;
	c.not_after_ns = 4000;
	c.clients = 4;
	c.previous = previous;
	c.previous_count = 2;
	c.current = current;
	c.current_count = 1;
	c.evidence = fixture_evidence(4000, 40, "10.0.0.8");
	return c;
}

struct alert
fixture_alert(const char *id, struct mapping_key key)
{
	struct alert a;

	memset(&a, 0, sizeof(a));
	(void)strcpy(a.id, id);
	(void)strcpy(a.rule, "EPM-001");
	a.severity = SEVERITY_HIGH;
	a.state = ALERT_OPEN;
	a.key = key;
	a.minor = 81;
	a.ts_ns = a.opened_ns = a.updated_ns = 5000;
	(void)strcpy(a.signature, "port outside the allowed range");
	(void)strcpy(a.expected, "49152-65535 (windows-2008)");
	(void)strcpy(a.observed, "1032, 5000");
	a.evidence = fixture_evidence(5000, 7, "10.0.0.9");
	return a;
}

static void
fixture_dump_table(sqlite3 *sql, const char *table, FILE *out)
{
	char text[128];
	sqlite3_stmt *st;

	(void)snprintf(text, sizeof(text), "SELECT * FROM %s ORDER BY 1, 2", table);
	assert_int_equal(sqlite3_prepare_v2(sql, text, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		(void)fprintf(out, "%s", table);
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			const void *value = sqlite3_column_blob(st, i);
			size_t len = (size_t)sqlite3_column_bytes(st, i);

			(void)fprintf(out, "|%d:", sqlite3_column_type(st, i));
			(void)fwrite(value != NULL ? value : "", 1, len, out);
		}
		(void)fputc('\n', out);
	}
	sqlite3_finalize(st);
}

/* BLOBs go in as they are, with their NULs replaced, so that dumps compare as strings. */
char *
fixture_dump(struct store *s)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	sqlite3_stmt *st;

	assert_non_null(out);
	assert_int_equal(
	    sqlite3_prepare_v2(s->db.sql,
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
		" ORDER BY name",
		-1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		fixture_dump_table(s->db.sql, (const char *)sqlite3_column_text(st, 0), out);
	sqlite3_finalize(st);
	assert_int_equal(fclose(out), 0);
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = '.';
	return text;
}

int64_t
fixture_number(struct store *s, const char *sql)
{
	int64_t n;

	if (db_number(&s->db, sql, &n) != 0)
		fail_msg("%s: %s", sql, store_error(s));
	return n;
}

unsigned char *
fixture_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	unsigned char *data;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	*len = (size_t)st.st_size;
	data = malloc(*len + 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, *len, f), *len);
	(void)fclose(f);
	return data;
}

void
fixture_write(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

void
fixture_sql(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
