#!/usr/bin/env python3
"""Writes the first corpora, OUT/HARNESS/NAME: from the golden vectors of proto/ and the documents of tests/data.

    seeds.py OUT
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
VECTORS, DATA = TOP / "proto/vectors", TOP / "tests/data"
sys.path.insert(0, str(VECTORS))
sys.dont_write_bytecode = True
import make  # noqa: E402

FRAME_COUNT = max(number for number, _ in make.frame_numbers().values())
WITHIN = ["Change", "Effects", "Entry", "SnapshotRow", "JoinCode", "Erasure"]  # as message_fuzz.c counts them


def vectors():
    for path in sorted(VECTORS.glob("*.hex")):
        yield path.stem, bytes.fromhex(path.read_text())


def frame_seeds():
    frames = [(name, data) for name, data in vectors() if name.isupper() or name.split("_")[0].isupper()]
    for name, data in frames:
        yield name, b"\xff" + data
    yield "all", b"\x0c" + b"".join(data for _, data in frames)


def message_seeds():
    for name, data in vectors():
        if name.split("_")[0] in WITHIN:
            yield name, bytes([FRAME_COUNT + WITHIN.index(name.split("_")[0])]) + data
        else:
            yield name, bytes([data[4] - 1]) + data[5:]
    yield from kind_messages()


KIND_NAMES = ("Member UnionGroup WorkPlan PlanItem PolicyLimit Proposal ProposalSupport ProposalReply ProposalCall DuesStandard DuesAssessment "
              "DuesPayment DuesYear DuesUsageReport DuesUsageLine WorkSummary Handover MembershipChange BranchUnion CommitteeMeeting Conflict").split()


def kind_messages():
    """Every kind with all of its fields, as the registry counts them: behind the frames and what is WITHIN."""
    values = dict(string="青", bytes=stage_id(1), int64=-5, bool=1, uint32=7, uint64=9)
    for at, name in enumerate(KIND_NAMES):
        fields = {f[1]: values.get(f[2], 1) for f in make.SCHEMA.messages[f"record.{name}"]}
        yield name, bytes([FRAME_COUNT + len(WITHIN) + at]) + make.SCHEMA.encode(f"record.{name}", fields)


def join_code_seeds():
    code = dict(vectors())["JoinCode"]
    yield "packed", code
    yield "text", b"BANYAN-00000-00000"


def plan_seeds():
    for path in sorted((DATA / "plans").glob("*.txt")):
        yield path.stem, path.read_bytes()[:20000]


def tables():
    for path in sorted([*TOP.glob("deploy/demo/*.csv"), *DATA.rglob("*.csv")]):
        yield path.stem, path.read_bytes()[:8000]
    yield "quotes", '姓名,电话\r\n"陈, 晨","13 800"\r\n"a""b",\'=1+1\r\n="00123",x\r\n'.encode()
    yield "gb", "姓名;性别\n石榴;女\n".encode("gb18030")


def csv_seeds():
    return tables()


def roster_seeds():
    for which in range(0, 26):
        for name, data in tables():
            if which < 2 or name in ("quotes", "gb"):
                yield f"{which}-{name}", bytes([which]) + data
    yield "wages", bytes([25]) + "会员号,姓名,工资\n001,石榴,5200.00\n002,方圆,合计\n".encode()


def piece(number, data):
    return bytes([number]) + len(data).to_bytes(2, "little") + data


SEATS, ENTERED, TOGETHER, QUEUED, PROVEN, EXPIRED, NOBODY = 10, 1, 2, 4, 16, 32, 64  # session_fuzz.c, stage.h


def change_of(n, kind, op, fields, record=b"\0\1\x9a\xa8\xe0\xd1\x70\1\xb0\1\2\3\4\5\6", base=0, org=2, **more):
    patch = dict(patch=make.Packed(KINDS[kind], **fields)) if fields else {}
    return make.Packed("wire.Change", n=n, org=org, kind=kind, id=record + bytes([kind]), base_seq=base, op=op, made_ms=make.T,
                       **patch, **more)


KINDS = {100: "record.Conflict", 1: "record.Member", 2: "record.UnionGroup", 3: "record.WorkPlan", 4: "record.PlanItem"}


def session_seeds():
    numbers, frames = make.frame_numbers(), []
    say = lambda name, **fields: piece(numbers[name][0], make.SCHEMA.encode(numbers[name][1], fields))
    for name, data in vectors():
        if name.split("_")[0].isupper() or name in numbers:
            frames.append((name, piece(data[4], data[5:])))
    for name, data in frames:
        for who in (0, 3):
            yield f"{name}-{who}", bytes([who, ENTERED | PROVEN]) + data
    for name in ("JOIN", "RENEW", "HELLO"):
        data = dict(frames)[name]
        yield f"{name}-first", bytes([0, PROVEN]) + data
        yield f"{name}-nobody", bytes([0, NOBODY]) + data
        yield f"{name}-expired", bytes([0, EXPIRED]) + data
        yield f"{name}-revoked", bytes([8, 0]) + data
        yield f"{name}-unknown", bytes([SEATS, 0]) + data
    push = lambda *changes, **more: say("PUSH", **{**dict(incarnation=make.INCARNATION, sent=[dict(change=c) for c in changes]), **more})
    member = [change_of(1, 1, "CREATE", dict(name="方圆")), change_of(2, 1, "SET", dict(note="一"), base=1 << 40 | 8),
              change_of(3, 1, "ACT", {}, action="active"), change_of(4, 1, "REMOVE", {}, base=1 << 40 | 10)]
    plan = [change_of(1, 3, "CREATE", dict(title="计划", period_kind="term", period="2026-1")),
            change_of(2, 4, "CREATE", dict(title="一项", plan_id=b"\0\1\x9a\xa8\xe0\xd1\x70\1\xb0\1\2\3\4\5\6\3"))]
    for who in (0, 3, 4, 5, 8):
        yield f"members-{who}", bytes([who, ENTERED]) + push(*member)
        yield f"plans-{who}", bytes([who, ENTERED | QUEUED]) + push(*plan) + piece(0xe1, b"") + dict(frames)["PULL"]
    yield from session_changes(push)
    yield from session_questions(say)
    yield from session_recovery(say, push)
    yield "revoked-between", bytes([0, ENTERED]) + push(member[0]) + piece(0xe2, b"") + push(member[1]) + dict(frames)["REPORT"]
    yield "all", bytes([0, ENTERED]) + b"".join(data for _, data in frames[:20])


def stage_id(i):
    """member_id(i) of the unit tests: the stage's records."""
    return (1795400000000 - 100000000 + i).to_bytes(6, "big") + bytes([0x70, i, 0x80]) + bytes(7)


