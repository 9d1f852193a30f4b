/* smb_build.h - messages of SMB 1 and 2 built field by field. Source: MS-SMB2 2.2, MS-CIFS 2.2.4. */
#ifndef EPMWATCH_TESTS_UNIT_SMB_BUILD_H
#define EPMWATCH_TESTS_UNIT_SMB_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "rpc_build.h"

enum {
	SMB2_SETUP = 1,
	SMB2_TREE = 3,
	SMB2_CREATE = 5,
	SMB2_CLOSE = 6,
	SMB2_READ = 8,
	SMB2_WRITE = 9,
	SMB2_IOCTL = 11,
	SMB2_QUERY = 16,
	NBSS = 4, /* octets before a message */
	SESSION = 0x51,
	TREE = 0x33,
	DISK_TREE = 0x34,
};

#define SMB_PENDING 0x00000103u
#define SMB_OVERFLOW 0x80000005u
#define SMB_MORE_PROCESSING 0xc0000016u
#define SMB_NOT_FOUND 0xc0000034u
#define TRANSCEIVE 0x0011c017u

/* What of a header a test may want to choose. */
struct head2 {
	unsigned command;
	bool response;
	uint64_t id;
	uint32_t status, tree;
	bool async, related;
	uint64_t session; /* 0: SESSION */
	size_t at;        /* where it begins in the message; set by smb2_begin() */
};

static inline void
smb_patch(struct message *m, size_t at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		m->octets[at + i] = (uint8_t)(value >> 8 * i);
}

/* The four octets before a message; nbss_end() fills in the length. */
static inline void
nbss_begin(struct message *m)
{
	m->len = 0;
	m->le = true;
	msg_fill(m, 0, NBSS);
}

static inline void
nbss_end(struct message *m)
{
	size_t len = m->len - NBSS;

	m->octets[1] = (uint8_t)(len >> 16);
	m->octets[2] = (uint8_t)(len >> 8);
	m->octets[3] = (uint8_t)len;
}

static inline void
smb2_begin(struct message *m, struct head2 *h)
{
	uint32_t flags = (h->response ? 1u : 0) | (h->async ? 2u : 0) | (h->related ? 4u : 0);

	h->at = m->len;
	msg_bytes(m, "\xfeSMB", 4);
	msg_u16(m, 64);
	msg_u16(m, 1);
	msg_u32(m, h->status);
	msg_u16(m, h->command);
	msg_u16(m, 1);
	msg_u32(m, flags);
	msg_u32(m, 0); /* next command */
	msg_u64(m, h->id);
	if (h->async) {
		msg_u64(m, 0x123456789);
	} else {
		msg_u32(m, 0xfeff);
		msg_u32(m, h->tree != 0 ? h->tree : TREE);
	}
	msg_u64(m, h->session != 0 ? h->session : SESSION);
	msg_fill(m, 0x77, 16);
}

static inline void
smb2_file(struct message *m, unsigned file)
{
	msg_u64(m, file);
	msg_u64(m, UINT64_C(0xf11e000000000000) | file);
}

static inline void
smb2_related_file(struct message *m)
{
	msg_fill(m, 0xff, 16);
}

static inline void
msg_utf16(struct message *m, const char *text)
{
	for (; *text != '\0'; text++)
		msg_u16(m, (unsigned char)*text);
}

static inline void
smb2_create_body(struct message *m, const char *name)
{
	size_t at = m->len - 64;

	msg_u16(m, 57);
	msg_fill(m, 0, 42);
	msg_u16(m, (unsigned)(m->len + 12 - at)); /* name */
	msg_u16(m, (unsigned)strlen(name) * 2);
	msg_u32(m, 0);
	msg_u32(m, 0);
	msg_utf16(m, name);
}

static inline void
smb2_created_body(struct message *m, unsigned file)
{
	msg_u16(m, 89);
	msg_fill(m, 0, 62);
	smb2_file(m, file);
	msg_u32(m, 0);
	msg_u32(m, 0);
}

