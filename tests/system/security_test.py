"""Security from the first day (architecture.md section 6; rights.md; sync rules 31, 32): joining, whose server and whose
certificate, revoking and suspending in mid-connection, the end of a revoked seat, who may invite whom, and that nobody holds a byte
that its roles may not read."""
import os
import shutil
import socket
import stat
import threading
import unittest
from district import District, Seat, district, run, wait_for, BANYAN, DATA, asked_for

BRANCHES = (("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"))


def bytes_of(folder):
    """Everything that stands in a folder, databases with what has not been checkpointed yet."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


class Case(unittest.TestCase):
    def setUp(self):
        context = district(branches=BRANCHES)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def join(self, code, folder, status=0):
        return run([BANYAN, "join", "-", "--data", folder], stdin=code + "\n", status=status)

    def refused_to_join(self, code, folder, *says):
        done = self.join(code, folder, status=1)
        for text in says:
            self.assertIn(text, done.err)
        if len(code) > 20:
            self.assertNotIn(code, done.err + done.out)  # a code is a secret
        self.assertFalse((folder / "banyan.db").exists())
        return done


class Joining(Case):
    def test_a_used_code(self):
        code = self.d.invite("QH001", "union_chair")
        self.join(code, self.d.base / "first")
        self.refused_to_join(code, self.d.base / "second", "used")
        self.assertEqual(len(self.d("seat", "list", "--json").json), 1)

    def test_a_wrong_code(self):
        code = self.d.invite("QH001", "union_chair")
        middle = len(code) // 2
        other = code[:middle] + ("A" if code[middle] != "A" else "B") + code[middle + 1:]
        for wrong in (other, code[:-3], "hello", "", "１２３"):
            self.refused_to_join(wrong, self.d.base / "wrong", "ode")
        self.join("  " + code[:10] + " \t" + code[10:] + "  ", self.d.base / "right")  # as it is copied from a chat

    def test_a_code_of_a_district_that_knows_it_not(self):
        """A right code whose secret the server has never heard of: another database behind the same certificate authority."""
        code = self.d.invite("QH001", "union_chair")
        self.d.stop()
        for name in ("banyan.db", "control.journal"):
            shutil.copy(self.d.data / name, self.d.base / name)
        code2 = self.d.invite("QH001", "union_chair")
        for name in ("banyan.db-wal", "banyan.db-shm"):
            (self.d.data / name).unlink(missing_ok=True)
        for name in ("banyan.db", "control.journal"):
            shutil.copy(self.d.base / name, self.d.data / name)
        self.d.serve()
        self.refused_to_join(code2, self.d.base / "unknown", "does not know this code")
        self.join(code, self.d.base / "known")

    def test_an_expired_code(self):
        from clock_test import days
        code = self.d.invite("QH001", "union_chair", days=1)
        self.d.stop()
        self.d.serve(env=days(2))
        done = run([BANYAN, "join", "-", "--data", self.d.base / "late"], stdin=code + "\n", env=days(2), status=1)
        self.assertIn("expired", done.err)
        # a device whose clock is behind does not know it; the server does
        self.refused_to_join(code, self.d.base / "late", "expired")

    def test_a_folder_that_has_a_seat(self):
        seat = self.d.join("QH001", "union_chair")
        code = self.d.invite("QH001", "accountant", "陈晨")
        done = self.join(code, seat.folder, status=1)
        self.assertIn(str(seat.folder), done.err)
        self.join(code, self.d.base / "other")  # the code was not spent on it

    def test_nobody_there(self):
        code = self.d.invite("QH001", "union_chair")
        self.d.stop()
        self.refused_to_join(code, self.d.base / "later", self.d.address)
        self.d.serve()
        self.join(code, self.d.base / "later")

    def test_the_answer_was_lost(self):
        """Cut off after the request: the same code and device ask again and get the same seat."""
        code = self.d.invite("QH001", "union_chair")
        folder = self.d.base / "cut"
        for moment in (0.06, 0.12, 0.2):
            process = __import__("subprocess").Popen([BANYAN, "join", code, "--data", str(folder)], stdout=-3, stderr=-3, stdin=-3,
                                                     env=__import__("district").ENVIRONMENT)
            try:
                process.wait(moment)
            except __import__("subprocess").TimeoutExpired:
                process.kill()
                process.wait()
        if not (folder / "banyan.db").exists():
            self.join(code, folder)
        self.assertEqual(len(self.d("seat", "list", "--json").json), 1)
        Seat(self.d, folder).sync()

    def test_the_code_as_an_argument(self):
        code = self.d.invite("QH001", "union_chair")
        run([BANYAN, "join", code, "--data", self.d.base / "argument"])

    def test_files_are_for_the_owner_alone(self):
        seat = self.d.join("QH001", "union_chair")
        seat.add("member", "name=刘芳")
        for folder in (seat.folder, self.d.data):
            self.assertEqual(stat.S_IMODE(folder.stat().st_mode) & 0o077, 0, folder)
            for path in folder.iterdir():
                self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        self.d("backup", self.d.base / "copy.backup")
        for path in self.d.base.glob("copy.backup*"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)


class Strangers(Case):
    def other_district(self):
        other = District(name="云溪区教育工会", branches=BRANCHES)
        self.addCleanup(other.close)
        return other.serve()

    def test_a_server_that_is_not_the_pinned_one(self):
        """The address of the code leads to another district's server: nothing is told to it."""
        other = self.other_district()
        code = self.d.invite("QH001", "union_chair")
        self.d.stop()
        other.stop()
        other.serve(listen=self.d.address)
        self.refused_to_join(code, self.d.base / "pinned", "not the server that the code names")
        self.assertEqual(other("seat", "list", "--json").json, [])

    def test_a_seat_meets_another_districts_server(self):
        other = self.other_district()
        seat = self.d.join("QH001", "union_chair")
        seat.add("member", "name=刘芳")
        self.d.stop()
        other.stop()
        other.serve(listen=self.d.address)
        done = seat("sync", status=None)
        self.assertIn(done.status, (1, 3))
        self.assertIn("certificate", done.err)
        self.assertEqual(seat.json("status")["queued"], 1)
        self.assertEqual(other.overview()["totals"].get("member.total", 0), 0)
        other.stop()
        self.d.serve()
        seat.sync()

    def test_another_districts_certificate(self):
        """A seat of another district dials this one, trusting it: the server does not trust the seat."""
        other = self.other_district()
        stranger = other.join("QH001", "union_chair", "外人")
        stranger.add("member", "name=外人")
        shutil.copy(self.d.data / "ca.pem", stranger.folder / "ca.pem")
        for name in stranger.folder.glob("*psk*"):
            name.unlink()
        other.stop()
        import sqlite3
        with sqlite3.connect(stranger.folder / "banyan.db") as db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'server'", (self.d.address,))
            db.execute("DELETE FROM meta WHERE key LIKE 'psk%'")
        db.close()
        done = stranger("sync", status=None)
        self.assertIn(done.status, (1, 3))
        self.assertTrue(done.err)
        self.assertEqual(stranger.json("status")["queued"], 1)
        self.assertEqual(self.d.overview()["totals"].get("member.total", 0), 0)

    def test_noise_on_the_port(self):
        host, port = self.d.address.rsplit(":", 1)
        for noise in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 70000, b"SSH-2.0-x\r\n", os.urandom(4096), b""):
            with socket.create_connection((host, int(port)), 5) as s:
                s.settimeout(20)
                try:
                    s.sendall(noise)
                    s.shutdown(socket.SHUT_WR)
                    while s.recv(4096):
                        pass
                except OSError:
                    pass
        self.d.join("QH001", "union_chair").sync()

    def test_a_server_that_speaks_another_protocol(self):
        seat = self.d.join("QH001", "union_chair")
        self.d.stop()
        host, port = self.d.address.rsplit(":", 1)
        listener = socket.create_server((host, int(port)))

        def answer():
            while True:
                try:
                    s, _ = listener.accept()
                except OSError:
                    return
                with s:
                    s.recv(4096)
                    s.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        done = seat("sync", status=None)
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        self.assertIn(done.status, (1, 3))
        self.assertTrue(done.err)


