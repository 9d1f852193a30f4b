/* report_fixture.h - a store in memory with endpoints and changes in it, for the tests of report/.
 */
#ifndef EPMWATCH_TESTS_REPORT_FIXTURE_H
#define EPMWATCH_TESTS_REPORT_FIXTURE_H

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "store/store.h"
#include "track/policy.h"
#include "track/records.h"

#define FIXTURE_START (INT64_C(1767600000) * NS_PER_S) /* 2026-01-05 08:00:00 UTC */
#define FIXTURE_HOUR (3600 * NS_PER_S)

#define FIXTURE_NSPI "f5cc5a18-4264-101a-8c59-08002b2f8426"
#define FIXTURE_DRSUAPI "e3514235-4b06-11d1-ab04-00c04fc2dcd2"

/* An open transaction on a store in memory, with capture 0 of that name. */
static inline struct store *
fixture_store(const char *capture)
{
	struct store *s;
	struct store_capture c = {
	    .name = capture, .bytes = 1000, .frames = 100, .first_ns = FIXTURE_START};
	int err = store_open(&s, NULL, STORE_MEMORY);

	c.last_ns = FIXTURE_START + 24 * FIXTURE_HOUR;
	err |= store_begin(s);
	err |= store_realm(s, 0, "sensor-1", "default");
	err |= store_keep_capture(s, 0, &c);
	err |= store_keep_policy(s, "windows-default", policy_builtin("windows-default")->text);
	if (err != 0)
		fprintf(stderr, "fixture: %s\n", store_error(s));
	return s;
}

static inline struct mapping_key
fixture_key(uint8_t host, const char *uuid)
{
	const uint8_t octets[4] = {10, 0, 0, host};
	struct mapping_key key = {
	    .server = addr_from_v4(octets), .major = 1, .protseq = PROTSEQ_TCP};
	int err = uuid_parse(uuid, &key.uuid);

	assert(err == 0);
	(void)err;
	return key;
}

/* A UUID that nobody has named, the ${n}th. */
static inline const char *
fixture_uuid(unsigned n, char out[UUID_TEXT])
{
	snprintf(out, UUID_TEXT, "feedbeef-0000-4000-8000-%012x", n);
	return out;
}

static inline struct evidence
fixture_evidence(int64_t ts_ns, uint64_t frame)
{
	const uint8_t octets[4] = {10, 0, 0, 200};

	return (struct evidence){.ts_ns = ts_ns,
	    .frame = frame,
	    .source = EVIDENCE_MAP,
	    .client = addr_from_v4(octets),
	    .client_port = 50000};
}

/* One endpoint of one key, alive. */
static inline int
fixture_endpoint(struct store *s, const struct mapping_key *key, const struct endpoint *endpoint,
    const char *annotation)
{
	struct addr client = fixture_evidence(0, 0).client;
	struct episode e = {.endpoint = *endpoint,
	    .first_ns = FIXTURE_START,
	    .last_ns = FIXTURE_START + FIXTURE_HOUR,
	    .announced = 2,
	    .used = 1,
	    .minor = 0,
	    .first = fixture_evidence(FIXTURE_START, 7),
	    .last = fixture_evidence(FIXTURE_START + FIXTURE_HOUR, 99),
	    .client_count = 1,
	    .client = &client,
	    .dirty = true};
	struct mapping m = {.key = *key, .episode_count = 1, .episode = &e, .dirty = true};

	snprintf(e.annotation, sizeof(e.annotation), "%s", annotation);
	return store_keep_mapping(s, &m);
}

static inline int
fixture_port(struct store *s, uint8_t host, const char *uuid, uint16_t port)
{
	const struct mapping_key key = fixture_key(host, uuid);
	const struct endpoint endpoint = {.port = port};

	return fixture_endpoint(s, &key, &endpoint, "");
}

/* An alert on the port of ${uuid} on ${host}, opened when fixture_port() first saw it. */
static inline int
fixture_alert(
    struct store *s, uint8_t host, const char *uuid, uint16_t port, enum alert_state state)
{
	struct alert a = {.rule = "EPM-001",
	    .severity = SEVERITY_HIGH,
	    .state = ALERT_OPEN,
	    .key = fixture_key(host, uuid),
	    .ts_ns = FIXTURE_START,
	    .opened_ns = FIXTURE_START,
	    .updated_ns = FIXTURE_START,
	    .signature = "answers outside the allowed range",
	    .expected = "49152-65535 (windows-2008)",
	    .evidence = fixture_evidence(FIXTURE_START, 7)};
	char text[128];

