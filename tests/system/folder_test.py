"""Bad folders, bad files, no room (issue, "Bad input gets"): each says in a sentence what is wrong and what comes next, with the
status of the table, and leaves nothing half done. Damage on a client costs nothing that had not been sent."""
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import unittest
from district import District, Seat, district, run, wait_for, BANYAN, BANYAND, ENVIRONMENT


def raise_version(path):
    with sqlite3.connect(path) as db:
        version, = db.execute("PRAGMA user_version").fetchone()
        db.execute(f"PRAGMA user_version = {version + 1}")
    db.close()
    return version


def damage(path, first=1, pages=None):
    """Overwrites pages from the second one on: the header stays, the content does not."""
    data = bytearray(path.read_bytes())
    size = int.from_bytes(data[16:18], "big") or 65536
    last = len(data) // size if pages is None else first + pages
    for page in range(first, min(last, len(data) // size)):
        data[page * size:(page + 1) * size] = os.urandom(size)
    path.write_bytes(data)


def checkpoint(path):
    db = sqlite3.connect(path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def files_of(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and not p.name.endswith((".lock", "-shm", "-wal"))}


def as_nobody(words, status=None, **more):
    """As an account that may not write where it likes; root may everything."""
    def lower():
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, stdin=subprocess.DEVNULL, preexec_fn=lower,
                          env={**ENVIRONMENT, "ASAN_OPTIONS": "detect_leaks=0"}, timeout=60, **more)
    return done


class Case(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def fails(self, done, *says):
        self.assertEqual(done.status, 1, done)
        self.assertEqual(done.out, "")
        for text in says:
            self.assertIn(text, done.err)
        return done


class Server(Case):
    def test_a_port_in_use(self):
        other = District(branches=())
        self.addCleanup(other.close)
        done = run([BANYAND, "serve", "--data", other.data, "--listen", self.d.address], status=1)
        self.fails(done, self.d.address, "in use", "--listen")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            where = "127.0.0.1:%d" % taken.getsockname()[1]
            self.fails(run([BANYAND, "serve", "--data", other.data, "--listen", where], status=1), where)
        for nonsense in ("nowhere", "127.0.0.1:99999", "127.0.0.1", ":::", "1.2.3.4.5:1"):
            self.assertNotEqual(run([BANYAND, "serve", "--data", other.data, "--listen", nonsense], status=None).status, 0)

    def test_a_second_serve_on_the_folder(self):
        self.fails(self.d("serve", "--listen", "127.0.0.1:0", status=1), str(self.d.data), "already")
        self.d.join("QH001", "union_chair").sync()  # the first goes on
        for words in (["branch", "list"], ["seat", "list"], ["overview"], ["verify"]):
            self.d(*words)

    def test_the_database_is_gone(self):
        """Keys and control journal are there: a district, over which nobody is to make another."""
        backup = self.d.base / "backup.db"
        self.d("backup", backup)
        self.d.stop()
        for name in ("banyan.db", "banyan.db-wal", "banyan.db-shm"):
            (self.d.data / name).unlink(missing_ok=True)
        for words in (["serve", "--listen", "127.0.0.1:0"], ["verify"], ["overview"], ["backup", self.d.base / "another.db"]):
            done = self.fails(self.d(*words, status=1), "banyan.db", "control journal is here", "banyand restore")
            self.assertNotIn("banyand init", done.err)
        self.d("restore", backup)
        self.d.serve()

    def test_a_folder_of_a_newer_version(self):
        self.d.stop()
        version = raise_version(self.d.data / "banyan.db")
        before = files_of(self.d.data)
        for words in (["serve", "--listen", "127.0.0.1:0"], ["branch", "list"], ["verify"], ["invite", "--branch", "QH001", "--role", "accountant", "--name", "x"]):
            self.fails(self.d(*words, status=1), "newer")
        self.assertEqual(files_of(self.d.data), before)
        with sqlite3.connect(self.d.data / "banyan.db") as db:
            db.execute(f"PRAGMA user_version = {version}")
        db.close()
        self.d.serve()

    def test_a_folder_of_an_older_layout(self):
        """Version 1 did not say which of two layouts it was: the one that is still read goes on, the other is refused, not half used."""
        backup = self.d.base / "backup.db"
        self.d("backup", backup)
        self.d.stop()
        path = self.d.data / "banyan.db"
        with sqlite3.connect(path) as db:
            self.assertEqual(db.execute("PRAGMA user_version").fetchone(), (3,))
            db.execute("PRAGMA user_version = 1")
        db.close()
        self.d.serve()
        self.d.stop()
        for file in (path, backup):
            with sqlite3.connect(file) as db:
                self.assertEqual(db.execute("PRAGMA user_version").fetchone(), (3,), "it says so from now on")
                db.executescript("DROP TABLE run; CREATE TABLE run(incarnation INTEGER NOT NULL, n INTEGER NOT NULL, g INTEGER NOT NULL,"
                                 " count INTEGER NOT NULL, PRIMARY KEY(incarnation, n)) WITHOUT ROWID; PRAGMA user_version = 1")
            db.close()
        before = files_of(self.d.data)
        for words in (["serve", "--listen", "127.0.0.1:0"], ["branch", "list"], ["overview"], ["verify"]):
            self.fails(self.d(*words, status=1), "older version of Banyan", "use the program that wrote")
        self.assertEqual(files_of(self.d.data), before)
        folder = self.d.base / "restored"
        self.fails(run([BANYAND, "restore", "--data", folder, backup], status=1), "older version of Banyan")
        self.assertFalse(folder.exists())

    def test_a_folder_that_is_not_ours(self):
        folder = self.d.base / "foreign"
        folder.mkdir()
        with sqlite3.connect(folder / "banyan.db") as db:
            db.execute("CREATE TABLE recipes(name TEXT)")
        db.close()
        before = files_of(folder)
        self.fails(run([BANYAND, "serve", "--data", folder, "--listen", "127.0.0.1:0"], status=1), str(folder), "not Banyan's")
        self.fails(run([BANYAND, "init", "--data", folder, "--name", "x", "--host", "127.0.0.1"], status=1), str(folder))
        self.assertEqual(files_of(folder), before)
        (folder / "banyan.db").write_text("a text\n" * 1000)
        self.fails(run([BANYAND, "branch", "list", "--data", folder], status=1), str(folder))
        self.fails(run([BANYAND, "serve", "--data", self.d.base / "missing"], status=1), "missing", "init")

    def test_a_damaged_database(self):
        self.d.join("QH001", "union_chair").sync()
        self.d.stop()
        checkpoint(self.d.data / "banyan.db")
        damage(self.d.data / "banyan.db")
        for words in (["serve", "--listen", "127.0.0.1:0"], ["verify"], ["branch", "list"]):
            self.fails(self.d(*words, status=1), str(self.d.data), "restore")

    def test_a_torn_control_journal(self):
        """Half a record at its end is of a crash and is left out; anything else is damage."""
        self.d.join("QH001", "union_chair")
        self.d.stop()
        journal = self.d.data / "control.journal"
        whole = journal.read_bytes()
        journal.write_bytes(whole + whole[-20:-7])
        self.d.serve()
        self.d.join("QH001", "accountant").sync()
        self.d.stop()
        journal.write_bytes(b"\x00" * 64 + whole[64:])
        self.fails(self.d("serve", "--listen", "127.0.0.1:0", status=1), str(self.d.data))

    def test_no_control_journal(self):
        """The database is there: no new district is to be made over it."""
        self.d("backup", self.d.base / "b1")
        self.d.stop()
        journal = self.d.data / "control.journal"
        journal.unlink()
        for words in (["serve", "--listen", "127.0.0.1:0"], ["backup", self.d.base / "b2"], ["verify"],
                      ["invite", "--branch", "QH001", "--role", "accountant", "--name", "x"]):
            done = self.fails(self.d(*words, status=1), str(self.d.data), "control.journal", "is missing", "from the newest backup", "section 4")
            for false in ("init", "no district", "everything fits"):
                self.assertNotIn(false, done.err, words)
        self.assertFalse((self.d.base / "b2").exists())
        self.d("restore", self.d.base / "b1")  # what it says
        self.assertTrue(journal.exists())
        self.d("verify")

    def test_a_backup_of_another_district_says_so(self):
        with district(branches=(("YQ001", "青禾区云雀幼儿园工会"),)) as other:
            other("backup", self.d.base / "theirs")
        self.d.stop()
        before = {p.name: p.read_bytes() for p in self.d.data.iterdir() if p.is_file()}
        said = self.fails(self.d("restore", self.d.base / "theirs", status=1), "another district, 青禾区教育工会 (QH)", "empty folder")
        self.assertNotIn("older one", said.err)
        self.assertEqual({p.name: p.read_bytes() for p in self.d.data.iterdir() if p.is_file()}, before)
        self.assertEqual([p.name for p in self.d.data.iterdir() if p.is_dir()], [])

    def test_backup_and_restore_name_what_is_wrong(self):
        self.d("backup", self.d.base / "b1")
        nowhere = self.d.base / "nowhere"
        done = self.fails(self.d("backup", nowhere / "x", status=1), f"{nowhere}/x", f"there is no folder {nowhere}")
        self.assertNotIn("district here", done.err)
        self.d.stop()
        done = self.fails(self.d("restore", nowhere / "x", status=1), f"{nowhere}/x: there is no such file", "banyand backup wrote")
        self.assertNotIn("init", done.err)
        self.fails(run([BANYAND, "restore", "--data", nowhere / "district", self.d.base / "b1"], status=1), f"{nowhere}/district", "is not there")
        text, table = self.d.base / "text", self.d.base / "recipes.db"
        text.write_text("a text\n" * 1000)
        with sqlite3.connect(table) as db:
            db.execute("CREATE TABLE recipes(name TEXT)")
        db.close()
        for file in (text, table):
            done = self.fails(self.d("restore", file, status=1), f"{file}: this is no backup")
            self.assertNotIn("--data", done.err)
        self.d("verify")

    def test_init_twice_and_where_one_may_not(self):
        deep = self.d.base / "not" / "there" / "yet"
        run([BANYAND, "init", "--data", deep, "--name", "x", "--host", "127.0.0.1"])
        self.assertEqual((deep / "ca.key").stat().st_mode & 0o777, 0o600)
        self.fails(run([BANYAND, "init", "--data", self.d.data, "--name", "x", "--host", "127.0.0.1"], status=1), str(self.d.data))
        self.d("branch", "list")
        closed = self.d.base / "closed"
        closed.mkdir()
        os.chmod(self.d.base, 0o755)
        os.chmod(closed, 0o555)
        done = as_nobody([BANYAND, "init", "--data", closed / "district", "--name", "x", "--host", "127.0.0.1"])
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(closed), done.stderr)
        self.assertEqual(list(closed.iterdir()), [])

    def test_keys_that_are_missing_or_open(self):
        self.d.stop()
        key = self.d.data / "server.key"
        kept = key.read_bytes()
        key.unlink()
        self.fails(self.d("serve", "--listen", "127.0.0.1:0", status=1), str(self.d.data))
        key.write_bytes(b"no key\n")
        os.chmod(key, 0o600)
        self.fails(self.d("serve", "--listen", "127.0.0.1:0", status=1))
        key.write_bytes(kept)
        self.d.serve()

    def test_branches_by_file(self):
        good, bad = self.d.base / "good.csv", self.d.base / "bad.csv"
        good.write_text("代码,名称\nQH101,青禾区七色桥幼儿园工会\nQH102,青禾区橡果幼儿园工会\n")
        self.d("branch", "import", good)
        self.assertEqual([o["code"] for o in self.d("branch", "list", "--json").json], ["QH", "QH001", "QH101", "QH102"])
        bad.write_text("code,name\nQH103,好\nQH103,重复\n,没有代码\n")
        self.fails(self.d("branch", "import", bad, status=1), "3", "4")
        self.assertEqual(len(self.d("branch", "list", "--json").json), 4)  # nothing half done
        self.fails(self.d("branch", "import", self.d.base / "none.csv", status=1), "none.csv")
        self.fails(self.d("branch", "add", "--code", "QH001", "--name", "又一个", status=1), "QH001")
        self.fails(self.d("branch", "add", "--code", "QH200", "--name", "x", "--parent", "NONE", status=1))


class Client(Case):
    def setUp(self):
        super().setUp()
        self.seat = self.d.join("QH001", "union_chair", "王敏")
        self.members = [self.seat.add("member", f"name=会员{n}", "note=" + "字" * 200) for n in range(20)]
        self.seat.sync()

    def test_nobody_has_joined(self):
        folder = self.d.base / "nobody"
        for words in (["status"], ["list", "member"], ["sync"], ["sync", "--watch"], ["add", "member", "name=x"], ["attention"]):
            self.fails(run([BANYAN, *words, "--data", folder], status=1), str(folder), "join")
        self.assertFalse(folder.exists())

    def test_a_newer_version(self):
        raise_version(self.seat.folder / "banyan.db")
        before = files_of(self.seat.folder)
        for words in (["status"], ["add", "member", "name=x"], ["sync"]):
            self.fails(self.seat(*words, status=1), str(self.seat.folder), "newer")
        self.assertEqual(files_of(self.seat.folder), before)

    def test_not_ours(self):
        for content in (b"a text\n" * 1000, None):
            (self.seat.folder / "banyan.db").unlink()
            for extra in self.seat.folder.glob("banyan.db-*"):
                extra.unlink()
            if content:
                (self.seat.folder / "banyan.db").write_bytes(content)
            else:
                with sqlite3.connect(self.seat.folder / "banyan.db") as db:
                    db.execute("CREATE TABLE recipes(name TEXT)")
                db.close()
            before = (self.seat.folder / "banyan.db").read_bytes()
            done = self.seat("status", status=1)
            self.assertIn(str(self.seat.folder), done.err)
            kept = [p for p in self.seat.folder.glob("banyan.db*") if p.read_bytes() == before]
            self.assertTrue(kept, "it is left as it is, or set aside")

    def test_damaged_beyond_repair(self):
        checkpoint(self.seat.folder / "banyan.db")
        damage(self.seat.folder / "banyan.db")
        before = (self.seat.folder / "banyan.db").read_bytes()
        done = self.seat("status", status=1)
        self.assertIn(str(self.seat.folder), done.err)
        self.assertIn(before, [p.read_bytes() for p in self.seat.folder.glob("banyan.db*")])

    def test_an_unwritable_folder(self):
        closed = self.d.base / "closed"
        closed.mkdir()
        os.chmod(self.d.base, 0o755)
        os.chmod(closed, 0o555)
        code = self.d.invite("QH001", "accountant", "陈晨")
        done = as_nobody([BANYAN, "join", code, "--data", closed / "seat"])
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(closed), done.stderr)
        self.assertEqual(list(closed.iterdir()), [])
        run([BANYAN, "join", code, "--data", self.d.base / "good"])  # not spent

    def limited(self, size, *words):
        """The command with files that may not grow beyond that size: what a full disk does, without being root."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        done = subprocess.run([BANYAN, *map(str, words), "--data", str(self.seat.folder)], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              preexec_fn=limit, env=ENVIRONMENT, timeout=60)
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def test_a_full_disk_on_the_device(self):
        checkpoint(self.seat.folder / "banyan.db")
        before = self.seat.json("list", "member")
        failed = 0
        for size in (0, 4096, 16384, 40000):
            done = self.limited(size, "add", "member", "name=放不下", "note=" + "字" * 4000)
            self.assertIn(done.returncode, (0, 1))
            failed += done.returncode
            if done.returncode == 1:
                self.assertEqual(done.stdout, "")
                self.assertTrue("full" in done.stderr or "written" in done.stderr, done.stderr)
        self.assertGreaterEqual(failed, 2)
        saved = [m for m in self.seat.json("list", "member") if m["name"] == "放不下"]
        self.assertEqual(len(saved), 4 - failed)
        self.assertEqual(len(self.seat.json("list", "member")), len(before) + len(saved))
        self.seat.sync()
        self.seat.add("member", "name=放得下")
        self.seat.sync()
        self.assertEqual(self.d.overview()["totals"]["member.total"], len(before) + len(saved) + 1)

    def test_a_full_disk_while_syncing(self):
        other = self.d.join("QH001", "committee_member", "李静")
        for n in range(10):
            other.add("member", f"name=别人{n}", "note=" + "字" * 3000)
        other.sync()
        checkpoint(self.seat.folder / "banyan.db")
        done = self.limited(8192, "sync")
        self.assertIn(done.returncode, (1, 3))
        self.assertTrue("full" in done.stderr or "written" in done.stderr, done.stderr)
        self.seat.sync()
        self.assertEqual(len(self.seat.json("list", "member")), 30)

    def test_a_full_disk_at_the_server(self):
        """The server's commit fails: the client keeps its queue and goes on when there is room."""
        self.d.stop()
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (400000, 400000))
        err = open(self.d.base / "full.err", "ab")
        server = subprocess.Popen([BANYAND, "serve", "--data", str(self.d.data), "--listen", self.d.address], stdout=subprocess.PIPE, stderr=err,
                                  stdin=subprocess.DEVNULL, preexec_fn=limit, env=ENVIRONMENT)
        try:
            server.stdout.readline()
            for n in range(40):
                self.seat.add("member", f"name=大{n}", "note=" + "字" * 8000)
            done = self.seat("sync", status=None)
            self.assertNotEqual(done.status, 0)
            self.assertIn("The server cannot write to its disk", done.err)
            self.assertGreater(self.seat.json("status")["queued"], 0)
            self.assertIn("the server cannot write: the disk is full", self.d("overview").err)
        finally:
            server.terminate()
            server.wait(30)
            server.stdout.close()
            err.close()
        self.assertNotIn("Sanitizer", (self.d.base / "full.err").read_text())
        self.d.serve()
        self.seat.sync()
        self.assertEqual(self.d.overview()["totals"]["member.total"], 60)
        self.assertNotIn("cannot write", self.d("overview").err)
        self.d("verify")