class Revoking(Case):
    def setUp(self):
        super().setUp()
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.seat = self.d.join("QH001", "committee_member", "李静")
        self.number = self.seat.json("status")["seat"]

    def is_wiped(self, seat):
        """Nothing of the records is left on the device."""
        self.assertFalse((seat.folder / "banyan.db").exists())
        if seat.folder.exists():
            self.assertNotIn("刘芳".encode(), bytes_of(seat.folder))
            self.assertFalse(any(seat.folder.glob("key.pem")))

    def test_a_revoked_seat_hands_over_and_is_wiped(self):
        self.seat.add("member", "name=刘芳")
        self.seat.sync()
        self.seat.add("member", "name=没送出")
        said = self.d("seat", "revoke", self.number).err
        self.assertIn("0", said)  # what it last reported
        self.assertIn("ended this seat", self.seat.sync(status=1).err)
        self.is_wiped(self.seat)
        self.assertEqual(self.d.overview()["totals"]["member.total"], 1)  # handed over, not taken
        self.chair.sync()
        self.assertEqual([m["name"] for m in self.chair.json("list", "member")], ["刘芳"])
        self.d("verify")
        self.seat("status", status=1)

    def test_the_chair_revokes_and_suspends_in_the_own_branch_alone(self):
        neighbour = self.d.join("QH002", "union_chair", "周平")
        officer = self.d.join("QH", "district_officer", "张丽")
        others = neighbour.json("status")["seat"]
        for what in ("revoke", "suspend", "resume"):
            self.assertTrue(self.chair("seat", what, others, status=1).err)
            self.assertTrue(self.seat("seat", what, others, status=1).err)  # a committee member: nobody's
            self.assertTrue(self.chair("seat", what, officer.json("status")["seat"], status=1).err)
        self.assertTrue(self.seat("seat", "list", status=1).err)
        self.chair("seat", "suspend", self.number)
        self.assertTrue(self.seat("sync", status=None).status)
        self.chair("seat", "resume", self.number)
        self.seat.sync()
        officer("seat", "suspend", others)
        self.assertTrue(neighbour("sync", status=None).status)
        officer("seat", "resume", others)
        neighbour.sync()
        self.chair("seat", "revoke", self.number)
        self.seat("sync", status=None)
        self.is_wiped(self.seat)
        self.assertTrue(self.chair("seat", "resume", self.number, status=1).err)  # gone for good
        self.assertTrue(self.d("seat", "resume", self.number, status=1).err)

    def test_suspended_while_an_agent_is_connected_and_resumed(self):
        agent = self.seat.watch()
        self.d("seat", "suspend", self.number)
        wait_for(lambda: not self.seat.json("status")["connected"], "cut off without any frame of its own")
        member = self.seat.add("member", "name=照常登记")
        self.assertEqual(self.seat.json("status")["queued"], 1)
        wait_for(lambda: self.seat.json("status")["suspended"], "the agent learns why")
        self.assertIsNone(agent.popen.poll())
        self.assertIn("suspended", self.seat("status").out)
        self.chair.sync()
        self.assertEqual(self.chair.json("list", "member"), [])
        self.d("seat", "resume", self.number)
        self.seat.sync()  # it would go on by itself within a minute or two; a person may wake it
        self.assertEqual(self.seat.record("member", member)["sync"], "confirmed")
        self.assertFalse(self.seat.json("status")["suspended"])

    def test_a_suspended_seats_round_says_so(self):
        self.seat.add("member", "name=刘芳")
        self.d("seat", "suspend", self.number)
        done = self.seat("sync", status=None)
        self.assertIn(done.status, (1, 3))
        self.assertIn("suspended", done.err)
        self.assertEqual(self.seat.json("status")["queued"], 1)
        self.d("seat", "resume", self.number)
        self.seat.sync()
        self.assertEqual(self.d.overview()["totals"]["member.total"], 1)

    def test_a_psk_dies_with_its_seat(self):
        """A reconnect by the derived key is no way around a revoke."""
        for _ in range(3):
            self.seat.sync()
        copy = self.seat.copy("thief")
        self.d("seat", "revoke", self.number)
        copy.add("member", "name=偷")
        copy("sync", status=None)
        self.assertEqual(self.d.overview()["totals"].get("member.total", 0), 0)


