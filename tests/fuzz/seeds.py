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
WITHIN = ["Change", "Effects", "Entry", "SnapshotRow", "JoinCode"]  # as message_fuzz.c counts them


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


KINDS = {1: "record.Member", 2: "record.UnionGroup", 3: "record.WorkPlan", 4: "record.PlanItem"}


def session_seeds():
    numbers, frames = make.frame_numbers(), []
    for name, data in vectors():
        if name.split("_")[0].isupper() or name in numbers:
            frames.append((name, piece(data[4], data[5:])))
    for name, data in frames:
        for who in (0, 2, 3):
            yield f"{name}-{who}", bytes([who, ENTERED | PROVEN]) + data
    for name in ("JOIN", "RENEW", "HELLO"):
        data = dict(frames)[name]
        yield f"{name}-first", bytes([0, PROVEN]) + data
        yield f"{name}-nobody", bytes([0, NOBODY]) + data
        yield f"{name}-expired", bytes([0, EXPIRED]) + data
        yield f"{name}-revoked", bytes([8, 0]) + data
        yield f"{name}-unknown", bytes([SEATS, 0]) + data
    push = lambda *changes: piece(numbers["PUSH"][0], make.SCHEMA.encode(
        "wire.Push", dict(incarnation=make.INCARNATION, sent=[dict(change=c) for c in changes])))
    member = [change_of(1, 1, "CREATE", dict(name="方圆")), change_of(2, 1, "SET", dict(note="一"), base=1 << 40 | 8),
              change_of(3, 1, "ACT", {}, action="active"), change_of(4, 1, "REMOVE", {}, base=1 << 40 | 10)]
    plan = [change_of(1, 3, "CREATE", dict(title="计划", period_kind="term", period="2026-1")),
            change_of(2, 4, "CREATE", dict(title="一项", plan_id=b"\0\1\x9a\xa8\xe0\xd1\x70\1\xb0\1\2\3\4\5\6\3"))]
    for who in (0, 3, 4, 5, 8):
        yield f"members-{who}", bytes([who, ENTERED]) + push(*member)
        yield f"plans-{who}", bytes([who, ENTERED | QUEUED]) + push(*plan) + piece(0xe1, b"") + dict(frames)["PULL"]
    yield "revoked-between", bytes([0, ENTERED]) + push(member[0]) + piece(0xe2, b"") + push(member[1]) + dict(frames)["REPORT"]
    yield "all", bytes([0, ENTERED]) + b"".join(data for _, data in frames[:20])


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
        (7, "journal.Backup", dict(path="x", at_ms=make.T, at=[dict(org=2, seq=1 << 40 | 3, chain=make.filled(6, 32))])),
    ]
    file, packed = b"", []
    for number, (kind, name, fields) in enumerate(records, 1):
        body = make.SCHEMA.encode(name, {k: v for k, v in fields.items() if k in {f[1] for f in make.SCHEMA.messages[name]}})
        record = len(body).to_bytes(4, "big") + bytes([kind]) + number.to_bytes(8, "big") + body
        file += record + make.sha(record)[:8]
        packed.append(piece(kind, body))
        yield f"{number}-{kind}", b"\0" + packed[-1]
    yield "all", b"\0" + b"".join(packed)
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
