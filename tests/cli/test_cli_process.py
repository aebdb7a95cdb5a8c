"""Whole processes: Ctrl-C, a reader that goes away, a full disk, old terminals, the time to start."""

import fcntl
import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

import amd.cli.progress as progress_module
from amd.cli.progress import progress
from amd.mechanism.audit import Audit

PATIENCE = 120  # seconds until a test gives up on a process
NOISE = """
amd: 1
agents:
  a:
    count: 2
    types: {v: {uniform: [1, 3], cells: 3}, w: {uniform: [0, 2], cells: 2, at: lower}}
    value: {x: v*w}
    outside: -1
  b: {types: {v: {triangular: {low: 0, mode: 1, high: 2}, cells: 1}}, value: {x: v}, outside: 1/4}
goods: {x: {supply: 1, cost: 1/2}}
design: {maximize: allocated(x), incentive: dominant, participation: {a: ex_post}, require: [efficient]}
"""


def test_ctrl_c_ends_a_long_solve_cleanly(start, hard_file, tmp_path):
    process = start("solve", hard_file, "-o", tmp_path / "m.json")
    time.sleep(5)
    assert process.poll() is None, "the problem was meant to take long"
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < 30  # a few seconds on a machine with nothing else to do
    assert process.returncode == 130
    assert (out, err) == (b"", b"interrupted\n")
    assert os.listdir(tmp_path) == ["hard.yaml"]


def test_a_reader_that_goes_away_is_no_error(start):
    with start("schema") as process:
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)  # so small that the schema cannot wait in it
        process.stdout.read(10)
        process.stdout.close()
        complaints = process.stderr.read()
    assert (process.returncode, complaints) == (141, b"")


@pytest.mark.parametrize("words", [("solve", "license"), ("solve", "license", "--json"), ("--help",), ("--version",)])
def test_a_full_disk_is_said(words):
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "amd", *words]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
    assert done.returncode == 3
    assert b"cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="closes a descriptor")
def test_a_closed_output_is_said():
    command = f"exec {shlex.quote(sys.executable)} -m amd solve license >&-"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (3, b"the answer cannot be written: standard output is closed\n")


def test_what_libraries_print_is_no_part_of_the_answer(tmp_path):
    """HiGHS prints a line about this problem from within its presolve, unless that is kept from it."""
    file = tmp_path / "noise.yaml"
    file.write_text(NOISE, encoding="utf-8")
    code = "import os, sys, amd.__main__ as m; m._keep_output_for_answers(); os.write(1, b'noise'); print('answer')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=PATIENCE, check=True)
    assert (done.stdout.strip(), done.stderr) == (b"answer", b"noise")
    code = "import amd, sys; print(amd.load(sys.argv[1]).solve().status.name)"
    done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, timeout=PATIENCE, check=True)
    assert done.stdout.strip() == b"OPTIMAL"


def test_output_that_cannot_be_written_is_refused_before_the_work(run, license_file):
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    result = run("solve", license_file, "-o", "/dev/full")
    assert result.exit_code == 3
    assert "/dev/full cannot be written: No space left on device" in result.stderr
    if os.path.isdir("/proc/self"):
        result = run("solve", license_file, "-o", "/proc/self/m.json")
        assert result.exit_code == 3
        assert result.stdout == ""


def test_a_write_that_fails_leaves_the_old_file(run, license_file, tmp_path, monkeypatch):
    output = tmp_path / "m.json"
    output.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    result = run("solve", license_file, "-o", output)
    assert result.exit_code == 3
    assert "No space left" in result.stderr
    assert output.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["license.yaml", "m.json"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_terminals_of_other_encodings(start, license_file, encoding):
    process = start("explain", license_file, PYTHONIOENCODING=encoding)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, b"")
    assert ("theta" in out.decode(encoding)) == (encoding != "utf-8")


def test_help_and_lists_start_without_numbers_or_solvers(start):
    for arguments in (("--help",), ("list",), ("solve", "--help"), ("--version",)):
        process = start(*arguments, PYTHONPROFILEIMPORTTIME="1")
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        loaded = {line.rsplit("|", 1)[-1].strip().partition(".")[0] for line in err.decode().splitlines()}
        assert not loaded & {"numpy", "scipy", "highspy", "pydantic", "flint", "cvxpy", "pulp"}


def test_json_is_all_there_is_on_standard_output(start, license_file):
    process = start("solve", license_file, "--json")
    out, err = process.communicate(timeout=PATIENCE)
    assert json.loads(out)["status"] == "optimal"
    assert err == b""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_when_it_takes_long(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress_module, "PATIENCE", 0.01)
    monkeypatch.setenv("TERM", "xterm")
    with progress() as say:
        say("building the program")
        deadline = time.monotonic() + 10
        while "building the program" not in terminal.getvalue() and time.monotonic() < deadline:
            time.sleep(0.02)
        say("solving it")
    assert "building the program" in terminal.getvalue()


def test_short_work_shows_no_progress(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress() as say:
        say("nearly done")
    assert terminal.getvalue() == ""


def test_no_terminal_no_progress(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress_module, "PATIENCE", 0.0)
    with progress() as say:
        say("working")
        time.sleep(0.05)
    assert stream.getvalue() == ""


def test_an_interruption_says_so_and_nothing_else(run, license_file, monkeypatch):
    import amd.solving

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(amd.solving, "solve", interrupted)
    result = run("solve", license_file)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")


def test_a_lack_of_memory_is_said(run, license_file, monkeypatch):
    import amd.solving

    def exhausted(*_, **__):
        raise MemoryError

    monkeypatch.setattr(amd.solving, "solve", exhausted)
    result = run("solve", license_file)
    assert result.exit_code == 3
    assert "memory" in result.stderr


def test_an_audit_that_refuses_the_solvers_answer_is_a_failure(run, license_file, monkeypatch):
    monkeypatch.setattr(Audit, "ok", lambda self, tolerance: False)
    result = run("solve", license_file)
    assert result.exit_code == 3
    assert "no answer to rely on" in result.stdout
