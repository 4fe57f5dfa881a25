"""An officer leaves in January (REQ-12): what the seat had not sent goes to the successor as a file and is taken in under both names.
Whatever way a change comes (from the file, from it once more, by two successors, by the old device itself), it counts once."""
import pathlib
import stat
import unittest
from district import district, wait_for

BRANCHES = (("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"))
PEOPLE = ("孙丽芳", "刘佳怡", "李梅", "周文")


class Case(unittest.TestCase):
    def setUp(self):
        context = district(branches=BRANCHES)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.old = self.d.join("QH001", "accountant", "陈晨")
        self.number = self.old.json("status")["seat"]
        self.members = [self.chair.add("member", f"name={name}", "state=active", "joined_on=2025-09-01") for name in PEOPLE]
        self.chair.sync()
        self.old.sync()
        self.file = self.d.base / "移交.bin"

    def work(self):
        """Thirty changes without a network: 16 payments, 7 standards, each of which is then set, once over."""
        self.d.stop()
        self.payments = [self.old.add("dues_payment", f"member_id={m}", f"period=2026-{month:02}", "amount_fen=20.00",
                                      f"paid_on=2026-{month:02}-20", "method=cash") for m in self.members for month in (9, 10, 11, 12)]
        self.standards = [self.old.add("dues_standard", f"member_id={self.members[i % 4]}", "mode=flat", f"amount_fen={10 + i}.00",
                                       f"effective_from=2026-{i + 1:02}-01") for i in range(7)]
        for i, standard in enumerate(self.standards):
            self.old("set", "dues_standard", standard, f"amount_fen={20 + i}.00", "basis=福利小组会议")
        self.assertEqual(self.old.json("status")["queued"], 30)

    def write(self, seat=None, file=None):
        return (seat or self.old)("handover", "write", file or self.file)

    def revoke(self):
        self.chair("seat", "revoke", self.number)

    def successor(self, name="赵蓉", roles="accountant"):
        return self.d.join("QH001", roles, name)

    def take(self, seat, status=0, file=None):
        return seat("handover", "take", file or self.file, status=status)

    def expect_all_once(self, by="赵蓉"):
        """Read by the chair, who was no part of it."""
        self.chair.sync()
        payments = self.chair.json("list", "dues_payment")
        self.assertEqual(sorted(p["id"] for p in payments), sorted(self.payments))
        self.assertEqual(sum(p["amount_fen"] for p in payments), 16 * 2000)
        self.assertEqual(sorted(p["receipt_no"] for p in payments), [f"{n:04}" for n in range(1, 17)])
        standards = self.chair.json("list", "dues_standard")
        self.assertEqual({s["id"]: s["amount_fen"] for s in standards}, {s: (20 + i) * 100 for i, s in enumerate(self.standards)})
        lines = self.chair.json("history", "dues_standard", self.standards[0])
        self.assertEqual([(x["person"], x.get("for_person"), x["changed"]["amount_fen"]) for x in lines],
                         [(by, "陈晨", [None, 1000]), (by, "陈晨", [1000, 2000])])
        self.assertEqual(len(self.chair.json("history", "dues_payment", self.payments[0])), 1)
        self.assertIn(f"{by} (for 陈晨)", self.chair("history", "dues_payment", self.payments[0]).out)
        for seat in self.d.seats:
            if (seat.folder / "banyan.db").exists():
                self.assertEqual((seat.json("status")["refused"], seat.json("status")["conflicts"]), (0, 0))
        self.d("verify")


