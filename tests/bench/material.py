"""The captures that are measured with: made once into a folder, known again by name, size and what was said of them."""
import hashlib
import json
import os
import shutil
import subprocess

import build


class Capture:
    """A capture of the generator: its kind, and the generator's further arguments."""

    def __init__(self, name, kind, packets, *arguments, options=()):
        self.name, self.kind, self.packets = name, kind, packets
        self.arguments, self.options = [str(a) for a in arguments], list(options)
        self.path, self.counts = "", {}

    def command(self):
        return [build.program("traffic")] + self.options + [self.kind, str(self.packets)] + self.arguments

    def piece(self, packets):
        """A short one of its kind."""
        command = [build.program("traffic")] + self.options + [self.kind, str(packets)]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout

    def estimate(self):
        """Octets it will have, or some more: the longer a capture, the more of its connections are past their handshake."""
        return self.packets * {"min": 76, "epm-flood": 80, "flows": 76, "syn": 76, "mixed": 400, "epm": 400, "large": 1530, "rpc": 340, "smb": 1060, "smb-sealed": 1060}.get(self.kind, 150)

    def print(self):
        """What it is known by, beside its name and size: another generator makes other pieces."""
        return hashlib.sha256(self.piece(5000)).hexdigest()


def standard(scale):
    """What `make bench` measures, times ${scale}."""

    def n(packets):
        return max(1000, int(packets * scale))

    return [
        Capture("min", "min", n(10_000_000), n(100_000)),
        Capture("mixed", "mixed", n(5_000_000), n(100_000)),
        Capture("large", "large", n(1_000_000)),
        Capture("epm", "epm", n(5_000_000), n(100_000)),
        Capture("rpc", "rpc", n(2_000_000)),
        Capture("flows", "flows", n(10_000_000)),
        Capture("syn", "syn", n(10_000_000)),
        Capture("lying", "lying", n(10_000_000), n(100_000)),
        Capture("lying-elsewhere", "lying-elsewhere", n(10_000_000), n(100_000)),
        # An exchange over a pipe takes twelve packets: one in a thousand is about one.
        Capture("smb", "smb", n(1_000_000), 4, min(12_000, n(12_000) * 4)),
        Capture("smb-sealed", "smb-sealed", n(1_000_000), 4, min(12_000, n(12_000) * 4)),
        # As many packets a connection as in the whole ones, for tools that take minutes for those.
        Capture("mixed-cut", "mixed", n(1_000_000), n(20_000)),
        Capture("mixed-short", "mixed", n(200_000), n(4_000)),
        Capture("rpc-short", "rpc", n(200_000)),
    ]


def live(scale):
    """What is sent out of an interface: small packets, and those of all sizes, with answers of endpoint mappers among them."""
    return [
        Capture("live-flood", "epm-flood", max(1000, int(4_000_000 * scale))),
        Capture("live-mixed", "epm", max(1000, int(2_000_000 * scale))),
    ]


def forget_pages(path):
    """Let the page cache have nothing of a file: who reads it first brings it in, in the large pieces in which the kernel reads ahead. What was
    written a moment ago lies there in small ones, and costs whoever maps it up to twice the time."""
    with open(path, "rb") as f:
        os.fsync(f.fileno())
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Folder:
    """Where captures lie. BENCH_DIR, or a folder in the build tree."""

    def __init__(self, path=None):
        self.path = path or os.environ.get("BENCH_DIR") or os.path.join(build.BUILD, "tests", "bench", "captures")
        os.makedirs(self.path, exist_ok=True)

    def file(self, name):
        return os.path.join(self.path, name)

    def known(self, capture):
        """Whether it is there, whole, and made by the same command."""
        capture.path = self.file(capture.name + ".pcap")
        try:
            with open(capture.path + ".json", encoding="utf-8") as f:
                told = json.load(f)
            if told["command"] != capture.command()[1:] or told["size"] != os.path.getsize(capture.path) or told["print"] != capture.print():
                return False
        except (OSError, ValueError, KeyError):
            return False
        capture.counts = told["counts"]
        return True

    def make(self, capture):
        with open(capture.path + ".part", "wb") as out:
            done = subprocess.run(capture.command(), stdout=out, stderr=subprocess.PIPE, check=True, text=True)
        capture.counts = {k: int(v) for k, v in (word.split("=") for word in done.stderr.split())}
        os.rename(capture.path + ".part", capture.path)
        with open(capture.path + ".json", "w", encoding="utf-8") as f:
            json.dump({"command": capture.command()[1:], "size": os.path.getsize(capture.path), "print": capture.print(), "counts": capture.counts}, f)

    def provide(self, captures, say=lambda text: None):
        """Make those that are missing, if there is room for them."""
        self.make_missing([c for c in captures if not self.known(c)], say)
        for c in captures:
            forget_pages(c.path)

    def make_missing(self, missing, say):
        if not missing:
            return
        needed, free = sum(c.estimate() for c in missing) * 5 // 4, shutil.disk_usage(self.path).free
        say("captures   %d to be made in %s: about %.1f GB, %.1f GB free" % (len(missing), self.path, needed / 1e9, free / 1e9))
        if needed > free:
            raise SystemExit("not enough room in %s; set BENCH_DIR to another folder" % self.path)
        for c in missing:
            self.make(c)

    def remove(self, capture):
        for path in (capture.path, capture.path + ".json"):
            if os.path.exists(path):
                os.unlink(path)
