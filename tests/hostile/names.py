"""A capture full of names that somebody chose to do harm, and the same with harmless ones."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "gen"))
import epm
import pcapfile
import rpc
from captures import ADMIN, CLERK, DC, EMSMDB, MAIL, RFR, SAMR, tcp_tower
from net import CLIENT, SECOND
from rpc import Auth, Context
from scenario import DAY, START, Capture, Session, epm_session

MARK = "zqx"  # in every hostile name, so that it is known again in an output

# What begins a cell, a line or a word, and what may stand anywhere. Each gets the mark behind it.
NAMES = [n.encode("utf-8", "surrogatepass") if isinstance(n, str) else n for n in (
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]8;;http://evil.example/\x1b\\x\x1b]8;;\x1b\\", "\x9b2J", "\x1bc", "\x1bP0;1|17/ab\x1b\\",
    "two\nlines", "two\r\nlines", "back\x08\x08\x08", "tab\tbed", "\x07\x7f", "a\x85b", "a\u2028b\u2029c", "a\x0bb\x0cc",
    "\u202eevil\u202c", "\u2066iso\u2069", "\u200e\u200f\u061c", "a\u200bb\u200c\u200d\u2060", "\ufeffbom", "soft\u00adhyphen", "\U000e0041tag", "\u3164fill", "\u115f",
    "<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "</title></svg>", "\" onmouseover=\"alert(1)", "' onfocus='alert(1)", "&lt;b&gt;&amp;&#x3c;", "<!-- -->", "]]>",
    "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "\"=1\"", "=1,\"=2\"", "'=1", "%0a=1", ";=1",
    "[link](http://evil.example)", "![image](http://evil.example/i.png)", "<http://evil.example>", "https://evil.example/x", "www.evil.example", "`code`", "``` fence", "| cell | cell |", "# head", "* item", "**bold** __b__ ~~s~~",
    "&copy;", "\\|", "\\", "[x]: http://evil.example", "1. one", "> quote", "---", "<details>", "$(id)", "`id`", "%n%s%d", "; rm -rf /", "|| true", "${IFS}", "!!", "*?[a-z]", "~root", "'; DROP TABLE episode; --",
    "a: b", "- a", "{a: b}", "[a, b]", "!!python/object:os.system", "&a *a", "a #b", "\"a", "'a", "null", "0x10", "1e3", "yes", "...", "%YAML 1.1",
    "caf\u00e9".encode("latin-1"), b"\xff\xfe\xfd", b"\xc0\xaf\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", ("\u00fc" * 31).encode() + b"\xc3",
    b"\xe2\x82", "../../../etc/passwd", "CON", "a" * 40)]


def marked(number, name, harmless):
    if harmless:
        return b"%s%03d" % (MARK.encode(), number)
    return name if len(name) > 58 else name + MARK.encode() if number % 2 else name + b" " + MARK.encode()


def utf16(name):
    """As Windows would write it; an odd surrogate stays one."""
    try:
        return name.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    except UnicodeDecodeError:
        return name.decode("latin-1").encode("utf-16-le")


def challenge(name):
    """An NTLM challenge whose names are all ${name}."""
    wide = utf16(name)
    pairs = b"".join(struct.pack("<HH", kind, len(wide)) + wide for kind in (2, 1, 4, 3)) + b"\0" * 4
    head = b"NTLMSSP\0" + struct.pack("<IHHII", 2, 0, 0, 56, 0x02800201) + b"\x01" * 8 + b"\0" * 8
    return head + struct.pack("<HHI", len(pairs), len(pairs), 56) + b"\x0a\0\x63\x45\0\0\0\x0f" + pairs


def alive(names):
    """ServerAlive2's answer with these bindings."""
    strings = b"".join(struct.pack("<H", 7) + utf16(n) + b"\0\0" for n in names) + b"\0\0"
    security = b"\x09\0\xff\xff\0\0\0\0"
    units = strings + security
    body = struct.pack("<HHIIHH", 5, 7, 0x923E, len(units) // 2, len(units) // 2, len(strings) // 2) + units
    return body + b"\0" * (-len(body) % 4) + b"\0" * 8


def new_dsa(name):
    n = len(name) + 1
    body = struct.pack("<IIIIII", 0, 0xC00C, 0x91A2, n, 0, n) + name + b"\0"
    return body + b"\0" * (-len(body) % 4) + b"\0" * 4


EXPORTER = ("99fcfec4-5260-101b-bbcb-00aa0021347a", (0, 0))


def uuid(number, kind):
    return "%08x-0bad-4000-8000-%012x" % (number, kind)


def enumerate_all(c, cport, names, base):
    entries = [epm.Entry(tcp_tower((uuid(i, 1), (1, 0)), base + i, DC), n) for i, n in enumerate(names)]
    pipes = [epm.Entry(epm.Tower((uuid(i, 2), (1, 0)), "ncacn_np", b"\\PIPE\\" + n[:50] + b"\0", b"\\\\" + n[:20] + b"\0"), n) for i, n in enumerate(names)]
    epm_session(c, ADMIN, cport, DC).lookup([entries, pipes]).close()


def use(c, cport, server, port, interface, name):
    asked = Auth(level=rpc.INTEGRITY, value=b"NTLMSSP\0\1\0\0\0" + b"\0" * 20)
    s = Session(c, CLERK, cport, server, port)
    s.bind([Context(0, interface)], auth=asked, reply=Auth(level=rpc.INTEGRITY, value=challenge(name)))
    return s


def build(harmless=False):
    """The capture: names of services and pipes twice, at other ports the second time; hosts by all that tells them; referrals."""
    names = [marked(i, n, harmless) for i, n in enumerate(NAMES)]
    c = Capture()
    for day, base in ((0, 49300), (1, 40000)):
        c.wire.until(START + day * DAY // 8 + SECOND)
        enumerate_all(c, 1066 + day, names, base)
        enumerate_all(c, 1266 + day, names, base)
        use(c, 2066 + day, DC, 49667, SAMR, names[0]).close()
        for i, name in list(enumerate(names))[day::2]:
            server = "192.0.2.%d" % (100 + i)
            use(c, 3000 + 2 * i + 400 * day, server, 49667 + day, SAMR, name).close()
            if i % 8 < 2:
                s = Session(c, CLERK, 5000 + i + 200 * day, server, 135).bind([Context(0, EXPORTER)])
                s.exchange(0, 5, b"", alive([name, name]))
                s.close()
                s = Session(c, CLERK, 6000 + i + 200 * day, MAIL, 56002).bind([Context(0, RFR)])
                s.exchange(0, 0, b"\0" * 24, new_dsa(name))
                s.close()
    use(c, 7000, MAIL, 49731, EMSMDB, names[1]).close()
    return pcapfile.pcap(c.finished())
