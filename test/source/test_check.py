#!/usr/bin/env python3
"""tools/check on a table and a project of its own: what passes, fails, is skipped, and is not to be found."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).parent.parent.parent / 'tools/check'

# Two tests that pass, of which one speaks TAP and has two, one that fails, and one that is skipped.
PROJECT = """project('tested', meson_version: '>=1.0.0')
sh = find_program('sh')
test('tap', sh, args: ['-c', 'echo 1..2; echo ok 1; echo ok 2'], protocol: 'tap', suite: 'right')
test('passes', sh, args: ['-c', 'true'], suite: 'right')
test('skips', sh, args: ['-c', 'exit 77'], suite: 'right')
test('fails', sh, args: ['-c', 'echo what went wrong; false'], suite: 'wrong')
if get_option('buildtype') == 'minsize'
  test('unbuilt', sh, depends: custom_target('unbuilt', output: 'unbuilt', command: [sh, '-c', 'false']))
endif
if get_option('buildtype') == 'custom'
  test('slow', sh, args: ['-c', 'sleep 9'], timeout: 1)
  test('quick', sh, args: ['-c', 'true'])
endif
if get_option('werror') == false
  error('it was set up without --werror')
endif
"""

TABLE = """
packages *     made-up
packages *two* two-too {other}
packages poor  no-such
packages but-wrong late-tool
prepare  {needs,wants}-*  sh -c 'echo none of it; exit 77'
prepare  lacks-*      sh -c 'echo it broke; exit 3'
prepare  after-*      sh -c 'echo once >>build/prepared'
prepare  as-well      sh -c 'echo once >>build/prepared'

