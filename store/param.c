/* param.c - see param.h. */
#include "store/param.h"

#include <string.h>

#include "base/addr.h"

struct param
param_init(sqlite3_stmt *st)
{
	return (struct param){.st = st, .at = 0, .rc = SQLITE_OK};
}

static void
param_took(struct param *p, int rc)
{
	if (p->rc == SQLITE_OK)
		p->rc = rc;
}

void
param_int(struct param *p, int64_t v)
{
	param_took(p, sqlite3_bind_int64(p->st, ++p->at, v));
}

void
param_count(struct param *p, uint64_t v)
{
	param_int(p, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

void
param_null(struct param *p)
{
	param_took(p, sqlite3_bind_null(p->st, ++p->at));
}

void
param_nonzero(struct param *p, int64_t v)
{
	if (v == 0)
		param_null(p);
	else
		param_int(p, v);
}

void
param_unless(struct param *p, bool usual, int64_t v)
{
	if (usual)
		param_null(p);
	else
		param_int(p, v);
}

void
param_text(struct param *p, const char *text, size_t max)
{
	if (text == NULL)
		param_null(p);
	else
		param_took(p, sqlite3_bind_text64(p->st, ++p->at, text, strnlen(text, max),
				  SQLITE_TRANSIENT, SQLITE_UTF8));
}

void
param_word(struct param *p, const char *text, size_t max)
{
	if (text == NULL || *text == '\0')
		param_null(p);
	else
		param_text(p, text, max);
}

void
param_octets(struct param *p, const void *data, size_t len)
{
	if (data == NULL)
		param_null(p);
	else
		param_took(p, sqlite3_bind_blob64(p->st, ++p->at, data, len, SQLITE_TRANSIENT));
}

void
param_addr(struct param *p, const struct addr *a)
{
	char text[ADDR_TEXT];

	param_text(p, addr_format(a, text), sizeof(text));
}
