/* test_smb.c - conversations through named pipes, as a connection that carries SMB reports them. */
#include "smb_rig.h"

#include "base/clock.h"

/* The one bind there is, acknowledged, through that pipe. */
static void
assert_bound(const struct smb_rig *r, const char *pipe)
{
	const struct obs *obs;

	assert_int_equal(smb_count(r), 1);
	obs = smb_bind(r, 0);
	assert_int_equal(obs->transport, TRANSPORT_NP);
	assert_int_equal(obs->bind.outcome, BIND_ACKNOWLEDGED);
	assert_int_equal(obs->server_port, SMB_PORT);
	assert_int_equal(obs->client_port, 40000);
	if (pipe != NULL)
		assert_string_equal(obs->pipe, pipe);
	else
		assert_null(obs->pipe);
}

static void
test_bind_by_write_and_read(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_feed(r, SERVER, smb_tree(r, TREE, 2));
	smb_opened(r, "epmapper", FILE_ID);
	smb_bound(r, FILE_ID);
	assert_bound(r, "\\PIPE\\epmapper");
	assert_true(smb_carrier.ops->is_rpc(r->smb[0]));
	assert_int_equal(r->stats.rpc.malformed, 0);
}

static void
test_pieces_change_nothing(void **state)
{
	struct smb_rig *r = *state;

	for (r->piece = 1; r->piece < 300; r->piece++) {
		smb_open_nth(r, 0);
		smb_opened(r, "epmapper", FILE_ID);
		smb_bound(r, FILE_ID);
		assert_bound(r, "\\PIPE\\epmapper");
		smb_close_nth(r, 0);
		obs_queue_reset(r->queue);
	}
	assert_int_equal(r->stats.rpc.resync, 0);
}

static void
test_the_mapper_answers_through_a_pipe(void **state)
{
	struct smb_rig *r = *state;
	const struct obs *obs;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	smb_bound(r, FILE_ID);
	smb_feed(
	    r, CLIENT, smb_ioctl(r, 12, FILE_ID, golden_map_request, sizeof(golden_map_request)));
	smb_feed(r, SERVER,
	    smb_ioctl_answer(r, 12, 0, FILE_ID, golden_map_answer, sizeof(golden_map_answer)));
	assert_int_equal(smb_count(r), 2);
	obs = smb_obs(r, 1);
	assert_int_equal(obs->kind, OBS_EPM);
	assert_int_equal(obs->transport, TRANSPORT_NP);
	assert_true(obs->epm.question.seen);
	assert_int_equal(obs->epm.tower_count, 1);
}

/* STATUS_PENDING first, then the first part with STATUS_BUFFER_OVERFLOW, the rest by READ. */
static void
test_an_answer_in_parts(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed(r, CLIENT, smb_ioctl(r, 12, FILE_ID, golden_bind, sizeof(golden_bind)));
	smb_feed(r, SERVER, smb_status(r, SMB2_IOCTL, 12, SMB_PENDING, true));
	smb_feed(r, SERVER, smb_ioctl_answer(r, 12, SMB_OVERFLOW, FILE_ID, golden_bind_ack, 20));
	assert_int_equal(smb_count(r), 0);
	smb_feed(r, CLIENT, smb_read(r, 13, FILE_ID));
	smb_feed(r, SERVER, smb_status(r, SMB2_READ, 13, SMB_PENDING, true));
	smb_feed(r, SERVER,
	    smb_read_answer(r, 13, 0, golden_bind_ack + 20, sizeof(golden_bind_ack) - 20));
	assert_bound(r, "\\PIPE\\epmapper");
}

/* CREATE and WRITE, then READ in one compound: neither write nor read knows the file's number. */
static void
test_a_compound_from_create_on(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct head2 create = {.command = SMB2_CREATE, .id = 3},
		     write = {.command = SMB2_WRITE, .id = 4, .related = true},
		     read = {.command = SMB2_READ, .id = 5, .related = true};

	smb_open_nth(r, 0);
	nbss_begin(m);
	smb2_begin(m, &create);
	smb2_create_body(m, "epmapper");
	smb2_chain(m, &create);
	smb2_begin(m, &write);
	smb2_write_body(m, 0, golden_bind, sizeof(golden_bind));
	smb2_chain(m, &write);
	smb2_begin(m, &read);
	smb2_read_body(m, 0);
	nbss_end(m);
	smb_feed(r, CLIENT, m);

	create.response = read.response = true;
	nbss_begin(m);
	smb2_begin(m, &create);
	smb2_created_body(m, FILE_ID);
	smb2_chain(m, &create);
	smb2_begin(m, &read);
	smb2_data_body(m, golden_bind_ack, sizeof(golden_bind_ack));
	nbss_end(m);
	smb_feed(r, SERVER, m);
	assert_bound(r, "\\PIPE\\epmapper");
}

