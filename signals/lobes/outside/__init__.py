"""Models that are asked over a network, by the protocol that OpenAI's chat completions began."""
