"""The endpoint mapper's bytes: towers, and the stubs of ept_map and ept_lookup in NDR32 and NDR64.

Written from C706 (appendices B, L and O) and MS-RPCE.
"""
import struct

from rpc import NDR, NIL, order, uuid_wire

LOOKUP, MAP = 2, 3
OK, NOT_REGISTERED = 0, 0x16C9A0D6
NIL_HANDLE = b"\0" * 20

PORT, NAME, RAW = "port", "name", "raw"

# protocol sequence -> floor 3, floor 4 and what its right side is, host floor and what its right side is
KINDS = {
    "ncacn_ip_tcp": (0x0B, 0x07, PORT, 0x09),
    "ncadg_ip_udp": (0x0A, 0x08, PORT, 0x09),
    "ncacn_http": (0x0B, 0x1F, PORT, 0x09),
    "ncacn_np": (0x0B, 0x0F, NAME, 0x11),
    "ncalrpc": (0x0C, 0x10, NAME, None),
    "ncacn_nb_nb": (0x0B, 0x12, NAME, 0x11),
    "ncacn_spx": (0x0B, 0x0C, RAW, 0x0D),
    "ncadg_ipx": (0x0A, 0x0E, RAW, 0x0E),
    "ncacn_at_dsp": (0x0B, 0x16, NAME, 0x18),
    "ncacn_vns_spp": (0x0B, 0x1A, RAW, 0x1C),
}


def floor(left, right):
    """All counts in a tower are little-endian, whatever the data representation says."""
    return struct.pack("<H", len(left)) + left + struct.pack("<H", len(right)) + right


def uuid_floor(uuid, major, minor):
    return floor(b"\x0d" + uuid_wire(uuid) + struct.pack("<H", major), struct.pack("<H", minor))


def host_octets(host):
    if isinstance(host, bytes):
        return host
    parts = (host or "").split(".")
    if len(parts) == 4 and all(p.isdigit() for p in parts):
        return bytes(int(p) for p in parts)
    return host.encode() + b"\0"


class Tower:
    """An interface at an endpoint; host is a dotted address, a name, or the octets themselves."""

    def __init__(self, interface, protseq, endpoint, host="0.0.0.0", host_id=None, octets=None):
        self.interface, self.protseq, self.endpoint, self.host = interface, protseq, endpoint, host
        self.host_id, self.octets = host_id, octets

    def wire(self):
        if self.octets is not None:
            return self.octets
        uuid, (major, minor) = self.interface
        rpc, transport, kind, network = KINDS[self.protseq]
        if kind == PORT:
            right = struct.pack(">H", self.endpoint)
        else:
            right = self.endpoint if isinstance(self.endpoint, bytes) else self.endpoint.encode("latin-1") + b"\0"
        floors = [uuid_floor(uuid, major, minor), uuid_floor(NDR[0], NDR[1], 0), floor(bytes([rpc]), b"\0\0"), floor(bytes([transport]), right)]
        if network is not None:
            floors.append(floor(bytes([self.host_id or network]), host_octets(self.host)))
        return struct.pack("<H", len(floors)) + b"".join(floors)


class Entry:
    """One entry of an ept_lookup answer."""

    def __init__(self, tower, annotation="", obj=NIL):
        self.tower, self.annotation, self.obj = tower, annotation, obj


class Ndr:
    """A stub under construction. Pads are garbage, as real servers leave them."""

    def __init__(self, le=True, wide=False):
        self.le, self.wide, self.out = le, wide, b""

    def align(self, n):
        self.out += b"\xab" * (-len(self.out) % n)

    def u16(self, v):
        self.align(2)
        self.out += struct.pack(order(self.le) + "H", v)

    def u32(self, v):
        self.align(4)
        self.out += struct.pack(order(self.le) + "I", v)

    def long(self, v):
        """A pointer, conformance or variance: 4 octets in NDR32, 8 in NDR64."""
        if not self.wide:
            return self.u32(v)
        self.align(8)
        self.out += struct.pack(order(self.le) + "Q", v)

    def octets(self, data):
        self.out += data

    def tower(self, octets):
        """twr_t: conformance, length, octets."""
        self.long(len(octets))
        self.u32(len(octets))
        self.octets(octets)


def map_request(tower, le=True, wide=False, obj=NIL, handle=NIL_HANDLE, max_towers=4):
    """${obj} None is a null pointer."""
    n = Ndr(le, wide)
    n.long(1 if obj is not None else 0)
    if obj is not None:
        n.octets(uuid_wire(obj, le))
    n.long(2)
    n.tower(tower.wire())
    n.align(4)
    n.octets(handle)
    n.u32(max_towers)
    return n.out


def map_response(towers, le=True, wide=False, handle=NIL_HANDLE, max_towers=4, status=OK):
    n = Ndr(le, wide)
    n.octets(handle)
    n.u32(len(towers))
    n.long(max_towers)
    n.long(0)
    n.long(len(towers))
    for i in range(len(towers)):
        n.long(3 + i)
    for tower in towers:
        n.tower(tower.wire())
    n.u32(status)
    return n.out


def lookup_request(inquiry=0, interface=None, obj=None, le=True, wide=False, handle=NIL_HANDLE, max_entries=500, vers_option=1):
    n = Ndr(le, wide)
    n.u32(inquiry)
    n.long(1 if obj is not None else 0)
    if obj is not None:
        n.octets(uuid_wire(obj, le))
    n.long(2 if interface is not None else 0)
    if interface is not None:
        uuid, (major, minor) = interface
        n.octets(uuid_wire(uuid, le))
        n.u16(major)
        n.u16(minor)
    n.u32(vers_option)
    n.octets(handle)
    n.u32(max_entries)
    return n.out


def lookup_response(entries, le=True, wide=False, handle=NIL_HANDLE, max_entries=500, status=OK):
    n = Ndr(le, wide)
    n.octets(handle)
    n.u32(len(entries))
    n.long(max_entries)
    n.long(0)
    n.long(len(entries))
    for i, entry in enumerate(entries):
        n.align(8 if wide else 4)
        n.octets(uuid_wire(entry.obj, le))
        n.long(3 + i)
        text = entry.annotation.encode() if isinstance(entry.annotation, str) else entry.annotation
        n.long(0)
        n.long(len(text) + 1)
        n.octets(text + b"\0")
        n.align(8 if wide else 4)
    for entry in entries:
        n.tower(entry.tower.wire())
    n.u32(status)
    return n.out
