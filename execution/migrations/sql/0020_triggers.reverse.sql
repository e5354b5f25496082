DROP TRIGGER execution_deal_volumes ON execution_deal;
DROP TRIGGER execution_position_volumes ON execution_position;
DROP TRIGGER execution_symbol_map_moves ON execution_symbolmap;
DROP TRIGGER execution_order_judged ON execution_order;
