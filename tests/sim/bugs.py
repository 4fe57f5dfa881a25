#!/usr/bin/env python3
"""Deliberate bugs, one after the other, to show that the tests find them (bugs/NN-name.patch).

    bugs.py                   all of them, over a copy of the sources and a Release build of its own in a temporary folder
    bugs.py 7 12              these (--names NAME ...: by their names)
    bugs.py --build DIR 7     over a build that is there already (ctest does that): its sources are read, its folder is not written to
    --seconds T, --seeds N    what a bug is looked for at most (default: 240, no bound)
    --table FILE              writes the table of README.md there
    --pains                   instead: each ctest pain_... that a patch names ("fails: pain_...") has to fail with that bug, run by the
                              build's own command, seeds and all

Of a bug only the files that its patch changes are compiled anew, from a copy, with the build's own commands; they are linked in front of
the build's libraries, so that the linker takes them and not the ones there. The work tree is never touched. A seed or a unit test that
fails has to pass without the bug; a test that hangs has found nothing. A patch begins with what it breaks and the line "found by: sim" or
"found by: TEST", the name of a unit test; what stands behind "sim" (--only CUT,LOSE) are options, for what the usual mix meets rarely.
Below it may stand "fails: PAIN", tests of the simulator that are about what is broken.
The status is 1 if one is not found, does not apply or does not compile. Needs patch(1), ninja and the compiler; no git."""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SOURCES = ["CMakeLists.txt", "common", "client", "server", "proto", "tests"]


class NotThere(Exception):
    """What a bug needs is not there any more: its patch, its test."""


class Bug:
    def __init__(self, path):
        self.path = path
        self.number, self.name = re.match(r"(\d+)-(.*)\.patch$", os.path.basename(path)).groups()
        head, _, self.diff = open(path, encoding="utf-8").read().partition("--- a/")
        self.text, _, by = head.partition("found by:")
        self.text = " ".join(self.text.split())
        lines = by.strip().splitlines()
        self.by, *self.options = lines[0].split()
        self.pains = [name for line in lines if line.startswith("fails:") for name in line.split()[1:]]
        self.target = self.by.removeprefix("unit_")
        self.files = re.findall(r"^\+\+\+ b/(\S+)", "--- a/" + self.diff, re.M)


class Build:
    """A build folder: the commands that made it."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        cache = open(os.path.join(folder, "CMakeCache.txt"), encoding="utf-8").read()
        self.top = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", cache, re.M).group(1)
        with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as f:
            self.compile = {os.path.relpath(c["file"], self.top): c["command"] for c in json.load(f)}

    def compile_command(self, file, copy, out):
        words = shlex.split(self.compile[file])
        words[words.index("-o") + 1] = out
        words[-1] = copy
        return words + ["-Werror"]

    def link_command(self, target, objects, out):
        if not os.path.exists(os.path.join(self.folder, "tests", target)):
            raise NotThere(f"there is no {target}")
        lines = subprocess.run(["ninja", "-C", self.folder, "-t", "commands", target], capture_output=True, text=True, check=True)
        words = shlex.split(lines.stdout.splitlines()[-1].replace(": && ", "").replace(" && :", ""))
        words[words.index("-o") + 1] = out
        first = next(i for i, w in enumerate(words) if w.endswith(".a"))
        return words[:first] + objects + words[first:]


def make_build(folder, targets):
    """A copy of the sources, whoever edits them meanwhile, and a Release build: it runs several times as many seeds as a Debug one."""
    top = os.path.join(folder, "sources")
    os.mkdir(top)
    for name in SOURCES:
        source = os.path.join(TOP, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, os.path.join(top, name))
    build = os.path.join(folder, "build")
    env = dict(os.environ, CCACHE_BASEDIR=folder, CCACHE_NOHASHDIR="1")  # the next copy, elsewhere, is built out of the cache
    ccache = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    subprocess.run(["cmake", "-G", "Ninja", "-S", top, "-B", build, "-DCMAKE_BUILD_TYPE=Release", *ccache], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", build, *sorted(targets)], check=True, stdout=subprocess.DEVNULL, env=env)
    return Build(build)


def run(command, cwd, why):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise NotThere(why + ": " + (done.stdout + done.stderr).strip()[-800:])


def plant(bug, build, folder, target):
    """The program that is to find it, with the bug in it: its path."""
    for file in bug.files:
        os.makedirs(os.path.dirname(os.path.join(folder, file)), exist_ok=True)
        shutil.copy(os.path.join(build.top, file), os.path.join(folder, file))
    run(["patch", "-p1", "-s", "--no-backup-if-mismatch", "-i", bug.path], folder, "the patch does not apply any more")
    objects = []
    for file in bug.files:
        objects.append(os.path.join(folder, file) + ".o")
        run(build.compile_command(file, os.path.join(folder, file), objects[-1]), build.folder, "it does not compile")
    program = os.path.join(folder, target)
    run(build.link_command(target, objects, program), build.folder, "it does not link")
    return program


def passes(program, options, seed):
    return subprocess.run([program, "--brief", *options, "--seeds", f"{seed}-{seed}"], capture_output=True).returncode == 0


def look_with_sim(program, without, options, o):
    """(seed or None, what was said). without: the program as it should be, which has to pass the same seed."""
    last = o.first + o.seeds - 1 if o.seeds else 0
    command = [program, "--brief", *options, "--seconds", str(o.seconds), "--from", str(o.first)] + (["--to", str(last)] if last else [])
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=o.seconds + 600, errors="replace")
    except subprocess.TimeoutExpired:
        return None, "the simulator hangs"
    found = re.search(r"^seed (\d+) FAILS(.*)$", done.stdout, re.M)
    if found and not passes(without, options, found.group(1)):
        return None, f"seed {found.group(1)} fails without it, too"
    said = [line[4:] for line in done.stdout.splitlines() if line.startswith("  | ")]
    why = next((line for line in said if re.match(r"day \d+ ", line)), said[-1] if said else found.group(2) if found else "")
    return (int(found.group(1)) if found else None), re.sub(r"^day \d+ \S+ ", "", why)


def failed_in(program):
    """(names of the tests that fail or None: it hangs, the status). cmocka's status is how many failed; a crash or a leak has one, too."""
    try:
        done = subprocess.run([program], capture_output=True, text=True, timeout=600, errors="replace")
    except subprocess.TimeoutExpired:
        return None, None
    failed = re.findall(r"\[  (?:FAILED|ERROR ) {2}\] (\w+)", done.stderr + done.stdout)
    return {name for name in failed if not name.isdigit()}, done.returncode


