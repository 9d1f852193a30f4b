/* sections.h - what a report says, section by section, in the order of the report. */
#ifndef EPMWATCH_REPORT_SECTIONS_H
#define EPMWATCH_REPORT_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct document;
struct report;

/* One section. Its id is a word in lower case, the same in every format; its title is in sentence case. */
struct section {
	const char *id, *title;
	bool (*any)(const struct report *r); /* is there anything to say? NULL: always */
	void (*write)(struct document *d);   /* what is in it; the head is written already */
};

/** sections_all(count): All of them, in order. Static storage. */
const struct section *sections_all(size_t *count);

/** section_any_referral(r): Was anybody sent anywhere in the period? */
bool section_any_referral(const struct report *r);

/* What one writes: document.h. Errors stick to the document. */
void section_summary(struct document *d);
void section_coverage(struct document *d);
void section_findings(struct document *d);
void section_changes(struct document *d);
void section_pending(struct document *d);
void section_newmail(struct document *d);
void section_pinholes(struct document *d);
void section_alerts(struct document *d);
void section_closed(struct document *d);
void section_clients(struct document *d);
void section_fleet(struct document *d);
void section_endpoints(struct document *d);
void section_referrals(struct document *d);
void section_suppressed(struct document *d);
void section_about(struct document *d);

#endif
