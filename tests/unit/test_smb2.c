/* test_smb2.c - commands of SMB 2: how much of each is needed, and what is read of it. */
#include "smb_rig.h"

#include "dissect/smb2.h"

/* The command in ${m}, behind the four octets of the session service, in memory of its exact size. */
static int
parse(const struct message *m, size_t len, struct smb_message *out)
{
	static uint8_t *exact; /* what ${out} borrows lives until the next call */
	int err;

	free(exact);
	exact = malloc(len + (len == 0));
	assert_non_null(exact);
	memcpy(exact, m->octets + NBSS, len);
	err = smb2_parse(exact, len, out);
	return err;
}

static size_t
extent(const struct message *m)
{
	size_t have = 64, need;

	while ((need = smb2_extent(m->octets + NBSS, have)) > have)
		have = need;
	return need;
}

static void
begin(struct message *m, unsigned command, bool response, uint32_t status)
{
	struct head2 h = {.command = command, .response = response, .status = status, .id = 77};

	nbss_begin(m);
	smb2_begin(m, &h);
}

static void
test_requests(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out;

	smb_create(r, 77, "lsarpc");
	assert_int_equal(extent(m), 120 + 12);
	assert_int_equal(parse(m, extent(m), &out), ERR_OK);
	assert_int_equal(out.kind, SMB_OPEN);
	assert_int_equal(out.id, 77);
	assert_int_equal(out.session, SESSION);
	assert_int_equal(out.tree, TREE);
	assert_false(out.response);
	assert_true(out.wide);
	assert_int_equal(out.text_len, 12);
	assert_memory_equal(out.text, "l\0s\0a\0r\0p\0c\0", 12);

	smb_write(r, 77, FILE_ID, "abc", 3);
	assert_int_equal(extent(m), 96);
	assert_int_equal(parse(m, 96, &out), ERR_OK);
	assert_int_equal(out.kind, SMB_WRITE);
	assert_int_equal(out.data_at, 112);
	assert_int_equal(out.data_len, 3);
	assert_true(out.file_known);
	assert_int_equal(out.file.octets[0], FILE_ID & 0xff);

	smb_read(r, 77, 0);
	assert_int_equal(parse(m, extent(m), &out), ERR_OK);
	assert_int_equal(out.kind, SMB_READ);
	assert_true(out.related);
	assert_false(out.file_known);

	smb_ioctl(r, 77, FILE_ID, "abcd", 4);
	assert_int_equal(parse(m, extent(m), &out), ERR_OK);
	assert_int_equal(out.kind, SMB_TRANSACT);
	assert_int_equal(out.data_at, 120);
	assert_int_equal(out.data_len, 4);
	smb_patch(m, NBSS + 68, 0x00060194, 4);
	assert_int_equal(parse(m, extent(m), &out), ERR_OK);
	assert_int_equal(out.kind, SMB_OTHER);
}

static void
test_responses(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out;

	smb_created(r, 77, FILE_ID);
	assert_int_equal(extent(m), 144);
	assert_int_equal(parse(m, 144, &out), ERR_OK);
	assert_true(out.response && out.file_known);
	assert_int_equal(out.file.octets[1], FILE_ID >> 8);

	smb_read_answer(r, 77, SMB_OVERFLOW, "abc", 3);
	assert_int_equal(extent(m), 80);
	assert_int_equal(parse(m, 80, &out), ERR_OK);
	assert_false(out.failed);
	assert_int_equal(out.data_at, 80);
	assert_int_equal(out.data_len, 3);

	smb_ioctl_answer(r, 77, 0, FILE_ID, "abcd", 4);
	assert_int_equal(parse(m, extent(m), &out), ERR_OK);
	assert_int_equal(out.data_at, 112);
	assert_int_equal(out.data_len, 4);

	smb_tree(r, 5, 2);
	assert_int_equal(parse(m, extent(m), &out), ERR_OK);
	assert_int_equal(out.tree, 5);
	assert_true(out.for_pipes);
	smb_tree(r, 5, 1);
	assert_int_equal(parse(m, extent(m), &out), ERR_OK);
	assert_false(out.for_pipes);
}

