#!/usr/bin/env python3
"""Checks reserves and proofs: `python3 verify_reserves.py FILE... [--key KEY] [--head HASH]...`

Standard library only. Exit code 0: sums, hashes, chain and signatures hold, and each proof leads to
its epoch's sum. 1: each fault is named on a line. 2: a FILE is neither, or a proof's epoch is in no
FILE. Files come from `manage.py export_reserves`, an epoch alone also from the page /seal/. KEY is
the public key that the desk publishes elsewhere; without it a signature shows only that one key
signed. HASH is that of an epoch that somebody kept. Ed25519 is RFC 8032, written out below.
"""

import argparse
import base64
import hashlib
import json
import sys

NO_FILE = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
# Ed25519: the field, the curve's constant, the order of its base point.
P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
# RFC 8032, 7.1: public key, message, signature. Tried before anything is believed.
VECTORS = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
        "1cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
        "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
        "984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


def point_read(octets):
    """A point (x, y, z, xy) from its 32 octets, or None where it is none (RFC 8032, 5.1.3)."""
    number = int.from_bytes(octets, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_read((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def point_add(one, other):
    """Extended coordinates (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_times(number, point):
    reached = (0, 1, 1, 0)
    while number:
        if number & 1:
            reached = point_add(reached, point)
        point = point_add(point, point)
        number >>= 1
    return reached


def signature_holds(public, message, signature):
    """RFC 8032, 5.1.7; everything in octets."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, given = point_read(public), point_read(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or given is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    times = int.from_bytes(digest, "little") % ORDER
    left, right = point_times(scalar, BASE), point_add(given, point_times(times, key))
    # The same point, whatever its z.
    return not any((left[at] * right[2] - right[at] * left[2]) % P for at in (0, 1))


def knows_the_vectors():
    return all(signature_holds(*map(bytes.fromhex, vector)) for vector in VECTORS)


def field(value):
    raw = value.encode("utf-8")
    return b"%d:%s" % (len(raw), raw)


def leaf_hash(unit, holder, amount, salt):
    told = b"".join(map(field, ("df.reserve_leaf.v1", unit, holder, str(amount), salt)))
    return hashlib.sha256(b"\x00" + told).digest()


PADDING = (hashlib.sha256(b"\x02").digest(), 0)


def above(left, right):
    told = b"".join(digest + amount.to_bytes(32, "big") for digest, amount in (left, right))
    return hashlib.sha256(b"\x01" + told).digest(), left[1] + right[1]


def root_of(nodes):
    nodes = list(nodes)
    nodes += [PADDING] * ((1 << (len(nodes) - 1).bit_length()) - len(nodes))
    while len(nodes) > 1:
        nodes = [above(*pair) for pair in zip(nodes[::2], nodes[1::2], strict=True)]
    return nodes[0]


def amount_read(text):
    """A whole number that is not below zero, as the desk writes it."""
    if not (isinstance(text, str) and text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is no amount")
    return int(text)


class Check:
    """Reads one file after the other; faults are told as they are found."""

    def __init__(self, key):
        self.key = key.lower()
        self.faults = 0
        self.hashes = []
        self.keys = set()
        self.told = {}
        self.said = []

    def fault(self, text):
        self.faults += 1
        print(f"FAULT {text}")

    def file(self, path):
        with open(path, encoding="utf-8") as file:
            lines = (json.loads(line) for line in file)
            first = next(lines)
            kind = first["format"]
            if kind == "df.reserves_export.v1":
                self.export(first["book"], lines)
                return
            if any(True for _ in lines):
                raise ValueError("it has more than one line")
        if kind == "df.reserves_head.v1":
            told = self.statement(first["book"], first)
            self.said.append(f"epoch {told['epoch']} of the {told['book']} book")
        elif kind == "df.reserves_proof.v1":
            self.proof(first)
        else:
            raise ValueError(f"it is {kind}")

    def export(self, book, lines):
        """Every epoch from the first, then the leaves of the last one."""
        epochs, before, told, nodes = 0, "0" * 64, None, {}
        for line in lines:
            if "nodes" in line:
                read = nodes.setdefault(line["unit"], [])
                read += [(bytes.fromhex(one), amount_read(amount)) for one, amount in line["nodes"]]
                continue
            told, epochs = self.statement(book, line), epochs + 1
            if told["epoch"] != epochs:
                self.fault(f"epoch {told['epoch']} stands where {epochs} should")
            if told["previous"] != before:
                self.fault(f"epoch {told['epoch']} does not hold the hash of the one before")
            before = line["sha256"]
        if told is None:
            raise ValueError("it has no epoch")
        self.leaves(told, nodes)
        self.said.append(f"{epochs} epochs of the {book} book")

    def statement(self, book, line):
        """Hash and signature; returns what it says."""
        raw = line["statement"].encode("utf-8")
        told = json.loads(raw)
        if (told["format"], told["book"]) != ("df.reserves.v1", book):
            raise ValueError(f"it is {told['format']} of the {told['book']} book")
        name = f"epoch {told['epoch']}"
        if hashlib.sha256(raw).hexdigest() != line["sha256"]:
            self.fault(f"{name}: its hash does not follow from what it says")
        self.signature(name, raw, line["public_key"], line["signature"])
        self.hashes.append(line["sha256"])
        if self.told.setdefault((book, told["epoch"]), told) != told:
            self.fault(f"{name} says two things")
        return told

    def signature(self, name, raw, key, signature):
        self.keys.add(key)
        if not signature:
            if self.key:
                self.fault(f"{name} is not signed")
        elif self.key and key != self.key:
            self.fault(f"{name} is signed with another key")
        elif not signature_holds(bytes.fromhex(key), raw, bytes.fromhex(signature)):
            self.fault(f"{name}: its signature does not hold")

    def leaves(self, told, nodes):
        """All leaves of each unit by hash and amount: they give the root and the sum."""
        owed = {one["unit"]: one for one in told["owed"]}
        for unit in sorted({*owed, *nodes}):
            found, one = nodes.get(unit, []), owed.get(unit)
            if one is None or len(found) != one["leaves"] or root_of(found) != root_told(one):
                self.fault(f"epoch {told['epoch']}: leaves of {unit} do not give its root and sum")

    def proof(self, line):
        """One holder's leaf, and the way to the root that its epoch tells."""
        told = self.told.get((line["book"], line["epoch"]))
        if told is None:
            raise ValueError(f"epoch {line['epoch']} is in no file before it; give that file first")
        owed = next((one for one in told["owed"] if one["unit"] == line["unit"]), None)
        amount, place = amount_read(line["amount"]), int(line["place"])
        reached = leaf_hash(line["unit"], line["holder"], amount, line["salt"]), amount
        for other in line["beside"]:
            digest, _, beside = other.partition(":")
            node = base64.b64decode(digest, validate=True), amount_read(beside)
            reached = above(node, reached) if place % 2 else above(reached, node)
            place //= 2
        if owed is None or place or reached != root_told(owed):
            self.fault(f"{line['holder']} with {amount} is not in the sum of {line['unit']}")
        else:
            self.said.append(f"{line['holder']} is in with {amount} of {line['unit']}")


def root_told(owed):
    return bytes.fromhex(owed["root"]), amount_read(owed["sum"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", metavar="FILE", help="an export, an epoch, then proofs")
    parser.add_argument("--key", default="", metavar="KEY", help="the public key, in hex")
    parser.add_argument("--head", action="append", default=[], metavar="HASH")
    asked = parser.parse_args()
    if not knows_the_vectors():
        print("Ed25519 is broken here: it does not know the signatures of RFC 8032")
        return 2
    check = Check(asked.key)
    for path in asked.files:
        try:
            check.file(path)
        except NO_FILE as error:
            print(f"{path} cannot be checked: {type(error).__name__}: {error}")
            return 2
        except StopIteration:
            print(f"{path} is empty")
            return 2
    for kept in asked.head:
        if kept.lower() not in check.hashes:
            check.fault(f"no epoch has the hash {kept}")
    print(f"{check.faults} faults" if check.faults else f"ok: {', '.join(check.said)}")
    print(f"signed by {', '.join(sorted(key or 'nobody' for key in check.keys))}")
    print(f"head {check.hashes[-1]}")
    return 1 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main())
