"""Captures of the golden tests whose packets come in tunnels, in fragments or twice; see captures.py."""
import captures
import tunnels
from captures import CLERK, DC, EMSMDB, MAIL, SAMR, capture, tcp_tower
from net import Link, Packet
from scenario import Capture, epm_session, service_session

# How a packet of IPv4 is wrapped, in the order of the sessions.
KINDS = {
    "mpls": lambda p: tunnels.mpls(p, 16001),
    "mpls-stack": lambda p: tunnels.mpls(p, 17, 1048575, 3),
    "pseudowire": lambda p: tunnels.pseudowire(tunnels.frame(p), 18),
    "pppoe": lambda p: tunnels.pppoe(p, 0x1ABC),
    "gre": lambda p: tunnels.frame(tunnels.gre(p, 0x0800)),
    "gre-full": lambda p: tunnels.frame(tunnels.gre(p, 0x0800, key=0x12345678, sequence=9, summed=True)),
    "gre-bridged": lambda p: tunnels.frame(tunnels.gre(tunnels.frame(p), tunnels.BRIDGED, key=0xABCDEF01)),
    "erspan-1": lambda p: tunnels.frame(tunnels.erspan1(tunnels.frame(p))),
    "erspan-2": lambda p: tunnels.frame(tunnels.erspan2(tunnels.frame(p), 100)),
    "erspan-3": lambda p: tunnels.frame(tunnels.erspan3(tunnels.frame(p), 1023)),
    "erspan-3-long": lambda p: tunnels.frame(tunnels.erspan3(tunnels.frame(p), 5, optional=True)),
    "vxlan": lambda p: tunnels.frame(tunnels.vxlan(tunnels.frame(p), 5000)),
    "geneve": lambda p: tunnels.frame(tunnels.geneve(tunnels.frame(p), 77, options=b"\1\3\0\1abcd")),
    "geneve-ip": lambda p: tunnels.frame(tunnels.geneve(p, 78, 0x0800)),
    "ipip": lambda p: tunnels.frame(tunnels.ip_in_ip(p)),
    "ip-in-ip6": lambda p: tunnels.frame(tunnels.ip_in_ip6(p)),
    "vn-tag": tunnels.vntag,
    "fabricpath": lambda p: tunnels.fabricpath(tunnels.frame(p)),
}

# Several at once, tags inside and outside.
DEEP = {
    "vxlan-in-erspan": lambda p: tunnels.frame(tunnels.erspan2(tunnels.vlan(tunnels.vxlan(tunnels.vlan(p, 30), 5001), 20), 7)),
    "mpls-in-gre": lambda p: tunnels.vlan(tunnels.gre(tunnels.labels(p, 40), 0x8847, key=1), 10),
    "eight": lambda p: tunnels.vlan(tunnels.ip_in_ip(tunnels.ip_in_ip6(tunnels.gre(tunnels.geneve(tunnels.frame(
        tunnels.vxlan(tunnels.pseudowire(tunnels.frame(tunnels.ip_in_ip(p)), 1), 2)), 3), 0x0800, key=4))), 10),
}

RAW = {"link": Link("raw")}


def padded(data):
    return data.ljust(60, b"\x5a")


def wrapped(packets, wrap):
    for p in packets:
        yield Packet(p.ts_ns, padded(wrap(p.data)), p.part)


def mapped(c, number, port, tell=True, client=CLERK, server=MAIL):
    """A question to the endpoint mapper and its answer; returns the packets."""
    first = len(c.wire.packets)
    epm_session(c, client, 1066 + number, server, tell=tell).map(EMSMDB, [tcp_tower(EMSMDB, port, "192.0.2.10")]).close()
    return c.wire.packets[first:]


def carried(kinds, tell=True):
    c = Capture(**RAW)
    c.packets = []
    for i, wrap in enumerate(kinds.values()):
        c.packets += wrapped(mapped(c, i, 49700 + i, tell), wrap)
    return c


@capture
def tunnels_each():
    """Conversations in tunnels of every kind, one after the other."""
    return carried(KINDS)


@capture
def tunnels_deep():
    """Tunnels in tunnels, with tags between them, up to eight deep."""
    return carried(DEEP)


@capture
def tunnels_bare():
    """A pseudowire without control word, whose frames begin as no control word does, and as one."""
    return carried({name: lambda p, macs=macs: tunnels.pseudowire(tunnels.frame(p, macs), 18, control=False) for name, macs in (("other", tunnels.OTHER_MACS), ("same", tunnels.MACS))})


@capture
def tunnels_too_deep():
    """Nine tunnels in each other: counted, and not read."""

    def nine(packet):
        for _ in range(9):
            packet = tunnels.ip_in_ip(packet)
        return tunnels.frame(packet)

    return carried({"nine": nine}, tell=False)