def look_with_test(program, without):
    """(found, what was said). without: the test as it should be, which has to pass."""
    names, status = failed_in(program)
    if names is None:
        return False, "the test hangs"
    if status != 0 and failed_in(without)[1] != 0:
        return False, "the test fails without it, too"
    return status != 0, ", ".join(sorted(names))[:100]


def look(bug, build, o):
    """A row of the table; None: it was not found."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="banyan-bug-") as folder:
        program = plant(bug, build, folder, bug.target)
        began_looking = time.monotonic()
        if bug.by == "sim":
            seed, why = look_with_sim(program, os.path.join(build.folder, "tests", "sim"), bug.options, o)
            found, times = seed is not None, str(seed - o.first + 1) if seed is not None else ""
        else:
            found, why = look_with_test(program, os.path.join(build.folder, "tests", bug.target))
            times = "-"
    took = time.monotonic() - began_looking
    seeds = f" after {times} seed{'s' if times != '1' else ''}" if times not in ("", "-") else ""
    print(f"{bug.number} {bug.name}: " + (f"found by {bug.by}{seeds}, {took:.1f} s: {why}" if found else f"NOT FOUND in {took:.0f} s {why}")
          + f" (built in {began_looking - began:.1f} s)", flush=True)
    return f"| {bug.number} {bug.name} | {bug.text} | {' '.join([bug.by, *bug.options])} | {times} | {took:.0f} |" if found else None


def pain_command(build, name):
    """As ctest runs it."""
    told = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build.folder, capture_output=True, text=True, check=True)
    commands = [test["command"] for test in json.loads(told.stdout)["tests"] if test["name"] == name]
    if not commands or os.path.basename(commands[0][0]) != "sim":
        raise NotThere(f"{name} is no test of the simulator's")
    return commands[0]


def pain_bites(bug, build, name):
    with tempfile.TemporaryDirectory(prefix="banyan-bug-") as folder:
        without, *options = pain_command(build, name)
        command = [plant(bug, build, folder, "sim"), "--brief", *options]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=600, errors="replace")
        except subprocess.TimeoutExpired:
            raise NotThere(f"{name} hangs")
    said = [line[4:] for line in done.stdout.splitlines() if re.match(r"  \| day \d+ ", line)]
    seed = re.search(r"^seed (\d+) FAILS", done.stdout, re.M)
    if seed and not passes(without, options, seed.group(1)):
        raise NotThere(f"seed {seed.group(1)} fails without it, too")
    print(f"{name} with {bug.number} {bug.name}: " + (f"fails at seed {seed.group(1)}: {said[-1] if said else ''}" if seed else "PASSES"), flush=True)
    return bool(seed)


def look_at_pains(bugs, build):
    """How many do not bite."""
    missed = 0
    for bug in bugs:
        for name in bug.pains:
            try:
                missed += not pain_bites(bug, build, name)
            except NotThere as e:
                print(f"{name} with {bug.number} {bug.name}: {e}", flush=True)
                missed += 1
    return missed


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build")
    p.add_argument("--seconds", type=int, default=240)
    p.add_argument("--seeds", type=int, default=0)
    p.add_argument("--first", type=int, default=1)
    p.add_argument("--table")
    p.add_argument("--names", nargs="+", default=[])
    p.add_argument("--pains", action="store_true")
    p.add_argument("numbers", nargs="*", type=int)
    o = p.parse_args()
    folder = os.path.join(HERE, "bugs")
    bugs = [Bug(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith(".patch")]
    if o.numbers or o.names:
        bugs = [b for b in bugs if int(b.number) in o.numbers or b.name in o.names]
    missed, rows = [], []
    with tempfile.TemporaryDirectory(prefix="banyan-bugs-") as temporary:
        build = Build(o.build) if o.build else make_build(temporary, {"sim"} if o.pains else {b.target for b in bugs})
        if o.pains:
            return bool(look_at_pains(bugs, build)) or not any(b.pains for b in bugs)
        for bug in bugs:
            try:
                row = look(bug, build, o)
            except NotThere as e:
                print(f"{bug.number} {bug.name}: {e}", flush=True)
                row = None
            if row:
                rows.append(row)
            else:
                missed.append(f"{bug.number} {bug.name}")
    if o.table:
        with open(o.table, "w", encoding="utf-8") as f:
            f.write("\n".join(rows) + "\n")
    print(f"{len(bugs) - len(missed)} of {len(bugs)} found" + ("; not: " + ", ".join(missed) if missed else ""))
    return bool(missed) or not bugs


if __name__ == "__main__":
    sys.exit(main())
