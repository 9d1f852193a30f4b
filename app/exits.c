/* exits.c - one table from errors to exit values. */
#include "app/exits.h"

#include <errno.h>
#include <stddef.h>
#include <sysexits.h>

#include "base/err.h"

static const struct {
	int err, status;
} exits[] = {
    {0, EX_OK},
    {-ENOENT, EX_NOINPUT},
    {-ENOTDIR, EX_NOINPUT},
    {-ENODEV, EX_NOINPUT},
    {-EACCES, EX_NOPERM},
    {-EPERM, EX_NOPERM},
    {-EROFS, EX_NOPERM},
    {-ENOMEM, EX_OSERR},
    {ERR_DAMAGED, EX_DATAERR},
    {ERR_LINKTYPE, EX_DATAERR},
    {ERR_EMPTY, EX_DATAERR},
    {ERR_BUSY, EX_UNAVAILABLE},
    {ERR_USAGE, EX_USAGE},
};

int
exits_of(int err)
{
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		if (exits[i].err == err)
			return exits[i].status;
	return EX_IOERR;
}
