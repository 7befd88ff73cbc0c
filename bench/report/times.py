#!/usr/bin/env python3
"""The table of times: reads what Google Benchmark wrote, and prints a row for each work and backend.

A time is that of one operation: processor time, so that other processes count less, but time on the
clock for the works of two threads, which may wait for each other. Each is the median of all
repetitions."""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys

WORKS = {
    "a": "(a) one pair",
    "b": "(b) 4,096 slots",
    "c": "(c) 65,536 slots",
    "d": "(d) (b) on 2 threads",
    "e": "(e) freed by another thread",
    "f": "(f) realloc to 1 MiB",
    "g1": "(g) used, 1 thread",
    "g16": "(g) used, 16 threads",
    "g256": "(g) used, 256 threads",
    "g10000": "(g) used, 10,000 threads gone",
    "h": "(h) rss",
    "i": "(i) private dirty, 10,000 maps",
}
WAYS = ["raw", "classic", "zmalloc", "sqlite", "talloc"]
ON_THE_CLOCK = {"d", "e"}
IN_NS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def read_backend(folder):
    """One backend's files: work -> way -> median, in nanoseconds, and all repetitions."""
    works, context = {}, {}
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "times.*.json"))):
        with open(path, encoding="utf-8") as file:
            written = json.load(file)
        context = written["context"]
        for run in written["benchmarks"]:
            if run["run_type"] != "iteration":
                continue
            if run.get("error_occurred"):
                sys.exit(f"{path}: {run['name']}: {run['error_message']}")
            work, way = run["name"].split("/")[:2]
            times = works.setdefault(work, {}).setdefault(way, {"processor": [], "clock": []})
            in_ns = IN_NS[run["time_unit"]]
            times["processor"].append(round(run["cpu_time"] * in_ns, 3))
            # What a run of several threads took, divided by the operations of all of them.
            times["clock"].append(round(run["real_time"] * run["threads"] * in_ns, 3))
    for work, ways in works.items():
        for times in ways.values():
            times["median"] = statistics.median(times["clock" if work in ON_THE_CLOCK else "processor"])
    return works, context


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return os.uname().machine


def library_size(folder):
    """Text and data of the library, in bytes, as size(1) counts them."""
    library = os.path.join(folder, "lib", "libzmalloc.so")
    said = subprocess.run(["size", library], capture_output=True, text=True, check=True).stdout
    text, data = said.splitlines()[1].split()[:2]
    return int(text) + int(data)


def collect(builds):
    results = {"processor": processor(), "processors": os.cpu_count(), "backends": {}}
    for build in builds:
        backend, folder = build.split("=", 1)
        works, context = read_backend(folder)
        results["compiler"] = context["compiler"]
        results["backends"][backend] = {"allocator": context["zmalloc_lib"], "works": works,
                                        "library_bytes": library_size(folder)}
    return results


def duration(ns):
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if ns >= size * 10:
            return f"{ns / size:.1f} {unit}"
    return f"{ns:.1f} ns"


def ratio(ways, over, under):
    """How many times `under` the way `over` takes; None where either was not measured."""
    if over not in ways or under not in ways:
        return None
    return ways[over]["median"] / ways[under]["median"]


HEAD = ["backend", "work", "raw", "classic", "zmalloc", "zmalloc / raw", "classic / zmalloc",
        "SQLite / zmalloc", "talloc / zmalloc"]


def rows(results):
    for backend, measured in results["backends"].items():
        for work, title in WORKS.items():
            ways = measured["works"].get(work)
            if not ways:
                continue
            times = [duration(ways[way]["median"]) if way in ways else "" for way in WAYS[:3]]
            ratios = [ratio(ways, "zmalloc", "raw"), ratio(ways, "classic", "zmalloc"),
                      ratio(ways, "sqlite", "zmalloc"), ratio(ways, "talloc", "zmalloc")]
            yield [backend, title, *times, *("" if r is None else f"{r:.2f}" for r in ratios)]


def origin(results):
    repetitions = min(len(times["processor"]) for measured in results["backends"].values()
                      for ways in measured["works"].values() for times in ways.values())
    return (f"{results['processor']}, {results['processors']} processors; {results['compiler']}, -O2; "
            f"median of {repetitions} repetitions; processor time, (d) and (e) by the clock.")


def print_text(results):
    table = [HEAD, *rows(results)]
    widths = [max(len(row[i]) for row in table) for i in range(len(HEAD))]
    for row in table:
        cells = [cell.ljust(width) if i < 2 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
    print(origin(results))


def print_markdown(results):
    print("| " + " | ".join(HEAD) + " |")
    print("|---|---|" + "---:|" * (len(HEAD) - 2))
    for row in rows(results):
        print("| " + " | ".join(row) + " |")
    print("\n" + origin(results))


# What the project set itself: zmalloc/raw at most, classic/zmalloc at least, both in (b).
GOALS = {"glibc-usable": (1.25, 1.25), "jemalloc": (1.55, 1.5), "tcmalloc": (1.6, 1.6),
         "mimalloc": (1.5, 1.5), "libc-prefix": (1.25, 1.2)}


def goals(backend, measured):
    """What was asked of one backend: a sentence, the figure, whether it is to be below, the limit."""
    works = measured["works"]
    b, d = works["b"], works["d"]
    yield "(b) zmalloc/raw", ratio(b, "zmalloc", "raw"), "at most", GOALS[backend][0]
    yield "(b) classic/zmalloc", ratio(b, "classic", "zmalloc"), "at least", GOALS[backend][1]
    # Processor time: neither waits for another thread, and a third process on two processors must
    # not pass for a slowdown.
    slowdown, of_raw = (statistics.median(d[way]["processor"]) / statistics.median(b[way]["processor"])
                        for way in ("zmalloc", "raw"))
    yield "(d) zmalloc on 2 threads/alone", slowdown, "at most", max(1.1, of_raw)
    yield "(b) SQLite/zmalloc", ratio(b, "sqlite", "zmalloc"), "at least", 6
    yield "(d) SQLite/zmalloc", ratio(d, "sqlite", "zmalloc"), "at least", 20
    yield "(g) ns a live thread of 256", works["g256"]["zmalloc"]["median"] / 256, "at most", 2
    gone = works["g10000"]["zmalloc"]["median"] / works["g1"]["zmalloc"]["median"]
    # Growth would be a hundredfold; below that is the noise between two processes.
    yield "(g) after 10,000 threads/before", gone, "at most", 1.5
    yield "(h) classic/zmalloc", ratio(works["h"], "classic", "zmalloc"), "at least", 1.4
    yield "(i) classic/zmalloc", ratio(works["i"], "classic", "zmalloc"), "at least", 10
    yield "KiB of text and data", measured["library_bytes"] / 1024, "at most", 32


def print_goals(results):
    print("\nGoals:")
    for backend, measured in results["backends"].items():
        for what, figure, side, limit in goals(backend, measured):
            reached = figure <= limit if side == "at most" else figure >= limit
            print(f"  {'reached' if reached else 'MISSED '}  {backend:<13} {what:<32}"
                  f"{figure:>7.2f}  ({side} {limit:.2f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("builds", nargs="*", metavar="BACKEND=FOLDER")
    parser.add_argument("--json", metavar="FILE", help="write the times here")
    parser.add_argument("--markdown", metavar="FILE", help="print a file of times as Markdown")
    options = parser.parse_args()
    if options.markdown:
        with open(options.markdown, encoding="utf-8") as file:
            print_markdown(json.load(file))
        return
    results = collect(options.builds)
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    print_text(results)
    print_goals(results)


if __name__ == "__main__":
    main()
