"""Packets: link headers, IPv4 and IPv6, TCP conversations with honest sequence numbers and checksums.

A Wire collects packets on one clock; what happens to them on the way (loss, duplicates, another order, a snap length)
is done to the finished list, so that a conversation can be told straight.
"""
import ipaddress
import random
import struct

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
MICROSECOND, MILLISECOND, SECOND = 1000, 10**6, 10**9

LINKTYPE = {"null": 0, "ethernet": 1, "raw": 101, "loop": 108, "sll": 113, "sll2": 276}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Packet:
    """Bytes on the wire at a time. part: (conversation, side, offset, length) of the stream that it carries, if any."""

    def __init__(self, ts_ns, data, part=None):
        self.ts_ns, self.data, self.part = ts_ns, data, part
        self.wirelen = len(data)

    def at(self, ts_ns):
        other = Packet(ts_ns, self.data, self.part)
        other.wirelen = self.wirelen
        return other


class Link:
    """How the link wraps IP: the kind of link, and for Ethernet the VLAN tags, each (type, id), outermost first."""

    def __init__(self, kind="ethernet", tags=(), null_le=True, pad=True):
        self.kind, self.tags, self.null_le, self.pad = kind, tuple(tags), null_le, pad

    @staticmethod
    def mac(address):
        return b"\x02\0" + address.packed[-4:]

    def wrap(self, src, dst, ip):
        six = src.version == 6
        protocol = struct.pack(">H", 0x86DD if six else 0x0800)
        if self.kind == "ethernet":
            tags = b"".join(struct.pack(">HH", kind, number) for kind, number in self.tags)
            frame = self.mac(dst) + self.mac(src) + tags + protocol + ip
            return frame.ljust(60, b"\x5a") if self.pad else frame
        if self.kind == "sll":
            return struct.pack(">HHH", 0, 1, 6) + self.mac(src) + b"\0\0" + protocol + ip
        if self.kind == "sll2":
            return protocol + struct.pack(">HIHBB", 0, 2, 1, 0, 6) + self.mac(src) + b"\0\0" + ip
        family = 24 if six else 2
        if self.kind == "null":
            return struct.pack("<I" if self.null_le else ">I", family) + ip
        if self.kind == "loop":
            return struct.pack(">I", family) + ip
        return ip


class Wire:
    """Packets in the order in which they were sent."""

    def __init__(self, start_ns, link=None, step_ns=200 * MICROSECOND):
        self.now_ns, self.step_ns, self.link = start_ns, step_ns, link or Link()
        self.packets = []
        self.ident = 0

    def wait(self, ns):
        self.now_ns += ns

    def until(self, ts_ns):
        assert ts_ns >= self.now_ns, "the wire's clock does not go back"
        self.now_ns = ts_ns

    def ip(self, src, dst, proto, payload, part=None, extension=b""):
        if src.version == 4:
            self.ident = (self.ident + 1) & 0xFFFF
            head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), self.ident, 0x4000, 128, proto, 0) + src.packed + dst.packed
            head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        else:
            payload = extension + payload
            head = struct.pack(">IHBB", 6 << 28, len(payload), 0 if extension else proto, 64) + src.packed + dst.packed
        self.packets.append(Packet(self.now_ns, self.link.wrap(src, dst, head + payload), part))
        self.now_ns += self.step_ns

    def udp(self, src, sport, dst, dport, data):
        src, dst = ipaddress.ip_address(src), ipaddress.ip_address(dst)
        head = struct.pack(">HHHH", sport, dport, 8 + len(data), 0)
        pseudo = src.packed + dst.packed + struct.pack(">IHBB", 8 + len(data), 0, 0, 17)
        total = checksum(pseudo + head + data) or 0xFFFF
        self.ip(src, dst, 17, head[:6] + struct.pack(">H", total) + data)


CLIENT, SERVER = 0, 1


