#!/usr/bin/env python3
"""Runs every workload of `bench` in each build folder given; writes times.json, their table times.md, and
their chart bench.svg to a folder. tools/bench calls this. Arguments: FOLDER COMMIT NAME=FOLDER... [--quick].

A time is that of one operation, the median of all repetitions of all processes: processor time, so that other
processes count less, but what `bench` leaves in "clock" where threads work together or wait."""
import datetime
import json
import os
import statistics
import subprocess
import sys

import chart

# A process each: a workload leaves threads, mappings and holes in the heap that the next would feel. But what
# is compared over two rows of the table runs in one process.
TOGETHER = {"churn, 2 threads": "churn, 1 thread by the clock"}
# The columns of the table.
TIMES = ["raw", "redis_style", "zmalloc"]
RATIOS = [("zmalloc", "raw"), ("redis_style", "zmalloc"), ("SQLite", "zmalloc"), ("talloc", "zmalloc")]
# Quartiles that are further apart than this part of the median make a time doubtful.
DOUBTFUL = 0.2


def run(program, *options):
    return subprocess.run([program, *options], stdout=subprocess.PIPE, text=True, check=True).stdout


def filters(names):
    """What each process is to run, as Google Benchmark's option takes it."""
    for name in names:
        if name in TOGETHER:
            yield f"^({TOGETHER[name]}|{name})/"
        elif name not in TOGETHER.values():
            yield f"^{name}/"


def add_times(written, times):
    """Adds what one process wrote to workload -> variant -> times in nanoseconds."""
    for repetition in written["benchmarks"]:
        if repetition["run_type"] != "iteration":
            continue
        if repetition.get("error_occurred"):
            sys.exit(f"bench: {repetition['name']}: {repetition['error_message']}")
        workload, variant = repetition["name"].split("/")[:2]
        ns = repetition["clock" if "/real_time" in repetition["name"] else "cpu_time"]
        times[workload].setdefault(variant, []).append(round(ns, 3))


def summary(values):
    low, median, high = statistics.quantiles(values, method="inclusive")
    return {"median": median, "quartiles": [low, high], "all": values}


def measure(folder, processes, min_time):
    """The compiler, and workload -> variant -> summary. Three repetitions a process, those of all variants
    shuffled, so that a noisy machine favours none. Several processes, as where the memory of one happens to
    lie favours this variant or that."""
    program = os.path.join(folder, "bench", "bench")
    # In the order of the table.
    times = {name.split("/")[0]: {} for name in run(program, "--benchmark_list_tests").splitlines()}
    for _ in range(processes):
        for pattern in filters(times):
            written = json.loads(run(
                program, f"--benchmark_filter={pattern}", f"--benchmark_min_time={min_time}",
                "--benchmark_repetitions=3", "--benchmark_enable_random_interleaving=true",
                "--benchmark_format=json"))
            add_times(written, times)
    return written["context"]["compiler"], {
        workload: {variant: summary(values) for variant, values in of.items()} for workload, of in times.items()}


def processor():
    lines = open("/proc/cpuinfo", encoding="utf-8").readlines()
    return next((line.split(": ")[1].strip() for line in lines if line.startswith("model name")), os.uname().machine)


def duration(time):
    ns, (low, high) = time["median"], time["quartiles"]
    doubt = "~" if high - low > DOUBTFUL * ns else ""
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if ns >= size * 10:
            return f"{doubt}{ns / size:.1f} {unit}"
    return f"{doubt}{ns:.1f} ns"


def table(results):
    """In Markdown. A cell is empty where there is nothing to measure."""
    rows = [["backend", "workload", *TIMES, *(f"{over} / {under}" for over, under in RATIOS)],
            ["---", "---", *["---:"] * (len(TIMES) + len(RATIOS))]]
    for backend, measured in results["backends"].items():
        for workload, of in measured.items():
            times = [duration(of[variant]) if variant in of else "" for variant in TIMES]
            ratios = [f"{of[over]['median'] / of[under]['median']:.2f}" if {over, under} <= of.keys() else ""
                      for over, under in RATIOS]
            rows.append([backend, workload, *times, *ratios])
    processes = "1 process" if results["processes"] == 1 else f"{results['processes']} processes"
    return "".join("| " + " | ".join(row) + " |\n" for row in rows) + (
        f"\n{results['note']}{results['processor']}, {results['processors']} processors; "
        f"{results['compiler']}, -O2; {results['commit']}, {results['date']}; median of "
        f"{3 * results['processes']} repetitions of {results['min_time']} s in {processes}; processor time, by "
        f"the clock where two threads work, but for messages, and where it says so. "
        f"A ~ marks a time whose quartiles are over {DOUBTFUL:.0%} apart.\n")


def main():
    out, commit, *arguments = sys.argv[1:]
    quick = "--quick" in arguments
    processes, min_time = (1, 0.02) if quick else (3, 0.2)
    results = {"note": "A quick run, not to be quoted. " if quick else "", "commit": commit,
               "date": datetime.date.today().isoformat(), "processor": processor(),
               "processors": os.cpu_count(), "processes": processes, "min_time": min_time, "backends": {}}
    for backend, folder in (argument.split("=", 1) for argument in arguments if "=" in argument):
        print(f"Running {backend}", flush=True)
        results["compiler"], results["backends"][backend] = measure(folder, processes, min_time)
    written = {"times.json": json.dumps(results, indent=1), "times.md": table(results),
               "bench.svg": chart.draw(results)}
    for name, content in written.items():
        with open(os.path.join(out, name), "w", encoding="utf-8") as file:
            file.write(content)
    print(written["times.md"], end="")


if __name__ == "__main__":
    main()
