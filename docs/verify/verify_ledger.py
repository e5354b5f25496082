#!/usr/bin/env python3
"""Checks an export of the ledger: `python3 verify_ledger.py FILE [--head HASH]...`

Standard library only. Exit code 0: every entry is as it was sealed, and balanced. 1: each fault is
named on a line. 2: FILE is no export. FILE comes from `manage.py export_seal --book BOOK -o FILE`;
HASH is a digest that somebody kept from the page /seal/. Without one, this shows that entries agree
with the seal in the file, not that this seal is the one that was made.
"""

import argparse
import hashlib
import json
import sys

LOG = "treasury"
NOUN = "entry"


def row_fields(row):
    """What is hashed of an entry and its lines."""
    names = ("id", "idem_key", "request_sha256", "kind", "book", "event_at", "recorded_at")
    rest = ("source", "trace_id", "reverses_id", "note")
    lines = row["lines"]
    fields = ["df.entry.v1", *(row[name] for name in names + rest), str(len(lines))]
    for line in lines:
        fields += line
    return fields


def row_faults(row):
    """What is wrong with an entry whatever its hash says: too few lines, or a sum."""
    sums = {}
    for _, _, currency, amount in row["lines"]:
        whole, _, places = amount.partition(".")
        if len(places) != 18:
            yield f"has an amount without 18 places: {amount}"
            return
        sums[currency] = sums.get(currency, 0) + int(whole + places)
    if len(row["lines"]) < 2:
        yield f"has {len(row['lines'])} lines"
    for currency, total in sums.items():
        if total:
            yield f"does not sum to zero in {currency}"


# What follows is the same, word for word, in each verifier of a sealed log.
def field(value):
    """<octets>:<text>, a null is a hyphen: no two records share bytes."""
    if value is None:
        return b"-"
    raw = value.encode("utf-8", "surrogatepass")
    return b"%d:%s" % (len(raw), raw)


def digest(prefix, fields):
    return hashlib.sha256(prefix + b"".join(map(field, fields)))


def tree_root(leaves):
    """RFC 6962: nodes over pairs; a last one without neighbour moves up."""
    while len(leaves) > 1:
        pairs = zip(leaves[::2], leaves[1::2], strict=False)
        above = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
        leaves = above if len(leaves) % 2 == 0 else [*above, leaves[-1]]
    return leaves[0]


def root_by_proof(leaf, place, count, beside):
    """Climb from a leaf to the root; None where the hashes beside the way are too few or many."""
    reached, left = leaf, list(beside)
    while count > 1:
        if place ^ 1 < count:
            if not left:
                return None
            other = left.pop(0)
            pair = other + reached if place % 2 else reached + other
            reached = hashlib.sha256(b"\x01" + pair).digest()
        place, count = place // 2, (count + 1) // 2
    return None if left or place else reached


