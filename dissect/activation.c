/* activation.c - activation properties. All of it is little-endian, whatever the call that carries it (MS-DCOM 2.2.18). */
#include "dissect/activation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cursor.h"
#include "base/uuid.h"
#include "dissect/dcom.h"
#include "dissect/dualstring.h"

enum {
	SIGNATURE = 0x574f454d, /* "MEOW" */
	OBJREF_CUSTOM = 4,
	PROPERTIES = 10, /* MAX_ACTPROP_LIMIT */
	GUID_OCTETS = 16,
};

/* IActivationPropertiesOut, CLSID_ActivationPropertiesOut, which is PropsOutInfo's too, and ScmReplyInfo: 0000xxxx-0000-0000-c000-000000000046. */
static const struct uuid iid_properties_out = {
    {0x00, 0x00, 0x01, 0xa3, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
static const struct uuid clsid_properties_out = {
    {0x00, 0x00, 0x03, 0x39, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
static const struct uuid clsid_scm_reply = {
    {0x00, 0x00, 0x01, 0xb6, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46}};

/* Which properties there are. */
struct directory {
	uint32_t header_size, count;
	struct cursor clsids, sizes;
};

static void
require(struct cursor *c, bool holds)
{
	if (!holds)
		cur_fail(c, ERR_MALFORMED);
}

/*
 * What every serialised type begins with: version:u8 = 1  byte order:u8 = 0x10  length of this:u16 = 8  filler(4) = cc
 * object_buffer_length:u32  filler:u32 (MS-RPCE 2.2.6.1, 2.2.6.2).
 */
static void
type_header(struct cursor *c)
{
	static const uint8_t common[] = {1, 0x10, 8, 0, 0xcc, 0xcc, 0xcc, 0xcc};
	const uint8_t *octets = cur_take(c, sizeof(common));
	uint32_t length = cur_u32(c);

	cur_skip(c, 4);
	require(c,
	    octets != NULL && memcmp(octets, common, sizeof(common)) == 0 && length <= cur_left(c));
}

/* max_count:u32, which must be ${count}, and that many elements of ${size} octets. */
static struct cursor
array(struct cursor *c, uint32_t count, size_t size)
{
	require(c, cur_u32(c) == count && count <= cur_left(c) / size);
	return cur_sub(c, count * size);
}

/*
 * CustomHeader: totalSize:u32  headerSize:u32  dwReserved:u32  destCtx:u32  cIfs:u32  classInfoClsid:GUID  pclsid, pSizes,
 * pdwReserved: pointers  then cIfs CLSIDs and cIfs sizes (MS-DCOM 2.2.22.1). ${c} stays where the first property will follow.
 */
static bool
parse_directory(struct cursor *c, struct directory *out)
{
	struct cursor head = *c;
	bool complete;

	type_header(&head);
	cur_skip(&head, 4);
	out->header_size = cur_u32(&head);
	cur_skip(&head, 8);
	out->count = cur_u32(&head);
	cur_skip(&head, GUID_OCTETS);
	complete = cur_u32(&head) != 0;
	complete &= cur_u32(&head) != 0;
	cur_skip(&head, 4);
	require(&head, complete && out->count >= 1 && out->count <= PROPERTIES);
	out->clsids = array(&head, out->count, GUID_OCTETS);
	out->sizes = array(&head, out->count, 4);
	require(&head, out->header_size >= cur_at(&head));
	return cur_ok(&head);
}

/*
 * ScmReplyInfoData: pdwReserved, remoteReply: pointers, then what they point to. customREMOTE_REPLY_SCM_INFO: Oxid:u64
 * pdsaOxidBindings: pointer  ipidRemUnknown:GUID  authnHint:u32  serverVersion:u16,u16  the bindings (MS-DCOM 2.2.22.2.8).
 */
static void
parse_scm_reply(struct cursor *c, struct dcom_answer *out)
{
	bool reserved, reply;

	type_header(c);
	reserved = cur_u32(c) != 0;
	reply = cur_u32(c) != 0;
	if (!reply)
		return;
	cur_skip(c, reserved ? 4 : 0);
	cur_align(c, 8);
	out->oxid = cur_u64(c);
	out->has_oxid = true;
	reply = cur_u32(c) != 0;
	cur_skip(c, GUID_OCTETS + 4 + 4);
	if (reply)
		out->has_bindings = dualstring_parse(c, &out->strings);
}

/*
 * PropsOutInfo: cIfs:u32  piid, phresults, ppIntfData: pointers  then cIfs IIDs, cIfs results, and object references (MS-DCOM
 * 2.2.22.2.9). The latter name a resolver, not an exporter.
 */
static void
parse_properties_out(struct cursor *c, struct dcom_answer *out)
{
	bool iids, results;
	uint32_t count;

	type_header(c);
	count = cur_u32(c);
	iids = cur_u32(c) != 0;
	results = cur_u32(c) != 0;
	cur_skip(c, 4);
	if (!iids || !results)
		return;
	out->iids = array(c, count, GUID_OCTETS);
	out->results = array(c, count, 4);
}

static bool
parse_property(struct cursor *c, const struct uuid *clsid, struct dcom_answer *out)
{
	if (uuid_equal(clsid, &clsid_scm_reply))
		parse_scm_reply(c, out);
	else if (uuid_equal(clsid, &clsid_properties_out))
		parse_properties_out(c, out);
	return cur_ok(c);
}

/* The properties, one behind the other after the header. */
static bool
parse_properties(struct cursor *c, struct dcom_answer *out)
{
	struct directory directory;

	if (!parse_directory(c, &directory))
		return false;
	cur_skip(c, directory.header_size);
	for (uint32_t i = 0; i < directory.count; i++) {
		struct uuid clsid = uuid_read(&directory.clsids);
		struct cursor property = cur_sub(c, cur_u32(&directory.sizes));

		if (!parse_property(&property, &clsid, out))
			return false;
	}
	return cur_ok(c);
}

/*
 * OBJREF_CUSTOM: signature:u32  flags:u32  iid:GUID  clsid:GUID  cbExtension:u32  reserved:u32  then the blob: dwSize:u32
 * dwReserved:u32  header and properties, dwSize octets together (MS-DCOM 2.2.18.6, 2.2.22).
 */
int
activation_parse(struct cursor *objref, struct dcom_answer *out)
{
	bool known = cur_u32(objref) == SIGNATURE;
	struct uuid iid, clsid;
	struct cursor blob;
	uint32_t size;

	known &= cur_u32(objref) == OBJREF_CUSTOM;
	iid = uuid_read(objref);
	clsid = uuid_read(objref);
	cur_skip(objref, 8);
	size = cur_u32(objref);
	cur_skip(objref, 4);
	require(objref, known && uuid_equal(&iid, &iid_properties_out) &&
			    uuid_equal(&clsid, &clsid_properties_out));
	blob = cur_sub(objref, size);
	return parse_properties(&blob, out) ? ERR_OK : ERR_MALFORMED;
}
