// Properties of an order, open or past.
#pragma once
#include "broker/money.hpp"

namespace mql::broker {
double order_double(const Book& book, const Order& order, ENUM_ORDER_PROPERTY_DOUBLE property);
long order_integer(const Order& order, ENUM_ORDER_PROPERTY_INTEGER property);
String order_string(const Order& order, ENUM_ORDER_PROPERTY_STRING property);
}  // namespace mql::broker