class Inviting(Case):
    def test_who_may_invite_whom(self):
        chair = self.d.join("QH001", "union_chair", "王敏")
        member = self.d.join("QH001", "committee_member", "李静")
        officer = self.d.join("QH", "district_officer", "张丽")
        finance = self.d.join("QH", "district_finance", "周平")

        def invites(seat, role, branch=None, status=0):
            done = seat("invite", "--role", role, "--name", "新人", *(["--branch", branch] if branch else []), status=status)
            self.assertEqual(bool(done.out.strip()), status == 0)
            self.assertEqual(bool(done.err), status != 0)
            return done.out.strip()

        joined = self.d.base / "by-chair"
        self.join(invites(chair, "accountant"), joined)
        self.assertEqual(run([BANYAN, "status", "--json", "--data", joined]).json["branch"], "QH001")
        invites(chair, "accountant", "QH001")
        for branch, role in (("QH002", "accountant"), ("QH", "district_officer"), ("QH404", "accountant")):
            invites(chair, role, branch, status=1)
        invites(chair, "district_officer", status=1)
        for seat in (member, finance):
            invites(seat, "accountant", "QH001", status=1)
        joined = self.d.base / "by-officer"
        self.join(invites(officer, "union_chair", "QH002"), joined)
        self.assertEqual(run([BANYAN, "status", "--json", "--data", joined]).json["branch"], "QH002")
        invites(officer, "district_finance")
        invites(officer, "union_chair", status=1)
        invites(officer, "accountant,audit_member", "QH001", status=2)
        self.d.stop()
        invites(chair, "accountant", status=1)


