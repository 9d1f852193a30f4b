/* pcap_loop.c - libpcap's pcap_loop() over a capture with a callback that does nothing: what it costs merely to read.
 *
 * usage: pcap_loop [-c] CAPTURE     -c: count the packets, and print how many there are */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

static void
nothing(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	(void)user;
	(void)header;
	(void)data;
}

static void
count(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
	uint64_t packets;

	(void)header;
	(void)data;
	memcpy(&packets, user, sizeof(packets));
	packets++;
	memcpy(user, &packets, sizeof(packets));
}

int
main(int argc, char **argv)
{
	const int counting = argc > 1 && strcmp(argv[1], "-c") == 0;
	char problem[PCAP_ERRBUF_SIZE] = "usage: pcap_loop [-c] CAPTURE";
	u_char packets[sizeof(uint64_t)] = {0};
	uint64_t counted;
	pcap_t *p = argc == 2 + counting ? pcap_open_offline(argv[1 + counting], problem) : NULL;

	if (p == NULL || pcap_loop(p, -1, counting ? count : nothing, packets) != 0) {
		fprintf(stderr, "%s\n", p == NULL ? problem : pcap_geterr(p));
		return 1;
	}
	pcap_close(p);
	memcpy(&counted, packets, sizeof(counted));
	if (counting)
		printf("%" PRIu64 "\n", counted);
	return 0;
}
