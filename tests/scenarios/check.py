"""Runs the program on a scenario, once as it is and then in other ways that must make no difference."""
import json
import os
import random
import subprocess

import judge
import line
import story

HERE = os.path.dirname(os.path.abspath(__file__))
SLOW_SECONDS = 3600


class Failed(Exception):
    pass


class Program:
    def __init__(self, path, folder, policy, types=None):
        self.path, self.folder, self.policy, self.types = path, folder, policy, types

    def say(self, *arguments, status=(0,)):
        """Standard output of the program."""
        done = subprocess.run([self.path, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SLOW_SECONDS)
        if done.returncode not in status:
            raise Failed("%s: exit status %d: %s" % (" ".join(arguments), done.returncode, done.stderr.decode("utf-8", "replace")[-600:]))
        return done.stdout.decode("utf-8")

    def read(self, captures, store, events, arguments=()):
        command = ["read", "-q", "--sensor", "here", "-d", store, "--events", events, *arguments]
        if self.types:
            command += ["--event-types", self.types]
        if self.policy:
            command += ["-c", os.path.join(HERE, "policies", self.policy)]
        self.say(*command, *captures)

    def rows(self, verb, store, *arguments):
        return json.loads(self.say(verb, "-d", store, "--format", "json", *arguments, status=(0, 1)))


def groups(runs):
    """Captures that are read together: those of one store."""
    out = []
    for run in runs:
        if out and out[-1][1:] == (run["store"], run["arguments"]):
            out[-1][0].append(run["capture"])
        else:
            out.append(([run["capture"]], run["store"], run["arguments"]))
    return out


def merged(folder, paths):
    """Events of several files as those of one run."""
    said = {"change": [], "alert": [], "pinhole": [], "bind": 0, "epm": 0, "stats": None}
    for path in paths:
        for kind, more in judge.events(os.path.join(folder, path)).items():
            said[kind] = more if kind == "stats" else said[kind] + more
    return said


def whole(program, truth, tag, *options):
    """Each store's captures in one run."""
    files = []
    for i, (captures, store, arguments) in enumerate(groups(truth["runs"])):
        files.append("%s-%d.events" % (tag, i))
        program.read(captures, tag + "-" + store, files[-1], [*arguments, *options])
    return merged(program.folder, files)


def split(program, truth, tag, place):
    """Each capture in two parts, and a run for each: place(run, path) is the byte where it is cut. Captures of one store are read part by part."""
    files = []
    for i, (captures, store, arguments) in enumerate(groups(truth["runs"])):
        parts = ([], [])
        moment = None
        for name in captures:
            run = next(r for r in truth["runs"] if r["capture"] == name)
            path = os.path.join(program.folder, name)
            at, moment = place(run, path, moment)
            names = ["%s-%d-%s" % (tag, half, name) for half in (1, 2)]
            line.cut(path, at, *(os.path.join(program.folder, n) for n in names))
            for part, n in zip(parts, names):
                part.append(n)
        for half, part in enumerate(parts):
            files.append("%s-%d-%d.events" % (tag, i, half))
            program.read(part, tag + "-" + store, files[-1], arguments)
    return merged(program.folder, files)


def seconds_at(path, at):
    with open(path, "rb") as f:
        f.seek(at)
        head = f.read(8)
    return int.from_bytes(head[:4], "little"), int.from_bytes(head[4:], "little")


def by_time(path, offsets, moment):
    """The first of the places whose packet is not before a moment."""
    low, high = 0, len(offsets) - 1
    while low < high:
        middle = (low + high) // 2
        if seconds_at(path, offsets[middle]) < moment:
            low = middle + 1
        else:
            high = middle
    return offsets[low]


def between_exchanges(rng):
    def place(run, path, moment):
        size = os.path.getsize(path)
        marks = [m for m in run["marks"] if 24 < m < size]
        at = by_time(path, marks, moment) if moment else rng.choice(marks)
        return at, moment or seconds_at(path, at)

    return place


def at_any_packet(rng):
    def place(run, path, moment):
        offsets = line.offsets(path)[1:-1]
        at = by_time(path, offsets, moment) if moment else rng.choice(offsets)
        return at, moment or seconds_at(path, at)

    return place


def differences(one, other, what):
    """Changes and alerts that are not the same, in the same order."""
    out = []
    for kind in ("change", "alert", "pinhole"):
        a, b = [[judge.steady(row) for row in said[kind]] for said in (one, other)]
        if a == b:
            continue
        show = {"change": judge.show_change, "alert": judge.show_alert}.get(kind, str)
        first = set(a), set(b)
        out += ["only in one run: " + show(row) for row, text in zip(one[kind], a) if text not in first[1]]
        out += ["only %s: %s" % (what, show(row)) for row, text in zip(other[kind], b) if text not in first[0]]
        if first[0] == first[1]:
            out.append("%ss in another order or number %s" % (kind, what))
    return out


def holds(truth, said):
    """The same truth, whatever the ids: for captures that were cut inside an exchange."""
    return judge.judge(truth, said).wrong


def seen(truth, said):
    out = []
    for kind, name in (("bind", "binds"), ("epm", "answers")):
        if said[kind] != truth[name]:
            out.append("%d %s, not %d" % (said[kind], name, truth[name]))
    return out


def against_plain(program, truth, said):
    """Scenario 8: what a capture without duplicates gives."""
    name = truth["options"]["twin"]
    program.read([name], "twin.db", "twin.events")
    wrong = differences(merged(program.folder, ["twin.events"]), said, "with duplicates")
    a, b = (program.rows("list", store) for store in ("twin.db", "whole-store.db"))
    for one, other in zip(a, b):
        wrong += ["list: %s of %s: %s, not %s" % (k, one["server"], other.get(k), one[k]) for k in one if k != "evidence" and one[k] != other.get(k)]
    if len(a) != len(b):
        wrong.append("list: %d rows, not %d" % (len(b), len(a)))
    return wrong


def after_merge(program, truth):
    """Scenario 23: the stores of two sites merged hold both sites' changes, each in its realm."""
    stores = ["whole-" + store for _, store, _ in groups(truth["runs"])]
    program.say("db", "merge", "-d", "merged.db", *stores)
    said = {"change": program.rows("changes", "merged.db"), "alert": program.rows("alerts", "merged.db"), "pinhole": []}
    return judge.judge(truth, said).wrong


def one_line(program, truth):
    """Scenario 3: in the report of a day on which a process is away from its pin it has one line, with all rules, whatever number of interfaces it has."""
    since, until, words = truth["options"]["report_line"]
    said = program.say("report", "-d", "whole-store.db", "--since", since, "--until", until, status=(0, 1))
    lines = [text for text in said.splitlines() if text.startswith("EPM-")]
    return [] if len(lines) == 1 and all(w in lines[0] for w in words) else lines or ["no line begins with a rule"]


def as_rows(program, truth, said):
    """changes and alerts as rows of the store: the same as the events."""
    out = []
    for store in sorted({store for _, store, _ in groups(truth["runs"])}):
        ids = {c["id"] for c in program.rows("changes", "whole-" + store)} | {a["id"] for a in program.rows("alerts", "whole-" + store)}
        out.append(ids)
    have = set().union(*out)
    want = {row["id"] for kind in ("change", "alert") for row in said[kind]}
    return ["in no row: " + i for i in sorted(want - have)] + ["in no event: " + i for i in sorted(have - want)]


def notifications(program, truth, tag):
    """Rows of new-mail notifications, added up: [server, client, port, confidence, count]."""
    sums = {}
    for store in sorted({store for _, store, _ in groups(truth["runs"])}):
        for row in program.rows("pushes", tag + "-" + store):
            key = row["server"], row["client"], row["client_port"], row["confidence"]
            sums[key] = sums.get(key, 0) + row["count"]
    have, want = [[*key, count] for key, count in sorted(sums.items())], [list(row) for row in truth["pushes"]]
    return ["%s: %s, not %s" % (tag, have, want)] if have != want else []


def counted(program, truth, tag):
    """What was counted of packets and calls, hour by hour, in each realm of each store."""
    out = {}
    for store in sorted({store for _, store, _ in groups(truth["runs"])}):
        scopes = {}
        for row in map(json.loads, program.say("db", "export", "-d", tag + "-" + store).splitlines()):
            if row["table"] == "scope":
                scopes[row["row"]] = row["realm"]
            if row["table"] == "tally":
                key = store, scopes[row["scope"]], row["hour"]
                out[key] = {k: v for k, v in row.items() if k not in ("table", "scope", "hour")}
    return out


def counts(program, truth, tag):
    """The counts of another way to read the captures are those of the whole; and there are some."""
    whole, other = counted(program, truth, "whole"), counted(program, truth, tag)
    wrong = ["%s: %s, not %s" % (key, {k: v for k, v in other.get(key, {}).items() if v}, {k: v for k, v in whole.get(key, {}).items() if v}) for key in sorted(whole.keys() | other.keys()) if whole.get(key) != other.get(key)]
    return wrong if any(row["packets"] for row in whole.values()) else ["no packet was counted"]


def frames_counted(program, truth):
    """Every packet of every capture, once."""
    frames = sum(len(line.offsets(os.path.join(program.folder, run["capture"]))) - 1 for run in truth["runs"])
    packets = sum(row["packets"] for row in counted(program, truth, "whole").values())
    return ["%d packets counted, %d in the captures" % (packets, frames)] if packets != frames else []


def scenario(number, folder, program_path, plain=False, cuts=1, seed=1):
    """All tests of a scenario: (what, differences or None where left out, notes)."""
    truth = story.make(number, folder, seed)
    exact = truth["options"].get("exact", True)
    program = Program(program_path, folder, truth["policy"], None if exact else "change,alert,pinhole,stats")
    out = []

    def test(what, function, *arguments, notes=()):
        try:
            out.append((what, function(*arguments), list(notes)))
        except (Failed, ValueError, KeyError, OSError, subprocess.SubprocessError) as e:
            out.append((what, ["%s: %s" % (type(e).__name__, e)], []))

    special = story.STORIES[number].check
    if special:
        for what, function in special:
            test(what, function, program, truth)
        return out
    try:
        said = whole(program, truth, "whole")
    except Failed as e:
        return [("runs", [str(e)], [])]
    found = judge.judge(truth, said)
    shown = list(judge.table(found.counts)) if truth["options"].get("table") else []
    test("finds what is there, and nothing else", lambda: found.wrong, notes=shown)
    if exact:
        test("every exchange is seen", seen, truth, said)
    test("the store's rows are the events", as_rows, program, truth, said)
    if "pushes" in truth:
        test("its notifications are rows", notifications, program, truth, "whole")
    test("every packet is counted once", frames_counted, program, truth)
    if truth["options"].get("twin"):
        test("as without duplicates", against_plain, program, truth, said)
    if truth["options"].get("report_line"):
        test("one line in the report", one_line, program, truth)
    if truth["options"].get("merge"):
        test("merged", after_merge, program, truth)
    if not plain:
        others(test, program, truth, said, number, cuts)
    return out


def others(test, program, truth, said, number, cuts):
    test("the same with one worker", lambda: differences(said, whole(program, truth, "worker", "--workers", "1"), "with one worker"))
    test("the same counts with one worker", counts, program, truth, "worker")
    test("the same with two workers", lambda: differences(said, whole(program, truth, "workers", "--workers", "2"), "with two workers"))
    for i in range(cuts):
        rng = random.Random(number * 1000 + i)
        which = " (place %d)" % (i + 1) if cuts > 1 else ""
        test("24: the same in two runs, cut between exchanges" + which, lambda: differences(said, split(program, truth, "cut%d" % i, between_exchanges(rng)), "in two runs"))
        test("24: the same counts in two runs" + which, counts, program, truth, "cut%d" % i)
        test("24: as true in two runs, cut at any packet" + which, lambda: holds(truth, split(program, truth, "torn%d" % i, at_any_packet(rng))))
        if "pushes" in truth:
            test("24: the same notifications in two runs" + which, notifications, program, truth, "cut%d" % i)
