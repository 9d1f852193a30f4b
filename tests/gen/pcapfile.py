"""Capture files: classic pcap in both byte orders with micro- or nanoseconds, and pcapng."""
import struct

from net import LINKTYPE


def pcap_header(linktype, le=True, nanoseconds=False, snaplen=262144):
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    return struct.pack(("<" if le else ">") + "IHHiIII", magic, 2, 4, 0, 0, snaplen, linktype)


def pcap_record(packet, le=True, nanoseconds=False):
    seconds, rest = divmod(packet.ts_ns, 10**9)
    head = struct.pack(("<" if le else ">") + "IIII", seconds, rest if nanoseconds else rest // 1000, len(packet.data), packet.wirelen)
    return head + packet.data


def pcap(packets, link="ethernet", le=True, nanoseconds=False):
    return pcap_header(LINKTYPE[link], le, nanoseconds) + b"".join(pcap_record(p, le, nanoseconds) for p in packets)


def block(kind, body, le=True):
    body += b"\0" * (-len(body) % 4)
    o = "<" if le else ">"
    total = struct.pack(o + "I", len(body) + 12)
    return struct.pack(o + "I", kind) + total + body + total


def option(code, data, le=True):
    return struct.pack(("<" if le else ">") + "HH", code, len(data)) + data + b"\0" * (-len(data) % 4)


def pcapng(packets, link="ethernet", le=True, nanoseconds=False):
    """One section, one interface; if_tsresol where the times are in nanoseconds."""
    o = "<" if le else ">"
    out = block(0x0A0D0D0A, struct.pack(o + "IHHq", 0x1A2B3C4D, 1, 0, -1), le)
    options = (option(9, b"\x09", le) + option(0, b"", le)) if nanoseconds else b""
    out += block(1, struct.pack(o + "HHI", LINKTYPE[link], 0, 262144) + options, le)
    for p in packets:
        ticks = p.ts_ns if nanoseconds else p.ts_ns // 1000
        head = struct.pack(o + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(p.data), p.wirelen)
        out += block(6, head + p.data, le)
    return out
