/* page.h - what the sections of a report in text share: where they write, and how servers,
 * interfaces and evidence are spelt. */
#ifndef EPMWATCH_REPORT_PAGE_H
#define EPMWATCH_REPORT_PAGE_H

#include <stddef.h>
#include <stdio.h>

#include "base/uuid.h"

struct addr;
struct query_evidence;
struct report;

struct page {
	const struct report *r;
	FILE *out;
	const char *bold, *red, *plain; /* escape sequences, or nothing */
};

/** page_plural(n): `s`, or nothing for one. */
const char *page_plural(size_t n);

/** page_head(p, title): Begin a section. */
void page_head(const struct page *p, const char *title);

/** page_interface(service, uuid, out): Its service, or the UUID itself in ${out}. */
const char *page_interface(const char *service, const struct uuid *uuid, char out[UUID_TEXT]);

/** page_server(p, server, host, realm): `192.0.2.1 (host) in realm x`; host and realm may be NULL. */
void page_server(
    const struct page *p, const struct addr *server, const char *host, const char *realm);

/** page_evidence(p, indent, e): One line: when, what, who, frame and capture. The capture is told
 * without its folder where the head of the report lists it in full. */
void page_evidence(const struct page *p, unsigned indent, const struct query_evidence *e);

#endif