static void
test_names_are_made_one(void **state)
{
	static const char *const spellings[] = {
	    "lsarpc", "\\lsarpc", "\\PIPE\\lsarpc", "\\pipe\\lsarpc"};
	struct smb_rig *r = *state;

	for (size_t i = 0; i < 4; i++) {
		smb_open_nth(r, 0);
		smb_opened(r, spellings[i], FILE_ID);
		smb_bound(r, FILE_ID);
		assert_bound(r, "\\PIPE\\lsarpc");
		smb_close_nth(r, 0);
		obs_queue_reset(r->queue);
	}
}

static void
test_a_pipe_whose_opening_was_not_seen(void **state)
{
	struct smb_rig *r = *state;

	r->ends.client = -1;
	smb_open_nth(r, 0);
	smb_bound(r, FILE_ID);
	assert_bound(r, NULL);
}

/* Without the bind the pipe's name tells whose answer it is. */
static void
test_the_mapper_is_known_by_its_pipe(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "EpMapper", FILE_ID);
	smb_feed(r, CLIENT, smb_read(r, 11, FILE_ID));
	smb_feed(
	    r, SERVER, smb_read_answer(r, 11, 0, golden_map_answer, sizeof(golden_map_answer)));
	assert_int_equal(smb_count(r), 1);
	assert_int_equal(smb_obs(r, 0)->kind, OBS_EPM);
}

static void
test_files_of_a_disk_are_no_pipes(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;

	smb_open_nth(r, 0);
	smb_feed(r, SERVER, smb_tree(r, DISK_TREE, 1));
	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_WRITE, .id = 10, .tree = DISK_TREE});
	smb2_write_body(m, FILE_ID, golden_bind, sizeof(golden_bind));
	nbss_end(m);
	smb_feed(r, CLIENT, m);
	smb_close_nth(r, 0);
	assert_int_equal(smb_count(r), 0);
}

static void
test_a_file_that_does_not_begin_as_a_pdu_is_no_pipe(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_feed(r, CLIENT, smb_write(r, 9, FILE_ID, "GET /index.html HTTP/1.0", 24));
	assert_false(smb_carrier.ops->is_rpc(r->smb[0]));
	assert_int_equal(smb_count(r), 0);
	assert_int_equal(r->stats.rpc.pdus, 0);
}

static void
test_an_open_that_fails_opens_nothing(void **state)
{
	struct smb_rig *r = *state;
	size_t empty;

	smb_open_nth(r, 0);
	empty = r->budget.used;
	smb_feed(r, CLIENT, smb_create(r, 3, "nosuch"));
	assert_true(r->budget.used > empty);
	smb_feed(r, SERVER, smb_status(r, SMB2_CREATE, 3, SMB_NOT_FOUND, false));
	assert_int_equal(r->budget.used, empty);
}

/* A bind without an answer is told when the pipe is closed, not when the connection ends. */
static void
test_close_ends_the_conversation(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed(r, CLIENT, smb_write(r, 10, FILE_ID, golden_bind, sizeof(golden_bind)));
	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_CLOSE, .id = 11});
	smb2_close_body(m, FILE_ID);
	nbss_end(m);
	smb_feed(r, CLIENT, m);
	assert_int_equal(smb_count(r), 0);
	smb_feed(r, SERVER, smb_status(r, SMB2_CLOSE, 11, 0, false));
	assert_int_equal(smb_count(r), 1);
	assert_int_equal(smb_bind(r, 0)->bind.outcome, BIND_UNANSWERED);
}

/* Two pipes at once: what goes through one does not come out of the other. */
static void
test_pipes_are_kept_apart(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_feed(r, CLIENT, smb_create(r, 3, "epmapper"));
	smb_feed(r, CLIENT, smb_create(r, 4, "lsarpc"));
	smb_feed(r, SERVER, smb_created(r, 4, FILE_ID + 1));
	smb_feed(r, SERVER, smb_created(r, 3, FILE_ID));
	smb_feed(r, CLIENT, smb_write(r, 5, FILE_ID, golden_bind, sizeof(golden_bind)));
	smb_feed(
	    r, CLIENT, smb_write(r, 6, FILE_ID + 1, golden_bind_store, sizeof(golden_bind_store)));
	smb_feed(r, CLIENT, smb_read(r, 7, FILE_ID));
	smb_feed(r, CLIENT, smb_read(r, 8, FILE_ID + 1));
	smb_feed(r, SERVER,
	    smb_read_answer(r, 8, 0, golden_bind_store_ack, sizeof(golden_bind_store_ack)));
	smb_feed(r, SERVER, smb_read_answer(r, 7, 0, golden_bind_ack, sizeof(golden_bind_ack)));
	assert_int_equal(smb_count(r), 2);
	assert_string_equal(smb_bind(r, 0)->pipe, "\\PIPE\\lsarpc");
	assert_string_equal(smb_bind(r, 1)->pipe, "\\PIPE\\epmapper");
	assert_int_equal(r->stats.rpc.malformed, 0);
}

