/* services.c - the interfaces whose calls are read. */
#include "dissect/services.h"

#include <stddef.h>

#include "dissect/emsmdb.h"
#include "dissect/mapper.h"
#include "dissect/oxid.h"
#include "dissect/referral.h"

#define OPNUM(n) (UINT32_C(1) << (n))

/* One row each; the endpoint mapper's is the first. */
static const struct service services[] = {
    {
	/* the endpoint mapper, e1af8308-5d1f-11c9-91a4-08002b14a0fa 3.0 */
	.uuid = {{0xe1, 0xaf, 0x83, 0x08, 0x5d, 0x1f, 0x11, 0xc9, 0x91, 0xa4, 0x08, 0x00, 0x2b,
	    0x14, 0xa0, 0xfa}},
	.major = 3,
	.opnums = OPNUM(EPM_LOOKUP) | OPNUM(EPM_MAP),
	.guesses = true,
	.is_mapper = true,
	.question = mapper_question,
	.answer = mapper_answer,
    },
    {
	/* IObjectExporter, 99fcfec4-5260-101b-bbcb-00aa0021347a 0.0 */
	.uuid = {{0x99, 0xfc, 0xfe, 0xc4, 0x52, 0x60, 0x10, 0x1b, 0xbb, 0xcb, 0x00, 0xaa, 0x00,
	    0x21, 0x34, 0x7a}},
	.opnums = OPNUM(DCOM_RESOLVE_OXID) | OPNUM(DCOM_RESOLVE_OXID2) | OPNUM(DCOM_SERVER_ALIVE2),
	.guesses = true,
	.question = oxid_exporter_question,
	.answer = oxid_exporter_answer,
    },
    {
	/* IRemoteSCMActivator, 000001a0-0000-0000-c000-000000000046 0.0 */
	.uuid = {{0x00, 0x00, 0x01, 0xa0, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x00, 0x00, 0x00,
	    0x00, 0x00, 0x46}},
	.opnums = OPNUM(DCOM_GET_CLASS_OBJECT) | OPNUM(DCOM_CREATE_INSTANCE),
	.guesses = true,
	.question = oxid_activator_question,
	.answer = oxid_activator_answer,
    },
    {
	/* IActivation, 4d9f4ab8-7d1c-11cf-861e-0020af6e7c57 0.0 */
	.uuid = {{0x4d, 0x9f, 0x4a, 0xb8, 0x7d, 0x1c, 0x11, 0xcf, 0x86, 0x1e, 0x00, 0x20, 0xaf,
	    0x6e, 0x7c, 0x57}},
	.opnums = OPNUM(DCOM_REMOTE_ACTIVATION),
	.guesses = true,
	.question = oxid_activation_question,
	.answer = oxid_activation_answer,
    },
    {
	/* Exchange's referral service (RFR), 1544f5e0-613c-11d1-93df-00c04fd7bd09 1.0 */
	.uuid = {{0x15, 0x44, 0xf5, 0xe0, 0x61, 0x3c, 0x11, 0xd1, 0x93, 0xdf, 0x00, 0xc0, 0x4f,
	    0xd7, 0xbd, 0x09}},
	.major = 1,
	.opnums = OPNUM(REFERRAL_NEW_DSA) | OPNUM(REFERRAL_FQDN),
	.question = referral_question,
	.answer = referral_answer,
    },
    {
	/* Exchange's store (EMSMDB), a4f1db00-ca47-1067-b31f-00dd010662da 0.81 */
	.uuid = {{0xa4, 0xf1, 0xdb, 0x00, 0xca, 0x47, 0x10, 0x67, 0xb3, 0x1f, 0x00, 0xdd, 0x01,
	    0x06, 0x62, 0xda}},
	.opnums = OPNUM(EMSMDB_CONNECT) | OPNUM(EMSMDB_DISCONNECT) | OPNUM(EMSMDB_REGISTER) |
		  OPNUM(EMSMDB_CONNECT_EX) | OPNUM(EMSMDB_ASYNC_CONNECT_EX),
	.is_mailbox = true,
	.question = emsmdb_question,
	.answer = emsmdb_answer,
	.sealed = emsmdb_sealed,
	.ended = emsmdb_ended,
    },
    {
	/* AsyncEMSMDB, 5261574a-4572-206e-b268-6b199213b4e4 0.1 */
	.uuid = {{0x52, 0x61, 0x57, 0x4a, 0x45, 0x72, 0x20, 0x6e, 0xb2, 0x68, 0x6b, 0x19, 0x92,
	    0x13, 0xb4, 0xe4}},
	.opnums = OPNUM(EMSMDB_ASYNC_WAIT_EX),
	.question = emsmdb_wait_question,
	.sealed = emsmdb_wait_sealed,
    },
};

const struct service *
services_find(const struct if_id *iface)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (services[i].major == iface->major &&
		    uuid_equal(&services[i].uuid, &iface->uuid))
			return &services[i];
	}
	return NULL;
}

const struct service *
services_mapper(void)
{
	return &services[0];
}
