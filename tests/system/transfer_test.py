"""A member moves from one branch to another (rules.md 3: join once, transfer as one moves): the old branch transfers out, the receiving
chair sees who waits and takes over with the file; nobody is a member in two branches, however the changes cross; two seats that take
the same member over make one record; nobody else can read anything."""
import unittest
from district import district

BRANCHES = (("QH001", "青禾区小苗圃幼儿园工会"), ("QH002", "青禾区云雀幼儿园工会"), ("QH003", "青禾区石榴幼儿园工会"))
FILE = {"sex": "2", "birth_date": "1985-06-12", "ethnicity": "01", "education": "21", "political_status": "13", "id_type": "111",
        "id_number": "990101198506120024", "mobile": "10012345678", "post": "teacher", "title": "first", "employment_type": "established",
        "work_start_on": "2005-08-01", "joined_on": "2006-09-01"}


class Transfers(unittest.TestCase):
    def setUp(self):
        context = district(branches=BRANCHES)
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.old = self.d.join("QH001", "union_chair", "王敏")
        self.new = self.d.join("QH002", "union_chair", "李静")
        self.third = self.d.join("QH003", "union_chair", "周文")

    def leaving(self, name="林晓岚", to="QH002", **fields):
        group = self.old.add("union_group", "name=大班组")
        member = self.old.add("member", f"name={name}", "state=active", f"group_id={group}", "campus=总园", "note=内部备注",
                              *[f"{k}={v}" for k, v in {**FILE, **fields}.items()])
        self.old("act", "member", member, "transferred_out", f"to_branch={to}", "state_effective_on=2026-10-31", "reason=调动")
        self.old.sync()
        return member

    def incoming(self, seat):
        return seat.json("list", "member", "--incoming")

    def test_the_file_goes_along(self):
        member = self.leaving()
        self.assertEqual(self.incoming(self.new), [{"id": member, "name": "林晓岚", "from_branch": "QH001",
                                                    "from_branch_name": "青禾区小苗圃幼儿园工会", "left_on": "2026-10-31"}])
        self.assertEqual(self.incoming(self.third), [])
        shown = self.new("list", "member", "--incoming")
        self.assertIn("林晓岚", shown.out)
        self.assertNotIn(FILE["id_number"], shown.out)
        taken = self.new("add", "member", "--from", "林晓岚", "transferred_in_on=2026-11-02").out.strip()
        here = self.new.record("member", taken)
        for field, value in FILE.items():
            self.assertEqual(here[field], value, field)
        self.assertEqual((here["state"], here["from_branch"], here["transferred_in_on"], here["state_effective_on"], here["from_member"]),
                         ("active", "QH001", "2026-11-02", "2026-11-02", member))
        for field in ("member_no", "group_id", "campus", "note", "to_branch", "reason"):
            self.assertIsNone(here[field], field)
        self.new.sync()
        self.assertEqual(self.new.record("member", taken)["sync"], "confirmed")
        self.assertTrue(self.new.record("member", taken)["member_no"])
        self.assertEqual(self.incoming(self.new), [])
        self.assertIn("taken over already", self.new("add", "member", "--from", member, status=1).err)
        board = {b["code"]: b["measures"] for b in self.d.overview()["branches"]}
        self.assertEqual((board["QH001"].get("member.state.active", 0), board["QH001"]["member.out.2026-10"]), (0, 1))
        self.assertEqual((board["QH002"]["member.state.active"], board["QH002"]["member.in.2026-11"]), (1, 1))
        self.assertNotIn("member.joined.2006-09", board["QH002"])
        self.assertRegex(self.d.server.err, rf"seat \d+ of QH002 read the file of member {member} of QH001")
        self.assertEqual(self.d("verify").status, 0)

    def test_nobody_comes_before_going(self):
        """Said where it is entered; the server says it of a device that did not know."""
        member = self.leaving()
        said = self.new("add", "member", "--from", member, "transferred_in_on=2026-10-30", status=1)
        self.assertIn("2026-10-31", said.err)
        self.assertIn("owed to both", said.err)
        taken = self.new("add", "member", "--from", member).out.strip()
        self.new("set", "member", taken, "transferred_in_on=2026-09-01")
        self.new.sync(status=4)
        self.assertEqual([a["code"] for a in self.new.json("attention", status=4)], ["member.came_early"])

    def test_two_seats_make_one(self):
        member = self.leaving()
        colleague = self.d.join("QH002", "committee_member", "赵蓉")
        one = self.new("add", "member", "--from", member, "transferred_in_on=2026-11-02").out.strip()
        two = colleague("add", "member", "--from", member[:13], "transferred_in_on=2026-11-02").out.strip()
        self.assertEqual(one, two)
        self.new.sync()
        colleague.sync()
        self.new.sync()
        self.assertEqual([m["id"] for m in self.new.json("list", "member")], [one])
        self.assertEqual([m["id"] for m in colleague.json("list", "member")], [one])
        self.assertEqual(self.new.json("attention"), [])

    def test_who_may_not(self):
        member = self.leaving()
        for seat, words in ((self.d.join("QH002", "group_leader", "陈洁"), "roles may not"),
                            (self.d.join("QH", "district_officer", "张丽"), "roles may not"),
                            (self.third, "No branch has transferred")):
            self.assertIn(words, seat("add", "member", "--from", member, status=1).err)
        stays = self.old.add("member", "name=石榴", "state=active")
        self.old.sync()
        self.assertIn("No branch has transferred", self.new("add", "member", "--from", stays, status=1).err)
        self.assertNotIn("read the file", self.d.server.err)

    def test_taken_back(self):
        member = self.leaving()
        self.old("act", "member", member, "active", "state_effective_on=2026-11-01")
        self.old.sync()
        self.assertEqual(self.incoming(self.new), [])
        self.assertIn("taken this member back", self.new("add", "member", "--from", member, status=1).err)

    def test_taken_back_while_it_was_taken_over(self):
        """Both act apart; who comes first to the server has the member, the other is told."""
        member = self.leaving()
        taken = self.new("add", "member", "--from", member).out.strip()
        self.old("act", "member", member, "active")
        self.old.sync()
        self.new.sync(status=4)
        waits, = self.new.json("attention", status=4)
        self.assertEqual((waits["code"], waits["record"]), ("member.taken_back", taken))
        self.assertEqual(self.new.json("list", "member"), [])
        self.new("discard", waits["id"])

    def test_taken_over_while_it_was_taken_back(self):
        member = self.leaving()
        self.new("add", "member", "--from", member)
        self.new.sync()
        self.old("act", "member", member, "active")
        self.old.sync(status=4)
        waits, = self.old.json("attention", status=4)
        self.assertEqual(waits["code"], "member.taken_over")
        self.assertIn("QH002", waits["text"])
        self.old("discard", waits["id"])
        self.assertEqual(self.old.record("member", member)["state"], "transferred_out")

    def test_there_and_back_again(self):
        """The way home is another transfer: the record that was left is not woken up."""
        member = self.leaving()
        there = self.new("add", "member", "--from", member).out.strip()
        self.new("act", "member", there, "transferred_out", "to_branch=QH001", "state_effective_on=2026-11-20")
        self.new.sync()
        back = self.old("add", "member", "--from", there).out.strip()
        self.old.sync()
        self.assertNotEqual(back, member)
        self.assertEqual({m["id"]: m["state"] for m in self.old.json("list", "member")}, {member: "transferred_out", back: "active"})
        self.assertEqual(self.old.record("member", back)["id_number"], FILE["id_number"])

    def test_who_came_back_is_found_by_name(self):
        """Two records of one name and ID number: the one that is here is meant, by commands and in sheets; the old one where it is alone."""
        accountant = self.d.join("QH001", "accountant", "陈洁")
        member = self.leaving()
        self.assertEqual(self.old("show", "member", "林晓岚", "--json").json["id"], member)  # nobody else has the name
        there = self.new.add("member", "--from", member)
        self.new("act", "member", there, "transferred_out", "to_branch=QH001", "state_effective_on=2026-11-20")
        self.new.sync()
        said = self.old("add", "member", "--from", there)
        back = said.out.strip()
        self.assertIn("林晓岚 has an older record here, of before leaving, with the same ID number: right if it is the same person", said.err)
        self.assertNotIn("has the same", said.err)
        self.old("set", "member", "林晓岚", "campus=分园")
        self.old("set", "member", FILE["id_number"], "post=教师")
        self.assertEqual([self.old.record("member", back)[f] for f in ("campus", "post")], ["分园", "teacher"])
        self.assertEqual(self.old.record("member", member)["campus"], "总园")
        roster = self.d.base / "roster.csv"
        roster.write_text(f"姓名,证件号码,手机号\n林晓岚,{FILE['id_number']},13012345678\n")
        self.old("import", "member", roster)
        self.assertEqual([self.old.record("member", m)["mobile"] for m in (back, member)], ["13012345678", FILE["mobile"]])
        self.old.sync()
        accountant.sync()
        sheet = self.d.base / "wages.csv"
        sheet.write_text("姓名,计费工资\n林晓岚,4000\n")
        lines = accountant.json("assess", "2026-12", "--wages", sheet)["members"]
        self.assertEqual({l["member_id"]: l["verdict"] for l in lines}, {back: "added", member: "not_owing"})
        accountant.add("dues_payment", "member_id=林晓岚", "period=2026-12", "amount_fen=5.00", "paid_on=2026-11-22", "method=cash", "reason=预缴")
        paid = self.d.base / "payroll.csv"
        paid.write_text("姓名,扣款金额\n林晓岚,15.00\n")
        accountant("import", "dues_payment", paid, "period=2026-12", "paid_on=2026-11-23", "method=payroll")
        self.assertEqual({p["member_id"] for p in accountant.json("list", "dues_payment")}, {back})
        self.old.add("member", "name=林晓岚", "state=active")  # another one who is here: nobody is meant now
        self.assertIn("more than one", self.old("set", "member", "林晓岚", "campus=总园", status=1).err)

    def owing(self, seat, member, *months):
        seat.sync()
        seat.add("dues_standard", f"member_id={member}", "mode=flat", "amount_fen=10", "effective_from=2020-01-01")
        return {m: verdict["verdict"] for m in months for verdict in seat.json("assess", m)["members"] if verdict["member_id"] == member}

    def test_each_month_is_owed_once(self):
        """Who gives no day came on the day of leaving, however late the branch takes over; what was before is owed there, also by who has
        left here since."""
        months = "2026-09", "2026-10", "2026-11", "2026-12"
        at_old, at_new = self.d.join("QH001", "accountant", "陈洁"), self.d.join("QH002", "accountant", "赵蓉")
        member = self.leaving()
        said = self.new("add", "member", "--from", member)
        here = said.out.strip()
        self.assertIn("2026-10-31", said.err)
        row = self.new.record("member", here)
        self.assertEqual((row["transferred_in_on"], row["state_effective_on"]), ("2026-10-31", "2026-10-31"))
        self.new.sync()
        self.assertEqual(self.owing(at_old, member, *months), dict(zip(months, ("added", "added", "not_owing", "not_owing"))))
        self.assertEqual(self.owing(at_new, here, months[1]), {months[1]: "not_owing"})
        self.new("act", "member", here, "withdrawn", "state_effective_on=2026-11-20")
        self.new.sync()
        self.assertEqual(self.owing(at_new, here, *months), dict(zip(months, ("not_owing", "not_owing", "added", "not_owing"))))

    def sent_on(self, member):
        """The old branch takes back who went to the wrong branch, and sends the member to the right one."""
        self.old("act", "member", member, "active", "state_effective_on=2026-11-10")
        self.old("act", "member", member, "transferred_out", "to_branch=QH003", "state_effective_on=2026-11-12")
        self.old.sync()
        self.assertEqual(self.incoming(self.new), [])
        self.assertEqual([t["id"] for t in self.incoming(self.third)], [member])
        there = self.third("add", "member", "--from", member).out.strip()
        self.third.sync()
        self.assertEqual(self.third.record("member", there)["sync"], "confirmed")
        self.assertEqual(self.third.record("member", there)["id_number"], FILE["id_number"])
        return there

    def test_sent_to_the_wrong_branch_that_removed_the_record(self):
        member = self.leaving()
        wrong = self.new("add", "member", "--from", member).out.strip()
        self.new.sync()
        self.new("remove", "member", wrong)
        self.new.sync()
        self.assertNotEqual(self.sent_on(member), wrong)
        self.old("act", "member", member, "active")
        self.old.sync(status=4)
        waits, = self.old.json("attention", status=4)
        self.assertEqual(waits["code"], "member.taken_over")
        self.assertIn("QH003", waits["text"])
        self.assertEqual(self.d("verify").status, 0)

    def test_sent_to_the_wrong_branch_that_wrote_the_member_off(self):
        member = self.leaving()
        wrong = self.new("add", "member", "--from", member).out.strip()
        self.new("act", "member", wrong, "withdrawn", "state_effective_on=2026-11-09")
        self.new.sync()
        self.sent_on(member)
        self.new("act", "member", wrong, "active")  # the wrong branch has no claim any more
        self.new.sync(status=4)
        waits, = self.new.json("attention", status=4)
        self.assertEqual((waits["code"], waits["record"]), ("member.not_sent", wrong))

    def test_removed_by_mistake_and_taken_over_again(self):
        member = self.leaving()
        taken = self.new("add", "member", "--from", member).out.strip()
        self.new.sync()
        self.new("remove", "member", taken)
        self.new.sync()
        self.assertEqual([t["id"] for t in self.incoming(self.new)], [member])
        self.assertEqual(self.new("add", "member", "--from", member).out.strip(), taken)
        self.new.sync()
        self.assertEqual(self.new.record("member", taken)["sync"], "confirmed")

    def test_words(self):
        self.leaving("林晓岚")
        self.leaving("林晓岚", id_number="", mobile="")
        self.assertIn("more than one", self.new("add", "member", "--from", "林晓岚", status=1).err)
        self.assertIn("--incoming", self.new("add", "member", "--from", "毫不相干", status=1).err)
        self.assertEqual(self.new("list", "work_plan", "--incoming", status=2).out, "")
        self.d.stop()
        self.assertIn("cannot be reached", self.new("list", "member", "--incoming", status=1).err)
        self.d.serve()


if __name__ == "__main__":
    unittest.main()
