/* render_endpoints.h - the section of a report in text that lists endpoints. */
#ifndef EPMWATCH_REPORT_RENDER_ENDPOINTS_H
#define EPMWATCH_REPORT_RENDER_ENDPOINTS_H

struct page;

/** render_endpoints(p): Write it, reading the store as it goes. -ENOMEM, ERR_STORE. */
int render_endpoints(const struct page *p);

#endif
