"""Over TLS: the server must be who it says, and bells come the same way."""

import asyncio
import datetime as dt
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.ports import StoreUnavailable
from bot.storage.redis.scripts import ALL
from bot.storage.redis.signals import Signals
from bot.storage.redis.topology import wire_for
from tests.redis_groups import free_ports
from tests.redis_rig import NotStarted, Server


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that stands for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    begun = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begun)
        .not_valid_after(begun + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / "it.crt", folder / "it.key"
    crt.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return crt, pem


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server that speaks TLS, and the certificate to trust."""
    crt, key = certified(tmp_path)
    [port] = free_ports(1)
    words = ("--tls-port", str(port), "--tls-cert-file", str(crt), "--tls-key-file", str(key), "--tls-ca-cert-file", str(crt))
    try:
        server = Server.start(*words, "--tls-auth-clients", "no")
    except NotStarted:
        pytest.skip("the Redis here speaks no TLS: install the package `redis-server`, then run these tests again")
    yield f"rediss://127.0.0.1:{port}", crt
    server.end()


async def test_a_server_is_asked_and_heard_over_tls(sealed: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    url, crt = sealed
    monkeypatch.setenv("SSL_CERT_FILE", str(crt))
    wire = wire_for(url)
    await wire.open(ALL)
    heard: list[str] = []
    listening = asyncio.create_task(Signals(wire, name="one").listen(heard.append))
    async with asyncio.timeout(5):
        while "inbox" not in heard:
            Signals(wire, name="two").ring("inbox")
            await asyncio.sleep(0.02)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await wire.close()
    assert heard == ["again", "inbox"]


async def test_a_server_whose_certificate_nobody_vouches_for_is_not_asked(sealed: tuple[str, Path]) -> None:
    with pytest.raises(StoreUnavailable, match="its certificate is not to be trusted"):
        await wire_for(sealed[0]).open(ALL)
