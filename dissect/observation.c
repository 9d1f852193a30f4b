/* observation.c - the names of what observations count. */
#include "dissect/observation.h"

static const char *const names[PROTSEQ_COUNT] = {
    [PROTSEQ_UNKNOWN] = "unknown",
    [PROTSEQ_TCP] = "ncacn_ip_tcp",
    [PROTSEQ_UDP] = "ncadg_ip_udp",
    [PROTSEQ_HTTP] = "ncacn_http",
    [PROTSEQ_NP] = "ncacn_np",
    [PROTSEQ_LRPC] = "ncalrpc",
    [PROTSEQ_NB_NB] = "ncacn_nb_nb",
    [PROTSEQ_NB_TCP] = "ncacn_nb_tcp",
    [PROTSEQ_NB_IPX] = "ncacn_nb_ipx",
    [PROTSEQ_SPX] = "ncacn_spx",
    [PROTSEQ_IPX] = "ncadg_ipx",
    [PROTSEQ_AT_DSP] = "ncacn_at_dsp",
    [PROTSEQ_AT_DDP] = "ncadg_at_ddp",
    [PROTSEQ_VNS_SPP] = "ncacn_vns_spp",
    [PROTSEQ_VNS_IPC] = "ncadg_vns_ipc",
    [PROTSEQ_DNET_NSP] = "ncacn_dnet_nsp",
    [PROTSEQ_OSI_DNA] = "ncacn_osi_dna",
    [PROTSEQ_MQ] = "ncadg_mq",
    [PROTSEQ_UNIX] = "ncacn_unix_stream",
};

const char *
protseq_name(enum protseq p)
{
	return (unsigned)p < PROTSEQ_COUNT ? names[p] : names[PROTSEQ_UNKNOWN];
}

enum protseq
protseq_parse(const char *name)
{
	unsigned p;

	for (p = 1; p < PROTSEQ_COUNT; p++) {
		if (strcmp(names[p], name) == 0)
			return (enum protseq)p;
	}
	return PROTSEQ_UNKNOWN;
}

bool
protseq_has_port(enum protseq p)
{
	return p == PROTSEQ_TCP || p == PROTSEQ_UDP || p == PROTSEQ_HTTP;
}

enum protseq
protseq_of(enum transport t)
{
	static const enum protseq of[] = {
	    [TRANSPORT_TCP] = PROTSEQ_TCP,
	    [TRANSPORT_UDP] = PROTSEQ_UDP,
	    [TRANSPORT_NP] = PROTSEQ_NP,
	    [TRANSPORT_HTTP] = PROTSEQ_HTTP,
	};

	return of[t];
}

const char *
transport_name(enum transport t)
{
	return protseq_name(protseq_of(t));
}
