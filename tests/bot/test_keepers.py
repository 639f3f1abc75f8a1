"""Splitting a key over two keepers: both are needed, and openssl alone opens a part."""

import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.keepers import join, read_keepers, split

OPEN = ("-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256")


def make(folder: Path, name: str, private=None) -> Path:
    """Make a keeper's key and give the file with its public half; `<name>.key` holds the private one."""
    private = private or rsa.generate_private_key(public_exponent=65537, key_size=3072)
    (folder / f"{name}.key").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = folder / f"{name}.pem"
    public.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return public


def opened(folder: Path, name: str, part: bytes) -> bytes:
    """Open a part as its keeper does: with openssl and nothing else."""
    command = ["openssl", "pkeyutl", "-decrypt", "-inkey", str(folder / f"{name}.key"), *OPEN]
    return subprocess.run(command, input=part, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keepers")
    for name in ("els", "omar"):
        make(folder, name)
    return folder


def test_two_keepers_together_have_the_key_and_one_alone_has_nothing(folder: Path):
    keepers = read_keepers([folder / "els.pem", folder / "omar.pem"])
    key = os.urandom(32)
    parts = split(key, keepers)
    assert [keeper for keeper, _ in parts] == [keeper.print for keeper in keepers]
    els, omar = (opened(folder, name, part) for name, (_, part) in zip(("els", "omar"), parts, strict=True))
    assert join([els, omar]) == join([omar, els]) == key
    assert key not in (els, omar)
    with pytest.raises(subprocess.CalledProcessError):
        opened(folder, "els", parts[1][1])


@pytest.mark.parametrize("sizes", [(), (32,), (32, 31), (384, 384), (32, 32, 32)])
def test_refuses_what_cannot_be_two_parts(sizes: tuple[int, ...]):
    with pytest.raises(ValueError, match="two different parts"):
        join([os.urandom(size) for size in sizes])


def test_refuses_one_part_in_two_places():
    with pytest.raises(ValueError, match="two different parts"):
        join([b"a" * 32, b"a" * 32])


def test_says_what_is_wrong_with_a_keepers_key(folder: Path, tmp_path: Path):
    weak = make(tmp_path, "weak", rsa.generate_private_key(public_exponent=65537, key_size=2048))
    other = make(tmp_path, "other", ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "text.pem").write_text("geen sleutel")
    els = folder / "els.pem"
    for paths, problem in (
        ([els], "name two different public keys"),
        ([els, els], "name two different public keys"),
        ([els, tmp_path / "gone.pem"], "cannot be read"),
        ([els, tmp_path / "text.pem"], "is no public key in PEM"),
        ([els, weak], "no RSA key of 3072 bits"),
        ([els, other], "no RSA key of 3072 bits"),
    ):
        with pytest.raises(ValueError, match=problem):
            read_keepers(paths)
