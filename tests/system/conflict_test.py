"""Two seats of one branch work apart (sync rules 8-16, 20): what is disjoint merges, what clashes waits with
both values until one person decides, what is refused waits with its reason and blocks nothing."""
import unittest
from district import district, wait_for


class Apart(unittest.TestCase):
    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.chair = self.d.join("QH001", "union_chair", "王敏")
        self.colleague = self.d.join("QH001", "committee_member", "李静")

    def shared_member(self, **values):
        words = {"name": "刘芳", "mobile": "13012345678", **values}
        member = self.chair.add("member", *(f"{k}={v}" for k, v in words.items()))
        self.chair.sync()
        self.colleague.sync()
        return member

    def attention(self, seat):
        done = seat("attention", "--json", status=None)
        self.assertEqual(done.status, 4 if done.json else 0)
        return done.json

    def all_equal(self, member, kind="member"):
        """Both sides and the district hold the same record; gives it."""
        for seat in (self.chair, self.colleague, self.chair):
            seat("sync", status=None)
        one, two = self.chair.record(kind, member), self.colleague.record(kind, member)
        self.assertEqual(one, two)
        self.assertEqual(self.d("verify").status, 0)
        return one

    def clash(self):
        """The chair's value stands, the colleague's came later."""
        member = self.shared_member()
        self.chair("set", "member", member, "mobile=13000000001")
        self.colleague("set", "member", member, "mobile=13000000002", "note=要核对")
        self.chair.sync()
        self.colleague.sync(status=4)
        self.chair.sync(status=4)
        return member

    def test_disjoint_fields_merge(self):
        member = self.shared_member()
        self.chair("set", "member", member, "mobile=13000000001")
        self.colleague("set", "member", member, "campus=东区", "title=")
        self.chair.sync()
        self.colleague.sync()
        record = self.all_equal(member)
        self.assertEqual((record["mobile"], record["campus"], record["sync"]), ("13000000001", "东区", "confirmed"))
        self.assertEqual(self.attention(self.chair) + self.attention(self.colleague), [])
        self.assertEqual([h["person"] for h in self.chair.json("history", "member", member)], ["王敏", "王敏", "李静"])

    def test_the_same_value_is_no_conflict(self):
        member = self.shared_member()
        self.chair("set", "member", member, "mobile=13000000001")
        self.colleague("set", "member", member, "mobile=13000000001")
        self.chair.sync()
        self.colleague.sync()
        self.assertEqual(self.all_equal(member)["mobile"], "13000000001")

    def test_a_list_of_conflicts_is_for_people(self):
        """Kind, record, field, persons and local times in words, in place of the numbers by which they are kept."""
        self.clash()
        text = self.colleague("list", "conflict").out
        line = next(l for l in text.splitlines() if "刘芳" in l)
        for word in ("member", "mobile", "李静", "王敏", "open"):
            self.assertIn(word, line)
        self.assertRegex(line, r"20\d\d-\d\d-\d\d \d\d:\d\d ")
        self.assertNotRegex(text, r"\dT\d\d|Z\b")
        chinese = self.chair("list", "conflict", env={"BANYAN_LANG": "zh"}).out
        for word in ("会员", "刘芳", "手机号", "李静", "王敏", "待处理"):
            self.assertIn(word, chinese)
        one, = self.chair.json("list", "conflict")
        self.assertEqual((one["record_kind"], one["field"]), (1, "mobile"))  # JSON keeps what is stored
        self.assertIn("李静", self.chair("show", "conflict", one["id"]).out)

    def resolved_by(self, seat, *words):
        member = self.clash()
        entry, = self.attention(seat)
        seat("resolve", entry["id"], *words)
        seat.sync()
        record = self.all_equal(member)
        self.assertEqual(self.attention(self.chair) + self.attention(self.colleague), [])
        self.assertEqual((record["sync"], record["note"]), ("confirmed", "要核对"))
        self.assertEqual(self.chair("resolve", entry["id"], "--mine", status=1).out, "")
        return record["mobile"]

    def test_resolved_with_mine_by_the_later(self):
        self.assertEqual(self.resolved_by(self.colleague, "--mine"), "13000000002")

    def test_resolved_with_theirs_by_the_later(self):
        self.assertEqual(self.resolved_by(self.colleague, "--theirs"), "13000000001")

    def test_resolved_with_mine_by_whose_value_stands(self):
        self.assertEqual(self.resolved_by(self.chair, "--mine"), "13000000001")

    def test_resolved_with_theirs_by_whose_value_stands(self):
        self.assertEqual(self.resolved_by(self.chair, "--theirs"), "13000000002")

    def test_resolved_with_a_third_value(self):
        self.assertEqual(self.resolved_by(self.chair, "mobile=13000000003"), "13000000003")

    def test_who_may_not_set_the_field_sees_no_way_to_resolve(self):
        member = self.shared_member(campus="东区")
        reader = self.d.join("QH001", "audit_member", "周平")
        self.chair("set", "member", member, "campus=西区", "mobile=13000000001")
        self.colleague("set", "member", member, "campus=南区", "mobile=13000000002")
        self.chair.sync()
        self.colleague.sync(status=4)
        reader("sync", status=None)
        entries = self.attention(reader)
        self.assertEqual({f for e in entries for f in e["fields"]}, {"campus"})  # never the sensitive one
        self.assertEqual([e["next"] for e in entries], [[]] * len(entries))
        self.assertEqual(reader("resolve", entries[0]["id"], "--mine", status=1).out, "")

    def third_value(self):
        """The chair's value stood, the colleague's came later; then a third person, who knew it, set another one."""
        member = self.shared_member(campus="总园")
        third, reader = self.d.join("QH001", "committee_member", "周平"), self.d.join("QH001", "accountant", "赵蓉")
        self.chair("set", "member", member, "campus=甲园")
        self.colleague("set", "member", member, "campus=乙园")
        self.chair.sync()
        self.colleague.sync(status=4)
        third.sync(status=4)
        third("set", "member", member, "campus=丙园")
        third.sync(status=4)
        self.chair.sync(status=4)
        self.colleague.sync(status=4)
        return third, reader

    def sides(self, seat):
        entry, = self.attention(seat)
        values = entry["fields"]["campus"]
        self.assertTrue(values["at"])
        return entry, (values["mine_by"], values["mine"], values["by"], values["theirs"])

    def test_a_third_value_is_said_of_who_wrote_it(self):
        third, _ = self.third_value()
        entry, said = self.sides(self.colleague)
        self.assertEqual(said, ("李静", "乙园", "周平", "丙园"))
        self.assertRegex(self.colleague("attention", status=4).out, r"mine: 乙园  theirs \(周平.*\): 丙园\n")
        entry, said = self.sides(third)  # to whom the value that stands belongs
        self.assertEqual(said, ("周平", "丙园", "李静", "乙园"))
        self.assertRegex(third("attention", status=4).out, r"mine: 丙园  theirs \(李静.*\): 乙园\n")
        entry, said = self.sides(self.chair)  # hers is neither of the two any more
        self.assertEqual(said, ("李静", "乙园", "周平", "丙园"))
        words = self.chair("attention", status=4).out
        self.assertRegex(words, r"entered by 李静[^:]*: 乙园  what stands now, by 周平[^:]*: 丙园\n")
        self.assertNotIn("mine", words)
        for side in ("--mine", "--theirs"):
            self.assertIn("none of the two values is yours", self.chair("resolve", entry["id"], side, status=1).err)
        self.assertEqual([w.split()[3] for w in entry["next"]], ["--later", "--stands", "FIELD=VALUE"])
        self.chair("resolve", entry["id"], "--later")
        self.chair.sync()
        for seat in (third, self.colleague):
            seat.sync()
            self.assertEqual(self.attention(seat), [])
            self.assertEqual(seat.record("member", entry["record"])["campus"], "乙园")

    def test_what_stands_is_kept_by_who_is_no_party(self):
        self.third_value()
        entry, _ = self.sides(self.chair)
        self.chair("resolve", entry["id"], "--stands")
        self.chair.sync()
        self.assertEqual(self.chair.record("member", entry["record"])["campus"], "丙园")
        self.assertEqual(self.attention(self.chair), [])

    def test_a_change_that_waits_is_what_stands_here(self):
        member = self.clash()
        self.colleague("set", "member", member, "mobile=13000000005")
        entry, = self.attention(self.colleague)
        values = entry["fields"]["mobile"]
        self.assertEqual((values["mine"], values["theirs"], values["by"]), ("13000000002", "13000000005", "李静"))

    def test_who_may_not_decide_is_not_asked_to(self):
        _, reader = self.third_value()
        done = reader.sync()  # status 0
        self.assertIn("1 in conflict wait for others", done.err)
        self.assertNotIn("wait for you", done.err)
        _, said = self.sides(reader)
        self.assertEqual(said, ("李静", "乙园", "周平", "丙园"))
        words = reader("attention", status=4).out
        self.assertIn("two people changed the same field apart", words)
        self.assertRegex(words, r"entered by 李静[^:]*: 乙园  what stands now, by 周平[^:]*: 丙园\n")
        self.assertIn("nothing for you to do", words)
        self.assertNotIn("mine", words)
        self.assertNotIn("you were", words)

    def test_a_removal_is_told_to_who_is_no_party(self):
        member = self.shared_member()
        third = self.d.join("QH001", "committee_member", "周平")
        self.chair("remove", "member", member)
        self.colleague("set", "member", member, "campus=东区")
        self.chair.sync()
        self.colleague.sync(status=4)
        third.sync(status=4)
        entry, = self.attention(third)
        words = third("attention", status=4).out
        self.assertIn("one person removed this record while another was changing it", words)
        self.assertRegex(words, r"entered by 李静[^:]*: 东区\n")
        self.assertIn(f"banyan resolve {entry['id']} --stands", words)
        third("resolve", entry["id"], "--later")
        third.sync()
        self.assertEqual(third.record("member", member)["campus"], "东区")

    def test_the_record_was_removed_and_stays_so(self):
        member = self.shared_member()
        self.chair("remove", "member", member)
        self.colleague("set", "member", member, "campus=东区")
        self.chair.sync()
        self.colleague.sync(status=4)
        entry, = self.attention(self.colleague)
        self.colleague("resolve", entry["id"], "--theirs")
        self.colleague.sync()
        self.chair.sync()
        for seat in (self.chair, self.colleague):
            self.assertEqual(seat.json("list", "member"), [])
            self.assertEqual(self.attention(seat), [])

    def test_a_removal_of_what_others_changed_is_refused(self):
        member = self.shared_member()
        self.chair("set", "member", member, "campus=东区")
        self.colleague("remove", "member", member)
        self.chair.sync()
        self.colleague.sync(status=4)
        entry, = self.attention(self.colleague)
        self.assertEqual((entry["type"], entry["code"]), ("refusal", "CHANGED_SINCE"))
        self.assertEqual(self.colleague.record("member", member)["campus"], "东区")
        self.colleague("retry", entry["id"])  # now that it is seen
        self.colleague.sync()
        self.chair.sync()
        self.assertEqual(self.chair.json("list", "member") + self.colleague.json("list", "member"), [])

    def test_fields_that_belong_together_clash_together(self):
        member = self.shared_member(id_number="990101198506120024")
        self.chair("set", "member", member, "id_number=E12345678", "id_type=414")
        self.colleague("set", "member", member, "id_number=990101199002280141")
        self.chair.sync()
        self.colleague.sync(status=4)
        entry, = self.attention(self.colleague)
        self.colleague("resolve", entry["id"], "--theirs")
        self.colleague.sync()
        record = self.all_equal(member)
        self.assertEqual((record["id_number"], record["id_type"]), ("E12345678", "414"))


