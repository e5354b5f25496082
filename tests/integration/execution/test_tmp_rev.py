from pathlib import Path
def test_down_up(committed_db, superuser_connection):
    sql = Path("/work/main/execution/migrations/sql")
    c = superuser_connection
    for name in ("0002_order_rules.reverse.sql","0002_order_rules.sql","0002_order_rules.reverse.sql"):
        c.execute((sql/name).read_text())
    c.rollback()
