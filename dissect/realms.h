/* realms.h - which realm a packet's addresses belong to, by its VLAN tags and tunnels.
 *
 * Two sites may use the same addresses; what tells them apart on a mirror port is a tag or a virtual network's number.
 * The innermost one that has a rule decides, since it is the most specific: the tag of the network that carries a tunnel
 * says nothing of who is inside. Realm 0, the run's own, is that of all others. */
#ifndef EPMWATCH_DISSECT_REALMS_H
#define EPMWATCH_DISSECT_REALMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tunnel_path;
struct where;

enum {
	REALMS_MOST = 255, /* beside realm 0 */
	REALMS_VLANS = 4096,
	REALMS_VNIS = 1024, /* that can have a rule */
	REALMS_VNI_LAST = 0xffffff,
};

/* All zero is one without rules. */
struct realms {
	uint8_t vlan[REALMS_VLANS]; /* 0: no rule */
	size_t vnis;
	struct {
		uint32_t vni;
		uint8_t realm;
	} vni[REALMS_VNIS]; /* ascending */
};

/** realms_vlan(r, id, realm) / realms_vni(r, vni, realm): What is tagged, or numbered, so belongs to ${realm}. False if
 * that has a rule already, is no such number, or there is no room. */
bool realms_vlan(struct realms *r, unsigned long id, uint8_t realm);
bool realms_vni(struct realms *r, unsigned long vni, uint8_t realm);

/** realms_of(r, at, path): The realm of a packet with the tags of ${at} that came through ${path}. */
uint8_t realms_of(const struct realms *r, const struct where *at, const struct tunnel_path *path);

#endif
