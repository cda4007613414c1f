#!/usr/bin/env python3
"""Computes the values of worked-examples/ again, with Python's `cryptography` and none of this project's code.

    python3 test-vectors/recompute.py             # checks all files, writes none
    python3 test-vectors/recompute.py generate    # writes the files with invented keys, too
"""
import hashlib
import json
import pathlib
import sys

sys.dont_write_bytecode = True

import invented
import pace
from protocols import (
    A,
    B,
    G,
    P,
    TripleDES,
    add,
    algorithms,
    cbc,
    cmac,
    decode,
    derive,
    encode,
    multiply,
    odd_parity,
    pad,
    retail_mac,
    unpad,
    unprotect_command,
    unprotect_response,
)

FOLDER = pathlib.Path(__file__).parent / "worked-examples"


def mrz_information(given):
    def field(text, length):
        text = text.ljust(length, "<")
        values = [0 if c == "<" else int(c, 36) for c in text]
        return text + str(sum(v * (7, 3, 1)[i % 3] for i, v in enumerate(values)) % 10)

    return (
        field(given["document_number"], 9) + field(given["birth_date"], 6) + field(given["expiry_date"], 6)
    ).encode()


def bac(given, random, exchange, expected):
    seed = hashlib.sha1(mrz_information(given)).digest()[:16]
    encryption, mac = odd_parity(derive(seed, 1)), odd_parity(derive(seed, 2))
    challenge = exchange[0][1][:8]
    cryptogram = cbc(TripleDES, encryption, bytes(8), random[0] + challenge + random[1])
    command = bytes.fromhex("0082000028") + cryptogram + retail_mac(mac, cryptogram) + b"\x28"
    assert exchange[1][0] == command
    answer = exchange[1][1]
    assert retail_mac(mac, answer[:32]) == answer[32:40]
    plain = cbc(TripleDES, encryption, bytes(8), answer[:32], decrypt=True)
    assert plain[:16] == challenge + random[0]
    seed = bytes(a ^ b for a, b in zip(random[1], plain[16:]))
    encryption, mac = odd_parity(derive(seed, 1)), odd_parity(derive(seed, 2))
    assert [encryption, mac] == [expected["encryption_key"], expected["mac_key"]]
    counter = int.from_bytes(challenge[4:] + random[0][4:], "big")
    file = b""
    for command, response in exchange[2:]:
        counter += 1
        data = command[5:-11]
        assert retail_mac(mac, counter.to_bytes(8, "big") + pad(command[:4], 8) + data) == command[-9:-1]
        counter += 1
        body = response[:-2]
        assert retail_mac(mac, counter.to_bytes(8, "big") + body[:-10]) == body[-8:]
        if body[0] == 0x87:
            file += unpad(cbc(TripleDES, encryption, bytes(8), body[3:-14], decrypt=True))
    assert file == expected["EF.COM"]


def pace_ecdh_gm(given, random, exchange, expected):
    password = hashlib.sha1(mrz_information(given)).digest()
    nonce = cbc(algorithms.AES, derive(password, 3), bytes(16), exchange[1][1][4:20], decrypt=True)
    mapping, agreement = (int.from_bytes(drawn, "big") for drawn in random)
    assert exchange[2][0][9:-1] == encode(multiply(mapping, G))
    shared = multiply(mapping, decode(exchange[2][1][4:69]))
    generator = add(multiply(int.from_bytes(nonce, "big"), G), shared)
    ours, theirs = encode(multiply(agreement, generator)), exchange[3][1][4:69]
    assert exchange[3][0][9:-1] == ours
    secret = multiply(agreement, decode(theirs))[0].to_bytes(32, "big")
    assert [derive(secret, 1), derive(secret, 2)] == [expected["encryption_key"], expected["mac_key"]]
    prefix = bytes.fromhex("7F494F060A04007F000702020402028641")
    assert exchange[4][0][9:-1] == cmac(expected["mac_key"], prefix + theirs)
    assert exchange[4][1][4:12] == cmac(expected["mac_key"], prefix + ours)


def pace_ecdh_gm_bsi(given, random, exchange, expected):
    pace.pace(pace.Curve, given["EF.CardAccess"][6:16], given["pin"], random, exchange, expected, reference=3)


def password_of(given):
    return hashlib.sha1(mrz_information(given)).digest()


def pace_dh_gm(given, random, exchange, expected):
    last = pace.pace(pace.Modular, given["protocol"], password_of(given), random, exchange, expected)
    assert last[0x87] == expected["authority"]


def pace_dh_im(given, random, exchange, expected):
    pace.pace(pace.Modular, given["protocol"], password_of(given), random, exchange, expected)


def pace_ecdh_im(given, random, exchange, expected):
    pace.pace(pace.Curve, given["protocol"], password_of(given), random, exchange, expected)


def pace_ecdh_cam(given, random, exchange, expected):
    last = pace.pace(pace.Curve, given["EF.CardAccess"][6:16], password_of(given), random, exchange, expected)
    static_key, mapping_key = given["CardSecurity"][-68:-3], pace.objects(exchange[2][1])[0x82]
    pace.chip_authentication_mapping(expected["encryption_key"], last[0x8A], mapping_key, static_key)


