#!/usr/bin/env python3
"""Instructions per pair of work (b), counted by callgrind; they repeat exactly.

Counts the `pairs` program of each build folder given, prints a table, and on request compares with
bench/baseline.json or renews it. tools/bench and tools/check-instructions call this."""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

WAYS = ["raw", "classic", "zmalloc"]
PAIRS = 50000
TOLERANCE = 1.05
BASELINE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "baseline.json")

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
    """Compiler, architecture and allocator, as the program says them."""
    return subprocess.run([program, "--describe"], capture_output=True, text=True,
                          check=True).stdout.split()


def above_raw(counted):
    return round(counted["zmalloc"] - counted["raw"], 2)


def print_table(results):
    print(f"{'backend':<14}{'raw':>9}{'classic':>9}{'zmalloc':>9}{'above raw':>11}{'classic':>9}{'goal':>6}")
    for backend, result in results.items():
        counted = result["counted"]
        print(f"{backend:<14}{counted['raw']:>9.1f}{counted['classic']:>9.1f}{counted['zmalloc']:>9.1f}"
              f"{above_raw(counted):>11.1f}{counted['classic'] - counted['raw']:>9.1f}"
              f"{GOALS[backend]:>6}")


def print_functions(results):
    for backend, result in results.items():
        for way in WAYS:
            print(f"\n{backend}, {way}: instructions per pair, by function")
            functions = result["functions"][way]
            for name in sorted(functions, key=functions.get, reverse=True):
                if functions[name] >= 0.05:
                    print(f"{functions[name]:>9.2f}  {name}")


def read_baseline():
    if not os.path.exists(BASELINE):
        return {}
    with open(BASELINE, encoding="utf-8") as file:
        return json.load(file)


def renew(results):
    baseline = read_baseline()
    for backend, result in results.items():
        baseline.setdefault(backend, {})[result["key"]] = {
            "allocator": result["allocator"], **result["counted"],
            "above_raw": above_raw(result["counted"])}
    with open(BASELINE, "w", encoding="utf-8") as file:
        json.dump(baseline, file, indent=2, sort_keys=True)
        file.write("\n")
    print(f"Renewed {os.path.relpath(BASELINE)}: commit it with the reason in the message.")


def check(results):
    """True unless a backend rose above its baseline."""
    baseline = read_baseline()
    good = True
    for backend, result in results.items():
        now = above_raw(result["counted"])
        known = baseline.get(backend, {}).get(result["key"])
        if not known:
            print(f"{backend}: {now:.1f} above raw; no baseline for {result['key']}, nothing to compare"
                  " (tools/bench --instructions --renew would record one)")
            continue
        was = known["above_raw"]
        allocator = "" if known["allocator"] == result["allocator"] else f", then on {known['allocator']}"
        if now > was * TOLERANCE:
            good = False
            print(f"{backend}: {now:.1f} above raw, and the baseline is {was:.1f}{allocator}: "
                  f"{100 * (now / was - 1):.0f}% more, where 5% is allowed")
        else:
            print(f"{backend}: {now:.1f} above raw, baseline {was:.1f}{allocator}: fine")
    if not good:
        print("A pair costs more than it did. See where with: tools/bench --instructions --by-function\n"
              "If it has to cost this much, renew the baseline with: tools/bench --instructions --renew")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("builds", nargs="+", metavar="BACKEND=FOLDER")
    parser.add_argument("--by-function", action="store_true")
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    results = {}
    for build in options.builds:
        backend, folder = build.split("=", 1)
        program = os.path.join(folder, "bench", "pairs")
        print(f"counting {backend}", file=sys.stderr, flush=True)
        compiler, architecture, allocator = describe(program)
        counted, functions = count(program)
        results[backend] = {"key": f"{compiler} {architecture}", "allocator": allocator,
                            "counted": counted, "functions": functions}
    print_table(results)
    if options.by_function:
        print_functions(results)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({backend: {"key": result["key"], "allocator": result["allocator"],
                                 **result["counted"]} for backend, result in results.items()}, file, indent=2)
    if options.renew:
        renew(results)
    if options.check and not check(results):
        sys.exit(1)


if __name__ == "__main__":
    main()
