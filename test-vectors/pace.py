"""PACE with every mapping, for the examples of Doc 9303-11, appendices G to I. Plain integers, and the block ciphers of
Python's `cryptography`."""
from protocols import A, B, G, N, P, add, algorithms, cbc, cmac, decode, derive, encode, multiply, unpad

# 1024-bit MODP group with 160-bit prime order subgroup (RFC 5114, 2.1).
MODP = int(
    "B10B8F96A080E01DDE92DE5EAE5D54EC52C99FBCFB06A3C69A6A9DCA52D23B616073E28675A23D189838EF1E2EE652C013ECB4AEA9061123"
    "24975C3CD49B83BFACCBDD7D90C4BD7098488E9C219A73724EFFD6FAE5644738FAA31A4FF55BCCC0A151AF5F0DC8B4BD45BF37DF365C1A65"
    "E68CFDA76D4DA708DF1FB2BC2E4A4371",
    16,
)
MODP_GENERATOR = int(
    "A4D1CBD5C3FD34126765A442EFB99905F8104DD258AC507FD6406CFF14266D31266FEA1E5C41564B777E690F5504F213160217B4B01B886A"
    "5E91547F9E2749F4D7FBD7D3B9A92EE1909D0D2263F80A76A6A24C087A091F531DBF0A0169B6A28AD662A4D18E73AFA32D779D5918D08BC8"
    "858F4DCEF97C2A24855E6EEB22B3B2E5",
    16,
)
MODP_ORDER = 0xF518AA8781A8DF278ABA4E7D64B7CB9D49462353

C0 = bytes.fromhex("A668892A7C41E3CA739F40B057D85904")
C1 = bytes.fromhex("A4E136AC725F738B01C1F60217C188AD")


class Curve:
    """brainpoolP256r1."""

    generator, tag, prime = G, 0x86, P
    apply = staticmethod(multiply)
    combine = staticmethod(add)
    encode = staticmethod(encode)
    decode = staticmethod(decode)

    @staticmethod
    def secret(element):
        return element[0].to_bytes(32, "big")

    @staticmethod
    def from_number(t):
        """Appendix B of Doc 9303-11; with the square root in its usual form."""
        alpha = -t * t % P
        x = -B * pow(A, -1, P) * (1 + pow(alpha + alpha * alpha, -1, P)) % P
        value = (x**3 + A * x + B) % P
        inverse_root = pow(value, P - 1 - (P + 1) // 4, P)
        if inverse_root * inverse_root * value % P == 1:
            return x, inverse_root * value % P
        return alpha * x % P, inverse_root * t**3 * value % P


class Modular:
    """Modulo the prime of RFC 5114."""

    generator, tag, prime = MODP_GENERATOR, 0x84, MODP

    @staticmethod
    def apply(exponent, element):
        return pow(element, exponent, MODP)

    @staticmethod
    def combine(one, other):
        return one * other % MODP

    @staticmethod
    def encode(element):
        return element.to_bytes(128, "big")

    @staticmethod
    def decode(data):
        element = int.from_bytes(data, "big")
        assert pow(element, MODP_ORDER, MODP) == 1 != element
        return element

    @staticmethod
    def secret(element):
        return element.to_bytes(128, "big")

    @staticmethod
    def from_number(number):
        return pow(number, (MODP - 1) // MODP_ORDER, MODP)


def tlv(tag, value):
    length = bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + value


def objects(response):
    """The objects inside 7C, by their tags; the status word is 9000."""

    def split(data):
        found = {}
        while data:
            start, length = (3, data[2]) if data[1] == 0x81 else (2, data[1])
            found[data[0]], data = data[start : start + length], data[start + length :]
        return found

    assert response[-2:] == b"\x90\0"
    return split(split(response[:-2])[0x7C])


def authenticate(tag, value, last=False):
    data = tlv(0x7C, tlv(tag, value) if tag else b"")
    return bytes([0 if last else 0x10, 0x86, 0, 0, len(data)]) + data + b"\0"


def pseudo_random(s, t, prime):
    key, output = cbc(algorithms.AES, t, bytes(16), s), b""
    while len(output) * 8 < prime.bit_length() + 64:
        output += cbc(algorithms.AES, key, bytes(16), C1)
        key = cbc(algorithms.AES, key, bytes(16), C0)
    return int.from_bytes(output, "big") % prime


def pace(group, protocol, password, random, exchange, expected, reference=1):
    """Demands every command and checks every answer; what the last answer holds."""
    assert exchange[0] == (b"\0\x22\xc1\xa4\x0f" + tlv(0x80, protocol) + tlv(0x83, bytes([reference])), b"\x90\0")
    assert exchange[1][0] == authenticate(None, b"")
    nonce = cbc(algorithms.AES, derive(password, 3), bytes(16), objects(exchange[1][1])[0x80], decrypt=True)
    answer = objects(exchange[2][1])[0x82]
    if answer:
        private = int.from_bytes(random[0], "big")
        assert exchange[2][0] == authenticate(0x81, group.encode(group.apply(private, group.generator)))
        shared = group.apply(private, group.decode(answer))
        generator = group.combine(group.apply(int.from_bytes(nonce, "big"), group.generator), shared)
    else:
        assert exchange[2][0] == authenticate(0x81, random[0])
        generator = group.from_number(pseudo_random(nonce, random[0], group.prime))
    private = int.from_bytes(random[1], "big")
    ours, theirs = group.encode(group.apply(private, generator)), objects(exchange[3][1])[0x84]
    assert exchange[3][0] == authenticate(0x83, ours)
    secret = group.secret(group.apply(private, group.decode(theirs)))
    assert [derive(secret, 1), derive(secret, 2)] == [expected["encryption_key"], expected["mac_key"]]

    def token(key):
        return cmac(expected["mac_key"], tlv(0x7F49, tlv(0x06, protocol) + tlv(group.tag, key)))

    assert exchange[4][0] == authenticate(0x85, token(theirs), last=True)
    last = objects(exchange[4][1])
    assert last[0x86] == token(ours)
    return last


def chip_authentication_mapping(key, encrypted, mapping_key, static_key):
    """PK.Map = CA · PK, with the data under the IV E(KS.Enc, −1)."""
    iv = cbc(algorithms.AES, key, bytes(16), b"\xff" * 16)
    data = unpad(cbc(algorithms.AES, key, iv, encrypted, decrypt=True))
    assert 0 < int.from_bytes(data, "big") < N
    assert encode(multiply(int.from_bytes(data, "big"), decode(static_key))) == mapping_key
