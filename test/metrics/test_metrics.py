#!/usr/bin/env python3
"""Pages of metrics over HTTP: examples/metrics.c as it answers, and Prometheus that scrapes it.

Usage: test_metrics.py example|prometheus EXAMPLE PAGE
EXAMPLE is that program, and PAGE one that writes a page with names of every kind to standard output."""
import http.server
import json
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

PATIENCE = 20  # seconds until Prometheus must answer rightly

# The groups of page.c, and what each path holds.
HELD = {
    'a': 1 + 2 + 4 + 32 + 128,
    'a/b': 2 + 4 + 8,
    '': 16,
    'a/} 1 # "quoted", \\n and \\\\': 32,
    'two\nlines\r\n': 64,
    'a/\\': 128,
    'caf\u00e9 \U0001f600': 256,
    'Latin-1 \ufffd\ufffd': 512,
}


def get(url, **arguments):
    """The status, the type and the text of a page."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, **arguments), timeout=10) as answer:
            return answer.status, answer.headers['Content-Type'], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers['Content-Type'], error.read().decode()


def samples(text):
    return {series: float(value) for series, value in re.findall(r'^([^#\n].*) (\S+)$', text, re.MULTILINE)}


class Metrics(unittest.TestCase):
    def start(self, *command, **arguments):
        """A program that is ended with the test, however that ends."""
        process = subprocess.Popen(command, **arguments)

        def end():
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()

        self.addCleanup(end)
        return process

    def start_example(self):
        process = self.start(EXAMPLE, '0', stdout=subprocess.PIPE, text=True)
        self.assertTrue(select.select([process.stdout], [], [], 10)[0], 'the example says no address')
        return process, process.stdout.readline().strip()


class Example(Metrics):
    def test_it_serves_the_page_to_this_machine_and_ends_when_told(self):
        process, url = self.start_example()
        self.assertRegex(url, r'^http://127\.0\.0\.1:[1-9][0-9]*/metrics$')
        status, kind, text = get(url)
        self.assertEqual((status, kind), (200, 'text/plain; version=0.0.4; charset=utf-8'))
        self.assertEqual(samples(text)['zmalloc_group_used_bytes{group="tenants/bob"}'], 4096)
        self.assertGreater(samples(text)['zmalloc_used_bytes'], 1000000 + 4096)
        # Being asked changes nothing.
        again = samples(get(url)[2])
        self.assertEqual(again['zmalloc_used_bytes'], samples(text)['zmalloc_used_bytes'])
        self.assertEqual(get(url + 'x')[0], 404)
        self.assertEqual(get(url, data=b'some')[0], 405)
        self.assertEqual(get(url)[0], 200)
        port = url.split(':')[2].split('/')[0]
        # Another address of this machine, which a server on all of them would have.
        self.assertRaises(OSError, socket.create_connection, ('127.0.0.2', int(port)), 10)
        self.fails(1, f'port {port} of 127.0.0.1 cannot be had', port)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)

    def test_what_is_no_port_is_said(self):
        self.fails(2, 'usage: metrics PORT')
        self.fails(2, 'usage: metrics PORT', '1', '2')
        for port in '', 'x', '80a', '-1', '65536', '99999999999999999999':
            self.fails(2, f"'{port}' is no port: give a number from 0", port)

    def fails(self, status, message, *arguments):
        done = subprocess.run([EXAMPLE, *arguments], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, status)
        self.assertIn(message, done.stderr)


class Prometheus(Metrics):
    def serve(self, text):
        """Serves a text, and returns the address."""
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f'127.0.0.1:{server.server_port}'

    def start_prometheus(self, **targets):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        jobs = [{'job_name': job, 'static_configs': [{'targets': [target]}]} for job, target in targets.items()]
        # YAML is a superset of JSON.
        (folder / 'config').write_text(json.dumps({'global': {'scrape_interval': '1s'}, 'scrape_configs': jobs}))
        self.log = folder / 'log'
        with open(self.log, 'w') as log:
            self.start('prometheus', f'--config.file={folder}/config', f'--storage.tsdb.path={folder}/data',
                       '--web.listen-address=127.0.0.1:0', stdout=log, stderr=log, cwd=folder)
        self.end = time.monotonic() + PATIENCE
        self.address = self.await_result(lambda: re.findall(r'"Listening on" address=(\S+)', self.log.read_text()))[0]

    def await_result(self, ask, is_right=bool):
        """What ask() returns when it is right, which must be within PATIENCE of the start."""
        while True:
            result = ask()
            if is_right(result):
                return result
            if time.monotonic() > self.end:
                self.fail(f'after {PATIENCE} s: {result}\n{self.log.read_text()}')
            time.sleep(0.1)

    def query(self, expression):
        """The values that Prometheus has, by their labels."""
        try:
            text = get(f'http://{self.address}/api/v1/query?' + urllib.parse.urlencode({'query': expression}))[2]
            found = json.loads(text)['data']['result']
        except (OSError, ValueError, KeyError):  # it is starting
            return {}
        return {(one['metric'].get('job'), one['metric'].get('group', '')): float(one['value'][1]) for one in found}

    def test_it_scrapes_the_example_and_answers_with_its_numbers(self):
        _, url = self.start_example()
        page = samples(get(url)[2])
        self.start_prometheus(example=urllib.parse.urlparse(url).netloc)
        expected = {('example', 'tenants/alice'): page['zmalloc_group_used_bytes{group="tenants/alice"}']}
        self.await_result(lambda: self.query('zmalloc_group_used_bytes{group="tenants/alice"}'), expected.__eq__)
        expected = {('example', ''): page['zmalloc_used_bytes']}
        self.await_result(lambda: self.query('zmalloc_used_bytes'), expected.__eq__)

    def test_it_takes_every_name_and_each_sample_once(self):
        page = subprocess.run([PAGE], check=True, capture_output=True).stdout
        self.start_prometheus(names=self.serve(page))
        expected = {('names', path): bytes for path, bytes in HELD.items()}
        self.await_result(lambda: self.query('zmalloc_group_used_bytes'), expected.__eq__)
        expected = {('names', ''): page.count(b'\n') - page.count(b'\n#') - page.startswith(b'#')}
        for count in 'scrape_samples_scraped', 'scrape_samples_post_metric_relabeling', 'scrape_series_added':
            self.await_result(lambda: self.query(f'max_over_time({count}[1m])'), expected.__eq__)
        self.assertNotRegex(self.log.read_text(), 'level=(warn|error)')


if __name__ == '__main__':
    what, EXAMPLE, PAGE = sys.argv[1:]
    if what == 'prometheus' and not shutil.which('prometheus'):
        print('Left out: prometheus is not here.')
        sys.exit(77)
    # An interrupted test fails, for unittest, and ends what it started; a KeyboardInterrupt would not.
    for interruption in signal.SIGINT, signal.SIGTERM:
        signal.signal(interruption, lambda *_: sys.exit('interrupted'))
    unittest.main(argv=[sys.argv[0], what.capitalize()], failfast=True)
