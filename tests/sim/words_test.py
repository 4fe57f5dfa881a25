"""What the simulator's command line does not know is an error of status 2: a run without faults, or of seed 0, must not look well."""
import subprocess
import sys

CASES = ((["--seeds", "1-1", "--only", "CLON"], "did you mean CLONE?"), (["--seeds", "1-1", "--only", "CUT,FOO"], 'no fault "FOO"'),
         (["--seeds", "1-1", "--only", ""], "faults: CUT"), (["--seed", "abc"], "abc is no number"), (["--seed", ""], "is no number"),
         (["--seeds", "1-x"], "x is no number"), (["--seed", "-1"], "-1 is no number"), (["--seed", "20", "--faults", "3x"], "3x is no number"),
         (["--seed", "99999999999999999999"], "is no number"), (["--seed", "1", "more"], "sim --seed N"))

for words, said in CASES:
    done = subprocess.run([sys.argv[1], *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and said in done.stderr and not done.stdout, (words, done)