AT = lambda n: 1 << 40 | n  # a seq of the stage: members 1 and 2, a group, a plan, a SET of member 1, a conflict, a member that leaves (7, 8)
CONFLICT, CLASH = 100, b"\xcc" * 16  # prove.h: any open conflict
MEMBER, GROUP, PLAN, ITEM = 1, 2, 3, 4


def session_changes(push):
    """What the rules of sync.md decide, each by its way: against the stage's records, by its chair, its second chair, others."""
    change = lambda n, kind, i, op, fields={}, base=0, **more: change_with(n, kind, op, fields, stage_id(i), base, **more)
    note = lambda n, text, base=5, **more: change(n, MEMBER, 1, "SET", dict(note=text), AT(base), **more)
    grouped = lambda *list: [(kind, i, op, fields, dict(more, group=make.filled(9, 16), group_position=at, group_size=len(list)))
                             for at, (kind, i, op, fields, more) in enumerate(list, 1)]
    group = lambda first, *list: [change(n, kind, i, op, fields, **more) for n, (kind, i, op, fields, more) in enumerate(grouped(*list), first)]
    acts = [("active", {}), ("retained", dict(retained_reason="1")), ("withdrawn", {}), ("deceased", {}), ("active", {})]
    resolve = lambda n, text: [change_with(n, MEMBER, "SET", dict(note=text), stage_id(1), AT(6), group=make.filled(8, 16), group_position=1, group_size=2),
                               change_with(n + 1, CONFLICT, "ACT", {}, CLASH, 0, action="resolved", group=make.filled(8, 16), group_position=2, group_size=2)]
    cases = dict(
        clash=push(note(1, "三", 1), note(2, "四", 1), change(3, MEMBER, 1, "SET", {}, AT(1), cleared=[21]), change(4, MEMBER, 1, "REMOVE", {}, AT(1))),
        merged=push(change(1, MEMBER, 1, "SET", dict(campus="东"), AT(1)), change(2, MEMBER, 2, "SET", dict(id_type="111", id_number="110101199003070038"), AT(2))),
        steps=push(*[change(n, MEMBER, 2, "ACT", fields, AT(2), action=action) for n, (action, fields) in enumerate(acts, 1)]),
        again=push(change(1, MEMBER, 1, "CREATE", dict(name="stage-secret", note="别的")), change(2, MEMBER, 2, "REMOVE", {}, AT(2)),
                   change(3, MEMBER, 2, "SET", dict(note="去了"), AT(2)), change(4, MEMBER, 2, "CREATE", dict(name="回来"))),
        parts=push(change(1, ITEM, 20, "CREATE", dict(title="一项", plan_id=stage_id(4), month=9)), change(2, PLAN, 4, "REMOVE", {}, AT(4)),
                   change(3, ITEM, 20, "ACT", dict(evidence="会议纪要"), AT(4), action="done"), change(4, PLAN, 4, "ACT", {}, AT(4), action="discussed"),
                   change(5, PLAN, 4, "ACT", {}, AT(4), action="archived")),
        unknown=push(change_with(1, 99, "CREATE", {}, stage_id(30), 0), change(2, MEMBER, 77, "SET", dict(note="x"), AT(2)),
                     change(3, MEMBER, 2, "ACT", {}, AT(2), action="elsewhere"), change(4, MEMBER, 2, "ERASE", {}, AT(2))),
        group=push(*group(1, (PLAN, 21, "CREATE", dict(title="二", period_kind="term", period="2026-2"), {}),
                          (ITEM, 22, "CREATE", dict(title="项", plan_id=stage_id(21)), {}), (ITEM, 23, "CREATE", dict(title="项", plan_id=stage_id(21)), {}))),
        group_refused=push(*group(1, (MEMBER, 24, "CREATE", dict(name="可以"), {}), (MEMBER, 25, "CREATE", dict(note="没有名字"), {}))),
        half=push(*group(1, (MEMBER, 24, "CREATE", dict(name="可以"), {}), (MEMBER, 25, "CREATE", dict(name="也可以"), {}))[:1]),
        resolved=push(change_with(1, CONFLICT, "ACT", {}, CLASH, 0, action="resolved")),
        resolved_mine=push(*resolve(1, "就这样")),
        resolved_twice=push(*resolve(1, "就这样"), *resolve(3, "又一次")),
        marked=push(incarnation=make.INCARNATION, sent=[dict(change=note(1, "从前退回"), refused=dict(code="VALUE", field="note", argument=["x"]))]),
        hole=push(note(1, "一")) + push(note(9, "九"), trimmed_to=8) + push(note(5, "五")) + push(note(12, "洞")),
        for_seat=push(*[change(n, MEMBER, 30 + n, "CREATE", dict(name="代交"), for_seat=n) for n in range(1, 9)]),
        origins=push(*[change(n, MEMBER, 40 + n, "CREATE", dict(name="移交"), for_seat=2, origin=dict(incarnation=make.filled(7, 16), n=n + 3, signature=b"x"))
                       for n in range(1, 4)]),
    )
    for name, data in cases.items():
        for who in (0, 4, 8):
            yield f"{name}-{who}", bytes([who, ENTERED | PROVEN]) + data
        yield f"{name}-replayed", bytes([0, ENTERED | PROVEN]) + data * 2
        yield f"{name}-queued", bytes([0, ENTERED | PROVEN | QUEUED | TOGETHER]) + data + data
    one, other = note(1, "同一个"), note(1, "另一个")
    yield "same", bytes([0, ENTERED]) + push(one) + push(one, incarnation=make.filled(3, 16))
    yield "forked", bytes([0, ENTERED]) + push(one) + push(other) + push(
        other, incarnation=make.sha(make.INCARNATION + (1).to_bytes(8, "big") + make.sha(packed(other))[:16])[:16], parent=make.INCARNATION, fork_n=1)
    yield "taken-twice", bytes([0, ENTERED | PROVEN]) + cases["origins"] + push(
        *[change(n, MEMBER, 41, "CREATE", dict(name="移交"), for_seat=2, origin=dict(incarnation=make.filled(7, 16), n=4, signature=b"x")) for n in (1,)],
        incarnation=make.filled(3, 16))
    yield "clash-removed", bytes([1, ENTERED | PROVEN]) + cases["again"] + push(*resolve(5, "回来"))


