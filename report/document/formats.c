/* formats.c - see formats.h. */
#include "report/document/formats.h"

#include <stddef.h>
#include <string.h>

#include "report/document/document.h"

static const struct document_ops *const formats[] = {
    &document_text,
    &document_markdown,
    &document_html,
};

const struct document_ops *
formats_document(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}
