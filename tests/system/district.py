"""A district for system tests: real binaries, real TLS, on loopback, in a folder of its own. Nothing sleeps: what takes time
is waited for, with a bound. Every process that is started here is ended here, by its pid."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

BANYAND = os.environ["BANYAND"]
BANYAN = os.environ["BANYAN"]
DATA = pathlib.Path(os.environ["TEST_DATA"])
ENVIRONMENT = {**{k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))}, "BANYAN_LANG": "en", "LANG": "C.UTF-8"}
PATIENCE = 30


def wait_for(condition, what, seconds=PATIENCE):
    """The condition's first true answer; fails after a bound."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"status {self.status}\nout: {self.out}\nerr: {self.err}"


def asked_for(step):
    """What a step of a plan asks for."""
    return ["adopted_on=2026-09-05", "adopted_by=全体会员大会"] if step == "adopted" else []


def run(words, status=0, stdin=None, env=None, timeout=120):
    """Runs a command; status None: any."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run([str(w) for w in words], input=data if data is not None else b"", capture_output=True, timeout=timeout,
                          env={**ENVIRONMENT, **(env or {})})
    done.stdout, done.stderr = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    result = Result(done)
    if "Sanitizer" in result.err or "runtime error" in result.err:
        raise AssertionError(f"{words}: sanitizer\n{result.err}")
    if status is not None and result.status != status:
        raise AssertionError(f"{words}: {result.status} instead of {status}\n{result}")
    return result


class Process:
    """A process that goes on, with its output in files."""

    def __init__(self, words, folder, name, env=None):
        self.out_path, self.err_path = folder / f"{name}.out", folder / f"{name}.err"
        with open(self.out_path, "ab") as out, open(self.err_path, "ab") as err:
            self.popen = subprocess.Popen([str(w) for w in words], stdout=out, stderr=err, stdin=subprocess.DEVNULL,
                                          env={**ENVIRONMENT, **(env or {})})

    @property
    def out(self):
        return self.out_path.read_text(errors="replace")

    @property
    def err(self):
        return self.err_path.read_text(errors="replace")

    def end(self, number=signal.SIGTERM, seconds=PATIENCE):
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            status = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            raise AssertionError(f"did not end after signal {number}: {self.err[-2000:]}")
        if "Sanitizer" in self.err or "runtime error" in self.err:
            raise AssertionError(f"sanitizer:\n{self.err[-4000:]}")
        return status

    def kill(self):
        self.end(signal.SIGKILL)


class Seat:
    def __init__(self, district, folder):
        self.district, self.folder, self.agent = district, folder, None

    def __call__(self, *words, status=0, **more):
        return run([BANYAN, *words, "--data", self.folder], status=status, **more)

    def json(self, *words, status=0):
        return self(*words, "--json", status=status).json

    def add(self, kind, *words):
        return self("add", kind, *words).out.strip()

    def sync(self, status=0):
        return self("sync", status=status)

    def record(self, kind, record):
        return self.json("show", kind, record)

    def watch(self):
        self.agent = Process([BANYAN, "sync", "--watch", "--data", self.folder], self.district.base, f"agent-{self.folder.name}")
        wait_for(lambda: self.json("status")["connected"], "the agent connects")
        return self.agent

    def copy(self, name):
        """The folder as it is now, as somebody would copy it."""
        to = self.district.base / name
        shutil.copytree(self.folder, to)
        return Seat(self.district, to)


class District:
    def __init__(self, name="青禾区教育工会", branches=()):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="banyan-test-"))
        self.data = self.base / "server"
        self.server, self.address, self.seats = None, None, []
        self.name = name
        self.make()
        for code, branch in branches:
            self.branch(code, branch)

    def make(self):
        run([BANYAND, "init", "--data", self.data, "--name", self.name, "--code", "QH", "--host", "127.0.0.1"])

    def __call__(self, *words, status=0, **more):
        return run([BANYAND, words[0], *words[1:], "--data", self.data], status=status, **more)

    def branch(self, code, name):
        self("branch", "add", "--code", code, "--name", name)

    def serve(self, listen=None, env=None, announce=None, files=None):
        """Starts the server; on the same port again after a stop. files: how many it may open."""
        listen = listen or self.address or "127.0.0.1:0"
        name = f"serve-{len(list(self.base.glob('serve-*.out')))}"
        may = ["prlimit", f"--nofile={files}:{files}"] if files else []
        self.server = Process([*may, BANYAND, "serve", "--data", self.data, "--listen", listen, *(["--announce", announce] if announce else [])],
                              self.base, name, env=env)
        wait_for(lambda: "ready " in self.server.out or self.server.popen.poll() is not None, "the server is ready")
        if "ready " not in self.server.out:
            raise AssertionError(f"no server: {self.server.err}")
        self.address = self.server.out.split("ready ")[1].split()[0]
        return self

    def stop(self, number=signal.SIGTERM):
        status = self.server.end(number)
        self.server = None
        return status

    def invite(self, branch, roles, name="王敏", days=None):
        return self("invite", "--branch", branch, "--role", roles, "--name", name, *(["--days", days] if days else [])).out.strip()

    def join(self, branch, roles, name="王敏", folder=None):
        seat = Seat(self, self.base / (folder or f"seat-{len(self.seats)}"))
        self.seats.append(seat)
        seat("join", "-", stdin=self.invite(branch, roles, name) + "\n")
        return seat

    def overview(self):
        return self("overview", "--json").json

    def close(self):
        for seat in self.seats:
            if seat.agent and seat.agent.popen.poll() is None:
                seat.agent.end()
        if self.server and self.server.popen.poll() is None:
            self.stop()
        shutil.rmtree(self.base)


@contextlib.contextmanager
def district(branches=(("QH001", "青禾区小苗圃幼儿园工会"),), serve=True):
    d = District(branches=branches)
    try:
        if serve:
            d.serve()
        yield d
    except BaseException:
        for log in sorted(d.base.glob("*.err")):
            text = log.read_text(errors="replace")
            if text:
                print(f"--- {log.name}\n{text[-3000:]}")
        for process in [d.server] + [s.agent for s in d.seats]:
            if process and process.popen.poll() is None:
                process.popen.kill()
                process.popen.wait()
        shutil.rmtree(d.base, ignore_errors=True)
        raise
    d.close()