/* Opened and written on one connection of a session, read on another. */
static void
test_trap_one_file_over_several_connections(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	r->ends.side[CLIENT].port = 40001;
	smb_open_nth(r, 1);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed(r, CLIENT, smb_write(r, 10, FILE_ID, golden_bind, sizeof(golden_bind)));
	smb_feed_to(r, 1, CLIENT, smb_read(r, 11, FILE_ID));
	smb_feed_to(
	    r, 1, SERVER, smb_read_answer(r, 11, 0, golden_bind_ack, sizeof(golden_bind_ack)));
	assert_bound(r, "\\PIPE\\epmapper");
}

/* The same numbers at another server, or in another session, are another file. */
static void
test_files_of_other_sessions_are_others(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	r->ends.side[SERVER].addr = addr_from_v4((const uint8_t[]){10, 0, 0, 3});
	smb_open_nth(r, 1);
	smb_feed_to(r, 1, CLIENT, smb_write(r, 10, FILE_ID, golden_bind, sizeof(golden_bind)));
	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_WRITE, .id = 10, .session = 99});
	smb2_write_body(m, FILE_ID, golden_bind, sizeof(golden_bind));
	nbss_end(m);
	smb_feed(r, CLIENT, m);
	smb_close_nth(r, 1);
	smb_close_nth(r, 0);
	assert_int_equal(smb_count(r), 2);
	assert_null(smb_bind(r, 0)->pipe);
	assert_null(smb_bind(r, 1)->pipe);
}

/* A connection ends, and its pipe with it, while the other one still speaks of it. */
static void
test_a_shared_pipe_ends_with_its_connection(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_open_nth(r, 1);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed_to(r, 1, CLIENT, smb_write(r, 10, FILE_ID, golden_bind, 30));
	smb_close_nth(r, 0);
	smb_feed_to(r, 1, CLIENT, smb_write(r, 11, FILE_ID, golden_bind, sizeof(golden_bind)));
	smb_close_nth(r, 1);
	assert_int_equal(smb_count(r), 1);
	assert_null(smb_bind(r, 0)->pipe);
}

/* A server closes and numbers anew: the pipe that had the number has ended. */
static void
test_a_number_may_be_used_again(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed(r, CLIENT, smb_write(r, 10, FILE_ID, golden_bind, sizeof(golden_bind)));
	smb_opened(r, "lsarpc", FILE_ID);
	assert_int_equal(smb_count(r), 1);
	assert_int_equal(smb_bind(r, 0)->bind.outcome, BIND_UNANSWERED);
	obs_queue_reset(r->queue);
	smb_bound(r, FILE_ID);
	assert_bound(r, "\\PIPE\\lsarpc");
}

static void
test_other_control_codes_carry_nothing(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_IOCTL, .id = 12});
	smb2_ioctl_body(m, 0x00060194, FILE_ID, golden_bind, sizeof(golden_bind));
	nbss_end(m);
	smb_feed(r, CLIENT, m);
	smb_close_nth(r, 0);
	assert_int_equal(smb_count(r), 0);
}

/* Encrypted and compressed messages are passed over and counted, and said of the server at the end. */
static void
test_sealed_messages_are_counted(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	const struct obs *obs;

	smb_open_nth(r, 0);
	for (int i = 0; i < 3; i++) {
		nbss_begin(m);
		msg_bytes(m, i < 2 ? "\xfdSMB" : "\xfcSMB", 4);
		msg_fill(m, 0xee, 2000);
		nbss_end(m);
		smb_feed(r, i % 2, m);
	}
	smb_bound(r, FILE_ID);
	smb_close_nth(r, 0);
	assert_int_equal(smb_count(r), 2);
	obs = smb_obs(r, 1);
	assert_int_equal(obs->kind, OBS_SEALED);
	assert_int_equal(obs->sealed.calls, 3);
	assert_memory_equal(&obs->server, &r->ends.side[SERVER].addr, sizeof(obs->server));
	assert_int_equal(r->stats.rpc.sealed, 3);
}

