"""Packets written as they are sent, so that a year of them needs no memory; and what happens to them on the way.

The same packets as those of tests/gen/net.py, made faster: what does not change in a connection is made once.
"""
import ipaddress
import struct

import net
from net import ACK, CLIENT, SERVER, Tcp, Wire

MICROSECOND, SECOND, MINUTE, HOUR, DAY = 10**3, 10**9, 60 * 10**9, 3600 * 10**9, 86400 * 10**9
HEAD = struct.Struct(">HHIIBBHHH")
RECORD = struct.Struct("<IIII")


def checksum(data):
    """The Internet checksum: a number in base 65536 modulo 65535 is the sum of its digits."""
    if len(data) % 2:
        data += b"\0"
    total = int.from_bytes(data, "big") % 65535
    return 0xFFFF - total if total else 0


def address(text):
    return ipaddress.ip_address(text)


class Line(Wire):
    """A Wire that writes a capture. skew_ns is what its clock is wrong by; a packet for which lose(data, carried) is true is not
    captured (carried: octets of payload); with copies, each packet comes twice; dark: nothing is captured at all."""

    def __init__(self, path, start_ns, link=None, step_ns=200 * MICROSECOND):
        super().__init__(start_ns, link, step_ns)
        self.file = open(path, "wb", buffering=1 << 20)
        self.file.write(struct.pack("<IHHIiII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, net.LINKTYPE[self.link.kind]))
        self.size, self.count = 24, 0
        self.skew_ns, self.copies, self.dark, self.lose = 0, False, False, None
        self.lost = 0

    def record(self, frame, ts_ns):
        ts = ts_ns + self.skew_ns
        self.file.write(RECORD.pack(ts // SECOND, ts % SECOND // 1000, len(frame), len(frame)))
        self.file.write(frame)
        self.size += 16 + len(frame)
        self.count += 1

    def put(self, frame, carried=0):
        if not self.dark:
            if self.lose is not None and self.lose(frame, carried):
                self.lost += 1
            else:
                self.record(frame, self.now_ns)
                if self.copies:
                    self.record(frame, self.now_ns + 30 * MICROSECOND)
        self.now_ns += self.step_ns

    def ip(self, src, dst, proto, payload, part=None, extension=b""):
        if src.version == 4:
            self.ident = (self.ident + 1) & 0xFFFF
            head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), self.ident, 0x4000, 128, proto, 0) + src.packed + dst.packed
            head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        else:
            head = struct.pack(">IHBB", 6 << 28, len(payload), proto, 64) + src.packed + dst.packed
        self.put(self.link.wrap(src, dst, head + payload), len(payload))

    def close(self):
        self.file.close()


class Conn(Tcp):
    """A connection on a Line. Nothing is acknowledged but by what is sent anyway."""

    def __init__(self, line, client, cport, server, sport, isn):
        super().__init__(line, client, cport, server, sport, isn=isn, acks=False)
        self.ends = [self.constant(side) for side in (CLIENT, SERVER)]

    def constant(self, side):
        """What every packet of a side begins with: link header, addresses, sum of the pseudo header."""
        src, dst = self.addr[side], self.addr[1 - side]
        pair = src.packed + dst.packed
        link = self.wire.link
        bare = link.wrap(src, dst, b"")[:14 + 4 * len(link.tags)] if link.kind == "ethernet" else link.wrap(src, dst, b"")
        return bare, pair, src.version == 4

    def segment(self, side, flags, data=b"", seq=None, part=None, options=b""):
        bare, pair, four = self.ends[side]
        line = self.wire
        ack = self.seq(1 - side) if flags & ACK else 0
        seq = self.seq(side) if seq is None else seq & 0xFFFFFFFF
        length = 20 + len(options) + len(data)
        ports = self.port[side], self.port[1 - side]
        tail = options + data
        bare_head = HEAD.pack(*ports, seq, ack, (20 + len(options)) // 4 << 4, flags, 64240, 0, 0)
        total = checksum(pair + struct.pack(">IH", 6, length) + bare_head + tail)
        head = bare_head[:16] + struct.pack(">H", total) + b"\0\0"
        if four:
            line.ident = (line.ident + 1) & 0xFFFF
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, line.ident, 0x4000, 128, 6, 0) + pair
            ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        else:
            ip = struct.pack(">IHBB", 6 << 28, length, 6, 64) + pair
        frame = bare + ip + head + tail
        line.put(frame.ljust(60, b"\x5a") if line.link.kind == "ethernet" else frame, len(data))


def offsets(path):
    """Where each record of a capture begins, and the end of the last."""
    at = [24]
    with open(path, "rb") as f:
        data = f.read()
    size = len(data)
    while at[-1] < size:
        at.append(at[-1] + 16 + struct.unpack_from("<I", data, at[-1] + 8)[0])
    return at


def cut(path, at, first, second):
    """Two captures of one, the second from byte ${at} on."""
    with open(path, "rb") as f:
        data = f.read()
    with open(first, "wb") as f:
        f.write(data[:at])
    with open(second, "wb") as f:
        f.write(data[:24] + data[at:])
