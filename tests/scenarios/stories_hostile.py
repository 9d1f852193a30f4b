"""Scenarios of traffic that means ill: 26 and 27, with tests of their own."""
import csv
import io
import json
import os
import sqlite3
import struct
import subprocess

import carriers
import epm
import judge
from actors import PIPE, TCP, UDP, enumerate_all, over_pipe
from line import DAY, HOUR, MINUTE, checksum
from rpc import EPM
from scenario import cleaned
from story import CLIENTS, DC, FILES, MAIL, SCANNER, Host, interface, processes, restart, routine, story

FORGED = 100000
MEMORY = 64 << 20
ACTIVITY = 8 + 40  # where it stands in a datagram, behind the UDP header


class Forger:
    """Questions and answers of the endpoint mapper over UDP, made by putting addresses and an activity into two packets."""

    def __init__(self, world):
        self.world = world
        tower = epm.Tower(interface(1), UDP, 50123)
        activity = "35fda900-358a-1212-8004-0000feedbeef"
        self.question = self.frame(1066, 135, carriers.datagram(carriers.DG_REQUEST, EPM, activity, 0, epm.MAP, epm.map_request(tower)))
        self.answer = self.frame(135, 1066, carriers.datagram(carriers.DG_RESPONSE, EPM, activity, 0, epm.MAP, epm.map_response([tower])))

    @staticmethod
    def frame(sport, dport, data):
        head = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(data), 7, 0x4000, 128, 17, 0)
        return head, struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data

    def send(self, parts, src, dst, activity):
        head, rest = parts
        rest = rest[:ACTIVITY + 12] + activity + rest[ACTIVITY + 16:]
        head = head + src + dst
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.world.line.put(b"\x02\0" + dst + b"\x02\0" + src + b"\x08\0" + head + rest, len(rest))

    def pair(self, n):
        server, client = struct.pack(">I", 0x0A000001 + n), struct.pack(">I", 0xC6336400 + n % 200)
        activity = struct.pack(">I", n)
        self.send(self.question, client, server, activity)
        self.send(self.answer, server, client, activity)


def run_measured(program, events, store, *captures):
    """Reads captures; returns the peak of resident memory in bytes."""
    command = [program.path, "read", "-q", "--sensor", "here", "--memory", str(MEMORY), "--event-types", "change,alert,stats", "-d", store, "--events", events, *captures]
    child = subprocess.Popen(command, cwd=program.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise OSError("exit status %d: %s" % (child.returncode, said.decode("utf-8", "replace")[-500:]))
    return usage.ru_maxrss * 1024


def flood_is_bounded(program, truth):
    peak = run_measured(program, "flood.events", "flood.db", "capture.pcap")
    out = []
    said = judge.events(os.path.join(program.folder, "flood.events"))
    cap = said["stats"]["dropped"]["cap"]
    if peak > MEMORY + (32 << 20):
        out.append("%d MiB resident, where %d were allowed" % (peak >> 20, MEMORY >> 20))
    forged = sum(1 for c in said["change"] if c["server"].startswith("10."))
    if forged + cap < FORGED:
        out.append("%d servers told and %d counted, of %d" % (forged, cap, FORGED))
    real = {kind: [row for row in said[kind] if not row.get("server", "10.").startswith("10.")] for kind in ("change", "alert")}
    return out + judge.judge(truth, {**real, "pinhole": []}).wrong


@story(26, slow=True, check=[("100,000 forged servers: memory is bounded, and what is real is found", flood_is_bounded)])
def forged_servers(folder):
    """Answers of a hundred thousand servers that are not there, in two hours. What is known of a real server stays right, and a new one is learned afterwards, since what is idle
    makes room; memory stays within its bound, and what was refused is counted."""
    w = folder.world()
    host, late = Host(w, DC), Host(w, MAIL)
    some = processes(host, 3, 2)
    processes(late, 2, 2, seed=9, first=500)
    routine(w, host, 0, 7)
    forger = Forger(w)

    def forge(first):
        for n in range(first, first + FORGED // 100):
            forger.pair(n)

    for i in range(100):
        w.at(2 * DAY + HOUR + i * MINUTE, forge, i * (FORGED // 100))
    w.at(3 * DAY + 18 * HOUR, restart, some)
    w.truth.change("restarted", DC, members=[(what, TCP) for what in host.interfaces()])
    routine(w, late, 4, 3)
    w.run(8 * DAY)


NASTY = ["O'Brien \"quoted\" service", "'; DROP TABLE episode; --", "line\nbreak\r\ttab", "\x1b[31mred\x1b[0m \x07bell", "<script>alert(1)</script>&amp;", "%s%n%x ${HOME} `id` $(id)",
         "comma, semicolon; =1+1", "\u202eright to left", "back\\slash \\u0041 \\0", "nul", "{\"json\": [1,2]}", "caf\u00e9 \u4e2d\u6587"]


def printable(text):
    return [repr(c) for c in sorted(set(text)) if (c < " " and c != "\n") or c in "\x7f\x9b\u202e"]


def names_unharmed(program, truth):
    program.read(["capture.pcap"], "names.db", "names.events")
    out = []
    said = [row.get("annotation") for row in program.rows("list", "names.db")]
    for name in NASTY:
        if cleaned(name) not in said:
            out.append("not in the list as it should be: %r" % name)
    for verb in ("list", "history", "changes", "alerts", "report"):
        text = program.say(verb, "-d", "names.db", status=(0, 1))
        if printable(text):
            out.append("%s: control characters %s" % (verb, printable(text)))
    return out


def rows_unharmed(program, truth):
    out = []
    for verb in ("list", "history", "changes", "alerts"):
        rows = json.loads(program.say(verb, "-d", "names.db", "--format", "json", status=(0, 1)))
        table = list(csv.reader(io.StringIO(program.say(verb, "-d", "names.db", "--format", "csv", status=(0, 1)))))
        if len(table) != len(rows) + 1 or len({len(row) for row in table}) != 1:
            out.append("%s: %d rows in JSON, %d in CSV of %s columns" % (verb, len(rows), len(table) - 1, sorted({len(row) for row in table})))
    return out


def store_unharmed(program, truth):
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(program.folder, "names.db"), uri=True)
    said = [row[0] for row in db.execute("PRAGMA integrity_check")]
    db.close()
    return [] if said == ["ok"] else said


@story(27, check=[("what is shown is what came in, cleaned", names_unharmed), ("rows stay rows in JSON and CSV", rows_unharmed), ("the store is whole", store_unharmed)])
def names_that_mean_ill(folder):
    """Annotations, pipes and names of hosts with quotes, newlines, escapes and SQL in them go through the store and out again unharmed."""
    w = folder.world()
    host = Host(w, FILES)
    for i, name in enumerate(NASTY):
        host.put(interface(700 + i), 49700 + i, note=name)
        host.put(interface(700 + i), "\\PIPE\\" + name.encode("ascii", "ignore").decode().split("\n")[0], protseq=PIPE)
    w.at(HOUR, enumerate_all, SCANNER, host)
    for i, name in enumerate(NASTY):
        w.at((2 + i) * HOUR, over_pipe, CLIENTS[0], host, interface(800 + i), "pipe" + name[:20], (name[:15], name))
    w.run(DAY)
