/* smb2.c - commands of SMB 2 and 3. */
#include "dissect/smb2.h"

#include <string.h>

#include "base/cursor.h"
#include "dissect/smb_message.h"

enum {
	AT_STATUS = 8,
	AT_COMMAND = 12,
	AT_FLAGS = 16,
	AT_NEXT = 20,
	AT_MESSAGE_ID = 24,
	AT_TREE_ID = 36,
	AT_SESSION_ID = 40,
};

enum {
	FLAG_RESPONSE = 0x01,
	FLAG_ASYNC = 0x02,
};

enum {
	SESSION_SETUP = 1,
	TREE_CONNECT = 3,
	CREATE = 5,
	CLOSE = 6,
	READ = 8,
	WRITE = 9,
	IOCTL = 11,
	COMMANDS = 19,
};

#define PIPE_TRANSCEIVE 0x0011c017u /* FSCTL_PIPE_TRANSCEIVE */

#define STATUS_PENDING 0x00000103u
#define STATUS_BUFFER_OVERFLOW 0x80000005u
#define STATUS_MORE_PROCESSING 0xc0000016u

enum {
	LOGON_TOKEN = 4096 /* octets of a token that are looked at */
};

/* What a command's own fields are, and how much of it, header and all, holds those of fixed places. */
static const struct {
	enum smb_kind kind;
	uint16_t request, response; /* 0: that does not matter */
} shapes[COMMANDS] = {
    [SESSION_SETUP] = {SMB_LOGON, 0, 72},
    [TREE_CONNECT] = {SMB_TREE, 0, 80},
    [CREATE] = {SMB_OPEN, 120, 144},
    [CLOSE] = {SMB_CLOSE, 88, SMB2_HEADER},
    [READ] = {SMB_READ, 96, 80},
    [WRITE] = {SMB_WRITE, 96, 0},
    [IOCTL] = {SMB_TRANSACT, 96, 104},
};

static struct cursor
at(const uint8_t *command, size_t len, size_t offset)
{
	struct cursor c = cur_init(command, len, true);

	cur_skip(&c, offset);
	return c;
}

static uint32_t
u32_at(const uint8_t *command, size_t offset)
{
	struct cursor c = at(command, offset + 4, offset);

	return cur_u32_le(&c);
}

static uint16_t
u16_at(const uint8_t *command, size_t offset)
{
	struct cursor c = at(command, offset + 2, offset);

	return cur_u16_le(&c);
}

static uint8_t
u8_at(const uint8_t *command, size_t offset)
{
	struct cursor c = at(command, offset + 1, offset);

	return cur_u8(&c);
}

uint32_t
smb2_next(const uint8_t *header)
{
	return u32_at(header, AT_NEXT);
}

bool
smb2_is_header(const uint8_t *octets)
{
	static const uint8_t start[6] = {0xfe, 'S', 'M', 'B', SMB2_HEADER, 0};

	return memcmp(octets, start, sizeof(start)) == 0;
}

static bool
is_response(const uint8_t *command)
{
	return (u32_at(command, AT_FLAGS) & FLAG_RESPONSE) != 0;
}

/* Does the response carry what its command's do, rather than an error? */
static bool
has_succeeded(uint32_t status, enum smb_kind kind)
{
	switch (status) {
	case 0:
		return true;
	case STATUS_BUFFER_OVERFLOW:
		return kind == SMB_READ || kind == SMB_TRANSACT;
	case STATUS_MORE_PROCESSING:
		return kind == SMB_LOGON;
	default:
		return false;
	}
}

/* Fields of fixed places up to here; of an error the header says all. */
static size_t
fixed_extent(const uint8_t *command)
{
	uint16_t number = u16_at(command, AT_COMMAND);

	if (number >= COMMANDS)
		return 0;
	if (!is_response(command))
		return shapes[number].request;
	if (shapes[number].response != 0 &&
	    !has_succeeded(u32_at(command, AT_STATUS), shapes[number].kind))
		return SMB2_HEADER;
	return shapes[number].response;
}

/* The field of variable length that the one at ${offset} (place, then length) speaks of. */
static size_t
field_extent(const uint8_t *command, size_t offset, size_t fixed, size_t most)
{
	size_t place = u16_at(command, offset), len = u16_at(command, offset + 2);

	if (len > most)
		len = most;
	return place + len > fixed && len != 0 ? place + len : fixed;
}

