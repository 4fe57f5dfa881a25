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
