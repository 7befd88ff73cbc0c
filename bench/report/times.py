#!/usr/bin/env python3
"""The table of times: reads what Google Benchmark wrote, and prints a row for each work and backend.

A time is that of one operation: processor time, so that other processes count less, but time on the
clock for the works of two threads, which may wait for each other, and for what these are compared
with. Each is the median of the repetitions of all processes."""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys

import goals
import run
from goals import ratio

WORKS = {
    "a": "(a) one pair",
    "b": "(b) 4,096 slots",
    "c": "(c) 65,536 slots",
    "alone": "(d) alone",
    "d": "(d) (b) on 2 threads",
    "e": "(e) freed by another thread",
    "f": "(f) realloc to 1 MiB",
    "g1": "(g) used, 1 thread",
    "g16": "(g) used, 16 threads",
    "g256": "(g) used, 256 threads",
    "gone": "(g) used, 1 thread gone",
    "g10000": "(g) used, 10,000 threads gone",
    "h": "(h) rss",
    "i": "(i) private dirty, 10,000 maps",
}
WAYS = ["raw", "classic", "zmalloc", "sqlite", "talloc"]
ON_THE_CLOCK = {"alone", "d", "e"}
IN_NS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}

# Quartiles that are further apart than this part of the median make a time doubtful.
DOUBTFUL = 0.2


def read_process(path, works):
    """Appends one process's repetitions to work -> way -> clock or processor, in nanoseconds."""
    written = run.read_json(path)
    here = {}
    for repetition in written["benchmarks"]:
        if repetition["run_type"] != "iteration":
            continue
        if repetition.get("error_occurred"):
            raise ValueError(f"{path}: {repetition['name']}: {repetition['error_message']}")
        work, way = repetition["name"].split("/")[:2]
        times = here.setdefault((work, way), {"processor": [], "clock": []})
        in_ns = IN_NS[repetition["time_unit"]]
        times["processor"].append(round(repetition["cpu_time"] * in_ns, 3))
        # "clock" is the program's own, which knows what its threads did; see bench/blocks.cc.
        times["clock"].append(round(repetition.get("clock", repetition["real_time"] * in_ns), 3))
    for (work, way), times in here.items():
        pooled = works.setdefault(work, {}).setdefault(way, {"processor": [], "clock": []})
        for kind, values in times.items():
            pooled[kind].append(values)
    return written["context"]


def summarize(work, times):
    values = sorted(value for process in times["clock" if work in ON_THE_CLOCK else "processor"]
                    for value in process)
    low, median, high = (statistics.quantiles(values, method="inclusive") if len(values) > 1
                         else values * 3)
    times.update(median=median, quartiles=[low, high], least=values[0], most=values[-1])


def read_backend(folder):
    works, context = {}, None
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "times.*.json"))):
        context = read_process(path, works)
    if not context:
        raise ValueError(f"{folder} holds no times")
    for work, ways in works.items():
        for times in ways.values():
            summarize(work, times)
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


def collect(builds, kind, min_time):
    results = {"run": {"kind": kind, "min_time": min_time, "commit": run.commit(), "date": run.today()},
               "processor": processor(), "processors": os.cpu_count(), "backends": {}}
    for build in builds:
        backend, folder = build.split("=", 1)
        works, context = read_backend(folder)
        results["compiler"] = context["compiler"]
        results["backends"][backend] = {"allocator": context["zmalloc_lib"], "works": works,
                                        "library_bytes": library_size(folder)}
    every = [times["processor"] for measured in results["backends"].values()
             for ways in measured["works"].values() for times in ways.values()]
    results["run"]["processes"] = min(len(processes) for processes in every)
    results["run"]["repetitions"] = min(sum(map(len, processes)) for processes in every)
    return results


def duration(times):
    ns, (low, high) = times["median"], times["quartiles"]
    doubt = "~" if high - low > DOUBTFUL * ns else ""
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if ns >= size * 10:
            return f"{doubt}{ns / size:.1f} {unit}"
    return f"{doubt}{ns:.1f} ns"


HEAD = ["backend", "work", "raw", "classic", "zmalloc", "zmalloc / raw", "classic / zmalloc",
        "SQLite / zmalloc", "talloc / zmalloc"]


def rows(results, chosen):
    for backend, measured in results["backends"].items():
        for work in chosen:
            ways = measured["works"].get(work)
            if not ways:
                continue
            times = [duration(ways[way]) if way in ways else "" for way in WAYS[:3]]
            ratios = [ratio(ways, "zmalloc", "raw"), ratio(ways, "classic", "zmalloc"),
                      ratio(ways, "sqlite", "zmalloc"), ratio(ways, "talloc", "zmalloc")]
            yield [backend, WORKS[work], *times, *("" if r is None else f"{r:.2f}" for r in ratios)]


def origin(results):
    of = results["run"]
    extent = {"whole": "", "quick": "A quick run, not to be quoted. ", "partial": "Not all backends. "}
    return (f"{extent[of['kind']]}{results['processor']}, {results['processors']} processors; "
            f"{results['compiler']}, -O2; {of['commit']}, {of['date']}; median of {of['repetitions']} "
            f"repetitions of {of['min_time']:g} s in {of['processes']} processes; processor time, (d) and "
            f"(e) by the clock. A ~ marks a time whose quartiles are over {DOUBTFUL:.0%} apart.")


def print_text(results):
    table = [HEAD, *rows(results, WORKS)]
    widths = [max(len(row[i]) for row in table) for i in range(len(HEAD))]
    for row in table:
        cells = [cell.ljust(width) if i < 2 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
    print(origin(results))
    goals.print_text(results)


def print_markdown(results, chosen):
    print("| " + " | ".join(HEAD) + " |")
    print("|---|---|" + "---:|" * (len(HEAD) - 2))
    for row in rows(results, chosen):
        print("| " + " | ".join(row) + " |")
    print("\n" + origin(results))


def read_results(path):
    results = run.read_json(path)
    if not {"run", "processor", "compiler", "backends"} <= results.keys() or not all(
            "works" in measured for measured in results["backends"].values()):
        raise ValueError(f"{path} is not what tools/bench writes about times now: measure again")
    if results["run"]["kind"] == "quick":
        raise ValueError(f"{path} is of a quick run, which is not to be quoted")
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, usage="called by tools/bench")
    parser.add_argument("builds", nargs="*", metavar="BACKEND=FOLDER")
    parser.add_argument("--json", metavar="FILE", help="write the times here")
    parser.add_argument("--kind", choices=["whole", "quick", "partial"])
    parser.add_argument("--min-time", type=float)
    parser.add_argument("--markdown", metavar="FILE", help="print a file of times as Markdown")
    parser.add_argument("--work", type=lambda text: text.split(","), help="with --markdown: only these")
    options = parser.parse_args()
    try:
        if not options.markdown:
            results = collect(options.builds, options.kind, options.min_time)
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump(results, file, indent=1)
            print_text(results)
            return
        results = read_results(options.markdown)
    except ValueError as error:
        sys.exit(f"bench: {error}")
    unknown = [work for work in options.work or [] if work not in WORKS]
    if unknown:
        sys.exit(f"bench: there is no work {unknown[0]!r}: {', '.join(WORKS)}")
    print_markdown(results, options.work or WORKS)
    if not options.work:
        print()
        goals.print_markdown(results)


if __name__ == "__main__":
    main()