	snprintf(text, sizeof(text), "alert %u %s %u", host, uuid, port);
	hash_id(text, strlen(text), a.id);
	snprintf(a.observed, sizeof(a.observed), "%u", port);
	int err = store_keep_alert(s, &a);
	if (err != 0 || state == ALERT_OPEN)
		return err;
	a.state = state;
	a.ts_ns = a.updated_ns = FIXTURE_START + 2 * FIXTURE_HOUR;
	a.closed_ns = state == ALERT_CLOSED ? a.ts_ns : 0;
	a.evidence = fixture_evidence(a.ts_ns, 120);
	return store_keep_alert(s, &a);
}

/* A port that breaks EPM-001, with its alert. */
static inline int
fixture_bad_port(struct store *s, uint8_t host, const char *uuid, uint16_t port)
{
	int err = fixture_port(s, host, uuid, port);

	return err != 0 ? err : fixture_alert(s, host, uuid, port, ALERT_OPEN);
}

/* ${uuid} of ${host} went from ${before} to ${after} some time in [${from}, ${to}]. */
static inline int
fixture_moved(struct store *s, uint8_t host, const char *uuid, uint16_t before, uint16_t after,
    int64_t from, int64_t to)
{
	const struct endpoint previous = {.port = before}, current = {.port = after};
	struct change c = {.kind = CHANGE_MOVED,
	    .key = fixture_key(host, uuid),
	    .confidence = CONFIDENCE_CONFIRMED,
	    .ts_ns = to,
	    .first_ns = to,
	    .not_before_ns = from,
	    .not_after_ns = to,
	    .clients = 2,
	    .previous_count = 1,
	    .current_count = 1,
	    .previous = &previous,
	    .current = &current,
	    .evidence = fixture_evidence(to, 42)};
	char text[128];

	snprintf(text, sizeof(text), "%u %s %u %lld", host, uuid, after, (long long)to);
	hash_id(text, strlen(text), c.id);
	return store_keep_change(s, &c);
}

/* The end of the hour ${h} of the fixture's day. */
static inline int64_t
fixture_hour(unsigned h)
{
	return FIXTURE_START + h * FIXTURE_HOUR;
}

/* ${text} with lines joined that were wrapped: those that begin with at least six blanks go on from the line before. */
static inline char *
fixture_joined(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0';) {
		if (*from == '\n' && strspn(from + 1, " ") >= 6) {
			from += 1 + strspn(from + 1, " ");
			*to++ = ' ';
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return text;
}

enum {
	FIXTURE_MEMBERS = 4
};

/* The server ${host} restarted in the hour ${h}: two processes of two interfaces each, at new ports. ${revises} is NULL or an id; ${id} is the
 * change's own. */
static inline int
fixture_restarted(
    struct store *s, uint8_t host, unsigned h, const char *id, const char *revises, const char *also)
{
	static const struct endpoint before[] = {{.port = 50001}, {.port = 50002}},
				     after[] = {{.port = 60001}, {.port = 60002}};
	struct change_member member[FIXTURE_MEMBERS];
	struct change_id claimed = {""};
	char uuid[UUID_TEXT];

	for (unsigned i = 0; i < FIXTURE_MEMBERS; i++)
		member[i] = (struct change_member){.key = fixture_key(host, fixture_uuid(i, uuid)),
		    .previous_count = 1,
		    .current_count = 1,
		    .previous = &before[i / 2],
		    .current = &after[i / 2],
		    .not_before_ns = fixture_hour(h - 1),
		    .not_after_ns = fixture_hour(h)};
	struct change c = {.kind = CHANGE_RESTARTED,
	    .key = {.server = member[0].key.server},
	    .confidence = CONFIDENCE_CONFIRMED,
	    .ts_ns = fixture_hour(h),
	    .first_ns = fixture_hour(h),
	    .not_before_ns = fixture_hour(h - 1),
	    .not_after_ns = fixture_hour(h),
	    .clients = 2,
	    .member_count = FIXTURE_MEMBERS,
	    .member = member,
	    .evidence = fixture_evidence(fixture_hour(h), 77)};

	snprintf(c.id, sizeof(c.id), "%s", id);
	if (revises != NULL)
		snprintf(c.revises, sizeof(c.revises), "%s", revises);
	if (also != NULL) {
		snprintf(claimed.text, sizeof(claimed.text), "%s", also);
		c.also = &claimed;
		c.also_count = 1;
	}
	return store_keep_change(s, &c);
}

/* ${key} with endpoint ${port} (0: the verdict ${id} alone) was accepted. */
static inline int
fixture_accepted(struct store *s, const struct mapping_key *key, uint16_t port, const char *id)
{
	struct accepted a = {.key = *key,
	    .endpoint = {.port = port},
	    .accepted_ns = fixture_hour(20),
	    .reason = "the new firewall"};

	snprintf(a.id, sizeof(a.id), "%s", id);
	return store_keep_accepted(s, &a);
}

#endif