class Handover(Case):
    def test_written_revoked_taken_and_nothing_twice(self):
        self.work()
        said = self.write()
        self.assertIn("30 changes", said.err)
        self.assertIn("personal data", said.err)
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        self.assertEqual(self.old.json("status")["queued"], 30)  # they stay where they were made
        self.d.serve()
        self.revoke()
        new = self.successor()
        self.assertIn("30 changes of 陈晨", self.take(new).err)
        self.assertEqual(new.json("status")["queued"], 30)
        self.assertEqual(len(new.json("list", "dues_payment")), 16)  # shown at once
        new.sync()
        self.expect_all_once()
        self.assertIn("taken in here before", self.take(new).err)  # the file once more
        self.assertEqual(new.json("status")["queued"], 0)
        new.sync()
        self.old.sync(status=1)  # the old device comes back, hands over what it has, and is wiped
        self.assertFalse((self.old.folder / "banyan.db").exists())
        self.expect_all_once()
        self.assertEqual(self.chair.json("seat", "refused", self.number), [])
        self.assertEqual(self.chair.json("attention"), [])

    def test_the_old_device_was_there_before(self):
        self.work()
        self.write()
        self.d.serve()
        self.revoke()
        self.old.sync(status=1)
        self.assertEqual(len(self.chair.json("seat", "refused", self.number)), 30)
        new = self.successor()
        self.take(new)
        new.sync()
        self.assertEqual(self.chair.json("seat", "refused", self.number), [])  # nobody has to enter it anew
        self.assertIn("陈晨 (QH001)  accountant", self.chair("attention", status=4).out)
        self.chair.sync()
        self.assertEqual(self.chair.json("attention"), [])  # all thirty were taken in since
        self.expect_all_once()

    def test_what_was_never_left_is_not_taken_off(self):
        """A copy of the old device hands over one change after the seat was revoked; the file that a successor takes in has another."""
        self.d.stop()
        twin = self.old.copy("twin")
        standard = ("dues_standard", "mode=flat", "amount_fen=10.00", "effective_from=2026-01-01")
        taken = self.old.add(*standard, f"member_id={self.members[0]}")
        self.write()
        twin.add(*standard, f"member_id={self.members[1]}")
        self.d.serve()
        self.revoke()
        twin.sync(status=1)
        self.chair.sync()
        new = self.successor()
        self.take(new)
        new.sync()
        self.chair.sync()
        self.assertEqual([s["id"] for s in self.chair.json("list", "dues_standard")], [taken])
        self.assertEqual(len(self.chair.json("seat", "refused", self.number)), 1)
        self.assertIn("陈晨 (QH001)  accountant", self.chair("attention", status=4).out)

    def test_the_old_seat_works_on_and_sends_it_itself(self):
        self.work()
        self.write()
        self.d.serve()
        new = self.successor()
        self.take(new)
        new.sync()
        self.old.sync()
        self.assertEqual(self.old.json("status")["queued"], 0)
        self.expect_all_once()
        self.old("set", "dues_standard", self.standards[0], "basis=代表大会")  # and goes on
        self.old.sync()
        self.assertEqual(self.old.json("attention"), [])
        self.d("verify")

    def test_the_old_seat_sent_it_all_first(self):
        self.work()
        self.write()
        self.d.serve()
        self.old.sync()
        new = self.successor()
        self.take(new)
        new.sync()
        self.assertEqual(new.json("status")["queued"], 0)
        self.chair.sync()
        self.assertEqual([x["person"] for x in self.chair.json("history", "dues_standard", self.standards[0])], ["陈晨", "陈晨"])
        self.assertEqual(len(self.chair.json("list", "dues_payment")), 16)
        self.assertEqual([s.json("attention") for s in (self.chair, self.old, new)], [[], [], []])
        self.d("verify")

    def test_the_old_seat_sent_a_part_of_it(self):
        """The second file holds what was made on top of what the seat then sent itself: its own, so there is no conflict."""
        self.d.stop()
        standard = self.old.add("dues_standard", f"member_id={self.members[0]}", "mode=flat", "amount_fen=10.00", "effective_from=2026-01-01")
        early = self.old.copy("early")  # as it was before the second change
        self.old("set", "dues_standard", standard, "amount_fen=20.00")
        self.write()
        self.d.serve()
        early.sync()
        new = self.successor()
        self.take(new)
        new.sync()
        self.assertEqual(new.json("attention"), [])
        self.assertEqual(new.record("dues_standard", standard)["amount_fen"], 2000)
        self.chair.sync()
        self.assertEqual([(x["person"], x.get("for_person")) for x in self.chair.json("history", "dues_standard", standard)],
                         [("陈晨", None), ("赵蓉", "陈晨")])

    def test_two_successors(self):
        self.work()
        self.write()
        self.d.serve()
        self.revoke()
        first, second = self.successor(), self.successor("吕静")
        self.take(first)
        self.take(second)
        first.sync()
        second.sync()
        self.assertEqual(second.json("status")["queued"], 0)
        self.expect_all_once()

    def test_a_restored_server_still_knows(self):
        """What was taken in after the backup comes back from the clients, and with it that it was: the old device's own copy counts as
        the same still."""
        self.work()
        self.write()
        self.d.serve()
        new = self.successor()
        self.d("backup", self.d.base / "backup")
        self.take(new)
        new.sync()
        self.chair.sync()
        self.d.stop()
        for path in (self.d.data / "banyan.db", self.d.data / "banyan.db-wal", self.d.data / "banyan.db-shm"):
            path.unlink(missing_ok=True)
        self.d("restore", self.d.base / "backup")
        self.d.serve()
        new.sync(status=None)
        self.chair.sync(status=None)
        self.d("recovered")
        wait_for(lambda: {s.sync(status=None).status for s in (new, self.chair, self.old)} == {0}, "recovery is over", 90)
        new.sync()
        self.expect_all_once()

    def test_a_copy_that_was_told_forked_counts_once(self):
        """The old device's database was copied: what one copy sent makes the other go on under another incarnation. Known by its maker,
        n and hash, a change that a successor handed in is the same there, too."""
        self.d.stop()
        twin = self.old.copy("twin")
        twin.add("dues_payment", f"member_id={self.members[1]}", "period=2026-09", "amount_fen=5.00", "paid_on=2026-09-01")
        payment = self.old.add("dues_payment", f"member_id={self.members[0]}", "period=2026-09", "amount_fen=20.00", "paid_on=2026-09-20")
        self.write()
        self.d.serve()
        twin.sync()
        new = self.successor()
        self.take(new)
        new.sync()
        self.old.sync()  # FORKED, moved, sent: SAME
        self.chair.sync()
        self.assertEqual(len(self.chair.json("list", "dues_payment")), 2)
        self.assertEqual(len(self.chair.json("history", "dues_payment", payment)), 1)
        self.assertEqual(self.old.json("attention"), [])
        self.d("verify")

    def test_what_the_successor_may_not_do(self):
        """A co-signer of the committee takes in an accountant's file: what its role may not is refused with its own sentence, stays in
        front of the person, and holds up nothing else."""
        self.d.stop()
        self.old.add("dues_payment", f"member_id={self.members[0]}", "period=2026-09", "amount_fen=20.00", "paid_on=2026-09-20")
        proposal = self.old.add("proposal", "title=增加乐器专柜", "reason=存放分散", "suggestion=设专柜", f"proposer_id={self.members[0]}")
        self.write()
        self.d.serve()
        self.revoke()
        new = self.successor("李静", "committee_member")
        said = self.take(new).err  # what it may not is said at once, without a network
        self.assertIn("1 of them will be refused when this seat sends them; the first: payment of dues", said)
        self.assertIn("Who may: group leader, accountant", said)
        self.assertEqual(new.sync(status=4).status, 4)
        waiting = new.json("attention", status=4)
        self.assertEqual([(a["kind"], a["code"]) for a in waiting], [("dues_payment", "RIGHT")])
        self.assertEqual(waiting[0]["next"], [f"banyan discard {waiting[0]['id']}"])  # sending it again would not help
        self.assertIn("Who may: group leader, accountant", waiting[0]["text"])
        self.chair.sync()
        self.assertEqual(self.chair.json("list", "dues_payment"), [])
        self.assertEqual(self.chair.record("proposal", proposal)["entered_by"], self.number)
        new("discard", waiting[0]["id"])  # by mistake: the file still has it
        said = self.take(new).err
        self.assertIn("1 changes of 陈晨", said)
        self.assertIn("1 were taken in here before", said)
        new.sync(status=4)
        self.assertEqual([(a["kind"], a["code"]) for a in new.json("attention", status=4)], [("dues_payment", "RIGHT")])
        right = self.successor()  # one who may takes the same file in
        self.assertNotIn("will be refused", self.take(right).err)
        right.sync()
        self.chair.sync()
        self.assertEqual(len(self.chair.json("list", "dues_payment")), 1)
        self.assertEqual(len(self.chair.json("history", "proposal", proposal)), 1)

    def test_what_its_author_alone_may_do(self):
        """Who takes over the file of a seat that works on is no author of its records: what is refused at one door is at the other. Of a
        seat that was revoked the successor is."""
        proposal = self.old.add("proposal", "title=增加乐器专柜", "reason=存放分散", "suggestion=设专柜", f"proposer_id={self.members[0]}")
        self.old.sync()
        new = self.successor("李静", "committee_member")
        new.sync()
        refused = new("set", "proposal", proposal, "title=增加书架", status=1)
        self.d.stop()
        self.old("set", "proposal", proposal, "title=增加乐器架")
        self.write()
        self.d.serve()
        self.take(new)
        new.sync(status=4)
        waits, = new.json("attention", status=4)
        self.assertEqual(waits["code"], "proposal.text_author")
        self.assertIn(waits["text"].split("。")[0].split(".")[0], refused.err)
        self.revoke()
        new("retry", waits["id"])
        new.sync()
        self.assertEqual(new.record("proposal", proposal)["title"], "增加乐器架")

    def test_what_was_refused_goes_along(self):
        """A refused change that still waits for the person is handed over with the rest; what the person gave up is not."""
        proposal = self.old.add("proposal", "title=增加乐器专柜", "reason=存放分散", "suggestion=设专柜", f"proposer_id={self.members[0]}")
        self.old.sync()
        self.chair.sync()
        self.chair("act", "proposal", proposal, "submitted", "submitted_on=2026-11-21")
        self.chair.sync()
        self.old("set", "proposal", proposal, "title=乐器专柜")  # submitted meanwhile: frozen
        self.assertEqual(self.old.sync(status=4).status, 4)
        waiting = self.old.json("attention", status=4)
        self.assertEqual([(a["type"], a["code"]) for a in waiting], [("refusal", "NOT_EDITABLE")])
        self.d.stop()
        payment = self.old.add("dues_payment", f"member_id={self.members[0]}", "period=2026-09", "amount_fen=20.00", "paid_on=2026-09-20")
        self.assertIn("2 changes", self.write().err)
        self.d.serve()
        new = self.successor()
        self.take(new)
        new.sync(status=4)
        self.assertEqual([a["record"] for a in new.json("attention", status=4)], [proposal])  # refused again, to the successor
        self.assertEqual([p["id"] for p in new.json("list", "dues_payment")], [payment])
        self.old("discard", waiting[0]["id"])
        self.assertIn("1 changes", self.write(file=self.d.base / "later.bin").err)


