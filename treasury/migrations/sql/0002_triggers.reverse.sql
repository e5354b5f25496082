DROP TRIGGER treasury_dealposting_edges ON treasury_dealposting;
DROP TRIGGER treasury_balance_kept ON treasury_balance;
DROP TRIGGER treasury_balance_stays ON treasury_balance;
DROP TRIGGER treasury_entry_has_lines ON treasury_entry;
DROP TRIGGER treasury_line_balanced ON treasury_line;
DROP TRIGGER treasury_entry_stamped ON treasury_entry;
