"""The captures of what carries DCE/RPC otherwise than TCP does, most of them by encoders of other people (foreign.py)."""
import carriers
import epm
import foreign
import net
import rpc
from captures import ADMIN, CLERK, DC, DRSUAPI, EMSMDB, LSARPC, MAIL, NETLOGON, NOBODY, RFR, SAMR, capture, tcp_tower
from net import CLIENT, SERVER
from rpc import EPM, NDR, NDR64, Context, Result
from scenario import Capture, Session

PROXY = "192.0.2.80"
ACTIVITY = "35fda900-358a-1212-8004-0000%08x"
MESSENGER = ("5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc", (1, 0))


class Caller:
    """One activity of a client, to one port of a server; the server answers from wherever it likes."""

    def __init__(self, capture, client, cport, server, sport, le=(True, True), answers_from=None, number=1):
        self.capture, self.le = capture, le
        self.client, self.server, self.back = (client, cport), (server, sport), answers_from or (server, sport)
        self.activity, self.seqnum = ACTIVITY % number, 0

    def send(self, side, kind, interface, opnum, body, piece=None, **options):
        le = self.le[side]
        cuts = [body] if not piece else [body[i : i + piece] for i in range(0, len(body), piece)]
        for i, cut in enumerate(cuts):
            flags = 0 if not piece else carriers.DG_FRAG | (carriers.DG_LAST if i == len(cuts) - 1 else 0)
            data = foreign.datagram(kind, interface, self.activity, self.seqnum, opnum, cut, le, flags, i, **options)
            src, dst = (self.client, self.server) if side == CLIENT else (self.back, self.client)
            self.capture.wire.udp(*src, *dst, data)

    def tell(self, operation, tower, annotation=""):
        """It is said by whoever answered, whoever was asked."""
        uuid, (major, minor) = tower.interface
        self.capture.row(None, kind="tower", operation=operation, transport="ncadg_ip_udp", server=self.back[0], client=self.client[0], interface=uuid,
                         version="%d.%d" % (major, minor), protseq=tower.protseq, endpoint=str(tower.endpoint), annotation=annotation)

    def map(self, interface, towers, ask=True, twice=False, piece=None):
        template = epm.Tower(interface, "ncadg_ip_udp", 135)
        question = foreign.map_request(template) if self.le[CLIENT] else epm.map_request(template, False)
        answer = foreign.map_response(towers) if self.le[SERVER] else epm.map_response(towers, False)
        for _ in range(2 if twice else 1):
            if ask:
                self.send(CLIENT, carriers.DG_REQUEST, EPM, epm.MAP, question, piece)
            self.send(SERVER, carriers.DG_RESPONSE, EPM, epm.MAP, answer, piece)
        if ask:
            self.send(CLIENT, carriers.DG_ACK, EPM, epm.MAP, b"")
        for tower in towers:
            self.tell("ept_map", tower)
        self.seqnum += 1
        return self

    def call(self, interface, opnum=0, answer=True):
        self.send(CLIENT, carriers.DG_REQUEST, interface, opnum, b"\x11" * 40)
        if answer:
            self.send(SERVER, carriers.DG_WORKING, interface, opnum, b"")
            self.send(SERVER, carriers.DG_RESPONSE, interface, opnum, b"\x22" * 28)
        self.seqnum += 1
        return self


def udp_tower(interface, port, host=DC):
    return epm.Tower(interface, "ncadg_ip_udp", port, host)


@capture
def udp_map():
    """The endpoint mapper over UDP, each side in either byte order; answers from another port and another address."""
    c = Capture()
    for i, le in enumerate(((True, True), (False, False), (True, False), (False, True))):
        back = (None, (DC, 49161), ("192.0.2.12", 1027), None)[i]
        Caller(c, CLERK, 1066 + i, DC, 135, le, back, i).map(SAMR, [udp_tower(SAMR, 49200 + i), tcp_tower(SAMR, 49667, DC)])
    Caller(c, CLERK, 1070, DC, 135, number=9).map(NETLOGON, [udp_tower(NETLOGON, 49300)], ask=False)
    return c


