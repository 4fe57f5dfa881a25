"""Two seats of one branch work apart (sync rules 8-16, 20; pains 1, 2, 16, 17): what is disjoint merges, what clashes waits with
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

    def test_pain_17_a_conflict_shows_both_values_on_both_sides(self):
        member = self.clash()
        for seat, own, other, by in ((self.colleague, "13000000002", "13000000001", "王敏"), (self.chair, "13000000001", "13000000002", "李静")):
            entry, = self.attention(seat)
            self.assertEqual((entry["type"], entry["kind"], entry["record"]), ("conflict", "member", member))
            self.assertEqual(set(entry["fields"]), {"mobile"})
            field = entry["fields"]["mobile"]
            self.assertEqual((field["mine"], field["theirs"], field["by"]), (own, other, by))
            self.assertTrue(field["at"])
            self.assertTrue(any("resolve" in n for n in entry["next"]))
            self.assertEqual(seat.json("status")["conflicts"], 1)
            record = seat.record("member", member)
            self.assertEqual((record["mobile"], record["note"], record["sync"]), ("13000000001", "要核对", "conflict"))
            self.assertNotIn("13000000002", seat("attention", status=4).out)  # people see sensitive values masked
            self.assertIn("李静" if seat is self.chair else "王敏", seat("attention", status=4).out)

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

    def test_pain_18_a_group_is_whole_of_two_who_resolve_the_second_is_refused(self):
        member = self.clash()
        for seat, value in ((self.chair, "13000000003"), (self.colleague, "13000000004")):
            entry, = self.attention(seat)
            seat("resolve", entry["id"], f"mobile={value}")
        self.chair.sync()
        self.colleague.sync(status=4)
        entry, = self.attention(self.colleague)
        self.assertEqual((entry["type"], entry["code"]), ("refusal", "GROUP"))
        self.colleague("discard", entry["id"])
        record = self.all_equal(member)
        self.assertEqual((record["mobile"], record["sync"]), ("13000000003", "confirmed"))
        self.assertEqual(self.attention(self.colleague), [])

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

    def test_pain_16_the_record_was_removed_and_comes_back(self):
        member = self.shared_member()
        self.chair("remove", "member", member)
        self.colleague("set", "member", member, "campus=东区")
        self.chair.sync()
        self.colleague.sync(status=4)
        entry, = self.attention(self.colleague)
        self.assertEqual((entry["type"], entry["code"], entry["fields"]["campus"]["mine"]), ("conflict", "DELETED", "东区"))
        said = self.colleague("attention", status=4).out  # what each way does to the record is said, and whose it is
        self.assertIn("刘芳", said)
        self.assertRegex(said, f"bring the record back[^\n]*: banyan resolve {entry['id']} --mine\n")
        self.assertRegex(said, f"leave it removed: banyan resolve {entry['id']} --theirs\n")
        self.chair.sync(status=4)
        said = self.chair("attention", status=4).out  # to who removed it, the other way round
        self.assertRegex(said, f"bring the record back[^\n]*: banyan resolve {entry['id']} --theirs\n")
        self.assertRegex(said, f"leave it removed: banyan resolve {entry['id']} --mine\n")
        self.colleague("resolve", entry["id"], "--mine")
        self.colleague.sync()
        record = self.all_equal(member)
        self.assertEqual((record["name"], record["campus"], record["mobile"], record["state"]), ("刘芳", "东区", "13012345678", "applied"))
        self.assertEqual(self.attention(self.chair) + self.attention(self.colleague), [])

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

    def test_pain_01_one_bad_record_blocks_nothing(self):
        others = [self.two.add("member", f"name=后来{n}") for n in range(5)]
        self.two.sync(status=4)
        self.assertEqual({self.two.record("member", m)["sync"] for m in others}, {"confirmed"})
        self.assertEqual(self.two.json("status")["queued"], 0)
        self.assertEqual(self.two.json("status")["refused"], 1)
        record = self.two.record("member", self.member)
        self.assertEqual((record["state"], record["note"], record["sync"]), ("withdrawn", "本人申请", "refused"))
        entry, = self.two.json("attention", status=4)
        self.assertIn("withdrawn", entry["text"])
        self.assertIn("王敏", entry["text"])
        self.one.sync()
        self.assertEqual(len(self.one.json("list", "member")), 6)
        self.two.sync(status=4)  # it waits still, and is not sent again
        self.assertEqual(self.d.overview()["branches"][0]["refused"], 1)

    def test_pain_02_no_rejection_is_silent(self):
        """The round, the list, the record, the status, the queue's owner and the district's board all say so."""
        self.assertIn("1 refused", self.two.sync(status=4).err)
        self.assertIn("refused", self.two("list", "member").out)
        self.assertIn("attention", self.two("show", "member", self.member).out)
        self.assertIn("attention", self.two("status").out)
        self.assertIn("discard", self.two("attention", status=4).out)
        self.assertEqual([m["sync"] for m in self.two.json("list", "member")], ["refused"])
        self.two.sync(status=4)
        self.assertEqual(self.d.overview()["branches"][0]["refused"], 1)

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
