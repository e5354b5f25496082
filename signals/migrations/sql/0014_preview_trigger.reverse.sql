DROP TRIGGER signals_preview_birth ON signals_preview;
