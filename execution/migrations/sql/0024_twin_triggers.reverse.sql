DROP TRIGGER execution_twin_follows ON execution_subscription;
DROP TRIGGER execution_twin_follows ON execution_twin;
DROP TRIGGER execution_twin_end ON execution_twin;
DROP TRIGGER execution_twin_birth ON execution_twin;
