DROP FUNCTION tokens_binding_thaw(tokens_chainbinding, tokens_chainbinding);
DROP FUNCTION tokens_binding_edge();
DROP FUNCTION tokens_binding_birth();
