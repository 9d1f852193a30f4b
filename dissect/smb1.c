/* smb1.c - commands of SMB 1. */
#include "dissect/smb1.h"

#include <string.h>

#include "base/cursor.h"
#include "dissect/smb_message.h"

enum {
	AT_COMMAND = 4,
	AT_STATUS = 5,
	AT_FLAGS = 9,
	AT_FLAGS2 = 10,
	AT_TREE_ID = 24,
	AT_PROCESS_ID = 26,
	AT_USER_ID = 28,
	AT_MULTIPLEX_ID = 30,
};

enum {
	FLAG_RESPONSE = 0x80,
	FLAG2_NT_STATUS = 0x4000,
	FLAG2_UNICODE = 0x8000,
};

enum {
	CLOSE = 0x04,
	READ = 0x0a,
	WRITE = 0x0b,
	TRANSACTION = 0x25,
	TRANSACTION_SECONDARY = 0x26,
	OPEN_ANDX = 0x2d,
	READ_ANDX = 0x2e,
	WRITE_ANDX = 0x2f,
	SESSION_SETUP_ANDX = 0x73,
	TREE_CONNECT_ANDX = 0x75,
	NT_CREATE_ANDX = 0xa2,
	NO_ANDX = 0xff,
};

enum {
	PIPE_WRITE = 0x37, /* setup words of a transaction on a pipe */
	PIPE_READ = 0x36,
	PIPE_TRANSACT = 0x26,
};

enum {
	RAW_MODE = 0x0004, /* write mode: with it and the next the data begin with their length */
	MESSAGE_START = 0x0008,
	ERRDOS = 1,
	ERRMOREDATA = 234,
};

#define STATUS_BUFFER_OVERFLOW 0x80000005u
#define STATUS_MORE_PROCESSING 0xc0000016u

/* A command within its message. */
struct command {
	const uint8_t *message;
	size_t len;
	size_t words; /* where the parameter words begin */
	size_t word_octets;
	size_t bytes; /* where the bytes begin */
	size_t byte_count;
	uint8_t code;
	bool response, unicode;
};

static struct cursor
at(const struct command *c, size_t offset)
{
	struct cursor cursor = cur_init(c->message, c->len, true);

	cur_skip(&cursor, offset);
	return cursor;
}

/* A word of the parameters; 0 where there are not so many. */
static uint16_t
word(const struct command *c, size_t offset)
{
	struct cursor cursor = at(c, c->words + offset);

	return offset + 2 <= c->word_octets ? cur_u16_le(&cursor) : 0;
}

static uint8_t
octet(const uint8_t *message, size_t offset)
{
	struct cursor c = cur_init(message, offset + 1, true);

	cur_skip(&c, offset);
	return cur_u8(&c);
}

static uint16_t
header_u16(const uint8_t *message, size_t offset)
{
	struct cursor c = cur_init(message, SMB1_HEADER, true);

	cur_skip(&c, offset);
	return cur_u16_le(&c);
}

static uint32_t
header_status(const uint8_t *message)
{
	struct cursor c = cur_init(message, SMB1_HEADER, true);

	cur_skip(&c, AT_STATUS);
	return cur_u32_le(&c);
}

static bool
is_response(const uint8_t *message)
{
	return (octet(message, AT_FLAGS) & FLAG_RESPONSE) != 0;
}

static enum smb_kind
kind_of(uint8_t code)
{
	switch (code) {
	case CLOSE:
		return SMB_CLOSE;
	case READ:
	case READ_ANDX:
		return SMB_READ;
	case WRITE:
	case WRITE_ANDX:
		return SMB_WRITE;
	case TRANSACTION:
	case TRANSACTION_SECONDARY:
		return SMB_TRANSACT;
	case OPEN_ANDX:
	case NT_CREATE_ANDX:
		return SMB_OPEN;
	case SESSION_SETUP_ANDX:
		return SMB_LOGON;
	case TREE_CONNECT_ANDX:
		return SMB_TREE;
	default:
		return SMB_OTHER;
	}
}

/* Of these the bytes are data, which need not be gathered. */
static bool
is_transfer(uint8_t code)
{
	enum smb_kind kind = kind_of(code);

	return kind == SMB_READ || kind == SMB_WRITE || kind == SMB_TRANSACT;
}

