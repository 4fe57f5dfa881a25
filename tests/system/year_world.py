"""A district in which the days are those that the test says: every process of it is started with its clock moved (clock_shift.c), and the
server is started anew when the day changes. What is true of a year so does not hang on the year in which the test runs."""
import calendar
import datetime
import os
import time
from district import District, Seat, run, BANYAND

CODE, BRANCH = "QH001", "青禾区小苗圃幼儿园工会"


def clock(day):
    """An environment in which it is noon of that day, in the time of Beijing."""
    noon = calendar.timegm(datetime.date.fromisoformat(day).timetuple()) + 4 * 3600
    options = ":".join(o for o in (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0") if o)
    return {"LD_PRELOAD": os.environ["CLOCK_SHIFT_LIB"], "CLOCK_SHIFT": str(noon - int(time.time())), "ASAN_OPTIONS": options}


class Officer(Seat):
    """Somebody's seat: what is typed is typed on the day that it is there."""

    def __call__(self, *words, status=0, env=None, **more):
        return super().__call__(*words, status=status, env={**self.district.clock, **(env or {})}, **more)

    def joins(self, code):
        self("join", "-", stdin=code + "\n")
        return self

    def done(self, *words):
        """A command by which something was changed, then a round; nothing may be left for a person."""
        result = self(*words)
        self.sync()
        return result.out.strip()

    def rows(self, kind, *words):
        return self.json("list", kind, *words)


class Year(District):
    def __init__(self, day):
        self.clock = clock(day)
        super().__init__()

    def make(self):
        run([BANYAND, "init", "--data", self.data, "--name", self.name, "--code", "QH", "--host", "127.0.0.1"], env=self.clock)

    def __call__(self, *words, status=0, **more):
        return super().__call__(*words, status=status, env=self.clock, **more)

    def serve(self, **more):
        return super().serve(env=self.clock, **more)

    def day(self, day):
        """It is noon of that day, everywhere."""
        self.clock = clock(day)
        if self.server:
            self.stop()
            self.serve()

    def seat(self, name):
        seat = Officer(self, self.base / name)
        self.seats.append(seat)
        return seat

    def join(self, branch, roles, name="王敏", folder=None):
        return self.seat(folder or name).joins(self.invite(branch, roles, name))

    def file(self, name, text):
        path = self.base / name
        path.write_text(text, encoding="utf-8")
        return path

    def logs(self):
        """What the processes said, for who has to find out why."""
        said = ((log.name, log.read_text(errors="replace")[-3000:]) for log in sorted(self.base.glob("*.err")))
        return "\n".join(f"--- {name}\n{text}" for name, text in said if text)
