/* test_smb1.c - commands of SMB 1: how much of each is needed, and what is read of it. */
#include "smb_rig.h"

#include "dissect/smb1.h"

/* The message in ${m}, behind the four octets of the session service, in memory of exactly ${len} octets. */
static size_t
parse(const struct message *m, size_t len, struct smb_message out[SMB1_COMMANDS], bool *broken)
{
	static uint8_t *exact; /* what ${out} borrows lives until the next call */

	free(exact);
	exact = malloc(len + (len == 0));
	assert_non_null(exact);
	memcpy(exact, m->octets + NBSS, len);
	return smb1_parse(exact, len, out, broken);
}

static size_t
size_of(const struct message *m)
{
	return m->len - NBSS;
}

static size_t
extent(const struct message *m)
{
	size_t have = 33, need;

	while ((need = smb1_extent(m->octets + NBSS, have, size_of(m))) > have)
		have = need;
	return need;
}

/* The one command of the message, read from as much as is needed. */
static const struct smb_message *
only(const struct message *m)
{
	static struct smb_message out[SMB1_COMMANDS];
	bool broken;

	assert_int_equal(parse(m, extent(m), out, &broken), 1);
	assert_false(broken);
	assert_false(out[0].related);
	return out;
}

static void
test_opens(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	const struct smb_message *out;

	for (int unicode = 0; unicode < 2; unicode++) {
		struct head1 h = {.id = 9, .unicode = unicode != 0};

		nbss_begin(m);
		smb1_create(m, &h, "\\samr");
		out = only(m);
		assert_int_equal(out->kind, SMB_OPEN);
		assert_int_equal(out->wide, unicode);
		assert_memory_equal(
		    out->text, unicode ? "\\\0s\0a\0m\0r" : "\\samr", unicode ? 9 : 5);
		assert_int_equal(out->id, UINT64_C(0xbeef) << 16 | 9);
		assert_int_equal(out->tree, TREE);
	}
	nbss_begin(m);
	smb1_created(m, &(struct head1){.id = 9}, 0x1234);
	out = only(m);
	assert_true(out->response && out->file_known);
	assert_int_equal(out->file.octets[0], 0x34);
	assert_int_equal(out->file.octets[1], 0x12);
}

/* OPEN_ANDX, of old clients: name in the bytes, number at the first word. */
static void
test_open_andx(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct head1 h = {.command = 0x2d, .id = 9};
	const struct smb_message *out;

	nbss_begin(m);
	smb1_begin(m, &h, 15);
	smb1_andx(m);
	msg_fill(m, 0, 26);
	msg_u16(m, 11);
	msg_bytes(m, "\\PIPE\\lsas", 11);
	out = only(m);
	assert_int_equal(out->kind, SMB_OPEN);
	assert_memory_equal(out->text, "\\PIPE\\lsas", 11);
	h.response = true;
	nbss_begin(m);
	smb1_begin(m, &h, 15);
	smb1_andx(m);
	msg_u16(m, 0x4321);
	msg_fill(m, 0, 24);
	msg_u16(m, 0);
	assert_int_equal(only(m)->file.octets[1], 0x43);
}

static void
test_transfers(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	const struct smb_message *out;

	nbss_begin(m);
	smb1_write(m, &(struct head1){.id = 9}, 0x4001, 0, "abcdef", 6);
	out = only(m);
	assert_int_equal(out->kind, SMB_WRITE);
	assert_int_equal(out->data_at, 64);
	assert_int_equal(out->data_len, 6);
	assert_true(extent(m) < 70);

	nbss_begin(m);
	smb1_write(m, &(struct head1){.id = 9}, 0x4001, 0x000c, "abcdef", 6);
	out = only(m);
	assert_int_equal(out->data_at, 66);
	assert_int_equal(out->data_len, 6);

	/* only both flags together mean a length in front; which may be longer than what there is */
	nbss_begin(m);
	smb1_write(m, &(struct head1){.id = 9}, 0x4001, 0x0008, "abcdef", 6);
	assert_int_equal(only(m)->data_at, 64);
	nbss_begin(m);
	smb1_write(m, &(struct head1){.id = 9}, 0x4001, 0x0004, "abcdef", 6);
	assert_int_equal(only(m)->data_at, 64);
	nbss_begin(m);
	smb1_write(m, &(struct head1){.id = 9}, 0x4001, 0x000c, "", 0);
	smb_patch(m, NBSS + 53, 1, 2);
	assert_int_equal(only(m)->data_len, 0);

	nbss_begin(m);
	smb1_read(m, &(struct head1){.id = 9}, 0x4002);
	assert_int_equal(only(m)->file.octets[0], 2);

	nbss_begin(m);
	smb1_data(m, &(struct head1){.id = 9}, "abcdef", 6);
	out = only(m);
	assert_int_equal(out->kind, SMB_READ);
	assert_int_equal(out->data_at, 60);
	assert_int_equal(out->data_len, 6);

	nbss_begin(m);
	smb1_transact(m, &(struct head1){.id = 9}, 0x26, 0x4001, "abcdef", 6);
	out = only(m);
	assert_int_equal(out->kind, SMB_TRANSACT);
	assert_int_equal(out->data_at, 84);
	assert_int_equal(out->data_len, 6);
	assert_int_equal(out->file.octets[0], 1);
	nbss_begin(m);
	smb1_transact(m, &(struct head1){.id = 9}, 0x53, 0x4001, "abcdef", 6);
	assert_int_equal(only(m)->kind, SMB_OTHER);

	nbss_begin(m);
	smb1_transacted(m, &(struct head1){.id = 9}, "abcdef", 6);
	out = only(m);
	assert_int_equal(out->data_at, 56);
	assert_int_equal(out->data_len, 6);
}