static void
test_sealed_messages_are_said_once_a_minute(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct patience patience = {.answer_ns = NS_PER_S, .hole_ns = NS_PER_S};

	smb_open_nth(r, 0);
	nbss_begin(m);
	msg_bytes(m, "\xfdSMB", 4);
	nbss_end(m);
	smb_feed(r, CLIENT, m);
	patience.now_ns = r->now.ts_ns + 59 * NS_PER_S;
	smb_carrier.ops->expire(r->smb[0], &patience);
	assert_int_equal(smb_count(r), 0);
	patience.now_ns += 2 * NS_PER_S;
	smb_carrier.ops->expire(r->smb[0], &patience);
	smb_carrier.ops->expire(r->smb[0], &patience);
	assert_int_equal(smb_count(r), 1);
	assert_int_equal(smb_obs(r, 0)->sealed.calls, 1);
}

/* A challenge in the answer to SESSION_SETUP names the server. */
static void
test_the_challenge_names_the_server(void **state)
{
	static const uint8_t challenge[] =
	    "NTLMSSP\0\2\0\0\0"
	    "\0\0\0\0\x38\0\0\0\x15\x82\x8a\x62" /* no target name; flags */
	    "\1\2\3\4\5\6\7\10\0\0\0\0\0\0\0\0"
	    "\x16\0\x16\0\x38\0\0\0\xa\0\0\0\0\0\0\xf"
	    "\x03\0\x0e\0d\0c\0.\0l\0a\0b\0.\0"
	    "\0\0\0\0";
	struct smb_rig *r = *state;
	struct message *m = &r->message;

	smb_open_nth(r, 0);
	nbss_begin(m);
	smb2_begin(m,
	    &(struct head2){
		.command = SMB2_SETUP, .response = true, .id = 1, .status = SMB_MORE_PROCESSING});
	msg_u16(m, 9);
	msg_u16(m, 0);
	msg_u16(m, 72);
	msg_u16(m, sizeof(challenge) - 1);
	msg_bytes(m, challenge, sizeof(challenge) - 1);
	nbss_end(m);
	smb_feed(r, SERVER, m);
	assert_int_equal(smb_count(r), 1);
	assert_int_equal(smb_obs(r, 0)->kind, OBS_NAMES);
	assert_string_equal(smb_obs(r, 0)->names.host, "dc.lab.");
}

static void
test_what_waits_is_bounded(void **state)
{
	struct smb_rig *r = *state;
	size_t used;

	smb_open_nth(r, 0);
	for (unsigned i = 0; i < PIPES_OPEN + 50; i++)
		smb_feed(r, CLIENT, smb_create(r, 100 + i, "epmapper"));
	used = r->budget.used;
	assert_int_equal(r->stats.capped, 50);
	for (unsigned i = 0; i < 1000; i++) {
		smb_feed(r, CLIENT, smb_create(r, 10000 + i, "epmapper"));
		smb_feed(r, CLIENT, smb_read(r, 20000 + i, i));
		smb_feed(r, SERVER, smb_tree(r, 500 + i, i % 2 ? 1 : 2));
	}
	assert_int_equal(r->budget.used, used);
}

static size_t
count_acknowledged(const struct smb_rig *r)
{
	size_t n = 0;

	for (size_t i = 0; i < smb_count(r); i++)
		n += smb_obs(r, i)->kind == OBS_BIND &&
		     smb_obs(r, i)->bind.outcome == BIND_ACKNOWLEDGED;
	return n;
}

/* Thousands of answered requests do not push out one that waits for long. */
static void
test_a_request_may_wait_for_long(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed(r, CLIENT, smb_write(r, 5, FILE_ID, golden_bind, sizeof(golden_bind)));
	smb_feed(r, CLIENT, smb_read(r, 6, FILE_ID));
	for (unsigned i = 0; i < 3 * SMB_WAITING; i++) {
		smb_feed(r, CLIENT, smb_read(r, 100 + i, FILE_ID + 9));
		smb_feed(r, SERVER, smb_status(r, SMB2_READ, 100 + i, SMB_NOT_FOUND, false));
	}
	smb_feed(r, SERVER, smb_read_answer(r, 6, 0, golden_bind_ack, sizeof(golden_bind_ack)));
	assert_bound(r, "\\PIPE\\epmapper");
}

/* Met in the middle, with nothing in clear: the port tells whose the sealed messages are. */
static void
test_sealed_messages_are_their_servers(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;

	r->ends.client = -1;
	smb_open_nth(r, 0);
	nbss_begin(m);
	msg_bytes(m, "\xfdSMB", 4);
	nbss_end(m);
	smb_feed(r, SERVER, m);
	smb_close_nth(r, 0);
	assert_int_equal(smb_count(r), 1);
	assert_memory_equal(
	    &smb_obs(r, 0)->server, &r->ends.side[SERVER].addr, sizeof(struct addr));
}

