DROP TRIGGER signals_newsevent_born ON signals_newsevent;
