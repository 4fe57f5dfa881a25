"""deploy/drill.sh: a backup while serving, the machine lost, a restore; nothing is missing. And it notices where something is."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
from district import BANYAN, BANYAND, ENVIRONMENT

SCRIPT = pathlib.Path(__file__).parents[2] / "deploy/drill.sh"


class Drill(unittest.TestCase):
    def setUp(self):
        self.bin = pathlib.Path(tempfile.mkdtemp(prefix="banyan-test-"))
        self.addCleanup(shutil.rmtree, self.bin)
        (self.bin / "banyan").symlink_to(BANYAN)
        (self.bin / "banyand").symlink_to(BANYAND)
        (self.bin / "tmp").mkdir()

    def run_drill(self):
        return subprocess.run([SCRIPT, "600"], capture_output=True, text=True, timeout=700,
                              env={**ENVIRONMENT, "PATH": f"{self.bin}:{os.environ['PATH']}", "TMPDIR": str(self.bin / "tmp")})

    def test_nothing_is_missing(self):
        done = self.run_drill()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("the drill passed: nothing is missing", done.stdout)
        self.assertIn("dues_payment 22\n", done.stdout)
        self.assertIn("fen 25300\n", done.stdout)  # 1 + 2 + ... + 22 yuan
        self.assertEqual(list((self.bin / "tmp").iterdir()), [])

    def test_it_is_installed(self):
        """Handbook and README speak of it: it comes with the programs."""
        prefix = self.bin / "usr"
        subprocess.run(["cmake", "--install", pathlib.Path(BANYAN).parent, "--prefix", prefix], check=True, capture_output=True)
        for name in ("banyan", "banyand", "banyan-drill", "banyan-backup-drill"):
            self.assertTrue(os.access(prefix / "bin" / name, os.X_OK), name)
        for name in ("HANDBOOK.md", "README.md", "systemd/banyand.service"):
            self.assertTrue((prefix / "share/doc/banyan" / name).exists(), name)
        self.assertEqual((prefix / "bin/banyan-drill").read_text(), SCRIPT.read_text())

    def test_it_notices_what_is_lost(self):
        """What only the devices held goes with the machine."""
        (self.bin / "banyand").unlink()
        forget = "import sqlite3,sys;d=sqlite3.connect(sys.argv[1]);d.execute('DELETE FROM kept');d.execute('DELETE FROM outbox');d.commit()"
        (self.bin / "banyand").write_text(f"#!/bin/bash\nif [ $1 = restore ]; then for s in chair accountant; do python3 -c \"{forget}\" "
                                          f"\"$3/../$s/banyan.db\"; done; fi\nexec {BANYAND} \"$@\"\n")
        (self.bin / "banyand").chmod(0o755)
        done = self.run_drill()
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("the drill failed", done.stderr)
        self.assertIn("< fen 25300", done.stdout)
        self.assertEqual(list((self.bin / "tmp").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