/* The answer to a request that was lost is no part of what was read before. */
static void
test_an_answer_to_a_lost_request_leaves_a_hole(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed(r, CLIENT, smb_write(r, 5, FILE_ID, golden_bind, sizeof(golden_bind)));
	smb_feed(r, CLIENT, smb_read(r, 6, FILE_ID));
	smb_feed(r, SERVER, smb_read_answer(r, 6, SMB_OVERFLOW, golden_bind_ack, 30));
	smb_feed(r, SERVER,
	    smb_read_answer(r, 7, 0, golden_bind_ack + 30, sizeof(golden_bind_ack) - 30));
	smb_bound(r, FILE_ID);
	assert_int_equal(count_acknowledged(r), 1);
	assert_int_equal(r->stats.rpc.malformed, 0);
}

/* Messages of a megabyte go by without being kept. */
static void
test_bulk_is_not_kept(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	static uint8_t bulk[65536];
	size_t idle;

	smb_open_nth(r, 0);
	idle = r->budget.used;
	r->piece = 1460;
	smb_feed(r, CLIENT, smb_read(r, 11, FILE_ID));
	memset(bulk, 5, sizeof(bulk));
	nbss_begin(m);
	smb2_begin(m, &(struct head2){.command = SMB2_READ, .response = true, .id = 11});
	smb2_data_body(m, bulk, 0);
	smb_patch(m, NBSS + 68, 1 << 20, 4);
	nbss_end(m);
	m->octets[1] = 0x10;
	m->octets[2] = 0;
	m->octets[3] = 80;
	smb_feed(r, SERVER, m);
	for (int i = 0; i < 16; i++)
		smb_feed_exact(r, 0, SERVER, bulk, sizeof(bulk));
	assert_true(r->most - idle <= 8192);
	smb_feed(r, CLIENT, smb_create(r, 30, "epmapper"));
	smb_feed(r, SERVER, smb_created(r, 30, FILE_ID));
	smb_bound(r, FILE_ID);
	assert_bound(r, "\\PIPE\\epmapper");
}

/* A hole that ends with a message, wherever it begins, costs that message and nothing else. */
static void
test_holes_in_requests(void **state)
{
	struct smb_rig *r = *state;
	size_t len = smb_write(r, 5, FILE_ID, golden_bind, sizeof(golden_bind))->len;

	for (size_t cut = NBSS; cut < len; cut++) {
		smb_open_nth(r, 0);
		smb_opened(r, "epmapper", FILE_ID);
		smb_write(r, 5, FILE_ID, golden_bind, sizeof(golden_bind));
		smb_feed_exact(r, 0, CLIENT, r->message.octets, cut);
		smb_carrier.ops->gap(r->smb[0], CLIENT, (uint32_t)(len - cut));
		smb_bound(r, FILE_ID);
		assert_int_equal(count_acknowledged(r), 1);
		smb_close_nth(r, 0);
		obs_queue_reset(r->queue);
	}
}

static void
test_a_hole_in_an_answer(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed(r, CLIENT, smb_write(r, 5, FILE_ID, golden_bind, sizeof(golden_bind)));
	smb_feed(r, CLIENT, smb_read(r, 6, FILE_ID));
	smb_read_answer(r, 6, 0, golden_bind_ack, sizeof(golden_bind_ack));
	smb_feed_exact(r, 0, SERVER, r->message.octets, 100);
	smb_carrier.ops->gap(r->smb[0], SERVER, (uint32_t)r->message.len - 100);
	smb_feed(
	    r, CLIENT, smb_ioctl(r, 7, FILE_ID, golden_map_request, sizeof(golden_map_request)));
	smb_feed(r, SERVER,
	    smb_ioctl_answer(r, 7, 0, FILE_ID, golden_map_answer, sizeof(golden_map_answer)));
	smb_close_nth(r, 0);
	assert_int_equal(smb_count(r), 3);
	assert_int_equal(smb_obs(r, 0)->kind, OBS_USE); /* who answers has accepted */
	assert_int_equal(smb_obs(r, 1)->kind, OBS_EPM);
	assert_int_equal(smb_bind(r, 2)->bind.outcome, BIND_UNANSWERED);
}

/* After a hole that nobody can measure the next message is found, in the middle of a segment too. */
static void
test_the_next_message_is_found(void **state)
{
	struct smb_rig *r = *state;
	struct message m = {0};

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed_exact(r, 0, CLIENT, (const uint8_t *)"\0\0\xff\0\xfeSM", 7);
	smb_carrier.ops->gap(r->smb[0], CLIENT, 1000000);
	nbss_begin(&m);
	m.len = 0;
	msg_bytes(&m, "rest of something \0\0\0", 21);
	smb_write(r, 10, FILE_ID, golden_bind, sizeof(golden_bind));
	msg_bytes(&m, r->message.octets, r->message.len);
	smb_feed(r, CLIENT, &m);
	smb_feed(r, CLIENT, smb_read(r, 11, FILE_ID));
	smb_feed(r, SERVER, smb_read_answer(r, 11, 0, golden_bind_ack, sizeof(golden_bind_ack)));
	assert_bound(r, "\\PIPE\\epmapper");
	assert_int_equal(r->stats.rpc.resync, 1);
}

