"""Conversations told at the level of RPC, and the truth about them.

A Capture holds a Wire, and rows of what an observer has to find in it. A row of the truth knows the bytes that prove
it, so that its frame number follows from the finished list of packets, whatever happened to them on the way.
"""
import rpc
import epm
from net import CLIENT, SERVER, Tcp, Wire

DAY = 86400 * 10**9
START = 1772438400 * 10**9  # 2026-03-02T08:00:00Z, a Monday

RESULT = {rpc.ACCEPTED: "acceptance", rpc.USER_REJECTED: "user_rejection", rpc.REJECTED: "provider_rejection", rpc.NEGOTIATED: "negotiate_ack", None: "unanswered"}
COLUMNS = ("kind", "frame", "operation", "transport", "server", "server_port", "client", "client_port", "number", "interface", "version", "protseq", "endpoint", "result", "annotation", "object")


class Capture:
    """exact: what must be found is the whole; otherwise it bounds what may be found (nothing is invented)."""

    def __init__(self, start_ns=START, link=None, exact=True, **options):
        self.wire = Wire(start_ns, link, **options)
        self.rows = []
        self.exact = exact
        self.early = {}  # a proof, and what is enough where that is not reached
        self.packets = None  # set where something happened to them on the way

    def tcp(self, client, cport, server, sport, **options):
        return Tcp(self.wire, client, cport, server, sport, **options)

    def row(self, proof, **fields):
        """proof: (conversation, side, offset of the end), or None where no frame number is to be checked."""
        self.rows.append((proof, fields))

    def finished(self):
        return self.wire.packets if self.packets is None else self.packets

    def truth(self):
        proofs = {p for p, _ in self.rows if p is not None}
        done = frames_done(self.finished(), proofs | {self.early[p] for p in proofs if p in self.early})
        for proof, fields in self.rows:
            frame = done.get(proof, done.get(self.early.get(proof), "")) if proof else ""
            yield {**dict.fromkeys(COLUMNS, ""), **fields, "frame": str(frame)}


def frames_done(packets, proofs):
    """For each (conversation, side, end): the number of the packet with which all before the end has come."""
    have, reached = {}, {}
    for frame, p in enumerate(packets, 1):
        if not p.part:
            continue
        conversation, side, start, length = p.part
        key = (conversation, side)
        parts, edge = have.setdefault(key, []), reached.setdefault(key, [(0, 0)])
        parts.append((start, start + length))
        now = edge[-1][0]
        for a, b in sorted(parts):
            if a <= now < b:
                now = b
        edge.append((now, frame))
    out = {}
    for proof in proofs:
        conversation, side, end = proof
        for now, frame in reached.get((conversation, side), ()):
            if now >= end:
                out[proof] = frame
                break
    return out


def is_cut(octets):
    """Is that UTF-8, not all ASCII, but for a character that the end cuts?"""
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as e:
        return "unexpected end" in e.reason and not octets[:e.start].isascii()
    return False


# What no reader sees, what turns directions, breaks lines or steers a terminal, and what is no character.
UNSEEN = set(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010),
                       *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFDD0, 0xFDF0), *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0,
                       *range(0xFFF0, 0xFFFC), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000),
                       *(plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF))]))


def cleaned(name):
    """A name as it may be shown: UTF-8, else Latin-1, up to its NUL; what could steer a terminal or a reader is U+FFFD."""
    octets = (name if isinstance(name, bytes) else name.encode()).split(b"\0")[0]
    try:
        text = octets.decode("utf-8", "replace" if is_cut(octets) else "strict")
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    return "".join("\ufffd" if c in UNSEEN else c for c in text)