SECRETS = {"id_number": "990101198506120024", "mobile": "10055667788", "birth_date": "1985-06-12"}
CHANGED = {"id_number": "990103200001012282", "mobile": "10099887766", "birth_date": "2000-01-01"}


class Reading(Case):
    """What a database file holds, byte by byte: rows, log entries, shadows, conflict records."""

    def setUp(self):
        super().setUp()
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.second = self.d.join("QH001", "committee_member", "李静")
        self.accountant = self.d.join("QH001", "accountant", "陈晨")
        self.neighbour = self.d.join("QH002", "union_chair", "周平")
        self.officer = self.d.join("QH", "district_officer", "张丽")
        self.finance = self.d.join("QH", "district_finance", "吴刚")

    def write(self):
        member = self.chair.add("member", "name=刘芳甲", "id_type=111", *(f"{k}={v}" for k, v in SECRETS.items()))
        self.chair.sync()
        self.second.sync()
        for seat, mobile in ((self.chair, "10011110000"), (self.second, "10022220000")):
            seat("set", "member", member, f"mobile={mobile}")
        self.chair("set", "member", member, f"id_number={CHANGED['id_number']}", f"birth_date={CHANGED['birth_date']}")
        self.chair.sync()
        self.second.sync(status=4)
        return member

    def holds_none(self, folder, *texts):
        held = bytes_of(folder)
        for text in texts:
            self.assertNotIn(text.encode(), held, text)

    def test_a_branch_holds_nothing_of_another(self):
        member = self.write()
        plan = self.chair.add("work_plan", "title=小苗圃的计划", "period=2026-1", "guiding_text=本园内部")
        self.chair.sync(status=4)
        self.neighbour.add("member", "name=云雀人")
        self.neighbour.sync()
        self.assertEqual([m["name"] for m in self.neighbour.json("list", "member")], ["云雀人"])
        for words in (["list", "member", "--branch", "QH001"], ["show", "member", member, "--branch", "QH001"],
                      ["show", "work_plan", plan, "--branch", "QH001"], ["overview", "--branch", "QH001"], ["show", "member", member]):
            self.assertNotIn("刘芳甲", self.neighbour(*words, status=1).out)
        self.neighbour("history", "member", member, status=1)
        board = self.neighbour.json("overview")
        self.assertEqual([b["code"] for b in board["branches"]], ["QH002"])
        self.holds_none(self.neighbour.folder, "刘芳甲", "小苗圃的计划", "本园内部", "王敏", member.replace("-", ""), *SECRETS.values())
        self.assertNotIn(bytes.fromhex(member.replace("-", "")), bytes_of(self.neighbour.folder))

    def test_the_district_sees_records_without_sensitive_fields_and_finance_sums(self):
        member = self.write()
        seen, = self.officer.json("list", "member", "--branch", "QH001")
        self.assertEqual((seen["id"], seen["name"]), (member, "刘芳甲"))
        for field in (*SECRETS, "id_type"):
            self.assertNotIn(field, seen)
        self.assertEqual(self.officer.json("show", "member", member[:13], "--branch", "QH001")["id"], member)
        self.assertEqual(self.officer.json("list", "member", "--branch", "QH002"), [])
        self.assertTrue(self.officer("list", "member", "--branch", "QH404", status=1).err)
        self.assertTrue(self.officer("set", "member", member, "note=区里改", status=1).err)
        self.assertTrue(self.officer("add", "member", "name=区里加", status=1).err)
        self.officer("history", "member", member, status=None)
        for words in (["list", "member", "--branch", "QH001"], ["show", "member", member, "--branch", "QH001"]):
            self.assertNotIn("刘芳甲", self.finance(*words, status=1).out)
        self.assertEqual(self.finance.json("overview")["totals"]["member.total"], 1)
        for seat in (self.officer, self.finance):
            self.holds_none(seat.folder, *SECRETS.values(), *CHANGED.values(), "10011110000", "10022220000")
        self.holds_none(self.finance.folder, "刘芳甲")
        self.d.stop()
        again = self.officer("list", "member", "--branch", "QH001", "--json")
        self.assertEqual(again.json, [seen])  # the last answer, with its age
        self.assertIn("last answer", again.err)
        self.assertIn("age_seconds", self.officer.json("overview") if self.d.serve() and self.officer.json("overview") and not self.d.stop() else {})

    def test_plans_are_acknowledged_and_returned(self):
        plan = self.chair.add("work_plan", "title=学期计划", "period=2026-1", "goals_text=目标")
        for action in ("discussed", "adopted", "submitted"):
            self.chair("act", "work_plan", plan, action, *asked_for(action))
        self.chair.sync()
        self.assertTrue(self.officer("act", "work_plan", plan, "acknowledged", status=1).err)  # not seen yet
        self.assertEqual([p["state"] for p in self.officer.json("list", "work_plan", "--branch", "QH001")], ["submitted"])
        self.assertTrue(self.officer("act", "work_plan", plan, "returned", status=1).err)  # a reason is required
        self.officer("act", "work_plan", plan, "returned", "return_reason=请补充措施")
        self.assertTrue(self.officer("act", "work_plan", plan, "adopted", status=1).err)
        self.officer.sync()
        self.chair.sync()
        record = self.chair.record("work_plan", plan)
        self.assertEqual((record["state"], record["return_reason"]), ("returned", "请补充措施"))
        self.assertTrue(self.chair("act", "work_plan", plan, "acknowledged", status=1).err)
        self.chair("set", "work_plan", plan, "measures_text=措施")
        self.chair("act", "work_plan", plan, "submitted")
        self.chair.sync()
        self.assertEqual([p["state"] for p in self.officer.json("list", "work_plan", "--branch", "QH001")], ["submitted"])
        self.officer("act", "work_plan", plan, "acknowledged")
        self.officer.sync()
        self.chair.sync()
        self.second.sync()
        self.assertEqual(self.chair.record("work_plan", plan)["state"], "acknowledged")
        self.assertEqual([(h["person"], h.get("action")) for h in self.chair.json("history", "work_plan", plan)][-1], ("张丽", "acknowledged"))
        board = self.officer.json("overview", "--missing", "work_plan=2026-1")
        self.assertEqual([b["code"] for b in board["branches"]], ["QH002"])
        self.assertEqual(self.officer.json("overview")["totals"]["work_plan.2026-1.acknowledged"], 1)

    def test_an_agent_of_the_district_too(self):
        self.officer.watch()
        plan = self.chair.add("work_plan", "title=学期计划", "period=2026-1")
        for action in ("discussed", "adopted", "submitted"):
            self.chair("act", "work_plan", plan, action, *asked_for(action))
        self.chair.sync()
        self.officer.json("show", "work_plan", plan, "--branch", "QH001")
        self.officer("act", "work_plan", plan, "acknowledged")
        wait_for(lambda: self.officer.json("status")["queued"] == 0, "sent by itself")
        self.chair.sync()
        self.assertEqual(self.chair.record("work_plan", plan)["state"], "acknowledged")


if __name__ == "__main__":
    unittest.main()
