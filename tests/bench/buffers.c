/* buffers.c - how much the dissector holds in its buffers while it reads a capture: the most after any packet.
 *
 * usage: buffers CAPTURE */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/packet.h"
#include "capture/source.h"
#include "dissect/dissector.h"
#include "dissect/obs_queue.h"

enum {
	QUEUE = 1 << 20,
};

/* Look at what is held after every packet. */
static size_t
most_of(struct dissector *d, const struct batch *batch, struct obs_queue *queue, size_t most)
{
	for (size_t i = 0; i < batch->count; i++) {
		(void)dissector_batch(d, batch, i, i + 1, queue);
		obs_queue_reset(queue);
		if (dissector_stats(d)->buffered > most)
			most = dissector_stats(d)->buffered;
	}
	return most;
}

static int
read_all(struct source *s, struct dissector *d, struct obs_queue *queue)
{
	struct batch *batch;
	size_t most = 0;
	int result;

	while ((result = source_next(s, &batch)) == 1)
		most = most_of(d, batch, queue, most);
	printf("most=%zu\n", most);
	return result;
}

int
main(int argc, char **argv)
{
	struct dissector *d = NULL;
	struct obs_queue *queue = NULL;
	struct source *s = NULL;
	int err = -EINVAL;

	if (argc == 2)
		err = source_open(&s, argv[1], NULL, 0);
	if (err == ERR_OK)
		err = obs_queue_new(&queue, QUEUE);
	if (err == ERR_OK)
		err = dissector_new(&d, NULL, NULL);
	if (err == ERR_OK)
		err = read_all(s, d, queue);
	if (err != ERR_OK)
		fprintf(stderr, "buffers: %s\n", err_text(err));
	dissector_free(&d);
	obs_queue_free(&queue);
	source_close(&s);
	return err == ERR_OK ? 0 : EX_DATAERR;
}