def change_with(n, kind, op, fields, record, base, **more):
    patch = dict(patch=make.Packed(KINDS[kind], **fields)) if fields else {}
    return make.Packed("wire.Change", n=n, org=2, kind=kind, id=record, base_seq=base, op=op, made_ms=make.T, **patch, **more)


def packed(change):
    return make.SCHEMA.bytes_of("bytes", change)


def session_questions(say):
    """Everything that can be asked about what is there, by those who may and those who may not."""
    asks = [say("PULL", org=org, after=after, size_max=size) for org, after, size in ((2, 0, 0), (2, AT(3), 1), (1, 0, 0), (3, 0, 0))]
    asks += [say("SNAPSHOT_ASK", org=2, after_kind=kind, size_max=size, **more) for kind, size, more in (
        (0, 0, {}), (1, 1, {}), (1, 1, dict(after_id=stage_id(1))), (3, 0, dict(only_kind=3)), (100, 0, dict(only_kind=100)), (1, 0, dict(after_id=bytes(16))))]
    asks += [say("DIGEST_ASK", org=org) for org in (1, 2, 3)]
    for kind in (1, 3, 100, 12):
        asks += [say("ROWS_ASK", number=7, org=2, kind=kind), say("ROWS_ASK", number=7, org=3, kind=kind, state="active"),
                 say("ROWS_ASK", number=7, kind=kind, id=stage_id(1)), say("ROWS_ASK", number=7, kind=kind, id=stage_id(1), id_bits=40),
                 say("ROWS_ASK", number=7, org_code="qh-01", kind=kind, after_id=stage_id(1)), say("ROWS_ASK", number=7, kind=kind, id=bytes(16), id_bits=0)]
        asks += [say("HISTORY_ASK", number=8, org=org, kind=kind, id=stage_id(i)) for org in (0, 2, 3) for i in (1, 5)]
    asks += [say("OVERVIEW_ASK", number=9, **more) for more in ({}, dict(org_code="qh-01"), dict(org_code="qh-02"), dict(after_total="1."), dict(after_branch=2))]
    asks += [say("TRANSFER_ASK", number=5, **more) for more in ({}, dict(id=stage_id(5)), dict(id=stage_id(11)), dict(id=stage_id(1)), dict(after_id=stage_id(5)))]
    asks += [say("SEAT_ASK", number=4, action=action, **more) for action in ("SEAT_LIST", "SEAT_REFUSED", "SEAT_REVOKE", "SEAT_SUSPEND", "SEAT_RESUME")
             for more in ({}, dict(seat=1), dict(seat=2), dict(seat=9), dict(after=2), dict(seat=9, after_org=1, after_seq=AT(1)))]
    asks += [say("INVITE_ASK", number=3, roles=roles, person="何花", days=7, **more) for roles in ("accountant", "district_officer", "nobody")
             for more in ({}, dict(org_code="qh-02"), dict(org_code="QH"))]
    asks += [say("REPORT", queued=0), say("REPORT", queued=3, oldest_queued_ms=-(1 << 62), refused=1, conflicts=1 << 31), say("PING", sent_ms=1),
             say("RENEW", csr=REQUEST)]
    for who in (0, 2, 3, 4, 8):
        for at in range(0, len(asks), 6):
            yield f"asks-{who}-{at}", bytes([who, ENTERED]) + b"".join(asks[at:at + 6])
    erasure = lambda i, org, *fields: make.Packed("wire.Erasure", id=make.filled(i, 16), org=org, at_ms=make.T, reason="决定",
                                                  erased=[dict(kind=MEMBER, id=stage_id(n), field=list(fields)) for n in (1, 2)])
    known = lambda *list: say("ERASURES_ASK", after=0, known=[dict(erasure=packed(e), mac=bytes(16)) for e in list])
    for who in (0, 3, 4, 8):
        for how in (ENTERED, ENTERED | PROVEN):
            yield f"erased-{who}-{how}", bytes([who, how]) + say("ERASURES_ASK", after=0) + known(erasure(1, 2, 2, 21)) + known(
                erasure(1, 2, 2, 21), erasure(2, 3, 2), erasure(3, 2)) + say("PULL", org=2) + say("SNAPSHOT_ASK", org=2) + say("DIGEST_ASK", org=2)
    yield "handed-over", bytes([8, ENTERED]) + say("REPORT", queued=1) + say("REPORT", queued=0)
    yield "joins", bytes([0, NOBODY]) + say("JOIN", protocol=1, secret=b"0123456789abcdef", csr=REQUEST)