/* Half of a bind was written when something was missed: what comes then begins anew. */
static void
test_what_was_begun_before_a_loss_is_dropped(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed(r, CLIENT, smb_write(r, 5, FILE_ID, golden_bind, 40));
	smb_carrier.ops->gap(r->smb[0], CLIENT, 1000000);
	smb_bound(r, FILE_ID);
	assert_bound(r, "\\PIPE\\epmapper");
}

/* Whether a question was missed is known no more once its side's bytes are in doubt. */
static void
test_doubt_reaches_the_pipes(void **state)
{
	struct smb_rig *r = *state;

	for (int doubt = 0; doubt < 2; doubt++) {
		smb_open_nth(r, 0);
		smb_opened(r, "epmapper", FILE_ID);
		smb_bound(r, FILE_ID);
		if (doubt)
			smb_carrier.ops->doubt(r->smb[0], CLIENT);
		smb_feed(r, CLIENT, smb_read(r, 20, FILE_ID));
		smb_feed(r, SERVER,
		    smb_read_answer(r, 20, 0, golden_map_answer, sizeof(golden_map_answer)));
		assert_int_equal(smb_obs(r, 1)->epm.question.side_visible, !doubt);
		smb_close_nth(r, 0);
		obs_queue_reset(r->queue);
	}
}

static void
test_patience_reaches_the_pipes(void **state)
{
	struct smb_rig *r = *state;
	struct patience patience = {.answer_ns = NS_PER_S, .hole_ns = NS_PER_S};

	smb_open_nth(r, 0);
	smb_opened(r, "lsarpc", FILE_ID + 1); /* nothing goes through it */
	smb_opened(r, "epmapper", FILE_ID);
	smb_feed(r, CLIENT, smb_write(r, 5, FILE_ID, golden_bind, sizeof(golden_bind)));
	patience.now_ns = r->now.ts_ns + 2 * NS_PER_S;
	smb_carrier.ops->doubt(r->smb[0], CLIENT);
	smb_carrier.ops->expire(r->smb[0], &patience);
	assert_int_equal(smb_count(r), 1);
	assert_int_equal(smb_bind(r, 0)->bind.outcome, BIND_UNANSWERED);
}

/* At the end each pipe says what was never answered, in the order in which they were opened. */
static void
test_the_end_is_told_in_order(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "lsarpc", FILE_ID);
	smb_opened(r, "samr", FILE_ID + 1);
	smb_feed(r, CLIENT, smb_write(r, 5, FILE_ID, golden_bind, sizeof(golden_bind)));
	smb_feed(r, CLIENT, smb_write(r, 6, FILE_ID + 1, golden_bind, sizeof(golden_bind)));
	smb_close_nth(r, 0);
	assert_int_equal(smb_count(r), 2);
	assert_string_equal(smb_bind(r, 0)->pipe, "\\PIPE\\lsarpc");
	assert_string_equal(smb_bind(r, 1)->pipe, "\\PIPE\\samr");
}

/* Something that could be a PDU went through, and proves nothing yet. */
static void
test_what_is_not_proved_is_not_rpc(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "samr", FILE_ID);
	smb_feed(
	    r, CLIENT, smb_write(r, 5, FILE_ID, golden_map_request, sizeof(golden_map_request)));
	assert_false(smb_carrier.ops->is_rpc(r->smb[0]));
}

static void
test_a_pipe_without_room_for_its_conversation(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	smb_opened(r, "samr", FILE_ID);
	r->budget.cap = r->budget.used + 300;
	smb_feed(r, CLIENT, smb_write(r, 5, FILE_ID, golden_bind, sizeof(golden_bind)));
	assert_int_equal(r->stats.capped, 1);
	r->budget.cap = (size_t)1 << 20;
	smb_bound(r, FILE_ID);
	assert_bound(r, "\\PIPE\\samr");
}

static void
test_what_is_no_smb_is_hopeless(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	assert_false(smb_carrier.ops->is_hopeless(r->smb[0], false));
	assert_true(smb_carrier.ops->is_hopeless(r->smb[0], true));
	smb_feed_exact(r, 0, CLIENT, (const uint8_t *)"\0\0\0\x40\xfeSMX", 8);
	assert_true(smb_carrier.ops->is_hopeless(r->smb[0], false));
	smb_close_nth(r, 0);
	smb_open_nth(r, 0);
	smb_feed_exact(r, 0, CLIENT, (const uint8_t *)"\0\0\0\x40\xfeSMB", 8);
	assert_false(smb_carrier.ops->is_hopeless(r->smb[0], true));
}

