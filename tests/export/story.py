"""A small site for the tests of exports: Exchange on two servers and both families, a domain controller, TCP and UDP, and what must not be opened."""
import json
import os
import sqlite3
import subprocess
import sys

TOP = os.environ.get("TOP_SRCDIR") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("EPMWATCH", os.path.join(TOP, "epmwatch"))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, "tests", "gen"))
import epm
import pcapfile
from captures import ADMIN, CLERK, DC, DRSUAPI, EMSMDB, LSARPC, MAIL, NOBODY, NSPI, RFR, SAMR, SVCCTL, tcp_tower
from captures_carriers import MESSENGER, Caller, udp_tower
from scenario import Capture, epm_session, service_session

MAIL2, MAIL6, CLERK6, OTHER6 = "192.0.2.12", "2001:db8:1::10", "2001:db8:1::21", "2001:db8:1::99"

POLICY = """version: 1
dynamic: windows-2008
dynamic-for:
  - servers: %(group)s
    ranges: exchange-2010
servers:
  %(group)s: [192.0.2.10, 192.0.2.12, "2001:db8:1::10/124"]
rules:
  - servers: %(group)s
    interfaces: exchange-store
    static: 56001
  - servers: any
    interfaces: svcctl
    deny: true
"""


def tell():
    """The packets. Ports: 56001 is Exchange's, pinned; 56002 the referral's; 49667 the domain controller's; 50001 is denied, 6001 reserved."""
    c = Capture()
    ports = iter(range(1100, 1200))

    def use(client, server, port, interface):
        service_session(c, client, next(ports), server, port, interface, calls=1).close()

    for client, server in ((CLERK, MAIL), (ADMIN, MAIL2), (CLERK6, MAIL6)):
        entries = [epm.Entry(tcp_tower(EMSMDB, 56001), "Exchange Server STORE EMSMDB Interface"), epm.Entry(tcp_tower(RFR, 56002), "RFR"),
                   epm.Entry(tcp_tower(NSPI, 6004), "NSPI"), epm.Entry(epm.Tower(EMSMDB, "ncacn_http", 6001), "HTTP")]
        epm_session(c, client, next(ports), server).lookup([entries]).close()
        use(client, server, 56001, EMSMDB)
        use(client, server, 56002, RFR)
        use(client, server, 6001, EMSMDB)
    use(CLERK, MAIL2, 56003, NOBODY)
    use(CLERK, DC, 49667, DRSUAPI)
    use(CLERK, DC, 49667, SAMR)
    use(CLERK, DC, 1027, LSARPC)
    use(CLERK, DC, 50001, SVCCTL)
    use(CLERK, DC, 50001, NOBODY)
    epm_session(c, CLERK, next(ports), DC).map(LSARPC, [tcp_tower(LSARPC, 49668, DC)]).close()
    Caller(c, CLERK, 1300, DC, 135, number=1).map(MESSENGER, [udp_tower(MESSENGER, 49200)])
    Caller(c, CLERK, 1301, DC, 49200, number=2).call(MESSENGER)
    Caller(c, CLERK6, 1302, MAIL6, 49201, number=3).call(MESSENGER)
    use(CLERK6, OTHER6, 49667, DRSUAPI)
    return c


# What used or confirmed, with a port that is allowed and nobody's own, comes to: what each export has to open.
OPENED = {("tcp", s, p) for s in (MAIL, MAIL2, MAIL6) for p in (56001, 56002)} | {
    ("tcp", MAIL2, 56003), ("tcp", DC, 49667), ("udp", DC, 49200), ("udp", MAIL6, 49201), ("tcp", OTHER6, 49667)}

HOSTILE = [
    "\n}; flush ruleset\n", "\r\naccess-list X permit ip any any\r\n", "'; Remove-Item C:\\ -Recurse; '", '"; reboot; "', "`calc`", "$(reboot)", "\\",
    "\x1b[2J\x1b]0;x\x07", "\u202e\u2066txt.exe", "\u2028whoami\u2029", "#>\nRemove-Item x\n<#", "?", "| match x", "a\tb\x0bc\x0cd\x85e", "\u201c\u2019\u201e", "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>", "\ufffd" * 60, "x" * 5000, "*/ ! #", "# SIG # Begin signature block", "%s%n%d", "\U0001f4a9" * 40,
]


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False, **options)


def make_store(folder, name="site.db", group="exchange"):
    """The store of the story, judged by the policy whose group is called that."""
    capture, policy, store = (os.path.join(folder, f) for f in ("site.pcap", name + ".yaml", name))
    with open(policy, "w", encoding="utf-8") as f:
        f.write(POLICY % {"group": json.dumps(group)})
    with open(capture, "wb") as f:
        f.write(pcapfile.pcap(tell().finished()))
    done = run("read", "-q", "--sensor", "here", "-d", store, "-c", policy, os.path.basename(capture), cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    return store


def spoil(store, words):
    """What somebody may have put into a store: those words in turn, wherever names are kept."""
    db = sqlite3.connect(store)
    for table, column in (("scope", "sensor"), ("scope", "realm"), ("server", "host"), ("episode", "annotation"), ("capture", "name")):
        for (row,) in list(db.execute("select row from " + table)):
            db.execute("update %s set %s = ? where row = ?" % (table, column), (words[row % len(words)], row))
    db.commit()
    db.execute("pragma wal_checkpoint(truncate)")
    db.close()