static inline void
smb2_write_body(struct message *m, unsigned file, const void *data, size_t len)
{
	msg_u16(m, 49);
	msg_u16(m, 112);
	msg_u32(m, (uint32_t)len);
	msg_u64(m, 0);
	if (file != 0)
		smb2_file(m, file);
	else
		smb2_related_file(m);
	msg_fill(m, 0, 16);
	msg_bytes(m, data, len);
}

static inline void
smb2_read_body(struct message *m, unsigned file)
{
	msg_u16(m, 49);
	msg_u16(m, 0x50);
	msg_u32(m, 1024);
	msg_u64(m, 0);
	if (file != 0)
		smb2_file(m, file);
	else
		smb2_related_file(m);
	msg_fill(m, 0, 17);
}

static inline void
smb2_data_body(struct message *m, const void *data, size_t len)
{
	msg_u16(m, 17);
	msg_u8(m, 80);
	msg_u8(m, 0);
	msg_u32(m, (uint32_t)len);
	msg_fill(m, 0, 8);
	msg_bytes(m, data, len);
}

static inline void
smb2_ioctl_body(struct message *m, uint32_t code, unsigned file, const void *data, size_t len)
{
	msg_u16(m, 57);
	msg_u16(m, 0);
	msg_u32(m, code);
	if (file != 0)
		smb2_file(m, file);
	else
		smb2_related_file(m);
	msg_u32(m, 120);
	msg_u32(m, (uint32_t)len);
	msg_fill(m, 0, 24);
	msg_bytes(m, data, len);
}

static inline void
smb2_ioctl_answer_body(
    struct message *m, uint32_t code, unsigned file, const void *data, size_t len)
{
	msg_u16(m, 49);
	msg_u16(m, 0);
	msg_u32(m, code);
	smb2_file(m, file);
	msg_u32(m, 112);
	msg_u32(m, 0);
	msg_u32(m, 112);
	msg_u32(m, (uint32_t)len);
	msg_fill(m, 0, 8);
	msg_bytes(m, data, len);
}

static inline void
smb2_close_body(struct message *m, unsigned file)
{
	msg_u16(m, 24);
	msg_fill(m, 0, 6);
	smb2_file(m, file);
}

static inline void
smb2_tree_body(struct message *m, unsigned type)
{
	msg_u16(m, 16);
	msg_u8(m, type);
	msg_fill(m, 0, 13);
}

static inline void
smb2_error_body(struct message *m)
{
	msg_u16(m, 9);
	msg_fill(m, 0, 7);
}

/* The next command of a compound begins here. */
static inline void
smb2_chain(struct message *m, const struct head2 *before)
{
	msg_fill(m, 0, (8 - (m->len - before->at) % 8) % 8);
	smb_patch(m, before->at + 20, m->len - before->at, 4);
}

/* SMB 1: header, then the count of words. */
struct head1 {
	unsigned command;
	bool response, unicode;
	uint32_t status;
	bool dos; /* the status is a class and a code */
	unsigned id, tree;
	size_t at;
};

static inline void
smb1_begin(struct message *m, struct head1 *h, unsigned words)
{
	h->at = m->len;
	msg_bytes(m, "\xffSMB", 4);
	msg_u8(m, h->command);
	msg_u32(m, h->status);
	msg_u8(m, h->response ? 0x98 : 0x18);
	msg_u16(m, (h->dos ? 0 : 0x4000u) | (h->unicode ? 0x8000u : 0));
	msg_fill(m, 0, 12);
	msg_u16(m, h->tree != 0 ? h->tree : TREE);
	msg_u16(m, 0xbeef);
	msg_u16(m, 0x40);
	msg_u16(m, h->id);
	msg_u8(m, words);
}

static inline size_t
smb1_offset(const struct message *m, const struct head1 *h)
{
	return m->len - h->at;
}

static inline void
smb1_andx(struct message *m)
{
	msg_u8(m, 0xff);
	msg_u8(m, 0);
	msg_u16(m, 0);
}

