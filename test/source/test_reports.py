#!/usr/bin/env python3
"""The reports of bench/report/ over made-up results. Measures nothing."""
import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench/report"))
import chart
import instructions
import times


def repetition(name, **values):
    return {"name": name, "run_type": "iteration", "cpu_time": 1, **values}


class Times(unittest.TestCase):
    def test_processes_are_pooled_and_threads_are_timed_by_the_clock(self):
        pooled = {"w": {}, "v": {}}
        for clock in (7, 9):
            times.add_times({"benchmarks": [
                repetition("w/raw/real_time/threads:2", clock=clock, real_time=1), repetition("v/raw"),
                {"name": "w/raw_mean", "run_type": "aggregate"}]}, pooled)
        self.assertEqual(pooled, {"w": {"raw": [7, 9]}, "v": {"raw": [1, 1]}})

    def test_a_failed_workload_fails_all(self):
        failed = repetition("w/raw", error_occurred=True, error_message="no mappings")
        self.assertRaisesRegex(SystemExit, "no mappings", times.add_times, {"benchmarks": [failed]}, {})

    def test_table_and_chart(self):
        variants = {"raw": times.summary([10, 10, 10]), "zmalloc": times.summary([10, 20, 30])}
        about = dict.fromkeys(["processor", "processors", "compiler", "commit", "date", "min_time"], "X")
        results = {**about, "note": "Quick. ", "processes": 1,
                   "backends": {"glibc": {name: variants for name in chart.PANELS}}}
        self.assertIn("\n| glibc | churn, 1 thread | 10.0 ns |  | ~20.0 ns | 2.00 |", times.table(results))
        self.assertIn("|\n\nQuick. X", times.table(results))
        self.assertIn("\nglibc 10.0 20.0\n", chart.script(results))

    def test_what_is_compared_runs_in_one_process(self):
        names = ["a", "churn, 1 thread by the clock", "churn, 2 threads"]
        self.assertEqual(list(times.filters(names)), ["^a/", f"^({names[1]}|{names[2]})/"])


class Instructions(unittest.TestCase):
    ENTRY = {"allocator": "glibc-1", "raw": 100, "redis_style": 150, "zmalloc": 160}
    BASELINE = {"jemalloc gcc-1 x": ENTRY}

    def status(self, key="jemalloc gcc-1 x", **changed):
        with contextlib.redirect_stdout(io.StringIO()):
            return instructions.check({key: {**self.ENTRY, **changed}}, self.BASELINE)

    def test_check(self):
        self.assertEqual(self.status(zmalloc=163), 0)
        self.assertEqual(self.status(zmalloc=163.1), 1)
        self.assertEqual(self.status("mimalloc gcc-1 x"), 1)
        self.assertEqual(self.status("jemalloc gcc-2 x"), 77)
        self.assertEqual(self.status(allocator="glibc-2"), 77)

    def test_baseline(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "baseline.json")
            self.assertRaises(OSError, instructions.read_baseline, path)
            for text in ("{", "[]", "{}"):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                self.assertRaises(ValueError, instructions.read_baseline, path)
            instructions.write_baseline(self.BASELINE, path)
            self.assertEqual(instructions.read_baseline(path), self.BASELINE)


if __name__ == "__main__":
    unittest.main()
