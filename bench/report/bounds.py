"""Prints what limits cost, by threads: medians of turns, and their ratio to the first column. Arguments: how many
turns, how long a benchmark takes in one, a libzmalloc.so to compare with or "", and NAME=BUILD FOLDER..."""
import csv
import os
import statistics
import subprocess
import sys

turns, seconds, before, *builds = sys.argv[1:]
columns = ["before"] * bool(before) + ["no limits", "both set", "within 1/64"]
for name, folder in (build.split("=", 1) for build in builds):
    times = {}
    for _, idle, library in ((t, i, l) for t in range(int(turns)) for i in (0, 1) for l in dict.fromkeys([before, ""])):
        program = [f"{folder}/bench/bounds", *["idle", "--benchmark_filter=threads:1$"] * idle]
        done = subprocess.run([*program, "--benchmark_format=csv", f"--benchmark_min_time={seconds}"], check=True,
            env={**os.environ, "LD_PRELOAD": library}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in csv.DictReader(done.stdout.splitlines()):
            _, mode, _, threads = line["name"].split("/")
            row = times.setdefault(threads[len("threads:"):] + ", and 1,000 idle" * idle, {})
            column = "before" if library else columns[int(mode) - 3]
            row.setdefault(column, []).append(float(line["clock"]))
    print(f"{name}, {os.cpu_count()} processors, nanoseconds a pair\n\n| threads |", " | | ".join(columns), "| |")
    print("|---|" + "---:|---:|" * len(columns))
    for threads, row in times.items():
        medians = [statistics.median(row[column]) for column in columns]
        print(f"| {threads} |", *(f"{ns:.1f} | {ns / medians[0]:.2f} |" for ns in medians))
