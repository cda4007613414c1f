"""Worked examples with invented keys and data, none of them of any document.

Invented bytes are SHA-256 of a label, so everyone gets the same ones. The agreement is made with the elliptic curves of
`cryptography`; `recompute.py` checks it with plain arithmetic.
"""
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from protocols import A, B, G, N, P, derive, encode, protect_command, protect_response

CHIP_KEY, READER_KEY = "chip authentication, key of the chip", "chip authentication, key of the reader"
CA_ECDH_AES_128 = bytes.fromhex("04007F00070202030202")
SET_TEMPLATE, GENERAL_AUTHENTICATE = bytes.fromhex("002241A4"), bytes.fromhex("00860000")
SELECT_DG14 = bytes.fromhex("00A4020C"), bytes.fromhex("010E")
INVENTED = "invented: test-vectors/invented.py, with Python's cryptography; no document's key or data"
INTERNAL_AUTHENTICATE = bytes.fromhex("00880000")
EXPONENT = 65537
# The hash functions that Doc 9303-11 allows, by their trailers in ISO/IEC 9796-2.
TRAILERS = [
    ("sha1", bytes.fromhex("BC")),
    ("sha1", bytes.fromhex("33CC")),
    ("sha224", bytes.fromhex("38CC")),
    ("sha256", bytes.fromhex("34CC")),
    ("sha384", bytes.fromhex("36CC")),
    ("sha512", bytes.fromhex("35CC")),
]
# Doc 9303-11, appendix F.
RND_IFD = bytes.fromhex("F173589974BF40C6")
M1 = bytes.fromhex(
    "9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C98599F40B79F377B5F"
    "3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD4E7292E2DCDA3024B47DA8"
)


def invent(label, length=16):
    """SHA-256 of the label and the number of the block, as many blocks as it takes."""
    blocks = (hashlib.sha256(f"chipgate {label} {block}".encode()).digest() for block in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def scalar(label):
    return int.from_bytes(invent(label, 32), "big") % (N - 1) + 1


def der(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value):
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text):
    return der(0x06, bytes.fromhex(text))


def explicit_brainpool_p256r1():
    """ECParameters (TR-03111, 5.1), with cofactor and without seed."""
    field = der(0x30, oid("2A8648CE3D0101"), integer(P))
    curve = der(0x30, der(0x04, A.to_bytes(32, "big")), der(0x04, B.to_bytes(32, "big")))
    return der(0x30, integer(1), field, curve, der(0x04, encode(G)), integer(N), integer(1))


def dg14(point):
    """TA version 1, CA-ECDH-AES-128 version 1, PACE on brainpoolP256r1; one key, without identifier."""
    algorithm = der(0x30, oid("2A8648CE3D0201"), explicit_brainpool_p256r1())
    key = der(0x30, algorithm, der(0x03, b"\0", point))
    infos = [
        der(0x30, oid("04007F0007020202"), integer(1)),
        der(0x30, der(0x06, CA_ECDH_AES_128), integer(1)),
        der(0x30, oid("04007F00070202040202"), integer(2), integer(13)),
        der(0x30, oid("04007F000702020102"), key),
    ]
    return der(0x6E, der(0x31, *infos))


def public(key):
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def chip_authentication_brainpool():
    chip, reader = (ec.derive_private_key(scalar(label), ec.BrainpoolP256R1()) for label in (CHIP_KEY, READER_KEY))
    old = invent("chip authentication, encryption key before"), invent("chip authentication, MAC key before")
    secret = reader.exchange(ec.ECDH(), chip.public_key())
    assert secret == chip.exchange(ec.ECDH(), reader.public_key())
    new = derive(secret, 1), derive(secret, 2)
    counter = 0xF0
    template = protect_command(old, counter + 1, SET_TEMPLATE, der(0x80, CA_ECDH_AES_128))
    point = der(0x7C, der(0x80, public(reader)))
    agreement = protect_command(old, counter + 3, GENERAL_AUTHENTICATE, point, b"\0")
    return {
        "about": "Chip authentication, version 1, AES-128, a key on brainpoolP256r1 with explicit parameters and "
        "without identifier; the proof is SELECT of DG14 under the new keys.",
        "given": session(old, counter) | {"DG14": dg14(public(chip))},
        "random": [scalar(READER_KEY).to_bytes(32, "big")],
        "exchange": [
            ("chip-authentication-set-template", template, protect_response(old, counter + 2)),
            ("chip-authentication-key-agreement", agreement, protect_response(old, counter + 4, b"\x7c\0")),
            ("chip-authentication-proof", protect_command(new, 1, *SELECT_DG14), protect_response(new, 2)),
        ],
        "expected": {"encryption_key": new[0], "mac_key": new[1]},
    }


