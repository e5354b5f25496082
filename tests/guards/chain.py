"""Guards of tokens on their chains."""

from tests.guards.guard import Guard

_STATES = "tests/integration/tokens/test_chain_states.py::test_"
_BINDINGS = "tests/integration/tokens/test_chain_bindings.py::test_"
_READING = "tests/integration/tokens/test_chain_reading.py"


def _sql(name: str, noun: str, old: str, new: str, *tests: str) -> Guard:
    named = tuple(test if "::" in test else f"{_STATES}{test}" for test in tests)
    return Guard(f"chain: {name}", f"tokens/sql/{noun}.sql", old, new, named, in_database=True)


def _reads(name: str, file: str, old: str, new: str) -> Guard:
    return Guard(f"chain: {name}", f"tokens/chain/{file}.py", old, new, (_READING,))


def _intent(name: str, noun: str, old: str, new: str, test: str) -> Guard:
    named = f"tests/integration/tokens/test_chain_{test}"
    return Guard(f"intents: {name}", f"tokens/sql/{noun}.sql", old, new, (named,), in_database=True)


CHAIN = (
    _reads(
        "the node's wallet is of this owner and this jetton",
        "answers",
        "if told != (owner, master):",
        "if False:",
    ),
    _reads(
        "rows of the index are matched by owner and jetton",
        "answers",
        "if _is(one.owner, owner) and _is(one.jetton, master)",
        "if one",
    ),
    _reads(
        "the index names the wallet that the jetton names",
        "answers",
        "if not _is(rows[0].address, wallet):",
        "if False:",
    ),
    _reads(
        "all is read at one block",
        "answers",
        "if (block.workchain, block.seqno) != (MASTERCHAIN, seqno):",
        "if False:",
    ),
    _reads(
        "a loopback server passes for no chain",
        "answers",
        "if (told.network == LOOPBACK) is not is_loopback:",
        "if False:",
    ),
    _reads(
        "two sources agree",
        "ton",
        "    if balance != holds.balance:\n",
        "    if False:\n",
    ),
    _reads(
        "the index is not behind",
        "ton",
        "    if index_lt < node_lt:\n",
        "    if False:\n",
    ),
    _reads(
        "the wallet runs the jetton's code",
        "ton",
        "    if holds.code != says.wallet_code:\n",
        "    if False:\n",
    ),
    Guard(
        "chain: one letter of an address",
        "tokens/chain/address.py",
        "    if _checksum(body) != told:\n",
        "    if False:\n",
        ("tests/unit/tokens/test_addresses.py",),
    ),
    Guard(
        "chain: an older block is not taken",
        "tokens/services/watching.py",
        "reading.seqno < newest.seqno:",
        "False:",
        (_READING,),
    ),
    Guard(
        "chain: the second unexplained reading freezes",
        "tokens/rules/chain_states.py",
        "FROZEN if drifts_in_row + 1 >= DRIFTS_MAX else DRIFT",
        "DRIFT",
        (f"{_STATES}the_second_unexplained_reading_freezes_and_an_incident_says_what_differs",),
    ),
    _sql(
        "payouts wait for GREEN",
        "chain",
        "WHEN NOT b.state = ANY (p_states) THEN",
        "WHEN false THEN",
        "a_distribution_waits_until_the_chain_is_green_and_fresh",
    ),
    _sql(
        "payouts wait for a fresh reading",
        "chain",
        "WHEN o.id IS NULL OR o.at < events_now() - interval '5 minutes'",
        "WHEN false",
        "a_distribution_waits_until_the_chain_is_green_and_fresh",
    ),
    Guard(
        "chain: payouts wait in replica mode too",
        "tokens/migrations/sql/0006_chain_triggers.sql",
        "ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER tokens_entry_is_in_step;",
        "",
        (f"{_STATES}a_superuser_in_replica_mode_cannot_either",),
        in_database=True,
    ),
    _sql(
        "units move as the chain shows",
        "chain",
        "IF (v_moved.supply, v_moved.balance) <> (0, 0) AND NOT",
        "IF false AND NOT",
        "units_of_a_jetton_do_not_move_without_a_transaction_on_its_chain",
    ),
    _sql(
        "the cap is the floor of the supply",
        "chain",
        "AND (NEW.currency_id, NEW.floor) IS DISTINCT FROM (t.code, -t.cap)",
        "AND false",
        "supply_never_passes_the_cap_and_the_wallet_never_falls_below_nothing",
    ),
    _sql(
        "green is what the amounts give",
        "observations",
        "OR tokens_state_earned(NEW) IS DISTINCT FROM NEW.state) THEN",
        "OR false) THEN",
        "the_table_refuses_an_observation_that_its_amounts_do_not_give",
    ),
    _sql(
        "the contract is the one that was bound",
        "observations",
        "OR NOT tokens_is_pinned(v_binding.pinned_id, NEW)",
        "",
        "the_table_refuses_an_observation_that_its_amounts_do_not_give",
    ),
    _sql(
        "two people bind",
        "bindings",
        "'opening_balance', NEW.opening_balance::text))) THEN",
        "'opening_balance', NEW.opening_balance::text)) AND false) THEN",
        f"{_BINDINGS}the_table_refuses_a_binding_that_differs_from_what_two_people_want",
    ),
    _sql(
        "two people release what is frozen",
        "bindings",
        "OR second_person_wants(p_is.release_id, 'chain.release') IS NOT TRUE",
        "",
        "the_table_refuses_a_thaw_that_nobody_wants",
    ),
    Guard(
        "intents: kind, amount, other side and time are matched",
        "tokens/rules/intents.py",
        "return row.kind == way and other_fits and enough and in_time and hash_fits",
        "return True",
        ("tests/unit/tokens/test_intents.py",),
    ),
    Guard(
        "intents: a transaction serves one",
        "tokens/rules/intents.py",
        "                taken.add(row.transaction)\n",
        "",
        ("tests/unit/tokens/test_intents.py",),
    ),
    Guard(
        "intents: what was seen done must be there",
        "tokens/rules/chain_states.py",
        "found = done if one.is_matched else found | done",
        "found = found | done",
        ("tests/unit/tokens/test_chain_states.py",),
    ),
    _intent(
        "two people intend",
        "intents",
        "OR second_person_wants(NEW.request_id, 'chain.intent') IS NOT TRUE OR NOT EXISTS",
        "OR NOT EXISTS",
        "intents_refused.py::test_the_table_asks_for_both_people_and_for_what_they_confirmed",
    ),
    _intent(
        "the transaction is what was wanted",
        "intents",
        "IF NEW.state = 'matched' AND NOT tokens_intent_is_done_by(NEW) THEN",
        "IF false THEN",
        "intents_refused.py::test_the_table_refuses_a_transaction_that_is_not_what_the_intent_wants",
    ),
    _intent(
        "an entry is in the amounts that were seen",
        "intents",
        "AND (p_supply, p_balance) = (c.supply, c.balance)",
        "",
        "intents_refused.py::test_an_entry_that_is_not_what_was_seen_is_refused_whoever_writes_it",
    ),
    _intent(
        "an entry waits until the chain explains it",
        "intents",
        "AND tokens_binding_unready(b.id, ARRAY['green', 'lagging']) IS NULL)",
        ")",
        "intents_refused.py::test_an_entry_that_is_not_what_was_seen_is_refused_whoever_writes_it",
    ),
    _intent(
        "payouts wait for open intents before the next look",
        "chain",
        "THEN 'waits for an open intent'",
        "THEN NULL",
        "intents.py::test_a_distribution_waits_while_an_intent_is_open_even_before_the_next_look",
    ),
)
