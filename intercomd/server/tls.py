"""The room server's certificate: read, checked, and made if it is to sign itself.

It opens no port. A private key is never logged.
"""

from __future__ import annotations

import datetime
import ipaddress
import logging
import ssl
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable
from intercomd.domain.fingerprint import fingerprint_of
from intercomd.server.addresses import own_addresses, own_names
from intercomd.server.config import ListenSettings
from intercomd.server.secret_file import create

# The key agreement and the ciphers are the library's choice, which ages better.
OLDEST_TLS = ssl.TLSVersion.TLSv1_2
VALID_YEARS = 10
# A board without a battery believes it is long ago until it has asked a time server.
VALID_FROM = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
# RFC 5280, upper bound of a common name; a longer host name is in the SANs only.
COMMON_NAME_CHARACTERS = 64

_log = logging.getLogger(__name__)


def server_context(listen: ListenSettings) -> ssl.SSLContext | None:
    """What to listen with, None without TLS; the fingerprint is logged.

    Raises `ConfigUnreadable` or `ConfigInvalid`, naming the file.
    """
    if listen.tls_cert is None or listen.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = OLDEST_TLS
    certificate = _read(listen.tls_cert)
    _read(listen.tls_key)
    try:
        # A key with a password must not make a daemon ask its terminal.
        context.load_cert_chain(listen.tls_cert, listen.tls_key, password="")
        first = ssl.PEM_cert_to_DER_cert(_first_certificate(certificate))
    except (ssl.SSLError, ValueError) as error:
        raise ConfigInvalid(
            f"{listen.tls_cert} and {listen.tls_key}: are no certificate and its own "
            "unencrypted key, both in PEM: compare listen.tls_cert and listen.tls_key"
        ) from error
    _log.info("certificate file=%s sha256=%s", listen.tls_cert, fingerprint_of(first))
    return context


def client_context(path: Path) -> ssl.SSLContext:
    """What to reach the server with whose certificate is in this file.

    That certificate alone is trusted, under whatever name, and nothing it is signed
    by. Raises `ConfigUnreadable` or `ConfigInvalid`, naming the file.
    """
    certificate = _read(path)
    try:
        context = ssl.create_default_context(cadata=_first_certificate(certificate))
    except (ssl.SSLError, ValueError) as error:
        raise ConfigInvalid(
            f"{path}: is no certificate in PEM: compare listen.tls_cert"
        ) from error
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def self_signed(folder: Path, more_hosts: Sequence[str] = ()) -> tuple[Path, Path]:
    """The paths of certificate and key in `folder`, which are made if missing.

    `more_hosts` are names or addresses of this server besides the machine's own.
    Raises `ConfigUnreadable` where they cannot be written, and `ConfigInvalid` if
    only one of the two is there, or a host cannot be in a certificate.
    """
    certificate, key = folder / "tls_cert.pem", folder / "tls_key.pem"
    match certificate.exists(), key.exists():
        case True, True:
            return certificate, key
        case False, False:
            _make(certificate, key, [*own_names(), *own_addresses(), *more_hosts])
            return certificate, key
        case _:
            raise ConfigInvalid(
                f"{certificate} and {key}: only one of the two is there: "
                "bring the other back, or delete it to have both made anew"
            )


def _make(certificate: Path, key: Path, hosts: Sequence[str]) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    signed = _signed(private, list(dict.fromkeys(hosts)))
    key_text = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(key, key_text, 0o600)
    _write(certificate, signed.public_bytes(serialization.Encoding.PEM), 0o644)
    _log.info("self-signed certificate made file=%s", certificate)


def _signed(
    private: ec.EllipticCurvePrivateKey, hosts: Sequence[str]
) -> x509.Certificate:
    public = private.public_key()
    common = hosts[0][:COMMON_NAME_CHARACTERS]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(
        days=365 * VALID_YEARS
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(max(until, VALID_FROM + datetime.timedelta(days=3650)))
        # No authority: who installs it trusts this server, and nothing it signs.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([_alternative(host) for host in hosts]),
            critical=False,
        )
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public), critical=False
        )
    )
    return builder.sign(private, hashes.SHA256())


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise ConfigInvalid(
            f"{host}: cannot be in a certificate: give the name in ASCII (xn--…)"
        ) from error


def _first_certificate(text: str) -> str:
    """The server's own certificate of a chain, which begins with it (RFC 8446)."""
    begin, end = text.index(ssl.PEM_HEADER), text.index(ssl.PEM_FOOTER)
    return text[begin : end + len(ssl.PEM_FOOTER)]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise ConfigUnreadable(f"{path}: {error.strerror}") from error


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        create(path, content, mode)
    except OSError as error:
        raise ConfigUnreadable(f"{path}: {error.strerror}") from error
