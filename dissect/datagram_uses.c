#include "dissect/datagram_uses.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"

#define USE_AGAIN_NS (60 * NS_PER_S)

/* A clock that was set back says it anew, too. */
static bool
is_recent(int64_t said_ns, int64_t now_ns)
{
	return said_ns != 0 && now_ns >= said_ns &&
	       (uint64_t)now_ns - (uint64_t)said_ns < (uint64_t)USE_AGAIN_NS;
}

bool
datagram_uses_is_new(struct datagram_uses *t, const struct datagram_use *use, int64_t now_ns)
{
	size_t i = hash_keyed(use, sizeof(*use), t->secret) % DATAGRAM_USES;

	if (memcmp(&t->use[i], use, sizeof(*use)) == 0 && is_recent(t->said_ns[i], now_ns))
		return false;
	t->use[i] = *use;
	t->said_ns[i] = now_ns;
	return true;
}
