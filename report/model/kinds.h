/* kinds.h - which kind of client a session on an Exchange server is, as far as the wire tells; what it does not tell is not guessed.
 *
 *   backup    it uses the interfaces of online backup and restore
 *   dsproxy   it answers for mailboxes itself, and asks the address book of a host that does not: what an Exchange server does
 *             in the place of its clients (DSProxy)
 *   server    it answers for mailboxes itself: another Exchange server, be it for public folders, the tool that replicates them
 *             between organisations, or anything else
 *   outlook   it uses a mailbox and the address book, or the referral to one, and answers for no mailboxes
 *
 * What a host does is told by the sessions of the store, those of the last days: EMSMDB answers there. */
#ifndef EPMWATCH_REPORT_KINDS_H
#define EPMWATCH_REPORT_KINDS_H

#include <stdbool.h>
#include <stddef.h>

struct kinds;
struct query_filter;
struct query_session;
struct store;

/* The later ones say more of a client that is several. */
enum kind {
	KIND_UNKNOWN,
	KIND_OUTLOOK,
	KIND_SERVER,
	KIND_DSPROXY,
	KIND_BACKUP,
	KIND_COUNT
};

/** kinds_read(out, store, filter) / kinds_free(&k): What hosts do, by the sessions of ${filter}'s sensor and realm. -ENOMEM, ERR_STORE. */
int kinds_read(struct kinds **out, struct store *store, const struct query_filter *filter);
void kinds_free(struct kinds **k);

/** kinds_of(k, row): Of one session; KIND_UNKNOWN also where it is with no Exchange server at all. */
enum kind kinds_of(const struct kinds *k, const struct query_session *row);

/** kinds_is_exchange(row): Its interface is one of an Exchange server: a store's, a mailbox's, a directory's. */
bool kinds_is_exchange(const struct query_session *row);

/** kinds_name(kind): The word of rows; NULL for KIND_UNKNOWN. */
const char *kinds_name(enum kind kind);

#endif