class Office(Case):
    """What the chair sees of a seat whose officer leaves, and the record of the handover."""

    def test_what_the_seat_has_unsent_and_open(self):
        person = self.chair.add("member", "name=陈晨", "joined_on=2025-09-01")
        plan = self.chair.add("work_plan", "title=工作计划", "period=2026-1")
        mine = self.chair.add("plan_item", f"plan_id={plan}", "title=会费公示", "month=12", f"owner_id={person}")
        done = self.chair.add("plan_item", f"plan_id={plan}", "title=体检", "month=9", f"owner_id={person}")
        self.chair("act", "plan_item", done, "done", "evidence=报告")
        self.chair.add("plan_item", f"plan_id={plan}", "title=春游", "month=4", f"owner_id={self.members[0]}")
        self.chair.sync()
        proposal = self.old.add("proposal", "title=增加乐器专柜", "reason=存放分散", "suggestion=设专柜", f"proposer_id={self.members[0]}")
        self.old.add("dues_assessment", f"member_id={self.members[0]}", "period=2026-09", "amount_due_fen=30.00")
        self.old.add("dues_assessment", f"member_id={self.members[1]}", "period=2026-09", "amount_due_fen=30.00")
        self.old.add("dues_payment", f"member_id={self.members[0]}", "period=2026-09", "amount_fen=20.00", "paid_on=2026-09-20")
        self.old.sync()
        self.chair.sync()
        look = self.chair.json("handover", "show", self.number)
        self.assertEqual((look["seat"], look["person"], look["roles"], look["state"], look["queued"]), (self.number, "陈晨", "accountant", "active", 0))
        self.assertEqual({(o["why"], o["kind"], o["id"]) for o in look["open"]}, {("entered", "proposal", proposal), ("owns", "plan_item", mine)})
        year = int(self.chair.json("show", "dues_payment", self.chair.json("list", "dues_payment")[0]["id"])["paid_on"][:4])
        self.assertEqual((look["dues"]["owed_fen"], look["dues"]["owing"]), (4000, 2))
        self.assertEqual(look["dues"]["received_fen"], 2000 if look["dues"]["year"] == year else 0)
        self.assertNotIn("handover", look)
        text = self.chair("handover", "show", self.number).out
        for words in ("陈晨", "会费公示", "增加乐器专柜", "40.00 yuan still owed by 2", f"banyan seat revoke {self.number}", "banyan invite --role accountant",
                      f"banyan handover draft {self.number}"):
            self.assertIn(words, text)
        self.assertNotIn("体检", text)
        self.assertNotIn("春游", text)
        self.assertIn("经手", self.chair("handover", "show", self.number, env={"BANYAN_LANG": "zh"}).out)
        own = self.chair.json("status")["seat"]
        text = self.chair("handover", "show", own).out  # nobody ends the own seat
        self.assertIn("this is your own seat", text)
        self.assertNotIn("banyan invite --role", text)

        # the record of it, from what is known, checked and signed
        record = self.chair("handover", "draft", self.number, "to_name=赵蓉", "items_text=账册三本，印章一枚", "supervised_by=王敏").out.strip()
        row = self.chair.record("handover", record)
        self.assertEqual((row["role"], row["from_seat"], row["from_name"], row["to_name"], row["unsent_count"], row["state"]),
                         ("accountant", self.number, "陈晨", "赵蓉", 0, "drafted"))
        self.assertIn("会费公示", row["open_text"])
        self.assertIn("40.00", row["balances_text"])
        self.chair("act", "handover", record, "checked")
        self.chair("act", "handover", record, "signed", "signed_on=2026-11-20")
        self.chair("act", "handover", record, "transferred", "handed_on=2026-11-20")
        self.chair.sync()
        self.assertEqual(self.chair.json("handover", "show", self.number)["handover"], record)
        page = self.d.base / "page.html"
        self.chair("print", "handover", record, "--output", page)
        self.assertIn("账册三本", page.read_text(encoding="utf-8"))
        self.assertIn("40.00", page.read_text(encoding="utf-8"))

    def test_the_list_is_not_an_old_copys(self):
        """The chair has not synchronised since: what is shown is fetched first; where it cannot be, that is said."""
        proposal = self.old.add("proposal", "title=增加乐器专柜", "reason=存放分散", "suggestion=设专柜", f"proposer_id={self.members[0]}")
        self.old.sync()
        self.assertIn(proposal, [o["id"] for o in self.chair.json("handover", "show", self.number)["open"]])
        self.assertNotIn("could not be brought up to date", self.chair("handover", "show", self.number).out)
        look = self.chair.json("handover", "show", self.number)
        self.assertEqual((look["up_to_date"], look["reported"], look["member_named"]), (True, True, False))
        self.assertEqual([o["state"] for o in look["open"] if o["id"] == proposal], ["draft"])
        self.assertEqual(look["next"], [f"banyan handover draft {self.number} to_name=...", f"banyan seat revoke {self.number}", "banyan invite --role accountant --name ..."])
        self.assertNotIn("next", [k for k in look if look[k] is None])
        before = self.chair.json("status")["last_contact"]
        self.d.stop()
        look = self.chair.json("handover", "show", self.number)
        self.assertEqual((look["up_to_date"], look["reported"], look["as_of"]), (False, False, before))
        self.assertIn("could not be brought up to date", self.chair("handover", "show", self.number).out)

    def test_what_it_last_reported_and_left(self):
        self.work()
        self.d.serve()
        self.old.agent = None
        self.assertEqual(self.old.json("handover", "show", self.number)["queued"], 30)  # its own seat knows without a network
        self.revoke()
        self.old.sync(status=1)
        look = self.chair.json("handover", "show", self.number)
        self.assertEqual((look["state"], look["left"]), ("revoked", 30))
        self.assertIn("taken in by nobody: 30", self.chair("handover", "show", self.number).out)
        self.assertEqual(self.chair.record("handover", self.chair("handover", "draft", self.number).out.strip())["unsent_count"], 30)
        self.assertIn("no such seat", self.chair("handover", "show", 99, status=1).err)
        self.chair("handover", "show", "陈晨", status=2)

    def test_without_a_network(self):
        self.d.stop()
        look = self.chair.json("handover", "show", self.number)
        self.assertNotIn("queued", look)
        self.assertEqual(look["person"], "陈晨")
        self.assertIn("is not known here", self.chair("handover", "show", self.number).out)


