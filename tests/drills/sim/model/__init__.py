"""What the ledgers must hold, from the rules as they are documented; the standard library alone.

Amounts are whole numbers of the smallest unit: money and units of accounts 10^-8, tokens 10^-9.
Sources: docs/ledger.md, docs/chain.md, ADR 0023 and 0026.
"""
