/* link_type.h - which of libpcap's and the file formats' link types are read, and as what. For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_LINK_TYPE_H
#define EPMWATCH_CAPTURE_LINK_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/packet.h"

/** link_type_of(dlt, out): The kind of link that libpcap calls ${dlt} (DLT_*). False if it is not
 * read. */
bool link_type_of(int dlt, enum link *out);

/** link_type_in_file(number, out): The kind of link that a capture file calls ${number}
 * (LINKTYPE_*). False if it is not read. */
bool link_type_in_file(uint32_t number, enum link *out);

#endif
