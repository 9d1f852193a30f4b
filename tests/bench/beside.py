"""The programs that are measured beside each other, and how that is done: by turns, after a run that warms up."""
import glob
import json
import os
import shutil
import subprocess

import build
import measure


class Tool:
    """A way to read a capture. ${make} gives the command for a path; a store, where one is made, is removed afterwards."""

    def __init__(self, name, make, needs=None, ok=(0,)):
        self.name, self.make, self.needs, self.ok = name, make, needs, ok

    def there(self):
        return self.needs is None or shutil.which(self.needs) is not None


def epmwatch(workers):
    def command(path, store):
        return [build.EPMWATCH, "read", "-d", store, "--events", "/dev/null", "--workers", str(workers), path]

    return command


def tcpdump(path, _store):
    # As root it would go on as another user, who may not be let into the folder.
    return ["tcpdump", "-n", "-r", path, "-w", "/dev/null"] + (["-Z", "root"] if os.geteuid() == 0 else [])


LOOP = Tool("libpcap loop", lambda path, _: [build.program("pcap_loop"), path])
TCPDUMP = Tool("tcpdump -w", tcpdump, "tcpdump")
ONE = Tool("epmwatch, 1 worker", epmwatch(1))
TWO = Tool("epmwatch, 2 workers", epmwatch(2))
NDPI = Tool("ndpiReader", lambda path, _: ["ndpiReader", "-q", "-i", path], "ndpiReader")
# What one would type to see the ports that endpoint mappers name. The filter keeps it from printing every packet.
# Its lines say that there was an answer, and to what; the towers and contexts are in what it tells as JSON.
ANSWERS = "epm || dcerpc.pkt_type == 12"
TSHARK = Tool("tshark", lambda path, _: ["tshark", "-n", "-r", path, "-Y", ANSWERS], "tshark")
TSHARK_JSON = Tool("tshark -T ek", lambda path, _: ["tshark", "-n", "-r", path, "-Y", ANSWERS, "-T", "ek"], "tshark")


class Bench:
    """Where runs leave their stores and logs, and what they took: series[(capture, tool)]."""

    def __init__(self, folder, runs):
        self.folder, self.runs = folder, runs
        self.series, self.peaks = {}, {}
        self.store, self.log = folder.file("store.db"), folder.file("last.log")

    def clear(self):
        for path in glob.glob(glob.escape(self.store) + "*"):
            os.unlink(path)

    def once(self, capture, tool):
        self.clear()
        one = measure.run(tool.make(capture.path, self.store), self.log)
        self.clear()
        if one.status not in tool.ok:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                raise SystemExit("%s on %s: exit status %d\n%s" % (tool.name, capture.name, one.status, f.read()[-2000:]))
        return one

    def side_by_side(self, pairs):
        """Measure every (capture, tool) so many times, by turns, after one turn that does not count."""
        pairs = [p for p in pairs if p[1].there()]
        for turn in range(self.runs + 1):
            for capture, tool in pairs:
                one = self.once(capture, tool)
                if turn > 0:
                    self.series.setdefault((capture.name, tool.name), measure.Series()).add(one)

    def peak(self, capture, tool):
        """Peak of anonymous memory in KiB, in a run of its own, since looking at it takes time."""
        self.clear()
        kib, status = measure.peak(tool.make(capture.path, self.store), self.log)
        self.clear()
        if status not in tool.ok:
            raise SystemExit("%s on %s: exit status %d" % (tool.name, capture.name, status))
        self.peaks[capture.name, tool.name] = kib
        return kib

    def check(self, capture, workers):
        """Read it once with events, and hold what was found against what is in it. Returns what differs."""
        events = self.folder.file("events.json")
        command = [build.EPMWATCH, "read", "-d", self.store, "--events", events, "--workers", str(workers), capture.path]
        self.clear()
        if os.path.exists(events):
            os.unlink(events)
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=300)
        self.clear()
        answers, stats = 0, {}
        with open(events, encoding="utf-8") as f:
            for line in f:
                answers += '"event_type":"epm"' in line
                if '"event_type":"stats"' in line:
                    stats = json.loads(line)["stats"]
        os.unlink(events)
        found = {"packets": stats["packets"], "octets": stats["bytes"], "pdus": stats["rpc"]["pdus"], "answers": answers}
        return ["%s: %d %s in the capture, %d found" % (capture.name, capture.counts[k], k, v) for k, v in found.items() if capture.counts[k] != v]

    def wall(self, capture, tool):
        """Median in seconds, or None where it was not measured."""
        found = self.series.get((capture.name, tool.name))
        return found.median() if found else None
