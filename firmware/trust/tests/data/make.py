#!/usr/bin/env python3
"""Makes the certificates, lists and security objects beside this file, with OpenSSL 3 alone.

    python3 make.py        # writes *.der here, anew; keys are thrown away

The tests pass the time in, so that the files do not age: certificates run from 2025 to 2046 unless their name says
otherwise. Nothing here was made by the code that it tests.
"""

import hashlib
import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
NAME = {"C": "VN", "O": "Example Government", "CN": "CSCA Example"}
LDS, MASTER_LIST = "2.23.136.1.1.1", "2.23.136.1.1.2"
FROM, TO = "20250101000000Z", "20460101000000Z"

AUTHORITY = """basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""
SIGNER = """keyUsage=critical,digitalSignature
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""


def run(*command, data=None):
    result = subprocess.run(["openssl", *command], input=data, capture_output=True)
    if result.returncode:
        raise SystemExit(f"openssl {' '.join(command)}\n{result.stderr.decode()}")
    return result.stdout


def tlv(tag, *content):
    value = b"".join(content)
    size = len(value)
    octets = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | len(octets)]) + octets) + value


class Key:
    def __init__(self, folder, name, kind, encoding="named_curve"):
        self.path = folder / f"{name}.key"
        if kind.startswith("rsa"):
            run("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{kind[3:]}", "-out", str(self.path))
        else:
            run("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{kind}",
                "-pkeyopt", f"ec_param_enc:{encoding}", "-out", str(self.path))


class Authority:
    """One CSCA name and key, with the certificates and lists that it issues."""

    def __init__(self, folder, label, key, digest, pss=False, name=NAME):
        self.folder, self.label, self.key, self.digest, self.name = folder, label, key, digest, name
        self.pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if pss else []
        self.serial = 0x1000
        self.certificate = None

    def config(self, extensions, revoked=()):
        database = self.folder / "index.txt"
        lines = [f"R\t460101000000Z\t250601000000Z\t{serial}\tunknown\t/CN={serial}\n" for serial in revoked]
        database.write_text("".join(lines))
        (self.folder / "index.txt.attr").write_text("unique_subject = no\n")
        self.serial += 1
        (self.folder / "serial").write_text(f"{self.serial:04X}\n")
        config = self.folder / "ca.cnf"
        config.write_text(f"""[ca]
default_ca=x
[x]
database={database}
serial={self.folder}/serial
new_certs_dir={self.folder}
default_md={self.digest}
policy=any
unique_subject=no
copy_extensions=none
string_mask=utf8only
[any]
countryName=optional
organizationName=optional
commonName=supplied
[ext]
{extensions}
""")
        return config

    def issue(self, out, key, name, extensions, start=FROM, end=TO, self_signed=False, serial=None):
        subject = "".join(f"/{field}={value}" for field, value in name.items())
        request = self.folder / "request.pem"
        # -utf8 and its absence give UTF8String and PrintableString, so that subject and issuer differ in type.
        run("req", "-new", "-key", str(key.path), "-subj", subject, "-out", str(request))
        config = self.config(extensions)
        if serial:
            (self.folder / "serial").write_text(f"{serial}\n")
        made = self.folder / f"{out}.pem"
        signer = ["-selfsign", "-keyfile", str(self.key.path)] if self_signed else \
                 ["-cert", str(self.certificate), "-keyfile", str(self.key.path)]
        run("ca", "-batch", "-notext", "-preserveDN", "-config", str(config), "-extensions", "ext", *signer,
            "-in", str(request), "-startdate", start, "-enddate", end, "-out", str(made), *self.pss)
        der = run("x509", "-in", str(made), "-outform", "DER")
        (HERE / f"{out}.der").write_bytes(der)
        return made

    def self_sign(self, out=None, extensions=AUTHORITY, **validity):
        made = self.issue(out or self.label, self.key, self.name, extensions, self_signed=True, **validity)
        self.certificate = self.certificate or made
        return made

    def signer(self, out, kind="prime256v1", encoding="named_curve", name=None, extensions=SIGNER, **how):
        key = Key(self.folder, out, kind, encoding)
        name = name or {"C": self.name["C"], "O": "Example Government", "CN": f"Document Signer {out}"}
        return self.issue(out, key, name, extensions, **how), key

    def revocation_list(self, out, revoked, last="20260101000000Z", following="20271231000000Z", extensions=""):
        config = self.config("authorityKeyIdentifier=keyid\n" + extensions, revoked)
        pem = run("ca", "-gencrl", "-config", str(config), "-crlexts", "ext", "-cert", str(self.certificate), "-keyfile",
                  str(self.key.path), "-crl_lastupdate", last, "-crl_nextupdate", following, *self.pss)
        (HERE / f"{out}.der").write_bytes(run("crl", "-outform", "DER", data=pem))

    def serial_of(self, made):
        return run("x509", "-in", str(made), "-noout", "-serial").decode().strip().split("=")[1]


