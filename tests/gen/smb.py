"""SMB 1 and 2 as bytes, and named pipes that a Session can speak through.

Written from MS-SMB2, MS-CIFS and MS-SMB; it shares nothing with the programs that are tested by it.
"""
import struct

import rpc
from net import CLIENT, SERVER
from scenario import Session

SESSION, IPC_TREE, DISK_TREE = 0x0000040000000019, 1, 5
NEGOTIATE, SETUP, TREE_CONNECT, CREATE, CLOSE, READ, WRITE, IOCTL = 0, 1, 3, 5, 6, 8, 9, 11
PENDING, OVERFLOW, MORE_PROCESSING, NOT_FOUND = 0x103, 0x80000005, 0xC0000016, 0xC0000034
TRANSCEIVE = 0x0011C017
RELATED = b"\xff" * 16


def message(data):
    """Behind the four octets of the session service."""
    return struct.pack(">I", len(data)) + data


def header(command, number, response=False, status=0, tree=IPC_TREE, session=SESSION, flags=0, following=0):
    flags |= 1 if response else 0
    if flags & 2:
        where = struct.pack("<Q", 0x0102030405060708)
    else:
        where = struct.pack("<II", 0xFEFF, tree)
    return b"\xfeSMB" + struct.pack("<HHIHHIIQ", 64, 1, status, command, 1, flags, following, number) + where + struct.pack("<Q", session) + b"\0" * 16


def create(name):
    text = name.encode("utf-16-le")
    body = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x12019F, 0, 7, 1, 0x400040, 120, len(text), 0, 0)
    return body + text


def created(file):
    return struct.pack("<HBBI", 89, 0, 0, 1) + b"\0" * 32 + struct.pack("<QQII", 0, 0, 0x80, 0) + file + struct.pack("<II", 0, 0)


def write(file, data):
    return struct.pack("<HHIQ", 49, 112, len(data), 0) + file + struct.pack("<IIHHI", 0, 0, 0, 0, 0) + data


def written(count):
    return struct.pack("<HHIII", 17, 0, count, 0, 0)


def read(file, count=1024):
    return struct.pack("<HBBIQ", 49, 0x50, 0, count, 0) + file + struct.pack("<IIIHHB", 0, 0, 0, 0, 0, 0)


def data(octets):
    return struct.pack("<HBBIII", 17, 80, 0, len(octets), 0, 0) + octets


def ioctl(file, octets, code=TRANSCEIVE):
    return struct.pack("<HHI", 57, 0, code) + file + struct.pack("<IIIIIIII", 120, len(octets), 0, 0, 0, 1024, 1, 0) + octets


def ioctl_answer(file, octets, code=TRANSCEIVE):
    return struct.pack("<HHI", 49, 0, code) + file + struct.pack("<IIIIII", 112, 0, 112, len(octets), 0, 0) + octets


def close(file):
    return struct.pack("<HHI", 24, 0, 0) + file


def closed():
    return struct.pack("<HHI", 60, 0, 0) + b"\0" * 52


def tree_connect(path):
    text = path.encode("utf-16-le")
    return struct.pack("<HHHH", 9, 0, 72, len(text)) + text


def tree_connected(pipes):
    return struct.pack("<HBBIII", 16, 2 if pipes else 1, 0, 0x30, 0, 0x1F01FF)


def error():
    return struct.pack("<HBBIB", 9, 0, 0, 0, 0)


def av(number, text):
    octets = text.encode("utf-16-le")
    return struct.pack("<HH", number, len(octets)) + octets


def challenge(netbios, dns):
    """NTLM's CHALLENGE_MESSAGE with the server's names (MS-NLMP 2.2.1.2)."""
    info = av(2, "LAB") + av(1, netbios) + av(4, "lab.example") + av(3, dns) + struct.pack("<HH", 0, 0)
    head = b"NTLMSSP\0" + struct.pack("<IHHIIQQHHI", 2, 0, 0, 56, 0x628A8215, 0x0123456789ABCDEF, 0, len(info), len(info), 56)
    return head + bytes([10, 0, 0x61, 0x4A, 0, 0, 0, 15]) + info


def setup_request(token):
    return struct.pack("<HBBIIHHQ", 25, 0, 1, 1, 0, 88, len(token), 0) + token


def setup(token):
    return struct.pack("<HHHH", 9, 0, 72, len(token)) + token


