"""From raw bytes to a judged delivery: parsing, callers, duplicates, reasons. Pure rules."""
