/* smb_rig.h - connections that carry SMB, with all that they need around them, and what they said.
 *
 * Side 0 is the client unless a test says otherwise. What is fed lies in memory of its exact size that is freed at once. */
#ifndef EPMWATCH_TESTS_UNIT_SMB_RIG_H
#define EPMWATCH_TESTS_UNIT_SMB_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/carrier.h"
#include "dissect/dissector.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/pipe.h"
#include "dissect/smb.h"
#include "golden_pdus.h"
#include "smb_build.h"

enum {
	CLIENT = 0,
	SERVER = 1,
	CONNECTIONS = 2,
	FILE_ID = 0x1001,
};

struct smb_rig {
	struct budget budget;
	struct dissect_stats stats;
	struct where now;
	struct obs_queue *queue;
	struct pipe_table pipes;
	struct assoc_env env;
	struct carrier_ends ends;
	void *smb[CONNECTIONS];
	size_t piece; /* most octets that come at once; 0: all */
	size_t most;  /* that the budget was ever charged with */
	struct message message;
};

static inline int
smb_setup(void **state)
{
	struct smb_rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->budget.cap = (size_t)1 << 20;
	r->now.ts_ns = 1000;
	assert_int_equal(obs_queue_new(&r->queue, (size_t)4 << 20), 0);
	r->pipes.salt = 7;
	r->env = (struct assoc_env){.budget = &r->budget,
	    .stats = &r->stats,
	    .out = r->queue,
	    .now = &r->now,
	    .pipes = &r->pipes};
	r->ends.env = &r->env;
	r->ends.client = CLIENT;
	r->ends.side[CLIENT] = (struct assoc_side){
	    .addr = addr_from_v4((const uint8_t[]){10, 0, 0, 1}), .port = 40000};
	r->ends.side[SERVER] = (struct assoc_side){
	    .addr = addr_from_v4((const uint8_t[]){10, 0, 0, 2}), .port = SMB_PORT};
	*state = r;
	return 0;
}

static inline void
smb_open_nth(struct smb_rig *r, int nth)
{
	assert_int_equal(smb_carrier.create(&r->smb[nth], &r->ends), 0);
}

static inline void
smb_close_nth(struct smb_rig *r, int nth)
{
	if (r->smb[nth] == NULL)
		return;
	smb_carrier.ops->finish(r->smb[nth]);
	smb_carrier.ops->free(r->smb[nth]);
	r->smb[nth] = NULL;
}

static inline int
smb_teardown(void **state)
{
	struct smb_rig *r = *state;

	for (int i = 0; i < CONNECTIONS; i++)
		smb_close_nth(r, i);
	assert_int_equal(r->budget.used, 0);
	for (size_t i = 0; i < PIPE_BUCKETS; i++)
		assert_null(r->pipes.bucket[i]);
	obs_queue_free(&r->queue);
	free(r);
	return 0;
}

static inline void
smb_feed_exact(struct smb_rig *r, int nth, int from, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len);

	assert_non_null(copy);
	memcpy(copy, data, len);
	smb_carrier.ops->data(r->smb[nth], from, copy, len);
	free(copy);
	if (r->budget.used > r->most)
		r->most = r->budget.used;
}

static inline void
smb_feed_to(struct smb_rig *r, int nth, int from, const struct message *m)
{
	size_t piece = r->piece != 0 ? r->piece : m->len;

	r->now.ts_ns += 1000;
	r->now.frame++;
	for (size_t at = 0; at < m->len; at += piece)
		smb_feed_exact(
		    r, nth, from, m->octets + at, m->len - at < piece ? m->len - at : piece);
}

static inline void
smb_feed(struct smb_rig *r, int from, const struct message *m)
{
	smb_feed_to(r, 0, from, m);
}

static inline size_t
smb_count(const struct smb_rig *r)
{
	return obs_queue_count(r->queue);
}

static inline const struct obs *
smb_obs(const struct smb_rig *r, size_t i)
{
	assert_true(i < smb_count(r));
	return obs_queue_at(r->queue, i);
}

static inline const struct obs *
smb_bind(const struct smb_rig *r, size_t i)
{
	assert_int_equal(smb_obs(r, i)->kind, OBS_BIND);
	return smb_obs(r, i);
}

/* Messages of SMB 2 that most tests need. */

static inline struct message *
smb_tree(struct smb_rig *r, uint32_t tree, unsigned type)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(
	    m, &(struct head2){.command = SMB2_TREE, .response = true, .id = 2, .tree = tree});
	smb2_tree_body(m, type);
	nbss_end(m);
	return m;
}

static inline struct message *
smb_create(struct smb_rig *r, uint64_t id, const char *name)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_CREATE, .id = id});
	smb2_create_body(m, name);
	nbss_end(m);
	return m;
}

static inline struct message *
smb_created(struct smb_rig *r, uint64_t id, unsigned file)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_CREATE, .response = true, .id = id});
	smb2_created_body(m, file);
	nbss_end(m);
	return m;
}

static inline struct message *
smb_write(struct smb_rig *r, uint64_t id, unsigned file, const void *data, size_t len)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_WRITE, .id = id});
	smb2_write_body(m, file, data, len);
	nbss_end(m);
	return m;
}

static inline struct message *
smb_read(struct smb_rig *r, uint64_t id, unsigned file)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_READ, .id = id});
	smb2_read_body(m, file);
	nbss_end(m);
	return m;
}

static inline struct message *
smb_read_answer(struct smb_rig *r, uint64_t id, uint32_t status, const void *data, size_t len)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(
	    m, &(struct head2){.command = SMB2_READ, .response = true, .id = id, .status = status});
	smb2_data_body(m, data, len);
	nbss_end(m);
	return m;
}

static inline struct message *
smb_ioctl(struct smb_rig *r, uint64_t id, unsigned file, const void *data, size_t len)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_IOCTL, .id = id});
	smb2_ioctl_body(m, TRANSCEIVE, file, data, len);
	nbss_end(m);
	return m;
}

static inline struct message *
smb_ioctl_answer(
    struct smb_rig *r, uint64_t id, uint32_t status, unsigned file, const void *data, size_t len)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(m,
	    &(struct head2){.command = SMB2_IOCTL, .response = true, .id = id, .status = status});
	smb2_ioctl_answer_body(m, TRANSCEIVE, file, data, len);
	nbss_end(m);
	return m;
}

/* An answer that consists of its status. */
static inline struct message *
smb_status(struct smb_rig *r, unsigned command, uint64_t id, uint32_t status, bool async)
{
	struct message *m = &r->message;

	nbss_begin(m);
	smb2_begin(m,
	    &(struct head2){
		.command = command, .response = true, .id = id, .status = status, .async = async});
	smb2_error_body(m);
	nbss_end(m);
	return m;
}

/* A pipe of that name is open. */
static inline void
smb_opened(struct smb_rig *r, const char *name, unsigned file)
{
	smb_feed(r, CLIENT, smb_create(r, 3, name));
	smb_feed(r, SERVER, smb_created(r, 3, file));
}

/* A bind and its answer, by WRITE and READ. */
static inline void
smb_bound(struct smb_rig *r, unsigned file)
{
	smb_feed(r, CLIENT, smb_write(r, 10, file, golden_bind, sizeof(golden_bind)));
	smb_feed(r, CLIENT, smb_read(r, 11, file));
	smb_feed(r, SERVER, smb_read_answer(r, 11, 0, golden_bind_ack, sizeof(golden_bind_ack)));
}

#endif
