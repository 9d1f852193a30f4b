"""The captures of the golden tests that carry SMB. captures.py enters them in its table."""
import epm
import rpc
from captures import CLERK, DC, EMSMDB, LSARPC, MAIL, SAMR, SVCCTL, capture, tcp_tower
from net import CLIENT, SERVER
from rpc import EPM, Context
from scenario import Capture
from smb import DISK_TREE, IPC_TREE, READ, WRITE, Pipe, Pipe1, Server, Server1, data, read, write, written

PIPE_TOWER = epm.Tower(SAMR, "ncacn_np", "\\PIPE\\lsass", "\\\\DC1")


def mapper(smb, file=0x1001, **options):
    return Pipe(smb, "epmapper", file, **options).bind([Context(0, EPM)], secondary="\\PIPE\\epmapper")


@capture
def smb2_pipes():
    """The mapper and a service behind pipes, by WRITE and READ and by IOCTL, in parts; a file of a disk that holds a PDU."""
    c = Capture()
    s = Server(c, CLERK, 50001, DC).log_on().connect("IPC$", IPC_TREE, True).connect("data", DISK_TREE, False)
    mapper(s).map(SAMR, [tcp_tower(SAMR, 49667, DC), PIPE_TOWER]).close()
    mapper(s, 0x1002, way="ioctl", part=100).map(LSARPC, [tcp_tower(LSARPC, 49668, DC)]).close()
    lsa = Pipe(s, "lsarpc", 0x1003, way="ioctl")
    lsa.bind(secondary="\\PIPE\\lsass", contexts=[Context(0, LSARPC, [rpc.NDR]), Context(1, LSARPC, [rpc.NDR64])], results=[rpc.Result(rpc.REJECTED, 2), rpc.Result(syntax=rpc.NDR64)])
    lsa.exchange(1, 6, b"x" * 48, b"y" * 24)
    bind = rpc.pdu(rpc.BIND, 1, rpc.bind_body([Context(0, EMSMDB)]))
    number = s.next()
    s.say(CLIENT, WRITE, write(b"\x77" * 16, bind), number, tree=DISK_TREE)
    s.say(SERVER, WRITE, written(len(bind)), number, tree=DISK_TREE)
    lsa.close()
    s.tcp.close()
    return c


@capture
def smb2_channels():
    """One pipe over two connections: written on one, read on the other."""
    c = Capture()
    s = Server(c, CLERK, 50001, DC).log_on().connect("IPC$", IPC_TREE, True)
    other = Server(c, CLERK, 50002, DC)
    other.number = 5000
    mapper(s, reader=other).map(SAMR, [tcp_tower(SAMR, 49667, DC)]).close()
    s.tcp.close()
    other.tcp.close()
    return c


@capture
def smb2_mid_stream():
    """Nothing of the opening was captured: connection, session, tree and name of the pipe are unknown."""
    c = Capture()
    s = Server(c, CLERK, 50001, DC, opened=False)
    Pipe(s, "samr", 0x1001, opened=False).bind([Context(0, SAMR)], secondary="\\PIPE\\lsass").exchange(0, 1, b"x" * 40, b"y" * 40)
    return c


@capture
def smb2_sealed():
    """A session in clear up to its encryption."""
    c = Capture()
    s = Server(c, CLERK, 50001, MAIL).log_on("EX1", "ex1.mail.example").connect("IPC$", IPC_TREE, True)
    for i in range(6):
        s.sealed(CLIENT, 200 + i)
        s.sealed(SERVER, 3000 + i)
    s.tcp.close()
    return c


@capture
def smb2_bulk():
    """Long reads and writes beside a pipe."""
    c = Capture()
    s = Server(c, CLERK, 50001, DC).log_on().connect("IPC$", IPC_TREE, True).connect("data", DISK_TREE, False)
    for i in range(4):
        number = s.next()
        s.say(CLIENT, READ, read(b"\x55" * 16, 100000), number, tree=DISK_TREE)
        s.say(SERVER, READ, data(bytes(range(256)) * 400), number, tree=DISK_TREE)
        number = s.next()
        s.say(CLIENT, WRITE, write(b"\x66" * 16, b"\5\0\0\3" * 10000), number, tree=DISK_TREE)
        s.say(SERVER, WRITE, written(40000), number, tree=DISK_TREE)
        mapper(s, 0x1001 + i).map(SAMR, [tcp_tower(SAMR, 49660 + i, DC)]).close()
    s.tcp.close()
    return c


@capture
def smb1_pipes():
    """The same over SMB 1: WRITE_ANDX and READ_ANDX, transactions, Unicode and not, answers in parts; over NetBIOS, too."""
    c = Capture()
    s = Server1(c, CLERK, 50001, DC).connect1()
    who = {"secondary": "\\PIPE\\epmapper", "contexts": [Context(0, EPM)]}
    Pipe1(s, "epmapper", 0x4000).bind(**who).map(SAMR, [tcp_tower(SAMR, 49667, DC)]).close()
    Pipe1(s, "epmapper", 0x4001, way="trans", part=90).bind(**who).map(LSARPC, [tcp_tower(LSARPC, 49668, DC)]).close()
    s.tcp.close()
    s = Server1(c, CLERK, 50002, DC, 139).session_request().connect1()
    Pipe1(s, "svcctl", 0x4002, unicode=False).bind([Context(0, SVCCTL)], secondary="\\PIPE\\ntsvcs").close()
    s.tcp.close()
    return c
