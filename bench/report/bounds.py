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
    for idle, library in [(i, l) for i in (0, 1000) for l in dict.fromkeys([before, ""])] * int(turns):
        done = subprocess.run([f"{folder}/bench/bench", f"bounds={idle}", f"--benchmark_min_time={seconds}",
            f"--benchmark_filter=threads:{'1$' if idle else '(1|2|8|64)$'}", "--benchmark_format=csv"], text=True,
            env={**os.environ, "LD_PRELOAD": library}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        for line in csv.DictReader(done.stdout.splitlines()):
            _, mode, _, threads = line["name"].replace("threads:", "").split("/")
            row = times.setdefault(f"{threads}, and 1,000 idle" if idle else threads, {})
            column = "before" if library else columns[int(mode) - 3]
            row.setdefault(column, []).append(float(line["clock"]) / int(threads))
    print(f"{name}, {os.cpu_count()} processors, nanoseconds a pair\n\n| threads |", " | | ".join(columns), "| |\n|---|" + "---:|---:|" * len(columns))
    for threads, row in times.items():
        medians = [statistics.median(row[column]) for column in columns]
        print(f"| {threads} |", *(f"{ns:.1f} | {ns / medians[0]:.2f} |" for ns in medians))