static inline void
smb1_create(struct message *m, struct head1 *h, const char *name)
{
	h->command = 0xa2;
	smb1_begin(m, h, 24);
	smb1_andx(m);
	msg_u8(m, 0);
	msg_u16(m, (unsigned)strlen(name));
	msg_fill(m, 0, 41);
	msg_u16(m, (unsigned)strlen(name) * (h->unicode ? 2 : 1) + 1 + h->unicode);
	if (h->unicode) {
		msg_fill(m, 0, smb1_offset(m, h) % 2);
		msg_utf16(m, name);
	} else {
		msg_bytes(m, name, strlen(name) + 1);
	}
}

static inline void
smb1_created(struct message *m, struct head1 *h, unsigned fid)
{
	h->command = 0xa2;
	h->response = true;
	smb1_begin(m, h, 34);
	smb1_andx(m);
	msg_u8(m, 0);
	msg_u16(m, fid);
	msg_fill(m, 0, 61);
	msg_u16(m, 0);
}

static inline void
smb1_write(
    struct message *m, struct head1 *h, unsigned fid, unsigned mode, const void *data, size_t len)
{
	size_t prefix = (mode & 0x000c) == 0x000c ? 2 : 0;

	h->command = 0x2f;
	smb1_begin(m, h, 14);
	smb1_andx(m);
	msg_u16(m, fid);
	msg_u32(m, 0);
	msg_u32(m, 0);
	msg_u16(m, mode);
	msg_u16(m, 0);
	msg_u16(m, (unsigned)((len + prefix) >> 16));
	msg_u16(m, (unsigned)((len + prefix) & 0xffff));
	msg_u16(m, 64);
	msg_u32(m, 0);
	msg_u16(m, (unsigned)(len + prefix + 1) & 0xffff);
	msg_fill(m, 0, 1);
	if (prefix != 0)
		msg_u16(m, (unsigned)len);
	msg_bytes(m, data, len);
}

static inline void
smb1_read(struct message *m, struct head1 *h, unsigned fid)
{
	h->command = 0x2e;
	smb1_begin(m, h, 10);
	smb1_andx(m);
	msg_u16(m, fid);
	msg_fill(m, 0, 14);
	msg_u16(m, 0);
}

static inline void
smb1_data(struct message *m, struct head1 *h, const void *data, size_t len)
{
	h->command = 0x2e;
	h->response = true;
	smb1_begin(m, h, 12);
	smb1_andx(m);
	msg_fill(m, 0, 6);
	msg_u16(m, (unsigned)(len & 0xffff));
	msg_u16(m, 60);
	msg_u16(m, (unsigned)(len >> 16));
	msg_fill(m, 0, 8);
	msg_u16(m, (unsigned)(len + 1) & 0xffff);
	msg_fill(m, 0, 1);
	msg_bytes(m, data, len);
}

static inline void
smb1_transact(struct message *m, struct head1 *h, unsigned function, unsigned fid, const void *data,
    size_t len)
{
	h->command = 0x25;
	smb1_begin(m, h, 16);
	msg_u16(m, 0);
	msg_u16(m, (unsigned)len);
	msg_fill(m, 0, 18);
	msg_u16(m, (unsigned)len);
	msg_u16(m, 84);
	msg_u8(m, 2);
	msg_u8(m, 0);
	msg_u16(m, function);
	msg_u16(m, fid);
	msg_u16(m, (unsigned)len + 17);
	msg_bytes(m, "\0\\\0P\0I\0P\0E\0\\\0\0\0\0\0", 17);
	msg_bytes(m, data, len);
}

static inline void
smb1_transacted(struct message *m, struct head1 *h, const void *data, size_t len)
{
	h->command = 0x25;
	h->response = true;
	smb1_begin(m, h, 10);
	msg_u16(m, 0);
	msg_u16(m, (unsigned)len);
	msg_fill(m, 0, 8);
	msg_u16(m, (unsigned)len);
	msg_u16(m, 56);
	msg_u16(m, 0);
	msg_u16(m, 0);
	msg_u16(m, (unsigned)len + 1);
	msg_fill(m, 0, 1);
	msg_bytes(m, data, len);
}

#endif
