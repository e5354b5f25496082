DROP TYPE signals_intake_case;
DROP TYPE signals_delivery_in;
