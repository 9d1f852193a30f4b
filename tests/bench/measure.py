"""One run of one command: wall time, processor time, memory. Medians."""
import os
import statistics
import subprocess
import threading
import time


class Run:
    """What a run took, in seconds."""

    def __init__(self, wall, cpu, status):
        self.wall, self.cpu, self.status = wall, cpu, status


def run(command, log, standard_input=None):
    """Run ${command}, its output to file ${log}. Nothing looks at it meanwhile."""
    with open(log, "wb") as out:
        begun = time.monotonic()
        process = subprocess.Popen(command, stdin=standard_input or subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, used.ru_utime + used.ru_stime, process.returncode)


def anonymous(pid):
    """Anonymous resident memory of ${pid} in KiB; 0 when it is gone."""
    try:
        with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as f:
            for line in f:
                if line.startswith("RssAnon"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


class Sampler:
    """Watches a process from a thread; samples are pairs (seconds since the start, KiB)."""

    def __init__(self, pid, period):
        self.pid, self.period, self.samples, self.done = pid, period, [], threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        begun = time.monotonic()
        while not self.done.wait(self.period):
            now = anonymous(self.pid)
            if now:
                self.samples.append((time.monotonic() - begun, now))

    def stop(self):
        self.done.set()
        self.thread.join()
        return self.samples


def peak(command, log):
    """Peak of anonymous memory in KiB, sampled every 2 ms in a run that is not timed; and the exit status."""
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        sampler = Sampler(process.pid, 0.002)
        status = process.wait()
    samples = sampler.stop()
    return max((kib for _, kib in samples), default=0), status


class Series:
    """The same thing measured several times."""

    def __init__(self):
        self.wall, self.cpu = [], []

    def add(self, one):
        self.wall.append(one.wall)
        self.cpu.append(one.cpu)

    def median(self):
        return statistics.median(self.wall)

    def median_cpu(self):
        return statistics.median(self.cpu)
