"""A device that makes and uses passkeys, in software."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG
ORIGIN, HOST = "http://testserver", hashlib.sha256(b"testserver").digest()


class Device:
    def __init__(self) -> None:
        self.key, self.number = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        self.owner = ""

    def make(self, options: dict[str, Any]) -> str:
        """What the browser posts when it made a passkey."""
        self.owner = options["user"]["id"]
        public = AttestedCredentialData.create(
            Aaguid.NONE, self.number, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(HOST, FLAG.UP | FLAG.UV | FLAG.AT, 0, bytes(public))
        made = AttestationObject.create("none", data, {})
        said = CollectedClientData.create("webauthn.create", websafe_decode(options["challenge"]), ORIGIN)
        return self._posted(clientDataJSON=said, attestationObject=made)

    def answer(self, options: dict[str, Any], *, verified: bool = True, broken: bool = False) -> str:
        """What it posts when the passkey was used; `verified` by finger, face or PIN."""
        data = AuthenticatorData.create(HOST, FLAG.UP | FLAG.UV if verified else FLAG.UP, 1)
        said = CollectedClientData.create("webauthn.get", websafe_decode(options["challenge"]), ORIGIN)
        signature = self.key.sign(b"other" if broken else data + said.hash, ec.ECDSA(hashes.SHA256()))
        return self._posted(
            clientDataJSON=said, authenticatorData=data, signature=signature, userHandle=websafe_decode(self.owner)
        )

    def _posted(self, **parts: bytes) -> str:
        number = websafe_encode(self.number)
        response = {name: websafe_encode(part) for name, part in parts.items()}
        found = {
            "id": number,
            "rawId": number,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
        return json.dumps(found)
