/* traffic_smb.c - a header, and the body of each command. */
#include "tests/bench/traffic_smb.h"

#include <string.h>

#include "tests/bench/traffic_bytes.h"

enum {
	PREFIX = 4,
	HEAD = 64,
	SEALED_HEAD = 52,
	DIALECT = 0x0302,
	UNIT = 65536, /* octets for one credit */
	RESPONSE = 1,
	TRANSCEIVE = 0x0011c017,
	MORE_PROCESSING = 0x16,
	NTLM_MAX = 64,
};

#define STATUS_ERROR UINT32_C(0xc0000000)
#define A_TIME UINT64_C(0x01dd000000000000)

/*
 * "\xfeSMB" size:u16 credit charge:u16 status:u32 command:u16 credits:u16 flags:u32 next:u32 message:u64 process:u32
 * tree:u32 session:u64 signature:16
 */
static uint8_t *
put_head(uint8_t *p, const struct smb_says *s)
{
	p = put_le(put_be(p, 0xfe534d42, 4), HEAD, 2);
	p = put_le(p, s->data / UNIT + 1, 2);
	p = put_le(p, s->more ? STATUS_ERROR | MORE_PROCESSING : 0, 4);
	p = put_le(put_le(p, s->command, 2), 32, 2);
	p = put_le(put_le(p, s->by_server ? RESPONSE : 0, 4), 0, 4);
	p = put_le(put_le(p, s->message, 8), 0xfeff, 4);
	p = put_le(put_le(p, s->tree, 4), s->session, 8);
	return put_le(put_le(p, 0, 8), 0, 8);
}

/* Length:u16, ${between} octets of no interest, and the name in UTF-16. */
static uint8_t *
put_name(uint8_t *p, int between, const struct smb_says *s)
{
	const char *name = s->name != NULL ? s->name : "";

	p = put_le(put_le(p, 2 * strlen(name), 2), 0, between);
	while (*name != '\0')
		p = put_le(p, (uint8_t)*name++, 2);
	return p;
}

static uint8_t *
put_file(uint8_t *p, const struct smb_says *s)
{
	return put_le(put_le(p, s->file, 8), s->file, 8);
}

static uint8_t *
put_negotiate(uint8_t *p, const struct smb_says *s)
{
	if (!s->by_server) {
		p = put_le(put_le(put_le(put_le(p, 36, 2), 1, 2), 1, 2), 0, 2);
		p = put_le(put_le(put_le(p, 0x7f, 4), 0x0123456789abcdef, 8), 7, 8);
		return put_le(put_le(p, 0, 8), DIALECT, 2);
	}
	p = put_le(put_le(put_le(put_le(p, 65, 2), 1, 2), DIALECT, 2), 0, 2);
	p = put_le(put_le(put_le(p, 0x0fedcba987654321, 8), 9, 8), 0x7f, 4);
	p = put_le(put_le(put_le(p, 8 << 20, 4), 8 << 20, 4), 8 << 20, 4);
	p = put_le(put_le(p, A_TIME, 8), 0, 8);
	return put_le(put_le(put_le(p, 0x80, 2), 0, 2), 0, 4);
}

/* Lengths of NTLM's messages with nothing in them but flags. */
static const uint8_t ntlm_len[] = {0, 32, 48, NTLM_MAX};

/* Behind offset:u16, which is the caller's: length:u16, ${between} octets of no interest, and message ${type}. */
static uint8_t *
put_ntlm(uint8_t *p, int between, uint8_t type)
{
	static const uint8_t flags_at[] = {0, 12, 20, 60};
	uint8_t message[NTLM_MAX] = "NTLMSSP";

	message[8] = type;
	put_le(message + flags_at[type], 0x00000231, 4);
	p = put_le(put_le(p, ntlm_len[type], 2), 0, between);
	return put(p, message, ntlm_len[type]);
}

static uint8_t *
put_session(uint8_t *p, const struct smb_says *s)
{
	if (!s->by_server) {
		p = put_le(put_le(put_le(put_le(p, 25, 2), 0x0100, 2), 1, 4), 0, 4);
		return put_ntlm(put_le(p, 0x58, 2), 8, s->session == 0 ? 1 : 3);
	}
	p = put_le(put_le(put_le(p, 9, 2), 0, 2), 0x48, 2);
	return s->more ? put_ntlm(p, 0, 2) : put_le(p, 0, 2);
}

static uint8_t *
put_tree(uint8_t *p, const struct smb_says *s)
{
	const bool pipes = s->name != NULL && strstr(s->name, "IPC$") != NULL;

	if (s->by_server) {
		p = put_le(put_le(put_le(p, 16, 2), pipes ? 2 : 1, 2), 0, 4);
		return put_le(put_le(p, 0, 4), 0x001f01ff, 4);
	}
	p = put_le(put_le(put_le(p, 9, 2), 0, 2), 0x48, 2);
	return put_name(p, 0, s);
}