@capture
def tunnels_six():
    """IPv6 in tunnels of every kind that can carry it."""
    c = Capture(**RAW)
    c.packets = []
    wraps = [lambda p: tunnels.mpls(p, 20), lambda p: tunnels.pppoe(p, 1), lambda p: tunnels.frame(tunnels.gre(p, 0x86DD)), lambda p: tunnels.frame(tunnels.ip_in_ip(p)),
             lambda p: tunnels.frame(tunnels.ip_in_ip6(p)), lambda p: tunnels.frame(tunnels.vxlan(tunnels.frame(p), 0xFFFFFF)), lambda p: tunnels.frame(tunnels.geneve(p, 0, 0x86DD))]
    for i, wrap in enumerate(wraps):
        c.packets += wrapped(mapped(c, i, 49700 + i, client="2001:db8:1::21", server="2001:db8:1::11"), wrap)
    return c


def cut(packets, piece, wrap=tunnels.frame, order=list):
    """Each packet in fragments; the one that completes it has what it carries. Identifications follow from the time."""
    for p in packets:
        pieces = order(list(tunnels.fragments(p.data, piece, p.ts_ns // 1000 & 0xFFFF)))
        for i, data in enumerate(pieces):
            yield Packet(p.ts_ns + i, padded(wrap(data)), p.part if i == len(pieces) - 1 else None)


@capture(nanoseconds=True)
def ip_fragments():
    """Segments in IP fragments: in order, backwards, of IPv6, inside a tunnel, and the tunnel itself in fragments."""
    c = Capture(**RAW)
    c.packets = []
    six = {"client": "2001:db8:1::21", "server": "2001:db8:1::11"}
    c.packets += cut(mapped(c, 0, 49700), 64)
    c.packets += cut(mapped(c, 1, 49701), 16, order=lambda pieces: pieces[::-1])
    c.packets += cut(mapped(c, 2, 49702, **six), 64)
    c.packets += cut(mapped(c, 3, 49703), 64, lambda p: tunnels.frame(tunnels.vxlan(tunnels.vlan(p, 9), 5000)))
    outer = [Packet(p.ts_ns, tunnels.vxlan(tunnels.frame(p.data), 5001), p.part) for p in mapped(c, 4, 49704)]
    c.packets += cut(outer, 64)
    return c


@capture(nanoseconds=True)
def ip_fragments_refused():
    """Fragments that overlap, or of which one is missing: nothing is said of what they carry."""
    c = Capture(**RAW)
    c.packets = []
    for number, p in enumerate(mapped(c, 0, 49700, tell=False)):
        pieces = list(tunnels.fragments(p.data, 24, 1000 + number))
        if len(pieces) > 2:  # again, with one octet changed; or not at all
            pieces[2:3] = [pieces[2][:-1] + b"\xff", pieces[2]] if number % 2 else []
        c.packets += [Packet(p.ts_ns + i, padded(tunnels.frame(data)), None) for i, data in enumerate(pieces)]
    return c


@capture
def span_duplicates():
    """Each packet as it came into a router and as it left it: another VLAN, a hop less."""
    c = Capture(**RAW)
    c.packets = []
    captures.plain(c)
    for p in list(c.wire.packets):
        routed = p.data[:8] + bytes([p.data[8] - 1]) + p.data[9:]
        c.packets += [Packet(p.ts_ns, padded(tunnels.vlan(p.data, 10)), p.part), Packet(p.ts_ns + 30000, padded(tunnels.vlan(routed, 20)), p.part)]
    return c


@capture
def two_realms():
    """Two sites with the same addresses and ports at the same time, in two VLANs; and two virtual networks likewise."""
    sides = []
    for i, wrap in enumerate((lambda p: tunnels.vlan(p, 10), lambda p: tunnels.vlan(p, 20), lambda p: tunnels.vlan(tunnels.vxlan(tunnels.frame(p), 5000), 10),
                              lambda p: tunnels.vlan(tunnels.vxlan(tunnels.frame(p), 5001), 10))):
        c = Capture(**RAW)
        epm_session(c, CLERK, 1066, DC).map(SAMR, [tcp_tower(SAMR, 49660 + i, DC)]).close()
        service_session(c, CLERK, 1067, DC, 49660 + i, SAMR).close()
        sides.append((c, list(wrapped(c.wire.packets, wrap))))
    out = Capture(**RAW)
    out.packets = sorted((p for _, packets in sides for p in packets), key=lambda p: p.ts_ns)
    out.rows = [row for c, _ in sides for row in c.rows]
    return out
