"""Digests through a mail server that many run: they arrive as they were signed, and what bounces is sorted."""

import email
import email.policy
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

import broadsheet
from broadsheet.library.digests.deliver import deliver
from broadsheet.library.digests.returned import lying, take_back
from broadsheet.library.digests.subscription import Wanted, turn_on
from broadsheet.library.handle import Library
from broadsheet.library.interest.profiles import add_interest
from broadsheet.library.mails.post import SUSPENDED_AFTER
from broadsheet.library.readers import Details, add_reader
from broadsheet.library.upkeep.status import status
from broadsheet.rank.profile import Said
from broadsheet.store import mails
from tests.libraries import library_at
from tests.postfix import USER, Postfix, postfix

pytestmark = pytest.mark.slow

EVENING = datetime(2025, 11, 19, 18, tzinfo=UTC)
MORNING = datetime(2025, 11, 20, 7, tzinfo=UTC)
LONG = "https://papers.example.org/" + "a-long-way-to-the-instance/" * 6


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    """One postfix for all."""
    with postfix() as running:
        yield running


@dataclass
class Instance:
    """A library whose clock a test moves on; `key` is its DKIM key's public half as the DNS would have it."""

    lib: Library
    at: list[datetime]
    key: str

    def reader(self, name: str, domain: str = "example.org") -> None:
        """Somebody who gets a digest at seven."""
        who = add_reader(self.lib, name, Details(email=f"{name}@{domain}", zone="UTC"))
        add_interest(self.lib, name, "birds", Said(about=("songbird migration",)))
        turn_on(self.lib, who, Wanted(cadence="daily", at=time(7), most=4), confirmed=True)


@pytest.fixture
def instance(
    topics_home: Path, tmp_path: Path, server: Postfix, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Instance]:
    """The invented papers, mails that are signed, encryption that is required; a parameter says where mails return."""
    home = server.folder / tmp_path.name  # where the server's pipe can reach it
    shutil.copytree(topics_home, home)
    server.authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    options = {
        "smtp.url": f"smtp://localhost:{server.port}",
        "smtp.sender": "papers@example.net",
        "smtp.returns": getattr(request, "param", "back@example.net"),
        "smtp.dkim_key": str(tmp_path / "key.pem"),
        "base_url": LONG,
    }
    at = [EVENING]
    with library_at(home, options, lambda: at[0]) as lib:
        yield Instance(lib, at, "".join(public.decode().splitlines()[1:-1]))


def test_a_digest_arrives_as_it_was_signed(instance: Instance, server: Postfix, tmp_path: Path) -> None:
    """Another implementation believes the signature, which covers the one-click way out, a line of its own each."""
    pytest.importorskip("dkim", reason="dkimpy is an optional part")
    instance.reader("ada")
    instance.at[0] = MORNING
    assert deliver(instance.lib).post.sent == 1
    wire = server.mails("ada", 1)[0]

    read = email.message_from_bytes(wire, policy=email.policy.default)
    lines = wire.splitlines()
    assert read["To"] == "ada@example.org"
    assert "songbird" in read.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert any(line.startswith(f"List-Unsubscribe: <{LONG}unsubscribe/".encode()) for line in lines)
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    signed = "".join(str(read["DKIM-Signature"]).split()).partition("h=")[2].partition(";")[0].split(":")
    assert {"from", "list-unsubscribe", "list-unsubscribe-post"} <= {name.lower() for name in signed}
    assert _is_believed(wire, instance.key, tmp_path)
    assert not _is_believed(wire.replace(b"One-Click", b"Two-Click"), instance.key, tmp_path)


def test_what_bounces_is_sorted(instance: Instance, server: Postfix) -> None:
    """No such user ends a mail and, in the third digest, the address; no room puts it off; nobody else waits for it."""
    for name in ("nobody", "full", "bo"):
        instance.reader(name)
    for days in range(SUSPENDED_AFTER):
        instance.at[0] = MORNING + timedelta(days=days)
        deliver(instance.lib)
    with instance.lib.store.reading() as conn:
        found = {(m.recipient.partition("@")[0], m.state, m.said[:10]) for m in mails.latest(conn, 100)}

    assert ("bo", "sent", "250 2.0.0 ") in found
    assert ("nobody", "failed", "550 5.1.1 ") in found
    assert ("full", "queued", "452 4.2.2 ") in found
    assert status(instance.lib)["mail"]["readers"]["suspended"] == 1
    assert server.mails("bo", SUSPENDED_AFTER)


def test_what_comes_back_later_is_sorted_too(instance: Instance, server: Postfix) -> None:
    """A relay that takes all mails reports who is not there, and the third report suspends, as refusals do."""
    instance.reader("cy", "gone.example")
    for days in range(SUSPENDED_AFTER):
        instance.at[0] = MORNING + timedelta(days=days)
        assert deliver(instance.lib).post.sent == 1
        assert len(server.mails("back", days + 1)) == days + 1
        told = take_back(instance.lib, lying([server.folder / "boxes" / "back"]))
        assert (told.failed, told.drops) == (1, ())

    found = status(instance.lib)["mail"]
    assert (found["readers"]["suspended"], found["returned"]["failed"]) == (1, SUSPENDED_AFTER)
    assert "nobody is there" in found["trouble"][0]["said"]


@pytest.mark.parametrize("instance", ["returned@example.net"], indirect=True)
def test_what_comes_back_finds_its_way_into_the_library(instance: Instance, server: Postfix) -> None:
    """Postfix pipes reports to the command as they come; one that cannot be stored is kept, and comes again."""
    lib = instance.lib
    lib.home.chmod(0o700)
    (server.folder / "returned").write_text(_as_anybody(f"digest returned --home {lib.home}"))
    instance.reader("di", "gone.example")
    for days in range(SUSPENDED_AFTER):
        instance.at[0] = MORNING + timedelta(days=days)
        assert deliver(lib).post.sent == 1
        if not days:
            server.until(lambda: "status=deferred" in server.log())
            for file in (*lib.home.rglob("*"), lib.home):  # the way in opens last
                shutil.chown(file, USER)
        server.until(lambda: status(lib)["mail"]["returned"].get("failed", 0) > days)  # noqa: B023 - called at once

    found = status(lib)["mail"]
    assert found["readers"]["suspended"] == 1
    assert "nobody is there" in found["trouble"][0]["said"]


def _as_anybody(command: str) -> str:
    """A script that runs a command of ours as a user who may not read what is root's; skips where no Python can."""
    packages = f"{Path(broadsheet.__file__).parents[1]}:{sysconfig.get_path('purelib')}"
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        line = f"cd / && PYTHONPATH={packages} exec {python} -m broadsheet"
        tried = subprocess.run(["sh", "-c", f"{line} --version"], user=USER, capture_output=True, check=False)
        if tried.returncode == 0:
            return f"{line} {command}"
    pytest.skip(f"{USER} may run no Python of this version")


def _is_believed(wire: bytes, key: str, folder: Path) -> bool:
    """Whether OpenDKIM finds the signature good, with a key that it need not look up."""
    program = shutil.which("opendkim", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("opendkim is not installed")
    (folder / "keys").write_text(f"broadsheet._domainkey.example.net v=DKIM1; k=rsa; p={key}\n")
    (folder / "opendkim.conf").write_text(f"Mode v\nTestPublicKeys {folder / 'keys'}\n")
    (folder / "mail").write_bytes(wire)
    command = [program, "-x", str(folder / "opendkim.conf"), "-t", str(folder / "mail")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    said = told.stdout + told.stderr
    assert "2048-bit key" in said
    return "succeeded" in said
