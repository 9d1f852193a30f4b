/* err.c - the texts of results. */
#include "base/err.h"

#include <stddef.h>
#include <string.h>

static const struct {
	int err;
	const char *text;
} texts[] = {
    {ERR_OK, "success"},
    {ERR_TRUNC, "cut short"},
    {ERR_MALFORMED, "malformed"},
    {ERR_CAP, "a bound was reached"},
    {ERR_DAMAGED, "the capture is damaged"},
    {ERR_LINKTYPE, "captures of this kind of link are not read"},
    {ERR_EMPTY, "the capture holds no packet"},
    {ERR_NOT_STORE, "not a store of this program"},
    {ERR_NEWER, "written by a newer version of this program"},
    {ERR_OLDER, "written by an older version, and has to be migrated first"},
    {ERR_BUSY, "another process is writing it"},
    {ERR_STORE, "the database failed"},
    {ERR_USAGE, "invalid argument or usage"},
};

const char *
err_text(int err)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].err == err)
			return texts[i].text;
	}
	/* Above -1000 lie the errno values; no system defines one that large. */
	if (err < 0 && err > -1000)
		return strerror(-err);
	return "unknown result";
}
