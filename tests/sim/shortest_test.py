"""What is printed of a run that fails: the shortest beginning of its plan that does, where some longer ones pass, and a command that fails
as it stands; with one fault less it passes. The failures are planted (sim --plant), in a district that is small enough to be run often."""
import re
import shlex
import subprocess
import sys

SIM = sys.argv[1]
SMALL = ["--branches", "1", "--seats", "2", "--days", "1", "--records", "4", "--only", "CUT,OFFLINE,AGENT_KILL"]
SEED = "27"  # a plan of 40 faults: trouble 4


def run(words):
    return subprocess.run([SIM, *words], capture_output=True, text=True, timeout=200)


def printed(words):
    done = run(words)
    assert done.returncode == 1, done
    least, of = map(int, re.search(r"the shortest beginning of the plan that fails, (\d+) of (\d+) faults", done.stdout).groups())
    command = re.search(r"  to see it: sim (.*)", done.stdout).group(1)
    listed = done.stdout.split("the shortest beginning of the plan")[1].split("to see it")[0]
    assert len(re.findall(r"^ +\d+ day ", listed, re.M)) == least, listed
    return least, of, shlex.split(command), done.stdout


whole = run(["--seed", SEED, *SMALL])
assert whole.returncode == 0, whole

# As an audit met it: 22 to 29 fail, 30 to 36 pass, from 37 on all fail. Halving ends at 37.
least, of, command, said = printed(["--seeds", f"{SEED}-{SEED}", *SMALL, "--plant", "22-29,37-512"])
assert of == 40 and least == 22, (least, of)
assert "the first 37 faults are enough" in said, said
for word in SMALL + ["--seed", SEED, "22-29,37-512"]:
    assert word in command, (word, command)
assert run(command).returncode == 1
fewer = [str(least - 1) if command[i - 1] == "--faults" else word for i, word in enumerate(command)]
assert run(fewer).returncode == 0

# No fault is needed; all are.
assert printed(["--seed", SEED, *SMALL, "--plant", "0-512"])[0] == 0
assert printed(["--seed", SEED, *SMALL, "--plant", "40-40"])[0] == 40
# A beginning that was asked for is not left.
assert printed(["--seed", SEED, *SMALL, "--faults", "5", "--plant", "3-3,5-5"])[0] == 3
# Programs of several versions have a plan of their own.
least, _, command, _ = printed(["--versions", "--seed", "2", *SMALL, "--faults", "4", "--plant", "4-4"])
assert least == 4 and command[0] == "--versions", command
