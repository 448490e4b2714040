"""TLS over real sockets: certificates that fit, that do not, and that are pinned."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable
from intercomd.domain.fingerprint import fingerprint_of
from intercomd.engine import Engine, EngineProfile, RoomStateReason, User
from intercomd.server.admin_client import own_url
from intercomd.server.app import RoomServer
from intercomd.server.config import ListenSettings, ServerConfig
from intercomd.server.tls import self_signed, server_context
from tests.engine.events import Diary, until
from tests.room_server import APP_ID, APP_SIGN, server_config


def secure_config(folder: Path) -> ServerConfig:
    """As `server_config`, with a certificate of its own."""
    config = server_config(folder)
    certificate, key = self_signed(folder)
    listen = replace(config.listen, tls_cert=certificate, tls_key=key)
    return replace(config, listen=listen)


def fingerprint_in(path: Path) -> str:
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(path.read_text()))


def engine_at(server: RoomServer, *, fingerprint: str = "") -> Engine:
    _, port = server.address
    return Engine(
        EngineProfile(
            APP_ID,
            APP_SIGN,
            server_url=f"wss://127.0.0.1:{port}",
            server_fingerprint=fingerprint,
        )
    )


def test_a_self_signed_certificate_is_made_once_and_used_again(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    before = certificate.read_bytes(), key.read_bytes()
    assert self_signed(tmp_path) == (certificate, key)
    assert (certificate.read_bytes(), key.read_bytes()) == before
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_it_names_this_machine_and_what_else_is_asked_for(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path, ["intercom.example", "192.0.2.77"])
    made = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    hosts = names.get_values_for_type(x509.DNSName)
    assert {"localhost", "intercom.example", socket.gethostname().lower()} <= set(hosts)
    addresses = names.get_values_for_type(x509.IPAddress)
    wanted = {ipaddress.ip_address(each) for each in ("127.0.0.1", "192.0.2.77")}
    assert wanted <= set(addresses)


def test_half_of_a_pair_is_told_and_not_overwritten(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    certificate.unlink()
    before = key.read_bytes()
    with pytest.raises(ConfigInvalid, match="only one of the two is there"):
        self_signed(tmp_path)
    assert key.read_bytes() == before


def test_the_fingerprint_is_one_line_of_the_log_and_the_key_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, key = self_signed(tmp_path)
    with caplog.at_level(logging.DEBUG):
        assert server_context(ListenSettings(tls_cert=certificate, tls_key=key))
    assert caplog.messages == [
        f"certificate file={certificate} sha256={fingerprint_in(certificate)}"
    ]


def test_without_a_certificate_there_is_no_tls() -> None:
    assert server_context(ListenSettings()) is None


def test_a_missing_certificate_is_unreadable(tmp_path: Path) -> None:
    _, key = self_signed(tmp_path)
    missing = tmp_path / "none.pem"
    with pytest.raises(ConfigUnreadable, match=r"none\.pem: No such file"):
        server_context(ListenSettings(tls_cert=missing, tls_key=key))


def test_another_certificates_key_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    certificate, _ = self_signed(tmp_path)
    _, key = self_signed(tmp_path / "other")
    with pytest.raises(ConfigInvalid, match="are no certificate and its own") as caught:
        server_context(ListenSettings(tls_cert=certificate, tls_key=key))
    assert "\n" not in str(caught.value)


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    certificate.write_text("not a certificate")
    with pytest.raises(ConfigInvalid, match="are no certificate"):
        server_context(ListenSettings(tls_cert=certificate, tls_key=key))


def test_the_own_server_is_known_by_its_first_certificate_alone(
    tmp_path: Path,
) -> None:
    """A chain goes on with those who signed it, and they sign others, too."""

    async def scene() -> None:
        config = secure_config(tmp_path)
        (tmp_path / "other").mkdir()
        other, _ = self_signed(tmp_path / "other")
        own = (tmp_path / "tls_cert.pem").read_text()
        chains = [own + other.read_text(), other.read_text() + own]
        trusted = []
        async with RoomServer(config) as server:
            for chain in chains:
                path = tmp_path / "chain.pem"
                path.write_text(chain)
                listen = replace(config.listen, tls_cert=path)
                _, context = own_url(listen)
                try:
                    _, writer = await asyncio.open_connection(
                        *server.address, ssl=context
                    )
                except ssl.SSLCertVerificationError:
                    trusted.append(False)
                else:
                    trusted.append(True)
                    writer.close()
                    await writer.wait_closed()
        assert trusted == [True, False]

    asyncio.run(scene())


def test_an_operator_without_the_servers_certificate_is_told_which_file(
    tmp_path: Path,
) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("not a certificate")
    with pytest.raises(ConfigInvalid, match=r"wrong\.pem: is no certificate"):
        own_url(ListenSettings(tls_cert=wrong))
    with pytest.raises(ConfigUnreadable, match=r"none\.pem: No such file"):
        own_url(ListenSettings(tls_cert=tmp_path / "none.pem"))


def test_a_host_that_no_certificate_can_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"bücher\.example: cannot be"):
        self_signed(tmp_path, ["bücher.example"])
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_pins_the_certificate_gets_in(tmp_path: Path) -> None:
    async def scene() -> None:
        config = secure_config(tmp_path)
        pin = fingerprint_in(tmp_path / "tls_cert.pem")
        spelt = ":".join(pin[n : n + 2] for n in range(0, 64, 2)).upper()
        async with (
            RoomServer(config) as server,
            engine_at(server, fingerprint=spelt) as engine,
        ):
            await engine.login_room("lobby", User("alice"))

    asyncio.run(scene())


def test_another_fingerprint_is_refused_before_anything_is_sent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        config = secure_config(tmp_path)
        async with (
            RoomServer(config) as server,
            engine_at(server, fingerprint="ab" * 32) as engine,
        ):
            diary = Diary(engine)
            login = asyncio.create_task(engine.login_room("lobby", User("alice")))
            await until(lambda: "not the pinned one" in caplog.text, "the refusal")
            assert not login.done()  # it is retried, as any connection is
            assert [call[1] for call in diary.of("room_state_changed")] == [
                RoomStateReason.LOGINING
            ]
            login.cancel()
            await asyncio.gather(login, return_exceptions=True)

    with caplog.at_level(logging.DEBUG, "websockets.server"):
        asyncio.run(asyncio.wait_for(scene(), 20))
    assert "GET / HTTP" not in caplog.text
    assert fingerprint_in(tmp_path / "tls_cert.pem") in caplog.text


def test_without_a_pin_an_unknown_authority_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with (
            RoomServer(secure_config(tmp_path)) as server,
            engine_at(server) as engine,
        ):
            login = asyncio.create_task(engine.login_room("lobby", User("alice")))
            await until(lambda: "self-signed" in caplog.text, "the refusal")
            login.cancel()
            await asyncio.gather(login, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_nothing_older_than_tls_1_2_is_spoken(tmp_path: Path) -> None:
    async def scene() -> None:
        async with RoomServer(secure_config(tmp_path)) as server:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            _, writer = await asyncio.open_connection(*server.address, ssl=context)
            assert writer.get_extra_info("ssl_object").version() >= "TLSv1.2"
            writer.close()
            await writer.wait_closed()

    asyncio.run(scene())
    certificate, key = self_signed(tmp_path)
    context = server_context(ListenSettings(tls_cert=certificate, tls_key=key))
    assert context is not None
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_pin_without_tls_is_no_engine() -> None:
    profile = EngineProfile(
        APP_ID, APP_SIGN, server_url="ws://pi", server_fingerprint="ab" * 32
    )
    with pytest.raises(ValueError, match="needs wss://"):
        Engine(profile)
