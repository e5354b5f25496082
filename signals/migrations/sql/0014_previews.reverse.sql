DROP FUNCTION signals_preview_birth();