class Session:
    """One connection that speaks RPC. tell: whether its rows enter the truth."""

    def __init__(self, capture, client, cport, server, sport, le=(True, True), tell=True, opened=True, **options):
        self.capture, self.le, self.tell = capture, le, tell
        self.tcp = capture.tcp(client, cport, server, sport, **options)
        if opened:
            self.tcp.open()
        self.who = {"transport": "ncacn_ip_tcp", "server": server, "server_port": str(sport), "client": client, "client_port": str(cport)}
        self.call = 1
        self.wide = {}  # context id -> NDR64

    def send(self, side, pdus, **options):
        """Send PDUs back to back; returns the proof of the last byte."""
        _, end = self.tcp.send(side, b"".join(pdus), **options)
        return self.tcp, side, end

    def lead(self, side):
        """Octets that come before the PDUs that a side sends: of what carries them."""
        return 0

    def row(self, proof, **fields):
        if self.tell:
            self.capture.row(proof, **{**self.who, **fields})

    # binding

    def bind(self, contexts, results=None, secondary="", alter=False, auth=None, reply=None, flags=3, answer=True, le=None, frames=True, minor=0, terminated=True, **options):
        """Offer ${contexts}; ${results} answers them in order, by default all accepted with the first syntax offered. ${reply}: the
        answer's verifier, if it is another than the offer's."""
        operation = "alter_context" if alter else "bind"
        le = self.le if le is None else le
        if results is None:
            results = [rpc.Result(syntax=c.syntaxes[0]) for c in contexts]
        if secondary == "":
            secondary = None if alter else self.who["server_port"]
        body = rpc.bind_body(contexts, le[CLIENT])
        early = self.tcp, CLIENT, self.tcp.sent[CLIENT] + self.lead(CLIENT) + 16 + len(body)  # its contexts say it all, whatever token follows
        asked = self.send(CLIENT, [rpc.pdu(rpc.ALTER if alter else rpc.BIND, self.call, body, flags, le[CLIENT], auth, minor)], **options)
        self.capture.early[asked] = early
        if answer:
            body = rpc.ack_body(results, secondary, le[SERVER], terminated=terminated)
            self.send(SERVER, [rpc.pdu(rpc.ALTER_RESP if alter else rpc.BIND_ACK, self.call, body, flags, le[SERVER], reply or auth, minor)], **options)
        for i, context in enumerate(contexts):
            result = results[i] if answer and i < len(results) else None
            self.tell_context(asked if frames else None, operation, context, result)
        self.call += 1
        return self

    def tell_context(self, proof, operation, context, result):
        if result is not None and result.result == rpc.ACCEPTED:
            self.wide[context.number] = result.syntax == rpc.NDR64
        uuid, (major, minor) = context.interface
        self.row(proof, kind="context", operation=operation, number=str(context.number), interface=uuid,
                 version="%d.%d" % (major, minor), result=RESULT[result.result if result else None])

    def refused_bind(self, contexts, reason=3):
        asked = self.send(CLIENT, [rpc.pdu(rpc.BIND, self.call, rpc.bind_body(contexts, self.le[CLIENT]), 3, self.le[CLIENT])])
        self.send(SERVER, [rpc.pdu(rpc.BIND_NAK, self.call, rpc.nak_body(reason, self.le[SERVER]), 3, self.le[SERVER])])
        for context in contexts:
            self.tell_context(asked, "bind", context, None)
        self.call += 1
        return self

    # calls

    def exchange(self, context, opnum, question, answer, obj=None, auth=None, piece=None, hint=None, sizes=None, mss=None):
        """One call; ${question} or ${answer} None leaves that side out. Returns the proof of the answer."""
        proof = None
        if question is not None:
            self.send(CLIENT, rpc.call_pdus(rpc.REQUEST, self.call, context, question, self.le[CLIENT], opnum, obj, auth, piece, hint), sizes=sizes, mss=mss)
        if answer is not None:
            proof = self.send(SERVER, rpc.call_pdus(rpc.RESPONSE, self.call, context, answer, self.le[SERVER], auth=auth, piece=piece, hint=hint), sizes=sizes, mss=mss)
        self.call += 1
        return proof

    def fault(self, context, opnum, status, question=b""):
        self.send(CLIENT, rpc.call_pdus(rpc.REQUEST, self.call, context, question, self.le[CLIENT], opnum))
        self.send(SERVER, [rpc.pdu(rpc.FAULT, self.call, rpc.fault_body(context, status, self.le[SERVER]), 0x23, self.le[SERVER])])
        self.call += 1

    def tell_tower(self, proof, operation, tower, annotation="", obj=rpc.NIL, endpoint=None):
        uuid, (major, minor) = tower.interface
        shown = tower.endpoint if endpoint is None else endpoint
        if isinstance(shown, bytes):
            shown = cleaned(shown) if tower.protseq == "ncacn_np" else "*"
        self.row(proof, kind="tower", operation=operation, interface=uuid, version="%d.%d" % (major, minor), protseq=tower.protseq,
                 endpoint=str(shown), annotation=cleaned(annotation), object="" if obj == rpc.NIL else obj)

    def map(self, interface, towers, context=0, ask=True, answer=True, max_towers=4, handle=epm.NIL_HANDLE, status=None, obj=rpc.NIL, seen=True, protseq="ncacn_ip_tcp", asked_port=135, **options):
        """ept_map for ${interface}; the answer lists ${towers}. seen False: an observer cannot read it."""
        wide, (cle, sle) = self.wide.get(context, False), self.le
        template = epm.Tower(interface, protseq, "\\PIPE\\x" if epm.KINDS[protseq][2] == epm.NAME else asked_port)
        question = epm.map_request(template, cle, wide, obj, max_towers=max_towers) if ask else None
        status = (epm.OK if towers else epm.NOT_REGISTERED) if status is None else status
        reply = epm.map_response(towers, sle, wide, handle, max_towers, status) if answer else None
        proof = self.exchange(context, epm.MAP, question, reply, **options)
        for tower in towers if answer and seen else ():
            self.tell_tower(proof, "ept_map", tower)
        return self

    def lookup(self, pages, context=0, inquiry=0, interface=None, seen=True, end=True, **options):
        """ept_lookup in ${pages} of entries; a live handle goes with all but the last. end: a last, empty answer says so."""
        wide, (cle, sle) = self.wide.get(context, False), self.le
        live = b"\0" * 4 + bytes(range(16))
        handle = epm.NIL_HANDLE
        rest = list(pages) + ([[]] if end else [])
        for i, entries in enumerate(rest):
            following = live if i < len(pages) - (0 if end else 1) else epm.NIL_HANDLE
            status = epm.OK if entries else epm.NOT_REGISTERED
            question = epm.lookup_request(inquiry, interface, None, cle, wide, handle)
            reply = epm.lookup_response(entries, sle, wide, following, status=status)
            proof = self.exchange(context, epm.LOOKUP, question, reply, **options)
            for entry in entries if seen else ():
                self.tell_tower(proof, "ept_lookup", entry.tower, entry.annotation, entry.obj)
            handle = following
        return self

    def close(self):
        self.tcp.close()
        return self


def epm_session(capture, client, cport, server, bind=None, **options):
    """A connection to the endpoint mapper, bound with NDR32 unless ${bind} has other arguments."""
    s = Session(capture, client, cport, server, 135, **options)
    return s.bind(**(bind or {"contexts": [rpc.Context(0, rpc.EPM)]}))


def service_session(capture, client, cport, server, port, interface, calls=1, **options):
    """A connection to a service: bind, and some calls whose stubs mean nothing."""
    s = Session(capture, client, cport, server, port, **options).bind([rpc.Context(0, interface)])
    for i in range(calls):
        s.exchange(0, 90 + i, b"\x11" * 40, b"\x22" * 28)  # a number beyond every interface's calls: nobody decodes it
    return s
