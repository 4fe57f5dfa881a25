"""What the other branches of the district enter, over the protocol (small_client.py), in a process of its own whose clock is the story's:
    year_fill.py HOST:PORT < [{"folder": of a seat, "number": of its branch}, ...]
Of a branch number n with the last digit r: 4 + r members; a plan with an item in September and one in October; r = 5 leaves the plan a
draft, whose items count nowhere; the others hand it in and do what was due in September."""
import json
import os
import sys
import time
from small_client import Connection, CREATE, MEMBER, encode, new_id, one

ACT, PLAN, ITEM = 3, 3, 4


class Branch:
    def __init__(self, home):
        self.home, self.changes = home, []

    def change(self, kind, record, op, patch, action=None):
        self.changes.append(encode({1: len(self.changes) + 1, 2: self.home, 3: kind, 4: record, 6: op, 7: encode(patch), 9: action,
                                    13: int(time.time() * 1000)}))
        return record

    def add(self, kind, patch):
        return self.change(kind, new_id(), CREATE, patch)

    def fill(self, number):
        for n in range(4 + number % 10):
            self.add(MEMBER, {2: f"会员{number}之{n}", 17: "2020-09-01", 18: "active"})
        plan = self.add(PLAN, {1: f"第{number}幼儿园工会工作计划", 2: "term", 3: "2026-1"})
        items = [self.add(ITEM, {1: plan, 2: position, 3: month, 6: due, 7: title})
                 for position, month, due, title in ((1, 9, "2026-09-30", "工会委员例会"), (2, 10, "2026-10-31", "收缴会费"))]
        if number % 10 == 5:
            return
        self.change(PLAN, plan, ACT, {}, "discussed")
        self.change(PLAN, plan, ACT, {8: "2026-09-04", 9: "工会委员会"}, "adopted")
        self.change(PLAN, plan, ACT, {10: "2026-09-08"}, "submitted")
        self.change(ITEM, items[0], ACT, {10: "2026-09-28", 11: "会议纪要"}, "done")


def main():
    for seat in json.load(sys.stdin):
        connection = Connection(sys.argv[1], folder=seat["folder"])
        incarnation = os.urandom(16)
        branch = Branch(one(connection.hello(incarnation), 7))
        branch.fill(seat["number"])
        verdicts, _ = connection.push(incarnation, branch.changes)
        bad = {n: v for n, v in verdicts.items() if v[0] != "APPLIED"}
        if bad or len(verdicts) != len(branch.changes):
            sys.exit(f"branch {seat['number']}: {bad}, {len(verdicts)} of {len(branch.changes)}")
        connection.close()


if __name__ == "__main__":
    main()
