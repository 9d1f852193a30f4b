/* render_servers.h - what a report in text says of servers as a whole: other names, what could not be read, referrals. */
#ifndef EPMWATCH_REPORT_RENDER_SERVERS_H
#define EPMWATCH_REPORT_RENDER_SERVERS_H

#include <stdbool.h>

struct addr;
struct page;

/** render_server(p, sensor, realm, server): Lines below the head of a server: what else it is called, and how many of
 * its calls could not be read. Nothing where nothing is known. */
void render_server(
    const struct page *p, const char *sensor, const char *realm, const struct addr *server);

/** render_sealed(p, listed): Servers without an endpoint whose calls could not be read, with their heads. ${listed}: for each of
 * servers_all(), that it was listed with its endpoints. */
void render_sealed(const struct page *p, const bool *listed);

/** render_referrals(p): The section of where address books send their clients; nothing where nobody was sent anywhere in the
 * period. -ENOMEM. */
int render_referrals(const struct page *p);

#endif
