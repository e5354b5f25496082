"""One judgement of an entry: facts in, a reason out. Pure; whoever may ask gathers the facts."""