size_t
smb2_extent(const uint8_t *command, size_t have)
{
	size_t fixed = fixed_extent(command);
	uint16_t number = u16_at(command, AT_COMMAND);
	bool response = is_response(command);

	if (have < fixed || fixed <= SMB2_HEADER)
		return fixed;
	if (number == CREATE && !response)
		return field_extent(command, 108, fixed, UINT16_MAX);
	if (number == SESSION_SETUP)
		return field_extent(command, 68, fixed, LOGON_TOKEN);
	return fixed;
}

/* A field of variable length: place and length stand at ${offset}. */
static void
take_text(const uint8_t *command, size_t len, size_t offset, struct smb_message *out)
{
	size_t place = u16_at(command, offset), size = u16_at(command, offset + 2);
	struct cursor c = at(command, len, place);

	if (size > cur_left(&c))
		size = cur_left(&c);
	out->text = cur_take(&c, size);
	out->text_len = out->text != NULL ? size : 0;
}

static void
take_file(const uint8_t *command, size_t len, size_t offset, struct smb_message *out)
{
	static const struct smb_file same = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	struct cursor c = at(command, len, offset);

	cur_copy(&c, &out->file, sizeof(out->file));
	out->related = smb_file_equal(&out->file, &same);
	out->file_known = !out->related;
}

static void
take_request(uint16_t number, const uint8_t *command, size_t len, struct smb_message *out)
{
	switch (number) {
	case CREATE:
		take_text(command, len, 108, out);
		out->wide = true;
		break;
	case CLOSE:
		take_file(command, len, 72, out);
		break;
	case READ:
		take_file(command, len, 80, out);
		break;
	case WRITE:
		take_file(command, len, 80, out);
		out->data_at = u16_at(command, 66);
		out->data_len = u32_at(command, 68);
		break;
	case IOCTL:
		take_file(command, len, 72, out);
		out->data_at = u32_at(command, 88);
		out->data_len = u32_at(command, 92);
		break;
	default:
		break;
	}
}

static void
take_response(uint16_t number, const uint8_t *command, size_t len, struct smb_message *out)
{
	switch (number) {
	case SESSION_SETUP:
		take_text(command, len, 68, out);
		break;
	case TREE_CONNECT:
		out->for_pipes = u8_at(command, 66) == SMB_SERVICE_PIPE;
		break;
	case CREATE:
		take_file(command, len, 128, out);
		break;
	case READ:
		out->data_at = u8_at(command, 66);
		out->data_len = u32_at(command, 68);
		break;
	case IOCTL:
		out->data_at = u32_at(command, 96);
		out->data_len = u32_at(command, 100);
		break;
	default:
		break;
	}
}

/* Of control codes only the pipe's own matters. An error does not say which it is of. */
static bool
is_other_control(uint16_t number, const uint8_t *command, const struct smb_message *message)
{
	return number == IOCTL && !message->failed && !message->interim &&
	       u32_at(command, 68) != PIPE_TRANSCEIVE;
}

static void
take_header(const uint8_t *command, struct smb_message *out)
{
	struct cursor c = at(command, SMB2_HEADER, AT_MESSAGE_ID);
	uint32_t status = u32_at(command, AT_STATUS);

	out->id = cur_u64_le(&c);
	out->response = is_response(command);
	if ((u32_at(command, AT_FLAGS) & FLAG_ASYNC) == 0)
		out->tree = u32_at(command, AT_TREE_ID);
	c = at(command, SMB2_HEADER, AT_SESSION_ID);
	out->session = cur_u64_le(&c);
	out->interim = out->response && status == STATUS_PENDING;
	out->failed = out->response && !out->interim && !has_succeeded(status, out->kind);
}

/*
 * protocol:4 (fe 'S' 'M' 'B'), header size:u16, credit charge:u16, status:u32, command:u16, credits:u16, flags:u32, next
 * command:u32, message id:u64, reserved:u32 and tree id:u32 (or async id:u64), session id:u64, signature:16, then the command's own
 */
int
smb2_parse(const uint8_t *command, size_t len, struct smb_message *out)
{
	uint16_t number;

	*out = (struct smb_message){0};
	if (len < SMB2_HEADER || len < fixed_extent(command))
		return ERR_TRUNC;
	number = u16_at(command, AT_COMMAND);
	if (number >= COMMANDS)
		return ERR_OK;
	out->kind = shapes[number].kind;
	take_header(command, out);
	if (out->failed || out->interim)
		return ERR_OK;
	if (is_other_control(number, command, out))
		out->kind = SMB_OTHER;
	else if (out->response)
		take_response(number, command, len, out);
	else
		take_request(number, command, len, out);
	return ERR_OK;
}