def session_recovery(say, push):
    """A proven position beyond all that is here: the server believes that its file was rolled back. Then what it lost is handed back."""
    hello = lambda **more: say("HELLO", **{**dict(protocol=1, version="9", incarnation=make.INCARNATION, watch=1), **more})
    at = lambda org, n, epoch=1: dict(org=org, seq=epoch << 40 | n, chain=make.filled(4, 32))
    lost = [dict(seq=AT(10 + i), seat=1, incarnation=make.filled(5, 16), n=1 + i, hash=make.sha(packed(c))[:16], verdict=verdict, received_ms=make.T, change=packed(c),
                 effects=packed(effects), salt=make.filled(1, 16), chain=bytes(32)) for i, (c, effects, verdict) in enumerate((
        (change_with(1, MEMBER, "SET", dict(note="丢了"), stage_id(1), AT(5)), effects_of(MEMBER, stage_id(1), dict(note="丢了")), "APPLIED"),
        (change_with(2, MEMBER, "CREATE", dict(name="丢了"), stage_id(50), 0), effects_of(MEMBER, stage_id(50), dict(name="丢了", state="applied")), "APPLIED"),
        (change_with(3, MEMBER, "REMOVE", {}, stage_id(50), AT(11)), effects_of(MEMBER, stage_id(50), {}, life="TOMBSTONE"), "APPLIED")))]
    stripped = [dict(seq=e["seq"], effects=e["effects"], chain=bytes(32), entry_hash=entry_hash(e)) for e in lost]
    hidden = [dict(seq=e["seq"], chain=bytes(32), entry_hash=entry_hash(e)) for e in lost]
    back = lambda entries, done=1, org=2: say("HAND_BACK", org=org, entry=entries, done=done)
    rolled = hello(position=[at(2, 30)])
    cases = dict(
        whole=rolled + back(lost) + back(lost), stripped=rolled + back(stripped) + back(lost), hidden=rolled + back(hidden) + back(stripped) + back(lost), pieces=rolled + back(lost[:1], 0) + back(lost[1:]),
        nothing=rolled + back([]), elsewhere=rolled + back(lost, org=3) + back(lost, org=1), late=rolled + push(change_of(1, MEMBER, "CREATE", dict(name="等")), sent=[]),
        gap=rolled + back(lost[1:]), epoch=hello(position=[at(2, 3, 2)]) + back(lost), told=hello(epoch=7, epoch_mac=make.epoch_mac(7)),
        where=hello(position=[at(1, 0), at(2, 5), at(3, 9)], left_ms=0, epoch=1), many=hello(position=[at(n, 1) for n in range(17)]),
        puts_off=rolled + push(change_of(1, MEMBER, "CREATE", dict(name="等"))) + say("PULL", org=2) + say("DIGEST_ASK", org=2),
    )
    for name, data in cases.items():
        for who in (0, 4, 8):
            yield f"recovery-{name}-{who}", bytes([who, PROVEN]) + data
        yield f"recovery-{name}-doubted", bytes([0, 0]) + data
    yield from session_late(say, push, hello, at, lost)


LATER, OTHERS_CHANGE, RECONNECT = 0xe0, 0xe1, 0xe5  # session_fuzz.c
A_DAY = piece(LATER, (1441).to_bytes(2, "little"))  # RECOVERY_MS has gone by


