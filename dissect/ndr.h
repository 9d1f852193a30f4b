/* ndr.h - the few NDR32 and NDR64 primitives that the endpoint mapper needs, on the cursor.
 *
 * Pointers and the counts of arrays are 4 bytes aligned to 4 in NDR32, 8 aligned to 8 in NDR64; a
 * context handle is 20 bytes aligned to 4 in both. Alignment counts from the start of the whole
 * stub, which is the cursor's base. Source: C706 chapter 14; MS-RPCE 2.2.5. */
#ifndef EPMWATCH_DISSECT_NDR_H
#define EPMWATCH_DISSECT_NDR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/cursor.h"
#include "base/uuid.h"

enum {
	NDR_HANDLE = 20
}; /* u32 attributes and a UUID */

struct ndr {
	struct cursor c;
	bool wide; /* NDR64 */
};

/** ndr_init(stub, len, le, wide): A reader over a whole stub. */
static inline struct ndr
ndr_init(const uint8_t *stub, size_t len, bool le, bool wide)
{
	return (struct ndr){.c = cur_init(stub, len, le), .wide = wide};
}

/** ndr_align(n): To the alignment of pointers and counts, which is that of what contains them. */
static inline void
ndr_align(struct ndr *n)
{
	cur_align(&n->c, n->wide ? 8 : 4);
}

/** ndr_count(n): A count of an array, or a pointer's referent id. */
static inline uint64_t
ndr_count(struct ndr *n)
{
	ndr_align(n);
	return n->wide ? cur_u64(&n->c) : cur_u32(&n->c);
}

/** ndr_pointer(n): True if the pointer is not NULL. */
static inline bool
ndr_pointer(struct ndr *n)
{
	return ndr_count(n) != 0;
}

static inline uint32_t
ndr_u32(struct ndr *n)
{
	cur_align(&n->c, 4);
	return cur_u32(&n->c);
}

/** ndr_handle(n, id): Read a context handle; true if it is live, that is, not all zero. ${id}, unless it is NULL, becomes its UUID as it
 * stands there: it is only compared. */
static inline bool
ndr_handle(struct ndr *n, struct uuid *id)
{
	const uint8_t *p;
	uint8_t any = 0;
	int i;

	cur_align(&n->c, 4);
	p = cur_take(&n->c, NDR_HANDLE);
	for (i = 0; p != NULL && i < NDR_HANDLE; i++)
		any |= p[i];
	if (p != NULL && id != NULL)
		memcpy(id->b, p + NDR_HANDLE - sizeof(id->b), sizeof(id->b));
	return any != 0;
}

#endif