class KeyFiles(Case):
    """A seat's own files go or are damaged: what is lost, what is not, what to do next; put back, all goes on."""

    def setUp(self):
        super().setUp()
        self.seat = self.d.join("QH001", "union_chair")
        self.seat.sync()
        self.member = self.seat.add("member", "name=刘芳")

    def test_a_certificate_or_key_is_missing_or_bad(self):
        other = self.d.join("QH001", "accountant")
        for name, content in (("cert.pem", None), ("key.pem", None), ("key.pem", b"rubbish\n"), ("key.pem", (other.folder / "key.pem").read_bytes()),
                              ("ca.pem", None)):
            file = self.seat.folder / name
            before = file.read_bytes()
            file.unlink()
            if content is not None:
                file.write_bytes(content)
                file.chmod(0o600)
            for said in (self.seat.sync(status=None).err, self.seat("status").out):
                self.assertIn(f"Missing or damaged in {self.seat.folder}: {name}.", said, (name, content))
                self.assertIn("colleague" if name == "ca.pem" else "new invitation", said)
            self.assertEqual(self.seat.record("member", self.member)["sync"], "queued")
            file.unlink(missing_ok=True)
            file.write_bytes(before)
            file.chmod(0o600)
        self.assertNotIn("Missing", self.seat("status").out)
        (self.seat.folder / "cert.pem").write_bytes(b"")  # a session key may do without it for a while
        self.assertIn(f"Missing or damaged in {self.seat.folder}: cert.pem.", self.seat("status").out)
        self.assertIn(f"Missing or damaged in {self.seat.folder}: cert.pem.", self.seat.json("status")["key_files"])
        self.seat.sync()
        self.assertEqual(self.seat.record("member", self.member)["sync"], "confirmed")

    def test_the_database_is_gone_and_the_keys_are_there(self):
        for path in self.seat.folder.glob("banyan.db*"):
            path.unlink()
        said = self.fails(self.seat("status", status=1), "banyan.db", "is gone", "What was sent is on the server", "new invitation").err
        self.assertNotIn("Nobody has joined", said)


if __name__ == "__main__":
    unittest.main()
