/* foreign_bytes.h - for tests: how things begin that are not DCE/RPC. To be included after cmocka.h. */
#ifndef EPMWATCH_TESTS_UNIT_FOREIGN_BYTES_H
#define EPMWATCH_TESTS_UNIT_FOREIGN_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* TLS 1.2: a record with a ClientHello of one cipher suite, no session, no extensions but the groups (RFC 5246, 7.4.1.2). */
static const uint8_t tls_client_hello[] = {
    0x16, 0x03, 0x01, 0x00, 0x39,       /* record: handshake, its length */
    0x01, 0x00, 0x00, 0x35, 0x03, 0x03, /* ClientHello, its length, version */
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27, 28, 29, 30, 31, 32,                   /* random */
    0x00, 0x00, 0x02, 0xc0, 0x2f, 0x01, 0x00, /* no session, one suite, no compression */
    0x00, 0x0a, 0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x17, 0x00, 0x18, /* supported groups */
};

static const uint8_t tls_server_hello[] = {
    0x16,
    0x03,
    0x03,
    0x00,
    0x2a,
    0x02,
    0x00,
    0x00,
    0x26,
    0x03,
    0x03,
    32,
    31,
    30,
    29,
    28,
    27,
    26,
    25,
    24,
    23,
    22,
    21,
    20,
    19,
    18,
    17,
    16,
    15,
    14,
    13,
    12,
    11,
    10,
    9,
    8,
    7,
    6,
    5,
    4,
    3,
    2,
    1,
    0x00,
    0xc0,
    0x2f,
    0x00,
};

static const uint8_t ssh_banner[] = "SSH-2.0-OpenSSH_9.2\r\n";
static const uint8_t http_request[] =
    "GET /status HTTP/1.1\r\nHost: exchange\r\nUser-Agent: probe\r\n\r\n";
static const uint8_t http_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#endif
