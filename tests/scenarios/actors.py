"""Servers, and what clients do to them: ask the endpoint mapper, connect, call, stay; and what an observer can see of it."""
from functools import lru_cache

import carriers
import epm
import rpc
import smb
from line import DAY, HOUR, MINUTE, SECOND
from net import ACK, CLIENT, RST, SERVER, SYN
from rpc import EPM

LIVE = b"\0" * 4 + bytes(range(16))
STUB, REPLY = b"\x11" * 40, b"\x22" * 28
TCP, UDP, HTTP, PIPE, LOCAL = "ncacn_ip_tcp", "ncadg_ip_udp", "ncacn_http", "ncacn_np", "ncalrpc"


def interface(number, major=1, minor=0):
    """One that nobody has heard of."""
    return ("5ce0%04x-%04x-4a11-9000-0000%08x" % (number >> 16 & 0xFFFF, number & 0xFFFF, number), (major, minor))


class Host:
    """A server: which endpoints each interface has. towers_host: the address that its towers name."""

    def __init__(self, world, addr, towers_host=None):
        self.world, self.addr = world, addr
        self.towers_host = towers_host or ("0.0.0.0" if ":" in addr else addr)
        self.ends = {}
        self.notes = {}

    def put(self, what, *endpoints, protseq=TCP, note=""):
        self.ends[(what, protseq)] = list(endpoints)
        if note:
            self.notes[what] = note
        return self

    def drop(self, what, protseq=TCP):
        del self.ends[(what, protseq)]

    def get(self, what, protseq=TCP):
        return self.ends.get((what, protseq), [])

    def interfaces(self, protseq=TCP):
        return [what for what, p in self.ends if p == protseq]

    def towers(self, what, protseq=TCP, only=None):
        return tuple((what, protseq, e, self.host(protseq)) for e in (self.get(what, protseq) if only is None else only))

    def host(self, protseq):
        return "\\\\SERVER" if protseq == PIPE else self.towers_host


# PDUs, each made once.

@lru_cache(maxsize=1 << 16)
def bind_pdu(what, call=1):
    return rpc.pdu(rpc.BIND, call, rpc.bind_body([rpc.Context(0, what)]))


@lru_cache(maxsize=1 << 16)
def ack_pdu(secondary, call=1):
    return rpc.pdu(rpc.BIND_ACK, call, rpc.ack_body([rpc.Result()], secondary))


@lru_cache(maxsize=1 << 16)
def question_pdu(call, what, protseq, limit):
    template = epm.Tower(what, protseq, "\\PIPE\\x" if protseq == PIPE else 135)
    return rpc.call_pdus(rpc.REQUEST, call, 0, epm.map_request(template, max_towers=limit), opnum=epm.MAP)[0]


@lru_cache(maxsize=1 << 16)
def answer_pdu(call, towers, limit, live, status):
    stub = epm.map_response([epm.Tower(*t) for t in towers], handle=LIVE if live else epm.NIL_HANDLE, max_towers=limit, status=status)
    return rpc.call_pdus(rpc.RESPONSE, call, 0, stub)[0]


@lru_cache(maxsize=1024)
def call_pdu(kind, call):
    return rpc.call_pdus(kind, call, 0, STUB if kind == rpc.REQUEST else REPLY, opnum=90)[0]


