/* formats.h - the renderers of documents, by the name of --format. */
#ifndef EPMWATCH_REPORT_FORMATS_H
#define EPMWATCH_REPORT_FORMATS_H

struct document_ops;

extern const struct document_ops document_text, document_markdown, document_html;

/** formats_document(name): The renderer of that name; NULL: there is none. */
const struct document_ops *formats_document(const char *name);

#endif
