#include "dissect/sieve.h"

#include <string.h>

#include "base/packet.h"

static void
look(const struct sieve *sieve, struct batch *batch)
{
	(void)sieve;
	memset(batch->mark, MARK_ALWAYS, batch->count * sizeof(batch->mark[0]));
}

void
sieve_init(struct sieve *s, uint64_t salt)
{
	*s = (struct sieve){.look = look, .salt = salt};
}