/* CLOSE, and the later part of a transaction. */
static void
test_the_rest(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct head1 h = {.command = 0x04, .id = 9};
	const struct smb_message *out;

	nbss_begin(m);
	smb1_begin(m, &h, 3);
	msg_u16(m, 0x4003);
	msg_u32(m, 0);
	msg_u16(m, 0);
	out = only(m);
	assert_int_equal(out->kind, SMB_CLOSE);
	assert_int_equal(out->file.octets[0], 3);
	assert_int_equal(out->session, 0x40);

	h = (struct head1){.command = 0x26, .id = 9};
	nbss_begin(m);
	smb1_begin(m, &h, 8);
	msg_fill(m, 0, 10);
	msg_u16(m, 6);
	msg_u16(m, 52);
	msg_u16(m, 0);
	msg_u16(m, 7);
	msg_bytes(m, "\0abcdef", 7);
	out = only(m);
	assert_int_equal(out->kind, SMB_TRANSACT);
	assert_false(out->file_known);
	assert_memory_equal(m->octets + NBSS + out->data_at, "abcdef", out->data_len);
	assert_int_equal(out->data_len, 6);
}

/* READ and WRITE of the first dialects: 1, length, data. */
static void
test_core_transfers(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct head1 h = {.command = 0x0b, .id = 9};
	const struct smb_message *out;

	nbss_begin(m);
	smb1_begin(m, &h, 5);
	msg_u16(m, 0x4001);
	msg_u16(m, 4);
	msg_fill(m, 0, 6);
	msg_u16(m, 7);
	msg_bytes(m, "\1\4\0abcd", 7);
	out = only(m);
	assert_int_equal(out->kind, SMB_WRITE);
	assert_int_equal(out->file.octets[1], 0x40);
	assert_int_equal(out->data_len, 4);
	assert_memory_equal(m->octets + NBSS + out->data_at, "abcd", 4);

	h = (struct head1){.command = 0x0a, .response = true, .id = 9};
	nbss_begin(m);
	smb1_begin(m, &h, 5);
	msg_u16(m, 4);
	msg_fill(m, 0, 8);
	msg_u16(m, 7);
	msg_bytes(m, "\1\4\0abcd", 7);
	out = only(m);
	assert_int_equal(out->kind, SMB_READ);
	assert_memory_equal(m->octets + NBSS + out->data_at, "abcd", 4);
}

/* SESSION_SETUP and TREE_CONNECT in one message. */
static void
chained(struct message *m, unsigned next_at)
{
	struct head1 h = {.command = 0x73, .response = true, .id = 9};

	nbss_begin(m);
	smb1_begin(m, &h, 3);
	msg_u8(m, 0x75);
	msg_u8(m, 0);
	msg_u16(m, next_at);
	msg_u16(m, 0);
	msg_u16(m, 4);
	msg_bytes(m, "Unix", 4);
	msg_u8(m, 3);
	smb1_andx(m);
	msg_u16(m, 0);
	msg_u16(m, 4);
	msg_bytes(m, "IPC", 4);
}

static void
test_chains(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out[SMB1_COMMANDS];
	bool broken;

	chained(m, 45);
	assert_int_equal(extent(m), size_of(m));
	assert_int_equal(parse(m, extent(m), out, &broken), 2);
	assert_false(broken);
	assert_int_equal(out[0].kind, SMB_LOGON);
	assert_int_equal(out[0].text_len, 4);
	assert_memory_equal(out[0].text, "Unix", 4);
	assert_int_equal(out[1].kind, SMB_TREE);
	assert_true(out[1].for_pipes && out[1].related);
}