@capture
def udp_fragments():
    """The same in fragments, in another order and some twice; questions and answers sent again; IPv6."""
    c = Capture()
    for i in range(4):
        Caller(c, CLERK, 1066 + i, DC, 135, (i & 1 == 0, i & 2 == 0), (DC, 49161), i).map(SAMR, [udp_tower(SAMR, 49200 + i), udp_tower(SAMR, 49210 + i)], piece=64)
    shuffled = net.duplicate([p.at(c.wire.packets[i].ts_ns) for i, p in enumerate(backwards(c.wire.packets))], 3, after_ns=2 * net.SECOND)
    c.packets = sorted(shuffled, key=lambda p: p.ts_ns)
    before = len(c.wire.packets)
    c.wire.wait(10 * net.SECOND)
    Caller(c, "2001:db8:1::21", 1080, "2001:db8:1::11", 135, number=20).map(SAMR, [udp_tower(SAMR, 49220, "0.0.0.0")], twice=True)
    c.packets += c.wire.packets[before:]
    return c


def backwards(packets):
    """Runs of packets of one sender in reverse."""
    runs = []
    for p in packets:
        if runs and runs[-1][-1].data[26:34] == p.data[26:34]:
            runs[-1].append(p)
        else:
            runs.append([p])
    return [p for run in runs for p in reversed(run)]


@capture
def udp_uses():
    """Calls to services: answered ones are told once a minute, a request alone is not; PROFINET's beside, with its endpoint mapper."""
    c = Capture()
    caller = Caller(c, CLERK, 1066, DC, 49200, answers_from=(DC, 49161))
    for _ in range(5):
        caller.call(MESSENGER)
        c.wire.wait(20 * net.SECOND)
    Caller(c, CLERK, 1067, DC, 49201, (False, False), number=2).call(NOBODY)
    Caller(c, CLERK, 1068, DC, 49202, number=3).call(NOBODY, answer=False)
    device = Caller(c, CLERK, 49155, "192.0.2.200", 34964, (False, True), ("192.0.2.200", 49161), 4)
    device.call(carriers.PROFINET)
    device.send(CLIENT, carriers.DG_REQUEST, EPM, epm.LOOKUP, epm.lookup_request(le=False))
    entry = epm.Entry(epm.Tower(carriers.PROFINET, "ncadg_ip_udp", 34964, "192.0.2.200"), "a device")
    device.send(SERVER, carriers.DG_RESPONSE, EPM, epm.LOOKUP, foreign.lookup_response([entry]))
    return c


class Foreign(Session):
    """A session whose PDUs are impacket's. ${banner}: what the server says first; ${transport}: what carries it, then."""

    def __init__(self, capture, client, cport, server, sport, banner=None, **options):
        super().__init__(capture, client, cport, server, sport, **options)
        if banner is not None:
            self.tcp.send(SERVER, carriers.BANNER, sizes=banner)
            self.who["transport"] = "ncacn_http"

    def bound(self, contexts, results=None):
        results = results or [Result(syntax=x.syntaxes[0]) for x in contexts]
        asked = self.send(CLIENT, [foreign.bind(self.call, contexts)])
        self.send(SERVER, [rpc.pdu(rpc.BIND_ACK, self.call, rpc.ack_body(results, self.who["server_port"]))])
        for context, result in zip(contexts, results):
            self.tell_context(asked, "bind", context, result)
        self.call += 1
        return self

    def asked(self, opnum, operation, question, answer, entries, context=0):
        self.send(CLIENT, [foreign.request(self.call, context, opnum, question)])
        proof = self.send(SERVER, [foreign.response(self.call, context, answer)])
        for entry in entries:
            self.tell_tower(proof, operation, entry.tower, entry.annotation, entry.obj)
        self.call += 1
        return self

    def mapped(self, interface, towers, context=0, wide=False):
        return self.asked(epm.MAP, "ept_map", foreign.map_request(tcp_tower(interface, 135), wide), foreign.map_response(towers, wide), [epm.Entry(t) for t in towers], context)

    def refused(self, contexts, reason):
        asked = self.send(CLIENT, [foreign.bind(self.call, contexts)])
        self.send(SERVER, [foreign.bind_nak(self.call, reason)])
        for context in contexts:
            self.tell_context(asked, "bind", context, None)
        self.call += 1
        return self


