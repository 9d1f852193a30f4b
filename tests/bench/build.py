"""What is measured and on what: the build tree, its compiler and flags, the machine."""
import os
import platform
import re
import subprocess

TOP = os.environ.get("TOP_SRCDIR") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("TOP_BUILDDIR") or TOP
EPMWATCH = os.environ.get("EPMWATCH") or os.path.join(BUILD, "epmwatch")


def program(name):
    """A program of this folder, which is in the build tree."""
    return os.path.join(BUILD, "tests", "bench", name)


def variables():
    """The variables of the build tree's Makefile, as far as they are words."""
    found = {}
    try:
        with open(os.path.join(BUILD, "Makefile"), encoding="utf-8") as f:
            for line in f:
                m = re.match(r"^([A-Z_]+) = (.*)$", line)
                if m:
                    found[m.group(1)] = m.group(2).strip()
    except OSError:
        pass
    return found


def flags():
    """What of the flags changes the code that comes out, in an order of its own."""
    v = variables()
    words = " ".join(v.get(name, "") for name in ("CFLAGS", "HARDEN_CPPFLAGS", "HARDEN_CFLAGS", "SANITIZE_CFLAGS", "FUZZ_CFLAGS", "COVERAGE_CFLAGS")).split()
    return " ".join(sorted({w for w in words if not re.match(r"-(g\d?|W.*|pipe)$", w)}))


def compiler():
    """Name and version: `gcc 12.2.0`."""
    command = variables().get("CC", "cc").split()
    try:
        said = subprocess.run(command + ["--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    version = re.search(r"\b(\d+\.\d+\.\d+)\b", re.sub(r"\(.*?\)", "", said.splitlines()[0])) or re.search(r"\b(\d+\.\d+\.\d+)\b", said)
    return "%s %s" % ("clang" if "clang" in said else "gcc", version.group(1) if version else "unknown")


def cpu(field):
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            for line in f:
                if line.startswith(field):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return ""


def processor():
    """What of the processor decides which code runs: the checksum over a file has a form of its own with AVX2."""
    return platform.machine() + (" avx2" if "avx2" in cpu("flags").split() else "")


def said_by(command, pattern):
    """What ${pattern} finds first in the output of a tool that may not be there."""
    try:
        said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True, errors="replace").stdout
    except OSError:
        return "not installed"
    found = re.search(pattern, said)
    return found.group(1) if found else "unknown"


def describe(folder):
    """Rows (what, value) for the head of a report; stores and captures lie in ${folder}."""
    with open("/proc/meminfo", encoding="utf-8") as f:
        memory = int(re.search(r"MemTotal:\s+(\d+)", f.read()).group(1)) / 1048576
    return [
        ("processor", "%s, %d cores" % (cpu("model name") or platform.machine(), os.cpu_count() or 0)),
        ("instruction set", processor()),
        ("memory", "%.0f GiB" % memory),
        ("kernel", "Linux " + platform.release()),
        ("file system", said_by(["findmnt", "-n", "-o", "FSTYPE", "-T", folder], r"(\S+)")),
        ("load before", "%.2f" % os.getloadavg()[0]),
        ("compiler", compiler()),
        ("flags", flags()),
        ("epmwatch", said_by([EPMWATCH, "--version"], r"(\d+\.\S+)")),
        ("libpcap, tcpdump", "%s, %s" % (said_by(["tcpdump", "--version"], r"libpcap version (\S+)"), said_by(["tcpdump", "--version"], r"tcpdump version (\S+)"))),
        ("ndpiReader", said_by(["ndpiReader", "-h"], r"nDPI (\S+)")),
        ("tshark", said_by(["tshark", "-v"], r"TShark \(Wireshark\) (\d+\.\d+\.\d+)")),
        ("SQLite", said_by(["pkg-config", "--modversion", "sqlite3"], r"(\S+)")),
    ]