def lds_security_object(digest="sha256"):
    """Version 0, DG1 and DG14, whose files are the bytes `DG1` and `DG14`."""
    oid = {"sha1": "2b0e03021a", "sha256": "608648016503040201", "sha512": "608648016503040203"}[digest]
    groups = [(1, b"DG1"), (14, b"DG14")]
    hashes = [tlv(0x30, tlv(2, bytes([n])), tlv(4, hashlib.new(digest, raw).digest())) for n, raw in groups]
    return tlv(0x30, tlv(2, b"\0"), tlv(0x30, tlv(6, bytes.fromhex(oid))), tlv(0x30, *hashes))


def sign(out, content, signer, digest="sha256", content_type=LDS, options=(), ef=0x77):
    certificate, key = signer
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        der = run("cms", "-sign", "-binary", "-nosmimecap", "-econtent_type", content_type, "-md", digest, "-outform", "DER",
                  "-in", file.name, "-signer", str(certificate), "-inkey", str(key.path),
                  *(options if "detached" in out else ["-nodetach", *options]))
    (HERE / f"{out}.der").write_bytes(tlv(ef, der) if ef else der)


def main():
    for old in HERE.glob("*.der"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        content = lds_security_object()

        csca = Authority(folder, "csca", Key(folder, "csca", "secp384r1", "explicit"), "sha384")
        csca.self_sign()
        csca.self_sign("csca_expired", start="20100101000000Z", end="20200101000000Z")
        csca.self_sign("csca_no_authority", extensions="keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n")
        csca.self_sign("csca_no_cert_sign", extensions=AUTHORITY.replace("keyCertSign,", ""))
        csca.self_sign("csca_unknown_critical", extensions=AUTHORITY + "1.2.3.4=critical,DER:0500\n")

        # The citizen card's kind: brainpoolP384r1 with explicit parameters, ECDSA with SHA-256.
        good = csca.signer("ds", "brainpoolP384r1", "explicit")
        sign("sod", content, good)
        sign("sod_key_identifier", content, good, options=["-keyid"])
        # As Chinese passports have it, against Doc 9303-10.
        sign("sod_plain_data", content, good, content_type="1.2.840.113549.1.7.1")
        sign("sod_no_attributes", content, good, options=["-noattr"])
        sign("sod_no_certificate", content, good, options=["-nocerts"])
        sign("sod_detached", content, good)
        sign("sod_wrong_type", content, good, content_type=MASTER_LIST)
        sign("sod_wrong_content", b"no security object", good)
        for name, kind, digest in [("p256", "prime256v1", "sha1"), ("p384", "secp384r1", "sha384"),
                                   ("p521", "secp521r1", "sha512"), ("bp256", "brainpoolP256r1", "sha256")]:
            sign(f"sod_{name}", lds_security_object("sha512" if digest == "sha512" else "sha256"), csca.signer(f"ds_{name}", kind), digest)

        # Signers with one thing wrong each.
        sign("sod_expired", content, csca.signer("ds_expired", end="20260101000000Z"))
        sign("sod_not_yet", content, csca.signer("ds_not_yet", start="20300101000000Z"))
        wrong = csca.signer("ds_wrong_usage", extensions=SIGNER.replace("digitalSignature", "keyEncipherment"))
        sign("sod_wrong_usage", content, wrong)
        sign("sod_no_usage", content, csca.signer("ds_no_usage", extensions="authorityKeyIdentifier=keyid\n"))
        sign("sod_authority", content, csca.signer("ds_authority", extensions=SIGNER + "basicConstraints=critical,CA:TRUE\n"))
        sign("sod_list_signer", content, csca.signer("ds_list_signer", extensions=SIGNER + "extendedKeyUsage=critical,2.23.136.1.1.3\n"))
        sign("sod_unknown_critical", content, csca.signer("ds_unknown_critical", extensions=SIGNER + "1.2.3.4=critical,DER:0500\n"))
        sign("sod_malformed_extension", content, csca.signer("ds_malformed_extension", extensions="keyUsage=critical,digitalSignature\n2.5.29.35=DER:04020500\n"))
        sign("sod_other_country", content, csca.signer("ds_other_country", name={"C": "FR", "CN": "Document Signer"}))
        sign("sod_no_country", content, csca.signer("ds_no_country", name={"CN": "Document Signer"}))
        sign("sod_no_key_identifier", content, csca.signer("ds_no_key_identifier", extensions="keyUsage=critical,digitalSignature\nauthorityKeyIdentifier=none\n"))
        revoked = csca.signer("ds_revoked")
        sign("sod_revoked", content, revoked)
        # A serial number whose first bit is set, so that DER gives it a leading zero octet.
        odd = csca.signer("ds_odd_serial", serial="F00000000000000001")
        sign("sod_odd_serial", content, odd)

        csca.revocation_list("crl", [csca.serial_of(revoked[0]), csca.serial_of(odd[0])])
        csca.revocation_list("crl_empty", [])
        csca.revocation_list("crl_stale", [csca.serial_of(revoked[0])], "20250101000000Z", "20250401000000Z")
        csca.revocation_list("crl_future", [], "20300101000000Z", "20300401000000Z")
        csca.revocation_list("crl_partial", [], extensions="issuingDistributionPoint=critical,@part\n[part]\nonlyuser=TRUE\n")
        csca.revocation_list("crl_of_csca", [csca.serial_of(csca.certificate)])

        # Another authority of the same name, in other case and white space.
        other_name = {"C": "VN", "O": "example  GOVERNMENT", "CN": "csca example"}
        foreign = Authority(folder, "foreign", Key(folder, "foreign", "secp384r1"), "sha384", name=other_name)
        foreign.self_sign()
        sign("sod_foreign", content, foreign.signer("ds_foreign"))
        identifier = run("x509", "-in", str(csca.certificate), "-noout", "-ext", "subjectKeyIdentifier").decode().split()[-1]
        raw = bytes.fromhex(identifier.replace(":", ""))
        pretends = tlv(0x30, tlv(0x80, raw)).hex(":").upper()
        sign("sod_forged", content, foreign.signer("ds_forged", extensions=f"keyUsage=critical,digitalSignature\n2.5.29.35=DER:{pretends}\n"))
        foreign.revocation_list("crl_foreign", [])
        # The genuine key under the name as the other spells it.
        respelt = Authority(folder, "csca_respelt", csca.key, "sha384", name=other_name)
        respelt.self_sign()

        for label, pss in [("rsa", False), ("pss", True)]:
            rsa = Authority(folder, f"csca_{label}", Key(folder, f"csca_{label}", "rsa3072"), "sha256", pss, {**NAME, "CN": f"CSCA {label}"})
            rsa.self_sign()
            options = ["-keyopt", "rsa_padding_mode:pss"] if pss else []
            sign(f"sod_{label}", content, rsa.signer(f"ds_{label}", "rsa2048"), options=options)
            rsa.revocation_list(f"crl_{label}", [])

        # A master list of three, and one that a document signer signed.
        members = sorted((HERE / f"{name}.der").read_bytes() for name in ["csca", "csca_rsa", "csca_pss"])
        master_list = tlv(0x30, tlv(2, b"\0"), tlv(0x31, *members))
        lister = csca.signer("list_signer", extensions=SIGNER + "extendedKeyUsage=critical,2.23.136.1.1.3\n")
        beside = ["-certfile", str(csca.certificate)]
        sign("master_list", master_list, lister, content_type=MASTER_LIST, options=beside, ef=None)
        csca.revocation_list("crl_of_list_signer", [csca.serial_of(lister[0])])
        with_foreign = sorted([*members, (HERE / "foreign.der").read_bytes()])
        sign("master_list_with_foreign", tlv(0x30, tlv(2, b"\0"), tlv(0x31, *with_foreign)), lister, content_type=MASTER_LIST, options=beside, ef=None)
        sign("master_list_wrong_signer", master_list, good, content_type=MASTER_LIST, options=beside, ef=None)
        sign("master_list_foreign", master_list, foreign.signer("list_signer_foreign", extensions=SIGNER + "extendedKeyUsage=critical,2.23.136.1.1.3\n"),
             content_type=MASTER_LIST, options=["-certfile", str(foreign.certificate)], ef=None)


if __name__ == "__main__":
    os.umask(0o022)
    main()