static bool
has_andx(uint8_t code)
{
	switch (code) {
	case OPEN_ANDX:
	case READ_ANDX:
	case WRITE_ANDX:
	case SESSION_SETUP_ANDX:
	case TREE_CONNECT_ANDX:
	case NT_CREATE_ANDX:
		return true;
	default:
		return false;
	}
}

size_t
smb1_extent(const uint8_t *message, size_t have, size_t size)
{
	uint8_t code = octet(message, AT_COMMAND);
	size_t words = SMB1_HEADER + 1 + (size_t)octet(message, SMB1_HEADER) * 2;
	bool chained;

	if (kind_of(code) == SMB_OTHER)
		return 0;
	/* count of bytes, and what comes before the data of READ and WRITE */
	if (words + 2 + 3 > size)
		return size;
	if (have < words + 2 + 3)
		return words + 2 + 3;
	chained =
	    has_andx(code) && words > SMB1_HEADER + 1 && octet(message, SMB1_HEADER + 1) != NO_ANDX;
	return is_transfer(code) && !chained ? words + 2 + 3 : size;
}

static bool
has_succeeded(const uint8_t *message, enum smb_kind kind)
{
	bool nt = (header_u16(message, AT_FLAGS2) & FLAG2_NT_STATUS) != 0;
	uint32_t status = header_status(message);

	if (status == 0)
		return true;
	if (kind == SMB_LOGON)
		return status == STATUS_MORE_PROCESSING;
	if (kind != SMB_READ && kind != SMB_TRANSACT)
		return false;
	return nt ? status == STATUS_BUFFER_OVERFLOW
		  : (status & 0xff) == ERRDOS && status >> 16 == ERRMOREDATA;
}

static void
take_fid(uint16_t fid, struct smb_message *out)
{
	out->file = (struct smb_file){{(uint8_t)fid, (uint8_t)(fid >> 8)}};
	out->file_known = true;
}

/* A name fills the bytes; UTF-16 begins at an even place. */
static void
take_name(const struct command *c, struct smb_message *out)
{
	struct cursor cursor = at(c, c->bytes + (c->unicode ? c->bytes % 2 : 0));
	size_t size = cur_left(&cursor) < c->byte_count ? cur_left(&cursor) : c->byte_count;

	out->text = cur_take(&cursor, size);
	out->text_len = out->text != NULL ? size : 0;
	out->wide = c->unicode;
}

/* READ and WRITE: 1, length:u16, data */
static void
take_core_data(const struct command *c, struct smb_message *out)
{
	struct cursor cursor = at(c, c->bytes + 1);

	out->data_at = c->bytes + 3;
	out->data_len = cur_u16_le(&cursor);
}

static void
take_written(const struct command *c, struct smb_message *out)
{
	uint16_t mode = word(c, 14);
	size_t prefix = (mode & RAW_MODE) != 0 && (mode & MESSAGE_START) != 0 ? 2 : 0;

	take_fid(word(c, 4), out);
	out->data_at = word(c, 22);
	out->data_len = (size_t)word(c, 18) << 16 | word(c, 20);
	if (out->data_len < prefix)
		prefix = out->data_len;
	out->data_at += prefix;
	out->data_len -= prefix;
}

/* Setup: function, FID. Others than the pipe's own do not matter. */
static void
take_transaction(const struct command *c, struct smb_message *out)
{
	uint16_t function = word(c, 28);

	if (function != PIPE_TRANSACT && function != PIPE_WRITE && function != PIPE_READ) {
		out->kind = SMB_OTHER;
		return;
	}
	take_fid(word(c, 30), out);
	out->data_len = word(c, 22);
	out->data_at = word(c, 24);
}

static void
take_request(const struct command *c, struct smb_message *out)
{
	switch (c->code) {
	case CLOSE:
	case READ:
		take_fid(word(c, 0), out);
		break;
	case WRITE:
		take_fid(word(c, 0), out);
		take_core_data(c, out);
		break;
	case READ_ANDX:
		take_fid(word(c, 4), out);
		break;
	case WRITE_ANDX:
		take_written(c, out);
		break;
	case TRANSACTION:
		take_transaction(c, out);
		break;
	case TRANSACTION_SECONDARY:
		out->data_len = word(c, 10);
		out->data_at = word(c, 12);
		break;
	case OPEN_ANDX:
	case NT_CREATE_ANDX:
		take_name(c, out);
		break;
	default:
		break;
	}
}