class Refused(unittest.TestCase):
    """A change that the server refuses: here two chairs who moved the same plan on."""

    def setUp(self):
        context = district()
        self.d = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.one, self.two = self.d.join("QH001", "union_chair", "王敏"), self.d.join("QH001", "union_chair", "李静")
        self.member = self.one.add("member", "name=刘芳")
        self.one("act", "member", self.member, "active")
        self.one.sync()
        self.two.sync()
        self.one("act", "member", self.member, "withdrawn", "note=本人申请")
        self.one.sync()
        self.two("act", "member", self.member, "retained", "retained_reason=study", "state_effective_on=2026-09-01")

    def test_what_depends_on_it_is_refused_with_it(self):
        self.two("act", "member", self.member, "transferred_out")
        self.two.sync(status=4)
        self.assertEqual([e["code"] for e in self.two.json("attention", status=4)], ["STATE_MOVED", "STATE_MOVED"])

    def test_discarded(self):
        self.two.sync(status=4)
        entry, = self.two.json("attention", status=4)
        self.two("discard", entry["id"][:13])
        self.two.sync()
        self.assertEqual(self.two("attention", "--json").json, [])
        self.assertEqual(self.two.record("member", self.member)["sync"], "confirmed")
        self.two("discard", entry["id"], status=1)
        self.assertEqual(self.d.overview()["branches"][0]["refused"], 0)

    def test_sent_again_once_it_can_be(self):
        self.two.sync(status=4)
        entry, = self.two.json("attention", status=4)
        self.two("retry", entry["id"], status=1)  # it would be refused again: said here, and it stays where it is
        self.assertEqual(len(self.two.json("attention", status=4)), 1)
        self.one("act", "member", self.member, "active")
        self.one.sync()
        self.two.sync(status=4)
        self.two("retry", entry["id"], "state_effective_on=2026-10-01")
        self.assertEqual(self.two("attention", "--json").json, [])
        self.two.sync()
        self.one.sync()
        record = self.one.record("member", self.member)
        self.assertEqual((record["state"], record["state_effective_on"]), ("retained", "2026-10-01"))
        self.two("resolve", entry["id"], "--mine", status=1)

    def test_an_agent_takes_part(self):
        self.two.watch()
        wait_for(lambda: self.two.json("status")["refused"] == 1, "the refusal")
        entry, = self.two.json("attention", status=4)
        self.two("discard", entry["id"])
        member = self.two.add("member", "name=之后")
        wait_for(lambda: self.two.record("member", member)["sync"] == "confirmed", "the next change")


if __name__ == "__main__":
    unittest.main()
