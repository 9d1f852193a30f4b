/* traffic.c - captures for measuring, on standard output: the same octets every time, made as fast as they can be read.
 *
 * usage: traffic [-g] KIND PACKETS [FLOWS [EVERY]] >CAPTURE     -g: pcapng instead of pcap
 *   min        minimum size, of FLOWS connections (100000)
 *   mixed      374 octets in the mean, of FLOWS connections (100000): TCP, UDP, IPv6, VLAN
 *   large      1514 octets, of FLOWS connections (1000)
 *   epm        mixed, with an exchange with an endpoint mapper and a bind that follows every EVERY packets (1000)
 *   epm-flood  min, with the same
 *   rpc        nothing but RPC, sixty-four connections at a time
 *   flows      minimum size, of FLOWS connections that are all met in their middle (PACKETS)
 *   syn        a SYN flood with forged sources, half of it to endpoint mappers
 *   smb        reads and writes of 64 KiB to 1 MiB over FLOWS connections (4, and no more) to port 445, with an exchange over a named pipe
 *              every EVERY packets: an endpoint mapper's answer, or a sealed call; and
 *   smb-sealed  the same encrypted
 *   lying      random payloads to port 135, in FLOWS connections (100000); and
 *   lying-elsewhere  the same to another port
 * What is in it is told on standard error in one line of NAME=NUMBER. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "tests/bench/traffic_scene.h"

enum {
	FLOWS_MAX = 16000000,
	EVERY = 1000,
};

static const struct kind *
find_kind(const char *name)
{
	const struct kind *const tables[] = {scene_quiet, scene_mixed, scene_shares};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct kind *k = tables[i]; k->name != NULL; k++) {
			if (strcmp(name, k->name) == 0)
				return k;
		}
	}
	return NULL;
}

static bool
parse_number(const char *text, uint64_t *out)
{
	char *end;

	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && *out > 0;
}

static bool
parse(struct scene *s, const struct kind **kind, int argc, char **argv)
{
	uint64_t *const numbers[] = {&s->packets, &s->flows, &s->every};

	if (argc < 2 || argc > 4)
		return false;
	*kind = find_kind(argv[0]);
	for (int i = 1; i < argc; i++) {
		if (!parse_number(argv[i], numbers[i - 1]))
			return false;
	}
	if (*kind == NULL)
		return false;
	if (s->flows == 0)
		s->flows = (*kind)->flows > 0 ? (*kind)->flows : s->packets;
	if (s->every == 0)
		s->every = EVERY;
	return s->flows <= FLOWS_MAX;
}

static void
tell(const struct scene *s)
{
	fprintf(stderr,
	    "packets=%" PRIu64 " octets=%" PRIu64 " rpc_packets=%" PRIu64 " pdus=%" PRIu64
	    " binds=%" PRIu64 " answers=%" PRIu64 "\n",
	    s->file.packets, s->file.octets, s->counts.packets, s->counts.pdus, s->counts.binds,
	    s->counts.answers);
}

static int
make(struct scene *s, const struct kind *kind, bool ng)
{
	if (!scene_open(s, kind) || !traffic_file_open(&s->file, ng)) {
		fputs("traffic: no memory\n", stderr);
		return EX_OSERR;
	}
	while (s->file.packets < s->packets && !s->file.failed)
		kind->packet(s);
	if (!traffic_file_close(&s->file)) {
		perror("traffic: standard output");
		return EX_IOERR;
	}
	tell(s);
	return 0;
}

int
main(int argc, char **argv)
{
	const bool ng = argc > 1 && strcmp(argv[1], "-g") == 0;
	const struct kind *kind;
	struct scene s = {0};
	int status;

	if (!parse(&s, &kind, argc - 1 - ng, argv + 1 + ng)) {
		fputs("usage: traffic [-g] KIND PACKETS [FLOWS [EVERY]] >CAPTURE\n", stderr);
		return EX_USAGE;
	}
	status = make(&s, kind, ng);
	scene_close(&s);
	return status;
}
