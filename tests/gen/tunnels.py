"""What packets are wrapped in, and what they are cut into: each function takes an IP packet, or an Ethernet frame, as bytes.

Written from the RFCs; tests/golden/against-scapy holds it against another encoder.
"""
import ipaddress
import struct

from net import checksum

OUTER = ("203.0.113.1", "203.0.113.2")
OUTER6 = ("2001:db8:ffff::1", "2001:db8:ffff::2")
MACS = b"\x02\0\x5e\0\0\2", b"\x02\0\x5e\0\0\1"
OTHER_MACS = b"\x22\0\x5e\0\0\2", b"\x22\0\x5e\0\0\1"  # that begin as no control word does

GRE, IPIP, IP6, UDP = 47, 4, 41, 17
BRIDGED = 0x6558


def type_of(packet):
    return 0x86DD if packet[0] >> 4 == 6 else 0x0800


def ethernet(payload, kind, macs=MACS):
    return macs[0] + macs[1] + struct.pack(">H", kind) + payload


def frame(packet, macs=MACS):
    return ethernet(packet, type_of(packet), macs)


def vlan(packet, *numbers):
    """802.1Q tags, outermost first; a frame."""
    kind = type_of(packet)
    for number in reversed(numbers):
        packet, kind = struct.pack(">HH", number, kind) + packet, 0x8100
    return ethernet(packet, kind)


def ipv4(protocol, payload, ends=OUTER, ident=1):
    src, dst = (ipaddress.ip_address(a).packed for a in ends)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), ident, 0, 64, protocol, 0) + src + dst
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def ipv6(protocol, payload, ends=OUTER6):
    src, dst = (ipaddress.ip_address(a).packed for a in ends)
    return struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64) + src + dst + payload


def udp(port, payload, source=49999, ends=OUTER):
    """Without a checksum, as RFC 7348 recommends."""
    return ipv4(UDP, struct.pack(">HHHH", source, port, 8 + len(payload), 0) + payload, ends)


def labels(payload, *numbers):
    for i, number in enumerate(reversed(numbers)):
        payload = struct.pack(">I", number << 12 | (i == 0) << 8 | 64) + payload
    return payload


def mpls(packet, *numbers):
    return ethernet(labels(packet, *numbers), 0x8847)


def pseudowire(inner, *numbers, control=True):
    return ethernet(labels((b"\0\0\0\0" if control else b"") + inner, *numbers), 0x8847)


def pppoe(packet, session):
    protocol = 0x57 if packet[0] >> 4 == 6 else 0x21
    return ethernet(struct.pack(">BBHHH", 0x11, 0, session, len(packet) + 2, protocol) + packet, 0x8864)


def gre(payload, kind, key=None, sequence=None, summed=False, ends=OUTER):
    flags = (summed << 15) | ((key is not None) << 13) | ((sequence is not None) << 12)
    rest = b"" if key is None else struct.pack(">I", key)
    rest += b"" if sequence is None else struct.pack(">I", sequence)
    head = struct.pack(">HH", flags, kind)
    if summed:
        head += struct.pack(">HH", checksum(head + b"\0\0\0\0" + rest + payload), 0)
    return ipv4(GRE, head + rest + payload, ends)


def erspan1(inner):
    return gre(inner, 0x88BE)


def erspan2(inner, session):
    return gre(struct.pack(">HHI", 1 << 12, session, 0) + inner, 0x88BE, sequence=1)


def erspan3(inner, session, optional=False):
    head = struct.pack(">HHIHH", 2 << 12, session, 1, 0, optional) + (bytes(8) if optional else b"")
    return gre(head + inner, 0x22EB, sequence=1)


def vxlan(inner, vni):
    return udp(4789, struct.pack(">II", 0x08 << 24, vni << 8) + inner)


def geneve(inner, vni, kind=BRIDGED, options=b""):
    return udp(6081, struct.pack(">BBHI", len(options) // 4, 0, kind, vni << 8) + options + inner)


def ip_in_ip(packet):
    return ipv4(IP6 if packet[0] >> 4 == 6 else IPIP, packet)


def ip_in_ip6(packet):
    return ipv6(IP6 if packet[0] >> 4 == 6 else IPIP, packet)


def vntag(packet):
    return ethernet(struct.pack(">IH", 0x00010002, type_of(packet)) + packet, 0x8926)


def fabricpath(inner):
    """The frame inside has its checksum, here zeros."""
    return ethernet(struct.pack(">H", 0x0020) + inner + bytes(4), 0x8903)


def fragments(packet, piece, ident):
    """An IP packet in pieces of ${piece} octets of payload."""
    if packet[0] >> 4 == 6:
        head, payload, protocol = packet[:40], packet[40:], packet[6]
        for at in range(0, len(payload), piece):
            cut = payload[at : at + piece]
            extension = struct.pack(">BBHI", protocol, 0, at | (at + piece < len(payload)), ident)
            yield head[:4] + struct.pack(">HB", 8 + len(cut), 44) + head[7:] + extension + cut
        return
    head, payload = packet[:20], packet[20:]
    for at in range(0, len(payload), piece):
        cut = payload[at : at + piece]
        out = head[:2] + struct.pack(">HHH", 20 + len(cut), ident, at // 8 | (at + piece < len(payload)) << 13) + head[8:10] + b"\0\0" + head[12:]
        yield out[:10] + struct.pack(">H", checksum(out)) + out[12:] + cut