def session_late(say, push, hello, at, lost):
    """Recovery ended a day after it began, in epoch 2; then a holder comes with what nobody had handed back (rule 27)."""
    ended = hello(position=[at(2, 30)]) + A_DAY + piece(OTHERS_CHANGE, b"") + piece(RECONNECT, b"") + piece(OTHERS_CHANGE, b"")  # put off; decided
    again = hello(position=[at(2, 9)])
    late = lambda entries, done=1, **more: say("HAND_BACK", org=2, entry=entries, done=done, late=1, **more)
    stripped = [dict(seq=e["seq"], effects=e["effects"], chain=bytes(32), entry_hash=entry_hash(e)) for e in lost]
    clone = [dict(e, seat=2, incarnation=b"\x49" * 16) for e in lost]  # pen_of: whose n 1 is what OTHERS_CHANGE brought
    same = [lost[0], dict(lost[0], seq=AT(11), incarnation=make.filled(6, 16), verdict="SAME", effects=b"")]
    fork = dict(incarnation=clone[0]["incarnation"], n=1, hash=clone[0]["hash"])
    mine = push(change_with(1, MEMBER, "SET", dict(note="新的"), stage_id(1), AT(5)), change_with(2, MEMBER, "SET", dict(name="也是"), stage_id(50), AT(11)))
    look = say("PULL", org=2, after=AT(9)) + say("DIGEST_ASK", org=2) + say("SNAPSHOT_ASK", org=2, after_kind=0)
    cases = dict(
        whole=late(lost) + mine + look, again=late(lost) * 2, pieces=late(lost[:1], 0) + late(lost[1:]), stripped=late(stripped) + late(lost),
        mixed=late([lost[0], stripped[1], lost[2]]), beginning=late(lost[1:]) + late(lost), before=late(lost[1:], chain_before=make.filled(4, 32)),
        mine_first=mine + late(lost) + look, clone=late(clone) + look, fork=late(clone[:1], 0) + late(clone[1:], fork=[fork]) + look, same=late(same),
        not_late=say("HAND_BACK", org=2, entry=lost, done=1), nothing=late([]), elsewhere=say("HAND_BACK", org=3, entry=lost, done=1, late=1),
        revoked=piece(0xe2, b"") + late(lost), changed=late(lost) + piece(OTHERS_CHANGE, b"") + look,
        recovers=piece(LATER, (61).to_bytes(2, "little")) + piece(RECONNECT, b"") + hello(position=[at(2, 40, 2)]) + late(lost) + A_DAY + piece(OTHERS_CHANGE, b"")
        + piece(RECONNECT, b"") + hello(position=[at(2, 9)]) + late(lost))
    for name, data in cases.items():
        for who in (0, 4, 8) if name in ("whole", "clone", "stripped") else (0,):
            yield f"late-{name}-{who}", bytes([who, PROVEN]) + ended + again + data
    yield "late-doubted", bytes([0, 0]) + ended + again + late(lost)
    yield "late-queued", bytes([0, PROVEN | QUEUED]) + ended + again + late(lost) + mine


def entry_hash(e):
    """PROTOCOL.md "The chain", of one that was accepted."""
    part = lambda data: len(data).to_bytes(4, "big") + data
    content = make.sha(part(e["salt"]) + part(e["change"]) + part(e["effects"]))
    return make.sha(e["seq"].to_bytes(8, "big") + e["seat"].to_bytes(4, "big") + e["incarnation"] + e["n"].to_bytes(8, "big") + e["hash"]
                    + bytes([make.SCHEMA.enums["wire.VerdictType"][e["verdict"]]]) + part(b"") + e["received_ms"].to_bytes(8, "big") + content)


def effects_of(kind, record, fields, **more):
    patch = dict(patch=make.Packed(KINDS[kind], **fields)) if fields else {}
    return make.Packed("wire.Effects", effect=[dict(kind=kind, id=record, **patch, **more)])


