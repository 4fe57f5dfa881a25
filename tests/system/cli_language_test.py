"""cli.md: Chinese unless somebody asks for English; BANYAN_LANG before the locale. Data (ids, JSON keys) are the same in both."""
import re
import unittest
from district import district, run, BANYAN, BANYAND

HAN = re.compile("[\u4e00-\u9fff]")


class Language(unittest.TestCase):
    def test_which_language(self):
        for env, chinese in (({"BANYAN_LANG": "", "LANG": "C.UTF-8"}, True), ({"BANYAN_LANG": "", "LANG": "zh_CN.UTF-8"}, True),
                             ({"BANYAN_LANG": "", "LANG": "en_US.UTF-8"}, False), ({"BANYAN_LANG": "en", "LANG": "zh_CN.UTF-8"}, False),
                             ({"BANYAN_LANG": "zh_CN", "LANG": "en_US.UTF-8"}, True)):
            label = run([BANYAN, "describe", "member", "--json"], env=env).json["label"]
            self.assertEqual(label, "会员" if chinese else "member", env)
            for program in (BANYAN, BANYAND):
                done = run([program, "nonsense"], status=2, env=env)
                self.assertEqual(bool(HAN.search(done.err)), chinese, (env, done.err))

    def test_both_on_the_way_through_a_branch(self):
        with district() as d:
            chair = d.join("QH001", "union_chair")
            member = chair.add("member", "name=LiuFang", "mobile=13012345678")
            zh, en = {"BANYAN_LANG": "zh_CN"}, {"BANYAN_LANG": "en"}
            for words in (["status"], ["show", "member", member], ["list", "member"], ["kinds"], ["overview"], ["history", "member", member]):
                self.assertRegex(chair(*words, env=zh).out, HAN, words)
            chair.sync()
            for words in (["show", "member", "ffff"], ["set", "member", member, "birth_date=nonsense"], ["set", "member", member, "state=active"],
                          ["resolve", "ffff", "--mine"], ["list", "member", "group_id=none"]):
                chinese, english = chair(*words, env=zh, status=1), chair(*words, env=en, status=1)
                self.assertRegex(chinese.err, HAN, words)
                self.assertNotRegex(english.err.replace("QH001", ""), HAN, words)
                self.assertNotEqual(chinese.err, english.err)
            for words in (["status", "--json"], ["list", "member", "--json"]):
                self.assertEqual(chair(*words, env=zh).json, chair(*words, env=en).json)
            d.stop()
            self.assertRegex(chair("sync", env=zh, status=3).err, HAN)
            self.assertNotRegex(chair("sync", env=en, status=3).err, HAN)
            self.assertRegex(d("serve", "--listen", "nowhere", env=zh, status=1).err, HAN)


if __name__ == "__main__":
    unittest.main()