def chip_authentication_brainpool(given, random, exchange, expected):
    counter = int.from_bytes(given["counter"], "big")
    keys = given["encryption_key"], given["mac_key"]
    ours, theirs = int.from_bytes(random[0], "big"), decode(given["DG14"][-65:])
    assert (theirs[1] ** 2 - theirs[0] ** 3 - A * theirs[0] - B) % P == 0
    assert theirs == multiply(invented.scalar(invented.CHIP_KEY), G)
    template = bytes.fromhex("0C2241A4"), b"\x80\x0a" + invented.CA_ECDH_AES_128, b""
    assert unprotect_command(keys, counter + 1, exchange[0][0]) == template
    assert unprotect_response(keys, counter + 2, exchange[0][1]) == b""
    agreement = bytes.fromhex("0C860000"), b"\x7c\x43\x80\x41" + encode(multiply(ours, G)), b"\0"
    assert unprotect_command(keys, counter + 3, exchange[1][0]) == agreement
    assert unprotect_response(keys, counter + 4, exchange[1][1]) == b"\x7c\0"
    secret = multiply(ours, theirs)[0].to_bytes(32, "big")
    keys = derive(secret, 1), derive(secret, 2)
    assert keys == (expected["encryption_key"], expected["mac_key"])
    assert unprotect_command(keys, 1, exchange[2][0]) == (bytes.fromhex("0CA4020C"), invented.SELECT_DG14[1], b"")
    assert unprotect_response(keys, 2, exchange[2][1]) == b""


def secure_messaging_aes_223(given, _random, exchange, expected):
    counter = int.from_bytes(given["counter"], "big")
    keys = given["encryption_key"], given["mac_key"]
    command, response = exchange[0]
    assert unprotect_command(keys, counter + 1, command) == (bytes.fromhex("0CB000DF"), b"", b"\xdf")
    assert unprotect_response(keys, counter + 2, response) == expected["data"]
    assert len(expected["data"]) == 223


def public_key(dg15):
    """Modulus and exponent, which end DG15, its lengths in the forms that an RSA key of 1024 bits has."""
    modulus, exponent = dg15[-133:-5], dg15[-3:]
    assert dg15[-137:-133] == bytes.fromhex("02818100") and dg15[-5:-3] == bytes.fromhex("0203")
    return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")


def active_authentication(given, exchange, blocks):
    """Each signature opened; each block taken apart from its end, as ISO/IEC 9796-2 has it."""
    modulus, exponent = public_key(given["DG15"])
    names = {trailer: name for name, trailer in invented.TRAILERS}
    for (command, response), block in zip(exchange, blocks, strict=True):
        assert command[:5] == bytes.fromhex("0088000008") and command[13:] == b"\0" and response[-2:] == b"\x90\0"
        challenge, signature = command[5:13], int.from_bytes(response[:-2], "big")
        assert pow(signature, exponent, modulus).to_bytes(128, "big") == block
        trailer = block[-1:] if block[-1] == 0xBC else block[-2:]
        name = names[trailer]
        digest_start = len(block) - len(trailer) - hashlib.new(name).digest_size
        message, digest = block[1:digest_start], block[digest_start : -len(trailer)]
        assert block[0] in (0x4A, 0x6A)
        if block[0] == 0x4A:
            assert message[-8:] == challenge
        else:
            message += challenge
        assert hashlib.new(name, message).digest() == digest


def active_authentication_appendix_f(given, _random, exchange, expected):
    assert expected["block_0"] == bytes.fromhex(
        "6A9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C98599F40B79F377B5F"
        "3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD4E7292E2DCDA3024B47DA8"
        "C063AA1E6D22FBD976AB0FE73D94D2D9C6D88127BC"
    )
    active_authentication(given, exchange, [expected["block_0"]])


def active_authentication_sha_1(given, _random, exchange, expected):
    active_authentication(given, exchange, [expected["block_0"]])


def active_authentication_hashes(given, _random, exchange, expected):
    blocks = [expected[f"block_{index}"] for index in range(len(exchange))]
    assert [(block[0], block[-1:] if block[-1] == 0xBC else block[-2:]) for block in blocks] == [
        (header, trailer) for _, trailer in invented.TRAILERS for header in (0x6A, 0x4A)
    ]
    active_authentication(given, exchange, blocks)


def from_hex(values):
    text = {"document_number", "birth_date", "expiry_date"}
    return {key: value if key in text else bytes.fromhex(value) for key, value in values.items()}


def file_of(example):
    return FOLDER / (example.__name__.replace("_", "-") + ".json")


def check(example, invent):
    file = file_of(example)
    text = file.read_text()
    content = json.loads(text)
    example(
        from_hex(content["given"]),
        [bytes.fromhex(drawn) for drawn in content["random"]],
        [(bytes.fromhex(step["command"]), bytes.fromhex(step["response"])) for step in content["exchange"]],
        from_hex(content["expected"]),
    )
    assert invent is None or text == invented.as_text(invent()), f"{file.name} is not what `generate` writes"
    print(f"{file.name}: as computed")


EXAMPLES = {
    bac: None,
    pace_ecdh_gm: None,
    pace_ecdh_gm_bsi: None,
    pace_dh_gm: None,
    pace_ecdh_im: None,
    pace_dh_im: None,
    pace_ecdh_cam: None,
    chip_authentication_brainpool: invented.chip_authentication_brainpool,
    secure_messaging_aes_223: invented.secure_messaging_aes_223,
    active_authentication_appendix_f: invented.active_authentication_appendix_f,
    active_authentication_sha_1: None,
    active_authentication_hashes: invented.active_authentication_hashes,
}

if sys.argv[1:] not in ([], ["generate"]):
    sys.exit(__doc__)
for example, invent in EXAMPLES.items():
    if sys.argv[1:] and invent:
        file_of(example).write_text(invented.as_text(invent()))
    check(example, invent)
