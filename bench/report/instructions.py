#!/usr/bin/env python3
"""Instructions per pair of work (b), counted by callgrind; they repeat exactly.

Counts the `pairs` program of each build folder given, prints a table, and on request compares with
bench/baseline.json or renews it. tools/bench and tools/check-instructions call this."""
import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile

import run

WAYS = ["raw", "classic", "zmalloc"]
PAIRS = 50000
TOLERANCE = 1.05
BASELINE = os.path.join(run.ROOT, "bench", "baseline.json")
CANNOT_TELL = 77

# What the project set itself: instructions above raw, at most.
GOALS = {"glibc-usable": 60, "jemalloc": 75, "tcmalloc": 65, "mimalloc": 65, "libc-prefix": 45}


def run_callgrind(program, way, pairs, out_file):
    """Instructions of the whole run. An empty environment: its size would move the stack."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out_file, program, way, str(pairs)],
        capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not counted:
        sys.exit(f"{program}: callgrind could not count it:\n{done.stderr}")
    return int(counted.group(1))


def by_function(out_file):
    """Function and library -> its own instructions, from callgrind_annotate."""
    text = subprocess.run(
        ["callgrind_annotate", "--threshold=100", "--auto=no", "--show-percs=no", out_file],
        capture_output=True, text=True, check=True).stdout
    functions = {}
    for line in text.splitlines():
        # "1,234  file.c:function [object]"; the object is left out for some, and may be "???".
        match = re.match(r"\s*([\d,]+)\s+[^:]*:(.+?)(?: \[([^\[\]]+)\])?$", line)
        if match:
            library = os.path.basename(match.group(3) or "???")
            name = match.group(2) if library == "???" else f"{match.group(2)} ({library})"
            functions[name] = functions.get(name, 0) + int(match.group(1).replace(",", ""))
    return functions


def count(program):
    """For each way: instructions per pair, in all and by function. Start and end cancel out."""
    totals, functions = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for way in WAYS:
            once, twice = (os.path.join(folder, f"{way}.{n}") for n in (1, 2))
            pairs = run_callgrind(program, way, 2 * PAIRS, twice) - run_callgrind(program, way, PAIRS, once)
            totals[way] = round(pairs / PAIRS, 2)
            before, after = by_function(once), by_function(twice)
            functions[way] = {name: (after[name] - before.get(name, 0)) / PAIRS for name in after}
    return totals, functions


def describe(program):
    """Compiler, architecture and allocator, as the program says them; but it calls every C library
    "libc", whatever its version."""
    compiler, architecture, allocator = subprocess.run(
        [program, "--describe"], capture_output=True, text=True, check=True).stdout.split()
    if allocator == "libc":
        allocator = "-".join(platform.libc_ver()).strip("-") or allocator
    return f"{compiler} {architecture}", allocator


def above_raw(counted):
    return round(counted["zmalloc"] - counted["raw"], 2)


def print_table(results):
    print(f"{'backend':<14}{'raw':>9}{'classic':>9}{'zmalloc':>9}{'classic-raw':>13}{'zmalloc-raw':>13}{'goal':>6}")
    for backend, result in results.items():
        counted = result["counted"]
        print(f"{backend:<14}{counted['raw']:>9.1f}{counted['classic']:>9.1f}{counted['zmalloc']:>9.1f}"
              f"{counted['classic'] - counted['raw']:>13.1f}{above_raw(counted):>13.1f}{GOALS[backend]:>6}")


def print_functions(results):
    for backend, result in results.items():
        for way in WAYS:
            print(f"\n{backend}, {way}: instructions per pair, by function")
            functions = result["functions"][way]
            for name in sorted(functions, key=functions.get, reverse=True):
                if functions[name] >= 0.05:
                    print(f"{functions[name]:>9.2f}  {name}")


def read_baseline(path=BASELINE):
    baseline = run.read_json(path)
    if not baseline or not all(isinstance(known, dict) and known for known in baseline.values()):
        raise ValueError(f"{path} holds no baseline: restore it, or renew it without")
    return baseline


def renew(results, path=BASELINE):
    baseline = read_baseline(path) if os.path.exists(path) else {}
    for backend, result in results.items():
        baseline.setdefault(backend, {})[result["key"]] = {
            "allocator": result["allocator"], **result["counted"],
            "above_raw": above_raw(result["counted"])}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(baseline, file, indent=2, sort_keys=True)
        file.write("\n")
    print(f"Renewed {os.path.relpath(path)}: commit it with the reason in the message.")


def compare(backend, result, baseline):
    """What became of one backend: "fine", "rose", "missing" or "unknown"; and a sentence."""
    now, key = above_raw(result["counted"]), result["key"]
    known = baseline.get(backend, {}).get(key)
    if not known:
        # Its neighbours were recorded with this compiler: it was forgotten, or its line was lost.
        if any(key in others for others in baseline.values()):
            return "missing", f"{now:.1f} above raw, and no baseline for {key}, which other backends have"
        return "unknown", f"{now:.1f} above raw; no baseline for {key}"
    if known["allocator"] != result["allocator"]:
        return "unknown", (f"{now:.1f} above raw on {result['allocator']}; "
                           f"the baseline is of {known['allocator']}")
    was = known["above_raw"]
    if now > was * TOLERANCE:
        return "rose", (f"{now:.1f} above raw, and the baseline is {was:.1f}: "
                        f"{100 * (now / was - 1):.0f}% more, where 5% is allowed")
    return "fine", f"{now:.1f} above raw, baseline {was:.1f}: fine"


def check(results, path=BASELINE):
    """The status to exit with. The last line says why where that is not 0."""
    baseline = read_baseline(path)
    backends_of = {}
    for backend, result in results.items():
        verdict, sentence = compare(backend, result, baseline)
        backends_of.setdefault(verdict, []).append(backend)
        print(f"{backend}: {sentence}")
    if "rose" in backends_of:
        print("A pair costs more than it did. See where with: tools/bench --instructions --by-function\n"
              "If it has to cost this much, renew the baseline with: tools/bench --instructions --renew")
        return 1
    if "missing" in backends_of:
        print(f"The baseline lacks {', '.join(backends_of['missing'])}: "
              "tools/bench --instructions --renew writes it")
        return 1
    if "unknown" in backends_of:
        print(f"nothing to compare for {', '.join(backends_of['unknown'])} with this compiler and allocator: "
              "tools/bench --instructions --renew on what is known to be good writes a baseline")
        return CANNOT_TELL
    return 0


def measure(builds):
    results = {}
    for build in builds:
        backend, folder = build.split("=", 1)
        program = os.path.join(folder, "bench", "pairs")
        print(f"counting {backend}", file=sys.stderr, flush=True)
        key, allocator = describe(program)
        counted, functions = count(program)
        results[backend] = {"key": key, "allocator": allocator, "counted": counted,
                            "functions": functions}
    return results


def write_json(results, path):
    backends = {backend: {"key": result["key"], "allocator": result["allocator"], **result["counted"]}
                for backend, result in results.items()}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"run": {"commit": run.commit(), "date": run.today()}, "backends": backends}, file, indent=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, usage="called by tools/bench")
    parser.add_argument("builds", nargs="+", metavar="BACKEND=FOLDER")
    parser.add_argument("--by-function", action="store_true")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--renew", action="store_true")
    what.add_argument("--check", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    try:
        # Before counting, which takes a minute.
        if options.check or (options.renew and os.path.exists(BASELINE)):
            read_baseline()
        results = measure(options.builds)
        print_table(results)
        if options.by_function:
            print_functions(results)
        if options.json:
            write_json(results, options.json)
        if options.renew:
            renew(results)
        if options.check:
            sys.exit(check(results))
    except ValueError as error:
        sys.exit(f"bench: {error}")


if __name__ == "__main__":
    main()
