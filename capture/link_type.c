#include "capture/link_type.h"

#include <limits.h>
#include <pcap/dlt.h>
#include <stddef.h>

bool
link_type_of(int dlt, enum link *out)
{
	static const struct {
		int dlt;
		enum link link;
	} links[] = {
	    {DLT_EN10MB, LINK_ETHERNET},
	    {DLT_NULL, LINK_NULL},
	    {DLT_LOOP, LINK_LOOP},
	    {DLT_RAW, LINK_RAW},
	    {DLT_IPV4, LINK_RAW},
	    {DLT_IPV6, LINK_RAW},
	    {DLT_LINUX_SLL, LINK_SLL},
	    {DLT_LINUX_SLL2, LINK_SLL2},
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (links[i].dlt == dlt) {
			*out = links[i].link;
			return true;
		}
	}
	return false;
}

/* Files have numbers of their own, which most systems' DLT_* equal. Some writers forget to translate
 * DLT_RAW (12 on Linux), and libpcap lets it pass. */
bool
link_type_in_file(uint32_t number, enum link *out)
{
	enum {
		LINKTYPE_RAW = 101
	};

	if (number == LINKTYPE_RAW)
		number = DLT_RAW;
	return number <= INT_MAX && link_type_of((int)number, out);
}