class Server:
    """A connection that speaks SMB 2: what is said on it before and beside pipes."""

    def __init__(self, capture, client, cport, server, sport=445, opened=True, **options):
        self.capture = capture
        self.tcp = capture.tcp(client, cport, server, sport, **options)
        self.number = 1
        self.client, self.cport, self.server = client, cport, server
        if opened:
            self.tcp.open()

    def say(self, side, command, body, number, **head):
        self.tcp.send(side, message(header(command, number, side == SERVER, **head) + body))

    def next(self):
        self.number += 1
        return self.number

    def call(self, command, question, answer, status=0, **head):
        number = self.next()
        self.say(CLIENT, command, question, number, **head)
        self.say(SERVER, command, answer, number, status=status, **head)
        return self

    def log_on(self, netbios="DC1", dns="dc1.lab.example"):
        self.call(SETUP, setup_request(b"NTLMSSP\0" + struct.pack("<II", 1, 0) + b"\0" * 16), setup(challenge(netbios, dns)), MORE_PROCESSING, tree=0)
        return self.call(SETUP, setup_request(b"NTLMSSP\0" + struct.pack("<II", 3, 0) + b"\0" * 52), setup(b""), 0, tree=0)

    def connect(self, share, tree, pipes):
        return self.call(TREE_CONNECT, tree_connect("\\\\%s\\%s" % (self.server, share)), tree_connected(pipes), tree=tree)

    def sealed(self, side, length):
        self.tcp.send(side, message(b"\xfdSMB" + bytes(48) + bytes((i * 7) & 255 for i in range(length))))


class Pipe(Session):
    """A pipe, through which a Session speaks. way: `write` (WRITE and READ) or `ioctl`; reader: the connection that answers are read on."""

    def __init__(self, smb, name, file, way="write", le=(True, True), opened=True, reader=None, part=None, tell=True):
        self.capture, self.le, self.tell, self.wide, self.call = smb.capture, le, tell, {}, 1
        self.smb, self.name, self.way, self.part = smb, name, way, part
        self.reader = reader or smb
        self.file = struct.pack("<QQ", file, 0x11 << 32 | file)
        self.tcp = smb.tcp
        self.who = {"transport": "ncacn_np", "server": smb.server, "server_port": "", "client": smb.client, "client_port": str(smb.cport)}
        if opened:
            smb.call(CREATE, create(name), created(self.file))
        self.asked = None

    def lead(self, side):
        """Octets before the PDUs that a side sends."""
        return 4 + 64 + (56 if self.way == "ioctl" else 48)

    def send(self, side, pdus, **options):
        octets = b"".join(pdus)
        if self.way == "ioctl":
            return self.transact(side, octets)
        return self.put(octets) if side == CLIENT else self.get(octets)

    def proof(self, smb, side):
        return smb.tcp, side, smb.tcp.sent[side]

    def put(self, octets):
        number = self.smb.next()
        self.smb.say(CLIENT, WRITE, write(self.file, octets), number)
        proof = self.proof(self.smb, CLIENT)
        self.smb.say(SERVER, WRITE, written(len(octets)), number)
        return proof

    def get(self, octets):
        """In parts of at most ${part}, of which all but the last say that there is more."""
        part = self.part or len(octets)
        while octets:
            now, octets = octets[:part], octets[part:]
            number = self.reader.next()
            self.reader.say(CLIENT, READ, read(self.file), number)
            self.reader.say(SERVER, READ, data(now), number, status=OVERFLOW if octets else 0)
        return self.proof(self.reader, SERVER)

    def transact(self, side, octets):
        if side == CLIENT:
            self.asked = self.smb.next()
            self.smb.say(CLIENT, IOCTL, ioctl(self.file, octets), self.asked)
            return self.proof(self.smb, CLIENT)
        part = self.part or len(octets)
        now, rest = octets[:part], octets[part:]
        self.smb.say(SERVER, IOCTL, error(), self.asked, status=PENDING, flags=2)
        self.smb.say(SERVER, IOCTL, ioctl_answer(self.file, now), self.asked, status=OVERFLOW if rest else 0)
        return self.get(rest) if rest else self.proof(self.smb, SERVER)

    def close(self):
        self.smb.call(CLOSE, close(self.file), closed())
        return self


# SMB 1

def header1(command, number, response=False, status=0, tree=0x0800, unicode=True):
    flags2 = 0x4001 | (0x8000 if unicode else 0)
    return b"\xffSMB" + struct.pack("<BIBHH", command, status, 0x98 if response else 0x18, flags2, 0) + b"\0" * 10 + struct.pack("<HHHH", tree, 0xFEFF, 0x0801, number)


