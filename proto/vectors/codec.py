"""proto2 by hand, from the .proto files beside this folder: the canonical form alone (tags ascending, shortest varints).

It is independent of the C code, so that the vectors prove more than that a program agrees with itself. No import but re.
"""
import re
from pathlib import Path

WORD = r"(?:optional|repeated)\s+([\w.]+)\s+(\w+)\s*=\s*(\d+)"


class Packed:
    """A message kept as `bytes`: Packed("wire.Change", n=1, ...)."""

    def __init__(self, type_name, **fields):
        self.type_name, self.fields = type_name, fields


class Schema:
    """messages: {"wire.Hello": [(tag, name, type, repeated, packed), ...]}, enums: {"wire.Op": {"SET": 2, ...}}."""

    def __init__(self, folder):
        self.messages, self.enums = {}, {}
        for file in sorted(Path(folder).glob("*.proto")):
            self._read(re.sub(r"//.*", "", file.read_text(encoding="utf-8")))

    def _read(self, text):
        package = re.search(r"package (\w+);", text).group(1)
        for kind, name, body in re.findall(r"(message|enum) (\w+) \{(.*?)\}", text, re.S):
            full = f"{package}.{name}"
            if kind == "enum":
                self.enums[full] = {n: int(v) for n, v in re.findall(r"(\w+) = (\d+)", body)}
                continue
            fields = []
            for line in body.split(";"):
                found = re.search(WORD, line)
                if found:
                    type_name, field, tag = found.groups()
                    scalar = type_name in ("uint32", "uint64", "int64", "bool", "string", "bytes")
                    type_name = type_name if scalar else f"{package}.{type_name}"
                    fields.append((int(tag), field, type_name, "repeated" in line, "packed = true" in line))
            self.messages[full] = sorted(fields)

    def encode(self, type_name, fields):
        known = {name for _, name, *_ in self.messages[type_name]}
        assert known >= set(fields), (type_name, set(fields) - known)
        out = b""
        for tag, name, kind, repeated, packed in self.messages[type_name]:
            if name not in fields:
                continue
            values = fields[name] if repeated else [fields[name]]
            if packed:
                run = b"".join(varint(v) for v in values)
                out += varint(tag << 3 | 2) + varint(len(run)) + run
                continue
            for value in values:
                out += self._field(tag, kind, value)
        return out

    def _field(self, tag, kind, value):
        if kind in self.enums:
            value = self.enums[kind][value]
        if isinstance(value, int):
            return varint(tag << 3) + varint(int(value) & (1 << 64) - 1)
        data = self.bytes_of(kind, value)
        return varint(tag << 3 | 2) + varint(len(data)) + data

    def bytes_of(self, kind, value):
        if isinstance(value, str):
            return value.encode("utf-8")
        if isinstance(value, Packed):
            return self.encode(value.type_name, value.fields)
        return value if isinstance(value, bytes) else self.encode(kind, value)

    def render(self, type_name, fields, indent="  "):
        """One line a field, as README.md of this folder says; lists as lines of the same name."""
        lines = []
        for _, name, kind, repeated, _ in self.messages[type_name]:
            for value in (fields.get(name, []) if repeated else [fields[name]] if name in fields else []):
                lines += self._lines(name, kind, value, indent)
        return lines

    def _lines(self, name, kind, value, indent):
        if isinstance(value, Packed):
            inner = self.render(value.type_name, value.fields, indent + "  ")
            return [f"{indent}{name}: {value.type_name} {{"] + inner + [f"{indent}}}"]
        if isinstance(value, dict):
            return [f"{indent}{name} {{"] + self.render(kind, value, indent + "  ") + [f"{indent}}}"]
        if isinstance(value, bytes):
            return [f"{indent}{name}: <{value.hex()}>"]
        if kind == "string":
            value = '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        return [f"{indent}{name}: {value}"]


def varint(v):
    out = b""
    while v >= 0x80:
        out += bytes([v & 0x7F | 0x80])
        v >>= 7
    return out + bytes([v])
