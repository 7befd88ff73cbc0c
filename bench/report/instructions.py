#!/usr/bin/env python3
"""Instructions of a pair of "churn, 1 thread", counted by callgrind; they repeat exactly.

Runs `pairs` of each build folder given, prints a table, and on request compares with bench/baseline.json or
renews it. tools/bench calls this. Arguments: NAME=FOLDER... [--check] [--renew]."""
import json
import os
import platform
import re
import subprocess
import sys

BASELINE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "baseline.json")
VARIANTS = ["raw", "redis_style", "zmalloc"]
PAIRS = 50000
TOLERANCE = 1.05
NOTHING_TO_COMPARE = 77


def count_run(folder, variant, pairs):
    """Instructions of a whole run, whose functions callgrind_annotate can show afterwards. In an empty
    environment: its size would move the stack."""
    program = os.path.join(folder, "bench", "pairs")
    done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.{variant}.{pairs}",
                           program, variant, str(pairs)], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"]})
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not counted:
        sys.exit(f"{program}: callgrind could not count it:\n{done.stderr}")
    return int(counted.group(1))


def measure(folder):
    """Compiler and architecture, and the baseline's entry for this build."""
    said = subprocess.check_output([os.path.join(folder, "bench", "pairs")], text=True)
    compiler, architecture, allocator = said.split()
    if allocator == "libc":  # whatever its version
        allocator = "-".join(platform.libc_ver()).strip("-") or allocator
    entry = {"allocator": allocator}
    for variant in VARIANTS:
        difference = count_run(folder, variant, 2 * PAIRS) - count_run(folder, variant, PAIRS)
        entry[variant] = round(difference / PAIRS, 2)
    return f"{compiler} {architecture}", entry


def above_raw(entry, variant="zmalloc"):
    return round(entry[variant] - entry["raw"], 2)


def print_table(results):
    row = "| {:<12} | {:>6} | {:>11} | {:>7} | {:>21} | {:>17} |".format
    print(row("backend", *VARIANTS, "redis_style above raw", "zmalloc above raw"))
    print(row("---", *["--:"] * 5))
    for key, entry in results.items():
        counts = [*(entry[name] for name in VARIANTS), above_raw(entry, "redis_style"), above_raw(entry)]
        print(row(key.split()[0], *(f"{count:.1f}" for count in counts)))


def read_baseline(path=BASELINE):
    with open(path, encoding="utf-8") as file:
        baseline = json.load(file)
    if not isinstance(baseline, dict) or not baseline:
        raise ValueError("no baseline")
    return baseline


def write_baseline(baseline, path=BASELINE):
    lines = [f"  {json.dumps(key)}: {json.dumps(entry)}" for key, entry in sorted(baseline.items())]
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def compare(key, entry, baseline):
    """A status, 0, 1 or NOTHING_TO_COMPARE, and what to say of it."""
    now, known, compiler = above_raw(entry), baseline.get(key), key.split(" ", 1)[1]
    if not known:
        if any(other.endswith(f" {compiler}") for other in baseline):
            return 1, "not in the baseline, where other backends are with " + compiler
        return NOTHING_TO_COMPARE, "nothing to compare with: no baseline for " + compiler
    if known["allocator"] != entry["allocator"]:
        return NOTHING_TO_COMPARE, (f"nothing to compare with: this is {entry['allocator']}, and the baseline of "
                                    + known["allocator"])
    was = above_raw(known)
    if now > was * TOLERANCE:
        return 1, (f"baseline {was:.1f}: {100 * (now / was - 1):.1f}% more, 5% is allowed. See where: "
                   "callgrind_annotate build/bench/NAME/callgrind.zmalloc.100000")
    return 0, f"baseline {was:.1f}: fine"


def check(results, baseline):
    """The status to exit with, whose reason is the last line."""
    verdicts = [(*compare(key, entry, baseline), key) for key, entry in results.items()]
    verdicts.sort(key=lambda verdict: [0, NOTHING_TO_COMPARE, 1].index(verdict[0]))
    for _, reason, key in verdicts:
        print(f"{key}: {above_raw(results[key]):.1f} above raw; {reason}")
    return verdicts[-1][0]


def main():
    builds = [argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument]
    # Before counting, which takes a minute.
    baseline = read_baseline() if "--check" in sys.argv or os.path.exists(BASELINE) else {}
    results = {}
    for backend, folder in builds:
        print(f"Counting {backend}", flush=True)
        compiler, entry = measure(folder)
        results[f"{backend} {compiler}"] = entry
    print_table(results)
    if "--renew" in sys.argv:
        write_baseline({**baseline, **results})
        print("Renewed bench/baseline.json: commit it with the reason in the message.")
    if "--check" in sys.argv:
        sys.exit(check(results, baseline))


if __name__ == "__main__":
    main()
