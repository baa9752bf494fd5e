"""What processes use: CPU time and memory, by kind, from /proc."""

import os
import re

TICK = os.sysconf("SC_CLK_TCK")


def stat(pid):
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rpartition(")")[2].split()


def family(root):
    """A process and all that descend from it."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parents[int(name)] = int(stat(name)[1])
        except OSError:
            pass
    found, more = set(), {root}
    while more:
        found |= more
        more = {p for p, q in parents.items() if q in found} - found
    return found


def cpu_seconds(root):
    """Of a process and what descends from it, also what has ended since (but for the root's earlier children)."""
    total = 0
    for pid in family(root):
        try:
            fields = stat(pid)
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return total / TICK


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"^VmRSS:\s+(\d+)", f.read(), re.M)[1]) / 1024


def busy_seconds():
    """Of the whole machine: spent in processes, and in all."""
    with open("/proc/stat") as f:
        v = [int(x) / TICK for x in f.readline().split()[1:9]]
    return sum(v[:3]), sum(v)