def link_seeds():
    """One org as the device of link_fuzz.c holds it, and a server that says all sorts of things about it."""
    numbers = make.frame_numbers()
    say = lambda name, **fields: piece(numbers[name][0], make.SCHEMA.encode(numbers[name][1], fields))
    head = dict(org=dict(make.BRANCH, number=2), seq=1 << 40 | 9, chain=make.filled(1, 32), promise=0, rows=3, entries=8)
    root = dict(org=make.ROOT, seq=0, chain=bytes(32), promise=0, rows=0, entries=0)
    welcome = dict(protocol=1, version="9", now_ms=make.T, seat=1, person="石榴", roles="union_chair", home=2, state="active",
                   head=[root, head], lineage=[dict(epoch=1, parent=0)], lease_days=120, changes_max=500, epoch_mac=make.epoch_mac(1))
    frames = [(name, piece(data[4], data[5:])) for name, data in vectors() if name.split("_")[0] in numbers or name in numbers]
    hello = say("WELCOME", **welcome)
    true, changed, skip, again = 0xe2, 0xe3, 0xe4, 0xe5
    for how in (0, 1, 2, 4, 5, 12):
        for before in range(8):
            for number in range(3 if how in (0, 4) else 1):
                yield f"changed-{how}-{before}-{number}", bytes([how]) + piece(true, b"") * before + piece(changed, bytes([number, how])) + \
                    piece(true, b"") * 4
        yield f"skip-{how}", bytes([how]) + piece(true, b"") * 2 + piece(skip, b"") + piece(true, b"") * 3
        yield f"again-{how}", bytes([how]) + piece(true, b"") * 3 + piece(again, b"") + piece(true, b"") * 3
    yield "asked", b"\2" + hello + dict(frames)["ROWS"] + dict(frames)["ERROR"]
    yield "renewed", b"\3" + dict(frames)["RENEWED"]
    for name in ("NEWS", "DIGESTS", "ENTRIES", "SNAPSHOT_PAGE", "PONG"):
        yield f"{name}-watch", b"\1" + hello + dict(frames)[name]
    back = dict(head, hand_back_after=0)
    yield "hand-back", b"\0" + say("WELCOME", **dict(welcome, head=[root, back])) + say("TAKEN", org=2, seq=1 << 40 | 1)
    rows = say("SNAPSHOT_PAGE", org=2, seq=1 << 40 | 9, chain=make.filled(1, 32), row=[make.ROW], done=1, total=1)
    yield "rows", b"\x08" + say("WELCOME", **dict(welcome, head=[root, dict(head, entries=100000)])) + rows * 2
    epochs = [dict(epoch=1, parent=0), dict(epoch=2, parent=1, last=[dict(org=2, seq=1 << 40)])]
    yield "epoch", b"\0" + say("WELCOME", **dict(welcome, lineage=epochs, epoch_mac=make.epoch_mac(2)))
    verdicts = [dict(n=n, type=t, seq=1 << 40 | 20 + n) for n, t in ((2, "APPLIED"), (3, "REFUSED"))]
    yield "verdicts", b"\0" + hello + say("VERDICTS", incarnation=make.INCARNATION, verdict=verdicts)
    for stop in ("FORKED", "GAP", "LATER"):
        yield stop, b"\1" + hello + say("VERDICTS", incarnation=make.INCARNATION, verdict=[], stop=stop, stop_n=2) + piece(0xe0, b"\xff\0")
    # A device without anything takes rows in pages, then what the log has behind them; with and without one transaction for all.
    row = lambda kind, i, **fields: dict(kind=kind, id=stage_id(i), seq=AT(i), row=make.Packed(KINDS[kind], **fields))
    page = lambda rows, done, **more: say("SNAPSHOT_PAGE", **{**dict(org=2, seq=AT(9), chain=make.filled(1, 32), row=rows, done=done, total=4, head_mac=make.filled(2, 16)), **more})
    greet = lambda **more: say("WELCOME", **{**welcome, "seat": 2, "head": [dict(head, entries=100000)], **more})
    pages = page([row(MEMBER, 1, name="刘芳"), row(MEMBER, 2, name="何花", id_number="110101199003070038")], 0) + page(
        [row(GROUP, 3, name="大班组"), dict(kind=PLAN, id=stage_id(4), seq=AT(8))], 1)
    after = dict(seq=AT(10), seat=1, incarnation=make.filled(5, 16), n=1, verdict="APPLIED", received_ms=make.T, chain=make.filled(6, 32), entry_hash=make.filled(7, 32),
                 effects=effects_of(MEMBER, stage_id(1), dict(note="一")))
    news = say("ENTRIES", org=2, entry=[after], head=AT(10), promise=AT(3))
    for how in (4, 4 | 8, 5):
        yield f"pages-{how}", bytes([how]) + greet() + pages + say("ENTRIES", org=2, entry=[], head=AT(9)) + say("DIGESTS", org=2, seq=AT(9), digest=[
            dict({"class": 1}, scope=1, sum=make.filled(1, 16), fields=30)]) + page([row(MEMBER, 1, name="刘芳")], 1) + news
        yield f"same-page-{how}", bytes([how]) + greet() + page([row(MEMBER, 1, name="刘芳")], 0) * 4
        yield f"other-epoch-{how}", bytes([how]) + greet() + page([row(MEMBER, 1, name="刘芳")], 0) + page([row(GROUP, 3, name="x")], 1, seq=2 << 40 | 1)
        yield f"malformed-page-{how}", bytes([how]) + greet() + page([dict(kind=MEMBER, id=stage_id(1), seq=AT(1), row=b"\xff" * 9)], 1)
        yield f"roles-{how}", bytes([how]) + greet(roles="group_leader") + pages + greet()
        yield f"erased-{how}", bytes([how]) + greet(erased=make.filled(1, 16)) + say("ERASURES", known=[dict(erasure=packed(make.Packed(
            "wire.Erasure", id=make.filled(1, 16), org=2, at_ms=make.T, reason="决定", erased=[dict(kind=1, id=stage_id(1), field=[2, 21])])), mac=make.filled(1, 16))],
            last=1, done=1, erased=make.filled(2, 16)) + say("ERASURES", last=1, done=1) * 2 + pages
    for code in ("SEAT_SUSPENDED", "SEAT_REVOKED", "SEAT_UNKNOWN", "CERTIFICATE_EXPIRED", "VERSION", "BUSY", "SERVER", "ELSE"):
        yield f"fatal-{code}", b"\0" + hello + say("ERROR", code=code, text="x", fatal=1, retry_after_ms=1)
        yield f"fatal-first-{code}", b"\4" + say("ERROR", code=code, text="x", fatal=1)
    for n in range(1, 4):
        for kind, fields in (("REFUSED", dict(refusal=dict(code="VALUE", field="note", argument=["x"]))), ("APPLIED", {}), ("CONFLICT", dict(conflict=[stage_id(9)])), ("SAME", {})):
            yield f"verdict-{n}-{kind}", b"\0" + piece(0xe2, b"") * 1 + say("VERDICTS", incarnation=make.INCARNATION, verdict=[dict(fields, n=n, type=kind, seq=AT(20 + n))])
    yield "handed-over", b"\4" + greet(state="revoked") + say("WIPE", seat=2, at_ms=make.T, signature=b"x")
    answers = dict(ROWS=[dict(org=2, row=[row(MEMBER, 1, name="刘芳")], done=0, after_id=stage_id(1)), dict(org=2, row=[], done=1)],
                   HISTORY=[dict(entry=[after], cut=1)], OVERVIEW=[dict(total=[dict(name="1.state.active", value=3)], done=0), dict(branch=[dict(org=dict(make.BRANCH, number=2))], done=0),
                                                                  dict(branch=[dict(org=dict(make.BRANCH, number=3))], done=0), dict(done=1)],
                   SEATS=[dict(seat=[dict(number=2, person="石榴")], done=0), dict(refused=[dict(org=2, seq=AT(1))], done=0), dict(done=1)], INVITED=[dict(code="x", ends_ms=make.T)],
                   TRANSFERS=[dict(transfer=[dict(id=stage_id(1))], done=0, after_id=stage_id(1)), dict(done=1)])
    for which, (name, said) in enumerate(answers.items()):
        for fresh in (0, 4):
            yield f"answer-{name}-{fresh}", bytes([2 | fresh | which << 4]) + (greet() if fresh else hello) + b"".join(say(name, number=1, **one) for one in said)
            yield f"answer-again-{name}-{fresh}", bytes([2 | fresh | which << 4]) + (greet() if fresh else hello) + say(name, number=1, **said[0]) * 5
        yield f"answer-error-{name}", bytes([2 | which << 4]) + hello + say("ERROR", number=1, code="RIGHT", text="x")
    yield "wipe", b"\0" + say("WELCOME", **dict(welcome, state="revoked")) + say("WIPE", seat=1, at_ms=make.T, signature=b"x")
    yield "time", b"\1" + hello + piece(0xe0, b"\xff\0") + piece(0xe1, b"") + dict(frames)["PONG"]