all             quick  -Ddebug=false
right           full   -- right
one             quick  -- =passes
but-wrong       full   -- !wrong
skipped         full   -- =skips
unbuilt         full   -Dbuildtype=minsize -- =unbuilt
unknown         full   -- =passes =no_such_test
unknown-suite   full   -- right no_such_suite
no-setup        full   -Dno_such_option=1
counts          full   run sh -c 'echo 3 passed, 2 failed'
counts-status   full   run sh -c 'echo 3 passed, 0 failed; exit 1'
runs            quick  run true
falls           full   WORD=dropped run sh -c 'echo it was $WORD; false'
cannot          full   run sh -c 'echo not here; exit 77'
is-not-there    full   run /nonexistent
needs-it        full   run true
poor            full   run true
says-nothing    full   run echo '0 passed, 0 failed'
slow            full   -Dbuildtype=custom -- =slow =quick
lacks-it        full   run true
after-{1,2}     long   run true
as-well         long   run true
{one,two}-of    long   run test {} = two
one-of          long   run true
late            full,last  run sh -c 'test -e build/check/right/build.ninja'
"""


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.made.name)
        files = {'tools/check': CHECK.read_text(), 'tools/configurations.txt': TABLE, 'meson.build': PROJECT,
                 'tools/common.sh': 'ensure_packages() { echo "packages: $*" && [[ $* != *no-such* ]]; }\n'
                                    'has() { [[ $1 != no-such ]]; }\n',
                 'backends/list.txt': '# a list\nplain p.c - libc -\nother o.c - other libother-dev\n'}
        for name, text in files.items():
            (cls.root / name).parent.mkdir(exist_ok=True)
            (cls.root / name).write_text(text)

    @classmethod
    def tearDownClass(cls):
        cls.made.cleanup()

    def check(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if name != 'ZMALLOC_BUILD_DIR'}
        done = subprocess.run([sys.executable, self.root / 'tools/check', *arguments], cwd=self.root, text=True,
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def change(self, name, text):
        """For the rest of a test."""
        self.addCleanup((self.root / name).write_text, (self.root / name).read_text())
        (self.root / name).write_text(text)

    def says(self, status, pattern, *arguments):
        found, said = self.check(*arguments)
        self.assertEqual(found, status, said)
        self.assertRegex(said, re.compile(pattern, re.MULTILINE))

    def test_all_tests_of_a_row_are_counted_and_what_failed_is_shown(self):
        self.says(1, r'^FAIL  all: .* build/check/all.log\n(.*\n)* +what went wrong(.*\n)*3 passed, 1 failed$', 'all')

    def test_suites_and_tests_are_chosen(self):
        self.says(0, r'^ok    right \(3 passed, skipped: skips, \d+ s\)\n3 passed, 0 failed$', 'right')
        self.says(0, r'^1 passed, 0 failed$', 'one')
        self.says(0, r'^3 passed, 0 failed$', 'but-wrong')

    def test_nothing_that_passes_is_a_failure(self):
        self.says(1, r'^FAIL  skipped: (.*\n)*0 passed, 1 failed$', 'skipped')
        self.says(1, r'^FAIL  says-nothing: (.*\n)*0 passed, 1 failed$', 'says-nothing')
        self.says(1, r'^1 passed, 1 failed$', 'slow')
        self.says(1, r'^FAIL  unbuilt: (.*\n)*0 passed, 1 failed$', 'unbuilt')

    def test_what_is_not_to_be_found_fails(self):
        self.says(1, r'no test or suite of this name: no_such_test\n0 passed, 1 failed$', 'unknown')
        self.says(1, r'no test or suite of this name: --suite=no_such_suite\n', 'unknown-suite')
        self.says(1, r'no_such_option(.*\n)*0 passed, 1 failed$', 'no-setup')
        self.says(1, r"^FAIL  is-not-there: FileNotFoundError(.*\n)*0 passed, 1 failed$", 'is-not-there')
        self.says(2, 'no row is named nothing', 'nothing')

    def test_a_test_that_is_new_is_found(self):
        self.check('one')
        self.change('meson.build', PROJECT + "test('new', sh, args: ['-c', 'true'])\n")
        self.change('tools/configurations.txt', TABLE.replace('-- =passes\n', '-- =passes =new\n', 1))
        self.says(0, r'^2 passed, 0 failed$', 'one')

    def test_a_command_passes_fails_or_counts(self):
        self.says(0, r'^ok    runs \(1 passed, ', 'runs')
        self.says(1, r'^      it was dropped\n0 passed, 1 failed$', 'falls')
        self.says(1, r'^3 passed, 2 failed$', 'counts')
        self.says(1, r'^3 passed, 1 failed$', 'counts-status')

    def test_what_cannot_run_here_is_skipped_and_alone_is_no_success(self):
        self.says(1, r'^skip  cannot: not here\n(skip .*\n)?0 passed, 0 failed$', 'cannot')
        self.says(0, r'^skip  needs-it: sh ended with 77: none of it$', 'needs-it', 'runs')
        self.says(0, r'^skip  poor: without no-such\n(.*\n)*skip  poor: .*\n1 passed, 0 failed$', 'poor', 'runs')
        self.says(1, r'^FAIL  lacks-it: sh ended with 3: it broke\n0 passed, 1 failed$', 'lacks-it')

    def test_what_rows_need_first_is_done_once(self):
        self.says(0, r'^3 passed, 0 failed$', 'after-*', 'as-well')
        self.assertEqual((self.root / 'build/prepared').read_text(), 'once\n')

    def test_a_row_is_many_and_the_first_of_a_name_counts(self):
        self.says(1, r'^1 passed, 1 failed$', '*-of')
        self.says(0, r'^packages: libother-dev made-up two-too\n', 'two-of')

    def test_rows_by_when(self):
        self.says(1, r'^Running 3 rows')
        self.says(1, r'^Running 21 rows(.*\n)*ok    late', '--full')

    def test_other_options_set_up_anew(self):
        self.check('all')
        marker = self.root / 'build/check/all/marker'
        marker.touch()
        self.check('all')
        self.assertTrue(marker.exists())
        self.change('tools/configurations.txt', TABLE.replace('-Ddebug=false', '-Ddebug=true'))
        self.check('all')
        self.assertFalse(marker.exists())

    def test_what_a_row_of_the_folder_needs_and_is_new_sets_up_anew(self):
        before = (self.root / 'tools/common.sh').read_text()
        (self.root / 'tools/common.sh').write_text(before.replace('has() { [[ $1 != no-such', 'has() { [[ $1 != late-tool'))
        self.check('right')
        marker = self.root / 'build/check/right/marker'
        marker.touch()
        self.check('right')
        self.assertTrue(marker.exists())
        (self.root / 'tools/common.sh').write_text(before)
        self.check('right')
        self.assertFalse(marker.exists())

    def test_rows_that_are_set_up_alike_share_a_folder(self):
        self.says(0, r'^ok    right .*\nok    one .*\nok    but-wrong .*\n7 passed, 0 failed$', 'but-*', 'one', 'right')
        self.assertFalse((self.root / 'build/check/one').exists())


if __name__ == '__main__':
    unittest.main()
