#!/usr/bin/env python3
"""Checks reserves or a holder's proof: `python3 verify_reserves.py FILE [--key KEY] [--head HASH]`

Standard library only. Exit code 0: sums, hashes, chain and signatures hold. 1: each fault is named
on a line. 2: FILE is neither. FILE comes from `manage.py export_reserves`. KEY is the public key
that the desk publishes elsewhere; without it a signature shows only that one key signed. HASH is
that of an epoch that somebody kept. Ed25519 is RFC 8032, written out below.
"""

import argparse
import base64
import hashlib
import json
import sys

# Ed25519: the field, the curve's constant, the order of its base point.
P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


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
    if not (isinstance(text, str) and text.isdigit()):
        raise ValueError(f"{text!r} is no amount")
    return int(text)


class Check:
    """Reads statements one after the other; faults are told as they are found."""

    def __init__(self, key):
        self.key = key.lower()
        self.faults = 0
        self.hashes = []
        self.unsigned = 0

    def fault(self, text):
        self.faults += 1
        print(f"FAULT {text}")

    def statement(self, line):
        """Hash, signature and place in the chain; returns what it says."""
        raw = line["statement"].encode("utf-8")
        told = json.loads(raw)
        if told["format"] != "df.reserves.v1":
            raise ValueError(f"it is {told['format']}")
        name = f"epoch {told['epoch']}"
        if hashlib.sha256(raw).hexdigest() != line["sha256"]:
            self.fault(f"{name}: its hash does not follow from what it says")
        if self.hashes and told["previous"] != self.hashes[-1]:
            self.fault(f"{name} does not hold the hash of the one before")
        if not line["signature"]:
            self.unsigned += 1
        elif self.key and line["public_key"] != self.key:
            self.fault(f"{name} is signed with another key")
        elif not signature_holds(
            bytes.fromhex(line["public_key"]), raw, bytes.fromhex(line["signature"])
        ):
            self.fault(f"{name}: its signature does not hold")
        if self.key and not line["signature"]:
            self.fault(f"{name} is not signed")
        self.hashes.append(line["sha256"])
        return told

    def nodes(self, told, unit, nodes):
        """All leaves of one unit by hash and amount: they give the root and the sum."""
        owed = next(one for one in told["owed"] if one["unit"] == unit)
        read = [(bytes.fromhex(digest), amount_read(amount)) for digest, amount in nodes]
        root = root_of(read)
        if len(read) != owed["leaves"] or root != (
            bytes.fromhex(owed["root"]),
            amount_read(owed["sum"]),
        ):
            self.fault(f"epoch {told['epoch']}: leaves of {unit} do not give its root and sum")

    def proof(self, told, line):
        """One holder's leaf, and the way to the root."""
        owed = next(one for one in told["owed"] if one["unit"] == line["unit"])
        amount, place = amount_read(line["amount"]), int(line["place"])
        reached = leaf_hash(line["unit"], line["holder"], amount, line["salt"]), amount
        for digest, beside in line["beside"]:
            other = base64.b64decode(digest, validate=True), amount_read(beside)
            reached = above(other, reached) if place % 2 else above(reached, other)
            place //= 2
        if place or reached != (bytes.fromhex(owed["root"]), amount_read(owed["sum"])):
            self.fault(f"{line['holder']} with {amount} is not in the sum of {line['unit']}")


def read(path, key):
    check = Check(key)
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    if lines[0]["format"] == "df.reserves_proof.v1":
        (line,) = lines
        check.proof(check.statement(line), line)
        said = f"{line['holder']} is in with {line['amount']} of {line['unit']}"
    elif lines[0]["format"] == "df.reserves_export.v1":
        told = None
        for line in lines[1:]:
            if "statement" in line:
                told = check.statement(line)
                if told["epoch"] != len(check.hashes):
                    check.fault(f"epoch {told['epoch']} stands where {len(check.hashes)} should")
            else:
                check.nodes(told, line["unit"], line["nodes"])
        said = f"{len(check.hashes)} epochs"
    else:
        raise ValueError(f"it is {lines[0]['format']}")
    return check, said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--key", default="", metavar="KEY", help="the public key, in hex")
    parser.add_argument("--head", action="append", default=[], metavar="HASH")
    asked = parser.parse_args()
    try:
        check, said = read(asked.file, asked.key)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        print(f"{asked.file} is no export of reserves: {type(error).__name__}: {error}")
        return 2
    for kept in asked.head:
        if kept.lower() not in check.hashes:
            check.fault(f"no epoch has the hash {kept}")
    if check.faults:
        print(f"{check.faults} faults; {said}")
        return 1
    print(f"ok: {said}")
    if check.unsigned:
        print(f"{check.unsigned} of {len(check.hashes)} epochs are not signed")
    print(f"head {check.hashes[-1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
