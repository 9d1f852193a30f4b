/* hints.h - what the consumer knows across flows and tells the dissector: which endpoints answer DCE/RPC, which hosts are Exchange
 * servers, and where new-mail datagrams were registered to go.
 *
 * The dissector follows any connection to or from a learned endpoint from its SYN on, before the first bytes prove
 * what they are. The consumer owns the table and learns; dissectors only read. One in the same thread may read what is
 * still learning. What other threads read must not change any more: they are given a hints_copy(), which nobody teaches,
 * and which is freed when none of them reads it. */
#ifndef EPMWATCH_DISSECT_HINTS_H
#define EPMWATCH_DISSECT_HINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct hints;

enum {
	HINTS_MAX = 65536,          /* endpoints; 36 bytes each when full, and 8 KiB for their ports; further ones are counted and not learned */
	HINTS_MAILBOXES_MAX = 1024, /* hosts; as many bytes each */
	HINTS_STORES_MAX = 4096,    /* endpoints of EMSMDB; likewise, and 8 KiB for their ports */
	HINTS_CALLBACKS_MAX = 8192  /* destinations; likewise, and 8 KiB for their ports */
};

/** hints_new(out) / hints_free(&h): An empty table. -ENOMEM. Grows up to HINTS_MAX. */
int hints_new(struct hints **out);
void hints_free(struct hints **h);

/** hints_keep_secret(h, secret): Order the table so that nobody who does not know ${secret} can aim at it. Before anything is learned. */
void hints_keep_secret(struct hints *h, uint64_t secret);

/** hints_learn(h, server, port): From now on ${port} of ${server} is known to answer DCE/RPC. Port 0 is not. */
void hints_learn(struct hints *h, const struct addr *server, uint16_t port);

/** hints_is_endpoint(h, server, port): True if that was learned. ${h} may be NULL. */
bool hints_is_endpoint(const struct hints *h, const struct addr *server, uint16_t port);

/** hints_has_port(h, port): True if ${port} was learned of any server. A look into a table of bits. ${h} may be NULL. */
bool hints_has_port(const struct hints *h, uint16_t port);

/** hints_learn_mailbox(h, server): ${server} is one that EMSMDB answers on. */
void hints_learn_mailbox(struct hints *h, const struct addr *server);

/** hints_is_mailbox(h, server): True if that was learned. ${h} may be NULL. */
bool hints_is_mailbox(const struct hints *h, const struct addr *server);

/** hints_learn_store(h, server, port): ${server} is one that EMSMDB answers on, at that TCP port. Port 0: nobody knows which; then only the former. */
void hints_learn_store(struct hints *h, const struct addr *server, uint16_t port);

/** hints_is_store(h, server, port) / hints_has_store_port(h, port): True if that was learned; if it was of any server. ${h} may be NULL. */
bool hints_is_store(const struct hints *h, const struct addr *server, uint16_t port);
bool hints_has_store_port(const struct hints *h, uint16_t port);

/** hints_learn_callback(h, addr, port) / hints_forget_callback(h, addr, port): New-mail datagrams were registered to go there, and are no
 * longer. Port 0 is not learned; to forget what is not known is no error. */
void hints_learn_callback(struct hints *h, const struct addr *addr, uint16_t port);
void hints_forget_callback(struct hints *h, const struct addr *addr, uint16_t port);

/** hints_is_callback(h, addr, port): True if that is registered. ${h} may be NULL. */
bool hints_is_callback(const struct hints *h, const struct addr *addr, uint16_t port);

/** hints_has_callback_port(h, port): False only if nothing was ever registered for ${port}, of whatever address. ${h} may be NULL. */
bool hints_has_callback_port(const struct hints *h, uint16_t port);

/** hints_version(h): Another number than before whenever something was learned or forgotten. */
uint64_t hints_version(const struct hints *h);

/** hints_copy(h, out): What ${h} knows now, apart from it: for threads that only read. -ENOMEM. */
int hints_copy(const struct hints *h, struct hints **out);

/** hints_ports(h, out, most): The ports of the endpoints, each once, in ascending order; returns how many there are, of
 * which the first ${most} are in ${out}. */
size_t hints_ports(const struct hints *h, uint16_t *out, size_t most);

/** hints_count(h) / hints_refused(h): Endpoints learned; endpoints, hosts and destinations that found their table full. */
size_t hints_count(const struct hints *h);
uint64_t hints_refused(const struct hints *h);

#endif