class OwnGroup(Case):
    def test_a_leader_enters_payments_of_the_own_group_alone(self):
        leader = self.d.join("QH001", "group_leader", "李静")
        group = self.chair.add("union_group", "name=大班组", f"leader_seat={leader.json('status')['seat']}")
        other = self.chair.add("union_group", "name=中班组", f"leader_seat={self.number}")
        self.chair("set", "member", self.members[0], f"group_id={group}")
        self.chair("set", "member", self.members[1], f"group_id={other}")
        self.chair.sync()
        leader.sync()
        words = ["period=2026-09", "amount_fen=20.00", "paid_on=2026-09-20"]
        leader.add("dues_payment", f"member_id={self.members[0]}", *words)
        leader.sync()
        for member in self.members[1:3]:  # of another group; of none
            self.assertIn("own group's members alone", leader("add", "dues_payment", f"member_id={member}", *words, status=1).err)
        self.old.add("dues_payment", f"member_id={self.members[1]}", *words)  # the accountant, of any
        self.old.sync()
        # offline the device cannot know that the member went to another group: the server does
        self.d.stop()
        late = leader.add("dues_payment", f"member_id={self.members[0]}", "period=2026-10", *words[1:])
        self.chair("set", "member", self.members[0], f"group_id={other}")
        self.d.serve()
        self.chair.sync()
        leader.sync(status=4)
        self.assertEqual([(a["record"], a["code"]) for a in leader.json("attention", status=4)], [(late, "dues_payment.own_group")])
        self.chair.sync()
        self.assertEqual(sorted(p["member_id"] for p in self.chair.json("list", "dues_payment")), sorted(self.members[:2]))
        self.assertIn("李静", self.chair("list", "union_group").out)


