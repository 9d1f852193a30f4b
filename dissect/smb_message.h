/* smb_message.h - one command of SMB, request or response, of whatever version: what of it matters to named pipes. */
#ifndef EPMWATCH_DISSECT_SMB_MESSAGE_H
#define EPMWATCH_DISSECT_SMB_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	SMB_GATHERED = 8192,  /* bytes from the start of a command that are put together at most */
	SMB_SERVICE_PIPE = 2, /* SMB2_SHARE_TYPE_PIPE */
};

enum smb_kind {
	SMB_OTHER,
	SMB_LOGON, /* SESSION_SETUP */
	SMB_TREE,  /* TREE_CONNECT */
	SMB_OPEN,  /* CREATE, NT_CREATE_ANDX, OPEN_ANDX */
	SMB_CLOSE,
	SMB_READ,
	SMB_WRITE,
	SMB_TRANSACT, /* IOCTL with FSCTL_PIPE_TRANSCEIVE, TRANSACTION with TransactNmPipe and its kin */
};

/* An open file, as the server numbers it. */
struct smb_file {
	uint8_t octets[16]; /* SMB2: FileId; SMB1: FID, then zeros */
};

struct smb_message {
	enum smb_kind kind;
	uint32_t tree;
	uint64_t id; /* what a response shares with its request */
	uint64_t session;
	struct smb_file file; /* where file_known */
	const uint8_t *text;  /* OPEN, request: the name; LOGON, response: the token. Borrowed */
	size_t text_len;
	size_t data_at;  /* READ, WRITE, TRANSACT: what goes through the file, counted from the start of the command; */
	size_t data_len; /* it may lie behind what was gathered, and end behind the command */
	bool response;
	bool failed;  /* a response that says so and carries nothing */
	bool interim; /* a response after which the real one follows */
	bool file_known;
	bool related;   /* of a compound: session, tree and file are those of the command before it */
	bool for_pipes; /* response to TREE_CONNECT: the share is IPC$ */
	bool wide;      /* text is UTF-16 */
};

/** smb_file_equal(a, b): Are they the same file, of the same session? */
static inline bool
smb_file_equal(const struct smb_file *a, const struct smb_file *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

#endif