class Tcp:
    """One connection. Sides are CLIENT and SERVER; offsets count a side's bytes from 0. acks: every send is acknowledged at once; every: so is each so-manieth segment of it."""

    def __init__(self, wire, client, cport, server, sport, isn=(0x10000000, 0x20000000), mss=1460, extension=b"", acks=True):
        self.wire, self.mss, self.extension, self.acks = wire, mss, extension, acks
        self.addr = (ipaddress.ip_address(client), ipaddress.ip_address(server))
        self.port = (cport, sport)
        self.isn, self.sent = isn, [0, 0]
        self.every = 0
        self.closing = [0, 0]

    def seq(self, side):
        return (self.isn[side] + 1 + self.sent[side] + self.closing[side]) & 0xFFFFFFFF

    def segment(self, side, flags, data=b"", seq=None, part=None, options=b""):
        src, dst = self.addr[side], self.addr[1 - side]
        ack = self.seq(1 - side) if flags & ACK else 0
        seq = self.seq(side) if seq is None else seq & 0xFFFFFFFF
        head = struct.pack(">HHIIBBHHH", self.port[side], self.port[1 - side], seq, ack, (20 + len(options)) // 4 << 4, flags, 64240, 0, 0) + options
        pseudo = src.packed + dst.packed + struct.pack(">IHBB", len(head) + len(data), 0, 0, 6)
        total = struct.pack(">H", checksum(pseudo + head + data))
        following = bytes([6]) + self.extension[1:] if self.extension else b""
        self.wire.ip(src, dst, 6, head[:16] + total + head[18:] + data, part, following)

    def open(self):
        self.segment(CLIENT, SYN, seq=self.isn[CLIENT], options=b"\x02\x04\x05\xb4")
        self.segment(SERVER, SYN | ACK, seq=self.isn[SERVER], options=b"\x02\x04\x05\xb4")
        self.segment(CLIENT, ACK)
        return self

    def send(self, side, data, mss=None, sizes=None, ack=True):
        """Send ${data} in segments of at most ${mss}, or of ${sizes}; the peer acknowledges. Returns its (start, end)."""
        start = self.sent[side]
        mss = mss or self.mss
        cuts = list(sizes or [])
        while data:
            n = cuts.pop(0) if cuts else mss
            piece, data = data[:n], data[n:]
            at = self.sent[side]
            self.segment(side, ACK | (0 if data else PSH), piece, part=(self, side, at, len(piece)))
            self.sent[side] += len(piece)
            if self.every and data and self.sent[side] // mss % self.every == 0:
                self.segment(1 - side, ACK)
        if ack and self.acks:
            self.segment(1 - side, ACK)
        return start, self.sent[side]

    def again(self, side, start, data):
        """Send ${data} as the bytes from offset ${start} on, whatever was sent there before."""
        self.segment(side, ACK | PSH, data, seq=self.isn[side] + 1 + start, part=(self, side, start, len(data)))

    def close(self):
        for side in (CLIENT, SERVER):
            self.segment(side, FIN | ACK)
            self.closing[side] = 1
        self.segment(CLIENT, ACK)

    def reset(self, side=CLIENT):
        self.segment(side, RST | ACK)


# What happens to packets on the way. Each takes a list and returns a new one.

def drop(packets, wanted):
    """Without those packets for which ${wanted} is true."""
    return [p for p in packets if not wanted(p)]


def data_packets(packets, conversation, side):
    return [p for p in packets if p.part and p.part[0] is conversation and p.part[1] == side]


def shuffle(packets, seed, reach=4):
    """Each packet with data may come up to ${reach} places late; the clock still goes forward."""
    rng = random.Random(seed)
    keyed = sorted(enumerate(packets), key=lambda e: e[0] + (rng.random() * reach if e[1].part else 0))
    return [p.at(packets[i].ts_ns) for i, (_, p) in enumerate(keyed)]


def shuffle_runs(packets, seed, reach=4):
    """The same within runs of packets of one side, so that no answer overtakes its question."""
    out, run = [], []
    for p in packets:
        side = p.part and p.part[:2]
        if run and (side is None or side != run[-1].part[:2]):
            out += shuffle(run, seed + len(out), reach)
            run = []
        if side is None:
            out.append(p)
        else:
            run.append(p)
    return out + shuffle(run, seed, reach)


def runs(packets):
    """The packets in runs that carry data of one side of one connection, and others each by itself."""
    out = []
    for p in packets:
        if out and p.part and out[-1][-1].part and p.part[:2] == out[-1][-1].part[:2]:
            out[-1].append(p)
        else:
            out.append([p])
    return out


def reverse_runs(packets):
    """Each run of data of one side in reverse; the clock still goes forward."""
    return [q.at(p.ts_ns) for run in runs(packets) for p, q in zip(run, reversed(run))]


def skew(packets, late, by):
    """Each direction by itself, in order; packets for which ${late} is true come ${by} places late. The clock still goes forward."""
    keyed = sorted(enumerate(packets), key=lambda e: e[0] + (by + 0.5 if late(e[1]) else 0))
    return [p.at(packets[i].ts_ns) for i, (_, p) in enumerate(keyed)]


def duplicate(packets, seed, share=0.3, after_ns=30 * MICROSECOND):
    """Some packets come twice, as a mirror port that copies both directions of a port delivers them."""
    rng = random.Random(seed)
    out = []
    for p in packets:
        out.append(p)
        if rng.random() < share:
            out.append(p.at(p.ts_ns + after_ns))
    return out


def snap(packets, length):
    """Cut to a snap length; the length on the wire stays known. What was cut is no longer part of a stream."""
    out = []
    for p in packets:
        other = p.at(p.ts_ns)
        other.data = p.data[:length]
        if p.part:
            cut = len(p.data) - len(other.data)
            conversation, side, start, n = p.part
            other.part = (conversation, side, start, max(0, n - cut))
        out.append(other)
    return out
