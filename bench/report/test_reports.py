#!/usr/bin/env python3
"""The reports over made-up results, and what tools/bench says to bad input. Measures nothing."""
import contextlib
import copy
import io
import json
import os
import subprocess
import tempfile
import unittest
import unittest.mock

import goals
import instructions
import run
import times

BENCH = os.path.join(run.ROOT, "tools", "bench")


def process_file(folder, number, clock, cpu=(10, 11, 12)):
    """What Google Benchmark writes of work (d), whose own real_time must not be believed."""
    repetitions = [{"name": "d/raw/4096/real_time/threads:2", "run_type": "iteration", "threads": 2,
                    "time_unit": "ns", "cpu_time": cpu[i], "real_time": 1, "clock": clock[i]} for i in range(3)]
    with open(os.path.join(folder, f"times.d.{number}.json"), "w", encoding="utf-8") as file:
        json.dump({"context": {"compiler": "gcc 1", "zmalloc_lib": "libc"},
                   "benchmarks": repetitions + [{"name": "d/raw_mean", "run_type": "aggregate"}]}, file)


def way(median, spread=0, processes=None):
    return {"median": median, "quartiles": [median, median + spread], "processor": processes or [[median] * 3]}


def results(**run_of):
    works = {"alone": {"raw": way(10), "zmalloc": way(20)}, "d": {"raw": way(12), "zmalloc": way(22)},
             "b": {"raw": way(10), "classic": way(30), "zmalloc": way(20, spread=5), "sqlite": way(40)},
             # Each process's own ratio is 1, though one ran at half speed.
             "g1": {"zmalloc": way(1)},
             "gone": {"zmalloc": way(1, processes=[[1], [2], [1]])},
             "g10000": {"zmalloc": way(2, processes=[[1], [2], [1]])}}
    of = {"kind": "whole", "min_time": 0.15, "commit": "c0ffee", "date": "2026-01-02", "processes": 3,
          "repetitions": 9, **run_of}
    return {"run": of, "processor": "P", "processors": 2, "compiler": "gcc 1",
            "backends": {"jemalloc": {"library_bytes": 2048, "works": works}}}


def printed(function, *arguments):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        status = function(*arguments)
    return out.getvalue(), status


class Times(unittest.TestCase):
    def test_processes_are_pooled_and_the_clock_is_ours(self):
        with tempfile.TemporaryDirectory() as folder:
            for number, clock in enumerate([(1, 2, 3), (4, 5, 6), (7, 8, 9)]):
                process_file(folder, number, clock)
            works, _ = times.read_backend(folder)
        self.assertEqual(works["d"]["raw"]["median"], 5)
        self.assertEqual(works["d"]["raw"]["quartiles"], [3, 7])
        self.assertEqual((works["d"]["raw"]["least"], works["d"]["raw"]["most"]), (1, 9))
        self.assertEqual(works["d"]["raw"]["processor"], [[10, 11, 12]] * 3)

    def test_a_failed_work_fails_all(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "times.i.1.json"), "w", encoding="utf-8") as file:
                json.dump({"context": {}, "benchmarks": [
                    {"name": "i/zmalloc", "run_type": "iteration", "error_occurred": True,
                     "error_message": "no mappings"}]}, file)
            self.assertRaisesRegex(ValueError, "no mappings", times.read_backend, folder)

    def test_doubtful_times_are_marked(self):
        self.assertEqual(times.duration(way(20, spread=4)), "20.0 ns")
        self.assertEqual(times.duration(way(20, spread=4.1)), "~20.0 ns")

    def test_the_origin_says_what_the_run_was(self):
        for part in ("c0ffee", "2026-01-02", "median of 9", "0.15 s in 3 processes"):
            self.assertIn(part, times.origin(results()))
        self.assertIn("Not all backends", times.origin(results(kind="partial")))


