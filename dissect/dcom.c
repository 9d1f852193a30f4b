/* dcom.c - the stubs of DCOM's resolver and activators. */
#include "dissect/dcom.h"

#include "dissect/activation.h"
#include "dissect/dualstring.h"
#include "dissect/ndr.h"
#include "dissect/stub.h"

enum {
	GUID_OCTETS = 16,
	COMVERSION = 4, /* two u16 */
};

/* An array of ${size} octets an element: max_count:u32, then that many. */
static struct cursor
counted_array(struct ndr *n, size_t size, uint32_t *count)
{
	*count = ndr_u32(n);
	if (*count > cur_left(&n->c) / size)
		cur_fail(&n->c, ERR_MALFORMED);
	return cur_sub(&n->c, *count * size);
}

/*
 * MInterfacePointer, a conformant structure: max_count:u32  ulCntData:u32  abData, an OBJREF, which is little-endian whatever
 * the stub is (MS-DCOM 2.2.14, 2.2.18).
 */
static struct cursor
interface_pointer(struct ndr *n)
{
	uint32_t max_count = ndr_u32(n), length = ndr_u32(n);
	struct cursor objref;

	if (max_count != length)
		cur_fail(&n->c, ERR_MALFORMED);
	objref = cur_sub(&n->c, length);
	objref.le = true;
	return objref;
}

/* ORPC_EXTENT, a conformant structure: max_count:u32  id:GUID  size:u32  data, padded to a multiple of 8 (MS-DCOM 2.2.13.1). */
static void
skip_extent(struct ndr *n)
{
	uint32_t padded = ndr_u32(n);

	cur_skip(&n->c, GUID_OCTETS);
	if (ndr_u32(n) > padded)
		cur_fail(&n->c, ERR_MALFORMED);
	cur_skip(&n->c, padded);
}

/* A pointer to ORPC_EXTENT_ARRAY: size:u32  reserved:u32  pointer to an array of pointers to extents (MS-DCOM 2.2.13.2). */
static void
skip_extensions(struct ndr *n)
{
	struct cursor referents;
	uint32_t count;

	if (!ndr_pointer(n))
		return;
	(void)ndr_u32(n);
	(void)ndr_u32(n);
	if (!ndr_pointer(n))
		return;
	for (referents = counted_array(n, 4, &count); count > 0 && cur_ok(&n->c); count--) {
		if (cur_u32(&referents) != 0)
			skip_extent(n);
	}
}

/* ORPCTHIS: version:u16,u16  flags:u32  reserved:u32  cid:GUID  extensions (MS-DCOM 2.2.13.3). */
static void
skip_orpc_this(struct ndr *n)
{
	cur_skip(&n->c, 4 + 4 + 4 + GUID_OCTETS);
	skip_extensions(n);
}

/* ORPCTHAT: flags:u32  extensions (MS-DCOM 2.2.13.4). */
static void
skip_orpc_that(struct ndr *n)
{
	cur_skip(&n->c, 4);
	skip_extensions(n);
}

/* DUALSTRINGARRAY **: NULL where the call failed. */
static void
parse_bindings(struct ndr *n, struct dcom_answer *out)
{
	if (ndr_pointer(n))
		out->has_bindings = dualstring_parse(&n->c, &out->strings);
}

/* bindings  IPID:GUID  pAuthnHint:u32  [version]  status:u32 (MS-DCOM 3.1.2.5.1.1, 3.1.2.5.1.5). */
static void
parse_resolve(struct ndr *n, bool has_version, struct dcom_answer *out)
{
	parse_bindings(n, out);
	cur_align(&n->c, 4);
	cur_skip(&n->c, GUID_OCTETS);
	(void)ndr_u32(n);
	cur_skip(&n->c, has_version ? COMVERSION : 0);
	out->status = ndr_u32(n);
}

/* version  bindings of the resolver  pReserved:u32  status:u32 (MS-DCOM 3.1.2.5.1.6). */
static void
parse_server_alive2(struct ndr *n, struct dcom_answer *out)
{
	cur_skip(&n->c, COMVERSION);
	parse_bindings(n, out);
	(void)ndr_u32(n);
	out->status = ndr_u32(n);
}

/* ORPCTHAT  MInterfacePointer **ppActProperties  status:u32 (MS-DCOM 3.1.2.5.2.3.2, 3.1.2.5.2.3.3). */
static void
parse_activator(struct ndr *n, struct dcom_answer *out)
{
	struct cursor objref;

	skip_orpc_that(n);
	if (ndr_pointer(n)) {
		objref = interface_pointer(n);
		if (activation_parse(&objref, out) != ERR_OK)
			cur_fail(&n->c, ERR_MALFORMED);
	}
	out->status = ndr_u32(n);
}

