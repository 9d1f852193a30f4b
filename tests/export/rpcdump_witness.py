"""What impacket's own rpcdump.py prints of towers: one block an interface. Towers come as hexadecimal, an annotation beside each, from standard input."""
import io
import contextlib
import importlib.util
import sys

from impacket.dcerpc.v5 import epm

spec = importlib.util.spec_from_file_location("rpcdump", sys.argv[1])
rpcdump = importlib.util.module_from_spec(spec)
sys.argv = sys.argv[:1]
spec.loader.exec_module(rpcdump)

entries = []
for line in sys.stdin:
    octets, annotation = line.rstrip("\n").split(" ", 1)
    entries.append({"tower": epm.EPMTower(bytes.fromhex(octets)), "annotation": annotation.encode() + b"\0"})
dump = rpcdump.RPCDump()
dump._RPCDump__fetchList = lambda transport: entries
said = io.StringIO()
with contextlib.redirect_stdout(said):
    dump.dump("192.0.2.10", "192.0.2.10")
sys.stdout.write(said.getvalue())
