"""Documented commands about tokens on chains, and about reserves."""

from tests.e2e.documented.kinds import NAME, LeftOut, Run

_USER = {"USER": "ops"}
_NEWEST_INTENT = "$(./manage.py chain_intent list | head -1 | cut -f1)"
# The newest request is that of an intent: confirmed, and opened a moment later.
_OPENED = (
    "R=$(./manage.py second_person list | head -1 | cut -f1)\n"
    "./manage.py second_person confirm $R --as reviewer\n"
    "until ./manage.py chain_intent list | grep open; do sleep 1; done\n"
)
_RESERVES = {"reserves.jsonl": "$FUSION_HOME/reserves.jsonl"}
_HOLDERS_PROOF = {"proof.json": "$FUSION_HOME/proof.json"}
_TREASURY = {"ACCOUNT": "Liabilities:Holders:DCT:Treasury"}
_EXPORT = "./manage.py export_reserves --book paper -o reserves.jsonl"
_PROOF = "./manage.py export_reserves --book paper --holder ACCOUNT --unit DCT -o proof.js …"

CHAINS: dict[str, Run | LeftOut] = {
    "./manage.py chain_binding": NAME,
    "./manage.py chain_intent": NAME,
    "./manage.py chain_check": Run(says="GREEN"),
    "./manage.py chain_binding ask DCT --book live --master ADDRESS --owner ADDRESS - …": Run(
        says="waits for a second person", swaps={"ADDRESS": "0:" + "ab" * 32, **_USER}
    ),
    "./manage.py chain_binding list": Run(says="loopback server, no chain"),
    './manage.py chain_binding release DCT --book live --reason "the admin was renoun …': LeftOut(
        "nothing is frozen in the trial; tests/integration/tokens/test_chain_states.py releases one"
    ),
    './manage.py chain_intent ask burn DCT 5 --book paper --reason "March" --as USER': Run(
        says="waits for a second person", swaps=_USER
    ),
    "./manage.py chain_intent list": Run(says="chain"),
    "./manage.py chain_intent play NUMBER --as USER": LeftOut(
        "needs a confirmed intent; the whole round of docs/chain.md plays one"
    ),
    "./manage.py chain_intent tell NUMBER --transaction HASH --as USER": Run(
        says="waits for that transaction",
        swaps={
            "./manage.py chain_intent tell NUMBER": f"{_OPENED}./manage.py chain_intent tell "
            f"{_NEWEST_INTENT}",
            "HASH": "ab" * 32,
            **_USER,
        },
    ),
    './manage.py chain_intent withdraw NUMBER --reason "not now" --as USER': Run(
        says="is withdrawn", swaps={"NUMBER": _NEWEST_INTENT, **_USER}
    ),
    "./manage.py chain_watch": LeftOut("it reads until it is stopped; make run runs one"),
    "./manage.py export_reserves": NAME,
    "./manage.py reserves_snapshot": NAME,
    "./manage.py reserves_snapshot --book paper --as USER": Run(
        says="of the paper book, NOT signed", swaps=_USER
    ),
    _EXPORT: Run(says="of the paper book", swaps=_RESERVES),
    "python3 docs/verify/verify_reserves.py reserves.jsonl": Run(
        says="ok: ", swaps=_RESERVES, after=(_EXPORT,)
    ),
    _PROOF: Run(says="of the paper book", swaps={**_HOLDERS_PROOF, **_TREASURY}),
    "python3 docs/verify/verify_reserves.py reserves.jsonl proof.json": Run(
        says="is in with", swaps={**_RESERVES, **_HOLDERS_PROOF}, after=(_EXPORT, _PROOF)
    ),
    "./manage.py export_reserves --book live -o reserves.jsonl": LeftOut(
        "a trial has no live book; tests/integration/tokens/test_verify_reserves.py exports one"
    ),
    "python3 docs/verify/verify_reserves.py reserves.jsonl --key KEY --head HASH": LeftOut(
        "needs a key of one's own; tests/integration/tokens/test_verify_reserves.py has one"
    ),
}
