"""The year's eight proposals, from the call to the award. Invented, by deploy's samples; who proposed is on the roster."""
from year_people import NAMES

# key: title, category, reason, suggestion, proposer, submitted on
EIGHT = {
    "drums": ("关于增加并合理保管乐器的提案", "equipment", "打击乐器集中存放，借还没有登记", "设专柜和借用登记本", NAMES[4], "2026-11-18"),
    "repair": ("关于维修打击乐器的提案", "equipment", "铃鼓、三角铁等有缺件", "请供应商上门维修", NAMES[5], "2026-11-19"),
    "piano": ("关于钢琴定期调音的提案", "equipment", "部分钢琴音准偏差较大", "每学年请专业人员调音一次", NAMES[6], "2026-11-20"),
    "post": ("关于调整本人岗位的提案", "other", "本人希望从大班调到托班", "下学期予以安排", NAMES[12], "2026-11-21"),
    "mats": ("关于更换户外大型玩具安全软垫的提案", "safety", "软垫老化开裂", "尽快更换并每周检查", NAMES[13], "2026-11-22"),
    "bikes": ("关于增加非机动车停车场地的提案", "logistics", "现有车棚只能停放二十辆", "西侧空地增设车棚", NAMES[14], "2026-11-23"),
    "shoes": ("关于统一购置防滑工作鞋的提案", "safety", "盥洗室和厨房地面潮湿", "每年配发一双防滑鞋", NAMES[31], "2026-11-24"),
    "nursing": ("关于增设女教工哺乳室的提案", "health", "没有固定、私密的场所", "在二楼设一间哺乳室", NAMES[16], "2026-11-25"),
}
REPLIED = {"drums": "2026-12-16", "repair": "2026-12-16", "piano": "2026-12-16", "post": "2026-12-09", "mats": "2026-12-09", "bikes": "2026-12-11",
           "shoes": "2026-12-14", "nursing": "2026-12-16"}
RATED = {"drums": "satisfied", "repair": "satisfied", "piano": "basically", "post": "basically", "mats": "满意", "bikes": "unsatisfied",
         "shoes": "satisfied", "nursing": "satisfied"}
FILED = ("drums", "bikes", "shoes", "nursing")


