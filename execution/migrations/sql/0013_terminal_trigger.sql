CREATE TRIGGER execution_terminal_guard BEFORE UPDATE ON execution_terminal
    FOR EACH ROW EXECUTE FUNCTION execution_terminal_guard();
ALTER TABLE execution_terminal ENABLE ALWAYS TRIGGER execution_terminal_guard;