class Files(Case):
    """What is no file of that seat's, or not as it wrote it, is known before anything of it is used."""

    def setUp(self):
        super().setUp()
        self.d.stop()
        self.old.add("dues_payment", f"member_id={self.members[0]}", "period=2026-09", "amount_fen=20.00", "paid_on=2026-09-20")
        self.old.add("dues_payment", f"member_id={self.members[1]}", "period=2026-09", "amount_fen=20.00", "paid_on=2026-09-20")
        self.write()
        self.d.serve()
        self.bytes = self.file.read_bytes()

    def wrong(self, seat, content, words):
        path = self.d.base / "falsch.bin"
        path.write_bytes(content)
        before = seat.json("status")["queued"]
        self.assertIn(words, self.take(seat, status=1, file=path).err)
        self.assertEqual(seat.json("status")["queued"], before)

    def test_cut_anywhere(self):
        new = self.successor()
        for size in (0, 7, 16, 18, 40, len(self.bytes) // 2, len(self.bytes) - 80, len(self.bytes) - 1):
            words = "no handover file" if size == 0 else "the end of this handover file is missing"
            self.wrong(new, self.bytes[:size], words)

    def test_a_changed_byte_anywhere(self):
        new = self.successor()
        for at in range(16, len(self.bytes), 37):
            changed = bytearray(self.bytes)
            changed[at] ^= 1
            path = self.d.base / f"byte-{at}.bin"
            path.write_bytes(changed)
            self.take(new, status=1, file=path)
            self.assertEqual(new.json("status")["queued"], 0, at)
        self.wrong(new, b"PK" + self.bytes[2:], "no handover file")
        self.wrong(new, self.bytes + b"\0", "not as that seat wrote it")
        self.wrong(new, self.bytes + self.bytes, "not as that seat wrote it")

    def test_of_another_branch_district_or_of_oneself(self):
        self.wrong(self.d.join("QH002", "accountant", "周平"), self.bytes, "青禾区小苗圃幼儿园工会")
        self.wrong(self.old, self.bytes, "of this seat itself")
        with district(branches=BRANCHES) as elsewhere:
            stranger = elsewhere.join("QH001", "accountant", "周平")
            self.assertIn("another district", self.take(stranger, status=1).err)

    def test_words(self):
        new = self.successor()
        self.assertIn("no such file", self.take(new, status=1, file=self.d.base / "none.bin").err)
        self.assertIn("already", self.old("handover", "write", self.file, status=1).err)
        self.old("handover", "write", status=2)
        self.old("handover", "giveaway", self.file, status=2)
        self.assertIn("nothing to hand over", new("handover", "write", self.d.base / "none.bin").err)
        self.assertFalse(pathlib.Path(self.d.base / "none.bin").exists())


if __name__ == "__main__":
    unittest.main()