# A request and a certificate of keys that nobody has any more.
REQUEST = bytes.fromhex(
    "3081c83071020100300f310d300b06035504030c04736561743059301306072a8648ce3d020106082a8648ce3d03010703420004f6989f893d87"
    "67353de3a0f2b9014f59c0ca2f4c7b89fbf2467be1b9b0f8a276717c6e433cc2476e6b7c870f3ffd35a5a0350aa85e6fff509f925e3641d590ba"
    "a000300a06082a8648ce3d0403020347003044022039c97512026ca8c51375c4bfd5165bc08beedf7d712df7399997d939bb3cfe6b0220666f19"
    "a1ba36ba382ca34ef222218dfd5efe65e916efb318dfb4e4395e4b1b68")
CERTIFICATE = bytes.fromhex(
    "308201183081bf02146a8ec437eea6b0f62ef69e426d87d9109415c9ae300a06082a8648ce3d040302300f310d300b06035504030c0473656174"
    "301e170d3236313132323038313232375a170d3336313131393038313232375a300f310d300b06035504030c04736561743059301306072a8648"
    "ce3d020106082a8648ce3d03010703420004f6989f893d8767353de3a0f2b9014f59c0ca2f4c7b89fbf2467be1b9b0f8a276717c6e433cc2476e"
    "6b7c870f3ffd35a5a0350aa85e6fff509f925e3641d590ba300a06082a8648ce3d0403020348003045022100b2d160701a96ee4cef6aa7f0c44b"
    "945a8b0886205b0711db33cd7edf13e7800502203cc63d7622530cb51ab96654edf524414f3f85c31b00e718ebbe6658fd530b9f")


def join_seeds():
    joined = make.SCHEMA.encode("wire.Join", dict(protocol=1, secret=b"0123456789abcdef", csr=REQUEST))
    for name, data in (("request", REQUEST), ("certificate", CERTIFICATE), ("join", joined), ("nothing", b"")):
        for how in range(4):
            yield f"{name}-{how}", bytes([how]) + data


BYTES_AS_THEY_ARE, HEAD, ENTRY, SEAL = range(4)  # handover_fuzz.c
SIGNED, COUNTED, OTHERS, TWICE = 1, 2, 4, 8


def handover_seeds():
    say = lambda type, name, **fields: piece(type, make.SCHEMA.encode(name, fields))
    head = say(HEAD, "wire.HandoverHead", version=1, district=make.filled(0xd0, 16), org=dict(make.BRANCH, number=3), seat=7, person="陈晨",
               roles="union_chair", made_ms=make.T, certificate=[CERTIFICATE], entries=2)
    entry = lambda change: say(ENTRY, "wire.HandoverEntry", incarnation=make.filled(7, 16), change=packed(change), signature=b"x")
    member = lambda n, i, op, fields, **more: make.Packed("wire.Change", n=n, org=3, kind=1, id=stage_id(i), op=op, made_ms=make.T,
                                                         patch=make.Packed("record.Member", **fields), **more)
    grouped = lambda at: dict(group=make.filled(9, 16), group_position=at, group_size=2)
    files = dict(
        two=[member(1, 1, "CREATE", dict(name="李梅")), member(2, 1, "SET", dict(note="一"))],
        group=[member(1, 1, "CREATE", dict(name="李梅"), **grouped(1)), member(2, 2, "CREATE", dict(name="周文"), **grouped(2))],
        half=[member(1, 1, "CREATE", dict(name="李梅"), **grouped(1))],
        large=[member(1, 1, "CREATE", dict(name="李梅", note="长" * 5000))],
        taken=[member(1, 1, "CREATE", dict(name="李梅"), for_seat=9, origin=dict(incarnation=make.filled(3, 16), n=4, signature=b"x"))],
        again=[member(1, 1, "CREATE", dict(name="李梅"))] * 2,
        nothing=[],
    )
    seal = say(SEAL, "wire.HandoverSeal", signature=b"x")
    for name, changes in files.items():
        parts = head + b"".join(map(entry, changes)) + seal
        for how in (SIGNED | COUNTED, SIGNED | COUNTED | TWICE, SIGNED, SIGNED | COUNTED | OTHERS, 0):
            yield f"{name}-{how}", bytes([how]) + parts
        yield f"{name}-behind", bytes([SIGNED | COUNTED]) + parts + piece(BYTES_AS_THEY_ARE, b"\0")
        yield f"{name}-cut", bytes([SIGNED | COUNTED]) + head + b"".join(map(entry, changes))


