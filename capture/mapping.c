/* mapping.c - mmap() with a guard. */
#include "capture/mapping.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/err.h"
#include "capture/bus_guard.h"

static int
map(struct mapping *m, int fd, size_t len)
{
	void *data = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, (off_t)m->from);

	if (data == MAP_FAILED)
		return -errno;
	/* Only a hint, for files that are not in memory yet. */
	(void)madvise(data, len, MADV_SEQUENTIAL);
	m->guard = bus_guard_add(data, len);
	if (m->guard < 0) {
		munmap(data, len);
		return m->guard;
	}
	m->data = data;
	return ERR_OK;
}

int
mapping_open(struct mapping **out, int fd, uint64_t from, size_t len)
{
	struct mapping *m = malloc(sizeof(*m));
	int err;

	*out = NULL;
	if (m == NULL)
		return -ENOMEM;
	*m = (struct mapping){.from = from, .to = from + len};
	err = map(m, fd, len);
	if (err != ERR_OK) {
		free(m);
		return err;
	}
	*out = m;
	return ERR_OK;
}

void
mapping_close(struct mapping **m)
{
	if (*m == NULL)
		return;
	bus_guard_remove((*m)->guard);
	/* munmap() takes a pointer to what may be written, which this never was. */
	munmap((void *)(uintptr_t)(*m)->data, (size_t)((*m)->to - (*m)->from));
	free(*m);
	*m = NULL;
}

uint64_t
mapping_sound(const struct mapping *m)
{
	return m->from + bus_guard_sound(m->guard);
}
