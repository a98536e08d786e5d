from __future__ import annotations

import pytest

from bot.platforms.matrix.crypto.secrets import ALGORITHM, open_secret, opens, seal_secret
from bot.platforms.matrix.crypto.signing import SigningKey, canonical, decoded, is_signed, unpadded
from bot.platforms.matrix.recovery import read_recovery_key

# published with the tests of matrix-rust-sdk (`secret_storage.rs`)
KEY = "EsTj 3yST y93F SLpB jJsz eAXc 2XzA ygD3 w69H fGaN TKBj jXEd"
DESCRIBED = {
    "algorithm": ALGORITHM,
    "iv": "xv5b6/p3ExEw++wTyfSHEg==",
    "mac": "ujBBbXahnTAMkmPUX2/0+VTfUh63pGyVRuBcDMgmJC8=",
}
PARSED = bytes(
    [
        159, 189, 70, 187, 52, 81, 113, 198, 246, 2, 44, 154, 37, 213, 104, 27, 165, 78, 236,
        106, 108, 73, 83, 243, 173, 192, 185, 110, 157, 145, 173, 163,
    ]
)  # fmt: skip


def test_a_recovery_key_is_read_with_any_spaces() -> None:
    shown = "EsT           pRvZTnjck8    YrhRAtw XLS84Nr2r9S9LGAWDaExVAPBvLRK   "
    assert read_recovery_key(shown) == PARSED


@pytest.mark.parametrize(
    "text",
    [
        "EsTpRvZTnjck8YrhRAtwXLS84Nr2r9S9LGAWDaExVAPBvLRk",  # its parity is wrong
        "AATpRvZTnjck8YrhRAtwXLS84Nr2r9S9LGAWDaExVAPBvLRk",  # its prefix is
        "AATpRvZTnjck8YrhRAtwXLS84Nr2r9S9",
        "AATpRvZTnjck8YrhRAtwXLS84Nr0OIl",
        "a passphrase",
        "z" * 10_000,
        "",
    ],
)
def test_what_is_no_recovery_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no recovery key"):
        read_recovery_key(text)


def test_the_right_key_opens_a_storage_and_no_other() -> None:
    assert opens(read_recovery_key(KEY), DESCRIBED)
    assert not opens(PARSED, DESCRIBED)
    assert not opens(read_recovery_key(KEY), {**DESCRIBED, "algorithm": "another"})
    assert not opens(read_recovery_key(KEY), {**DESCRIBED, "iv": "x"})
    assert not opens(read_recovery_key(KEY), {**DESCRIBED, "mac": 1})


def test_a_secret_opens_under_its_own_name_only() -> None:
    iv = bytes(16)
    ciphertext, mac = seal_secret(PARSED, "m.one", "what it says", iv)
    kept = {"iv": unpadded(iv), "ciphertext": unpadded(ciphertext), "mac": unpadded(mac)}
    assert open_secret(PARSED, "m.one", kept) == "what it says"
    for key, name in ((PARSED, "m.two"), (bytes(32), "m.one")):
        with pytest.raises(ValueError, match="another key"):
            open_secret(key, name, kept)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        # the examples of the specification's appendix "Canonical JSON"
        ({}, "{}"),
        ({"one": 1, "two": "Two"}, '{"one":1,"two":"Two"}'),
        ({"b": "2", "a": "1"}, '{"a":"1","b":"2"}'),
        ({"a": "日本語"}, '{"a":"日本語"}'),
        ({"本": 2, "日": 1}, '{"日":1,"本":2}'),
        ({"a": None}, '{"a":null}'),
        ({"a": "日"}, '{"a":"日"}'),
    ],
)
def test_canonical_json_is_as_specified(value: object, written: str) -> None:
    assert canonical(value) == written.encode()


def test_the_specifications_signature_comes_out() -> None:
    # the appendix "Cryptographic Test Vectors", "Signing JSON"
    key = SigningKey(decoded("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"))
    assert key.sign({}) == (
        "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ"
    )
    assert key.sign({"one": 1, "two": "Two"}) == (
        "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw"
    )
    signed = {"one": 1, "signatures": {"@a:b": {"ed25519:X": key.sign({"one": 1})}}}
    assert is_signed(signed, "@a:b", "ed25519:X", key.public)
    assert not is_signed({**signed, "one": 2}, "@a:b", "ed25519:X", key.public)
    assert not is_signed(signed, "@a:b", "ed25519:Y", key.public)
    assert not is_signed(signed, "@a:b", "ed25519:X", "no key")
