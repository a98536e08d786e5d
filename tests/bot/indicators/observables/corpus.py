# ruff: noqa: E501, SIM905  tables
"""Running text with planted values and with what only looks like values, the same for a seed.

Addresses are those for documentation, domains those for examples.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from bot.indicators.observables import Kind, Observable, read

PROSE = """
the analysts looked at what the group had done in the morning and found that the loader waits for
some hours before it asks its server again, which is why nobody saw it in the logs of that day; all
of them were told, and those who could were asked to look for it on their own machines, at once.
Whoever has seen it, please say so (also when it was long ago) and add what you know of the time.
""".split()
DECOYS = (
    "version 1.2.3.4", "v10.0.19041.1", "release 2.4.6.8", "section 1.2.3.4", "Chrome/120.0.0.0",
    "firmware: 8.8.4.4", "12:30:45", "2024-05-01T12:30:45.123Z", "10:15", "main.rs", "README.md",
    "setup.py", "lib.so", "e.g.", "i.e.", "a.m.", "etc.", "os.path.join(x)", "self.name",
    "System.Net", "console.log(x)", "done.Then", "550e8400-e29b-41d4-a716-446655440000",
    "std::vector", "Foo::Bar", "dead::beef", "1.2.3", "1.2.3.4.5", "3.14", "$1,000.00", "AS2",
    "AS400", "T100", "CVE-ID", "CVE-20", "#42", "50%", "and/or", "24/7", "C++", "x86_64", "@someone",
    "@channel", "~5", "00000000000000000000000000000000", "ab" * 17, "0123456789abcdef" * 5,
    "SGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ+YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODk=",
    "obj.id", "end.The", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "0x1234", "ratio 3:4:5",
    "999.1.2.3", "198.51.100", "http://", "user@", "@example", "foo.qwerty", "key=value", "...",
    "T1000", "config.yml", "package.json", "v1.2.3.4-rc1", "ISO 27001", "port 443", "<tag>", "[x]",
)  # fmt: skip
"""None of these is a value."""
_BASE58 = (
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
)  # fmt: skip
_AROUND = ("{}", "{},", "({})", '"{}"', "{}.", "`{}`", "[{}]", "“{}”", "{};", "<{}>", "{}:", "{}!")
_ENDS = ("example.com", "example.org", "example.net", "example", "example.com")


@dataclass(frozen=True)
class Corpus:
    """A text, and the values in it, in their order."""

    text: str
    planted: tuple[Observable, ...]


class _Planter:
    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.makers: tuple[Callable[[], str], ...] = (
            self.address, self.address, self.address, self.sixth, self.network, self.domain,
            self.domain, self.domain, self.url, self.url, self.url, self.mail, self.digits,
            self.digits, self.cve, self.technique, self.number, self.card, self.coin, self.path,
            self.key, self.file, self.fuzzy,
        )  # fmt: skip

    def value(self) -> tuple[str, str]:
        """A value plainly, and as somebody wrote it."""
        plain = self.dice.choice(self.makers)()
        return plain, self.disarmed(plain) if self.dice.random() < 0.5 else plain

    def disarmed(self, plain: str) -> str:
        found = read(plain).kind
        if found not in {Kind.IPV4, Kind.NETWORK, Kind.DOMAIN, Kind.URL, Kind.EMAIL}:
            return plain
        dot = self.dice.choice(("[.]", "[.]", "(.)", "{.}", "[dot]", "(dot)", "\\.", "．"))  # noqa: RUF001
        at = self.dice.choice(("[@]", "[at]", "(at)", "@"))
        scheme = self.dice.choice(("hxxp", "hXXp", "h**p"))
        if found is Kind.URL:
            head, _, rest = plain.partition("://")
            host, slash, path = rest.partition("/")
            mark = self.dice.choice(("://", "[:]//", "[://]"))
            return f"{head.replace('http', scheme)}{mark}{host.replace('.', dot)}{slash}{path}"
        return plain.replace("@", at).replace(".", dot)

    def word(self, letters: int = 9) -> str:
        return "".join(
            self.dice.choices("abcdefghijklmnopqrstuvwxyz", k=self.dice.randint(3, letters))
        )

    def address(self) -> str:
        return f"{self.dice.choice(('192.0.2', '198.51.100', '203.0.113'))}.{self.dice.randint(0, 255)}"

    def sixth(self) -> str:
        return f"2001:db8:{self.dice.randint(1, 0xFFFF):x}::{self.dice.randint(1, 0xFFFF):x}"

    def network(self) -> str:
        return self.dice.choice(
            ("192.0.2.0/25", "198.51.100.0/24", "203.0.113.128/26", "2001:db8::/48")
        )

    def domain(self) -> str:
        return f"{self.word()}{self.dice.choice(('', '-x.cdn', '.mail', '1'))}.{self.dice.choice(_ENDS)}"

    def url(self) -> str:
        host = self.dice.choice((self.domain, self.domain, self.address))()
        tail = self.dice.choice(
            ("", f"/{self.word()}.php?id={self.word()}&x=1", "/a/b/c.exe", "/", ":8080/x")
        )
        return f"{self.dice.choice(('http', 'https'))}://{host}{tail}"

    def mail(self) -> str:
        return f"{self.word()}.{self.word()}@{self.domain()}"

    def digits(self) -> str:
        made = "".join(self.dice.choices("0123456789abcdef", k=self.dice.choice((32, 40, 64, 128))))
        return self.dice.choice((made, made.upper()))

    def cve(self) -> str:
        return f"CVE-20{self.dice.randint(10, 26)}-{self.dice.randint(1000, 99999)}"

    def technique(self) -> str:
        return self.dice.choice(("T1059", "T1059.001", "T1566.002", "TA0002", "G0016"))

    def number(self) -> str:
        return f"AS{self.dice.randint(64496, 64511)}"

    def card(self) -> str:
        return f"00:00:5e:00:53:{self.dice.randint(0, 255):02x}"

    def coin(self) -> str:
        return self.dice.choice(_BASE58)

    def path(self) -> str:
        name = self.word()
        return self.dice.choice(
            (rf"C:\Users\Public\{name}.exe", f"/tmp/.{name}", rf"%TEMP%\{name}.dll")
        )

    def key(self) -> str:
        return rf"HKCU\Software\Microsoft\Windows\CurrentVersion\Run\{self.word()}"

    def file(self) -> str:
        return f"{self.word()}.{self.dice.choice(('exe', 'dll', 'docm', 'ps1', 'lnk', 'zip'))}"

    def fuzzy(self) -> str:
        made = "".join(self.dice.choices("ABCDEFGHabcdefgh0123456789/+", k=40))
        return f"{self.dice.choice((48, 96, 384))}:{made}:{made[7:29]}"


def corpus(seed: int, values: int, *, words: int = 8, decoys: float = 0.5) -> Corpus:
    """Text with so many values, about so many words between two, and decoys for some of them."""
    planter = _Planter(seed)
    dice, pieces, planted = planter.dice, [], []
    for _ in range(values):
        pieces += dice.choices(PROSE, k=dice.randint(1, 2 * words))
        if dice.random() < decoys:
            pieces += [dice.choice(DECOYS), dice.choice(PROSE)]
        plain, written = planter.value()
        planted.append(read(plain))
        pieces.append(dice.choice(_AROUND).format(written))
        if dice.random() < 0.2:
            pieces.append("\n")
    return Corpus(" ".join(pieces), tuple(planted))