class Goals(unittest.TestCase):
    def figures(self):
        measured = results()["backends"]["jemalloc"]
        return {title: (figure, limit) for title, figure, _, limit in goals.goals("jemalloc", measured)}

    def test_figures(self):
        figures = self.figures()
        self.assertEqual(figures["(d) zmalloc, 2 threads / alone"], (1.1, 1.1))
        self.assertAlmostEqual(figures["(d) that slowdown / raw's own"][0], 1.1 / 1.2)
        self.assertEqual(figures["(b) SQLite / raw"], (4, None))
        self.assertEqual(figures["(g) 10,000 threads gone / 1 gone"][0], 1)
        self.assertEqual(figures["(g) ns a live thread, of 1"], (1, 2))

    def test_markdown_shows_what_is_missed_and_leaves_out_what_was_not_measured(self):
        text, _ = printed(goals.print_markdown, results())
        self.assertIn("| (b) zmalloc / raw | at most | **2.00 (1.55)** |", text)
        self.assertIn("| (b) classic / zmalloc | at least | 1.50 (1.5) |", text)
        self.assertNotIn("(h)", text)


class Instructions(unittest.TestCase):
    COUNTED = {"key": "gcc-1 x", "allocator": "glibc-1",
               "counted": {"raw": 100.0, "classic": 150.0, "zmalloc": 160.0}}

    def check(self, baseline, counted=None):
        """The status, and the last line, for one backend against a baseline of its own."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "baseline.json")
            if baseline is not None:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(baseline if isinstance(baseline, str) else json.dumps(baseline))
            text, status = printed(instructions.check, {"jemalloc": counted or self.COUNTED}, path)
        return status, text.splitlines()[-1]

    def test_check(self):
        known = {"gcc-1 x": {"allocator": "glibc-1", "above_raw": 60.0}}
        self.assertEqual(self.check({"jemalloc": known})[0], 0)
        more = copy.deepcopy(self.COUNTED)
        more["counted"]["zmalloc"] = 163.1
        self.assertEqual(self.check({"jemalloc": known}, more)[0], 1)
        self.assertEqual(self.check({"mimalloc": known})[0], 1)
        for other in ({"key": "gcc-2 x"}, {"allocator": "glibc-2"}):
            status, said = self.check({"jemalloc": known}, {**self.COUNTED, **other})
            self.assertEqual(status, 77)
            self.assertIn("nothing to compare for jemalloc", said)

    def test_without_a_baseline(self):
        for baseline in (None, "{", "[]", {}, {"jemalloc": {}}, {"jemalloc": 1}):
            self.assertRaises(ValueError, self.check, baseline)


class Origin(unittest.TestCase):
    def test_a_machine_without_git(self):
        with unittest.mock.patch.dict(os.environ, {"PATH": ""}):
            self.assertEqual(run.commit(), "no commit")


class BadInput(unittest.TestCase):
    def refused(self, sentence, *arguments, **environment):
        """One line, and nothing is measured."""
        done = subprocess.run([BENCH, *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, **environment})
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, f"^bench: .*{sentence}.*\n$")

    def test_options(self):
        self.refused("--backend needs one of", "--backend", "jemalloc tcmalloc")
        self.refused("--backend needs one of", "--backend")
        self.refused("--instructions measures no time", "--quick", "--instructions")
        self.refused("one or the other", "--renew", "--check")
        self.refused("--publish is for a whole run", "--publish", "--quick")
        self.refused("--publish is for a whole run", "--publish", CC="clang")
        self.refused("--work goes with --markdown", "--work", "b")
        self.refused("--markdown needs a file", "--markdown", "/")
        self.refused("--markdown measures nothing", "--markdown", BENCH, "--backend", "jemalloc")
        self.refused("is no JSON file", "--markdown", BENCH)
        self.refused("is not what tools/bench writes", "--markdown", instructions.BASELINE)

    def test_a_file_of_times(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "times.json")
            for kind in ("whole", "quick"):
                with open(path, "w", encoding="utf-8") as file:
                    json.dump(results(kind=kind), file)
                if kind == "quick":
                    self.refused("quick run", "--markdown", path)
                else:
                    self.refused("there is no work 'x'", "--markdown", path, "--work", "b,x")
                    done = subprocess.run([BENCH, "--markdown", path, "--work", "b"], capture_output=True,
                                          text=True, check=True)
                    self.assertIn("| ~20.0 ns |", done.stdout)
                    self.assertNotIn("2 threads", done.stdout)


if __name__ == "__main__":
    unittest.main()
