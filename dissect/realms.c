#include "dissect/realms.h"

#include <string.h>

#include "dissect/observation.h"
#include "dissect/tunnel.h"

bool
realms_vlan(struct realms *r, unsigned long id, uint8_t realm)
{
	if (id >= REALMS_VLANS || r->vlan[id] != 0)
		return false;
	r->vlan[id] = realm;
	return true;
}

/* Where ${vni} is, or would be. */
static size_t
place_of(const struct realms *r, unsigned long vni)
{
	size_t first = 0, end = r->vnis;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (r->vni[middle].vni < vni)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static uint8_t
of_vni(const struct realms *r, uint32_t vni)
{
	size_t i = place_of(r, vni);

	return i < r->vnis && r->vni[i].vni == vni ? r->vni[i].realm : 0;
}

bool
realms_vni(struct realms *r, unsigned long vni, uint8_t realm)
{
	size_t i = place_of(r, vni);

	if (vni > REALMS_VNI_LAST || r->vnis == REALMS_VNIS || of_vni(r, (uint32_t)vni) != 0)
		return false;
	memmove(&r->vni[i + 1], &r->vni[i], (r->vnis - i) * sizeof(r->vni[0]));
	r->vni[i].vni = (uint32_t)vni;
	r->vni[i].realm = realm;
	r->vnis++;
	return true;
}

/* The realm of the innermost of the tags from ${from} to before ${to} that has one. */
static uint8_t
of_tags(const struct realms *r, const struct where *at, size_t from, size_t to)
{
	while (to-- > from) {
		if (r->vlan[at->vlan[to]] != 0)
			return r->vlan[at->vlan[to]];
	}
	return 0;
}

static uint8_t
of_layer(const struct realms *r, const struct tunnel *layer)
{
	bool has_vni = layer->kind == TUNNEL_VXLAN || layer->kind == TUNNEL_GENEVE;

	return has_vni ? of_vni(r, layer->id) : 0;
}

uint8_t
realms_of(const struct realms *r, const struct where *at, const struct tunnel_path *path)
{
	size_t end = at->vlan_count;

	for (size_t i = path->count; i-- > 0;) {
		const struct tunnel *layer = &path->layer[i];
		uint8_t realm = of_tags(r, at, layer->vlans, end);

		if (realm == 0)
			realm = of_layer(r, layer);
		if (realm != 0)
			return realm;
		end = layer->vlans;
	}
	return of_tags(r, at, 0, end);
}
