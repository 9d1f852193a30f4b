/* secret.c - asked of the kernel. */
#include "app/secret.h"

#include <sys/random.h>
#include <sys/types.h>

uint64_t
secret_make(void)
{
	uint64_t secret;

	return getrandom(&secret, sizeof(secret), GRND_NONBLOCK) == (ssize_t)sizeof(secret) ? secret
											    : 0;
}