/* Of an error the header says all, whichever command it answers. */
static void
test_errors(void **state)
{
	static const unsigned commands[] = {
	    SMB2_SETUP, SMB2_TREE, SMB2_CREATE, SMB2_CLOSE, SMB2_READ, SMB2_IOCTL};
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		begin(m, commands[i], true, SMB_NOT_FOUND);
		assert_int_equal(extent(m), 64);
		assert_int_equal(parse(m, 64, &out), ERR_OK);
		assert_true(out.failed && !out.interim && !out.file_known);
		begin(m, commands[i], true, SMB_PENDING);
		assert_int_equal(parse(m, 64, &out), ERR_OK);
		assert_true(out.interim && !out.failed);
	}
	/* that more is to come is none where there is nothing more */
	begin(m, SMB2_CREATE, true, SMB_OVERFLOW);
	assert_int_equal(parse(m, 64, &out), ERR_OK);
	assert_true(out.failed);
	begin(m, SMB2_SETUP, true, SMB_OVERFLOW);
	assert_int_equal(parse(m, 64, &out), ERR_OK);
	assert_true(out.failed);
}

static void
test_other_commands_do_not_matter(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out;

	for (unsigned command = 0; command < 0x10000; command += command < 40 ? 1 : 997) {
		switch (command) {
		case SMB2_SETUP:
		case SMB2_TREE:
		case SMB2_CREATE:
		case SMB2_CLOSE:
		case SMB2_READ:
		case SMB2_WRITE:
		case SMB2_IOCTL:
			continue;
		default:
			break;
		}
		begin(m, command, command % 2 != 0, 0);
		assert_int_equal(extent(m), 0);
		assert_int_equal(parse(m, 64, &out), ERR_OK);
		assert_int_equal(out.kind, SMB_OTHER);
	}
}

/* Fewer octets than were asked for, in memory of that size: no more is read, and no more is said. */
static void
test_cut_anywhere(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out;

	for (int i = 0; i < 6; i++) {
		switch (i) {
		case 0:
			smb_create(r, 7, "epmapper");
			break;
		case 1:
			smb_created(r, 7, FILE_ID);
			break;
		case 2:
			smb_write(r, 7, FILE_ID, "abc", 3);
			break;
		case 3:
			smb_read_answer(r, 7, 0, "abc", 3);
			break;
		case 4:
			smb_ioctl(r, 7, FILE_ID, "abc", 3);
			break;
		default:
			smb_ioctl_answer(r, 7, 0, FILE_ID, "abc", 3);
			break;
		}
		for (size_t len = 0; len < extent(m); len++) {
			int err = parse(m, len, &out);

			/* the name alone may be cut: it is then shorter */
			assert_true(err == ERR_TRUNC || (i == 0 && len >= 120));
			if (i == 0 && len >= 120)
				assert_int_equal(out.text_len, len - 120);
		}
		assert_int_equal(parse(m, extent(m), &out), ERR_OK);
	}
}

/* A name or a token that lies outside of what is there is none. */
static void
test_places_that_lie(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;
	struct smb_message out;

	smb_create(r, 7, "epmapper");
	smb_patch(m, NBSS + 108, 0xfff0, 2);
	assert_int_equal(extent(m), 0xfff0 + 16);
	assert_int_equal(parse(m, 136, &out), ERR_OK);
	assert_int_equal(out.text_len, 0);
	smb_patch(m, NBSS + 108, 0, 2);
	smb_patch(m, NBSS + 110, 8, 2);
	assert_int_equal(extent(m), 120);
	assert_int_equal(parse(m, 120, &out), ERR_OK);
	assert_int_equal(out.text_len, 8); /* the header's own octets: a poor name, but there */
	begin(m, SMB2_SETUP, true, SMB_MORE_PROCESSING);
	msg_u16(m, 9);
	msg_u16(m, 0);
	msg_u16(m, 72);
	msg_u16(m, 0xffff);
	assert_int_equal(extent(m), 72 + 4096);
}

static void
test_headers(void **state)
{
	struct smb_rig *r = *state;
	struct message *m = &r->message;

	smb_read(r, 7, 0);
	assert_true(smb2_is_header(m->octets + NBSS));
	for (size_t i = 0; i < 6; i++) {
		m->octets[NBSS + i] ^= 1;
		assert_false(smb2_is_header(m->octets + NBSS));
		m->octets[NBSS + i] ^= 1;
	}
	smb_patch(m, NBSS + 20, 0x01020304, 4);
	assert_int_equal(smb2_next(m->octets + NBSS), 0x01020304);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, smb_setup, smb_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_requests),
	    CASE(test_responses),
	    CASE(test_errors),
	    CASE(test_other_commands_do_not_matter),
	    CASE(test_cut_anywhere),
	    CASE(test_places_that_lie),
	    CASE(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
