"""What the app role may call and not delete here."""

FUNCTIONS = ["execution_order_edge_is_legal(text, text)"]
NO_DELETE = ["execution_order", "execution_position"]
