DROP FUNCTION tokens_observation_birth();
DROP FUNCTION tokens_state_earned(tokens_chainobservation);
DROP FUNCTION tokens_is_pinned(bigint, tokens_chainobservation);