static void
test_what_it_begins_with(void **state)
{
	static const uint8_t smb2[] = "\0\0\0\x40\xfeSMB", request[] = "\x81\0\0\x44 CK",
			     rpc[] = "\5\0\x0b\3\x10\0\0\0", other[] = "\0\0\0\x40GET ";
	struct smb_rig *r = *state;

	assert_true(smb_carrier.begins(&r->ends, smb2, 8));
	assert_true(smb_carrier.begins(&r->ends, smb2, 1));
	assert_true(smb_carrier.begins(&r->ends, request, 7));
	assert_false(smb_carrier.begins(&r->ends, rpc, 8));
	assert_false(smb_carrier.begins(&r->ends, other, 8));
	r->ends.side[SERVER].port = 4445;
	assert_true(smb_carrier.begins(&r->ends, smb2, 8));
	assert_false(smb_carrier.begins(&r->ends, smb2, 7));
	assert_false(smb_carrier.begins(&r->ends, request, 7));
	r->ends.side[SERVER].port = 139;
	assert_true(smb_carrier.begins(&r->ends, request, 7));
	r->env.no_smb = true;
	assert_false(smb_carrier.begins(&r->ends, smb2, 8));
}

static void
test_without_memory_nothing_is_kept(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	r->budget.cap = r->budget.used;
	smb_opened(r, "epmapper", FILE_ID);
	smb_bound(r, FILE_ID);
	assert_int_equal(smb_count(r), 0);
	assert_true(r->stats.capped > 0);
}

/* SMB 1. */

static void
put1(struct smb_rig *r, int from, void (*build)(struct message *, struct head1 *, unsigned),
    unsigned id, unsigned fid)
{
	struct message *m = &r->message;
	struct head1 h = {.id = id};

	nbss_begin(m);
	build(m, &h, fid);
	nbss_end(m);
	smb_feed(r, from, m);
}

static void
opened1(struct smb_rig *r, const char *name, bool unicode)
{
	struct message *m = &r->message;
	struct head1 h = {.id = 1, .unicode = unicode};

	nbss_begin(m);
	smb1_create(m, &h, name);
	nbss_end(m);
	smb_feed(r, CLIENT, m);
	put1(r, SERVER, smb1_created, 1, 0x4001);
}

static void
write1(struct smb_rig *r, unsigned mode, const void *data, size_t len)
{
	struct message *m = &r->message;
	struct head1 h = {.id = 2};

	nbss_begin(m);
	smb1_write(m, &h, 0x4001, mode, data, len);
	nbss_end(m);
	smb_feed(r, CLIENT, m);
}

static void
answer1(struct smb_rig *r, uint32_t status, bool dos, const void *data, size_t len)
{
	struct message *m = &r->message;
	struct head1 h = {.id = 3, .status = status, .dos = dos};

	put1(r, CLIENT, smb1_read, 3, 0x4001);
	nbss_begin(m);
	smb1_data(m, &h, data, len);
	nbss_end(m);
	smb_feed(r, SERVER, m);
}

static void
test_smb1_write_and_read(void **state)
{
	struct smb_rig *r = *state;

	for (int unicode = 0; unicode < 2; unicode++) {
		smb_open_nth(r, 0);
		opened1(r, "\\epmapper", unicode != 0);
		write1(r, 0, golden_bind, sizeof(golden_bind));
		answer1(r, 0, false, golden_bind_ack, sizeof(golden_bind_ack));
		assert_bound(r, "\\PIPE\\epmapper");
		smb_close_nth(r, 0);
		obs_queue_reset(r->queue);
	}
}

/* In raw mode, at a message's start, two octets of length come first. */
static void
test_smb1_raw_mode(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	opened1(r, "\\epmapper", false);
	write1(r, 0x000c, golden_bind, sizeof(golden_bind));
	answer1(r, 0, false, golden_bind_ack, sizeof(golden_bind_ack));
	assert_bound(r, "\\PIPE\\epmapper");
}

static void
test_smb1_answer_in_parts(void **state)
{
	struct smb_rig *r = *state;

	for (int dos = 0; dos < 2; dos++) {
		smb_open_nth(r, 0);
		opened1(r, "\\epmapper", false);
		write1(r, 0, golden_bind, sizeof(golden_bind));
		answer1(r, dos ? 0x00ea0001u : SMB_OVERFLOW, dos != 0, golden_bind_ack, 30);
		answer1(r, 0, false, golden_bind_ack + 30, sizeof(golden_bind_ack) - 30);
		assert_bound(r, "\\PIPE\\epmapper");
		smb_close_nth(r, 0);
		obs_queue_reset(r->queue);
	}
}

