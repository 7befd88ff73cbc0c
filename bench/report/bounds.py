"""Prints what limits cost, by threads: medians of turns, and ratios to what the library to compare with took in the same
place of its process, or else to "no limits". Arguments: turns, seconds of each, that library or "", NAME=FOLDER..."""
import csv
import os
import statistics
import subprocess
import sys

turns, seconds, before, *builds = sys.argv[1:]
columns = ["no limits", "both set", "within 1/64"]
for name, folder in (build.split("=", 1) for build in builds):
    times = {}
    for idle, library in [(i, l) for i in (0, 1000) for l in dict.fromkeys([before, ""])] * int(turns):
        done = subprocess.run([f"{folder}/bench/bench", f"bounds={idle}", f"--benchmark_min_time={seconds}",
            f"--benchmark_filter=threads:{'1$' if idle else '(1|2|8|64)$'}", "--benchmark_format=csv"], text=True,
            env={**os.environ, "LD_PRELOAD": library}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        for line in csv.DictReader(done.stdout.splitlines()):
            _, mode, _, threads = line["name"].replace("threads:", "").split("/")
            row = times.setdefault(f"{threads}, and 1,000 idle" if idle else threads, {})
            row.setdefault((library, int(mode)), []).append(float(line["clock"]) / int(threads))
    print(f"{name}, {os.cpu_count()} processors, nanoseconds a pair\n\n| threads |", " | | ".join(columns), "| |")
    print("|---|" + "---:|---:|" * len(columns))
    for threads, row in times.items():
        median = {key: statistics.median(values) for key, values in row.items()}
        print(f"| {threads} |", *(f"{median['', i]:.1f} | {median['', i] / median[before, i if before else 0]:.2f} |"
                                  for i in range(len(columns))))
