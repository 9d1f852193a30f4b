/* phrase.h - what many sections say: servers, interfaces, sets, evidence, what was left out. */
#ifndef EPMWATCH_REPORT_PHRASE_H
#define EPMWATCH_REPORT_PHRASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/uuid.h"
#include "report/document/line.h"

struct document;
struct endpoint;
struct query_evidence;
struct verdict;

/** phrase_plural(n): `s`, or nothing for one. */
const char *phrase_plural(uint64_t n);

/* Each appends to ${l} and returns it. */

/** phrase_server(l, server, host, realm): `192.0.2.1 (host) in realm x`; host and realm may be NULL. */
struct line *phrase_server(
    struct line *l, const struct addr *server, const char *host, const char *realm);

/** phrase_interface(l, service, uuid): Its service, or the UUID. */
struct line *phrase_interface(struct line *l, const char *service, const struct uuid *uuid);

/** phrase_set(l, e, count): Endpoints with commas between, `none` for none. */
struct line *phrase_set(struct line *l, const struct endpoint *e, size_t count);

/** phrase_time(l, ts_ns): `2026-11-22 01:40:48`, UTC. */
struct line *phrase_time(struct line *l, int64_t ts_ns);

/** phrase_rules(l, v): The rules that are broken; nothing where none is. */
struct line *phrase_rules(struct line *l, const struct verdict *v);

/** phrase_comma(l): `, ` unless it is empty. */
struct line *phrase_comma(struct line *l);

/* These write. */

/** phrase_evidence(d, e): A fact: when, what, who, where, and its flow (Community ID) where that is known; nothing where there is no
 * evidence. */
void phrase_evidence(struct document *d, const struct query_evidence *e);

/** phrase_evidence_of(d, e, rule): The same of an alert, whose rule may have looked at something else (prose_source()). */
void phrase_evidence_of(struct document *d, const struct query_evidence *e, const char *rule);

/** phrase_sight(d, label, e): The same under another label. */
void phrase_sight(struct document *d, const char *label, const struct query_evidence *e);

/** phrase_tshark(d, e): The command that shows it; nothing where no file is known. */
void phrase_tshark(struct document *d, const struct query_evidence *e);

/** phrase_tshark_all(d, e, count): The same of several, a command for each file. */
void phrase_tshark_all(
    struct document *d, const struct query_evidence *const *e, size_t count);

/** phrase_doubt(d, doubt): A fact, why it is less sure than it looks (health.h); nothing where it is not. */
void phrase_doubt(struct document *d, unsigned doubt);

/** phrase_left(d, left, what, verb): `and 3 more servers: epmwatch list -d STORE tells of each`; nothing for 0. ${what} and ${verb} may be
 * NULL. */
void phrase_left(struct document *d, size_t left, const char *what, const char *verb);

#endif