def secure_messaging_aes_223():
    keys = invent("secure messaging, encryption key"), invent("secure messaging, MAC key")
    counter, data = 0x0A, invent("secure messaging, data", 223)
    command = protect_command(keys, counter + 1, bytes.fromhex("00B000DF"), expected=b"\xdf")
    return {
        "about": "READ BINARY and a response with 223 bytes, the most that fits short length fields under AES.",
        "given": session(keys, counter),
        "random": [],
        "exchange": [("read-binary", command, protect_response(keys, counter + 2, data))],
        "expected": {"data": data},
    }


def is_prime(number):
    """Miller and Rabin's test to the first forty bases."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in range(2, 42):
        value = pow(base, odd, number)
        if value in (1, number - 1):
            continue
        if not any((value := value * value % number) == number - 1 for _ in range(twos - 1)):
            return False
    return True


def rsa_key(label):
    """Modulus and private exponent of an RSA key of 1024 bits to the exponent 65537."""

    def prime(which):
        number = int.from_bytes(invent(f"{label}, {which}", 64), "big") | 3 << 510 | 1
        while not is_prime(number) or number % EXPONENT == 1:
            number += 2
        return number

    p, q = prime("p"), prime("q")
    return p * q, pow(EXPONENT, -1, (p - 1) * (q - 1))


def dg15(modulus):
    key = der(0x30, integer(modulus), integer(EXPONENT))
    algorithm = der(0x30, oid("2A864886F70D010101"), der(0x05))
    return der(0x6F, der(0x30, algorithm, der(0x03, b"\0", key)))


def message_recovery(hash_name, trailer, challenge, total):
    """The block that is signed with ISO/IEC 9796-2, scheme 1: of a message that ends with the challenge, all that fits. Chips
    leave the challenge out, which the reader has anyway."""
    size = 128 - 1 - hashlib.new(hash_name).digest_size - len(trailer) - (len(challenge) if total else 0)
    message = invent(f"active authentication, {hash_name} {trailer.hex()} {total}", size)
    digest = hashlib.new(hash_name, message + challenge).digest()
    recovered = message + challenge if total else message
    return (b"\x4a" if total else b"\x6a") + recovered + digest + trailer


def signed(label, challenges_and_blocks):
    """What a chip with an invented key answers to INTERNAL AUTHENTICATE."""
    modulus, private = rsa_key(label)
    exchange, expected = [], {}
    for index, (challenge, block) in enumerate(challenges_and_blocks):
        signature = pow(int.from_bytes(block, "big"), private, modulus).to_bytes(128, "big")
        command = INTERNAL_AUTHENTICATE + bytes([len(challenge)]) + challenge + b"\0"
        exchange.append(("active-authentication", command, signature + b"\x90\0"))
        expected[f"block_{index}"] = block
    return {"given": {"DG15": dg15(modulus)}, "random": [], "exchange": exchange, "expected": expected}


def active_authentication_appendix_f():
    block = b"\x6a" + M1 + hashlib.sha1(M1 + RND_IFD).digest() + b"\xbc"
    return signed("active authentication, appendix F", [(RND_IFD, block)]) | {
        "source": "ICAO Doc 9303-11, 8th edition, appendix F: challenge, M1 and the block that is signed; the appendix gives no key, so "
        "that key and signature are invented: test-vectors/invented.py",
        "about": "Active authentication by RSA-1024 with SHA-1 and the trailer BC.",
    }


def active_authentication_hashes():
    cases = [
        (invent(f"active authentication, challenge {trailer.hex()} {total}", 8), hash_name, trailer, total)
        for hash_name, trailer in TRAILERS
        for total in (False, True)
    ]
    blocks = [(challenge, message_recovery(name, trailer, challenge, total)) for challenge, name, trailer, total in cases]
    return signed("active authentication, hashes", blocks) | {
        "about": "Active authentication by RSA-1024 with each hash function and trailer: SHA-1 with BC and 33CC, then SHA-224, SHA-256, "
        "SHA-384 and SHA-512; of each first a part of the message in the signature, then the whole message.",
    }


def session(keys, counter):
    return {"encryption_key": keys[0], "mac_key": keys[1], "counter": counter.to_bytes(16, "big")}


def as_text(example):
    def upper(values):
        return {key: value.hex().upper() for key, value in values.items()}

    content = {
        "format": "chipgate-worked-example",
        "version": 1,
        "source": example.get("source", INVENTED),
        "about": example["about"],
        "outcome": "successful",
        "given": upper(example["given"]),
        "random": [drawn.hex().upper() for drawn in example["random"]],
        "exchange": [
            {"step": step} | upper({"command": command, "response": response})
            for step, command, response in example["exchange"]
        ],
        "expected": upper(example["expected"]),
    }
    return json.dumps(content, indent=2) + "\n"
