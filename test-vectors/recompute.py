#!/usr/bin/env python3
"""Computes the values of worked-examples/ again, with Python's `cryptography` and none of this project's code.

    python3 test-vectors/recompute.py
"""
import hashlib
import json
import pathlib
import warnings

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

warnings.filterwarnings("ignore")
try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:
    TripleDES = algorithms.TripleDES

FOLDER = pathlib.Path(__file__).parent / "worked-examples"

# brainpoolP256r1 (RFC 5639, 3.4)
P = 0xA9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377
A = 0x7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9
G = (
    0x8BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262,
    0x547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997,
)


def add(one, other):
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def multiply(scalar, point):
    result = None
    for bit in bin(scalar)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def encode(point):
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def decode(data):
    return int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:65], "big")


def cbc(cipher, key, iv, data, decrypt=False):
    mode = Cipher(cipher(key), modes.CBC(iv))
    return (mode.decryptor() if decrypt else mode.encryptor()).update(data)


def pad(data, block):
    data += b"\x80"
    return data + bytes(-len(data) % block)


def unpad(data):
    return data.rstrip(b"\0")[:-1]


def retail_mac(key, data):
    last = cbc(TripleDES, key[:8] * 3, bytes(8), pad(data, 8))[-8:]
    back = Cipher(TripleDES(key[8:] * 3), modes.ECB()).decryptor().update(last)
    return Cipher(TripleDES(key[:8] * 3), modes.ECB()).encryptor().update(back)


def cmac(key, data):
    mac = CMAC(algorithms.AES(key))
    mac.update(data)
    return mac.finalize()[:8]


def derive(secret, counter):
    return hashlib.sha1(secret + counter.to_bytes(4, "big")).digest()[:16]


def odd_parity(key):
    return bytes(byte & 0xFE | (bin(byte >> 1).count("1") + 1) % 2 for byte in key)


def mrz_information(given):
    def field(text, length):
        text = text.ljust(length, "<")
        values = [0 if c == "<" else int(c, 36) for c in text]
        return text + str(sum(v * (7, 3, 1)[i % 3] for i, v in enumerate(values)) % 10)

    return (
        field(given["document_number"], 9) + field(given["birth_date"], 6) + field(given["expiry_date"], 6)
    ).encode()


def unprotect_aes(encryption_key, mac_key, counter, response):
    """The data in a protected response with short length fields."""
    body, counter = response[:-2], counter.to_bytes(16, "big")
    assert cmac(mac_key, pad(counter + body[:-10], 16)) == body[-8:]
    if body[0] != 0x87:
        return b""
    start = 3 if body[1] == 0x81 else 2
    iv = Cipher(algorithms.AES(encryption_key), modes.ECB()).encryptor().update(counter)
    return unpad(cbc(algorithms.AES, encryption_key, iv, body[start + 1 : -14], decrypt=True))


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


def chip_authentication_ecdh_aes(given, random, exchange, expected):
    counter = int.from_bytes(given["counter"], "big")
    keys = given["encryption_key"], given["mac_key"]
    assert unprotect_aes(*keys, counter + 2, exchange[0][1]) == b""
    assert unprotect_aes(*keys, counter + 4, exchange[1][1]) == b"\x7c\0"
    secret = multiply(int.from_bytes(random[0], "big"), decode(given["DG14"][-65:]))[0].to_bytes(32, "big")
    keys = derive(secret, 1), derive(secret, 2)
    assert keys == (expected["encryption_key"], expected["mac_key"])
    assert unprotect_aes(*keys, 2, exchange[2][1]) == b""


def secure_messaging_aes(given, _random, exchange, expected):
    counter = int.from_bytes(given["counter"], "big") + 1
    data = unprotect_aes(given["encryption_key"], given["mac_key"], counter, exchange[0][1])
    assert data == expected["data"]


def from_hex(values):
    text = {"document_number", "birth_date", "expiry_date"}
    return {key: value if key in text else bytes.fromhex(value) for key, value in values.items()}


for example in [bac, pace_ecdh_gm, chip_authentication_ecdh_aes, secure_messaging_aes]:
    name = example.__name__.replace("_", "-") + ".json"
    content = json.loads((FOLDER / name).read_text())
    example(
        from_hex(content["given"]),
        [bytes.fromhex(drawn) for drawn in content["random"]],
        [(bytes.fromhex(step["command"]), bytes.fromhex(step["response"])) for step in content["exchange"]],
        from_hex(content["expected"]),
    )
    print(f"{name}: as computed")