static uint8_t *
put_create(uint8_t *p, const struct smb_says *s)
{
	if (s->by_server) {
		p = put_le(put_le(put_le(p, 89, 2), 0, 2), 1, 4);
		for (int i = 0; i < 4; i++)
			p = put_le(p, A_TIME, 8);
		p = put_le(put_le(put_le(p, 0, 8), 0, 8), 0x80, 8);
		return put_le(put_file(p, s), 0, 8);
	}
	p = put_le(put_le(put_le(put_le(p, 57, 2), 0, 2), 2, 4), 0, 8);
	p = put_le(put_le(put_le(put_le(p, 0, 8), 0x0012019f, 4), 0, 4), 7, 4);
	p = put_le(put_le(put_le(p, 1, 4), 0x40, 4), 0x78, 2);
	return put_name(p, 8, s);
}

static uint8_t *
put_close(uint8_t *p, const struct smb_says *s)
{
	if (!s->by_server)
		return put_file(put_le(put_le(p, 24, 2), 0, 6), s);
	p = put_le(put_le(p, 60, 2), 0, 6);
	for (int i = 0; i < 6; i++)
		p = put_le(p, 0, 8);
	return put_le(p, 0, 4);
}

static uint8_t *
put_read(uint8_t *p, const struct smb_says *s)
{
	if (s->by_server)
		return put_le(put_le(put_le(put_le(p, 17, 2), 0x50, 2), s->data, 4), 0, 8);
	p = put_le(put_le(put_le(p, 49, 2), 0x50, 2), s->data, 4);
	p = put_file(put_le(p, s->offset, 8), s);
	return put_le(put_le(put_le(p, 0, 8), 0, 8), 0, 1);
}

static uint8_t *
put_write(uint8_t *p, const struct smb_says *s)
{
	if (s->by_server)
		return put_le(put_le(put_le(put_le(p, 17, 2), 0, 2), s->data, 4), 0, 8);
	p = put_le(put_le(put_le(p, 49, 2), 0x70, 2), s->data, 4);
	p = put_file(put_le(p, s->offset, 8), s);
	return put_le(put_le(p, 0, 8), 0, 8);
}

/* FSCTL_PIPE_TRANSCEIVE */
static uint8_t *
put_ioctl(uint8_t *p, const struct smb_says *s)
{
	p = put_file(put_le(put_le(put_le(p, s->by_server ? 49 : 57, 2), 0, 2), TRANSCEIVE, 4), s);
	if (s->by_server) {
		p = put_le(put_le(put_le(p, 0x70, 4), 0, 4), 0x70, 4);
		return put_le(put_le(p, s->data, 4), 0, 8);
	}
	p = put_le(put_le(put_le(p, 0x78, 4), s->data, 4), 0, 4);
	p = put_le(put_le(put_le(p, 0, 4), 0, 4), 4280, 4);
	return put_le(put_le(p, 1, 4), 0, 4);
}

static uint8_t *
put_body(uint8_t *p, const struct smb_says *s)
{
	switch (s->command) {
	case SMB_NEGOTIATE:
		return put_negotiate(p, s);
	case SMB_SESSION_SETUP:
		return put_session(p, s);
	case SMB_TREE_CONNECT:
		return put_tree(p, s);
	case SMB_CREATE:
		return put_create(p, s);
	case SMB_CLOSE:
		return put_close(p, s);
	case SMB_READ:
		return put_read(p, s);
	case SMB_WRITE:
		return put_write(p, s);
	default:
		return put_ioctl(p, s);
	}
}

bool
smb_carries(const struct smb_says *s)
{
	return s->command == SMB_IOCTL || s->command == (s->by_server ? SMB_READ : SMB_WRITE);
}

size_t
smb_put(uint8_t *out, const struct smb_says *s)
{
	const uint8_t *end = put_body(put_head(out + PREFIX, s), s);
	const size_t len = (size_t)(end - out);

	put_be(out, len - PREFIX + (smb_carries(s) ? s->data : 0), PREFIX);
	return len;
}

/*
 * "\xfdSMB" signature:16 nonce:16 size:u32 u16 algorithm:u16 session:u64
 */
size_t
smb_put_sealed(uint8_t *out, uint64_t session, size_t len)
{
	uint8_t *p = put_be(put_be(out, SEALED_HEAD + len, PREFIX), 0xfd534d42, 4);

	for (uint64_t i = 0; i < 4; i++)
		p = put_le(p, mixed(session + len + i), 8);
	p = put_le(put_le(put_le(put_le(p, len, 4), 0, 2), 1, 2), session, 8);
	return (size_t)(p - out);
}
