/* fuzz.h - what every fuzz target exports, and what its input means. Seeds follow these layouts
 * (tests/gen/make-seeds).
 *
 *   capture a capture file, plain or compressed, as it lies there
 *   tower   the octets of one tower
 *   pdu     PDUs one after the other, of either side; see fuzz_pdu.c
 *   epm     one octet: bit 0 big-endian, bit 1 NDR64, bits 2-3 the operation (0 ept_map request, 1
 * ept_map response, 2 ept_lookup request, 3 ept_lookup response); then the stub stream  steps: see
 * fuzz_stream.c
 *   crossing  steps: see fuzz_crossing.c
 *   dcom    one octet: bit 0 big-endian, bit 1 NDR64, bits 2-5 what follows (0 ServerAlive2, 1 ResolveOxid, 2 ResolveOxid2, 3
 * RemoteActivation, 4 RemoteCreateInstance, 5 RemoteGetClassObject, 6 RfrGetNewDSA, 7 RfrGetFQDNFromServerDN: its stub; 8 a token),
 * bit 6 little room; then the octets
 *   datagram  steps: see fuzz_datagram.c
 *   emsmdb  see fuzz_emsmdb.c
 *   http  steps: see fuzz_http.c
 *   smb  steps: see fuzz_smb.c
 *   packet  packets: see fuzz_packet.c
 *   policy  the text of a policy */
#ifndef EPMWATCH_TESTS_FUZZ_FUZZ_H
#define EPMWATCH_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
