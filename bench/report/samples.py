"""Prints what a sample in 512 KiB costs: medians of turns, each of a process without samples and one with. Arguments:
turns, seconds of each, NAME=FOLDER..."""
import json
import os
import statistics
import subprocess
import sys

turns, seconds, *builds = sys.argv[1:]
print("| backend | workload | without | with | |\n|---|---|---:|---:|---:|")
for name, folder in (build.split("=", 1) for build in builds):
    times = {}
    for mean in [0, 512 << 10] * int(turns):
        done = subprocess.run([f"{folder}/bench/bench", f"samples={mean}", f"--benchmark_min_time={seconds}",
            "--benchmark_filter=/zmalloc", "--benchmark_format=json"], text=True, stdout=subprocess.PIPE, check=True,
            env={**os.environ, "LD_PRELOAD": ""}, stderr=subprocess.DEVNULL)
        for run in json.loads(done.stdout)["benchmarks"]:
            row = times.setdefault(run["name"].split("/")[0], {})
            row.setdefault(mean, []).append(run["clock" if "/real_time" in run["name"] else "cpu_time"])
    for workload, row in times.items():
        without, sampled = (statistics.median(values) for values in row.values())
        print(f"| {name} | {workload} | {without:.1f} ns | {sampled:.1f} ns | {sampled / without:.3f} |")
