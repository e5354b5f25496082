"""Which lines of the MQL5 source ran, by gcov: the translation names each of them."""

import gzip
import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path


def covered_lines(built: Path, source: Path) -> dict[str, tuple[int, int]]:
    """(lines that ran, lines there are) of each file below `source`, after runs of a program."""
    hits: dict[str, dict[int, int]] = defaultdict(dict)
    with tempfile.TemporaryDirectory() as folder:
        words = [
            "gcov",
            "--json-format",
            "--object-directory",
            str(built),
            str(built / "program.o"),
        ]
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
        for path in Path(folder).glob("*.gcov.json.gz"):
            for file in json.loads(gzip.decompress(path.read_bytes()))["files"]:
                where = Path(file["file"])
                if where.is_relative_to(source):
                    lines = hits[str(where.relative_to(source))]
                    for line in file["lines"]:
                        number = line["line_number"]
                        lines[number] = max(lines.get(number, 0), line["count"])
    return {name: (sum(map(bool, of.values())), len(of)) for name, of in hits.items()}
