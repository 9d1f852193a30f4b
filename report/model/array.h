/* array.h - arrays that grow by one item at a time while rows come in. */
#ifndef EPMWATCH_REPORT_ARRAY_H
#define EPMWATCH_REPORT_ARRAY_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/** array_grow(&array, count, item): Make room for one item more than ${count}, each of ${item}
 * bytes. ${array} is NULL at first and freed by free(). -ENOMEM. */
static inline int
array_grow(void *array_ptr, size_t count, size_t item)
{
	void **array = array_ptr;

	/* Powers of two are the moments at which the room is used up. */
	if (count != 0 && (count & (count - 1)) != 0)
		return 0;
	size_t room = count == 0 ? 1 : count * 2;
	if (room > SIZE_MAX / item)
		return -ENOMEM;
	void *grown = realloc(*array, room * item);
	if (grown == NULL)
		return -ENOMEM;
	*array = grown;
	return 0;
}

#endif
