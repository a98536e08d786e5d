# ruff: noqa: E501, RUF001, SIM905  signs that look like others are what this is about
"""Values of every kind in their normal form, made by Hypothesis."""

from __future__ import annotations

import ipaddress

from hypothesis import strategies as st

from bot.indicators.observables import Kind, Observable, normal

_LABEL = st.from_regex(r"[a-z0-9_](?:[a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
_HEX = "0123456789abcdef"
ANY = st.text(max_size=40)
"""Text of any characters."""
NASTY = st.lists(
    st.one_of(
        st.sampled_from(
            "[.] (.) {.} [dot] (dot) [at] (at) [@] [:] [://] [/] hxxp http hxxp:// http:// h**p : // "
            "meow:// \\. \\/ \\ . @ # : [ ] ( ) < > { } [[] [U+0041] % %41 %2e %% %25 .. / ? & = "
            "a b C 7 é ß İ 。 ．\u200b \u202e ｅ ： “ ‘ \u00a0 <http://x|x> <mailto:a@b|a@b> dot at "
            "example.com 198.51.100.7 | ` ' \" * _ ~ , ;".split(" ")
        ),
        st.characters(),
    ),
    max_size=12,
).map("".join)
"""Pieces that mean something to the one or the other."""


def _normals(kind: Kind, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Observable]:
    def found(text: str) -> Observable | None:
        value = normal(kind, text)
        return None if value is None else Observable(kind, value)

    return texts.map(found).filter(lambda each: each is not None).map(lambda each: each or _NONE)


_NONE = Observable(Kind.IPV4, "")
_DOMAINS = st.lists(_LABEL, min_size=1, max_size=4).map(lambda each: ".".join([*each, "example"]))
_NETWORKS = st.one_of(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(
        lambda each: str(ipaddress.IPv4Network(each, strict=False))
    ),
    st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(
        lambda each: str(ipaddress.IPv6Network(each, strict=False))
    ),
)
OF_KIND: dict[Kind, st.SearchStrategy[Observable]] = {
    Kind.IPV4: _normals(Kind.IPV4, st.ip_addresses(v=4).map(str)),
    Kind.IPV6: _normals(Kind.IPV6, st.ip_addresses(v=6).map(str)),
    Kind.NETWORK: _normals(Kind.NETWORK, _NETWORKS),
    Kind.DOMAIN: _normals(Kind.DOMAIN, st.one_of(_DOMAINS, st.sampled_from(["bücher.example"]))),
    Kind.URL: _normals(
        Kind.URL,
        st.tuples(
            st.sampled_from(["http", "HTTPS", "ftp", "tcp"]),
            st.one_of(st.just(""), NASTY.map(lambda each: f"{each}@")),
            st.one_of(_DOMAINS, st.just("198.51.100.7"), st.just("[2001:DB8::1]")),
            st.sampled_from(["", ":80", ":8443", ":"]),
            st.sampled_from(["", "/", "?", "#"]),
            NASTY,
        ).map(lambda each: f"{each[0]}://{each[1]}{each[2]}{each[3]}{each[4]}{each[5]}"),
    ),
    Kind.EMAIL: _normals(
        Kind.EMAIL, st.tuples(NASTY, _DOMAINS).map(lambda each: f"a{each[0]}@{each[1]}")
    ),
    **{
        kind: _normals(kind, st.text(_HEX, min_size=size, max_size=size))
        for kind, size in (
            (Kind.MD5, 32),
            (Kind.SHA1, 40),
            (Kind.SHA256, 64),
            (Kind.SHA512, 128),
            (Kind.JA3, 32),
            (Kind.IMPHASH, 32),
            (Kind.TLSH, 70),
            (Kind.ETHEREUM, 40),
            (Kind.MAC, 12),
        )
    },
    Kind.SSDEEP: _normals(
        Kind.SSDEEP,
        st.from_regex(r"(?:3|96|1536):[A-Za-z0-9/+]{1,64}:[A-Za-z0-9/+]{0,64}", fullmatch=True),
    ),
    Kind.CVE: _normals(Kind.CVE, st.from_regex(r"CVE-20[0-9]{2}-[0-9]{1,9}", fullmatch=True)),
    Kind.ASN: _normals(Kind.ASN, st.integers(0, 2**32 - 1).map(str)),
    Kind.FILE_NAME: _normals(Kind.FILE_NAME, NASTY),
    Kind.FILE_PATH: _normals(
        Kind.FILE_PATH,
        st.tuples(st.sampled_from(["C:\\", "/", "\\\\srv\\", "%TEMP%\\", "~/"]), NASTY).map(
            "".join
        ),
    ),
    Kind.REGISTRY_KEY: _normals(Kind.REGISTRY_KEY, NASTY.map(lambda each: f"HKLM\\{each}")),
    Kind.MUTEX: _normals(Kind.MUTEX, NASTY),
    Kind.SIGMA: _normals(Kind.SIGMA, NASTY),
    Kind.YARA: _normals(Kind.YARA, st.from_regex("[A-Za-z_][A-Za-z0-9_]{0,40}", fullmatch=True)),
    Kind.BITCOIN: st.sampled_from(
        [
            Observable(Kind.BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            Observable(Kind.BITCOIN, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
        ]
    ),
    Kind.MONERO: st.just(
        Observable(
            Kind.MONERO,
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        )
    ),
    Kind.TECHNIQUE: _normals(
        Kind.TECHNIQUE, st.from_regex(r"T[0-9]{4}(?:\.[0-9]{3})?|G[0-9]{4}", fullmatch=True)
    ),
}
OBSERVABLES = st.sampled_from(list(OF_KIND)).flatmap(OF_KIND.__getitem__)
"""A value of any kind."""