class Proposals:
    """Steps of the story; self.group decides, self.handler works, self.delegate enters what colleagues write on paper."""

    def reply(self, key, day, text="已经研究，现答复如下"):
        for mode in ("written", "face_to_face"):
            self.handler.add("proposal_reply", f"proposal_id={self.proposals[key]}", f"mode={mode}", f"replied_on={day}", "replied_by=总务部", f"text={text}")

    def ids(self, *keys):
        return [self.proposals[key] for key in keys]

    def by(self, seat, *words):
        seat.sync()
        return seat.done("act", "proposal", *words)

    def handed_in(self):
        self.d.day("2026-11-16")
        call = self.chair.add("proposal_call", "session=五届四次教代会", "theme=关心教职工", "eligible=all_staff")
        self.chair.done("act", "proposal_call", call, "open", "opened_on=2026-11-16", "closes_on=2026-11-30")
        self.d.day("2026-11-25")
        self.delegate.sync()
        self.proposals = {}
        for key, (title, category, reason, suggestion, proposer, day) in EIGHT.items():
            self.proposals[key] = self.delegate.add("proposal", f"title={title}", f"category={category}", f"reason={reason}", f"suggestion={suggestion}",
                                                    f"proposer_id={proposer}", f"call_id={call}")
        for name in (NAMES[7], NAMES[8]):
            self.delegate.add("proposal_support", f"proposal_id={self.proposals['drums']}", f"member_id={name}", "signed_on=2026-11-18")
        for key, row in EIGHT.items():
            self.delegate("act", "proposal", self.proposals[key], "submitted", f"submitted_on={row[-1]}")
        self.delegate.sync()

    def decided(self):
        """Two go into the one about drums, one is declined and says why, one is passed on, four are filed and assigned."""
        self.d.day("2026-12-02")
        self.by(self.group, *self.proposals.values(), "collated")
        self.by(self.group, *self.ids("repair", "piano"), "merged", f"merged_into={self.proposals['drums']}", "decided_on=2026-12-02")
        self.by(self.group, *self.ids("post", "mats", *FILED), "under_review")
        self.assertIn("决定理由", self.group("act", "proposal", self.proposals["post"], "declined", status=1, env={"BANYAN_LANG": "zh"}).err)
        self.by(self.group, self.proposals["post"], "declined", "decision_reason=属于个人事项，已转园长室", "decided_on=2026-12-02")
        self.by(self.group, self.proposals["mats"], "converted", "decided_on=2026-12-02")
        self.by(self.group, *self.ids(*FILED), "filed", "filed_on=2026-12-02", "decided_on=2026-12-02", f"supervisor_id={NAMES[1]}")
        self.by(self.group, *self.ids(*FILED), "assigned", "department=总务部", "due_on=2026-12-18", f"handler_id={NAMES[15]}")
        self.by(self.handler, *self.ids(*FILED), "in_progress")

    def answered(self):
        """All eight, in writing and face to face, and all rated."""
        self.d.day("2026-12-17")
        self.handler.sync()
        for key in EIGHT:
            if key != "nursing":
                self.reply(key, REPLIED[key])
        nursing = self.proposals["nursing"]
        self.handler.add("proposal_reply", f"proposal_id={nursing}", "mode=书面", "replied_on=2026-12-15", "replied_by=总务部", "text=二楼储物间改造")
        self.assertIn("face to face", self.handler("act", "proposal", nursing, "replied", "replied_on=2026-12-16", status=1).err)
        self.handler.add("proposal_reply", f"proposal_id={nursing}", "mode=当面", "replied_on=2026-12-16", "replied_by=总务部", "text=当面说明")
        for key, day in REPLIED.items():
            self.handler("act", "proposal", self.proposals[key], "replied", f"replied_on={day}")
        self.handler.sync()
        self.delegate.sync()
        for key, rating in RATED.items():
            self.delegate("act", "proposal", self.proposals[key], "rated", f"rating={rating}", "rated_on=2026-12-17")
        self.delegate.sync()

    def worked_on(self):
        """The unsatisfied one is handled once more, and not a third time; it is overdue meanwhile. The rest ends."""
        bikes = self.proposals["bikes"]
        self.by(self.group, bikes, "reopened", "reopened_on=2026-12-18")
        self.by(self.handler, bikes, "in_progress")
        for key, result in (("drums", "done"), ("shoes", "done"), ("nursing", "planned")):
            self.by(self.handler, self.proposals[key], "resulted", f"result={result}")
        self.by(self.group, *self.ids("drums", "shoes", "nursing", "repair", "piano", "post", "mats"), "closed")
        self.d.day("2026-12-28")
        self.chair.sync()
        self.assertEqual([(l["id"], l["overdue"]) for l in self.chair.json("due") if l["kind"] == "proposal"], [(bikes, True)])
        self.assertEqual(self.officer.json("overview")["totals"]["proposal.overdue"], 1)
        for award in ("award=nominated", "award=awarded awarded_on=2026-12-28", "award=sent"):
            self.group("set", "proposal", self.proposals["drums"], *award.split())
        self.group.sync()

    def answered_again(self):
        bikes = self.proposals["bikes"]
        self.d.day("2027-01-12")
        self.handler.sync()
        self.reply("bikes", "2027-01-12", "暑期施工，先划线停放")
        self.by(self.handler, bikes, "replied", "replied_on=2027-01-12")
        self.by(self.delegate, bikes, "rated", "rating=unsatisfied", "rated_on=2027-01-12")
        self.group.sync()
        self.assertIn("handled again once already", self.group("act", "proposal", bikes, "reopened", "reopened_on=2027-01-12", status=1).err)
        self.handler.sync()
        self.assertIn("needs a reason", self.handler("act", "proposal", bikes, "resulted", "result=partly", status=1).err)
        self.by(self.handler, bikes, "resulted", "result=partly", "result_reason=车棚列入暑期，先划线")
        self.by(self.group, bikes, "closed")

    def proposals_as_written_down(self):
        self.chair.sync()
        rows = {r["id"]: r for r in self.chair.rows("proposal")}
        mine = {key: rows[p] for key, p in self.proposals.items()}
        self.assertEqual(len(rows), 8)
        self.assertEqual({r["state"] for r in rows.values()}, {"closed"})
        self.assertEqual(len({r["no"] for r in rows.values() if r["no"]}), 8)
        self.assertEqual([bool(mine[key]["filing_no"]) for key in EIGHT], [key in FILED for key in EIGHT])
        self.assertEqual(len({mine[key]["filing_no"] for key in FILED}), 4)
        drums = self.chair.record("proposal", self.proposals["drums"])
        self.assertEqual(sorted(m["proposer"] for m in drums["merged"]), sorted([NAMES[5], NAMES[6]]))
        self.assertEqual(sorted(s["member"] for s in drums["supports"]), sorted([NAMES[7], NAMES[8]]))
        sent, = self.officer.json("list", "proposal", "--branch", "QH001")
        self.assertEqual((sent["title"], sent["suggestion"]), (EIGHT["drums"][0], EIGHT["drums"][3]))
        self.officer("show", "proposal", self.proposals["bikes"], "--branch", "QH001", status=1)