class Mapper:
    """A client's connection to an endpoint mapper."""

    def __init__(self, world, client, host):
        self.world, self.client, self.host = world, client, host
        self.conn = world.connection(client, host.addr, 135).open()
        self.conn.send(CLIENT, bind_pdu(EPM))
        self.conn.send(SERVER, ack_pdu("135"))
        world.met("binds")
        world.saw(host.addr, EPM, TCP, [135])
        self.call = 2

    def map(self, what, protseq=TCP, limit=4, only=None, live=False):
        """Ask for an interface. only: endpoints that the answer lists, instead of all; live: a handle says that there may be more."""
        towers = self.host.towers(what, protseq, only)
        self.conn.send(CLIENT, question_pdu(self.call, what, protseq, limit))
        self.conn.send(SERVER, answer_pdu(self.call, towers, limit, live, epm.OK if towers else epm.NOT_REGISTERED))
        self.call += 1
        self.world.met("answers")
        if towers and protseq != LOCAL:
            self.world.saw(self.host.addr, what, protseq, [t[2] for t in towers])
        return self

    def unasked(self, towers):
        """An answer to nothing, from somebody who can write into the connection."""
        self.conn.send(SERVER, answer_pdu(self.call, tuple(towers), 4, False, epm.OK))
        self.world.met("answers")
        return self

    def list(self, page=100):
        """ept_lookup of all there is, page by page."""
        entries = [epm.Entry(epm.Tower(what, p, e, self.host.host(p)), self.host.notes.get(what, "")) for (what, p), ends in self.host.ends.items() for e in ends]
        pages = [entries[i:i + page] for i in range(0, len(entries), page)] + [[]]
        handle = epm.NIL_HANDLE
        for some in pages:
            following = LIVE if some else epm.NIL_HANDLE
            question = epm.lookup_request(handle=handle, max_entries=page)
            answer = epm.lookup_response(some, handle=following, max_entries=page, status=epm.OK if some else epm.NOT_REGISTERED)
            for pdu in rpc.call_pdus(rpc.REQUEST, self.call, 0, question, opnum=epm.LOOKUP):
                self.conn.send(CLIENT, pdu)
            self.conn.send(SERVER, b"".join(rpc.call_pdus(rpc.RESPONSE, self.call, 0, answer, piece=5800)))
            self.call += 1
            self.world.met("answers")
            handle = following
        for (what, p), ends in self.host.ends.items():
            if p != LOCAL:
                self.world.saw(self.host.addr, what, p, ends)
        return self

    def close(self):
        self.conn.close()


def ask(client, host, *whats, protseq=TCP, **options):
    """Ask for interfaces, all of them if none is named."""
    mapper = Mapper(host.world, client, host)
    for what in whats or host.interfaces(protseq):
        mapper.map(what, protseq, **options)
    mapper.close()


def enumerate_all(client, host, page=100):
    mapper = Mapper(host.world, client, host)
    mapper.list(page)
    mapper.close()


class Association:
    """A client bound to an interface at a port."""

    def __init__(self, client, host, what, port=None, protseq=TCP):
        self.host, self.what, self.protseq = host, what, protseq
        self.port = port or host.get(what, protseq)[0]
        self.conn = host.world.connection(client, host.addr, self.port).open()
        if protseq == HTTP:
            self.conn.send(SERVER, carriers.BANNER)
        self.conn.send(CLIENT, bind_pdu(what))
        self.conn.send(SERVER, ack_pdu(str(self.port)))
        host.world.met("binds")
        host.world.saw(host.addr, what, protseq, [self.port])
        self.number = 2

    def call(self):
        self.conn.send(CLIENT, call_pdu(rpc.REQUEST, self.number))
        self.conn.send(SERVER, call_pdu(rpc.RESPONSE, self.number))
        self.number = self.number % 1000 + 1
        return self

    def close(self):
        self.conn.close()


def use(client, host, what, port=None, protseq=TCP):
    """Connect to an interface, call once, leave."""
    Association(client, host, what, port, protseq).call().close()