/* MInterfacePointer **, size_is(Interfaces): max_count:u32, that many referents, then what they point to. */
static void
skip_interface_pointers(struct ndr *n)
{
	uint32_t count;
	struct cursor referents = counted_array(n, 4, &count);

	for (; count > 0 && cur_ok(&n->c); count--) {
		if (cur_u32(&referents) != 0)
			(void)interface_pointer(n);
	}
}

/*
 * ORPCTHAT  pOxid:u64  bindings  IPID:GUID  pAuthnHint:u32  version  phr:u32  ppInterfaceData  pResults  status:u32
 * (MS-DCOM 3.1.2.5.2.3.1). phr is what became of the activation where the call itself went well.
 */
static void
parse_activation(struct ndr *n, struct dcom_answer *out)
{
	uint32_t result, count;

	skip_orpc_that(n);
	cur_align(&n->c, 8);
	out->oxid = cur_u64(&n->c);
	out->has_oxid = out->oxid != 0;
	parse_bindings(n, out);
	cur_align(&n->c, 4);
	cur_skip(&n->c, GUID_OCTETS);
	(void)ndr_u32(n);
	cur_skip(&n->c, COMVERSION);
	result = ndr_u32(n);
	skip_interface_pointers(n);
	out->results = counted_array(n, 4, &count);
	out->status = ndr_u32(n);
	if (out->status == 0)
		out->status = result;
}

int
dcom_parse_answer(
    enum oxid_operation operation, const struct rpc_stub *stub, struct dcom_answer *out)
{
	struct ndr n = ndr_init(stub->data, stub->len, stub->le, false);

	*out = (struct dcom_answer){.strings = cur_init(NULL, 0, true),
	    .iids = cur_init(NULL, 0, true),
	    .results = cur_init(NULL, 0, true)};
	switch (operation) {
	case OXID_SERVER_ALIVE2:
		parse_server_alive2(&n, out);
		break;
	case OXID_RESOLVE:
	case OXID_RESOLVE2:
		parse_resolve(&n, operation == OXID_RESOLVE2, out);
		break;
	case OXID_REMOTE_ACTIVATION:
		parse_activation(&n, out);
		break;
	case OXID_CREATE_INSTANCE:
	case OXID_GET_CLASS_OBJECT:
		parse_activator(&n, out);
		break;
	}
	out->whole = cur_left(&n.c) == 0;
	return cur_ok(&n.c) ? ERR_OK : ERR_MALFORMED;
}

/* [string, unique] of UTF-16: max_count:u32  offset:u32  actual_count:u32  units. */
static void
skip_wide_string(struct ndr *n)
{
	uint32_t units;

	if (!ndr_pointer(n))
		return;
	(void)ndr_u32(n);
	(void)ndr_u32(n);
	units = ndr_u32(n);
	if (units > cur_left(&n->c) / 2)
		cur_fail(&n->c, ERR_MALFORMED);
	cur_skip(&n->c, (size_t)units * 2);
}

/*
 * ORPCTHIS  Clsid:GUID  pwszObjectName  pObjectStorage  ClientImpLevel:u32  Mode:u32  Interfaces:u32  pIIDs  and protocol
 * sequences, which are not needed.
 */
static void
parse_activation_question(struct ndr *n, struct dcom_question *out)
{
	struct cursor iids;
	uint32_t count;

	skip_orpc_this(n);
	cur_skip(&n->c, GUID_OCTETS);
	skip_wide_string(n);
	if (ndr_pointer(n))
		(void)interface_pointer(n);
	for (int i = 0; i < 3; i++)
		(void)ndr_u32(n);
	if (!ndr_pointer(n))
		return;
	iids = counted_array(n, GUID_OCTETS, &count);
	for (; count > 0 && out->iid_count < DCOM_IIDS && cur_ok(&iids); count--)
		out->iid[out->iid_count++] = uuid_read(&iids);
}

int
dcom_parse_question(
    enum oxid_operation operation, const struct rpc_stub *stub, struct dcom_question *out)
{
	struct ndr n = ndr_init(stub->data, stub->len, stub->le, false);

	*out = (struct dcom_question){0};
	if (operation == OXID_RESOLVE || operation == OXID_RESOLVE2) {
		out->oxid = cur_u64(&n.c);
		out->has_oxid = cur_ok(&n.c);
	} else if (operation == OXID_REMOTE_ACTIVATION) {
		parse_activation_question(&n, out);
	}
	return cur_ok(&n.c) ? ERR_OK : ERR_MALFORMED;
}
