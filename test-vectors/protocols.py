"""What the worked examples are computed with: brainpoolP256r1 in plain arithmetic, keys and secure messaging.

Only Python's `cryptography` and none of this project's code.
"""
import hashlib
import warnings

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

warnings.filterwarnings("ignore")
try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:
    TripleDES = algorithms.TripleDES

# brainpoolP256r1 (RFC 5639, 3.4)
P = 0xA9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377
A = 0x7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9
B = 0x26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6
N = 0xA9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7
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


def aes_iv(key, counter):
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(counter.to_bytes(16, "big"))


def cryptogram_object(key, counter, data):
    value = b"\x01" + cbc(algorithms.AES, key, aes_iv(key, counter), pad(data, 16))
    length = bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])
    return b"\x87" + length + value


def inside_cryptogram_object(key, counter, body):
    """The data in the object at the start of `body`, and what follows it."""
    header, length = (3, body[2]) if body[1] == 0x81 else (2, body[1])
    assert body[0] == 0x87 and body[header] == 0x01
    padded = cbc(algorithms.AES, key, aes_iv(key, counter), body[header + 1 : header + length], decrypt=True)
    return unpad(padded), body[header + length :]


def checksum(key, counter, header, body):
    """The object with the MAC (Doc 9303-11, 9.8.7.2); a response has no header."""
    counted = counter.to_bytes(16, "big") + (pad(header, 16) if header else b"")
    return b"\x8e\x08" + cmac(key, pad(counted + body, 16))


def protect_command(keys, counter, header, data=b"", expected=b""):
    """Doc 9303-11, 9.8.4, with short length fields."""
    header = bytes([header[0] | 0x0C]) + header[1:]
    body = cryptogram_object(keys[0], counter, data) if data else b""
    body += b"\x97\x01" + expected if expected else b""
    body += checksum(keys[1], counter, header, body)
    return header + bytes([len(body)]) + body + b"\0"


def unprotect_command(keys, counter, command):
    """The header, the data and the expected length in a protected command with short length fields."""
    header, body = command[:4], command[5:-1]
    assert command[4] == len(body) and command[-1] == 0
    assert checksum(keys[1], counter, header, body[:-10]) == body[-10:]
    body, data = body[:-10], b""
    if body[:1] == b"\x87":
        data, body = inside_cryptogram_object(keys[0], counter, body)
    assert body == b"" or (body[:2] == b"\x97\x01" and len(body) == 3)
    return header, data, body[2:]


def protect_response(keys, counter, data=b""):
    body = cryptogram_object(keys[0], counter, data) if data else b""
    body += b"\x99\x02\x90\0"
    return body + checksum(keys[1], counter, b"", body) + b"\x90\0"


def unprotect_response(keys, counter, response):
    """The data in a protected response with short length fields, whose status words say success."""
    body, data = response[:-12], b""
    assert checksum(keys[1], counter, b"", body) == response[-12:-2]
    if body[0] == 0x87:
        data, body = inside_cryptogram_object(keys[0], counter, body)
    assert body[:2] + response[-2:] == b"\x99\x02\x90\0" and body[2:] == b"\x90\0"
    return data
