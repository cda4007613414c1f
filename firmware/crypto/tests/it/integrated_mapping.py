"""The integrated mapping of Doc 9303-11, 4.4.3.3.2 and appendix B by plain integers; only the block ciphers are Python
`cryptography`'s. A line in: cipher, s, t and the curve's explicit parameters in DER, all but the first in hexadecimal;
a line out: the point."""
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:
    TripleDES = algorithms.TripleDES

CONSTANTS = {
    True: (bytes.fromhex("a668892a7c41e3ca739f40b057d85904"), bytes.fromhex("a4e136ac725f738b01c1f60217c188ad")),
    False: (
        bytes.fromhex("d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676"),
        bytes.fromhex("54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"),
    ),
}


def elements(data):
    """The contents of DER elements one after another."""
    found = []
    while data:
        length, start = data[1], 2
        if length >= 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[2:start], "big")
        found.append(data[start : start + length])
        data = data[start + length :]
    return found


def mapped(name, s, t, parameters):
    _, field, curve, *_ = elements(elements(parameters)[0])
    p = int.from_bytes(elements(field)[1], "big")
    a, b = (int.from_bytes(part, "big") for part in elements(curve)[:2])

    algorithm, key_length, block = (TripleDES, 16, 8) if name == "TripleDes" else (algorithms.AES, int(name[3:]) // 8, 16)
    small = key_length == 16
    c0, c1 = CONSTANTS[small]

    def encrypt(key, data):
        key = key[:key_length]
        if algorithm is TripleDES:
            key += key[:8]
        encryptor = Cipher(algorithm(key), modes.CBC(bytes(block))).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    k, output = encrypt(t, s), b""
    while len(output) * 8 < p.bit_length() + 64:
        output += encrypt(k, c1)
        k = encrypt(k, c0)

    u = int.from_bytes(output, "big") % p
    alpha = -u * u % p
    x = -b * pow(a, -1, p) * (1 + pow(alpha + alpha * alpha, -1, p)) % p
    value = (x**3 + a * x + b) % p
    root = pow(value, (p + 1) // 4, p)
    if root * root % p == value:
        y = pow(value, p - 1 - (p + 1) // 4, p) * value % p
    else:
        h = value
        x = alpha * x % p
        value = (x**3 + a * x + b) % p
        y = pow(h, p - 1 - (p + 1) // 4, p) * u**3 * h % p
    assert (y * y - x**3 - a * x - b) % p == 0
    length = (p.bit_length() + 7) // 8
    return "04" + x.to_bytes(length, "big").hex() + y.to_bytes(length, "big").hex()


for line in sys.stdin:
    cipher, *values = line.split()
    print(mapped(cipher, *(bytes.fromhex(value) for value in values)))