def sealed(client, host, count=2):
    """The endpoint mapper asked at packet privacy: nobody sees what."""
    world = host.world
    conn = world.connection(client, host.addr, 135).open()
    auth = rpc.Auth(level=rpc.PRIVACY)
    conn.send(CLIENT, rpc.pdu(rpc.BIND, 1, rpc.bind_body([rpc.Context(0, EPM)]), auth=auth))
    conn.send(SERVER, rpc.pdu(rpc.BIND_ACK, 1, rpc.ack_body([rpc.Result()], "135"), auth=auth))
    world.met("binds")
    world.saw(host.addr, EPM, TCP, [135])
    for call in range(2, 2 + count):
        for side, kind in ((CLIENT, rpc.REQUEST), (SERVER, rpc.RESPONSE)):
            noise = bytes(world.random.randrange(256) for _ in range(144))
            conn.send(side, rpc.call_pdus(kind, call, 0, noise, opnum=epm.MAP, auth=auth)[0])
    conn.close()


def over_pipe(client, host, what, pipe, names=("DC1", "dc1.lab.example")):
    """Bind an interface over a named pipe of SMB 2; names: NetBIOS and DNS, as the server gives them."""
    server = smb.Server(Shim(host.world), client, 1025 + next(host.world.ports) % 60000, host.addr)
    server.log_on(*names).connect("IPC$", smb.IPC_TREE, True)
    s = smb.Pipe(server, pipe, 0x21, tell=False)
    s.bind([rpc.Context(0, what)], secondary="\\PIPE\\" + pipe)
    s.exchange(0, 90, STUB, REPLY)
    s.close()
    server.tcp.close()
    host.world.met("binds")
    host.world.saw(host.addr, what, PIPE, ["\\PIPE\\" + pipe])


class Forget(dict):
    def __setitem__(self, key, value):
        pass


class Shim:
    """What tests/gen/smb.py takes for a Capture."""

    def __init__(self, world):
        self.world, self.early = world, Forget()

    def tcp(self, client, cport, server, sport, **options):
        conn = self.world.connection(client, server, sport)
        conn.acks = True
        return conn

    def row(self, proof, **fields):
        pass


def knock(client, host, port, answer=None, tries=(0, 1, 2, 4)):
    """Try to connect. Without ${answer} a firewall eats it, and the client tries again, each so many seconds after the last; else
    each try is answered by RST."""
    conn = host.world.connection(client, host.addr, port)
    for wait in tries:
        host.world.line.wait(wait * SECOND)
        conn.segment(CLIENT, SYN, seq=conn.isn[CLIENT], options=b"\x02\x04\x05\xb4")
        if answer == "reset":
            conn.segment(SERVER, RST | ACK, seq=0)


class Caller:
    """A client of the endpoint mapper over UDP."""

    number = 0

    def __init__(self, world, client, server):
        Caller.number += 1
        self.world, self.client, self.server = world, client, server
        self.cport = 1025 + next(world.ports) % 60000
        self.activity = "35fda900-358a-1212-8004-0000%08x" % Caller.number

    def map(self, what, towers, asks=True, answers_from=None, protseq=UDP):
        """Answers come from the server, or from ${answers_from}."""
        line = self.world.line
        stub = epm.map_request(epm.Tower(what, protseq, 135))
        if asks:
            line.udp(self.client, self.cport, self.server, 135, carriers.datagram(carriers.DG_REQUEST, EPM, self.activity, 0, epm.MAP, stub))
        reply = epm.map_response([epm.Tower(*t) for t in towers], status=epm.OK if towers else epm.NOT_REGISTERED)
        line.udp(answers_from or self.server, 135, self.client, self.cport, carriers.datagram(carriers.DG_RESPONSE, EPM, self.activity, 0, epm.MAP, reply))
        if asks:
            line.udp(self.client, self.cport, self.server, 135, carriers.datagram(carriers.DG_ACK, EPM, self.activity, 0, epm.MAP, b""))
        self.world.met("answers")
        return self


__all__ = ["Host", "Mapper", "Association", "Caller", "ask", "use", "sealed", "over_pipe", "knock", "enumerate_all", "interface",
           "TCP", "UDP", "HTTP", "PIPE", "LOCAL", "EPM", "SECOND", "MINUTE", "HOUR", "DAY"]