def words(values, octets=b""):
    return struct.pack("<B", len(values) // 2) + values + struct.pack("<H", len(octets) & 0xFFFF) + octets


ANDX = b"\xff\0\0\0"


class Server1(Server):
    def say1(self, side, command, rest, number, **head):
        self.tcp.send(side, message(header1(command, number, side == SERVER, **head) + rest))

    def session_request(self):
        """NetBIOS: who calls whom, and that it may."""
        self.tcp.send(CLIENT, b"\x81\0\0\x44 " + b"CA" * 16 + b"\0 " + b"CB" * 16 + b"\0")
        self.tcp.send(SERVER, b"\x82\0\0\0")
        return self

    def connect1(self):
        number = self.next()
        self.say1(CLIENT, 0x75, words(ANDX + struct.pack("<HH", 8, 1), b"\0" + "\\\\S\\IPC$".encode("utf-16-le") + b"\0\0?????\0"), number)
        self.say1(SERVER, 0x75, words(ANDX + struct.pack("<H", 1), b"IPC\0"), number)
        return self


class Pipe1(Pipe):
    """The same over SMB 1. way: `andx` (WRITE_ANDX and READ_ANDX) or `trans` (TransactNmPipe)."""

    def __init__(self, smb, name, fid, way="andx", unicode=True, **options):
        super().__init__(smb, name, fid, way, opened=False, **options)
        self.fid = fid
        number = smb.next()
        text = ("\\" + name).encode("utf-16-le" if unicode else "ascii")
        fixed = struct.pack("<BHIIIQIIIIIB", 0, len(text), 0x16, 0, 0x2019F, 0, 0, 3, 1, 0x40, 2, 3)
        smb.say1(CLIENT, 0xA2, words(ANDX + fixed, (b"\0" if unicode else b"") + text + b"\0\0"[: 1 + unicode]), number, unicode=unicode)
        smb.say1(SERVER, 0xA2, words(ANDX + struct.pack("<BHI", 0, fid, 1) + b"\0" * 57), number)

    def lead(self, side):
        return 4 + (84 if self.way == "trans" else 64)

    def send(self, side, pdus, **options):
        octets = b"".join(pdus)
        if self.way == "trans":
            return self.transact(side, octets)
        return self.put(octets) if side == CLIENT else self.get(octets)

    def put(self, octets):
        number = self.smb.next()
        fixed = struct.pack("<HIIHHHHHI", self.fid, 0, 0, 8, 0, 0, len(octets), 64, 0)
        self.smb.say1(CLIENT, 0x2F, words(ANDX + fixed, b"\0" + octets), number)
        proof = self.proof(self.smb, CLIENT)
        self.smb.say1(SERVER, 0x2F, words(ANDX + struct.pack("<HHI", len(octets), 0, 0)), number)
        return proof

    def get(self, octets):
        part = self.part or len(octets)
        while octets:
            now, octets = octets[:part], octets[part:]
            number = self.smb.next()
            self.smb.say1(CLIENT, 0x2E, words(ANDX + struct.pack("<HIHHIH", self.fid, 0, 1024, 1024, 0, 0)), number)
            fixed = struct.pack("<HHHHHHII", 0, 0, 0, len(now), 60, 0, 0, 0)[:20]
            self.smb.say1(SERVER, 0x2E, words(ANDX + fixed, b"\0" + now), number, status=OVERFLOW if octets else 0)
        return self.proof(self.smb, SERVER)

    def transact(self, side, octets):
        name = b"\0\\\0P\0I\0P\0E\0\\\0\0\0\0\0"
        if side == CLIENT:
            self.asked = self.smb.next()
            fixed = struct.pack("<HHHHBBHIHHHHHBBHH", 0, len(octets), 0, 1024, 0, 0, 0, 0, 0, 0, 84, len(octets), 84, 2, 0, 0x26, self.fid)
            self.smb.say1(CLIENT, 0x25, words(fixed, name + octets), self.asked)
            return self.proof(self.smb, CLIENT)
        part = self.part or len(octets)
        now, rest = octets[:part], octets[part:]
        fixed = struct.pack("<HHHHHHHHHBB", 0, len(now), 0, 0, 56, 0, len(now), 56, 0, 0, 0)
        self.smb.say1(SERVER, 0x25, words(fixed, b"\0" + now), self.asked, status=OVERFLOW if rest else 0)
        return self.get(rest) if rest else self.proof(self.smb, SERVER)

    def close(self):
        number = self.smb.next()
        self.smb.say1(CLIENT, 0x04, words(struct.pack("<HI", self.fid, 0)), number)
        self.smb.say1(SERVER, 0x04, words(b""), number)
        return self
