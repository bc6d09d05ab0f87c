"""Debian's postfix as a mail server of its own on loopback, apart from the system's: it delivers into a folder."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

USER = "nobody"
PATIENCE = 30.0
"""Seconds for a mail to be delivered."""

# A mail tried again within a second may still be locked by its last delivery, and postfix forgets such a mail.
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.org example.net
virtual_mailbox_base = {folder}/boxes
virtual_mailbox_maps = inline:{{ {{ada@example.org = ada/}} {{bo@example.org = bo/}}
  {{back@example.net = back/}} {{returned@example.net = returned/}} }}
transport_maps = inline:{{ {{gone.example = gone:}} {{returned@example.net = returned:}} }}
queue_run_delay = 1s
minimal_backoff_time = 3s
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{full@example.org = 452 4.2.2 mailbox full}} }}
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {folder}/server.pem
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix n - n - 0   cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - -   trivial-rewrite
bounce    unix - - n - 0   bounce
defer     unix - - n - 0   bounce
trace     unix - - n - 0   bounce
error     unix - - n - -   error
retry     unix - - n - -   error
virtual   unix - n n - -   virtual
gone      unix - n n - -   pipe user=nobody argv=/bin/sh -c {{ echo nobody is there; exit 67 }}
returned  unix - n n - 1   pipe user={user} argv=/bin/sh {folder}/returned
tlsmgr    unix - - n 1000? 1 tlsmgr
anvil     unix - - n - 1   anvil
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running postfix that has mailboxes for `ada` and `bo` at example.org, and none that has room for `full`.

    It takes mails for gone.example, where nobody is, and sends them back: `back` at example.net is a mailbox for that,
    and what comes for `returned` is piped into the script `returned` of the folder, as USER.
    """

    port: int
    folder: Path
    authority: trustme.CA

    def log(self) -> str:
        """What the server wrote so far."""
        return (self.folder / "log").read_text()

    def mails(self, name: str, many: int) -> list[bytes]:
        """What came for somebody, once there are so many."""

        def came() -> list[Path]:
            return sorted(file for part in ("new", "cur") for file in (self.folder / "boxes" / name).glob(f"{part}/*"))

        self.until(lambda: len(came()) >= many)
        return [file.read_bytes() for file in came()]

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until something has happened, and no longer than it may take."""
        until = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < until, self.log()[-2000:]
            time.sleep(0.05)


@contextmanager
def postfix() -> Iterator[Postfix]:
    """Run it, with STARTTLS required; skips the test where it cannot be."""
    if shutil.which("postfix") is None and not Path("/usr/sbin/postfix").exists():
        pytest.skip("postfix is not installed")
    if os.getuid() != 0:
        pytest.skip("postfix starts only for root")
    folder = Path(tempfile.mkdtemp(prefix="broadsheet-postfix-"))
    authority, port = trustme.CA(), _free_port()
    try:
        _set_up(folder, authority, port)
        subprocess.run(["/usr/sbin/postfix", "-c", folder, "start"], check=True, capture_output=True)
        yield Postfix(port, folder, authority)
    finally:
        subprocess.run(["/usr/sbin/postfix", "-c", folder, "stop"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(folder: Path, authority: trustme.CA, port: int) -> None:
    folder.chmod(0o755)  # postfix gives up root's rights and still has to get there
    for name in ("queue", "data", "boxes"):
        (folder / name).mkdir()
    for name in ("data", "boxes"):
        shutil.chown(folder / name, "postfix")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    box = (folder / "boxes").stat()
    given = {"user": USER, "folder": folder, "port": port, "uid": box.st_uid, "gid": 65534}
    (folder / "main.cf").write_text(_MAIN.format(**given))
    (folder / "master.cf").write_text(_MASTER.format(**given))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