/* The service stands first among the bytes, in ASCII. */
static bool
is_ipc(const struct command *c)
{
	struct cursor cursor = at(c, c->bytes);
	uint8_t service[4];

	cur_copy(&cursor, service, sizeof(service));
	return memcmp(service, "IPC", sizeof(service)) == 0;
}

static void
take_response(const struct command *c, struct smb_message *out)
{
	switch (c->code) {
	case SESSION_SETUP_ANDX:
		out->text = c->message + c->bytes;
		out->text_len = c->byte_count;
		break;
	case TREE_CONNECT_ANDX:
		out->for_pipes = is_ipc(c);
		break;
	case OPEN_ANDX:
		take_fid(word(c, 4), out);
		break;
	case NT_CREATE_ANDX:
		take_fid((uint16_t)(word(c, 4) >> 8 | word(c, 6) << 8),
		    out); /* behind the oplock's octet */
		break;
	case READ:
		take_core_data(c, out);
		break;
	case READ_ANDX:
		out->data_len = (size_t)word(c, 14) << 16 | word(c, 10);
		out->data_at = word(c, 12);
		break;
	case TRANSACTION:
		out->data_len = word(c, 12);
		out->data_at = word(c, 14);
		break;
	default:
		break;
	}
}

/* Find the parts of the command whose count of words stands at ${offset}. */
static bool
open_command(const uint8_t *message, size_t len, uint8_t code, size_t offset, struct command *out)
{
	struct cursor c = cur_init(message, len, true);

	*out = (struct command){.message = message,
	    .len = len,
	    .code = code,
	    .response = is_response(message),
	    .unicode = (header_u16(message, AT_FLAGS2) & FLAG2_UNICODE) != 0};
	cur_skip(&c, offset);
	out->word_octets = (size_t)cur_u8(&c) * 2;
	out->words = cur_at(&c);
	cur_skip(&c, out->word_octets);
	out->byte_count = cur_u16_le(&c);
	out->bytes = cur_at(&c);
	if (out->byte_count > cur_left(&c))
		out->byte_count = cur_left(&c);
	return cur_ok(&c);
}

/* Session: the user's number. What a response shares with its request: process and multiplex ids. */
static void
read_command(const struct command *c, struct smb_message *out)
{
	*out = (struct smb_message){.kind = kind_of(c->code), .response = c->response};
	out->id = (uint64_t)header_u16(c->message, AT_PROCESS_ID) << 16 |
		  header_u16(c->message, AT_MULTIPLEX_ID);
	out->session = header_u16(c->message, AT_USER_ID);
	out->tree = header_u16(c->message, AT_TREE_ID);
	out->failed = c->response && !has_succeeded(c->message, out->kind);
	out->interim = c->response && c->code == TRANSACTION && c->word_octets == 0; /* go on */
	if (out->failed || out->interim)
		return;
	if (c->response)
		take_response(c, out);
	else
		take_request(c, out);
}

size_t
smb1_parse(const uint8_t *message, size_t len, struct smb_message out[SMB1_COMMANDS], bool *broken)
{
	size_t offset = SMB1_HEADER, count = 0;
	struct command c;
	uint8_t code;

	*broken = true;
	if (len <= SMB1_HEADER)
		return 0;
	code = octet(message, AT_COMMAND);
	while (count < SMB1_COMMANDS && open_command(message, len, code, offset, &c)) {
		uint16_t next = word(&c, 0) & 0xff;

		read_command(&c, &out[count]);
		out[count].related = count > 0;
		count++;
		*broken = false;
		if (!has_andx(code) || c.word_octets < 4 || next == NO_ANDX)
			break;
		*broken = word(&c, 2) <= offset; /* chains lead forward */
		if (*broken)
			break;
		code = (uint8_t)next;
		offset = word(&c, 2);
	}
	return count;
}