CARRY, CARRY_ALL, MAKE_UP, CHANGE, DROP, REPEAT, WRITE, END = range(8)  # tls_fuzz.c


def tls_seeds():
    up, down = 0, 1
    shake = bytes([up, CARRY_ALL, 0, down, CARRY_ALL, 0] * 3)
    talk = bytes([up, WRITE, 9, down, WRITE, 200, up, CARRY, 40, up, CARRY_ALL, 0, down, CARRY_ALL, 0])
    for how in (0, 1, 2, 4, 8, 16, 9, 10):
        yield f"talk-{how}", bytes([how]) + shake + talk + bytes([up, END, 0, up, CARRY_ALL, 0]) + talk
        yield f"pieces-{how}", bytes([how]) + bytes([up, CARRY, 100, down, CARRY, 255] * 20) + talk
        for step in (CHANGE, DROP, REPEAT):
            yield f"{step}-{how}", bytes([how]) + shake + bytes([up, WRITE, 50, up, step, 77]) + shake + talk
            yield f"early-{step}-{how}", bytes([how, up, step, 30]) + shake + talk
    yield "noise", bytes([0, up, MAKE_UP, 40]) + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + shake


def journal_seeds():
    records = [
        (1, "journal.Org", dict(number=4, code="qh-03", name="云雀", level="branch", parent=1, state="active")),
        (1, "journal.Org", dict(number=2, code="qh-01", name="改名", level="district", parent=4, state="merged")),
        (2, "journal.Invitation", dict(number=90, org=2, person="石榴", roles="union_chair", secret_hash=make.filled(1, 32), ends_ms=make.T)),
        (3, "journal.Seat", dict(number=90, invitation=90, key_hash=make.filled(2, 32), serial=make.filled(3, 16), certificate_ends_ms=make.T)),
        (4, "journal.Renewal", dict(seat=1, key_hash=make.filled(4, 32), serial=make.filled(5, 16), certificate_ends_ms=make.T)),
        (5, "journal.SeatState", dict(seat=1, state=3, by_seat=0)),
        (6, "journal.Epoch", dict(epoch=2, parent=1, last=[dict(org=2, seq=1 << 40 | 3)])),
        (9, "journal.SeatRoles", dict(seat=1, roles="accountant", by_seat=0, at_ms=make.T)),
        (8, "journal.Erasure", dict(erasure=packed(make.Packed("wire.Erasure", id=make.filled(1, 16), org=2, at_ms=make.T, reason="决定",
                                                                erased=[dict(kind=1, id=stage_id(1), field=[2])])), by_seat=0)),
        (10, "journal.Reading", dict(org=2, at_ms=make.T, seat=3, roles="union_chair,accountant", kind=1, id=stage_id(1), records=1, fields="mobile,id_number")),
        (10, "journal.Reading", dict(org=2, at_ms=make.T, seat=3, roles="audit_member", kind=1, records=40, fields="mobile")),
        (11, "journal.Jump", dict(at_ms=make.T, seat_above=9, seat_from=1000, org_above=3, org_from=500)),
        (12, "journal.Adoption", dict(number=300, org=2, person="石榴", roles="union_chair", key_hash=make.filled(2, 32), serial=make.filled(3, 16),
                                      certificate_ends_ms=make.T)),
        (7, "journal.Backup", dict(path="x", at_ms=make.T, at=[dict(org=2, seq=1 << 40 | 3, chain=make.filled(6, 32))])),
    ]
    file, pieces = b"", []
    for number, (kind, name, fields) in enumerate(records, 1):
        body = make.SCHEMA.encode(name, {k: v for k, v in fields.items() if k in {f[1] for f in make.SCHEMA.messages[name]}})
        record = len(body).to_bytes(4, "big") + bytes([kind]) + number.to_bytes(8, "big") + body
        file += record + make.sha(record)[:8]
        pieces.append(piece(kind, body))
        yield f"{number}-{kind}", b"\0" + pieces[-1]
    yield "all", b"\0" + b"".join(pieces)
    yield "file", b"\1" + file
    yield "torn", b"\1" + file[:-5]
    yield "empty", b"\1"


BYTES, CUT, VALUE, ROW = range(4)  # backup_fuzz.c


def backup_seeds():
    yield "whole", b""
    for at in (0, 1, 4, 40, 256, 257, 300, 700):
        yield f"bytes-{at}", bytes([BYTES]) + at.to_bytes(2, "little") + b"\5\4\xff\0\1\2"
    for size in (0, 6, 256, 1024):
        yield f"cut-{size}", bytes([CUT]) + size.to_bytes(2, "little")
    for table in range(48):
        yield f"value-{table}", bytes([VALUE, table, table % 7, 0, table % 4, 4]) + b"\1\2\3\4"
    for table in range(0, 48, 6):
        yield f"row-{table}", bytes([ROW, table, 0, 0])



def main():
    out = pathlib.Path(sys.argv[1])
    for name, make_them in list(globals().items()):
        if not name.endswith("_seeds"):
            continue
        folder = out / name.removesuffix("_seeds")
        folder.mkdir(parents=True, exist_ok=True)
        for seed, data in make_them():
            (folder / seed).write_bytes(data)


if __name__ == "__main__":
    main()
