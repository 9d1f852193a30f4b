"""Exchange's store as bytes, and conversations with it: mailboxes opened and closed, new-mail datagrams asked for and sent.

Written from MS-OXCRPC 3.1.4 and doc/PROTOCOL.md 6.3 to 6.5; it shares nothing with the programs that are tested by it.
"""
import ipaddress
import struct

import rpc
from net import CLIENT, SERVER
from rpc import Auth, order
from scenario import Session

EMSMDB = ("a4f1db00-ca47-1067-b31f-00dd010662da", (0, 81))
ASYNC_EMSMDB = ("5261574a-4572-206e-b268-6b199213b4e4", (0, 1))

CONNECT, DISCONNECT, RPC_EXT2, REGISTER, CONNECT_EX, ASYNC_CONNECT_EX = 0, 1, 11, 4, 10, 14
ASYNC_WAIT_EX = 0
INET, INET6, IPX = 2, 23, 6
TOO_BIG = 0x80040305  # ecTooBig

HANDLE = b"\0" * 4 + bytes(range(0x50, 0x60))
SEALED = Auth(level=rpc.PRIVACY, align=16, value=b"\x5a" * 16)


def sockaddr(address, port, le=True, family=None):
    """The client's own: its family in its byte order, the rest in network order."""
    address = ipaddress.ip_address(address)
    if address.version == 4:
        return struct.pack(order(le) + "H", INET if family is None else family) + struct.pack(">H", port) + address.packed + b"\0" * 8
    return struct.pack(order(le) + "H", INET6 if family is None else family) + struct.pack(">HI", port, 0) + address.packed + struct.pack(order(le) + "I", 0)


def register_request(context, where, le=True, wide=False, mask=0xFFFFFFFF):
    """EcRRegisterPushNotification: ${context} is what the datagrams shall carry, ${where} a sockaddr. Pads are garbage."""
    o, out = order(le), HANDLE + b"\0" * 4

    def align(n):
        return b"\xa5" * (-len(out) % n)

    def count(n):
        return align(8 if wide else 4) + struct.pack(o + ("Q" if wide else "I"), n)

    out += count(len(context))
    out += context
    out += align(2) + struct.pack(o + "H", len(context))
    out += align(4) + struct.pack(o + "I", mask)
    out += count(len(where))
    out += where
    return out + align(2) + struct.pack(o + "H", len(where))


def register_response(status=0, number=0, le=True):
    return HANDLE + struct.pack(order(le) + "II", number, status)


class Outlook(Session):
    """A client of Exchange's store, and the datagrams that it gets from there. sealed: its calls are."""

    def __init__(self, capture, client, cport, server, sport, syntax=rpc.NDR, interfaces=(EMSMDB,), sealed=False, **options):
        super().__init__(capture, client, cport, server, sport, **options)
        self.auth = SEALED if sealed else None
        self.bind([rpc.Context(i, interface, [syntax]) for i, interface in enumerate(interfaces)], auth=self.auth)

    def call_store(self, opnum, question, answer, context=0):
        """One call; what is sealed is noise of the same length. Returns the proof of its request."""
        if self.auth:
            question, answer = (None if stub is None else b"\x5c" * len(stub) for stub in (question, answer))
        self.exchange(context, opnum, question, None, auth=self.auth)
        asked = self.tcp, CLIENT, self.tcp.sent[CLIENT]
        self.call -= 1
        self.exchange(context, opnum, None, answer, auth=self.auth)
        return asked

    def status(self, value):
        return struct.pack(order(self.le[SERVER]) + "I", value)

    def connect(self, opnum=CONNECT_EX, status=0):
        self.call_store(opnum, b"\x11" * 124, b"\x22" * 156 + self.status(status))
        return self

    def prepare_to_wait(self):
        self.call_store(ASYNC_CONNECT_EX, HANDLE, HANDLE + self.status(0))
        return self

    def wait_for_news(self, context=0, answer=True):
        self.call_store(ASYNC_WAIT_EX, HANDLE + b"\0" * 4, struct.pack("<I", 1) + self.status(0) if answer else None, context)
        return self

    def fetch(self):
        """What a client does when it was told that there is news."""
        self.call_store(RPC_EXT2, b"\x33" * 68, b"\x44" * 68)
        return self

    def disconnect(self):
        self.call_store(DISCONNECT, HANDLE, b"\0" * 20 + self.status(0))
        return self

    def register(self, address, port, context, status=0, answer=True, where=None, told=True):
        """Ask for datagrams with ${context} at ${address} and ${port}; ${where}: a sockaddr of another kind."""
        cle, sle = self.le
        question = register_request(context, sockaddr(address, port, cle) if where is None else where, cle, self.wide[0])
        asked = self.call_store(REGISTER, question, register_response(status, le=sle) if answer else None)
        if told:
            clear = not self.auth
            self.row(asked, kind="registration", endpoint=str(port) if clear and where is None else "", annotation=address if clear and where is None else "",
                     object=context.hex() if clear else "", result=str(status) if clear and answer else "")
        return self

    def refused_registration(self, address, port, context, status):
        """The same, and the answer is a fault."""
        question = register_request(context, sockaddr(address, port, self.le[CLIENT]), self.le[CLIENT], self.wide[0])
        self.fault(0, REGISTER, status, question)
        self.row(None, kind="registration", endpoint=str(port), annotation=address, object=context.hex(), result=str(status))
        return self


def push(capture, server, sport, client, port, context):
    """One new-mail datagram."""
    capture.wire.udp(server, sport, client, port, context)
