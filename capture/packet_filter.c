/* packet_filter.c - libpcap's compiler and its interpreter. */
#include "capture/packet_filter.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/packet.h"

/* There are about ten link types that are read; each may come in two byte orders. */
enum {
	PROGRAMS = 32,
	FILE_HEADER = 24,
	SNAPLEN = 262144
};

struct compiled {
	uint32_t number;
	bool big_endian;
	struct bpf_program program; /* owned */
};

struct packet_filter {
	char *expression; /* owned */
	size_t count;
	struct compiled compiled[PROGRAMS];
};

int
packet_filter_new(struct packet_filter **out, const char *expression)
{
	struct packet_filter *f;

	*out = NULL;
	if (expression == NULL)
		return ERR_OK;
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return -ENOMEM;
	f->expression = strdup(expression);
	if (f->expression == NULL) {
		free(f);
		return -ENOMEM;
	}
	*out = f;
	return ERR_OK;
}

void
packet_filter_free(struct packet_filter **f)
{
	if (*f == NULL)
		return;
	for (size_t i = 0; i < (*f)->count; i++)
		pcap_freecode(&(*f)->compiled[i].program);
	free((*f)->expression);
	free(*f);
	*f = NULL;
}

static void
put_u32(uint8_t *out, uint32_t value, bool big_endian)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> 8 * (big_endian ? 3 - i : i));
}

/*
 * What a program looks like may depend on the byte order of the file (the address families of
 * LINK_NULL are in it), which libpcap takes from a file that it has opened, and only from there. So
 * it gets one: the header of an empty capture.
 *
 *     magic:u32 major:u16 minor:u16 zone:u32 accuracy:u32 snap length:u32 link type:u32
 */
static pcap_t *
open_empty(uint32_t number, bool big_endian)
{
	uint8_t header[FILE_HEADER] = {0};
	char words[PCAP_ERRBUF_SIZE];
	FILE *file;
	pcap_t *pcap;

	put_u32(header, 0xa1b2c3d4, big_endian);
	header[big_endian ? 5 : 4] = 2;
	header[big_endian ? 7 : 6] = 4;
	put_u32(header + 16, SNAPLEN, big_endian);
	put_u32(header + 20, number, big_endian);
	file = fmemopen(header, sizeof(header), "r");
	if (file == NULL)
		return NULL;
	pcap = pcap_fopen_offline(file, words);
	if (pcap == NULL)
		fclose(file);
	return pcap;
}

static int
compile(struct packet_filter *f, struct compiled *c, char words[SOURCE_WORDS])
{
	pcap_t *pcap = open_empty(c->number, c->big_endian);
	int err = ERR_OK;

	if (pcap == NULL)
		return -ENOMEM;
	if (pcap_compile(pcap, &c->program, f->expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		snprintf(words, SOURCE_WORDS, "%s", pcap_geterr(pcap));
		err = ERR_USAGE;
	}
	pcap_close(pcap);
	return err;
}

int
packet_filter_for(struct packet_filter *f, uint32_t number, bool big_endian,
    const struct bpf_program **out, char words[SOURCE_WORDS])
{
	struct compiled *c;
	int err;

	*out = NULL;
	if (f == NULL)
		return ERR_OK;
	for (c = f->compiled; c < f->compiled + f->count; c++) {
		if (c->number == number && c->big_endian == big_endian) {
			*out = &c->program;
			return ERR_OK;
		}
	}
	if (f->count == PROGRAMS)
		return -ENOMEM;
	*c = (struct compiled){.number = number, .big_endian = big_endian};
	err = compile(f, c, words);
	if (err != ERR_OK)
		return err;
	f->count++;
	*out = &c->program;
	return ERR_OK;
}

bool
packet_filter_passes(const struct bpf_program *program, const struct packet *packet)
{
	const struct pcap_pkthdr header = {.caplen = packet->caplen, .len = packet->wirelen};

	return pcap_offline_filter(program, &header, packet->data) != 0;
}