static void
transact1(struct smb_rig *r, unsigned function, const void *data, size_t len)
{
	struct message *m = &r->message;
	struct head1 h = {.id = 9};

	nbss_begin(m);
	smb1_transact(m, &h, function, 0x4001, data, len);
	nbss_end(m);
	smb_feed(r, CLIENT, m);
}

static void
transacted1(struct smb_rig *r, const void *data, size_t len)
{
	struct message *m = &r->message;
	struct head1 h = {.id = 9};

	nbss_begin(m);
	smb1_transacted(m, &h, data, len);
	nbss_end(m);
	smb_feed(r, SERVER, m);
}

static void
test_smb1_transaction(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	opened1(r, "\\epmapper", true);
	transact1(r, 0x26, golden_bind, sizeof(golden_bind));
	transacted1(r, golden_bind_ack, 40);
	transacted1(r, golden_bind_ack + 40, sizeof(golden_bind_ack) - 40); /* in parts */
	assert_bound(r, "\\PIPE\\epmapper");
}

static void
test_smb1_other_transactions_carry_nothing(void **state)
{
	struct smb_rig *r = *state;

	smb_open_nth(r, 0);
	opened1(r, "\\epmapper", true);
	transact1(r, 0x53, golden_bind, sizeof(golden_bind));
	transacted1(r, golden_bind_ack, sizeof(golden_bind_ack));
	smb_close_nth(r, 0);
	assert_int_equal(smb_count(r), 0);
}

/* A number of SMB 1 means something on its own connection alone. */
static void
test_smb1_files_are_not_shared(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct head1 h = {.id = 2};

	smb_open_nth(r, 0);
	smb_open_nth(r, 1);
	opened1(r, "\\epmapper", false);
	nbss_begin(m);
	smb1_write(m, &h, 0x4001, 0, golden_bind, sizeof(golden_bind));
	nbss_end(m);
	smb_feed_to(r, 1, CLIENT, m);
	smb_close_nth(r, 1);
	assert_int_equal(smb_count(r), 1);
	assert_null(smb_bind(r, 0)->pipe);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, smb_setup, smb_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_bind_by_write_and_read),
	    CASE(test_pieces_change_nothing),
	    CASE(test_the_mapper_answers_through_a_pipe),
	    CASE(test_an_answer_in_parts),
	    CASE(test_a_compound_from_create_on),
	    CASE(test_names_are_made_one),
	    CASE(test_a_pipe_whose_opening_was_not_seen),
	    CASE(test_the_mapper_is_known_by_its_pipe),
	    CASE(test_files_of_a_disk_are_no_pipes),
	    CASE(test_a_file_that_does_not_begin_as_a_pdu_is_no_pipe),
	    CASE(test_an_open_that_fails_opens_nothing),
	    CASE(test_close_ends_the_conversation),
	    CASE(test_pipes_are_kept_apart),
	    CASE(test_trap_one_file_over_several_connections),
	    CASE(test_files_of_other_sessions_are_others),
	    CASE(test_a_shared_pipe_ends_with_its_connection),
	    CASE(test_a_number_may_be_used_again),
	    CASE(test_other_control_codes_carry_nothing),
	    CASE(test_sealed_messages_are_counted),
	    CASE(test_sealed_messages_are_said_once_a_minute),
	    CASE(test_the_challenge_names_the_server),
	    CASE(test_what_waits_is_bounded),
	    CASE(test_a_request_may_wait_for_long),
	    CASE(test_sealed_messages_are_their_servers),
	    CASE(test_an_answer_to_a_lost_request_leaves_a_hole),
	    CASE(test_bulk_is_not_kept),
	    CASE(test_holes_in_requests),
	    CASE(test_a_hole_in_an_answer),
	    CASE(test_the_next_message_is_found),
	    CASE(test_what_was_begun_before_a_loss_is_dropped),
	    CASE(test_doubt_reaches_the_pipes),
	    CASE(test_patience_reaches_the_pipes),
	    CASE(test_the_end_is_told_in_order),
	    CASE(test_what_is_not_proved_is_not_rpc),
	    CASE(test_a_pipe_without_room_for_its_conversation),
	    CASE(test_what_is_no_smb_is_hopeless),
	    CASE(test_what_it_begins_with),
	    CASE(test_without_memory_nothing_is_kept),
	    CASE(test_smb1_write_and_read),
	    CASE(test_smb1_raw_mode),
	    CASE(test_smb1_answer_in_parts),
	    CASE(test_smb1_transaction),
	    CASE(test_smb1_other_transactions_carry_nothing),
	    CASE(test_smb1_files_are_not_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
