"""The server loses its disk (sync rules 24-28, 35): what came after the backup is in the clients' hands and comes back from
them, once and whole, verified against the chain; what nobody held but its author is sent again."""
import shutil
import time
import unittest
from district import wait_for
from restored import Restored


class Restore(Restored):
    def test_restored_twice_from_one_backup_with_the_control_journal_lost(self):
        """The second time the server has forgotten that there was an epoch 2; its clients have not."""
        self.work("早")
        copy = self.backup("one")
        self.work("中")
        self.lose()
        self.d("restore", copy)
        self.d.serve()
        wait_for(lambda: self.rounds() == {0}, "recovery ends", 60)
        self.work("晚")
        expected, numbers = [self.state(s) for s in self.all], self.totals()
        shutil.rmtree(self.d.base / "lost")
        self.lose()
        self.d("restore", copy)
        self.d.serve()
        wait_for(lambda: self.rounds() <= {0, 4}, "recovery ends", 60)
        self.take_note(self.colleague)  # of a member number that is another one now
        for refusal in self.colleague("attention", "--json", status=None).json:
            self.assertEqual(refusal["code"], "CHANGED_SINCE")  # the removal of a record that came anew: a person decides again
            self.colleague("retry", refusal["id"])
        for _ in range(2):
            self.rounds()
        self.assertGreater(self.chair.json("status")["cursor"] >> 40, 2)  # never the same epoch twice
        for seat in self.all:
            self.assertEqual((seat.json("status")["queued"], seat.json("status")["repairs"]), (0, 0))
        names = lambda state: sorted(dict(r)["name"] for r in state["member"])
        for seat, before in zip(self.all, expected):
            self.assertEqual(names(self.state(seat)), names(before))
        self.assertEqual(self.totals()["member.total"], numbers["member.total"])
        self.d("verify")

    def test_restored_into_the_stopped_folder(self):
        self.work("早")
        copy = self.backup("one")
        self.work("晚")
        expected, numbers = [self.state(s) for s in self.all], self.totals()
        self.assertTrue(self.d("restore", copy, status=1).err)  # it is being served
        self.assertEqual(self.totals(), numbers)
        self.d.stop()
        self.d("restore", copy)
        self.d.serve()
        self.healed(expected, numbers)

    def test_people_work_on_while_it_recovers(self):
        """What was acknowledged and pulled by nobody, what is queued, and what is entered during recovery: all of it arrives."""
        self.work("早")
        copy = self.backup("one")
        self.work("晚")
        only_here = self.chair.add("member", "name=只有主席有")
        self.chair.sync()  # acknowledged, pulled by no colleague
        queued = self.chair.add("member", "name=没送出")
        self.lose()
        self.d("restore", copy)
        self.d.serve()
        self.assertEqual(self.neighbour.sync(status=None).status in (0, 3), True)
        during = self.chair.add("member", "name=恢复期间")
        done = self.chair.sync(status=None)
        self.assertIn(done.status, (0, 3))
        if done.status == 3:  # the district sees who is stuck, and since when
            branch = self.d.overview()["branches"][0]
            self.assertEqual(branch["queued"], self.chair.json("status")["queued"])
            self.assertTrue(branch["oldest_queued_at"])
        wait_for(lambda: self.rounds() == {0}, "recovery ends by itself", 90)
        self.sync_all()
        for member in (only_here, queued, during):
            self.assertEqual(self.chair.record("member", member)["sync"], "confirmed")
            self.assertEqual(self.colleague.record("member", member)["sync"], "confirmed")
        self.assertEqual(self.state(self.chair), self.state(self.colleague))
        names = [m["name"] for m in self.chair.json("list", "member")]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(self.totals()["member.total"], len(names) + 2)
        self.d("verify")

    def test_recovered_ends_it_without_the_rest_and_the_rest_comes_later(self):
        """The operator ends recovery before the branch is back from leave: its people's devices hand over what they hold and
        send again what they made. It is decided as what it is, each on top of what it was made on (rules 8, 27): nothing waits, nothing is gone."""
        self.work("早")
        copy = self.backup("one")
        member, plan = self.work("晚")
        self.colleague("set", "member", member, "campus=西区")
        mine = self.colleague.add("member", "name=同事的人")
        self.colleague.sync()
        self.lose()
        self.d("restore", copy)
        self.d.serve()
        for seat in (self.neighbour, self.officer):
            seat.sync(status=None)
        self.assertTrue(self.d("recovered").err)
        wait_for(lambda: self.rounds() <= {0, 4}, "all level", 60)
        self.rounds()
        self.assertEqual([self.take_note(seat) for seat in (self.chair, self.colleague)], [1, 2])  # the chair had not pulled 同事的人
        self.assertEqual([seat.json("attention") for seat in (self.chair, self.colleague)], [[], []])
        self.assertEqual(self.rounds(), {0})
        for seat in (self.chair, self.colleague):
            self.assertEqual(seat.record("member", mine)["name"], "同事的人")
            self.assertEqual((seat.record("member", member)["campus"], seat.record("member", member)["note"]), ("西区", "同事写的"))
            self.assertEqual(seat.record("work_plan", plan)["state"], "acknowledged")
        self.assertEqual(self.state(self.chair), self.state(self.colleague))
        self.d("verify")

    def test_a_seat_that_was_revoked_again_is_not_waited_for(self):
        """It wiped itself after the backup and never comes back. Whoever waits is told for whom, and until when; revoked anew, nobody does."""
        self.work("早")
        copy = self.backup("one")
        gone = self.colleague.json("status")["seat"]
        self.d("seat", "revoke", gone)
        self.colleague.sync(status=1)
        self.lose()
        self.d("restore", copy)
        self.assertEqual(self.d.overview()["branches"][0]["recovery"]["since"], None)  # nobody has served since
        self.d.serve()
        rest = [s for s in self.all if s is not self.colleague]
        for _ in range(2):
            for seat in rest:
                seat.sync(status=None)
        self.chair.add("member", "name=恢复期间")
        waits = self.chair.sync(status=3).err
        until = self.chair.json("status")["recovering_until"]
        self.assertIn("at the latest", waits)
        self.assertIn("at the latest", self.chair("status").out)
        for board in (self.d.overview(), self.officer.json("overview")):
            recovery = board["branches"][0]["recovery"]
            self.assertEqual((recovery["awaited"], recovery["seats"], recovery["until"]), (1, [{"id": gone, "name": "李静"}], until))
            self.assertNotIn("recovery", board["branches"][1])
            self.assertEqual(board["recovery"]["awaited"], 1)  # the district's own log
        for text in (self.d("overview").out, self.officer("overview").out):
            self.assertIn(f"QH001 青禾区小苗圃幼儿园工会: 李静 (seat {gone})", text)
        self.d("seat", "revoke", gone)
        wait_for(lambda: {s.sync(status=None).status for s in rest} == {0}, "recovery ends without it", 60)
        self.assertIsNone(self.chair.json("status")["recovering_until"])
        self.assertNotIn("at the latest", self.chair("status").out)
        self.assertNotIn("recovery", self.d.overview()["branches"][0])

    def test_an_agent_heals_by_itself(self):
        self.work("早")
        copy = self.backup("one")
        self.work("晚")
        expected = self.state(self.chair)
        for seat in self.all:
            seat.watch()
        gone_at = time.monotonic()
        self.lose()
        self.d("restore", copy)
        self.d.serve()
        away = time.monotonic() - gone_at  # agents call with growing pauses: the longer it was gone, the later the last comes
        member = self.chair.add("member", "name=恢复后")
        wait_for(lambda: self.chair.record("member", member)["sync"] == "confirmed", "recovery ends, the queue goes out", 120 + 4 * away)
        wait_for(lambda: self.colleague("show", "member", member, status=None).status == 0, "the colleague has it", 60)
        self.chair("remove", "member", member)
        wait_for(lambda: self.chair.json("status")["queued"] == 0, "level")
        self.assertEqual(self.state(self.chair), expected)
        self.d("verify")

    def test_the_file_was_rolled_back_without_restore(self):
        """Somebody put yesterday's file back (a virtual machine's snapshot): the server finds out from the first hello (rule 35)."""
        self.work("早")
        self.d.stop()
        old = self.d.base / "yesterday"
        shutil.copytree(self.d.data, old)
        self.d.serve()
        self.work("晚")
        expected, numbers = [self.state(s) for s in self.all], self.totals()
        self.d.stop()
        shutil.rmtree(self.d.data)
        old.rename(self.d.data)
        self.d.serve()
        self.sync_all(status=None)
        self.assertIn("rolled back", self.d.server.err)
        self.healed(expected, numbers)

    def test_the_promise_trims_what_clients_keep(self):
        self.work("一")
        self.assertGreater(self.chair.json("status")["kept"], 0)
        kept = self.chair.json("status")["kept"]
        self.backup("one")
        self.sync_all()
        self.assertGreaterEqual(self.chair.json("status")["kept"], kept)  # one backup is no promise
        self.work("二")
        more = self.chair.json("status")["kept"]
        self.backup("two")
        self.sync_all()
        self.assertEqual(self.chair.json("status")["kept"], more - kept + 2)  # what both hold is safe; the last of each union proves the next
        self.backup("three")
        self.sync_all()
        self.assertEqual(self.chair.json("status")["kept"], 2)
        copy = self.d.base / "three"
        self.work("三")
        expected, numbers = [self.state(s) for s in self.all], self.totals()
        self.d.stop()
        wrong = self.d("restore", self.d.base / "one")
        self.assertIn("not the newest backup: 2 were made after it", wrong.err)
        self.assertIn("three", wrong.err)
        self.assertNotIn("not the newest", self.d("restore", copy).err)
        self.d.serve()
        self.lose()
        self.d("restore", copy)
        self.d.serve()
        self.healed(expected, numbers)

    def test_a_conflict_and_a_refusal_come_back_as_they_were(self):
        member, _ = self.work("早")
        copy = self.backup("one")
        self.chair("set", "member", member, "campus=南区")
        self.colleague("set", "member", member, "campus=北区")
        self.chair.sync()
        self.colleague.sync(status=4)
        self.chair.sync(status=4)
        before = self.chair.json("attention", status=4)
        self.lose()
        self.d("restore", copy)
        self.d.serve()
        self.sync_all(status=None)
        wait_for(lambda: self.rounds() <= {0, 4}, "recovery ends", 90)
        self.assertEqual(self.chair.json("attention", status=4), before)
        self.chair("resolve", before[0]["id"], "--mine")
        self.chair.sync()
        self.colleague.sync()
        self.assertEqual(self.colleague.record("member", member)["campus"], "南区")
        self.d("verify")

    def test_what_a_backup_is(self):
        self.work("早")
        copy = self.backup("one")
        self.assertIn(str(copy), self.d("backup", copy, status=1).err)  # never over another
        damaged = self.d.base / "damaged"
        data = bytearray(copy.read_bytes())
        data[len(data) // 2:len(data) // 2 + 4096] = b"\x55" * 4096
        damaged.write_bytes(data)
        foreign = self.d.base / "foreign"
        foreign.write_text("not a backup at all\n" * 100)
        self.d.stop()
        before = {p.name: p.read_bytes() for p in self.d.data.iterdir()}
        for file in (damaged, foreign, self.d.base / "missing"):
            self.assertIn(str(file), self.d("restore", file, status=1).err)
            self.assertEqual({p.name: p.read_bytes() for p in self.d.data.iterdir() if p.name in before}, before)
        self.d.serve()
        self.sync_all()


if __name__ == "__main__":
    unittest.main()