@capture
def lookup_ndr64():
    """An enumeration in NDR64 by another encoder, and a map."""
    c = Capture()
    entries = [epm.Entry(tcp_tower(SAMR, 49667, DC), "SAM"), epm.Entry(udp_tower(LSARPC, 49201), "a longer annotation", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
               epm.Entry(epm.Tower(RFR, "ncacn_http", 6002, DC), "")]
    s = Foreign(c, ADMIN, 1066, DC, 135).bound([Context(0, EPM, [NDR64])])
    s.asked(epm.LOOKUP, "ept_lookup", foreign.lookup_request(True), foreign.lookup_response(entries, True), entries)
    s.mapped(DRSUAPI, [tcp_tower(DRSUAPI, 49668, DC)], wide=True).close()
    return c


@capture
def bind_refused():
    """bind_nak of several reasons, by another encoder, and a bind that follows on the same connection."""
    c = Capture()
    s = Foreign(c, CLERK, 1066, MAIL, 49731).refused([Context(0, EMSMDB)], 4).refused([Context(0, EMSMDB), Context(1, RFR)], 8)
    s.bound([Context(0, EMSMDB)]).close()
    return c


@capture
def big_endian_scapy():
    """Big-endian over TCP: headers by another encoder, and each side in an order of its own."""
    c = Capture()
    for i, (cle, sle) in enumerate(((False, False), (False, True), (True, False))):
        s = Session(c, CLERK, 1066 + i, DC, 135, le=(cle, sle))
        contexts = [Context(3, EPM, [NDR])]
        asked = s.send(CLIENT, [foreign.pdu5(rpc.BIND, 1, rpc.bind_body(contexts, cle), cle)])
        s.send(SERVER, [foreign.pdu5(rpc.BIND_ACK, 1, rpc.ack_body([Result()], "135", sle), sle)])
        s.tell_context(asked, "bind", contexts[0], Result())
        tower = tcp_tower(NOBODY, 50000 + i, DC)
        question, answer = epm.map_request(tcp_tower(NOBODY, 135), cle), epm.map_response([tower], sle)
        s.send(CLIENT, [foreign.pdu5(rpc.REQUEST, 2, rpc.request_body(3, epm.MAP, question, cle), cle)])
        proof = s.send(SERVER, [foreign.pdu5(rpc.RESPONSE, 2, rpc.response_body(3, answer, sle), sle)])
        s.tell_tower(proof, "ept_map", tower)
        s.close()
    return c


@capture
def http_banner():
    """ncacn_http with its banner: the mapper on 593, whole and in pieces; a dynamic port; 6001 without it, which is TCP; 6004 in the middle, which is HTTP."""
    c = Capture()
    http = epm.Tower(EMSMDB, "ncacn_http", 6001, MAIL)
    for i, sizes in enumerate(([], [1, 5, 8])):
        Foreign(c, CLERK, 1066 + i, MAIL, 593, banner=sizes).bound([Context(0, EPM)]).mapped(EMSMDB, [http]).close()
    Foreign(c, CLERK, 1070, MAIL, 49200, banner=[]).bound([Context(0, NOBODY)]).close()
    Foreign(c, CLERK, 1071, MAIL, 6001).bound([Context(0, EMSMDB)]).close()
    s = Foreign(c, CLERK, 1072, MAIL, 6004, opened=False)
    s.who["transport"] = "ncacn_http"
    s.bound([Context(0, NOBODY)]).close()
    return c


@capture
def http_banner_late():
    """The banner was captured behind what the client says."""
    c = Capture()
    for i, port in enumerate((593, 49200)):
        s = Foreign(c, CLERK, 1066 + i, MAIL, port, acks=False)
        s.tcp.send(SERVER, carriers.BANNER)
        s.who["transport"] = "ncacn_http"
        banner = c.wire.packets[-1]
        s.bound([Context(0, EPM)])
        bind = c.wire.packets[-2]
        assert banner.part[1] == SERVER and bind.part[1] == CLIENT
        banner.data, bind.data, banner.part, bind.part = bind.data, banner.data, bind.part, banner.part
        s.mapped(SAMR, [tcp_tower(SAMR, 49667, MAIL)]).close()
    c.rows = [(None, fields) for _, fields in c.rows]
    return c


class Proxied(Foreign):
    """RPC over HTTP, version 2: what the client says in one connection, what the server says in another."""

    def __init__(self, capture, client, cport, target, number, legs=0, in_first=False, chunked=False, in_length=1 << 30):
        self.capture, self.le, self.tell, self.call, self.wide = capture, (True, True), True, 1, {}
        self.port = target.rsplit(":", 1)[1]
        self.cookie, self.chunked = bytes([0xC0 + number]) * 16, chunked
        self.out, self.into = capture.tcp(client, cport, PROXY, 80), capture.tcp(client, cport + 1, PROXY, 80)
        self.who = {"transport": "ncacn_http", "server": PROXY, "server_port": self.port, "client": client, "client_port": str(cport + in_first)}
        for channel in (self.into, self.out) if in_first else (self.out, self.into):
            channel.open()
            for _ in range(legs):
                channel.send(CLIENT, carriers.request(self.method(channel), target, 0, "Authorization: NTLM TlRMTVNTUA=="))
                channel.send(SERVER, carriers.response("401 Unauthorized", 11, "WWW-Authenticate: NTLM TlRMTVNTUA==") + b"go away now")
            lead = foreign.conn_a1(self.cookie, b"\xa1" * 16) if channel is self.out else foreign.conn_b1(self.cookie, b"\xb1" * 16, b"\x0c" * 16)
            channel.send(CLIENT, carriers.request(self.method(channel), target, len(lead) if channel is self.out else in_length))
            channel.send(CLIENT, lead)
        more = ("Transfer-Encoding: chunked",) if chunked else ()
        self.out.send(SERVER, carriers.response("200 Success", None if chunked else 1 << 30, *more))
        self.serve(foreign.rts(0, ("ConnectionTimeout", {})) + foreign.rts(0, ("Version", {}), ("ReceiveWindowSize", {}), ("ConnectionTimeout", {})))

    def method(self, channel):
        return "RPC_OUT_DATA" if channel is self.out else "RPC_IN_DATA"

    def serve(self, data):
        _, end = self.out.send(SERVER, carriers.chunk(data) if self.chunked else data)
        return self.out, SERVER, end - (2 if self.chunked else 0)

    def send(self, side, pdus, **options):
        data = b"".join(pdus)
        if side == SERVER:
            return self.serve(data)
        _, end = self.into.send(CLIENT, data, **options)
        return self.into, CLIENT, end

    def acknowledge(self):
        self.into.send(CLIENT, foreign.flow_ack(1000, b"\xa1" * 16))
        return self

    def close(self):
        self.into.close()
        self.out.close()


@capture
def http_proxy():
    """RPC over HTTP, version 2: both channels joined by their cookie, after legs of authentication, in chunks, two at a time."""
    c = Capture()
    tower = epm.Tower(EMSMDB, "ncacn_http", 6001, MAIL)
    Proxied(c, CLERK, 1066, "mail.example.org:593", 0).bound([Context(0, EPM)]).acknowledge().mapped(EMSMDB, [tower]).close()
    Proxied(c, CLERK, 1070, "mail.example.org:6001", 1, legs=2, in_first=True).bound([Context(0, EMSMDB), Context(1, RFR)]).close()
    a = Proxied(c, CLERK, 1080, "[2001:db8::10]:593", 2, chunked=True)
    b = Proxied(c, ADMIN, 1080, "dc1.example.org:593", 2)
    a.bound([Context(0, EPM)])
    b.bound([Context(0, EPM)]).mapped(SAMR, [tcp_tower(SAMR, 49667, DC)])
    a.mapped(LSARPC, [tcp_tower(LSARPC, 49668, DC)]).close()
    b.close()
    return c


@capture
def http_proxy_one_way():
    """Of one the incoming channel alone was captured, of another the outgoing one."""
    c = Capture()
    one = Proxied(c, CLERK, 1066, "mail.example.org:6001", 0, in_first=True)
    one.bound([Context(0, EMSMDB)]).close()
    two = Proxied(c, CLERK, 1070, "mail.example.org:593", 1)
    two.bound([Context(0, EPM)])
    two.mapped(SAMR, [tcp_tower(SAMR, 49667, DC)]).close()
    c.packets = [p for p in c.wire.packets if not belongs(p, one.out) and not belongs(p, two.into)]
    rows = [(proof, fields) for proof, fields in c.rows if fields["kind"] == "tower" or fields["server_port"] == "6001"]
    c.rows = [(proof, {**fields, "result": "unanswered"} if fields["kind"] == "context" else fields) for proof, fields in rows]
    return c


def belongs(packet, connection):
    """Is it of that connection, by its ports?"""
    ports = {int.from_bytes(packet.data[34:36], "big"), int.from_bytes(packet.data[36:38], "big")}
    return ports == set(connection.port)


@capture
def http_legs():
    """Between a proxy and the server: a connection for each direction behind the banner, joined by their cookie."""
    c = Capture()
    cookie = b"\xcc" * 16
    out, into = c.tcp(PROXY, 1066, MAIL, 6001).open(), c.tcp(PROXY, 1067, MAIL, 6001).open()
    for channel in (out, into):
        channel.send(SERVER, carriers.BANNER)
    out.send(CLIENT, foreign.rts(0x10, ("Version", {}), ("Cookie", {"Cookie": cookie}), ("Cookie", {"Cookie": b"\xa1" * 16}), ("ChannelLifetime", {}), ("ReceiveWindowSize", {})))
    into.send(CLIENT, foreign.rts(0x08, ("Version", {}), ("Cookie", {"Cookie": cookie}), ("Cookie", {"Cookie": b"\xb1" * 16}), ("ReceiveWindowSize", {}), ("ConnectionTimeout", {})))
    into.send(SERVER, foreign.rts(0, ("ReceiveWindowSize", {}), ("Version", {})))
    out.send(SERVER, foreign.rts(0, ("Version", {}), ("ReceiveWindowSize", {}), ("ConnectionTimeout", {})))
    contexts = [Context(0, EMSMDB), Context(1, RFR)]
    _, end = into.send(CLIENT, foreign.bind(1, contexts))
    out.send(SERVER, rpc.pdu(rpc.BIND_ACK, 1, rpc.ack_body([Result(), Result(rpc.REJECTED, 1)], "6001")))
    for context, result in zip(contexts, ("acceptance", "provider_rejection")):
        uuid, (major, minor) = context.interface
        c.row((into, CLIENT, end), kind="context", operation="bind", transport="ncacn_http", server=MAIL, server_port="6001", client=PROXY, client_port="1066",
              number=str(context.number), interface=uuid, version="%d.%d" % (major, minor), result=result)
    into.close()
    out.close()
    return c
