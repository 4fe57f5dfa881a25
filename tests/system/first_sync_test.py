"""The first whole: a district, a branch, what one seat enters reaches the others and the board."""
import unittest
from district import district


class FirstSync(unittest.TestCase):
    def test_a_member_reaches_the_district_and_a_colleague(self):
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            colleague = d.join("QH001", "committee_member", "李静")
            officer = d.join("QH", "district_officer", "张丽")
            member = chair.add("member", "name=刘芳", "mobile=10012345678")
            before = chair.record("member", member)
            self.assertEqual((before["sync"], before["seq"], before["state"]), ("queued", 0, "applied"))
            self.assertEqual(chair.json("status")["queued"], 1)
            chair.sync()
            after = chair.record("member", member)
            self.assertEqual(after["sync"], "confirmed")
            self.assertGreater(after["seq"], 0)
            self.assertTrue(after["member_no"])
            colleague.sync()
            self.assertEqual(colleague.record("member", member), after)
            seen = officer.json("list", "member", "--branch", "QH001")
            self.assertEqual([(m["id"], m["name"]) for m in seen], [(member, "刘芳")])
            self.assertNotIn("mobile", seen[0])
            board = officer.json("overview")
            self.assertEqual(board["totals"]["member.total"], 1)
            self.assertEqual(board["branches"][0]["code"], "QH001")
            self.assertEqual(d.overview()["totals"], board["totals"])
            self.assertEqual(d("verify").status, 0)

    def test_a_setting_of_the_district_reaches_the_branch(self):
        with district() as d:
            chair = d.join("QH001", "union_chair", "王敏")
            officer = d.join("QH", "district_officer", "张丽")
            limit = officer.add("policy_limit", "rule_code=dues.rate_permille", "value=5", "unit=permille", "effective_from=2026-01-01")
            officer("act", "policy_limit", limit, "in_force")
            officer.sync()
            chair.sync()
            self.assertEqual(chair.record("policy_limit", limit)["state"], "in_force")
            refused = chair("set", "policy_limit", limit, "value=6", status=1)
            self.assertTrue(refused.err)

if __name__ == "__main__":
    unittest.main()
