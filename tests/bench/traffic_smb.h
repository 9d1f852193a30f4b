/* traffic_smb.h - messages of SMB 3.0.2 as clients and servers send them over TCP. Written from the protocol (PROTOCOL
 * 4.3, and MS-SMB2 2.2 for what is not read there) and not from the code that is measured with them. */
#ifndef EPMWATCH_TESTS_BENCH_TRAFFIC_SMB_H
#define EPMWATCH_TESTS_BENCH_TRAFFIC_SMB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SMB_HEAD_MAX = 512, /* octets of a message before its data */
};

enum smb_command {
	SMB_NEGOTIATE = 0,
	SMB_SESSION_SETUP = 1,
	SMB_TREE_CONNECT = 3,
	SMB_CREATE = 5,
	SMB_CLOSE = 6,
	SMB_READ = 8,
	SMB_WRITE = 9,
	SMB_IOCTL = 11,
};

/* What a message says; what its command does not have counts for nothing. */
struct smb_says {
	enum smb_command command;
	bool by_server;
	bool more;        /* the answer to a session setup asks for another leg */
	uint64_t message; /* MessageId */
	uint64_t session;
	uint32_t tree;
	uint64_t file;   /* both halves of FileId */
	uint64_t offset; /* of a read or write */
	uint32_t
	    data; /* octets behind the message: read, written, or through a pipe; or that are asked for */
	const char *name; /* of a share or a file */
};

/** smb_put(out, says): Write the message up to its data, the four octets of its length before it, and return its length. ${out}
 * has room for SMB_HEAD_MAX octets. */
size_t smb_put(uint8_t *out, const struct smb_says *says);

/** smb_put_sealed(out, session, len): A transform header, and its length before it, for ${len} octets that are encrypted. */
size_t smb_put_sealed(uint8_t *out, uint64_t session, size_t len);

/** smb_carries(says): True if the data go with this message, and are not asked for or told of. */
bool smb_carries(const struct smb_says *says);

#endif
