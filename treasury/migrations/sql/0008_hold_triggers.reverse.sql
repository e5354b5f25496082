DROP TRIGGER treasury_hold_ends_once ON treasury_hold;
DROP TRIGGER treasury_hold_taken ON treasury_hold;
DROP TRIGGER treasury_hold_counted ON treasury_hold;