/* No more than so many are read, and no count of bytes leads out of the message. */
static void
test_long_chains_and_counts(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out[SMB1_COMMANDS + 1];
	struct head1 h = {.command = 0x2e, .id = 9};
	bool broken;

	nbss_begin(m);
	smb1_begin(m, &h, 2);
	for (unsigned i = 0; i < 6; i++) {
		msg_u8(m, 0x2e);
		msg_u8(m, 0);
		msg_u16(m, (unsigned)size_of(m) + 4);
		msg_u16(m, 0);
		msg_u8(m, 2);
	}
	memset(out, 0x5a, sizeof(out));
	assert_int_equal(parse(m, size_of(m), out, &broken), SMB1_COMMANDS);
	assert_int_equal(out[SMB1_COMMANDS].id, UINT64_C(0x5a5a5a5a5a5a5a5a));
	chained(m, 45);
	smb_patch(m, NBSS + 39, 0xffff, 2);
	assert_int_equal(parse(m, size_of(m), out, &broken), 2);
	assert_int_equal(out[0].text_len, size_of(m) - 41);
}

/* A chain that leads back, or nowhere, ends there. */
static void
test_chains_that_lie(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out[SMB1_COMMANDS];
	bool broken;

	for (unsigned at = 0; at <= 32; at++) {
		chained(m, at);
		assert_int_equal(parse(m, size_of(m), out, &broken), 1);
		assert_true(broken);
	}
	chained(m, 0xffff);
	assert_int_equal(parse(m, size_of(m), out, &broken), 1);
	for (unsigned at = 33; at < size_of(m); at++) {
		chained(m, at);
		assert_in_range(parse(m, size_of(m), out, &broken), 1, SMB1_COMMANDS);
	}
}

static void
test_errors(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct head1 h = {.id = 9, .status = 0xc0000034};
	struct smb_message chain[SMB1_COMMANDS];
	bool broken;

	nbss_begin(m);
	smb1_created(m, &h, 0x1234);
	assert_true(only(m)->failed);
	assert_false(only(m)->file_known);
	nbss_begin(m);
	h.status = SMB_OVERFLOW;
	smb1_data(m, &h, "abc", 3);
	assert_false(only(m)->failed);
	nbss_begin(m);
	h.dos = true;
	smb1_data(m, &h, "abc", 3);
	assert_true(only(m)->failed);
	nbss_begin(m);
	h.status = 0x00050001; /* of the same class, another code */
	smb1_data(m, &h, "abc", 3);
	assert_true(only(m)->failed);
	nbss_begin(m);
	h.status = 0x00ea0002; /* the same code, of another class */
	smb1_data(m, &h, "abc", 3);
	assert_true(only(m)->failed);
	for (int more = 0; more < 2; more++) {
		chained(m, 45);
		smb_patch(m, NBSS + 5, more ? SMB_MORE_PROCESSING : SMB_NOT_FOUND, 4);
		assert_in_range(parse(m, size_of(m), chain, &broken), 1, 2);
		assert_int_equal(chain[0].failed, !more);
	}
	/* a transaction's first answer may only say that it may go on */
	nbss_begin(m);
	h = (struct head1){.command = 0x25, .response = true};
	smb1_begin(m, &h, 0);
	msg_u16(m, 0);
	assert_true(only(m)->interim);
}

static void
test_other_commands_do_not_matter(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	static const uint8_t known[] = {
	    0x04, 0x0a, 0x0b, 0x25, 0x26, 0x2d, 0x2e, 0x2f, 0x73, 0x75, 0xa2};

	for (unsigned command = 0; command < 256; command++) {
		struct head1 h = {.command = command};

		nbss_begin(m);
		smb1_begin(m, &h, 10);
		msg_fill(m, 0, 30);
		assert_int_equal(
		    extent(m) != 0, memchr(known, (int)command, sizeof(known)) != NULL);
	}
}

/* Any message cut anywhere: no more than is there is read. */
static void
test_cut_anywhere(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out[SMB1_COMMANDS];
	bool broken;

	for (int i = 0; i < 6; i++) {
		struct head1 h = {.id = 9, .unicode = true};

		nbss_begin(m);
		switch (i) {
		case 0:
			smb1_create(m, &h, "\\samr");
			break;
		case 1:
			smb1_created(m, &h, 1);
			break;
		case 2:
			smb1_write(m, &h, 1, 0x000c, "abc", 3);
			break;
		case 3:
			smb1_data(m, &h, "abc", 3);
			break;
		case 4:
			smb1_transact(m, &h, 0x26, 1, "abc", 3);
			break;
		default:
			chained(m, 45);
			break;
		}
		for (size_t len = 0; len <= size_of(m); len++) {
			size_t count = parse(m, len, out, &broken);

			assert_true(count <= 2);
			assert_true(broken || count > 0);
		}
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, smb_setup, smb_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_opens),
	    CASE(test_open_andx),
	    CASE(test_transfers),
	    CASE(test_the_rest),
	    CASE(test_core_transfers),
	    CASE(test_chains),
	    CASE(test_long_chains_and_counts),
	    CASE(test_chains_that_lie),
	    CASE(test_errors),
	    CASE(test_other_commands_do_not_matter),
	    CASE(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