class Seal:
    """Reads an export line by line; `faults` are told as they are found."""

    def __init__(self):
        self.faults = 0
        self.ids = set()
        self.hashes = []
        self.batch = None
        self.leaves = []
        self.withheld = 0
        self.last = None

    def fault(self, text):
        self.faults += 1
        print(f"FAULT {text}")

    def take(self, line):
        if self.last is not None:
            self.fault("the file goes on after its end")
        elif "batch" in line:
            self.close_batch()
            self.batch = line
        elif "leaf" in line:
            self.row(line)
        else:
            self.close_batch()
            self.last = line

    def row(self, line):
        name = f"{NOUN} {line['id']}"
        self.leaves.append(bytes.fromhex(line["leaf"]))
        if line["id"] in self.ids:
            self.fault(f"{name} is sealed twice")
        self.ids.add(line["id"])
        if line.get("withheld"):
            self.withheld += 1
            return
        row = line["row"]
        if row is None:
            self.fault(f"{name} is gone")
            return
        if row["id"] != line["id"]:
            self.fault(f"{name} stands where {row['id']} should")
        if digest(b"\x00", row_fields(row)).hexdigest() != line["leaf"]:
            self.fault(f"{name} was changed after it was sealed")
        for text in row_faults(row):
            self.fault(f"{name} {text}")

    def close_batch(self):
        batch, leaves, self.leaves = self.batch, self.leaves, []
        if batch is None:
            if leaves:
                self.fault(f"{len(leaves)} rows stand before the first batch")
            return
        name = f"batch {batch['batch']}"
        expected = self.hashes[-1] if self.hashes else "00" * 32
        if int(batch["batch"]) != len(self.hashes) + 1:
            self.fault(f"{name} stands where batch {len(self.hashes) + 1} should")
        if batch["previous"] != expected:
            self.fault(f"{name} does not hold the hash of the one before")
        if len(leaves) != int(batch["count"]) or not leaves:
            self.fault(f"{name} has {len(leaves)} rows, not {batch['count']}")
        elif tree_root(leaves).hex() != batch["root"]:
            self.fault(f"{name}: its root does not follow from its hashes")
        self.chain(batch)
        self.batch = None

    def chain(self, batch):
        names = ("sealed_at", "count", "root", "previous")
        fields = ["df.seal.v1", LOG, batch["batch"], *(batch[one] for one in names)]
        if digest(b"\x02", fields).hexdigest() != batch["hash"]:
            self.fault(f"batch {batch['batch']}: its hash does not follow from what it holds")
        self.hashes.append(batch["hash"])

    def prove(self, line, batches, last):
        """Check one row, the way to its batch's root, and the chain from there on."""
        self.row(line)
        first, before = batches[0], None
        way = map(bytes.fromhex, line["beside"])
        found = root_by_proof(self.leaves[0], int(line["place"]), int(first["count"]), way)
        if found is None or found.hex() != first["root"]:
            self.fault(f"{NOUN} {line['id']}: its way does not lead to the root of its batch")
        for batch in batches:
            if before and (batch["previous"], int(batch["batch"])) != before:
                self.fault(f"batch {batch['batch']} does not follow the one before")
            self.chain(batch)
            before = batch["hash"], int(batch["batch"]) + 1
        if last["end"] is not True or last["head"] != self.hashes[-1]:
            self.fault("batches are missing at the end")
        self.last = last

    def finish(self, heads):
        if self.last is None:
            self.fault("the file breaks off before its end")
            return
        head = self.hashes[-1] if self.hashes else "00" * 32
        if int(self.last["batches"]) != len(self.hashes) or self.last["head"] != head:
            self.fault("batches are missing at the end")
        below = self.last["unsealed_below"]
        for one in below["ids"]:
            self.fault(f"{NOUN} {one} was put in after all up to {below['floor']} were sealed")
        self.compare(heads)

    def compare(self, heads):
        for kept in heads:
            if kept.lower() not in self.hashes:
                self.fault(f"no batch has the hash {kept}: what was sealed by then was changed")


def read(path, heads):
    """Return the seal after the whole file; what is no export raises."""
    seal = Seal()
    with open(path, encoding="utf-8", errors="surrogatepass") as file:
        first = json.loads(file.readline())
        kinds = ("df.seal_export.v1", "df.seal_proof.v1")
        if first["format"] not in kinds or first["log"] != LOG:
            raise ValueError(f"it is {first['format']} of {first['log']}")
        if first["format"] == kinds[1]:
            line, *batches, last = map(json.loads, file)
            seal.prove(line, batches, last)
            seal.compare(heads)
            return seal
        for line in file:
            seal.take(json.loads(line))
    seal.finish(heads)
    return seal


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--head", action="append", default=[], metavar="HASH")
    asked = parser.parse_args()
    try:
        seal = read(asked.file, asked.head)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"{asked.file} is no export of {LOG}: {type(error).__name__}: {error}")
        return 2
    counts = f"{len(seal.ids)} rows in {len(seal.hashes)} batches"
    if seal.withheld:
        counts += f", {seal.withheld} of them by their hashes alone"
    if seal.faults:
        print(f"{seal.faults} faults; {counts}")
        return 1
    if "waiting" in seal.last:
        print(f"ok: {counts}; {seal.last['waiting']} newer ones are not sealed yet")
    else:
        print(f"ok: {NOUN} {next(iter(seal.ids))} is as it was sealed, {len(seal.hashes)} batches")
    print(f"head {seal.last['head']}")
    if not asked.head:
        print("no kept digest was given; compare the head with one that you kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
