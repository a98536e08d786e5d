"""A time-stamp authority of the tests' own, on loopback: OpenSSL behind HTTP."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OPENSSL = shutil.which("openssl")
_CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """Its certificates, and what it answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked = 0
        self.up = True
        self.address = ""
        root_key, root = _certificate("authority", None)
        key, leaf = _certificate("stamps", (root_key, root))
        self.root = root
        self.roots_file = folder / "root.pem"
        self.roots_file.write_bytes(root.public_bytes(Encoding.PEM))
        (folder / "leaf.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
        (folder / "leaf.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / "tsa.conf").write_text(_CONFIG.format(folder=folder))
        (folder / "serial").write_text("01")

    def answer(self, question: bytes) -> bytes:
        """The reply to a query."""
        assert OPENSSL is not None
        query, reply = self.folder / "query", self.folder / "reply"
        query.write_bytes(question)
        command = [
            OPENSSL, "ts", "-reply", "-config", "tsa.conf", "-queryfile", str(query),
            "-signer", "leaf.pem", "-inkey", "leaf.key", "-out", str(reply),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)
        return reply.read_bytes()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Answer over HTTP."""

        async def stamp(request: web.Request) -> web.Response:
            self.asked += 1
            if not self.up:
                return web.Response(status=503)
            assert request.content_type == "application/timestamp-query"
            told = self.answer(await request.read())
            return web.Response(body=told, content_type="application/timestamp-reply")

        app = web.Application()
        app.router.add_post("/tsr", stamp)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.address = f"http://{host}:{port}/tsr"
        try:
            yield
        finally:
            await runner.cleanup()


def _certificate(
    name: str, by: tuple[rsa.RSAPrivateKey, x509.Certificate] | None
) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by[1].subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    made = made.add_extension(
        x509.KeyUsage(
            digital_signature=by is not None, content_commitment=False,
            key_cert_sign=by is None, crl_sign=by is None, **usage,
        ),
        critical=True,
    )  # fmt: skip
    if by is not None:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = made.add_extension(stamping, critical=True)
    return key, made.sign(key if by is None else by[0], SHA256())
